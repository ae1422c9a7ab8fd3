"""A polygonal region in a local plane: which parts of a path lie inside, and how far each point is from its edge."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.geo.intervals import join
from dronecheck.geo.outline.edges import Edge, Pieces, follow
from dronecheck.geo.plane import LocalPlane, point_at
from dronecheck.geo.types import Box, Interval

__all__ = ["PlanarRegion"]


_ON_FRAME_DEG = 1e-9
_GRID_M = 1e-4
_GLOBE_M = 2.1e7  # farther than any two points are apart
_GLOBE = shapely.box(-_GLOBE_M, -_GLOBE_M, _GLOBE_M, _GLOBE_M)
_FRAME_POINTS = 17
_NOTHING = (np.empty((0, 2)), np.empty((0, 2)))


@dataclass(frozen=True, slots=True)
class _EdgeIndex:
    start: Floats  # (m, 2)
    end: Floats  # (m, 2)
    tree: shapely.STRtree


_Shape = tuple[BaseGeometry, _EdgeIndex, _EdgeIndex]  # in the plane: the polygon, all its edges, those in sight


class PlanarRegion:
    """A (multi)polygon in plane metres, cut out of a larger one by a window.

    Edges that lie on the window's frame bound the knowledge, not the region: they count for the inside test and
    for nothing else. Longitudes may be whole turns off the window's when the edges are geodesics or rhumb lines, and
    must be the window's own when they are planar. Raises ValueError for `Edge.AMBIGUOUS`.
    """

    def __init__(self, polygon_deg: BaseGeometry, edge: Edge, plane: LocalPlane, window: Box) -> None:
        if edge is Edge.PLANAR:
            self.polygon, self._outline, self._edges = _cut_in_degrees(polygon_deg, plane, window)
        else:
            self.polygon, self._outline, self._edges = _whole(polygon_deg, edge, plane, window)
        shapely.prepare(self.polygon)
        self.is_outside = False

    def complement(self) -> PlanarRegion:
        """Return everything else, with the same outline."""
        other = copy(self)
        other.is_outside = not self.is_outside
        return other

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing of the region lies in the window."""
        return bool(self.polygon.is_empty) and not self.is_outside

    @property
    def edges(self) -> tuple[Floats, Floats]:
        """Return start and end points of all real edges, two arrays of shape (m, 2)."""
        return self._edges.start, self._edges.end

    def contains(self, xy_m: Floats) -> Bools:
        """Tell which points of shape (n, 2) lie inside or on the outline."""
        held = np.asarray(shapely.intersects_xy(self.polygon, xy_m[:, 0], xy_m[:, 1]), dtype=np.bool_)
        return ~held if self.is_outside else held

    def nearest_edge_point(self, xy_m: Floats) -> tuple[Floats, Floats]:
        """Return the distance to the nearest real edge, shape (n,), and the nearest point on it, (n, 2), in metres.

        Without any edge in the window: infinity and NaN.
        """
        count = len(xy_m)
        if not len(self._edges.start) or not count:
            return np.full(count, np.inf), np.full((count, 2), np.nan)
        point, which = self._edges.tree.query_nearest(shapely.points(xy_m), all_matches=False)
        edge = np.empty(count, dtype=np.int64)
        edge[point] = which
        foot = _foot(xy_m, self._edges.start[edge], self._edges.end[edge])
        return np.hypot(*(xy_m - foot).T), foot

    def signed_distance(self, xy_m: Floats) -> tuple[Floats, Floats]:
        """Return the signed distance to the nearest real edge (m, negative inside) and that point: (n,) and (n, 2)."""
        distance, foot = self.nearest_edge_point(xy_m)
        return np.where(self.contains(xy_m), -distance, distance), foot

    def crossings(self, path_m: Floats, steps: Ints | None = None) -> Floats:
        """Return where a path of shape (n, 2) meets the outline: sorted fractional rows, each once.

        `steps` are the first rows of the only segments that can meet it; None asks for all.
        """
        steps = np.arange(len(path_m) - 1, dtype=np.int64) if steps is None else steps
        if not len(steps) or not len(self._outline.start):
            return np.empty(0)
        segments = shapely.linestrings(np.stack([path_m[steps], path_m[steps + 1]], axis=1))
        which, edge = self._outline.tree.query(segments, predicate="intersects")
        row = steps[which]
        p, r = path_m[row], path_m[row + 1] - path_m[row]
        q, s = self._outline.start[edge], self._outline.end[edge] - self._outline.start[edge]
        cross = r[:, 0] * s[:, 1] - r[:, 1] * s[:, 0]
        meets = cross != 0  # parallel to an edge: its neighbours give the two ends
        w = (q - p)[meets]
        share = (w[:, 0] * s[meets, 1] - w[:, 1] * s[meets, 0]) / cross[meets]
        return np.unique(row[meets] + np.clip(share, 0.0, 1.0))

    def inside_intervals(self, path_m: Floats, steps: Ints | None = None) -> list[Interval]:
        """Return the intervals of a path (n, 2) inside the region, in order, touching ones joined.

        Exact on segments: a corridor that lies wholly between two rows is found. `steps` as for `crossings`.
        """
        if self.is_empty or not len(path_m):
            return []
        if len(path_m) == 1:
            return [(0.0, 0.0)] if self.contains(path_m)[0] else []
        cuts = np.unique(np.concatenate([[0.0, len(path_m) - 1.0], self.crossings(path_m, steps)]))
        inside = self.contains(point_at(path_m, (cuts[1:] + cuts[:-1]) / 2))
        return join(list(zip(cuts[:-1][inside].tolist(), cuts[1:][inside].tolist(), strict=True)))


