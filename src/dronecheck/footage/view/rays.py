"""Rays of a camera, and the columns of ground that a picture shows: pure geometry on a sphere of the local radius.

World axes are north, east, down; the camera's forward, right, down. A ray is Rz(yaw) Ry(pitch) Rx(roll) times
(1, u tan(h / 2), v tan(v / 2)), u and v from -1 to 1 (DJI's gimbal angles; DOMAIN 5.3). Depression is the angle below
the horizontal, told by its tangent.

A picture is the cone between four planes through the camera. Cut by the upright half plane of one azimuth it is one
interval of depressions: so it is told by azimuth, as columns from a near to a far end, which holds for any roll, over
the nadir, and where a part of it is above the horizon.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.geo.plane import ECCENTRICITY_SQ, SEMI_MAJOR_M

__all__ = ["Columns", "columns", "corner_rays", "horizon_m", "radius_m", "range_m", "rotation"]

_CORNERS = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])  # top left, top right, bottom right, left
_UPRIGHT = 1e-12


def rotation(yaw_deg: Floats, pitch_deg: Floats, roll_deg: Floats) -> Floats:
    """Return Rz(yaw) Ry(pitch) Rx(roll) for angles of shape (n,) in degrees: (n, 3, 3), camera to north, east, down."""
    (sz, sy, sx), (cz, cy, cx) = ([f(np.radians(a)) for a in (yaw_deg, pitch_deg, roll_deg)] for f in (np.sin, np.cos))
    rows = [
        [cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx],
        [sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx],
        [-sy, cy * sx, cy * cx],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def corner_rays(turn: Floats, h_deg: Floats, v_deg: Floats) -> Floats:
    """Return the rays through the corners, (n, 4, 3): top left, top right, bottom right, bottom left, not normed.

    `turn` (n, 3, 3) is as of `rotation`, the angles (n,) span the whole picture, degrees below 180.
    """
    tangents = np.tan(np.radians(np.stack([h_deg, v_deg], axis=-1)) / 2)
    rays = np.ones((len(turn), 4, 3))
    rays[:, :, 1:] = _CORNERS * tangents[:, np.newaxis, :]
    return np.asarray(np.einsum("nij,nkj->nki", turn, rays), dtype=np.float64)


def radius_m(lat_deg: float, azimuth_rad: Floats) -> Floats:
    """Return the radius of curvature of WGS 84 (m) in azimuths of any shape (Euler's theorem)."""
    w = 1.0 - ECCENTRICITY_SQ * np.sin(np.radians(lat_deg)) ** 2
    prime_m = SEMI_MAJOR_M / np.sqrt(w)
    meridian_m = prime_m * (1.0 - ECCENTRICITY_SQ) / w
    return np.asarray(1.0 / (np.cos(azimuth_rad) ** 2 / meridian_m + np.sin(azimuth_rad) ** 2 / prime_m))


def horizon_m(height_m: Floats, radius: Floats | float) -> Floats:
    """Return how far away the geometric horizon is (m), sqrt(2 R h), for heights above the ground of any shape."""
    return np.sqrt(2.0 * radius * np.maximum(height_m, 0.0))


def range_m(tan_depression: Floats, height_m: Floats, radius: Floats) -> Floats:
    """Return how far away (m along the sphere) rays meet it; infinity where they pass over it. Shapes broadcast.

    With d the depression at the camera and e at the ground: cos e = (1 + h / R) cos d, and the range is R (d - e).
    """
    depression = np.arctan(tan_depression)
    cosine = (1.0 + height_m / radius) * np.cos(depression)
    misses = (depression <= 0) | (cosine >= 1.0)
    at_ground = np.arccos(np.where(misses, 1.0, cosine))
    return np.where(misses, np.inf, radius * (depression - at_ground))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of n pictures, k each: azimuth (rad, ascending), and the tangents of depression they reach between.

    `is_round` (n,) where every azimuth is seen, for the nadir or the zenith is; `is_any` (n,) where there are columns.
    `steep` is infinite where the nadir is seen, `flat` minus infinity where the zenith is.
    """

    azimuth: Floats
    flat: Floats
    steep: Floats
    is_round: Bools
    is_any: Bools


def columns(rays: Floats, count: int, least: float = -np.inf) -> Columns:
    """Return the columns of pictures with these corner rays (n, 4, 3), evenly over the azimuths, and at the corners.

    Of each only what is steeper than the tangent `least`, a finite one above zero, where one is given.
    """
    normals = np.cross(rays, np.roll(rays, -1, axis=1))
    centre = rays.sum(axis=1)
    normals *= np.sign(np.einsum("nij,nj->ni", normals, centre))[..., np.newaxis]
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    down = normals[:, :, 2]
    is_round = np.asarray((down >= 0).all(axis=1) | (down <= 0).all(axis=1), dtype=np.bool_)
    middle = np.arctan2(centre[:, 1], centre[:, 0])
    corners = _turned(np.arctan2(rays[:, :, 1], rays[:, :, 0]), middle[:, np.newaxis])
    begin = np.where(is_round, middle - np.pi, corners.min(axis=1))
    end = np.where(is_round, middle + np.pi, corners.max(axis=1))
    edges = corners
    if np.isfinite(least):
        facing, half = _at_depression(normals, ((begin + end) / 2)[:, np.newaxis], least)
        begin = np.maximum(begin, (facing - half[0]).max(axis=1))
        end = np.minimum(end, (facing + half[0]).min(axis=1))
        edges = _turned(np.concatenate([corners, facing - half[1], facing + half[1]], axis=1), middle[:, np.newaxis])
        is_round &= (down >= 0).all(axis=1)
    is_any = np.asarray(end >= begin, dtype=np.bool_)
    begin, end = np.where(is_any, begin, 0.0), np.where(is_any, end, 0.0)
    share = np.linspace(0.0, 1.0, count)
    azimuth = begin[:, np.newaxis] + share * (end - begin)[:, np.newaxis]
    edges = np.clip(edges, begin[:, np.newaxis], end[:, np.newaxis])
    azimuth = np.sort(np.concatenate([azimuth, edges], axis=1), axis=1)
    flat, steep = _depressions(normals, azimuth)
    if np.isfinite(least):
        flat, steep = np.maximum(flat, least), np.maximum(steep, least)
    return Columns(azimuth, flat, np.maximum(flat, steep), is_round, is_any)


def _at_depression(normals: Floats, middle: Floats, least: float) -> tuple[Floats, tuple[Floats, Floats]]:
    """Return which way the planes (n, 4, 3) face (rad), and how far from there they hold rays of a depression.

    First where the steep end, which planes facing up bound, is no less than that, infinity where it always is and minus
    infinity where it never is; then where each plane is at just that depression, (n, 4) all.
    """
    across = np.hypot(normals[:, :, 0], normals[:, :, 1])
    facing = _turned(np.arctan2(normals[:, :, 1], normals[:, :, 0]), middle)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # across cos(azimuth - facing) >= -down least
        cosine = np.nan_to_num(-normals[:, :, 2] * least / across, nan=0.0, posinf=2.0, neginf=-2.0)
    half = np.arccos(np.clip(cosine, -1.0, 1.0))
    bounds = normals[:, :, 2] < 0
    return facing, (np.where(bounds, np.where(cosine > 1.0, -np.inf, half), np.inf), half)


def _depressions(normals: Floats, azimuth: Floats) -> tuple[Floats, Floats]:
    """Return the least and greatest tangent of depression between the planes (n, 4, 3), at azimuths (n, k)."""
    level = normals[:, :, :1] * np.cos(azimuth)[:, np.newaxis] + normals[:, :, 1:2] * np.sin(azimuth)[:, np.newaxis]
    down = normals[:, :, 2:]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        bound = -level / down
    flat = np.where(down > _UPRIGHT, bound, -np.inf).max(axis=1)
    steep = np.where(down < -_UPRIGHT, bound, np.inf).min(axis=1)
    return flat, steep


def _turned(angle: Floats, near: Floats) -> Floats:
    """Move angles by whole turns to within half a turn of others (rad)."""
    return angle - 2 * np.pi * np.round((angle - near) / (2 * np.pi))
