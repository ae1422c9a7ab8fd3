"""A state that says disarmed all the while the aircraft flies, by its track or by its own word: of CHN-1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools
from dronecheck.evidence.consistency.stretches import places, spans
from dronecheck.flight import Concern, EventKind, Flight, Statement, Weight, Witness
from dronecheck.issues import Code
from dronecheck.messages import Message

__all__ = ["flies_disarmed", "never_armed"]

FLYING_M, FLYING_MPS = 15.0, 8.0
LOW_M, SLOW_MPS = 5.0, 3.0  # both at once: carried by hand, or driven on a level, is neither
OWN_WORD = ("ulog", "tlog", "dji_txt")  # whose autopilots do not say in the air with motors off
ARDUPILOT = ("binary", "text")
AT_FIRST_S, REST_MPS, REST_M = 3.0, 1.0, 5.0
LEAST_S, LONGEST_STEP_S, NEAR_S = 5.0, 5.0, 2.0


def flies_disarmed(flight: Flight) -> Iterator[Statement]:
    """Tell for how long records of the state say disarmed while the track flies."""
    for witness in flight.witnesses:
        if witness.name != "state" or not witness.has("armed") or len(witness) < 2:
            continue
        odd = (witness.column("armed") == 0) & (_is_flying(flight, witness) | _says_flying(flight, witness))
        steps_s = np.clip(np.diff(witness.time_ns) / 1e9, 0.0, LONGEST_STEP_S)
        lasts_s = float(steps_s[odd[1:] & odd[:-1]].sum())
        if lasts_s < LEAST_S:
            continue
        observed = Message(
            "{record} says disarmed for {lasts_s} while the aircraft flies", record=witness.message, lasts_s=lasts_s
        )
        yield Statement(
            "CHN-1", Weight.NOTICE, Concern.TIME, observed,
            Message("motors that run in flight"),
            Message(
                "{least_s:g} s above {height_m:g} m or faster than {speed_mps:g} m/s, or both above {low_m:g} m and "
                "faster than {slow_mps:g} m/s, or in the air by its own word",
                least_s=LEAST_S,
                height_m=FLYING_M,
                speed_mps=FLYING_MPS,
                low_m=LOW_M,
                slow_mps=SLOW_MPS,
            ),
            (
                Message("a glider, or an aircraft that was carried or towed"),
                Message("a program that does not fill this column"),
            ),
            records=places(witness.offset, odd),
            spans=spans(witness.offset, odd),
        )  # fmt: skip


def never_armed(flight: Flight) -> Iterator[Statement]:
    """Tell of a flight from the ground that no event of the log armed the aircraft for (CHN-1).

    Of ArduPilot's logs: these write an event each time, and none but planes a state beside it.
    """
    track = flight.track
    if flight.source.format != "dataflash" or flight.source.dialect not in ARDUPILOT or not len(track):
        return
    kinds = {event.kind for event in flight.events}
    is_heard = any(issue.code is Code.OTHER_VEHICLES for issue in flight.issues)  # of a tracker, which has its own
    if EventKind.ARM in kinds or EventKind.MODE not in kinds or is_heard:
        return
    begin = track.time_ns - track.time_ns[0] < AT_FIRST_S * 1e9
    climbed_m = track.alt_home_m - track.alt_home_m[0]
    at_rest = bool((track.speed_mps[begin] < REST_MPS).all() and (np.abs(track.alt_home_m[begin]) < REST_M).all())
    flown = (climbed_m > FLYING_M) & (track.part == track.part[0])
    if not at_rest or not flown.any():
        return
    observed = Message(
        "the aircraft takes off from rest and climbs to {height_m:.0f} m, and no record says that it was armed",
        height_m=float(climbed_m[flown].max()),
    )
    yield Statement(
        "CHN-1", Weight.NOTICE, Concern.TIME, observed,
        Message("an event where the motors are armed"),
        Message("a climb of {height_m:g} m from rest", height_m=FLYING_M),
        (
            Message("a record of it that was lost"),
            Message("firmware that does not record it"),
            Message("a balloon, or an aircraft that was carried or towed"),
        ),
        records=(int(track.offset[int(np.argmax(flown))]),),
    )  # fmt: skip


def _is_flying(flight: Flight, witness: Witness) -> Bools:
    """Tell at which records of a witness the track flies, (n,): by the nearest fix, in the file where times restart."""
    track = flight.track
    if not len(track) or not track.is_timed.all():
        return np.zeros(len(witness), np.bool_)
    is_flying = (track.alt_home_m > FLYING_M) | (track.speed_mps > FLYING_MPS)
    is_flying |= (track.alt_home_m > LOW_M) & (track.speed_mps > SLOW_MPS)
    by_time = track.part[0] == track.part[-1]
    order = np.arange(len(track), dtype=np.int64) if by_time else np.argsort(track.offset, kind="stable")
    own, wanted = (track.time_ns, witness.time_ns) if by_time else (track.offset[order], witness.offset)
    near = order[np.minimum(np.searchsorted(own, wanted), len(track) - 1)]
    is_near = np.abs(track.time_ns[near] - witness.time_ns) < NEAR_S * 1e9
    return np.asarray(is_flying[near] & is_near, np.bool_)


def _says_flying(flight: Flight, witness: Witness) -> Bools:
    """Tell at which records of a witness the aircraft itself says that it is in the air, (n,)."""
    says = np.zeros(len(witness), np.bool_)
    for other in flight.witnesses:
        if flight.source.format in OWN_WORD and other.name == "state" and other.has("flying"):
            last = np.searchsorted(other.offset, witness.offset, side="right") - 1
            is_near = np.abs(other.time_ns[np.maximum(last, 0)] - witness.time_ns) < NEAR_S * 1e9
            says |= (last >= 0) & is_near & (other.column("flying")[np.maximum(last, 0)] == 1)
    return says
