"""One source that falls silent while another goes on, and positions under another sender's name meanwhile.

All of SRC-1. A receiver that loses its fix goes on to say so, and an estimate goes on as long as the autopilot runs.
Rows that are simply not there, in one source alone, were lost, not logged, or taken out.
Likewise positions of another system that begin where those of the aircraft stop, and end where they go on; and a second
receiver that is recorded in a hole of the first alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.evidence.consistency.motion.way import quantile
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import OPERATOR, Concern, Flight, Statement, Track, Weight, Witness
from dronecheck.geo.plane import local_offsets_m
from dronecheck.messages import Message

__all__ = ["fell_silent", "other_names", "other_receivers"]

LEAST_S, USUAL_STEPS = 5.0, 10.0
GOES_ON = 0.6  # of the other source's usual rows: by radio they come in bursts
MOVED_M = 15.0
LEAST_FIXES = 5
MEETS_S, MEETS_M = 3.0, 60.0


def fell_silent(flight: Flight) -> Iterator[Statement]:
    """Tell of holes in one track of the aircraft while another has none (SRC-1)."""
    tracks = {name: track for name, track in flight.tracks.items() if name != OPERATOR and len(track) > 20}
    for name, track in tracks.items():
        others = [other for key, other in tracks.items() if key != name]
        for other in others:
            yield from _holes(flight, name, track, other)


def _holes(flight: Flight, name: str, track: Track, other: Track) -> Iterator[Statement]:
    rows = [row for row in _gaps(track) if _runs_through(other, track, row) and not _is_told(flight, track, row)]
    if not rows:
        return
    lasts_s = np.array([track.time_ns[row] - track.time_ns[row - 1] for row in rows]) / 1e9
    observed = Message(
        "{track} says nothing for {lasts_s} while {other} goes on and the aircraft moves (times: {count})",
        track=track.message,
        other=other.message,
        lasts_s=float(lasts_s.max()),
        count=len(rows),
    )
    offset = track.offset
    yield Statement(
        "SRC-1", Weight.NOTICE, Concern.POSITION, observed,
        Message("sources that are logged all along, or say that they have no fix"),
        Message(
            "{least_s:g} s and {steps:g} usual steps, and {moved_m:g} m flown",
            least_s=LEAST_S,
            steps=USUAL_STEPS,
            moved_m=MOVED_M,
        ),
        (
            Message("the receiver fell out, or lost its fix without a record of it"),
            Message("the logger was busy, or its rate was changed"),
        ),
        records=tuple(offset[rows[:RECORDS_AT_MOST]].tolist()),
        spans=tuple((int(offset[row - 1]), int(offset[row])) for row in rows[:100]),
        tracks=(name,),
    )  # fmt: skip


def _gaps(track: Track) -> list[int]:
    """Return the rows behind the holes of a track."""
    lasts_s = np.diff(track.time_ns) / 1e9
    is_even = (np.diff(track.part) == 0) & track.is_timed[1:] & track.is_timed[:-1]
    usual_s = quantile(lasts_s[is_even], 0.5)
    return [int(row) + 1 for row in np.flatnonzero(is_even & (lasts_s > max(LEAST_S, USUAL_STEPS * usual_s)))]


def _runs_through(other: Track, track: Track, row: int) -> bool:
    """Tell whether another track has its usual rows in the hole before a row, and a way."""
    rows = np.flatnonzero(_in_hole(track, row, other) & other.is_timed)
    lasts_s = (int(track.time_ns[row]) - int(track.time_ns[row - 1])) / 1e9
    usual_s = quantile(np.diff(other.time_ns) / 1e9, 0.5)
    if len(rows) < max(5, GOES_ON * lasts_s / max(usual_s, 1e-3)):
        return False
    lon_deg, lat_deg = other.lon_deg[rows], other.lat_deg[rows]
    east_m, north_m = local_offsets_m(lon_deg[:1], lat_deg[:1], lon_deg, lat_deg)
    return float(np.hypot(east_m, north_m).max()) > MOVED_M


def _is_told(flight: Flight, track: Track, row: int) -> bool:
    """Tell whether the receiver's own records stand in the hole: it went on, and said that it has no fix."""
    own = next((each for each in flight.witnesses if each.name == "gnss" and each.message == track.message), None)
    return own is not None and bool(_in_hole(track, row, own).any())


