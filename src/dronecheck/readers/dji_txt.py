"""DJI flight records as the apps keep them (DJIFlightRecord_*.txt), little-endian.

    bytes 0-10        u64 offset of the details, u16 their length, u8 version; header of 12 bytes, from version 6 of 100
    records           u8 kind, u8 length, payload, 0xFF; pictures (JPEG) lie between them as they are
    versions 7 to 12  payload = key byte, then bytes mixed with 8 bytes of a CRC-64 over key byte and kind
    from version 13   encrypted with a key that only the maker's service gives: refused, with what the header says

    kind  record      used
    1     OSD         f64 longitude, f64 latitude (radians), i16 height above take-off (dm), i16 speeds x, y, z (dm/s),
                      @30 flight mode, @32 motors (bit 3), ground or sky (bits 1-2), @34 signal level (bits 2-5),
                      @36 satellites, @42 u16 flight time (0.1 s), @48 aircraft type
    2     HOME        f64 longitude, f64 latitude (radians), @20 bit 0: recorded
    5     CUSTOM      @10 u64 phone time, milliseconds since 1970: the time of the OSD record before it
    9 10 24           messages                        14   APP GPS  f64 latitude, f64 longitude (degrees), f32 accuracy

The home point's height is barometric (561 dm below the sea on a beach) and not used. Checked to the last digit against
the exports that another service made of two of these records (tests/oracle).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from dronecheck.errors import UnreadableInput
from dronecheck.flight import (
    Clock,
    ClockSource,
    Completeness,
    Event,
    EventKind,
    Flight,
    Home,
    SigmaSource,
    Source,
    Track,
    Vehicle,
)
from dronecheck.issues import Code, Issue, Severity
from dronecheck.readers.dji_txt_records import Details, Header, Record, is_dji_txt, read_details, read_header, records
from dronecheck.readers.plain_tracks import holes_and_jumps, sigma_by_level, sigma_by_satellites
from dronecheck.safeio import Input, plain

__all__ = ["NAME", "TITLE", "read", "sniff"]

NAME = "dji_txt"
TITLE = "DJI flight record (DJIFlightRecord_*.txt, versions 1 to 12)"

_READER = "dronecheck.readers.dji_txt/1"
_OSD_BYTES = 49
_OSD = np.dtype({
    "names": ["lon", "lat", "height", "vx", "vy", "mode", "state", "level", "satellites", "fly_time", "type"],
    "formats": ["<f8", "<f8", "<i2", "<i2", "<i2", "u1", "u1", "u1", "u1", "<u2", "u1"],
    "offsets": [0, 8, 16, 18, 20, 30, 32, 34, 36, 42, 48],
    "itemsize": _OSD_BYTES,
})  # fmt: skip
_MESSAGES = (9, 10, 24)
_TYPES = {
    1: "Inspire 1", 2: "Phantom 3 Advanced", 3: "Phantom 3 Professional", 4: "Phantom 3 Standard", 11: "Phantom 4",
    16: "Mavic Pro", 17: "Inspire 2", 18: "Phantom 4 Pro", 21: "Spark", 24: "Mavic Air",
}  # fmt: skip
_SATELLITES_FOR_A_FIX = 6
_HALF_TURN = 1 << 15
_NAN = float("nan")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def sniff(head: bytes, name: str) -> int:
    """95 for a header that fits and a first record that ends as records do, else 0."""
    return 95 if is_dji_txt(head) else 0


def read(source: Input) -> Flight:
    """Read a record. Raises UnreadableInput for an encrypted one, saying what its header tells."""
    data = bytes(source.data)
    header = read_header(data)
    if header is None:
        raise UnreadableInput("dji_txt_header", "no header of a DJI flight record")
    details = read_details(data, header)
    if header.is_encrypted:
        raise UnreadableInput("dji_txt_encrypted", _encrypted(header, details))
    found = list(records(data, header))
    osd = [r for r in found if r.kind == 1 and len(r.payload) >= _OSD_BYTES]
    if not osd:
        raise UnreadableInput(
            "no_content", f"a DJI flight record (version {header.version}) without any position record"
        )
    issues = _losses(found, header, len(data), details)
    rows = np.frombuffer(b"".join(r.payload[:_OSD_BYTES] for r in osd), dtype=_OSD)
    offsets = np.array([r.offset for r in osd], dtype=np.int64)
    time_ns, clock = _times(found, rows, offsets, details)
    track, more = _track(rows, offsets, time_ns)
    operator = _operator(found, offsets, time_ns)
    tracks = {"fused": track} if len(track) else {}
    if operator is not None and tracks:
        tracks["operator"] = operator
    damaged = any(i.severity is Severity.DAMAGE and i.code is not Code.TRUNCATED for i in issues)
    cut = any(i.code is Code.TRUNCATED for i in issues)
    kind = int(rows["type"][-1])
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, f"version {header.version}", _READER),
        tracks=tracks,
        primary="fused" if tracks else "",
        clock=clock,
        completeness=Completeness.DAMAGED if damaged else Completeness.TRUNCATED if cut else Completeness.COMPLETE,
        home=_home(found),
        vehicle=Vehicle(
            model=_TYPES.get(kind, f"DJI aircraft type {kind}"),
            serial=plain(details.aircraft_serial, 40) if details else "",
        ),
        events=_events(found, rows, offsets, time_ns),
        issues=(*issues, *([] if clock.utc_known else [_no_utc(clock)]), *more),
    )


def _encrypted(header: Header, details: Details | None) -> str:
    facts = ""
    if details:
        start = datetime.fromtimestamp(details.start_ms / 1000, UTC)
        place = f" at {details.lat_deg:.4f}, {details.lon_deg:.4f}" if math.isfinite(details.lat_deg) else ""
        facts = f"; by its header it began {start:%Y-%m-%d %H:%M:%S} UTC{place} and lasted {details.duration_s:.0f} s"
    return (
        f"a DJI flight record of version {header.version}, encrypted with a key that only DJI's service gives{facts}. "
        "Export it as CSV (Flight Reader, PhantomHelp, Airdata or dji-log-parser) and check the CSV"
    )


def _losses(found: list[Record], header: Header, size: int, details: Details | None) -> list[Issue]:
    issues = []
    lost = [r for r in found if r.kind == 0]
    if lost:
        text = f"{sum(len(r.payload) for r in lost)} bytes that are no record, passed over"
        issues.append(Issue(Code.BYTES_SKIPPED, Severity.DAMAGE, text, lost[0].offset, len(lost)))
    if header.details_at + header.details_bytes > size:
        text = "the file ends before its details: its end is missing"
        issues.append(Issue(Code.TRUNCATED, Severity.DAMAGE, text, size))
    elif details is None:
        text = "the details block cannot be read"
        issues.append(Issue(Code.BAD_RECORD, Severity.WARNING, text, header.details_at))
    short = [r for r in found if r.kind == 1 and len(r.payload) < _OSD_BYTES]
    if short:
        text = "position records that are too short, not used"
        issues.append(Issue(Code.BAD_RECORD, Severity.DAMAGE, text, short[0].offset, len(short)))
    text = "the home point's height is barometric: heights above sea level are not known"
    issues.append(Issue(Code.HEIGHT_FRAME, Severity.INFO, text))
    return issues


def _no_utc(clock: Clock) -> Issue:
    return Issue(Code.UTC_UNKNOWN, Severity.WARNING, clock.note)


def _times(found: list[Record], rows: NDArray[np.void], offsets: Ints, details: Details | None) -> tuple[Ints, Clock]:
    """Flight time in steps of 0.1 s, set to UTC once by the phone's clock (the median of all records)."""
    tenths = rows["fly_time"].astype(np.int64)
    tenths[1:] += np.cumsum(np.diff(tenths) < -_HALF_TURN) * 2 * _HALF_TURN  # 16 bits last for 109 minutes
    fly_ns = tenths * 100_000_000
    stamped = [
        (r.offset, int.from_bytes(r.payload[10:18], "little")) for r in found if r.kind == 5 and len(r.payload) >= 18
    ]
    stamped = [(offset, ms) for offset, ms in stamped if 946_684_800_000 < ms < 4_102_444_800_000]
    if stamped:
        at = np.searchsorted(offsets, [offset for offset, _ in stamped]) - 1
        pairs = [(int(i), ms) for i, (_, ms) in zip(at.tolist(), stamped, strict=True) if i >= 0]
        apart = np.sort(np.array([ms * 1_000_000 - int(fly_ns[i]) for i, ms in pairs], dtype=np.int64))
        if len(apart):
            return fly_ns + apart[len(apart) // 2], Clock(True, ClockSource.HOST, 1.0, "UTC by the phone's clock")
    if details:
        note = "UTC by the phone's clock at the start"
        return fly_ns - fly_ns[0] + details.start_ms * 1_000_000, Clock(True, ClockSource.HOST, 2.0, note)
    return fly_ns, Clock(False, ClockSource.NONE, _NAN, "no clock in the record: seconds of flight time")


def _track(rows: NDArray[np.void], offsets: Ints, time_ns: Ints) -> tuple[Track, list[Issue]]:
    """One row per time, positions with a satellite fix only; repeats at speed are merged."""
    issues: list[Issue] = []
    lat, lon = np.degrees(rows["lat"]), np.degrees(rows["lon"])
    level = ((rows["level"] & 0x3C) >> 2).astype(np.float64)
    satellites = rows["satellites"].astype(np.float64)
    speed = np.hypot(rows["vx"].astype(np.float64), rows["vy"].astype(np.float64)) / 10

    def note(code: Code, severity: Severity, text: str, which: Bools) -> None:
        if which.any():
            issues.append(Issue(code, severity, text, int(offsets[which.argmax()]), int(which.sum())))

    with np.errstate(invalid="ignore"):
        at_zero = (np.abs(lat) < 1e-6) & (np.abs(lon) < 1e-6)
        on_globe = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    absent = at_zero | ((level == 0) & (satellites < _SATELLITES_FOR_A_FIX))
    note(Code.NO_FIX_ROWS, Severity.INFO, "records without a satellite fix, not used", absent)
    note(Code.BAD_POSITION, Severity.WARNING, "positions off the globe or no numbers, not used", ~absent & ~on_globe)
    keep = np.flatnonzero(~absent & on_globe)
    back = np.zeros(len(rows), dtype=np.bool_)
    back[keep[1:]] = np.diff(time_ns[keep]) < 0
    note(Code.OUT_OF_ORDER, Severity.WARNING, "the flight time runs backwards; records are sorted by time", back)
    keep = keep[np.argsort(time_ns[keep], kind="stable")]
    again = np.zeros(len(rows), dtype=np.bool_)
    again[keep[1:]] = np.diff(time_ns[keep]) == 0
    note(Code.REPEATED_POSITION, Severity.INFO, "records that repeat the time of the one before, merged", again)
    keep = keep[~again[keep]]
    repeats = np.zeros(len(rows), dtype=np.bool_)
    here, before = keep[1:], keep[:-1]
    same = (lat[here] == lat[before]) & (lon[here] == lon[before]) & (rows["height"][here] == rows["height"][before])
    repeats[here] = same & (speed[here] > 0)
    note(Code.REPEATED_POSITION, Severity.INFO, "records that repeat the last position at speed, merged", repeats)
    keep = keep[~repeats[keep]]
    if not len(keep):
        issues.append(Issue(Code.NO_POSITION, Severity.WARNING, "no record has a position fix of the aircraft"))
        return Track.empty(), issues
    track = Track.build(
        time_ns=time_ns[keep],
        lat_deg=lat[keep],
        lon_deg=lon[keep],
        alt_home_m=rows["height"][keep] / 10,
        speed_mps=speed[keep],
        h_sigma_m=sigma_by_level(level[keep], sigma_by_satellites(satellites[keep])),
        offset=offsets[keep],
        message="OSD",
        h_sigma_source=SigmaSource.SATELLITES,
    )
    return track, [*issues, *holes_and_jumps(track)]


def _operator(found: list[Record], offsets: Ints, time_ns: Ints) -> Track | None:
    """The phone's own positions, one row per change, at the time of the OSD record before."""
    places: list[tuple[int, float, float, int]] = []
    for record in found:
        if record.kind == 14 and len(record.payload) >= 16:
            lat, lon = struct.unpack_from("<dd", record.payload)
            good = abs(lat) <= 90 and abs(lon) <= 180 and not (abs(lat) < 1e-6 and abs(lon) < 1e-6)
            row = int(np.searchsorted(offsets, record.offset)) - 1
            if good and row >= 0 and (not places or (lat, lon) != places[-1][1:3]):
                places.append((int(time_ns[row]), lat, lon, record.offset))
    if not places:
        return None
    places.sort(key=lambda place: place[0])
    stamp, lat_deg, lon_deg, offset = zip(*places, strict=True)
    return Track.build(time_ns=stamp, lat_deg=lat_deg, lon_deg=lon_deg, offset=offset, message="APP GPS")


def _home(found: list[Record]) -> Home | None:
    for record in found:
        if record.kind == 2 and len(record.payload) >= 21 and record.payload[20] & 1:
            lon, lat = (math.degrees(v) for v in struct.unpack_from("<dd", record.payload))
            if abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0.0, 0.0):
                return Home(lat, lon)
    return None


