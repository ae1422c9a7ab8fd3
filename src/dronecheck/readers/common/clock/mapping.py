"""From an autopilot's clock, which counts since its start, to UTC, by the records that state satellite time.

    stating record     one whose satellite time is new, of a date that can be, and in line with most others
    between two        straight, so the mapping is exact at both and follows a clock of any rate
    before and behind  at the rate of the whole stretch
    a restart          begins a stretch, which has a mapping of its own

A satellite time that steps out of the line of the others is left out, and so is a time of the autopilot's that does:
what a record says of its own time (week and milliseconds) then stands against the clock's stamp on that record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Floats, Ints, bincount
from dronecheck.dates import US, can_be, date_of
from dronecheck.flight import ClockMapping
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.account import Account
from dronecheck.readers.common.clock.time_order import session_starts
from dronecheck.readers.common.records import Records

__all__ = [
    "ClockStretch", "Satellites", "Starts", "TimeMapping", "facts_of", "fitted", "one_axis", "power_up_ns",
    "satellite_mapping", "starts_of",
]  # fmt: skip

LATEST_US = 4_102_444_800_000_000  # no time since a start is as large, nor any UTC: such figures stay what they are
STEP_US = 2_000_000  # satellite time so far out of line is none
UNEVEN_US = 500_000  # and a stamp of the autopilot's so far from those beside it is no support
RATE_APART = 0.2  # of two clocks that both run
STEEPEST = 3.0  # times the rate of the stretch: between two stamps that were written late
BESIDE = 11  # records that tell what is in line
LONG_ENOUGH_US, ENOUGH = 10_000_000, 10  # for a rate
PROVES = 3  # records of a date that can be, among others of dates that cannot
REFINED, TRIES = 3, 20
BEHIND_US = 1_000_000
SIGMA_AT_LEAST_S = 0.1  # from the satellite epoch to the time stamp on board


@dataclass(frozen=True, slots=True)
class ClockStretch:
    """One start of the clock: `boot_us` and `utc_us`, shape (k,), ascend; `rate` is that beyond them."""

    boot_us: Ints
    utc_us: Ints
    rate: float = 1.0

    def utc(self, boot_us: Ints) -> Ints:
        """Return UTC (us) at times since the start, shape (n,); exact at the stretch's own."""
        last = len(self.boot_us) - 1
        after = np.searchsorted(self.boot_us, boot_us, "right")
        base = np.clip(after - 1, 0, last)
        rates = np.full(last + 2, self.rate)  # before the first, between each two, behind the last
        rates[1:-1] = np.diff(self.utc_us) / np.maximum(np.diff(self.boot_us), 1)
        since: Ints = boot_us - self.boot_us[base]
        more: Ints = np.rint(since * (rates[after] - 1.0)).astype(np.int64)
        return self.utc_us[base] + since + more


@dataclass(frozen=True, slots=True)
class TimeMapping:
    """The stretches of a log's clock; stretch i has the records from offset `starts[i]` on, shape (k,), ascending."""

    starts: Ints
    stretches: tuple[ClockStretch, ...]
    facts: ClockMapping
    is_assumed: bool = False  # a stretch states no satellite time at all
    is_utc: bool = True  # else times on one axis, of starts whose distance nobody knows

    def at(self, boot_us: Ints, index: Ints | NDArray[np.intp]) -> Ints:
        """Return UTC (us) of times since boot in these stretches, both (n,); what can be no time stays as it is."""
        utc_us = boot_us.copy()
        order = np.argsort(index, kind="stable")
        borders = np.searchsorted(index[order], np.arange(len(self.stretches) + 1, dtype=np.int64))
        for number in np.flatnonzero(np.diff(borders)).tolist():
            rows = order[borders[number] : borders[number + 1]]
            rows = rows[(boot_us[rows] >= 0) & (boot_us[rows] < LATEST_US)]
            utc_us[rows] = self.stretches[number].utc(boot_us[rows])
        return utc_us

    def index(self, offset: Ints) -> NDArray[np.intp]:
        """Return the stretch of each record, shape (n,)."""
        return np.maximum(np.searchsorted(self.starts, offset, "right") - 1, 0)

    def of(self, rows: Records) -> Ints:
        """Return UTC (us) of records, by their time since boot."""
        return self.at(rows.time_us, self.index(rows.offset))

    def of_fixes(self, rows: Records, satellite_us: Ints, name: str) -> Ints:
        """Return UTC (us) of fixes in file order: what each states itself, else as `of`.

        `satellite_us`, shape (n,), 0 where none is stated. A stated time counts where the clock agrees, and else
        where it stands evenly between those before and behind it: then the clock's stamp is what is wrong.
        """
        mapped_us = self.of(rows)
        new = can_be(satellite_us, name, US) & _is_new(satellite_us)
        own = new & (np.abs(satellite_us - mapped_us) <= UNEVEN_US)
        own |= new & ~own & _even(satellite_us, own, self.index(rows.offset))
        return np.where(own, satellite_us, mapped_us)


