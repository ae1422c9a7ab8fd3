"""MAVLink telemetry logs (.tlog) of ground stations, and raw MAVLink streams.

    message                 becomes
    GPS_RAW_INT, GPS2_RAW   the track "gnss"
    GLOBAL_POSITION_INT     the track "fused"
    DISTANCE_SENSOR, TERRAIN_REPORT    its heights above ground
    SCALED_PRESSURE                    its pressure altitude
    SYSTEM_TIME             the clock: UTC = time since boot + median of (time_unix_usec - time_boot_ms); see `clock`
    HEARTBEAT               which senders are aircraft; ARM and DISARM (base_mode 128), MODE (custom_mode)
    EXTENDED_SYS_STATE      TAKEOFF and LAND (landed_state)
    HOME_POSITION           `Flight.home` (the last before take-off, else the first), HOME events
    STATUSTEXT              MESSAGE events
    AUTOPILOT_VERSION       the aircraft
    ATTITUDE ...            what bears witness beside them: see `witnesses`

A stream carries the messages of several systems: the aircraft, the ground station, radios, gimbals, other aircraft.
Positions count only from a sender whose heartbeat says that it is an autopilot of an aircraft; ADSB_VEHICLE is
other traffic. The modules: crc (checksum), frames (records and damage), messages (layouts), records (rows),
clock (time), tracks (positions), heights (above ground),
witnesses.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dronecheck.flight import Event, EventKind, Flight, Gravity, Home, Source, Vehicle
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.tlog import NAME
from dronecheck.readers.tlog.clock import Timeline, timeline
from dronecheck.readers.tlog.messages import ARDUPILOT, PX4, TYPES, mode_name
from dronecheck.readers.tlog.records import MessageLog, MessageRecords, load
from dronecheck.readers.tlog.tracks import has_fix, tracks_of
from dronecheck.readers.tlog.witnesses import witnesses_of
from dronecheck.safe.io import Input, plain

__all__ = ["read_tlog"]


_READER = "dronecheck.readers.tlog/1"

NO_AUTOPILOT = 8
GROUND_TYPES = (5, 6)  # antenna tracker, ground station
AUTOPILOT_COMPONENT = 1
ARMED, HARDWARE_IN_THE_LOOP = 128, 32
ON_GROUND, IN_AIR = 1, 2
PHOTOS_AT_MOST = 10_000
MESSAGES_AT_MOST = 1000
MESSAGE_CHARS_AT_MOST = 300
HOME_MOVED_1E7 = 100
GRAVEST, WARNED = 2, 4  # MAV_SEVERITY: 0 emergency, 1 alert, 2 critical


def read_tlog(source: Input) -> Flight:
    """Read a MAVLink log. Raises UnreadableInput when the content is none."""
    log = load(source.data)
    whose = _Senders.of(log)
    others = tuple(_flight(source, log, sender, whose) for sender in whose.others)
    flight = _flight(source, log, whose.chosen, whose)
    return replace(flight, others=tuple(other for other in others if len(other.track)))


def _flight(source: Input, shared: MessageLog, sender: int, whose: _Senders) -> Flight:
    """Return the flight of one vehicle, with what it notes beside what was noted of the whole stream."""
    log = copy(shared)
    log.issues = list(shared.issues)
    whose.note(log, sender)
    line = timeline(log, sender)
    events = _events(log, sender, line)
    home = _home(log, sender, line, events)
    _simulated(log, sender)
    _identity(log, sender)
    sources = tracks_of(log, sender, line, home)
    if not sources.primary:
        log.note(Code.NO_POSITION, Severity.WARNING, Message("the log has no usable position"))
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, "" if log.stamped else "raw", _READER),
        tracks=sources.tracks,
        primary=sources.primary,
        rivals=sources.rivals,
        clock=line.clock,
        completeness=log.completeness,
        home=home,
        vehicle=_vehicle(log, sender),
        events=tuple(events),
        issues=tuple(log.issues),
        trust=log.trust,
        witnesses=witnesses_of(log, sender, line),
    )


# ---- who is the aircraft


def _named(sender: int) -> str:
    return f"{sender >> 8}/{sender & 0xFF}"


def _counts(values: NDArray[np.int64]) -> dict[int, int]:
    numbers, counts = np.unique(values, return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Senders:
    """The sender that is judged (-1 for none), the other aircraft, and how many positions each sender has.

    An aircraft is an autopilot by its heartbeat; of several the one with most fixes is judged. Senders of positions
    whose heartbeat is not there may be aircraft, too.
    """

    chosen: int
    others: tuple[int, ...]
    positions: dict[int, int]
    is_guessed: bool  # no heartbeat at all

    @classmethod
    def of(cls, log: MessageLog) -> _Senders:
        beats, fixes, estimates = (log.rows[name] for name in ("HEARTBEAT", "GPS_RAW_INT", "GLOBAL_POSITION_INT"))
        autopilot = (beats.values["autopilot"] != NO_AUTOPILOT) & ~np.isin(beats.values["type"], GROUND_TYPES)
        aircraft = np.unique(beats.sender[autopilot]).tolist()
        positions = _counts(np.concatenate([fixes.sender[has_fix(fixes)], estimates.sender]))
        is_guessed = not aircraft and not len(beats)
        unheard = [sender for sender in positions if sender & 0xFF == AUTOPILOT_COMPONENT]
        if is_guessed:
            aircraft = unheard
        fixed = _counts(fixes.sender[has_fix(fixes)])
        chosen = max(aircraft, key=lambda sender: (fixed.get(sender, 0), positions.get(sender, 0)), default=-1)
        known = set(beats.sender.tolist())
        may_fly = [*aircraft, *(sender for sender in unheard if sender not in known)]
        best: dict[int, int] = {}  # the sender of most positions of each system, which is one vehicle
        for sender in sorted(set(may_fly) & set(positions), key=lambda sender: (positions[sender], -sender)):
            best[sender >> 8] = sender
        best.pop(chosen >> 8, None)
        return cls(int(chosen), tuple(sorted(best.values())), positions, is_guessed and bool(aircraft))

    def note(self, log: MessageLog, judged: int) -> None:
        """Say whose positions are no part of the track where this sender is judged."""
        if self.is_guessed:
            text = Message(
                "no heartbeat says who is the aircraft; the autopilot of system {sender} is taken for it",
                sender=_named(judged),
            )
            log.note(Code.OTHER_VEHICLES, Severity.WARNING, text)
        rest = {sender: count for sender, count in self.positions.items() if sender != judged}
        if not rest:
            return
        listed = ", ".join(f"{_named(sender)} ({count})" for sender, count in list(rest.items())[:5])
        are_vehicles = judged == self.chosen and bool(set(rest) & set(self.others))
        severity = Severity.WARNING if are_vehicles else Severity.INFO
        text = Message("positions of other systems are no part of this track: {listed}", listed=listed)
        if judged >= 0:
            text = Message("{what}; the aircraft is {sender}", what=text, sender=_named(judged))
        log.note(Code.OTHER_VEHICLES, severity, text, None, sum(rest.values()))


def _simulated(log: MessageLog, sender: int) -> None:
    beats = log.of("HEARTBEAT", sender)
    marked = np.flatnonzero(beats.values["base_mode"] & HARDWARE_IN_THE_LOOP)
    if len(marked):
        text = Message("the heartbeat says that a simulator drives the autopilot")
        log.note(Code.SIMULATED, Severity.INFO, text, int(beats.offset[marked[0]]), len(marked))
        log.is_simulated = True


def _identity(log: MessageLog, sender: int) -> None:
    """Note that the sender says to be another aircraft than before: each board has a number of its own."""
    for message, fields, what in (
        ("AUTOPILOT_VERSION", ("uid", "uid2"), Message("number of the board")),
        ("AUTOPILOT_VERSION", ("flight_sw_version",), Message("version of the firmware")),
        ("HEARTBEAT", ("type", "autopilot"), Message("type of aircraft")),
    ):
        rows = log.of(message, sender)
        columns = [rows.values[name] for name in fields]
        wide = [column if column.ndim > 1 else column[:, None] for column in columns]
        said = np.concatenate([column.astype(np.uint64) for column in wide], axis=1)
        known = np.flatnonzero((said != 0).any(axis=1))
        changes = np.flatnonzero((said[known][1:] != said[known][:-1]).any(axis=1))
        if len(changes):
            text = Message("{message} states another {what} than before", message=message, what=what)
            first = int(rows.offset[known[changes[0] + 1]])
            log.note(Code.IDENTITY_CHANGES, Severity.WARNING, text, first, len(changes))


def _vehicle(log: MessageLog, sender: int) -> Vehicle:
    beats, versions = log.of("HEARTBEAT", sender), log.of("AUTOPILOT_VERSION", sender)
    kind = firmware = hardware = serial = ""
    if len(beats):
        kind = TYPES.get(int(beats.values["type"][0]), "")
        firmware = {ARDUPILOT: "ArduPilot", PX4: "PX4"}.get(int(beats.values["autopilot"][0]), "")
    if len(versions):
        last = versions.values[-1]
        number = int(last["flight_sw_version"])
        if number:
            version = ".".join(str(number >> shift & 0xFF) for shift in (24, 16, 8))
            firmware = f"{firmware} v{version}".strip()
        hardware = f"board {int(last['board_version'])}" if last["board_version"] else ""
        long_id = last["uid2"].tobytes().rstrip(b"\0")
        serial = long_id.hex() if long_id else f"{int(last['uid']):016x}" if last["uid"] else ""
    # ArduPilot says its name and version in a text: "ArduCopter V3.3-dev (1c3f6d34)"
    for text in log.of("STATUSTEXT", sender).values["text"][:MESSAGES_AT_MOST].tolist():
        words = plain(text.decode("latin-1"), 60)
        if words.startswith(("Ardu", "APM:")) and " V" in words:
            firmware = words
            break
    return Vehicle(kind, "", firmware, hardware, serial, sender >> 8 if sender >= 0 else None)


# ---- events


def _changes(values: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return where a value differs from the one before; the first is no change."""
    return np.flatnonzero(values[1:] != values[:-1]) + 1


