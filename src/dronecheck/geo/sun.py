"""Where the sun stands, and when it rises, sets and ends civil twilight: NOAA's closed form (after Meeus, chapter 25).

Elevations are geometric (no refraction; the -0.8333 degrees of sunrise and sunset hold 34' of refraction and 16' of
the sun's radius) over a level horizon at sea level. Within 0.016 degrees of the NREL solar position algorithm from
2015 to 2029; events within 90 s of it, and more where the sun meets the horizon at a slant.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dronecheck.arrays import Floats

__all__ = [
    "CIVIL_TWILIGHT_DEG",
    "EVENT_ERROR_S",
    "SUNSET_DEG",
    "sun_crossings",
    "sun_elevation_deg",
    "sun_position_deg",
]


SUNSET_DEG = -0.8333
CIVIL_TWILIGHT_DEG = -6.0
EVENT_ERROR_S = 90.0

_DAY_S = 86_400.0
_J2000_S = 946_728_000.0
_ELEVATION_ERROR_DEG = 0.03  # of the formula and its constants; decides where the sun hardly climbs or sinks
_LARGEST_ERROR_S = 21_600.0
_POLE_DEG = 89.9  # at a pole itself there is no hour angle; a tenth of a degree off, there is
_ROUNDS = 4


def sun_position_deg(time_s: ArrayLike, lat_deg: ArrayLike, lon_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Return elevation and azimuth (degrees, clockwise from north) of the sun.

    Times are UTC seconds since 1970, shapes broadcast.
    """
    lat = np.radians(np.asarray(lat_deg, dtype=np.float64))
    declination, hour = _declination_and_hour_angle(np.asarray(time_s, dtype=np.float64), np.asarray(lon_deg))
    up = np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(hour)
    east = -np.cos(declination) * np.sin(hour)
    north = np.cos(lat) * np.sin(declination) - np.sin(lat) * np.cos(declination) * np.cos(hour)
    return np.degrees(np.arcsin(np.clip(up, -1.0, 1.0))), np.degrees(np.arctan2(east, north)) % 360.0


def sun_elevation_deg(time_s: ArrayLike, lat_deg: ArrayLike, lon_deg: ArrayLike) -> Floats:
    """Return the elevation of the sun's centre (degrees); times are UTC seconds since 1970, shapes broadcast."""
    return sun_position_deg(time_s, lat_deg, lon_deg)[0]


def sun_crossings(
    lat_deg: float, lon_deg: float, begin_s: float, end_s: float, elevation_deg: float
) -> tuple[Floats, Floats, Floats]:
    """Return when the sun's centre passes an elevation from `begin_s` to `end_s` (UTC seconds since 1970), ascending.

    Returns the instants (k,), +1 where it climbs and -1 where it sinks (k,), and the largest error of each instant in
    seconds (k,). Instants are what they are, in whichever UTC day or hour; a polar day or night has none.
    """
    lat = np.radians(np.clip(lat_deg, -_POLE_DEG, _POLE_DEG))
    days = np.arange(np.floor(begin_s / _DAY_S) - 1, np.floor(end_s / _DAY_S) + 2, dtype=np.float64)
    noon = days * _DAY_S + _DAY_S / 2 - lon_deg * 240.0
    found, ways = [], []
    for way in (1.0, -1.0):
        moment = noon - way * _DAY_S / 4
        for _ in range(_ROUNDS):
            declination, hour = _declination_and_hour_angle(moment, lon_deg)
            cosine = (np.sin(np.radians(elevation_deg)) - np.sin(lat) * np.sin(declination)) / (
                np.cos(lat) * np.cos(declination)
            )
            wanted = -way * np.arccos(np.clip(cosine, -1.0, 1.0))
            step = (wanted - hour + np.pi) % (2 * np.pi) - np.pi
            moment = moment + step * _DAY_S / (2 * np.pi)
        met = np.abs(sun_elevation_deg(moment, np.degrees(lat), lon_deg) - elevation_deg) < _ELEVATION_ERROR_DEG / 10
        found.append(moment[met & (moment >= begin_s) & (moment < end_s)])
        ways.append(np.full(len(found[-1]), way))
    instants, way_of = np.concatenate(found), np.concatenate(ways)
    order = np.argsort(instants, kind="stable")
    return instants[order], way_of[order], _error_s(instants[order], np.degrees(lat), lon_deg)


def _error_s(moment: Floats, lat_deg: float, lon_deg: float) -> Floats:
    """Return the largest error of an event, seconds.

    The longer the sun takes for the formula's error in elevation, the more.
    """
    ahead = sun_elevation_deg(moment + 60.0, lat_deg, lon_deg)
    rate = np.abs(ahead - sun_elevation_deg(moment - 60.0, lat_deg, lon_deg)) / 120.0
    return np.clip(_ELEVATION_ERROR_DEG / np.maximum(rate, 1e-9), EVENT_ERROR_S, _LARGEST_ERROR_S)


def _declination_and_hour_angle(time_s: Floats, lon_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Return declination and hour angle in radians; the hour angle is 0 at true noon, positive after it."""
    century = (time_s - _J2000_S) / (36_525.0 * _DAY_S)
    longitude = np.radians((280.46646 + century * (36_000.76983 + century * 0.0003032)) % 360.0)
    anomaly = np.radians((357.52911 + century * (35_999.05029 - century * 0.0001537)) % 360.0)
    eccentricity = 0.016708634 - century * (0.000042037 + century * 0.0000001267)
    centre = (
        np.sin(anomaly) * (1.914602 - century * (0.004817 + century * 0.000014))
        + np.sin(2 * anomaly) * (0.019993 - century * 0.000101)
        + np.sin(3 * anomaly) * 0.000289
    )
    node = np.radians((125.04 - 1934.136 * century) % 360.0)
    apparent = longitude + np.radians(centre - 0.00569 - 0.00478 * np.sin(node))
    seconds = 21.448 - century * (46.815 + century * (0.00059 - century * 0.001813))
    obliquity = np.radians(23.0 + (26.0 + seconds / 60.0) / 60.0 + 0.00256 * np.cos(node))
    declination = np.arcsin(np.sin(obliquity) * np.sin(apparent))
    y = np.tan(obliquity / 2) ** 2
    equation_of_time = (
        y * np.sin(2 * longitude)
        - 2 * eccentricity * np.sin(anomaly)
        + 4 * eccentricity * y * np.sin(anomaly) * np.cos(2 * longitude)
        - 0.5 * y**2 * np.sin(4 * longitude)
        - 1.25 * eccentricity**2 * np.sin(2 * anomaly)
    )
    mean = 2 * np.pi * (time_s % _DAY_S) / _DAY_S + np.radians(np.asarray(lon_deg, dtype=np.float64))
    return declination, (mean + equation_of_time) % (2 * np.pi) - np.pi
