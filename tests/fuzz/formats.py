"""One sample a format, and where its records end: walkers of their own, from the formats' descriptions.

Nothing here comes from the readers: a reader that took a wrong border for right would be caught.
"""

from __future__ import annotations

import hashlib
import struct
from functools import cache
from pathlib import Path

from dronecheck.flight import Flight
from dronecheck.readers import read_input
from dronecheck.safe.io import Input

__all__ = ["FORMATS", "borders", "read", "sample", "shortened"]

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
FORMATS = {
    "ulog": "founding_dandong_sinuiju.ulg",
    "dataflash": "founding_dandong_sinuiju.bin",
    "dataflash text": "founding_dandong_sinuiju.log",
    "tlog": "founding_dandong_sinuiju.tlog",
    "csv airdata": "founding_dandong_sinuiju_airdata.csv",
    "csv flight reader": "founding_dandong_sinuiju_flightreader.csv",
    "srt": "founding_dandong_sinuiju.SRT",
    "gpx": "founding_dandong_sinuiju.gpx",
    "igc": "founding_dandong_sinuiju.igc",
    "dji_txt": "founding_dandong_sinuiju_DJIFlightRecord.txt",
    "zll": "founding_dandong_sinuiju_ZLL.txt",
}


@cache
def sample(format_: str) -> bytes:
    """The whole sample."""
    return (SAMPLES / FORMATS[format_]).read_bytes()


def read(format_: str, data: bytes) -> Flight:
    """What dronecheck reads from these bytes, under the sample's name."""
    return read_input(Input(SAMPLES / FORMATS[format_], data, hashlib.sha256(data).hexdigest()))


@cache
def borders(format_: str) -> tuple[int, ...]:
    """Byte offsets of the sample where a record ends, ascending; for texts, where a line ends."""
    data = sample(format_)
    walk = {"ulog": _ulog, "dataflash": _dataflash, "tlog": _tlog, "dji_txt": _dji_txt}.get(format_, _lines)
    found = walk(data)
    assert found[-1] == len(data), f"the walk of {format_} ends at {found[-1]} of {len(data)}"
    return tuple(found)


@cache
def shortened(format_: str, size: int) -> bytes:
    """The sample up to the last border before `size` bytes."""
    return sample(format_)[: max(border for border in borders(format_) if border <= size)]


def _lines(data: bytes) -> list[int]:
    return [i + 1 for i, byte in enumerate(data) if byte == 0x0A]


def _ulog(data: bytes) -> list[int]:
    """A header of 16 bytes, then messages: size (u16), kind (u8), so many bytes."""
    at, found = 16, [16]
    while at < len(data):
        at += 3 + struct.unpack_from("<H", data, at)[0]
        found.append(at)
    return found


def _dataflash(data: bytes) -> list[int]:
    """Records begin A3 95 and a kind; a record of kind 128 says the length of another kind."""
    at, found, length = 0, [], {128: 89}
    while at < len(data):
        assert data[at : at + 2] == b"\xa3\x95"
        if data[at + 2] == 128:
            length[data[at + 3]] = data[at + 4]
        at += length[data[at + 2]]
        found.append(at)
    return found


def _tlog(data: bytes) -> list[int]:
    """Eight bytes of time, then a MAVLink packet: FE (8 bytes around the payload) or FD (12, and 13 when signed)."""
    at, found = 0, []
    while at < len(data):
        magic, payload, flags = data[at + 8 : at + 11]
        at += 8 + payload + (8 if magic == 0xFE else 25 if flags & 1 else 12)
        found.append(at)
    return found


def _dji_txt(data: bytes) -> list[int]:
    """A header of 100 bytes says where the records end; a record is kind, length, so many bytes, FF. Details follow."""
    at, found = 100, [100]
    end = struct.unpack_from("<Q", data)[0]
    while at < end:
        at += 3 + data[at + 1]
        found.append(at)
    return [*found, len(data)]
