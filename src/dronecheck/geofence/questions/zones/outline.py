"""A zone's outline as a path meets it: by window, by every alternative that its source leaves open."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor

import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.airspace.zone import Zone
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape, turned
from dronecheck.geo.types import Box
from dronecheck.geofence.ambiguity import Ambiguity
from dronecheck.geofence.result import Reason
from dronecheck.geofence.trajectory.distance_profile import Outline
from dronecheck.geofence.trajectory.trajectory import Window

__all__ = ["outline_of", "readings_of"]

_GEODESIC = Ambiguity(Reason.EDGE_MODEL_AMBIGUOUS, "geodesic_edges")
_REPAIRED = Ambiguity(Reason.INVALID_GEOMETRY_REPAIRED, "without_doubtful_part")


def _turns(bounds: Box, box: Box) -> list[float]:
    """Return by how many whole turns a geometry with these bounds must move to meet a box in unwrapped longitudes."""
    west, south, east, north = bounds
    if not (north >= box[1] and south <= box[3]):  # an empty geometry has no bounds: NaN
        return []
    first, last = ceil((box[0] - east) / 360.0), floor((box[2] - west) / 360.0)
    return [360.0 * turn for turn in range(first, last + 1)]


def outline_of(zone: Zone) -> Outline:
    """Return the zone's area by window, moved by whole turns to where the window's longitudes are."""

    def of(window: Window, box: Box) -> BaseGeometry | None:
        if zone.edge is Edge.PLANAR:
            moved = [turned(zone.geometry, turn) for turn in _turns(zone.geometry.bounds, box)]
            return shapely.union_all(moved) if len(moved) > 1 else (moved[0] if moved else None)
        # Other edges are laid into the plane whole, where a turn is nothing: each part once, or it would count twice.
        return zone.geometry

    return of


def readings_of(zone: Zone) -> tuple[Zone, list[tuple[Zone, Ambiguity]]]:
    """Return the zone as each open question about its outline may be answered: one alternative, and the others."""
    first, others = zone, list[tuple[Zone, Ambiguity]]()
    area, uncertain = zone.shape.geometry, zone.shape.uncertain
    if uncertain is not None:
        first = replace(zone, shape=Shape(shapely.union(area, uncertain)))
        others = [(replace(zone, shape=Shape(shapely.difference(area, uncertain))), _REPAIRED)]
    if zone.edge is not Edge.AMBIGUOUS:
        return first, others
    geodesic = [(replace(first, edge=Edge.GEODESIC), _GEODESIC)]
    geodesic += [(replace(other, edge=Edge.GEODESIC), doubt) for other, doubt in others]
    planar = [(replace(other, edge=Edge.PLANAR), doubt) for other, doubt in others]
    return replace(first, edge=Edge.PLANAR), planar + geodesic
