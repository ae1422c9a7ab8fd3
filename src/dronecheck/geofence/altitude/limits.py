"""A zone's floor and ceiling along a path: how far inside or outside, or why that is unknown.

Floor and ceiling are held apart, each linear between fixes, so that a thin layer passed between two fixes is found, and
its instants are where the line through both fixes meets it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.airspace.zone import Datum, Limit, Zone
from dronecheck.arrays import Floats
from dronecheck.geo.plane import point_at
from dronecheck.geo.types import Interval
from dronecheck.geo.vertical.datum import VerticalDatum
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.result import Reason
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["Vertical", "vertical_of"]


_LEAST_SIGMA_M = 1e-3
_FRAME_OF = {
    Datum.AMSL: VerticalDatum.AMSL,
    Datum.HAE: VerticalDatum.HAE,
    Datum.AGL: VerticalDatum.AGL_TERRAIN,
    Datum.FL: VerticalDatum.PRESSURE,
}


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """Per fix: metres beyond one limit (positive outside, NaN unknown), sigma, and an error bound without sigma.

    `always` is the answer for a limit that needs no height: -inf inside whatever the height, inf outside.
    """

    signed_m: Floats
    sigma_m: Floats
    bound_m: Floats
    why: Reason | None = None  # it is known within its bound only ...
    why_missing: Reason | None = None  # ... or not at all
    always: float | None = None

    def at(self, row: Floats) -> tuple[Floats, Floats, Floats]:
        """Return signed distance, sigma and bound in metres at fractional rows."""
        if self.always is not None:
            return np.full(len(row), self.always), np.ones(len(row)), np.zeros(len(row))
        values = point_at(np.column_stack([self.signed_m, self.sigma_m, self.bound_m]), row)
        exact = row == np.floor(row)  # at a fix, its neighbour's ignorance is none of its own
        here = row[exact].astype(np.int64)
        values[exact] = np.column_stack([self.signed_m[here], self.sigma_m[here], self.bound_m[here]])
        return values[:, 0], values[:, 1], values[:, 2]

    def is_met(self, first: int, last: int) -> bool:
        """Tell whether a fix lies on the limit itself: it may be passed there, without a crossing between fixes."""
        return self.always is None and bool((self.signed_m[first : last + 1] == 0.0).any())

    def crossings(self, first: int, last: int) -> Floats:
        """Return the fractional rows between two fixes where the limit is passed."""
        if self.always is not None:
            return np.empty(0)
        a, b = self.signed_m[first:last], self.signed_m[first + 1 : last + 1]
        step = np.flatnonzero((a > 0) != (b > 0)) if len(a) else np.empty(0, dtype=np.int64)
        step = step[np.isfinite(a[step]) & np.isfinite(b[step])]
        return np.asarray(first + step + a[step] / (a[step] - b[step]), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Vertical:
    """How a path lies to a floor and a ceiling; negative is inside."""

    trajectory: Trajectory
    floor: _Side
    ceiling: _Side

    @property
    def band_sigmas(self) -> float:
        """Return the coverage factor of the guard band: its width in sigmas."""
        return self.trajectory.thresholds.band_sigmas

    @property
    def is_unlimited(self) -> bool:
        """Tell whether every height is inside."""
        return self.floor.always == self.ceiling.always == -np.inf

    def signed_at(self, row: Floats) -> Floats:
        """Return the signed distance (m) to the nearer limit at fractional rows.

        NaN where it is unknown and could matter. Outside one limit is outside, whatever the other is.
        """
        below, above = self.floor.at(row)[0], self.ceiling.at(row)[0]
        both = np.maximum(below, above)
        both = np.where(np.isnan(below) & (above > 0), above, both)
        return np.where(np.isnan(above) & (below > 0), below, both)

    def sigma_at(self, row: Floats) -> Floats:
        """Return the sigma (m) of the height against the limit that `signed_at` gives at fractional rows."""
        (below, below_sigma, _), (above, above_sigma, _) = self.floor.at(row), self.ceiling.at(row)
        is_floor = (below >= above) | (np.isnan(above) & (below > 0))
        return np.where(is_floor, below_sigma, above_sigma)

    def ratio_at(self, row: Floats) -> Floats:
        """Return the signed distance in guard bands at fractional rows, the bound taken off.

        0 (unknown) decides nothing.
        """
        return np.maximum(self._ratio(self.floor, row), self._ratio(self.ceiling, row))

    def _ratio(self, side: _Side, row: Floats) -> Floats:
        signed, sigma, slack = side.at(row)
        beyond = np.sign(signed) * np.maximum(np.abs(signed) - slack, 0.0)
        return np.nan_to_num(
            beyond / (self.band_sigmas * np.maximum(sigma, _LEAST_SIGMA_M)), nan=0.0, posinf=np.inf, neginf=-np.inf
        )

    def probes(self, begin: float, end: float) -> Floats:
        """Return the rows from `begin` to `end` where height could decide.

        These are both ends, fixes, crossings, and places between crossings.
        """
        first, last = int(np.floor(begin)), int(np.ceil(end))
        crossed = np.concatenate([self.floor.crossings(first, last), self.ceiling.crossings(first, last)])
        fixes = np.arange(np.ceil(begin), np.floor(end) + 1)
        rows = np.unique(np.concatenate([[begin, end], fixes, crossed]))
        rows = rows[(rows >= begin) & (rows <= end)]
        if len(crossed) or self.floor.is_met(first, last) or self.ceiling.is_met(first, last):
            return np.unique(np.concatenate([rows, (rows[1:] + rows[:-1]) / 2]))
        return rows

    def inside(self, begin: float, end: float) -> list[Interval]:
        """Return the intervals between two rows where the height is between floor and ceiling.

        Unknown counts as not.
        """
        if self.is_unlimited:
            return [(begin, end)]
        if begin == end:  # a single fix is no stretch, and yet inside or not
            return [(begin, end)] if self.signed_at(np.array([begin]))[0] <= 0 else []
        first, last = int(np.floor(begin)), int(np.ceil(end))
        crossed = np.concatenate([self.floor.crossings(first, last), self.ceiling.crossings(first, last)])
        rows = np.unique(np.concatenate([[begin, end], np.arange(np.ceil(begin), np.floor(end) + 1), crossed]))
        rows = rows[(rows >= begin) & (rows <= end)]
        within = self.signed_at((rows[1:] + rows[:-1]) / 2) <= 0
        edges = np.flatnonzero(np.diff(np.concatenate([[False], within, [False]]).astype(np.int8)))
        return [(float(rows[a]), float(rows[b])) for a, b in zip(edges[::2], edges[1::2], strict=True)]

    def possible(self, begin: float, end: float) -> list[Interval]:
        """Return the intervals between two rows where the height may be between floor and ceiling.

        Unknown counts as such. Whole steps from probe to probe; a step counts unless both its ends and its middle are
        beyond all error.
        """
        rows = self.probes(begin, end)
        if len(rows) < 2:
            return [(begin, end)] if self.ratio_at(rows)[0] < 1 else []
        # A step at whose one end the height is missing has no middle of its own: that end speaks for it.
        open_ = self.ratio_at(rows) < 1
        within = open_[:-1] | open_[1:]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], within, [False]]).astype(np.int8)))
        return [(float(rows[a]), float(rows[b])) for a, b in zip(edges[::2], edges[1::2], strict=True)]

    def unknown(self, row: Floats) -> tuple[Reason, ...]:
        """Return why the height at these rows is unknown, or known within a bound that leaves it open."""
        signed, undecided = self.signed_at(row), np.abs(self.ratio_at(row)) < 1
        found: list[Reason] = []
        for side in (self.floor, self.ceiling):
            beyond, _, slack = side.at(row)
            missing = np.isnan(beyond) & np.isnan(signed)
            within_slack = ~missing & (slack > 0) & undecided & (np.abs(self._ratio(side, row)) < 1)
            found += [side.why_missing] if side.why_missing and missing.any() else []
            found += [side.why] if side.why and within_slack.any() else []
        return tuple(dict.fromkeys(found))

    def crossing_sigma_s(self, row: float) -> float | None:
        """Return the sigma (s) of the instant a limit was passed; None where none is passed here.

        It is the height's sigma over the climb rate, without the clock's own.
        """
        steps = [step for step in (int(np.ceil(row)) - 1, int(row)) if 0 <= step < len(self.trajectory) - 1]
        for side, step in ((side, step) for side in (self.floor, self.ceiling) for step in steps):
            crossed = side.crossings(step, step + 1)
            if len(crossed) and abs(crossed[0] - row) < 1e-9:
                rate_mps = abs(side.signed_m[step + 1] - side.signed_m[step]) / self.trajectory.step_s[step]
                _, sigma, slack = side.at(np.array([row]))
                sigma_m = float(np.hypot(sigma[0], slack[0] / np.sqrt(3.0)))  # anywhere within the bound
                if not rate_mps > 0:
                    return None
                return float(min(sigma_m / rate_mps, self.trajectory.duration_s))
        return None


def vertical_of(zone: Zone, altitudes: Altitudes) -> Vertical:
    """Return how the path lies between the zone's floor and ceiling."""
    floor, ceiling = (_side(limit, altitudes, is_floor=is_floor) for limit, is_floor in
                      ((zone.lower, True), (zone.upper, False)))  # fmt: skip
    return Vertical(altitudes.trajectory, floor, ceiling)