def _foot(xy: Floats, a: Floats, b: Floats) -> Floats:
    ab = b - a
    length_sq = np.einsum("ij,ij->i", ab, ab)
    share = np.einsum("ij,ij->i", xy - a, ab) / np.where(length_sq > 0, length_sq, 1.0)
    return np.asarray(a + np.clip(share, 0.0, 1.0)[:, np.newaxis] * ab, dtype=np.float64)


def _cut_in_degrees(polygon_deg: BaseGeometry, plane: LocalPlane, window: Box) -> _Shape:
    """Cut planar edges where they are straight, in degrees; only what is left is laid into the plane."""
    clipped = _polygonal(shapely.intersection(polygon_deg, shapely.box(*window)))
    if clipped.is_empty:
        return clipped, _edges(*_NOTHING), _edges(*_NOTHING)
    polygon, pieces, start_deg, end_deg = _laid(clipped, Edge.PLANAR, plane, window)
    real = ~_on_frame(start_deg, end_deg, window)[pieces.edge]
    outline = _edges(pieces.start_m, pieces.end_m)
    return polygon, outline, outline if real.all() else _edges(pieces.start_m[real], pieces.end_m[real])


def _whole(polygon_deg: BaseGeometry, edge: Edge, plane: LocalPlane, window: Box) -> _Shape:
    """Lay the whole into the plane, for other edges bend in degrees; far edges bound it and count for no distance.

    The plane shows all of the globe but the antipode of its centre: a part that holds that is the outside of its own
    outline. Seams (both sides of a cut at 180 degrees, the way to a pole and back) close when the plane's coordinates
    are rounded to a tenth of a millimetre.
    """
    polygon, _, _, _ = _laid(polygon_deg, edge, plane, window)
    parts = shapely.get_parts(polygon)
    has_antipode = [_holds_antipode(part, plane) for part in shapely.get_parts(polygon_deg)]
    if len(parts) > 1 or any(has_antipode) or not polygon.is_valid:
        whole = [_by_rings(part, is_outside) for part, is_outside in zip(parts, has_antipode, strict=True)]
        polygon = _polygonal(shapely.union_all(whole, grid_size=_GRID_M))
    start, end = _edge_ends(polygon)
    xmin, ymin, xmax, ymax = _frame_of(plane, window)
    low, high = np.minimum(start, end), np.maximum(start, end)
    near = (low[:, 0] <= xmax) & (high[:, 0] >= xmin) & (low[:, 1] <= ymax) & (high[:, 1] >= ymin)
    return polygon, _edges(start, end), _edges(start[near], end[near])


