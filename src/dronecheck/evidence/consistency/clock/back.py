"""Times that go back, or leap forward, while the aircraft flies on as if nothing was: of TIM-1.

Where a clock starts again, a log holds several recordings, and the aircraft is where it was switched on again: at
rest. A clock that goes back by some seconds in the midst of a way that goes on was set, or was written anew; so was one
that leaps forward where the aircraft, as fast before as behind, is hardly farther.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.evidence.consistency.motion.way import quantile
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import OPERATOR, Concern, Flight, Statement, Track, Weight
from dronecheck.geo.plane import local_offsets_m
from dronecheck.messages import Message

__all__ = ["leapt", "went_back"]

ID = "TIM-1"
LEAST_S, MOST_S = 1.0, 600.0
FLYING_MPS, NEAR_M, NEAR_S = 2.0, 10.0, 2.0
LEAP_STEPS, LEAP_S, LEAP_MOST_S = 5.0, 3.0, 60.0
FAST_MPS, SAME_WAY, FLOWN = 3.0, 0.85, 0.35  # of both sides; cosine of the turn; share of the way that the time allows
AROUND = 4  # rows on each side that tell the speed


def went_back(flight: Flight) -> Iterator[Statement]:
    """Tell where the time goes back and the way goes on."""
    for name, track in flight.tracks.items():
        if name != OPERATOR and len(track) > 2 * AROUND and track.part[0] != track.part[-1]:
            yield from _of(name, track)


def _of(name: str, track: Track) -> Iterator[Statement]:
    rows = np.flatnonzero(np.diff(track.part) > 0) + 1
    rows = np.array([row for row in rows.tolist() if _flies_on(track, row)], np.int64)
    if not len(rows):
        return
    back_s = (track.time_ns[rows - 1] - track.time_ns[rows]) / 1e9
    observed = Message(
        "{track}: the time goes back by {back_s:.1f} s while the aircraft flies on (times: {count})",
        track=track.message,
        back_s=float(back_s.max()),
        count=len(rows),
    )
    yield Statement(
        ID, Weight.NOTICE, Concern.TIME, observed,
        Message("a clock that runs on while the aircraft moves"),
        Message(
            "{least_s:g} s back, faster than {flying_mps:g} m/s, and the next place near the last",
            least_s=LEAST_S,
            flying_mps=FLYING_MPS,
        ),
        (
            Message("the clock of phone, camera or ground station was set in flight"),
            Message("records were written out of order"),
        ),
        records=tuple(track.offset[rows[:RECORDS_AT_MOST]].tolist()),
        spans=tuple((int(track.offset[[row - 1, row]].min()), int(track.offset[[row - 1, row]].max())) for row in rows),
        tracks=(name,),
    )  # fmt: skip


def _flies_on(track: Track, row: int) -> bool:
    """Tell whether the time goes back at a row, and the way on both sides is one."""
    back_s = (int(track.time_ns[row - 1]) - int(track.time_ns[row])) / 1e9
    if not (LEAST_S <= back_s <= MOST_S and AROUND <= row < len(track) - AROUND):
        return False
    before, behind = _speed_mps(track, row - AROUND, row - 1), _speed_mps(track, row, row + AROUND - 1)
    east_m, north_m = local_offsets_m(
        track.lon_deg[row - 1], track.lat_deg[row - 1], track.lon_deg[row], track.lat_deg[row]
    )
    apart_m = float(np.hypot(east_m, north_m))
    # a way that was taken up again by another recording begins at rest, or elsewhere
    return min(before, behind) > FLYING_MPS and apart_m < NEAR_M + NEAR_S * max(before, behind)


def _speed_mps(track: Track, first: int, last: int) -> float:
    return float(np.hypot(*_velocity_mps(track, first, last)))


def _velocity_mps(track: Track, first: int, last: int) -> Floats:
    """Return the mean velocity east and north between two rows, (2,); 0 across parts or without time."""
    seconds = (int(track.time_ns[last]) - int(track.time_ns[first])) / 1e9
    if track.part[first] != track.part[last] or seconds <= 0:
        return np.zeros(2)
    east_m, north_m = local_offsets_m(
        track.lon_deg[first], track.lat_deg[first], track.lon_deg[last], track.lat_deg[last]
    )
    return np.array([float(east_m), float(north_m)]) / seconds


def leapt(flight: Flight) -> Iterator[Statement]:
    """Tell where the time leaps forward and the way goes on without the way of that time."""
    for name, track in flight.tracks.items():
        if name != OPERATOR and len(track) > 2 * AROUND:
            yield from _leaps(name, track)


def _leaps(name: str, track: Track) -> Iterator[Statement]:
    lasts_s = np.diff(track.time_ns) / 1e9
    is_even = (np.diff(track.part) == 0) & track.is_timed[1:] & track.is_timed[:-1]
    usual_s = quantile(lasts_s[is_even], 0.5)
    late = is_even & (lasts_s > max(LEAP_STEPS * usual_s, LEAP_S)) & (lasts_s < LEAP_MOST_S)
    rows = np.array([row for row in (np.flatnonzero(late) + 1).tolist() if _is_no_way(track, row)], np.int64)
    if not len(rows):
        return
    leap_s = lasts_s[rows - 1]
    observed = Message(
        "{track}: the time leaps by {leap_s:.1f} s while the aircraft flies on as if it had not (times: {count})",
        track=track.message,
        leap_s=float(leap_s.max()),
        count=len(rows),
    )
    yield Statement(
        ID, Weight.NOTICE, Concern.TIME, observed,
        Message("a way that is as long as speed and time make it"),
        Message(
            "{least_s:g} s, faster than {fast_mps:g} m/s on both sides, and {flown:.0%} of the way between",
            least_s=LEAP_S,
            fast_mps=FAST_MPS,
            flown=FLOWN,
        ),
        (
            Message("the clock of phone, camera or ground station was set in flight"),
            Message("the aircraft stopped, turned or waited within the gap"),
        ),
        records=tuple(track.offset[rows[:RECORDS_AT_MOST]].tolist()),
        spans=tuple((int(track.offset[[row - 1, row]].min()), int(track.offset[[row - 1, row]].max())) for row in rows),
        tracks=(name,),
    )  # fmt: skip


def _is_no_way(track: Track, row: int) -> bool:
    """Tell whether the aircraft flies alike before and behind a gap, and the gap is too short a way for its time."""
    if not AROUND <= row <= len(track) - AROUND:
        return False
    before, behind = _velocity_mps(track, row - AROUND, row - 1), _velocity_mps(track, row, row + AROUND - 1)
    slower, faster = sorted((float(np.hypot(*before)), float(np.hypot(*behind))))
    if slower < FAST_MPS or float(before @ behind) < SAME_WAY * slower * faster:
        return False
    return float(np.hypot(*_velocity_mps(track, row - 1, row))) < FLOWN * slower
