"""What a MAVLink stream tells beside positions, as witnesses against them; of one vehicle each.

witness      message                               fields
gnss         GPS_RAW_INT                           vel (cm/s), cog (0.01 deg), satellites_visible, eph (HDOP * 100),
                                                   h_acc, v_acc (mm, 0: unknown), fix_type, time_usec since 1970
clocks       SYSTEM_TIME, GLOBAL_POSITION_INT      time_unix_usec, time_boot_ms, and the host's stamp
velocity     GLOBAL_POSITION_INT,                  vx, vy, vz (cm/s north, east, down);
             LOCAL_POSITION_NED                    vx, vy, vz (m/s)
attitude     ATTITUDE                              roll, pitch, yaw (radians)
imu          HIGHRES_IMU, else SCALED_IMU, else    m/s2 and rad/s; thousandths of g and rad/s in the other two
             RAW_IMU of ArduPilot
barometer    SCALED_PRESSURE, else HIGHRES_IMU     press_abs, abs_pressure (hPa), temperature (0.01 degrees)
estimator    ESTIMATOR_STATUS, EKF_STATUS_REPORT   ..._ratio; ..._variance (ArduPilot: roots of test ratios)
battery      SYS_STATUS, BATTERY_STATUS (first)    mV, 0.01 A, mAh, per cent
state        HEARTBEAT, EXTENDED_SYS_STATE         base_mode (128: armed), custom_mode, landed_state
sequence     every intact message of the system    its number and the component that sent it
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.flight import Witness
from dronecheck.readers.common.clock.gps_time import GPS_EPOCH_UNIX_MS
from dronecheck.readers.common.records import Records
from dronecheck.readers.common.witnesses import Column, Columns, of_records, stored
from dronecheck.readers.tlog.clock import Timeline
from dronecheck.readers.tlog.messages import ARDUPILOT
from dronecheck.readers.tlog.records import MessageLog, MessageRecords

__all__ = ["witnesses_of"]

GPS_EPOCH_US = GPS_EPOCH_UNIX_MS * 1000
LATEST_S = 4_102_444_800.0  # the year 2100
UNKNOWN_U16 = (65535.0,)
HPA_BELOW = 2000.0
G_MPS2 = 9.80665
DEGREES = float(np.degrees(1.0))
ARMED, ON_GROUND, IN_AIR = 128, 1, 2


def _utc_s(field: str) -> Column:
    def taken(rows: Records) -> Floats:
        utc_us = rows.ints(field)
        return np.where((utc_us >= GPS_EPOCH_US) & (utc_us < LATEST_S * 1e6), utc_us / 1e6, np.nan)

    return taken


def _host_s(rows: Records) -> Floats:
    return np.where((rows.time_us >= GPS_EPOCH_US) & (rows.time_us < LATEST_S * 1e6), rows.time_us / 1e6, np.nan)


def _pascals(pressure: Floats) -> Floats:
    """Return a pressure in pascals; the message asks for hectopascals, and PX4 has sent both."""
    return np.where(pressure < HPA_BELOW, pressure * 100.0, pressure)


def _axes(column: str, field: str, factor: float) -> dict[str, Column]:
    return {column.format(axis): stored(field.format(axis), factor=factor) for axis in "xyz"}


def _down(rows: Records) -> Floats:
    """Return the velocity downwards of GLOBAL_POSITION_INT: until 2016 ArduPilot sent it upwards, its heights tell."""
    down = rows.numbers("vz") * 0.01
    is_up = float(np.sum(np.diff(rows.numbers("relative_alt")) * down[1:])) > 0
    return -down if is_up else down


def _velocity(factor: float) -> dict[str, Column]:
    fields = {"north": "vx", "east": "vy", "down": "vz"}
    return {f"vel_{name}_mps": stored(field, factor=factor) for name, field in fields.items()}


GNSS: Columns = {
    "speed_mps": stored("vel", factor=0.01, unknown=UNKNOWN_U16),
    "course_deg": stored("cog", factor=0.01, unknown=UNKNOWN_U16),
    "satellites": stored("satellites_visible", unknown=(255.0,)),
    "hdop": stored("eph", factor=0.01, unknown=UNKNOWN_U16),
    "eph_m": stored("h_acc", factor=1e-3, unknown=(0.0,)),
    "epv_m": stored("v_acc", factor=1e-3, unknown=(0.0,)),
    "fix_type": stored("fix_type"),
    "gnss_utc_s": _utc_s("time_usec"),
}
SYSTEM_TIME: Columns = {
    "boot_s": stored("time_boot_ms", factor=1e-3),
    "gnss_utc_s": _utc_s("time_unix_usec"),
    "host_utc_s": _host_s,
}
BOOT_AND_HOST: Columns = {"boot_s": stored("time_boot_ms", factor=1e-3), "host_utc_s": _host_s}
ATTITUDE: Columns = {f"{axis}_deg": stored(axis, factor=DEGREES) for axis in ("roll", "pitch", "yaw")}
IMU: Columns = {**_axes("accel_{}_mps2", "{}acc", 1.0), **_axes("gyro_{}_rads", "{}gyro", 1.0)}
IMU_MILLI: Columns = {**_axes("accel_{}_mps2", "{}acc", G_MPS2 / 1e3), **_axes("gyro_{}_rads", "{}gyro", 1e-3)}
PRESSURE: Columns = {
    "pressure_pa": stored("press_abs", factor=100.0),
    "temperature_c": stored("temperature", factor=0.01),
}
PRESSURE_PX4: Columns = {
    "pressure_pa": lambda rows: _pascals(rows.numbers("abs_pressure")),
    "pressure_alt_m": stored("pressure_alt"),
    "temperature_c": stored("temperature"),
}
RATIOS: Columns = {
    "pos_ratio": stored("pos_horiz_ratio", "pos_horiz_variance"),
    "vel_ratio": stored("vel_ratio", "velocity_variance"),
    "hgt_ratio": stored("pos_vert_ratio", "pos_vert_variance"),
    "mag_ratio": stored("mag_ratio", "compass_variance"),
}
BATTERY: Columns = {
    "voltage_v": stored("voltage_battery", factor=1e-3, unknown=(0.0, *UNKNOWN_U16)),
    "current_a": stored("current_battery", factor=0.01, unknown=(-1.0, -100.0)),  # PX4 scales its "unknown" as well
    "used_mah": stored("current_consumed", unknown=(-1.0,)),
    "remaining_percent": stored("battery_remaining", unknown=(-1.0,)),
}
BEAT: Columns = {
    "armed": lambda rows: ((rows.ints("base_mode") & ARMED) > 0).astype(np.float64),
    "mode": stored("custom_mode"),
}
FLYING: Columns = {"flying": lambda rows: (rows.ints("landed_state") >= IN_AIR).astype(np.float64)}


def witnesses_of(log: MessageLog, sender: int, line: Timeline) -> tuple[Witness, ...]:
    """Return all witnesses of one vehicle, in the time base of its tracks."""
    return tuple(_witnesses(log, sender, line))


def _witnesses(log: MessageLog, sender: int, line: Timeline) -> Iterator[Witness]:
    def rows(message: str) -> MessageRecords:
        if message in log.rows:
            return log.of(message, sender)
        every = log.beside[message]
        return every.pick(every.sender == sender)

    def timed(name: str, message: MessageRecords, columns: Columns) -> tuple[Witness, ...]:
        return of_records(name, message, columns, _times_ns(line, message)) if len(message) else ()

    fixes = rows("GPS_RAW_INT")
    if len(fixes):
        yield from of_records("gnss", fixes, GNSS, line.of_fixes(fixes) * 1000)
    told, estimate = rows("SYSTEM_TIME"), rows("GLOBAL_POSITION_INT")
    yield from timed("clocks", told, SYSTEM_TIME)
    if log.stamped and not len(told):
        yield from timed("clocks", estimate, BOOT_AND_HOST)
    yield from timed("velocity", estimate, _velocity(0.01) | {"vel_down_mps": _down})
    yield from timed("velocity", rows("LOCAL_POSITION_NED"), _velocity(1.0))
    yield from timed("attitude", rows("ATTITUDE"), ATTITUDE)
    beats, precise, scaled, raw = (rows(name) for name in ("HEARTBEAT", "HIGHRES_IMU", "SCALED_IMU", "RAW_IMU"))
    if len(precise):
        yield from timed("imu", precise, IMU)
    elif len(scaled):
        yield from timed("imu", scaled, IMU_MILLI)
    elif len(beats) and int(beats.values["autopilot"][0]) == ARDUPILOT:  # of others "raw" has no unit
        yield from timed("imu", raw, IMU_MILLI)
    pressure = rows("SCALED_PRESSURE")
    yield from timed("barometer", pressure, PRESSURE) if len(pressure) else timed("barometer", precise, PRESSURE_PX4)
    for message in ("ESTIMATOR_STATUS", "EKF_STATUS_REPORT"):
        yield from timed("estimator", rows(message), RATIOS)
    battery = rows("BATTERY_STATUS")
    yield from timed("battery", rows("SYS_STATUS"), BATTERY)
    yield from timed("battery", battery.pick(battery.values["id"] == 0), BATTERY)
    yield from timed("state", beats, BEAT)
    landed = rows("EXTENDED_SYS_STATE")
    yield from timed("state", landed.pick(landed.values["landed_state"] >= ON_GROUND), FLYING)
    numbers = log.beside[""]
    numbers = numbers.pick(numbers.sender >> 8 == sender >> 8)
    component = (numbers.sender & 0xFF).astype(np.float64)
    yield from timed("sequence", numbers, {"seq": stored("seq"), "component": lambda _: component})


def _times_ns(line: Timeline, rows: MessageRecords) -> Ints:
    if rows.has("time_boot_ms"):
        return line.final(rows, rows.ints("time_boot_ms") * 1000) * 1000
    return line.at(rows) * 1000
