"""From a profile to encounters: visits inside a region, and the approach when there was none.

The decision band at an instant is max(k * sqrt(sigma_gnss^2 + sigma_outline^2), p95 of the outline's error): the
errors of real borders have heavy tails, which a normal distribution alone would hide. Inside by more than the band
is entered, outside by more is not entered, anything between cannot be told. That is P(inside) against 0.99 and 0.01
for a straight outline. Where corners, notches or narrow strips make P the stricter of the two, P decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite, sqrt

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.geo.polyline import Interval, point_at
from dronecheck.geofence.result import Place, Reason, Verdict
from dronecheck.geofence.trajectory.distance_profile import Profile
from dronecheck.geofence.trajectory.probability import ever_inside, probability_inside
from dronecheck.geofence.trajectory.trajectory import Path

__all__ = [
    "Approach",
    "Crossing",
    "Instant",
    "OutlineError",
    "Visit",
    "approach",
    "decide_visit",
    "gap_reaching",
    "undecided_by",
    "visit_of",
    "visits",
]


_CERTAIN = 1e-4
_UPPER_SAMPLES = 200

_A_TIE_M = 1e-3  # a way that just fits is one that fits, whatever the rounding says

# For outline points of shape (k, 2) in degrees: sigma (k,) and 95th percentile (k,) of the outline's error, metres.
OutlineError = Callable[[Floats], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where and when the path crosses the outline; None of it when the log begins or ends inside."""

    row: float
    time_ns: int
    sigma_s: float
    place: Place


