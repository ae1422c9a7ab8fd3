"""The airspace question where there are zones: those in reach are judged, and what all of them say is summed up."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

import numpy as np

from dronecheck import messages
from dronecheck.airspace.zone import Incomplete, Zone, ZoneSet, ZoneSource
from dronecheck.arrays import Bools, Floats
from dronecheck.borders.territories import Territory
from dronecheck.geo.plane import boxes_meeting
from dronecheck.geofence.ambiguity import Ambiguity, combine_alternatives
from dronecheck.geofence.authorisations import authorised
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import Answer, CheckContext, summarise
from dronecheck.geofence.questions.zones.coverage import GUESS_M, Coverage, coverage_of
from dronecheck.geofence.questions.zones.visits import judge_zone, zone_reference
from dronecheck.geofence.result import Check, Finding, Nearest, Reason, Status, Topic, Verdict, ZoneAnswer, ZoneMemory
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.messages import Message

__all__ = ["MISSING", "files_of", "judge_zones", "said_not_covered", "said_of_cover"]

_FAR_M = (50_000.0, 20_000.0)  # a file whose nearest zone is farther off may not be about this place
_EDITION = Ambiguity(Reason.EDITION_UNKNOWN, "another_edition")
MISSING = {  # zones that are not known: an entry cannot be excluded
    Incomplete.UNREADABLE: Reason.ZONE_UNREADABLE,
    Incomplete.NO_EDITION: Reason.NO_EDITION_IN_FORCE,
    Incomplete.PAGE: Reason.ZONE_UNREADABLE,
}


def judge_zones(zones: ZoneSet, context: CheckContext) -> Answer:
    """Answer the airspace question by these zones.

    What the context's `memory` holds of a zone is not asked again; what is asked is kept there.
    """
    trajectory, settings = context.trajectory, context.settings
    if not len(trajectory):
        said = (Clause(ClauseCode.NO_POSITION),)
        return Answer(Check(Topic.AIRSPACE, Status.CHECKED, Verdict.INCONCLUSIVE, (Reason.NO_POSITION,), said))
    reach_m = settings.thresholds.border_search_m + min(trajectory.reach_m, 50_000.0)
    first, *others = zones.alternatives or (zones,)
    findings, nearest, idle = _of_set(first, context, reach_m, context.memory)
    for other in others:
        found, near, count = _of_set(other, context, reach_m)
        idle = max(idle, count)
        findings = combine_alternatives(findings, found, _EDITION)
        nearest = _nearest_of_each([*nearest, *near], findings)
    findings = [authorised(finding, settings.authorisations, trajectory) for finding in findings]
    nearest = sorted((n for n in nearest if n.distance_m <= settings.thresholds.border_search_m), key=_distance)
    coverage = coverage_of(zones, trajectory, context.touched)
    return Answer(_check(context, zones, coverage, findings, idle), tuple(findings), tuple(nearest))


def _of_set(
    zones: ZoneSet, context: CheckContext, reach_m: float, memory: ZoneMemory | None = None
) -> tuple[list[Finding], list[Nearest], int]:
    """List the findings of a set of zones by their rows, its closest approaches, and visits while not in force."""
    findings: list[tuple[float, Finding]] = []
    nearest: list[Nearest] = []
    idle = 0
    for index in np.flatnonzero(_in_reach(zones, context.trajectory, reach_m)).tolist():
        zone = zones.zones[index]
        known = memory.get(zones.digests[index]) if memory is not None else None
        answer = _moved_to(zone, known) if known else judge_zone(zone, context, reach_m)
        if memory is not None:
            memory[zones.digests[index]] = answer
        found, near, count = answer
        idle += count
        findings += [(f.rows[0][0], f) for f in found]
        nearest += near
    return [f for _, f in sorted(findings, key=lambda item: item[0])], nearest, idle


def _moved_to(zone: Zone, answer: ZoneAnswer) -> ZoneAnswer:
    """Return what was said of a zone that stood in another file."""
    ref = zone_reference(zone)
    findings, nearest, idle = answer
    return [replace(f, zone=ref) for f in findings], [replace(n, zone=ref) for n in nearest], idle


def _nearest_of_each(nearest: list[Nearest], findings: list[Finding]) -> list[Nearest]:
    """Keep one approach a zone, the closest, and none of a zone that has a finding."""
    told = {finding.zone for finding in findings}
    closest = {near.zone: near for near in sorted(nearest, key=_distance, reverse=True)}
    return [near for zone, near in closest.items() if zone not in told]


def _distance(near: Nearest) -> float:
    return near.distance_m


def _check(context: CheckContext, zones: ZoneSet, coverage: Coverage, findings: list[Finding], idle: int) -> Check:
    """Sum up what is said of all zones; what no source speaks for is not checked, and never clear."""
    trajectory, language = context.trajectory, context.settings.language
    missing = list(dict.fromkeys(MISSING[why] for why in zones.incomplete))
    if coverage.is_none and not findings and not missing:
        said = said_not_covered(trajectory, zones, coverage, language)
        return Check(Topic.AIRSPACE, Status.NOT_CHECKED, None, (Reason.NOT_COVERED,), said)
    verdict, reasons = _summary(trajectory, zones, findings, missing)
    said = (
        *_looked_at(trajectory, zones, idle, is_quiet=not findings and coverage.is_whole),
        *said_of_cover(zones, coverage, language, is_clear=verdict is Verdict.CLEAR),
    )
    if verdict is Verdict.CLEAR and not findings:
        reasons = [Reason.NOT_IN_FORCE if idle else Reason.CLEAR_BEYOND_ERROR]
    if coverage.is_whole or (missing and not len(zones)):  # of zones that are lost nobody knows what they speak for
        status = Status.PARTLY if missing else Status.CHECKED
        return Check(Topic.AIRSPACE, status, verdict, tuple(reasons), said)
    is_open = verdict is not Verdict.CLEAR
    reasons = [*(reasons if is_open else ()), Reason.NOT_COVERED]
    return Check(Topic.AIRSPACE, Status.PARTLY, verdict if is_open else None, tuple(reasons), said)


def _summary(
    trajectory: Trajectory, zones: ZoneSet, findings: list[Finding], missing: list[Reason]
) -> tuple[Verdict, list[Reason]]:
    verdict, reasons = summarise((f.verdict, f.reasons) for f in findings)
    suspect = trajectory.is_suspect and (
        not isfinite(trajectory.doubt_m) or bool(_in_reach(zones, trajectory, trajectory.doubt_m).any())
    )
    if verdict is not Verdict.VIOLATION and (missing or suspect):
        reasons = [] if verdict is Verdict.CLEAR else reasons
        verdict = Verdict.INCONCLUSIVE
        reasons = list(dict.fromkeys([*reasons, *missing, *([Reason.LOG_SUSPECT] * suspect)]))
    return verdict, reasons


def _looked_at(trajectory: Trajectory, zones: ZoneSet, idle: int, *, is_quiet: bool) -> tuple[Clause, ...]:
    """Say which zones were judged, and what is odd about them."""
    said = [
        Clause.of(ClauseCode.ZONES_JUDGED, count=len(zones.zones), files=files_of(zones))
        if zones.sources
        else Clause(ClauseCode.NO_ZONES)
    ]
    if zones.skipped:
        said.append(Clause.of(ClauseCode.FEATURES_UNREADABLE, count=zones.skipped))
    if idle:
        said.append(Clause.of(ClauseCode.VISITS_NOT_IN_FORCE, count=idle))
    far_m = next((m for m in _FAR_M if not _in_reach(zones, trajectory, m).any()), None) if is_quiet else None
    if far_m is not None:
        said.append(Clause.of(ClauseCode.NONE_WITHIN, distance_m=far_m))
    return tuple(said)


def said_of_cover(zones: ZoneSet, coverage: Coverage, language: str, *, is_clear: bool) -> tuple[Clause, ...]:
    """Say what the zones speak for, as far as that is not all, or a guess on which it rests that it is clear."""
    said, known, unknown = list[Clause](), _names(coverage.known, language), _unknown(coverage, language)
    if not len(zones):
        return ()
    if coverage.is_none:
        said.append(Clause.of(ClauseCode.SPEAKS_NOT_FOR, files=files_of(zones), unknown=unknown))
    elif not coverage.is_whole:
        percent = 100 if coverage.share == 1.0 else min(round(100 * coverage.share), 99)
        said.append(Clause.of(ClauseCode.CHECKED_OVER, known=known, share_percent=percent, unknown=unknown))
    if coverage.is_guess and is_clear:
        names = ", ".join(dict.fromkeys(source.name for source in zones.sources)) or None
        said.append(Clause.of(ClauseCode.COVER_GUESSED, known=known, files=names))
    return tuple(said)


def said_not_covered(trajectory: Trajectory, zones: ZoneSet, coverage: Coverage, language: str) -> tuple[Clause, ...]:
    """Say why no zone at hand tells anything of this place."""
    if zones.sources and _boxes_in_reach(zones.boxes_deg, trajectory, GUESS_M).any():
        return (Clause.of(ClauseCode.SPEAKS_NOT_FOR, files=files_of(zones), unknown=_unknown(coverage, language)),)
    far = Clause.of(ClauseCode.NOT_COVERED, files=files_of(zones), distance_m=GUESS_M)
    swapped = bool(_boxes_in_reach(zones.boxes_deg[:, [1, 0, 3, 2]], trajectory, GUESS_M).any())
    return (far, Clause(ClauseCode.AXES_EXCHANGED)) if swapped else (far,)


def _names(territories: tuple[Territory | None, ...], language: str) -> tuple[str, ...]:
    """Return territories by name; None is the open sea."""
    return tuple(territory.name(language) if territory else Message(messages.OPEN_SEA) for territory in territories)


def _unknown(coverage: Coverage, language: str) -> tuple[str, ...]:
    """Return the names of what no source speaks for, the part of a territory as that."""
    names = zip(coverage.unknown, _names(coverage.unknown, language), strict=True)
    return tuple(
        Message(messages.FAR_FROM_ZONES, territory=name) if territory in coverage.known else name
        for territory, name in names
    )


def files_of(zones: ZoneSet) -> str | None:
    """Return the files that zones are of; None for the zone library."""
    return ", ".join(dict.fromkeys(map(_source_name, zones.sources))) or None


def _source_name(source: ZoneSource) -> str:
    return f"{source.name} ({source.edition})" if source.edition else source.name


def _in_reach(zones: ZoneSet, trajectory: Trajectory, reach_m: float) -> Bools:
    """Tell which zones have a box that meets a window's, shape (n,); longitudes a whole turn apart are the same."""
    return _boxes_in_reach(zones.boxes_deg, trajectory, reach_m)


def _boxes_in_reach(boxes_deg: Floats, trajectory: Trajectory, reach_m: float) -> Bools:
    found = np.zeros(len(boxes_deg), dtype=np.bool_)
    for tile in trajectory.tiles:
        found |= boxes_meeting(boxes_deg, tile.box(reach_m))
    return found
