"""What a DataFlash log records beside positions, as witnesses against them.

    witness      record                               columns
    gnss         GPS (all receivers, the judged one   Spd, GCrs, VZ, NSats, HDop, Status, GWk and GMS;
                 first), GPA                          HAcc, VAcc (655.35: unknown)
                 PX4 sdlog2: GPS                      VelN, VelE, VelD, nSat, EPH, EPV, N, J, Fix, GPSTime
    clocks       GPS                                  its time since boot and its satellite time
    velocity     XKF1, NKF1, EKF1 (see below)         VN, VE, VD; PX4 sdlog2: GPOS
    estimator    XKF4, NKF4, EKF4 of the same         SP, SV, SH, SM: roots of ArduPilot's test ratios
    attitude     ATT                                  Roll, Pitch, Yaw (PX4: radians)
    imu          IMU (first sensor)                   AccX.., GyrX..
    barometer    BARO (first sensor), PX4: SENS       Press (PX4: hPa), Alt above where it was set, Temp
                 without them CTUN                    BarAlt above where it was set
    battery      BAT (first), until 2016 CURR         Volt, Curr (until 2014 hundredths), CurrTot, RemPct
                 PX4: BATT                            V, C, Discharged
    state        STAT (planes)                        Armed, isFlying; PX4: ArmS, Landed, MainState

Of several estimators that one flies which ATT.AEKF names, or the parameter AHRS_EKF_TYPE; of its cores the one that
XKF4.PI names.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.flight import Witness
from dronecheck.readers.common.position.position_sigma import stated
from dronecheck.readers.common.records import Records
from dronecheck.readers.common.witnesses import Column, Columns, of_records, stored
from dronecheck.readers.dataflash.formats import DataflashLog
from dronecheck.readers.dataflash.times import satellite_us, timed_records
from dronecheck.readers.dataflash.tracks import ACCURACY_AT_MOST_M, has_fix

__all__ = ["RECORDS", "witnesses_of"]

Receiver = tuple[Records, Records | None]

ESTIMATORS = {3: "XKF", 2: "NKF", 1: "EKF"}  # by AHRS_EKF_TYPE; the two younger are told apart by it
RECORDS = (
    *(f"{name}{number}" for name in ESTIMATORS.values() for number in (1, 4)),
    "ATT", "IMU", "BARO", "SENS", "CTUN", "BAT", "BATT", "CURR", "STAT", "PARM",
)  # fmt: skip
CENTI_ABOVE_V = 100.0  # no aircraft's battery: hundredths
ARMED = 2  # of PX4's STAT.ArmS
PERCENT_UNKNOWN = 255.0
DOP_UNKNOWN = (99.99, -0.01, 655.35)

VELOCITY: Columns = {
    "vel_north_mps": stored("VN", "VelN"),
    "vel_east_mps": stored("VE", "VelE"),
    "vel_down_mps": stored("VD", "VelD"),
}
GNSS: Columns = {
    **VELOCITY,
    "vel_down_mps": stored("VZ", "VelD"),
    "speed_mps": stored("Spd"),
    "course_deg": stored("GCrs"),
    "satellites": stored("NSats", "nSat"),
    "hdop": stored("HDop", unknown=DOP_UNKNOWN),
    "eph_m": stored("EPH"),
    "epv_m": stored("EPV"),
    "noise": stored("N"),
    "jamming": stored("J"),
    "fix_type": stored("Status", "Fix"),
}
ATTITUDE: Columns = {f"{axis.lower()}_deg": stored(axis) for axis in ("Roll", "Pitch", "Yaw")}
ATTITUDE_RADIANS: Columns = {
    f"{axis.lower()}_deg": stored(axis, factor=float(np.degrees(1.0))) for axis in ("Roll", "Pitch", "Yaw")
}
IMU: Columns = {
    **{f"accel_{axis.lower()}_mps2": stored(f"Acc{axis}") for axis in "XYZ"},
    **{f"gyro_{axis.lower()}_rads": stored(f"Gyr{axis}", f"Gyro{axis}") for axis in "XYZ"},
}
BAROMETER: Columns = {
    "pressure_pa": stored("Press"),
    "pressure_alt_m": stored("Alt"),
    "temperature_c": stored("Temp"),
}
BAROMETER_PX4: Columns = {
    "pressure_pa": stored("BaroPres", factor=100.0),
    "pressure_alt_m": stored("BaroAlt"),
    "temperature_c": stored("BaroTemp"),
}
ESTIMATOR: Columns = {
    "pos_ratio": stored("SP"),
    "vel_ratio": stored("SV"),
    "hgt_ratio": stored("SH"),
    "mag_ratio": stored("SM"),
}


STATE: Columns = {"armed": stored("Armed"), "flying": stored("isFlying")}
STATE_PX4: Columns = {
    "armed": lambda rows: (rows.numbers("ArmS") == ARMED).astype(np.float64),
    "flying": lambda rows: (rows.numbers("Landed") == 0).astype(np.float64),
    "mode": stored("MainState"),
}


def witnesses_of(log: DataflashLog, since_boot: list[Receiver], on_utc: list[Receiver]) -> tuple[Witness, ...]:
    """Return all witnesses of a log whose clock is set; of its receivers with their times since boot, and in UTC."""
    return tuple(_witnesses(log, since_boot, on_utc))


def _witnesses(log: DataflashLog, since_boot: list[Receiver], on_utc: list[Receiver]) -> Iterator[Witness]:
    for rows, accuracy in on_utc:
        yield from _receiver(rows, accuracy)
    yield from _clocks(since_boot, on_utc)
    attitude = timed_records(log, "ATT")
    yield from _estimates(log, attitude)
    is_px4 = attitude is not None and attitude.has("qw")
    yield from of_records("attitude", attitude, ATTITUDE_RADIANS if is_px4 else ATTITUDE)
    yield from of_records("imu", _first(log, "IMU"), IMU)
    yield from _barometer(log)
    yield from _battery(log)
    state = timed_records(log, "STAT")
    yield from of_records("state", state, STATE_PX4 if state is not None and state.has("ArmS") else STATE)


def _first(log: DataflashLog, *names: str) -> Records | None:
    """Return the rows of the first of these records that there is, of its first sensor."""
    rows = next((rows for name in names if (rows := timed_records(log, name)) is not None), None)
    if rows is None:
        return None
    number = rows.numbers("I", "Instance", "Inst")
    return rows.pick(~(number > np.fmin.reduce(number)))


# ---- satellites


def _receiver(rows: Records, accuracy: Records | None) -> tuple[Witness, ...]:
    nearby = None if accuracy is None else accuracy.ascending()

    def metres(fixes: Records, radius: str) -> Floats | None:
        if nearby is None or not nearby.has(radius):
            return None
        return nearby.nearest(fixes.time_us, stated(nearby.numbers(radius), ACCURACY_AT_MOST_M), 0)

    own: dict[str, Column] = {"gnss_utc_s": _utc_s}
    if nearby is not None:
        own |= {"eph_m": lambda fixes: metres(fixes, "HAcc"), "epv_m": lambda fixes: metres(fixes, "VAcc")}
    return of_records("gnss", rows, {**GNSS, **own})


def _utc_s(fixes: Records) -> Floats:
    utc_us = satellite_us(fixes)
    return np.where(utc_us > 0, utc_us / 1e6, np.nan)


def _clocks(since_boot: list[Receiver], on_utc: list[Receiver]) -> tuple[Witness, ...]:
    """Return both clocks where the judged receiver has a fix: without one its time may be an old one."""
    if not since_boot or since_boot[0][0].has("GPSTime"):  # PX4's records have no other time beside it
        return ()
    is_fix = has_fix(since_boot[0][0])
    boot, fixes = since_boot[0][0].pick(is_fix), on_utc[0][0].pick(is_fix)
    boot_s, utc_s = np.where(boot.time_us >= 0, boot.time_us / 1e6, np.nan), _utc_s(fixes)
    if not np.isfinite(utc_s).any():
        return ()
    return of_records("clocks", fixes, {"boot_s": lambda _: boot_s, "gnss_utc_s": lambda _: utc_s})


# ---- the estimate


def _estimates(log: DataflashLog, attitude: Records | None) -> Iterator[Witness]:
    name = _flown_by(log, attitude)
    speeds, ratios = timed_records(log, f"{name}1"), timed_records(log, f"{name}4")
    if speeds is None:
        speeds = timed_records(log, "GPOS")
    elif speeds.has("C"):
        speeds = speeds.pick(speeds.numbers("C") == _primary_core(ratios, speeds.offset))
    if ratios is not None and ratios.has("C"):
        ratios = ratios.pick(ratios.numbers("C") == _primary_core(ratios, ratios.offset))
    yield from of_records("velocity", speeds, VELOCITY)
    yield from of_records("estimator", ratios, ESTIMATOR)


def _flown_by(log: DataflashLog, attitude: Records | None) -> str:
    """Return the estimator that made the autopilot's positions, as its records are called."""
    there = [name for name in ESTIMATORS.values() if len(log.rows.get(f"{name}1", ()))]
    told = attitude.numbers("AEKF") if attitude is not None else np.zeros(0)
    settings = log.rows.get("PARM")
    if settings is not None and settings.has("Name", "Value"):
        told = np.append(settings.numbers("Value")[settings.values["Name"] == b"AHRS_EKF_TYPE"], told)
    told = told[np.isin(told, list(ESTIMATORS))]
    named = ESTIMATORS[int(told[-1])] if len(told) else ""
    return named if named in there else there[0] if there else "XKF"


