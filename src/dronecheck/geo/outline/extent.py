"""How large an area is on the ellipsoid, and which box it lies in, for all areas up to the whole Earth."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats
from dronecheck.geo.plane import geodesic_area_m2, wrap_lon
from dronecheck.geo.types import Box

__all__ = ["EARTH_M2", "area_m2", "box_on_globe"]

EARTH_M2 = 510_065_621_724_088.44  # of WGS 84
_TURN_DEG = 360.0
_ON_MERIDIAN_DEG = 1e-9


def area_m2(geometry: BaseGeometry) -> float:
    """Return the area (m2) of polygons in degrees with geodesic edges (Karney's), each ring's longitudes unwrapped.

    A geodesic polygon has two sides, and its area is known up to that: the larger side is taken where the ring in
    longitude and latitude says so, which for the whole Earth has no outline at all on the globe.
    """
    total = 0.0
    for polygon in shapely.get_parts(geometry):
        for number, ring in enumerate((polygon.exterior, *polygon.interiors)):
            xy = shapely.get_coordinates(ring)
            area, roughly = geodesic_area_m2(xy), _roughly_m2(xy)
            area = min((area, EARTH_M2 - area), key=lambda side: abs(side - roughly))
            total += -area if number else area
    return total


def _roughly_m2(ring_deg: Floats) -> float:
    """Return what a closed ring (n, 2) encloses between straight edges in longitude and sine of latitude (Lambert)."""
    lon, sine = np.radians(ring_deg[:, 0]), np.sin(np.radians(ring_deg[:, 1]))
    return abs(float((np.diff(lon) * (sine[1:] + sine[:-1])).sum())) / 2 * EARTH_M2 / (4 * np.pi)


def box_on_globe(geometry: BaseGeometry) -> Box:
    """Return west, south, east, north; west is greater than east where it is across 180 degrees (RFC 7946, 5.2)."""
    west, south, east, north = (float(v) for v in geometry.bounds)
    if east - west < _TURN_DEG - _ON_MERIDIAN_DEG and west >= -180.0 and east <= 180.0:
        return west, south, east, north
    spans = sorted((float(v[0]), float(v[2])) for v in shapely.bounds(shapely.get_parts(geometry)))
    spans = sorted((float(wrap_lon(w)), float(wrap_lon(w)) + e - w) for w, e in spans)
    gaps, reached = list[tuple[float, float, float]](), spans[0][1]  # width, and the longitudes beside it
    for begin, end in [*spans[1:], (spans[0][0] + _TURN_DEG, 0.0)]:
        gaps.append((begin - reached, reached, begin))
        reached = max(reached, end)
    width, last, first = max(gaps)
    if width <= _ON_MERIDIAN_DEG:
        return -180.0, south, 180.0, north
    return _shown(first), south, _shown(last, is_east=True), north


def _shown(lon_deg: float, *, is_east: bool = False) -> float:
    wrapped = float(wrap_lon(lon_deg))
    return 180.0 if is_east and wrapped == -180.0 else wrapped