def _is_new(utc_us: Ints) -> Bools:
    """Tell which times, shape (n,), differ from the one before; of the first, which may be stale, from the next."""
    new = np.diff(utc_us, prepend=0) != 0
    if len(new) > 1:
        new[0] = new[1]
    return np.asarray(new, dtype=np.bool_)


def _even(times: Ints, own: Bools, stretch: NDArray[np.intp]) -> Bools:
    """Tell which times, shape (n,), stand between those of the nearest `own` rows no farther than usual."""
    rows = np.arange(len(times), dtype=np.int64)
    if int(own.sum()) < PROVES:
        return np.zeros(len(times), dtype=np.bool_)
    usual = float(np.median(np.diff(times[own])))
    before = np.maximum.accumulate(np.where(own, rows, -1))
    behind = np.minimum.accumulate(np.where(own, rows, len(rows))[::-1])[::-1]
    even = np.ones(len(times), dtype=np.bool_)
    found = np.zeros(len(times), dtype=np.bool_)
    for other, sign in ((before, 1), (behind, -1)):
        is_there = (other >= 0) & (other < len(rows))
        other = np.clip(other, 0, len(rows) - 1)
        is_there &= stretch[other] == stretch
        ahead = (times - times[other]) * sign
        even &= ~is_there | ((ahead > 0) & (ahead <= 1.5 * usual * np.abs(rows - other)))
        found |= is_there
    return even & found


# ---- where the clock starts anew


@dataclass(frozen=True, slots=True)
class Starts:
    """The starts of a log's clock, shape (k,): the offset of the first record of each (the first 0) and its time."""

    offset: Ints
    boot_us: Ints

    @classmethod
    def one(cls) -> Starts:
        """Return the one start that every log has."""
        return cls(np.zeros(1, np.int64), np.zeros(1, np.int64))

    def index(self, offset: Ints) -> NDArray[np.intp]:
        """Return the start that each record counts from, shape (n,)."""
        return np.maximum(np.searchsorted(self.offset, offset, "right") - 1, 0)


def starts_of(tables: Iterable[Records], log: Account) -> Starts:
    """Return where the clock starts anew: where the time of a kind of record goes back, for all kinds at once.

    That is noted: what follows is another flight.
    """
    kinds = [rows for rows in tables if len(rows)]
    found = [_restarts(rows) for rows in kinds]  # up to and including the second offset, and the time there
    offset, boot_us = [0], [0]
    for last, first, time_us in sorted((restart for one in found for restart in one), key=lambda restart: restart[1]):
        if last < offset[-1]:  # another kind of record has told of it
            continue
        told = sum(any(a < first and b > last for a, b, _ in one) for one in found)
        denied = sum(
            not any(a < first and b > last for a, b, _ in one) and _goes_on(rows, last, first)
            for rows, one in zip(kinds, found, strict=True)
        )
        if told >= denied:  # else the times of that kind are damaged
            offset.append(first)
            boot_us.append(time_us)
    if len(offset) > 1:
        text = Message("the autopilot's clock starts again: several flights, each judged on its own")
        log.note(Code.CLOCK_RESTARTS, Severity.WARNING, text, offset[1], len(offset) - 1)
    return Starts(np.array(offset, np.int64), np.array(boot_us, np.int64))


