"""TIM-2: the clocks of one log against each other: satellite time, the autopilot's since it was switched on, a host's.

A quartz runs within 100 millionths; a receiver's time and the autopilot's keep their distance to some hundredths of a
second in all real logs at hand, but for single fixes and the first seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.evidence.consistency.clock.dates import file_name_date, tells_date
from dronecheck.evidence.consistency.motion.way import quantile
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import Concern, Flight, Statement, Weight, Witness
from dronecheck.messages import Message

__all__ = ["clocks", "has_clocks"]

ID = "TIM-2"
FORMATS = ("ulog", "dataflash", "tlog", "dji_dat", "csv")
LEAST_ROWS, LEAST_S = 20, 60.0
LEAST_STEP_S = 1e-6  # that a clock of microseconds can tell
SLOPE, SLOPE_GRAVE = 100e-6, 0.01
SETTLES_S, DRIFT_S = 0.5, 2.0
STEP_S, HOST_STEP_S, STEP_GRAVE_S = 1.0, 5.0, 20.0
FIRST_S, FORWARD_S = 30.0, 3.0
OVERTAKEN_S = 3.0
WEEK_S, SAME_S = 604_800.0, 20.0
MOST_COARSE_S = 60.0
ABOUT = 2  # rows on each side that a step must outlast
PAIRS = (("boot_s", "gnss_utc_s"), ("boot_s", "host_utc_s"), ("gnss_utc_s", "host_utc_s"))
NAMES = {
    "boot_s": Message("the autopilot's clock"),
    "gnss_utc_s": Message("satellite time"),
    "host_utc_s": Message("the ground station's clock"),
}
HOST = "host_utc_s"


@dataclass(frozen=True, slots=True)
class _Clocks:
    """Two clocks read at the same instants, (n,), in the order of the file."""

    names: tuple[str, str]
    one_s: Floats
    other_s: Floats
    offset: Ints

    @property
    def has_host(self) -> bool:
        return HOST in self.names

    @property
    def coarse_s(self) -> float:
        """Return how far stamps may be off because they tell whole seconds or minutes only."""
        each = (np.abs(np.diff(clock_s)) for clock_s in (self.one_s, self.other_s))
        return 2.0 * max(float(np.min(steps_s, where=steps_s > 1e-6, initial=MOST_COARSE_S)) for steps_s in each)


def has_clocks(flight: Flight) -> bool:
    """Tell whether logs of this format may hold two clocks, or whether this file's name tells a date."""
    return flight.source.format in FORMATS or tells_date(flight.source.path.name)


def clocks(flight: Flight) -> tuple[Statement, ...] | None:
    """Hold the clocks of a log against each other, and its date against that in the file's name (TIM-2)."""
    read = [pair for witness in flight.witnesses if witness.name == "clocks" for pair in _pairs(witness)]
    found = [statement for pair in read for statement in (*_slope(pair), *_steps(pair))]
    dated = file_name_date(flight)
    return tuple(found) + (dated or ()) if read or dated is not None else None


def _pairs(witness: Witness) -> Iterator[_Clocks]:
    for names in PAIRS:
        if witness.has(*names):
            one_s, other_s = (witness.column(name) for name in names)
            known = (np.abs(one_s) < 1e11) & (np.abs(other_s) < 1e11)
            if int(known.sum()) >= LEAST_ROWS:
                yield _Clocks(names, one_s[known], other_s[known], witness.offset[known])


def _rate(pair: _Clocks) -> float:
    """Return how many seconds the second clock runs in one of the first, by the median over fifths of the log; NaN."""
    apart = len(pair.one_s) // 5
    one_s, other_s = pair.one_s[apart:] - pair.one_s[:-apart], pair.other_s[apart:] - pair.other_s[:-apart]
    ahead = one_s >= LEAST_STEP_S
    return quantile(other_s[ahead] / one_s[ahead], 0.5) if bool(ahead.any()) else float("nan")


