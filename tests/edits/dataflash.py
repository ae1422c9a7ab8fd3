"""DataFlash taken apart: the binary form (A3 95, kind, fields by FMT) and the text that tools make of it."""

from __future__ import annotations

import re
import struct

import numpy as np

from tests.edits.editable import (
    ESTIMATE,
    OTHER,
    RECEIVER,
    Bools,
    Column,
    Editable,
    Ints,
    binary_column,
    text_column,
    text_writer,
    without_fix,
)  # fmt: skip

_CODES = {
    "a": ("64B", 0), "b": ("<i1", 1), "B": ("u1", 1), "h": ("<i2", 1), "H": ("<u2", 1), "i": ("<i4", 1),
    "I": ("<u4", 1), "f": ("<f4", 1), "d": ("<f8", 1), "n": ("4B", 0), "N": ("16B", 0), "Z": ("64B", 0),
    "c": ("<i2", 100), "C": ("<u2", 100), "e": ("<i4", 100), "E": ("<u4", 100), "L": ("<i4", 1e7), "M": ("u1", 1),
    "q": ("<i8", 1), "Q": ("<u8", 1), "g": ("<f2", 1),
}  # fmt: skip
_RECEIVERS = ("GPS", "GPS2", "GPSB")
_ESTIMATES = ("POS", "AHR2", "GPOS", "XKF1", "NKF1", "EKF1", "NKF6", "LPOS")
_MEANING = {
    "Lat": "lat", "Lng": "lon", "Lon": "lon", "Alt": "height", "RelAlt": "height", "RelHomeAlt": "height",
    "RelOriginAlt": "height", "VN": "v_north", "VE": "v_east", "VD": "v_down", "VelN": "v_north", "VelE": "v_east",
    "VelD": "v_down", "PN": "north", "PE": "east", "PD": "down", "Spd": "speed", "GCrs": "course",
    "VZ": "v_down", "Status": "fix", "Fix": "fix",
}  # fmt: skip
_CLOCKS = {"TimeUS": 1e6, "TimeMS": 1e3}


def _places(codes: str) -> list[tuple[int, str, float]]:
    """Place, type and scale of each field; scale 0 is no number."""
    found, at = [], 3
    for code in codes:
        kind, scale = _CODES[code]
        size = int(kind[:-1]) if kind.endswith("B") else np.dtype(kind).itemsize
        found.append((at, kind, float(scale)))
        at += size
    return found


def parse(data: bytes) -> Editable | None:
    """Take a binary file apart; None where it is not whole."""
    lengths, formats = {128: 89}, {}
    records: list[bytes] = []
    at = 0
    while at + 3 <= len(data):
        kind = data[at + 2]
        if data[at : at + 2] != b"\xa3\x95" or kind not in lengths or at + lengths[kind] > len(data):
            break
        record = data[at : at + lengths[kind]]
        if kind == 128:
            lengths[record[3]] = record[4]
            name, codes, labels = (part.rstrip(b"\0").decode() for part in struct.unpack_from("4s16s64s", record, 5))
            if any(code not in _CODES for code in codes):
                return None
            formats[record[3]] = name, codes, labels.split(",")
        records.append(record)
        at += len(record)
    if len(data) - at > 0.02 * len(data):
        return None
    by_kind: dict[int, list[int]] = {}
    for row, record in enumerate(records):
        by_kind.setdefault(record[2], []).append(row)
    if at < len(data):
        records.append(data[at:])  # torn, or filled up: as it is
    columns: list[Column] = []
    for kind, rows in by_kind.items():
        if kind in formats:
            name, codes, labels = formats[kind]
            columns += _binary(name, labels, _places(codes), np.array(rows, np.int64), records)
    names = {kind: name for kind, (name, *_) in formats.items()}
    fixed = [
        len(record) < 3 or record[2] == 128 or names.get(record[2]) in ("PARM", "FMTU", "UNIT", "MULT")
        for record in records
    ]
    holds = _holds({names[kind] for kind in by_kind if kind in names})
    return Editable("dataflash", records, np.array(fixed), without_fix(columns), relabel=_second_receiver, holds=holds)


def _holds(names: set[str]) -> frozenset[str]:
    """What else the log records, that positions can be held against."""
    told = {"imu": {"IMU"}, "attitude": {"ATT"}, "baro": {"BARO", "CTUN", "SENS"}}
    return frozenset(what for what, mine in told.items() if names & mine)


