"""What a camera's draws see of the ground, as outlines in metres east and north of the camera.

`ground` is what rays steeper than 2 degrees below the horizon reach; `reach` is that and all that flatter rays could:
to 1.2 times the geometric horizon, and of columns that show nothing but sky all the ground below them. Where field of
view, height or a trusted direction is missing, `reach` is the half of the world in front of the camera, without a
direction the whole circle: enough to say that something is outside, and for nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats, Ints
from dronecheck.footage.view.draws import CameraDraws
from dronecheck.footage.view.rays import Columns, columns, corner_rays, horizon_m, radius_m, range_m

__all__ = ["BEYOND_CAP", "LEAST_TAN", "GroundModel", "OutlineRings", "SphereGround", "View", "view_of"]

LEAST_TAN = float(np.tan(np.radians(2.0)))
BEYOND_CAP = 1.2
_COLUMNS, _AROUND = 24, 48
_SIGMAS_UP = 2.0


class GroundModel(Protocol):
    """The ground around one camera."""

    def range_m(self, azimuth_rad: Floats, tan_depression: Floats, height_m: Floats) -> Floats:
        """Return how far away rays (n, k) from heights (n, 1) above the ground below meet it, m; else infinity."""
        ...

    def cap_m(self, height_m: Floats) -> Floats:
        """Return how far away the horizon is (m) for heights (n,) above the ground below."""
        ...


@dataclass(frozen=True, slots=True)
class SphereGround:
    """A sphere with the ellipsoid's curvature in each azimuth; the ground is as high as below the camera."""

    lat_deg: float

    def range_m(self, azimuth_rad: Floats, tan_depression: Floats, height_m: Floats) -> Floats:
        """Return ranges as `GroundModel` says."""
        return range_m(tan_depression, height_m, radius_m(self.lat_deg, azimuth_rad))

    def cap_m(self, height_m: Floats) -> Floats:
        """Return the horizon as `GroundModel` says."""
        return horizon_m(height_m, float(radius_m(self.lat_deg, np.array([0.25 * np.pi]))[0]))


@dataclass(frozen=True, slots=True)
class OutlineRings:
    """Rings of points (m, 2) in metres, all of one draw `row` (m,) in order; draws without any have none."""

    xy_m: Floats
    row: Ints

    def polygons(self, shift_m: Floats) -> tuple[np.ndarray[tuple[int], np.dtype[np.object_]], Ints]:
        """Return one polygon a draw that has one, moved by its shift, and which draws these are; shifts are (n, 2)."""
        rows, which = np.unique(self.row, return_inverse=True)
        if not len(rows):
            return np.empty(0, dtype=object), rows
        rings = np.asarray(shapely.linearrings(self.xy_m + shift_m[self.row], indices=which))
        return np.atleast_1d(np.asarray(shapely.polygons(rings))), rows

    def placed(self, origin_m: Floats) -> OutlineRings:
        """Return the same in a plane where the camera is at `origin_m` (2,)."""
        return OutlineRings(self.xy_m + origin_m, self.row)


@dataclass(frozen=True, slots=True)
class View:
    """What n draws see. `ground` and `centre_m` (n, 2) are None where only `reach` is known.

    A centre is NaN where the ray through the middle is not steeper than 2 degrees. `at_m` is the camera's own place.
    """

    aside: Floats  # (n, 2) in standard deviations
    reach: OutlineRings
    ground: OutlineRings | None
    centre_m: Floats | None
    at_m: Floats
    hull: BaseGeometry

    @property
    def farthest_m(self) -> float:
        """Return how far from the camera anything is that may be seen (m)."""
        return float(np.hypot(*(shapely.get_coordinates(self.hull) - self.at_m).T).max())

    def placed(self, origin_m: Floats) -> View:
        """Return the same in a plane where the camera is at `origin_m` (2,)."""
        ground = self.ground.placed(origin_m) if self.ground is not None else None
        centre = self.centre_m + origin_m if self.centre_m is not None else None
        hull = shapely.transform(self.hull, lambda xy: xy + origin_m)
        return View(self.aside, self.reach.placed(origin_m), ground, centre, origin_m, hull)


def view_of(draws: CameraDraws, ground: GroundModel, height_m: float, sigma_m: float, *, is_whole: bool) -> View:
    """Return what the draws of a camera see; `height_m` and `sigma_m` are what their heights were drawn from.

    `is_whole` says that direction, field of view and height are all known and trusted.
    """
    cap = ground.cap_m(draws.height_m)
    if draws.turn is None:
        highest = np.maximum(draws.height_m, height_m + _SIGMAS_UP * sigma_m)
        reach = _circles(BEYOND_CAP * ground.cap_m(highest))
    elif not is_whole or draws.h_deg is None or draws.v_deg is None:
        reach = _half_spaces(draws, ground, cap)
    else:
        rays = corner_rays(draws.turn, draws.h_deg, draws.v_deg)
        forward = draws.turn[:, :, 0]
        reach = _reach(columns(rays, _COLUMNS), ground, draws.height_m, cap)
        below = _below(columns(rays, _COLUMNS, LEAST_TAN), ground, draws.height_m, cap)
        centre = _centre(forward, ground, draws.height_m, cap)
        return View(draws.aside, reach, below, centre, np.zeros(2), _hull(reach))
    return View(draws.aside, reach, None, None, np.zeros(2), _hull(reach))


