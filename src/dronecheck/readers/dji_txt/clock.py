"""The two clocks of a DJI flight record -> the time of each position: flight time, set by the phone's stamps.

Flight time counts tenths of a second (u16) and is even; the phone's stamps are UTC and arrive up to a second late.
Flight time stands still while the motors are off, and may begin anew: the phone sets it again then. Where the phone
alone steps, the flight time goes on, and the difference counts as doubt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from dronecheck.arrays import Bools, Ints
from dronecheck.dates import can_be, impossible_dates
from dronecheck.flight import Clock, ClockSource
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.dji_txt import NAME
from dronecheck.readers.dji_txt.header import Details
from dronecheck.readers.dji_txt.records import DjiRecord

__all__ = ["RecordTimes", "row_times"]


TENTH_NS = 100_000_000
STEP_NS = 3_000_000_000  # the clocks never lie that far apart by delay alone
RUN_AT_LEAST = 5  # records; fewer are stray figures
_LATEST_MS = 1 << 43  # the year 2248: a larger figure is no time of any clock
_WRAP, _NEAR_WRAP = 1 << 16, 600  # within a minute of the counter's end


@dataclass(slots=True)
class RecordTimes:
    """`time_ns` of each position record, shape (n,), `stray` where it cannot be trusted, and the clock behind it."""

    time_ns: Ints
    stray: Bools
    clock: Clock
    issues: list[Issue] = field(default_factory=list)


@dataclass(slots=True)
class _ClockRun:
    """OsdRows whose two clocks stay together: indices first to end, and phone minus flight time."""

    first: int
    end: int
    shift_ns: int


def row_times(
    tenths: Ints, motors: Bools, offsets: Ints, stamps: list[DjiRecord], details: Details | None
) -> RecordTimes:
    """Return the time of the position records.

    It rests on flight time in tenths and motors running, shape (n,), and the phone's stamps.
    """
    fly_ns = _unwrapped(tenths) * TENTH_NS
    stray = np.zeros(len(fly_ns), dtype=np.bool_)
    rows, phone_ns, issues = _stamped(offsets, stamps)
    runs = _runs(rows, phone_ns - fly_ns[rows])
    if not runs:
        return _unstamped(fly_ns, stray, details, issues)
    apart_ns = _settle(runs, fly_ns, motors, offsets, issues)
    starts = np.array([run.first for run in runs], dtype=np.int64)
    shift_ns = np.array([run.shift_ns for run in runs], dtype=np.int64)
    time_ns = (
        fly_ns
        + shift_ns[np.maximum(np.searchsorted(starts, np.arange(len(fly_ns), dtype=np.int64), side="right") - 1, 0)]
    )
    stray[rows] = np.abs(time_ns[rows] - phone_ns) > apart_ns + STEP_NS
    stray &= ~_fits_between(time_ns, ~stray)  # else it is the stamp that is wrong
    clock = Clock(True, ClockSource.HOST, max(1.0, apart_ns / 1e9), Message("UTC by the phone's clock"))
    return RecordTimes(time_ns, stray, clock, issues)


def _fits_between(time_ns: Ints, good: Bools) -> Bools:
    """Tell which rows have a time between those of the good rows before and behind, mask (n,)."""
    rows = np.arange(len(time_ns), dtype=np.int64)
    before = np.maximum.accumulate(np.where(good, rows, 0))
    behind = np.minimum.accumulate(np.where(good, rows, len(rows) - 1)[::-1])[::-1]
    return np.asarray((time_ns >= time_ns[before]) & (time_ns <= time_ns[behind]), dtype=np.bool_)


def _unwrapped(tenths: Ints) -> Ints:
    """Count on where 16 bits end, after 109 minutes."""
    wraps = (tenths[:-1] > _WRAP - _NEAR_WRAP) & (tenths[1:] < _NEAR_WRAP)
    return tenths + _WRAP * np.concatenate(([0], np.cumsum(wraps))).astype(np.int64)


def _stamped(offsets: Ints, stamps: list[DjiRecord]) -> tuple[Ints, Ints, list[Issue]]:
    """Return the rows that a stamp follows, its time (the first behind each), and a note of dates that cannot be."""
    millis = np.array([int.from_bytes(record.payload[10:18], "little") for record in stamps], dtype=np.uint64)
    at = np.array([record.offset for record in stamps], dtype=np.int64)
    rows = np.searchsorted(offsets, at) - 1
    shown = (millis > 0) & (millis < _LATEST_MS) & (rows >= 0)  # 0: the app had no time
    rows, at, time_ns = rows[shown], at[shown], millis[shown].astype(np.int64) * 1_000_000
    good = can_be(time_ns, NAME)
    issues = []
    if not good.all():
        first = int(np.argmin(good))
        issues = [impossible_dates(int(time_ns[first]), int(at[first]), int((~good).sum()), bool(good.any()))]
    rows, first_of = np.unique(rows[good], return_index=True)
    return rows.astype(np.int64), time_ns[good][first_of], issues


def _runs(rows: Ints, apart_ns: Ints) -> list[_ClockRun]:
    """Return the runs where the clocks stay together; a few stray rows end no run."""
    runs: list[_ClockRun] = []
    begin, values = 0, apart_ns.tolist()
    while begin < len(values):
        end = begin + 1
        while end < len(values) and abs(values[end] - values[begin]) <= STEP_NS:
            end += 1
        middle = int(np.sort(apart_ns[begin:end])[(end - begin) // 2])
        if runs and abs(middle - runs[-1].shift_ns) <= STEP_NS:
            runs[-1].end = int(rows[end - 1]) + 1
        elif end - begin >= RUN_AT_LEAST or end - begin == len(values):
            runs.append(_ClockRun(int(rows[begin]), int(rows[end - 1]) + 1, middle))
        begin = end
    if not runs and len(values):
        middle = int(np.sort(apart_ns)[len(values) // 2])
        runs.append(_ClockRun(int(rows[0]), int(rows[-1]) + 1, middle))
    return runs


def _settle(runs: list[_ClockRun], fly_ns: Ints, motors: Bools, offsets: Ints, issues: list[Issue]) -> int:
    """Undo what the phone's clock alone did; returns the largest such step, in nanoseconds."""
    groups = [[runs[0]]]
    anew: list[int] = []
    for before, run in pairwise(runs):
        paused = not motors[max(before.end - 1, 0) : run.first + 1].all()
        if paused or fly_ns[run.first] < fly_ns[before.end - 1]:
            groups.append([run])
            anew.append(run.first)
        else:
            groups[-1].append(run)
    if anew:
        text = Message("the flight time stands still or begins anew; set again by the phone's clock")
        issues.append(Issue(Code.CLOCK_SKEW, Severity.INFO, text, int(offsets[anew[0]]), len(anew)))
    worst_ns = 0
    for group in groups:
        shift_ns = max(group, key=lambda run: run.end - run.first).shift_ns
        for run in group:
            if run.shift_ns != shift_ns:
                worst_ns = max(worst_ns, abs(run.shift_ns - shift_ns))
                text = Message(
                    "the phone's clock steps by {step_s:.1f} s; the flight time is used",
                    step_s=abs(run.shift_ns - shift_ns) / 1e9,
                )
                issues.append(Issue(Code.CLOCK_SKEW, Severity.WARNING, text, int(offsets[run.first])))
                run.shift_ns = shift_ns
    return worst_ns


def _unstamped(fly_ns: Ints, stray: Bools, details: Details | None, issues: list[Issue]) -> RecordTimes:
    if details and details.has_date:
        clock = Clock(True, ClockSource.HOST, 2.0, Message("UTC by the phone's clock at the start"))
        return RecordTimes(fly_ns - fly_ns[0] + details.start_ms * 1_000_000, stray, clock, issues)
    if details and details.start_ms and not issues:
        issues = [impossible_dates(details.start_ms * 1_000_000, None, 1, some=False)]
    note = Message("no clock in the record: seconds of flight time")
    issues = [*issues, Issue(Code.UTC_UNKNOWN, Severity.WARNING, note)]
    return RecordTimes(fly_ns, stray, Clock(False, ClockSource.NONE, float("nan"), note), issues)
