"""Invalid polygons: one valid reading, and the area where other readings of the same rings differ from it.

A ring that crosses itself, a hole across its shell and parts that overlap have no meaning that every program shares:
even-odd counting, winding numbers and orientation disagree (OGC 06-103r4, section 6.1.11, forbids all of them). The
reading kept is GEOS's `structure` method, part by part, then their union: it loses no lobe and adds nothing outside a
shell. Never buffer(0), which drops lobes by their orientation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats
from dronecheck.messages import Message

__all__ = ["Repair", "TooTangled", "repaired"]


_MOST_MEETINGS = 200_000  # pairs of edges whose boxes meet, neighbours aside: the cost of noding is of that order
_MOST_CROSSINGS = 2_000  # places where edges cross: making an outline of them valid costs the square
_MOST_WINDINGS = 50_000_000  # faces times vertices
_LARGE, _SAMPLE, _MOST_OVERLAPS = 20_000, 16, 2e9  # vertices, edges, pairs of edges whose boxes meet
_BATCH = 512
_MOST_PAIRS = 4_000_000  # that one batch can find: each takes 16 bytes


class TooTangled(ValueError):
    """An outline that meets itself so often that no reading of it is worth its cost."""


@dataclass(frozen=True, slots=True, eq=False)
class Repair:
    """A valid polygonal geometry, whether the rings were invalid, and where their readings differ (None: nowhere)."""

    geometry: BaseGeometry
    was_invalid: bool = False
    uncertain: BaseGeometry | None = None


def repaired(geometry: BaseGeometry) -> Repair:
    """Return the valid reading of a Polygon or MultiPolygon. Raises TooTangled."""
    _check_tangle(geometry)
    if geometry.is_valid:
        return Repair(geometry)
    _check_cost(geometry)
    parts = shapely.get_parts(geometry)
    kept = shapely.union_all([_made_valid(p, "structure") for p in parts])
    readings = [
        shapely.union_all([_made_valid(p, "linework") for p in parts]),
        _made_valid(geometry, "linework"),
    ]
    doubts = [shapely.symmetric_difference(kept, other) for other in readings]
    doubts += [lobe for part in parts for lobe in _odd_lobes(part.exterior)]
    uncertain = _polygonal(shapely.union_all(doubts))
    return Repair(kept, True, None if uncertain.is_empty else uncertain)


def _made_valid(geometry: BaseGeometry, method: Literal["structure", "linework"]) -> BaseGeometry:
    if method == "structure":
        return _polygonal(shapely.make_valid(geometry, method=method, keep_collapsed=False))
    return _polygonal(shapely.make_valid(geometry, method=method))


def _odd_lobes(ring: shapely.LinearRing) -> list[BaseGeometry]:
    """Return the faces that a ring goes around the other way than most of its area: the smaller lobe of a bow-tie.

    Two lobes of the same size are both odd: nothing says which one is meant.
    """
    if ring.is_simple:
        return []
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.node(ring))))
    xy = shapely.get_coordinates(ring)
    if len(faces) * len(xy) > _MOST_WINDINGS:
        raise TooTangled(Message("its outline crosses itself too often"))
    winding = np.array([_winding(xy, shapely.get_coordinates(f.representative_point())[0]) for f in faces])
    area = shapely.area(faces)
    left, right = float(area[winding > 0].sum()), float(area[winding < 0].sum())
    tie = abs(left - right) <= 1e-6 * (left + right)
    odd = (winding != 0) if tie else (winding * (left - right) < 0)
    return list(faces[odd]) if left and right else []


def _winding(xy: Floats, point: Floats) -> int:
    """Return how often a closed ring (n, 2) goes around a point, counted at the ray to the east."""
    x, y = (xy - point).T
    up, down = (y[:-1] <= 0) & (y[1:] > 0), (y[:-1] > 0) & (y[1:] <= 0)
    side = x[:-1] * (y[1:] - y[:-1]) - y[:-1] * (x[1:] - x[:-1])  # positive: an upward edge right of the point
    return int(np.count_nonzero(up & (side > 0)) - np.count_nonzero(down & (side < 0)))


def _check_tangle(geometry: BaseGeometry) -> None:
    """Refuse an outline whose edges lie across each other too much, by a sample.

    A large one costs much even to be found invalid.
    """
    if shapely.get_num_coordinates(geometry) < _LARGE:
        return
    x, y = shapely.get_coordinates(geometry).T
    west, east, south, north = (f(v[:-1], v[1:]) for v in (x, y) for f in (np.minimum, np.maximum))
    meetings = 0
    for at in np.linspace(0, len(west) - 1, _SAMPLE).astype(np.int64):
        near = np.flatnonzero((west <= east[at]) & (east >= west[at]))
        meetings += int(((south[near] <= north[at]) & (north[near] >= south[at])).sum())
    if meetings / _SAMPLE * len(west) > _MOST_OVERLAPS:
        raise TooTangled(Message("its outline meets itself too often"))


def _check_cost(geometry: BaseGeometry) -> None:
    """Refuse an outline whose edges meet too often, for noding costs what edges meet.

    One of 10,000 vertices may meet itself 50 million times.
    """
    rings = shapely.get_rings(shapely.get_parts(geometry))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    edges = np.asarray(shapely.linestrings(np.stack([xy[:-1][same], xy[1:][same]], axis=1)))
    tree = shapely.STRtree(edges)
    batch = max(1, min(_BATCH, _MOST_PAIRS // len(edges)))
    batches = [edges[first : first + batch] for first in range(0, len(edges), batch)]
    meetings = -3 * len(edges)  # each meets itself and its two neighbours
    for some in batches:
        meetings += tree.query(some).shape[1]
        if meetings > 2 * _MOST_MEETINGS:
            raise TooTangled(Message("its outline meets itself too often"))
    crossings = 0
    for some in batches:
        crossings += tree.query(some, predicate="crosses").shape[1]
        if crossings > 2 * _MOST_CROSSINGS:
            raise TooTangled(Message("its outline crosses itself too often"))


def _polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry without the points and lines that an operation can leave behind."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    return shapely.union_all([p for p in shapely.get_parts(geometry) if p.geom_type in ("Polygon", "MultiPolygon")])
