"""The airspace question where only the header could be read: the zones that its bounds touch, at any time it may mean.

A zone is left out where its floor lies above the greatest height that the header states beyond all errors, whatever the
ground (a floor above the sea needs the height of the take-off), or where it cannot have been in force.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np

from dronecheck.airspace.zone import Datum, Effect, Limit, Zone, ZoneSet
from dronecheck.arrays import Bools, Floats
from dronecheck.borders.territories import Territory
from dronecheck.flight import Flight
from dronecheck.geo.plane import boxes_meeting
from dronecheck.geo.vertical.geoid import Geoid
from dronecheck.geofence.activation.periods import always_active
from dronecheck.geofence.activation.visits import times_of
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.altitude.limits import vertical_of
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import Answer
from dronecheck.geofence.questions.header.disc import PAD_M, Disc, Meeting
from dronecheck.geofence.questions.header.findings import Holds, Met, finding_of
from dronecheck.geofence.questions.zones.coverage import coverage_of
from dronecheck.geofence.questions.zones.judged import MISSING, files_of, said_not_covered, said_of_cover
from dronecheck.geofence.questions.zones.outline import outline_of, readings_of
from dronecheck.geofence.questions.zones.visits import zone_reference
from dronecheck.geofence.result import Check, Finding, FindingKind, Reason, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings

__all__ = ["ZoneAnswerByHeader", "ask_zones"]

_REACHES = (Effect.FORBIDDEN, Effect.NEEDS_AUTHORISATION)  # the effects that reach a verdict


@dataclass(frozen=True, slots=True)
class ZoneAnswerByHeader:
    """The answer, whether zones that cover the place leave the disc free, and whether any of them touches it."""

    answer: Answer
    is_free: bool
    is_touched: bool


def ask_zones(
    zones: ZoneSet | None,
    flight: Flight,
    start: Disc | None,
    pictures: list[Disc],
    settings: Settings,
    geoid: Callable[[], Geoid],
    touched: tuple[Territory, ...],
) -> ZoneAnswerByHeader:
    """Return what the header says of zones: open wherever zones are known; `touched` are the territories in reach."""
    if zones is None:
        check = Check(
            Topic.AIRSPACE, Status.NOT_CHECKED, None, (Reason.NO_ZONE_FILE,), (Clause(ClauseCode.NO_ZONE_FILE),)
        )
        return ZoneAnswerByHeader(Answer(check), is_free=False, is_touched=False)
    discs = [*([start] if start is not None else []), *pictures]
    if not discs:
        nowhere = (Clause(ClauseCode.HEADER_START_UNKNOWN),)
        check = Check(Topic.AIRSPACE, Status.CHECKED, Verdict.INCONCLUSIVE, (Reason.HEADER_ONLY,), nowhere)
        return ZoneAnswerByHeader(Answer(check), is_free=False, is_touched=False)
    looked = _Looked(flight, start, pictures, settings, geoid)
    looked.at(zones)
    coverage = coverage_of(zones, discs[0].trajectory, touched)
    missing = tuple(dict.fromkeys(MISSING[why] for why in zones.incomplete))
    is_touched = bool(looked.findings or looked.for_information)
    if coverage.is_none and not is_touched and not missing:
        said = said_not_covered(discs[0].trajectory, zones, coverage, settings.language)
        check = Check(Topic.AIRSPACE, Status.NOT_CHECKED, None, (Reason.NOT_COVERED,), said)
        return ZoneAnswerByHeader(Answer(check), is_free=False, is_touched=False)
    header, is_whole = flight.header, coverage.is_whole and not missing
    is_bounded = start is not None and header is not None and header.within_m is not None and not start.is_too_wide
    is_free = is_whole and is_bounded and not is_touched and not zones.skipped
    reasons = (Reason.HEADER_ONLY, *missing, *(() if coverage.is_whole else (Reason.NOT_COVERED,)))
    said = (*_said(zones, looked, is_free=is_free),
            *said_of_cover(zones, coverage, settings.language, is_clear=is_free))  # fmt: skip
    check = Check(Topic.AIRSPACE, Status.CHECKED if is_whole else Status.PARTLY, Verdict.INCONCLUSIVE, reasons, said)
    return ZoneAnswerByHeader(Answer(check, tuple(looked.findings)), is_free, is_touched)


def _said(zones: ZoneSet, looked: _Looked, *, is_free: bool) -> tuple[Clause, ...]:
    said = [Clause.of(ClauseCode.ZONES_JUDGED, count=len(zones.zones), files=files_of(zones)) if zones.sources
            else Clause(ClauseCode.NO_ZONES)]  # fmt: skip
    if zones.skipped:
        said.append(Clause.of(ClauseCode.FEATURES_UNREADABLE, count=zones.skipped))
    if looked.above:
        said.append(Clause.of(ClauseCode.HEADER_ZONES_ABOVE, count=looked.above))
    if looked.idle:
        said.append(Clause.of(ClauseCode.VISITS_NOT_IN_FORCE, count=looked.idle))
    if looked.for_information:
        said.append(Clause.of(ClauseCode.HEADER_ZONES_FOR_INFORMATION, count=looked.for_information))
    return (*said, Clause(ClauseCode.HEADER_NO_ZONE)) if is_free else tuple(said)


class _Looked:
    """The zones that the start's disc or a picture's place touches, and how many of them can be left out, and why."""

    def __init__(
        self,
        flight: Flight,
        start: Disc | None,
        pictures: list[Disc],
        settings: Settings,
        geoid: Callable[[], Geoid],
    ) -> None:
        self.flight, self.start, self.pictures = flight, start, pictures
        discs = [*([start] if start is not None else []), *pictures]
        self._altitudes = [Altitudes(disc.trajectory, settings, geoid=geoid) for disc in discs]
        self._discs = discs
        self._k = settings.thresholds.band_sigmas
        header = flight.header
        self._has_time = header is not None and header.start_ns is not None and isfinite(header.duration_s)
        self.findings: list[Finding] = []
        self.above = self.idle = self.for_information = 0

    def at(self, zones: ZoneSet) -> None:
        """Look at every zone in reach."""
        for index in np.flatnonzero(self._in_reach(zones)).tolist():
            self._look_at(zones.zones[index])
        self.findings.sort(key=lambda f: (Reason.INSIDE_BEYOND_ERROR not in f.reasons, f.margin_m or 0.0))

    def _in_reach(self, zones: ZoneSet) -> Bools:
        worst_m = self._error_m(max((zone.accuracy_m for zone in zones.zones), default=0.0))
        found = np.zeros(len(zones.boxes_deg), dtype=np.bool_)
        for disc in self._discs:
            found |= boxes_meeting(zones.boxes_deg, disc.box(worst_m))
        return found

    def _error_m(self, accuracy_m: float) -> float:
        return self._k * accuracy_m + PAD_M

    def _look_at(self, zone: Zone) -> None:
        met = Met(self.start, self._meeting(zone, self.start) if self.start is not None else None)
        for picture in self.pictures:
            meeting = self._meeting(zone, picture)
            met = met.with_picture(picture, meeting) if meeting is not None else met
        if not met.is_touched:
            return
        if not zone.doubt and self._is_above(zone):
            self.above += 1
        elif not zone.doubt and self._is_idle(zone):
            self.idle += 1
        elif zone.effect not in _REACHES:
            self.for_information += 1
        else:
            always = not zone.doubt and always_active(zone)
            holds = Holds(always and _at_ground(zone.lower) and zone.upper.datum is not Datum.GND,
                          always and _at_ground(zone.lower) and zone.upper.datum is Datum.UNL)  # fmt: skip
            more = (Reason.ZONE_UNREADABLE,) if zone.doubt else ()
            ref = zone_reference(zone)
            self.findings.append(finding_of(FindingKind.ZONE_ENTRY, ref, met, self.flight, more, holds=holds))

    def _meeting(self, zone: Zone, disc: Disc) -> Meeting | None:
        """Return how a disc lies to a zone, by every reading of its outline."""
        first, others = readings_of(zone)

        def error(foot_deg: Floats) -> tuple[Floats, Floats]:
            return np.full(len(foot_deg), zone.accuracy_m), np.zeros(len(foot_deg))

        found: Meeting | None = None
        for reading in (first, *(other for other, _ in others)):
            met = disc.meets(outline_of(reading), reading.edge, error, self._error_m(zone.accuracy_m))
            outside = Meeting(float("inf"), 0.0, 0.0, False, False)
            found = met or outside if found is None else found.with_other(met or outside)
        return found

    def _is_above(self, zone: Zone) -> bool:
        """Tell whether its floor lies above the greatest height, beyond all errors and whatever the ground."""
        over = (_floor_ratio(zone, altitudes) for altitudes in self._altitudes)
        return all(ratio >= 1.0 for ratio in over)

    def _is_idle(self, zone: Zone) -> bool:
        if always_active(zone):
            return False
        trajectory = self._discs[0].trajectory
        times = times_of(zone, trajectory, 0.0, 1.0, self._has_time, 0.0)
        return not times.rows(times.periods.possible)


def _floor_ratio(zone: Zone, altitudes: Altitudes) -> float:
    vertical = vertical_of(zone, altitudes)
    signed, sigma, slack = vertical.floor.at(np.array([0.0]))
    if not np.isfinite(signed[0]):
        return float(np.inf) if signed[0] == np.inf else 0.0
    return float((signed[0] - slack[0]) / (vertical.band_sigmas * max(float(sigma[0]), 1e-3)))


def _at_ground(limit: Limit) -> bool:
    return limit.datum is Datum.GND or (limit.datum is Datum.AGL and limit.value_m <= 0)
