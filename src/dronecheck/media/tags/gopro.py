"""What GoPro cameras say in GPMF: texts of the camera, and its positions by satellite.

GPS5, GPS9, GPSU, GPSF, GPSP, GPSA: github.com/gopro/gpmf-parser. A film made on a Karma drone holds the drone's own
messages, too: GLPI (position), GPRI (receiver) and SYST (clock), as MAVLink has them.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.containers.gpmf import GpmfItem, GpmfWalk, walk_gpmf
from dronecheck.containers.samples import FilmSamples
from dronecheck.containers.source import Bytes
from dronecheck.media.fields import Harvest
from dronecheck.media.tags.film_rows import film_track, thinned
from dronecheck.timebase import ns_of

__all__ = ["read_device", "read_gpmf_fields", "read_gpmf_payload", "read_gpmf_track"]

_DOP_AT_MOST = 500  # GPSP: dilution of precision times 100
_STAMP = re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,6})?", re.ASCII)
_DAY_ONE = datetime(2000, 1, 1, tzinfo=UTC)
_NUMBERS_SHOWN = 16
_READ_AT_MOST = 100_000  # positions of one film
_FIX_3D = 3
_DAYS_AT_MOST = 86_400.0  # since 2000, and seconds of a day
_FIRST_CLOCK_S, _LAST_CLOCK_S, _CLOCK_SPAN_S = 631_152_000, 7_258_118_400, 86_400.0


def read_gpmf_fields(harvest: Harvest, start: int, end: int, prefix: str) -> GpmfWalk:
    """Add what [start, end) says: texts and short numbers by value, long rows by place."""
    walk = walk_gpmf(harvest.data, start, end, prefix)
    if walk.broken is not None:
        harvest.broken_at(walk.broken)
    if walk.is_too_deep:
        harvest.capped_at(start)
    for item in walk.items:
        if item.kind == b"\0":
            continue
        value: object = None
        if item.kind in (b"c", b"U", b"F", b"G"):
            value = item.text(harvest.data) if item.kind != b"G" else bytes(harvest.data[item.offset :][:16]).hex()
        elif item.length <= 8 * _NUMBERS_SHOWN:
            numbers = item.numbers(harvest.data).ravel()
            value = float(numbers[0]) if len(numbers) == 1 else tuple(numbers.tolist()) or None
        harvest.add(item.path, value, item.offset, item.length)
    return walk


@dataclass(slots=True)
class _GoproRows:
    lat: list[float] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    alt_m: list[float] = field(default_factory=list)
    home_m: list[float] = field(default_factory=list)
    time_s: list[float] = field(default_factory=list)
    usable: list[bool] = field(default_factory=list)
    amsl: list[bool | None] = field(default_factory=list)  # None: the datum is not known
    utc_ns: list[int] = field(default_factory=list)  # 0 unknown
    offset: list[int] = field(default_factory=list)
    length: list[int] = field(default_factory=list)
    worst_dop: float = 0.0  # of the rows that are usable


def read_gpmf_track(harvest: Harvest, samples: FilmSamples, prefix: str) -> None:
    """Add the fields of the first payload, and the track of all: each row of positions between two payloads' times."""
    _read_track(harvest, samples, prefix, with_fields=True)


def _read_track(harvest: Harvest, samples: FilmSamples, prefix: str, *, with_fields: bool) -> None:
    data, rows = harvest.data, _GoproRows()
    ends_s = np.append(samples.time_s[1:], np.nan)
    for number in thinned(samples):
        start, length = int(samples.offset[number]), int(samples.length[number])
        path = f"{prefix}/sample[{number}]"
        if number == 0 and with_fields:
            walk = read_gpmf_fields(harvest, start, start + length, path)
        else:
            walk = walk_gpmf(data, start, start + length, path)
        span_s = float(ends_s[number] - samples.time_s[number])
        span_s = span_s if math.isfinite(span_s) else 1.0
        for stream in _streams(walk):
            if len(rows.lat) < _READ_AT_MOST:
                _read_stream(data, stream, float(samples.time_s[number]), span_s, rows)
                harvest.worst_dop = max(harvest.worst_dop, rows.worst_dop)
    if not rows.lat:
        return
    is_amsl = np.array([one is True for one in rows.amsl])
    is_hae = np.array([one is False for one in rows.amsl])
    alt_m = np.array(rows.alt_m)
    harvest.films.append(
        film_track(
            prefix, rows.time_s, rows.lat, rows.lon, rows.offset, rows.length,
            is_usable=np.array(rows.usable),
            utc_ns=rows.utc_ns if all(rows.utc_ns) else None,
            home_m=rows.home_m,
            amsl_m=np.where(is_amsl, alt_m, np.nan),
            hae_m=np.where(is_hae, alt_m, np.nan),
        )
    )  # fmt: skip


