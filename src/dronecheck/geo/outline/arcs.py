"""Geodesic circles and arcs as vertices with geodesic edges between them.

A circle is the set of points at one geodesic distance from its centre, as AIXM's CircleByCenterPoint and the radii of
ED-269 and ED-318 mean it; drawn on a sphere instead it is up to 52 m off at 5 NM. The vertices lie so close that an
edge leaves the circle by 1 cm at most: 2,137 of them for 5 NM, 7,025 for 100 km. With `circumscribed` the edges touch
the circle from outside, so that a zone never covers less than was published.
"""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.geo.outline.rings import unwrap_ring
from dronecheck.geo.plane import geodesic_ahead, geodesic_between

__all__ = ["EXACT_M", "arc", "circle"]

EXACT_M = 0.01
_LARGEST_M = 5_000_000.0  # beyond, circles of equal distance begin to meet themselves on the other side
_LEAST = 16


def circle(centre_deg: tuple[float, float], radius_m: float, *, circumscribed: bool = False) -> Floats:
    """Return a closed ring (n, 2) of longitude and latitude, unwrapped, around a centre given the same way.

    A circle around a pole is closed over it. Raises ValueError for a radius that is not above 0 and at most 5,000 km.
    """
    count = _count(radius_m, 360.0)
    azimuth = np.arange(count, dtype=np.float64) * 360.0 / count
    reach_m = radius_m / np.cos(np.pi / count) if circumscribed else radius_m
    ring = _around(centre_deg, azimuth, np.full(count, reach_m))
    return unwrap_ring(np.vstack([ring, ring[:1]]))


def arc(
    centre_deg: tuple[float, float],
    from_deg: tuple[float, float],
    to_deg: tuple[float, float],
    *,
    clockwise: bool,
    circumscribed: bool = False,
    tolerance_m: float = EXACT_M,
) -> Floats:
    """Return the points (n, 2) of an arc from one point to another, both included exactly, longitudes unwrapped.

    Published ends are rounded and lie at slightly different distances from the centre: the radius goes evenly from one
    to the other. Two equal ends make the whole circle. Raises ValueError as `circle` does.
    """
    centre, ends = np.array([centre_deg, centre_deg]), np.array([from_deg, to_deg], dtype=np.float64)
    azimuth, radius_m = geodesic_between(centre, ends)
    sweep = float((azimuth[1] - azimuth[0]) % 360.0) or 360.0
    if not clockwise and sweep < 360.0:
        sweep -= 360.0
    count = _count(float(radius_m.max()), abs(sweep), tolerance_m)
    _count(float(radius_m.min()), abs(sweep), tolerance_m)
    share = np.arange(1, count, dtype=np.float64) / count
    reach_m = radius_m[0] + share * (radius_m[1] - radius_m[0])
    if circumscribed:
        reach_m = reach_m / np.cos(np.radians(abs(sweep)) / (2 * count))
    between = _around(centre_deg, azimuth[0] + share * (sweep if clockwise else -abs(sweep)), reach_m)
    points = np.vstack([ends[:1], between, ends[1:]])
    points[:, 0] = np.unwrap(points[:, 0], period=360.0)
    return points


def _count(radius_m: float, sweep_deg: float, tolerance_m: float = EXACT_M) -> int:
    """Return how many edges keep the sagitta R (1 - cos(half an edge's angle)) within the tolerance."""
    if not 0.0 < radius_m <= _LARGEST_M:
        raise ValueError("a radius must be above 0 and at most 5,000 km")
    half_rad = np.sqrt(2.0 * tolerance_m / radius_m)
    return max(_LEAST, int(np.ceil(np.radians(sweep_deg) / (2.0 * half_rad))))


def _around(centre_deg: tuple[float, float], azimuth_deg: Floats, reach_m: Floats) -> Floats:
    return geodesic_ahead(np.tile(np.array(centre_deg, dtype=np.float64), (len(azimuth_deg), 1)), azimuth_deg, reach_m)
