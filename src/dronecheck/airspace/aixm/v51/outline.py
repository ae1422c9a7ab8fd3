"""AIXM outlines, both versions: lines, arcs and stretches of borders joined into rings.

A line says how it runs: along the geodesic (GeodesicString; GRC), straight in longitude and latitude
(LineStringSegment, LinearRing) or along the rhumb line (RHL). A zone has one model for all its edges: where they
differ, those that are no geodesics get so many vertices that geodesics between them follow them to 0.1 m.

A border (GeoBorder; Gbr) is written whole: its stretch between the neighbours is cut out, from the place nearest to
the end of the line before to the place nearest to the begin of the line behind, on a closed border the shorter way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dronecheck.airspace.common.drawn_outline import is_flat
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.arrays import Floats
from dronecheck.geo.outline.edges import Edge, points_between
from dronecheck.geo.outline.shape import Arc, Circle, Ring, Shape
from dronecheck.geo.plane import geodesic_ahead, geodesic_between, local_offsets_m, metres_per_degree
from dronecheck.messages import Message

__all__ = ["ArcSegment", "Border", "CurveSegment", "Follow", "Leg", "RawRing", "arc_ends", "ring_of", "shape_of"]

Point = tuple[float, float]

LARGEST_M = 5_000_000.0
NOTED_M = 100.0  # as for OpenAir's arcs
_JOIN_M = 1.0  # points of two lines that are one point
_REACH_M = 2_000.0  # an arc's computed end and the published vertex it belongs to
_FAR_M = 5_000.0  # a border so far from its neighbours is not the one that is meant
_BEND_M = 0.1
_MOST_SEARCHED, _MOST_FOLLOWED = 500_000, 20
_MOST_POINTS = 150_000  # of a ring
_MOST_VERTICES = 500_000  # of a zone's arcs, once they are made into polygons


@dataclass(frozen=True, slots=True, eq=False)
class CurveSegment:
    """Vertices (n, 2) of longitude and latitude, and how the way between them runs."""

    points: Floats
    edge: Edge


@dataclass(frozen=True, slots=True)
class ArcSegment:
    """An arc around a centre; both ends lie at about `radius_m` from it."""

    start: Point
    end: Point
    centre: Point
    clockwise: bool
    radius_m: float


@dataclass(slots=True, eq=False)
class Border:
    """A whole border; `vertices_left` is how many of its vertices may still be searched for neighbours' places."""

    name: str
    line: CurveSegment
    vertices_left: int = field(init=False)

    def __post_init__(self) -> None:
        self.vertices_left = _MOST_SEARCHED + _MOST_FOLLOWED * len(self.line.points)


@dataclass(frozen=True, slots=True)
class Follow:
    """Along a border, from where the line before ends to where the line behind begins."""

    border: Border


Leg = CurveSegment | ArcSegment | Circle | Follow


@dataclass(slots=True, eq=False)
class RawRing:
    """A closed ring: points, how the way from each to the next runs (None: around `arcs`), and what is doubtful."""

    points: list[Point] = field(default_factory=list)
    ways: list[Edge | None] = field(default_factory=list)
    arcs: list[Arc] = field(default_factory=list)
    doubts: list[Message] = field(default_factory=list)
    mismatch_m: float = 0.0


def ring_of(legs: Sequence[Leg]) -> RawRing | Circle:
    """Join legs, in their order and around, into a ring. Raises Unusable."""
    if any(isinstance(leg, Circle) for leg in legs):
        if len(legs) > 1:
            raise Unusable(Message("a circle and other lines in one ring"))
        (leg,) = legs
        assert isinstance(leg, Circle)
        _check_radius(leg.radius_m)
        return leg
    joiner = _Joiner()
    for number, leg in enumerate(legs):
        if isinstance(leg, CurveSegment):
            joiner.line(leg)
        elif isinstance(leg, ArcSegment):
            joiner.turn(leg)
        elif isinstance(leg, Follow):
            joiner.line(_stretch(leg.border, legs, number, joiner.ring))
    return joiner.closed()


