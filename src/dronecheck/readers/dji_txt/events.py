"""What a DJI flight record says besides positions: events, the home point and the aircraft.

Numbers of modes, aircraft types and products as in dji-log-parser (MIT); the modes 1, 6 and 11 are checked against the
exports that another service made.
"""

from __future__ import annotations

import math
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Ints
from dronecheck.flight import Event, EventKind, Home, Vehicle
from dronecheck.readers.dji_txt.header import Details, text_of
from dronecheck.readers.dji_txt.records import DjiRecord
from dronecheck.readers.dji_txt.shots import Looked
from dronecheck.safe.io import plain

__all__ = [
    "APP_MESSAGES", "COMPONENT", "COMPONENT_BYTES", "HOME", "HOME_BYTES", "RECOVER", "RECOVER_BYTES", "product_name",
    "read_events", "read_home", "read_vehicle",
]  # fmt: skip

OsdRows = NDArray[np.void]
T = TypeVar("T")

HOME, HOME_BYTES = 2, 21
RECOVER, RECOVER_BYTES = 13, 47
COMPONENT, COMPONENT_BYTES = 40, 4  # u8 component, u8 which of several, u8 length, its serial number
APP_MESSAGES = (9, 10, 24)
_FLIGHT_CONTROLLER = 2
EVENTS_OF_A_KIND = 1000
_MOTORS, _SKY = (EventKind.ARM, EventKind.DISARM), (EventKind.TAKEOFF, EventKind.LAND)
_FRESH_NS = 1_000_000_000  # an older direction is not that of a picture
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
    """Return the product of that number in the details; empty for 0 and "DJI product N" for an unknown one."""
    return _PRODUCTS.get(number, f"DJI product {number}" if number else "")


def read_vehicle(
    rows: OsdRows, recover: list[DjiRecord], components: list[DjiRecord], details: Details | None
) -> Vehicle:
    """Read model and serial number: by the last position record, else by the details, else by the RECOVER records.

    Where none of these has the serial number, that of the flight controller among the `components` is taken.
    """
    kinds = rows["type"][rows["type"] > 0]
    product = details.product if details else recover[0].payload[0] if recover else 0
    serial = details.aircraft_serial if details else ""
    if not serial and recover:
        payload = recover[0].payload
        serial = text_of(payload[5:21] if len(payload) >= _LONG_RECOVER_BYTES else payload[5:15])
    if not serial:
        numbers = (record.payload for record in components if record.payload[0] == _FLIGHT_CONTROLLER)
        serial = next((text_of(payload[3 : 3 + payload[2]]) for payload in numbers), "")
    kind = int(kinds[-1]) if len(kinds) else 0
    model = _TYPES.get(kind) or product_name(product) or (f"DJI aircraft type {kind}" if kind else "")
    return Vehicle(model=model, serial=plain(serial, 40))


def read_home(records: list[DjiRecord]) -> Home | None:
    """Return the first home point; its height is left out (see `dji_txt`)."""
    return next((Home(lat, lon) for _, lat, lon in _homes(records)), None)


def _homes(records: list[DjiRecord]) -> Iterator[tuple[int, float, float]]:
    for record in records:
        lon, lat = (math.degrees(v) for v in struct.unpack_from("<dd", record.payload))
        if record.payload[20] & 1 and abs(lat) <= 90 and abs(lon) <= 180 and (lat, lon) != (0.0, 0.0):
            yield record.offset, lat, lon


def read_events(
    rows: OsdRows,
    offsets: Ints,
    time_ns: Ints,
    homes: list[DjiRecord],
    messages: list[DjiRecord],
    shots: tuple[list[int], list[tuple[int, bool]]],
    camera: Sequence[Looked],
) -> tuple[Event, ...]:
    """Return changes of motors, ground, mode and home, and the app's messages; a state on at first is no event.

    `shots` are the offsets of pictures, and those at which films begin (True) and end; `camera` is which way it looked.
    """

    def at_row(row: int, kind: EventKind, text: str) -> Event:
        return Event(int(time_ns[row]), kind, text, int(offsets[row]))

    def at_offset(offset: int, kind: EventKind, text: str) -> Event:
        row = max(int(np.searchsorted(offsets, offset)) - 1, 0)
        return Event(int(time_ns[row]), kind, text, offset)

    gimbal_at = [offset for offset, _ in camera]

    def photo(offset: int) -> Event:
        event, number = at_offset(offset, EventKind.PHOTO, ""), bisect_right(gimbal_at, offset) - 1
        if number < 0 or event.time_ns - at_offset(gimbal_at[number], EventKind.PHOTO, "").time_ns > _FRESH_NS:
            return event
        return replace(event, camera_deg=camera[number][1])

    def mode_text(row: int) -> str:
        return _MODES.get(int(mode[row]), f"mode {mode[row]}")

    mode = rows["mode"] & 0x7F
    motors, sky = (rows["state"] & 0x08) > 0, (rows["state"] & 0x06) > 2
    places = list(_homes(homes))
    moved = [here for before, here in pairwise(places) if here[1:] != before[1:]]
    events = [
        *_capped(_changes(motors), lambda row: at_row(row, *_turned(motors[row], "motors", _MOTORS))),
        *_capped(_changes(sky), lambda row: at_row(row, *_turned(sky[row], "in the air", _SKY))),
        *_capped(_changes(mode), lambda row: at_row(row, EventKind.MODE, mode_text(row))),
        *_capped(moved, lambda home: at_offset(home[0], EventKind.HOME, f"{home[1]:.7f} {home[2]:.7f}")),
        *_capped(shots[0], photo),
        *_capped(shots[1], lambda shot: at_offset(shot[0], EventKind.VIDEO, f"films: {'yes' if shot[1] else 'no'}")),
        *_capped(messages, lambda record: at_offset(record.offset, EventKind.MESSAGE, _message(record))),
    ]
    return tuple(sorted(events, key=lambda event: (event.time_ns, event.offset or 0)))


def _message(record: DjiRecord) -> str:
    return plain(text_of(record.payload), 300)


def _changes(state: NDArray[Any]) -> list[int]:
    rows: list[int] = (np.flatnonzero(state[1:] != state[:-1]) + 1).tolist()
    return rows


def _turned(on: bool, what: str, kinds: tuple[EventKind, EventKind]) -> tuple[EventKind, str]:
    return (kinds[0], f"{what}: yes") if on else (kinds[1], f"{what}: no")


def _capped(items: Sequence[T], event_of: Callable[[T], Event]) -> list[Event]:
    """Return at most so many events; the last one says how many more there were."""
    events = [event_of(item) for item in items[:EVENTS_OF_A_KIND]]
    if len(items) > EVENTS_OF_A_KIND:
        more = len(items) - EVENTS_OF_A_KIND + 1
        events[-1] = replace(events[-1], text=f"{more} more not listed")
    return events
