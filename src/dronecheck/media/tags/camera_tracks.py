"""Camera tracks of fixed layout: Google's `camm`, Parrot's `mett`, and the trailer of Insta360 films.

camm: developers.google.com/streetview/publish/camm-spec. mett: developer.parrot.com/docs/pdraw/metadata.html. Insta360:
exiftool's QuickTimeStream (numbers only).
"""

from __future__ import annotations

import math
import struct

import numpy as np

from dronecheck.containers.protobuf import Path, ProtoField, walk_message
from dronecheck.containers.samples import FilmSamples
from dronecheck.media.fields import Harvest
from dronecheck.media.tags.film_rows import ROWS_AT_MOST, film_track, thinned

__all__ = ["insta360_start", "read_camm", "read_insta360", "read_mett"]

_CAMM_PLACE, _CAMM_FIX = 5, 6
_METT = {  # latitude at, longitude at, steps a degree, height above take-off at
    b"P1": (28, 32, 1 << 20, 40), b"P2": (8, 12, 1 << 22, None), b"P3": (8, 12, 1 << 22, None),
}  # fmt: skip
_VMETA_LOCATIONS: tuple[Path, ...] = ((2, 13), (1, 2))  # of the camera, of the drone
_VMETA_MESSAGES = frozenset(((1,), (2,), *_VMETA_LOCATIONS))
_VMETA_AT_MOST_BYTES, _LAST_MICROSECOND = 1 << 20, 7_258_118_400_000_000
_INSTA_MARK = b"8db42d694ccc418790edff439fe026bf"
_INSTA_FIX_SIZE = struct.calcsize("<QHcdcdc")
_INSTA_TAIL_BYTES, _INSTA_RECORDS_AT_MOST, _INSTA_FIX_BYTES = 78, 1_000, 53
_INSTA_INFO, _INSTA_PREVIEW, _INSTA_GPS = 0x101, 0x200, 0x700
_INSTA_NAMES = {1: "Serial", 2: "Model", 3: "Firmware", 7: "Created"}


def read_camm(harvest: Harvest, samples: FilmSamples, prefix: str) -> None:
    """Add the positions of a `camm` track: packets of type 5, and of type 6 with a fix; its heights name no datum."""
    rows: list[tuple[float, float, float, bool, int, int]] = []
    for number in thinned(samples):
        at, length = int(samples.offset[number]), int(samples.length[number])
        packet = bytes(harvest.data[at : at + min(length, 64)])
        kind = struct.unpack_from("<H", packet, 2)[0] if len(packet) >= 4 else 0
        time_s = float(samples.time_s[number])
        if kind == _CAMM_PLACE and len(packet) >= 28:
            rows.append((time_s, *struct.unpack_from("<dd", packet, 4), True, at + 4, 24))
        elif kind == _CAMM_FIX and len(packet) >= 60:
            fix, lat_deg, lon_deg = struct.unpack_from("<idd", packet, 12)
            rows.append((time_s, lat_deg, lon_deg, fix >= 2, at + 4, 56))
    if rows:
        time_s, lat, lon, usable, offset, size = zip(*rows, strict=True)  # type: ignore[assignment]
        harvest.films.append(film_track(prefix, time_s, lat, lon, offset, size, np.array(usable)))


def read_mett(harvest: Harvest, samples: FilmSamples, prefix: str) -> None:
    """Add the positions of Parrot's `mett` track, versions P1 to P3; heights above the take-off in P1 only."""
    rows: list[tuple[float, float, float, float, bool, int, int]] = []
    for number in thinned(samples):
        at = int(samples.offset[number])
        packet = bytes(harvest.data[at : at + min(int(samples.length[number]), 128)])
        layout = _METT.get(packet[:2])
        if layout is None and packet[:1] == b"\x0a":
            _read_vmeta(harvest, samples, prefix)
            return
        if layout is None or len(packet) < 44:
            continue
        lat_at, lon_at, steps, home_at = layout
        lat, lon = (struct.unpack_from(">i", packet, place)[0] / steps for place in (lat_at, lon_at))
        home_m = struct.unpack_from(">i", packet, home_at)[0] / 65_536 if home_at is not None else math.nan
        has_satellites = packet[lon_at + 7] > 0
        rows.append((float(samples.time_s[number]), lat, lon, home_m, has_satellites, at + lat_at, 8))
    if rows:
        time_s, lat_deg, lon_deg, home, usable, offset, size = zip(*rows, strict=True)
        harvest.films.append(film_track(prefix, time_s, lat_deg, lon_deg, offset, size, np.array(usable), home_m=home))


