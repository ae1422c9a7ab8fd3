"""How a multirotor flies a list of waypoints: limited acceleration, braking before corners, a little gust.

Steps of 10 ms in a plane (east, north, up of the take-off). Only + - * / and square roots decide where it flies, so
every machine computes the same path; the gust's sines are rounded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

Floats = NDArray[np.float64]

STEP_S = 0.01
STEPS_PER_S = 100
ACCEL_MPS2 = 2.0  # horizontal command; with the vertical one and the gust below 3 m/s^2
ACCEL_UP_MPS2 = 1.5
BRAKE_MPS2 = 1.4
RESPONSE_S = 0.5
CLIMB_MPS, SINK_MPS = 4.0, 3.0
REST_BEFORE_ARM_S, ARM_TO_TAKEOFF_S, LAND_TO_DISARM_S, REST_AFTER_S = 8.0, 4.0, 2.0, 5.0
GUSTS = ((0.30, 13.0, 0.4), (0.12, 5.3, 1.9), (0.22, 17.0, 2.6), (0.10, 6.1, 0.7))  # m/s, period s, phase

WGS84 = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Waypoint:
    """A place to fly to. With `hold_s` None it is passed on the fly, else reached, held, and left."""

    east_m: float
    north_m: float
    up_m: float
    speed_mps: float = 12.0
    hold_s: float | None = None


@dataclass(frozen=True)
class Place:
    """The take-off: where the local plane touches the ellipsoid, and the ground's height above the geoid."""

    lat_deg: float
    lon_deg: float
    ground_amsl_m: float
    geoid_m: float


@dataclass(frozen=True, eq=False)
class Truth:
    """The flight as it was, every 10 ms; columns of shape (n,), events in seconds of the flight."""

    place: Place
    east_m: Floats
    north_m: Floats
    up_m: Floats
    arm_s: float
    takeoff_s: float
    land_s: float
    disarm_s: float

    @property
    def time_s(self) -> Floats:
        """Seconds since the recording began."""
        return np.arange(len(self.up_m)) / STEPS_PER_S

    @property
    def duration_s(self) -> float:
        """Length of the recording."""
        return (len(self.up_m) - 1) / STEPS_PER_S

    def velocity_mps(self) -> tuple[Floats, Floats, Floats]:
        """East, north, up, by central differences over 20 ms."""
        return tuple(np.gradient(column, STEP_S) for column in (self.east_m, self.north_m, self.up_m))

    def lonlat_deg(self) -> Floats:
        """Longitude and latitude, shape (n, 2)."""
        return to_lonlat(self.place, self.east_m, self.north_m)


def to_lonlat(place: Place, east_m: Floats, north_m: Floats) -> Floats:
    """From the local plane (azimuthal equidistant) to degrees, shape (n, 2)."""
    azimuth_deg = np.degrees(np.arctan2(east_m, north_m))
    ones = np.ones(len(azimuth_deg))
    lon, lat, _ = WGS84.fwd(ones * place.lon_deg, ones * place.lat_deg, azimuth_deg, np.hypot(east_m, north_m))
    return np.column_stack([lon, lat])


def to_local(place: Place, lonlat_deg: Floats) -> Floats:
    """From degrees to east and north in metres, shape (n, 2)."""
    ones = np.ones(len(lonlat_deg))
    azimuth_deg, _, distance_m = WGS84.inv(ones * place.lon_deg, ones * place.lat_deg, *lonlat_deg.T)
    azimuth = np.radians(azimuth_deg)
    return np.column_stack([distance_m * np.sin(azimuth), distance_m * np.cos(azimuth)])


class _Drone:
    """State of the flight; `log` collects the position at every step."""

    def __init__(self) -> None:
        self.at = [0.0, 0.0, 0.0]
        self.moving = [0.0, 0.0, 0.0]  # through the air, as commanded
        self.log: list[tuple[float, float, float]] = [(0.0, 0.0, 0.0)]

    @property
    def time_s(self) -> float:
        return (len(self.log) - 1) / STEPS_PER_S

    def rest(self, seconds: float) -> None:
        self.log += [(self.at[0], self.at[1], self.at[2])] * round(seconds * STEPS_PER_S)

    def step(self, wanted_mps: tuple[float, float, float]) -> None:
        """Ten milliseconds towards a velocity, within the limits of acceleration."""
        change = [(w - v) / RESPONSE_S for w, v in zip(wanted_mps, self.moving, strict=True)]
        size = math.sqrt(change[0] * change[0] + change[1] * change[1])
        scale = min(1.0, ACCEL_MPS2 / size) if size else 1.0
        change = [change[0] * scale, change[1] * scale, max(-ACCEL_UP_MPS2, min(ACCEL_UP_MPS2, change[2]))]
        gust = (*_gust_mps(self.time_s, self.at[2]), 0.0)
        for axis in range(3):
            before = self.moving[axis]
            self.moving[axis] = before + change[axis] * STEP_S
            self.at[axis] += ((before + self.moving[axis]) / 2 + gust[axis]) * STEP_S
        self.at[2] = max(0.0, self.at[2])
        self.log.append((self.at[0], self.at[1], self.at[2]))


