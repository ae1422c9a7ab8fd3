"""From a signed distance to visits inside a region, and to the closest approach when there was none."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.geo.plane import point_at
from dronecheck.geo.types import Interval
from dronecheck.geofence.result import Reason, Verdict
from dronecheck.geofence.trajectory.distance_profile import DistanceProfile
from dronecheck.geofence.trajectory.region_distance import Crossing, DecisiveInstant, RegionDistance
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = [
    "ClosestApproach",
    "Visit",
    "closest_approach",
    "decide_visit",
    "gap_reaching",
    "undecided_by",
    "visit_of",
    "visits",
]


_A_TIE_M = 1e-3  # a way that just fits is one that fits, whatever the rounding says


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit inside (noise-sized excursions across the outline do not end it)."""

    stretches: tuple[Interval, ...]
    enter: Crossing | None
    exit: Crossing | None
    decisive: DecisiveInstant
    probability_upper: Callable[[], float]  # of ever being inside, with errors that wander: 20 ms, so only on demand
    depth_m: float
    duration_s: float
    path_m: float
    fixes: int
    seen_s: float  # time between fixes inside, without gaps: what the visit rests on

    @property
    def begin(self) -> float:
        """Return the first fractional row inside."""
        return self.stretches[0][0]

    @property
    def end(self) -> float:
        """Return the last fractional row inside."""
        return self.stretches[-1][1]

    def within(self, begin: float, end: float) -> tuple[Interval, ...]:
        """Cut the visit to an interval of rows; its instants (intervals of no length) at the ends are kept."""
        starts, ends = ([stretch[side] for stretch in self.stretches] for side in (0, 1))
        met = self.stretches[bisect_left(ends, begin) : bisect_right(starts, end)]
        return tuple((max(a, begin), min(b, end)) for a, b in met if (a < end and b > begin) or a == b)


@dataclass(frozen=True, slots=True)
class ClosestApproach:
    """The closest approach without an entry; `within` are the rows spent inside the guard band around it."""

    decisive: DecisiveInstant
    probability_upper: float  # of ever being inside, with errors that wander
    distance_m: float
    within: Interval | None


def visits(region: RegionDistance) -> list[Visit]:
    """Find all visits, in order of time."""
    region = region.settled
    return [visit_of(region, stretches) for stretches in _merged(region.profile)]


def visit_of(region: RegionDistance, stretches: tuple[Interval, ...], vertical_ratio: Floats | None = None) -> Visit:
    """Measure the visit made of these intervals.

    `vertical_ratio` of the profile's shape (k,), negative inside, is the signed distance to floor or ceiling in
    vertical guard bands; the decisive instant is where the weaker of the two answers is strongest.
    """
    profile, trajectory = region.profile, region.trajectory
    begin, end = stretches[0][0], stretches[-1][1]
    samples = profile.between(begin, end)
    ratio = profile.distance_m[samples] / region.bands_m[2][samples]
    if vertical_ratio is not None:
        height = vertical_ratio[samples]
        weaker = np.maximum(ratio, height)
        # Where the height decides, many instants are as good as the best: of those the deepest.
        good = weaker <= weaker.min() + 0.05 * abs(weaker.min())
        best = int(np.argmin(np.where(good, profile.distance_m[samples], np.inf)))
        if height[best] < ratio[best]:  # the outline decides: the deepest point lies between the samples
            decisive = region.best_near(samples.start + best, float(ratio[best]), (begin, end))
        else:
            decisive = region.instant(float(profile.row[samples][best]))
    else:
        decisive = region.best_near(samples.start + int(np.argmin(ratio)), float(ratio.min()), (begin, end))
    deepest = region.instant(region.deepest_row(samples, (begin, end)))
    return Visit(
        stretches=stretches,
        enter=region.crossing(begin, (-np.inf, end)),
        exit=region.crossing(end, (begin, np.inf)),
        decisive=decisive,
        probability_upper=lambda: region.probability_upper(samples, decisive),
        depth_m=max(0.0, -deepest.margin_m),
        duration_s=sum(trajectory.time_ns_at(b) - trajectory.time_ns_at(a) for a, b in stretches) / 1e9,
        path_m=sum(trajectory.length_between_m(a, b) for a, b in stretches),
        fixes=sum(trajectory.fixes_between(a, b) for a, b in stretches),
        seen_s=sum(trajectory.seen_between_s(a, b) for a, b in stretches),
    )