def _read_vmeta(harvest: Harvest, samples: FilmSamples, prefix: str) -> None:
    """Add the positions of Parrot's newer track, one message a sample: of the camera, else of the drone.

    Messages and numbers: Parrot's vmeta.proto. A height of 0 there means that it is unknown. The camera's quaternion
    is not used: no film is at hand to hold its axes against.
    """
    rows: list[list[float]] = []
    places: list[tuple[int, int]] = []
    utc_ns: list[int] = []
    for number in thinned(samples):
        at, length = int(samples.offset[number]), min(int(samples.length[number]), _VMETA_AT_MOST_BYTES)
        walk = walk_message(harvest.data, at, at + length, lambda one: one.path in _VMETA_MESSAGES, 4_096)
        by_path = {one.path: one for one in walk.fields}
        where = next((path for path in _VMETA_LOCATIONS if path in by_path), None)
        if where is None:
            continue

        def figure(path: Path, fields: dict[Path, ProtoField] = by_path) -> float:
            return fields[path].as_float() if path in fields else 0.0

        lat, lon, hae, amsl = (figure((*where, index)) for index in (1, 2, 3, 7))
        satellites = by_path[*where, 4].number if (*where, 4) in by_path else 0
        home = figure((1, 13)) if (1, 13) in by_path else math.nan
        rows.append([float(samples.time_s[number]), lat, lon, home, amsl or math.nan, hae or math.nan, satellites])
        places.append((by_path[where].offset, by_path[where].length))
        is_timed = (2, 11) in by_path and (2, 10) in by_path and by_path[2, 10].number < _LAST_MICROSECOND
        utc_ns.append(by_path[2, 10].number * 1000 if is_timed else 0)
    if rows:
        time_s, lats, lons, homes, amsls, haes, seen = zip(*rows, strict=True)
        offset, size = zip(*places, strict=True)
        harvest.films.append(
            film_track(
                prefix, time_s, lats, lons, offset, size, np.array(seen) > 0, utc_ns if all(utc_ns) else None,
                home_m=homes, amsl_m=amsls, hae_m=haes,
            )
        )  # fmt: skip


def _bytes_at(harvest: Harvest, at: int, size: int) -> bytes:
    return bytes(harvest.data[at : at + size])


def insta360_start(harvest: Harvest) -> int | None:
    """Return where the trailer of an Insta360 film begins, None without one."""
    size = len(harvest.data)
    if size < _INSTA_TAIL_BYTES or bytes(harvest.data[size - 32 :]) != _INSTA_MARK:
        return None
    length = int(struct.unpack("<I", _bytes_at(harvest, size - _INSTA_TAIL_BYTES + 38, 4))[0])
    return max(size - length, 0)


def read_insta360(harvest: Harvest, start: int) -> None:
    """Add what the records of the trailer from `start` on say; they are told from the end of the file backwards."""
    data = harvest.data
    stop = len(data) - _INSTA_TAIL_BYTES
    at = stop
    for number in range(_INSTA_RECORDS_AT_MOST):
        if at + 6 > len(data) or at < start:
            break
        kind, length = struct.unpack("<HI", _bytes_at(harvest, at, 6))
        begin = at - length
        if begin < start or (number and not length):
            break
        path = f"insta360/0x{kind:X}"
        harvest.add(path, None, begin, length)
        if kind == _INSTA_INFO:
            for one in walk_message(data, begin, at, lambda _: False, 1_000).fields:
                if one.path[0] in _INSTA_NAMES and one.is_bytes:
                    text = bytes(data[one.offset : one.offset + min(one.length, 256)]).decode("utf-8", "replace")
                    harvest.add(f"{path}/Insta360{_INSTA_NAMES[one.path[0]]}", text, one.offset, one.length)
        elif kind == _INSTA_GPS:
            _read_insta360_track(harvest, begin, at, path)
        at = begin - 6


def _read_insta360_track(harvest: Harvest, begin: int, end: int, path: str) -> None:
    count = (end - begin) // _INSTA_FIX_BYTES
    step = max(1, -(-count // ROWS_AT_MOST))
    rows: list[tuple[float, float, bool, int, int]] = []
    for number in range(0, count, step):
        at = begin + number * _INSTA_FIX_BYTES
        seconds, millis, valid, lat, north, lon, east = struct.unpack(
            "<QHcdcdc", _bytes_at(harvest, at, _INSTA_FIX_SIZE)
        )
        lat, lon = (abs(lat) if north == b"N" else -abs(lat)), (abs(lon) if east == b"E" else -abs(lon))
        is_good = valid == b"A" and north in b"NS" and east in b"EWO" and seconds < 1 << 33
        rows.append((lat, lon, is_good, (seconds if seconds < 1 << 33 else 0) * 10**9 + millis * 10**6, at))
    if rows:
        lats, lons, usable, utc_ns, offset = zip(*rows, strict=True)
        time_s = (np.array(utc_ns, np.int64) - utc_ns[0]) / 1e9
        harvest.films.append(
            film_track(
                path, time_s, lats, lons, offset, np.full(len(rows), _INSTA_FIX_BYTES), np.array(usable), utc_ns
            )
        )  # fmt: skip
