"""Encrypted DJI records made of nothing: blocks, key records, encrypted positions, and random bytes for the others."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from dronecheck.readers.dji_txt.scramble import unscramble

KEY, SEGMENT, OSD = 56, 50, 1
Piece = tuple[int, bytes]


def record(kind: int, content: bytes, first: int = 0x5A) -> bytes:
    """One record: kind, length, scrambled content with its check byte, 0xFF."""
    payload = bytes([first]) + unscramble(kind, bytes([first]) + content + bytes([(first + kind) & 0xFF]))
    return bytes([kind]) + struct.pack("<H", len(payload)) + payload + b"\xff"


def key_piece(number: int, locked: bytes | int = 0) -> Piece:
    """A key record of a feature; a number makes its 256 bytes."""
    raw = random.Random(f"{number} {locked}").randbytes(256) if isinstance(locked, int) else locked
    return KEY, struct.pack("<HH", number, len(raw)) + raw


def key_and_iv(locked: bytes) -> tuple[bytes, bytes]:
    """What the service makes of a locked key, here."""
    chance = random.Random(locked)
    return chance.randbytes(32), chance.randbytes(16)


def positions(locked: bytes, count: int) -> list[Piece]:
    """Position records, encrypted with the key that was locked, one behind the other."""
    key, iv = key_and_iv(locked)
    made = list[Piece]()
    for at in range(count):
        encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
        plain = bytes([at % 256]) * 53
        content = encryptor.update(plain + bytes([11]) * 11) + encryptor.finalize()
        made.append((OSD, content))
        iv = content[-16:]
    return made


def pieces(segments: Sequence[Iterable[int]], others: int = 3) -> list[Piece]:
    """Key records of each segment's features, some other records behind each, and what parts the segments."""
    chance, made = random.Random(7), list[Piece]()
    for at, numbers in enumerate(segments):
        made += [(SEGMENT, bytes(8))] if at else []
        for number in numbers:
            made.append(key_piece(number, at))
            made += positions(made[-1][1][4:], others) if number == 1 else []
            made += [(chance.choice((2, 5, 13, 253)), chance.randbytes(64)) for _ in range(others)]
    return made


def encrypted(
    made: Iterable[Piece],
    *,
    version: int = 14,
    block: bytes | None = struct.pack("<HBB", 4, 3, 0x83),
    is_closed: bool = True,
    end: bytes = b"\x39\x30\x00\x00",
) -> bytes:
    """A whole record; `block` is the content of the block that says category and department, None for none."""
    info = b"\0" + struct.pack("<H", 436) + bytes(436) + struct.pack("<H", 256) + bytes(256)
    front = b"\0" + struct.pack("<H", len(info) + 2) + record(0, info)[3:-1]
    front += b"" if block is None else b"\1" + struct.pack("<H", len(block)) + block
    header = struct.pack("<QHB", 100 + len(front) if is_closed else 0, 436, version)
    return header.ljust(100, b"\0") + front + b"".join(record(kind, content) for kind, content in made) + end
