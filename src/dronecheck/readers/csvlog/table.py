"""Lines and header of a CSV file -> the wanted columns as text, each row with its line number.

Splitting is `str.split` on the separator; only lines that hold a quote take the slower, exact path (RFC 4180: a
quoted field may hold separators, doubled quotes and line ends). A last line without its end is never used: one cut
in five would leave a shortened number that still looks like one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.csvlog.dialects import Dialect, parse_header
from dronecheck.readers.csvlog.header import TableHeader, split_record
from dronecheck.readers.csvlog.numbers import parse_numbers

__all__ = ["CsvColumn", "Table", "WitnessColumn", "read_table"]

LINE_CHARS = 1 << 20  # a longer line is no row of a flight log
PAIRS_WITHIN_ROWS = 10_000
CELLS_AT_ONCE = 16_000  # split at once, of which the wanted ones are kept: so many stay in the processor's cache
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


@dataclass(frozen=True, slots=True)
class WitnessColumn:
    """A column of a witness, whose cells are taken out of the lines when they are asked for."""

    unit: str
    read: Callable[[], CsvColumn]


@dataclass(slots=True)
class Table:
    """The rows of a file. `lines` holds for each row the number (from 1) of the line where it starts."""

    dialect: Dialect
    preamble: dict[str, str]
    columns: dict[str, list[CsvColumn]] = field(default_factory=dict)
    witnesses: dict[tuple[str, str], WitnessColumn] = field(default_factory=dict)  # by witness and its column
    form: dict[str, Callable[[], Floats]] = field(default_factory=dict)  # how each row is written, shape (n,)
    lines: list[int] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    truncated: bool = False
    damaged: bool = False
    decimal_comma: bool = False

    def column(self, name: str) -> CsvColumn | None:
        """Return the best column of that name, if the file has one."""
        return self.columns[name][0] if name in self.columns else None


def read_table(lines: list[str], header: TableHeader) -> Table:
    """Read all rows of the file, in its order."""
    table = Table(header.dialect, header.preamble)
    least, width = header.dialect.widths(parse_header(header.cells))
    located, witnesses = _wanted_columns(header)
    indexes = sorted({index for found in located.values() for index, _ in found})
    by_index, bad_lines, footer_seen = _rows(lines, header, (least, width), indexes, table)
    _note_end(table, lines[-1], len(lines), header, least, footer_seen)
    if bad_lines:
        table.damaged = True
        text = Message("lines without the {width} fields of the header, not used", width=width)
        table.issues.append(Issue(Code.BAD_LINE, Severity.DAMAGE, text, bad_lines[0], len(bad_lines)))
    _take_columns(table, by_index, located)

    @cache
    def more() -> dict[int, list[str]]:
        wanted = sorted({index for index, _ in witnesses.values()} - set(indexes))
        return _rows(lines, header, (least, width), wanted, Table(header.dialect, {}))[0]

    _take_witnesses(table, by_index, more, witnesses)
    return table


_Places = dict[tuple[str, str], tuple[int, str]]


def _wanted_columns(header: TableHeader) -> tuple[dict[str, list[tuple[int, str]]], _Places]:
    """Return where the known columns are, and those of witnesses."""
    cells = parse_header(header.cells)
    located, witnesses = header.dialect.locate(cells), header.dialect.locate_witnesses(cells)
    if "speed" in located:
        located = {name: found for name, found in located.items() if name not in ("speed_x", "speed_y")}
    return located, witnesses


def _take_columns(
    table: Table, by_index: Mapping[int, Sequence[str]], located: Mapping[str, list[tuple[int, str]]]
) -> None:
    table.decimal_comma = any("," in cell for index, _ in located.get("lat", ()) for cell in by_index[index])
    table.columns = {
        name: [CsvColumn(by_index[index], unit, table.decimal_comma) for index, unit in found]
        for name, found in located.items()
    }
    for column in table.columns.get("pairs", ()):
        _read_pairs(column.cells, table)


def _take_witnesses(
    table: Table,
    by_index: Mapping[int, Sequence[str]],
    more: Callable[[], Mapping[int, Sequence[str]]],
    wanted: _Places,
) -> None:
    known = {id(column.cells): column for found in table.columns.values() for column in found}

    @cache
    def column(index: int, unit: str) -> CsvColumn:
        cells = by_index[index] if index in by_index else more()[index]
        read = known.get(id(cells))  # its numbers may have been read
        return read if read is not None and read.unit == unit else CsvColumn(cells, unit, table.decimal_comma)

    table.witnesses = {key: WitnessColumn(unit, partial(column, index, unit)) for key, (index, unit) in wanted.items()}


def _read_pairs(cells: Sequence[str], table: Table) -> None:
    """Read cells like ACType|M600, one per row from the first, like the lines of a preamble."""
    for cell in cells[:PAIRS_WITHIN_ROWS]:
        key, bar, value = cell.partition("|")
        if bar:
            table.preamble.setdefault(key.strip().casefold(), value.strip())


def _rows(
    lines: list[str], header: TableHeader, widths: tuple[int, int], indexes: list[int], table: Table
) -> tuple[dict[int, list[str]], list[int], bool]:
    """Return the wanted cells of all rows by column, the numbers of bad lines, and whether the footer was met.

    Rows that follow one another without a quote and with the fields of the header are split at once.
    """
    least, width = widths
    separator = header.separator
    mark = '"' if header.dialect.quotes else separator * 2 + "\n"  # the latter stands in no line
    columns: dict[int, list[str]] = {index: [] for index in indexes}
    bad_lines: list[int] = []
    number, last = header.index + 1, len(lines) - 1
    counts = [line.count(separator) for line in lines[number:last]]
    first = number
    is_plain = [count == width - 1 and mark not in line for count, line in zip(counts, lines[number:last], strict=True)]
    while number < last:
        end = min(_end_of(is_plain, number - first) + first, number + 1 + CELLS_AT_ONCE // width)
        if end > number:
            cells = separator.join(lines[number:end]).split(separator)
            for index in indexes:
                columns[index] += cells[index::width]
            table.lines += range(number + 1, end + 1)
            number = end
            continue
        fields, used = _fields(lines, number, last, header, least, width)
        if fields is not None and len(fields) == width:
            for index in indexes:
                columns[index].append(fields[index])
            table.lines.append(number + 1)
        elif fields is None:
            return columns, bad_lines, True
        elif fields:
            bad_lines.append(number + 1)
        number += used
    return columns, bad_lines, False


def _end_of(is_plain: list[bool], start: int) -> int:
    """Return where the stretch of plain lines ends that begins at `start`."""
    try:
        return is_plain.index(False, start)
    except ValueError:
        return len(is_plain)


def _fields(
    lines: list[str], number: int, last: int, header: TableHeader, least: int, width: int
) -> tuple[list[str] | None, int]:
    """Return the fields of the line with that index, `width` of a row, others of a bad line, none of a blank one.

    None is the footer. The second figure is how many lines the record takes.
    """
    separator, footer, line = header.separator, header.dialect.footer, lines[number]
    used = 1
    if header.dialect.quotes and '"' in line:
        fields, used = _quoted_record(lines, number, last, separator)
    else:
        fields = line.split(separator, width)
    if least <= len(fields) < width:
        fields += [""] * (width - len(fields))
    if len(fields) > width and _blank(fields[width:], separator):
        fields = fields[:width]
    if len(fields) == width:
        return fields, used
    if footer and line[: len(footer)].casefold() == footer:
        return None, used
    return [] if _blank(fields, separator) else fields, used


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
