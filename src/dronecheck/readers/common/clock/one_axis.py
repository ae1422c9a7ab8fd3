"""Several starts of a clock without a date, on one axis: how long lies between two nobody knows, only their order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.flight import ClockSource, Event, Flight, Track

__all__ = ["counted_on"]

BEHIND_NS = 1_000_000_000


def counted_on(flight: Flight) -> Flight:
    """Return the flight with the times of each part behind those of the part before; unchanged where it has a date.

    Other tracks, events and witnesses go with the part in which they stand in the file.
    """
    track = flight.track
    firsts = np.flatnonzero(np.diff(track.part)) + 1
    if flight.clock.source not in (ClockSource.NONE, ClockSource.FILE_NAME) or not len(firsts):
        return flight
    shifts = np.zeros(len(firsts) + 1, np.int64)
    lasts = np.append(firsts, len(track)) - 1
    for number, first in enumerate(firsts.tolist(), 1):
        ended_ns = int(track.time_ns[lasts[number - 1]]) + int(shifts[number - 1])
        shifts[number] = max(0, ended_ns + BEHIND_NS - int(track.time_ns[first]))
    borders = track.offset[firsts]

    def shift_of(offset: Ints) -> Ints:
        return shifts[np.searchsorted(borders, offset, "right")]

    def moved(one: Track) -> Track:
        return one.replace(time_ns=one.time_ns + shift_of(one.offset))

    def moved_event(event: Event) -> Event:
        if event.offset is None:
            return event
        return replace(event, time_ns=event.time_ns + int(shift_of(np.array([event.offset], np.int64))[0]))

    tracks = {flight.primary: track.replace(time_ns=track.time_ns + shifts[_parts(track)])}
    for name, other in flight.tracks.items():
        if name != flight.primary:
            tracks[name] = moved(other) if bool((np.diff(shift_of(other.offset)) >= 0).all()) else other
    events = sorted(map(moved_event, flight.events), key=lambda event: (event.time_ns, event.offset or 0))
    witnesses = tuple(replace(one, time_ns=one.time_ns + shift_of(one.offset)) for one in flight.witnesses)
    return replace(flight, tracks=tracks, events=tuple(events), witnesses=witnesses)


def _parts(track: Track) -> Ints:
    """Return the number of each row's part, from 0 without a gap, shape (n,)."""
    return np.concatenate([[0], np.cumsum(np.diff(track.part) != 0)]).astype(np.int64)
