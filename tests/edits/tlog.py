"""MAVLink streams taken apart: a stamp (not in raw streams), a frame of version 1 or 2; checksums and numbers renewed.

The definitions are pymavlink's. In a record the payload has its full length, the sequence number is the step from the
last message of its sender, and the checksum is its difference from the right one: 0, but where a relay shortened a
message or its definition is another (CRCs are linear, so the difference stays). `finish` undoes all three. Signatures
are left out.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from functools import cache

import numpy as np

from tests.edits.editable import ESTIMATE, OTHER, RECEIVER, Bools, Column, Editable, Ints, binary_column, without_fix

_POSITION = {"lat": ("lat", 1e7), "lon": ("lon", 1e7), "alt": ("height", 1e3)}
_FIX = {
    **_POSITION,
    "alt_ellipsoid": ("height", 1e3),
    "vel": ("speed", 100),
    "cog": ("course", 100),
    "fix_type": ("fix", 1),
}
_NED = {"vx": "v_north", "vy": "v_east", "vz": "v_down"}
_FIELDS: dict[str, tuple[str, dict[str, tuple[str, float]]]] = {
    "GPS_RAW_INT": (RECEIVER, _FIX),
    "GPS2_RAW": (RECEIVER, _FIX),
    "GLOBAL_POSITION_INT": (
        ESTIMATE,
        {**_POSITION, "relative_alt": ("height", 1e3), **{name: (what, 100) for name, what in _NED.items()}},
    ),
    "LOCAL_POSITION_NED": (
        ESTIMATE,
        {"x": ("north", 1), "y": ("east", 1), "z": ("height", -1), **{name: (what, 1) for name, what in _NED.items()}},
    ),
    "AHRS2": (ESTIMATE, {"lat": ("lat", 1e7), "lng": ("lon", 1e7), "altitude": ("height", 1)}),
    "AHRS3": (ESTIMATE, {"lat": ("lat", 1e7), "lng": ("lon", 1e7), "altitude": ("height", 1)}),
    "VFR_HUD": (ESTIMATE, {"alt": ("height", 1), "groundspeed": ("speed", 1)}),
}  # fmt: skip
_CLOCKS = {"time_boot_ms": ("boot", 1e3), "time_unix_usec": ("gnss", 1e6)}


@cache
def _map() -> dict[int, type]:
    from pymavlink.dialects.v20 import all as dialect

    return dict(dialect.mavlink_map)


@cache
def _layout(msg_id: int) -> tuple[str, int, int, dict[str, tuple[int, str]]]:
    """Name, checksum byte, full length, and place and type of each field of a message."""
    message = _map()[msg_id]
    fields, at = {}, 0
    codes = {
        "d": "<f8",
        "q": "<i8",
        "Q": "<u8",
        "f": "<f4",
        "i": "<i4",
        "I": "<u4",
        "h": "<i2",
        "H": "<u2",
        "b": "i1",
        "B": "u1",
        "c": "u1",
        "s": "u1",
    }
    kinds = [code for code in message.native_format.decode() if code in codes]
    for name, kind, count in zip(message.ordered_fieldnames, kinds, message.array_lengths, strict=True):
        fields[name] = at, codes[kind]
        at += np.dtype(codes[kind]).itemsize * max(count, 1)
    return message.msgname, message.crc_extra, at, fields


def parse(data: bytes) -> Editable | None:
    """Take a stamped log or a raw stream apart; None where it is not whole."""
    stamp = 0 if data[:1] in (b"\xfd", b"\xfe") else 8
    records: list[bytes] = []
    originals: list[bytes] = []
    last: dict[tuple[int, int], int] = {}
    by_id: dict[tuple[int, int, int], list[int]] = {}
    at = 0
    while at + stamp + 8 <= len(data):
        frame = at + stamp
        first = data[frame] == 0xFE
        if not first and data[frame] != 0xFD:
            return None
        head = 6 if first else 10
        length = data[frame + 1]
        end = frame + head + length + 2
        signed = not first and data[frame + 2] & 1
        if end + 13 * signed > len(data):
            break
        msg_id = data[frame + 5] if first else int.from_bytes(data[frame + 7 : frame + 10], "little")
        sender = (data[frame + 3], data[frame + 4]) if first else (data[frame + 5], data[frame + 6])
        payload = data[frame + head : frame + head + length]
        header = bytearray(data[at : frame + head])
        original = bytearray(data[at:end])
        original[stamp + 2] &= 0xFF if first else 0xFE
        originals.append(bytes(original))
        number = stamp + (2 if first else 4)
        if sender in last:
            step = (header[number] - last[sender]) % 256
            last[sender], header[number] = header[number], step
        else:
            last[sender] = header[number]
        if signed:
            header[stamp + 2] &= 0xFE
        if msg_id in _map():
            if not first:
                payload = payload.ljust(_layout(msg_id)[2], b"\0")
            by_id.setdefault((msg_id, sender[0] << 8 | sender[1], head), []).append(len(records))
        records.append(bytes(header) + payload + data[end - 2 : end])
        at = end + 13 * signed
    if not records:
        return None
    bodies = [record[:-2] for record in originals]
    records = [
        record[:-2] + struct.pack("<H", struct.unpack("<H", record[-2:])[0] ^ right)
        for record, right in zip(records, _sums(bodies, stamp), strict=True)
    ]
    columns = [
        column for (msg_id, sender, head), rows in by_id.items()
        for column in _columns(msg_id, sender, stamp + head, np.array(rows, np.int64), records)
    ]  # fmt: skip
    if stamp:
        every = np.arange(len(records), dtype=np.int64)
        columns.append(binary_column("clock", "host", "stamp", every, records, 0, ">u8", 1e6, is_axis=True))
    known = ((id(record), (record, bytes(original))) for record, original in zip(records, originals, strict=True))
    names = {_layout(msg_id)[0] for msg_id, *_ in by_id}
    told = {
        "imu": {"RAW_IMU", "SCALED_IMU", "SCALED_IMU2", "HIGHRES_IMU"}, "attitude": {"ATTITUDE"},
        "baro": {"SCALED_PRESSURE", "HIGHRES_IMU"},
    }  # fmt: skip
    holds = frozenset(what for what, mine in told.items() if names & mine)
    fixed = np.zeros(len(records), bool)
    return Editable(
        "tlog", records, fixed, without_fix(columns), _Finish(stamp, data[at:], dict(known)), _second_system, holds
    )


def _columns(msg_id: int, sender: int, head: int, rows: Ints, records: list[bytes]) -> list[Column]:
    name, _, _, fields = _layout(msg_id)
    shortest = min(len(records[row]) for row in rows.tolist()) - head - 2
    found = []

    def column(what: str, source: str, field: str, scale: float, *, is_axis: bool = False) -> None:
        at, dtype = fields[field]
        if at + np.dtype(dtype).itemsize <= shortest:
            label = f"{name}.{sender}"
            found.append(binary_column(what, source, label, rows, records, head + at, dtype, scale, is_axis=is_axis))

    for field, (source, scale) in _CLOCKS.items():
        if field in fields:
            column("clock", source, field, scale, is_axis=source == "boot" and head < 12)
    source, names = _FIELDS.get(name, (OTHER, {}))
    for field, (what, scale) in names.items():
        column(what, source, field, scale)
    if name == "HEARTBEAT" and sender >> 8 not in (255, 0):
        column("base_mode", OTHER, "base_mode", 1)
    if source == RECEIVER and "time_usec" in fields:
        column("clock", "boot", "time_usec", 1e6)
        if float(np.median(found[-1].values)) > 1e9:
            found[-1].source = "gnss"
    return found


class _Finish:
    """Cuts trailing zeros, numbers the messages of each sender, and renews the checksums."""

    def __init__(self, stamp: int, tail: bytes, known: dict[int, tuple[bytes, bytes]]) -> None:
        self.stamp, self.tail = stamp, tail
        self._known = known  # what was not changed and keeps its number, as it stood

    def __call__(self, records: list[bytes]) -> bytes:
        stamp = self.stamp
        number: dict[bytes, int] = {}
        parts: list[bytes] = []
        anew: list[int] = []
        for record in records:
            is_first = record[stamp] == 0xFE
            sender = record[stamp + 3 : stamp + 5] if is_first else record[stamp + 5 : stamp + 7]
            place = stamp + (2 if is_first else 4)
            number[sender] = (number.get(sender, 0) + record[place]) % 256
            _, original = self._known.get(id(record), (b"", b""))
            if original and original[place] == number[sender]:
                parts.append(original)
                continue
            out = bytearray(record[:-2] if is_first else _shortened(record, stamp))
            out[place] = number[sender]
            anew.append(len(parts))
            parts.append(bytes(out))
        for i, right in zip(anew, _sums([parts[i] for i in anew], stamp), strict=True):
            parts[i] += struct.pack("<H", right ^ struct.unpack("<H", records[i][-2:])[0])
        return b"".join(parts) + self.tail


def _shortened(record: bytes, stamp: int) -> bytes:
    """A record of MAVLink 2 without checksum and without the zeros at the end of its payload."""
    header, payload = bytearray(record[: stamp + 10]), record[stamp + 10 : -2]
    length = min(max(header[stamp + 1], len(payload.rstrip(b"\0")), 1), len(payload))
    header[stamp + 1] = length
    return bytes(header) + payload[:length]


def _sums(bodies: list[bytes], stamp: int) -> list[int]:
    """The checksums (CRC-16/MCRF4XX over all but stamp and magic, and the definition's byte)."""
    sums = [0] * len(bodies)
    by_length: dict[int, list[int]] = {}
    for i, body in enumerate(bodies):
        by_length.setdefault(len(body), []).append(i)
    for length, mine in by_length.items():
        table = np.frombuffer(b"".join(bodies[i] for i in mine), np.uint8).reshape(-1, length)
        crc = np.full(len(mine), 0xFFFF, np.uint16)
        for at in range(stamp + 1, length):
            crc = _crc_step(crc, table[:, at])
        extra = np.array([_extra(bodies[i], stamp) for i in mine], np.uint8)
        for i, value in zip(mine, _crc_step(crc, extra).tolist(), strict=True):
            sums[i] = value
    return sums


def _extra(body: bytes, at: int) -> int:
    msg_id = body[at + 5] if body[at] == 0xFE else int.from_bytes(body[at + 7 : at + 10], "little")
    return _layout(msg_id)[1] if msg_id in _map() else 0


def _crc_step(crc: np.ndarray, byte: np.ndarray) -> np.ndarray:
    low = byte ^ (crc & 0xFF).astype(np.uint8)
    low = low ^ (low << np.uint8(4))
    wide = low.astype(np.uint16)
    return (crc >> np.uint16(8)) ^ (wide << np.uint16(8)) ^ (wide << np.uint16(3)) ^ (wide >> np.uint16(4))


def _second_system(log: Editable, chosen: Bools) -> Editable | None:
    """Give the aircraft's records that are chosen to another system."""
    stamp = log.finish.stamp  # type: ignore[attr-defined]
    out = replace(log.copy(), records=list(log.records))
    count = 0
    for i in np.flatnonzero(chosen).tolist():
        record = bytearray(out.records[i])
        place = stamp + (3 if record[stamp] == 0xFE else 5)
        if record[place] not in (255, 0):
            record[place] = record[place] + 1
            out.records[i] = bytes(record)
            count += 1
    return out if count else None
