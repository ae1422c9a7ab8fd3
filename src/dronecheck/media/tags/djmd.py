"""The camera track of DJI films (`djmd`): one protobuf message a sample, its layout told by the protocol's name.

Field numbers: DJI's dvtm_library 02.01.16 and exiftool's DJI tables (numbers only). Sample 0 holds the clip (1) and the
streams (2), later ones the frame (3). Zeros are not written, so a message that is there without a field means 0, and
one that is not there means unknown. What a film holds beside it for the maker (`dbgi`) is undocumented and never read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.containers.protobuf import Path, ProtoField, ProtoWalk, may_be_message, signed, walk_message
from dronecheck.containers.samples import FilmSamples
from dronecheck.containers.source import Bytes
from dronecheck.issues import Code, Severity
from dronecheck.media.fields import Harvest
from dronecheck.media.tags.film_rows import film_track, in_range, thinned
from dronecheck.messages import Message
from dronecheck.safe.io import plain
from dronecheck.timebase import ns_of

__all__ = ["first_message_end", "is_djmd", "read_djmd"]

_METRES_PER_DEG = 111_195.0
_AGREES_WITHIN_M = 200.0  # the container's start position and the track's first
_FASTEST_MPS = 60.0
_SAMPLE_AT_MOST_BYTES, _FIELDS_AT_MOST = 1 << 20, 20_000  # a frame has some fifty fields
_FIGURE_AT_MOST = 720.0  # beyond it is no angle in any unit
_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d)[-:](\d\d)[-:](\d\d)", re.ASCII)
_CLIP_MESSAGES: frozenset[Path] = frozenset(
    ((1,), (1, 1), (2,), (2, 1), (2, 2), (2, 2, 1), (2, 2, 3), (2, 3), (3,), (3, 1))
)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a protocol keeps things; () where it has none."""

    attitude: Path = ()
    gps: Path = ()
    relative: Path = ()
    gimbal: Path = ()
    is_in_degrees: bool = False  # although the unit is not written

    def messages(self) -> frozenset[Path]:
        paths = [self.attitude, self.gps, self.relative, self.gimbal, (*self.gps, 1), (*self.gps, 6)]
        return _CLIP_MESSAGES | {path[:size] for path in paths for size in range(1, len(path) + 1)}


_USUAL = _Layout((3, 3, 3), (3, 3, 4), (3, 3, 5), (3, 4, 3))
_DEGREES = _Layout((3, 3, 3), (3, 3, 4), (3, 3, 5), (3, 4, 3), is_in_degrees=True)
_NO_GIMBAL = _Layout((3, 4, 3), (3, 4, 4), (3, 4, 5))
_ACTION = _Layout((), (3, 4, 2))
_LAYOUTS = {
    **dict.fromkeys(("air3", "air3s", "mini4pro", "wm265e", "wm261", "pm320", "wa345e"), _USUAL),
    **dict.fromkeys(("mavic4", "mini5pro"), _DEGREES),
    **dict.fromkeys(("avata2", "djineo", "wa530"), _NO_GIMBAL),
    **dict.fromkeys(("ac203", "ac204", "ac206", "oq101"), _ACTION),
    **dict.fromkeys(("wm169", "pp101"), _Layout()),
}


def is_djmd(head: bytes) -> bool:
    """Tell whether bytes begin with the clip message of a `djmd` track, which names its protocol."""
    return head[:1] == b"\x0a" and b"dvtm_" in head[:64]


def first_message_end(harvest: Harvest, start: int, end: int) -> int:
    """Return where the first sample ends that begins at a place: behind its first frame, or its last whole field."""
    stop = start
    for one in walk_message(harvest.data, start, end, lambda _: False, 64).fields:
        if one.is_bytes and one.path[0] in (1, 2, 3):
            stop = one.offset + one.length
        if one.path == (3,) or one.path[0] > 3:
            break
    return stop


@dataclass(slots=True)
class _FrameRows:
    """The columns as they are read; positions in the unit of the file."""

    lat: list[float] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    unit: list[int | None] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    altitude_m: list[float] = field(default_factory=list)
    altitude_type: list[int] = field(default_factory=list)
    home_m: list[float] = field(default_factory=list)
    pitch: list[float] = field(default_factory=list)
    roll: list[float] = field(default_factory=list)
    yaw: list[float] = field(default_factory=list)
    utc_ns: list[int | None] = field(default_factory=list)
    empty_gimbals: int = 0


