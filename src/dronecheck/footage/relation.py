"""What a picture is of a territory or zone: taken inside it, looking into it, or neither (FOOTAGE 2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely

from dronecheck.footage.own_place import OwnPlace
from dronecheck.footage.view.landscape import SeenArea
from dronecheck.footage.view.seen import View

__all__ = ["FootageRelation", "agreed_relation", "most_serious", "relation_to"]

_MOST, _FEW = 0.95, 0.05  # of the draws
_SHARE = 0.05  # of a draw's own footprint
_FAR_SIGMAS = 4.5  # no draw lies farther aside


class FootageRelation(StrEnum):
    """How a picture stands to a territory or zone, the most serious first."""

    TAKEN_INSIDE = "TAKEN_INSIDE"
    LOOKS_INTO = "LOOKS_INTO"
    HORIZON_TOUCHES = "HORIZON_TOUCHES"
    UNKNOWN = "UNKNOWN"
    OUTSIDE = "OUTSIDE"


_ORDER = tuple(FootageRelation)


def most_serious(relations: list[FootageRelation]) -> FootageRelation:
    """Return the most serious of relations, OUTSIDE of none."""
    return min(relations, key=_ORDER.index, default=FootageRelation.OUTSIDE)


def agreed_relation(readings: list[FootageRelation]) -> FootageRelation:
    """Return what holds under every reading of an outline that its source leaves open."""
    found = set(readings)
    if len(found) == 1:
        return readings[0]
    if FootageRelation.UNKNOWN in found:
        return FootageRelation.UNKNOWN
    return FootageRelation.HORIZON_TOUCHES


@dataclass(frozen=True, slots=True)
class _Near:
    """The part of an area near what is seen, prepared, and each draw's shift against its outline, (n, 2) metres."""

    polygon: shapely.Geometry
    shift_m: np.ndarray[tuple[int, int], np.dtype[np.float64]]


def relation_to(area: SeenArea, view: View | None, h_sigma_m: float, place: OwnPlace) -> FootageRelation:
    """Return the relation of one camera to one area, by the draws of its view; None: it has no usable position.

    The outline's own error moves it against each draw, as the camera's place is moved.
    """
    if view is None:
        return FootageRelation.UNKNOWN
    if place is OwnPlace.INSIDE:
        return FootageRelation.TAKEN_INSIDE
    near = _near(area, view, h_sigma_m)
    if near is None or not _is_touched(near, view, place):
        return FootageRelation.OUTSIDE if place is OwnPlace.OUTSIDE else FootageRelation.UNKNOWN
    if view.ground is None or view.centre_m is None:
        return FootageRelation.UNKNOWN
    return FootageRelation.LOOKS_INTO if _is_looked_into(near, view) else FootageRelation.HORIZON_TOUCHES


def _near(area: SeenArea, view: View, h_sigma_m: float) -> _Near | None:
    """Return the area where it can matter; None where no draw comes near it."""
    sigma_m = float(np.hypot(h_sigma_m, area.sigma_near_m(view)))
    slack_m = _FAR_SIGMAS * sigma_m
    if not shapely.dwithin(area.polygon, view.hull, slack_m):
        return None
    xmin, ymin, xmax, ymax = view.hull.bounds
    frame = shapely.box(xmin - slack_m, ymin - slack_m, xmax + slack_m, ymax + slack_m)
    polygon = shapely.intersection(area.polygon, frame)
    shapely.prepare(polygon)
    return _Near(polygon, view.aside * sigma_m)


def _is_touched(near: _Near, view: View, place: OwnPlace) -> bool:
    """Tell whether more than a few of the draws reach the area at all, or may stand in it."""
    polygons, rows = view.reach.polygons(near.shift_m)
    touched = np.zeros(len(view.aside), dtype=np.bool_)
    touched[rows] = shapely.intersects(near.polygon, polygons)
    if place is not OwnPlace.OUTSIDE:
        at = view.at_m + near.shift_m
        touched |= shapely.intersects_xy(near.polygon, at[:, 0], at[:, 1])
    return bool(touched.mean() > _FEW)


def _is_looked_into(near: _Near, view: View) -> bool:
    """Tell whether in most draws the centre or enough of the ground footprint lies in the area."""
    assert view.ground is not None
    assert view.centre_m is not None
    centre = view.centre_m + near.shift_m
    looks = np.zeros(len(centre), dtype=np.bool_)
    has_centre = np.isfinite(centre).all(axis=1)
    looks[has_centre] = shapely.intersects_xy(near.polygon, *centre[has_centre].T)
    if looks.mean() >= _MOST:
        return True
    polygons, rows = view.ground.polygons(near.shift_m)
    may = shapely.intersects(near.polygon, polygons) & ~looks[rows]
    if looks.mean() + may.sum() / len(looks) < _MOST:
        return False
    shown = shapely.make_valid(polygons[may])
    looks[rows[may]] = shapely.area(shapely.intersection(near.polygon, shown)) >= _SHARE * shapely.area(shown)
    return bool(looks.mean() >= _MOST)
