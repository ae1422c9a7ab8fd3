"""What a polygon's edge means between its two vertices, and densifying so that a plane's chord follows it.

A straight line in longitude and latitude (RFC 7946, section 3.1.1), a geodesic and a rhumb line between the same
two vertices differ by up to L^2 tan(lat) / (8 R): 1.6 m for 10 km at 40 degrees, 164 m for 100 km.
"""

from __future__ import annotations

import itertools
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dronecheck.geo.plane import ECCENTRICITY_SQ, SEMI_MAJOR_M, metres_per_degree

if TYPE_CHECKING:
    import shapely

__all__ = ["Edge", "densify"]

Floats = NDArray[np.float64]

_LONGEST_PIECE_M = 5_000.0  # an azimuthal-equidistant chord of 5 km within 50 km of the centre bends below 1 mm
_SHORTEST_PIECE_M = 5.0  # near the poles the bound for a parallel shrinks without need


class Edge(StrEnum):
    """The curve between two vertices."""

    PLANAR = "planar"  # straight in longitude and latitude
    GEODESIC = "geodesic"  # the shortest line on the ellipsoid
    RHUMB = "rhumb"  # constant course


def densify(geometry: shapely.Geometry, edge: Edge, tolerance_m: float = 0.01) -> shapely.Geometry:
    """Add vertices to a polygonal geometry in degrees, so that chords of a local plane follow the edge model.

    `tolerance_m` bounds the distance between chord and curve. The longitudes of each ring must be unwrapped.
    """
    import shapely

    polygons = [
        shapely.Polygon(
            _densify_ring(shapely.get_coordinates(part.exterior), edge, tolerance_m),
            [_densify_ring(shapely.get_coordinates(hole), edge, tolerance_m) for hole in part.interiors],
        )
        for part in shapely.get_parts(geometry)
        if isinstance(part, shapely.Polygon) and not part.is_empty
    ]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _densify_ring(ring: Floats, edge: Edge, tolerance_m: float) -> Floats:
    pieces = [_densify_edge(a, b, edge, tolerance_m) for a, b in itertools.pairwise(ring)]
    return np.concatenate([*pieces, ring[-1:]]) if pieces else ring


def _densify_edge(a: Floats, b: Floats, edge: Edge, tolerance_m: float) -> Floats:
    """Points from `a` (included) towards `b` (left out), shape (k, 2)."""
    east_m, north_m = metres_per_degree((a[1] + b[1]) / 2)
    length_m = float(np.hypot((b[0] - a[0]) * east_m, (b[1] - a[1]) * north_m))
    tangent = abs(np.tan(np.radians(min(89.9, max(abs(a[1]), abs(b[1]))))))
    piece_m = min(_LONGEST_PIECE_M, float(np.sqrt(8 * SEMI_MAJOR_M * tolerance_m / max(tangent, 1e-3))))
    count = int(np.ceil(length_m / max(piece_m, _SHORTEST_PIECE_M)))
    if count <= 1:
        return a[np.newaxis]
    fraction = np.arange(count, dtype=np.float64) / count
    if edge is Edge.PLANAR:
        return np.asarray(a + fraction[:, np.newaxis] * (b - a), dtype=np.float64)
    if edge is Edge.GEODESIC:
        return _along_geodesic(a, b, count)
    return _along_rhumb(a, b, fraction)


def _along_geodesic(a: Floats, b: Floats, count: int) -> Floats:
    import pyproj

    between = pyproj.Geod(ellps="WGS84").npts(a[0], a[1], b[0], b[1], count - 1)
    points = np.array([tuple(a), *between], dtype=np.float64)
    # PROJ answers within one turn; follow the ring's own unwrapped longitudes.
    points[:, 0] = np.unwrap(points[:, 0], period=360.0)
    return points


def _along_rhumb(a: Floats, b: Floats, fraction: Floats) -> Floats:
    """A rhumb line is straight in longitude and isometric latitude; along a parallel it is the parallel."""
    lat = a[1] + fraction * (b[1] - a[1])
    psi_a, psi_b = _isometric(a[1:2])[0], _isometric(b[1:2])[0]
    share = fraction if abs(b[1] - a[1]) < 1e-9 else (_isometric(lat) - psi_a) / (psi_b - psi_a)
    return np.column_stack([a[0] + share * (b[0] - a[0]), lat])


def _isometric(lat_deg: Floats) -> Floats:
    """Isometric latitude on WGS 84 (Snyder, Map Projections, equation 7-7, without the radius)."""
    eccentricity = np.sqrt(ECCENTRICITY_SQ)
    sine = np.sin(np.radians(np.clip(lat_deg, -89.999999, 89.999999)))
    return np.asarray(np.arctanh(sine) - eccentricity * np.arctanh(eccentricity * sine), dtype=np.float64)
