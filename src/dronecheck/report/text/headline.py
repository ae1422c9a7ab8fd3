"""Verdicts and reasons in words: the headline people read first, shared by every report."""

from __future__ import annotations

import re
from itertools import pairwise
from math import floor, log10

from dronecheck.airspace.covers import OPEN_SEA
from dronecheck.airspace.zone import CoversFrom, Datum, Limit, ZoneSource
from dronecheck.geofence.activation.daylight import Daylight, Light
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import (
    TOPIC_OF,
    Check,
    Finding,
    FindingKind,
    Reason,
    Result,
    Status,
    Topic,
    Verdict,
    ZoneRef,
)
from dronecheck.messages import OPEN_SEA as OPEN_SEA_NAME
from dronecheck.quantities import FOOT_M, AsWritten, Units
from dronecheck.report.text.facts.headline import fact_sentences, fact_title, nearest_zone
from dronecheck.report.text.templates import WHY_OPEN
from dronecheck.report.text.words import ELSEWHERE, TERMINAL, Words
from dronecheck.timebase import instant, iso_utc

__all__ = [
    "HEIGHT_WORDS",
    "RULE_WORDS",
    "VERDICT_WORDS",
    "check_line",
    "covers_line",
    "daylight_line",
    "degrees_label",
    "finding_title",
    "headline",
    "limit_text",
    "told_name",
]

_MOST_CROSSINGS = 3
_BOUNDS = (ClauseCode.HEADER_ENVELOPE, ClauseCode.HEADER_NO_ENVELOPE)  # of border and airspace: the headline says them
_ENGLISH = Words("en", ELSEWHERE)
VERDICT_WORDS = {
    Verdict.VIOLATION: "ENTERED",
    Verdict.INCONCLUSIVE: "CANNOT TELL",
    Verdict.CLEAR: "DID NOT ENTER",
}
_PARTLY_WORDS = {
    "ENTERED": "ENTERED (partly)",
    "CANNOT TELL": "CANNOT TELL (partly)",
    "DID NOT ENTER": "DID NOT ENTER (partly)",
    "ABOVE THE LIMIT": "ABOVE THE LIMIT (partly)",
    "CANNOT TELL whether it rose above the limit": "CANNOT TELL whether it rose above the limit (partly)",
    "BELOW THE LIMIT": "BELOW THE LIMIT (partly)",
    "BEYOND A LIMIT": "BEYOND A LIMIT (partly)",
    "CANNOT TELL whether it was beyond a limit": "CANNOT TELL whether it was beyond a limit (partly)",
    "WITHIN THE LIMITS that a log can show": "WITHIN THE LIMITS that a log can show (partly)",
}

RULE_WORDS = {
    Verdict.VIOLATION: "BEYOND A LIMIT",
    Verdict.INCONCLUSIVE: "CANNOT TELL whether it was beyond a limit",
    Verdict.CLEAR: "WITHIN THE LIMITS that a log can show",
}
_RULE_WORDS = {
    Verdict.VIOLATION: "BEYOND THE LIMIT of {name}",
    Verdict.INCONCLUSIVE: "CANNOT TELL whether it was beyond the limit of {name}",
}
HEIGHT_WORDS = {
    Verdict.VIOLATION: "ABOVE THE LIMIT",
    Verdict.INCONCLUSIVE: "CANNOT TELL whether it rose above the limit",
    Verdict.CLEAR: "BELOW THE LIMIT",
}

_ANSWER_WORDS = {Topic.HEIGHT: HEIGHT_WORDS, Topic.RULES: RULE_WORDS}
_OPEN_WORDS = {
    Topic.BORDER: "Border: CANNOT TELL ({why}).",
    Topic.AIRSPACE: "Airspace: CANNOT TELL ({why}).",
    Topic.HEIGHT: "Height: CANNOT TELL ({why}).",
    Topic.RULES: "Rules named: CANNOT TELL ({why}).",
}
_NO_ZONE_WORDS = {  # whether others were entered with leave, and whether only the times kept it from entering
    (False, False): "No zone of the files given was entered.",
    (True, False): "No other zone of the files given was entered.",
    (False, True): "No zone of the files given was entered while it was in force.",
    (True, True): "No other zone of the files given was entered while it was in force.",
}
_NO_ZONE_OF_WORDS = {  # the same where what the files speak for is a guess
    (False, False): "No zone of {files} was entered.",
    (True, False): "No other zone of {files} was entered.",
    (False, True): "No zone of {files} was entered while it was in force.",
    (True, True): "No other zone of {files} was entered while it was in force.",
}
_DATUM_WORDS = {Datum.GND: "ground", Datum.UNL: "unlimited", Datum.UNKNOWN: "unknown"}