def read_djmd(
    harvest: Harvest, samples: FilmSamples, prefix: str, start_deg: tuple[float, float] | None = None
) -> None:
    """Add the fields of the clip and of the first frame, and the track of all samples.

    `start_deg` is the container's own start position (latitude, longitude), which tells radians from degrees.
    """
    if not len(samples):
        return
    data = harvest.data
    first = _walk_sample(harvest, samples, 0, _tells_messages(data))
    protocol = _add_fields(harvest, first, f"{prefix}/sample[0]")
    layout = _LAYOUTS.get(re.sub(r"^dvtm_|\.proto$|_|-", "", protocol.lower()) if protocol else "")
    is_known = layout is not None
    if layout is None:
        layout = _found_by_shape(harvest, first, samples)
        text = Message(
            "a protocol that is not known: {name}; what it seems to say decides nothing", name=plain(protocol, 60)
        )
        harvest.note(Code.UNKNOWN_RECORDS, Severity.WARNING, text, int(samples.offset[0]))
    if not layout.gps:
        return
    messages, rows, kept = layout.messages(), _FrameRows(), thinned(samples)
    for number in kept:
        walk = _walk_sample(harvest, samples, int(number), lambda one: one.path in messages)
        _add_row(rows, layout, {one.path: one for one in walk.fields}, data)
    _add_track(harvest, rows, layout, samples, kept, prefix, start_deg, is_known)


def _tells_messages(data: Bytes) -> Callable[[ProtoField], bool]:
    known = _CLIP_MESSAGES | _USUAL.messages()
    return lambda one: one.path in known or may_be_message(data, one)


def _walk_sample(
    harvest: Harvest, samples: FilmSamples, number: int, is_message: Callable[[ProtoField], bool]
) -> ProtoWalk:
    start = int(samples.offset[number])
    length = min(int(samples.length[number]), _SAMPLE_AT_MOST_BYTES)
    walk = walk_message(harvest.data, start, start + length, is_message, _FIELDS_AT_MOST)
    if walk.is_too_deep or walk.is_too_many:
        harvest.capped_at(start)
    return walk


def _add_fields(harvest: Harvest, walk: ProtoWalk, prefix: str) -> str:
    """Add every value of a sample by its numbers; return the name of the protocol."""
    data, protocol = harvest.data, ""
    parents = {one.path[:-1] for one in walk.fields}
    for one in walk.fields:
        if one.is_bytes and one.path in parents:
            continue
        value: object = one.as_float() if one.wire in (1, 5) else signed(one.number)
        if one.is_bytes:
            raw = bytes(data[one.offset : one.offset + min(one.length, 65_536)])
            value = raw.decode("utf-8", "replace") if raw.isascii() else raw[:256]
        if one.path == (1, 1, 1):
            protocol = str(value)
        harvest.add(f"{prefix}/{'-'.join(map(str, one.path))}", value, one.offset, one.length)
    return protocol


def _add_row(rows: _FrameRows, layout: _Layout, by_path: dict[Path, ProtoField], data: Bytes) -> None:
    def number(path: Path, default: int = 0) -> int:
        return signed(by_path[path].number) if path in by_path else default

    gps, place = layout.gps, (*layout.gps, 1)
    has_place = place in by_path
    lat, lon = by_path.get((*place, 2)), by_path.get((*place, 3))
    rows.lat.append((lat.as_float() if lat else 0.0) if has_place else math.nan)
    rows.lon.append((lon.as_float() if lon else 0.0) if has_place else math.nan)
    rows.unit.append(number((*place, 1)) if (*place, 1) in by_path else None)
    rows.status.append(number((*gps, 3)))
    rows.altitude_m.append(signed(number((*gps, 2)), 32) / 1000 if gps in by_path else math.nan)
    rows.altitude_type.append(number((*gps, 4)))
    stamp = by_path.get((*gps, 6, 1))
    rows.utc_ns.append(_utc_ns(data, stamp) if stamp else None)
    is_valid = bool(layout.relative) and number((*layout.relative, 2)) == 1
    height = by_path.get((*layout.relative, 1)) if is_valid else None
    rows.home_m.append((height.as_float() / 1000 if height else 0.0) if is_valid else math.nan)
    gimbal = layout.gimbal
    holder = by_path.get(gimbal) if gimbal else None
    has_pose = holder is not None and holder.length > 0
    rows.empty_gimbals += holder is not None and not has_pose
    for column, index in ((rows.pitch, 1), (rows.roll, 2), (rows.yaw, 3)):
        column.append(signed(number((*gimbal, index)), 32) / 10 if has_pose else math.nan)


def _utc_ns(data: Bytes, stamp: ProtoField) -> int | None:
    text = bytes(data[stamp.offset : stamp.offset + min(stamp.length, 64)])
    found = _STAMP.match(text.decode("ascii", "replace"))
    if not found:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in found.groups())
        return ns_of(datetime(year, month, day, hour, minute, second, tzinfo=UTC)) if 1900 < year < 2200 else None
    except ValueError:
        return None


