"""TIM-1: times that go on, and gaps within which the aircraft moved.

A gap is innocent in most logs: radio links fade, apps pause, recorders are busy. One that the aircraft cannot have
crossed at any speed that this log shows is unusual.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.evidence.consistency.clock.back import leapt, went_back
from dronecheck.evidence.consistency.motion.way import BETWEEN_PARTS_S, Way, quantile, ways_of
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import Concern, Flight, Statement, Weight
from dronecheck.issues import Code
from dronecheck.messages import Message

__all__ = ["gaps"]

ID = "TIM-1"
USUAL_STEPS, AT_LEAST_S = 5.0, 3.0
MOVED_M, SIGMAS = 30.0, 3.0
FASTER, FASTER_MPS = 1.5, 5.0

_INNOCENT = (
    Message("the recorder, the app or the radio link paused"),
    Message("the receiver had no fix"),
)
_TOLD = {
    Code.CLOCK_RESTARTS: Message("one start of the clock a recording"),
    Code.OUT_OF_ORDER: Message("records in the order of their times"),
    Code.CLOCK_DAMAGED: Message("a clock that runs on, and shows a date that can be"),
}


def gaps(flight: Flight) -> tuple[Statement, ...] | None:
    """Tell where the times of fixes stop and go on elsewhere (TIM-1); None where too few fixes are timed."""
    ways = ways_of(flight)
    found = [told for name, way in ways.items() for told in _of(flight, name, way)]
    found += [*went_back(flight), *leapt(flight)]
    for issue in flight.issues:
        if issue.code in _TOLD:
            found.append(
                Statement(
                    ID, Weight.INFO, Concern.TIME, issue.message, _TOLD[issue.code], Message("none allowed"),
                    (Message("clocks are set, start anew or lose digits"), Message("files were joined")),
                    records=() if issue.offset is None else (issue.offset,),
                )
            )  # fmt: skip
    return tuple(found) if ways else None


def _of(flight: Flight, name: str, way: Way) -> Iterator[Statement]:
    lasts_s = np.diff(way.seconds)
    moved_m = np.hypot(np.diff(way.east_m), np.diff(way.north_m))
    sigma_m = np.nan_to_num(np.maximum(way.sigma_m[1:], way.sigma_m[:-1]))
    is_gap = (lasts_s > max(USUAL_STEPS * way.usual_step_s, AT_LEAST_S)) & (lasts_s < BETWEEN_PARTS_S)
    rows = np.flatnonzero(is_gap & (moved_m > np.maximum(MOVED_M, SIGMAS * sigma_m)))
    if not len(rows):
        return
    fastest_mps = _fastest_mps(way)
    too_far = rows[moved_m[rows] / lasts_s[rows] > FASTER * fastest_mps + FASTER_MPS]
    plain = rows[~np.isin(rows, too_far)]
    for which, weight in ((too_far, Weight.NOTICE), (plain, Weight.INFO)):
        if len(which):
            yield _told(flight, name, way, which, lasts_s[which], moved_m[which], fastest_mps, weight)


def _fastest_mps(way: Way) -> float:
    """Return the speed that one in a hundred fixes exceeds, by the positions or by the record."""
    first, last = way.windows(1.0)
    chord_m = np.hypot(way.east_m[last] - way.east_m[first], way.north_m[last] - way.north_m[first])
    by_places = quantile(chord_m / np.maximum(way.seconds[last] - way.seconds[first], 1e-3), 0.99)
    return float(np.fmax(by_places, quantile(np.abs(way.speed_mps), 0.99)))


def _told(
    flight: Flight,
    name: str,
    way: Way,
    rows: Ints,
    lasts_s: np.ndarray[tuple[int], np.dtype[np.float64]],
    moved_m: np.ndarray[tuple[int], np.dtype[np.float64]],
    fastest_mps: float,
    weight: Weight,
) -> Statement:
    longest = int(np.argmax(moved_m / lasts_s if weight is Weight.NOTICE else lasts_s))
    observed = Message(
        "{track}: gaps in the times while the aircraft moved ({count}); one lasts {lasts_s} and leads {moved_m} on",
        track=flight.tracks[name].message,
        count=len(rows),
        lasts_s=float(lasts_s[longest]),
        moved_m=float(moved_m[longest]),
    )
    expected = Message(
        "fixes every {usual_s:.2g} s, and no faster than {fastest_mps:.0f} m/s, as elsewhere in this log",
        usual_s=way.usual_step_s,
        fastest_mps=fastest_mps,
    )
    threshold = Message(
        "{steps:g} times the usual step and {least_s:g} s; unusual beyond {limit_mps:.0f} m/s",
        steps=USUAL_STEPS,
        least_s=AT_LEAST_S,
        limit_mps=FASTER * fastest_mps + FASTER_MPS,
    )
    offset = way.offset
    return Statement(
        ID, weight, Concern.TIME, observed, expected, threshold, _INNOCENT,
        records=tuple(offset[rows[:RECORDS_AT_MOST] + 1].tolist()),
        spans=tuple((int(min(offset[r], offset[r + 1])), int(max(offset[r], offset[r + 1]))) for r in rows[:100]),
        tracks=(name,),
    )  # fmt: skip