def limit_text(limit: Limit, say: Words = _ENGLISH) -> str:
    """Return a floor or ceiling with its datum, in the unit it was written in, the reader's beside.

    120 m AGL, 400 ft (122 m) AGL, FL 65; in aviation units 120 m (394 ft) AGL, 400 ft AGL.
    """
    if limit.datum in _DATUM_WORDS:
        return say(_DATUM_WORDS[limit.datum])
    if limit.datum is Datum.FL:
        return f"FL {limit.value_m / FOOT_M / 100:.0f}"
    value_m, feet = limit.value_m, AsWritten(limit.value_m).feet
    if say.units is Units.METRIC and feet is not None:
        return f"{feet} ft ({value_m:.0f} m) {limit.datum.value}"
    text = f"{value_m:.{0 if abs(value_m - round(value_m)) <= 0.005 else 1}f} m"
    return f"{say.units.as_written(value_m, text)} {limit.datum.value}"


_ALLOWED_WORDS = {  # of a visit that does not reach the verdict: it may be as open as one that does
    ("NEAR", True): "NEAR {name}, allowed",
    ("NEAR", False): "NEAR {name}, which does not forbid it",
    ("MAY HAVE BEEN IN", True): "MAY HAVE BEEN IN {name}, allowed",
    ("MAY HAVE BEEN IN", False): "MAY HAVE BEEN IN {name}, which does not forbid it",
    ("WAS IN", True): "WAS IN {name}, allowed",
    ("WAS IN", False): "WAS IN {name}, which does not forbid it",
}


_BY_HEADER_WORDS = {  # whether it began inside, or a picture was taken there
    True: "STARTED IN {name}, by its own header",
    False: "TOOK A PICTURE IN {name}, by its own header",
}


_DIGEST = re.compile(r"(?=[\dA-Fa-f-]*[A-Fa-f])[\dA-Fa-f]{4}-?[\dA-Fa-f]{8}")


def finding_title(finding: Finding, say: Words = _ENGLISH) -> str:
    """Return one finding in a few words: what happened, and to which zone."""
    if say.facts_only:
        return fact_title(finding, say)
    if finding.kind is FindingKind.ALTITUDE_LIMIT:
        return say(HEIGHT_WORDS[finding.verdict])
    zone = finding.zone
    if finding.kind is FindingKind.RULE_LIMIT and zone is not None:
        if finding.verdict is Verdict.CLEAR:
            return say("BEYOND THE LIMIT of {name}, authorised by {permit}", name=zone.name,
                       permit=finding.authorised_by)  # fmt: skip
        return say(_RULE_WORDS[finding.verdict], name=zone.name)
    name = told_name(zone) if zone else ""
    outside = Reason.NOT_ENTERED_ON_THE_LINE in finding.reasons
    if Reason.AUTHORISED in finding.reasons:
        template = "NEAR {name}, authorised by {permit}" if outside else "WAS IN {name}, authorised by {permit}"
        return say(template, name=name, permit=finding.authorised_by)
    if finding.verdict is Verdict.CLEAR:
        may_be = any(reason in WHY_OPEN for reason in finding.reasons)
        where = "NEAR" if outside else "MAY HAVE BEEN IN" if may_be else "WAS IN"
        return say(_ALLOWED_WORDS[where, Reason.ALLOWED in finding.reasons], name=name)
    if Reason.HEADER_ONLY in finding.reasons and Reason.INSIDE_BEYOND_ERROR in finding.reasons:
        began = any(clause.code is ClauseCode.HEADER_STARTED_INSIDE for clause in finding.clauses)
        return say(_BY_HEADER_WORDS[began], name=name)
    if Reason.HEADER_ONLY in finding.reasons:
        return say("CANNOT TELL whether it entered {name}", name=name)
    if finding.verdict is Verdict.INCONCLUSIVE:
        if Reason.HOME_UNKNOWN in finding.reasons:
            return say("NEAR {name}, home unknown" if outside else "WAS IN {name}, home unknown", name=name)
        return say("CANNOT TELL whether it entered {name}", name=name)
    return say("ENTERED {name}", name=name)