def read_gpmf_payload(harvest: Harvest) -> None:
    """Add the track of a file that is one payload by itself."""
    whole = FilmSamples(np.zeros(1, np.int64), np.array([len(harvest.data)], np.int64), np.zeros(1), False)
    _read_track(harvest, whole, "", with_fields=False)


def _streams(walk: GpmfWalk) -> Iterator[dict[str, GpmfItem]]:
    """Give the items of each container that holds positions, by key; the drone's clock beside its receiver."""
    groups: dict[int, dict[str, GpmfItem]] = defaultdict(dict)
    for item in walk.items:
        groups[item.container].setdefault(item.key, item)
    own = next((group for group in groups.values() if "SYST" in group), {})
    clock, layout, scale = own.get("SYST"), own.get("TYPE"), own.get("SCAL")
    raw = next((group for group in groups.values() if "GPRI" in group), {})
    receiver = {"GPRI": raw.get("GPRI"), "GPRI TYPE": raw.get("TYPE")}
    has_own = any(key in group for group in groups.values() for key in ("GPS5", "GPS9"))
    for group in groups.values():
        if "GPS5" in group or "GPS9" in group:
            yield group
        elif "GLPI" in group and not has_own:
            beside = {"SYST": clock, "SYST TYPE": layout, "SYST SCAL": scale, **receiver}
            yield {**group, **{key: item for key, item in beside.items() if item is not None}}


def _read_stream(data: Bytes, group: dict[str, GpmfItem], begin_s: float, span_s: float, rows: _GoproRows) -> None:
    item = group.get("GPS9") or group.get("GPS5") or group["GLPI"]
    layout = group["TYPE"].text(data) if "TYPE" in group else ""
    table, scale = item.numbers(data, layout), group["SCAL"].numbers(data).ravel() if "SCAL" in group else np.ones(1)
    if table.ndim != 2 or not len(table) or table.shape[1] < (5 if item.key != "GPS9" else 9) or 0 in scale:
        return
    if len(scale) not in (1, table.shape[1]):
        return
    table = table / scale
    count = len(table)
    fix = _number(data, group.get("GPSF"), math.nan)
    dop = _number(data, group.get("GPSP"), math.nan)
    home_m = np.full(count, np.nan)
    datum: bool | None = True
    if item.key == "GLPI":  # boot s, degrees, degrees, metres above the sea, metres above the take-off
        lat, lon, alt_m, home_m = table[:, 1], table[:, 2], table[:, 3], table[:, 4]
        is_fixed, utc_ns = np.full(count, _has_fix(data, group)), _drone_clock(data, group, table[:, 0])
    elif item.key == "GPS9":
        lat, lon, alt_m, is_fixed = table[:, 0], table[:, 1], table[:, 2], (table[:, 8] >= 2) & (table[:, 7] <= 5)
        days, seconds = np.nan_to_num(np.clip(table[:, 5:7], 0, _DAYS_AT_MOST)).T
        millis = np.round((days * 86_400 + seconds) * 1000).astype(np.int64)
        utc_ns = (ns_of(_DAY_ONE) + millis * 10**6).tolist()
        datum = _is_amsl(data, group)
    else:
        lat, lon, alt_m = table[:, 0], table[:, 1], table[:, 2]
        is_fixed = np.full(count, fix >= 2 and not dop > _DOP_AT_MOST)  # without its word there is no fix
        utc_ns, datum = _stamp_clock(data, group.get("GPSU"), count, span_s), _is_amsl(data, group)
    if item.key != "GLPI" and is_fixed.any():
        dops = table[is_fixed, 7] if item.key == "GPS9" else np.array([dop / 100])
        rows.worst_dop = max(rows.worst_dop, float(np.nan_to_num(dops).max()))
    rows.lat += lat.tolist()
    rows.lon += lon.tolist()
    rows.alt_m += alt_m.tolist()
    rows.home_m += home_m.tolist()
    rows.usable += is_fixed.tolist()
    rows.time_s += (begin_s + np.arange(count, dtype=np.int64) * span_s / count).tolist()
    rows.amsl += [datum] * count
    rows.utc_ns += utc_ns
    rows.offset += (item.offset + np.arange(count, dtype=np.int64) * item.structure).tolist()
    rows.length += [item.structure] * count


