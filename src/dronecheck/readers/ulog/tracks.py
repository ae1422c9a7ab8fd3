"""The tracks of a ULog: satellite fixes and the autopilot's estimate, and whether they agree.

    track    topic                     position                      height                       accuracy
    gnss     vehicle_gps_position,     lat, lon (int32 1e-7 deg)     alt, alt_ellipsoid (mm)      eph, epv (m), hdop
             else sensor_gps           latitude_deg, longitude_deg   altitude_msl_m,
                                       (double)                      altitude_ellipsoid_m
    fused    vehicle_global_position   lat, lon (double deg)         alt, alt_ellipsoid (m)       eph, epv (m)
             else vehicle_local_position with ref_lat, ref_lon, ref_alt: x, y, z (m north, east, down)

Integers are scaled, floats are taken as they are. A fix is fix_type 3 to 6 (3-D to RTK fixed; not "extrapolated").
An estimate is used when satellite fixes stand behind it or none were to be logged; with a receiver that never had a
fix it is no evidence of place. Dead-reckoned estimates stay, with the accuracy that the estimator gives them.
Static pressure (vehicle_air_data, baro_pressure_pa) gives the pressure altitude.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.flight import Home, SigmaSource, Track
from dronecheck.geo.vertical.datum import static_pressure_altitude_m
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.position.fixes import ordered, placed, with_fix
from dronecheck.readers.common.position.position_sigma import FIX_3D, FIX_RTK_FIXED, of_estimate, sigma_of_fixes, stated
from dronecheck.readers.common.quality.simulation import is_copy_of_sea_heights
from dronecheck.readers.common.records import Records
from dronecheck.readers.ulog.topics import YEAR_2100_US, TopicLog, TopicRecords

__all__ = [
    "ESTIMATE", "FIX_TOPICS", "LOCAL", "TOPICS", "fixes_of", "fused_track", "gnss_track", "has_fix", "satellite_us",
]  # fmt: skip


FIX_TOPICS = ("vehicle_gps_position", "sensor_gps")
ESTIMATE = "vehicle_global_position"
LOCAL = "vehicle_local_position"
AIR = "vehicle_air_data"
TOPICS = (*FIX_TOPICS, ESTIMATE, LOCAL, AIR)

GEOID_LOWEST_M, GEOID_HIGHEST_M = -120.0, 100.0
NEAR_US = 500_000
EARTH_M = 6_371_000.0  # the sphere of PX4's map projection


@dataclass(frozen=True, slots=True)
class _Position:
    lat_deg: Floats
    lon_deg: Floats
    amsl_m: Floats
    hae_m: Floats


def has_fix(rows: TopicRecords) -> Bools:
    """Tell which rows have a 3-D fix."""
    fix = rows.numbers("fix_type")
    return (fix >= FIX_3D) & (fix <= FIX_RTK_FIXED)


def satellite_us(rows: Records) -> Ints:
    """Return UTC at each row's time since boot, shape (n,), 0 where it states none."""
    if not rows.has("time_utc_usec") or rows.values.dtype["time_utc_usec"] != np.uint64:
        return np.zeros(len(rows), np.int64)
    utc_us = rows.ints("time_utc_usec")
    relative = np.nan_to_num(rows.numbers("timestamp_time_relative")).astype(np.int64)
    return np.where(utc_us > 0, utc_us - relative, 0)


def fixes_of(log: TopicLog) -> list[TopicRecords]:
    """Return the tables of fixes, the one to use first: vehicle_gps_position, most fixes."""
    tables = [rows for topic in FIX_TOPICS for rows in log.rows.get(topic, ())]
    counts = {id(rows): int(has_fix(rows).sum()) for rows in tables}
    tables.sort(key=lambda rows: (counts[id(rows)] == 0, FIX_TOPICS.index(rows.name), -counts[id(rows)]))
    return tables


def gnss_track(log: TopicLog, tables: list[TopicRecords], home: Home | None) -> Track | None:
    """Return the satellite fixes of the first table, in UTC if it is known; None when there is no fix."""
    if not tables:
        return None
    rows = tables[0]
    same = [other for other in tables[1:] if other.name == rows.name and has_fix(other).any()]
    if same:
        text = Message(
            "{count} more receivers logged by {table}; instance {instance} has most fixes and is used",
            count=len(same),
            table=rows.name,
            instance=rows.instance,
        )
        log.note(Code.OTHER_RECEIVERS, Severity.INFO, text, int(same[0].offset[0]), len(same))
    return _track(log, with_fix(log, rows, has_fix(rows)), _gnss_position, home)