class _Joiner:
    def __init__(self) -> None:
        self.ring = RawRing()
        self.after_turn = False

    def line(self, line: CurveSegment) -> None:
        points: list[Point] = [(x, y) for x, y in line.points.tolist()]
        if not points:
            return
        ring = self.ring
        if ring.points:
            apart_m = _apart_m(ring.points[-1], points[0])
            if self.after_turn and apart_m < _REACH_M:
                self._note(apart_m)
                ring.points[-1] = points[0]
            elif apart_m >= _JOIN_M:
                self._go(points[0], line.edge)
        else:
            ring.points.append(points[0])
        for point in points[1:]:
            self._go(point, line.edge)
        self.after_turn = False

    def turn(self, turn: ArcSegment) -> None:
        _check_radius(turn.radius_m)
        ring = self.ring
        apart_m = _apart_m(ring.points[-1], turn.start) if ring.points else 0.0
        if not ring.points:
            ring.points.append(turn.start)
        elif apart_m < min(_REACH_M, turn.radius_m):
            self._note(apart_m)
        else:
            self._go(turn.start, Edge.GEODESIC)
        ring.arcs.append(Arc(len(ring.points) - 1, turn.centre, turn.clockwise))
        ring.points.append(turn.end)
        ring.ways.append(None)
        self.after_turn = True

    def closed(self) -> RawRing:
        ring = self.ring
        if len(ring.points) < 2:
            raise Unusable(Message("a single point, no area") if ring.points else Message("a ring without vertices"))
        first, last = ring.points[0], ring.points[-1]
        gap_m = _apart_m(first, last)
        if gap_m < _JOIN_M or (self.after_turn and gap_m < _REACH_M):
            ring.points[-1] = first
        else:
            if gap_m > NOTED_M:
                ring.doubts.append(Message("a ring that is not closed; closed by a straight line"))
            self._go(first, Edge.GEODESIC)
        points = np.array(ring.points)
        if not (np.abs(points) <= [360.0, 90.0]).all():
            raise Unusable(Message("a vertex that is nowhere on the globe"))
        if not ring.arcs and (len(points) < 4 or is_flat(points)):
            raise Unusable(Message("its outline encloses nothing"))
        self._compare_radii(points)
        return ring

    def _go(self, point: Point, edge: Edge) -> None:
        if len(self.ring.points) > _MOST_POINTS:
            raise Unusable(Message("a ring of more than {most:,} vertices", most=_MOST_POINTS))
        if point != self.ring.points[-1]:
            self.ring.points.append(point)
            self.ring.ways.append(edge)

    def _note(self, apart_m: float) -> None:
        if apart_m > NOTED_M:
            self.ring.doubts.append(
                Message("an arc whose computed end lies more than {limit_m:g} m from its vertex", limit_m=NOTED_M)
            )

    def _compare_radii(self, points: Floats) -> None:
        ring = self.ring
        if not ring.arcs:
            return
        centres = np.repeat(np.array([arc.centre_deg for arc in ring.arcs]), 2, axis=0)
        places = np.array([[arc.after, arc.after + 1] for arc in ring.arcs]).ravel()
        _, length_m = geodesic_between(centres, points[places])
        radii_m = length_m.reshape(-1, 2)
        if not ((radii_m > 0.0) & (radii_m <= LARGEST_M)).all():
            raise Unusable(Message("an arc through its own centre, or half around the globe"))
        if np.sqrt(radii_m.max(axis=1)).sum() * np.pi / np.sqrt(0.02) > _MOST_VERTICES:
            raise Unusable(Message("more and larger arcs than any zone has"))
        ring.mismatch_m = float(np.ptp(radii_m, axis=1).max())
        if ring.mismatch_m > NOTED_M:
            ring.doubts.append(
                Message(
                    "an arc whose ends lie at distances from its centre that differ by more than {limit_m:g} m",
                    limit_m=NOTED_M,
                )
            )


def _check_radius(radius_m: float) -> None:
    if not 0.0 < radius_m <= LARGEST_M:
        raise Unusable(Message("a radius of {radius_m:g} m", radius_m=radius_m))


def _apart_m(a: Point, b: Point) -> float:
    """Return the distance of two points (m), roughly; exact enough to tell one point from two."""
    east_m, north_m = local_offsets_m(*a, *b)
    return math.hypot(float(east_m), float(north_m))


def _stretch(border: Border, legs: Sequence[Leg], number: int, ring: RawRing) -> CurveSegment:
    """Return the part of a border between its neighbours; all of it where it is the whole ring."""
    if len(legs) == 1:
        return border.line
    begin = ring.points[-1] if ring.points else _last(legs[number - 1])
    end = _first(legs[(number + 1) % len(legs)])
    if begin is None or end is None:
        raise Unusable(Message("two borders follow each other ({name})", name=border.name))
    points = border.line.points
    if len(points) < 2:
        raise Unusable(Message("the border {name} has no length", name=border.name))
    border.vertices_left -= len(points)
    if border.vertices_left < 0:
        raise Unusable(Message("the border {name} is followed more often than any is", name=border.name))
    from_share, from_m = _nearest(points, begin)
    to_share, to_m = _nearest(points, end)
    if max(from_m, to_m) > _FAR_M:
        raise Unusable(
            Message(
                "the border {name} lies {distance_km:.0f} km from its neighbours",
                name=border.name,
                distance_km=max(from_m, to_m) / 1000,
            )
        )
    if max(from_m, to_m) > NOTED_M:
        ring.doubts.append(
            Message(
                "a border that does not reach its neighbours by more than {limit_m:g} m; joined to its next vertices",
                limit_m=NOTED_M,
            )
        )
    is_closed = _apart_m(tuple(points[0].tolist()), tuple(points[-1].tolist())) < _JOIN_M
    return CurveSegment(_cut(points, from_share, to_share, is_closed), border.line.edge)


