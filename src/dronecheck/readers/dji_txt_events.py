"""What a DJI flight record says besides positions: events, the home point and the aircraft.

Numbers of modes, aircraft types and products as in dji-log-parser (MIT); the modes 1, 6 and 11 are checked against the
exports that another service made.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dronecheck.flight import Event, EventKind, Home, Vehicle
from dronecheck.readers.dji_txt_records import Details, Record, text_of
from dronecheck.safeio import plain

__all__ = ["APP_MESSAGES", "HOME", "HOME_BYTES", "RECOVER", "RECOVER_BYTES", "product_name", "read_events",
           "read_home", "read_vehicle"]  # fmt: skip

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.void]

HOME, HOME_BYTES = 2, 21
RECOVER, RECOVER_BYTES = 13, 47
APP_MESSAGES = (9, 10, 24)
EVENTS_OF_A_KIND = 1000
_LONG_RECOVER_BYTES = 100  # serial numbers of 16 bytes instead of 10
_MODES = {
    0: "Manual", 1: "Atti", 2: "Atti_CL", 3: "Atti_Hover", 4: "Hover", 5: "GPS_Brake", 6: "GPS_Atti", 7: "GPS_CL",
    8: "GPS_HomeLock", 9: "GPS_HotPoint", 10: "AssistedTakeoff", 11: "AutoTakeoff", 12: "AutoLanding",
    13: "AttiLanding", 14: "NaviGo", 15: "GoHome", 16: "ClickGo", 17: "Joystick", 23: "Atti_Limited", 24: "Draw",
    25: "GPS_FollowMe", 26: "ActiveTrack", 27: "TapFly", 28: "Pano", 29: "Farming", 30: "FPV", 31: "Sport",
    32: "Novice", 33: "ForceLanding", 35: "TerrainTracking", 36: "NaviAdvGoHome", 37: "NaviAdvLanding", 38: "Tripod",
    39: "TrackHeadlock", 41: "MotorsStarted", 43: "GPS_Gentle",
}  # fmt: skip
_TYPES = {
    1: "Inspire 1", 2: "Phantom 3 Advanced", 3: "Phantom 3 Professional", 4: "Phantom 3 Standard", 10: "A3",
    11: "Phantom 4", 14: "Matrice 600", 15: "Phantom 3 4K", 16: "Mavic Pro", 17: "Inspire 2", 18: "Phantom 4 Pro",
    20: "N3", 21: "Spark", 23: "Matrice 600 Pro", 24: "Mavic Air", 25: "Matrice 200", 27: "Phantom 4 Advanced",
    28: "Matrice 210", 29: "Phantom 3 SE", 30: "Matrice 210 RTK", 36: "Phantom 4 Pro V2", 41: "Mavic 2",
    51: "Mavic 2 Enterprise", 58: "Mavic Air 2", 60: "Matrice 300 RTK", 63: "Mini 2",
}  # fmt: skip
_PRODUCTS = {
    1: "Inspire 1", 2: "Phantom 3 Standard", 3: "Phantom 3 Advanced", 4: "Phantom 3 Professional", 6: "Matrice 100",
    7: "Phantom 4", 11: "Matrice 600", 12: "Phantom 3 4K", 13: "Mavic Pro", 17: "Inspire 2", 24: "Phantom 4 Pro",
    26: "Spark", 28: "Phantom 4 Advanced", 38: "Mavic Air", 42: "Mavic 2", 44: "Phantom 4 Pro V2",
    46: "Phantom 4 RTK", 58: "Mavic 2 Enterprise", 59: "Mavic Mini", 67: "Mavic Air 2", 70: "Matrice 300 RTK",
    73: "DJI FPV", 75: "Air 2S", 76: "Mini 2", 77: "Mavic 3", 96: "Mini SE", 103: "Mini 3 Pro", 111: "Mavic 3 Pro",
    116: "Matrice 30", 118: "Mavic 3 Enterprise", 121: "Avata", 126: "Mini 4 Pro", 152: "Avata 2",
    170: "Matrice 350 RTK",
}  # fmt: skip


def product_name(number: int) -> str:
    """The product of that number in the details; empty for 0 and "DJI product N" for an unknown one."""
    return _PRODUCTS.get(number, f"DJI product {number}" if number else "")


def read_vehicle(rows: Rows, recover: list[Record], details: Details | None) -> Vehicle:
    """Model and serial number: by the last position record, else by the details, else by the RECOVER records."""
    kinds = rows["type"][rows["type"] > 0]
    product = details.product if details else recover[0].payload[0] if recover else 0
    serial = details.aircraft_serial if details else ""
    if not serial and recover:
        payload = recover[0].payload
        serial = text_of(payload[5:21] if len(payload) >= _LONG_RECOVER_BYTES else payload[5:15])
    kind = int(kinds[-1]) if len(kinds) else 0
    model = _TYPES.get(kind) or product_name(product) or (f"DJI aircraft type {kind}" if kind else "")
    return Vehicle(model=model, serial=plain(serial, 40))


def read_home(records: list[Record]) -> Home | None:
    """The first home point; its height is left out (see `dji_txt`)."""
    return next((Home(lat, lon) for _, lat, lon in _homes(records)), None)


def _homes(records: list[Record]) -> Iterator[tuple[int, float, float]]:
    for record in records:
        lon, lat = (math.degrees(v) for v in struct.unpack_from("<dd", record.payload))
        if record.payload[20] & 1 and abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0.0, 0.0):
            yield record.offset, lat, lon


def read_events(
    rows: Rows, offsets: Ints, time_ns: Ints, homes: list[Record], messages: list[Record]
) -> tuple[Event, ...]:
    """Changes of motors, ground, mode and home, and the app's messages; a state already on at first is no event."""

    def before(offset: int) -> int:
        return int(time_ns[max(int(np.searchsorted(offsets, offset)) - 1, 0)])

    def mode_events() -> Iterator[Event]:
        for row in (np.flatnonzero(np.diff(mode.astype(np.int16))) + 1).tolist():
            number = int(mode[row])
            yield Event(int(time_ns[row]), EventKind.MODE, _MODES.get(number, f"mode {number}"), int(offsets[row]))

    def home_events() -> Iterator[Event]:
        last: tuple[float, float] | None = None
        for offset, lat, lon in _homes(homes):
            if last not in (None, (lat, lon)):
                yield Event(before(offset), EventKind.HOME, f"{lat:.7f} {lon:.7f}", offset)
            last = (lat, lon)

    def message_events() -> Iterator[Event]:
        for record in messages:
            yield Event(before(record.offset), EventKind.MESSAGE, plain(text_of(record.payload), 300), record.offset)

    mode = rows["mode"] & 0x7F
    motors, sky = (rows["state"] & 0x08) > 0, (rows["state"] & 0x06) > 2
    events = [
        *_capped(_changes(motors, (EventKind.ARM, EventKind.DISARM), "motors", offsets, time_ns)),
        *_capped(_changes(sky, (EventKind.TAKEOFF, EventKind.LAND), "in the air", offsets, time_ns)),
        *_capped(mode_events()),
        *_capped(home_events()),
        *_capped(message_events()),
    ]
    return tuple(sorted(events, key=lambda event: (event.time_ns, event.offset or 0)))


def _changes(
    state: Bools, kinds: tuple[EventKind, EventKind], what: str, offsets: Ints, time_ns: Ints
) -> Iterator[Event]:
    for row in (np.flatnonzero(state[1:] != state[:-1]) + 1).tolist():
        kind = kinds[0] if state[row] else kinds[1]
        yield Event(int(time_ns[row]), kind, f"{what}: {'yes' if state[row] else 'no'}", int(offsets[row]))


def _capped(events: Iterator[Event]) -> list[Event]:
    """At most so many events; the last one says how many more there were."""
    kept: list[Event] = []
    more = 0
    for event in events:
        if len(kept) < EVENTS_OF_A_KIND:
            kept.append(event)
        else:
            more += 1
    if more:
        last = kept.pop()
        kept.append(Event(last.time_ns, last.kind, f"{more + 1} more not listed", last.offset))
    return kept
