"""The ground around one camera by terrain files: rays are followed until they are under it.

A ray that meets the ground at range r and height z has the tangent of depression ((R + h) - (R + z) cos g) /
((R + z) sin g), g = r / R. The first place along an azimuth where that is no more than the ray's own is where it ends:
so one profile of the terrain serves every ray of its azimuth, whatever its depression and height.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.footage.view.rays import horizon_m, radius_m
from dronecheck.geo.plane import geodesic_ahead
from dronecheck.geofence.altitude.altitudes import TerrainHeights

__all__ = ["TerrainGround"]

_STEP_M, _FINE_STEP_M = 30.0, 15.0  # half a cell of 1 arc second is 15 m
_GROWTH, _FINE_GROWTH = 0.015, 0.002
_AZIMUTHS = 120
_AT_ONCE = 2_000_000
_BEYOND = 1.2
_TURN = 2 * np.pi


@dataclass(frozen=True, eq=False)
class TerrainGround:
    """Profiles of the terrain: `above_m` (a, m) over the ground below the camera, at ranges `away_m` (m,).

    They run along azimuths (a,), ascending from minus pi to pi. Where no file knows the ground it is taken to be as
    high as below the camera.
    """

    lat_deg: float
    azimuth_rad: Floats
    above_m: Floats
    away_m: Floats

    @classmethod
    def around(
        cls, ground: TerrainHeights, lon_deg: float, lat_deg: float, height_m: float, fine_rad: Floats | None = None
    ) -> Self | None:
        """Return the terrain around a camera `height_m` above the ground; None where that is not known below it.

        All around in steps of 30 m that grow with the range by 15 in 1,000; or along azimuths given (rad), in steps of
        15 m that grow by 2 in 1,000.
        """
        below_m = float(ground.ground_amsl_m(np.array([lon_deg]), np.array([lat_deg]))[0][0])
        if not np.isfinite(below_m):
            return None
        step_m, growth = (_STEP_M, _GROWTH) if fine_rad is None else (_FINE_STEP_M, _FINE_GROWTH)
        azimuth = np.linspace(-np.pi, np.pi, _AZIMUTHS, endpoint=False) if fine_rad is None else _wrapped(fine_rad)
        azimuth = np.unique(azimuth)
        farthest_m = _BEYOND * float(horizon_m(np.array([height_m]), float(radius_m(lat_deg, np.zeros(1))[0]))[0])
        away = _steps(step_m, growth, farthest_m)
        start = np.tile([lon_deg, lat_deg], (len(azimuth) * len(away), 1))
        rays_deg = np.tile(np.degrees(azimuth)[:, np.newaxis], (1, len(away))).ravel()
        places = geodesic_ahead(start, rays_deg, np.tile(away, len(azimuth)))
        height, _ = ground.ground_amsl_m(places[:, 0], places[:, 1])
        above = np.where(np.isfinite(height), height - below_m, 0.0).reshape(len(azimuth), len(away))
        return cls(lat_deg, azimuth, above, away)

    def range_m(self, azimuth_rad: Floats, tan_depression: Floats, height_m: Floats) -> Floats:
        """Return ranges as `GroundModel` says; between two azimuths of the profiles by the nearer."""
        shape = np.broadcast_shapes(azimuth_rad.shape, tan_depression.shape, height_m.shape)
        which = np.broadcast_to(self._nearest(azimuth_rad), shape).ravel()
        tangent, height = (np.broadcast_to(v, shape).ravel() for v in (tan_depression, height_m))
        rows = max(1, _AT_ONCE // len(self.away_m))
        parts = [slice(first, first + rows) for first in range(0, max(len(which), 1), rows)]
        return np.concatenate([self._ends(which[p], tangent[p], height[p]) for p in parts]).reshape(shape)

    def cap_m(self, height_m: Floats) -> Floats:
        """Return the horizon as `GroundModel` says, over the lowest ground around."""
        lowest = min(0.0, float(self.above_m.min()))
        return horizon_m(height_m - lowest, float(radius_m(self.lat_deg, np.array([0.25 * np.pi]))[0]))

    def _nearest(self, azimuth_rad: Floats) -> Ints:
        """Return which profile is nearest to azimuths of any shape."""
        wanted, count = _wrapped(azimuth_rad), len(self.azimuth_rad)
        after = np.searchsorted(self.azimuth_rad, wanted) % count
        before = (after - 1) % count
        off = [np.abs(_wrapped(self.azimuth_rad[i] - wanted)) for i in (before, after)]
        return np.asarray(np.where(off[0] < off[1], before, after), dtype=np.int64)

    @cached_property
    def _of_profiles(self) -> tuple[Floats, Floats, Floats]:
        """Return the radius along each azimuth (a,), and the ground's height over and distance from Earth's axis there.

        That axis is the one from the Earth's centre through the camera: (R + z) cos g and (R + z) sin g, (a, m) both.
        """
        radius = radius_m(self.lat_deg, self.azimuth_rad)
        angle = self.away_m / radius[:, np.newaxis]
        at = radius[:, np.newaxis] + self.above_m
        return radius, at * np.cos(angle), at * np.sin(angle)

    def _ends(self, which: Ints, tangent: Floats, height: Floats) -> Floats:
        """Return the range of rays (k,): linear between the last place above the ground and the first under it."""
        radius, along, across = self._of_profiles
        clear_m = (radius[which] + height)[:, np.newaxis] - along[which]  # of the ray's start over the ground's level
        clear_m -= np.where(np.isfinite(tangent), tangent, np.copysign(1e9, tangent))[:, np.newaxis] * across[which]
        under = clear_m <= 0
        first = np.argmax(under, axis=1)
        rows = np.arange(len(first), dtype=np.intp)
        before = np.maximum(first - 1, 0)
        above_m = np.where(first > 0, clear_m[rows, before], height)
        start = np.where(first > 0, self.away_m[before], 0.0)
        share = above_m / np.maximum(above_m - clear_m[rows, first], 1e-9)
        ends = start + np.clip(share, 0.0, 1.0) * (self.away_m[first] - start)
        return np.where(under.any(axis=1), ends, np.inf)


def _wrapped(angle_rad: Floats) -> Floats:
    return np.asarray((angle_rad + np.pi) % _TURN - np.pi, dtype=np.float64)


def _steps(step_m: float, growth: float, farthest_m: float) -> Floats:
    """Return ranges (m,) from a step on, each farther than the one before by a step that grows with the range."""
    away = [step_m]
    while away[-1] < farthest_m:
        away.append(away[-1] + max(step_m, growth * away[-1]))
    return np.array(away)
