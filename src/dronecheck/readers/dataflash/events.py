"""What a DataFlash log says besides positions: events, the home point, the aircraft.

ARM, DISARM     ARM.ArmState; without such records EV 10, 11; PX4 sdlog2: STAT.ArmS 2
TAKEOFF, LAND   EV 28 (not landed), else 16 (taken off, until 2014), 18 (landed, after an arming or a 28); planes:
                STAT.isFlying, where the autopilot came to be sure of it (isFlyProb; a plane carried about flickers);
                PX4 sdlog2: STAT.Landed
MODE            MODE.Mode, by name where the firmware is known
MESSAGE         MSG
PHOTO           CAM (a picture, as the camera answers), without such records TRIG (the command)
HOME            ORGN of type 1 (home as the autopilot was told: no evidence of place)
"""

from __future__ import annotations

import re

import numpy as np

from dronecheck.flight import Event, EventKind, Home, Vehicle
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.position.fixes import on_globe
from dronecheck.readers.common.records import Records
from dronecheck.readers.dataflash.formats import DataflashLog
from dronecheck.readers.dataflash.times import timed_records

__all__ = ["RECORDS", "dropouts", "events_of", "home_of", "is_tracker", "simulated", "vehicle_of"]

RECORDS = ("ARM", "EV", "MODE", "MSG", "ORGN", "STAT", "VER", "SIM", "DSF", "CAM", "TRIG")

EVENTS_AT_MOST = 1000  # of one kind of record
ARMED, DISARMED, TAKEN_OFF, LANDED, NOT_LANDED = 10, 11, 16, 18, 28
SURE_OF_FLIGHT = 0.9  # isFlyProb; carried in the hand a plane has been seen to reach 0.6
PX4_ARMED = 2
HOME_TYPE = 1

COPTER_MODES = {
    0: "STABILIZE", 1: "ACRO", 2: "ALT_HOLD", 3: "AUTO", 4: "GUIDED", 5: "LOITER", 6: "RTL", 7: "CIRCLE", 9: "LAND",
    11: "DRIFT", 13: "SPORT", 14: "FLIP", 15: "AUTOTUNE", 16: "POSHOLD", 17: "BRAKE", 18: "THROW", 19: "AVOID_ADSB",
    20: "GUIDED_NOGPS", 21: "SMART_RTL", 22: "FLOWHOLD", 23: "FOLLOW", 24: "ZIGZAG", 27: "AUTO_RTL",
}  # fmt: skip
PLANE_MODES = {
    0: "MANUAL", 1: "CIRCLE", 2: "STABILIZE", 3: "TRAINING", 4: "ACRO", 5: "FBWA", 6: "FBWB", 7: "CRUISE",
    8: "AUTOTUNE", 10: "AUTO", 11: "RTL", 12: "LOITER", 13: "TAKEOFF", 14: "AVOID_ADSB", 15: "GUIDED",
    17: "QSTABILIZE", 18: "QHOVER", 19: "QLOITER", 20: "QLAND", 21: "QRTL", 23: "QACRO", 24: "THERMAL",
}  # fmt: skip
MODES = {"ArduCopter": COPTER_MODES, "ArduPlane": PLANE_MODES}
KINDS = {"ArduCopter": "copter", "ArduPlane": "plane", "APMrover2": "rover", "ArduRover": "rover", "ArduSub": "sub"}

_FIRMWARE = re.compile(r"(ArduCopter|ArduPlane|ArduRover|APMrover2|ArduSub|AntennaTracker|Blimp)\s+V?\d.{0,60}")
_BOARD = re.compile(r"([A-Za-z][\w.+-]{1,30}) ([0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8})")


def is_tracker(log: DataflashLog, vehicle: Vehicle) -> bool:
    """Tell whether the log is that of an antenna tracker: its own positions are those of a tripod."""
    return vehicle.firmware.startswith("AntennaTracker") or bool(len(log.rows.get("VPOS", ())))


