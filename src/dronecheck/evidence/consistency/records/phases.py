"""CHN-1: the chain of a flight: armed, off the ground, down, disarmed, and a battery that empties meanwhile.

An event contradicts the track where the aircraft flies for ten seconds before it and ten seconds after: nobody is armed
or takes off there, lands or is switched off. Flying is 15 m above take-off, or 5 m/s.
"""

from __future__ import annotations

from itertools import chain, pairwise

import numpy as np

from dronecheck.arrays import Bools
from dronecheck.evidence.consistency.records.armed import flies_disarmed, never_armed
from dronecheck.evidence.consistency.records.charge import charge
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import Event, EventKind, Flight, Track
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.issues import Code
from dronecheck.messages import Message

__all__ = ["phases"]

FLYING_M, FLYING_MPS = 15.0, 5.0
AROUND_S = 10.0
SOME_FIXES = 5
COVERED_S = 8.0  # of the ten seconds
HEARD = ("tlog",)  # by radio: a state may be read wrongly off a message of another vehicle
EXPORTS = ("csv", "zll", "gpx", "igc", "srt")

_SAID = {
    EventKind.ARM: Message("armed"),
    EventKind.TAKEOFF: Message("taking off"),
    EventKind.LAND: Message("landed"),
    EventKind.DISARM: Message("disarmed"),
}
_EXPECTED = Message("arming and take-off before the flight, landing and disarming after it")
_THRESHOLD = Message(
    "above {height_m:g} m or faster than {speed_mps:g} m/s for {seconds:g} s before and after",
    height_m=FLYING_M,
    speed_mps=FLYING_MPS,
    seconds=AROUND_S,
)
_INNOCENT = (
    Message("the autopilot took a slow or low flight for a landing"),
    Message("a glider or a plane that was armed while it was carried, or glided with its motor off"),
    Message("a driven or towed vehicle"),
)
_TWICE_INNOCENT = (Message("the message between them was lost"), Message("the logger was started anew"))


def phases(flight: Flight) -> tuple[Statement, ...] | None:
    """Return a statement for each event that the track contradicts, and for each step of the battery's charge."""
    events = [event for event in flight.events if event.kind in _SAID]
    batteries = [witness for witness in flight.witnesses if witness.name == "battery"]
    states = [witness for witness in flight.witnesses if witness.name == "state"]
    is_proven = not any(issue.code is Code.ESTIMATE_ONLY for issue in flight.issues)
    held = events if len(flight.track) and is_proven else []
    never = tuple(never_armed(flight))
    if not held and not batteries and not states and not never:
        return None
    steps = chain.from_iterable(charge(witness) for witness in batteries)
    return (*_in_flight(flight, held), *_twice(flight, events), *never, *flies_disarmed(flight), *steps)


def _in_flight(flight: Flight, events: list[Event]) -> list[Statement]:
    """Tell of the events in the midst of a flight, one statement a kind."""
    track = flight.track
    is_flying = (track.alt_home_m > FLYING_M) | (track.speed_mps > FLYING_MPS)
    told = []
    for kind, said in _SAID.items():
        found = [e for e in events if e.kind is kind and _is_amid(track, is_flying, e.time_ns)]
        if not found:
            continue
        row = min(int(np.searchsorted(track.time_ns, found[0].time_ns)), len(track) - 1)
        observed = Message(
            "the log says {said} while the aircraft flies on ({height_m:.0f} m, {speed_mps:.0f} m/s; times: {count})",
            said=said,
            height_m=float(np.nan_to_num(track.alt_home_m[row])),
            speed_mps=float(np.nan_to_num(track.speed_mps[row])),
            count=len(found),
        )
        is_sure = kind is EventKind.DISARM and flight.source.format not in (*HEARD, *EXPORTS)
        told.append(_told(found, Weight.CONTRADICTION if is_sure else Weight.NOTICE, observed, _THRESHOLD, _INNOCENT))
    return told


def _is_amid(track: Track, is_flying: Bools, time_ns: int) -> bool:
    """Tell whether the aircraft flies all the time around an instant, as far as the track tells."""
    around_ns = int(AROUND_S * 1e9)
    for since, until in ((time_ns - around_ns, time_ns), (time_ns, time_ns + around_ns)):
        rows = np.flatnonzero((track.time_ns >= since) & (track.time_ns <= until) & track.is_timed)
        if len(rows) < SOME_FIXES or not is_flying[rows].all() or track.part[rows[0]] != track.part[rows[-1]]:
            return False
        if track.time_ns[rows[-1]] - track.time_ns[rows[0]] < COVERED_S * 1e9:
            return False
    return True


def _twice(flight: Flight, events: list[Event]) -> list[Statement]:
    """Tell of an aircraft that is armed or disarmed twice without the other between, by its own records."""
    arming = [event for event in events if event.kind in (EventKind.ARM, EventKind.DISARM)]
    found = [
        event for before, event in pairwise(arming) if before.kind is event.kind and event.time_ns > before.time_ns
    ]
    if not found or flight.source.format in EXPORTS:
        return []
    observed = Message(
        "the log says {said} again without the other between (times: {count})",
        said=_SAID[found[0].kind],
        count=len(found),
    )
    return [_told(found, Weight.NOTICE, observed, Message("two events of one kind in a row"), _TWICE_INNOCENT)]


def _told(
    events: list[Event], weight: Weight, observed: Message, threshold: Message, innocent: tuple[Message, ...]
) -> Statement:
    offsets = [event.offset for event in events if event.offset is not None][:RECORDS_AT_MOST]
    return Statement(
        id="CHN-1",
        severity=weight,
        concern=Concern.TIME,
        observed=observed,
        expected=_EXPECTED,
        threshold=threshold,
        innocent=innocent,
        records=tuple(offsets),
        spans=tuple((offset, offset) for offset in offsets),
    )
