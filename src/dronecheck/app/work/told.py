"""What a row of the queue says of an answer: values that travel between processes, in the words of a report."""

from __future__ import annotations

from dataclasses import dataclass, field

from dronecheck.flight import ClockSource, Flight
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import REMEDY_OF, Result, Status, Verdict
from dronecheck.issues import Remedy
from dronecheck.report.privacy import Redacted
from dronecheck.report.text.around.aerodromes import aerodromes_line
from dronecheck.report.text.around.local_time import local_time_of
from dronecheck.report.text.around.zone_feeds import feeds_line
from dronecheck.report.text.headline import VERDICT_WORDS, headline
from dronecheck.report.text.sentences import Sentences
from dronecheck.report.text.words import Words, words_of
from dronecheck.safe.io import plain

__all__ = ["ShotRow", "ToldRow", "WayOut", "ways_out", "what_is_told"]

_MOST_FINDINGS = 3
_FIELDS = {  # which field of the page gives what would settle an answer
    Remedy.GIVE_HOME: "home",
    Remedy.ALLOW_TERRITORY: "allow",
    Remedy.GIVE_START_TIME: "start_time",
    Remedy.GIVE_UTC_OFFSET: "utc_offset_h",
    Remedy.GIVE_TERRAIN: "relief_m",
    Remedy.GIVE_PRESSURE: "qnh_hpa",
    Remedy.GIVE_HEIGHT_LIMIT: "max_height_m",
    Remedy.ADD_ZONES: "zones",
    Remedy.ADD_EDITION: "zones",
    Remedy.REPLACE_EDITION: "zones",
    Remedy.CORRECTED_ZONES: "zones",
    Remedy.DECRYPT: "keys",
    Remedy.OTHER_LOG: "log",
    Remedy.AIRCRAFTS_OWN_LOG: "log",
    Remedy.ORIGINAL_POSITIONS: "log",
}
_OF_THE_CLOCK = (Remedy.BETTER_CLOCK_OR_NOTICE, Remedy.DATE_EDITIONS)
_OF_CLAUSES = {
    ClauseCode.TAKEOFF_HEIGHT_WOULD_TELL: "takeoff_amsl_m",
    ClauseCode.CLEAR_BY_TAKEOFF: "takeoff_amsl_m",
    ClauseCode.PRESSURE_WOULD_NARROW: "qnh_hpa",
    ClauseCode.CLEAR_BY_GROUND: "relief_m",
    ClauseCode.ENTERED_BY_GROUND: "relief_m",
    ClauseCode.TERRAIN_WOULD_TELL: "relief_m",
}


@dataclass(frozen=True, slots=True)
class WayOut:
    """What would settle an open question, and the field that takes it; None where no field can."""

    code: str
    field: str | None
    text: str


@dataclass(frozen=True, slots=True)
class ShotRow:
    """What is said of one photo or film of a drop; `file` is the place of its main file among those given."""

    n: int
    file: int
    name: str
    verdict: str | None
    answer: str
    headline: str
    lines: tuple[str, ...]
    gives_away: str
    has_thumb: bool
    is_picture: bool


@dataclass(frozen=True, slots=True)
class ToldRow:
    """What came of one flight, or of the photos and films of a drop; `error` is why there is no answer."""

    document: bytes | None = None
    verdict: str | None = None
    answer: str = ""
    headline: str = ""
    brief: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    ways: tuple[WayOut, ...] = ()
    error: str | None = None
    zone_sources: tuple[str, ...] = ()
    sha256: str | None = None
    shots: tuple[ShotRow, ...] | None = field(default=None)


def what_is_told(seen: Redacted, document: bytes) -> ToldRow:
    """Return the row of a flight that was judged, as much as may be told of it."""
    say, result = words_of(seen.told.settings), seen.told
    told = Sentences(seen.whole, result, say, local_time_of(seen.flight.track, seen.flight.clock))
    open_questions = [each.status is Status.NOT_CHECKED for each in result.checks]
    answers = [
        say.sentences([say.sentence(f"{question}: {answer}"), looked_at])
        for question, answer, looked_at in told.checks()
    ]
    lines = [text for text, is_open in zip(answers, open_questions, strict=True) if not is_open]
    for number, finding in enumerate(result.findings[:_MOST_FINDINGS], 1):
        lines += told.finding(number, finding)
    near = [told.nearest(each) for each in result.nearest[:1]]
    first = told.finding(1, result.findings[0])[1:] if result.findings else []
    lines += near
    lines += [aerodromes_line(seen.aerodromes, say)] if seen.aerodromes else []
    lines += [feeds_line(result, say), seen.hiding_note(say)]
    return ToldRow(
        document=document,
        verdict=result.verdict.value,
        answer=say(VERDICT_WORDS[result.verdict]),
        headline=headline(result, say),
        brief=tuple(first[::2][:2] if len(first) > 2 else first[:1] or near),
        lines=(told.log(), *filter(None, lines)),
        not_checked=tuple(text for text, is_open in zip(answers, open_questions, strict=True) if is_open),
        ways=ways_out(seen.whole, result, say),
        zone_sources=tuple(plain(source.name) for source in result.zone_sources[1:]),
        sha256=seen.whole.source.sha256,
    )


def ways_out(flight: Flight, result: Result, say: Words) -> tuple[WayOut, ...]:
    """Return what would settle what is open: first of what was asked and stays open, then of what was not checked."""
    found: dict[str, WayOut] = {}  # by field; what no field takes by its words

    def add(code: str, name: str | None, text: str) -> None:
        if text:
            found.setdefault(name or text, WayOut(code, name, text[:1].upper() + text[1:]))

    open_checks = [each for each in result.checks if each.verdict is Verdict.INCONCLUSIVE]
    unasked = [each for each in result.checks if each.status is not Status.CHECKED and each not in open_checks]
    clauses: list[Clause] = [clause for check in open_checks for clause in check.clauses]
    clauses += [clause for finding in result.findings for clause in finding.clauses]
    for clause in clauses:
        if clause.code in _OF_CLAUSES:
            add(clause.code.value, _OF_CLAUSES[clause.code], say.clause(clause))
    for check in (*open_checks, *unasked):
        for reason in check.reasons:
            if (remedy := REMEDY_OF.get(reason)) is not None:
                add(remedy.value, _field_of(remedy, flight), say.why_open(reason) or say.remedy(remedy))
    for issue in result.issues if open_checks else ():
        if issue.remedy is not None:
            add(issue.remedy.value, _field_of(issue.remedy, flight), say.message(issue))
    return tuple(found.values())


def _field_of(remedy: Remedy, flight: Flight) -> str | None:
    if remedy not in _OF_THE_CLOCK:
        return _FIELDS.get(remedy)
    if flight.clock.utc_known:
        return "zones"
    return "utc_offset_h" if flight.clock.source is ClockSource.VEHICLE else "start_time"
