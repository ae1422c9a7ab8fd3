"""The ground around one camera by terrain files: rays are followed until they are under it.

A ray that meets the ground at range r and height z has the tangent of depression ((R + h) - (R + z) cos g) /
((R + z) sin g), g = r / R. The first place along an azimuth where that is no more than the ray's own is where it ends:
so one profile of the terrain serves every ray of its azimuth, whatever its depression and height.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.footage.view.rays import horizon_m, radius_m
from dronecheck.geo.plane import geodesic_ahead
from dronecheck.geofence.altitude.altitudes import TerrainHeights

__all__ = ["TerrainGround"]

_STEP_M, _FINE_STEP_M = 30.0, 15.0  # half a cell of 1 arc second is 15 m
_GROWTH, _FINE_GROWTH = 0.015, 0.002
_AZIMUTHS, _FINE_AZIMUTHS = 120, 240
_AT_ONCE = 2_000_000
_BEYOND = 1.2


@dataclass(frozen=True, eq=False)
class TerrainGround:
    """Profiles of the terrain in all azimuths: `above_m` (a, m) over the ground below the camera, at `away_m` (m,).

    Where no file knows the ground it is taken to be as high as below the camera.
    """

    lat_deg: float
    above_m: Floats
    away_m: Floats

    @classmethod
    def around(
        cls, ground: TerrainHeights, lon_deg: float, lat_deg: float, height_m: float, *, is_fine: bool = False
    ) -> Self | None:
        """Return the terrain around a camera `height_m` above the ground; None where that is not known below it.

        Steps are 15 m (fine) near the camera and grow with the range, by 2 in 1,000 (fine) or 15 in 1,000.
        """
        below_m = float(ground.ground_amsl_m(np.array([lon_deg]), np.array([lat_deg]))[0][0])
        if not np.isfinite(below_m):
            return None
        step_m, growth, count = (
            (_FINE_STEP_M, _FINE_GROWTH, _FINE_AZIMUTHS) if is_fine else (_STEP_M, _GROWTH, _AZIMUTHS)
        )
        farthest_m = _BEYOND * float(horizon_m(np.array([height_m]), float(radius_m(lat_deg, np.zeros(1))[0]))[0])
        away = _steps(step_m, growth, farthest_m)
        azimuth = np.linspace(-180.0, 180.0, count, endpoint=False)
        start = np.tile([lon_deg, lat_deg], (count * len(away), 1))
        lonlat = geodesic_ahead(start, np.repeat(azimuth, len(away)), np.tile(away, count))
        height, _ = ground.ground_amsl_m(lonlat[:, 0], lonlat[:, 1])
        above = np.where(np.isfinite(height), height - below_m, 0.0).reshape(count, len(away))
        return cls(lat_deg, above, away)

    def range_m(self, azimuth_rad: Floats, tan_depression: Floats, height_m: Floats) -> Floats:
        """Return ranges as `GroundModel` says; between two azimuths of the profiles by the nearer."""
        turn = azimuth_rad / (2 * np.pi) + 0.5
        which = np.round(turn * len(self.above_m)) % len(self.above_m)
        radius = radius_m(self.lat_deg, azimuth_rad)
        shape = np.broadcast_shapes(azimuth_rad.shape, tan_depression.shape, height_m.shape)
        flat: list[Floats] = [np.broadcast_to(v, shape).ravel() for v in (which, tan_depression, height_m, radius)]
        rows = max(1, _AT_ONCE // len(self.away_m))
        parts = [self._ends(*(v[first : first + rows] for v in flat)) for first in range(0, max(len(flat[0]), 1), rows)]
        return np.concatenate(parts).reshape(shape)

    def cap_m(self, height_m: Floats) -> Floats:
        """Return the horizon as `GroundModel` says, over the lowest ground around."""
        lowest = min(0.0, float(self.above_m.min()))
        return horizon_m(height_m - lowest, float(radius_m(self.lat_deg, np.array([0.25 * np.pi]))[0]))

    def _ends(self, which: Floats, tangent: Floats, height: Floats, radius: Floats) -> Floats:
        """Return the range of rays (k,): linear between the last place above the ground and the first under it."""
        angle = self.away_m / radius[:, np.newaxis]
        at = radius[:, np.newaxis] + self.above_m[which.astype(np.intp)]
        from_m = (radius + height)[:, np.newaxis]
        needed = (from_m - at * np.cos(angle)) / (at * np.sin(angle))
        under = needed <= tangent[:, np.newaxis]
        first = np.argmax(under, axis=1)
        rows = np.arange(len(first), dtype=np.intp)
        before = np.maximum(first - 1, 0)
        # in slopes a profile step is not straight, in heights of the ray over the ground it nearly is
        gap = [at[rows, i] * np.sin(angle[rows, i]) * (needed[rows, i] - tangent) for i in (before, first)]
        share = np.where(first > 0, gap[0] / np.maximum(gap[0] - gap[1], 1e-9), 1.0)
        start = np.where(first > 0, self.away_m[before], 0.0)
        ends = start + np.clip(share, 0.0, 1.0) * (self.away_m[first] - start)
        ends = np.where(first > 0, ends, np.minimum(self.away_m[0], height / np.maximum(tangent, 1e-9)))
        return np.where(under.any(axis=1) & (tangent > -np.inf), ends, np.inf)


def _steps(step_m: float, growth: float, farthest_m: float) -> Floats:
    """Return ranges (m,) from a step on, each farther than the one before by a step that grows with the range."""
    away = [step_m]
    while away[-1] < farthest_m:
        away.append(away[-1] + max(step_m, growth * away[-1]))
    return np.array(away)
