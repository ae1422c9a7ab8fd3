"""A quantity along a path held against a limit that it should not pass: where it did, by how much, for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.geo.types import Interval
from dronecheck.geofence.result import Evidence, Finding, FindingKind, Reason, Verdict
from dronecheck.geofence.trajectory.probability import probability_inside
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["LimitHeld", "evidence_of", "finding_over", "over_rows", "stretches_of"]


@dataclass(frozen=True, slots=True, eq=False)
class LimitHeld:
    """A limit and the values it is held against, each (n,): the value, its sigma, and an error bound without sigma.

    Values of no height (a speed, the sun below a level) are in their own unit.
    """

    limit: float
    value: Floats
    sigma: Floats
    bound: Floats
    band: Floats  # the guard band, the bound included
    kept: Bools  # where it is below the limit for certain, whatever the value
    why: Reason  # of values that are missing, or known within a bound only

    @classmethod
    def of(
        cls, limit: float, value: Floats, sigma: Floats, bound: Floats, band_sigmas: float, why: Reason
    ) -> LimitHeld:
        """Make one with the guard band of a coverage factor, in sigmas; nothing is kept by anything else."""
        none = np.zeros(len(value), dtype=np.bool_)
        return cls(limit, value, sigma, bound, band_sigmas * sigma + bound, none, why)

    @property
    def is_known(self) -> Bools:
        """Tell where there is a value, or an answer without one, shape (n,)."""
        return np.asarray(np.isfinite(self.value) | self.kept, dtype=np.bool_)

    @property
    def may_be_over(self) -> Bools:
        """Tell where the value is over the limit, or may be by its errors, shape (n,)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.isfinite(self.value) & (self.value > self.limit - self.band) & ~self.kept)

    @property
    def is_over(self) -> Bools:
        """Tell where the value is over the limit beyond its errors, shape (n,)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.may_be_over & (self.value - self.limit >= self.band))


def stretches_of(mask: Bools) -> list[tuple[int, int]]:
    """Return the first and the last row of each run of true values, shape (n,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True))


def over_rows(held: LimitHeld, begin: int, end: int) -> Interval:
    """Return the fractional rows between which the value is over the limit itself; the stretch where it never is."""
    above = begin + np.flatnonzero(held.value[begin : end + 1] > held.limit)
    if not len(above):
        return float(begin), float(end)
    first, last = int(above[0]) - 1, int(above[-1])
    return _level_row(held.value, held.limit, first), _level_row(held.value, held.limit, last)


def finding_over(
    kind: FindingKind, held: LimitHeld, trajectory: Trajectory, begin: int, end: int
) -> tuple[Finding, int]:
    """Return the finding of a stretch within the guard band of the limit or over it, and its decisive row.

    Its verdict is VIOLATION where it is over beyond the errors at more than one fix, else INCONCLUSIVE; reasons and
    clauses are left to who asks. Times are of the limit itself, where that was passed.
    """
    inside = slice(begin, end + 1)
    top = begin + int(np.argmax((held.value[inside] - held.limit) / held.band[inside]))
    margin = float(held.limit - held.value[top])
    sigma = float(np.hypot(held.sigma[top], held.bound[top] / np.sqrt(3.0)))  # anywhere within the bound
    amsl = trajectory.track.alt_amsl_m[inside]
    amsl = amsl[np.isfinite(amsl)]
    decided = -margin >= held.band[top] and end > begin
    first, last = over_rows(held, begin, end)
    enter_s, exit_s = (_passing_sigma_s(trajectory, held.value, held.sigma, row) for row in (first, last))
    found = Finding(
        kind=kind,
        verdict=Verdict.VIOLATION if decided else Verdict.INCONCLUSIVE,
        zone=None,
        reasons=(),
        clauses=(),
        enter_ns=trajectory.time_ns_at(first) if first > 0 else None,
        exit_ns=trajectory.time_ns_at(last) if last < len(trajectory) - 1 else None,
        enter_sigma_s=None if enter_s is None else float(np.hypot(enter_s, trajectory.clock_sigma_s)),
        exit_sigma_s=None if exit_s is None else float(np.hypot(exit_s, trajectory.clock_sigma_s)),
        entry=trajectory.place_at(first) if first > 0 else None,
        exit=trajectory.place_at(last) if last < len(trajectory) - 1 else None,
        entry_sigma_m=trajectory.place_sigma_m(first, enter_s) if first > 0 else None,
        exit_sigma_m=trajectory.place_sigma_m(last, exit_s) if last < len(trajectory) - 1 else None,
        duration_s=(trajectory.time_ns_at(last) - trajectory.time_ns_at(first)) / 1e9,
        path_m=trajectory.length_between_m(first, last),
        depth_m=max(0.0, -margin),
        margin_m=margin,
        sigma_m=sigma,
        band_m=float(held.band[top]),
        probability=probability_inside(margin, sigma),
        alt_min_m=float(amsl.min()) if len(amsl) else None,
        alt_max_m=float(amsl.max()) if len(amsl) else None,
        deepest_ns=trajectory.time_ns_at(float(top)),
        deepest=trajectory.place_at(float(top)),
        evidence=evidence_of(trajectory, (begin, top, end)),
        rows=((first, last),),
    )
    return found, top


def evidence_of(trajectory: Trajectory, rows: tuple[int, ...]) -> tuple[Evidence, ...]:
    """Return the rows as evidence, each once."""
    return tuple(
        Evidence(trajectory.track_name, row, int(trajectory.track.offset[row]), trajectory.track.message)
        for row in dict.fromkeys(rows)
    )


def _passing_sigma_s(trajectory: Trajectory, height: Floats, sigma: Floats, row: float) -> float | None:
    """Return the sigma (s) of the instant a level was passed; None where it is not known.

    It is the height's sigma over the climb rate, without the clock's own.
    """
    step = int(row)
    if row <= 0 or step >= len(height) - 1 or not trajectory.step_s[step] > 0:
        return None
    rate_mps = abs(height[step + 1] - height[step]) / trajectory.step_s[step]
    if not rate_mps > 0:
        return None
    return float(min(sigma[step] / rate_mps, trajectory.duration_s))


def _level_row(height: Floats, limit_m: float, row: int) -> float:
    """Return the fractional row from `row` to the next where the height passes the limit; the nearer end otherwise."""
    if row < 0 or row >= len(height) - 1:
        return float(min(max(row, 0), len(height) - 1))
    step = height[row + 1] - height[row]
    if not np.isfinite(step) or step == 0:
        return float(row + (height[row] <= limit_m))
    return row + float(np.clip((limit_m - height[row]) / step, 0.0, 1.0))
