"""The order of a log's fixes and the times that they can be given: no fix is left out for its time.

    a time that                                     becomes
    is missing, or no date at all                   a fix without a time, where the file has it
    lies far from two neighbours that agree         the same: it is damaged
    goes back a little (messages that overtook)     its place by time
    goes back far, and goes on from there           a new part: another start of the clock, another film, a copy
    stands for several fixes (whole seconds)        spread evenly until the next time
    stands still for longer                         fixes without a time
    is the one before with the position before      the same fix, merged

Fixes without a time hold a place between their neighbours: it orders them and says nothing else (`Track.is_timed`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.geo.plane import step_lengths_m
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["UNTIMED", "FixOrder", "in_order", "session_starts", "signal_lost"]


UNTIMED = int(np.iinfo(np.int64).min)
SATELLITES_FOR_A_FIX = 6
OVERTAKEN_NS = 5_000_000_000  # messages overtake one another on the way; more than that is another clock
STRAY_NS = 10_000_000_000
FEW = 2  # so many fixes at other times are damaged, not a part of their own
MOST_PARTS = 200  # beyond that the times say nothing
SECOND_NS = 1_000_000_000
COARSE_STEPS = 2  # of the usual step: a time that stands for several fixes is followed by the next so soon
ROWS_A_SECOND = 50  # at most, that have a fix of their own
CADENCE_AT_LEAST_NS = 100_000_000
BETWEEN_MPS = 15.0  # fixes without a time are set as far apart as an aircraft takes at this speed


def signal_lost(level: Floats, satellites: Floats | None, lat_deg: Floats, lon_deg: Floats) -> Bools:
    """Return the rows at DJI's signal level 0 before the first signal, or that repeat the position while it is lost."""
    lost = level == 0
    if satellites is not None:
        lost &= ~(satellites >= SATELLITES_FOR_A_FIX)  # enough satellites and level 0: the level was not filled in
    before_first = ~np.logical_or.accumulate(level > 0)
    repeated = np.zeros(len(level), dtype=np.bool_)
    repeated[1:] = (lat_deg[1:] == lat_deg[:-1]) & (lon_deg[1:] == lon_deg[:-1])
    return np.asarray(lost & (before_first | repeated), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class FixOrder:
    """Fixes in the order flown, columns of shape (n,): their `rows`, and what `Track` needs of their times."""

    rows: Ints
    time_ns: Ints
    is_timed: Bools
    part: Ints

    def where(self, keep: Bools) -> FixOrder:
        """Return some of the fixes."""
        return FixOrder(self.rows[keep], self.time_ns[keep], self.is_timed[keep], self.part[keep])


def in_order(
    rows: Ints,
    time_ns: Ints,
    place: tuple[Floats, Floats],
    offset: Ints,
    *,
    name: str = "",
    session: Ints | None = None,
) -> tuple[FixOrder, list[Issue]]:
    """Return the fixes `rows`, shape (m,), in order, with notes; the columns are those of the file, shape (n,).

    `time_ns` is UNTIMED where a row has no time; `place` is latitude and longitude in degrees; `name` that of the
    table; `session` counts the starts of the clock where the log tells them, ascending in the file.
    """
    notes = _OrderNotes(offset, name, [])
    times = time_ns[rows]
    is_timed = times != UNTIMED
    is_quick = bool(is_timed.all()) and bool((np.diff(times) > 0).all())
    part = np.zeros(len(rows), np.int64) if session is None else session[rows]
    if is_quick:
        return FixOrder(rows, times, is_timed, part), []
    notes.untimed(rows[~is_timed])
    is_odd = _strays(times, is_timed)
    if session is None:
        part, is_few = _parts(times, is_timed & ~is_odd)
        is_odd |= is_few
        notes.restarts(rows[np.flatnonzero(np.diff(part)) + 1])
    notes.damaged(rows[is_odd])
    is_timed &= ~is_odd
    order = _by_time(times, is_timed, part)
    notes.overtaken(rows[order], times[order], is_timed[order], part[order])
    rows, times, is_timed, part = rows[order], times[order], is_timed[order], part[order]
    is_again, is_same = _repeats(rows, times, is_timed, part, place)
    times, is_frozen = _spread(times, is_again, is_timed, part)
    notes.frozen(rows[is_frozen])
    is_same &= ~is_frozen
    notes.merged(rows[is_same])
    keep = ~is_same
    rows, times, is_timed, part = rows[keep], times[keep], is_timed[keep] & ~is_frozen[keep], part[keep]
    return FixOrder(rows, _placed(times, is_timed, part, rows, place), is_timed, part), notes.issues


def session_starts(offset: Ints, time_ns: Ints) -> Ints:
    """Return the offsets at which a log's clock starts again, 0 first; of columns (n,) of records that have one clock.

    For logs whose records of many kinds share one clock: what is near in time must be of the same start of it.
    """
    order = np.argsort(offset, kind="stable")
    times = time_ns[order]
    is_timed = times != UNTIMED
    part, _ = _parts(times, is_timed & ~_strays(times, is_timed))
    return np.concatenate([[0], offset[order][np.flatnonzero(np.diff(part)) + 1]]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _OrderNotes:
    offset: Ints
    name: str
    issues: list[Issue]

    def _note(self, code: Code, severity: Severity, text: Message, rows: Ints) -> None:
        if len(rows):
            said = Message("{name}: {text}", name=self.name, text=text) if self.name else text
            self.issues.append(Issue(code, severity, said, int(self.offset[rows].min()), len(rows)))

    def untimed(self, rows: Ints) -> None:
        text = Message("fixes without a readable time; kept in the order of the file, at no known instant")
        self._note(Code.CLOCK_DAMAGED, Severity.DAMAGE, text, rows)

    def damaged(self, rows: Ints) -> None:
        text = Message("fixes whose times fit neither those before nor those after; kept, at no known instant")
        self._note(Code.CLOCK_DAMAGED, Severity.DAMAGE, text, rows)

    def restarts(self, rows: Ints) -> None:
        text = Message("the times start again: another flight, film or copy; each part is judged on its own")
        self._note(Code.CLOCK_RESTARTS, Severity.WARNING, text, rows)

    def overtaken(self, rows: Ints, times: Ints, is_timed: Bools, part: Ints) -> None:
        timed = np.flatnonzero(is_timed)
        # after the sort: a row that stood behind a later one in the file
        late = timed[1:][(np.diff(self.offset[rows[timed]]) < 0) & (np.diff(part[timed]) == 0)]
        text = Message("the times go back a little; sorted by time")
        # packets overtake one another on their way; the lines of a text do not
        self._note(Code.OUT_OF_ORDER, Severity.INFO if self.name else Severity.WARNING, text, rows[late])

    def merged(self, rows: Ints) -> None:
        text = Message("fixes that repeat time and position of the one before, merged")
        self._note(Code.REPEATED_POSITION, Severity.INFO, text, rows)

    def frozen(self, rows: Ints) -> None:
        text = Message("the clock stands still while the position moves; these fixes are kept, at no known instant")
        self._note(Code.CLOCK_DAMAGED, Severity.WARNING, text, rows)


def _strays(times: Ints, is_timed: Bools) -> Bools:
    """Tell which single times lie far from both neighbours, who agree (a gap or a restart has no such pair)."""
    found = np.zeros(len(times), dtype=np.bool_)
    timed = np.flatnonzero(is_timed)
    if len(timed) > 2:
        known = times[timed]
        before, here, after = known[:-2], known[1:-1], known[2:]
        alone = (_apart(here, before) > STRAY_NS) & (_apart(here, after) > STRAY_NS)
        found[timed[1:-1][alone & (_apart(after, before) < STRAY_NS)]] = True
    return found


def _apart(one: Ints, other: Ints) -> Floats:
    """Return how far two times are apart (ns), as floats: damaged ones may be further than integers reach."""
    return np.abs(one.astype(np.float64) - other.astype(np.float64))


def _parts(times: Ints, is_timed: Bools) -> tuple[Ints, Bools]:
    """Return the part of each row, and which rows are too few to be one; those have no time of their own."""
    is_few = np.zeros(len(times), dtype=np.bool_)
    for _ in range(3):  # without a few, what follows may go on where the part before ended
        timed = np.flatnonzero(is_timed & ~is_few)
        back = np.flatnonzero(times[timed[1:]] < _highest(times[timed])[:-1] - OVERTAKEN_NS) + 1
        back = back[times[timed[back]] < times[timed[back - 1]]] if len(back) else back
        edges = np.concatenate([[0], back, [len(timed)]])
        sizes = np.diff(edges)
        short = np.flatnonzero((sizes <= FEW) & (sizes < sizes.max())) if len(back) else np.zeros(0, np.int64)
        if not len(short):
            break
        for segment in short.tolist():
            is_few[timed[edges[segment] : edges[segment + 1]]] = True
    if len(back) >= MOST_PARTS:
        return np.zeros(len(times), np.int64), np.full(len(times), True) & is_timed
    starts = np.zeros(len(times), np.int64)
    starts[timed[back]] = 1
    return np.cumsum(starts), is_few


def _highest(times: Ints) -> Ints:
    """Return the latest time of the stretch so far; a stretch ends where times go back far."""
    if not len(times):
        return times
    back = np.flatnonzero(np.diff(times) < -OVERTAKEN_NS) + 1
    pieces = np.split(times, back)
    return np.concatenate([np.maximum.accumulate(piece) for piece in pieces])


def _by_time(times: Ints, is_timed: Bools, part: Ints) -> Ints:
    """Return the order by part and time; a row without a time stays behind the one before it in the file."""
    first = np.flatnonzero(is_timed)
    if not len(first):
        return np.arange(len(times), dtype=np.int64)
    last_timed = np.maximum.accumulate(np.where(is_timed, np.arange(len(times), dtype=np.int64), -1))
    key = times[np.maximum(last_timed, first[0])]
    return np.asarray(np.lexsort((np.arange(len(times), dtype=np.int64), key, part)), dtype=np.int64)


def _repeats(rows: Ints, times: Ints, is_timed: Bools, part: Ints, place: tuple[Floats, Floats]) -> tuple[Bools, Bools]:
    """Tell which rows have the time of the last row with a time, and which of them its position as well."""
    is_again, is_same = np.zeros(len(rows), dtype=np.bool_), np.zeros(len(rows), dtype=np.bool_)
    timed = np.flatnonzero(is_timed)
    again = (np.diff(times[timed]) == 0) & (np.diff(part[timed]) == 0)
    same = again.copy()
    for axis in place:
        same &= np.diff(axis[rows[timed]]) == 0
    is_again[timed[1:]], is_same[timed[1:]] = again, same
    return is_again, is_same


def _spread(times: Ints, is_again: Bools, is_timed: Bools, part: Ints) -> tuple[Ints, Bools]:
    """Return the times with those of several fixes spread until the next, and which fixes a frozen clock has."""
    is_frozen = np.zeros(len(times), dtype=np.bool_)
    if not is_again.any():
        return times, is_frozen
    times = times.copy()
    timed = np.flatnonzero(is_timed)
    starts = timed[~is_again[timed]]  # the first fix of each time
    begins = np.searchsorted(timed, starts)
    counts = np.diff(np.append(begins, len(timed)))
    following = np.append(starts[1:], -1)
    steps = np.where((following >= 0) & (part[following] == part[starts]), times[following] - times[starts], 0)
    usual_ns = _median(steps[steps > 0]) or SECOND_NS
    usual_rows = _median(counts)
    for run in np.flatnonzero(counts > 1).tolist():
        mine, step = timed[begins[run] : begins[run] + counts[run]], int(steps[run])
        is_coarse = 0 < step <= max(COARSE_STEPS * usual_ns, SECOND_NS) and len(mine) <= ROWS_A_SECOND
        if step == 0 and (steps > 0).any() and len(mine) <= COARSE_STEPS * usual_rows:
            is_coarse, step = True, usual_ns
        if is_coarse:
            times[mine] += np.arange(len(mine), dtype=np.int64) * step // len(mine)
        else:
            is_frozen[mine[1:]] = True
    return times, is_frozen


def _placed(times: Ints, is_timed: Bools, part: Ints, rows: Ints, place: tuple[Floats, Floats]) -> Ints:
    """Return times in which rows without one have a place: between their neighbours, or as an aircraft would fly on."""
    if is_timed.all() or not len(times):
        return times
    times = times.copy()
    way_m = step_lengths_m(place[0][rows], place[1][rows])
    known = np.diff(times)[is_timed[1:] & is_timed[:-1] & (np.diff(part) == 0)]
    cadence_ns = max(_median(known) or SECOND_NS, CADENCE_AT_LEAST_NS)
    step_ns = np.maximum(way_m / BETWEEN_MPS * 1e9, cadence_ns).astype(np.int64)
    edges = np.concatenate([[0], np.flatnonzero(np.diff(part)) + 1, [len(times)]])
    for first, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        timed = first + np.flatnonzero(is_timed[first:end])
        if not len(timed):
            times[first:end] = np.concatenate([[0], np.cumsum(step_ns[first : end - 1])])
            continue
        lost = first + np.flatnonzero(~is_timed[first:end])
        times[lost] = np.interp(lost, timed, (times[timed] - times[timed[0]]).astype(np.float64)).astype(np.int64)
        times[lost] += times[timed[0]]
        head, tail = int(timed[0]), int(timed[-1])
        times[first:head] = times[head] - np.cumsum(step_ns[first:head][::-1])[::-1]
        times[tail + 1 : end] = times[tail] + np.cumsum(step_ns[tail : end - 1])
    return times


def _median(values: Ints) -> int:
    return int(np.partition(values, len(values) // 2)[len(values) // 2]) if len(values) else 0