def _first(leg: Leg) -> Point | None:
    if isinstance(leg, CurveSegment) and len(leg.points):
        return float(leg.points[0, 0]), float(leg.points[0, 1])
    return leg.start if isinstance(leg, ArcSegment) else None


def _last(leg: Leg) -> Point | None:
    if isinstance(leg, CurveSegment) and len(leg.points):
        return float(leg.points[-1, 0]), float(leg.points[-1, 1])
    return leg.end if isinstance(leg, ArcSegment) else None


def _nearest(points: Floats, place: Point) -> tuple[float, float]:
    """Return the place on a polyline nearest to a point (vertex number with decimals), and its distance in metres."""
    scale = np.array([float(v) for v in metres_per_degree(place[1])])
    away = points - place
    away[:, 0] -= 360.0 * np.round(away[:, 0] / 360.0)
    xy = away * scale
    chord = np.diff(xy, axis=0)
    length_sq = (chord**2).sum(axis=1)
    share = np.clip(-(xy[:-1] * chord).sum(axis=1) / np.where(length_sq > 0, length_sq, 1.0), 0.0, 1.0)
    distance = np.hypot(*(xy[:-1] + share[:, np.newaxis] * chord).T)
    best = int(np.argmin(distance))
    return best + float(share[best]), float(distance[best])


def _cut(points: Floats, begin: float, end: float, is_closed: bool) -> Floats:
    """Return the vertices of a polyline between two places.

    Not the places: a neighbour some metres off the border is joined to the next vertex, no farther off on the way and
    without a fold.
    """
    forward = _between(points, begin, end) if begin <= end else _between(points, end, begin)[::-1]
    if not is_closed:
        return forward
    low, high = min(begin, end), max(begin, end)
    last = float(len(points) - 1)
    around = np.vstack([_between(points, high, last), points[:1], _between(points, 0.0, low)])
    around = around if begin > end else around[::-1]
    direct_m, whole_m = (_length(points[math.floor(low) : math.ceil(high) + 1]), _length(points))
    return forward if direct_m <= whole_m - direct_m else around


def _between(points: Floats, low: float, high: float) -> Floats:
    return points[math.floor(low) + 1 : math.ceil(high)]


def _length(points: Floats) -> float:
    scale = np.array([float(v) for v in metres_per_degree(float(points[:, 1].mean()))])
    return float(np.hypot(*(np.diff(points, axis=0) * scale).T).sum())


def shape_of(polygons: Sequence[Sequence[RawRing | Circle]]) -> tuple[Shape, Edge]:
    """Return the union of polygons, each a shell and its holes, and how their edges run."""
    rings = [ring for polygon in polygons for ring in polygon if isinstance(ring, RawRing)]
    ways = {way for ring in rings for way in ring.ways if way is not None}
    edge = ways.pop() if len(ways) == 1 else Edge.GEODESIC
    made = [[ring if isinstance(ring, Circle) else _finished(ring, edge) for ring in polygon] for polygon in polygons]
    return Shape.of(made), edge


def _finished(ring: RawRing, edge: Edge) -> Ring:
    """Return a ring with all its edges of one model, those of another with vertices that follow them."""
    points = np.array(ring.points)
    other = [place for place, way in enumerate(ring.ways) if way not in (edge, None)]
    if not other:
        return Ring(points, tuple(ring.arcs))
    ends = points[np.array(other) + 1].copy()
    ends[:, 0] -= 360.0 * np.round((ends[:, 0] - points[other][:, 0]) / 360.0)
    more = dict.fromkeys(range(len(points)), np.empty((0, 2)))
    for model in {way for way in ring.ways if way not in (edge, None)}:
        which = [k for k, place in enumerate(other) if ring.ways[place] is model]
        places = [other[k] for k in which]
        assert model is not None
        more.update(zip(places, points_between(points[places], ends[which], model, _BEND_M), strict=True))
    added = np.cumsum([0, *(len(more[place]) for place in range(len(points)))], dtype=np.intp)
    whole = np.vstack([part for place in range(len(points)) for part in (points[place : place + 1], more[place])])
    arcs = tuple(Arc(arc.after + int(added[arc.after]), arc.centre_deg, arc.clockwise) for arc in ring.arcs)
    return Ring(whole, arcs)


def arc_ends(centre: Point, radius_m: float, bearings_deg: Point) -> tuple[Point, Point]:
    """Return the two ends of an arc by its bearings from true north."""
    ends = geodesic_ahead(np.array([centre, centre]), np.array(bearings_deg) % 360.0, np.array([radius_m, radius_m]))
    (a, b), (c, d) = ends.tolist()
    return (a, b), (c, d)
