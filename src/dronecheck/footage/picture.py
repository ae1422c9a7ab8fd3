"""One picture: where its camera was by the rules of `check`, and where it looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dronecheck.airspace.zone import Zone, ZoneSet
from dronecheck.arrays import Floats
from dronecheck.borders.territories import Territory
from dronecheck.footage.camera import Camera, ViewDoubt, above_ground
from dronecheck.footage.own_place import OwnPlace, places_in_territories, zone_place
from dronecheck.footage.relation import FootageRelation, agreed_relation, relation_to
from dronecheck.footage.view.draws import drawn
from dronecheck.footage.view.footprint import Footprint, footprint_of
from dronecheck.footage.view.landscape import Landscape, landscape_at
from dronecheck.footage.view.seen import GroundModel, SphereGround, View, view_of
from dronecheck.footage.view.terrain_ground import TerrainGround
from dronecheck.geo.plane import boxes_meeting
from dronecheck.geofence.altitude.altitudes import TerrainHeights
from dronecheck.geofence.engine import check_place, place_context
from dronecheck.geofence.questions.answer import CheckContext
from dronecheck.geofence.result import Result
from dronecheck.geofence.settings import Settings

if TYPE_CHECKING:
    from dronecheck.geo.vertical.geoid import Geoid

__all__ = ["PictureAnswer", "TerritoryRelation", "ZoneRelation", "judge_picture", "judge_sample"]

UNKNOWN_HEIGHT_M = 500.0  # above ground, where nothing is known of it: as high as its horizon is looked for
OUTLINE_M = 2_000.0  # more than the error of any outline may move it
SIGMAS = 4.5


@dataclass(frozen=True, slots=True)
class TerritoryRelation:
    """How a picture stands to a territory; `place` is where the camera itself was."""

    territory: Territory
    relation: FootageRelation
    place: OwnPlace


@dataclass(frozen=True, slots=True)
class ZoneRelation:
    """How a picture stands to a zone; `place` is where the camera itself was, height and time counted."""

    zone: Zone
    relation: FootageRelation
    place: OwnPlace


@dataclass(frozen=True, slots=True)
class PictureAnswer:
    """All that a picture's place and view say.

    `result` judges the camera's own place, as `check` would. `territories` and `zones` hold those whose relation is not
    OUTSIDE; all others stand as `other_territories` and `other_zones` say: OUTSIDE, or UNKNOWN.
    """

    result: Result
    territories: tuple[TerritoryRelation, ...]
    zones: tuple[ZoneRelation, ...]
    other_territories: FootageRelation
    other_zones: FootageRelation
    doubts: tuple[ViewDoubt, ...]
    footprint: Footprint | None = None


def judge_picture(
    camera: Camera,
    zones: ZoneSet | None = None,
    settings: Settings | None = None,
    *,
    ground: TerrainHeights | None = None,
    geoid: Geoid | None = None,
) -> PictureAnswer:
    """Judge one picture against the bundled borders and the zones given.

    `ground` gives terrain; without it the ground is level. Raises UsageError for settings that cannot be right.
    """
    settings = settings or Settings()
    result, context = check_place(camera.as_flight(), zones, settings, ground=ground, geoid=geoid)
    return _answered(camera, zones, settings, ground, geoid, result, context)


def judge_sample(
    camera: Camera,
    zones: ZoneSet | None,
    settings: Settings,
    result: Result,
    *,
    ground: TerrainHeights | None = None,
    geoid: Geoid | None = None,
) -> PictureAnswer:
    """Judge one sample of a film, of which `result` already judges the whole way: without a footprint of its own."""
    if camera.position_doubt is not None:
        return _without_place(result, camera.position_doubt)
    context = place_context(camera.as_flight(), settings, ground=ground, geoid=geoid)
    return _answered(camera, zones, settings, ground, geoid, result, context, shows_ground=False)


def _without_place(result: Result, doubt: ViewDoubt) -> PictureAnswer:
    unknown = FootageRelation.UNKNOWN
    return PictureAnswer(result, (), (), unknown, unknown, (doubt,))


def _answered(
    camera: Camera, zones: ZoneSet | None, settings: Settings, ground: TerrainHeights | None, geoid: Geoid | None,
    result: Result, context: CheckContext, *, shows_ground: bool = True,
) -> PictureAnswer:  # fmt: skip
    if camera.position_doubt is not None:
        return _without_place(result, camera.position_doubt)
    view, footprint, doubts = _looked(camera, settings, ground, geoid, shows_ground=shows_ground)
    lon_deg, lat_deg = camera.lonlat_deg
    h_sigma_m = float(context.trajectory.h_sigma_m[0])
    landscape = landscape_at(lon_deg, lat_deg, view.farthest_m + SIGMAS * h_sigma_m + OUTLINE_M)
    view = landscape.placed(view, lon_deg, lat_deg)
    return PictureAnswer(
        result=result,
        territories=_territories(landscape, view, h_sigma_m, context),
        zones=_zones(landscape, view, h_sigma_m, context, zones) if zones is not None else (),
        other_territories=FootageRelation.OUTSIDE,
        other_zones=FootageRelation.UNKNOWN if zones is None or zones.incomplete else FootageRelation.OUTSIDE,
        doubts=doubts,
        footprint=footprint,
    )


def _looked(
    camera: Camera, settings: Settings, ground: TerrainHeights | None, geoid: Geoid | None, *, shows_ground: bool
) -> tuple[View, Footprint | None, tuple[ViewDoubt, ...]]:
    """Return what a camera at a usable place sees, its footprint, and what is missing of it."""
    height, height_doubt = above_ground(camera, settings, ground, geoid)
    pose = None if camera.pose_doubt in (ViewDoubt.NO_POSE, ViewDoubt.POSE_ALL_ZERO) else camera.pose
    fov = camera.fov if camera.has_field_of_view else None
    found = (camera.pose_doubt, None if fov is not None else ViewDoubt.NO_FIELD_OF_VIEW, height_doubt)
    doubts = tuple(doubt for doubt in found if doubt is not None)
    is_whole = camera.pose_doubt is None and fov is not None and height is not None
    height_m, sigma_m = (height.height_m, height.sigma_m) if height is not None else (UNKNOWN_HEIGHT_M, 0.0)
    lon_deg, lat_deg = camera.lonlat_deg
    draws = drawn(height_m, sigma_m, pose, fov if is_whole else None)
    level = SphereGround(lat_deg)

    def ground_of(highest_m: float, along_rad: Floats | None = None) -> GroundModel:
        around = None if ground is None else TerrainGround.around(ground, lon_deg, lat_deg, highest_m, along_rad)
        return around or level

    view = view_of(draws, ground_of(height_m + 2 * sigma_m), height_m, sigma_m, is_whole=is_whole)
    if not (is_whole and shows_ground):
        return view, None, doubts
    return view, footprint_of(draws, lambda along: ground_of(height_m, along), lon_deg, lat_deg), doubts


def _territories(
    landscape: Landscape, view: View, h_sigma_m: float, context: CheckContext
) -> tuple[TerritoryRelation, ...]:
    only, is_uniform = landscape.only
    if is_uniform:
        inside = FootageRelation.TAKEN_INSIDE
        return (TerritoryRelation(only, inside, OwnPlace.INSIDE),) if only is not None else ()
    places = places_in_territories(context)
    found = []
    for territory, area in landscape.territories:
        place = places.get(territory, OwnPlace.OUTSIDE)
        relation = relation_to(area, view, h_sigma_m, place)
        if relation is not FootageRelation.OUTSIDE:
            found.append(TerritoryRelation(territory, relation, place))
    return tuple(found)


def _zones(
    landscape: Landscape, view: View, h_sigma_m: float, context: CheckContext, zones: ZoneSet
) -> tuple[ZoneRelation, ...]:
    near = np.flatnonzero(boxes_meeting(zones.boxes_deg, landscape.box_deg)).tolist()
    found = []
    for zone in (zones.zones[index] for index in near):
        place = zone_place(zone, context)
        if place is OwnPlace.INSIDE and not _is_certain(zone, zones.alternatives):
            place = OwnPlace.OPEN
        readings = [
            relation_to(area, view, h_sigma_m, place) if area is not None else _not_there(place)
            for area in landscape.zone(zone)
        ]
        relation = agreed_relation(readings)
        if relation is not FootageRelation.OUTSIDE:
            found.append(ZoneRelation(zone, relation, place))
    return tuple(found)


def _not_there(place: OwnPlace) -> FootageRelation:
    return FootageRelation.OUTSIDE if place is OwnPlace.OUTSIDE else FootageRelation.UNKNOWN


def _is_certain(zone: Zone, alternatives: Sequence[ZoneSet]) -> bool:
    """Tell whether a zone holds in every edition that may have been in force."""
    digest = zone.digest() if alternatives else ""
    return all(digest in each.digests for each in alternatives)