def fused_track(log: TopicLog, gnss: Track | None, home: Home | None) -> Track | None:
    """Return the autopilot's estimate, in UTC if it is known; None when there is none or nothing stands behind it."""
    rows, read = _global_rows(log), _global_position
    tables = fixes_of(log)
    if rows is None and not tables:
        rows, read = _local_rows(log), _local_position
    if rows is None or not len(rows):
        return None
    first = int(rows.offset[0])
    if gnss is None and tables:
        text = Message(
            "{rows} estimated positions are not used: the receiver never had a fix, they prove no place", rows=len(rows)
        )
        log.note(Code.ESTIMATE_ONLY, Severity.WARNING, text, first, len(rows))
        return None
    reckoned = rows.flags("dead_reckoning", False)
    if gnss is None:
        text = Message(
            "the log holds no satellite fixes; all {rows} positions are the autopilot's estimate", rows=len(rows)
        )
        if reckoned.any():
            text = Message("{what}, {count} of them dead reckoning", what=text, count=int(reckoned.sum()))
        log.note(Code.ESTIMATE_ONLY, Severity.WARNING, text, first, len(rows))
    elif reckoned.any():
        text = Message(
            "{count} of {rows} estimated positions are dead reckoning, with its logged accuracy",
            count=int(reckoned.sum()),
            rows=len(rows),
        )
        log.note(Code.ESTIMATE_ONLY, Severity.INFO, text, int(rows.offset[reckoned][0]), int(reckoned.sum()))
    track = _track(log, rows, read, home)
    if track is None:
        return None
    if gnss is not None:
        is_own = track.h_sigma_source is SigmaSource.LOGGED
        return replace(track, h_sigma_source=SigmaSource.ESTIMATED) if is_own else track
    sigma_m, source = of_estimate(track.h_sigma_m)
    return replace(track.replace(h_sigma_m=sigma_m), h_sigma_source=source)


def _global_rows(log: TopicLog) -> TopicRecords | None:
    rows = max(log.rows.get(ESTIMATE, ()), key=len, default=None)
    if rows is None:
        return None
    valid = rows.flags("lat_lon_valid", True)
    if not valid.all():
        text = Message(
            "{count} rows of {table} are marked invalid by the autopilot and are not used",
            count=int((~valid).sum()),
            table=rows.name,
        )
        log.note(Code.NO_FIX_ROWS, Severity.INFO, text, int(rows.offset[~valid][0]), int((~valid).sum()))
    return rows.pick(valid)


def _local_rows(log: TopicLog) -> TopicRecords | None:
    rows = max(log.rows.get(LOCAL, ()), key=len, default=None)
    if rows is None or not rows.has("x", "y", "ref_lat", "ref_lon"):
        return None
    valid = rows.flags("xy_global", False) & rows.flags("xy_valid", False)
    return rows.pick(valid & (np.abs(rows.numbers("ref_lat")) <= 90) & (np.abs(rows.numbers("ref_lon")) <= 180))


# ---- positions


def _scaled(rows: TopicRecords, names: tuple[str, ...], per_unit: float) -> Floats:
    """Return the first of these fields that the topic has; integers are divided by `per_unit`."""
    for name in names:
        if rows.has(name):
            values = rows.values[name]
            return rows.numbers(name) / (per_unit if values.dtype.kind in "iu" else 1.0)
    return np.full(len(rows), np.nan)


def _gnss_position(rows: TopicRecords) -> _Position:
    return _Position(
        _scaled(rows, ("latitude_deg", "lat"), 1e7),
        _scaled(rows, ("longitude_deg", "lon"), 1e7),
        _scaled(rows, ("altitude_msl_m", "alt"), 1e3),
        _scaled(rows, ("altitude_ellipsoid_m", "alt_ellipsoid"), 1e3),
    )


def _global_position(rows: TopicRecords) -> _Position:
    position = _gnss_position(rows)
    invalid = ~rows.flags("alt_valid", True)
    position.amsl_m[invalid] = position.hae_m[invalid] = np.nan
    return position


def _local_position(rows: TopicRecords) -> _Position:
    """Return positions from PX4's azimuthal equidistant plane around the reference point."""
    north, east = rows.numbers("x"), rows.numbers("y")
    lat0, lon0 = np.radians(rows.numbers("ref_lat")), np.radians(rows.numbers("ref_lon"))
    angle = np.hypot(north, east) / EARTH_M
    ratio = np.sinc(angle / np.pi) / EARTH_M  # sin(angle) / distance
    lat = np.arcsin(np.clip(np.cos(angle) * np.sin(lat0) + north * ratio * np.cos(lat0), -1, 1))
    lon = lon0 + np.arctan2(
        east * ratio, np.cos(lat0) * np.cos(angle) - np.sin(lat0) * north * ratio
    )  # both divided by the distance
    amsl = np.where(rows.flags("z_global", False), rows.numbers("ref_alt") - rows.numbers("z"), np.nan)
    lon_deg = (np.degrees(lon) + 180.0) % 360.0 - 180.0
    return _Position(np.degrees(lat), lon_deg, amsl, np.full(len(rows), np.nan))


