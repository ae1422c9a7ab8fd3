"""STR-3: a log that begins or ends in the air. What came before or after is not in it: never recorded, or cut off.

That is a fact of many honest logs, and all that a cut between two records leaves behind.
"""

from __future__ import annotations

import numpy as np

from dronecheck.flight import Event, EventKind, Flight, Track
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.geo.plane import step_lengths_m
from dronecheck.issues import Code
from dronecheck.messages import Message, both

__all__ = ["ends", "has_ends"]

HIGH_M = 5.0
FAST_MPS = 3.0
FIRST_S = 1.0
FILMS = ("srt", "film")  # begin and end with the film, in the air

_BEGINNING = Message("a log that begins on the ground, at rest")
_END = Message("a log that ends on the ground, at rest")
_LIMIT = Message(
    "more than {high_m:.0f} m above take-off, or faster than {fast_mps:.0f} m/s", high_m=HIGH_M, fast_mps=FAST_MPS
)
_PHASES = (EventKind.ARM, EventKind.TAKEOFF, EventKind.LAND, EventKind.DISARM)


def has_ends(flight: Flight) -> bool:
    """Tell whether logs of this format begin and end with the flight: films need not."""
    return flight.source.format not in FILMS


def ends(flight: Flight) -> tuple[Statement, ...] | None:
    """Return a statement for a beginning and for an end in flight."""
    track = flight.track
    if len(track) < 2:
        return None
    found = (_beginning(flight, track), _end(flight, track))
    return tuple(statement for statement in found if statement is not None)


def _statement(observed: Message, expected: Message, offset: int, innocent: tuple[Message, ...]) -> Statement:
    return Statement(
        "STR-3", Weight.INFO, Concern.FORM, observed, expected, _LIMIT, innocent, (offset,), ((offset, offset),)
    )


def _beginning(flight: Flight, track: Track) -> Statement | None:
    phases: list[Event] = [event for event in flight.events if event.kind in _PHASES]
    has_begun = phases and phases[0].kind in (EventKind.ARM, EventKind.TAKEOFF)
    if (has_begun and phases[0].time_ns <= track.time_ns[-1]) or track.is_idle[0]:
        return None
    height_m, speed_mps = float(track.alt_home_m[0]), _speed_at_start_mps(track)
    what: list[Message] = []
    if height_m > HIGH_M:
        what.append(Message("{height_m:.0f} m above take-off", height_m=height_m))
    if speed_mps > FAST_MPS:
        what.append(Message("moving at {speed_mps:.1f} m/s", speed_mps=speed_mps))
    if not what:
        return None
    observed = Message(
        "at its first fix the aircraft is {state}: what came before is not recorded here", state=both(what)
    )
    innocent = (
        Message("recording was started in the air, or a new file was begun"),
        Message("the receiver found its first fix in the air"),
    )
    return _statement(observed, _BEGINNING, int(track.offset[0]), innocent)


def _speed_at_start_mps(track: Track) -> float:
    if np.isfinite(track.speed_mps[0]):
        return float(track.speed_mps[0])
    last = min(max(int(np.searchsorted(track.time_ns, track.time_ns[0] + int(FIRST_S * 1e9))), 1), len(track) - 1)
    seconds = (track.time_ns[last] - track.time_ns[0]) / 1e9
    way_m = float(step_lengths_m(track.lat_deg[[0, last]], track.lon_deg[[0, last]])[0])
    return way_m / seconds if seconds > 0 and track.part[last] == track.part[0] else 0.0


def _end(flight: Flight, track: Track) -> Statement | None:
    told = next((issue for issue in flight.issues if issue.code is Code.ENDS_IN_FLIGHT), None)
    if told is None and not flight.ends_airborne:
        return None
    observed = (
        told.message if told is not None else Message("the log ends in flight: what follows is not recorded here")
    )
    offset = int(track.offset[-1]) if told is None or told.offset is None else told.offset
    innocent = (
        Message("the power was cut, or the aircraft crashed or was lost"),
        Message("recording was stopped in the air, or went on in another file"),
    )
    return _statement(observed, _END, offset, innocent)
