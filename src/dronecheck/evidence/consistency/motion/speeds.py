"""KIN-1: the way between two fixes against the speed that the log records meanwhile.

Over windows of 1 s (a section moved abruptly) and 10 s (one moved with eased ends) the chord is held against the mean
recorded speed. How an exporter's speed is to be read is found from the whole log first: late or early by up to 2 s,
along the ground or in space, in which unit. On 60 real logs, read so, no window of 1 s departs by more than 3.2 m/s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.evidence.consistency.motion.recorded import Recorded, recorded
from dronecheck.evidence.consistency.motion.way import OddStretch, Way, clusters, quantile

__all__ = ["SpeedDeparture", "SpeedReading", "departures", "reading_of"]

COARSE_S = (0.0, 0.4, -0.4, 0.8, -0.8, 1.2, -1.2, 1.6, -1.6)
FINE_S = (0.1, -0.2, 0.2)  # one after the other, each on from the best so far
CLEARLY = 0.98
CHORD_S = 1.0
LEAST_WINDOWS, MOST_WINDOWS = 20, 500  # of the whole log, to find out how its speed is to be read
CLIPPED_MPS = 5.0
MOVING_MPS, MOVING_WINDOWS = 2.0, 10
SAME_SCALE, NOISE_MPS = 0.1, 0.5
FOLLOWS_MPS, FOLLOWS_SHARE = 1.0, 0.3
NEVER_CHANGES_MPS, NEVER_CHANGES_SHARE = 0.5, 0.7


@dataclass(frozen=True, slots=True)
class SpeedReading:
    """How a recorded speed is to be read, and how well positions follow it then.

    It is `lag_s` late; `scale` is what it must be multiplied with. `usual_mps` is what half of the windows of 1 s
    depart by at most. `never_changes`: the speed stays the same while the aircraft moves differently.
    """

    lag_s: float
    is_3d: bool
    scale: float
    usual_mps: float
    follows: bool
    never_changes: bool

    @property
    def is_usable(self) -> bool:
        """Tell whether positions can be held against this speed."""
        return self.follows and not (self.never_changes and self.scale != 1)


@dataclass(frozen=True, slots=True)
class SpeedDeparture:
    """A stretch whose positions part from the recorded speed: by `apart_mps` over `lasts_s` at its oddest.

    `is_undone`: from its begin to its end the aircraft came as far as was recorded, out and back in `away_s`.
    """

    stretch: OddStretch
    row: int
    own_mps: float
    recorded_mps: float
    lasts_s: float
    sigma_m: float
    is_undone: bool
    away_s: float

    @property
    def apart_m(self) -> float:
        """Return by how many metres the way of the whole stretch differs from what was recorded."""
        return self.stretch.total


def reading_of(way: Way, speeds: Recorded) -> SpeedReading | None:
    """Return how a recorded speed is to be read; None where too little of it can be compared."""
    first, last = way.windows(CHORD_S)
    step = max(1, len(first) // MOST_WINDOWS)
    first, last = first[::step], last[::step]
    if len(first) < LEAST_WINDOWS:
        return None
    chords = [(False, _chord_mps(way, first, last, is_3d=False))]
    if np.isfinite(way.up_m).all():
        chords.append((True, _chord_mps(way, first, last, is_3d=True)))
    best = _best(way, speeds, first, last, chords, 1.0)
    if best is None:
        return None
    scale = _scale(best)
    if scale != 1:  # the delay that fits best was found for speeds in a wrong unit
        best = _best(way, speeds, first, last, chords, scale) or best
    own_mps, mean_mps = best.own_mps, best.mean_mps
    usual_mps = quantile(np.abs(own_mps - mean_mps), 0.5)
    stays = float(np.mean(np.abs(mean_mps - quantile(mean_mps, 0.5)) / scale < NEVER_CHANGES_MPS)) > NEVER_CHANGES_SHARE
    follows = usual_mps <= max(FOLLOWS_MPS, FOLLOWS_SHARE * quantile(own_mps, 0.75))
    if stays and quantile(np.abs(own_mps - mean_mps), 0.9) > MOVING_MPS:
        follows = False  # a speed that is always nought, of an aircraft that flew
    return SpeedReading(best.lag_s, best.is_3d, scale, usual_mps, follows, stays)


@dataclass(frozen=True, slots=True)
class _Trial:
    """One way to read a recorded speed, and what positions and speed then are where both are known, (k,)."""

    cost_mps: float
    lag_s: float
    is_3d: bool
    own_mps: Floats
    mean_mps: Floats


def _best(
    way: Way, speeds: Recorded, first: Ints, last: Ints, chords: list[tuple[bool, Floats]], scale: float
) -> _Trial | None:
    """Return the reading that fits best, of all delays and both kinds of speed; None where nothing can be compared."""
    best: _Trial | None = None
    for lag_s in COARSE_S:
        best = _better(best, way, speeds, first, last, chords, lag_s, scale)
    for lag_s in FINE_S:
        best = _better(best, way, speeds, first, last, chords, best.lag_s + lag_s, scale) if best else None
    return best


def _scale(trial: _Trial) -> float:
    """Return how many times as fast as recorded positions move; 1 where that is within SAME_SCALE, or within noise."""
    own_mps, mean_mps = trial.own_mps, trial.mean_mps
    moving = (mean_mps > MOVING_MPS) & (own_mps > MOVING_MPS / 2)
    moving &= mean_mps >= quantile(mean_mps[moving], 0.5)  # the quicker, the less noise there is in it
    if int(moving.sum()) < MOVING_WINDOWS:
        return 1.0
    ratio = quantile(own_mps[moving] / mean_mps[moving], 0.5)
    least = max(SAME_SCALE, NOISE_MPS / quantile(mean_mps[moving], 0.5))
    return 1.0 if abs(ratio - 1) <= least else ratio


def _better(
    best: _Trial | None,
    way: Way,
    speeds: Recorded,
    first: Ints,
    last: Ints,
    chords: list[tuple[bool, Floats]],
    lag_s: float,
    scale: float,
) -> _Trial | None:
    """Return the better of the best trial so far and those of one lag."""
    mean_mps = scale * speeds.between(way.seconds[first] - lag_s, way.seconds[last] - lag_s)[0]
    known = np.isfinite(mean_mps)
    if int(known.sum()) < LEAST_WINDOWS:
        return best
    for is_3d, own_mps in chords:
        cost_mps = float(np.minimum(np.abs(own_mps - mean_mps)[known], CLIPPED_MPS).mean())
        if best is None or cost_mps < CLEARLY * best.cost_mps:
            best = _Trial(cost_mps, lag_s, is_3d, own_mps[known], mean_mps[known])
    return best


def departures(
    way: Way, speeds: Recorded, reading: SpeedReading, span_s: float, limit_mps: float
) -> list[SpeedDeparture]:
    """Return the stretches whose windows of `span_s` part from the recorded speed by more than `limit_mps`."""
    first, last = way.windows(span_s)
    if not len(first):
        return []
    begin_s, end_s = way.seconds[first], way.seconds[last]
    way_mps = _chord_mps if span_s <= CHORD_S else _path_mps
    own_mps = way_mps(way, first, last, is_3d=reading.is_3d)
    mean_mps = reading.scale * speeds.between(begin_s - reading.lag_s, end_s - reading.lag_s)[0]
    apart_mps = np.nan_to_num(np.abs(own_mps - mean_mps))
    found = clusters(apart_mps > limit_mps, apart_mps, first, last, way.seconds, 2.0)

    def is_undone(stretch: OddStretch) -> bool:
        ends = np.array([stretch.first], np.int64), np.array([stretch.last], np.int64)
        begin, end = (way.seconds[rows] - reading.lag_s for rows in ends)
        left_mps = _chord_mps(way, *ends, is_3d=reading.is_3d) - reading.scale * speeds.between(begin, end)[0]
        return bool(np.abs(left_mps[0]) <= limit_mps)

    return [
        SpeedDeparture(
            stretch,
            int(last[stretch.peak]),
            float(own_mps[stretch.peak]),
            float(mean_mps[stretch.peak]),
            float(end_s[stretch.peak] - begin_s[stretch.peak]),
            float(np.nan_to_num(way.sigma_m[last[stretch.peak]])),
            is_undone(stretch),
            max(float(way.seconds[stretch.last] - way.seconds[stretch.first]) - 2 * span_s, 0.0),
        )
        for stretch in found
    ]


def _chord_mps(way: Way, first: Ints, last: Ints, *, is_3d: bool) -> Floats:
    """Return how fast the straight way from fix to fix is, shape (k,)."""
    east_m, north_m = way.east_m[last] - way.east_m[first], way.north_m[last] - way.north_m[first]
    up_m = way.up_m[last] - way.up_m[first] if is_3d else 0.0
    return np.asarray(np.sqrt(east_m**2 + north_m**2 + up_m**2) / (way.seconds[last] - way.seconds[first]))


def _path_mps(way: Way, first: Ints, last: Ints, *, is_3d: bool) -> Floats:
    """Return the mean of the speeds along chords of 1 s, shape (k,): turns count, and noise but little."""
    begins, ends = way.windows(CHORD_S)
    middle_s = (way.seconds[begins] + way.seconds[ends]) / 2
    along = recorded(middle_s, _chord_mps(way, begins, ends, is_3d=is_3d))
    if along is None:
        return np.full(len(first), np.nan)
    return np.asarray(along.between(way.seconds[first], way.seconds[last])[0])
