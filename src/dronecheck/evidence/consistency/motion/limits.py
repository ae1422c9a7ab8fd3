"""KIN-2: what no aircraft of this kind does: accelerations, climbs, and a heading that is turned against the way.

On 60 real logs recorded speeds change by 15 m/s2 at most, heights by 17 m/s, and the way from under way to under way
bends by 16 m/s2. Who cuts a flight out and home again where both ways meet leaves places and speeds that fit, and an
aircraft that turns round at once. Multirotors fly sideways and backwards, so that a heading says something only where
it follows the way all along.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.evidence.consistency.heights.climbs import climbs
from dronecheck.evidence.consistency.motion.way import Way, clusters, ways_of
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import Concern, Flight, Statement, Weight, Witness
from dronecheck.messages import Message

__all__ = ["limits"]

ID = "KIN-2"
ACCELERATION_S, ACCELERATION_MPS2 = 0.5, 49.0  # five times the Earth's
BEND_S, BEND_MPS2, UNDER_WAY_MPS = 0.6, 22.0, 4.0
CLIMB_S, CLIMB_MPS, FIRST_FIXES_S = 2.0, 30.0, 30.0
COURSE_S, MOVING_MPS, MOVING_S, FOLLOWS, TURNED_DEG = 2.0, 4.0, 60.0, 0.97, 15.0


def limits(flight: Flight) -> tuple[Statement, ...] | None:
    """Look for accelerations and climbs that nothing makes, and headings turned against the way (KIN-2)."""
    found: list[Statement] = []
    ways = ways_of(flight)
    for name, way in ways.items():
        title = flight.tracks[name].message
        found += _accelerated(name, title, way)
        found += _climbed(name, title, way)
        found += _bent(name, title, way)
        for witness in flight.witnesses:
            if witness.name == "attitude" and witness.has("yaw_deg") and way.is_one_part:
                found += _turned(name, title, way, witness)
                break
    stepped = climbs(flight)
    return (*found, *(stepped or ())) if ways or stepped is not None else None


def _accelerated(name: str, title: str, way: Way) -> Iterator[Statement]:
    first, last = way.windows(ACCELERATION_S)
    spans_s = way.seconds[last] - way.seconds[first]
    much_mps2 = np.nan_to_num(np.abs(way.speed_mps[last] - way.speed_mps[first]) / spans_s)
    observed = Message("{track}: the recorded speed changes by {most:.0f} m/s2", track=title, most=_most(much_mps2))
    yield from _over(
        name, way, much_mps2 > ACCELERATION_MPS2, much_mps2, first, last, observed,
        Message("a speed that changes as an aircraft can change it"),
        Message("{limit:.0f} m/s2 over {span_s:g} s", limit=ACCELERATION_MPS2, span_s=ACCELERATION_S),
        Message("a crash, or a receiver that found its speed again"), Concern.POSITION,
    )  # fmt: skip


def _climbed(name: str, title: str, way: Way) -> Iterator[Statement]:
    first, last = way.windows(CLIMB_S)
    settled = way.seconds[first] > FIRST_FIXES_S
    first, last = first[settled], last[settled]
    climb_mps = np.nan_to_num(np.abs(way.up_m[last] - way.up_m[first]) / (way.seconds[last] - way.seconds[first]))
    observed = Message("{track}: the height changes by {most:.0f} m/s", track=title, most=_most(climb_mps))
    yield from _over(
        name, way, climb_mps > CLIMB_MPS, climb_mps, first, last, observed,
        Message("a height that changes as an aircraft can climb or fall"),
        Message("{limit:.0f} m/s over {span_s:g} s", limit=CLIMB_MPS, span_s=CLIMB_S),
        Message("a fall from great height, or a barometer or receiver that failed"), Concern.HEIGHT,
    )  # fmt: skip


def _bent(name: str, title: str, way: Way) -> Iterator[Statement]:
    """State where the way turns at once: by the velocities on both sides of a step, not by the step itself."""
    middle = np.arange(1, len(way) - 2, dtype=np.int64)
    first = np.minimum(np.searchsorted(way.seconds, way.seconds[middle] - BEND_S + 1e-3), middle - 1)
    last = np.maximum(np.searchsorted(way.seconds, way.seconds[middle + 1] + BEND_S - 1e-3), middle + 2)
    longest_s = 2 * (BEND_S + way.usual_step_s)
    fits = last < len(way)
    first, middle, last = first[fits], middle[fits], last[fits]
    before_s, step_s, behind_s = (
        way.seconds[end] - way.seconds[begin]
        for begin, end in ((first, middle), (middle, middle + 1), (middle + 1, last))
    )
    fits = (before_s > 0) & (behind_s > 0) & (np.maximum(before_s, behind_s) <= longest_s)
    fits &= step_s <= 2 * way.usual_step_s
    first, middle, last = first[fits], middle[fits], last[fits]
    before_s, step_s, behind_s = before_s[fits], step_s[fits], behind_s[fits]
    place_m = way.north_m + 1j * way.east_m
    before, behind = (place_m[middle] - place_m[first]) / before_s, (place_m[last] - place_m[middle + 1]) / behind_s
    bend_mps2 = np.abs(behind - before) / ((before_s + behind_s) / 2 + step_s)
    bend_mps2[np.minimum(np.abs(before), np.abs(behind)) < UNDER_WAY_MPS] = 0.0
    observed = Message(
        "{track}: the aircraft turns at once, by {most:.0f} m/s2, from under way to under way",
        track=title,
        most=_most(bend_mps2),
    )
    yield from _over(
        name, way, bend_mps2 > BEND_MPS2, bend_mps2, first, last, observed,
        Message("a way that bends as an aircraft can turn"),
        Message("{limit:.0f} m/s2 between {span_s:g} s before and {span_s:g} s after, and {least:g} m/s in both",
                limit=BEND_MPS2, span_s=BEND_S, least=UNDER_WAY_MPS),
        Message("an aerobatic aircraft, a collision, or a receiver that found its place again"), Concern.POSITION,
    )  # fmt: skip


def _most(values: Floats) -> float:
    return float(values.max()) if len(values) else 0.0


def _over(
    name: str,
    way: Way,
    is_over: Bools,
    values: Floats,
    first: Ints,
    last: Ints,
    observed: Message,
    expected: Message,
    threshold: Message,
    innocent: Message,
    concern: Concern,
) -> Iterator[Statement]:
    odd = clusters(is_over, values, first, last, way.seconds, COURSE_S)
    if odd:
        yield Statement(
            ID, Weight.NOTICE, concern, observed, expected, threshold, (innocent,),
            records=tuple(int(way.offset[first[one.peak]]) for one in odd[:RECORDS_AT_MOST]),
            spans=tuple(way.offsets_of(one) for one in odd[:100]), tracks=(name,),
        )  # fmt: skip


def _turned(name: str, title: str, way: Way, witness: Witness) -> Iterator[Statement]:
    """State that the heading follows the way all along, and points elsewhere by one angle."""
    known = np.abs(witness.column("yaw_deg")) <= 720
    order = np.argsort(witness.time_ns[known], kind="stable")
    if len(order) < 2:
        return
    yaw_s = (witness.time_ns[known][order] - way.time_ns[0]) / 1e9
    yaw_rad = np.unwrap(np.radians(witness.column("yaw_deg")[known][order]))
    first, last = way.windows(COURSE_S)
    east_m, north_m = way.east_m[last] - way.east_m[first], way.north_m[last] - way.north_m[first]
    middle_s = (way.seconds[last] + way.seconds[first]) / 2
    is_fast = np.hypot(east_m, north_m) > MOVING_MPS * (way.seconds[last] - way.seconds[first])
    is_fast &= (middle_s >= yaw_s[0]) & (middle_s <= yaw_s[-1])
    if float(is_fast.sum()) * way.usual_step_s < MOVING_S:
        return
    course_rad = np.arctan2(east_m, north_m)[is_fast]
    apart = np.exp(1j * (course_rad - np.interp(middle_s[is_fast], yaw_s, yaw_rad)))
    mean, ways = complex(apart.mean()), complex(np.exp(1j * course_rad).mean())
    turned_deg = float(np.degrees(np.angle(mean)))
    # a heading that follows a way of many directions, not one that always looks ahead on a straight line
    if abs(mean) < FOLLOWS or abs(ways) > FOLLOWS or abs(turned_deg) < TURNED_DEG:
        return
    observed = Message(
        "{track}: all along the aircraft points {turned_deg:.0f} degrees beside the way that it moves",
        track=title,
        turned_deg=abs(turned_deg),
    )
    yield Statement(
        ID, Weight.NOTICE, Concern.POSITION, observed,
        Message("a heading that follows the way without a turn, where it follows it all along"),
        Message("{limit_deg:g} degrees", limit_deg=TURNED_DEG),
        (
            Message("a flight sideways or backwards all along"),
            Message("a compass that was not calibrated, or a heading from magnetic north"),
        ),
        records=(int(way.offset[0]),), tracks=(name,),
    )  # fmt: skip
