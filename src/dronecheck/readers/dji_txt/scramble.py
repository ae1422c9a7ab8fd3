"""How payloads of DJI flight records from version 7 on are mixed: with eight bytes that the first byte gives."""

from __future__ import annotations

import struct
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Ints

__all__ = ["is_intact", "keystream", "unscramble"]

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


def is_intact(kind: int, first: int, last: int, size: int) -> bool:
    """Tell whether a payload of so many bytes ends as it should: its last plain byte is the sum of first and kind."""
    return size >= 2 and last ^ _key(kind, first)[(size - 2) % 8] == (first + kind) & 0xFF


def keystream(kinds: Ints, firsts: Ints) -> NDArray[np.uint64]:
    """Return the eight bytes, as a word, that each payload is mixed with, by its kind and its first byte, (n,)."""
    pairs, which = np.unique(kinds * 256 + firsts, return_inverse=True)
    words = [int.from_bytes(_key(pair // 256, pair % 256), "little") for pair in pairs.tolist()]
    return np.array(words, dtype="<u8")[which]