def _add_track(
    harvest: Harvest, rows: _FrameRows, layout: _Layout, samples: FilmSamples, kept: np.ndarray, prefix: str,
    start_deg: tuple[float, float] | None, is_known: bool,
) -> None:  # fmt: skip
    place = int(samples.offset[0])
    lat, lon = (np.where(np.abs(column) <= _FIGURE_AT_MOST, column, np.nan) for column in (rows.lat, rows.lon))
    status = np.array(rows.status)
    factor = _to_degrees(harvest, rows, layout, lat, lon, start_deg, place)
    if rows.empty_gimbals:
        text = Message("the camera's direction is written as all zeros: it was not recorded")
        harvest.note(Code.POSE_ABSENT, Severity.INFO, text, place)
    is_rtk = (status == 2) & (np.array(rows.altitude_type) == 2)
    time_s = samples.time_s[kept]
    harvest.films.append(
        film_track(
            prefix, time_s, lat * factor, lon * factor, samples.offset[kept], samples.length[kept],
            is_usable=(status != 1) & is_known,
            utc_ns=_clock(rows.utc_ns, time_s),
            home_m=rows.home_m,
            hae_m=np.where(is_rtk, rows.altitude_m, np.nan),
            yaw_deg=rows.yaw, pitch_deg=rows.pitch, roll_deg=rows.roll,
        )
    )  # fmt: skip


def _to_degrees(
    harvest: Harvest, rows: _FrameRows, layout: _Layout, lat: Floats, lon: Floats,
    start_deg: tuple[float, float] | None, place: int,
) -> float:  # fmt: skip
    """Return what makes degrees of the figures; NaN where nothing tells whether they are radians."""
    degrees, radians = 1.0, 180 / math.pi
    there = np.flatnonzero(in_range(lat, lon))
    written = [rows.unit[row] for row in there.tolist()] or rows.unit  # of figures all next to zero: of all
    units = {unit or 0 for unit in written}  # 0, radians, is not written
    told = degrees if units == {1} or layout.is_in_degrees or _is_beyond_radians(lat[there], lon[there]) else radians
    fits = [told]
    if start_deg is not None and len(there):
        first = (float(lat[there[0]]), float(lon[there[0]]))
        fits = [
            one
            for one in (degrees, radians)
            if _apart_m((first[0] * one, first[1] * one), start_deg) <= _AGREES_WITHIN_M
        ]
    if units <= {0} and len(fits) == 1:
        return fits[0]
    if units == {1} and fits == [degrees]:
        return degrees
    text = Message("the film's start position and its camera track disagree; the track's unit is not known")
    harvest.note(Code.POSITION_CONFLICT, Severity.WARNING, text, place)
    return math.nan


def _is_beyond_radians(lat: Floats, lon: Floats) -> bool:
    return bool(np.any((np.abs(lat) > math.pi / 2) | (np.abs(lon) > math.pi)))


def _apart_m(one_deg: tuple[float, float], other_deg: tuple[float, float]) -> float:
    """Return about how far two places are apart, metres: good enough to tell radians from degrees."""
    north = one_deg[0] - other_deg[0]
    east = (one_deg[1] - other_deg[1] + 180) % 360 - 180
    return math.hypot(north, east * math.cos(math.radians(other_deg[0]))) * _METRES_PER_DEG


def _clock(stamps: list[int | None], time_s: Floats) -> np.ndarray | None:
    """Return UTC of each row: whole seconds are cut off, so the latest begin that they allow is the nearest."""
    begins = [ns - round(float(t) * 1e9) for ns, t in zip(stamps, time_s, strict=True) if ns and math.isfinite(t)]
    if not begins:
        return None
    elapsed = np.round(np.nan_to_num(time_s) * 1e9).astype(np.int64)
    return np.asarray(np.int64(max(begins)) + elapsed, np.int64)


def _found_by_shape(harvest: Harvest, first: ProtoWalk, samples: FilmSamples) -> _Layout:
    """Return where an unknown protocol seems to keep its positions: two doubles that move no faster than a drone."""
    doubles = {one.path: one.as_float() for one in first.fields if one.wire == 1}
    for path, lat in doubles.items():
        lon = doubles.get((*path[:-1], 3))
        if path[-1] == 2 and path[0] == 3 and path[-2:-1] == (1,) and lon is not None and abs(lat) <= 90:
            layout = _Layout(gps=path[:-2])
            if abs(lon) <= 180 and _is_continuous(harvest, samples, layout):
                return layout
    return _Layout()


def _is_continuous(harvest: Harvest, samples: FilmSamples, layout: _Layout) -> bool:
    rows, messages, kept = _FrameRows(), layout.messages(), thinned(samples)[:256]
    for number in kept:
        walk = _walk_sample(harvest, samples, int(number), lambda one: one.path in messages)
        _add_row(rows, layout, {one.path: one for one in walk.fields}, harvest.data)
    lat, lon = (np.where(np.abs(column) <= _FIGURE_AT_MOST, column, np.nan) for column in (rows.lat, rows.lon))
    time_s = samples.time_s[kept]
    if np.all(np.abs(lat) <= math.pi / 2) and np.all(np.abs(lon) <= math.pi):
        lat, lon = np.degrees(lat), np.degrees(lon)
    step_m = np.hypot(np.diff(lat), np.diff(lon) * np.cos(np.radians(lat[:-1]))) * _METRES_PER_DEG
    return bool(np.all(step_m <= _FASTEST_MPS * np.maximum(np.diff(time_s), 0.0) + 1.0))
