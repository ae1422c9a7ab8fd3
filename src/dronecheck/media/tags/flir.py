"""FLIR's own records in JPEG pictures (FFF): the camera's names and serials, and its position.

Offsets of the fields: exiftool's FLIR tables (facts, not text).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from dronecheck.media.fields import Harvest

__all__ = ["read_flir"]

_JOINED_AT_MOST_BYTES = 64 << 20
_ENTRIES_AT_MOST = 256
_CAMERA, _GPS = 0x20, 0x2B
_CAMERA_TEXTS = {
    "CameraModel": (0xD4, 32), "CameraPartNumber": (0xF4, 16), "CameraSerialNumber": (0x104, 16),
    "CameraSoftware": (0x114, 16), "LensModel": (0x170, 32), "LensSerialNumber": (0x1A0, 16),
}  # fmt: skip


def read_flir(harvest: Harvest, segments: Sequence[tuple[int, int]], prefix: str) -> None:
    """Add what the records say that are spread over these segments [start, end) of the file."""
    joined, places, size = [], [], 0
    for start, end in segments:
        places.append((size, start))
        size += max(end - start, 0)
        if size > _JOINED_AT_MOST_BYTES:
            harvest.capped_at(start)
            break
        joined.append(bytes(harvest.data[start:end]))
    block = b"".join(joined)
    if block[:4] != b"FFF\0" or len(block) < 64:
        return
    order = ">" if 100 <= struct.unpack_from(">I", block, 0x14)[0] < 200 else "<"
    at, count = struct.unpack_from(f"{order}II", block, 0x18)
    for number in range(min(count, _ENTRIES_AT_MOST)):
        entry = at + 32 * number
        if entry + 32 > len(block):
            break
        kind = struct.unpack_from(f"{order}H", block, entry)[0]
        begin, length = struct.unpack_from(f"{order}II", block, entry + 12)
        if kind not in (_CAMERA, _GPS) or begin + length > len(block):
            continue
        place = next(start + begin - before for before, start in reversed(places) if before <= begin)
        record = block[begin : begin + length]
        (_camera if kind == _CAMERA else _position)(harvest, record, place, prefix)


def _camera(harvest: Harvest, record: bytes, place: int, prefix: str) -> None:
    for name, (at, size) in _CAMERA_TEXTS.items():
        text = record[at : at + size].partition(b"\0")[0].decode("latin-1").strip()
        if text:
            harvest.add(f"{prefix}/{name}", text, place + at, len(text))


def _position(harvest: Harvest, record: bytes, place: int, prefix: str) -> None:
    """Add a position; one that is not called valid, or without its letters, by a name that decides nothing."""
    if len(record) < 0x24 or not any(record):
        return
    valid = next((one for one in "<>" if struct.unpack_from(f"{one}I", record)[0] == 1), None)
    refs = (record[8:9], record[10:11])
    lat_deg, lon_deg = struct.unpack_from(f"{valid or '<'}dd", record, 0x10)
    signs = {b"S": -1.0, b"W": -1.0, b"N": 1.0, b"E": 1.0}
    name = "GPS/" if valid and refs[0] in (b"N", b"S") and refs[1] in (b"E", b"W") else "GPS/Void"
    harvest.add(f"{prefix}/{name}Latitude", abs(lat_deg) * signs.get(refs[0], 1.0), place + 0x10, 8)
    harvest.add(f"{prefix}/{name}Longitude", abs(lon_deg) * signs.get(refs[1], 1.0), place + 0x18, 8)
