"""PX4 ULog (.ulg): a self-describing binary log of the autopilot's topics.

    topic                     becomes
    vehicle_gps_position,     the track "gnss"; the clock: a fix has its time_utc_usec, other records lie between
    sensor_gps                two fixes
    vehicle_global_position   the track "fused"; without any of the three: vehicle_local_position with its reference
    home_position             `Flight.home` (the last valid one before take-off, else the first), HOME events
    vehicle_status            ARM and DISARM (arming_state 2), MODE (nav_state); without it actuator_armed
    vehicle_land_detected     TAKEOFF and LAND (landed)
    camera_capture            PHOTO; without it camera_trigger
    logged text               MESSAGE events
    vehicle_attitude ...      what bears witness beside them: see `witnesses`
    information               sys_name, ver_hw, ver_sw, sys_uuid: the aircraft

Times are microseconds since boot. The modules: frames (records and damage), formats (fields), topics (rows),
tracks (positions), witnesses. A ULog carries no checksum: a changed coordinate shows only where topics disagree.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Ints
from dronecheck.flight import Clock, ClockSource, Event, EventKind, Flight, Gravity, Home, Source, Vehicle
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.mapping import TimeMapping, one_axis, power_up_ns, satellite_mapping, starts_of
from dronecheck.readers.common.position.fixes import on_globe
from dronecheck.readers.common.position.track_choice import Sources, SourceWitness, settled
from dronecheck.readers.common.records import UNTIMED_US
from dronecheck.readers.ulog import NAME
from dronecheck.readers.ulog.topics import YEAR_2100_US, TopicLog, TopicRecords, load
from dronecheck.readers.ulog.tracks import (
    ESTIMATE,
    FIX_TOPICS,
    TOPICS,
    fixes_of,
    fused_track,
    gnss_track,
    has_fix,
    satellite_us,
)
from dronecheck.readers.ulog.witnesses import TOPICS as WITNESSES
from dronecheck.readers.ulog.witnesses import witnesses_of
from dronecheck.safe.io import Input

__all__ = ["TOPICS_READ", "read_ulog"]


_READER = "dronecheck.readers.ulog/1"
PHOTOS = ("camera_capture", "camera_trigger")
TELLING = frozenset((*TOPICS, "home_position", "vehicle_status", "actuator_armed", "vehicle_land_detected", *PHOTOS))
TOPICS_READ = TELLING | frozenset(WITNESSES)

ARMED = 2
GRAVEST_LEVEL, WARNING_LEVEL = 2, 4
HOME_MOVED_DEG = 1e-5
NAV_STATES = {
    0: "manual", 1: "altitude", 2: "position", 3: "mission", 4: "hold", 5: "return", 6: "position slow", 10: "acro",
    12: "descend", 13: "termination", 14: "offboard", 15: "stabilized", 17: "take-off", 18: "land",
    19: "follow target", 20: "precision land", 21: "orbit", 22: "VTOL take-off",
}  # fmt: skip


def read_ulog(source: Input) -> Flight:
    """Read a ULog. Raises UnreadableInput when it is none, is empty or needs a newer reader."""
    with np.errstate(all="ignore"):  # damaged floats may be any bit pattern; NaN is dealt with where it matters
        return _read(source)


def _read(source: Input) -> Flight:
    log = load(source.data, TOPICS_READ)
    clock, mapping = _set_clock(log, fixes_of(log))
    events = _events(log)
    home = _home(log, events)
    tables = fixes_of(log)
    sources = _tracks(log, tables, home)
    _simulated(log)
    _end(log)
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, "", _READER),
        tracks=sources.tracks,
        primary=sources.primary,
        rivals=sources.rivals,
        clock=replace(clock, power_up_ns=power_up_ns(mapping)),
        completeness=log.completeness,
        home=home,
        vehicle=_vehicle(log),
        events=tuple(events),
        issues=tuple(log.issues),
        trust=log.trust,
        ends_airborne=log.ends_airborne,
        witnesses=witnesses_of(log, tables),
    )


def _tracks(log: TopicLog, tables: list[TopicRecords], home: Home | None) -> Sources:
    gnss = gnss_track(log, tables, home)
    fused = fused_track(log, gnss, home)
    # Other tables of fixes only bear witness: what they note of themselves is of no interest.
    others = [gnss_track(replace(log, issues=[]), [rows], home) for rows in tables[1:]] if gnss is not None else []
    sources = settled(gnss, fused, [SourceWitness(other) for other in others if other is not None])
    log.issues += sources.issues
    if not sources.primary:
        log.note(Code.NO_POSITION, Severity.WARNING, Message("the log has no usable position"))
    return sources


def _simulated(log: TopicLog) -> None:
    marks = [str(log.info.get(key, "")) for key in ("sys_name", "ver_hw")]
    if any("SITL" in mark for mark in marks) and not log.is_simulated:
        named = " ".join(mark for mark in marks if mark)
        text = Message("the log names a simulator as its hardware ({marks})", marks=named)
        log.note(Code.SIMULATED, Severity.INFO, text)
        log.is_simulated = True


def _end(log: TopicLog) -> None:
    """Say when the log stops in the middle of a flight: cut between two records, it shows in no other way."""
    for topic, name, value, state in (
        ("vehicle_land_detected", "landed", 0, Message("airborne")),
        ("vehicle_status", "arming_state", ARMED, Message("armed")),
    ):
        rows = log.first(topic)
        if rows is not None and rows.has(name) and rows.values[name][-1] == value:
            text = Message(
                "the log ends while the aircraft is {state}; what it did afterwards is not recorded here", state=state
            )
            log.note(Code.ENDS_IN_FLIGHT, Severity.WARNING, text, int(rows.offset[-1]))
            log.ends_airborne = True
            return


def _vehicle(log: TopicLog) -> Vehicle:
    info = {key: str(log.info[key]) if key in log.info else "" for key in ("sys_name", "ver_hw", "ver_sw", "sys_uuid")}
    release = log.info.get("ver_sw_release")
    version = "v" + ".".join(str(release >> shift & 0xFF) for shift in (24, 16, 8)) if isinstance(release, int) else ""
    firmware = " ".join(part for part in (info["sys_name"], version, info["ver_sw"][:12]) if part)
    return Vehicle(firmware=firmware, hardware=info["ver_hw"], serial=info["sys_uuid"])


# ---- time


def _set_clock(log: TopicLog, tables: list[TopicRecords]) -> tuple[Clock, TimeMapping | None]:
    """Return the clock by the first receiver that states UTC, and the mapping that all times of the log are put to.

    Without UTC the times of a later start of the clock count on from those before.
    """
    every = [rows for topic in log.rows if topic in TELLING for rows in log.rows[topic]]
    log.starts = starts_of(every, log)
    clock, mapping = _satellite_clock(log, tables)
    mapping = mapping or one_axis(log.starts, every)
    if mapping is None:
        return clock, None
    for topic, instances in log.rows.items():
        log.rows[topic] = [replace(rows, time_us=_mapped(mapping, rows)) for rows in instances]
    at = np.array([(text.time_us, text.offset) for text in log.messages], np.int64).reshape(-1, 2)
    times = mapping.at(at[:, 0], mapping.index(at[:, 1])).tolist()
    log.messages = [replace(text, time_us=time_us) for text, time_us in zip(log.messages, times, strict=True)]
    return clock, mapping


def _satellite_clock(log: TopicLog, tables: list[TopicRecords]) -> tuple[Clock, TimeMapping | None]:
    for rows in tables:
        usable = rows.pick(has_fix(rows) & (rows.time_us > 0) & (rows.time_us < YEAR_2100_US))
        utc_us = satellite_us(usable)
        if (utc_us > 0).any():
            return _clock_of(log, usable, utc_us)
    log.note(Code.UTC_UNKNOWN, Severity.WARNING, Message("no satellite time in the log"))
    return Clock(False, ClockSource.NONE, float("nan")), None


def _clock_of(log: TopicLog, fixes: TopicRecords, utc_us: Ints) -> tuple[Clock, TimeMapping | None]:
    positions = [fixes, *log.rows.get(ESTIMATE, ())]
    found = satellite_mapping(log, fixes, utc_us, log.starts, NAME, positions)
    if found is None:
        log.note(Code.UTC_UNKNOWN, Severity.WARNING, Message("no usable satellite time"))
        return Clock(False, ClockSource.NONE, float("nan")), None
    mapping, sigma_s = found
    note = Message("{table}.time_utc_usec of {rows} fixes", table=fixes.name, rows=int((utc_us > 0).sum()))
    return Clock(True, ClockSource.GNSS, sigma_s, note, mapping.is_assumed, mapping=mapping.facts), mapping


def _mapped(mapping: TimeMapping, rows: TopicRecords) -> Ints:
    """Return the times of a topic's rows; those of fixes are what they state."""
    rows = replace(rows, time_us=np.where(rows.time_us > 0, rows.time_us, UNTIMED_US))
    if rows.name not in FIX_TOPICS or not mapping.is_utc:
        return mapping.of(rows)
    return mapping.of_fixes(rows, np.where(has_fix(rows), satellite_us(rows), 0), NAME)