def _slope(pair: _Clocks) -> Iterator[Statement]:
    # of nine tenths of the records: the first may have waited for minutes before it was sent
    lasts_s = min(quantile(clock_s, 0.95) - quantile(clock_s, 0.05) for clock_s in (pair.one_s, pair.other_s))
    off = _rate(pair) - 1
    settles_s = (DRIFT_S if pair.has_host else SETTLES_S) + pair.coarse_s
    if lasts_s < LEAST_S or not abs(off) > SLOPE + settles_s / max(lasts_s, 1.0) or not _runs_on(pair):
        return
    drift_s = abs(off) * lasts_s
    is_grave = abs(off) > SLOPE_GRAVE and drift_s > DRIFT_S and not pair.has_host
    observed = Message(
        "{other} runs {ppm:+,.0f} millionths against {one}: {drift_s:.1f} s over {lasts_s}",
        one=NAMES[pair.names[0]],
        other=NAMES[pair.names[1]],
        ppm=off * 1e6,
        drift_s=drift_s,
        lasts_s=lasts_s,
    )
    yield Statement(
        ID, Weight.CONTRADICTION if is_grave else Weight.NOTICE, Concern.TIME, observed,
        Message("clocks that run alike"),
        Message("100 millionths and {settles_s:g} s", settles_s=settles_s),
        (Message("a clock that was being set while the log ran"), Message("times rounded or stamped late")),
        records=(int(pair.offset[0]),),
    )  # fmt: skip


def _runs_on(pair: _Clocks) -> bool:
    """Tell whether neither clock starts again: a step is no slope, but messages may overtake each other."""
    return all(
        bool((np.maximum.accumulate(clock_s) - clock_s <= OVERTAKEN_S).all()) for clock_s in (pair.one_s, pair.other_s)
    )


def _steps(pair: _Clocks) -> Iterator[Statement]:
    rate = _rate(pair)
    is_slope = np.isfinite(rate) and abs(rate - 1) < 0.5
    apart_s = (pair.other_s - pair.other_s[0]) - (rate if is_slope else 1.0) * (pair.one_s - pair.one_s[0])
    limit_s = (HOST_STEP_S if pair.has_host else STEP_S) + pair.coarse_s
    step_s, rows = _lasting_steps(apart_s, limit_s)
    starts_again = np.flatnonzero(np.diff(pair.one_s) < 0) + 1
    keep = np.array([not bool((np.abs(starts_again - row) <= ABOUT).any()) for row in rows.tolist()], np.bool_)
    step_s, rows = step_s[keep], rows[keep]
    if not len(rows):
        return
    weight = max((_weight(pair, float(s), int(r)) for s, r in zip(step_s, rows, strict=True)), key=list(Weight).index)
    largest = int(np.argmax(np.abs(step_s)))
    observed = Message(
        "{other} steps by {step_s:+,.1f} s against {one} (steps: {count})",
        one=NAMES[pair.names[0]],
        other=NAMES[pair.names[1]],
        step_s=float(step_s[largest]),
        count=len(rows),
    )
    yield Statement(
        ID, weight, Concern.TIME, observed,
        Message("clocks that keep their distance"),
        Message("{limit_s:g} s", limit_s=limit_s),
        (
            Message("a receiver that learned of leap seconds, or of its week"),
            Message("a ground station whose clock was set"),
            Message("records that were held up on their way"),
        ),
        records=tuple(pair.offset[rows[:RECORDS_AT_MOST]].tolist()),
        spans=(_from(pair, int(rows[0])),),
    )  # fmt: skip


def _from(pair: _Clocks, row: int) -> tuple[int, int]:
    """Return the stretch of the file from a row on."""
    return int(pair.offset[row:].min()), int(pair.offset[row:].max())


def _weight(pair: _Clocks, step_s: float, row: int) -> Weight:
    weeks_s = abs(step_s) % WEEK_S
    is_weeks = abs(step_s) > WEEK_S / 2 and min(weeks_s, WEEK_S - weeks_s) < SAME_S
    is_first = pair.one_s[row] - pair.one_s[0] < FIRST_S
    # what a receiver learns at first sets its time back (leap seconds), or by little
    if is_weeks or (is_first and (pair.has_host or not FORWARD_S <= step_s < WEEK_S / 2)):
        return Weight.INFO
    if is_first:
        return Weight.NOTICE
    return Weight.CONTRADICTION if abs(step_s) > STEP_GRAVE_S and not pair.has_host else Weight.NOTICE


def _lasting_steps(values: Floats, least: float) -> tuple[Floats, Ints]:
    """Return steps of more than `least` that last, and the row after each; both (k,)."""
    if len(values) < 2 * ABOUT + 2:
        return np.empty(0), np.empty(0, np.int64)
    middle = np.sort(np.stack([values[i : len(values) - 2 * ABOUT + i] for i in range(2 * ABOUT + 1)]), axis=0)[ABOUT]
    lasting = middle[1:] - middle[:-1]
    # what a running median keeps of a step, it keeps whole and where it is; a single odd value leaves no trace
    rows = np.flatnonzero(np.abs(lasting) > least)
    return lasting[rows], rows.astype(np.int64) + ABOUT + 1
