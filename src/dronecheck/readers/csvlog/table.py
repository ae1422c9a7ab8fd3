"""Lines and header of a CSV file -> the wanted columns as text, each row with its line number.

Splitting is `str.split` on the separator; only lines that hold a quote take the slower, exact path (RFC 4180: a
quoted field may hold separators, doubled quotes and line ends). A last line without its end is never used: one cut
in five would leave a shortened number that still looks like one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.csvlog.dialects import Dialect, parse_header
from dronecheck.readers.csvlog.header import TableHeader, split_record
from dronecheck.readers.csvlog.numbers import parse_numbers

__all__ = ["CsvColumn", "Table", "read_table"]

LINE_CHARS = 1 << 20  # a longer line is no row of a flight log
PAIRS_WITHIN_ROWS = 10_000
QUOTED_LINES = 20  # a quoted field spans at most so many lines


@dataclass(frozen=True)
class CsvColumn:
    """The cells of one column as written, the unit that its header (or the dialect) gives, and how decimals look."""

    cells: Sequence[str]
    unit: str
    decimal_comma: bool = False  # 59,33459

    @cached_property
    def numbers(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the cells as numbers (NaN where there is none), and which cells hold text that is no number."""
        return parse_numbers(self.cells, decimal_comma=self.decimal_comma)


@dataclass(slots=True)
class Table:
    """The rows of a file. `lines` holds for each row the number (from 1) of the line where it starts."""

    dialect: Dialect
    preamble: dict[str, str]
    columns: dict[str, list[CsvColumn]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    truncated: bool = False
    damaged: bool = False

    def column(self, name: str) -> CsvColumn | None:
        """Return the best column of that name, if the file has one."""
        return self.columns[name][0] if name in self.columns else None


def read_table(lines: list[str], header: TableHeader) -> Table:
    """Read all rows of the file, in its order."""
    table = Table(header.dialect, header.preamble)
    least, width = header.dialect.widths(parse_header(header.cells))
    located, indexes = _wanted_columns(header)
    rows, bad_lines, footer_seen = _rows(lines, header, (least, width), indexes, table)
    _note_end(table, lines[-1], len(lines), header, least, footer_seen)
    if bad_lines:
        table.damaged = True
        text = Message("lines without the {width} fields of the header, not used", width=width)
        table.issues.append(Issue(Code.BAD_LINE, Severity.DAMAGE, text, bad_lines[0], len(bad_lines)))
    by_index = dict(zip(indexes, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(indexes, ())
    _take_columns(table, by_index, located)
    return table


def _wanted_columns(header: TableHeader) -> tuple[dict[str, list[tuple[int, str]]], list[int]]:
    """Return where the known columns are, and all their indexes in order."""
    located = header.dialect.locate(parse_header(header.cells))
    if "speed" in located:
        located = {name: found for name, found in located.items() if name not in ("speed_x", "speed_y")}
    return located, sorted({index for found in located.values() for index, _ in found})


def _take_columns(
    table: Table, by_index: Mapping[int, Sequence[str]], located: Mapping[str, list[tuple[int, str]]]
) -> None:
    comma = any("," in cell for index, _ in located.get("lat", ()) for cell in by_index[index])
    table.columns = {
        name: [CsvColumn(by_index[index], unit, comma) for index, unit in found] for name, found in located.items()
    }
    for column in table.columns.get("pairs", ()):
        _read_pairs(column.cells, table)


def _read_pairs(cells: Sequence[str], table: Table) -> None:
    """Read cells like ACType|M600, one per row from the first, like the lines of a preamble."""
    for cell in cells[:PAIRS_WITHIN_ROWS]:
        key, bar, value = cell.partition("|")
        if bar:
            table.preamble.setdefault(key.strip().casefold(), value.strip())


def _rows(
    lines: list[str], header: TableHeader, widths: tuple[int, int], indexes: list[int], table: Table
) -> tuple[list[tuple[str, ...]], list[int], bool]:
    """Return the wanted cells of each row, the numbers of bad lines, and whether the footer was met."""
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


def _note_end(table: Table, rest: str, number: int, header: TableHeader, width: int, footer_seen: bool) -> None:
    rest = rest.strip("\r\0 ")
    if rest:
        short = rest.count(header.separator) + 1 < width and not footer_seen
        table.truncated |= short
        text = Message("the last line has no line end and was dropped: its last number may be cut")
        severity = Severity.DAMAGE if short else Severity.WARNING
        table.issues.append(Issue(Code.LINE_CUT_SHORT, severity, text, number))
    if header.dialect.footer and not footer_seen:
        table.truncated = True
        text = Message("the closing line {line!r} is missing: the end of the log is lost", line=header.dialect.footer)
        table.issues.append(Issue(Code.TRUNCATED, Severity.DAMAGE, text, number))


def _blank(fields: Sequence[str], separator: str) -> bool:
    return not any(piece.strip(separator + " \t\r\0") for piece in fields)


def _quoted_record(lines: list[str], start: int, last: int, separator: str) -> tuple[list[str], int]:
    """Return the fields of the record that starts at a line with a quote, and how many lines it takes.

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
        fields = split_record(text, separator)
        if fields is not None:
            return fields or [lines[start][:80]], end - start + 1 if fields else 1
    return [lines[start][:80]], 1
