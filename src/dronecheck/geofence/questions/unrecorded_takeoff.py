"""A record without its take-off: from which territories in reach it may have come, and what that would mean.

A fragment or a clip that lies wholly on the other side of a border shows no crossing. It is cleared only where no other
territory lies within what the aircraft can have flown before the record begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dronecheck.borders.territories import Territory
from dronecheck.flight import Flight
from dronecheck.geo.outline.edges import Edge
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.questions.territory_relation import PERMITTED, territory_relation
from dronecheck.geofence.settings import Settings
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["may_have_crossed"]

_LEAST_M, _MOST_M = 3_000.0, 15_000.0
_LEAST_MPS, _FASTER = 30.0, 1.3
_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Candidate:
    territory: Territory
    distance_m: float  # from the first fix; 0 inside
    crossed: Territory | None  # what the record then shows to have been entered


def may_have_crossed(
    flight: Flight, trajectory: Trajectory, visited: Iterable[Territory], settings: Settings
) -> tuple[Clause, ...] | None:
    """Say what a take-off in each territory in reach would mean, nearest first; None where none would be a crossing.

    `visited` are the territories that the record shows it in.
    """
    since_s = _powered_s(flight, trajectory)
    reach_m = _reach_m(since_s, trajectory)
    found = _candidates(_first_fix(trajectory), reach_m, list(visited), settings)
    if not any(candidate.crossed for candidate in found):
        return None
    said = [Clause.of(ClauseCode.TAKEOFF_WITHIN, reach_m=reach_m, since_s=since_s)]
    crossing = [candidate for candidate in found if candidate.crossed is not None]
    harmless = [candidate for candidate in found if candidate.crossed is None]
    said += [_crossed_if_from(candidate, settings.language) for candidate in crossing[:_NAMED]]
    for candidate in harmless[:1]:
        name = candidate.territory.name(settings.language)
        said.append(Clause.of(ClauseCode.NOT_CROSSED_IF_FROM, territory=name, home=candidate.territory.iso_a3))
    return tuple(said)


def _crossed_if_from(candidate: _Candidate, language: str) -> Clause:
    assert candidate.crossed is not None
    return Clause.of(
        ClauseCode.CROSSED_IF_FROM,
        territory=candidate.territory.name(language),
        distance_m=candidate.distance_m or None,  # 0: the record begins there
        into=candidate.crossed.name(language),
        home=candidate.territory.iso_a3,
    )


def _powered_s(flight: Flight, trajectory: Trajectory) -> float | None:
    """Return the seconds from power-up to the first fix by the aircraft's own clock; None where it does not tell."""
    power_up_ns = flight.clock.power_up_ns
    if power_up_ns is None or not trajectory.track.is_timed[0]:
        return None
    since_s = (int(trajectory.track.time_ns[0]) - power_up_ns) / 1e9
    return since_s if since_s >= 0 else None


def _reach_m(since_s: float | None, trajectory: Trajectory) -> float:
    if since_s is None:
        return _MOST_M
    logged_mps = trajectory.track.speed_mps[np.isfinite(trajectory.track.speed_mps)]
    fastest_mps = float(np.percentile(logged_mps, 99.5)) if len(logged_mps) else 0.0
    return min(max(since_s * _FASTER * max(_LEAST_MPS, fastest_mps), _LEAST_M), _MOST_M)


def _first_fix(trajectory: Trajectory) -> Trajectory:
    return Trajectory(trajectory.track.where(np.zeros(2, np.int64)), trajectory.thresholds)


def _candidates(start: Trajectory, reach_m: float, visited: list[Territory], settings: Settings) -> list[_Candidate]:
    """Return the territories within reach of the first fix, nearest first."""
    land = NearbyTerritories(start, reach_m)
    if land.only[1]:
        return []
    found = []
    for territory in land.territories:
        profile = trace(start, land.outline(territory), Edge.PLANAR, reach_m)
        distance_m = max(float(profile.measure(0.0)[1]), 0.0)
        if distance_m <= reach_m:
            crossed = next((t for t in visited if _is_crossed(t, territory, settings)), None)
            found.append(_Candidate(territory, distance_m, crossed))
    return sorted(found, key=lambda candidate: candidate.distance_m)


def _is_crossed(visited: Territory, home: Territory, settings: Settings) -> bool:
    """Tell whether a flight from `home` must not be in `visited` (or nobody knows whether it may)."""
    if set(visited.claimants) & set(home.claimants):
        return False
    return home.iso_a3 is None or territory_relation(visited, home.iso_a3, settings) not in PERMITTED
