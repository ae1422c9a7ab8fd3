"""Where the camera itself was, by the rule of `check` for a place: inside beyond the errors, outside, or open."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from dronecheck.airspace.zone import Zone
from dronecheck.borders.territories import Territory
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.plane import boxes_meeting
from dronecheck.geofence.questions.answer import CheckContext
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.questions.zones.visits import judge_zone
from dronecheck.geofence.result import Finding, Reason, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.region_distance import RegionDistance

__all__ = ["OwnPlace", "place_reach_m", "places_in_territories", "zone_place"]


_REACH_SIGMAS = 4.5


class OwnPlace(StrEnum):
    """Whether a camera's place lies in an area, beyond the errors of both."""

    INSIDE = "inside"
    OPEN = "open"  # within the errors, or a height or a time that decides is not known
    OUTSIDE = "outside"


def places_in_territories(context: CheckContext) -> dict[Territory, OwnPlace]:
    """Return where the place of a single fix lies to each territory in reach of it; to all others it is outside."""
    trajectory = context.trajectory
    pad_m = _reach_m(context)
    land = NearbyTerritories(trajectory, pad_m)
    only, is_uniform = land.only
    if is_uniform:
        return {only: OwnPlace.INSIDE} if only is not None else {}
    found = {}
    for territory in land.territories:
        profile = trace(trajectory, land.outline(territory), Edge.PLANAR, pad_m)
        instant = RegionDistance(profile, land.error_of(territory)).instant(0.0)
        found[territory] = (
            OwnPlace.INSIDE if instant.is_inside else OwnPlace.OUTSIDE if instant.is_outside else OwnPlace.OPEN
        )
    return found


def zone_place(zone: Zone, context: CheckContext) -> OwnPlace:
    """Return where the place of a single fix lies to a zone, between its floor and ceiling while it is in force."""
    reach_m = _reach_m(context)
    box = np.array([zone.box_deg()])
    if not any(boxes_meeting(box, tile.box(reach_m)).any() for tile in context.trajectory.tiles):
        return OwnPlace.OUTSIDE
    findings, _, _ = judge_zone(zone, context, reach_m)
    if any(map(_is_inside, findings)):
        return OwnPlace.INSIDE
    return OwnPlace.OPEN if findings else OwnPlace.OUTSIDE


def _reach_m(context: CheckContext) -> float:
    """Return how far around its place a camera may have been (m), and no less than other territories are named."""
    return place_reach_m(context.settings, float(context.trajectory.h_sigma_m.max()))


def place_reach_m(settings: Settings, sigma_m: float) -> float:
    """Return how far around a place of this error anything is looked for (m)."""
    return max(settings.thresholds.border_search_m, _REACH_SIGMAS * sigma_m)


def _is_inside(finding: Finding) -> bool:
    """Tell whether a finding is of a place inside; conditions and permissions change its verdict and not the place."""
    if finding.verdict is Verdict.VIOLATION:
        return True
    return finding.verdict is Verdict.CLEAR and Reason.INSIDE_BEYOND_ERROR in finding.reasons
