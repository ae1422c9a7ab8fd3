"""KIN-1: what is said where positions and recorded velocity vectors part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dronecheck.evidence.consistency.motion.recorded import Recorded
from dronecheck.evidence.consistency.motion.velocities import Drift, Fit, drifts, fit_of, velocities_of
from dronecheck.evidence.consistency.motion.way import OddStretch, Way
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import Concern, Flight, Statement, Weight, Witness
from dronecheck.messages import Message

__all__ = ["GLITCH_S", "against_velocities", "between", "is_glitch"]

GLITCH_S = 1.0

VELOCITIES_AT_MOST = 4  # of the witnesses that have any
# (windows of, seconds; parted by this, and by so many times the log's usual, to be told; the same for a contradiction)
SPANS = ((2.0, 5.0, 12.0, 10.0, 25.0), (10.0, 10.0, 8.0, 20.0, 16.0), (40.0, 25.0, 6.0, 50.0, 12.0))
SIGMAS = 3.0 * np.sqrt(2.0)
SEVERAL_M, ALONE_M, ALONE_SIGMAS = 15.0, 40.0, 10.0
# Airdata's help says that x is east, the records that it is made of that x is north; no export was at hand.
AXES_OPEN = ("airdata",)
TURNED_DEG, TURNED_GRAVE_DEG = 8.0, 15.0
STRETCHED, STRETCHED_GRAVE = 0.1, 0.2

_INNOCENT = (
    Message("the receiver lost its fix or caught reflected signals, and found its place again"),
    Message("the autopilot set its estimate of the position anew"),
)


def against_velocities(
    flight: Flight, name: str, way: Way, admitted: Callable[[int, float], bool]
) -> tuple[Statement, ...]:
    """Hold a track's positions against every velocity that the log records.

    `admitted` tells whether the log's own messages excuse a departure at a fix of the way by so many metres.
    """
    vectors = [witness for witness in flight.witnesses if witness.name in ("velocity", "gnss")]
    found: list[Statement] = []
    for witness in vectors[:VELOCITIES_AT_MOST]:
        read = _read(flight, way, witness)
        if read is None or not read[1].follows:
            continue
        velocities, fit = read
        told = _turned(flight, name, way, witness, fit)
        found += [told] if told is not None else []
        for span in SPANS:
            odd = drifts(way, velocities, fit, span[0], span[1], span[2])
            if odd:
                weight = Weight.CONTRADICTION if _is_grave(odd, span, admitted) else Weight.NOTICE
                found.append(_parted(flight, name, way, witness, odd, span, weight))
        if any(statement.severity is Weight.CONTRADICTION for statement in found):
            break
    # one thing is said once, as gravely and over as short a time as it shows
    return tuple(sorted(found, key=lambda statement: -list(Weight).index(statement.severity))[:1])


def _read(flight: Flight, way: Way, witness: Witness) -> tuple[Recorded, Fit] | None:
    """Return a witness's velocities and how they fit a way; None where they cannot be compared."""
    orders = (False, True) if flight.source.dialect in AXES_OPEN else (False,)
    read = [(velocities_of(way, witness, east_first=order)) for order in orders]
    fits = [(one, fit) for one in read if one is not None and (fit := fit_of(way, one)) is not None]
    return min(fits, key=lambda pair: pair[1].usual_mps + 1e3 * (pair[1].turn_deg != 0), default=None)


def _is_grave(
    odd: list[Drift], span: tuple[float, float, float, float, float], admitted: Callable[[int, float], bool]
) -> bool:
    """Tell whether no honest log parts so: in several places, or in one by much."""
    grave_m, times = span[3:]
    large = [
        one
        for one in odd
        if one.apart_m > max(grave_m, times * one.usual_m) + SIGMAS * one.sigma_m
        and not is_glitch(one.is_undone, one.lasts_s)
        and not admitted(one.row, one.apart_m)
    ]
    if len(large) > 1:
        return max(one.apart_m for one in large) > 2 * SEVERAL_M
    return any(one.apart_m > max(ALONE_M, ALONE_SIGMAS * one.sigma_m) for one in large)


def _parted(
    flight: Flight,
    name: str,
    way: Way,
    witness: Witness,
    odd: list[Drift],
    span: tuple[float, float, float, float, float],
    weight: Weight,
) -> Statement:
    worst = max(odd, key=lambda one: one.apart_m)
    observed = Message(
        "{track}: over {span_s:g} s the positions end up to {apart_m} from where the velocities in {witness} lead "
        "(places: {count})",
        track=flight.tracks[name].message,
        span_s=span[0],
        apart_m=worst.apart_m,
        witness=witness.message,
        count=len(odd),
    )
    threshold = Message(
        "{least_m:g} m over {span_s:g} s, or {times:g} times this log's usual where that is more",
        least_m=span[1],
        span_s=span[0],
        times=span[2],
    )
    return Statement(
        "KIN-1", weight, Concern.POSITION, observed,
        Message("positions that go where the recorded velocities lead"), threshold, _INNOCENT,
        records=tuple(int(way.offset[one.row]) for one in odd[:RECORDS_AT_MOST]),
        spans=between(way, [(one.stretch, one.is_undone) for one in odd]), tracks=(name,),
    )  # fmt: skip


def is_glitch(is_undone: bool, lasts_s: float) -> bool:
    """Tell whether a departure is one of an honest receiver: out and back within a second."""
    return is_undone and lasts_s <= GLITCH_S


def between(way: Way, departed: list[tuple[OddStretch, bool]]) -> tuple[tuple[int, int], ...]:
    """Return what departures enclose as (first, last) offsets: one that is undone itself, others pair by pair.

    It is all of the way where one is left.
    """
    alone = [stretch for stretch, is_undone in departed if is_undone]
    rest = [stretch for stretch, is_undone in departed if not is_undone]
    if len(rest) % 2:
        return (way.offsets_of(OddStretch(0, len(way) - 1)),)
    pairs = [OddStretch(one.first, other.last) for one, other in zip(rest[::2], rest[1::2], strict=True)]
    return tuple(sorted(way.offsets_of(stretch) for stretch in (*alone, *pairs)))


def _turned(flight: Flight, name: str, way: Way, witness: Witness, fit: Fit) -> Statement | None:
    """State that a whole way is turned or stretched against its velocities; None where it is not."""
    turned_deg, stretched = abs(fit.turn_deg), abs(fit.scale - 1)
    if turned_deg < TURNED_DEG and stretched < STRETCHED:
        return None
    observed = Message(
        "{track}: all along the positions move {scale:.2f} times as far as the velocities in {witness} lead, and "
        "{turn_deg:.0f} degrees to the right of them",
        track=flight.tracks[name].message,
        scale=fit.scale,
        witness=witness.message,
        turn_deg=fit.turn_deg,
    )
    is_grave = turned_deg > TURNED_GRAVE_DEG or stretched > STRETCHED_GRAVE
    is_grave &= flight.source.dialect not in AXES_OPEN
    weight = Weight.INFO if fit.is_straight else Weight.CONTRADICTION if is_grave else Weight.NOTICE
    return Statement(
        "KIN-1", weight, Concern.POSITION, observed,
        Message("positions that go where the recorded velocities lead"),
        Message("{least_deg:g} degrees, or a factor of {least:g} to {most:g}", least_deg=TURNED_DEG,
                least=1 - STRETCHED, most=1 + STRETCHED),
        (
            Message("the velocities are in another frame or unit than the format says"),
            Message("no course is recorded, and stands in the log as the same figure all along"),
        ),
        records=(int(way.offset[0]),), tracks=(name,),
    )  # fmt: skip
