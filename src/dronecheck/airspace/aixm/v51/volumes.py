"""Volumes put together in sequence: BASE, UNION, SUBTR, INTERS.

A union stays what it is, one zone a volume, each with its own limits. Taking away and cutting out work on the areas,
made into polygons whose edges follow their curves to 0.1 m, and only as far as the limits allow: a part whose heights
cannot be compared with those of the other stays whole, which is noted as a doubt. So the zone is never made smaller
than it was published.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.zone import Datum, Limit
from dronecheck.arrays import Floats
from dronecheck.geo.outline.edges import Edge, points_between
from dronecheck.geo.outline.rings import unwrap_ring
from dronecheck.geo.outline.shape import Shape, turned
from dronecheck.messages import Message

__all__ = ["AirspaceVolume", "Operand", "Work", "combined"]


_BEND_M = 0.1
_MOST_PIECES = 1_000  # and pairs of volumes in a step that cuts
_DOUBT = Message("heights that cannot be compared: a part that is taken away, or cut out, is left in")


@dataclass(frozen=True, slots=True, eq=False)
class AirspaceVolume:
    """An area with a floor and a ceiling, and what of it is doubtful."""

    shape: Shape
    edge: Edge
    lower: Limit
    upper: Limit
    accuracy_m: float = 0.0
    doubt: Message = Message("")


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """What the next step of a sequence does, and with which volumes."""

    operation: str
    volumes: tuple[AirspaceVolume, ...]


@dataclass(slots=True)
class Work:
    """How many vertices the operations on a file's areas may still cost."""

    vertices_left: int = 400_000


def combined(steps: Sequence[Operand], work: Work) -> list[AirspaceVolume]:
    """Combine all steps in order: BASE and UNION add, SUBTR takes away, INTERS keeps what both have.

    Raises Unusable for more of them than any file has.
    """
    pieces: list[AirspaceVolume] = []
    for step in steps:
        cuts = len(step.volumes) * len(pieces) if step.operation in ("SUBTR", "INTERS") else 0
        if max(cuts, len(pieces) + len(step.volumes)) > _MOST_PIECES:
            raise Unusable(Message("more volumes than any airspace has"))
        if step.operation == "SUBTR":
            for other in step.volumes:
                pieces = [left for piece in pieces for left in _without(piece, other, work)]
        elif step.operation == "INTERS":
            pieces = [both for piece in pieces for other in step.volumes for both in _within(piece, other, work)]
        else:
            pieces += step.volumes
    return pieces


def _without(piece: AirspaceVolume, other: AirspaceVolume, work: Work) -> Iterable[AirspaceVolume]:
    below, above = _compare(other.lower, piece.lower), _compare(other.upper, piece.upper)
    apart = (_compare(other.upper, piece.lower), _compare(piece.upper, other.lower))
    if (apart[0] is not None and apart[0] <= 0) or (apart[1] is not None and apart[1] <= 0):
        return [piece]
    if below is None or above is None or below > 0 or above < 0:
        return [replace(piece, doubt=_DOUBT)]
    return _cut(piece, other, shapely.difference, work)


def _within(piece: AirspaceVolume, other: AirspaceVolume, work: Work) -> Iterable[AirspaceVolume]:
    below, above = _compare(other.lower, piece.lower), _compare(other.upper, piece.upper)
    apart = (_compare(other.upper, piece.lower), _compare(piece.upper, other.lower))
    if (apart[0] is not None and apart[0] <= 0) or (apart[1] is not None and apart[1] <= 0):
        return []
    cut = _cut(piece, other, shapely.intersection, work)
    lower = other.lower if below is not None and below > 0 else piece.lower
    upper = other.upper if above is not None and above < 0 else piece.upper
    doubt = piece.doubt if below is not None and above is not None else _DOUBT
    return [replace(one, lower=lower, upper=upper, doubt=doubt) for one in cut]


def _compare(a: Limit, b: Limit) -> float | None:
    """Compare two limits: above 0 when `a` is the higher, 0 for alike, None where nobody can tell."""
    ranked = [_rank(limit) for limit in (a, b)]
    if math.isinf(ranked[0]) or math.isinf(ranked[1]):
        return 0.0 if ranked[0] == ranked[1] else ranked[0] - ranked[1]
    if a.datum is not b.datum or a.datum is Datum.UNKNOWN:
        return None
    return a.value_m - b.value_m


def _rank(limit: Limit) -> float:
    return {Datum.GND: -math.inf, Datum.UNL: math.inf}.get(limit.datum, 0.0)


def _cut(
    piece: AirspaceVolume,
    other: AirspaceVolume,
    operation: Callable[[BaseGeometry, BaseGeometry], BaseGeometry],
    work: Work,
) -> list[AirspaceVolume]:
    if work.vertices_left < 0:
        raise Unusable(Message("volumes taken away or cut out at more cost than any file has"))
    first, second = _dense(piece), _dense(other)
    work.vertices_left -= int(shapely.get_num_coordinates(first) + shapely.get_num_coordinates(second))
    shift = 360.0 * round((first.centroid.x - second.centroid.x) / 360.0) if not second.is_empty else 0.0
    second = turned(second, shift)
    area = operation(first, second)
    parts = [part for part in shapely.get_parts(area) if part.geom_type == "Polygon" and part.area > 0]
    if not parts:
        return []
    edge = piece.edge if piece.edge is other.edge else Edge.GEODESIC
    whole = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    return [replace(piece, shape=Shape(whole, piece.shape.uncertain), edge=edge)]


def _dense(volume: AirspaceVolume) -> BaseGeometry:
    """Return the polygon with vertices so close that the models of its edges do not differ."""
    parts = []
    for polygon in shapely.get_parts(volume.shape.geometry):
        rings = [_dense_ring(shapely.get_coordinates(r), volume.edge) for r in (polygon.exterior, *polygon.interiors)]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    return shapely.union_all([shapely.make_valid(part) for part in parts])


def _dense_ring(points: Floats, edge: Edge) -> Floats:
    ring = unwrap_ring(points)
    between = points_between(ring[:-1], ring[1:], edge, _BEND_M)
    return np.vstack([part for start, more in zip(ring, between, strict=False) for part in (start[np.newaxis], more)])
