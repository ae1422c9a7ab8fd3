"""KIN-1: steps from fix to fix that nothing flies, and those that lead back to the way left before.

A step is held against the velocity of the seconds before and behind it: what it is longer or shorter is no flight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.evidence.consistency.motion.way import Way

__all__ = ["Step", "steps_of"]

AROUND_S = 2.0
LEAST_M, LEAST_MPS, SIGMAS = 20.0, 40.0, 5.0
BACK_LEAST = 0.5  # of it where a later step undoes it
BACK_SHARE, BACK_M = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Step:
    """A step to the fix `row` that its neighbours' velocity does not explain: `east_m`, `north_m` in `lasts_s`.

    `back` is the row of the later step that undoes it; None where it stays, or undoes another.
    """

    row: int
    east_m: float
    north_m: float
    lasts_s: float
    back: int | None = None

    @property
    def apart_m(self) -> float:
        """Return how far it leads."""
        return float(np.hypot(self.east_m, self.north_m))


def steps_of(way: Way) -> list[Step]:
    """Return the steps of a way that nothing flies, those that lead back within the step that they undo."""
    lasts_s = np.diff(way.seconds)
    usual_s = max(way.usual_step_s, 1e-3)
    lasts_s = np.maximum(lasts_s, 0.25 * usual_s)  # stamps of a host's clock may bunch
    east_m, north_m = (_unexplained(way, place_m, lasts_s) for place_m in (way.east_m, way.north_m))
    apart_m = np.hypot(east_m, north_m)
    sigma_m = np.nan_to_num(np.maximum(way.sigma_m[1:], way.sigma_m[:-1]))
    limit_m = np.maximum(np.maximum(LEAST_M, SIGMAS * sigma_m), LEAST_MPS * lasts_s)
    limit_m[lasts_s > max(3 * usual_s, AROUND_S)] = np.inf  # a hole: what was flown meanwhile is not known
    odd = np.flatnonzero(apart_m > BACK_LEAST * limit_m)
    found: list[Step] = []
    for at in odd.tolist():
        step = Step(at + 1, float(east_m[at]), float(north_m[at]), float(lasts_s[at]))
        if found and found[-1].back is None and _undoes(step, found[-1]):
            was = found.pop()
            step = Step(was.row, was.east_m, was.north_m, was.lasts_s, back=step.row)
        found.append(step)
    alone = [limit_m[step.row - 1] * BACK_LEAST ** (step.back is not None) for step in found]
    return [step for step, least_m in zip(found, alone, strict=True) if step.apart_m > least_m]


def _undoes(step: Step, before: Step) -> bool:
    left_m = float(np.hypot(step.east_m + before.east_m, step.north_m + before.north_m))
    return left_m <= BACK_M + BACK_SHARE * before.apart_m


def _unexplained(way: Way, place_m: Floats, lasts_s: Floats) -> Floats:
    """Return what of each step, along one axis, is more than the velocity around it makes; shape (n - 1,)."""
    seconds = way.seconds
    here = np.arange(len(seconds), dtype=np.int64)
    before = np.minimum(np.searchsorted(seconds, seconds - AROUND_S), np.maximum(here - 1, 0))
    after = np.maximum(np.searchsorted(seconds, seconds + AROUND_S, "right") - 1, np.minimum(here + 1, len(here) - 1))
    led_mps = (place_m - place_m[before]) / np.maximum(seconds - seconds[before], 1e-3)
    leads_mps = (place_m[after] - place_m) / np.maximum(seconds[after] - seconds, 1e-3)
    led_mps[0], leads_mps[-1] = leads_mps[0], led_mps[-1]
    step_m = np.diff(place_m)
    led_m, leads_m = led_mps[:-1] * lasts_s, leads_mps[1:] * lasts_s
    # whichever side explains it better, or anything between: an aircraft may begin to move, or stop
    return np.asarray(step_m - np.clip(step_m, np.minimum(led_m, leads_m), np.maximum(led_m, leads_m)))