@dataclass(frozen=True, slots=True)
class Instant:
    """The decisive instant of an encounter: signed distance (negative inside), its sigma and the decision band."""

    row: float
    time_ns: int
    place: Place
    margin_m: float
    sigma_m: float
    gnss_band_m: float
    outline_band_m: float
    outline_sigma_m: float
    band_m: float
    band_sigmas: float
    # That the aircraft was inside at this instant, by the normal distribution whose decision band is this one: where
    # the outline's tails are heavier than its sigma says, they count.
    probability: float

    @property
    def sigma_eff_m(self) -> float:
        """The sigma of that distribution."""
        return self.band_m / self.band_sigmas

    @property
    def is_inside(self) -> bool:
        """Beyond the errors: deeper than the band, and P >= 0.99."""
        return self.margin_m <= -self.band_m and self.probability >= probability_inside(-self.band_sigmas, 1) - 1e-6

    @property
    def is_outside(self) -> bool:
        """Beyond the errors: farther than the band, and P <= 0.01."""
        return self.margin_m >= self.band_m and self.probability <= probability_inside(self.band_sigmas, 1) + 1e-6


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay inside (noise-sized excursions across the outline do not end it)."""

    stretches: tuple[Interval, ...]
    enter: Crossing | None
    exit: Crossing | None
    decisive: Instant
    probability_upper: Callable[[], float]  # of ever being inside, with errors that wander: 20 ms, so only on demand
    depth_m: float
    duration_s: float
    path_m: float
    fixes: int
    seen_s: float  # time between fixes inside, without gaps: what the visit rests on

    @property
    def begin(self) -> float:
        """First fractional row inside."""
        return self.stretches[0][0]

    @property
    def end(self) -> float:
        """Last fractional row inside."""
        return self.stretches[-1][1]


@dataclass(frozen=True, slots=True)
class Approach:
    """The closest approach without an entry; `within` are the rows spent inside the decision band around it."""

    decisive: Instant
    probability_upper: float  # of ever being inside, with errors that wander
    distance_m: float
    within: Interval | None


def visits(profile: Profile, error: OutlineError) -> list[Visit]:
    """All visits, in order of time."""
    profile = _settled(profile, error)
    return [visit_of(profile, stretches, error) for stretches in _merged(profile)]


def visit_of(
    profile: Profile, stretches: tuple[Interval, ...], error: OutlineError, vertical_ratio: Floats | None = None
) -> Visit:
    """The visit made of these stretches.

    `vertical_ratio` of the profile's shape (k,), negative inside, is the signed distance to floor or ceiling in
    vertical decision bands; the decisive instant is where the weaker of the two answers is strongest.
    """
    path = profile.path
    begin, end = stretches[0][0], stretches[-1][1]
    samples = profile.between(begin, end)
    ratio = profile.distance_m[samples] / _bands(profile, error)[2][samples]
    if vertical_ratio is not None:
        height = vertical_ratio[samples]
        weaker = np.maximum(ratio, height)
        # Where the height decides, many instants are as good as the best: of those the deepest.
        good = weaker <= weaker.min() + 0.05 * abs(weaker.min())
        best = int(np.argmin(np.where(good, profile.distance_m[samples], np.inf)))
        if height[best] < ratio[best]:  # the outline decides: the deepest point lies between the samples
            decisive = _best_near(profile, samples.start + best, float(ratio[best]), error, (begin, end))
        else:
            decisive = _instant(profile, float(profile.row[samples][best]), error)
    else:
        decisive = _best_near(profile, samples.start + int(np.argmin(ratio)), float(ratio.min()), error, (begin, end))
    deepest = _instant(profile, _deepest_row(profile, samples, (begin, end)), error)
    return Visit(
        stretches=stretches,
        enter=_crossing(profile, begin, error),
        exit=_crossing(profile, end, error),
        decisive=decisive,
        probability_upper=lambda: _probability_upper(profile, samples, decisive),
        depth_m=max(0.0, -deepest.margin_m),
        duration_s=sum(path.time_ns_at(b) - path.time_ns_at(a) for a, b in stretches) / 1e9,
        path_m=sum(path.length_between_m(a, b) for a, b in stretches),
        fixes=sum(int(np.floor(b) - np.ceil(a)) + 1 for a, b in stretches),
        seen_s=sum(path.seen_between_s(a, b) for a, b in stretches),
    )


def approach(profile: Profile, error: OutlineError) -> Approach | None:
    """The closest approach of a path that never entered; None when no outline is in sight."""
    if not len(profile.row) or not np.isfinite(profile.distance_m).any():
        return None
    profile = _settled(profile, error)
    _, _, band = _bands(profile, error)
    # Within a gap nothing is known; `gap_reaching` asks about those.
    ratio = np.where(profile.path.in_gap(profile.row), np.inf, profile.distance_m / band)
    closest = int(np.argmin(ratio))
    decisive = _best_near(profile, closest, float(ratio[closest]), error)
    nearest = _instant(profile, profile.refine(int(np.argmin(profile.distance_m))), error)
    within = None
    if ratio[closest] < 1:
        outside = np.flatnonzero(ratio >= 1)
        before, after = outside[outside < closest], outside[outside > closest]
        first = int(before[-1]) + 1 if len(before) else 0
        last = int(after[0]) - 1 if len(after) else len(ratio) - 1
        within = (float(profile.row[first]), float(profile.row[last]))
    elif not decisive.is_outside:  # beyond the band of the nearest edge, but with region on more than one side
        within = (float(np.floor(decisive.row)), float(np.ceil(decisive.row)))
    upper = _probability_upper(profile, slice(0, len(profile.row)), decisive)
    return Approach(decisive, upper, nearest.margin_m, within)


def gap_reaching(
    profile: Profile, error: OutlineError, *, with_band: bool = True, within: Interval | None = None
) -> tuple[int, float] | None:
    """A gap between two fixes long enough to have entered unseen: its first row and the least way in metres.

    `with_band` counts coming within the decision band as entering. Steps of up to `gap_s` are no gap: within them the
    bend of the path is part of its sigma. `within` leaves out gaps that end before its first row, or begin after its
    last.
    """
    path, thresholds = profile.path, profile.path.thresholds
    steps = np.flatnonzero((path.step_s > thresholds.gap_s) & ~path.is_jump)
    if within is not None:
        steps = steps[(steps + 1 > within[0]) & (steps < within[1])]
    if not len(steps) or not len(profile.row):
        return None
    at = np.searchsorted(profile.row, np.stack([steps, steps + 1]).astype(np.float64), "left")
    at = np.minimum(at, len(profile.row) - 1)
    _, _, band = _bands(profile, error)
    limit_m = path.max_speed_mps * path.step_s[steps] + (band[at].sum(axis=0) if with_band else 0.0) + _A_TIE_M
    for index in np.flatnonzero(profile.distance_m[at].clip(min=0).sum(axis=0) <= limit_m).tolist():
        detour_m = profile.gap_detour_m(int(steps[index]))
        if detour_m <= limit_m[index]:
            return int(steps[index]), detour_m
    return None


def undecided_by(instant: Instant) -> tuple[Reason, ...]:
    """Which errors leave a margin open: the satellite fix's, the outline's, or both (each by itself would)."""
    reasons = []
    if abs(instant.margin_m) < instant.gnss_band_m:
        reasons.append(Reason.MARGIN_WITHIN_ERROR)
    outline_is_worse = instant.outline_band_m > instant.gnss_band_m
    if abs(instant.margin_m) < instant.outline_band_m or (not reasons and outline_is_worse):
        reasons.append(Reason.BORDER_DATA_TOO_COARSE)
    return tuple(reasons) or (Reason.MARGIN_WITHIN_ERROR,)


def decide_visit(visit: Visit, path: Path) -> tuple[Verdict, tuple[Reason, ...]]:
    """Whether a visit on the line is one beyond the errors (DOMAIN 2.4).

    A visit that rests on one or two fixes for less than a second may be an outlier; one without any fix inside is
    not: there the fixes on both sides show that the path went through. Nor is one decided that jumps part from most of
    the flight: one of the two places is wrong.
    """
    thresholds = path.thresholds
    if not visit.decisive.is_inside:
        unseen = not visit.fixes and bool(path.in_gap(np.array([visit.decisive.row]))[0])
        return Verdict.INCONCLUSIVE, (Reason.SAMPLING_GAP,) if unseen else undecided_by(visit.decisive)
    if 0 < visit.fixes < thresholds.min_run_fixes and visit.seen_s < thresholds.min_run_s:
        return Verdict.INCONCLUSIVE, (Reason.SINGLE_FIX,)
    if path.is_cut_off(visit.decisive.row):
        return Verdict.INCONCLUSIVE, (Reason.LOG_SUSPECT,)
    return Verdict.VIOLATION, (Reason.INSIDE_BEYOND_ERROR,)


@lru_cache(maxsize=4)  # of the profile at hand every encounter asks again
def _bands(profile: Profile, error: OutlineError) -> tuple[Floats, Floats, Floats]:
    """Total sigma, GNSS-only band and decision band at every sample."""
    k = profile.path.thresholds.band_sigmas
    gnss = profile.path.sigma_at(profile.row)
    sigma_outline, p95 = error(profile.foot_deg)
    sigma = np.hypot(gnss, sigma_outline)
    return sigma, k * gnss, np.maximum(k * sigma, p95)


@lru_cache(maxsize=4)
def _settled(profile: Profile, error: OutlineError) -> Profile:
    """The profile with fixes added wherever a band is passed, or the margin could be less in terms of the band."""
    if len(profile.row) < 2:
        return profile
    _, gnss, band = _bands(profile, error)
    ratio = profile.distance_m / band
    least, greatest = profile.bounds_m()
    best, worst = _between(profile, gnss)
    more = band - gnss  # no band changes by more than its satellite part
    narrow, wide = np.minimum(more[:-1], more[1:]) + best, np.maximum(more[:-1], more[1:]) + worst
    low = np.where(least > 0, least / wide, least / narrow)
    high = np.where(greatest > 0, greatest / narrow, greatest / wide)
    ends_a_visit = (least < worst) & (greatest > best)
    return profile.with_fixes(((low < 1) & (high > 1)) | (low < ratio.min()) | ends_a_visit)


def _between(profile: Profile, gnss_band_m: Floats) -> tuple[Floats, Floats]:
    """Least and greatest GNSS-only band of each two samples and all fixes between, shape (k - 1,) both."""
    at_fixes = profile.path.thresholds.band_sigmas * profile.path.h_sigma_m
    first, last = np.floor(profile.row[:-1]).astype(np.int64), np.ceil(profile.row[1:]).astype(np.int64)
    ends = np.column_stack([first, last + 1]).ravel()
    padded = np.append(at_fixes, at_fixes[-1])
    least, greatest = np.minimum.reduceat(padded, ends)[::2], np.maximum.reduceat(padded, ends)[::2]
    before, after = gnss_band_m[:-1], gnss_band_m[1:]
    return np.minimum(least, np.minimum(before, after)), np.maximum(greatest, np.maximum(before, after))


def _deepest_row(profile: Profile, samples: slice, within: Interval) -> float:
    """The row of the deepest place: between the fixes around the deepest sample, which stand apart deep inside."""
    lowest = samples.start + int(np.argmin(profile.distance_m[samples]))
    around = np.zeros(max(len(profile.row) - 1, 0), dtype=np.bool_)
    around[max(lowest - 1, 0) : lowest + 1] = True
    dense = profile.with_fixes(around)
    inside = dense.between(*within)
    return dense.refine(inside.start + int(np.argmin(dense.distance_m[inside])), within)


def _best_near(
    profile: Profile, sample: int, ratio: float, error: OutlineError, within: Interval = (-np.inf, np.inf)
) -> Instant:
    """The decisive instant near a sample: where it was nearest, unless the fixes there are worse or it is in a gap."""
    refined = _instant(profile, profile.refine(sample, within), error)
    if refined.margin_m > ratio * refined.band_m or profile.path.in_gap(np.array([refined.row]))[0]:
        return _instant(profile, float(profile.row[sample]), error)
    return refined


def _instant(profile: Profile, row: float, error: OutlineError) -> Instant:
    row, signed_m, foot = profile.measure(row)
    k = profile.path.thresholds.band_sigmas
    gnss = float(profile.path.sigma_at(np.array([row]))[0])
    sigma_outline, p95 = error(foot[np.newaxis])
    sigma = float(np.hypot(gnss, sigma_outline[0]))
    band_m = max(k * sigma, float(p95[0]))
    return Instant(
        row=row,
        time_ns=profile.path.time_ns_at(row),
        place=profile.path.place_at(row),
        margin_m=signed_m,
        sigma_m=sigma,
        gnss_band_m=k * gnss,
        outline_band_m=max(k * float(sigma_outline[0]), float(p95[0])),
        outline_sigma_m=float(sigma_outline[0]),
        band_m=band_m,
        band_sigmas=k,
        probability=profile.probability(row, band_m / k),
    )


def _probability_upper(profile: Profile, samples: slice, decisive: Instant) -> float:
    """P(ever inside) over these samples when the satellite error wanders; the instant's own where that is certain."""
    lower = decisive.probability
    if not _CERTAIN <= lower <= 1 - _CERTAIN:
        return lower
    row, signed = profile.row[samples], profile.distance_m[samples]
    near = np.flatnonzero((signed < decisive.margin_m + 4 * decisive.sigma_eff_m) & ~profile.path.in_gap(row))
    near = near[:: max(1, -(-len(near) // _UPPER_SAMPLES))]
    sigma = profile.path.sigma_at(row[near])
    at_decisive = decisive.gnss_band_m / decisive.band_sigmas
    outline = sqrt(max(0.0, decisive.sigma_eff_m**2 - at_decisive**2))
    time_s = np.interp(row[near], np.arange(len(profile.path)), profile.path.time_s)
    return max(lower, ever_inside(time_s, signed[near], sigma, outline))


def _merged(profile: Profile) -> list[tuple[Interval, ...]]:
    """Stretches inside, grouped: an excursion outside no farther than the GNSS band does not end a visit."""
    k = profile.path.thresholds.band_sigmas
    groups: list[list[Interval]] = []
    for stretch in profile.inside:
        if groups:
            samples = profile.between(groups[-1][-1][1], stretch[0])
            gnss = k * point_at(profile.path.h_sigma_m[:, np.newaxis], profile.row[samples])[:, 0]
            if bool(np.all(profile.distance_m[samples] <= gnss)):
                groups[-1].append(stretch)
                continue
        groups.append([stretch])
    return [tuple(group) for group in groups]


def _crossing(profile: Profile, row: float, error: OutlineError) -> Crossing | None:
    """The crossing at a fractional row; None at the track's very ends and at jumps, where nothing was crossed."""
    path = profile.path
    if path.is_end(row):
        return None
    step = min(int(row), len(path) - 2)
    (d1, d2), (foot,) = profile.at_samples([step, step + 1])[0], profile.at_samples([row])[1]
    sigma_outline, _ = error(foot[np.newaxis])
    s1, s2 = float(path.h_sigma_m[step]), float(path.h_sigma_m[step + 1])
    sigma_m = float(np.hypot(max(s1, s2), sigma_outline[0]))
    dt = float(path.step_s[step])
    change = abs(d1 - d2)
    # DOMAIN 2.6: with a common bias, sigma over the speed across the line; never less than with independent errors.
    if isfinite(change) and change > 0:
        independent = dt * sqrt((d2 * s1) ** 2 + (d1 * s2) ** 2) / change**2
        sigma_s = max(sigma_m * dt / change, independent)
    else:
        sigma_s = dt
    if dt > path.thresholds.gap_s:
        sigma_s = max(sigma_s, dt / sqrt(12.0))  # anywhere in the gap
    sigma_s = float(np.hypot(min(sigma_s, path.duration_s), path.clock_sigma_s))
    return Crossing(row, path.time_ns_at(row), sigma_s, path.place_at(row))
