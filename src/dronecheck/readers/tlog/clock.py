"""One time base for a MAVLink log: the vehicle's own clock, and what ties it to UTC.

marks     messages with time_boot_ms (SYSTEM_TIME, GLOBAL_POSITION_INT): a byte offset and a time since boot; a
          message without such a time takes the mark before it, plus the difference of the host's stamps
session   from one start of the autopilot to the next (the time since boot goes back)
UTC       of each session: the vehicle's SYSTEM_TIME (with the 1024 weeks that a receiver forgot, by the stamps); else
          satellite time in GPS_RAW_INT; else the host's stamps. Times lie between those that SYSTEM_TIME states;
          GPS_RAW_INT and the stamps arrive by radio, unevenly, and give one line through all
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Ints, reduceat
from dronecheck.dates import US, can_be, date_of
from dronecheck.flight import Clock, ClockSource
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.gps_time import GPS_EPOCH_UNIX_MS, ROLLOVER_WEEKS, WEEK_MS
from dronecheck.readers.common.clock.mapping import (
    ClockStretch,
    TimeMapping,
    facts_of,
    fitted,
)
from dronecheck.readers.tlog import NAME
from dronecheck.readers.tlog.records import MessageLog, MessageRecords

__all__ = ["Timeline", "timeline"]


GPS_EPOCH_US = GPS_EPOCH_UNIX_MS * 1000
TURN_US = ROLLOVER_WEEKS * WEEK_MS * 1000
TURN_SURE_US = 86_400_000_000  # a host's clock is rarely a day off, and a turn is 19.6 years
RESTART_US = 5_000_000
BRIDGE_US = 3_600_000_000
SAME_CLOCK_US = 30_000_000
STEP_US = 2_000_000
GNSS_SIGMA_S, VEHICLE_SIGMA_S, HOST_SIGMA_S = 0.1, 0.5, 2.0  # at least
SKEW_SAID_S, SKEW_LARGE_S = 1.0, 60.0


@dataclass(slots=True)
class Timeline:
    """Marks by offset; the first offset of each session and what to add to its times to have UTC (or one axis).

    `mapping` is set where satellite time says more than one sum to add.
    """

    offset: Ints
    boot_us: Ints
    stamp_us: Ints
    starts: Ints
    add_us: Ints
    clock: Clock
    mapping: TimeMapping | None = None

    def sessions(self, offsets: Ints) -> NDArray[np.intp]:
        """Return the session of each record."""
        return np.maximum(np.searchsorted(self.starts, offsets, "right") - 1, 0)

    def boot(self, rows: MessageRecords) -> Ints:
        """Return the time since boot (us) of each record, by the mark before it."""
        mark = np.maximum(np.searchsorted(self.offset, rows.offset, "right") - 1, 0)
        since: Ints = np.clip(rows.time_us - self.stamp_us[mark], -BRIDGE_US, BRIDGE_US)
        return self.boot_us[mark] + since

    def final(self, rows: MessageRecords, boot_us: Ints) -> Ints:
        """Return microseconds of UTC (or on the one axis that stands in for it) for times since boot."""
        return self._on_axis(boot_us, self.sessions(rows.offset))

    def _on_axis(self, boot_us: Ints, session: NDArray[np.intp]) -> Ints:
        return self.mapping.at(boot_us, session) if self.mapping else boot_us + self.add_us[session]

    def at(self, rows: MessageRecords) -> Ints:
        """Return microseconds of UTC for records without a time of their own."""
        return self.final(rows, self.boot(rows))

    def of_fixes(self, rows: MessageRecords) -> Ints:
        """Return microseconds of UTC of satellite fixes: `time_usec` where it is a time since boot or since 1970."""
        own, arrived = rows.ints("time_usec"), self.boot(rows)
        session = self.sessions(rows.offset)
        set_ = own > 0
        # What comes between the last mark of a session and the first of the next may belong to either.
        after = np.searchsorted(self.offset, rows.offset, "right")
        following = self.offset[np.minimum(after, len(self.offset) - 1)]
        last = (after < len(self.offset)) & np.isin(following, self.starts[1:])
        session += last & set_ & (own < self.boot_us[np.maximum(after - 1, 0)] - RESTART_US)
        arrived_us = self._on_axis(arrived, session)
        if set_.any() and np.median(np.abs(own - arrived)[set_]) < SAME_CLOCK_US:
            return self._on_axis(np.where(set_, own, arrived), session)
        if set_.any() and np.median(np.abs(own - arrived_us)[set_]) < SAME_CLOCK_US:
            return np.where(set_, own, arrived_us)
        return arrived_us


def timeline(log: MessageLog, sender: int) -> Timeline:
    """Return the time base of one vehicle; notes what is wrong with it."""
    _mend_stamps(log)
    parts = [(rows, rows.ints("time_boot_ms") * 1000) for rows in _timed_messages(log, sender)]
    if not sum(len(rows) for rows, _ in parts):
        return _without_marks(log)
    offset, stamp_us, boot_us = (
        np.concatenate(columns)
        for columns in ([r.offset for r, _ in parts], [r.time_us for r, _ in parts], [boot for _, boot in parts])
    )
    order = np.argsort(offset)
    offset, stamp_us, boot_us = offset[order], stamp_us[order], boot_us[order]
    restarts = np.flatnonzero(np.diff(boot_us) < -RESTART_US) + 1
    if len(restarts):
        once = "the autopilot's clock starts anew once within the log: {sessions} flights or sessions"
        often = "the autopilot's clock starts anew {times} times within the log: {sessions} flights or sessions"
        text = Message(once if len(restarts) == 1 else often, times=len(restarts), sessions=len(restarts) + 1)
        log.note(Code.CLOCK_DAMAGED, Severity.WARNING, text, int(offset[restarts[0]]), len(restarts))
    starts = offset[np.append(0, restarts)]
    line = Timeline(offset, boot_us, stamp_us, starts, np.zeros(len(starts), np.int64), _none())
    _tie(log, sender, line)
    line.clock = replace(line.clock, power_up_ns=int(line.add_us[0]) * 1000)
    return line


def _mend_stamps(log: MessageLog) -> None:
    """Give messages whose stamp can be no date that of the one before them; notes them."""
    tables = log.rows.values()
    offset, stamp_us = (np.concatenate(c) for c in ([r.offset for r in tables], [r.time_us for r in tables]))
    bad = ~_is_utc(stamp_us)
    if not log.stamped or not bad.any():
        return
    first = int(np.argmin(np.where(bad, offset, np.iinfo(np.int64).max)))
    text = Message(
        "the ground station's date {date} cannot be right ({count} messages); it is not used",
        date=date_of(int(stamp_us[first]), US),
        count=int(bad.sum()),
    )
    log.note(Code.CLOCK_DAMAGED, Severity.WARNING, text, int(offset[first]), int(bad.sum()))
    if bad.all():
        return
    order = np.argsort(offset[~bad])
    places, stamps_us = offset[~bad][order], stamp_us[~bad][order]
    for name, rows in list(log.rows.items()):
        before = stamps_us[np.maximum(np.searchsorted(places, rows.offset, "right") - 1, 0)]
        log.put(replace(rows, time_us=np.where(_is_utc(rows.time_us), rows.time_us, before)), name)


def _timed_messages(log: MessageLog, sender: int) -> list[MessageRecords]:
    return [log.of(name, sender) for name in ("SYSTEM_TIME", "GLOBAL_POSITION_INT")]


def _none() -> Clock:
    return Clock(False, ClockSource.NONE, float("nan"))


def _unknown(log: MessageLog, why: Message) -> Clock:
    log.note(Code.UTC_UNKNOWN, Severity.WARNING, why)
    return _none()


def _without_marks(log: MessageLog) -> Timeline:
    """Take the host's stamps alone as the time base."""
    first = np.zeros(1, np.int64)
    offset = np.concatenate([rows.offset for rows in log.rows.values()])
    stamp_us = np.concatenate([rows.time_us for rows in log.rows.values()])
    order = np.argsort(offset)
    if log.stamped and bool(np.any(_is_utc(stamp_us))):
        clock = Clock(
            True, ClockSource.HOST, HOST_SIGMA_S, Message("stamps of the ground station; the vehicle gives no time")
        )
        return Timeline(offset[order], stamp_us[order], stamp_us[order], first, first, clock)
    clock = _unknown(log, Message("the log holds no date and no time since boot"))
    if not log.stamped or not len(stamp_us):
        return Timeline(first, first, first, first, first, clock)
    since_us = stamp_us[order] - stamp_us.min()  # a clock of another date still counts seconds
    return Timeline(offset[order], since_us, stamp_us[order], first, first, clock)


