"""The time of DataFlash rows, in microseconds since boot, and the satellite clock that makes UTC of it.

    record                 time since boot                            satellite time
    2017 and later         TimeUS                                     GWk (0: unknown), GMS
    2014                   TimeMS; GPS: T (ms)                        Week, TimeMS
    2013                   none; GPS: Time, ms of an unnamed week     no week: no UTC
    PX4 sdlog2             the TIME record before it, StartTime       GPSTime, microseconds since 1970

Records without a time of their own (EV, MODE and MSG of old logs) take that of the last timed row before them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.flight import Clock, ClockSource
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.gps_time import WEEK_MS, median_offset, utc_ms
from dronecheck.readers.common.records import Records
from dronecheck.readers.dataflash.formats import DataflashLog

__all__ = ["clock_of", "no_clock", "satellite_us", "timed_records"]


LATEST_US = 4_102_444_800_000_000  # the year 2100, for clocks that count from 1970
WEEKS_AT_MOST = 6260  # the year 2100
FIRST_UTC_US = 1_262_304_000_000_000  # 2010: no DataFlash log is older; an earlier date is a week roll-over


def timed_records(log: DataflashLog, name: str) -> Records | None:
    """Return the rows of that name with their times, in file order; None when there are none."""
    rows = log.rows.get(name)
    return replace(rows, time_us=_times(log, rows)) if rows is not None and len(rows) else None


def _times(log: DataflashLog, rows: Records) -> Ints:
    if rows.has("TimeUS"):
        return _whole(rows.numbers("TimeUS"))
    if rows.name.startswith("GPS"):
        if rows.has("T"):
            return _whole(rows.numbers("T") * 1000)
        if rows.has("Time"):
            return _whole(_unwrapped(rows.numbers("Time")) * 1000)
    elif rows.has("TimeMS"):
        return _whole(rows.numbers("TimeMS") * 1000)
    beats = log.rows.get("TIME")
    if beats is not None and len(beats) and beats.has("StartTime"):
        return _before(rows, beats, _whole(beats.numbers("StartTime")))
    fixes = log.rows.get("GPS")
    if fixes is not None and len(fixes) and fixes is not rows:
        return _before(rows, fixes, _times(log, fixes))
    return np.full(len(rows), -1 if rows.name.startswith("GPS") else 0, np.int64)


def _whole(time_us: Floats) -> Ints:
    good = (time_us >= 0) & (time_us < LATEST_US)
    return np.where(good, np.where(good, time_us, 0), -1).astype(np.int64)


def _unwrapped(time_of_week_ms: Floats) -> Floats:
    """Return times of week that go on counting where the week ends."""
    ended = np.diff(time_of_week_ms, prepend=time_of_week_ms[:1]) < -WEEK_MS / 2
    return time_of_week_ms + np.cumsum(ended) * float(WEEK_MS)


def _before(rows: Records, beats: Records, time_us: Ints) -> Ints:
    """Return the time of the last timed row before each row in the file; before the first its time."""
    timed = time_us >= 0
    if not timed.any():
        return np.full(len(rows), -1, np.int64)
    index = np.searchsorted(beats.offset[timed], rows.offset, "right") - 1
    return time_us[timed][np.maximum(index, 0)]


# ---- UTC


def satellite_us(rows: Records) -> Ints:
    """Return UTC in microseconds as the receiver gave it; 0 where it did not know the week."""
    if rows.has("GPSTime"):
        return np.maximum(_whole(rows.numbers("GPSTime")), 0)
    week = rows.numbers("GWk", "Week")
    ms = rows.numbers("GMS", "TimeMS")
    known = (week > 0) & (week < WEEKS_AT_MOST) & (ms >= 0) & (ms < WEEK_MS)
    utc_us = utc_ms(np.where(known, week, 0).astype(np.int64), np.where(known, ms, 0).astype(np.int64)) * 1000
    return np.where(known, utc_us, 0)


def no_clock(log: DataflashLog, note: Message | None = None) -> tuple[Clock, int]:
    """Return the clock of a log without satellite time."""
    text = Message("no satellite time in the log: times count from the start of the autopilot")
    log.note(Code.UTC_UNKNOWN, Severity.WARNING, note or text)
    return Clock(False, ClockSource.NONE, float("nan"), note or Message("")), 0


def clock_of(log: DataflashLog, fixes: Records | None) -> tuple[Clock, int]:
    """Return the clock, and microseconds to add to the time since boot (0 when UTC is unknown)."""
    if fixes is None:
        return no_clock(log)
    utc_us = satellite_us(fixes)
    usable = fixes.pick((utc_us > 0) & (fixes.time_us >= 0)).ascending()
    if not len(usable):
        weekless = fixes.has("Time") and not fixes.has("Week")
        text = Message("the log has satellite time without its week: times count from the start of that GPS week")
        return no_clock(log, text if weekless else None)
    median = median_offset(log, usable, satellite_us(usable) - usable.time_us, FIRST_UTC_US)
    if median is None:
        return no_clock(log, Message("no usable satellite time: times count from the start of the autopilot"))
    named = "GPSTime" if usable.has("GPSTime") else Message("week and time of week")
    note = Message("{table} {column}, median of {count} fixes", table=usable.name, column=named, count=len(usable))
    offset_us, sigma_s = median
    return Clock(True, ClockSource.GNSS, sigma_s, note), offset_us
