"""Writes DJI flight records of versions 13 and 14 with keys of the test's own, by the published layout.

Nothing here is the reader's: scrambling bit by bit, chaining and padding by the package cryptography.
"""

from __future__ import annotations

import base64
import json
import random
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

__all__ = ["SAMPLE", "Lock", "plain_records", "sample_record"]

SAMPLE = Path(__file__).parents[2] / "samples" / "founding_dandong_sinuiju_DJIFlightRecord.txt"
END = struct.pack("<i", 12345)
FEATURES = {
    "Base": 1, "Vision": 2, "Waypoint": 3, "Agriculture": 4, "AirLink": 5, "AfterSales": 6, "DJIFlyCustom": 7,
    "Plaintext": 8, "FlightHub": 9, "Gimbal": 10, "RC": 11, "Camera": 12, "Battery": 13, "FlySafe": 14,
}  # fmt: skip
_V14 = {
    "Base": (1, 2, 6, 13, 14, 15, 40, 58, 59, 63), "AfterSales": (12, 16, 19, 26, 27), "Gimbal": (3,), "Camera": (25,),
    "DJIFlyCustom": (5, 9, 10, 20, 24, 30, 54, 253, 254), "RC": (4, 11, 29, 33, 62), "Battery": (7, 8, 22),
    "AirLink": (49, 57), "FlySafe": (28, 51, 52),
}  # fmt: skip
_V13 = {
    "Base": (1, 2, 3, 4, 6, 7, 8, 11, 13, 14, 15, 25, 29, 33, 40, 58, 59, 63), "AirLink": (49, 57),
    "AfterSales": (12, 16, 19, 22, 26, 27, 28, 51, 52), "DJIFlyCustom": (5, 9, 10, 20, 24, 30, 54, 253, 254),
}  # fmt: skip
FEATURE_OF = {
    category: {kind: FEATURES[name] for name, kinds in table.items() for kind in kinds}
    for category, table in ((3, _V13), (4, _V14))
}
NEW_SEGMENT, KEY_STORAGE = 50, 56


@cache
def _mixture(kind: int, first: int) -> bytes:
    """CRC-64 (Jones, reflected) bit by bit."""
    crc = (kind + first) & 0xFF
    for byte in struct.pack("<Q", 0x123456789ABCDEF0 * first & 0xFFFFFFFFFFFFFFFF):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x95AC9329AC4BC9B5 if crc & 1 else 0)
    return struct.pack("<Q", crc)


def scrambled(kind: int, first: int, content: bytes) -> bytes:
    """The payload: first byte, and content and check byte mixed with the eight bytes of the key."""
    key = _mixture(kind, first)
    body = content + bytes([(first + kind) & 0xFF])
    return bytes([first]) + bytes(value ^ key[i % 8] for i, value in enumerate(body))


def plain_records(path: Path = SAMPLE) -> list[tuple[int, bytes]]:
    """The records of a version 8 file: kind and plain content."""
    data = path.read_bytes()
    at, end, found = 100, struct.unpack_from("<Q", data)[0], []
    while at < end:
        size = data[at + 1]
        if data[at] == 0x39 and data[at : at + 4] == END:
            break
        payload = data[at + 2 : at + 2 + size]
        key = _mixture(data[at], payload[0])
        plain = bytes(value ^ key[i % 8] for i, value in enumerate(payload[1:]))
        found.append((data[at], plain[:-1]))
        at += size + 3
    return found


def details_of(path: Path = SAMPLE) -> bytes:
    """The details of a version 8 file."""
    data = path.read_bytes()
    return data[struct.unpack_from("<Q", data)[0] :][:400]