def _events(log: MessageLog, sender: int, line: Timeline) -> list[Event]:
    """Return all events of the aircraft, by time."""
    beats = log.of("HEARTBEAT", sender)
    at_us = line.at(beats).tolist()
    events = []

    def add(row: int, kind: EventKind, text: str) -> None:
        events.append(Event(at_us[row] * 1000, kind, text, int(rows.offset[row])))

    rows = beats
    armed = (beats.ints("base_mode") & ARMED) // ARMED
    for row in _changes(armed).tolist():
        add(row, EventKind.ARM if armed[row] else EventKind.DISARM, "")
    mode = beats.ints("custom_mode")
    for row in _changes(mode).tolist():
        name = mode_name(int(beats.values["autopilot"][row]), int(beats.values["type"][row]), int(mode[row]))
        add(row, EventKind.MODE, name)
    rows = log.of("EXTENDED_SYS_STATE", sender)
    # take-off (3) and landing (4) are on the way between the two and count as in the air; 0 is unknown
    rows = rows.pick(rows.values["landed_state"] >= ON_GROUND)
    at_us = line.at(rows).tolist()
    flying = (rows.ints("landed_state") >= IN_AIR).astype(np.int64)
    for row in _changes(flying).tolist():
        add(row, EventKind.TAKEOFF if flying[row] else EventKind.LAND, "")
    rows = _homes(log, sender)
    at_us = line.at(rows).tolist()
    moved = np.abs(np.diff(rows.ints("latitude"))) + np.abs(np.diff(rows.ints("longitude"))) > HOME_MOVED_1E7
    for row in range(len(rows)):
        if not row or moved[row - 1]:
            add(row, EventKind.HOME, "home moved" if row else "home set")
    for rows in (log.of("CAMERA_FEEDBACK", sender), log.of("CAMERA_TRIGGER", sender)):
        if len(rows):  # the answer of the camera, else the command
            at_us = line.at(rows).tolist()
            for row in range(min(len(rows), PHOTOS_AT_MOST)):
                add(row, EventKind.PHOTO, "")
            break
    events += _messages(log, sender, line)
    return sorted(events, key=lambda event: (event.time_ns, event.offset or 0))


