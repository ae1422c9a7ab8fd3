"""ALT-1: the heights of one log against each other: receiver, estimate, barometer; above take-off and above the sea.

Two heights of one aircraft differ by where they count from, which stays, and by their noise. A stretch whose heights
were moved steps away and back; heights that were scaled rise and fall by another factor than the others.

On 60 real logs barometers and estimates part from the receiver by up to 35 m over 2 s (an estimate gone wild, pressure
within a gust), and rise 0.86 to 1.19 times as far as it: those are no contradictions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.evidence.consistency.motion.recorded import recorded
from dronecheck.evidence.consistency.motion.way import OddStretch, clusters, quantile
from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import OPERATOR, Concern, Flight, Statement, Track, Weight
from dronecheck.messages import Message

__all__ = ["heights"]

ID = "ALT-1"
LEAST_ROWS = 20
NEAR_S = 3.0
MOST_M, MOST_MPS = 1e5, 1e3
# (windows of, seconds; parted by: at least, so many times the usual, and no more than this is needed)
SPANS = ((2.0, 3.0, 30.0, 15.0), (20.0, 5.0, 25.0, 25.0))
GRAVE_M, BACK_SHARE, BACK_M, GRAVE_LASTS_S = 20.0, 0.25, 4.0, 10.0
RESET_M = 50.0  # take-off set anew where the aircraft is armed again: on a slope, or with pressure that drifted
FIRST_FIXES_S = 30.0
RISE_SPAN_S, RISE_M, RISES = 30.0, 10.0, 40
SLOPE, SLOPE_GRAVE = 0.15, 0.3
EXPLAINS = 0.5  # what is left of the difference once it is scaled
HOLES_AT_MOST, CLIMBED_M = 3, 5.0
FEET, SAME_UNIT = 3.2808, 0.02
UNITS_OPEN = ("csv", "srt")  # formats whose figures may be in feet

_TAKE_OFF = "height above take-off"
_INNOCENT = (
    Message("pressure in gusts, by the rotors, or within an unvented case"),
    Message("the receiver's height, which is its weakest figure, wandered or was found again"),
    Message("the estimate failed, or was set anew, or the take-off from which heights count was"),
)


@dataclass(frozen=True, slots=True)
class _Level:
    """One height over time: `height_m` and `offset` at ascending `time_ns`, each (n,)."""

    name: str
    track: str  # whose figures it is, "" for a barometer's own record
    time_ns: Ints
    height_m: Floats
    offset: Ints


def heights(flight: Flight) -> tuple[Statement, ...] | None:
    """Hold the heights of a log against each other (ALT-1); None where it has no two."""
    pairs = list(_pairs(flight))
    found = [statement for one, other in pairs for statement in _compared(flight, one, other)]
    found += _of_reader(flight)
    return tuple(found) if pairs or found else None


def _pairs(flight: Flight) -> Iterator[tuple[_Level, _Level]]:
    """Return the pairs to compare: each track's columns with its first, the firsts of tracks, those with barometers."""
    tracks = {name: track for name, track in flight.tracks.items() if name != OPERATOR}
    by_track = {name: _levels_of(flight, name, track) for name, track in tracks.items()}
    firsts = [levels[0] for levels in by_track.values() if levels]
    for levels in by_track.values():
        yield from ((levels[0], other) for other in levels[1:])
    yield from ((firsts[0], other) for other in firsts[1:])
    if firsts:
        yield from ((level, climbed) for climbed in _climbed(flight, firsts[0]) for level in firsts)
    barometer = _barometer(flight) if all(track.part[-1:].sum() == 0 for track in tracks.values()) else None
    if barometer is not None:
        yield from ((level, barometer) for level in firsts)


def _levels_of(flight: Flight, name: str, track: Track) -> list[_Level]:
    if len(track) < LEAST_ROWS or track.part[0] != track.part[-1]:
        return []
    columns = {
        "height above the sea": track.alt_amsl_m,
        "height above the ellipsoid": track.alt_hae_m,
        _TAKE_OFF: track.alt_home_m,
        "height": track.alt_unframed_m,
        "pressure height": track.pressure_alt_m,
    }
    made = (
        _level(f"{track.message}, {title}", name, track.time_ns, column, track.offset, track.is_timed)
        for title, column in columns.items()
    )
    return [level for level in made if level is not None]


def _barometer(flight: Flight) -> _Level | None:
    for witness in flight.witnesses:
        if witness.name == "barometer" and witness.has("pressure_alt_m"):
            order = np.argsort(witness.time_ns, kind="stable")
            height_m = witness.column("pressure_alt_m")[order]
            every = np.full(len(order), True)
            return _level(
                f"{witness.message}, pressure height",
                "",
                witness.time_ns[order],
                height_m,
                witness.offset[order],
                every,
            )
    return None


