"""Several files of one flight: films, segments and split logs are told by their ends, and joined to one `Flight`.

A log goes on with another where the device is the same, or unnamed and the format is the same; where the clocks are of
one kind; and where it begins where and when the other can have flown to: within MOST_GAP_S, at no more than REACH_MPS.
A log that could go on with two, or that two could go on with, is joined to neither. Whether what is joined was flown
without a landing between is judged by `geofence.ambiguity.joints`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.flight.integrity import Integrity
from dronecheck.flight.model import (
    Clock,
    ClockSource,
    Completeness,
    Flight,
    HorizontalDatum,
    Source,
    Trust,
    Vehicle,
)
from dronecheck.flight.track import SigmaSource, Track
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["Alone", "Ends", "chains", "distance_m", "gap_s", "join", "joined"]

MOST_GAP_S = 3_600.0
REACH_MPS, NEAR_M = 20.0, 50.0
_OF_DEVICE = ("serial", "model", "kind", "hardware", "system")
_EARTH_RADIUS_M = 6_371_000.0
_WORST_FIRST = (Completeness.DAMAGED, Completeness.TRUNCATED, Completeness.COMPLETE)


class Alone(StrEnum):
    """Why nobody can tell which other logs are of a log's flight."""

    NO_POSITION = "no_position"
    HEADER_ONLY = "header_only"  # an encrypted record without its keys
    SEVERAL_VEHICLES = "several_vehicles"
    NO_DATE = "no_date"
    CLOCK_RESTARTS = "clock_restarts"


@dataclass(frozen=True, slots=True)
class Ends:
    """What tells whether a log goes on with another: the aircraft, the clock, its first and its last fix."""

    vehicle: Vehicle
    clock: Clock
    source: Source
    primary: str
    has_rivals: bool
    first_ns: int
    last_ns: int
    first_deg: tuple[float, float]
    last_deg: tuple[float, float]

    @classmethod
    def of(cls, flight: Flight) -> Ends | Alone:
        """Return the ends of a log; why it can never be joined where it has none that others can be held against."""
        track = flight.track
        if not len(track):
            return Alone.NO_POSITION if flight.header is None else Alone.HEADER_ONLY
        if flight.others:
            return Alone.SEVERAL_VEHICLES
        first_ns, last_ns = track.time_at(0), track.time_at(-1)
        if flight.clock.source is ClockSource.NONE or first_ns is None or last_ns is None:
            return Alone.NO_DATE
        if track.part[0] != track.part[-1]:
            return Alone.CLOCK_RESTARTS
        places = [(float(track.lat_deg[row]), float(track.lon_deg[row])) for row in (0, -1)]
        return cls(
            flight.vehicle, flight.clock, flight.source, flight.primary, bool(flight.rivals), first_ns, last_ns, *places
        )  # fmt: skip

    def can_follow(self, other: Ends) -> bool:
        """Tell whether this log can go on with the flight of the other."""
        between_s = (self.first_ns - other.last_ns) / 1e9
        return (
            0 <= between_s <= MOST_GAP_S
            and distance_m(other.last_deg, self.first_deg) <= REACH_MPS * between_s + NEAR_M
            and self._may_be_of(other)
            and _kind(self.clock) == _kind(other.clock)
            and (self.primary == other.primary or not (self.has_rivals or other.has_rivals))
        )

    def _may_be_of(self, other: Ends) -> bool:
        """Tell whether nothing that the logs say of the aircraft differs; unnamed, one recorder writes alike."""
        facts = ((getattr(self.vehicle, name), getattr(other.vehicle, name)) for name in _OF_DEVICE)
        known = [
            (str(a).casefold(), str(b).casefold()) for a, b in facts if a not in ("", None) and b not in ("", None)
        ]
        is_named = bool(self.vehicle.serial and other.vehicle.serial)
        is_alike = (self.source.format, self.source.dialect) == (other.source.format, other.source.dialect)
        return all(a == b for a, b in known) and (is_named or is_alike)

    def overlaps(self, other: Ends) -> bool:
        """Tell whether both have fixes at the same time."""
        return self.first_ns < other.last_ns and other.first_ns < self.last_ns