def events_of(log: DataflashLog, vehicle: Vehicle) -> list[Event]:
    """Return all events, by time."""
    events = _switches(log) + _modes(log, vehicle) + _messages(log) + _photos(log)
    homes = _homes(log)
    if homes is not None:
        events += _listed(homes, EventKind.HOME, ["home set"] + ["home moved"] * (len(homes) - 1))
    return sorted(events, key=lambda event: (event.time_ns, event.offset or 0))


def _event(table: Records, row: int, kind: EventKind, text: str = "") -> Event:
    return Event(int(table.time_us[row]) * 1000, kind, text, int(table.offset[row]))


def _listed(table: Records, kind: EventKind, texts: list[str]) -> list[Event]:
    """Return one event a row, up to a bound; rows without a time are left out."""
    rows = np.flatnonzero(table.time_us >= 0).tolist()
    events = [_event(table, row, kind, texts[row]) for row in rows[:EVENTS_AT_MOST]]
    if len(rows) > EVENTS_AT_MOST:
        text = f"({len(rows) - EVENTS_AT_MOST} more are not listed)"
        events.append(_event(table, rows[EVENTS_AT_MOST], kind, text))
    return events


def _switches(log: DataflashLog) -> list[Event]:
    """Return the events of arming and landing."""
    events: list[Event] = []
    arming, status, told = (timed_records(log, name) for name in ("ARM", "STAT", "EV"))
    if arming is not None:
        states = arming.numbers("ArmState").tolist()
        kinds = [EventKind.ARM if state else EventKind.DISARM for state in states]
        events += [_event(arming, row, kind) for row, kind in enumerate(kinds[:EVENTS_AT_MOST])]
    if told is not None:
        events += _told(told, arming is None)
    if status is not None and status.has("ArmS"):
        armed = status.numbers("ArmS") == PX4_ARMED
        events += _changes(status, armed, EventKind.ARM, EventKind.DISARM)
        events += _changes(status, status.numbers("Landed") != 0, EventKind.LAND, EventKind.TAKEOFF)
    elif status is not None and status.has("isFlying", "isFlyProb"):
        events += _changes(status, _surely_flying(status), EventKind.TAKEOFF, EventKind.LAND)
    return [event for event in events if event.time_ns >= 0]


def _told(told: Records, with_arming: bool) -> list[Event]:
    """Return the events of arming and landing by event numbers."""
    events: list[Event] = []
    in_air = taken_off = False  # armed at least; off the ground
    for row, number in enumerate(told.numbers("Id").tolist()[: 10 * EVENTS_AT_MOST]):
        if number in (ARMED, DISARMED) and with_arming:
            events.append(_event(told, row, EventKind.ARM if number == ARMED else EventKind.DISARM))
        elif number == NOT_LANDED or (number == TAKEN_OFF and in_air and not taken_off):
            events.append(_event(told, row, EventKind.TAKEOFF))
        elif number == LANDED and in_air:  # at the start and after a disarming it only states what is
            events.append(_event(told, row, EventKind.LAND))
        in_air = number in (ARMED, NOT_LANDED) or (in_air and number not in (DISARMED, LANDED))
        taken_off = (
            number == NOT_LANDED
            or (in_air and number == TAKEN_OFF)
            or (taken_off and number not in (ARMED, DISARMED, LANDED))
        )
    return events


def _photos(log: DataflashLog) -> list[Event]:
    tables = (timed_records(log, name) for name in ("CAM", "TRIG"))
    table = next((one for one in tables if one is not None), None)
    return [] if table is None else _listed(table, EventKind.PHOTO, [""] * len(table))


def _surely_flying(status: Records) -> np.ndarray:
    """Return the rows of those runs of isFlying in which its probability reaches that of a flight."""
    flying = status.numbers("isFlying") == 1
    sure = flying & (status.numbers("isFlyProb") >= SURE_OF_FLIGHT)
    stretch = np.cumsum(flying & ~np.append(False, flying[:-1]))
    return np.asarray(flying & np.isin(stretch, stretch[sure]))


def _changes(table: Records, state: np.ndarray, on: EventKind, off: EventKind) -> list[Event]:
    """Return an event wherever a state changes; that of the first row is no change."""
    rows = (np.flatnonzero(state[1:] != state[:-1]) + 1).tolist()
    return [_event(table, row, on if state[row] else off) for row in rows[:EVENTS_AT_MOST]]


