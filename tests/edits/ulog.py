"""ULog taken apart: a file header, then messages of size (u16), kind (u8), content; data by the formats it defines."""

from __future__ import annotations

import re
import struct
from dataclasses import replace

import numpy as np

from tests.edits.editable import ESTIMATE, OTHER, RECEIVER, Bools, Column, Editable, Ints, binary_column, without_fix

_TYPES = {
    "int8_t": "i1", "uint8_t": "u1", "int16_t": "<i2", "uint16_t": "<u2", "int32_t": "<i4", "uint32_t": "<u4",
    "int64_t": "<i8", "uint64_t": "<u8", "float": "<f4", "double": "<f8", "bool": "u1", "char": "u1",
}  # fmt: skip
_RECEIVERS = ("vehicle_gps_position", "sensor_gps")
_ESTIMATES = (
    "vehicle_global_position", "vehicle_local_position", "estimator_global_position", "estimator_local_position",
)  # fmt: skip
_GLOBAL = {
    "lat": "lat", "latitude_deg": "lat", "lon": "lon", "longitude_deg": "lon", "alt": "height",
    "alt_ellipsoid": "height", "altitude_msl_m": "height", "altitude_ellipsoid_m": "height", "vel_n_m_s": "v_north",
    "vel_n": "v_north", "vel_e_m_s": "v_east", "vel_e": "v_east", "vel_d_m_s": "v_down", "vel_d": "v_down",
    "vel_m_s": "speed", "cog_rad": "course", "fix_type": "fix",
}  # fmt: skip
_LOCAL = {"x": "north", "y": "east", "z": "height", "vx": "v_north", "vy": "v_east", "vz": "v_down"}
_FIELD = re.compile(r"(\w+)(?:\[(\d+)\])? (\w+)")


def _flat(formats: dict[str, str], topic: str, at: int = 0, prefix: str = "") -> tuple[dict[str, tuple[int, str]], int]:
    """Place and type of each field of a topic, by name, and where the next would stand."""
    found: dict[str, tuple[int, str]] = {}
    for text in filter(None, formats[topic].split(";")):
        match = _FIELD.fullmatch(text)
        assert match, text
        kind, count, name = match.groups()
        for number in range(int(count or 1)):
            label = prefix + name + (f"[{number}]" if count else "")
            if kind in _TYPES:
                found[label] = at, _TYPES[kind]
                at += np.dtype(_TYPES[kind]).itemsize
            else:
                inner, at = _flat(formats, kind, at, label + ".")
                found |= inner
    return found, at


def parse(data: bytes) -> Editable | None:
    """Take a file apart; None where data was appended to it, whose places the header states."""
    records, at = [data[:16]], 16
    while at + 3 <= len(data) and (size := 3 + struct.unpack_from("<H", data, at)[0]) + at <= len(data):
        records.append(data[at : at + size])
        at += size
    kinds = [chr(record[2]) if i else "" for i, record in enumerate(records)]
    if at < len(data):  # torn: as it is
        records.append(data[at:])
        kinds.append("")
    if any(
        kind == "B" and struct.unpack_from("<3Q", record, 19) != (0, 0, 0)
        for kind, record in zip(kinds, records, strict=True)
    ):
        return None
    formats, topics = {}, {}
    for kind, record in zip(kinds, records, strict=True):
        if kind == "F":
            name, _, text = record[3:].decode().partition(":")
            formats[name] = text
        elif kind == "A":
            topics[struct.unpack_from("<H", record, 4)[0]] = record[6:].decode(), record[3]
    fixed = np.array([kind not in ("D", "L", "C", "O", "S") for kind in kinds])
    columns: list[Column] = []
    by_id: dict[int, list[int]] = {}
    for row, kind in enumerate(kinds):
        if kind == "D":
            by_id.setdefault(struct.unpack_from("<H", records[row], 3)[0], []).append(row)
    for number, found in by_id.items():
        if number in topics:
            columns += _columns(*topics[number], formats, np.array(found, np.int64), records)
    for kind, place in (("L", 4), ("C", 6)):
        rows = np.array([row for row, this in enumerate(kinds) if this == kind], np.int64)
        if len(rows):
            columns.append(binary_column("clock", "boot", kind, rows, records, place, "<u8", 1e6, is_axis=True))
    names = {name for name, _ in topics.values()}
    told = {"imu": {"sensor_combined"}, "attitude": {"vehicle_attitude"}, "baro": {"vehicle_air_data"}}
    holds = frozenset(what for what, mine in told.items() if names & mine)
    return Editable("ulog", records, fixed, without_fix(columns), relabel=_second_instance, holds=holds)


def _columns(topic: str, instance: int, formats: dict[str, str], rows: Ints, records: list[bytes]) -> list[Column]:
    fields, _ = _flat(formats, topic)
    message = f"{topic}.{instance}"

    def column(what: str, source: str, name: str, scale: float, *, is_axis: bool = False) -> Column:
        at, dtype = fields[name]
        return binary_column(what, source, message, rows, records, 5 + at, dtype, scale, is_axis=is_axis)

    found = []
    for name, is_axis in (("timestamp", True), ("timestamp_sample", False)):
        if name in fields and fields[name][1] == "<u8":
            found.append(column("clock", "boot", name, 1e6, is_axis=is_axis))
    if "time_utc_usec" in fields and topic in _RECEIVERS:
        found.append(column("clock", "gnss", "time_utc_usec", 1e6))
    if topic == "vehicle_status" and "arming_state" in fields:
        found.append(column("armed", OTHER, "arming_state", 1.0))
    if topic in _RECEIVERS or topic in _ESTIMATES:
        source = RECEIVER if topic in _RECEIVERS else ESTIMATE
        names = _LOCAL if "local" in topic else _GLOBAL
        for name, what in names.items():
            if name not in fields:
                continue
            is_whole = fields[name][1][1] in "iu"
            scale = (1e7 if what in ("lat", "lon") else 1e3) if is_whole else 1.0
            scale = {"z": -1.0, "cog_rad": np.pi / 180, "fix_type": 1.0}.get(name, scale)
            found.append(column(what, source, name, scale))
    return found


def _second_instance(log: Editable, chosen: Bools) -> Editable | None:
    """Give the receiver's records that are chosen to a second receiver, subscribed behind the first."""
    out, ids = replace(log.copy(), records=list(log.records)), {}
    subscribed = [i for i, record in enumerate(out.records) if i and record[2] == ord("A")]
    used = {struct.unpack_from("<H", out.records[i], 4)[0] for i in subscribed}
    extra = []
    for i in subscribed:
        record = out.records[i]
        if record[6:].decode() in _RECEIVERS:
            ids[struct.unpack_from("<H", record, 4)[0]] = new = max(used) + 1
            used.add(new)
            extra.append((i, record[:3] + bytes([record[3] + 1]) + struct.pack("<H", new) + record[6:]))
    if not ids:
        return None
    for i in np.flatnonzero(chosen).tolist():
        record = out.records[i]
        if record[2] == ord("D") and (old := struct.unpack_from("<H", record, 3)[0]) in ids:
            out.records[i] = record[:3] + struct.pack("<H", ids[old]) + record[5:]
    for i, record in extra:  # behind the subscription that it repeats
        out.records[i] = out.records[i] + record
    return out
