"""What a ULog records beside positions, as witnesses against them.

    witness      topic                                 fields
    gnss         vehicle_gps_position, sensor_gps      vel_n_m_s, vel_e_m_s, vel_d_m_s (where vel_ned_valid), vel_m_s,
                 (all receivers, the judged one first) cog_rad, satellites_used, hdop, eph, epv, fix_type, noise_per_ms,
                                                       jamming_indicator, jamming_state, spoofing_state, time_utc_usec
    clocks       the judged receiver's fixes           timestamp and time_utc_usec at one instant
    velocity     vehicle_local_position,               vx, vy, vz (where v_xy_valid, v_z_valid),
                 else vehicle_global_position          vel_n, vel_e, vel_d
    attitude     vehicle_attitude                      q: from north, east, down to forward, right, down
    imu          sensor_combined,                      accelerometer_m_s2, gyro_rad;
                 else vehicle_acceleration,            xyz;
                 vehicle_angular_velocity              xyz
    barometer    vehicle_air_data,                     baro_pressure_pa, baro_alt_meter, baro_temp_celcius;
                 else sensor_baro,                     pressure (before 2021 hPa), altitude, temperature;
                 else sensor_combined (2016)           baro_alt_meter, baro_temp_celcius
    estimator    estimator_status                      pos_, vel_, hgt_, mag_test_ratio (roots of squares already),
                                                       reset_count_...; else vehicle_local_position's counters
    battery      battery_status                        voltage_v, current_a, discharged_mah, remaining (-1: unknown)
    state        vehicle_status; vehicle_land_detected arming_state, nav_state; landed

Of several instances of a topic the lowest is taken.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.flight import Witness
from dronecheck.readers.common.records import Records
from dronecheck.readers.common.witnesses import Column, Columns, of_records, stored
from dronecheck.readers.ulog.topics import TopicLog, TopicRecords
from dronecheck.readers.ulog.tracks import ESTIMATE, LOCAL, has_fix, satellite_us

__all__ = ["TOPICS", "witnesses_of"]

AIR, BARO, INERTIAL = "vehicle_air_data", "sensor_baro", "sensor_combined"
ACCELERATION, TURNING = "vehicle_acceleration", "vehicle_angular_velocity"
TOPICS = (
    LOCAL, "vehicle_attitude", INERTIAL, ACCELERATION, TURNING, AIR, BARO, "estimator_status", "battery_status",
    "vehicle_status", "vehicle_land_detected",
)  # fmt: skip
ARMED = 2
HPA_BELOW = 2000.0  # no air is as thin in pascals
UNKNOWN = (-1.0,)
NO_TIME = float((1 << 31) - 1)  # of a sensor without a new value
DEGREES = float(np.degrees(1.0))


def _valid(column: Column, flag: str) -> Column:
    """Return a column that is NaN where the flag is not set; a topic without the flag is valid."""

    def taken(rows: Records) -> Floats | None:
        values = column(rows)
        return values if values is None or not rows.has(flag) else np.where(rows.flags(flag, True), values, np.nan)

    return taken


def _sum_of(*names: str) -> Column:
    def taken(rows: Records) -> Floats | None:
        there = [rows.numbers(name) for name in names if rows.has(name)]
        return np.sum(there, axis=0) if there else None

    return taken


def _utc_s(rows: Records) -> Floats | None:
    utc_us = satellite_us(rows)
    return np.where(utc_us > 0, utc_us / 1e6, np.nan)


def _axes(column: str, field: str) -> dict[str, Column]:
    return {column.format(axis): stored(f"{field}[{number}]") for number, axis in enumerate("xyz")}


GNSS: Columns = {
    "vel_north_mps": _valid(stored("vel_n_m_s"), "vel_ned_valid"),
    "vel_east_mps": _valid(stored("vel_e_m_s"), "vel_ned_valid"),
    "vel_down_mps": _valid(stored("vel_d_m_s"), "vel_ned_valid"),
    "speed_mps": stored("vel_m_s"),
    "course_deg": stored("cog_rad", factor=DEGREES),
    "satellites": stored("satellites_used"),
    "hdop": stored("hdop"),
    "eph_m": stored("eph"),
    "epv_m": stored("epv"),
    "fix_type": stored("fix_type"),
    "noise": stored("noise_per_ms"),
    "jamming": stored("jamming_indicator"),
    "jamming_state": stored("jamming_state"),
    "spoofing": stored("spoofing_state"),
    "gnss_utc_s": _utc_s,
}
CLOCKS: Columns = {"boot_s": stored("timestamp", factor=1e-6), "gnss_utc_s": _utc_s}
VELOCITY: Columns = {
    "vel_north_mps": _valid(stored("vx", "vel_n"), "v_xy_valid"),
    "vel_east_mps": _valid(stored("vy", "vel_e"), "v_xy_valid"),
    "vel_down_mps": _valid(stored("vz", "vel_d"), "v_z_valid"),
}
INERTIAL_COLUMNS: Columns = {
    **_axes("accel_{}_mps2", "accelerometer_m_s2"),
    **_axes("gyro_{}_rads", "gyro_rad"),
}
RATIOS: Columns = {
    **{f"{kind}_ratio": stored(f"{kind}_test_ratio") for kind in ("pos", "vel", "hgt", "mag")},
    "reset_count": _sum_of("reset_count_pos_ne", "reset_count_pod_d", "reset_count_vel_ne", "reset_count_vel_d"),
}
RESETS: Columns = {
    "reset_count": _sum_of("xy_reset_counter", "z_reset_counter", "vxy_reset_counter", "vz_reset_counter")
}
BATTERY: Columns = {
    "voltage_v": stored("voltage_v"),
    "current_a": stored("current_a", unknown=UNKNOWN),
    "used_mah": stored("discharged_mah", unknown=UNKNOWN),
    "remaining_percent": stored("remaining", factor=100.0, unknown=UNKNOWN),
}
STATUS: Columns = {"armed": lambda rows: _equal(rows, "arming_state", ARMED), "mode": stored("nav_state")}
LANDED: Columns = {"flying": lambda rows: _equal(rows, "landed", 0)}


def _equal(rows: Records, name: str, value: int) -> Floats | None:
    return (rows.values[name] == value).astype(np.float64) if rows.has(name) else None


def witnesses_of(log: TopicLog, receivers: list[TopicRecords]) -> tuple[Witness, ...]:
    """Return all witnesses of a log whose clock is set; `receivers` are the tables of fixes, the judged one first."""
    return tuple(_witnesses(log, receivers))


def _witnesses(log: TopicLog, receivers: list[TopicRecords]) -> Iterator[Witness]:
    for rows in receivers:
        yield from of_records("gnss", rows, GNSS)
    for rows in receivers[:1]:
        fixes = rows.pick(has_fix(rows) & (satellite_us(rows) > 0))
        yield from of_records("clocks", fixes, CLOCKS)
    local = _lowest(log, LOCAL)
    yield from of_records("velocity", local if local is not None else _lowest(log, ESTIMATE), VELOCITY)
    yield from _attitude(_lowest(log, "vehicle_attitude"))
    yield from _inertial(log)
    yield from _barometer(log)
    yield from _estimator(log, local)
    yield from of_records("battery", _lowest(log, "battery_status"), BATTERY)
    yield from of_records("state", _lowest(log, "vehicle_status"), STATUS)
    yield from of_records("state", _lowest(log, "vehicle_land_detected"), LANDED)


def _lowest(log: TopicLog, topic: str) -> TopicRecords | None:
    return min(log.rows.get(topic, ()), key=lambda rows: rows.instance, default=None)


def _attitude(rows: TopicRecords | None) -> tuple[Witness, ...]:
    if rows is None or not rows.has("q[0]", "q[1]", "q[2]", "q[3]"):
        return ()
    w, x, y, z = (rows.numbers(f"q[{number}]") for number in range(4))
    angles: Columns = {
        "roll_deg": lambda _: np.degrees(np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))),
        "pitch_deg": lambda _: np.degrees(np.arcsin(np.clip(2 * (w * y - z * x), -1, 1))),
        "yaw_deg": lambda _: np.degrees(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))),
    }
    return of_records("attitude", rows, angles)


def _inertial(log: TopicLog) -> Iterator[Witness]:
    together = of_records("imu", _lowest(log, INERTIAL), INERTIAL_COLUMNS)
    if together:
        yield from together
        return
    yield from of_records("imu", _lowest(log, ACCELERATION), _axes("accel_{}_mps2", "xyz"))
    yield from of_records("imu", _lowest(log, TURNING), _axes("gyro_{}_rads", "xyz"))


def _barometer(log: TopicLog) -> tuple[Witness, ...]:
    rows = _lowest(log, AIR)
    if rows is not None:
        columns: dict[str, Column] = {
            "pressure_pa": stored("baro_pressure_pa"),
            "pressure_alt_m": stored("baro_alt_meter"),
            "temperature_c": stored("baro_temp_celcius", "ambient_temperature"),
        }
        return of_records("barometer", rows, columns)
    rows = _lowest(log, BARO)
    if rows is not None:
        pressure = rows.numbers("pressure")
        factor = 100.0 if len(rows) and float(np.fmax.reduce(pressure)) < HPA_BELOW else 1.0
        columns = {
            "pressure_pa": stored("pressure", factor=factor),
            "pressure_alt_m": stored("altitude"),
            "temperature_c": stored("temperature"),
        }
        return of_records("barometer", rows, columns)
    rows = _lowest(log, INERTIAL)
    if rows is not None:
        rows = rows.pick(rows.numbers("baro_timestamp_relative") != NO_TIME)
    columns = {"pressure_alt_m": stored("baro_alt_meter"), "temperature_c": stored("baro_temp_celcius")}
    return of_records("barometer", rows, columns)


def _estimator(log: TopicLog, local: TopicRecords | None) -> Iterator[Witness]:
    status = _lowest(log, "estimator_status")
    yield from of_records("estimator", status, RATIOS)
    if local is not None and (status is None or not status.has("reset_count_pos_ne")):
        yield from of_records("estimator", local, RESETS)