def fly(place: Place, waypoints: list[Waypoint]) -> Truth:
    """From rest to rest: start, the waypoints, and a landing where the last one says."""
    drone = _Drone()
    drone.rest(REST_BEFORE_ARM_S)
    arm_s = drone.time_s
    drone.rest(ARM_TO_TAKEOFF_S)
    takeoff_s = drone.time_s
    for here, following in zip(waypoints, [*waypoints[1:], None], strict=True):
        _go(drone, here, following)
    _land(drone, waypoints[-1])
    land_s = drone.time_s
    drone.rest(LAND_TO_DISARM_S)
    disarm_s = drone.time_s
    drone.rest(REST_AFTER_S)
    east, north, up = np.array(drone.log).T
    return Truth(place, east, north, up, arm_s, takeoff_s, land_s, disarm_s)


def _go(drone: _Drone, goal: Waypoint, following: Waypoint | None) -> None:
    """Fly to a waypoint until it is passed, or reached and held."""
    corner_mps = _corner_mps(drone, goal, following)
    held_s = 0.0
    while True:
        east, north, up = goal.east_m - drone.at[0], goal.north_m - drone.at[1], goal.up_m - drone.at[2]
        distance_m = math.sqrt(east * east + north * north)
        if goal.hold_s is None:
            if distance_m < max(1.5, 0.6 * corner_mps):
                return
        elif distance_m < 1.5 and abs(up) < 1.0:
            held_s += STEP_S
            if held_s > goal.hold_s:
                return
        drone.step((*_towards(east, north, distance_m, goal.speed_mps, corner_mps), _climb_mps(up)))


def _land(drone: _Drone, spot: Waypoint) -> None:
    """Come down over the spot, slower and slower, until the feet stand."""
    while drone.at[2] > 0.04:
        east, north = spot.east_m - drone.at[0], spot.north_m - drone.at[1]
        distance_m = math.sqrt(east * east + north * north)
        drone.step((*_towards(east, north, distance_m, 1.0, 0.0), -min(SINK_MPS, 0.05 + 0.25 * drone.at[2])))
    for _ in range(2 * STEPS_PER_S):
        drone.step((0.0, 0.0, 0.0))


def _towards(east: float, north: float, distance_m: float, speed_mps: float, corner_mps: float) -> tuple[float, float]:
    if distance_m == 0:
        return 0.0, 0.0
    braking_mps = math.sqrt(2 * BRAKE_MPS2 * distance_m + corner_mps * corner_mps)
    speed = min(speed_mps, braking_mps, corner_mps + 0.8 * distance_m)
    return speed * east / distance_m, speed * north / distance_m


def _climb_mps(up_m: float) -> float:
    return max(-SINK_MPS, min(CLIMB_MPS, 0.7 * up_m))


def _corner_mps(drone: _Drone, goal: Waypoint, following: Waypoint | None) -> float:
    """The speed at which a waypoint is passed: full straight on, 2 m/s when it turns back."""
    if goal.hold_s is not None or following is None:
        return 0.0
    ax, ay = goal.east_m - drone.at[0], goal.north_m - drone.at[1]
    bx, by = following.east_m - goal.east_m, following.north_m - goal.north_m
    length = math.sqrt((ax * ax + ay * ay) * (bx * bx + by * by))
    straight = max(0.0, (ax * bx + ay * by) / length) if length else 0.0
    return 2.0 + (min(goal.speed_mps, following.speed_mps) - 2.0) * straight * straight


def _gust_mps(time_s: float, height_m: float) -> tuple[float, float]:
    """What the wind adds to the motion over ground before the controller answers; none on the ground."""
    waves = [round(size * math.sin(2 * math.pi * time_s / period + phase), 9) for size, period, phase in GUSTS]
    share = min(1.0, height_m / 20.0)
    return share * (waves[0] + waves[1]), share * (waves[2] + waves[3])
