"""DataFlash as text (.log): what ground stations write when they download a log, one record a line.

    preamble    lines without a comma: a number, "ArduCopter V3.1 (5c6503e2)", "Free RAM: 1044", "APM 2"
    FMT, 130, 45, GPS, BIHBcLLeeEefI, Status,TimeMS,...      the definition, as in the binary form
    GPS, 3, 109206800, 1774, 9, 2.42, -39.49503, ...         values in their units (degrees, metres)

Offsets are line numbers, from 1. A last line without its end may be cut inside a number and is dropped.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message, several
from dronecheck.readers.common.records import UNTIMED_US, Records
from dronecheck.readers.common.stretches import Buffer
from dronecheck.readers.dataflash import FIRST_FMT
from dronecheck.readers.dataflash.formats import DataflashLog
from dronecheck.safe.io import plain

__all__ = ["load_text"]

PREAMBLE_LINES_AT_MOST = 50
LINE_BYTES_AT_MOST = 4096
DEFINITIONS_AT_MOST = 1000
NAME_BYTES = 8  # a line begins with a name and a comma within these
TEXT_CODES = "nNZM"
_MAVLINK_NAME = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)+")  # GLOBAL_POSITION_INT; records here have four letters at most


def load_text(data: Buffer, names: frozenset[str]) -> DataflashLog:
    """Read a text log; only the rows of the records in `names` are kept. Raises UnreadableInput."""
    first = FIRST_FMT.search(data)
    if first is None:
        raise UnreadableInput(
            "no_content",
            "a DataFlash text log without definitions of records (FMT lines), which stand at its beginning; "
            "write it again from the vehicle's .bin",
        )
    log = DataflashLog()
    raw = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(raw == 0x0A)
    whole = int(ends[-1]) + 1 if len(ends) else 0
    if whole < len(data):
        text = Message("the last line has no end; its {lost_bytes:,} bytes are not used", lost_bytes=len(data) - whole)
        log.note(Code.LINE_CUT_SHORT, Severity.DAMAGE, text, len(ends) + 1)
        log.completeness = Completeness.TRUNCATED
    start = min(first.start(), whole)
    preamble = bytes(data[: min(start, LINE_BYTES_AT_MOST)]).decode("utf-8", "replace").splitlines()
    log.preamble = [plain(line.strip(), 100) for line in preamble[:PREAMBLE_LINES_AT_MOST] if line.strip()]
    bad = _Bad()
    bad.lines += _no_records(raw, ends, start)
    layouts, lines = _lines(data, names, start, whole, ends, bad)
    if not lines and any(_MAVLINK_NAME.fullmatch(name) for name in layouts):
        raise UnreadableInput("tlog_as_text", "a telemetry log that APM Planner wrote as text; check the .tlog itself")
    for name, found in lines.items():
        log.rows[name] = _rows(name, layouts[name], found, ends, bad)
    bad.report(log)
    return log


class _Bad:
    """Lines and definitions that could not be read."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.definitions: list[tuple[int, Message]] = []

    def report(self, log: DataflashLog) -> None:
        if self.lines:
            text = Message(
                "{count} lines are no records that could be read, and were passed over", count=len(self.lines)
            )
            log.note(Code.BAD_LINE, Severity.DAMAGE, text, min(self.lines), len(self.lines))
        if self.definitions:
            why = several(dict.fromkeys(why for _, why in self.definitions[:5]))
            text = Message("definitions that contradict themselves: {why}", why=why)
            log.note(Code.BAD_DEFINITION, Severity.DAMAGE, text, self.definitions[0][0], len(self.definitions))
        if self.lines or self.definitions:
            log.completeness = Completeness.DAMAGED


def _no_records(raw: np.ndarray, ends: np.ndarray, start: int) -> list[int]:
    """Return the numbers of the lines behind `start` that do not begin with a name and a comma."""
    if not len(ends):
        return []
    starts = np.append(0, ends[:-1] + 1)
    lines = np.flatnonzero(starts >= start)
    places = starts[lines]
    comma = np.zeros(len(lines), np.bool_)
    for step in range(1, NAME_BYTES):
        comma |= raw[np.minimum(places + step, ends[lines])] == 0x2C
    length = ends[lines] - places
    blank = (length == 0) | ((length == 1) & (raw[places] == 0x0D))
    capital = (raw[places] >= 0x41) & (raw[places] <= 0x5A) | (raw[places] == 0x20)
    numbers: list[int] = (lines[~(blank | (comma & capital))] + 1).tolist()
    return numbers


_Layouts = dict[str, tuple[str, tuple[str, ...]]]
_Lines = dict[str, list[tuple[int, bytes]]]