def told_name(zone: ZoneRef) -> str:
    """Return the name of a zone with what its source calls it; an id that no person reads, such as a digest, is not."""
    is_read = zone.id != zone.name and not _DIGEST.search(zone.id)
    return f"{zone.name} ({zone.id})" if is_read else zone.name


def headline(result: Result, say: Words = _ENGLISH, *, brief: bool = False) -> str:
    """Return the answer in one or two sentences, scope included: clear never stands alone.

    That a simulator flew stands first. Where only facts are told, `brief` leaves out errors and reasons.
    """
    text = say.sentences(_sentences_of_facts(result, say, brief) if say.facts_only else _sentences(result, say))
    trust = result.flight.trust if result.flight is not None else None
    if trust is None or not (trust.is_simulated or trust.looks_simulated):
        return text
    return say("SIMULATED FLIGHT: {text}" if trust.is_simulated else "LOOKS SIMULATED: {text}", text=text)


def _sentences(result: Result, say: Words) -> list[str]:
    sentences = _crossings(result, say)
    told_of: set[tuple[FindingKind, ZoneRef | None]] = set()
    for verdict in (Verdict.VIOLATION, Verdict.INCONCLUSIVE):
        open_ = [f for f in result.findings if f.verdict is verdict and (f.kind, f.zone) not in told_of]
        told_of |= {(f.kind, f.zone) for f in open_}
        open_ = [f for f in open_ if not (sentences and _is_seen_inside(f))]
        titles = list(dict.fromkeys(finding_title(f, say) for f in open_))
        sentences += map(say.sentence, titles[:3])
        if len(titles) > 3:
            sentences.append(say("And {count} more.", count=len(titles) - 3))
    told = {TOPIC_OF[kind] for kind, _ in told_of}
    by_header = [c for check in result.checks for c in check.clauses if c.code in _BOUNDS]
    if by_header:
        return sentences + _by_header(result, by_header, say)
    sentences += _open(result, told, say)
    permitted = {q: [f for f in result.findings if f.verdict is Verdict.CLEAR and TOPIC_OF[f.kind] is q] for q in Topic}
    for found in permitted.values():
        sentences += [say.sentence(title) for title in dict.fromkeys(finding_title(f, say) for f in found)]
    return sentences + _scope(result, permitted, say)


def _sentences_of_facts(result: Result, say: Words, brief: bool) -> list[str]:
    """Say where the positions are, and what cannot be told: no verdict."""
    by_header = [c for check in result.checks for c in check.clauses if c.code in _BOUNDS]
    if by_header:
        return fact_sentences(result, say, brief=brief) + _by_header(result, by_header, say)
    told = {TOPIC_OF[finding.kind] for finding in result.findings}
    has_zones = Topic.AIRSPACE in told
    return [
        *fact_sentences(result, say, brief=brief),
        *_open(result, told, say),
        *_airspace_scope(result.check_of(Topic.AIRSPACE), has_zones, say),
        *nearest_zone(result, say),
    ]


def _open(result: Result, told: set[Topic], say: Words) -> list[str]:
    """Say of each question that is open without a finding why it is."""
    sentences = []
    for check in result.checks:
        if check.verdict is Verdict.INCONCLUSIVE and check.question not in told:
            why = next(filter(None, map(say.why_open, check.reasons)), "") or say.clauses(check.clauses)
            if_from = [clause for clause in check.clauses if clause.code is ClauseCode.CROSSED_IF_FROM]
            if if_from:
                template = "{where}, and no take-off is recorded; {why}"
                why = say(template, where=_where(result, say), why=say.clauses(if_from[:1]))
            sentences.append(say(_OPEN_WORDS[check.question], why=why))
    return sentences


