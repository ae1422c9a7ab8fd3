"""The distance to one border all along a flight, for plots: the same profile and band that the verdict rests on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.borders.territories import Territory
from dronecheck.geo.outline.edges import Edge
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.questions.territory_relation import territory_reference
from dronecheck.geofence.result import FindingKind, Result, ZoneRef
from dronecheck.geofence.trajectory.distance_profile import DistanceProfile, trace, wider_pads_m
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["BorderSeries", "border_in_question", "border_profile"]


@dataclass(frozen=True, slots=True, eq=False)
class BorderSeries:
    """Signed distance to a territory's outline (negative inside) and the decision band, all of shape (k,).

    `row` counts fixes, fractional between two; `time_ns` is in the flight's time base. Samples without an outline
    in reach are left out. Distances are measured on the ellipsoid.
    """

    row: Floats
    time_ns: Ints
    distance_m: Floats
    band_m: Floats
    name: str


def border_in_question(result: Result) -> ZoneRef | None:
    """Return the territory of the first border finding, else of the nearest border.

    None when no border is in reach: a curve of a distance that is far all along tells nothing.
    """
    reach_m = result.settings.thresholds.border_search_m
    of_findings = [f.zone for f in result.findings if f.kind is FindingKind.BORDER_CROSSING and f.zone]
    of_nearest = [n.zone for n in result.nearest if n.zone.is_border and not n.distance_m > reach_m]
    return next(iter([*of_findings, *of_nearest]), None)


def border_profile(path: Trajectory, result: Result) -> BorderSeries | None:
    """Trace the distance to the border in question along a path; None when there is no such border."""
    wanted = border_in_question(result)
    if wanted is None or not len(path):
        return None
    thresholds = result.settings.thresholds
    pad_m = thresholds.border_search_m + min(path.reach_m, 50_000.0)
    found: tuple[NearbyTerritories, Territory, DistanceProfile] | None = None
    for wide_m in (pad_m, *wider_pads_m(pad_m)):  # look wider until the outline is in sight all along
        land = NearbyTerritories(path, wide_m)
        territory = next((t for t in land.territories if territory_reference(t, result.settings).id == wanted.id), None)
        if territory is None:
            return None
        found = land, territory, trace(path, land.outline(territory), Edge.PLANAR, wide_m)
        seen = np.isfinite(found[2].distance_m)
        if len(seen) and seen.all():
            break
    if found is None or not seen.any():
        return None
    land, territory, profile = found
    profile = profile.with_fixes(np.ones(len(profile.row) - 1, dtype=np.bool_))  # a curve wants every fix
    seen = np.isfinite(profile.distance_m)
    row, boundary_deg = profile.row[seen], profile.boundary_deg[seen]
    sigma_m, p95_m = land.error_of(territory)(boundary_deg)
    band_m = np.maximum(thresholds.band_sigmas * np.hypot(path.sigma_at(row), sigma_m), p95_m)
    since_start = np.interp(
        row, np.arange(len(path), dtype=np.int64), (path.track.time_ns - path.track.time_ns[0]).astype(np.float64)
    )
    time_ns = path.track.time_ns[0] + np.round(since_start).astype(np.int64)
    return BorderSeries(row, time_ns, profile.ellipsoidal_m()[seen], band_m, wanted.name)