def _is_utc(times_us: Ints) -> NDArray[np.bool_]:
    return can_be(times_us, NAME, US)


def _middle(values: Ints) -> int:
    """Return a value that occurs, not a mean of two: the same rows give the same time to the microsecond."""
    return int(np.sort(values)[(len(values) - 1) // 2])


def _tie(log: MessageLog, sender: int, line: Timeline) -> None:
    """Find the offset of each session to UTC; without any, put the sessions one behind the other."""
    system = log.of("SYSTEM_TIME", sender)
    fixes = log.of("GPS_RAW_INT", sender)
    unix_us = _with_forgotten_weeks(log, system)
    dated = _is_utc(unix_us)
    system, unix_us = system.pick(dated), unix_us[dated]
    fixes = _dated(log, fixes)
    timed = _is_utc(line.stamp_us)
    host = (line.sessions(line.offset)[timed], (line.stamp_us - line.boot_us)[timed])
    count = len(line.starts)
    if len(system):
        stated = _Stated(line.sessions(system.offset), system.ints("time_boot_ms") * 1000, unix_us, True)
        _by_vehicle(log, line, stated, host, ClockSource.GNSS if len(fixes) else ClockSource.VEHICLE)
        return
    if len(fixes):
        stated = _Stated(line.sessions(fixes.offset), line.boot(fixes), fixes.ints("time_usec"), False)
        _by_vehicle(log, line, stated, host, ClockSource.GNSS)
        return
    if len(host[1]):
        line.add_us = _per_session(count, *host, _middle(host[1]))
        sigma_s = max(HOST_SIGMA_S, _spread_s(line, *host))
        line.clock = Clock(
            True, ClockSource.HOST, sigma_s, Message("stamps of the ground station, set against time since boot")
        )
        return
    last_us = reduceat(np.maximum, line.boot_us, np.searchsorted(line.offset, line.starts))
    line.add_us[1:] = np.cumsum(last_us[:-1] + 1_000_000)
    line.clock = _unknown(log, Message("no date in the log: times count from the start of the autopilot"))


def _with_forgotten_weeks(log: MessageLog, system: MessageRecords) -> Ints:
    """Return the vehicle's UTC in microseconds, set right by the host's stamps where it forgot 1024 weeks or more."""
    unix_us = system.ints("time_unix_usec").copy()
    early = np.flatnonzero((unix_us >= GPS_EPOCH_US) & ~_is_utc(unix_us))
    if not len(early):
        return unix_us
    behind_us = system.time_us[early] - unix_us[early]
    turns = np.round(behind_us / TURN_US).astype(np.int64)
    date = date_of(int(unix_us[early[0]]), US)
    text = Message(
        "the vehicle's date {date} cannot be right (not set, or a GPS week roll-over); it is not used", date=date
    )
    if (_is_utc(system.time_us[early]) & (turns > 0) & (np.abs(behind_us - turns * TURN_US) < TURN_SURE_US)).all():
        unix_us[early] += turns * TURN_US
        text = Message(
            "the vehicle's date {date} is {turns} x 1024 weeks behind the ground station's: set right by these",
            date=date,
            turns=turns[0],
        )
    log.note(Code.CLOCK_DAMAGED, Severity.WARNING, text, int(system.offset[early[0]]), len(early))
    return unix_us


def _dated(log: MessageLog, fixes: MessageRecords) -> MessageRecords:
    """Return the fixes that state UTC; notes those of a date that cannot be (a time since boot is none)."""
    utc_us = fixes.ints("time_usec")
    bad = (utc_us >= GPS_EPOCH_US) & ~_is_utc(utc_us)
    if bad.any():
        text = Message(
            "the vehicle's date {date} cannot be right (not set, or a GPS week roll-over); it is not used",
            date=date_of(int(utc_us[bad][0]), US),
        )
        log.note(Code.CLOCK_DAMAGED, Severity.WARNING, text, int(fixes.offset[bad][0]), int(bad.sum()))
    return fixes.pick(_is_utc(utc_us))


def _per_session(count: int, session: NDArray[np.intp], add_us: Ints, default: int) -> Ints:
    """Return the middle value of each session; the default for those without any."""
    found = np.full(count, default, np.int64)
    order = np.lexsort((add_us, session))
    numbers, first, size = np.unique(session[order], return_index=True, return_counts=True)
    found[numbers] = add_us[order[first + (size - 1) // 2]]
    return found


def _spread_s(line: Timeline, session: NDArray[np.intp], add_us: Ints) -> float:
    return round(float(np.percentile(np.abs(add_us - line.add_us[session]), 68.3)) / 1e6, 6)


@dataclass(frozen=True, slots=True)
class _Stated:
    """Records that state UTC, shape (n,): their session, time since boot and UTC (us)."""

    session: NDArray[np.intp]
    boot_us: Ints
    utc_us: Ints
    is_exact: bool  # the record holds both times; else the time since boot is that of its arrival

    @property
    def add_us(self) -> Ints:
        """Return what each says is to be added to the time since boot."""
        return self.utc_us - self.boot_us


def _by_vehicle(
    log: MessageLog, line: Timeline, stated: _Stated, host: tuple[NDArray[np.intp], Ints], source: ClockSource
) -> None:
    count, session = len(line.starts), stated.session
    line.add_us = _per_session(count, session, stated.add_us, _middle(stated.add_us))
    note = Message("{count} times of the vehicle", count=len(session))
    if len(host[1]):
        by_host = _per_session(count, *host, _middle(host[1]))
        both = np.intersect1d(session, host[0])
        skew_us = _middle((by_host - line.add_us)[both]) if len(both) else _middle(by_host - line.add_us)
        # A session in which the vehicle never learnt the date is dated by the host, corrected by its error elsewhere.
        undated = np.setdiff1d(np.arange(count, dtype=np.intp), session)
        line.add_us[undated] = by_host[undated] - skew_us
        skew_s = skew_us / 1e6
        late = Message("{what}; the ground station's stamps are {skew_s:.1f} s late", what=note, skew_s=skew_s)
        early = Message("{what}; the ground station's stamps are {skew_s:.1f} s early", what=note, skew_s=-skew_s)
        note = late if skew_s > 0 else early
        if abs(skew_s) > SKEW_SAID_S:
            severity = Severity.WARNING if abs(skew_s) > SKEW_LARGE_S else Severity.INFO
            ahead = "the ground station's clock is {skew_s:,.1f} s ahead of the vehicle's, which is used"
            behind = "the ground station's clock is {skew_s:,.1f} s behind the vehicle's, which is used"
            text = Message(ahead if skew_s > 0 else behind, skew_s=abs(skew_s))
            log.note(Code.CLOCK_SKEW, severity, text)
    line.mapping = _mapping(log, line, stated)
    least_s = GNSS_SIGMA_S if source is ClockSource.GNSS else VEHICLE_SIGMA_S
    sigma_s = max(least_s, line.mapping.facts.residual_s)
    line.clock = Clock(True, source, sigma_s, note, mapping=line.mapping.facts)


def _mapping(log: MessageLog, line: Timeline, stated: _Stated) -> TimeMapping:
    """Return how each session's clock follows from what was stated; one without is moved by its `add_us`."""
    zero = np.zeros(1, np.int64)
    stretches = [ClockStretch(zero, line.add_us[[number]]) for number in range(len(line.starts))]
    found = []
    steps = np.zeros(len(stated.session), dtype=np.bool_)
    for number in np.unique(stated.session).tolist():
        rows = np.flatnonzero(stated.session == number)
        one = fitted(stated.boot_us[rows], stated.utc_us[rows])
        steps[rows] = ~one.in_line
        found.append(one)
        stretches[number] = one.stretch
        if not stated.is_exact:
            stretches[number] = ClockStretch(zero, zero + one.at_zero_us, one.stretch.rate)
    mapping = TimeMapping(line.starts, tuple(stretches), facts_of(found))
    if steps.any():
        away_us = np.abs(stated.utc_us - mapping.at(stated.boot_us, stated.session))
        text = Message(
            "the vehicle's date steps by up to {far_s:,.1f} s against its time since boot ({count} times)",
            far_s=float(away_us[steps].max()) / 1e6,
            count=int(steps.sum()),
        )
        log.note(Code.CLOCK_DAMAGED, Severity.WARNING, text, None, int(steps.sum()))
    return mapping