def _by_header(result: Result, bounds: list[Clause], say: Words) -> list[str]:
    """Say what the header bounds, where the flight began, and what was not looked at: all that there is to say."""
    said = say("CANNOT TELL, for its track is encrypted: {bounds}", bounds=say.clauses(bounds))
    began = (ClauseCode.HEADER_START_IN, ClauseCode.HEADER_START_UNKNOWN)
    where = [c for check in result.checks for c in check.clauses if c.code in began]
    starts = [_first_upper(say.sentence(say.clause(clause))) for clause in where[:1]]
    airspace = result.check_of(Topic.AIRSPACE)
    unasked = _airspace_scope(airspace, False, say) if airspace.status is not Status.CHECKED else []
    return [say.sentence(said), *starts, *unasked]


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _where(result: Result, say: Words) -> str:
    """Return where the flight was."""
    names = list(dict.fromkeys(visit.name for visit in result.territories))
    if not names:
        return say("all of it outside any territory")
    if len(names) == 1:
        return say("all of it in {territory}", territory=names[0])
    return say("in {territories}", territories=say.listed(names))


def _is_seen_inside(finding: Finding) -> bool:
    """Tell whether a finding is open for its home alone: that it was inside is certain."""
    return {Reason.HOME_UNKNOWN, Reason.INSIDE_BEYOND_ERROR} <= set(finding.reasons)


def _crossings(result: Result, say: Words) -> list[str]:
    """Say which borders the record shows to be crossed, where no home tells on which side it should have stayed."""
    seen = {finding.zone.name for finding in result.findings if finding.zone and _is_seen_inside(finding)}
    stays = [visit for visit in result.territories if visit.name in seen]
    said = []
    for before, after in pairwise(stays):
        if before.name == after.name:
            continue
        when = "" if after.enter_ns is None else _instant(result, after.enter_ns)
        template = "Border crossed: {before} to {after} {when}" if when else "Border crossed: {before} to {after}"
        said.append(say(template, before=before.name, after=after.name, when=when))
    if not said:
        return []
    shown = [*said[:_MOST_CROSSINGS], say("which side is home is not recorded")]
    more = [say("And {count} more.", count=len(said) - _MOST_CROSSINGS)] if len(said) > _MOST_CROSSINGS else []
    return [say.sentence(say.between.join(shown)), *more]


def _instant(result: Result, time_ns: int) -> str:
    track = result.flight.track if result.flight is not None else None
    if track is None or not len(track):
        return ""
    return instant(time_ns, int(track.time_ns[0]), result.utc_known)


def _scope(result: Result, permitted: dict[Topic, list[Finding]], say: Words) -> list[str]:
    """List what was clear, and what was not looked at."""
    border, airspace, height = (result.check_of(q) for q in (Topic.BORDER, Topic.AIRSPACE, Topic.HEIGHT))
    found = list[str]()
    if border.verdict is Verdict.CLEAR:
        template = "No other border crossed: {where}." if permitted[Topic.BORDER] else "No border crossed: {where}."
        found.append(say(template, where=_where(result, say)))
    found += _airspace_scope(airspace, bool(permitted[Topic.AIRSPACE]), say)
    if height.verdict is Verdict.CLEAR:
        found.append(say("Height limit kept."))
    rules = [check for check in result.checks if check.question is Topic.RULES]
    if any(check.verdict is Verdict.CLEAR for check in rules) and not permitted[Topic.RULES]:
        found.append(say("Rules named: within the limits that a log can show."))
    return found


