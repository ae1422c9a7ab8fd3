"""DJI flight records as the apps keep them (DJIFlightRecord_*.txt), little-endian.

    bytes 0-10        u64 offset of the details (0: never closed), u16 their length, u8 version; the header has 12
                      bytes, from version 6 on 100; the details follow the records, in version 12 the header
    records           u8 kind, u8 length, payload, 0xFF; behind them lie pictures (JPEG) as they are
                      (from version 8 on behind the number 12345), and records again behind the details
    versions 7 to 12  payload = key byte, then bytes mixed with 8 bytes of a CRC-64 over key byte and kind, the last of
                      them the sum of key byte and kind: another one is damage
    from version 13   records u8 kind, u16 length; mixed likewise, and encrypted below that, each kind with the key of
                      its feature (`locked`); without saved keys what the header says (`envelope`)

    kind  record      used
    1     OSD         f64 longitude, f64 latitude (radians), i16 height above take-off (dm), i16 speeds x, y, z (dm/s),
                      @24 pitch, roll, yaw (0.1 degrees),
                      @30 flight mode, @32 motors (bit 3), ground or sky (bits 1-2), @34 signal level (bits 2-5),
                      @36 satellites, @42 u16 flight time (0.1 s), @48 aircraft type (from version 2)
    2     HOME        f64 longitude, f64 latitude (radians), @20 bit 0: recorded
    5     CUSTOM      @10 u64 phone time, milliseconds since 1970: the time of the OSD record before it; @0 not 0 while
                      a picture is taken, @1 while it films
    25    CAMERA      @0 bits 3-5 takes a picture, 6-7 films, @13 u32 room for pictures (`shots`)
    9 10 24           messages                        14   APP GPS  f64 latitude, f64 longitude (degrees), f32 accuracy
    13    RECOVER     u8 product, @5 serial number: used where the details are lost
    40    COMPONENT   u8 component (2: flight controller), @3 its serial number: used where neither has one

The home point's height is barometric (561 dm below the sea on a beach) and not used. Layout: dji-log-parser (MIT);
checked to the last digit against the exports that another service made of two of these records (tests/oracle). No file
of versions 1 to 6 and 9 to 12 was at hand.

Homes of 100.0 or 800000.0 radians, which apps write before the first fix, are none.

The modules: header, scramble, records (bytes to records), clock, tracks, events, shots; of encrypted records envelope
(the header), keychain (a file of keys) and `locked`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness, Flight, Source, Track
from dronecheck.issues import Code, Issue, Remedy, Severity
from dronecheck.messages import Message
from dronecheck.readers.dji_txt import NAME
from dronecheck.readers.dji_txt.clock import row_times
from dronecheck.readers.dji_txt.envelope import header_flight
from dronecheck.readers.dji_txt.events import (
    APP_MESSAGES,
    COMPONENT,
    COMPONENT_BYTES,
    HOME,
    HOME_BYTES,
    RECOVER,
    RECOVER_BYTES,
    OsdRows,
    read_events,
    read_home,
    read_vehicle,
)
from dronecheck.readers.dji_txt.flown.tracks import APP_GPS_BYTES, OSD_BYTES, aircraft, operator, osd_rows
from dronecheck.readers.dji_txt.flown.witnesses import witnesses_of
from dronecheck.readers.dji_txt.header import Details, Header, read_details, read_header
from dronecheck.readers.dji_txt.locked.opening import Locked, open_locked
from dronecheck.readers.dji_txt.records import Scan, scan
from dronecheck.readers.dji_txt.shots import CAMERA, CAMERA_BYTES, GIMBAL, GIMBAL_BYTES, looked, photos, recordings
from dronecheck.safe.io import Input

__all__ = ["read_dji_txt"]


_READER = "dronecheck.readers.dji_txt/2"
_OSD, _CUSTOM, _APP_GPS = 1, 5, 14
_STEP_S = 0.1  # between position records
_USED = {
    _OSD: OSD_BYTES,
    _CUSTOM: 18,
    _APP_GPS: APP_GPS_BYTES,
    HOME: HOME_BYTES,
    RECOVER: RECOVER_BYTES,
    COMPONENT: COMPONENT_BYTES,
    GIMBAL: GIMBAL_BYTES,
    CAMERA: CAMERA_BYTES,
    **dict.fromkeys(APP_MESSAGES, 1),
}
_KNOWN = frozenset((*range(1, 26), 33, 40, 49, 50, 56, 62))


def read_dji_txt(source: Input) -> Flight:
    """Read a record; of an encrypted one what its header tells. Raises UnreadableInput."""
    data = bytes(source.data)
    header = read_header(data)
    if header is None:
        raise UnreadableInput("dji_txt_header", "no header of a DJI flight record")
    locked = open_locked(source, data, header, _USED) if header.is_encrypted else None
    if locked is not None and not locked.positions_readable:
        return header_flight(source, header, data, locked.issues)
    details = read_details(data, header)
    found = locked.found if locked is not None else _walked(data, header, details)
    records = found.records
    if not records[_OSD]:
        raise UnreadableInput(
            "no_content", f"a DJI flight record (version {header.version}) without any position record"
        )
    rows = osd_rows(records[_OSD])
    offsets = np.array([record.offset for record in records[_OSD]], dtype=np.int64)
    motors = (rows["state"] & 0x08) > 0
    times = row_times(rows["fly_time"].astype(np.int64), motors, offsets, records[_CUSTOM], details)
    track, more = aircraft(rows, offsets, times)
    issues = [*(locked.issues if locked is not None else ()), *_losses(found, header, len(data), details)]
    issues += [*times.issues, *more]
    tracks = {}
    if len(track):
        tracks["fused"] = track
        near_deg = (float(track.lat_deg[0]), float(track.lon_deg[0]))
        pilot = operator(records[_APP_GPS], offsets, times.time_ns, near_deg)
        if pilot is not None:
            tracks["operator"] = pilot
    cut = not header.is_closed or header.end > len(data) or (header.is_encrypted and found.ended_at < 0)
    unread = locked is not None and locked.unlocked is not None and not locked.unlocked.is_last_position_read
    ends_airborne = unread or (cut and bool((rows["state"][-1] & 0x06) > 2))
    if unread:  # also after a landing: it may have flown again
        text = Message("positions behind the last one that is read stay unread: where it was then is not known")
        issues.append(Issue(Code.ENDS_IN_FLIGHT, Severity.WARNING, text, int(offsets[-1]), remedy=Remedy.DECRYPT))
    elif ends_airborne:
        text = Message("the log ends while the aircraft is airborne; what it did afterwards is not recorded here")
        issues.append(Issue(Code.ENDS_IN_FLIGHT, Severity.WARNING, text, int(offsets[-1])))
    damaged = sum(issue.severity is Severity.DAMAGE for issue in issues) > cut  # more than that its end is missing
    shots = photos(records[_CUSTOM], records[CAMERA]), recordings(records[_CUSTOM], records[CAMERA])
    messages = sorted((r for kind in APP_MESSAGES for r in records[kind]), key=lambda record: record.offset)
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, f"version {header.version}", _READER),
        tracks=tracks,
        primary="fused" if tracks else "",
        clock=replace(times.clock, elapsed_s=_elapsed_s(track, offsets, rows)),
        completeness=Completeness.DAMAGED if damaged else Completeness.TRUNCATED if cut else Completeness.COMPLETE,
        home=read_home(records[HOME]),
        vehicle=read_vehicle(rows, records[RECOVER], records[COMPONENT], details),
        events=read_events(rows, offsets, times.time_ns, records[HOME], messages, shots, looked(records[GIMBAL])),
        issues=tuple(issues),
        ends_airborne=ends_airborne,
        unread_s=_unread_s(locked, times.time_ns),
        witnesses=witnesses_of(rows, offsets, times.time_ns),
    )


def _walked(data: bytes, header: Header, details: Details | None) -> Scan:
    """Return the records of a file that is not encrypted."""
    # An offset without details behind it is no end: what follows may be records.
    found = scan(data, header, _USED, header.details_at if details and header.is_details_last else len(data))
    if details and header.is_details_last:  # another record may have been joined to this one
        found.add(scan(data, header, _USED, len(data), header.details_at + header.details_bytes))
    return found


def _unread_s(locked: Locked | None, time_ns: Ints) -> float:
    """Return how long the positions without a key are, by the usual step of those that are read."""
    if locked is None or locked.unlocked is None:
        return 0.0
    steps_ns = np.sort(np.diff(time_ns))
    usual_s = float(steps_ns[len(steps_ns) // 2]) / 1e9 if len(steps_ns) else 0.0
    return locked.unlocked.unread_positions * max(usual_s, _STEP_S)


def _elapsed_s(track: Track, offsets: Ints, rows: OsdRows) -> float | None:
    """Return the flight time at the first fix: how long the motors had run."""
    if not len(track):
        return None
    return float(rows["fly_time"][np.searchsorted(offsets, track.offset[0])]) / 10


def _losses(found: Scan, header: Header, size: int, details: Details | None) -> list[Issue]:
    """Say what the bytes lack: spans that are no record, short records, the end, the details."""
    issues = []
    if found.lost.count:
        text = Message("{count} bytes that are no record, passed over", count=found.lost.size)
        issues.append(Issue(Code.BYTES_SKIPPED, Severity.DAMAGE, text, found.lost.first, found.lost.count))
    behind = size - found.ended_at - (details.picture_bytes if details else size)
    if header.is_encrypted and found.ended_at >= 0 and details and behind:
        issues.append(_pictures(behind, size))
    if not header.is_closed:
        text = Message("the app never closed this record: its end may be missing")
        issues.append(Issue(Code.TRUNCATED, Severity.DAMAGE, text, size))
    elif header.end > size or (header.is_encrypted and found.ended_at < 0):
        text = Message("the file ends before the place that its header names: its end is missing")
        issues.append(Issue(Code.TRUNCATED, Severity.DAMAGE, text, size))
    elif details is None:
        text = Message("no details where the header says they are; records were looked for up to the end of the file")
        issues.append(Issue(Code.BAD_RECORD, Severity.DAMAGE, text, header.details_at))
    if found.damaged.count:
        text = Message("records whose check byte says that they are damaged, not used")
        issues.append(Issue(Code.BAD_RECORD, Severity.DAMAGE, text, found.damaged.first, found.damaged.count))
    if found.short.count:
        text = Message("records too short for their kind, not used")
        issues.append(Issue(Code.BAD_RECORD, Severity.DAMAGE, text, found.short.first, found.short.count))
    unknown = [tally for kind, tally in found.others.items() if kind not in _KNOWN]
    if unknown:
        first, count = min(tally.first for tally in unknown), sum(tally.count for tally in unknown)
        issues.append(
            Issue(Code.UNKNOWN_RECORDS, Severity.INFO, Message("records of unknown kinds, not used"), first, count)
        )
    text = Message("the home point's height is barometric: heights above sea level are not known")
    issues.append(Issue(Code.HEIGHT_FRAME, Severity.INFO, text))
    return issues


def _pictures(behind: int, size: int) -> Issue:
    """Say that fewer, or more, bytes follow the records than the pictures that the details tell have."""
    if behind < 0:
        text = Message("the pictures behind the records are cut short by {count} bytes", count=-behind)
        return Issue(Code.TRUNCATED, Severity.DAMAGE, text, size)
    text = Message("{count} bytes behind the pictures, passed over", count=behind)
    return Issue(Code.BYTES_SKIPPED, Severity.DAMAGE, text, size - behind)
