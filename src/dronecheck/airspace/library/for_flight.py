"""The library's zones for one flight: of each source the edition that was in force there and then.

A source is asked when it states that it speaks for a territory of the flight, and when a zone of any of its editions
has its box within 100 km: at that distance a zone file counts as being about the place (`airspace.covers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from dronecheck.airspace.library.editions import Choice, in_force
from dronecheck.airspace.library.index import Damaged, Index
from dronecheck.airspace.library.records import Joined, Period, ZoneRecords
from dronecheck.airspace.library.store import Edition, Library, dates_text, repaired_issue
from dronecheck.airspace.zone import CoversFrom, Incomplete, ZoneSet, ZoneSource
from dronecheck.borders.territories import territories_near
from dronecheck.flight import Flight, Track
from dronecheck.geo.plane import boxes_meeting, metres_per_degree
from dronecheck.geo.types import Box
from dronecheck.issues import Code, Issue, Remedy, Severity
from dronecheck.messages import Message, as_message, linked, several, told_by

__all__ = ["box_around", "zones_for", "zones_of"]

REACH_M = 100_000.0
_POLAR_DEG = 89.0


@dataclass
class _FlightZones:
    """What the sources contribute: zones that hold, and for some sources several sets of which one holds."""

    parts: list[ZoneSet] = field(default_factory=list)
    either: list[list[ZoneSet]] = field(default_factory=list)
    sources: list[ZoneSource] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    skipped: int = 0
    missing: set[Incomplete] = field(default_factory=set)

    def damaged(self, edition: Edition, why: Message) -> None:
        name, sha256 = edition.manifest.name, edition.manifest.sha256[:12]
        text = Message("library: edition {sha256} of {name} cannot be read: {why}", sha256=sha256, name=name, why=why)
        self.issues.append(Issue(Code.LIBRARY_DAMAGED, Severity.DAMAGE, text, remedy=Remedy.REPLACE_EDITION))
        self.missing.add(Incomplete.UNREADABLE)

    def warn(self, code: Code, text: Message, remedy: Remedy | None = None) -> None:
        said = Message("library: {text}", text=text)
        self.issues.append(Issue(code, Severity.WARNING, said, remedy=remedy))


def zones_for(flight: Flight, library: Library, given: ZoneSet | None = None) -> ZoneSet | None:
    """Return the zones to judge a flight by, those `given` among them; without any editions just those.

    Raises UsageError when the library cannot be opened.

    Damage, and sources without an edition for the flight's time, are issues that leave the airspace question open.
    """
    editions = library.editions()
    if not editions:
        return given
    found = _FlightZones()
    if len(flight.track):
        near = box_around(flight.track)
        for _, group in groupby(editions, key=lambda edition: edition.folder.parent.name):
            _LibrarySource(list(group), library, found).ask(flight, near)
    return _zone_set(found, ZoneSet() if given is None else given)


def zones_of(library: Library, edition: Edition) -> ZoneSet:
    """Return one edition's zones, whenever it holds. Raises Damaged."""
    if edition.damage:
        raise Damaged(edition.damage)
    index, repairs = library.index(edition)
    source = edition.known_by(index)
    try:
        records = index.zones(source)
    except Damaged as why:
        index, repairs = library.rebuilt(edition), (repaired_issue(edition, told_by(why)),)
        records = index.zones(source)
    incomplete = (Incomplete.UNREADABLE,) if index.skipped else ()
    issues = (*repairs, *index.issues)
    return ZoneSet(records, (source,), issues, skipped=index.skipped, incomplete=incomplete)


def _zone_set(found: _FlightZones, given: ZoneSet) -> ZoneSet:
    sources, issues = (*given.sources, *found.sources), (*given.issues, *found.issues)
    always = [given, *found.parts]
    count = max(map(len, found.either), default=0)
    alternatives = tuple(
        ZoneSet(Joined([*always, *(several[min(k, len(several) - 1)] for several in found.either)]), sources)
        for k in range(count)
    )
    parts = [*always, *(part for several in found.either for part in several)]
    everything = Joined(parts)
    skipped, missing = given.skipped + found.skipped, {*given.incomplete, *found.missing}
    if found.skipped:
        missing.add(Incomplete.UNREADABLE)
    incomplete = tuple(why for why in Incomplete if why in missing)
    leaves = tuple(leaf for part in parts for leaf in part.parts or (part,) if leaf.sources)
    return ZoneSet(everything, sources, issues, alternatives, skipped=skipped, incomplete=incomplete, parts=leaves)