def _climbed(flight: Flight, level: _Level) -> Iterator[_Level]:
    """Return the heights that recorded climb rates sum up to, where these say anything."""
    for witness in flight.witnesses:
        if witness.name in ("velocity", "gnss") and witness.has("vel_down_mps"):
            down_mps = witness.column("vel_down_mps")
            order = np.argsort(witness.time_ns, kind="stable")
            order = order[np.abs(down_mps[order]) < MOST_MPS]
            start_ns = int(level.time_ns[0])
            rates = recorded((witness.time_ns[order] - start_ns) / 1e9, -down_mps[order])
            if rates is not None and rates.holes[-1] <= HOLES_AT_MOST and float(np.ptp(rates.sums[0])) > CLIMBED_M:
                name = f"{witness.message}, summed climb rate"
                yield _Level(name, "", witness.time_ns[order], rates.sums[0], witness.offset[order])


def _level(
    name: str,
    track: str,
    time_ns: Ints,
    height_m: Floats,
    offset: Ints,
    is_used: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> _Level | None:
    used = is_used & (np.abs(height_m) < MOST_M)
    if int(used.sum()) < LEAST_ROWS:
        return None
    return _Level(name, track, time_ns[used], height_m[used], offset[used])


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two heights at the times of the rarer one, (n,): `seconds` from its first."""

    seconds: Floats
    height_m: Floats
    other_m: Floats
    offset: Ints

    def windows(self, span_s: float) -> tuple[Ints, Ints]:
        first = np.arange(len(self.seconds), dtype=np.int64)
        last = np.searchsorted(self.seconds, self.seconds + (span_s - 1e-3))
        first, last = first[last < len(first)], last[last < len(first)]
        longest_s = max(2 * span_s, 3 * quantile(np.diff(self.seconds), 0.5))
        fits = self.seconds[last] - self.seconds[first] <= longest_s
        return first[fits], last[fits]


def _paired(one: _Level, other: _Level) -> _Pair | None:
    start_ns = one.time_ns[0]
    seconds, others_s = (one.time_ns - start_ns) / 1e9, (other.time_ns - start_ns) / 1e9
    after = np.clip(np.searchsorted(others_s, seconds), 1, len(others_s) - 1)
    spans_s = others_s[after] - others_s[after - 1]
    near = (spans_s <= NEAR_S) & (seconds >= others_s[0]) & (seconds <= others_s[-1])
    if int(near.sum()) < LEAST_ROWS:
        return None
    other_m = np.interp(seconds[near], others_s, other.height_m)
    return _Pair(seconds[near], one.height_m[near], other_m, one.offset[near])


def _compared(flight: Flight, one: _Level, other: _Level) -> Iterator[Statement]:
    rarer, denser = (one, other) if len(one.time_ns) <= len(other.time_ns) else (other, one)
    pair = _paired(rarer, denser)
    if pair is None:
        return
    scaled = _scaled(pair, rarer, denser, may_be_feet=flight.source.format in UNITS_OPEN)
    if scaled is not None:
        yield scaled
        return
    for span_s, least_m, times, most_m in SPANS:
        first, last = pair.windows(span_s)
        if len(first) < LEAST_ROWS:
            continue
        parted_m = (pair.height_m[last] - pair.height_m[first]) - (pair.other_m[last] - pair.other_m[first])
        apart_m = np.abs(parted_m)
        limit_m = min(max(least_m, times * quantile(apart_m, 0.75)), most_m)
        odd = clusters(apart_m > limit_m, apart_m, first, last, pair.seconds, span_s / 2)
        if odd:
            steps_m = [float(parted_m[stretch.peak]) for stretch in odd]
            yield _parted(pair, rarer, denser, odd, steps_m, span_s, limit_m)
            return


def _parted(
    pair: _Pair, one: _Level, other: _Level, odd: list[OddStretch], steps_m: list[float], span_s: float, limit_m: float
) -> Statement:
    moved = [
        (begin, end)
        for begin, end, out_m, back_m in zip(odd[:-1], odd[1:], steps_m[:-1], steps_m[1:], strict=True)
        if _leads_back(pair, begin, end, out_m, back_m)
    ]
    observed = Message(
        "{one} and {other}: over {span_s:g} s one rises up to {most_m:.0f} m more than the other (places: {count})",
        one=one.name,
        other=other.name,
        span_s=span_s,
        most_m=max(map(abs, steps_m)),
        count=len(odd),
    )
    stretches = moved or [(odd[0], odd[-1])]
    weight = Weight.CONTRADICTION if moved else Weight.NOTICE
    is_reset = len(odd) == 1 and abs(steps_m[0]) < RESET_M and _TAKE_OFF in one.name + other.name
    if not moved and (is_reset or _came_back(pair, odd, limit_m)):
        weight = Weight.INFO
    return Statement(
        ID, weight, Concern.HEIGHT, observed,
        Message("heights of one aircraft that rise and fall together"),
        Message("{limit_m:.0f} m, from what is usual in this log", limit_m=limit_m), _INNOCENT,
        records=tuple(int(pair.offset[stretch.first]) for stretch in odd[:RECORDS_AT_MOST]),
        spans=tuple(_span(pair.offset, begin.first, end.last) for begin, end in stretches),
        tracks=_tracks(one, other),
    )  # fmt: skip


def _came_back(pair: _Pair, odd: list[OddStretch], limit_m: float) -> bool:
    """Tell whether each departure was over within seconds, as if nothing had been."""
    apart_m = pair.height_m - pair.other_m
    return all(
        abs(apart_m[stretch.last] - apart_m[stretch.first]) < limit_m
        and pair.seconds[stretch.last] - pair.seconds[stretch.first] < 2 * GRAVE_LASTS_S
        for stretch in odd
    )


def _leads_back(pair: _Pair, begin: OddStretch, end: OddStretch, out_m: float, back_m: float) -> bool:
    """Tell whether a stretch of heights lies apart by one large step, and back by the same."""
    least_m = min(abs(out_m), abs(back_m))
    lasts_s = float(pair.seconds[end.first] - pair.seconds[begin.last])
    return (
        least_m > GRAVE_M
        and abs(out_m + back_m) <= BACK_M + BACK_SHARE * least_m
        and lasts_s > GRAVE_LASTS_S
        and float(pair.seconds[begin.last]) > FIRST_FIXES_S
    )


def _scaled(pair: _Pair, one: _Level, other: _Level, *, may_be_feet: bool) -> Statement | None:
    """State that one height rises and falls by a factor of the other's; None where it does not, or cannot be told."""
    first, last = pair.windows(RISE_SPAN_S)
    rise_m, other_m = pair.height_m[last] - pair.height_m[first], pair.other_m[last] - pair.other_m[first]
    large = np.maximum(np.abs(rise_m), np.abs(other_m)) > RISE_M
    rise_m, other_m = rise_m[large], other_m[large]
    if len(rise_m) < RISES or not (np.abs(other_m) > RISE_M / 2).all():
        rise_m, other_m = rise_m[np.abs(other_m) > RISE_M / 2], other_m[np.abs(other_m) > RISE_M / 2]
    if len(rise_m) < RISES:
        return None
    slope = quantile(rise_m / other_m, 0.5)
    left_m, before_m = quantile(np.abs(rise_m - slope * other_m), 0.75), quantile(np.abs(rise_m - other_m), 0.75)
    off = max(slope, 1 / slope) - 1 if slope > 0.05 else np.inf
    if off <= SLOPE or left_m > EXPLAINS * before_m:
        return None
    in_feet = may_be_feet and min(abs(slope * FEET - 1), abs(slope / FEET - 1)) < SAME_UNIT
    weight = Weight.INFO if in_feet else Weight.CONTRADICTION if off > SLOPE_GRAVE else Weight.NOTICE
    observed = Message(
        "{one} rises and falls {slope:.2f} times as far as {other}", one=one.name, slope=slope, other=other.name
    )
    return Statement(
        ID, weight, Concern.HEIGHT, observed,
        Message("heights of one aircraft that rise and fall alike"),
        Message("a factor of {least:.2f} to {most:.2f}", least=1 / (1 + SLOPE), most=1 + SLOPE),
        (Message("one of them is in feet"), Message("air that is much colder or warmer than the standard: up to 15 %")),
        records=(int(pair.offset[0]),),
        spans=(_span(pair.offset, 0, len(pair.offset) - 1),), tracks=_tracks(one, other),
    )  # fmt: skip


def _span(offset: Ints, first: int, last: int) -> tuple[int, int]:
    within = offset[first : last + 1]
    return int(within.min()), int(within.max())


def _tracks(one: _Level, other: _Level) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in (one.track, other.track) if name))


def _of_reader(flight: Flight) -> list[Statement]:
    """State what was found when the heights above the sea were compared, and left out."""
    return [
        Statement(
            ID, Weight.NOTICE, Concern.HEIGHT, issue.message,
            Message("heights above the sea that agree within the errors of both"), Message("five standard deviations"),
            _INNOCENT, records=() if issue.offset is None else (issue.offset,),
        )
        for issue in flight.issues
        if isinstance(issue.message, Message) and "beyond the errors of both: not used" in issue.message.template
    ]  # fmt: skip
