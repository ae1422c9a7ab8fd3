"""KIN-1: the way between two fixes against the velocity vectors that the log records meanwhile.

A vector tells what a speed cannot: a way moved aside, turned, or moved with eased ends. What velocities carry an
aircraft over 2, 10 and 40 s is held against where it is then. Velocities of the same recorder, and of the other one
(the receiver's against the estimate's positions, and the reverse), are read with the delay that fits the whole log.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.evidence.consistency.motion.recorded import Recorded, recorded
from dronecheck.evidence.consistency.motion.way import OddStretch, Way, clusters, quantile
from dronecheck.flight import Witness

__all__ = ["Drift", "Fit", "drifts", "fit_of", "velocities_of"]

Complexes = NDArray[np.complex128]

COARSE_S = (0.0, 0.3, -0.3, 0.6, -0.6, 1.0, -1.0)
FINE_S = (0.15, -0.15)
CLEARLY = 0.97
SPAN_S = 2.0
MOST_WINDOWS, LEAST_WINDOWS = 400, 20
CLIPPED_M = 10.0
MOVING_MPS = 2.0
FOLLOWS_MPS, FOLLOWS_SHARE = 1.0, 0.35
OUTLIERS, NOUGHT_MPS = 4.0, 0.2
STRAIGHT = 0.99  # mean of the unit vectors of all velocities


@dataclass(frozen=True, slots=True)
class Fit:
    """How recorded velocities fit positions over a whole log.

    They are `lag_s` late; positions move `scale` times as fast and `turn_deg` to the right of them; both are exactly 1
    and 0 where too little moves to tell. `follows`: half of the windows of 2 s agree.
    """

    lag_s: float
    scale: float
    turn_deg: float
    usual_mps: float
    follows: bool
    is_straight: bool  # the velocities always point one way: a course that nobody recorded, or a flight straight ahead


@dataclass(frozen=True, slots=True)
class Drift:
    """A stretch over whose windows velocities carry the aircraft `apart_m` beside its positions, at most."""

    stretch: OddStretch
    row: int
    apart_m: float
    usual_m: float  # of half of all windows
    sigma_m: float
    is_undone: bool  # behind it the aircraft is where the velocities led: out and back
    lasts_s: float  # of what was apart, where it is undone


def velocities_of(way: Way, witness: Witness, *, east_first: bool = False) -> Recorded | None:
    """Return a witness's north and east velocities, integrated on the seconds of a way; None where it has too few.

    `east_first` reads its two axes the other way round.
    """
    if not (way.is_one_part and witness.has("vel_north_mps", "vel_east_mps")):
        return None
    order = np.argsort(witness.time_ns, kind="stable")
    seconds = (witness.time_ns[order] - way.time_ns[0]) / 1e9
    north, east = (witness.column(name)[order] for name in ("vel_north_mps", "vel_east_mps"))
    return recorded(seconds, east, north) if east_first else recorded(seconds, north, east)


def fit_of(way: Way, velocities: Recorded) -> Fit | None:
    """Return how velocities fit a way; None where too little of both can be compared."""
    first, last = way.windows(SPAN_S)
    step = max(1, len(first) // MOST_WINDOWS)
    first, last = first[::step], last[::step]
    moved = _moved(way, first, last)
    best: tuple[float, float, Bools, Complexes] | None = None
    for lag_s in COARSE_S:
        best = _better(best, way, velocities, first, last, moved, lag_s)
    if best is None:
        return None
    coarse_s = best[1]
    for lag_s in FINE_S:
        best = _better(best, way, velocities, first, last, moved, coarse_s + lag_s)
    assert best is not None
    _, lag_s, known, carried = best
    lasts_s = (way.seconds[last] - way.seconds[first])[known]
    moved, carried = moved[known], carried[known]
    gain = _gain(moved, carried, lasts_s)
    usual_mps = quantile(np.abs(moved - carried) / lasts_s, 0.5)
    least_mps = quantile(np.abs(moved - gain * carried) / lasts_s, 0.5)
    quick_mps = quantile(np.abs(moved) / lasts_s, 0.75)
    follows = min(usual_mps, least_mps) <= max(FOLLOWS_MPS, FOLLOWS_SHARE * quick_mps)
    is_nought = quantile(np.abs(carried) / lasts_s, 0.9) < NOUGHT_MPS
    if is_nought and quantile(np.abs(moved) / lasts_s, 0.9) > MOVING_MPS:
        follows = False  # of an aircraft that flew: a column that nobody filled
    if least_mps > 0.7 * usual_mps:  # turning and stretching does not help
        gain = 1.0 + 0j
    moving = np.abs(carried) > MOVING_MPS * lasts_s
    ways = carried[moving] / np.abs(carried[moving])
    is_straight = bool(moving.any()) and float(np.abs(ways.mean())) > STRAIGHT
    return Fit(lag_s, abs(gain), float(np.degrees(np.angle(gain))), least_mps, follows, is_straight)


def drifts(way: Way, velocities: Recorded, fit: Fit, span_s: float, least_m: float, times: float) -> list[Drift]:
    """Return the stretches whose windows of `span_s` part by more than `least_m` and `times` the usual."""
    first, last = way.windows(span_s)
    if len(first) < LEAST_WINDOWS:
        return []
    apart_m = np.abs(_moved(way, first, last) - _gain_of(fit) * _carried(way, velocities, first, last, fit.lag_s))
    usual_m = quantile(apart_m, 0.5)
    limit_m = max(least_m, times * usual_m)
    apart_m = np.nan_to_num(apart_m)
    sigma_m = np.nan_to_num(way.sigma_m)

    def is_undone(stretch: OddStretch) -> bool:
        ends = np.array([stretch.first], np.int64), np.array([stretch.last], np.int64)
        left = _moved(way, *ends) - _gain_of(fit) * _carried(way, velocities, *ends, fit.lag_s)
        return bool(np.abs(left[0]) <= limit_m)

    return [
        Drift(
            stretch,
            int(last[stretch.peak]),
            float(apart_m[stretch.peak]),
            usual_m,
            float(max(sigma_m[last[stretch.peak]], sigma_m[first[stretch.peak]])),
            is_undone(stretch),
            max(float(way.seconds[stretch.last] - way.seconds[stretch.first]) - 2 * span_s, 0.0),
        )
        for stretch in clusters(apart_m > limit_m, apart_m, first, last, way.seconds, SPAN_S)
    ]


def _gain_of(fit: Fit) -> complex:
    return complex(fit.scale * np.exp(1j * np.radians(fit.turn_deg)))


def _better(
    best: tuple[float, float, Bools, Complexes] | None,
    way: Way,
    velocities: Recorded,
    first: Ints,
    last: Ints,
    moved: Complexes,
    lag_s: float,
) -> tuple[float, float, Bools, Complexes] | None:
    """Return the better of the best so far and this lag: (cost in metres, lag, windows known, metres carried)."""
    carried = _carried(way, velocities, first, last, lag_s)
    known = np.isfinite(carried)
    if int(known.sum()) < LEAST_WINDOWS:
        return best
    cost_m = float(np.minimum(np.abs(moved - carried)[known], CLIPPED_M).mean())
    return (cost_m, lag_s, known, carried) if best is None or cost_m < CLEARLY * best[0] else best


def _moved(way: Way, first: Ints, last: Ints) -> Complexes:
    """Return how far the windows lead: north in the real part, east in the imaginary; metres, shape (k,)."""
    north_m, east_m = way.north_m[last] - way.north_m[first], way.east_m[last] - way.east_m[first]
    return np.asarray(north_m + 1j * east_m)


def _carried(way: Way, velocities: Recorded, first: Ints, last: Ints, lag_s: float) -> Complexes:
    """Return how far velocities carry over the windows, as `_moved`; NaN where they are not known."""
    begin_s, end_s = way.seconds[first], way.seconds[last]
    north_mps, east_mps = velocities.between(begin_s - lag_s, end_s - lag_s)
    return np.asarray((north_mps + 1j * east_mps) * (end_s - begin_s))


def _gain(moved: Complexes, carried: Complexes, lasts_s: Floats) -> complex:
    """Return the turn and stretch that takes velocities to positions, by least squares without the outliers."""
    moving = np.abs(carried) > MOVING_MPS * lasts_s
    gain = 1.0 + 0j
    if int(moving.sum()) < LEAST_WINDOWS:
        return gain
    moved, carried = moved[moving], carried[moving]
    ratio = moved / carried
    gain = complex(quantile(ratio.real, 0.5), quantile(ratio.imag, 0.5))
    for _ in range(3):
        apart_m = np.abs(moved - gain * carried)
        fits = apart_m <= OUTLIERS * quantile(apart_m, 0.5)
        gain = complex((np.conj(carried[fits]) * moved[fits]).sum() / (np.abs(carried[fits]) ** 2).sum())
    return gain
