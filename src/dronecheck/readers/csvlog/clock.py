"""The time of each row of a CSV log, and how far it can be trusted.

A log has up to two clocks: a stopwatch (seconds of flight; the only one that never jumps) and a wall clock, often
with a resolution of 1 s, sometimes without a date order that can be told, sometimes without its hours. Rows are
timed by the stopwatch, anchored once to the wall clock; where the wall clock prints whole seconds, the anchor is the
first change of second. A wall clock that does not say UTC stays what it is: `utc_known` is false, and its digits are
kept as if they were UTC.

Spreadsheets damage clocks: they cut the seconds (then the minute's changes are the anchor) and the hours. A clock
column that shows hour 0 alone is no proof of an hour: its UTC stays unknown, whatever offset is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Ints
from dronecheck.dates import can_be, impossible_dates, span_ns
from dronecheck.flight import Clock, ClockSource
from dronecheck.issues import Code, Issue, Remedy, Severity
from dronecheck.messages import Message
from dronecheck.readers.csvlog import NAME
from dronecheck.readers.csvlog.numbers import scale_of
from dronecheck.readers.csvlog.table import CsvColumn, Table
from dronecheck.readers.csvlog.time_stamps import STAMP, UNSET, Stamps, stamp_ns

__all__ = ["RowTimes", "row_times"]


EPOCH_AT_MOST_S = 7e9  # the year 2191: what nanoseconds in 64 bits hold
STOPWATCH_AT_MOST_S = 1e8
ANCHOR_WITHIN_NS = 5_000_000_000
RESTARTS_AT_MOST = 50
DISAGREE_NS = 3_000_000_000
SECOND_NS = 1_000_000_000
HOUR_NS = 3600 * SECOND_NS
MINUTE_NS = 60 * SECOND_NS
MINUTE_SIGMA_S, MINUTE_ALONE_SIGMA_S = 30.0, 60.0  # of stamps without seconds, with and without a stopwatch
HOUR_LOST_SIGMA_S = 12 * 3600.0
RUNS_AHEAD_TIMES = 10  # minutes and seconds that are taken for hours and minutes run 60 times too fast
LOOKED_AT = 1000  # rows
CLOCK_COLUMNS = ("stamp_utc", "clock_utc", "stamp", "clock_local")

_START_IN_JSON = re.compile(r'"[a-z_]{0,20}start[a-z_]{0,20}"\s*:\s*"([^"]{8,40})"', re.IGNORECASE)
# DJIFlightRecord_2018-06-19_[15-34-56].csv; browsers, mailers and people write other brackets, or none
_FILE_NAME = re.compile(
    r"(?<!\d)(\d{4})-(\d{2})-(\d{2})[_ ]+(?:[\[({_]|%5b|%28)?(\d{2})-(\d{2})-(\d{2})(?!\d)", re.ASCII | re.IGNORECASE
)


@dataclass(slots=True)
class RowTimes:
    """`time_ns` of each row (`timed` says where it has one), the clock behind it, and what was doubtful."""

    time_ns: Ints
    timed: Bools
    clock: Clock
    issues: list[Issue] = field(default_factory=list)
    stopwatch_ns: Ints | None = None
    wall_ns: Ints | None = None  # what the wall clock shows, UNSET where nothing

    def elapsed_s(self, row: int) -> float | None:
        """Return what the stopwatch shows in a row; None without one."""
        if self.stopwatch_ns is None or self.stopwatch_ns[row] == UNSET:
            return None
        return float(self.stopwatch_ns[row]) / SECOND_NS


@dataclass(slots=True)
class _Wall:
    """A wall clock as read: nanoseconds (UNSET where none), and what its column claims."""

    time_ns: Ints
    utc: bool
    whole_seconds: bool
    issues: list[Issue]
    source: ClockSource = ClockSource.EXPORT
    sigma_s: float = 1.0
    is_assumed: bool = False  # its zone, or the order of day and month
    least_sigma_s: float = 0.0  # what its digits leave open
    has_seconds: bool = True
    may_lose_hours: bool = False  # a column of clock alone, without a half of the day
    dated_by_name: bool = False  # the file's name tells day and month apart
    is_impossible: bool = False  # it shows no date that can be


def row_times(table: Table, file_name: str) -> RowTimes:
    """Return the time of every row of a table; `file_name` may give the start when the clock column is damaged."""
    stopwatch_ns = _stopwatch(table)
    wall = _wall(table, stopwatch_ns, file_name)
    issues = list(wall.issues) if wall else []
    is_assumed = wall is not None and wall.is_assumed and not wall.is_impossible  # stays, even where another is taken
    named_ns = _named_start(file_name) if stopwatch_ns is not None else None
    if wall is not None and wall.is_impossible:
        wall = _seconds_only(wall) if stopwatch_ns is None else None
    elif lost := _useless(table, wall, stopwatch_ns, named_ns):
        issues.append(Issue(Code.CLOCK_DAMAGED, Severity.WARNING, lost, _first_line(table)))
        wall = None
    if wall is None and named_ns is not None:
        wall = _Wall(np.full(len(table.lines), UNSET, dtype=np.int64), False, False, [], ClockSource.FILE_NAME)
        wall.time_ns[:1] = named_ns
    tells_seconds = wall is not None and wall.source is ClockSource.EXPORT and wall.has_seconds
    shown_ns = wall.time_ns if wall is not None and tells_seconds else None
    if stopwatch_ns is None:
        time_ns = wall.time_ns if wall else np.full(len(table.lines), UNSET, dtype=np.int64)
    elif wall is None:
        time_ns = stopwatch_ns
    else:
        if not wall.has_seconds:
            wall.time_ns = _minutes_begun(stopwatch_ns, wall.time_ns)
        time_ns, wall.sigma_s, problem = _compose(stopwatch_ns, wall.time_ns, wall.whole_seconds)
        issues += [Issue(Code.CLOCK_DAMAGED, Severity.WARNING, problem, _first_line(table))] if problem else []
    if wall is not None and not wall.has_seconds:
        wall.least_sigma_s = MINUTE_ALONE_SIGMA_S if stopwatch_ns is None else MINUTE_SIGMA_S
    clock = replace(_clock(wall, table.dialect.utc_source), is_assumed=is_assumed)
    if not clock.utc_known and table.lines:
        note = _apart_from_name(time_ns, clock, _named_start(file_name)) or clock.note
        remedy = Remedy.GIVE_UTC_OFFSET if clock.source is ClockSource.EXPORT else None
        if wall is not None and wall.may_lose_hours:
            remedy = Remedy.GIVE_START_TIME
        issues.append(Issue(Code.UTC_UNKNOWN, Severity.WARNING, note, _first_line(table), remedy=remedy))
    return RowTimes(time_ns, time_ns != UNSET, clock, issues, stopwatch_ns, shown_ns)


def _clock(wall: _Wall | None, utc_source: ClockSource) -> Clock:
    unknown = float("nan")
    if wall is None or wall.source is ClockSource.NONE:
        return Clock(False, ClockSource.NONE, unknown, Message("no absolute time in the log: seconds since its start"))
    if wall.source is ClockSource.FILE_NAME:
        return Clock(False, wall.source, unknown, Message("start from the file's name: local time of unknown zone"))
    if wall.may_lose_hours:
        note = Message("the clock column shows hour 0 alone: it may have lost its hours (a spreadsheet does that)")
        return Clock(False, wall.source, HOUR_LOST_SIGMA_S, note)
    sigma_s, note = max(wall.sigma_s, wall.least_sigma_s), Message("local time of unknown zone")
    if wall.utc:
        exported, logged = Message("UTC as written by the exporting app"), Message("UTC in the log")
        note = exported if utc_source is ClockSource.EXPORT else logged
    if wall.dated_by_name:
        note = Message("{note}; day and month are told apart by the file's name", note=note)
    if wall.utc:
        return Clock(True, utc_source, sigma_s, note)
    return Clock(False, wall.source, sigma_s if wall.least_sigma_s else unknown, note)


def _first_line(table: Table) -> int | None:
    return table.lines[0] if table.lines else None


def _stopwatch(table: Table) -> Ints | None:
    column = table.column("stopwatch")
    scale = scale_of("time", column.unit) if column else None
    if column is None or scale is None:
        return None
    seconds = column.numbers[0] * scale
    usable = np.isfinite(seconds) & (np.abs(seconds) < STOPWATCH_AT_MOST_S)
    if not usable.any():
        # Litchi may count milliseconds since 1970 here.
        start = np.nanmin(np.where(np.isfinite(seconds), seconds, np.nan)) if np.isfinite(seconds).any() else 0.0
        seconds = seconds - start
        usable = np.isfinite(seconds) & (seconds < STOPWATCH_AT_MOST_S)
    return _nanoseconds(seconds, usable) if usable.any() else None


def _nanoseconds(seconds: NDArray[np.float64], usable: Bools) -> Ints:
    # Whole and fractional seconds apart: a double holds seconds since 1970 to 0.2 microseconds only.
    whole = np.floor(np.where(usable, seconds, 0.0))
    fraction = np.where(usable, seconds, 0.0) - whole
    time_ns = whole.astype(np.int64) * SECOND_NS + np.rint(fraction * 1e6).astype(np.int64) * 1000
    return np.where(usable, time_ns, UNSET)


def _wall(table: Table, stopwatch_ns: Ints | None, file_name: str) -> _Wall | None:
    """Return the best wall clock that shows a date that can be, else the first that shows any time; None without."""
    doubtful: _Wall | None = None
    for wall in _walls(table, stopwatch_ns, file_name):
        if not (wall.time_ns != UNSET).any():
            continue
        _judge_dates(wall, table)
        if not wall.is_impossible:
            wall.issues += doubtful.issues if doubtful else []
            return wall
        doubtful = doubtful or wall
    return doubtful


def _walls(table: Table, stopwatch_ns: Ints | None, file_name: str) -> Iterator[_Wall]:
    """Yield the wall clocks, the best first: epoch, a UTC column, then a local or bare one."""
    metadata = table.column("metadata")
    if metadata is not None and stopwatch_ns is not None:
        named = _wall_of_metadata(table, metadata, stopwatch_ns)
        if named is not None:
            yield named
        return
    epoch = table.column("epoch")
    if epoch is not None:
        seconds = epoch.numbers[0]
        seconds = np.where(np.abs(seconds) > 1e11, seconds / 1000, seconds)
        yield _Wall(_nanoseconds(seconds, (seconds > 0) & (seconds < EPOCH_AT_MOST_S)), True, False, [])
    for names, utc in (
        (("stamp_utc",), True), (("date_utc", "clock_utc"), True), (("stamp",), False),
        (("date_local", "clock_local"), False),
    ):  # fmt: skip
        columns = [table.column(name) for name in names]
        present = [column for column in columns if column is not None]
        if len(present) == len(names):
            yield _parse_wall(table, present, utc, file_name)


def _judge_dates(wall: _Wall, table: Table) -> None:
    """Leave rows of a date that cannot be without a time; note them. If all are such, the clock is `is_impossible`."""
    shown = wall.time_ns != UNSET
    bad = shown & ~can_be(wall.time_ns, NAME)
    if not bad.any() or wall.source is ClockSource.NONE:  # the latter is a clock known not to be set
        return
    first = int(bad.argmax())
    wall.is_impossible = bool(bad[shown].all())
    if wall.is_impossible:
        wall.issues.clear()  # whatever was assumed of its dates
    issue = impossible_dates(int(wall.time_ns[first]), table.lines[first], int(bad.sum()), not wall.is_impossible)
    wall.issues.append(issue)
    if not wall.is_impossible:
        wall.time_ns = np.where(bad, UNSET, wall.time_ns)


def _seconds_only(wall: _Wall) -> _Wall:
    """Return a clock without its date: it counts seconds since the first row."""
    shown = wall.time_ns != UNSET
    since_ns = np.where(shown, wall.time_ns - wall.time_ns[shown].min(), UNSET)
    return replace(wall, time_ns=since_ns, utc=False, source=ClockSource.NONE, is_assumed=False)


def _wall_of_metadata(table: Table, metadata: CsvColumn, stopwatch_ns: Ints) -> _Wall | None:
    """Read the start time in a JSON cell of the first row; without a zone it is UTC (as Open DroneLog reads it)."""
    for row, cell in enumerate(metadata.cells[:10]):
        named = _START_IN_JSON.search(cell[:65536])
        match = STAMP.fullmatch(named[1].strip()) if named else None
        if match is None or stopwatch_ns[row] == UNSET:
            continue
        start_ns, zoned = stamp_ns(match, day_first=False)
        if start_ns == UNSET:
            continue
        text = Message("the start time in the metadata names no zone; UTC is assumed, as the exporting program does")
        issues = [] if zoned else [Issue(Code.UTC_ASSUMED, Severity.WARNING, text, table.lines[row])]
        time_ns = np.full(len(table.lines), UNSET, dtype=np.int64)
        time_ns[row] = start_ns + stopwatch_ns[row]
        return _Wall(time_ns, True, False, issues, is_assumed=not zoned)
    return None


def _parse_wall(table: Table, columns: Sequence[CsvColumn], utc: bool, file_name: str) -> _Wall:
    if len(columns) == 1:
        texts = [text.strip() for text in columns[0].cells]
    else:
        texts = [f"{date.strip()} {clock.strip()}" for date, clock in zip(*(c.cells for c in columns), strict=True)]
    stamps = Stamps(texts)
    day_first, by_name = _day_first(stamps, table, file_name)
    issues = []
    if day_first is None:
        text = Message("the order of day and month cannot be told from this log; month/day/year is assumed")
        issues.append(Issue(Code.UTC_ASSUMED, Severity.WARNING, text, _first_line(table)))
    time_ns, zoned = stamps.read(day_first or False)
    wall = _Wall(time_ns, utc or zoned, stamps.whole_seconds, issues, is_assumed=day_first is None)
    wall.has_seconds, wall.dated_by_name = stamps.has_seconds, day_first is not None and by_name
    wall.may_lose_hours = (
        len(columns) == 2
        and not (zoned or stamps.says_half or (utc and not stamps.whole_seconds))
        and any(":" in text for text in texts[:LOOKED_AT])
        and not np.any(time_ns[time_ns != UNSET] % (24 * HOUR_NS) >= HOUR_NS)
    )
    _drop_unset(wall, table)
    return wall


def _drop_unset(wall: _Wall, table: Table) -> None:
    """Leave rows of the day that an unset clock shows without a time; if all are, the clock still counts seconds."""
    if not table.dialect.unset_day:
        return
    start_ns = int(datetime.fromisoformat(table.dialect.unset_day).replace(tzinfo=UTC).timestamp()) * SECOND_NS
    unset = (wall.time_ns >= start_ns) & (wall.time_ns < start_ns + 24 * HOUR_NS)
    if not unset.any():
        return
    if unset[wall.time_ns != UNSET].all():
        wall.source, wall.utc = ClockSource.NONE, False
    else:
        wall.time_ns[unset] = UNSET
    text = Message("the clock was not set (it shows {day})", day=table.dialect.unset_day)
    first = table.lines[int(np.argmax(unset))]
    wall.issues.append(Issue(Code.CLOCK_DAMAGED, Severity.WARNING, text, first, int(unset.sum())))


def _day_first(stamps: Stamps, table: Table, file_name: str) -> tuple[bool | None, bool]:
    """Tell whether dates are day/month/year (None: nothing tells), and whether only the file's name says so.

    A number over 12 tells, the file's name, or the separator.
    """
    if table.dialect.date_order == "mdy":
        return False, False
    pairs = stamps.pairs
    if not pairs or all(a == b for a, b in pairs):
        return False, False
    if any(a > 12 for a, _ in pairs) or any(b > 12 for _, b in pairs):
        return any(a > 12 for a, _ in pairs), False
    named = _FILE_NAME.search(file_name)
    if named:
        month_day = (int(named[2]), int(named[3]))
        if month_day in pairs or month_day[::-1] in pairs:
            return month_day not in pairs, True
    return (True if stamps.dotted else None), False


def _named_start(file_name: str) -> int | None:
    """Return the start time in a name like DJIFlightRecord_2018-05-23_[14-57-10].csv (the phone's local time)."""
    match = _FILE_NAME.search(file_name)
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = map(int, match.groups())
        stamp = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    start_ns = int(stamp.timestamp()) * SECOND_NS
    first_ns, end_ns = span_ns(NAME)
    return start_ns if first_ns <= start_ns < end_ns else None


def _useless(table: Table, wall: _Wall | None, stopwatch_ns: Ints | None, named_ns: int | None) -> Message:
    """Return why the clock column is not used, "" where it is: it cannot be read, or its hours are lost.

    Hours are lost where hour 0 wraps, where the file's name has another hour of the same minute, and where minutes and
    seconds run as hours and minutes.
    """
    if stopwatch_ns is None:
        return Message("")
    if wall is None:
        columns = [column for column in map(table.column, CLOCK_COLUMNS) if column is not None]
        if not any(cell.strip() for column in columns for cell in column.cells):
            return Message("")
        return Message("the clock column cannot be read: it may have lost its hours (a spreadsheet does that)")
    lost = Message("the clock column has lost its hours (a spreadsheet does that); rows are timed by the stopwatch")
    both = (wall.time_ns != UNSET) & (stopwatch_ns != UNSET)
    wall_steps, own_steps = np.diff(wall.time_ns[both]), np.diff(stopwatch_ns[both])
    if not wall.has_seconds:
        runs_ns, lasts_ns = wall_steps[wall_steps > 0].sum(), own_steps[own_steps > 0].sum()
        return lost if runs_ns > RUNS_AHEAD_TIMES * lasts_ns + 2 * MINUTE_NS else Message("")
    seen = wall.time_ns[wall.time_ns != UNSET]
    if (wall.utc and not wall.may_lose_hours) or np.any(seen % (24 * HOUR_NS) >= HOUR_NS):
        return Message("")
    if np.any((wall_steps < 0) & (own_steps >= 0)):
        return lost
    if named_ns is None or wall.utc:
        return Message("")
    minutes_apart_ns = (int(seen[0]) - named_ns) % HOUR_NS
    if min(minutes_apart_ns, HOUR_NS - minutes_apart_ns) >= 120 * SECOND_NS:
        return Message("")
    if named_ns % (24 * HOUR_NS) >= HOUR_NS:
        return lost
    wall.may_lose_hours = False  # the name has hour 0, too
    return Message("")


def _minutes_begun(stopwatch_ns: Ints, wall_ns: Ints) -> Ints:
    """Return a clock without seconds at the rows where its minute has just begun.

    Of a part (from one start of the stopwatch to the next) that lies in one minute, its first row in the middle of it.
    """
    both = np.flatnonzero((stopwatch_ns != UNSET) & (wall_ns != UNSET))
    begun = np.full(len(wall_ns), UNSET, dtype=np.int64)
    for part in np.split(both, np.flatnonzero(np.diff(stopwatch_ns[both]) < 0) + 1):
        new = part[1:][(np.diff(wall_ns[part]) == MINUTE_NS) & (np.diff(stopwatch_ns[part]) < MINUTE_NS // 4)]
        begun[new] = wall_ns[new]
        if not len(new):
            begun[part[:1]] = wall_ns[part[:1]] + MINUTE_NS // 2
    return begun


def _apart_from_name(time_ns: Ints, clock: Clock, named_ns: int | None) -> Message:
    """Return the clock's note with how many half hours the file's name is apart from it; "" where it is not."""
    timed = time_ns[time_ns != UNSET]
    if clock.source is not ClockSource.EXPORT or named_ns is None or not len(timed):
        return Message("")
    half_hours, rest_ns = divmod(int(timed[0]) - named_ns + 120 * SECOND_NS, HOUR_NS // 2)
    if half_hours == 0 or rest_ns > 240 * SECOND_NS or abs(half_hours) > 28:
        return Message("")
    return Message(
        "{note}; it is {apart_h:+.1f} h from the time in the file's name: one of the two may be UTC",
        note=clock.note,
        apart_h=half_hours / 2,
    )


def _compose(stopwatch_ns: Ints, wall_ns: Ints, whole_seconds: bool) -> tuple[Ints, float, Message]:
    """Set stopwatch rows on the wall clock, anchored anew where the stopwatch restarts.

    Returns the times, their sigma in seconds, and what does not fit.
    """
    both = np.flatnonzero((stopwatch_ns != UNSET) & (wall_ns != UNSET))
    timed = np.flatnonzero(stopwatch_ns != UNSET)
    result = np.full(len(stopwatch_ns), UNSET, dtype=np.int64)
    if not len(both):
        return result, 1.0, Message("")
    restarts = both[1:][(np.diff(stopwatch_ns[both]) < 0) & (np.diff(wall_ns[both]) >= 0)]
    if len(restarts) > RESTARTS_AT_MOST:
        restarts = restarts[:0]
    worst_ns = 0
    for first, end in zip([0, *restarts], [*restarts, len(stopwatch_ns)], strict=True):
        anchors = both[np.searchsorted(both, first) : np.searchsorted(both, end)]
        rows = timed[np.searchsorted(timed, first) : np.searchsorted(timed, end)]
        result[rows] = stopwatch_ns[rows] + _anchor(stopwatch_ns[anchors], wall_ns[anchors], whole_seconds)
        worst_ns = max(worst_ns, int(np.abs(result[anchors] - wall_ns[anchors]).max()))
    sigma_s = max(1.0, worst_ns / SECOND_NS)
    if len(restarts):
        text = Message(
            "the stopwatch restarts {count} times; anchored anew to the clock column each time", count=len(restarts)
        )
        return result, sigma_s, text
    if worst_ns > DISAGREE_NS:
        text = Message(
            "stopwatch and clock column disagree by up to {sigma_s:.0f} s; the stopwatch is used", sigma_s=sigma_s
        )
        return result, sigma_s, text
    return result, 1.0, Message("")


def _anchor(stopwatch_ns: Ints, wall_ns: Ints, whole_seconds: bool) -> int:
    """Return wall clock minus stopwatch, nanoseconds.

    Taken at the first row, or at the first change of a clock that prints whole seconds.
    """
    near = stopwatch_ns <= stopwatch_ns[0] + ANCHOR_WITHIN_NS
    if whole_seconds:
        steps = np.flatnonzero((np.diff(wall_ns) == SECOND_NS) & (np.diff(stopwatch_ns) < SECOND_NS) & near[1:])
        if len(steps):
            return int(wall_ns[steps[0] + 1] - stopwatch_ns[steps[0] + 1])
    return int(wall_ns[0] - stopwatch_ns[0])
