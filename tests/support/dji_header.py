"""Headers of encrypted DJI flight records (version 13 and 14), written byte by byte after the published layout."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field, replace

__all__ = ["MadeHeader"]

INFO_BYTES = 436
_POLYNOMIAL, _FACTOR = 0x95AC9329AC4BC9B5, 0x123456789ABCDEF0
END = struct.pack("<i", 12345)


def _key8(kind: int, first: int) -> bytes:
    """Return the eight bytes of a CRC-64 over the key byte, bit by bit."""
    crc = (kind + first) & 0xFF
    for byte in ((_FACTOR * first) & (2**64 - 1)).to_bytes(8, "little"):
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_POLYNOMIAL if crc & 1 else 0)
    return crc.to_bytes(8, "little")


def scrambled(kind: int, content: bytes, first: int = 0x5A) -> bytes:
    """Mix a content as the app does: key byte, then content and check byte, mixed."""
    key, plain = _key8(kind, first), content + bytes([(first + kind) & 0xFF])
    return bytes([first]) + bytes(byte ^ key[at % 8] for at, byte in enumerate(plain))


@dataclass(frozen=True)
class MadeHeader:
    """What the header says; `bytes()` is a record of it with one encrypted record of random-looking bytes."""

    lat_deg: float = 47.05
    lon_deg: float = 8.3
    distance_m: float = 269.0
    height_m: float = 55.0
    start_ms: int = 1_725_195_349_477
    duration_ms: int = 108_000
    speed_mps: float = 12.0
    pictures: tuple[tuple[float, float], ...] = ()
    version: int = 14
    mark: int = 12345
    is_closed: bool = True
    osd: int = 1082
    places: tuple[str, ...] = field(default=("Map Loading",))

    def but(self, **values: object) -> MadeHeader:
        """Return the same with other values."""
        return replace(self, **values)  # type: ignore[arg-type]

    def info(self) -> bytes:
        """Return the block of details."""
        block = bytearray(INFO_BYTES)
        for number, place in enumerate(self.places):
            block[20 * number : 20 * number + 20] = place.encode()[:20].ljust(20, b"\0")
        struct.pack_into("<iiqdd", block, 83, self.osd, self.mark, self.start_ms, self.lon_deg, self.lat_deg)
        struct.pack_into(
            "<fifff", block, 115, self.distance_m / 1000, self.duration_ms, self.height_m, self.speed_mps, 5.0
        )
        for number, (lat, lon) in enumerate(self.pictures):
            struct.pack_into("<d", block, 179 + 8 * number, math.radians(lon))
            struct.pack_into("<d", block, 211 + 8 * number, math.radians(lat))
        block[271] = 126
        block[312:328] = b"1581F6Z9C23CP003"
        return bytes(block)

    def bytes(self) -> bytes:
        """Return the whole record."""
        front = b"\0" + struct.pack("<H", INFO_BYTES) + self.info() + struct.pack("<H", 256) + bytes(256)
        stored = scrambled(0, front)
        blocks = b"\0" + struct.pack("<H", len(stored)) + stored
        blocks += b"\1" + struct.pack("<H", 4) + struct.pack("<HBB", 4 if self.version == 14 else 3, 3, 0)
        secret = scrambled(1, bytes((7 * n * n + 3) % 251 for n in range(64)), 0x21)
        record = b"\1" + struct.pack("<H", len(secret)) + secret + b"\xff"
        records_at = 100 + len(blocks)
        head = struct.pack(
            "<QHBB", records_at if self.is_closed else 0, INFO_BYTES if self.is_closed else 0, self.version, 0
        )
        body = head.ljust(100, b"\0") + blocks + record * 20
        return body + END if self.is_closed else body