def _airspace_scope(airspace: Check, has_permitted: bool, say: Words) -> list[str]:
    """Say what of the airspace was clear, and of which place nothing is known."""
    clauses = {clause.code: clause for clause in airspace.clauses}
    for code in (ClauseCode.SPEAKS_NOT_FOR, ClauseCode.CHECKED_OVER):
        if code in clauses:
            if airspace.status is Status.NOT_CHECKED:
                return [say("Airspace: NOT CHECKED ({why}).", why=say.clause(clauses[code]))]
            return [say.sentence(say("Airspace: {text}", text=say.clause(clauses[code])))]
    if airspace.status is Status.NOT_CHECKED:
        if Reason.NOT_COVERED in airspace.reasons:
            return [say("Airspace: NOT CHECKED (no zone file covers this place).")]
        return [say("Airspace: NOT CHECKED (no zone file given).")]
    if airspace.verdict is not Verdict.CLEAR:
        return []
    reached = Reason.NOT_IN_FORCE in airspace.reasons
    guess = clauses.get(ClauseCode.COVER_GUESSED)
    if guess is not None and guess.values["files"] is not None:
        return [say(_NO_ZONE_OF_WORDS[has_permitted, reached], files=guess.values["files"])]
    return [say(_NO_ZONE_WORDS[has_permitted, reached])]


_FLOWN_WORDS = {
    Light.DAY: "Flown in daylight",
    Light.CIVIL_TWILIGHT: "Flown in civil twilight",
    Light.NIGHT: "Flown at night",
}
_CHANGE_WORDS = {
    Light.DAY: "from {time} UTC in daylight",
    Light.CIVIL_TWILIGHT: "from {time} UTC in civil twilight",
    Light.NIGHT: "from {time} UTC at night",
}
_MOST_CHANGES = 4


def daylight_line(light: Daylight, say: Words = _ENGLISH) -> str:
    """Return a flight's light in a line: "Flown in daylight, from 19:43 UTC in civil twilight"."""
    parts = [say(_FLOWN_WORDS[light.begin])]
    for change in light.changes[:_MOST_CHANGES]:
        parts.append(say(_CHANGE_WORDS[change.to], time=(iso_utc(change.time_ns) or "")[11:16]))
    more = len(light.changes) - _MOST_CHANGES
    if more > 0:
        listed = (
            "and {count} more changes (--json - lists all)" if say.surface == TERMINAL else "and {count} more changes"
        )
        parts.append(say(listed, count=more))
    text = say.listed(parts)
    if not light.changes:
        return say.sentence(text)
    return say("{text} (sun times ±{minutes} min).", text=text, minutes=max(1, round(light.error_s / 60)))


def check_line(check: Check, say: Words = _ENGLISH) -> tuple[str, str]:
    """Return a check's answer in capitals, and what was looked at.

    What was entered with leave is told by the findings.
    """
    looked_at = say.clauses(clause for clause in check.clauses if clause.code not in _BOUNDS)
    if check.status is Status.PARTLY and check.verdict is None:
        return say("CHECKED IN PART"), looked_at
    if check.status is Status.NOT_CHECKED or check.verdict is None:
        return say("NOT CHECKED"), looked_at
    answer = _ANSWER_WORDS.get(check.question, VERDICT_WORDS)[check.verdict]
    return say(_PARTLY_WORDS[answer] if check.status is Status.PARTLY else answer), looked_at


_COVERS_WORDS = {
    CoversFrom.FEED: "{territories}, as the official feed",
    CoversFrom.FILE: "{territories}, as it says itself",
    CoversFrom.USER: "{territories}, as the user says",
    CoversFrom.GUESS: "{territories}, a guess by where its zones lie",
}


def covers_line(source: ZoneSource, say: Words = _ENGLISH) -> str:
    """Return which territories a source of zones speaks for, and who says so; "" of what is no source of zones."""
    if source.covers_from is None:
        return ""
    names = [say(OPEN_SEA_NAME) if code == OPEN_SEA else say.territory(code) for code in source.covers]
    listed = say.listed(names) if names else say("no territory")
    return say(_COVERS_WORDS[source.covers_from], territories=listed)


def degrees_label(value: float, step: float, axis: int) -> str:
    """Return a longitude (axis 0) or latitude (axis 1) at a line of a grid of `step` degrees: 124.4°E."""
    value = (value + 180.0) % 360.0 - 180.0 if axis == 0 else value
    digits = max(0, -floor(log10(step) + 1e-9))
    neither = abs(value) < step / 2 or (axis == 0 and abs(value) > 180 - step / 2)
    letter = "" if neither else ("EW", "NS")[axis][value < 0]
    return f"{abs(value):.{digits}f}°{letter}"
