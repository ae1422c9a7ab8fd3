"""Large regular CSV files -> the same table as csv_table gives, by pyarrow: a fast lane, never another result.

Taken for files of FROM_BYTES and more that hold valid UTF-8 and no NUL, whose quotes all enclose whole cells, and whose
lines all have the fields of the first; anything else, or any doubt, goes the exact way of csv_table. Only the wanted
columns are made.
"""

from __future__ import annotations

import codecs
import mmap
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FROM_BYTES", "ArrowCells", "read_columns"]

FROM_BYTES = 20_000_000  # below, importing pyarrow costs more than it saves
_PIECE_BYTES = 8 << 20
_LINE_BYTES = 1 << 20
_EMPTY = (b"\n\n", b"\n\r\n")


class ArrowCells(Sequence[str]):
    """The cells of one column; strings are made on first use."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._column = column

    @cached_property
    def _texts(self) -> list[str]:
        coded = self._column.combine_chunks().dictionary_encode()  # equal cells share one string
        words = np.array([*coded.dictionary.to_pylist(), ""], dtype=object)
        codes = coded.indices.fill_null(len(words) - 1).to_numpy()
        texts: list[str] = words[codes].tolist()
        return texts

    def __len__(self) -> int:
        return len(self._column)

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice) and "_texts" not in self.__dict__:
            return [text or "" for text in self._column[index].to_pylist()]
        return self._texts[index]

    def numbers(self) -> NDArray[np.float64] | None:
        """All cells as correctly rounded numbers, NaN where blank; None when any cell is something else."""
        import pyarrow as pa

        try:
            numbers = self._column.cast(pa.float64())
        except pa.ArrowInvalid:
            return None
        values: NDArray[np.float64] = numbers.to_numpy()
        # A NaN that was written as text may be "nan(x)", which is no number to Python.
        return values if int(np.isnan(values).sum()) == numbers.null_count else None


def read_columns(
    data: bytes | mmap.mmap, start: int, end: int, separator: str, widths: tuple[int, int], indexes: Sequence[int]
) -> list[Sequence[str]] | None:
    """The wanted columns of the lines in data[start:end], one row per line; None when they are not all regular.

    `data` is bytes or a map, `end` follows a line feed, `widths` says how many fields a line has at least and at most.
    """
    line_count = _count_lines(data, start, end)
    has_quotes = data.find(b'"', start, end) >= 0
    if has_quotes and not _quotes_enclose_cells(data, start, end, separator):
        return None
    if not line_count or not (_is_utf8(data[:start]) and _is_utf8(data[end:])):
        return None
    first = data[start : min(end, start + _LINE_BYTES)].partition(b"\n")[0]
    if b'"' in first:
        return None
    width = first.count(separator.encode()) + 1
    if not widths[0] <= width <= widths[1]:
        return None
    import pyarrow as pa
    from pyarrow import csv

    inside = [index for index in indexes if index < width]
    try:
        table = csv.read_csv(
            pa.BufferReader(pa.py_buffer(data).slice(start, end - start)),
            read_options=csv.ReadOptions(column_names=[str(i) for i in range(width)], use_threads=False),
            parse_options=csv.ParseOptions(
                delimiter=separator, quote_char='"' if has_quotes else False, ignore_empty_lines=False
            ),
            convert_options=csv.ConvertOptions(
                include_columns=[str(i) for i in inside],
                column_types={str(i): pa.string() for i in inside},
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != line_count:
        return None
    # An empty line comes as a row without any cell; looking for one takes time.
    if all(column.null_count for column in table.columns) and any(data.find(e, start - 1, end) >= 0 for e in _EMPTY):
        return None
    nothing = [""] * line_count
    return [ArrowCells(table[str(index)]) if index < width else nothing for index in indexes]


def _quotes_enclose_cells(data: bytes | mmap.mmap, start: int, end: int, separator: str) -> bool:
    """Whether every line with a quote is made of plain cells and cells wholly in quotes: then all readers agree."""
    sep = re.escape(separator.encode())
    cell = rb'(?:[^"\r' + sep + rb']*|"(?:[^"\r]|"")*")'
    regular = re.compile(cell + rb"(?:" + sep + cell + rb")*\r?")
    at = data.find(b'"', start, end)
    while at >= 0:
        begin = data.rfind(b"\n", start, at) + 1 or start
        close = data.find(b"\n", at, end)
        if not regular.fullmatch(data[max(begin, start) : close]):
            return False
        at = data.find(b'"', close, end)
    return True


def _count_lines(data: bytes | mmap.mmap, start: int, end: int) -> int:
    """How many lines there are; 0 when there is a NUL, or what is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 0
    try:
        for at in range(start, end, _PIECE_BYTES):
            piece = data[at : min(at + _PIECE_BYTES, end)]
            if b"\0" in piece:
                return 0
            if decoder.getstate()[0] or not piece.isascii():
                decoder.decode(piece)
            lines += piece.count(b"\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return 0
    return lines


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
