"""A zone's floor and ceiling along a path: how far inside or outside, or why that is unknown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dronecheck.airspace.zone import Datum, Limit, Zone
from dronecheck.geo.polyline import Interval, point_at
from dronecheck.geofence.findings import Reason
from dronecheck.geofence.heights import height_column
from dronecheck.geofence.path import Path

__all__ = ["Vertical", "vertical_of"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Vertical:
    """Per fix: signed metres to the nearest limit (negative inside, NaN unknown) and the sigma that goes with it.

    `unknown` names why fixes are unknown. A zone from the ground up without a ceiling is -inf throughout.
    """

    signed_m: Floats
    sigma_m: Floats
    unknown: tuple[Reason, ...]
    band_sigmas: float

    @property
    def is_unlimited(self) -> bool:
        """Whether every height is inside."""
        return bool(np.all(np.isneginf(self.signed_m)))

    def ratio_at(self, row: Floats) -> Floats:
        """Signed distance in decision bands at fractional rows; NaN (unknown) becomes 0, which decides nothing."""
        if self.is_unlimited:
            return np.full(len(row), -np.inf)
        ratio = self.signed_at(row) / (self.band_sigmas * point_at(self.sigma_m[:, np.newaxis], row)[:, 0])
        return np.where(np.isnan(ratio), 0.0, ratio)

    def signed_at(self, row: Floats) -> Floats:
        """Signed metres at fractional rows, linear between fixes; NaN where a neighbour is unknown."""
        if self.is_unlimited:
            return np.full(len(row), -np.inf)
        return point_at(self.signed_m[:, np.newaxis], row)[:, 0]

    def inside(self, begin: float, end: float) -> list[Interval]:
        """The stretches between two rows where the height is between floor and ceiling (unknown counts as not)."""
        if self.is_unlimited:
            return [(begin, end)]
        if begin == end:  # a single fix is no stretch, and yet inside or not
            return [(begin, end)] if self.signed_at(np.array([begin]))[0] <= 0 else []
        rows = np.unique(np.concatenate([[begin, end], np.arange(np.ceil(begin), np.floor(end) + 1)]))
        value = self.signed_at(rows)
        stretches: list[Interval] = []
        for a, b, at_a, at_b in zip(rows[:-1], rows[1:], value[:-1], value[1:], strict=True):
            if np.isnan(at_a) or np.isnan(at_b) or (at_a > 0 and at_b > 0):
                continue
            level = a + (b - a) * at_a / (at_a - at_b) if (at_a > 0) != (at_b > 0) else b
            piece = (float(level), float(b)) if at_a > 0 else (float(a), float(level))
            if stretches and piece[0] <= stretches[-1][1]:
                stretches[-1] = (stretches[-1][0], piece[1])
            elif piece[1] > piece[0]:
                stretches.append(piece)
        return stretches


def vertical_of(zone: Zone, path: Path) -> Vertical:
    """How the path lies between the zone's floor and ceiling."""
    below, below_sigma, why_below = _beyond(zone.lower, path, is_floor=True)
    above, above_sigma, why_above = _beyond(zone.upper, path, is_floor=False)
    # Outside one limit for certain is outside, whatever the other is.
    signed = np.where(
        np.isnan(below) & (above > 0), above, np.where(np.isnan(above) & (below > 0), below, np.maximum(below, above))
    )
    sigma = np.where(above >= below, above_sigma, below_sigma)
    sigma = np.where(np.isnan(sigma), np.fmax(below_sigma, above_sigma), sigma)
    unknown = tuple(dict.fromkeys(r for r in (why_below, why_above) if r)) if np.isnan(signed).any() else ()
    return Vertical(signed, np.where(np.isfinite(sigma), sigma, 1.0), unknown, path.thresholds.band_sigmas)


def _beyond(limit: Limit, path: Path, *, is_floor: bool) -> tuple[Floats, Floats, Reason | None]:
    """Metres beyond one limit (positive outside, NaN unknown), its sigma, and why it is unknown."""
    count = len(path)
    nothing = np.full(count, np.nan)
    if limit.datum is (Datum.GND if is_floor else Datum.UNL) or (is_floor and _at_ground(limit)):
        return np.full(count, -np.inf), nothing, None
    if limit.datum in (Datum.GND, Datum.UNL):  # a ceiling on the ground, a floor without end: nothing is inside
        return np.full(count, np.inf), nothing, None
    if limit.datum in (Datum.UNKNOWN, Datum.FL):
        return nothing, nothing, Reason.VERTICAL_FRAME_UNKNOWN
    column = height_column(path, limit.datum)
    why = Reason.NO_TERRAIN if limit.datum is Datum.AGL else Reason.HEIGHT_UNKNOWN
    if column is None:
        return nothing, nothing, why
    height, sigma = column
    return (limit.value_m - height if is_floor else height - limit.value_m), sigma, why


def _at_ground(limit: Limit) -> bool:
    return limit.datum is Datum.AGL and limit.value_m <= 0