def _by_rings(laid: BaseGeometry, has_antipode: bool) -> BaseGeometry:
    """Return a polygon by the rings that surround each place: an odd number of them, even for one with the antipode.

    In the plane a ring may surround the outside of what it does on the globe, a hole its shell, and a shell nothing.
    """
    region: BaseGeometry = _GLOBE if has_antipode else shapely.Polygon()
    for ring in shapely.get_rings(shapely.set_precision(laid, _GRID_M, mode="pointwise")):
        inside = shapely.make_valid(shapely.Polygon(ring), method="structure", keep_collapsed=False)
        region = shapely.symmetric_difference(region, _polygonal(inside), grid_size=_GRID_M)
    return _polygonal(region)


def _laid(
    polygon_deg: BaseGeometry, edge: Edge, plane: LocalPlane, window: Box
) -> tuple[BaseGeometry, Pieces, Floats, Floats]:
    """Return a polygonal geometry in the plane, its chords, and the ends of the edges that these follow."""
    polygons = shapely.get_parts(polygon_deg)
    rings, part = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start_deg, end_deg = xy[:-1][same], xy[1:][same]
    pieces = follow(start_deg, end_deg, edge, plane, _frame_of(plane, window))
    laid = np.asarray(shapely.linearrings(pieces.start_m, indices=ring[:-1][same][pieces.edge]))
    made = np.asarray(shapely.polygons(laid, indices=part))
    whole: BaseGeometry = made[0] if len(made) == 1 else np.asarray(shapely.multipolygons(made)).item()
    return whole, pieces, start_deg, end_deg


def _frame_of(plane: LocalPlane, window: Box) -> Box:
    """Return the window's bounds in the plane."""
    west, south, east, north = window
    share = np.linspace(0.0, 1.0, _FRAME_POINTS)
    lon, lat = west + share * (east - west), south + share * (north - south)
    sides = [(lon, np.full_like(lon, south)), (lon, np.full_like(lon, north)),
             (np.full_like(lat, west), lat), (np.full_like(lat, east), lat)]  # fmt: skip
    xy = plane.forward(np.concatenate([np.column_stack(side) for side in sides]))
    low, high = xy.min(axis=0), xy.max(axis=0)
    slack = 0.02 * (high - low)
    return float(low[0] - slack[0]), float(low[1] - slack[1]), float(high[0] + slack[0]), float(high[1] + slack[1])


def _holds_antipode(polygon_deg: BaseGeometry, plane: LocalPlane) -> bool:
    west, south, east, north = polygon_deg.bounds
    lat = -plane.lat_deg
    if not south <= lat <= north or east - west < 1.0:
        return False
    lon = plane.lon_deg + 180.0
    first = np.ceil((west - lon) / 360.0)
    turns = lon + 360.0 * np.arange(first, np.floor((east - lon) / 360.0) + 1, dtype=np.float64)
    return bool(shapely.intersects_xy(polygon_deg, turns, np.full(len(turns), lat)).any())


def _polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry without the points and lines that a clip can leave behind."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    parts = [p for p in shapely.get_parts(geometry) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _edge_ends(polygon: BaseGeometry) -> tuple[Floats, Floats]:
    # get_rings() passes over multipolygons, so it is asked for each part.
    rings = shapely.get_rings(shapely.get_parts(polygon))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return xy[:-1][same], xy[1:][same]


def _on_frame(start: Floats, end: Floats, window: Box) -> Bools:
    on = np.zeros(len(start), dtype=np.bool_)
    for axis, value in zip((0, 1, 0, 1), window, strict=True):
        on |= (np.abs(start[:, axis] - value) < _ON_FRAME_DEG) & (np.abs(end[:, axis] - value) < _ON_FRAME_DEG)
    return on


def _edges(start: Floats, end: Floats) -> _EdgeIndex:
    lines = np.asarray(shapely.linestrings(np.stack([start, end], axis=1))) if len(start) else np.empty(0, dtype=object)
    return _EdgeIndex(start, end, shapely.STRtree(lines))