def _events(found: list[Record], rows: NDArray[np.void], offsets: Ints, time_ns: Ints) -> tuple[Event, ...]:
    """Changes of motors, ground and mode, and the app's messages; a state already on at first is no event."""
    events = [
        *_changes((rows["state"] & 0x08) > 0, (EventKind.ARM, EventKind.DISARM), "motors", offsets, time_ns),
        *_changes((rows["state"] & 0x06) > 2, (EventKind.TAKEOFF, EventKind.LAND), "sky", offsets, time_ns),
    ]
    mode = rows["mode"] & 0x7F
    for row in (np.flatnonzero(np.diff(mode.astype(np.int16))) + 1).tolist()[:1000]:
        events.append(Event(int(time_ns[row]), EventKind.MODE, f"flight mode {int(mode[row])}", int(offsets[row])))
    for record in [r for r in found if r.kind in _MESSAGES][:1000]:
        row = max(int(np.searchsorted(offsets, record.offset)) - 1, 0)
        text = record.payload[:-1].split(b"\0")[0].decode("utf-8", "replace")
        events.append(Event(int(time_ns[row]), EventKind.MESSAGE, plain(text, 300), record.offset))
    return tuple(sorted(events, key=lambda event: (event.time_ns, event.offset or 0)))


def _changes(
    state: Bools, kinds: tuple[EventKind, EventKind], what: str, offsets: Ints, time_ns: Ints
) -> Iterator[Event]:
    for row in (np.flatnonzero(state[1:] != state[:-1]) + 1).tolist()[:1000]:
        kind = kinds[0] if state[row] else kinds[1]
        yield Event(int(time_ns[row]), kind, f"{what} {'on' if state[row] else 'off'}", int(offsets[row]))