class _LibrarySource:
    """The editions of one source."""

    def __init__(self, editions: list[Edition], library: Library, found: _FlightZones) -> None:
        self.found, self.library = found, library
        self.editions: list[Edition] = []
        self.indexes: list[Index] = []
        self.repairs: list[tuple[Issue, ...]] = []
        for edition in editions:
            if edition.damage:
                found.damaged(edition, as_message(edition.damage))
                continue
            try:
                index, issues = library.index(edition)
            except Damaged as why:
                found.damaged(edition, told_by(why))
                continue
            self.editions.append(edition)
            self.indexes.append(index)
            self.repairs.append(issues)

    @property
    def name(self) -> str:
        return self.editions[0].manifest.name

    def ask(self, flight: Flight, near: Box) -> None:
        """Add what this source says about the flight."""
        if not any(
            boxes_meeting(index.boxes_deg, near).any() or _speaks_for_some(edition.known_by(index), flight.track)
            for edition, index in zip(self.editions, self.indexes, strict=True)
        ):
            return
        begin_ns, end_ns = int(flight.track.time_ns[0]), int(flight.track.time_ns[-1])
        if not flight.clock.utc_known:
            self._use_either(range(len(self.editions)), Message("the log does not know UTC"))
            return
        if flight.clock.is_assumed:
            self._use_either(range(len(self.editions)), Message("the log's date or time zone is assumed"))
            return
        periods = [edition.period for edition in self.editions]
        choice = in_force(periods, begin_ns, end_ns)
        if choice.either:
            self._use_either(choice.either, Message("they begin at the same time, or have no dates"))
        self._use(choice)
        if choice.gap:
            self.found.missing.add(Incomplete.NO_EDITION)
            have, days = several(dates_text(period) for period in periods), _day(begin_ns, end_ns)
            text = Message(
                "{name} has no edition in force {days} (it has: {have})", name=self.name, days=days, have=have
            )
            self.found.warn(Code.NO_EDITION_IN_FORCE, text, Remedy.ADD_EDITION)

    def _use(self, choice: Choice) -> None:
        for index, period in choice.used:
            self.found.parts += self._zones(index, period)
        if len({index for index, _ in choice.used}) > 1:
            names = linked("{one}, then {other}", (self.editions[index].label for index, _ in choice.used))
            text = Message(
                "{name} changes during the flight: {names}; each judged in its time", name=self.name, names=names
            )
            self.found.warn(Code.EDITION_CHANGES, text)

    def _use_either(self, indices: Sequence[int], why: Message) -> None:
        sets = [zones for index in indices for zones in self._zones(index)]
        if sets:
            self.found.either.append(sets)
        names = linked("{one} or {other}", (self.editions[index].label for index in indices))
        if len(indices) > 1:
            text = (
                "it cannot be told which edition of {name} was in force ({names}): {why}; "
                "what not all of them say is left open"
            )
            self.found.warn(Code.EDITION_UNKNOWN, Message(text, name=self.name, names=names, why=why))
        elif self.editions[indices[0]].period != (None, None):
            said = Message("it cannot be told whether {names} was in force: {why}", names=names, why=why)
            self.found.warn(Code.EDITION_UNKNOWN, said)

    def _zones(self, index: int, period: Period = (None, None)) -> list[ZoneSet]:
        """Return the edition's zones; none when they cannot be read, which is then said."""
        found, edition = self.found, self.editions[index]
        try:
            records = self._read(index, period)
        except Damaged as why:
            found.damaged(edition, told_by(why))
            return []
        source = edition.known_by(self.indexes[index])
        if source not in found.sources:
            found.sources.append(source)
            found.issues += [*self.repairs[index], *self.indexes[index].issues]
            found.skipped += self.indexes[index].skipped
            if edition.period == (None, None):
                text = "{name} ({edition}) has no dates, so whether it was in force is not known"
                said = Message(text, name=self.name, edition=edition.label)
                found.warn(Code.EDITION_UNDATED, said, Remedy.DATE_EDITIONS)
        return [ZoneSet(records, (source,))]

    def _read(self, index: int, period: Period) -> ZoneRecords:
        edition = self.editions[index]
        try:
            return self.indexes[index].zones(edition.source, period)
        except Damaged as why:
            self.indexes[index] = self.library.rebuilt(edition)
            self.repairs[index] = (repaired_issue(edition, told_by(why)),)
            return self.indexes[index].zones(edition.source, period)


def _speaks_for_some(source: ZoneSource, track: Track) -> bool:
    """Tell whether a source states that it speaks for a territory that the flight may have been in."""
    if source.covers_from in (None, CoversFrom.GUESS):
        return False
    from dronecheck.airspace.covers import speaks_for

    lon = np.unwrap(track.lon_deg, period=360.0)
    window = territories_near(
        float(lon.min()), float(track.lat_deg.min()), float(lon.max()), float(track.lat_deg.max())
    )
    return any(speaks_for(source.covers, territory) for territory in window.territories)


def _day(begin_ns: int, end_ns: int) -> Message:
    first, last = dates_text((begin_ns, None))[5:15], dates_text((end_ns, None))[5:15]
    if first == last:
        return Message("on {day}", day=first)
    return Message("for all of {first} to {last}", first=first, last=last)


def box_around(track: Track) -> Box:
    """Return the flight's box, wider by REACH_M, in unwrapped longitudes."""
    lon = np.unwrap(track.lon_deg, period=360.0)
    south, north = float(track.lat_deg.min()), float(track.lat_deg.max())
    _, metres = metres_per_degree(0.0)  # the least of all latitudes
    high = REACH_M / float(metres)
    highest = max(abs(south), abs(north)) + high
    wide = 180.0 if highest > _POLAR_DEG else REACH_M / float(metres_per_degree(highest)[0])
    return float(lon.min()) - wide, south - high, float(lon.max()) + wide, north + high
