"""Writes an ArduCopter log (DataFlash, the layouts of ArduPilot 4.3), binary or as text, from simulated fixes.

Binary: each record is A3 95, an id, and a payload that a FMT record (id 128) describes. Text: the same records as lines
of names and values. `TimeUS` counts microseconds since boot; GPS carries week and milliseconds of GPS time.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from _kinematics import Truth
from _sensors import Fixes

BOOT_US = 41_870_000
GPS_EPOCH_S, LEAP_S, WEEK_S = 315_964_800, 18, 604_800  # leap seconds since 2017
FIX_LATENCY_US = 40_000
NO_FIX, FIX_3D = 1, 3
ARMED, DISARMED, LANDED, NOT_LANDED = 10, 11, 18, 28
LOITER, AUTO, LAND = 5, 3, 9
HOME = 1

FMT_ID = 128
# name: id, format, columns
LAYOUTS = {
    "FMT": (FMT_ID, "BBnNZ", "Type,Length,Name,Format,Columns"),
    "MSG": (129, "QZ", "TimeUS,Message"),
    "GPS": (130, "QBBIHBcLLeffffB", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U"),
    "GPA": (131, "QBCCCCfBIH", "TimeUS,I,VDop,HAcc,VAcc,SAcc,YAcc,VV,SMS,Delta"),
    "POS": (132, "QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt"),
    "EV": (133, "QB", "TimeUS,Id"),
    "MODE": (134, "QMBB", "TimeUS,Mode,ModeNum,Rsn"),
    "ORGN": (135, "QBLLe", "TimeUS,Type,Lat,Lng,Alt"),
}
_PACKED = {"B": "B", "H": "H", "I": "I", "Q": "Q", "M": "B", "f": "f", "c": "h", "C": "H", "e": "i", "L": "i",
           "n": "4s", "N": "16s", "Z": "64s"}  # fmt: skip
_SCALE = {"c": 100, "C": 100, "e": 100, "L": 10_000_000}
_DECIMALS = {"c": 2, "C": 2, "e": 2, "L": 7, "f": 3}


@dataclass(frozen=True)
class _Record:
    time_us: int
    name: str
    values: tuple[float | str, ...]

    def binary(self) -> bytes:
        number, layout, _ = LAYOUTS[self.name]
        packed = struct.Struct("<" + "".join(_PACKED[c] for c in layout))
        return b"\xa3\x95" + bytes([number]) + packed.pack(*map(_stored, layout, self.values))

    def text(self) -> str:
        _, layout, _ = LAYOUTS[self.name]
        return ", ".join([self.name, *map(_shown, layout, self.values)])


def _stored(kind: str, value: float | str) -> int | float | bytes:
    if isinstance(value, str):
        return value.encode()
    if kind == "f":
        return value
    return round(value * _SCALE.get(kind, 1))


def _shown(kind: str, value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.{_DECIMALS.get(kind, 0)}f}"


def dataflash(truth: Truth, gps: Fixes, fused: Fixes, start_utc_us: int, *, text: bool) -> bytes:
    """The whole log. `gps` are the receiver's fixes, `fused` the autopilot's estimate."""
    records = [*_gps(gps, start_utc_us), *_positions(fused), *_states(truth, gps)]
    records.sort(key=lambda record: record.time_us)  # stable: records of one instant stay in this order
    records = [*_formats(), *records]
    if text:
        return "".join(record.text() + "\n" for record in records).encode()
    return b"".join(record.binary() for record in records)


def _formats() -> list[_Record]:
    records = []
    for name, (number, layout, columns) in LAYOUTS.items():
        size = 3 + struct.calcsize("<" + "".join(_PACKED[c] for c in layout))
        records.append(_Record(0, "FMT", (number, size, name, layout, columns)))
    return records


def _boot_us(seconds: float) -> int:
    return BOOT_US + round(seconds * 1e6)


def _gps(gps: Fixes, start_utc_us: int) -> list[_Record]:
    records = []
    last = 0
    for row in range(len(gps.step)):
        epoch_s, fixed = float(gps.time_s[row]), bool(gps.fix[row])
        last = row if fixed else last  # without a fix the receiver repeats its last position
        stamp = _boot_us(epoch_s) + FIX_LATENCY_US
        week, rest_ms = divmod(
            start_utc_us // 1000 + round(epoch_s * 1e3) - (GPS_EPOCH_S - LEAP_S) * 1000, WEEK_S * 1000
        )
        north, east = float(gps.north_mps[row]), float(gps.east_mps[row])
        course = float(np.degrees(np.arctan2(east, north)) % 360.0)
        records.append(_Record(stamp, "GPS", (
            stamp, 0, FIX_3D if fixed else NO_FIX, rest_ms, week, int(gps.satellites[row]) if fixed else 3,
            float(gps.hdop[row]) if fixed else 99.99, float(gps.lat_deg[last]), float(gps.lon_deg[last]),
            float(gps.amsl_m[last]), round(float(np.hypot(north, east)), 3), round(course, 3),
            round(-float(gps.up_mps[row]), 3), 0.0, 1)))  # fmt: skip
        accuracy = (float(gps.h_accuracy_m[row]), float(gps.v_accuracy_m[row])) if fixed else (99.0, 99.0)
        records.append(_Record(stamp, "GPA", (stamp, 0, round(1.4 * float(gps.hdop[row]), 2), *accuracy, 0.25, 0.0, 1,
                                              stamp // 1000, 200)))  # fmt: skip
    return records


def _positions(fused: Fixes) -> list[_Record]:
    home_m = float(fused.amsl_m[0])
    records = []
    for row in range(len(fused.step)):
        stamp = _boot_us(float(fused.time_s[row]))
        amsl_m = round(float(fused.amsl_m[row]), 2)
        above_m = round(amsl_m - home_m, 2)
        place = (float(fused.lat_deg[row]), float(fused.lon_deg[row]))
        records.append(_Record(stamp, "POS", (stamp, *place, amsl_m, above_m, above_m)))
    return records


def _states(truth: Truth, gps: Fixes) -> list[_Record]:
    """Firmware, home, arming, take-off, landing, modes."""
    at_arming = int(np.searchsorted(gps.time_s, truth.arm_s))
    home = (float(gps.lat_deg[at_arming]), float(gps.lon_deg[at_arming]), float(gps.amsl_m[at_arming]))
    texts = [(0.0, "ArduCopter V4.3.7 (a8a0ed5d)"), (0.0, "simulated by dronecheck/samples: no real flight")]
    events = [(truth.arm_s, ARMED), (truth.takeoff_s, NOT_LANDED), (truth.land_s, LANDED), (truth.disarm_s, DISARMED)]
    modes = [(0.0, LOITER), (truth.takeoff_s, AUTO), (truth.land_s - 5.0, LAND)]
    records = [_Record(_boot_us(s), "MSG", (_boot_us(s), text)) for s, text in texts]
    records += [_Record(_boot_us(s), "MODE", (_boot_us(s), mode, mode, 1)) for s, mode in modes]
    records += [_Record(_boot_us(s) + 10, "EV", (_boot_us(s) + 10, event)) for s, event in events]
    records.append(_Record(_boot_us(truth.arm_s) + 20, "ORGN", (_boot_us(truth.arm_s) + 20, HOME, *home)))
    return records
