"""A camera's rays against the WGS 84 ellipsoid in Earth-centred coordinates: nothing of it is dronecheck's."""

from __future__ import annotations

import numpy as np

A_M, F = 6378137.0, 1 / 298.257223563
B_M = A_M * (1 - F)
E2 = F * (2 - F)


def to_ecef(lat_deg, lon_deg, height_m):
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    n = A_M / np.sqrt(1 - E2 * np.sin(lat) ** 2)
    return np.stack([(n + height_m) * np.cos(lat) * np.cos(lon), (n + height_m) * np.cos(lat) * np.sin(lon),
                     (n * (1 - E2) + height_m) * np.sin(lat)], axis=-1)  # fmt: skip


def north_east_down(lat_deg, lon_deg):
    lat, lon = np.radians(lat_deg), np.radians(lon_deg)
    north = [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)]
    east = [-np.sin(lon), np.cos(lon), 0.0]
    down = [-np.cos(lat) * np.cos(lon), -np.cos(lat) * np.sin(lon), -np.sin(lat)]
    return np.array([north, east, down])


def turned(vector, axis, angle_deg):
    """A vector turned about a unit axis by the right hand (Rodrigues)."""
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return vector * cosine + np.cross(axis, vector) * sine + axis * np.dot(axis, vector) * (1 - cosine)


def directions(yaw_deg, pitch_deg, roll_deg, h_deg, v_deg, u, v):
    """Unit rays (n, 3) in north, east, down of picture places u, v in [-1, 1].

    The camera's axes are turned one after another: about the vertical, then about its own right, then its own forward.
    """
    forward, right, below = np.eye(3)
    forward, right = (turned(axis, below, yaw_deg) for axis in (forward, right))
    forward, below = (turned(axis, right, pitch_deg) for axis in (forward, below))
    right, below = (turned(axis, forward, roll_deg) for axis in (right, below))
    across, along = u * np.tan(np.radians(h_deg) / 2), v * np.tan(np.radians(v_deg) / 2)
    rays = forward + across[:, np.newaxis] * right + along[:, np.newaxis] * below
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)


def hits(lat_deg, lon_deg, height_m, rays_ned):
    """Latitude and longitude (degrees) of where rays (n, 3) meet the ellipsoid; NaN where they miss it."""
    eye = to_ecef(lat_deg, lon_deg, height_m)
    ray = rays_ned @ north_east_down(lat_deg, lon_deg)
    scale = np.array([1 / A_M, 1 / A_M, 1 / B_M])
    p, d = eye * scale, ray * scale
    a, b, c = (d * d).sum(-1), 2 * (d * p).sum(-1), (p * p).sum() - 1
    inner = b * b - 4 * a * c
    with np.errstate(invalid="ignore"):
        along = 2 * c / (-b + np.sqrt(inner))  # the nearer root, without cancellation
    along = np.where((inner >= 0) & (b < 0), along, np.nan)
    x, y, z = np.moveaxis(eye + along[:, np.newaxis] * ray, -1, 0)
    return np.degrees(np.arctan2(z, (1 - E2) * np.hypot(x, y))), np.degrees(np.arctan2(y, x))


def is_shown(lat_deg, lon_deg, height_m, pose_deg, fov_deg, place_lat_deg, place_lon_deg, least_deg):
    """Whether places on the ellipsoid (n,) lie in the picture, and steeper than `least_deg` below the horizontal.

    The other way round than a ray: the way to each place is laid into the camera's own axes.
    """
    way = (to_ecef(place_lat_deg, place_lon_deg, 0.0) - to_ecef(lat_deg, lon_deg, height_m)) @ north_east_down(
        lat_deg, lon_deg
    ).T
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    centre, right, below = (directions(*pose_deg, 90.0, 90.0, np.array([u]), np.array([v]))[0]
                            for u, v in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))  # fmt: skip
    right, below = (axis * np.sqrt(2) - centre for axis in (right, below))
    ahead, tangents = way @ centre, [np.tan(np.radians(angle) / 2) for angle in fov_deg]
    inside = (np.abs(way @ right) <= tangents[0] * ahead) & (np.abs(way @ below) <= tangents[1] * ahead)
    return (ahead > 0) & inside & (way[:, 2] >= np.sin(np.radians(least_deg)))
