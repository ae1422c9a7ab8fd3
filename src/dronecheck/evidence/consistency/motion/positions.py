"""KIN-1: positions against what the log records of the speed, and against what can be flown at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

import numpy as np

from dronecheck.evidence.consistency.motion.recorded import Recorded, speeds_of
from dronecheck.evidence.consistency.motion.speeds import SpeedDeparture, SpeedReading, departures, reading_of
from dronecheck.evidence.consistency.motion.steps import Step, steps_of
from dronecheck.evidence.consistency.motion.vectors import GLITCH_S, against_velocities, between, is_glitch
from dronecheck.evidence.consistency.motion.way import OddStretch, Way, ways_of
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import Concern, EventKind, Flight, Statement, Weight
from dronecheck.issues import Code
from dronecheck.messages import Message

__all__ = ["ID", "positions"]

ID = "KIN-1"
# (windows of, seconds; apart by this, and by so many times the log's usual to be told; the same to be a contradiction)
SHORT = (1.0, 4.0, 12.0, 5.0, 15.0)
LONG = (10.0, 2.0, 8.0, 3.0, 12.0)
SIGMAS = 3.0 * np.sqrt(2.0)
SEVERAL_M, ALONE_M, ALONE_SIGMAS = 15.0, 40.0, 10.0  # steps that no honest receiver makes: several, or one
EASED_S, EASED_M = 5.0, 50.0
FIRST_FIXES_S, AT_REST_MPS = 30.0, 1.0
UNITS = {3.6: "km/h", 3.2808: "ft/s", 2.2369: "mph", 1.9438: "kn"}
SAME_UNIT = 0.045
STOP_S = 2.0  # what hits something stands still at once, and its filtered speed follows
ADMITTED_S, ADMITTED_M = 30.0, 1000.0
_ADMITS = re.compile(
    r"(gps|gnss|satellite).{0,20}(glitch|lost|fail|error|bad|weak|poor|no fix)|(weak|no|bad|poor) (gps|gnss|satellite)"
    r"|glitch|lane switch|ekf.{0,30}(variance|reset|fail)",
    re.IGNORECASE,
)

_INNOCENT = (
    Message("the receiver lost its fix or caught reflected signals, and found its place again"),
    Message("the autopilot set its estimate of the position anew"),
    Message("rows are missing, or were written with another row's time"),
)


def positions(flight: Flight) -> tuple[Statement, ...] | None:
    """Hold every track's positions against its recorded speed and against what can be flown (KIN-1)."""
    found: list[Statement] = []
    ways = ways_of(flight)
    for name, way in ways.items():
        speeds = speeds_of(way)
        reading = reading_of(way, speeds) if speeds is not None else None
        if speeds is not None and reading is not None:
            found += _of_speed(flight, name, way, speeds, reading)
        found += against_velocities(flight, name, way, partial(_admitted, flight, way))
        if reading is None or not reading.is_usable:
            found += _of_steps(flight, name, way)
    found += _of_reader(flight)
    return tuple(found) if ways or found else None


# ---- against the recorded speed


def _of_speed(flight: Flight, name: str, way: Way, speeds: Recorded, reading: SpeedReading) -> list[Statement]:
    if not reading.follows:
        return [_unfollowed(flight, name, way, reading)]
    found = [_rescaled(flight, name, way, reading)] if reading.scale != 1 else []
    if not reading.is_usable:
        return found
    usual_mps = reading.usual_mps
    for span_s, least_mps, times, grave_mps, grave_times in (SHORT, LONG):
        odd = departures(way, speeds, reading, span_s, max(least_mps, times * usual_mps))
        odd = [one for one in odd if one.own_mps > one.recorded_mps or _seconds_of(way, one.stretch) > STOP_S + span_s]
        if not odd:
            continue
        limit_mps = max(grave_mps, grave_times * usual_mps)
        is_grave = _no_honest_steps if span_s == SHORT[0] else _no_honest_ease
        weight = Weight.CONTRADICTION if is_grave(flight, way, odd, limit_mps) else Weight.NOTICE
        found.append(_departed(flight, name, way, odd, reading, span_s, least_mps, weight))
        if weight is Weight.CONTRADICTION:
            break
    return found


