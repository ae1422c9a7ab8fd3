"""Areas out of JSON coordinates: GeoJSON polygons, and circles by centre and radius.

The rings after a polygon's first are holes (RFC 7946, 3.1.6). A ring that is not closed is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from dronecheck.airspace.common.rejects import NoArea, Unusable
from dronecheck.arrays import Floats
from dronecheck.geo.outline.polygon_repair import TooTangled, repaired
from dronecheck.geo.outline.rings import unwrap_ring
from dronecheck.geo.outline.shape import Circle, Shape
from dronecheck.geo.plane import LocalPlane, metres_per_degree
from dronecheck.messages import Message, told_by
from dronecheck.safe.io import plain

__all__ = ["AREAS", "buffered", "circle_area", "doubtful_circle", "longest_edge_m", "polygon_area", "transposed"]

AREAS = ("Polygon", "MultiPolygon")

_NO_AREAS = ("Point", "MultiPoint", "LineString", "MultiLineString")
_FARTHEST_LON_DEG = 720.0  # some files count on past the antimeridian; more than that is no longitude
_LARGEST_M = 5_000_000.0
_WIDEST_RIM_M, _WIDEST_DEG = 50_000.0, 5.0
_BROKEN = (ValueError, TypeError, IndexError, KeyError, OverflowError, shapely.errors.GEOSException)

Turn = Callable[[Floats], Floats]


def transposed(points: Floats) -> Floats:
    """Turn latitude first into longitude first, shape (n, 2)."""
    return points[:, ::-1]


def polygon_area(geometry: object, turn: Turn | None = None) -> tuple[Shape, bool]:
    """Return the shape of a GeoJSON Polygon or MultiPolygon, and whether its outline had to be repaired.

    Raises Unusable, or NoArea for points and lines.
    """
    if not isinstance(geometry, dict) or geometry.get("type") not in AREAS:
        what = geometry.get("type") if isinstance(geometry, dict) else "none"
        kind = NoArea if what in _NO_AREAS else Unusable
        raise kind(Message("geometry {type}; only Polygon and MultiPolygon are areas", type=plain(what, 40)))
    coordinates: Any = geometry.get("coordinates")
    parts = [coordinates] if geometry["type"] == "Polygon" else coordinates
    try:
        polygons = [_polygon([_ring(points, turn) for points in part]) for part in parts]
        if not polygons:
            raise ValueError(Message("no ring"))
        repair = repaired(polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons))
    except TooTangled as why:
        raise Unusable(told_by(why)) from None
    except _BROKEN as error:
        raise Unusable(Message("its coordinates cannot be read ({why})", why=plain(told_by(error), 80))) from None
    if repair.geometry.is_empty and repair.uncertain is None:
        raise Unusable(Message("its outline encloses nothing"))
    return Shape(repair.geometry, repair.uncertain), repair.was_invalid


def circle_area(centre: object, radius_m: object, turn: Turn | None = None) -> Shape:
    """Return a circle, kept exact. Raises Unusable."""
    return Shape.of([[_circle(centre, radius_m, turn)]])


def doubtful_circle(centre: object, radius_m: object, smaller_m: object, turn: Turn | None = None) -> Shape:
    """Return a circle whose radius has two values: the ring between them is uncertain. Raises Unusable."""
    return Shape.either([circle_area(centre, radius_m, turn), circle_area(centre, smaller_m, turn)])


def buffered(shape: Shape, width_m: float) -> Shape:
    """Return the area with a rim `width_m` wide around it that is uncertain. Raises Unusable."""
    west, south, east, north = shape.bounds
    plane = LocalPlane((west + east) / 2, (south + north) / 2)
    if not 0.0 < width_m <= _WIDEST_RIM_M or max(east - west, north - south) > _WIDEST_DEG:
        raise Unusable(Message("a rim of {width_m:g} m around its outline cannot be made", width_m=width_m))
    flat = shapely.transform(shape.geometry, plane.forward)
    wide = shapely.transform(flat.buffer(width_m, quad_segs=64), plane.inverse)
    return Shape(shape.geometry, shapely.difference(wide, shape.geometry))


def longest_edge_m(shape: Shape) -> float:
    """Return the length of the longest edge (m), to 1 %."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(shape.geometry)), return_index=True)
    east_m, north_m = metres_per_degree((xy[1:, 1] + xy[:-1, 1]) / 2)
    length_m = np.hypot(np.diff(xy[:, 0]) * east_m, np.diff(xy[:, 1]) * north_m)[ring[1:] == ring[:-1]]
    return float(length_m.max(initial=0.0))


def _circle(centre: object, radius_m: object, turn: Turn | None) -> Circle:
    try:
        if isinstance(centre, str):
            raise ValueError(Message("letters are no numbers"))
        place = np.array([[float(centre[0]), float(centre[1])]], dtype=np.float64)  # type: ignore[index]
        radius = float(radius_m)  # type: ignore[arg-type]
    except _BROKEN:
        raise Unusable(Message("a circle without a centre and a radius")) from None
    lon, lat = (float(v) for v in _on_globe(place if turn is None else turn(place))[0])
    if not 0.0 < radius <= _LARGEST_M:
        raise Unusable(Message("a circle of radius {radius}", radius=plain(radius_m, 30)))
    return Circle((lon, lat), radius)


def _polygon(rings: list[Floats]) -> shapely.Polygon:
    return shapely.Polygon(rings[0], rings[1:])


def _ring(points: Any, turn: Turn | None) -> Floats:
    try:
        ring = np.array(points, dtype=np.float64)
    except ValueError:  # some points have a height, others none
        ring = np.array([[float(p[0]), float(p[1])] for p in points], dtype=np.float64)
    if ring.ndim != 2 or ring.shape[1] < 2:
        raise ValueError(Message("a ring needs points"))
    ring = ring[:, :2] if turn is None else turn(ring[:, :2])
    if not len(ring):
        raise ValueError(Message("a ring without points"))
    lon, lat = _on_globe(ring)[0] - ring[-1]
    if lat != 0.0 or lon % 360.0 != 0.0:  # -180 to 180 is closed: a ring around a pole
        ring = np.vstack([ring, ring[:1]])
    if len(ring) < 4:
        raise ValueError(Message("a ring needs four points, the last being the first"))
    others = ring[(ring != ring[0]).any(axis=1)]
    if not len(others) or not (others != others[0]).any():
        raise ValueError(Message("a ring needs three different points"))
    return unwrap_ring(ring)


def _on_globe(points: Floats) -> Floats:
    if not np.isfinite(points).all():
        raise Unusable(Message("its coordinates cannot be read (not a number)"))
    if (np.abs(points[:, 1]) > 90).any() or (np.abs(points[:, 0]) > _FARTHEST_LON_DEG).any():
        if (np.abs(points[:, 0]) <= 90).all():
            raise Unusable(Message("its coordinates are not on the globe (latitude first?)"))
        raise Unusable(Message("its coordinates are not on the globe"))
    return points
