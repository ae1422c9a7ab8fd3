"""Was the take-off recorded, and where? Without that a log has no home territory.

A logged home point is no proof: it can be set anywhere. Accepted are

    takeoff_event      a take-off event, else an arm event, with a fix beside it and a track that has not moved before
    arm_event          it; an event high up or on the move needs a rest beside it in the half minute before
    rest_then_climb    a start at rest at home height, followed by a climb
    rest_then_rise     by heights above any level: at rest, then straight up by more than their scatter, nothing later
                       being lower than the start; and the start was on the ground, as the aircraft came back to it,
                       had been switched on just before, or the terrain says so. A hover that climbs is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.flight import EventKind, Flight
from dronecheck.geo.plane import metres_per_degree
from dronecheck.geofence.result import Place
from dronecheck.geofence.trajectory.trajectory import Trajectory

if TYPE_CHECKING:
    from dronecheck.geofence.altitude.altitudes import TerrainHeights

__all__ = ["Beginning", "Takeoff", "beginning", "ends_airborne", "recorded_takeoff", "records_landing"]

_NEAR_EVENT_S = 5.0
_STILL_M = 30.0
_AT_REST_MPS = 1.5
_HOME_HEIGHT_M = 5.0
_FLYING_MPS = 3.0
_LANDED_M = 2.0
_CLIMB_M = 5.0
_RAN_S = 10.0
# an event that is late, or forged
_HIGH_M = 15.0
_BESIDE_M = 15.0
_BEFORE_S = 30.0
# a rise by heights whose level is not that of home
_REST_S, _LANDED_S, _REST_ROWS = 3.0, 2.0, 3
_RISE_M, _RISE_SIGMAS = 8.0, 5.0
_STRAIGHT_M = 15.0
_LEAST_SCATTER_M = 1.0
_SINKS_MPS = 0.5
_SCATTER_SIGMAS = 2.45  # 95 % of what lies around a place
_POWERED_UP_S = 60.0
_GROUND_SIGMAS, _GROUND_M = 2.0, 15.0
_BASIS = {EventKind.TAKEOFF: "takeoff_event", EventKind.ARM: "arm_event"}


@dataclass(frozen=True, slots=True)
class Takeoff:
    """The fix at the take-off, and how it is known (see the module)."""

    row: int
    place: Place
    basis: str

    @property
    def is_at_rest(self) -> bool:
        """Tell whether the row is one at rest on the ground: an event may be late."""
        return self.basis not in _BASIS.values()


def recorded_takeoff(flight: Flight, trajectory: Trajectory, ground: TerrainHeights | None = None) -> Takeoff | None:
    """Return the take-off that the log records, or None; `ground` to hold heights above the sea against."""
    if not len(trajectory):
        return None
    return _from_events(flight, trajectory) or _from_climb(trajectory) or _from_rise(flight, trajectory, ground)


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


def records_landing(flight: Flight, trajectory: Trajectory) -> bool:
    """Tell whether the log shows the end of the flight.

    An event of landing or disarming ends it, or it ends at rest: at home height, or back where and as high as it began.
    """
    if not len(trajectory) or ends_airborne(flight, trajectory):
        return False
    phases = (EventKind.ARM, EventKind.TAKEOFF, EventKind.LAND, EventKind.DISARM)
    last = next((e.kind for e in reversed(flight.events) if e.kind in phases), None)
    if last in (EventKind.LAND, EventKind.DISARM):
        return True
    if not _rests_at_end(trajectory):
        return False
    height_m = trajectory.track.alt_home_m[-1]
    if np.isfinite(height_m):
        return bool(abs(height_m) <= _LANDED_M)
    is_back = _away_m(trajectory, 0)[-1] <= _STILL_M
    return bool(is_back) and any(abs(column[-1] - column[0]) <= _HOME_HEIGHT_M for column in _columns(trajectory))


class Beginning(StrEnum):
    """What the first fix of a record shows; where a take-off is recorded, that says more."""

    ON_GROUND = "on_ground"
    IN_FLIGHT = "in_flight"
    UNKNOWN = "unknown"


def beginning(flight: Flight, trajectory: Trajectory) -> Beginning:
    """Tell whether a record begins in flight: by height and speed at its first fix, and a stopwatch that ran before."""
    track = trajectory.track
    height_m, speed_mps = float(track.alt_home_m[0]), float(track.speed_mps[0])
    at_rest = speed_mps <= _AT_REST_MPS if np.isfinite(speed_mps) else _moves_slowly(trajectory)
    if track.is_idle[0] or (abs(height_m) <= _HOME_HEIGHT_M and at_rest):
        return Beginning.ON_GROUND
    is_fast = speed_mps > _FLYING_MPS if np.isfinite(speed_mps) else _moves_fast(trajectory)
    ran_s = flight.clock.elapsed_s
    if height_m > _HOME_HEIGHT_M or is_fast or (ran_s is not None and ran_s > _RAN_S):
        return Beginning.IN_FLIGHT
    return Beginning.UNKNOWN


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
        if beside and _still_until(trajectory, row) and _on_the_ground(trajectory, row):
            return Takeoff(row, trajectory.place_at(row), _BASIS[kind])
    return None


def _still_until(trajectory: Trajectory, row: int) -> bool:
    """Tell whether all fixes up to `row` lie around it (receivers wander while they settle)."""
    if trajectory.is_jump[:row].any():
        return False
    away_m = _away_m(trajectory, row)[: row + 1]
    return bool(np.all(away_m <= _STILL_M + 5 * trajectory.h_sigma_m[: row + 1]))


def _on_the_ground(trajectory: Trajectory, row: int) -> bool:
    """Tell whether an event can be a take-off: low and at rest, or at rest and low beside it just before."""
    track, time_s = trajectory.track, trajectory.time_s
    first = int(np.searchsorted(time_s, time_s[row] - _BEFORE_S))
    before = slice(first, row + 1)
    is_low = ~(track.alt_home_m[before] > _HIGH_M)  # an unknown height is no objection
    is_still = ~(track.speed_mps[before] > _AT_REST_MPS)
    if is_low[-1] and is_still[-1]:
        return True
    return bool(np.any(is_low & is_still & (_away_m(trajectory, row)[before] <= _BESIDE_M)))


def _away_m(trajectory: Trajectory, row: int) -> Floats:
    """Return the distance of every fix from that of `row`, shape (n,): good to a per mille near it."""
    track = trajectory.track
    east_m, north_m = metres_per_degree(track.lat_deg[row])
    lon = (track.lon_deg - track.lon_deg[row] + 180.0) % 360.0 - 180.0
    return np.asarray(np.hypot((track.lat_deg - track.lat_deg[row]) * float(north_m), lon * float(east_m)))


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


def _middle(values: Floats) -> float:
    return float(np.partition(values, len(values) // 2)[len(values) // 2])  # np.median would import numpy.ma, 40 ms


def _moves_slowly(trajectory: Trajectory) -> bool:
    return _early_mps(trajectory) <= _AT_REST_MPS


def _moves_fast(trajectory: Trajectory) -> bool:
    return _early_mps(trajectory) > _FLYING_MPS


def _early_mps(trajectory: Trajectory) -> float:
    """Return the speed by the positions of the first seconds; NaN without any."""
    early = (trajectory.time_s[1:] <= 3.0) & (trajectory.step_s > 0)
    if not early.any():
        return float("nan")
    return float(trajectory.step_m[early].sum() / trajectory.step_s[early].sum())


@dataclass(frozen=True, slots=True)
class _Rest:
    """Rows from the first on at which nothing moves: the last of them, their middle height and its scatter."""

    last: int
    height_m: float
    sigma_m: float


def _from_rise(flight: Flight, trajectory: Trajectory, ground: TerrainHeights | None) -> Takeoff | None:
    away_m = _away_m(trajectory, 0)
    # Coming back to a height tells no ground where the log itself says that it began above it: a film from a hover
    # up and back down, which "rocket" shots are.
    may_stand = beginning(flight, trajectory) is not Beginning.IN_FLIGHT
    for height_m in _columns(trajectory):
        rest = _rest(trajectory, height_m, away_m)
        if rest is None:
            continue
        margin_m = _RISE_SIGMAS * rest.sigma_m
        risen = height_m > rest.height_m + max(margin_m, _RISE_M)
        if not risen.any() or np.nanmin(height_m) < rest.height_m - margin_m:
            continue
        top = int(np.argmax(risen))
        if np.any(away_m[: top + 1] > _STRAIGHT_M) or trajectory.is_jump[:top].any():
            continue
        comes_back = may_stand and _ends_at_rest(trajectory, away_m) and _lands(trajectory, height_m, rest)
        if comes_back or _powered_up_just_before(flight, trajectory) or _at_ground(trajectory, rest, ground):
            return Takeoff(rest.last, trajectory.place_at(rest.last), "rest_then_rise")
    return None


def _columns(trajectory: Trajectory) -> Iterator[Floats]:
    """Yield heights that begin and end with the track."""
    track = trajectory.track
    for height_m in (track.alt_amsl_m, track.alt_hae_m, track.alt_unframed_m, track.pressure_alt_m):
        if np.isfinite(height_m[[0, -1]]).all():
            yield height_m


def _rest(trajectory: Trajectory, height_m: Floats, away_m: Floats) -> _Rest | None:
    """Return the rest that the track begins with, by these heights; None where it begins on the move."""
    time_s, speed_mps = trajectory.time_s, trajectory.track.speed_mps
    known = np.isfinite(height_m)
    early = known & (time_s <= _REST_S)
    if early.sum() < _REST_ROWS:
        return None
    start_m, scatter_m = _middle(height_m[early]), max(_LEAST_SCATTER_M, float(height_m[early].std()))
    is_there: Bools = ~(np.abs(height_m - start_m) > 3 * scatter_m) & (away_m <= _STRAIGHT_M)
    is_there &= ~(speed_mps > _AT_REST_MPS)
    last = len(is_there) - 1 if is_there.all() else int(np.argmin(is_there)) - 1
    if last < 0 or time_s[last] < _REST_S or away_m[last] > _AT_REST_MPS * time_s[last]:
        return None
    if abs(_drift_m(height_m[early])) > _SINKS_MPS * _REST_S:
        return None
    resting_m = height_m[: last + 1][known[: last + 1]]
    return _Rest(last, _middle(resting_m), max(_LEAST_SCATTER_M, float(resting_m.std())))


def _ends_at_rest(trajectory: Trajectory, away_m: Floats) -> bool:
    """Tell whether the last fixes are at rest, near the first."""
    return bool(away_m[-1] <= _STILL_M) and _rests_at_end(trajectory)


def _rests_at_end(trajectory: Trajectory) -> bool:
    """Tell whether the last seconds of the track are at rest.

    Where the log's speeds say so throughout, the places may scatter as fixes do; else they alone have to show it.
    """
    time_s, speed_mps = trajectory.time_s, trajectory.track.speed_mps
    first = int(np.searchsorted(time_s, time_s[-1] - _REST_S, "right")) - 1
    if first < 0 or speed_mps[-1] > _AT_REST_MPS:
        return False
    moved_m = float(_away_m(trajectory, len(time_s) - 1)[first])
    is_slow = bool(np.all(speed_mps[first:] <= _AT_REST_MPS))
    scatter_m = _SCATTER_SIGMAS * float(np.hypot(*trajectory.h_sigma_m[[first, -1]])) if is_slow else 0.0
    return moved_m <= _AT_REST_MPS * float(time_s[-1] - time_s[first]) + min(scatter_m, _STRAIGHT_M)


def _lands(trajectory: Trajectory, height_m: Floats, rest: _Rest) -> bool:
    """Tell whether the track ends as high as it began: to a scatter at its last fix, or nearly so and no more sinking.

    A film cut on its way down passes such a height as well: of 4,631 cuts of real flights in the air 12 ended within
    five scatters, most of them sinking; with this rule 7. What hovers at both ends cannot be told from the ground.
    """
    off_m = abs(float(height_m[-1]) - rest.height_m)
    last = np.isfinite(height_m) & (trajectory.time_s >= trajectory.time_s[-1] - _LANDED_S)
    sinks_m = abs(_drift_m(height_m[last])) if last.sum() >= _REST_ROWS else np.inf
    return off_m <= rest.sigma_m or (off_m <= _RISE_SIGMAS * rest.sigma_m and sinks_m <= _SINKS_MPS * _LANDED_S)


def _drift_m(height_m: Floats) -> float:
    """Return how much higher the second half of some heights is than the first."""
    half = len(height_m) // 2
    return _middle(height_m[half:]) - _middle(height_m[:half])


def _powered_up_just_before(flight: Flight, trajectory: Trajectory) -> bool:
    since_ns = flight.clock.power_up_ns
    return since_ns is not None and 0 <= int(trajectory.track.time_ns[0]) - since_ns < _POWERED_UP_S * 1e9


def _at_ground(trajectory: Trajectory, rest: _Rest, ground: TerrainHeights | None) -> bool:
    """Tell whether the terrain puts the start on the ground: by heights above the sea, which the log must have."""
    track, rows = trajectory.track, slice(0, rest.last + 1)
    known = np.isfinite(track.alt_amsl_m[rows])
    if ground is None or not known.any():
        return False
    at = np.array([track.lon_deg[rest.last]]), np.array([track.lat_deg[rest.last]])
    ground_m, ground_sigma_m = (float(value[0]) for value in ground.ground_amsl_m(*at))
    logged_m = track.v_sigma_m[rows][np.isfinite(track.v_sigma_m[rows])]
    sigma_m = _middle(logged_m) if len(logged_m) else trajectory.thresholds.assumed_amsl_sigma_m
    above_m = _middle(track.alt_amsl_m[rows][known]) - ground_m
    return abs(above_m) <= min(_GROUND_M, _GROUND_SIGMAS * float(np.hypot(sigma_m, ground_sigma_m)))
