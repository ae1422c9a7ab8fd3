"""Writes a film as a DJI drone (Mavic 3 Pro) leaves it, without its picture: the track `djmd`, five samples a second.

Each sample is a protobuf message: position in radians, height above take-off, the gimbal, and the satellites' time in
UTC. The container's own date says the same second. The samples lie in fragments of five seconds, so that a film that is
cut short keeps what came before.
"""

from __future__ import annotations

import math
import struct
from itertools import pairwise

from _dji_csv import Row

SAMPLE_MS = 200
EPOCH_1904_S = 2_082_844_800
PROTOCOL, SERIAL, PRODUCT = "dvtm_wm261.proto", "SIM0000000FILM", "Simulated drone"
GIMBAL = (-300, 0, 1500)  # pitch, roll, yaw in tenths of a degree
INVALID = 1
A_FRAGMENT = 25  # samples
FROM_MOOF, DATA_OFFSET, DURATIONS, SIZES = 0x020000, 0x001, 0x100, 0x200


def film(rows: list[Row]) -> bytes:
    """The boxes `ftyp` and `moov`, and then a `moof` and a `mdat` for each few samples, one a row."""
    samples = [_clip() + _frame(rows[0]), *(_frame(row) for row in rows[1:])]
    times = [round(row.elapsed_s * 1000) for row in rows]
    lengths = [after - before for before, after in pairwise(times)] + [SAMPLE_MS]
    parts = [_box(b"ftyp", b"iso6\0\0\2\0iso6mp41"), _moov(int(rows[0].time.timestamp()) + EPOCH_1904_S)]
    for first in range(0, len(rows), A_FRAGMENT):
        some = slice(first, first + A_FRAGMENT)
        parts.append(_fragment(first, times[first] - times[0], samples[some], lengths[some]))
    return b"".join(parts)


def _clip() -> bytes:
    return _message({1: {1: {1: PROTOCOL.encode(), 5: SERIAL.encode(), 10: PRODUCT.encode()}}})


def _frame(row: Row) -> bytes:
    place = {2: math.radians(row.lat_deg), 3: math.radians(row.lon_deg)} if row.level else {2: 0.0, 3: 0.0}
    stamp = f"{row.time:%Y-%m-%d %H-%M-%S}".encode()
    gps = {1: place, 2: round(row.amsl_m * 1000), 3: 0 if row.level else INVALID, 6: {1: stamp}}
    height = struct.pack("<f", row.height_m * 1000)
    pitch, roll, yaw = GIMBAL
    frame = {1: {1: row.number, 2: round(row.elapsed_s * 1e6)},
             3: {4: gps, 5: {1: height, 2: 1}}, 4: {3: {1: pitch, 2: roll, 3: yaw}}}  # fmt: skip
    return _message({3: frame}, single=(3, 3, 5, 1))


def _message(fields: dict, single: tuple[int, ...] = (), path: tuple[int, ...] = ()) -> bytes:
    """Proto3: integers as varints without zeros, floats as doubles, bytes, messages; `single` is a 4-byte float."""
    parts = []
    for number, value in fields.items():
        here = (*path, number)
        if isinstance(value, dict):
            value = _message(value, single, here)
        if here == single:
            parts.append(_varint(number << 3 | 5) + value)
        elif isinstance(value, float):
            parts.append(_varint(number << 3 | 1) + struct.pack("<d", value))
        elif isinstance(value, bytes):
            parts.append(_varint(number << 3 | 2) + _varint(len(value)) + value)
        elif value:
            parts.append(_varint(number << 3) + _varint(value))
    return b"".join(parts)


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def _moov(created: int) -> bytes:
    """One track without samples of its own; times in milliseconds."""
    head = struct.pack(">IIII", created, created, 1000, 0)
    empty = [_full(kind, struct.pack(">I", 0)) for kind in (b"stts", b"stsc", b"stco")]
    stsd = _full(b"stsd", struct.pack(">I", 1), _box(b"djmd", bytes(6), struct.pack(">H", 1)))
    table = _box(b"stbl", stsd, *empty, _full(b"stsz", struct.pack(">II", 0, 0)))
    handler = _full(b"hdlr", bytes(4), b"meta", bytes(12), b"DJI meta\0")
    media = _box(b"mdia", _full(b"mdhd", head, bytes(4)), handler, _box(b"minf", table))
    track = _full(b"tkhd", struct.pack(">IIII", created, created, 1, 0), bytes(68))
    more = _box(b"mvex", _full(b"trex", struct.pack(">IIIII", 1, 1, SAMPLE_MS, 0, 0)))
    return _box(b"moov", _full(b"mvhd", head, bytes(80)), _box(b"trak", track, media), more)


def _fragment(number: int, begin_ms: int, samples: list[bytes], lengths_ms: list[int]) -> bytes:
    """The table of some samples, and the samples; they begin behind the table and the head of their box."""
    table = b"".join(struct.pack(">II", ms, len(one)) for ms, one in zip(lengths_ms, samples, strict=True))

    def moof(start: int) -> bytes:
        run = _full(b"trun", struct.pack(">Ii", len(samples), start), table, flags=DATA_OFFSET | DURATIONS | SIZES)
        traf = _box(
            b"traf",
            _full(b"tfhd", struct.pack(">I", 1), flags=FROM_MOOF),
            _full(b"tfdt", struct.pack(">I", begin_ms)),
            run,
        )
        return _box(b"moof", _full(b"mfhd", struct.pack(">I", number + 1)), traf)

    return moof(len(moof(0)) + 8) + _box(b"mdat", *samples)
