"""The time of DataFlash rows, in microseconds since boot, and the satellite clock that makes UTC of it.

    record                 time since boot                            satellite time
    2017 and later         TimeUS                                     GWk (0: unknown), GMS
    2014                   TimeMS; GPS: T (ms)                        Week, TimeMS
    2013                   none; GPS: Time, ms of an unnamed week     no week: no UTC
    PX4 sdlog2             the TIME record before it, StartTime       GPSTime, microseconds since 1970

Records without a time of their own (EV, MODE and MSG of old logs) take that of the last timed row before them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.flight import Clock, ClockSource
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.gps_time import WEEK_MS, utc_ms
from dronecheck.readers.common.clock.mapping import one_axis, satellite_mapping, starts_of
from dronecheck.readers.common.records import Records
from dronecheck.readers.dataflash import NAME
from dronecheck.readers.dataflash.formats import DataflashLog

__all__ = ["ESTIMATES", "no_clock", "on_utc", "satellite_us", "set_clock", "timed_records"]


LATEST_US = 4_102_444_800_000_000  # the year 2100, for clocks that count from 1970
WEEKS_AT_MOST = 65_535
STARTS_APART = 2000  # of the clock: as many as 64 bits tell apart
ESTIMATES = ("POS", "GPOS")


def timed_records(log: DataflashLog, name: str) -> Records | None:
    """Return the rows of that name with their times, in file order; None when there are none.

    Times are UTC once the log's `mapping` is set, before that since boot.
    """
    rows = _since_boot(log, name)
    return rows if rows is None or log.mapping is None else replace(rows, time_us=log.mapping.of(rows))


def _since_boot(log: DataflashLog, name: str) -> Records | None:
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
    known = (week > 0) & (week <= WEEKS_AT_MOST) & (ms >= 0) & (ms < WEEK_MS)
    utc_us = utc_ms(np.where(known, week, 0).astype(np.int64), np.where(known, ms, 0).astype(np.int64)) * 1000
    return np.where(known, utc_us, 0)


def no_clock(log: DataflashLog, note: Message | None = None) -> Clock:
    """Return the clock of a log without satellite time."""
    text = Message("no satellite time in the log: times count from the start of the autopilot")
    log.note(Code.UTC_UNKNOWN, Severity.WARNING, note or text)
    return Clock(False, ClockSource.NONE, float("nan"), note or Message(""))


def set_clock(log: DataflashLog, fixes: Records | None, telling: Collection[str]) -> Clock:
    """Return the clock by the fixes of one receiver, times since boot; sets the log's `starts` and `mapping`.

    Where the clock starts again the records `telling` say. Without UTC the times of a later start count on from those
    before.
    """
    tables = [rows for name in log.rows if name in telling and (rows := _since_boot(log, name)) is not None]
    log.starts = starts_of(tables, log)
    clock = _satellite_clock(log, fixes, tables)
    if log.mapping is None:
        log.mapping = one_axis(log.starts, tables)
    return clock


def _satellite_clock(log: DataflashLog, fixes: Records | None, tables: list[Records]) -> Clock:
    if fixes is None:
        return no_clock(log)
    utc_us = satellite_us(fixes)
    if not ((utc_us > 0) & (fixes.time_us >= 0)).any():
        weekless = fixes.has("Time") and not fixes.has("Week")
        text = Message("the log has satellite time without its week: times count from the start of that GPS week")
        return no_clock(log, text if weekless else None)
    positions = [fixes, *(rows for rows in tables if rows.name in ESTIMATES)]
    found = satellite_mapping(log, fixes, utc_us, log.starts, NAME, positions)
    if found is None:
        return no_clock(log, Message("no usable satellite time: times count from the start of the autopilot"))
    log.mapping, sigma_s = found
    named = "GPSTime" if fixes.has("GPSTime") else Message("week and time of week")
    count = int((utc_us > 0).sum())
    note = Message("{table} {column} of {count} fixes", table=fixes.name, column=named, count=count)
    return Clock(True, ClockSource.GNSS, sigma_s, note, log.mapping.is_assumed, mapping=log.mapping.facts)


def on_utc(log: DataflashLog, table: tuple[Records, Records | None]) -> tuple[Records, Records | None]:
    """Return a receiver's rows and accuracies, times since boot, with their times in UTC.

    Those of fixes are what they state themselves; an accuracy has the time of the fix that it belongs to.
    """
    mapping, (rows, accuracy) = log.mapping, table
    if mapping is None:
        return table
    if not mapping.is_utc:
        on_axis = replace(rows, time_us=mapping.of(rows))
        return on_axis, None if accuracy is None else replace(accuracy, time_us=mapping.of(accuracy))
    fixes = replace(rows, time_us=mapping.of_fixes(rows, satellite_us(rows), NAME))
    if accuracy is None:
        return fixes, None
    starts = (np.minimum(mapping.index(one.offset), STARTS_APART).astype(np.int64) for one in table if one is not None)
    keys, wanted = (at * LATEST_US + one.time_us for at, one in zip(starts, (rows, accuracy), strict=True))
    order = np.argsort(keys, kind="stable")
    found = order[np.minimum(np.searchsorted(keys[order], wanted), len(order) - 1)]
    time_us = np.where(keys[found] == wanted, fixes.time_us[found], mapping.of(accuracy))
    return fixes, replace(accuracy, time_us=time_us)
