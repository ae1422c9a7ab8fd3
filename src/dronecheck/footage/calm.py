"""Which samples of a film need no judgement of their own: nothing but one territory is in reach of any of them.

Neighbours on the way are taken together. If all within the farthest that each could see, and within the errors of all
places and outlines, is one territory and no zone, then each of them alone would be told just that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import asin, atan, cos, degrees, hypot, radians, sin, tan
from typing import TYPE_CHECKING

import numpy as np
import shapely

from dronecheck.airspace.zone import ZoneSet
from dronecheck.borders.territories import Territory
from dronecheck.footage.camera import Camera, above_ground
from dronecheck.footage.own_place import OwnPlace, place_reach_m
from dronecheck.footage.picture import OUTLINE_M, SIGMAS, UNKNOWN_HEIGHT_M, TerritoryRelation
from dronecheck.footage.relation import FootageRelation
from dronecheck.footage.view.landscape import Landscape
from dronecheck.footage.view.seen import BEYOND_CAP, SphereGround
from dronecheck.geo.plane import boxes_meeting, geodesic_m
from dronecheck.geofence.settings import Settings

if TYPE_CHECKING:
    from dronecheck.geo.vertical.geoid import Geoid

__all__ = ["calm_samples", "farthest_seen_m"]

_MOST_TOGETHER = 256
_TOGETHER_M = 2_000.0  # from the first of them
_OUTER = 1 / cos(0.5)  # outlines are drawn around arcs of at most one radian
_LEAST_DEG = 4.0  # flatter rays are taken to reach the horizon
_WIDEST_DEG = 175.0
_SLACK, _ROOM = 1.02, 1.1
_POLAR_DEG = 80.0

Territories = tuple[TerritoryRelation, ...]


def calm_samples(
    cameras: Sequence[Camera], zones: ZoneSet | None, settings: Settings, geoid: Geoid | None
) -> dict[int, Territories]:
    """Return the numbers of the cameras that need no judgement, with the territories that each would be told.

    Without terrain: the ground is level.
    """
    found: dict[int, Territories] = {}
    for numbers in _together(cameras):
        some = [cameras[number] for number in numbers]
        reach_m = max(_reach_m(camera, settings, geoid) for camera in some)
        lonlat = np.array([camera.lonlat_deg for camera in some])
        away_m = float(geodesic_m(lonlat[:, 0], lonlat[:, 1], *lonlat[0]).max())
        lon_deg, lat_deg = some[0].lonlat_deg
        landscape = Landscape(lon_deg, lat_deg, _ROOM * (away_m + reach_m))
        told = _only(landscape, zones, (lon_deg, lat_deg), away_m + reach_m)
        if told is not None:
            found |= dict.fromkeys(numbers, told)
    return found


def _only(
    landscape: Landscape, zones: ZoneSet | None, lonlat_deg: tuple[float, float], reach_m: float
) -> Territories | None:
    """Return what every camera is told that sees nothing farther than that from a place; None where it is not one."""
    if zones is not None and boxes_meeting(zones.boxes_deg, landscape.box_deg).any():
        return None
    only, is_uniform = landscape.only
    if not is_uniform:
        only = _all_around(landscape, lonlat_deg, reach_m)
        if only is None:
            return None
    return (TerritoryRelation(only, FootageRelation.TAKEN_INSIDE, OwnPlace.INSIDE),) if only is not None else ()


def _all_around(landscape: Landscape, lonlat_deg: tuple[float, float], reach_m: float) -> Territory | None:
    """Return the one territory that is all there is within so far of a place; None without such a one."""
    at = shapely.Point(*landscape.plane.forward(np.array([lonlat_deg]))[0])
    around = shapely.buffer(at, _SLACK * reach_m)
    near = [(only, area) for only, area in landscape.territories if shapely.intersects(area.polygon, around)]
    if len(near) != 1 or not shapely.covers(near[0][1].polygon, around):
        return None
    return near[0][0]


def _together(cameras: Sequence[Camera]) -> Iterator[list[int]]:
    """Yield numbers of cameras with a usable place that follow each other and are near each other."""
    group: list[int] = []
    for number, camera in enumerate(cameras):
        if not camera.has_place or abs(camera.lonlat_deg[1]) > _POLAR_DEG:
            continue
        if group and (len(group) >= _MOST_TOGETHER or _apart_m(cameras[group[0]], camera) > _TOGETHER_M):
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def _apart_m(one: Camera, other: Camera) -> float:
    return float(geodesic_m(*one.lonlat_deg, *other.lonlat_deg)[0])


def _reach_m(camera: Camera, settings: Settings, geoid: Geoid | None) -> float:
    """Return how far around its place anything may matter to a camera, errors and all (m)."""
    stated_m = camera.position.h_sigma_m if camera.position is not None else float("nan")
    sigma_m = float(np.fmax(stated_m, settings.thresholds.assumed_h_sigma_m))
    seen_m = farthest_seen_m(camera, settings, geoid) + SIGMAS * sigma_m + OUTLINE_M
    return max(seen_m, place_reach_m(settings, sigma_m) + OUTLINE_M)


def farthest_seen_m(camera: Camera, settings: Settings, geoid: Geoid | None = None) -> float:
    """Return what no draw of a camera's view reaches beyond, over level ground (m): by its lens if that looks down.

    A corner of the picture is half its diagonal away from the middle, however it is rolled.
    """
    height, _ = above_ground(camera, settings, None, geoid)
    top_m = height.height_m + SIGMAS * height.sigma_m if height is not None else UNKNOWN_HEIGHT_M
    ground = SphereGround(camera.lonlat_deg[1])
    horizon_m = float(ground.cap_m(np.array([top_m]))[0])
    farthest_m = _OUTER * BEYOND_CAP * horizon_m
    pose, fov = camera.pose, camera.fov
    if height is None or pose is None or fov is None or camera.pose_doubt is not None or not camera.has_field_of_view:
        return farthest_m
    wide_deg = fov.h_deg + SIGMAS * fov.sigma_deg
    if wide_deg > _WIDEST_DEG:
        return farthest_m
    half, is_to = tan(radians(wide_deg) / 2), tan(radians(fov.v_deg) / 2) / tan(radians(fov.h_deg) / 2)
    diagonal_deg = degrees(atan(hypot(half, half * is_to)))
    down_deg = degrees(asin(max(-1.0, min(1.0, -sin(radians(pose.pitch_deg))))))
    flattest_deg = down_deg - diagonal_deg - SIGMAS * pose.sigma_deg[1]
    if flattest_deg < _LEAST_DEG:
        return farthest_m
    away_m = ground.range_m(np.zeros((1, 1)), np.array([[tan(radians(flattest_deg))]]), np.array([[top_m]]))
    return min(farthest_m, _SLACK * _OUTER * float(away_m[0, 0]))
