"""A state that says disarmed all the while the aircraft flies: of CHN-1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools
from dronecheck.evidence.consistency.stretches import places, spans
from dronecheck.flight import Concern, Flight, Statement, Weight, Witness
from dronecheck.messages import Message

__all__ = ["flies_disarmed"]

FLYING_M, FLYING_MPS = 15.0, 8.0
LEAST_S, LONGEST_STEP_S, NEAR_S = 10.0, 5.0, 2.0


def flies_disarmed(flight: Flight) -> Iterator[Statement]:
    """Tell for how long records of the state say disarmed while the track flies."""
    for witness in flight.witnesses:
        if witness.name != "state" or not witness.has("armed") or len(witness) < 2:
            continue
        odd = (witness.column("armed") == 0) & _is_flying(flight, witness)
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
                "{least_s:g} s above {height_m:g} m or faster than {speed_mps:g} m/s",
                least_s=LEAST_S,
                height_m=FLYING_M,
                speed_mps=FLYING_MPS,
            ),
            (
                Message("a glider, or an aircraft that was carried or towed"),
                Message("a program that does not fill this column"),
            ),
            records=places(witness.offset, odd),
            spans=spans(witness.offset, odd),
        )  # fmt: skip


def _is_flying(flight: Flight, witness: Witness) -> Bools:
    """Tell at which records of a witness the track flies, (n,)."""
    track = flight.track
    if not len(track) or track.part[0] != track.part[-1] or not track.is_timed.all():
        return np.zeros(len(witness), np.bool_)
    is_flying = (track.alt_home_m > FLYING_M) | (track.speed_mps > FLYING_MPS)
    near = np.minimum(np.searchsorted(track.time_ns, witness.time_ns), len(track) - 1)
    is_near = np.abs(track.time_ns[near] - witness.time_ns) < NEAR_S * 1e9
    return np.asarray(is_flying[near] & is_near, np.bool_)