def _primary_core(ratios: Records | None, offset: Ints) -> Floats:
    """Return which core was flown by where a record stands, shape (n,): by the last XKF4 before it, else the first."""
    if ratios is None or not ratios.has("PI"):
        return np.zeros(len(offset))
    before = np.maximum(np.searchsorted(ratios.offset, offset, "right") - 1, 0)
    return ratios.numbers("PI")[before]


# ---- barometer and battery


def _barometer(log: DataflashLog) -> tuple[Witness, ...]:
    rows = _first(log, "BARO")
    if rows is not None:
        return of_records("barometer", rows, BAROMETER)
    rows = timed_records(log, "SENS")
    if rows is not None:
        return of_records("barometer", rows, BAROMETER_PX4)
    # until 2014 only the height stands in a log
    return of_records("barometer", timed_records(log, "CTUN"), {"pressure_alt_m": stored("BarAlt")})


def _battery(log: DataflashLog) -> tuple[Witness, ...]:
    rows = _first(log, "BAT", "CURR", "BATT")
    if rows is None:
        return ()
    volts = rows.numbers("Volt", "V")
    factor = 0.01 if len(volts) and float(np.fmax.reduce(volts)) > CENTI_ABOVE_V else 1.0
    return of_records(
        "battery",
        rows,
        {
            "voltage_v": stored("Volt", "V", factor=factor),
            "current_a": stored("Curr", "C", factor=factor),
            "used_mah": stored("CurrTot", "Discharged"),
            "remaining_percent": stored("RemPct", unknown=(PERCENT_UNKNOWN,)),
        },
    )