def _hull(reach: OutlineRings) -> BaseGeometry:
    return shapely.LineString(reach.xy_m).convex_hull  # as one line: of points it takes ten times as long


def _reach(seen: Columns, ground: GroundModel, height_m: Floats, cap_m: Floats) -> OutlineRings:
    """Return all that rays steep or flat could reach; arcs are drawn around, not inside."""
    height, cap = height_m[:, np.newaxis], cap_m[:, np.newaxis]
    far = ground.range_m(seen.azimuth, seen.flat, height)
    is_sky = far > cap
    is_sky[:, 1:] |= is_sky[:, :-1].copy()  # one column wider: between two of them the outline is a chord
    is_sky[:, :-1] |= is_sky[:, 1:].copy()
    far = np.where(is_sky, BEYOND_CAP * cap, far)
    near = ground.range_m(seen.azimuth, seen.steep, height)
    near = np.where(np.isfinite(near), np.minimum(near, far), 0.0)  # nothing but sky: all that is below it
    widest = np.diff(seen.azimuth, axis=1).max(axis=1, keepdims=True)
    return _rings(seen, near, far / np.cos(np.minimum(widest, 1.0) / 2))


def _below(seen: Columns, ground: GroundModel, height_m: Floats, cap_m: Floats) -> OutlineRings:
    """Return the ground that steep enough rays meet."""
    height, cap = height_m[:, np.newaxis], cap_m[:, np.newaxis]
    near, far = (np.minimum(ground.range_m(seen.azimuth, t, height), cap) for t in (seen.steep, seen.flat))
    return _rings(seen, np.minimum(near, far), far)


def _centre(forward: Floats, ground: GroundModel, height_m: Floats, cap_m: Floats) -> Floats:
    level = np.hypot(forward[:, 0], forward[:, 1])
    tangent = forward[:, 2] / np.maximum(level, 1e-12)
    azimuth = np.arctan2(forward[:, 1], forward[:, 0])
    away = ground.range_m(azimuth[:, np.newaxis], tangent[:, np.newaxis], height_m[:, np.newaxis])[:, 0]
    away = np.where(tangent >= LEAST_TAN, np.minimum(away, cap_m), np.nan)
    return np.column_stack([away * np.sin(azimuth), away * np.cos(azimuth)])


def _circles(radius: Floats) -> OutlineRings:
    azimuth = np.linspace(-np.pi, np.pi, _AROUND, endpoint=False)
    return _stars(np.tile(azimuth, (len(radius), 1)), np.tile(radius[:, np.newaxis], (1, _AROUND)))


def _half_spaces(draws: CameraDraws, ground: GroundModel, cap_m: Floats) -> OutlineRings:
    """Return what lies in front of the plane across the line of sight: a cone of 90 degrees around it."""
    assert draws.turn is not None
    forward = draws.turn[:, :, 0]
    azimuth = np.tile(np.linspace(-np.pi, np.pi, _AROUND, endpoint=False), (len(forward), 1))
    ahead = forward[:, :1] * np.cos(azimuth) + forward[:, 1:2] * np.sin(azimuth)
    level = np.hypot(forward[:, :1], forward[:, 1:2])
    is_ahead = ahead >= -level * np.sin(2 * np.pi / _AROUND) - 1e-12  # one step wider: the outline is of chords
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        tangent = np.where(forward[:, 2:] > 0, -ahead / forward[:, 2:], np.inf)
    behind = ground.range_m(azimuth, np.where(is_ahead, np.inf, tangent), draws.height_m[:, np.newaxis])
    far = BEYOND_CAP * cap_m[:, np.newaxis]
    return _stars(azimuth, np.where(is_ahead | (behind > cap_m[:, np.newaxis]), far, behind))


def _stars(azimuth: Floats, far: Floats) -> OutlineRings:
    count = azimuth.shape[1]
    far = np.maximum(far, 0.1) / np.cos(np.pi / count)
    xy = np.stack([far * np.sin(azimuth), far * np.cos(azimuth)], axis=-1)
    return OutlineRings(xy.reshape(-1, 2), np.arange(len(azimuth) * count, dtype=np.int64) // count)


def _rings(seen: Columns, near: Floats, far: Floats) -> OutlineRings:
    """Return the rings along the far ends and back along the near ones; around the nadir the far ends alone."""
    sine, cosine = np.sin(seen.azimuth), np.cos(seen.azimuth)
    outer = np.stack([far * sine, far * cosine], axis=-1)
    inner = np.stack([near * sine, near * cosine], axis=-1)[:, ::-1]
    points = np.concatenate([outer, inner], axis=1)
    count = seen.azimuth.shape[1]
    is_used = np.tile(seen.is_any[:, np.newaxis], (1, 2 * count))
    is_used[seen.is_round, count:] = False
    return OutlineRings(points[is_used], np.asarray(np.nonzero(is_used)[0], dtype=np.int64))