def _lines(
    data: Buffer, names: frozenset[str], start: int, whole: int, ends: NDArray[np.intp], bad: _Bad
) -> tuple[_Layouts, _Lines]:
    """Return format and columns by name, and the lines of the names asked for, each with its place and what follows."""
    layouts: _Layouts = {}
    found: _Lines = {}
    for match in _pattern(names | {"FMT"}).finditer(data, start, whole):
        name, rest = match[1].decode("latin-1"), match[2]
        if name != "FMT":
            if name in layouts:
                found.setdefault(name, []).append((match.start(), rest))
            else:
                bad.lines.append(_line_number(ends, match.start()))
            continue
        number = _line_number(ends, match.start())
        text = [field.decode("latin-1").strip() for field in rest.split(b",")]
        if len(text) < 4 or not text[2]:
            bad.definitions.append((number, Message("a definition without format or columns")))
            continue
        columns = tuple(column.strip() for column in text[4:]) if any(text[4:]) else ()  # some records hold nothing
        if len(columns) != len(text[3]):
            why = Message(
                "{name} has {formats} formats and {columns} column names",
                name=plain(text[2], 20),
                formats=len(text[3]),
                columns=len(columns),
            )
            # the definition of definitions lacks the name of its last column in old logs
            if text[2] != "FMT":
                bad.definitions.append((number, why))
        elif len(layouts) < DEFINITIONS_AT_MOST:
            layouts.setdefault(text[2], (text[3], columns))
    return layouts, found


def _pattern(names: frozenset[str]) -> re.Pattern[bytes]:
    listed = b"|".join(re.escape(name.encode()) for name in sorted(names))
    return re.compile(rb"^[ \t]*(" + listed + rb")[ \t]*,([^\n]{0,%d})$" % LINE_BYTES_AT_MOST, re.MULTILINE)


def _line_number(ends: NDArray[np.intp], place: int) -> int:
    return int(np.searchsorted(ends, place)) + 1


def _rows(
    name: str, layout: tuple[str, tuple[str, ...]], lines: list[tuple[int, bytes]], ends: NDArray[np.intp], bad: _Bad
) -> Records:
    """Return one table; a line with a number that is none is left out."""
    codes, columns = layout
    textual = [code in TEXT_CODES for code in codes]
    places: dict[str, str] = {}
    for index, (column, is_text) in enumerate(zip(columns, textual, strict=True)):
        # a column that is named twice keeps its place, under a name that nobody asks for
        places[column if column and column not in places else f"{column}#{index}"] = "S64" if is_text else "f8"
    dtype = np.dtype(list(places.items()))
    numbers = np.searchsorted(ends, [place for place, _ in lines]).astype(np.int64) + 1
    values = None if any(textual) else _all_numbers([rest for _, rest in lines], dtype)
    if values is None:
        values, is_good = _line_by_line([rest for _, rest in lines], textual, dtype)
        bad.lines += numbers[~is_good].tolist()
        numbers = numbers[is_good]
    return Records(name, numbers, np.full(len(numbers), UNTIMED_US, np.int64), values)


def _all_numbers(lines: list[bytes], dtype: np.dtype[np.void]) -> NDArray[np.void] | None:
    """Return the rows of a table of numbers alone, at once; None where a line is not what it should be."""
    commas = len(dtype.names or ()) - 1
    if not all(line.count(b",") == commas for line in lines):
        return None
    together = b",".join(lines)
    if b"_" in together:  # Python reads 1_0 as 10
        return None
    try:
        return np.array([*map(float, together.split(b","))]).view(dtype)
    except ValueError:
        return None


def _line_by_line(
    lines: list[bytes], textual: list[bool], dtype: np.dtype[np.void]
) -> tuple[NDArray[np.void], NDArray[np.bool_]]:
    """Return the rows of the lines that have all their numbers, and which lines these are."""
    # the last column takes the rest of the line: messages may hold commas
    splits = len(textual) - 1 if textual[-1:] == [True] else -1
    table: list[tuple[bytes | float, ...]] = []
    is_good = np.zeros(len(lines), np.bool_)
    for index, line in enumerate(lines):
        fields = line.split(b",", splits)
        try:
            row = [field.strip() if is_text else _number(field) for field, is_text in zip(fields, textual, strict=True)]
        except ValueError:
            continue
        is_good[index] = True
        table.append(tuple(row))
    return np.array(table, dtype), is_good


def _number(field: bytes) -> float:
    if b"_" in field:  # Python reads 1_0 as 10
        raise ValueError
    return float(field)
