"""A polygonal region in a local plane: which parts of a path lie inside, and how far each point is from its edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dronecheck.geo.edges import Edge, densify
from dronecheck.geo.plane import LocalPlane
from dronecheck.geo.polyline import Box, Interval, join, point_at

__all__ = ["PlanarRegion"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_ON_FRAME_DEG = 1e-9


@dataclass(frozen=True, slots=True)
class _Edges:
    start: Floats  # (m, 2)
    end: Floats  # (m, 2)
    tree: shapely.STRtree


class PlanarRegion:
    """A (multi)polygon in plane metres, cut out of a larger one by a window.

    Edges that lie on the window's frame bound the knowledge, not the region: they count for the inside test and
    for nothing else.
    """

    def __init__(self, polygon_deg: shapely.Geometry, edge: Edge, plane: LocalPlane, window: Box) -> None:
        if edge is not Edge.PLANAR:  # a piece of a geodesic or rhumb line is known only after densifying the whole
            polygon_deg = densify(polygon_deg, edge)
        clipped = _polygonal(shapely.intersection(polygon_deg, shapely.box(*window)))
        if edge is Edge.PLANAR and not clipped.is_empty:
            clipped = densify(clipped, edge)
        self.polygon = shapely.transform(clipped, plane.forward)
        shapely.prepare(self.polygon)
        start_deg, end_deg = _edge_ends(clipped)
        real = ~_on_frame(start_deg, end_deg, window)
        start, end = _edge_ends(self.polygon)
        self._outline = _edges(start, end)
        self._edges = self._outline if real.all() else _edges(start[real], end[real])

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the region lies in the window."""
        return bool(self.polygon.is_empty)

    @property
    def edges(self) -> tuple[Floats, Floats]:
        """Start and end points of all real edges, two arrays of shape (m, 2)."""
        return self._edges.start, self._edges.end

    def contains(self, xy_m: Floats) -> Bools:
        """Which points of shape (n, 2) lie inside."""
        return np.asarray(shapely.contains_xy(self.polygon, xy_m[:, 0], xy_m[:, 1]), dtype=np.bool_)

    def nearest_edge_point(self, xy_m: Floats) -> tuple[Floats, Floats]:
        """Distance to the nearest real edge, shape (n,), and the nearest point on it, (n, 2).

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
        """Distance to the nearest real edge, negative inside, and that nearest point: shapes (n,) and (n, 2)."""
        distance, foot = self.nearest_edge_point(xy_m)
        return np.where(self.contains(xy_m), -distance, distance), foot

    def crossings(self, path_m: Floats, steps: Ints | None = None) -> Floats:
        """Where a path of shape (n, 2) meets the outline: sorted fractional rows, each once.

        `steps` are the first rows of the only segments that can meet it; None asks for all.
        """
        steps = np.arange(len(path_m) - 1) if steps is None else steps
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
        """The stretches of a path (n, 2) inside the region, in order, touching ones joined.

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


def _polygonal(geometry: shapely.Geometry) -> shapely.Geometry:
    """Without the points and lines that a clip can leave behind."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    parts = [p for p in shapely.get_parts(geometry) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _edge_ends(polygon: shapely.Geometry) -> tuple[Floats, Floats]:
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


def _edges(start: Floats, end: Floats) -> _Edges:
    lines = shapely.linestrings(np.stack([start, end], axis=1)) if len(start) else np.empty(0, dtype=object)
    return _Edges(start, end, shapely.STRtree(lines))