def _side(limit: Limit, altitudes: Altitudes, *, is_floor: bool) -> _Side:
    nothing = np.full(len(altitudes.trajectory), np.nan)
    none = np.zeros(len(altitudes.trajectory))
    if limit.datum is (Datum.GND if is_floor else Datum.UNL) or (is_floor and _at_ground(limit)):
        return _Side(nothing, nothing, none, always=-np.inf)
    if limit.datum in (Datum.GND, Datum.UNL):  # a ceiling on the ground, a floor without end: nothing is inside
        return _Side(nothing, nothing, none, always=np.inf)
    if limit.datum is Datum.UNKNOWN:
        return _Side(nothing, nothing, none, why_missing=Reason.VERTICAL_FRAME_UNKNOWN)
    answer = altitudes.in_datum(limit.datum)
    height = answer.column.value_m(_FRAME_OF[limit.datum])
    signed = limit.value_m - height if is_floor else height - limit.value_m
    # Flight levels that are known elsewhere in the log are not missing for want of the air pressure.
    sigma, bound = answer.column.sigma_m, answer.column.bound_m
    if limit.datum is Datum.AGL:
        signed, sigma, bound = _on_earth(limit, altitudes, (signed, sigma, bound), is_floor=is_floor)
    for_want_of_height = limit.datum is Datum.FL and bool(np.isfinite(signed).any())
    why_missing = Reason.HEIGHT_UNKNOWN if for_want_of_height else answer.why
    return _Side(signed, sigma, bound, answer.why, why_missing)


_Known = tuple[Floats, Floats, Floats]  # metres beyond a limit, sigma, bound


def _on_earth(limit: Limit, altitudes: Altitudes, known: _Known, *, is_floor: bool) -> _Known:
    """Return the same with the ends of what the Earth allows where those decide, and nothing better does."""
    signed, sigma, bound = known
    column = altitudes.on_any_ground
    height, k = column.value_m(VerticalDatum.AGL_TERRAIN), altitudes.trajectory.thresholds.band_sigmas
    middle = limit.value_m - height if is_floor else height - limit.value_m
    at_least = np.abs(middle) - column.bound_m
    is_open = ~(np.abs(signed) - bound >= k * sigma)  # what is not known is open
    is_decided = is_open & (at_least >= k * column.sigma_m)
    return (
        np.where(is_decided, np.copysign(at_least, middle), signed),
        np.where(is_decided, column.sigma_m, sigma),
        np.where(is_decided, 0.0, bound),
    )


def _at_ground(limit: Limit) -> bool:
    return limit.datum is Datum.AGL and limit.value_m <= 0
