"""(Flight, ZoneSet, Settings) to Result: pure, deterministic, no input or output but the bundled borders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from dronecheck import messages
from dronecheck.airspace.zone import ZoneSet, ZoneSource
from dronecheck.borders.territories import border_source
from dronecheck.flight import OPERATOR, Flight, HorizontalDatum, Track
from dronecheck.geofence.altitude.altitudes import Altitudes, TerrainHeights
from dronecheck.geofence.altitude.datum_check import DatumCheck, check_datums, without_doubted
from dronecheck.geofence.ambiguity.gcj02 import agreed, other_reading
from dronecheck.geofence.ambiguity.joints import judged_joined
from dronecheck.geofence.ambiguity.other_vehicles import with_other_vehicles
from dronecheck.geofence.ambiguity.sources import agreed_by_sources
from dronecheck.geofence.ambiguity.suspect import is_suspect, with_suspect
from dronecheck.geofence.flights import (
    in_its_file,
    judged_apart,
    moved_issue,
    parts_of,
    without_unknown_time,
    without_unknown_times,
)
from dronecheck.geofence.questions.airspace import AirspaceQuestion
from dronecheck.geofence.questions.answer import Answer, CheckContext, Known, Question
from dronecheck.geofence.questions.border import BorderQuestion, check_codes
from dronecheck.geofence.questions.limits.height import HeightQuestion
from dronecheck.geofence.questions.rules.question import RulesAnswered, ask_rules
from dronecheck.geofence.result import (
    Evidence,
    Finding,
    FindingKind,
    FlightAnswer,
    Reason,
    Result,
    Status,
    Topic,
    Verdict,
    ZoneMemory,
    worst,
)
from dronecheck.geofence.settings import Settings
from dronecheck.geofence.trajectory.takeoff import Beginning, Takeoff, beginning, recorded_takeoff, records_landing
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.issues import Code, Issue, Remedy, Severity
from dronecheck.messages import Message

if TYPE_CHECKING:
    from dronecheck.geo.vertical.geoid import Geoid

__all__ = [
    "check",
    "check_airspace_again",
    "check_place",
    "is_header_only",
    "is_several",
    "judge_each",
    "place_context",
]

_NOT_APPLIED = Issue(
    Code.AUTHORISATION_NOT_APPLIED,
    Severity.WARNING,
    Message(messages.AUTHORISATION_NOT_APPLIED),
    remedy=Remedy.GIVE_START_TIME,
)


def check(
    flight: Flight,
    zones: ZoneSet | None = None,
    settings: Settings | None = None,
    *,
    ground: TerrainHeights | None = None,
    geoid: Geoid | None = None,
    memory: ZoneMemory | None = None,
) -> Result:
    """Test a flight against the bundled borders, the zones given, and a height limit if there is one.

    `ground` gives heights of the ground for limits above it; `geoid` stands in for the bundled EGM96.
    `memory` keeps what is said of each zone, for `check_airspace_again` (only where positions have no alternative).
    Raises UsageError when a rule cannot be right (an unknown territory code).
    """
    settings = settings or Settings()
    if is_several(flight):
        return judge_each(flight, lambda one: check(one, zones, settings, ground=ground, geoid=geoid), ground)
    if is_suspect(flight):

        def judge(one: Flight) -> Result:
            return check(replace(one, integrity=None), zones, settings, ground=ground, geoid=geoid)

        return with_suspect(judge(flight), flight, judge)
    if flight.unread_s:
        from dronecheck.geofence.ambiguity.unread import with_unread

        result = check(replace(flight, unread_s=0.0), zones, settings, ground=ground, geoid=geoid)
        return with_unread(result, flight)
    if is_header_only(flight):
        from dronecheck.geofence.questions.header.judge import judged_by_header  # PROJ and GEOS, only where asked

        check_codes(settings)
        used = _GeoidInUse(geoid)
        result = judged_by_header(flight, zones, settings, used, _borders())
        return replace(result, geoid_sha256=used.used.sha256 if used.used else None)
    if settings.authorisations and not _is_dated(flight):
        result = check(flight, zones, replace(settings, authorisations=()), ground=ground, geoid=geoid)
        return replace(result, settings=settings, issues=(*result.issues, _NOT_APPLIED))
    moved = None if flight.datum is HorizontalDatum.WGS84 else other_reading(flight)
    if moved is None:
        return _check_reading(flight, zones, settings, ground, geoid, memory)
    result = _check_reading(flight, zones, settings, ground, geoid)
    return agreed(result, _check_reading(moved, zones, settings, ground, geoid), flight, moved)


def check_place(
    flight: Flight,
    zones: ZoneSet | None = None,
    settings: Settings | None = None,
    *,
    ground: TerrainHeights | None = None,
    geoid: Geoid | None = None,
) -> tuple[Result, CheckContext]:
    """Test the one place of a track with a single fix, such as a camera's, by the rules of `check` for a place.

    It is all that there is to judge: neither an outlier of a flight nor a flight cut short. Returns what was found, and
    what it was asked with. Raises UsageError as `check` does.
    """
    settings, noted = _of_place(flight, settings or Settings())
    result = _check_flight(flight, zones, settings, ground, geoid)
    context, _ = _prepared(flight, settings, ground, _GeoidInUse(geoid), None)
    return replace(result, issues=(*result.issues, *noted)), context


def place_context(
    flight: Flight,
    settings: Settings | None = None,
    *,
    ground: TerrainHeights | None = None,
    geoid: Geoid | None = None,
) -> CheckContext:
    """Return what `check_place` asks with, for who asks questions of his own: one of many samples of a film."""
    settings, _ = _of_place(flight, settings or Settings())
    context, _ = _prepared(flight, settings, ground, _GeoidInUse(geoid), None)
    return context


def _of_place(flight: Flight, settings: Settings) -> tuple[Settings, tuple[Issue, ...]]:
    """Return the settings by which a single place is judged, and what is to be noted of them."""
    thresholds = replace(settings.thresholds, min_run_fixes=1)
    settings = replace(settings, thresholds=thresholds, rule_packs=settings.rule_packs or None)  # flights have rules
    if settings.authorisations and not _is_dated(flight):
        return replace(settings, authorisations=()), (_NOT_APPLIED,)
    return settings, ()


def is_header_only(flight: Flight) -> bool:
    """Tell whether nothing is known of a flight but what the header of its record says."""
    return flight.header is not None and not len(flight.track) and not is_several(flight)


def is_several(flight: Flight) -> bool:
    """Tell whether it holds several files, vehicles or sources of positions, which are judged one by one."""
    return bool(flight.segments or flight.others or flight.rivals)


def judge_each(flight: Flight, judge: Callable[[Flight], Result], ground: TerrainHeights | None = None) -> Result:
    """Judge each joined file, each vehicle of a log, and each of its sources that contradict each other, alone.

    What they say together is returned. The one that is judged comes first.
    """
    if flight.segments:
        return judged_joined(flight, lambda one: judge_each(one, judge), ground)
    if flight.others:
        first, *others = (judge_each(one, judge) for one in (replace(flight, others=()), *flight.others))
        return with_other_vehicles(first, others, flight)
    if not flight.rivals:
        return judge(flight)
    alone = replace(flight, rivals=())
    result = judge(alone)
    return agreed_by_sources(result, {name: judge(replace(alone, primary=name)) for name in flight.rivals}, flight)


def check_airspace_again(
    flight: Flight,
    before: Result,
    zones: ZoneSet | None,
    *,
    ground: TerrainHeights | None = None,
    geoid: Geoid | None = None,
    memory: ZoneMemory | None = None,
) -> Result:
    """Return what `check` would say under other zones, from its answer for the same flight and settings.

    Borders and height limits are taken over where that gives the same answer: for positions without an alternative. So
    is what `memory` holds of zones that are the same.
    """
    settings = before.settings
    has_alternatives = flight.datum is not HorizontalDatum.WGS84 and other_reading(flight) is not None
    is_open = (
        is_several(flight)
        or is_suspect(flight)
        or flight.unread_s > 0
        or is_header_only(flight)
        or has_alternatives
        or len(before.flights) != 1
    )
    if is_open or (settings.authorisations and not _is_dated(flight)):
        return check(flight, zones, settings, ground=ground, geoid=geoid)
    return _check_reading(flight, zones, settings, ground, geoid, memory, before)


def _is_dated(flight: Flight) -> bool:
    """Tell whether its times can be held against those of an authorisation: an assumed zone or date may be off."""
    return flight.clock.utc_known and not flight.clock.is_assumed


class _GeoidInUse:
    """The geoid, opened when it is first asked for."""

    def __init__(self, given: Geoid | None) -> None:
        self._given, self.used = given, given

    def __call__(self) -> Geoid:
        if self.used is None:
            from dronecheck.geo.vertical.geoid import bundled_geoid

            self.used = bundled_geoid()
        return self.used


def _check_reading(
    flight: Flight,
    zones: ZoneSet | None,
    settings: Settings,
    ground: TerrainHeights | None,
    given: Geoid | None,
    memory: ZoneMemory | None = None,
    before: Result | None = None,
) -> Result:
    """Answer for one reading of a log, each of its flights by itself."""
    parts = parts_of(flight.track)
    if len(parts) == 1 and parts[0].last - parts[0].first + 1 == len(flight.track):
        result = _check_flight(flight, zones, settings, ground, given, memory, before)
        answer = FlightAnswer(0, parts[0].last, result.verdict, result.takeoff, result.home_territory)
        findings = tuple(without_unknown_times(finding, flight.track) for finding in result.findings)
        nearest = tuple(without_unknown_time(near, flight.track) for near in result.nearest)
        result = replace(result, flights=(answer,), findings=findings, nearest=nearest)
        return _too_few(result) if len(flight.track) == 1 else result
    if not parts:  # nothing was flown
        grounded = replace(flight, tracks={**flight.tracks, flight.primary: Track.empty()} if flight.primary else {})
        result = replace(_check_flight(grounded, zones, settings, ground, given), flight=flight)
    else:
        result = judged_apart(
            flight, parts, settings.thresholds, lambda alone: _check_flight(alone, zones, settings, ground, given)
        )
    return replace(result, issues=(*result.issues, *moved_issue(flight)))


def _too_few(result: Result) -> Result:
    """Return the answers to a log of one fix, which is no flight."""
    checks = tuple(
        replace(check, verdict=Verdict.INCONCLUSIVE, reasons=(Reason.TOO_FEW_FIXES,))
        if check.verdict is Verdict.CLEAR else check
        for check in result.checks
    )  # fmt: skip
    verdict = worst([check.verdict for check in checks if check.verdict])
    return replace(result, checks=checks, verdict=verdict, by_rules=result.by_rules.opened(Reason.TOO_FEW_FIXES))


def _prepared(
    flight: Flight, settings: Settings, ground: TerrainHeights | None, geoid: _GeoidInUse, memory: ZoneMemory | None
) -> tuple[CheckContext, DatumCheck]:
    """Return what the questions are asked with, and what is doubted of the heights."""
    datums = check_datums(flight.track, geoid)
    flight = without_doubted(flight, datums.doubted)
    clock_sigma_s = flight.clock.sigma_s if flight.clock.utc_known and isfinite(flight.clock.sigma_s) else 0.0
    trajectory = Trajectory(
        flight.track,
        settings.thresholds,
        track_name=flight.primary,
        witnesses=tuple(t for name, t in flight.tracks.items() if name not in (OPERATOR, flight.primary)),
        clock_sigma_s=clock_sigma_s,
    )
    takeoff = recorded_takeoff(flight, trajectory, ground)
    altitudes = Altitudes(
        trajectory, settings, home=flight.home, takeoff=takeoff.place if takeoff else None,
        takeoff_row=takeoff.row if takeoff and takeoff.is_at_rest else None, ground=ground, geoid=geoid,
        doubted=datums.doubted,
    )  # fmt: skip
    context = CheckContext(flight, trajectory, altitudes, settings, takeoff, memory)
    return context, datums


def _check_flight(
    flight: Flight,
    zones: ZoneSet | None,
    settings: Settings,
    ground: TerrainHeights | None,
    given: Geoid | None,
    memory: ZoneMemory | None = None,
    before: Result | None = None,
) -> Result:
    geoid = _GeoidInUse(given)
    context, datums = _prepared(flight, settings, ground, geoid, memory)
    given_flight, flight, trajectory, takeoff = flight, context.flight, context.trajectory, context.takeoff
    answers: list[Answer] = []
    for question in _questions(zones, before):
        answers.append(question.ask(context))
        context = replace(context, touched=answers[0].touched)
    rules = _rules_before(before) if before is not None else ask_rules(context)
    checks = (*(answer.check for answer in answers), *((rules.check,) if rules.check else ()))
    findings = (*(finding for answer in answers for finding in answer.findings), *rules.findings)
    return Result(
        verdict=worst([c.verdict for c in checks if c.status is not Status.NOT_CHECKED and c.verdict]),
        checks=checks,
        findings=tuple(_traced(finding, flight) for finding in findings),
        territories=tuple(territory for answer in answers for territory in answer.territories),
        nearest=tuple(near for answer in answers for near in answer.nearest),
        takeoff=takeoff.place if takeoff else None,
        home_territory=next((answer.home for answer in answers if answer.home), None),
        distance_m=trajectory.length_m,
        issues=(
            *flight.issues,
            *(zones.issues if zones is not None else ()),
            *_own_issues(trajectory, flight, datums, takeoff),
            *_over_roofs(ground),
        ),
        borders=_borders(),
        zone_files=(*(zones.sources if zones is not None else ()), *_terrain_files(ground)),
        settings=settings,
        geoid_sha256=geoid.used.sha256 if geoid.used else None,
        utc_known=flight.clock.utc_known,
        doubted=datums.doubted,
        landing_recorded=records_landing(flight, trajectory),
        touched=answers[0].touched,
        by_rules=rules.told.with_evidence(lambda entry: _in_source(entry, flight)),
        flight=given_flight,
    )


def _questions(zones: ZoneSet | None, before: Result | None) -> tuple[Question, ...]:
    """List what is asked, in the order of the answers; what `before` holds of border and height is not asked again."""
    if before is None:
        return BorderQuestion(), AirspaceQuestion(zones), HeightQuestion()
    border = Answer(
        before.check_of(Topic.BORDER),
        tuple(f for f in before.findings if f.kind is FindingKind.BORDER_CROSSING),
        tuple(n for n in before.nearest if n.zone.is_border),
        before.territories,
        before.home_territory,
        before.touched,
    )
    above = tuple(f for f in before.findings if f.kind is FindingKind.ALTITUDE_LIMIT)
    return Known(border), AirspaceQuestion(zones), Known(Answer(before.check_of(Topic.HEIGHT), above))


def _rules_before(before: Result) -> RulesAnswered:
    """Return what was said of rules before: zones change nothing of it."""
    check = next((check for check in before.checks if check.question is Topic.RULES), None)
    findings = tuple(finding for finding in before.findings if finding.kind is FindingKind.RULE_LIMIT)
    return RulesAnswered(before.by_rules, check, findings)


def _borders() -> ZoneSource:
    source = border_source()
    return ZoneSource(source.name, source.sha256, source.edition, source.licence, None, attribution=source.attribution)


def _terrain_files(ground: TerrainHeights | None) -> list[ZoneSource]:
    """Return the terrain that was asked; what a source's accuracy is to a zone, its sigma is to terrain."""
    return [ZoneSource(s.name, s.sha256, s.edition, None, s.sigma_m) for s in (ground.sources if ground else ())]


