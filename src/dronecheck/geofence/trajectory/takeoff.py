"""Was the take-off recorded, and where? Without that a log has no home territory.

A logged home point is no proof: it can be set anywhere. Accepted are (1) a take-off event, else an arm event, with a
fix beside it and a track that has not moved before it; (2) a start at rest at home height followed by a climb.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.flight import EventKind, Flight
from dronecheck.geofence.result import Place
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["Takeoff", "ends_airborne", "recorded_takeoff"]

_NEAR_EVENT_S = 5.0
_STILL_M = 30.0
_AT_REST_MPS = 1.5
_HOME_HEIGHT_M = 5.0
_FLYING_MPS = 3.0
_CLIMB_M = 5.0
_BASIS = {EventKind.TAKEOFF: "takeoff_event", EventKind.ARM: "arm_event"}


@dataclass(frozen=True, slots=True)
class Takeoff:
    """The fix at the take-off, and how it is known: takeoff_event, arm_event or rest_then_climb."""

    row: int
    place: Place
    basis: str


def recorded_takeoff(flight: Flight, trajectory: Trajectory) -> Takeoff | None:
    """Return the take-off that the log records, or None."""
    if not len(trajectory):
        return None
    return _from_events(flight, trajectory) or _from_climb(trajectory)


def ends_airborne(flight: Flight, trajectory: Trajectory) -> bool:
    """Tell whether the log breaks off in flight.

    A reader says so, or it is armed, never landed, and off the ground or moving.

    Height alone proves nothing: many flights end below or above where they began.
    """
    if not len(trajectory):
        return False
    if flight.ends_airborne:
        return True
    phases = (EventKind.ARM, EventKind.TAKEOFF, EventKind.LAND, EventKind.DISARM)
    last = next((e.kind for e in reversed(flight.events) if e.kind in phases), None)
    height, speed = trajectory.track.alt_home_m[-1], trajectory.track.speed_mps[-1]
    return last in (EventKind.ARM, EventKind.TAKEOFF) and bool(speed > _FLYING_MPS or height > _HOME_HEIGHT_M)


def _from_events(flight: Flight, trajectory: Trajectory) -> Takeoff | None:
    ended = min(
        (e.time_ns for e in flight.events if e.kind in (EventKind.LAND, EventKind.DISARM)),
        default=np.iinfo(np.int64).max,
    )
    for kind in (EventKind.TAKEOFF, EventKind.ARM):
        event = next((e for e in flight.events if e.kind is kind), None)
        # A landing before the first take-off: the log began in the air.
        if event is None or event.time_ns > ended:
            continue
        row = int(np.argmin(np.abs(trajectory.track.time_ns - event.time_ns)))
        beside = abs(int(trajectory.track.time_ns[row]) - event.time_ns) <= _NEAR_EVENT_S * 1e9
        if beside and _still_until(trajectory, row):
            return Takeoff(row, trajectory.place_at(row), _BASIS[kind])
    return None


def _still_until(trajectory: Trajectory, row: int) -> bool:
    """Tell whether all fixes up to `row` lie around it (receivers wander while they settle)."""
    if trajectory.is_jump[:row].any():
        return False
    lon = np.abs((trajectory.track.lon_deg[: row + 1] - trajectory.track.lon_deg[row] + 180.0) % 360.0 - 180.0)
    lat = np.abs(trajectory.track.lat_deg[: row + 1] - trajectory.track.lat_deg[row])
    north_m = lat * 111_320.0
    east_m = lon * 111_320.0 * np.cos(np.radians(trajectory.track.lat_deg[row]))
    return bool(np.all(np.hypot(north_m, east_m) <= _STILL_M + 5 * trajectory.h_sigma_m[: row + 1]))


def _from_climb(trajectory: Trajectory) -> Takeoff | None:
    height, speed = trajectory.track.alt_home_m, trajectory.track.speed_mps
    known = np.isfinite(height)
    if not known[0] or abs(height[0]) > _HOME_HEIGHT_M:
        return None
    at_rest = speed[0] <= _AT_REST_MPS if np.isfinite(speed[0]) else _moves_slowly(trajectory)
    climbs = np.flatnonzero(known & (height >= height[0] + _CLIMB_M))
    if not at_rest or not len(climbs):
        return None
    return Takeoff(0, trajectory.place_at(0), "rest_then_climb")


def _moves_slowly(trajectory: Trajectory) -> bool:
    early = (trajectory.time_s[1:] <= 3.0) & (trajectory.step_s > 0)
    if not early.any():
        return False
    return float(trajectory.step_m[early].sum() / trajectory.step_s[early].sum()) <= _AT_REST_MPS
