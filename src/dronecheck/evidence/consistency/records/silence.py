"""One source that falls silent while another goes on, and positions under another sender's name meanwhile.

All of SRC-1. A receiver that loses its fix goes on to say so, and an estimate goes on as long as the autopilot runs.
Rows that are simply not there, in one source alone, were lost, not logged, or taken out.
Likewise positions of another system that begin where those of the aircraft stop, and end where they go on.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.evidence.consistency.motion.way import quantile
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import OPERATOR, Concern, Flight, Statement, Track, Weight
from dronecheck.geo.plane import local_offsets_m
from dronecheck.messages import Message

__all__ = ["fell_silent", "other_names"]

LEAST_S, USUAL_STEPS = 5.0, 10.0
GOES_ON = 0.8  # of the other source's usual rows
MOVED_M = 30.0
MEETS_S, MEETS_M = 3.0, 60.0


def fell_silent(flight: Flight) -> Iterator[Statement]:
    """Tell of holes in one track of the aircraft while another has none (SRC-1)."""
    tracks = {name: track for name, track in flight.tracks.items() if name != OPERATOR and len(track) > 20}
    for name, track in tracks.items():
        others = [other for key, other in tracks.items() if key != name]
        for other in others:
            yield from _holes(flight, name, track, other)


def _holes(flight: Flight, name: str, track: Track, other: Track) -> Iterator[Statement]:
    begin_ns, end_ns = _gaps(track)
    keep = [
        i for i, (begin, end) in enumerate(zip(begin_ns.tolist(), end_ns.tolist(), strict=True))
        if _runs_through(other, begin, end) and not _is_told(flight, track, begin, end)
    ]  # fmt: skip
    if not keep:
        return
    begin_ns, end_ns = begin_ns[keep], end_ns[keep]
    rows = np.searchsorted(track.time_ns, end_ns)
    lasts_s = (end_ns - begin_ns) / 1e9
    observed = Message(
        "{track} says nothing for {lasts_s} while {other} goes on and the aircraft moves (times: {count})",
        track=track.message,
        other=other.message,
        lasts_s=float(lasts_s.max()),
        count=len(keep),
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
        spans=tuple((int(offset[row - 1]), int(offset[row])) for row in rows[:100].tolist()),
        tracks=(name,),
    )  # fmt: skip


def _gaps(track: Track) -> tuple[Ints, Ints]:
    """Return the last instant before and the first behind each hole of a track, both (k,)."""
    lasts_s = np.diff(track.time_ns) / 1e9
    is_even = (np.diff(track.part) == 0) & track.is_timed[1:] & track.is_timed[:-1]
    usual_s = quantile(lasts_s[is_even], 0.5)
    rows = np.flatnonzero(is_even & (lasts_s > max(LEAST_S, USUAL_STEPS * usual_s)))
    return track.time_ns[rows], track.time_ns[rows + 1]


def _runs_through(other: Track, begin_ns: int, end_ns: int) -> bool:
    """Tell whether another track has its usual rows in a hole, and a way."""
    if not other.is_timed.all() or (np.diff(other.time_ns) < 0).any():
        return False
    first, last = np.searchsorted(other.time_ns, [begin_ns, end_ns]).tolist()
    usual_s = quantile(np.diff(other.time_ns) / 1e9, 0.5)
    if last - first < max(5, GOES_ON * (end_ns - begin_ns) / 1e9 / max(usual_s, 1e-3)):
        return False
    east_m, north_m = local_offsets_m(
        other.lon_deg[first : last - 1], other.lat_deg[first : last - 1],
        other.lon_deg[first + 1 : last], other.lat_deg[first + 1 : last],
    )  # fmt: skip
    return float(np.hypot(east_m.sum(), north_m.sum())) > MOVED_M


def _is_told(flight: Flight, track: Track, begin_ns: int, end_ns: int) -> bool:
    """Tell whether the receiver's own records stand in the hole: it went on, and said that it has no fix."""
    return any(
        witness.name == "gnss" and witness.message == track.message
        and bool(((witness.time_ns > begin_ns) & (witness.time_ns < end_ns)).any())
        for witness in flight.witnesses
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