def _over_roofs(ground: TerrainHeights | None) -> list[Issue]:
    """Note that a surface model hides height.

    Over trees and roofs the aircraft was higher above the ground than it says.
    """
    names = [s.name for s in (ground.sources if ground else ()) if s.model.value != "terrain"]
    if not names:
        return []
    text = Message(messages.TERRAIN_IS_SURFACE, names=", ".join(names[:3]))
    return [Issue(Code.TERRAIN_IS_SURFACE, Severity.WARNING, text, None, len(names))]


def _traced(finding: Finding, flight: Flight) -> Finding:
    """Return a finding whose evidence names the file of each row, where the flight was joined of several."""
    if not flight.more_sources:
        return finding
    return replace(finding, evidence=tuple(_in_source(entry, flight) for entry in finding.evidence))


def _in_source(entry: Evidence, flight: Flight) -> Evidence:
    if not flight.more_sources:
        return entry
    file, offset = flight.in_source(entry.offset)
    return replace(entry, file=file, offset=offset)


def _own_issues(trajectory: Trajectory, flight: Flight, datums: DatumCheck, takeoff: Takeoff | None) -> list[Issue]:
    """List what the engine noticed itself and the flight's reader did not."""
    issues = [datums.issue] if datums.issue else []
    if len(trajectory) and takeoff is None and beginning(flight, trajectory) is Beginning.IN_FLIGHT:
        text = Message(messages.BEGINS_IN_FLIGHT)
        issues.append(Issue(Code.BEGINS_IN_FLIGHT, Severity.WARNING, text, int(trajectory.track.offset[0])))
    if jumps := int(trajectory.is_jump.sum()):
        first = int(trajectory.is_jump.argmax())
        text = Message(messages.IMPOSSIBLE_JUMP, speed_mps=trajectory.thresholds.implausible_speed_mps)
        offset = int(trajectory.track.offset[first + 1])
        issues.append(Issue(Code.IMPOSSIBLE_JUMP, Severity.WARNING, text, offset, jumps))
    noted = {issue.code for issue in flight.issues}
    return [in_its_file(issue, flight) for issue in issues if issue.code not in noted]