def _no_honest_steps(flight: Flight, way: Way, odd: list[SpeedDeparture], limit_mps: float) -> bool:
    """Tell whether no honest log departs so: several large steps, or a very large one in good satellite reception."""
    large = [
        one
        for one in odd
        if abs(one.own_mps - one.recorded_mps) > limit_mps + SIGMAS * one.sigma_m / one.lasts_s
        and one.apart_m > SEVERAL_M
        and not is_glitch(one.is_undone, one.away_s)
        and not _admitted(flight, way, one.row, one.apart_m)
    ]
    if len(large) > 1:
        return any(one.apart_m > 2 * SEVERAL_M for one in large)
    return any(one.apart_m > max(ALONE_M, ALONE_SIGMAS * one.sigma_m) and not _first_fixes(way, one) for one in large)


def _no_honest_ease(flight: Flight, way: Way, odd: list[SpeedDeparture], limit_mps: float) -> bool:
    """Tell whether no honest log departs so for so long."""
    return any(
        abs(one.own_mps - one.recorded_mps) > limit_mps + SIGMAS * one.sigma_m / one.lasts_s
        and one.apart_m > EASED_M
        and _seconds_of(way, one.stretch) > EASED_S + one.lasts_s
        and not _admitted(flight, way, one.row, one.apart_m)
        for one in odd
    )


def _seconds_of(way: Way, stretch: OddStretch) -> float:
    return float(way.seconds[stretch.last] - way.seconds[stretch.first])


def _first_fixes(way: Way, one: SpeedDeparture) -> bool:
    """Tell whether a receiver may only just have begun to find its place."""
    return float(way.seconds[one.row]) < FIRST_FIXES_S and one.recorded_mps < AT_REST_MPS


def _admitted(flight: Flight, way: Way, row: int, apart_m: float) -> bool:
    """Tell whether a message of the log near this time admits that its position failed."""
    near_ns = int(ADMITTED_S * 1e9)
    at_ns = int(way.time_ns[row])
    return apart_m < ADMITTED_M and any(
        event.kind is EventKind.MESSAGE and abs(event.time_ns - at_ns) <= near_ns and _ADMITS.search(event.text)
        for event in flight.events
    )


def _departed(
    flight: Flight,
    name: str,
    way: Way,
    odd: list[SpeedDeparture],
    reading: SpeedReading,
    span_s: float,
    least_mps: float,
    weight: Weight,
) -> Statement:
    worst = max(odd, key=lambda one: one.apart_m)
    observed = Message(
        "{track}: over {span_s:g} s the positions move at another speed than the log records (places: {count}), "
        "at most at {own_mps:.1f} m/s where it records {recorded_mps:.1f} m/s",
        track=flight.tracks[name].message,
        count=len(odd),
        span_s=span_s,
        own_mps=worst.own_mps,
        recorded_mps=worst.recorded_mps,
    )
    expected = Message(
        "positions that move as fast as recorded: in half of this log both agree within {usual_mps:.2f} m/s",
        usual_mps=reading.usual_mps,
    )
    threshold = Message(
        "{least_mps:g} m/s apart, or {times:g} times this log's usual where that is more",
        least_mps=least_mps,
        times=SHORT[2] if span_s == SHORT[0] else LONG[2],
    )
    return Statement(
        ID, weight, Concern.POSITION, observed, expected, threshold, _INNOCENT,
        records=tuple(int(way.offset[one.row]) for one in odd[:RECORDS_AT_MOST]),
        spans=between(way, [(one.stretch, one.is_undone) for one in odd]),
        tracks=(name,),
    )  # fmt: skip