# ---- one track


def _track(log: TopicLog, rows: TopicRecords, read: Any, home: Home | None) -> Track | None:
    position: _Position = read(rows)
    rows = placed(log, rows, position.lat_deg, position.lon_deg)
    position = read(rows)
    is_impossible = (rows.time_us <= 0) | (rows.time_us >= YEAR_2100_US)
    session = log.starts.index(rows.offset).astype(np.int64)
    rows, order = ordered(log, rows, is_impossible, position.lat_deg, position.lon_deg, session)
    position = read(rows)
    if not len(rows):
        return None
    amsl_m = np.where(np.isfinite(position.amsl_m), position.amsl_m, np.nan)
    h_sigma_m, source = sigma_of_fixes(stated(rows.numbers("eph")), rows.numbers("hdop"), rows.numbers("fix_type"))
    local = log.first(LOCAL)
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=position.lat_deg,
        lon_deg=position.lon_deg,
        offset=rows.offset,
        message=rows.name,
        h_sigma_source=source,
        alt_amsl_m=amsl_m,
        alt_hae_m=_hae(log, rows, amsl_m, position.hae_m),
        alt_home_m=amsl_m - (home.alt_amsl_m if home else np.nan),
        alt_agl_m=_nearest(rows, local, "dist_bottom", ("dist_bottom_valid", "z_valid")),
        pressure_alt_m=static_pressure_altitude_m(_nearest(rows, log.first(AIR), "baro_pressure_pa", ()) / 100),
        h_sigma_m=h_sigma_m,
        v_sigma_m=stated(rows.numbers("epv")),
        speed_mps=_speed(rows, local),
    )


def _hae(log: TopicLog, rows: TopicRecords, amsl_m: Floats, hae_m: Floats) -> Floats:
    """Return the ellipsoidal height where it can be one: not the copy or the zeros that simulators write."""
    unknown = np.full(len(rows), np.nan)
    if log.is_simulated or np.all((hae_m == 0) | np.isnan(hae_m)):
        return unknown
    if np.array_equal(amsl_m, hae_m, equal_nan=True):
        position = _gnss_position(rows)
        if not is_copy_of_sea_heights(hae_m, amsl_m, position.lon_deg, position.lat_deg):
            return hae_m
        text = Message(
            "{table} gives the same height above ellipsoid and sea, as simulators do; the former is not used",
            table=rows.name,
        )
        log.note(Code.SIMULATED, Severity.INFO, text, int(rows.offset[0]))
        log.is_simulated = True  # the estimate's, made of these fixes, is not used either
        return unknown
    geoid_m = hae_m - amsl_m
    wrong = ~np.isnan(geoid_m) & ~((geoid_m > GEOID_LOWEST_M) & (geoid_m < GEOID_HIGHEST_M))
    if wrong.any():
        text = Message(
            "{count} ellipsoidal heights of {table} are too far from those above sea; not used",
            count=int(wrong.sum()),
            table=rows.name,
        )
        log.note(Code.HEIGHT_FRAME, Severity.WARNING, text, int(rows.offset[wrong][0]), int(wrong.sum()))
    return np.where(wrong | ~np.isfinite(hae_m), np.nan, hae_m)


def _speed(rows: TopicRecords, local: TopicRecords | None) -> Floats:
    ground = rows.numbers("vel_m_s")
    for north, east in (("vel_n_m_s", "vel_e_m_s"), ("vel_n", "vel_e"), ("vx", "vy")):
        ground = np.where(ground >= 0, ground, np.hypot(rows.numbers(north), rows.numbers(east)))
    if np.isnan(ground).all() and rows.name == ESTIMATE:
        valid = ("v_xy_valid",)
        ground = np.hypot(_nearest(rows, local, "vx", valid), _nearest(rows, local, "vy", valid))
    return np.where(np.isfinite(ground), ground, np.nan)


def _nearest(rows: TopicRecords, other: TopicRecords | None, name: str, valid: tuple[str, ...]) -> Floats:
    """Return another topic's field at the row nearest in time.

    It is at most half a second off, and marked valid; else NaN.
    """
    if other is None:
        return np.full(len(rows), np.nan)
    value = other.numbers(name)
    for flag in valid:
        value = np.where(other.flags(flag, False), value, np.nan)
    return other.nearest(rows.time_us, value, NEAR_US)
