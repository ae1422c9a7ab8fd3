"""How payloads of DJI flight records from version 7 on are mixed: with eight bytes that the first byte gives."""

from __future__ import annotations

import struct
from functools import cache

__all__ = ["is_intact", "unscramble"]

_POLYNOMIAL = 0x95AC9329AC4BC9B5  # CRC-64 of Jones, reflected
_FACTOR = 0x123456789ABCDEF0


@cache
def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


@cache
def _key(kind: int, first: int) -> bytes:
    """Return the eight bytes that the payload is mixed with."""
    crc = (kind + first) & 0xFF
    for byte in struct.pack("<Q", (_FACTOR * first) & (2**64 - 1)):
        crc = _table()[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return struct.pack("<Q", crc)


def unscramble(kind: int, payload: bytes) -> bytes:
    """Return a payload's plain bytes, one fewer; the same operation scrambles."""
    if not payload:
        return b""
    body = payload[1:]
    key = (_key(kind, payload[0]) * (len(body) // 8 + 1))[: len(body)]
    return (int.from_bytes(body, "little") ^ int.from_bytes(key, "little")).to_bytes(len(body), "little")


def is_intact(kind: int, payload: bytes) -> bool:
    """Tell whether a payload ends as it should: its last plain byte is the sum of its first and its kind."""
    if len(payload) < 2:
        return False
    first = payload[0]
    return payload[-1] ^ _key(kind, first)[(len(payload) - 2) % 8] == (first + kind) & 0xFF