def _restarts(rows: Records) -> list[tuple[int, int, int]]:
    """Return for each restart the last offset before it, the first behind it and the time there."""
    order = np.argsort(rows.offset, kind="stable")
    order = order[(rows.time_us[order] >= 0) & (rows.time_us[order] < LATEST_US)]
    offset, time_us = rows.offset[order], rows.time_us[order]
    first = np.searchsorted(offset, session_starts(offset, time_us * 1000)[1:])
    return list(zip(offset[first - 1].tolist(), offset[first].tolist(), time_us[first].tolist(), strict=True))


def _goes_on(rows: Records, last: int, first: int) -> bool:
    """Tell whether there are records of a kind on both sides of a supposed restart, whose times do not go back."""
    before, behind = int(np.sum(rows.offset <= last)), int(np.sum(rows.offset >= first))
    return min(before, behind) >= PROVES


def one_axis(starts: Starts, tables: Iterable[Records]) -> TimeMapping | None:
    """Return a mapping without UTC: the times of each start count on from those before; None for a single start."""
    count = len(starts.offset)
    if count < 2:
        return None
    last_us = np.zeros(count, np.int64)
    for rows in tables:
        usable = (rows.time_us >= 0) & (rows.time_us < LATEST_US)
        np.maximum.at(last_us, starts.index(rows.offset[usable]), rows.time_us[usable])
    add_us = np.concatenate([[0], np.cumsum(last_us[:-1] + BEHIND_US)])
    stretches = tuple(ClockStretch(np.zeros(1, np.int64), np.array([at], np.int64)) for at in add_us.tolist())
    return TimeMapping(starts.offset, stretches, ClockMapping(0.0, 0.0, 0.0), is_utc=False)


def power_up_ns(mapping: TimeMapping | None) -> int:
    """Return when the clock of a log's first start was 0 (ns), in the time base of its mapping."""
    return 0 if mapping is None else int(mapping.stretches[0].utc(np.zeros(1, np.int64))[0]) * 1000


# ---- one stretch


@dataclass(frozen=True, slots=True)
class Satellites:
    """What the stating records of one stretch make of its clock; `in_line`, shape (n,), says which of all they are."""

    stretch: ClockStretch
    in_line: Bools
    residual_us: Floats  # of those of them that state a new time, against a clock of one rate
    at_zero_us: int  # UTC where the clock was 0, were its rate that of the stretch all along


def fitted(boot_us: Ints, utc_us: Ints) -> Satellites:
    """Return the stretch that pairs of the two clocks make, in file order, shape (n,), n > 0."""
    new = _is_new(utc_us)
    new |= ~new.any()
    support = np.flatnonzero(new)[_longest_run(boot_us[new], utc_us[new])]
    for _ in range(REFINED):
        rate, base = _line(boot_us[support], utc_us[support])
        away_us = _away(boot_us, utc_us, rate, base)
        in_line = np.abs(away_us) <= max(STEP_US, float(np.abs(away_us[new]).min()))
        support = np.flatnonzero(in_line & new)
    knots = _knots(boot_us, utc_us, away_us, support, rate)
    at_zero_us = base[1] - base[0] - round(base[0] * (rate - 1.0))
    return Satellites(ClockStretch(boot_us[knots], utc_us[knots], rate), in_line, away_us[support], at_zero_us)


def _away(boot_us: Ints, utc_us: Ints, rate: float, base: tuple[int, int]) -> Floats:
    since: Ints = boot_us - base[0]
    away_us: Floats = (utc_us - base[1] - since) - since * (rate - 1.0)
    return away_us