def _in_hole(track: Track, row: int, other: Track | Witness) -> Bools:
    """Tell which rows of another, (n,), lie in the hole before a row of a track: by time, and in the file."""
    inside = (other.time_ns > track.time_ns[row - 1]) & (other.time_ns < track.time_ns[row])
    if track.part[-1]:  # what another recording did at such a time is no matter
        inside &= (other.offset > track.offset[row - 1]) & (other.offset < track.offset[row])
    return np.asarray(inside, np.bool_)


def other_receivers(flight: Flight) -> Iterator[Statement]:
    """Tell of a second receiver that is recorded in a hole of the first, and nowhere else (SRC-1)."""
    receivers = [witness for witness in flight.witnesses if witness.name == "gnss" and len(witness) > 1]
    for first, second in ((one, other) for one in receivers[:1] for other in receivers[1:]):
        row = int(np.searchsorted(first.offset, second.offset[0]))
        if not 0 < row < len(first) or first.offset[row] < second.offset[-1] or len(second) < LEAST_FIXES:
            continue
        ends_s = np.abs([first.time_ns[row - 1] - second.time_ns[0], first.time_ns[row] - second.time_ns[-1]]) / 1e9
        if ends_s.max() > MEETS_S:
            continue
        observed = Message(
            "{other} of another receiver begins where {track} stops, and ends where that goes on, {lasts_s} later",
            other=second.message,
            track=first.message,
            lasts_s=(int(second.time_ns[-1]) - int(second.time_ns[0])) / 1e9,
        )
        yield Statement(
            "SRC-1", Weight.NOTICE, Concern.IDENTITY, observed,
            Message("receivers that are each recorded all along"),
            Message("{seconds:g} s at both ends", seconds=MEETS_S),
            (Message("a receiver whose number changed while the autopilot searched for it anew"),),
            records=(int(second.offset[0]),),
            spans=((int(first.offset[row - 1]), int(first.offset[row])),),
        )  # fmt: skip


def other_names(flight: Flight) -> Iterator[Statement]:
    """Tell of another vehicle of the file that is there where, and only while, the aircraft is not (SRC-1)."""
    for other in flight.others:
        theirs = other.track
        for track in (track for name, track in flight.tracks.items() if name != OPERATOR):
            row = _taken_over(track, theirs)
            if row is None:
                continue
            observed = Message(
                "positions of system {system} begin where those of {track} stop, and end where they go on",
                system=other.vehicle.system or 0,
                track=track.message,
            )
            yield Statement(
                "SRC-1", Weight.NOTICE, Concern.IDENTITY, observed,
                Message("each aircraft under its own number all along"),
                Message("{seconds:g} s and {metres:g} m at both ends", seconds=MEETS_S, metres=MEETS_M),
                (Message("a vehicle whose number was changed while the ground station recorded"),),
                records=(int(theirs.offset[0]),),
                spans=((int(track.offset[row]), int(track.offset[row + 1])),),
            )  # fmt: skip
            break


def _taken_over(track: Track, theirs: Track) -> int | None:
    """Return the row before the hole of a track that another's positions fill from end to end; None where none is."""
    if len(track) < 2 or len(theirs) < 5:
        return None
    row = int(np.searchsorted(track.time_ns, theirs.time_ns[0])) - 1
    if not 0 <= row < len(track) - 1 or track.time_ns[row + 1] < theirs.time_ns[-1]:
        return None
    ends = ((row, 0), (row + 1, len(theirs) - 1))
    return row if all(_meet(track, mine, theirs, other) for mine, other in ends) else None


def _meet(track: Track, mine: int, theirs: Track, other: int) -> bool:
    places: list[Floats] = [track.lon_deg[mine], track.lat_deg[mine], theirs.lon_deg[other], theirs.lat_deg[other]]
    east_m, north_m = local_offsets_m(*places)
    lasts_s = abs(int(track.time_ns[mine]) - int(theirs.time_ns[other])) / 1e9
    return lasts_s <= MEETS_S and float(np.hypot(east_m, north_m)) <= MEETS_M