# ---- events


def _changes(rows: TopicRecords | None, name: str) -> list[tuple[int, int, int]]:
    """Return time in us, new value and offset wherever a field changes; the value of the first row is no change."""
    if rows is None or not rows.has(name):
        return []
    rows = rows.pick((rows.time_us > 0) & (rows.time_us < YEAR_2100_US))
    values = rows.values[name].astype(np.int64)
    index = np.flatnonzero(values[1:] != values[:-1]) + 1
    columns = (rows.time_us[index], values[index], rows.offset[index])
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _events(log: TopicLog) -> list[Event]:
    """Return all events, by time."""
    events = [Event(m.time_us * 1000, EventKind.MESSAGE, m.text, m.offset, _gravity(m.level)) for m in log.messages]
    status = log.first("vehicle_status")
    if status is not None and status.has("arming_state"):
        armed: TopicRecords | None = replace(status, values=_is(status, "arming_state", ARMED))
    else:
        armed = log.first("actuator_armed")
    switches = (
        (armed, "armed", EventKind.ARM, EventKind.DISARM),
        (log.first("vehicle_land_detected"), "landed", EventKind.LAND, EventKind.TAKEOFF),
    )
    for rows, name, on, off in switches:
        events += [Event(t * 1000, on if value else off, "", offset) for t, value, offset in _changes(rows, name)]
    for t, state, offset in _changes(status, "nav_state"):
        events.append(Event(t * 1000, EventKind.MODE, NAV_STATES.get(state, f"nav_state {state}"), offset))
    events += _photos(log) + _home_events(log)
    return sorted(events, key=lambda event: (event.time_ns, event.offset or 0))