def _unfollowed(flight: Flight, name: str, way: Way, reading: SpeedReading) -> Statement:
    """State that the recorded speed says nothing about the positions."""
    observed = Message(
        "{track}: the positions do not follow the recorded speed anywhere: half of the log is more than "
        "{usual_mps:.1f} m/s away from it",
        track=flight.tracks[name].message,
        usual_mps=reading.usual_mps,
    )
    stays = Message("the speed column never changes: it is no measured speed")
    return Statement(
        ID, Weight.INFO if reading.never_changes else Weight.NOTICE, Concern.POSITION, observed,
        Message("positions that move as fast as recorded"),
        Message("{mps:g} m/s, or {share:.0%} of the speed, for half of the log", mps=1.0, share=0.3),
        (stays if reading.never_changes else Message("the column holds another speed than that over the ground"),),
        records=(int(way.offset[0]),), tracks=(name,),
    )  # fmt: skip


def _rescaled(flight: Flight, name: str, way: Way, reading: SpeedReading) -> Statement:
    """State that positions move faster or slower than recorded all along, by one factor."""
    unit = next((unit for ratio, unit in UNITS.items() for factor in (ratio, 1 / ratio)
                 if abs(reading.scale / factor - 1) < SAME_UNIT), "")  # fmt: skip
    observed = Message(
        "{track}: all along the positions move {factor:.2f} times as fast as recorded",
        track=flight.tracks[name].message,
        factor=reading.scale,
    )
    cause = Message("the speed was taken for one in m/s and is in {unit}, or the reverse", unit=unit)
    return Statement(
        ID, Weight.INFO if unit or reading.never_changes else Weight.NOTICE, Concern.POSITION, observed,
        Message("positions that move as fast as recorded"), Message("a factor of 0.9 to 1.1"),
        (cause if unit else Message("the speed column is in another unit, or no speed over the ground"),),
        records=(int(way.offset[0]),), tracks=(name,),
    )  # fmt: skip


# ---- without a speed to hold them against


def _of_steps(flight: Flight, name: str, way: Way) -> list[Statement]:
    steps = steps_of(way)
    if not steps:
        return []
    back = [step for step in steps if step.back is not None]
    grave = [
        step
        for step in back
        if step.apart_m > 2 * SEVERAL_M
        and _seconds_of(way, OddStretch(step.row, step.back or step.row)) > GLITCH_S
        and not _admitted(flight, way, step.row, step.apart_m)
    ]
    worst = max(steps, key=lambda step: step.apart_m)
    observed = Message(
        "{track}: steps from one fix to the next that nothing flies ({count}), at most {most_m} in {lasts_s:.1f} s; "
        "those that a later step undoes: {back}",
        track=flight.tracks[name].message,
        count=len(steps),
        most_m=worst.apart_m,
        lasts_s=worst.lasts_s,
        back=len(back),
    )
    return [
        Statement(
            ID, Weight.CONTRADICTION if grave else Weight.NOTICE, Concern.POSITION, observed,
            Message("each fix about where the velocity before and behind leads"),
            Message("20 m and 40 m/s beside it; half of both where a later step leads back"), _INNOCENT,
            records=tuple(int(way.offset[step.row]) for step in steps[:RECORDS_AT_MOST]),
            spans=_moved(way, steps), tracks=(name,),
        )
    ]  # fmt: skip


def _moved(way: Way, steps: Iterable[Step]) -> tuple[tuple[int, int], ...]:
    whole = OddStretch(0, len(way) - 1)
    moved = [whole if step.back is None else OddStretch(step.row, step.back) for step in steps]
    return tuple({way.offsets_of(stretch): None for stretch in moved})


# ---- what the reader left out already


def _of_reader(flight: Flight) -> list[Statement]:
    told = {
        Code.STRAY_FIX: Message("fixes in the line of those before and after"),
        Code.FROZEN_POSITION: Message("a place that changes while the recorded speed says that the aircraft moves"),
    }
    return [
        Statement(
            ID, Weight.NOTICE, Concern.POSITION, issue.message, told[issue.code],
            Message("what no aircraft can turn or hold"), _INNOCENT,
            records=() if issue.offset is None else (issue.offset,),
            spans=() if issue.offset is None else ((issue.offset, issue.offset),),
        )
        for issue in flight.issues
        if issue.code in told
    ]  # fmt: skip
