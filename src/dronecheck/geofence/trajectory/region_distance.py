"""The signed distance of a path to one region, with the error of the region's outline: bands, instants, crossings.

The guard band (decision band) at an instant is max(k * sqrt(sigma_gnss^2 + sigma_outline^2), p95 of the outline's
error): the errors of real borders have heavy tails, which a normal distribution alone would hide. Inside by more than
the band is entered, outside by more is not entered, anything between cannot be told. That is P(inside) against 0.99 and
0.01 for a straight outline. Where corners, notches or narrow strips make P the stricter of the two, P decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from math import hypot, sqrt

import numpy as np

from dronecheck.arrays import Floats, reduceat
from dronecheck.geo.plane import geodesic_m
from dronecheck.geo.types import Interval
from dronecheck.geofence.result import Place
from dronecheck.geofence.trajectory.distance_profile import DistanceProfile
from dronecheck.geofence.trajectory.probability import ever_inside, probability_inside
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["Crossing", "DecisiveInstant", "OutlineError", "RegionDistance"]

_CERTAIN = 1e-4
_UPPER_SAMPLES = 200
_P95_SIGMAS = 1.959964  # of a normal distribution, 95 % lie within so many sigmas

# For outline points of shape (k, 2) in degrees: sigma (k,) and 95th percentile (k,) of the outline's error, metres.
OutlineError = Callable[[Floats], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where and when the path crosses the outline; None of it when the log begins or ends inside.

    `sigma_s` and `sigma_m` hold the errors of the fixes and of the outline, `sigma_s` the clock's as well.
    """

    row: float
    time_ns: int
    sigma_s: float
    place: Place
    sigma_m: float


@dataclass(frozen=True, slots=True)
class DecisiveInstant:
    """The decisive instant of a visit or an approach: signed distance (negative inside), its sigma, the guard band."""

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
    # That the aircraft was inside at this instant, by the normal distribution whose guard band is this one: where
    # the outline's tails are heavier than its sigma says, they count.
    probability: float

    @property
    def sigma_eff_m(self) -> float:
        """Return the sigma (m) of the normal distribution whose guard band is this one."""
        return self.band_m / self.band_sigmas

    @property
    def is_inside(self) -> bool:
        """Tell whether it is inside beyond the errors: deeper than the guard band, and P >= 0.99."""
        return self.margin_m <= -self.band_m and self.probability >= probability_inside(-self.band_sigmas, 1) - 1e-6

    @property
    def is_outside(self) -> bool:
        """Tell whether it is outside beyond the errors: farther than the guard band, and P <= 0.01."""
        return self.margin_m >= self.band_m and self.probability <= probability_inside(self.band_sigmas, 1) + 1e-6