@dataclass
class Lock:
    """How a record is written. `segments` are numbers of records before which a new segment begins."""

    version: int = 14
    category: int | None = None
    seed: int = 1
    segments: tuple[int, ...] = ()
    is_closed: bool = True
    pictures: tuple[bytes, ...] = ()
    thumbnails: tuple[bytes, ...] = ()
    feature_of: Mapping[int, int] = field(default_factory=dict)  # of kinds that no table has, or otherwise
    plain: frozenset[int] = frozenset()  # kinds that are written without a key

    def __post_init__(self) -> None:
        self.source = random.Random(self.seed)
        self.keys: list[dict[int, tuple[bytes, bytes]]] = []  # of each segment: feature -> key, vector
        self.offsets: list[int] = []  # of each record given

    def write(self, records: Iterable[tuple[int, bytes]], details: bytes | None = None) -> bytes:
        """The whole file."""
        category = self.category if self.category is not None else self.version - 10
        table = {**FEATURE_OF.get(category, FEATURE_OF[self.version - 10]), **self.feature_of}
        head = self._head(details_of() if details is None else details, category)
        out, self.offsets, self.keys, ivs = bytearray(head), [], [{}], {}
        for number, (kind, content) in enumerate(records):
            if number in self.segments:
                self.keys.append({})
                ivs = {}
                out += self._framed(NEW_SEGMENT, self.source.randbytes(20))
            feature = table.get(kind)
            if kind in self.plain or feature is None:
                self.offsets.append(len(out))
                out += self._framed(kind, content)
                continue
            if feature not in self.keys[-1]:
                self.keys[-1][feature] = self.source.randbytes(32), self.source.randbytes(16)
                ivs[feature] = self.keys[-1][feature][1]
                out += self._framed(KEY_STORAGE, struct.pack("<HH", feature, 256) + self.source.randbytes(256))
            size = 16 - len(content) % 16
            cipher = Cipher(algorithms.AES(self.keys[-1][feature][0]), modes.CBC(ivs[feature])).encryptor()
            coded = cipher.update(content + bytes([size]) * size) + cipher.finalize()
            ivs[feature] = coded[-16:]
            self.offsets.append(len(out))
            out += self._framed(kind, coded)
        if self.is_closed:
            out += END + b"".join((*self.pictures, *self.thumbnails))
        return bytes(out)

    def _framed(self, kind: int, content: bytes) -> bytes:
        payload = scrambled(kind, self.source.randrange(256), content)
        return struct.pack("<BH", kind, len(payload)) + payload + b"\xff"

    def _head(self, details: bytes, category: int) -> bytes:
        block = bytearray(details.ljust(436, b"\0")[:436])
        struct.pack_into("<i", block, 87, 12345)
        for at, files in ((147, self.pictures), (163, self.thumbnails)):
            struct.pack_into("<4i", block, at, *[len(one) for one in files], *[0] * (4 - len(files)))
        info = struct.pack("<BH", 0, 436) + bytes(block) + struct.pack("<H", 256) + self.source.randbytes(256)
        mixed = scrambled(0, self.source.randrange(256), info)
        blocks = struct.pack("<BH", 0, len(mixed)) + mixed + struct.pack("<BHHBB", 1, 4, category, 3, 0)
        offset = 100 + len(blocks) if self.is_closed else 0
        front = struct.pack("<QHBB", offset, 436 if self.is_closed else 0, self.version, 1).ljust(100, b"\0")
        return front + blocks

    def keychains(self) -> list[list[dict[str, str]]]:
        """The keys as the service gives them."""
        names = {number: name for name, number in FEATURES.items()}
        return [
            [
                {
                    "featurePoint": f"FR_Standardization_Feature_{names[feature]}_{feature}",
                    "aesKey": base64.b64encode(key).decode(),
                    "aesIv": base64.b64encode(iv).decode(),
                }
                for feature, (key, iv) in segment.items()
            ]
            for segment in self.keys
        ]

    def save(self, path: Path, data: bytes, keychains: object = None) -> Path:
        """Write a record, and its keys beside it."""
        path.write_bytes(data)
        text = json.dumps(self.keychains() if keychains is None else keychains)
        path.with_name(path.stem + ".keychains.json").write_text(text)
        return path


def sample_record(version: int = 14, records: int | None = None) -> tuple[bytes, Lock]:
    """The founding flight as a record of version 13 or 14, whole or its first records, and what it is locked with."""
    lock = Lock(version, seed=version)
    return lock.write(plain_records()[:records]), lock
