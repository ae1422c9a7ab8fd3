"""Writes a DJI flight record (version 8, as the apps keep it): OSD, CUSTOM, HOME and messages, scrambled; details."""

from __future__ import annotations

import math
import struct
from datetime import datetime

from _dji_csv import NOTICE, Row

HEADER_BYTES, VERSION = 100, 8
MOTORS, SKY = 0x08, 0x04
MODE_GPS, MODE_OPTI = 6, 3
MAVIC_PRO = 16


def record(rows: list[Row]) -> bytes:
    """The whole file."""
    parts, before = [], None
    for row in rows:
        parts.append(_scrambled(1, _osd(row), row.number))
        if row.number % 10 == 0:
            parts.append(_scrambled(2, _home(row), row.number))
        parts.append(
            _scrambled(5, struct.pack("<HffQ", 0, row.speed_mps, row.distance_m, _millis(row.time)) + b"\0", 7)
        )
        text = NOTICE if before is None else "Taking off" if before.on_ground and not row.on_ground else ""
        if text:
            parts.append(_scrambled(9, text.encode() + b"\0", 3))
        before = row
    body = b"".join(parts)
    details = _details(rows)
    head = struct.pack("<QHB", HEADER_BYTES + len(body), len(details), VERSION).ljust(HEADER_BYTES, b"\0")
    return head + body + details


def _osd(row: Row) -> bytes:
    state = MOTORS | (0 if row.on_ground else SKY)
    body = struct.pack(
        "<ddhhhhhhh", radians(row.lon_deg), radians(row.lat_deg), round(row.height_m * 10),
        round(row.north_mps * 10), round(row.east_mps * 10), round(row.down_mps * 10), 0, 0, 0,
    )  # fmt: skip
    body += bytes([MODE_GPS if row.level else MODE_OPTI, 0, state, 0, row.level << 2, 0, row.satellites, 0, 0, 0])
    body += struct.pack("<BBHBHBBB", row.battery_percent, 0, round(row.elapsed_s * 10), 0, 0, 4, MAVIC_PRO, 0)
    return body + b"\0"


def _home(row: Row) -> bytes:
    body = struct.pack("<ddf", radians(row.home_lon_deg), radians(row.home_lat_deg), 80.0)
    return body + bytes([1]) + bytes(13)


def radians(degrees: float) -> float:
    """An angle to a tenth of a millimetre: the last bits of an orbit differ between machines."""
    return math.radians(round(float(degrees), 9))


def _details(rows: list[Row]) -> bytes:
    first, last = rows[0], rows[-1]
    places = [text.ljust(20, b"\0") for text in (b"", b"", b"", b"")]
    block = struct.pack(
        "<20s20s20s20sBBBIIQddfIfffII", *places, 0, 0, 0, len(rows), 0, _millis(first.time), round(first.lon_deg, 9),
        round(first.lat_deg, 9), 0.0, round(1000 * last.elapsed_s), 0.0, 0.0, 0.0, 0, 0,
    )  # fmt: skip
    return block.ljust(280, b"\0").ljust(312, b"\0") + b"SIMULATED".ljust(88, b"\0")


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _scrambled(kind: int, body: bytes, number: int) -> bytes:
    first = number * 7 % 256
    key = _key(kind, first)
    body = body[:-1] + bytes([(first + kind) & 0xFF])  # the check byte
    payload = bytes([first]) + bytes(value ^ key[i % 8] for i, value in enumerate(body))
    return bytes([kind, len(payload)]) + payload + b"\xff"


def _key(kind: int, first: int) -> bytes:
    """CRC-64 (Jones, reflected) bit by bit over the eight bytes of a multiple of the key byte."""
    crc = (kind + first) & 0xFF
    for byte in struct.pack("<Q", 0x123456789ABCDEF0 * first & 0xFFFFFFFFFFFFFFFF):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x95AC9329AC4BC9B5 if crc & 1 else 0)
    return struct.pack("<Q", crc)
