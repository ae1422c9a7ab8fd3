"""An area as its source describes it: vertices, arcs and circles, made into a polygon only when somebody asks.

A zone file holds thousands of zones of which a flight meets a few, and a circle good to 1 cm has two thousand
vertices: until then the exact description and a box are all that is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats
from dronecheck.geo.outline.arcs import EXACT_M, arc, circle
from dronecheck.geo.outline.polygon_repair import Repair, TooTangled, repaired
from dronecheck.geo.outline.rings import unwrap_ring
from dronecheck.geo.plane import geodesic_between, metres_per_degree
from dronecheck.geo.types import Box

__all__ = ["Arc", "Circle", "Ring", "Shape", "turned"]

Point = tuple[float, float]  # longitude, latitude in degrees

_SLACK = 1.01  # metres per degree change within a circle's height
_POLAR_DEG = 89.0
_ROUGH_M = 1.0  # of arcs that are drawn only to see whether they cross


@dataclass(frozen=True, slots=True)
class Circle:
    """All points at one geodesic distance from a centre."""

    centre_deg: Point
    radius_m: float


@dataclass(frozen=True, slots=True)
class Arc:
    """The way from vertex `after` of a ring to the next, around a centre instead of straight."""

    after: int
    centre_deg: Point
    clockwise: bool


@dataclass(frozen=True, slots=True, eq=False)
class Ring:
    """A closed ring of vertices (n, 2), first and last equal, some of whose edges are arcs."""

    vertices_deg: Floats
    arcs: tuple[Arc, ...] = ()


class Shape:
    """A polygonal area in WGS 84 degrees, longitude first.

    `geometry` is a shapely Polygon or MultiPolygon, longitudes unwrapped within each polygon, `uncertain` where the
    readings of an invalid or doubtful outline differ from it (None: nowhere).
    """

    def __init__(self, geometry: BaseGeometry, uncertain: BaseGeometry | None = None) -> None:
        self._made: Repair | None = Repair(geometry, uncertain is not None, uncertain)
        self.polygons: tuple[tuple[Ring | Circle, ...], ...] = ()
        self._readings: tuple[Shape, ...] = ()
        self._moved: tuple[Shape, Callable[[Floats], Floats], float] | None = None

    @classmethod
    def of(cls, polygons: Sequence[Sequence[Ring | Circle]]) -> Shape:
        """Return the union of polygons, each a shell and its holes.

        Arcs and circles stay exact until `geometry` is asked.
        """
        self = cls._unmade()
        self.polygons = tuple(tuple(polygon) for polygon in polygons)
        return self

    @classmethod
    def either(cls, readings: Sequence[Shape]) -> Shape:
        """Return what may be any of several shapes: the area of the first, uncertain where another one differs.

        Nothing is made before it is asked for.
        """
        self = cls._unmade()
        self._readings = tuple(readings)
        return self

    def moved(self, move: Callable[[Floats], Floats], farthest_m: float) -> Shape:
        """Return the shape with its points (n, 2) moved, none by more than `farthest_m`, once it is asked for."""
        other = self._unmade()
        other._moved = (self, move, farthest_m)
        return other

    @classmethod
    def _unmade(cls) -> Shape:
        self = cls.__new__(cls)
        self._made, self.polygons, self._readings, self._moved = None, (), (), None
        return self

    @property
    def geometry(self) -> BaseGeometry:
        """Return the area; empty when its outline meets itself so often that no reading of it is worth its cost."""
        return self._repair.geometry

    @property
    def uncertain(self) -> BaseGeometry | None:
        """Return where the readings of an invalid or doubtful outline differ."""
        repair = self._repair
        if self._readings and repair.uncertain is None:
            self._made = repair = replace(repair, uncertain=self._differences())
        return repair.uncertain

    @property
    def was_invalid(self) -> bool:
        """Tell whether the outline had to be repaired; asking makes the polygon."""
        return self._repair.was_invalid

    @property
    def crosses_itself(self) -> bool:
        """Tell whether a ring had to be repaired, without making all of its arcs where they are far from it.

        Crossings of arcs below a metre are not looked for.
        """
        rings = [ring for polygon in self.polygons for ring in polygon if isinstance(ring, Ring)]
        if not self.polygons:
            return any(shape.crosses_itself for shape in self._readings)
        return any(_is_rough(ring) for ring in rings) and self.was_invalid

    @cached_property
    def bounds(self) -> Box:
        """Return west, south, east, north in degrees of `geometry` and `uncertain`.

        For arcs and circles it is somewhat more.
        """
        if self._readings:
            boxes = np.array([shape.bounds for shape in self._readings])
        elif self._moved is not None:
            shape, _, farthest_m = self._moved
            boxes = np.array([_wider(shape.bounds, farthest_m)])
        elif self.polygons:
            boxes = np.array([_box(shell) for shell, *_ in self.polygons])
        else:
            area = self.geometry if self.uncertain is None else self.geometry.union(self.uncertain)
            boxes = np.array([area.bounds])
        low, high = boxes.min(axis=0), boxes.max(axis=0)
        return float(low[0]), float(low[1]), float(high[2]), float(high[3])

    @property
    def _repair(self) -> Repair:
        if self._made is None:
            self._made = self._make()
        return self._made

    def _make(self) -> Repair:
        if self._readings:
            first = self._readings[0]
            return Repair(first.geometry, first.was_invalid)
        if self._moved is not None:
            shape, move, _ = self._moved
            return Repair(shapely.transform(shape.geometry, move))
        made = [shapely.Polygon(*_shell_and_holes([_points(ring) for ring in part])) for part in self.polygons]
        whole = made[0] if len(made) == 1 else shapely.MultiPolygon(made)
        try:
            return repaired(whole)
        except TooTangled:
            return Repair(shapely.Polygon(), was_invalid=True, uncertain=whole.convex_hull)

    def _differences(self) -> BaseGeometry | None:
        """Return where readings differ from the first, and what is uncertain in any of them."""
        first, *others = self._readings
        found = [shapely.symmetric_difference(first.geometry, other.geometry) for other in others]
        found += [one.uncertain for one in self._readings if one.uncertain is not None]
        union = shapely.union_all(found)
        return None if union.is_empty else union


def _shell_and_holes(rings: list[Floats]) -> tuple[Floats, list[Floats]]:
    shell, *holes = rings
    middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
    for hole in holes:  # in the turn of the shell
        hole[:, 0] -= 360.0 * np.round(((hole[:, 0].min() + hole[:, 0].max()) / 2 - middle) / 360.0)
    return shell, holes


def _is_rough(ring: Ring) -> bool:
    if not ring.arcs:
        return True
    try:
        return repaired(shapely.Polygon(_points(ring, _ROUGH_M))).was_invalid
    except TooTangled:
        return True


def _points(ring: Ring | Circle, tolerance_m: float = EXACT_M) -> Floats:
    """Return the closed ring with arcs as vertices, unwrapped."""
    if isinstance(ring, Circle):
        return circle(ring.centre_deg, ring.radius_m)
    if not ring.arcs:
        return unwrap_ring(ring.vertices_deg)
    pieces, begin, vertices = [], 0, ring.vertices_deg
    for turn in ring.arcs:
        here, there = vertices[turn.after], vertices[turn.after + 1]
        around = arc(
            turn.centre_deg, (here[0], here[1]), (there[0], there[1]), clockwise=turn.clockwise, tolerance_m=tolerance_m
        )
        pieces += [vertices[begin : turn.after], around[:-1]]
        begin = turn.after + 1
    return unwrap_ring(np.vstack([*pieces, vertices[begin:]]))


def _box(ring: Ring | Circle) -> Box:
    if isinstance(ring, Circle):
        return _around(ring.centre_deg, ring.radius_m)
    points = unwrap_ring(ring.vertices_deg)
    west, south = (float(v) for v in points.min(axis=0))
    east, north = (float(v) for v in points.max(axis=0))
    for turn in ring.arcs:
        ends = ring.vertices_deg[turn.after : turn.after + 2]
        _, reach_m = geodesic_between(np.array([turn.centre_deg] * 2), ends)
        lon = turn.centre_deg[0] - 360.0 * round((turn.centre_deg[0] - (west + east) / 2) / 360.0)
        box = _around((lon, turn.centre_deg[1]), float(reach_m.max()))
        west, south, east, north = min(west, box[0]), min(south, box[1]), max(east, box[2]), max(north, box[3])
    return west, south, east, north


def _around(centre_deg: Point, radius_m: float) -> Box:
    """Return a box that holds a circle, found without walking around it."""
    return _wider((*centre_deg, *centre_deg), radius_m)


def _wider(box: Box, reach_m: float) -> Box:
    """Return a box that holds all that lies within `reach_m` of another."""
    west, south, east, north = box
    high = _SLACK * reach_m / min(float(metres_per_degree(lat)[1]) for lat in (south, north))
    south, north = max(-90.0, south - high), min(90.0, north + high)
    highest = max(-south, north)
    wide = 180.0 if highest > _POLAR_DEG else _SLACK * reach_m / float(metres_per_degree(highest)[0])
    return west - min(wide, 180.0), south, east + min(wide, 180.0), north


def turned(geometry: BaseGeometry, turn_deg: float) -> BaseGeometry:
    """Return a geometry in degrees moved east by whole turns; the same object where there is nothing to move."""

    def moved(lonlat: Floats) -> Floats:
        return np.asarray(lonlat + np.array([turn_deg, 0.0]), dtype=np.float64)

    return shapely.transform(geometry, moved) if turn_deg else geometry