def _kind(clock: Clock) -> tuple[object, ...]:
    return clock.utc_known, clock.source, clock.is_assumed


def distance_m(one_deg: tuple[float, float], other_deg: tuple[float, float]) -> float:
    """Return the distance of two places (latitude, longitude) on a sphere: half a per cent is enough here."""
    (lat_a, lon_a), (lat_b, lon_b) = ((radians(lat), radians(lon)) for lat, lon in (one_deg, other_deg))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_RADIUS_M * asin(sqrt(min(half, 1.0)))


def chains(logs: Sequence[Ends | Alone | None]) -> list[list[int]]:
    """Return the numbers of the logs of each flight, as flown; flights in the order of their first-named log.

    A log that stands alone, or could not be read (None), is a flight of its own.
    """
    before = _before(logs)
    behind: dict[int, list[int]] = {}
    for later, earlier in before.items():
        behind.setdefault(earlier, []).append(later)
    next_of = {earlier: later[0] for earlier, later in behind.items() if len(later) == 1}
    found = []
    for first in set(range(len(logs))) - set(next_of.values()):
        chain = [first]
        while chain[-1] in next_of:
            chain.append(next_of[chain[-1]])
        found.append(chain)
    return sorted(found, key=min)


def _before(logs: Sequence[Ends | Alone | None]) -> dict[int, int]:
    """Return for each log the one whose flight it can go on with, where there is but one."""
    known: dict[str, tuple[int, Ends]] = {}
    for number, ends in enumerate(logs):
        if isinstance(ends, Ends):
            known.setdefault(ends.source.sha256, (number, ends))  # a copy tells nothing new, and stays for itself
    found = {}
    for number, ends in known.values():
        able = [(i, each) for i, each in known.values() if i != number and ends.can_follow(each)]
        if not able:
            continue
        last, nearest = max(able, key=lambda item: (item[1].last_ns, item[1].first_ns))
        if not any(each.overlaps(nearest) for i, each in able if i != last):
            found[number] = last
    return found


def join(flights: Iterable[Flight]) -> list[Flight]:
    """Return the flights that these logs are of: films, segments and split logs of one flight are one.

    >>> import dronecheck
    >>> logs = [dronecheck.read(f"samples/{name}") for name in ("clear_dandong.csv", "restricted_zone.csv")]
    >>> len(dronecheck.flight.join(logs))
    2
    """
    logs = list(flights)
    return [joined([logs[number] for number in chain]) for chain in chains([Ends.of(log) for log in logs])]


def joined(flights: Sequence[Flight]) -> Flight:
    """Return the flight of these logs, in the order given: theirs one behind the other, with each file's own notes."""
    if len(flights) == 1:
        return flights[0]
    first = flights[0]
    spans = [flight.source.span for flight in flights]
    bases = [sum(spans[:number]) for number in range(len(flights))]
    tracks = {name: _behind_each_other(_named(flights, name), bases) for name in _names(flights)}
    every = [(number, flight) for number, flight in enumerate(flights)]
    return replace(
        first,
        tracks=tracks,
        clock=replace(first.clock, sigma_s=float(np.max([f.clock.sigma_s for f in flights])), mapping=None),
        completeness=min((f.completeness for f in flights), key=_WORST_FIRST.index),
        home=next((f.home for f in flights if f.home), None),
        vehicle=_vehicle(f.vehicle for f in flights),
        events=tuple(
            replace(event, offset=None if event.offset is None else event.offset + bases[number])
            for number, flight in every
            for event in flight.events
        ),
        issues=(*_notes(flights), *_gaps(flights)),
        datum=min((f.datum for f in flights), key=(HorizontalDatum.UNPROVEN, HorizontalDatum.WGS84).index),
        trust=Trust(
            is_simulated=any(f.trust.is_simulated for f in flights),
            looks_simulated=any(f.trust.looks_simulated for f in flights),
        ),
        ends_airborne=flights[-1].ends_airborne,
        unread_s=sum(flight.unread_s for flight in flights),
        rivals=tuple(dict.fromkeys(name for f in flights for name in f.rivals)),
        more_sources=tuple(f.source for f in flights[1:]),
        segments=tuple(flights),
        integrity=Integrity.together(
            flight.integrity and flight.integrity.in_file(number, {flight.primary: first.primary})
            for number, flight in every
        ),
    )