def _meanings(name: str, labels: list[str]) -> list[tuple[str, str, str, float, bool]]:
    """What the columns of a record mean: kind, source, label, figure as written by SI value, whether it is the axis."""
    found = []
    clock = _boot_clock(name, labels)
    if clock:
        found.append(("clock", "boot", clock, 1e6 if clock in ("TimeUS", "StartTime") else 1e3, True))
    if name in _RECEIVERS:
        satellite = {"GMS": 1e3, "GPSTime": 1e6} | ({"TimeMS": 1e3} if "Week" in labels else {})
        found += [("clock", "gnss", label, scale, False) for label, scale in satellite.items() if label in labels]
        found += [("week", "gnss", label, 1.0, False) for label in ("GWk", "Week") if label in labels]
        found += [("instance", RECEIVER, "I", 1.0, False)] if "I" in labels else []
    if name in (*_RECEIVERS, *_ESTIMATES):
        source = RECEIVER if name in _RECEIVERS else ESTIMATE
        for label in labels:
            what = _MEANING.get(label)
            if what:
                is_down = what == "down"
                found.append(("height" if is_down else what, source, label, -1.0 if is_down else 1.0, False))
    if name == "ARM" and "ArmState" in labels:
        found.append(("armed", OTHER, "ArmState", 1.0, False))
    if name == "EV" and "Id" in labels:
        found.append(("event", OTHER, "Id", 1.0, False))
    return found


def _boot_clock(name: str, labels: list[str]) -> str:
    """The field that tells the time since power-up; of old receivers' records it is T."""
    if name in _RECEIVERS and "Week" in labels:
        return "T" if "T" in labels else ""
    return next((label for label in (*_CLOCKS, *(("StartTime",) if name == "TIME" else ())) if label in labels), "")


def _binary(
    name: str, labels: list[str], places: list[tuple[int, str, float]], rows: Ints, records: list[bytes]
) -> list[Column]:
    fields = dict(zip(labels, places, strict=False))
    found = []
    for what, source, label, factor, is_axis in _meanings(name, labels):
        at, dtype, scale = fields[label]
        if scale:
            found.append(binary_column(what, source, name, rows, records, at, dtype, scale * factor, is_axis=is_axis))
    return found


def _second_receiver(log: Editable, chosen: Bools) -> Editable | None:
    """Give the receiver's records that are chosen to a second instance."""
    out = log.copy()
    columns = out.of("instance")
    for column in columns:
        column.values[chosen[column.rows]] += 1
    return out if columns else None


# ---- the text form

_CELL = re.compile(rb"[^,\r\n]+")


def parse_text(data: bytes) -> Editable | None:
    """Take a text file apart: lines of "NAME, value, ...", whose FMT lines name the columns."""
    records = data.splitlines(keepends=True)
    labels: dict[str, list[str]] = {}
    by_name: dict[str, list[int]] = {}
    cells: list[list[tuple[int, int]]] = []
    for row, record in enumerate(records):
        spans = []
        for match in _CELL.finditer(record):
            begin = match.start() + len(match[0]) - len(match[0].lstrip())
            spans.append((begin, match.start() + len(match[0].rstrip())))
        cells.append(spans)
        name = record[slice(*spans[0])].decode("latin-1") if spans else ""
        if name == "FMT" and len(spans) > 5:
            texts = [record[slice(*span)].decode("latin-1") for span in spans]
            labels[texts[3]] = texts[5:]
        elif name in labels:
            by_name.setdefault(name, []).append(row)
    if not by_name:
        return None
    columns: list[Column] = []
    for name, rows in by_name.items():
        columns += _texts(name, labels[name], rows, cells, records)
    fixed = np.array(
        [
            record[:3] == b"FMT" or record[:4] == b"PARM" or not spans
            for record, spans in zip(records, cells, strict=True)
        ]
    )
    return Editable(
        "dataflash text", records, fixed, without_fix(columns), relabel=_second_receiver, holds=_holds(set(by_name))
    )


def _texts(
    name: str, labels: list[str], rows: list[int], cells: list[list[tuple[int, int]]], records: list[bytes]
) -> list[Column]:  # fmt: skip
    found = []
    for what, source, label, scale, is_axis in _meanings(name, labels):
        place = labels.index(label) + 1
        table = []
        for row in rows:
            if place < len(cells[row]):
                begin, end = cells[row][place]
                try:
                    table.append((row, begin, end, float(records[row][begin:end]) / scale))
                except ValueError:
                    continue
        if table:
            found.append(text_column(what, source, name, table, text_writer(scale), is_axis=is_axis))
    return found