def _photos(log: TopicLog) -> list[Event]:
    """Return the pictures as the camera answered, else as it was triggered."""
    tables = (log.first(name) for name in PHOTOS)
    rows = next((one for one in tables if one is not None and len(one)), None)
    if rows is None:
        return []
    rows = rows.pick((rows.time_us > 0) & (rows.time_us < YEAR_2100_US))
    pairs = zip(rows.time_us.tolist(), rows.offset.tolist(), strict=True)
    return [Event(t * 1000, EventKind.PHOTO, "", offset) for t, offset in pairs]


def _gravity(level: int) -> Gravity:
    if 0 <= level <= GRAVEST_LEVEL:
        return Gravity.CRITICAL
    return Gravity.WARNING if 0 <= level <= WARNING_LEVEL else Gravity.NOTICE


def _is(rows: TopicRecords, name: str, value: int) -> NDArray[np.void]:
    """Return a table with one field "armed": whether the field `name` has that value."""
    flags = np.zeros(len(rows), np.dtype([("armed", "u1")]))
    flags["armed"] = rows.values[name] == value
    return flags


def _valid_homes(log: TopicLog) -> TopicRecords | None:
    rows = log.first("home_position")
    if rows is None or not rows.has("lat", "lon"):
        return None
    lat, lon = rows.numbers("lat"), rows.numbers("lon")
    timed = (rows.time_us > 0) & (rows.time_us < YEAR_2100_US)
    rows = rows.pick(on_globe(lat, lon) & timed & rows.flags("valid_hpos", True))
    return rows if len(rows) else None


def _home_events(log: TopicLog) -> list[Event]:
    rows = _valid_homes(log)
    if rows is None:
        return []
    lat, lon = rows.numbers("lat"), rows.numbers("lon")
    moved = (np.abs(np.diff(lat)) > HOME_MOVED_DEG) | (np.abs(np.diff(lon)) > HOME_MOVED_DEG)
    index = np.append(0, np.flatnonzero(moved) + 1)
    texts = ["home set", *["home moved"] * (len(index) - 1)]
    pairs = zip(rows.time_us[index].tolist(), texts, rows.offset[index].tolist(), strict=True)
    return [Event(t * 1000, EventKind.HOME, text, offset) for t, text, offset in pairs]


def _home(log: TopicLog, events: list[Event]) -> Home | None:
    """Return the last valid home before the first take-off, else the first valid one."""
    rows = _valid_homes(log)
    if rows is None:
        return None
    takeoff_ns = next((event.time_ns for event in events if event.kind is EventKind.TAKEOFF), None)
    before = 0 if takeoff_ns is None else int(np.searchsorted(rows.time_us, takeoff_ns // 1000, "right")) - 1
    row = max(before, 0)
    alt_m = float(rows.numbers("alt")[row]) if rows.flags("valid_alt", True)[row] else float("nan")
    return Home(float(rows.numbers("lat")[row]), float(rows.numbers("lon")[row]), alt_m)