def gap_s(one: Flight, other: Flight) -> float:
    """Return the seconds between the last fix of one flight and the first of the next."""
    return int(other.track.time_ns[0] - one.track.time_ns[-1]) / 1e9


def _names(flights: Sequence[Flight]) -> list[str]:
    """Return the names of the tracks of a joined flight, the primary one's first."""
    others = (name for flight in flights for name in flight.tracks if name != flight.primary)
    return list(dict.fromkeys([flights[0].primary, *others]))


def _named(flights: Sequence[Flight], name: str) -> list[Track]:
    """Return what each log has for a track of the joined flight; its primary one where it has not that rival."""
    is_rival = any(name in flight.rivals for flight in flights)
    own = Track.empty()
    return [
        flight.track
        if name == flights[0].primary or (is_rival and name not in flight.rivals)
        else flight.tracks.get(name, own)
        if name != flight.primary
        else own
        for flight in flights
    ]


def _behind_each_other(tracks: Sequence[Track], bases: Sequence[int]) -> Track:
    """Return the rows of all tracks, one part with each other where their times ascend."""
    parts, part, end_ns = list[Ints](), 0, None
    for track in tracks:
        if not len(track):
            parts.append(track.part)
            continue
        part += end_ns is not None and int(track.time_ns[0]) < end_ns
        parts.append(track.part + (part - int(track.part[0])))
        part, end_ns = int(parts[-1][-1]), int(track.time_ns[-1])
    columns = {
        name: np.concatenate([getattr(track, name) for track in tracks])
        for name in (*tracks[0].columns(), "is_timed", "is_idle", "film_s")
    }
    columns["offset"] = np.concatenate([track.offset + base for track, base in zip(tracks, bases, strict=True)])
    columns["part"] = np.concatenate(parts)
    with_rows = [track for track in tracks if len(track)]
    sources = {track.h_sigma_source for track in with_rows}
    return Track.build(
        message=", ".join(dict.fromkeys(track.message for track in with_rows)),
        h_sigma_source=sources.pop() if len(sources) == 1 else SigmaSource.MIXED,
        **columns,
    )


def _vehicle(vehicles: Iterable[Vehicle]) -> Vehicle:
    """Return all that the logs say of the aircraft: of each fact the first that is said."""
    first, *others = vehicles
    for other in others:
        first = Vehicle(
            kind=first.kind or other.kind,
            model=first.model or other.model,
            firmware=first.firmware or other.firmware,
            hardware=first.hardware or other.hardware,
            serial=first.serial or other.serial,
            system=first.system if first.system is not None else other.system,
        )
    return first


def _notes(flights: Sequence[Flight]) -> list[Issue]:
    """Return the notes of all logs, one that several have once; that one ends in flight, where another goes on, not."""
    found: dict[tuple[object, ...], Issue] = {}
    for number, flight in enumerate(flights):
        for issue in flight.issues:
            if issue.code is Code.ENDS_IN_FLIGHT and flight is not flights[-1]:
                continue
            key = issue.code, issue.severity, issue.message, issue.remedy
            known = found.get(key)
            found[key] = replace(known, count=known.count + issue.count) if known else replace(issue, file=number)
    return list(found.values())


def _gaps(flights: Sequence[Flight]) -> list[Issue]:
    """Note what is in none of the files."""
    template = "between the file before and this one {gap_s} are not recorded; the fixes beside lie {chord_m} apart"
    found = []
    for number, (one, other) in enumerate(pairwise(flights), 1):
        ends = [(float(t.lat_deg[row]), float(t.lon_deg[row])) for t, row in ((one.track, -1), (other.track, 0))]
        text = Message(template, gap_s=gap_s(one, other), chord_m=distance_m(*ends))
        found.append(Issue(Code.GAP_BETWEEN_FILES, Severity.INFO, text, int(other.track.offset[0]), file=number))
    return found
