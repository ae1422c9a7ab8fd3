"""Heights of one flight held against each other: what is no height above the sea, and what is not zero at take-off.

above the sea     the estimate's is held against the receiver's own at the same time. Beyond their errors it is not
                  used: nobody can tell which is wrong. Where it is the height above take-off (an autopilot that
                  does not know its origin yet sends that in its place) the receiver's own stands for it.
above take-off    should be zero where the log arms or takes off at rest; what it is there is drift of the
                  barometer, or a home elsewhere, and is taken off all along
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.flight.model import OPERATOR, Event, EventKind, Flight
from dronecheck.flight.track import Track
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["with_sound_heights"]

RECEIVER, ESTIMATE = "gnss", "fused"
SIGMAS = 5.0
RECEIVER_SIGMA_M, RECEIVER_SIGMA_AT_LEAST_M = 8.0, 2.0  # where it states none; and no receiver knows it better
BARO_SIGMA_M, BARO_SCALE = 2.0, 0.035
SAME_M = 0.1
NEAR_NS = 2 * 10**9
AFTER_NS = 3 * 10**8
AT_REST_MPS = 1.5
OFFSET_M = 2 * BARO_SIGMA_M
HOME_SIGMA_M = 8.0  # of the logged height of home: an offset beyond it says that home is elsewhere


def with_sound_heights(flight: Flight) -> Flight:
    """Return the flight without heights that its own records contradict, each said in an issue."""
    return _zeroed(_without_false_sea_heights(flight))


# ---- above the sea


def _without_false_sea_heights(flight: Flight) -> Flight:
    estimate, receiver = flight.tracks.get(ESTIMATE), flight.tracks.get(RECEIVER)
    if estimate is None or receiver is None:
        return flight
    own_m, own_sigma_m = _at(receiver, estimate)
    apart_m = np.abs(estimate.alt_amsl_m - own_m)
    rise_m = np.abs(own_m - own_m[np.argmax(np.isfinite(own_m))]) if np.isfinite(own_m).any() else own_m
    is_apart = apart_m > SIGMAS * np.hypot(own_sigma_m, BARO_SIGMA_M + BARO_SCALE * rise_m)
    if not is_apart.any():
        return flight
    is_relative = is_apart & (np.abs(estimate.alt_amsl_m - estimate.alt_home_m) <= SAME_M)
    amsl_m = np.where(is_relative, own_m, np.where(is_apart, np.nan, estimate.alt_amsl_m))
    better = estimate.replace(alt_amsl_m=amsl_m, alt_hae_m=np.where(is_apart, np.nan, estimate.alt_hae_m))
    issues = []
    if is_relative.any():
        text = Message(
            "{count:,} heights of {table} are those above take-off and not above the sea (up to {far_m:,.0f} m off): "
            "those of {other} are used instead",
            count=int(is_relative.sum()),
            table=estimate.message,
            far_m=apart_m[is_relative].max(),
            other=receiver.message,
        )
        issues.append(_issue(estimate, is_relative, text))
    if (is_wrong := is_apart & ~is_relative).any():
        text = Message(
            "{count:,} heights of {table} above the sea are up to {far_m:,.0f} m from those of {other}, "
            "beyond the errors of both: not used",
            count=int(is_wrong.sum()),
            table=estimate.message,
            far_m=apart_m[is_wrong].max(),
            other=receiver.message,
        )
        issues.append(_issue(estimate, is_wrong, text))
    return replace(flight, tracks={**flight.tracks, ESTIMATE: better}, issues=(*flight.issues, *issues))


def _issue(track: Track, rows: Bools, text: Message) -> Issue:
    return Issue(Code.HEIGHT_FRAME, Severity.WARNING, text, int(track.offset[np.argmax(rows)]), int(rows.sum()))


def _at(receiver: Track, track: Track) -> tuple[Floats, Floats]:
    """Return the receiver's heights above the sea and their sigma at the times of a track; NaN where none is near."""
    known = np.isfinite(receiver.alt_amsl_m)
    if not known.any():
        nothing = np.full(len(track), np.nan)
        return nothing, nothing
    times, wanted = receiver.time_ns[known], track.time_ns
    after = np.minimum(np.searchsorted(times, wanted), len(times) - 1)
    before = np.maximum(after - 1, 0)
    is_near = np.minimum(np.abs(times[after] - wanted), np.abs(times[before] - wanted)) <= NEAR_NS
    start = times[0]
    height_m = np.interp((wanted - start) / 1e9, (times - start) / 1e9, receiver.alt_amsl_m[known])
    sigma_m = receiver.v_sigma_m[known]
    sigma_m = np.maximum(np.where(np.isfinite(sigma_m), sigma_m, RECEIVER_SIGMA_M), RECEIVER_SIGMA_AT_LEAST_M)
    return np.where(is_near, height_m, np.nan), sigma_m[after]


# ---- above take-off


@dataclass(frozen=True, slots=True)
class _Offset:
    """The height above take-off at the take-off itself, and its place in the file."""

    height_m: float
    offset: int


def _zeroed(flight: Flight) -> Flight:
    found = _offset_at_take_off(flight)
    if found is None or abs(found.height_m) <= OFFSET_M:
        return flight
    tracks = {
        name: track if name == OPERATOR else track.replace(alt_home_m=track.alt_home_m - found.height_m)
        for name, track in flight.tracks.items()
    }
    text = Message(
        "heights above take-off are {height_m:.1f} m where the aircraft takes off at rest; set right by that all along",
        height_m=found.height_m,
    )
    issue = Issue(Code.HEIGHT_OFFSET, Severity.WARNING, text, found.offset)
    home = flight.home
    if home is not None and abs(found.height_m) > HOME_SIGMA_M:  # its height is not that of the take-off
        home = replace(home, alt_amsl_m=float("nan"))
    return replace(flight, tracks=tracks, home=home, issues=(*flight.issues, issue))


def _offset_at_take_off(flight: Flight) -> _Offset | None:
    """Return what the log gives at rest when it arms, else when it takes off, within the track; None without that."""
    track = flight.track
    if not np.isfinite(track.alt_home_m).any():
        return None
    for kind in (EventKind.ARM, EventKind.TAKEOFF):
        event = next((event for event in flight.events if event.kind is kind), None)
        row = _row_of(track, event) if event is not None and not _landed_before(flight, event) else None
        if row is not None:
            return _Offset(float(track.alt_home_m[row]), int(track.offset[row]))
    return None


def _landed_before(flight: Flight, event: Event) -> bool:
    """Tell whether the log began in the air."""
    return any(e.kind in (EventKind.LAND, EventKind.DISARM) and e.time_ns < event.time_ns for e in flight.events)


def _row_of(track: Track, event: Event) -> int | None:
    """Return the first row after the event, at rest and as high as all before it; None where it is not.

    An autopilot may set its home anew when it is armed: the height before that is none above take-off.
    """
    row = int(np.searchsorted(track.time_ns, event.time_ns + AFTER_NS))
    if row < 1 or row >= len(track) or not np.isfinite(track.alt_home_m[row]):
        return None
    if int(track.time_ns[row]) - event.time_ns > NEAR_NS:
        return None
    before = slice(0, row + 1)
    is_moving = track.speed_mps[before] > AT_REST_MPS
    heights_m = track.alt_home_m[before][np.isfinite(track.alt_home_m[before])]
    still = not is_moving.any() and float(np.ptp(heights_m)) <= OFFSET_M and bool(np.isfinite(track.speed_mps[row]))
    return row if still else None