@dataclass(frozen=True, eq=False)
class RegionDistance:
    """A path's distance profile to a region, and how well the region's outline is known.

    What costs is computed once and kept with the object: no cache outlives a check.
    """

    profile: DistanceProfile
    outline_error: OutlineError

    @property
    def trajectory(self) -> Trajectory:
        """Return the flown path."""
        return self.profile.trajectory

    def with_profile(self, profile: DistanceProfile) -> RegionDistance:
        """Return the same region with another profile of the same path to it."""
        return self if profile is self.profile else RegionDistance(profile, self.outline_error)

    @cached_property
    def bands_m(self) -> tuple[Floats, Floats, Floats]:
        """Return total sigma, GNSS-only band and guard band at every sample, (k,) each, metres."""
        k = self.trajectory.thresholds.band_sigmas
        gnss = self.trajectory.sigma_at(self.profile.row)
        sigma_outline, p95 = self.outline_error(self.profile.boundary_deg)
        sigma = np.hypot(gnss, sigma_outline)
        return sigma, k * gnss, np.maximum(k * sigma, p95)

    @cached_property
    def settled(self) -> RegionDistance:
        """Return the same region with fixes added to the profile wherever a guard band is passed.

        They are added, too, where the margin could be less in terms of the band.
        """
        profile = self.profile
        if len(profile.row) < 2:
            return self
        _, gnss, band = self.bands_m
        ratio = profile.distance_m / band
        least, greatest = profile.bounds_m()
        best, worst = _least_and_greatest_band(profile, gnss)
        more = band - gnss  # no band changes by more than its satellite part
        narrow, wide = np.minimum(more[:-1], more[1:]) + best, np.maximum(more[:-1], more[1:]) + worst
        low = np.where(least > 0, least / wide, least / narrow)
        high = np.where(greatest > 0, greatest / narrow, greatest / wide)
        ends_a_visit = (least < worst) & (greatest > best)
        return self.with_profile(profile.with_fixes(((low < 1) & (high > 1)) | (low < ratio.min()) | ends_a_visit))

    def deepest_row(self, samples: slice, within: Interval) -> float:
        """Find the row of the deepest place: between the fixes around the deepest sample, far apart deep inside."""
        profile = self.profile
        lowest = samples.start + int(np.argmin(profile.distance_m[samples]))
        around = np.zeros(max(len(profile.row) - 1, 0), dtype=np.bool_)
        around[max(lowest - 1, 0) : lowest + 1] = True
        dense = profile.with_fixes(around)
        inside = dense.between(*within)
        return dense.refine(inside.start + int(np.argmin(dense.distance_m[inside])), within)

    def best_near(self, sample: int, ratio: float, within: Interval = (-np.inf, np.inf)) -> DecisiveInstant:
        """Find the decisive instant near a sample: the nearest, unless the fixes there are worse or it is in a gap."""
        refined = self.instant(self.profile.refine(sample, within))
        if refined.margin_m > ratio * refined.band_m or self.trajectory.in_gap(np.array([refined.row]))[0]:
            return self.instant(float(self.profile.row[sample]))
        return refined

    def instant(self, row: float) -> DecisiveInstant:
        """Measure everything that decides at one fractional row."""
        row, signed_m, foot = self.profile.measure(row)
        k = self.trajectory.thresholds.band_sigmas
        gnss = float(self.trajectory.sigma_at(np.array([row]))[0])
        sigma_outline, p95 = self.outline_error(foot[np.newaxis])
        sigma = float(np.hypot(gnss, sigma_outline[0]))
        band_m = max(k * sigma, float(p95[0]))
        return DecisiveInstant(
            row=row,
            time_ns=self.trajectory.time_ns_at(row),
            place=self.trajectory.place_at(row),
            margin_m=signed_m,
            sigma_m=sigma,
            gnss_band_m=k * gnss,
            outline_band_m=max(k * float(sigma_outline[0]), float(p95[0])),
            outline_sigma_m=float(sigma_outline[0]),
            band_m=band_m,
            band_sigmas=k,
            probability=self.profile.probability(row, band_m / k),
        )

    def probability_upper(self, samples: slice, decisive: DecisiveInstant) -> float:
        """Compute P(ever inside) over samples when the satellite error wanders; the instant's own where certain."""
        lower, profile = decisive.probability, self.profile
        if not _CERTAIN <= lower <= 1 - _CERTAIN:
            return lower
        row, signed = profile.row[samples], profile.distance_m[samples]
        near = np.flatnonzero((signed < decisive.margin_m + 4 * decisive.sigma_eff_m) & ~self.trajectory.in_gap(row))
        near = near[:: max(1, -(-len(near) // _UPPER_SAMPLES))]
        sigma = self.trajectory.sigma_at(row[near])
        at_decisive = decisive.gnss_band_m / decisive.band_sigmas
        outline = sqrt(max(0.0, decisive.sigma_eff_m**2 - at_decisive**2))
        time_s = np.interp(row[near], np.arange(len(self.trajectory), dtype=np.int64), self.trajectory.time_s)
        return max(lower, ever_inside(time_s, signed[near], sigma, outline))

    def crossing(self, row: float, within: Interval = (-np.inf, np.inf)) -> Crossing | None:
        """Return the crossing at a row; None at the track's very ends and at jumps, where nothing was crossed.

        Its sigmas are those of the two sigma points: how far, in time and on the map, the path goes on from here until
        it is one sigma away from the outline on either side. On a straight way that is sigma over the speed across the
        outline, with one error common to all fixes (DOMAIN 2.6; errors of each its own give less). Neither reaches
        beyond the log, a jump or the rows `within`, such as the end of the visit that begins here.
        """
        trajectory = self.trajectory
        if trajectory.is_end(row):
            return None
        step = min(int(row), len(trajectory) - 2)
        (foot,) = self.profile.at_samples([row])[1]
        sigma_m = self._crossing_error_m(step, foot)
        around = self._rows_at(row, sigma_m, within)
        time_ns, place = trajectory.time_ns_at(row), trajectory.place_at(row)
        sigma_s = _root_mean_square((trajectory.time_ns_at(end) - time_ns) / 1e9 for end in around)
        ends = [trajectory.place_at(end) for end in around]
        away_m = geodesic_m([p.lon_deg for p in ends], [p.lat_deg for p in ends], place.lon_deg, place.lat_deg)
        dt = float(trajectory.step_s[step])
        if dt > trajectory.thresholds.gap_s:  # anywhere in the gap
            sigma_s = max(sigma_s, dt / sqrt(12.0))
            away_m = np.append(away_m, float(trajectory.step_m[step]) / sqrt(6.0))
        sigma_m = max(sigma_m, _root_mean_square(away_m))
        return Crossing(row, time_ns, hypot(sigma_s, trajectory.clock_sigma_s), place, sigma_m)

    def _crossing_error_m(self, step: int, foot: Floats) -> float:
        """Return the sigma (m) of the distance to the outline at a crossing; the outline's heavy tails count."""
        sigma_outline, p95 = self.outline_error(foot[np.newaxis])
        gnss = float(self.trajectory.h_sigma_m[step : step + 2].max())
        return max(hypot(gnss, float(sigma_outline[0])), float(p95[0]) / _P95_SIGMAS)

    def _rows_at(self, row: float, distance_m: float, within: Interval) -> Interval:
        """Return the nearest rows before and after one that are so far from the outline; else where its search ends."""
        profile, cuts = self.profile, np.flatnonzero(self.trajectory.is_cut)
        ends = np.concatenate([[-1], cuts, [len(self.trajectory) - 1]])
        at = int(np.searchsorted(cuts, row)) + 1
        first, last = float(ends[at - 1] + 1), float(ends[at])
        samples = profile.between(max(first, within[0]), min(last, within[1]))
        rows, away = profile.row[samples], np.abs(profile.distance_m[samples])
        before, after = rows < row, rows > row
        return (
            _first_beyond(np.append(rows[before], row)[::-1], np.append(away[before], 0.0)[::-1], distance_m),
            _first_beyond(np.insert(rows[after], 0, row), np.insert(away[after], 0, 0.0), distance_m),
        )


def _first_beyond(row: Floats, away_m: Floats, distance_m: float) -> float:
    """Return the first of some rows that is so far away, interpolated; the last where none is."""
    beyond = away_m >= distance_m
    at = int(np.argmax(beyond))
    if not beyond[at]:
        return float(row[-1])
    if at == 0 or not np.isfinite(away_m[at]):
        return float(row[at])
    share = (distance_m - away_m[at - 1]) / (away_m[at] - away_m[at - 1])
    return float(row[at - 1] + share * (row[at] - row[at - 1]))


def _root_mean_square(values: Iterable[float]) -> float:
    squares = [float(value) ** 2 for value in values]
    return sqrt(sum(squares) / len(squares))


def _least_and_greatest_band(profile: DistanceProfile, gnss_band_m: Floats) -> tuple[Floats, Floats]:
    """Bound the least and greatest GNSS-only band of each two samples and all fixes between, shape (k - 1,) both."""
    at_fixes = profile.trajectory.thresholds.band_sigmas * profile.trajectory.h_sigma_m
    first, last = np.floor(profile.row[:-1]).astype(np.int64), np.ceil(profile.row[1:]).astype(np.int64)
    ends = np.column_stack([first, last + 1]).ravel()
    padded = np.append(at_fixes, at_fixes[-1])
    least, greatest = reduceat(np.minimum, padded, ends)[::2], reduceat(np.maximum, padded, ends)[::2]
    before, after = gnss_band_m[:-1], gnss_band_m[1:]
    return np.minimum(least, np.minimum(before, after)), np.maximum(greatest, np.maximum(before, after))