def _modes(log: DataflashLog, vehicle: Vehicle) -> list[Event]:
    table = timed_records(log, "MODE")
    if table is None:
        return []
    names = next((modes for name, modes in MODES.items() if vehicle.firmware.startswith(name)), {})
    texts = table.texts("Mode")
    return _listed(table, EventKind.MODE, [names.get(int(t), f"mode {t}") if t.isdecimal() else t for t in texts])


def _messages(log: DataflashLog) -> list[Event]:
    table = timed_records(log, "MSG")
    if table is None:
        return []
    first = table.pick(np.arange(min(len(table), 2 * EVENTS_AT_MOST), dtype=np.intp)).texts("Message")
    return _listed(table, EventKind.MESSAGE, first + [""] * (len(table) - len(first)))


# ---- home and aircraft


def _homes(log: DataflashLog) -> Records | None:
    table = timed_records(log, "ORGN")
    if table is None:
        return None
    good = on_globe(table.numbers("Lat"), table.numbers("Lng"))
    table = table.pick(good & (table.numbers("Type") == HOME_TYPE)).ascending()
    return table if len(table) else None


def home_of(log: DataflashLog, events: list[Event]) -> Home | None:
    """Return the last home before the first take-off, else the first one."""
    homes = _homes(log)
    if homes is None:
        return None
    takeoff_ns = next((event.time_ns for event in events if event.kind is EventKind.TAKEOFF), None)
    before = 0 if takeoff_ns is None else int(np.searchsorted(homes.time_us, takeoff_ns // 1000, "right")) - 1
    row = max(before, 0)
    lat, lon, alt = (float(homes.numbers(name)[row]) for name in ("Lat", "Lng", "Alt"))
    return Home(lat, lon, alt if np.isfinite(alt) else float("nan"))


def _said(log: DataflashLog) -> list[str]:
    """Say what the log says about itself: the preamble of a text log, and its first messages."""
    rows = log.rows.get("MSG")
    first = rows.pick(np.arange(min(len(rows), 200), dtype=np.intp)).texts("Message") if rows is not None else []
    return [*log.preamble, *first]


def vehicle_of(log: DataflashLog) -> Vehicle:
    """Return the aircraft as the log states it."""
    said = _said(log)
    firmware = next((match[0].strip() for text in said if (match := _FIRMWARE.match(text))), "")
    board = next((match for text in said if (match := _BOARD.fullmatch(text))), None)
    hardware, serial = (board[1], board[2]) if board else ("", "")
    version = log.rows.get("VER")
    if not firmware and version is not None and len(version) and version.has("Arch", "FwGit"):
        hardware, git = version.texts("Arch")[0], version.texts("FwGit")[0]
        firmware = f"PX4 {git[:12]}"
    kind = next((kind for name, kind in KINDS.items() if firmware.startswith(name)), "")
    return Vehicle(kind=kind, firmware=firmware, hardware=hardware, serial=serial)


def simulated(log: DataflashLog) -> Message:
    """Return why the log comes from a simulator; "" when nothing says so."""
    truth = log.rows.get("SIM")
    if truth is not None and len(truth):
        return Message("the log holds the simulator's own records (SIM)")
    marks = [text for text in _said(log) if re.search(r"\bSITL\b", text)]
    return Message("the log names a simulator ({mark})", mark=marks[0]) if marks else Message("")


def dropouts(log: DataflashLog) -> None:
    """Note the records that the logger itself says it lost (DSF.Dp counts them)."""
    rows = log.rows.get("DSF")
    if rows is None or not len(rows):
        return
    counts = np.nan_to_num(rows.numbers("Dp"))
    lost = np.append(counts[:1], np.diff(counts)) > 0
    if lost.any():
        text = Message("the logger itself lost {count:,} records", count=int(counts.max()))
        log.note(Code.LOG_DROPOUT, Severity.WARNING, text, int(rows.offset[lost][0]), int(counts.max()))
