"""When the aircraft stood on the ground with its motors off, by what the log says of arming and of height."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.arrays import Bools
from dronecheck.flight import OPERATOR, Event, EventKind, Flight, Track

__all__ = ["ON_GROUND_M", "with_idle"]

ON_GROUND_M = 5.0  # above or below the take-off: a disarmed aircraft higher than that falls

ON_THE_WAY_M = 15.0  # the same by heights of a receiver, where none above the take-off is known


def with_idle(flight: Flight) -> Flight:
    """Return the flight with `Track.is_idle` of its tracks by the events of arming; unchanged where a track has it.

    Whoever is disarmed and not near the height of the take-off may be anything: no such row is idle.
    """
    arming = [e for e in flight.events if e.kind in (EventKind.ARM, EventKind.DISARM)]
    if not arming:
        return flight
    tracks = {
        name: track if name == OPERATOR or track.is_idle.any() else track.replace(is_idle=_idle(track, arming))
        for name, track in flight.tracks.items()
    }
    return replace(flight, tracks=tracks)


def _idle(track: Track, arming: list[Event]) -> Bools:
    at_ns = np.array([event.time_ns for event in arming], dtype=np.int64)
    is_armed = np.array([event.kind is EventKind.ARM for event in arming], dtype=np.bool_)
    # before the first change the state was the other one
    before = np.searchsorted(at_ns, track.time_ns, "right") - 1
    is_off = ~np.where(before >= 0, is_armed[np.maximum(before, 0)], not is_armed[0])
    is_low = np.abs(track.alt_home_m) <= ON_GROUND_M
    unknown = is_off & np.isnan(track.alt_home_m)
    if unknown.any():  # by the height above sea, against where the motors were switched off
        height_m = np.where(np.isfinite(track.alt_amsl_m), track.alt_amsl_m, track.alt_hae_m)
        first = np.maximum(np.searchsorted(track.time_ns, at_ns[np.maximum(before, 0)]), 0)
        level_m = height_m[np.minimum(first, len(track) - 1)]
        is_low |= unknown & (np.abs(height_m - level_m) <= ON_THE_WAY_M)
    return np.asarray(is_off & is_low & track.is_timed, dtype=np.bool_)
