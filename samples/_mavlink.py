"""Writes a ground station's telemetry log (.tlog, MAVLink 2) from simulated fixes.

Each record is the station's clock (microseconds since 1970, big-endian) and one frame: FD, payload length, flags,
sequence, system, component, message id, payload without its trailing zeros, CRC-16/MCRF4XX with the message's extra.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from _kinematics import Truth
from _sensors import Fixes

BOOT_MS = 33_410
LINK_DELAY_US = 60_000
HOST_AHEAD_US = 1_300_000  # the ground station's clock runs ahead of satellite time
NO_FIX, FIX_3D = 1, 3
QUADROTOR, ARDUPILOT, ARMED_FLAG, CUSTOM_MODE_FLAG = 2, 3, 128, 1
ON_GROUND, IN_AIR = 1, 2
NOTICE = 5

# name: id, CRC extra, payload
MESSAGES = {
    "HEARTBEAT": (0, 50, "<IBBBBB"),
    "SYSTEM_TIME": (2, 137, "<QI"),
    "GPS_RAW_INT": (24, 24, "<QiiiHHHHBBiIIII"),
    "GLOBAL_POSITION_INT": (33, 104, "<IiiiihhhH"),
    "HOME_POSITION": (242, 104, "<iiifff4ffff"),
    "EXTENDED_SYS_STATE": (245, 130, "<BB"),
    "STATUSTEXT": (253, 83, "<B50s"),
}


@dataclass(frozen=True)
class _Message:
    at_s: float
    name: str
    values: tuple[float | bytes, ...]


def tlog(truth: Truth, gps: Fixes, fused: Fixes, start_utc_us: int) -> bytes:
    """The whole log. `gps` are the receiver's fixes, `fused` the autopilot's estimate."""
    messages = [*_beats(truth, start_utc_us), *_gps(truth, gps), *_fused(truth, fused), *_events(truth, gps)]
    messages.sort(key=lambda message: message.at_s)
    out = []
    for number, message in enumerate(messages):
        host_us = start_utc_us + round(message.at_s * 1e6) + LINK_DELAY_US + HOST_AHEAD_US
        out.append(struct.pack(">Q", host_us) + _frame(message, number % 256))
    return b"".join(out)


def _frame(message: _Message, sequence: int) -> bytes:
    number, extra, layout = MESSAGES[message.name]
    payload = struct.pack(layout, *message.values).rstrip(b"\x00") or b"\x00"
    body = struct.pack("<BBBBBB", len(payload), 0, 0, sequence, 1, 1) + number.to_bytes(3, "little") + payload
    return b"\xfd" + body + struct.pack("<H", _crc(body + bytes([extra])))


def _crc(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        mixed = (byte ^ crc) & 0xFF
        mixed ^= (mixed << 4) & 0xFF
        crc = (crc >> 8) ^ (mixed << 8) ^ (mixed << 3) ^ (mixed >> 4)
    return crc


def _boot_ms(at_s: float) -> int:
    return BOOT_MS + round(at_s * 1e3)


def _e7(degrees: float) -> int:
    return round(degrees * 1e7)


def _beats(truth: Truth, start_utc_us: int) -> list[_Message]:
    """Heartbeat, landed state and system time, every second."""
    messages = []
    for at_s in np.arange(0.05, truth.duration_s, 1.0).round(2).tolist():
        armed = truth.arm_s <= at_s < truth.disarm_s
        flying = truth.takeoff_s <= at_s < truth.land_s
        mode = CUSTOM_MODE_FLAG | (ARMED_FLAG if armed else 0)
        messages.append(_Message(at_s, "HEARTBEAT", (3 if flying else 5, QUADROTOR, ARDUPILOT, mode, 4, 3)))
        messages.append(_Message(at_s, "EXTENDED_SYS_STATE", (0, IN_AIR if flying else ON_GROUND)))
        messages.append(_Message(at_s, "SYSTEM_TIME", (start_utc_us + round(at_s * 1e6), _boot_ms(at_s))))
    return messages


def _gps(truth: Truth, gps: Fixes) -> list[_Message]:
    messages = []
    last = 0
    for row in range(len(gps.step)):
        at_s, fixed = float(gps.time_s[row]), bool(gps.fix[row])
        last = row if fixed else last
        height_mm = round(float(gps.amsl_m[last]) * 1e3)
        speed = round(float(gps.speed_mps[row]) * 100)
        accuracy = [round(float(v[row]) * 1e3) if fixed else 99_000 for v in (gps.h_accuracy_m, gps.v_accuracy_m)]
        messages.append(_Message(at_s, "GPS_RAW_INT", (
            _boot_ms(at_s) * 1000, _e7(gps.lat_deg[last]), _e7(gps.lon_deg[last]), height_mm,
            round(float(gps.hdop[row]) * 100) if fixed else 9999, 120, speed, 0, FIX_3D if fixed else NO_FIX,
            int(gps.satellites[row]) if fixed else 3, height_mm + round(truth.place.geoid_m * 1e3), *accuracy, 250,
            0)))  # fmt: skip
    return messages


def _fused(truth: Truth, fused: Fixes) -> list[_Message]:
    home_m = float(fused.amsl_m[0])
    messages = []
    for row in range(len(fused.step)):
        at_s, amsl_m = float(fused.time_s[row]), float(fused.amsl_m[row])
        velocity = [round(float(v[row]) * 100) for v in (fused.north_mps, fused.east_mps)]
        messages.append(_Message(at_s, "GLOBAL_POSITION_INT", (
            _boot_ms(at_s), _e7(fused.lat_deg[row]), _e7(fused.lon_deg[row]), round(amsl_m * 1e3),
            round((amsl_m - home_m) * 1e3), *velocity, round(-float(fused.up_mps[row]) * 100), 0)))  # fmt: skip
    return messages


def _events(truth: Truth, gps: Fixes) -> list[_Message]:
    at = int(np.searchsorted(gps.time_s, truth.arm_s))
    home = (_e7(gps.lat_deg[at]), _e7(gps.lon_deg[at]), round(float(gps.amsl_m[at]) * 1e3))
    texts = [(0.3, b"simulated by dronecheck/samples: no real flight"), (truth.arm_s, b"Arming motors"),
             (truth.disarm_s, b"Disarming motors")]  # fmt: skip
    messages = [_Message(at_s, "STATUSTEXT", (NOTICE, text)) for at_s, text in texts]
    messages.append(
        _Message(truth.arm_s + 0.1, "HOME_POSITION", (*home, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    )
    return messages
