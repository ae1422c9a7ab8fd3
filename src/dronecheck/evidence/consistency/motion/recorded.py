"""Speeds and velocities as a log records them, summed up over time: what lies between two instants is two look-ups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.evidence.consistency.motion.way import LEAST_FIXES, Way, quantile, summed

__all__ = ["Recorded", "recorded", "speeds_of"]

HOLE_AT_LEAST_S, HOLE_STEPS = 2.0, 4.0


@dataclass(frozen=True)
class Recorded:
    """One or several recorded rates, integrated: `sums` has shape (rates, m), `seconds` and `holes` (m,).

    `holes` counts the holes in the record up to each row.
    """

    seconds: Floats
    sums: Floats
    holes: Ints

    def between(self, begin_s: Floats, end_s: Floats) -> Floats:
        """Return the mean rates from `begin_s` to `end_s`, each (k,): shape (rates, k), NaN where a hole lies there."""
        spans_s = end_s - begin_s
        found = np.stack([np.interp(end_s, self.seconds, s) - np.interp(begin_s, self.seconds, s) for s in self.sums])
        begins = np.searchsorted(self.seconds, begin_s, "right") - 1
        ends = np.minimum(np.searchsorted(self.seconds, end_s), len(self.seconds) - 1)
        known = (begins >= 0) & (end_s <= self.seconds[-1]) & (self.holes[ends] == self.holes[np.maximum(begins, 0)])
        return np.where(known, found / spans_s, np.nan)


def recorded(seconds: Floats, *rates: Floats) -> Recorded | None:
    """Sum up rates, each (m,), over the ascending `seconds` (m,); None where fewer than LEAST_FIXES rows have all."""
    known = np.isfinite(seconds)
    for rate in rates:
        known = known & np.isfinite(rate) & (np.abs(rate) < 1e5)
    if int(known.sum()) < LEAST_FIXES:
        return None
    at_s = seconds[known]
    steps_s = np.diff(at_s)
    sums = [summed((r[known][1:] + r[known][:-1]) / 2 * steps_s) for r in rates]
    is_hole = steps_s > max(HOLE_AT_LEAST_S, HOLE_STEPS * quantile(steps_s, 0.5))
    return Recorded(at_s, np.stack(sums), np.concatenate([[0], np.cumsum(is_hole)]))


def speeds_of(way: Way) -> Recorded | None:
    """Return the speeds that a track itself records; None where it records none."""
    return recorded(way.seconds, way.speed_mps)
