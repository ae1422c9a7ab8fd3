"""DJI flight records of versions 1 to 12 taken apart: kind, length, payload (from version 7 on mixed with a key), FF.

In a record the payload is plain; `finish` mixes it again with the key of its first byte. The check byte at its end
depends on the kind and that byte only, and stays right.
"""

from __future__ import annotations

import struct

import numpy as np

from tests.edits.editable import ONLY, OTHER, Column, Editable, binary_column
from tests.support.dji_writer import _mixture

_OSD = (
    ("lon", 0, "<f8", np.pi / 180), ("lat", 8, "<f8", np.pi / 180), ("height", 16, "<i2", 10.0),
    ("v_north", 18, "<i2", 10.0), ("v_east", 20, "<i2", 10.0), ("v_down", 22, "<i2", 10.0),
    ("stopwatch", 42, "<u2", 10.0), ("state", 32, "u1", 1.0),
)  # fmt: skip
_HEAD = 3  # kind, length, first byte


def parse(data: bytes) -> Editable | None:
    """Take a record apart; None for versions 13 and 14, whose records are encrypted."""
    version = data[10]
    begin = 12 if version < 6 else 100
    end = struct.unpack_from("<Q", data)[0] or len(data)
    if version > 12:
        return None
    mixed = version >= 7
    records, fixed, at = [data[:begin]], [True], begin
    while at + 3 <= end:
        size = data[at + 1]
        if not 0 < data[at] < 128 or at + 3 + size > end or data[at + 2 + size] != 0xFF:
            break
        payload = data[at + 2 : at + 2 + size]
        records.append(data[at : at + 2] + (_mix(data[at], payload) if mixed else payload))
        fixed.append(False)
        at += size + 3
    if len(records) < 10:
        return None
    records.append(data[at:])  # the mark that ends them, pictures, details
    fixed.append(True)
    columns = _columns(records, _HEAD if mixed else 2)

    def finish(parts: list[bytes]) -> bytes:
        out = [parts[0]]
        for record in parts[1:-1]:
            payload = record[2:]
            out.append(record[:2] + (_mix(record[0], payload) if mixed else payload) + b"\xff")
        body = b"".join(out)
        whole = bytearray(body + parts[-1])
        struct.pack_into("<Q", whole, 0, len(body) + end - at)
        return bytes(whole)

    return Editable("dji_txt", records, np.array(fixed), columns, finish)


def _mix(kind: int, payload: bytes) -> bytes:
    """Mix or unmix all but the first byte."""
    if not payload:
        return payload
    body = payload[1:]
    key = (_mixture(kind, payload[0]) * (len(body) // 8 + 1))[: len(body)]
    return payload[:1] + (int.from_bytes(body, "little") ^ int.from_bytes(key, "little")).to_bytes(len(body), "little")


def _columns(records: list[bytes], head: int) -> list[Column]:
    def rows(kind: int, least: int) -> np.ndarray:
        found = [i for i, r in enumerate(records[1:-1], 1) if r[0] == kind and len(r) >= head + least]
        return np.array(found, np.int64)

    osd, custom, home = rows(1, 44), rows(5, 18), rows(2, 21)
    found = []
    for what, at, dtype, scale in _OSD:
        kind = {"stopwatch": "clock", "state": "state"}.get(what, what)
        source = "boot" if kind == "clock" else OTHER if kind == "state" else ONLY
        found.append(binary_column(kind, source, "OSD", osd, records, head + at, dtype, scale, is_axis=kind == "clock"))
    if len(custom):
        found.append(binary_column("clock", "host", "CUSTOM", custom, records, head + 10, "<u8", 1e3))
        found.append(binary_column("speed", OTHER, "CUSTOM", custom, records, head + 2, "<f4", 1.0))
        found.append(binary_column("home_distance", OTHER, "CUSTOM", custom, records, head + 6, "<f4", 1.0))
    if len(home):
        found.append(binary_column("home_lat", OTHER, "HOME", home, records, head + 8, "<f8", np.pi / 180))
    return found
