"""What the log says in its own words, as a report may tell it: messages and warnings with time and place.

Warnings are always told; banners and notices, which hold serial numbers and paths, only with private data. What is
hidden around home is hidden here too: the place, every number in a text that could be a coordinate or a
distance, and when it was armed, took off and landed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from dronecheck.flight import Event, EventKind, Flight, Gravity, Track
from dronecheck.geofence.result import Place

__all__ = ["LoggedEvent", "gravest", "logged_events", "warnings_of"]

_NEAR_NS = 5 * 10**9
_HIDDEN = "..."
_NUMBER = re.compile(r"[-+]?\d+[.,]\d+|\d{2,}")  # a coordinate, or how far home is
_SECRET_AT_LEAST = 6  # letters: shorter ones stand in other words as well
_PHASES = (EventKind.ARM, EventKind.DISARM, EventKind.TAKEOFF, EventKind.LAND)


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as it may be told: its text, seconds since the first fix (None without one), and the fix beside it."""

    event: Event
    text: str
    at_s: float | None
    place: Place | None


def logged_events(flight: Flight, shown: Track, *, private: bool, is_hiding: bool) -> tuple[LoggedEvent, ...]:
    """Return messages, arming and take-offs by time; `shown` are the fixes whose places may be told."""
    phases = () if is_hiding else _PHASES  # how long it flew before the circle's rim would tell how far
    told = [e for e in flight.events if e.kind in phases or (e.kind is EventKind.MESSAGE and (private or _grave(e)))]
    start_ns = int(flight.track.time_ns[0]) if len(flight.track) else None
    secret = "" if private or len(flight.vehicle.serial) < _SECRET_AT_LEAST else flight.vehicle.serial
    return tuple(
        LoggedEvent(
            event,
            _told(event.text, secret, is_hiding),
            None if start_ns is None else (event.time_ns - start_ns) / 1e9,
            _place(shown, event.time_ns),
        )
        for event in told
    )


def warnings_of(logged: tuple[LoggedEvent, ...]) -> list[tuple[LoggedEvent, int]]:
    """Return each warning once, the first time it is said, and how often it is."""
    found: dict[str, tuple[LoggedEvent, int]] = {}
    for each in logged:
        if _grave(each.event):
            first, count = found.get(each.text, (each, 0))
            found[each.text] = first, count + 1
    return list(found.values())


def gravest(logged: tuple[LoggedEvent, ...]) -> LoggedEvent | None:
    """Return the first critical message, else the first warning, if there is any."""
    grave = [each for each in logged if _grave(each.event)]
    return next((e for e in grave if e.event.gravity is Gravity.CRITICAL), grave[0] if grave else None)


def _grave(event: Event) -> bool:
    return event.gravity is not Gravity.NOTICE


def _told(text: str, secret: str, is_hiding: bool) -> str:
    said = text.replace(secret, _HIDDEN) if secret else text
    return _NUMBER.sub(_HIDDEN, said) if is_hiding else said


def _place(track: Track, time_ns: int) -> Place | None:
    if not len(track):
        return None
    after = min(int(np.searchsorted(track.time_ns, time_ns)), len(track) - 1)
    row = min((after, max(after - 1, 0)), key=lambda each: abs(int(track.time_ns[each]) - time_ns))
    if abs(int(track.time_ns[row]) - time_ns) > _NEAR_NS:
        return None
    return Place(float(track.lat_deg[row]), float(track.lon_deg[row]))