def closest_approach(region: RegionDistance) -> ClosestApproach | None:
    """Find the closest approach of a path that never entered; None when no outline is in sight."""
    if not len(region.profile.row) or not np.isfinite(region.profile.distance_m).any():
        return None
    region = region.settled
    profile = region.profile
    _, _, band = region.bands_m
    # Within a gap nothing is known; `gap_reaching` asks about those.
    ratio = np.where(profile.trajectory.in_gap(profile.row), np.inf, profile.distance_m / band)
    closest = int(np.argmin(ratio))
    decisive = region.best_near(closest, float(ratio[closest]))
    nearest = region.instant(profile.refine(int(np.argmin(profile.distance_m))))
    within = None
    if ratio[closest] < 1:
        outside = np.flatnonzero(ratio >= 1)
        before, after = outside[outside < closest], outside[outside > closest]
        first = int(before[-1]) + 1 if len(before) else 0
        last = int(after[0]) - 1 if len(after) else len(ratio) - 1
        within = (float(profile.row[first]), float(profile.row[last]))
    elif not decisive.is_outside:  # beyond the guard band of the nearest edge, but with region on more than one side
        within = (float(np.floor(decisive.row)), float(np.ceil(decisive.row)))
    upper = region.probability_upper(slice(0, len(profile.row)), decisive)
    return ClosestApproach(decisive, upper, nearest.margin_m, within)


def gap_reaching(
    region: RegionDistance, *, with_band: bool = True, within: Interval | None = None
) -> tuple[int, float] | None:
    """Find a gap between two fixes long enough to have entered unseen: its first row and the least way in metres.

    `with_band` counts coming within the guard band as entering. Steps of up to `gap_s` are no gap: within them the
    bend of the path is part of its sigma. `within` leaves out gaps that end before its first row, or begin after its
    last.
    """
    profile, trajectory = region.profile, region.trajectory
    thresholds = trajectory.thresholds
    steps = np.flatnonzero((trajectory.step_s > thresholds.gap_s) & ~trajectory.is_jump)
    if within is not None:
        steps = steps[(steps + 1 > within[0]) & (steps < within[1])]
    if not len(steps) or not len(profile.row):
        return None
    at = np.searchsorted(profile.row, np.stack([steps, steps + 1]).astype(np.float64), "left")
    at = np.minimum(at, len(profile.row) - 1)
    _, _, band = region.bands_m
    limit_m = (
        trajectory.max_speed_mps * trajectory.step_s[steps] + (band[at].sum(axis=0) if with_band else 0.0) + _A_TIE_M
    )
    for index in np.flatnonzero(profile.distance_m[at].clip(min=0).sum(axis=0) <= limit_m).tolist():
        detour_m = profile.gap_detour_m(int(steps[index]))
        if detour_m <= limit_m[index]:
            return int(steps[index]), detour_m
    return None


def undecided_by(instant: DecisiveInstant) -> tuple[Reason, ...]:
    """Return which errors leave a margin open: the satellite fix's, the outline's, or both (each by itself would)."""
    reasons = []
    if abs(instant.margin_m) < instant.gnss_band_m:
        reasons.append(Reason.MARGIN_WITHIN_ERROR)
    outline_is_worse = instant.outline_band_m > instant.gnss_band_m
    if abs(instant.margin_m) < instant.outline_band_m or (not reasons and outline_is_worse):
        reasons.append(Reason.BORDER_DATA_TOO_COARSE)
    return tuple(reasons) or (Reason.MARGIN_WITHIN_ERROR,)


def decide_visit(visit: Visit, trajectory: Trajectory) -> tuple[Verdict, tuple[Reason, ...]]:
    """Classify a visit: VIOLATION if deeper than the guard band, else INCONCLUSIVE with reasons (DOMAIN 2.4).

    A visit that rests on one or two fixes for less than a second may be an outlier; one without any fix inside is
    not: there the fixes on both sides show that the path went through. Nor is one decided that lies behind a jump which
    nothing flies: one of the two places is wrong, and nobody knows which.
    """
    thresholds = trajectory.thresholds
    if not visit.decisive.is_inside:
        unseen = not visit.fixes and bool(trajectory.in_gap(np.array([visit.decisive.row]))[0])
        return Verdict.INCONCLUSIVE, (Reason.SAMPLING_GAP,) if unseen else undecided_by(visit.decisive)
    if 0 < visit.fixes < thresholds.min_run_fixes and visit.seen_s < thresholds.min_run_s:
        return Verdict.INCONCLUSIVE, (Reason.SINGLE_FIX,)
    if trajectory.is_doubted(visit.decisive.row):
        return Verdict.INCONCLUSIVE, (Reason.LOG_SUSPECT,)
    return Verdict.VIOLATION, (Reason.INSIDE_BEYOND_ERROR,)


def _merged(profile: DistanceProfile) -> list[tuple[Interval, ...]]:
    """Group the intervals inside: an excursion outside no farther than the GNSS band does not end a visit."""
    k = profile.trajectory.thresholds.band_sigmas
    groups: list[list[Interval]] = []
    for stretch in profile.inside:
        if groups:
            samples = profile.between(groups[-1][-1][1], stretch[0])
            gnss = k * point_at(profile.trajectory.h_sigma_m[:, np.newaxis], profile.row[samples])[:, 0]
            if bool(np.all(profile.distance_m[samples] <= gnss)):
                groups[-1].append(stretch)
                continue
        groups.append([stretch])
    return [tuple(group) for group in groups]
