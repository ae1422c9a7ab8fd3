"""Writes a DJI controller's log (FLY*.DAT) as a Matrice 350's looks: GPS, estimate and home, each with both checksums.

A record is 0x55, its length (ten bits), CRC-8 of these three bytes, type, tick, a body XOR the tick's lowest byte, and
CRC-16. The tick counter runs at 3.84 MHz and here ends, and begins anew, in the middle of the flight.
"""

from __future__ import annotations

import math
import struct
from datetime import datetime, timedelta

from _kinematics import Truth
from _sensors import Fixes

HZ = 3_840_000 * (1 + 12e-6)
FIRST_TICK = (1 << 32) - round(150 * HZ)
MATRICE_350 = 89
GPS, FUSED, HOME = 2096, 2048, 13
LENGTH = {GPS: 88, FUSED: 132, 2049: 132, HOME: 95}
TAKEOFF_LEVEL_M = 112.4  # of the barometer, which knows no sea level
SERIAL, SERIAL_AT = b"SIM00000000000DAT", 52
SENT_AFTER_S = 0.003


def dji_dat(truth: Truth, gps: Fixes, fused: Fixes, start: datetime) -> bytes:
    """The whole log. `gps` are the receiver's fixes, `fused` the aircraft's estimate; `start` is UTC."""
    records = []
    for row, at_s in enumerate(gps.time_s.tolist()):
        if not gps.fix[row]:
            continue
        place = gps.lat_deg[row], gps.lon_deg[row]
        speed = gps.north_mps[row], gps.east_mps[row], -gps.up_mps[row]
        body = gps_body(start + timedelta(seconds=at_s + 1e-6), *place, gps.amsl_m[row], speed)
        records.append((at_s + SENT_AFTER_S, GPS, body))
    for row, at_s in enumerate(fused.time_s.tolist()):
        body = place_body(fused.lat_deg[row], fused.lon_deg[row], TAKEOFF_LEVEL_M + fused.baro_home_m[row])
        records.append((at_s, FUSED, body))
    home = home_body(gps.lat_deg[0], gps.lon_deg[0], TAKEOFF_LEVEL_M)
    records += [(at_s / 10 + 0.001, HOME, home) for at_s in range(0, round(truth.duration_s * 10), 20)]
    records.sort(key=lambda item: item[0])
    return header() + b"".join(framed(kind, FIRST_TICK + round(at_s * HZ), body) for at_s, kind, body in records)


def header(aircraft: int = MATRICE_350, *, version: bytes = b"DJI_LOG_V3") -> bytes:
    """What stands before the records; without a version they follow after 128 bytes."""
    head = bytes([aircraft]).ljust(16, b"\0") + b"BUILD Jan  1 2024 00:00:00"
    return (head.ljust(242, b"\0") + version).ljust(256, b"\0") if version else head.ljust(128, b"\0")


def gps_body(
    at: datetime, lat_deg: float, lon_deg: float, height_m: float, speed_mps: tuple[float, float, float]
) -> bytes:
    """A GPS record's fields; UTC in whole seconds."""
    date, time = int(f"{at:%Y%m%d}"), int(f"{at:%H%M%S}")
    place = round(lon_deg * 1e7), round(lat_deg * 1e7), round(height_m * 1000)
    return struct.pack("<IIiiifff", date, time, *place, *(round(float(value) * 100, 4) for value in speed_mps))


def place_body(lat_deg: float, lon_deg: float, height_m: float) -> bytes:
    """The fields of an estimate; the height is barometric. Rounded, that every machine writes the same."""
    lon, lat = (math.radians(round(float(degrees), 9)) for degrees in (lon_deg, lat_deg))
    return struct.pack("<ddf", lon, lat, round(float(height_m), 4))


def home_body(lat_deg: float, lon_deg: float, level_m: float) -> bytes:
    """The fields of a home record: the height in decimetres, and the serial number."""
    return place_body(lat_deg, lon_deg, level_m * 10).ljust(SERIAL_AT, b"\0") + SERIAL


def framed(kind: int, tick: int, body: bytes, *, length: int = 0) -> bytes:
    """One record, its body filled up to the length that the type has."""
    length = length or LENGTH.get(kind, len(body) + 12)
    key = tick & 0xFF
    head = struct.pack("<BH", 0x55, length)
    head += bytes([crc(head, 0x77, 0x8C)]) + struct.pack("<HI", kind, tick % (1 << 32))
    record = head + bytes(byte ^ key for byte in body.ljust(length - 12, b"\0"))
    return record + struct.pack("<H", crc(record, 0x3692, 0x8408))


def crc(data: bytes, start: int, polynomial: int) -> int:
    """A reflected checksum, bit by bit."""
    for byte in data:
        start ^= byte
        for _ in range(8):
            start = start >> 1 ^ (polynomial if start & 1 else 0)
    return start
