"""Bytes of a CSV file -> its dialect and the wanted columns as text, each row with its line number.

Splitting is `str.split` on the separator; only lines that hold a quote take the slower, exact path (RFC 4180: a
quoted field may hold separators, doubled quotes and line ends). A last line without its end is never used: one cut
in five would leave a shortened number that still looks like one.
"""

from __future__ import annotations

import csv
import mmap
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from dronecheck.issues import Code, Issue, Severity
from dronecheck.readers.csvlog import fast_table as csv_arrow
from dronecheck.readers.csvlog.dialects import Dialect, parse_header, recognise
from dronecheck.readers.csvlog.numbers import parse_numbers

__all__ = ["Column", "Table", "decode", "find_header", "read_regular", "read_table"]

HEADER_WITHIN_LINES = 80  # DroneDeploy writes about 30 lines before its header
HEADER_WITHIN_LINES_PLAIN = 5  # other files: behind blank lines and a `sep=` line at most
HEADER_CHARS = 1 << 16
LINE_CHARS = 1 << 20  # a longer line is no row of a flight log
PAIRS_WITHIN_ROWS = 10_000
QUOTED_LINES = 20  # a quoted field spans at most so many lines
SEPARATORS = (",", "\t", ";")

_SEP_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """The cells of one column as written, the unit that its header (or the dialect) gives, and how decimals look."""

    cells: Sequence[str]
    unit: str
    decimal_comma: bool = False  # 59,33459

    @cached_property
    def numbers(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The cells as numbers (NaN where there is none), and which cells hold text that is no number."""
        if isinstance(self.cells, csv_arrow.ArrowCells):
            values = self.cells.numbers()
            if values is not None:
                return values, np.zeros(len(values), dtype=np.bool_)
        return parse_numbers(self.cells, decimal_comma=self.decimal_comma)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header stands (index of its line), how lines are split, and what it says."""

    dialect: Dialect
    index: int
    separator: str
    cells: list[str]
    preamble: dict[str, str]


@dataclass(slots=True)
class Table:
    """The rows of a file. `lines` holds for each row the number (from 1) of the line where it starts."""

    dialect: Dialect
    preamble: dict[str, str]
    columns: dict[str, list[Column]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    truncated: bool = False
    damaged: bool = False

    def column(self, name: str) -> Column | None:
        """The best column of that name, if the file has one."""
        return self.columns[name][0] if name in self.columns else None


def decode(data: bytes) -> tuple[str, list[Issue]]:
    """The text of a file: UTF-8, UTF-16 with its mark, or else Latin-1 (which takes any byte)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = "the text is not UTF-8; read as Latin-1 (names may look wrong, numbers are unaffected)"
        return data.removeprefix(b"\xef\xbb\xbf").decode("latin-1"), [
            Issue(Code.NOT_UTF8, Severity.INFO, message, offset=line)
        ]


def split_lines(text: str) -> list[str]:
    """Lines without their LF (a CR may remain); the last element is what follows the last line end."""
    return text.split("\r") if "\n" not in text and "\r" in text else text.split("\n")


def find_header(lines: Sequence[str]) -> Header | None:
    """The first line that is the header of a known dialect; blank lines and a `sep=` line before it are skipped."""
    separators: tuple[str, ...] = SEPARATORS
    banner = ""
    preamble: dict[str, str] = {}
    for index, line in enumerate(lines[:HEADER_WITHIN_LINES]):
        text = line.strip("\r\0\ufeff")
        if not text.strip() or len(text) > HEADER_CHARS:
            continue
        named = _SEP_LINE.fullmatch(text.strip()) if not banner else None
        if named:
            separators = (named[1], *SEPARATORS)
            continue
        banner = banner or text.strip()
        for separator in separators:
            if separator in text:
                cells = _split(text, separator) or []
                dialect = recognise(cells, banner)
                if dialect:
                    return Header(dialect, index, separator, cells, preamble)
        if not banner.startswith("#") and len(preamble) >= HEADER_WITHIN_LINES_PLAIN:
            return None
        key, _, value = text.partition("\t")
        preamble.setdefault(key.strip().casefold(), value.strip())
    return None


def read_table(lines: list[str], header: Header) -> Table:
    """All rows of the file, in its order."""
    table = Table(header.dialect, header.preamble)
    least, width = header.dialect.widths(parse_header(header.cells))
    located, indexes = _wanted_columns(header)
    rows, bad_lines, footer_seen = _rows(lines, header, (least, width), indexes, table)
    _note_end(table, lines[-1], len(lines), header, least, footer_seen)
    if bad_lines:
        table.damaged = True
        table.issues.append(
            Issue(Code.BAD_LINE, Severity.DAMAGE,
                  f"lines without the {width} fields of the header, not used", bad_lines[0], len(bad_lines))
        )  # fmt: skip
    by_index = dict(zip(indexes, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(indexes, ())
    _take_columns(table, by_index, located)
    return table


def read_regular(data: bytes | mmap.mmap) -> Table | None:
    """The same table, fast, of a large file whose lines are all alike; None where `read_table` is needed."""
    if len(data) < csv_arrow.FROM_BYTES or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None
    head = data[:HEADER_CHARS]
    text, _ = decode(head[: head.rfind(b"\n") + 1])
    header = find_header(split_lines(text))
    if header is None or header.dialect.refuse or header.dialect.footer or len(header.separator.encode()) > 1:
        return None
    start = 0
    for _ in range(header.index + 1):
        start = data.find(b"\n", start) + 1
    end = data.rfind(b"\n") + 1
    widths = header.dialect.widths(parse_header(header.cells))
    located, indexes = _wanted_columns(header)
    columns = csv_arrow.read_columns(data, start, end, header.separator, widths, indexes)
    if columns is None:
        return None
    first = header.index + 2
    table = Table(header.dialect, header.preamble, lines=list(range(first, first + len(columns[0]))))
    _note_end(table, data[end:].decode("utf-8"), first + len(columns[0]), header, widths[0], footer_seen=False)
    _take_columns(table, dict(zip(indexes, columns, strict=True)), located)
    return table


def _wanted_columns(header: Header) -> tuple[dict[str, list[tuple[int, str]]], list[int]]:
    """Where the known columns are, and all their indexes in order."""
    located = header.dialect.locate(parse_header(header.cells))
    if "speed" in located:
        located = {name: found for name, found in located.items() if name not in ("speed_x", "speed_y")}
    return located, sorted({index for found in located.values() for index, _ in found})


def _take_columns(
    table: Table, by_index: Mapping[int, Sequence[str]], located: Mapping[str, list[tuple[int, str]]]
) -> None:
    comma = any("," in cell for index, _ in located.get("lat", ()) for cell in by_index[index])
    table.columns = {
        name: [Column(by_index[index], unit, comma) for index, unit in found] for name, found in located.items()
    }
    for column in table.columns.get("pairs", ()):
        _read_pairs(column.cells, table)


def _read_pairs(cells: Sequence[str], table: Table) -> None:
    """Cells like ACType|M600, one per row from the first, read like the lines of a preamble."""
    for cell in cells[:PAIRS_WITHIN_ROWS]:
        key, bar, value = cell.partition("|")
        if bar:
            table.preamble.setdefault(key.strip().casefold(), value.strip())


def _rows(
    lines: list[str], header: Header, widths: tuple[int, int], indexes: list[int], table: Table
) -> tuple[list[tuple[str, ...]], list[int], bool]:
    """The wanted cells of each row, the numbers of bad lines, and whether the footer was met."""
    least, width = widths
    separator, quotes, footer = header.separator, header.dialect.quotes, header.dialect.footer
    pick = itemgetter(*indexes) if len(indexes) > 1 else lambda fields: tuple(fields[i] for i in indexes)
    rows: list[tuple[str, ...]] = []
    bad_lines: list[int] = []
    number, last = header.index + 1, len(lines) - 1
    while number < last:
        line = lines[number]
        used = 1
        if quotes and '"' in line:
            fields, used = _quoted_record(lines, number, last, separator)
        else:
            fields = line.split(separator, width)
        if least <= len(fields) < width:
            fields += [""] * (width - len(fields))
        if len(fields) == width or (len(fields) > width and _blank(fields[width:], separator)):
            rows.append(pick(fields))
            table.lines.append(number + 1)
        elif footer and line[: len(footer)].casefold() == footer:
            return rows, bad_lines, True
        elif not _blank(fields, separator):
            bad_lines.append(number + 1)
        number += used
    return rows, bad_lines, False


def _note_end(table: Table, rest: str, number: int, header: Header, width: int, footer_seen: bool) -> None:
    rest = rest.strip("\r\0 ")
    if rest:
        short = rest.count(header.separator) + 1 < width and not footer_seen
        table.truncated |= short
        table.issues.append(
            Issue(Code.LINE_CUT_SHORT, Severity.DAMAGE if short else Severity.WARNING,
                  "the last line has no line end and was dropped: its last number may be cut", number)
        )  # fmt: skip
    if header.dialect.footer and not footer_seen:
        table.truncated = True
        table.issues.append(
            Issue(Code.TRUNCATED, Severity.DAMAGE,
                  f"the closing line {header.dialect.footer!r} is missing: the end of the log is lost", number)
        )  # fmt: skip


def _blank(fields: Sequence[str], separator: str) -> bool:
    return not any(piece.strip(separator + " \t\r\0") for piece in fields)


def _quoted_record(lines: list[str], start: int, last: int, separator: str) -> tuple[list[str], int]:
    """Fields of the record that starts at a line with a quote, and how many lines it takes.

    An unclosed quote takes its own line only (as a bad line, with no fields), so that damage stays local.
    """
    text = lines[start]
    for end in range(start, min(start + QUOTED_LINES, last)):
        if end > start:
            text += "\n" + lines[end]
            if '"' not in lines[end]:
                continue
        if len(text) > LINE_CHARS:
            break
        fields = _split(text, separator)
        if fields is not None:
            return fields or [lines[start][:80]], end - start + 1 if fields else 1
    return [lines[start][:80]], 1


def _split(text: str, separator: str) -> list[str] | None:
    """Fields of one record: none when its quotes are wrong, None when a quote is left open."""
    if '"' not in text:
        return text.split(separator)
    try:
        # The row goes in as one string: csv sees line ends inside quotes only.
        rows = list(csv.reader((text.rstrip("\r"),), delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        return None if "end of data" in str(error) else []
    return rows[0] if len(rows) == 1 else []