def _is_amsl(data: Bytes, group: dict[str, GpmfItem]) -> bool | None:
    """Tell the datum of the heights: above the sea if GPSA says so, else above the ellipsoid."""
    return group["GPSA"].text(data) == "MSLV" if "GPSA" in group else None


def _number(data: Bytes, item: GpmfItem | None, default: float) -> float:
    values: Floats = item.numbers(data).ravel() if item is not None else np.zeros(0)
    return float(values[0]) if len(values) else default


def _stamp_clock(data: Bytes, item: GpmfItem | None, count: int, span_s: float) -> list[int]:
    found = _STAMP.match(item.text(data)) if item is not None else None
    if not found:
        return [0] * count
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    try:
        moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return [0] * count
    begin_ns = ns_of(moment + timedelta(seconds=float(found[7] or 0)))
    return [begin_ns + round(row * span_s / count * 1e9) for row in range(count)]


def _has_fix(data: Bytes, group: dict[str, GpmfItem]) -> bool:
    """Tell whether the drone's receiver had a fix in all of a payload; without its word there is none."""
    if "GPRI" not in group or "GPRI TYPE" not in group:
        return False
    table = group["GPRI"].numbers(data, group["GPRI TYPE"].text(data))
    return bool(table.size) and table.shape[1] >= 9 and bool(np.all(table[:, 8] >= _FIX_3D))


def _drone_clock(data: Bytes, group: dict[str, GpmfItem], boot_s: Floats) -> list[int]:
    """Return UTC of rows by the drone's clock, which says it once a payload for a time since power-up; 0 unknown."""
    if not {"SYST", "SYST TYPE", "SYST SCAL"} <= group.keys():
        return [0] * len(boot_s)
    table = group["SYST"].numbers(data, group["SYST TYPE"].text(data))
    scale = group["SYST SCAL"].numbers(data).ravel()
    if table.shape[1:] != (2,) or scale.shape != (2,) or 0 in scale:
        return [0] * len(boot_s)
    since_boot_s, utc_s = (table[0] / scale).tolist()
    if not _FIRST_CLOCK_S < utc_s < _LAST_CLOCK_S:
        return [0] * len(boot_s)
    elapsed_s = np.clip(np.nan_to_num(boot_s - since_boot_s), -_CLOCK_SPAN_S, _CLOCK_SPAN_S)
    return [round(utc_s * 1e9) + round(one * 1e9) for one in elapsed_s.tolist()]


def read_device(harvest: Harvest, samples: FilmSamples, prefix: str) -> None:
    """Add what GoPro's `fdsc` track says of the camera: firmware, serial and model at fixed places of its samples."""
    for number in range(min(len(samples), 16)):
        at = int(samples.offset[number])
        block = bytes(harvest.data[at : at + min(int(samples.length[number]), 160)])
        if block[:4] != b"GPRO":
            continue
        for name, place, size in (("Firmware", 8, 15), ("SerialNumber", 87, 15), ("MINF", 102, 16)):
            text = block[place : place + size].partition(b"\0")[0].decode("latin-1").strip()
            if text.isprintable() and text:
                harvest.add(f"{prefix}/sample[{number}]/{name}", text, at + place, len(text))