def _messages(log: MessageLog, sender: int, line: Timeline) -> list[Event]:
    """Return the texts of the autopilot; those sent in chunks are joined."""
    rows = log.of("STATUSTEXT", sender)
    at_us = line.at(rows).tolist()
    found: list[Event] = []
    pieces: list[bytes] = []
    open_id, count = 0, 0
    columns = (rows.values[name].tolist() for name in ("text", "id", "chunk_seq", "severity"))
    for time_us, offset, text, text_id, chunk, severity in zip(at_us, rows.offset.tolist(), *columns, strict=True):
        if text_id and text_id == open_id and chunk and found:
            pieces.append(text)
        else:
            count += 1
            open_id, pieces = text_id, [text]
            if count <= MESSAGES_AT_MOST:
                found.append(Event(time_us * 1000, EventKind.MESSAGE, "", offset, _gravity(severity)))
        if count <= MESSAGES_AT_MOST:
            words = b"".join(pieces[:8]).decode("utf-8", "replace").strip()
            found[-1] = replace(found[-1], text=plain(words, MESSAGE_CHARS_AT_MOST))
    if count > MESSAGES_AT_MOST:
        text = f"({count - MESSAGES_AT_MOST} more messages are not listed)"
        found.append(Event(found[-1].time_ns, EventKind.MESSAGE, text, found[-1].offset))
    return found


def _gravity(severity: int) -> Gravity:
    if severity <= GRAVEST:
        return Gravity.CRITICAL
    return Gravity.WARNING if severity <= WARNED else Gravity.NOTICE


def _homes(log: MessageLog, sender: int) -> MessageRecords:
    rows = log.of("HOME_POSITION", sender)
    lat, lon = rows.ints("latitude"), rows.ints("longitude")
    return rows.pick((np.abs(lat) <= 900_000_000) & (np.abs(lon) <= 1_800_000_000) & ((lat != 0) | (lon != 0)))


def _home(log: MessageLog, sender: int, line: Timeline, events: list[Event]) -> Home | None:
    """Return the last home before the first take-off (or arming), else the first."""
    rows = _homes(log, sender)
    if not len(rows):
        return None
    start_ns = next((event.time_ns for event in events if event.kind is EventKind.TAKEOFF), None)
    if start_ns is None:
        start_ns = next((event.time_ns for event in events if event.kind is EventKind.ARM), None)
    before = np.flatnonzero(line.at(rows) * 1000 <= start_ns) if start_ns is not None else np.zeros(0, np.intp)
    row = int(before[-1]) if len(before) else 0
    lat, lon, alt = (float(rows.values[name][row]) for name in ("latitude", "longitude", "altitude"))
    return Home(lat / 1e7, lon / 1e7, alt / 1e3)