def _longest_run(boot_us: Ints, utc_us: Ints) -> Bools:
    """Return the longest run in which both clocks go on alike."""
    boot_step, utc_step = np.diff(boot_us), np.diff(utc_us)
    parted = np.abs(utc_step - boot_step) > UNEVEN_US + RATE_APART * np.abs(boot_step)
    run = np.append(0, np.cumsum(parted))
    return np.asarray(run == np.argmax(bincount(run)), dtype=np.bool_)


def _line(boot_us: Ints, utc_us: Ints) -> tuple[float, tuple[int, int]]:
    """Return the rate, and a pair of times on the line; medians, which no stray moves."""
    middle = len(boot_us) // 2
    base = int(np.sort(boot_us)[middle])
    apart_us = utc_us - boot_us
    rate = 1.0
    if len(boot_us) >= ENOUGH and int(boot_us.max() - boot_us.min()) >= LONG_ENOUGH_US:
        span = boot_us[middle:] - boot_us[: len(boot_us) - middle]
        growth = apart_us[middle:] - apart_us[: len(boot_us) - middle]
        rate += float(np.median(growth[span > 0] / span[span > 0])) if (span > 0).any() else 0.0
    level = apart_us - np.rint((boot_us - base) * (rate - 1.0)).astype(np.int64)
    # a value that occurs, not a mean of two: the same rows give the same time to the microsecond
    return rate, (base, base + int(np.sort(level)[(len(level) - 1) // 2]))


def _knots(boot_us: Ints, utc_us: Ints, away_us: Floats, rows: NDArray[np.intp], rate: float) -> NDArray[np.intp]:
    """Return which of the rows to be exact at: in line with those beside them, both clocks ascending."""
    first_row = rows[:1]
    width = min(BESIDE, len(rows))
    first = np.clip(np.arange(len(rows), dtype=np.int64) - width // 2, 0, len(rows) - width)
    beside = away_us[rows][first[:, None] + np.arange(width, dtype=np.int64)]
    rows = rows[np.abs(away_us[rows] - np.median(beside, axis=1)) <= UNEVEN_US]
    for clock in (utc_us, boot_us):
        so_far = np.maximum.accumulate(clock[rows])
        rows = rows[np.append(True, clock[rows][1:] > so_far[:-1])[: len(rows)]]
    for _ in range(TRIES):
        slopes = np.diff(utc_us[rows]) / np.diff(boot_us[rows])
        odd = np.append(False, (slopes > STEEPEST * rate) | (slopes < rate / STEEPEST))[: len(rows)]
        odd[1:] &= ~odd[:-1]
        if not odd.any():
            break
        rows = rows[~odd]
    return rows if len(rows) else first_row


# ---- a log


def satellite_mapping(
    log: Account, rows: Records, satellite_us: Ints, starts: Starts, name: str, positions: Iterable[Records] = ()
) -> tuple[TimeMapping, float] | None:
    """Return the mapping of a log's clock by its fixes in file order, and the sigma of that (s).

    `satellite_us`, shape (n,), is UTC at each fix's time since boot by the satellites, 0 where unknown; `positions` are
    the records that need a time. None where no date can be. Notes dates that cannot be, steps of satellite time,
    stamps that are wrong, and positions after a start without any satellite time.
    """
    stated = (satellite_us > 0) & (rows.time_us >= 0) & (rows.time_us < LATEST_US)
    good = stated & can_be(satellite_us, name, US)
    bad = stated & ~good
    proven = int(good.sum()) >= min(PROVES, int(bad.sum()) + 1)
    if bad.any():
        _say_impossible(log, rows.offset[bad], int(satellite_us[bad][0]), proven)
    if not proven:
        return None
    index = starts.index(rows.offset)
    found: dict[int, Satellites] = {}
    for number in np.unique(index[good]).tolist():
        mine = np.flatnonzero(good & (index == number))
        found[number] = fitted(rows.time_us[mine], satellite_us[mine])
    adrift = _adrift(log, starts, found, positions)
    stretches = _all_stretches(starts, {number: one.stretch for number, one in found.items()})
    mapping = TimeMapping(starts.offset, stretches, facts_of(found.values()), adrift)
    _say_steps(log, rows.pick(good), satellite_us[good], mapping, name)
    return mapping, max(SIGMA_AT_LEAST_S, mapping.facts.residual_s)


def facts_of(found: Iterable[Satellites]) -> ClockMapping:
    """Return offset and rate of the stretch with most records, and the residual of all."""
    parts = list(found)
    largest = max(parts, key=lambda one: len(one.residual_us))
    residual_us = float(np.percentile(np.abs(np.concatenate([one.residual_us for one in parts])), 68.3))
    return ClockMapping(
        round(largest.at_zero_us / US, 6), round((largest.stretch.rate - 1.0) * 1e6, 1), round(residual_us / US, 6)
    )


def _adrift(log: Account, starts: Starts, found: Mapping[int, Satellites], positions: Iterable[Records]) -> bool:
    """Tell whether positions come after a start of the clock without any satellite time; notes them."""
    for rows in positions:
        lost = ~np.isin(starts.index(rows.offset), list(found))
        if int(lost.sum()) >= PROVES:
            text = Message(
                "the autopilot's clock starts anew without satellite time: {count} rows of {table} follow what was "
                "before, their UTC is not known",
                count=int(lost.sum()),
                table=rows.name,
            )
            log.note(Code.CLOCK_DAMAGED, Severity.WARNING, text, int(rows.offset[lost][0]), int(lost.sum()))
            return True
    return False


def _all_stretches(starts: Starts, found: Mapping[int, ClockStretch]) -> tuple[ClockStretch, ...]:
    """Return a stretch for each start; one without satellite time follows the one before it, or is like the next."""
    stretches: list[ClockStretch] = []
    before = found[min(found)]
    for number in range(len(starts.offset)):
        if number in found:
            before = found[number]
        elif number > min(found) and int(starts.boot_us[number]) < int(before.boot_us[-1]):
            follows_us = before.utc_us[-1:] + BEHIND_US
            before = ClockStretch(starts.boot_us[number : number + 1], follows_us)
        stretches.append(before)
    return tuple(stretches)


def _say_impossible(log: Account, offset: Ints, utc_us: int, proven: bool) -> None:
    date = date_of(utc_us, US)
    text = Message(
        "the satellite date {date} cannot be right (not set, or a GPS week roll-over); no date is used", date=date
    )
    if proven:
        text = Message(
            "{count} fixes state the date {date}, which cannot be right; the dates of the others are used",
            count=len(offset),
            date=date,
        )
    log.note(Code.CLOCK_DAMAGED, Severity.WARNING, text, int(offset[0]), len(offset))


def _say_steps(log: Account, rows: Records, satellite_us: Ints, mapping: TimeMapping, name: str) -> None:
    """Note satellite times that step out of line, and stamps of the autopilot that do."""
    mapped_us = mapping.of(rows)
    away_us = np.abs(satellite_us - mapped_us)
    own = mapping.of_fixes(rows, satellite_us, name) == satellite_us
    steps, late = _is_new(satellite_us) & ~own & (away_us > UNEVEN_US), own & (away_us > UNEVEN_US)
    if steps.any():
        text = Message(
            "satellite time steps by up to {far_s:,.1f} s against the autopilot's clock ({count} fixes)",
            far_s=float(away_us[steps].max()) / 1e6,
            count=int(steps.sum()),
        )
        log.note(Code.CLOCK_DAMAGED, Severity.WARNING, text, int(rows.offset[steps][0]), int(steps.sum()))
    if late.any():
        text = Message(
            "the autopilot's clock is up to {far_s:,.1f} s off at {count} fixes; they have the time that they state",
            far_s=float(away_us[late].max()) / 1e6,
            count=int(late.sum()),
        )
        log.note(Code.CLOCK_DAMAGED, Severity.WARNING, text, int(rows.offset[late][0]), int(late.sum()))
