"""ID-1: whose records these are. A log is of one aircraft: its numbers, firmware and type stay the same.

Serial numbers are private: a statement says that they change, never what they are.

    what readers note     a number, firmware or type that the file states anew, as another one
    banners               texts in which ArduPilot names its firmware and its board at each start
    other systems         vehicles of other numbers in a stream: usual; one that flies the same path to the last digit
                          is the same records with another number
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST, places, spans
from dronecheck.flight import EventKind, Flight, Track
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.issues import Code
from dronecheck.messages import Message

__all__ = ["identity"]

SAME_FIXES, SAME_SHARE = 10, 0.5

_FIRMWARE = re.compile(r"(?:Ardu[A-Z][a-z]+|APM:[A-Z][a-z]+|Blimp|AntennaTracker) V\d.*")
_BOARD = re.compile(r"\S+ [0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8}")
_ONE = Message("records of one aircraft: its numbers, its firmware and its type stay the same in a file")
_ONCE = Message("no second vehicle at the same places to the last digit")
_CHANGE = Message("one change")
_PUT_TOGETHER = (
    Message("recordings of several aircraft were put together in one file"),
    Message("the ground station went on recording as another aircraft was connected"),
    Message("the firmware was renewed, or the board replaced, between two flights in one file"),
)
_FORWARDED = (Message("a relay or a simulator repeats the messages under another number"),)
_FLEET = (Message("several aircraft, or their radios and cameras, talk on one link"),)


def identity(flight: Flight) -> tuple[Statement, ...] | None:
    """Return a statement for each change of identity; None where nothing in the log names the aircraft."""
    vehicle = flight.vehicle
    named = (vehicle.firmware, vehicle.serial, vehicle.hardware, vehicle.system)
    noted = [issue for issue in flight.issues if issue.code in (Code.IDENTITY_CHANGES, Code.OTHER_VEHICLES)]
    if not any(named) and not noted and not flight.others:
        return None
    return (*_noted(flight), *_banners(flight), *_same_path(flight))


def _noted(flight: Flight) -> Iterator[Statement]:
    for issue in flight.issues:
        if issue.code in (Code.IDENTITY_CHANGES, Code.OTHER_VEHICLES):
            is_change = issue.code is Code.IDENTITY_CHANGES
            yield Statement(
                id="ID-1",
                severity=Weight.NOTICE if is_change else Weight.INFO,
                concern=Concern.IDENTITY,
                observed=issue.message,
                expected=_ONE,
                threshold=_CHANGE,
                innocent=_PUT_TOGETHER if is_change else _FLEET,
                records=() if issue.offset is None else (issue.offset,),
            )


def _banners(flight: Flight) -> Iterator[Statement]:
    """Find another firmware, or another board, among the texts."""
    texts = [event for event in flight.events if event.kind is EventKind.MESSAGE]
    for pattern, template in (
        (_FIRMWARE, "the messages name {count} versions of firmware: {first} and {other}"),
        (_BOARD, "the messages name {count} boards by their numbers"),
    ):
        named = [(event.text.strip(), event.offset) for event in texts if pattern.fullmatch(event.text.strip())]
        every = list(dict.fromkeys(text for text, _ in named))
        if len(every) > 1:
            is_private = pattern is _BOARD
            names = {} if is_private else {"first": every[0][:60], "other": every[1][:60]}
            changed = [offset for text, offset in named if text != every[0] and offset is not None]
            yield Statement(
                id="ID-1",
                severity=Weight.NOTICE,
                concern=Concern.IDENTITY,
                observed=Message(template, count=len(every), **names),
                expected=_ONE,
                threshold=_CHANGE,
                innocent=_PUT_TOGETHER,
                records=tuple(changed[:RECORDS_AT_MOST]),
            )


def _same_path(flight: Flight) -> Iterator[Statement]:
    """Find another vehicle of the stream that was where this one was, to the last digit."""
    for other in flight.others:
        for name, track in flight.tracks.items():
            theirs = other.tracks.get(name)
            if theirs is None or not len(theirs):
                continue
            rows = _shared(track, theirs)
            count = len({*zip(track.lat_deg[rows].tolist(), track.lon_deg[rows].tolist(), strict=True)})
            least = min(_distinct(track), _distinct(theirs))
            if count < SAME_FIXES or count < SAME_SHARE * least:
                continue
            observed = Message(
                "{record}: system {other} is at {count} places of system {system}, the same to the last digit",
                record=track.message,
                other=other.vehicle.system,
                system=flight.vehicle.system,
                count=count,
            )
            yield Statement(
                id="ID-1",
                severity=Weight.NOTICE,
                concern=Concern.IDENTITY,
                observed=observed,
                expected=_ONCE,
                threshold=Message("{count} places, and half of the path", count=SAME_FIXES),
                innocent=_FORWARDED,
                records=places(track.offset, rows),
                spans=spans(track.offset, rows),
                tracks=(name,),
            )


def _distinct(track: Track) -> int:
    return len(np.unique(_places(track)))


def _places(track: Track) -> np.ndarray[tuple[int], np.dtype[np.complex128]]:
    return np.asarray(track.lon_deg + 1j * track.lat_deg)


def _shared(one: Track, other: Track) -> Bools:
    """Tell which fixes of the one are at places of the other, to the last digit; shape (n,)."""
    return np.asarray(np.isin(_places(one), _places(other)), dtype=np.bool_)
