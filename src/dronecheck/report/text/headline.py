"""Verdicts and reasons in words: the headline people read first, shared by every report."""

from __future__ import annotations

from math import floor, log10

from dronecheck.airspace.zone import Datum, Limit
from dronecheck.geofence.activation.daylight import Daylight, Light
from dronecheck.geofence.result import Check, Finding, FindingKind, Question, Reason, Result, Status, Verdict, ZoneRef
from dronecheck.report.text.times import iso_utc
from dronecheck.report.text.translate import Words

__all__ = [
    "CURE",
    "VERDICT_WORDS",
    "check_line",
    "daylight_line",
    "degrees_label",
    "finding_title",
    "headline",
    "limit_text",
]

FOOT_M = 0.3048
VERDICT_WORDS = {
    Verdict.VIOLATION: "ENTERED",
    Verdict.INCONCLUSIVE: "CANNOT TELL",
    Verdict.CLEAR: "DID NOT ENTER",
}

_HEIGHT_WORDS = {
    Verdict.VIOLATION: "ABOVE THE LIMIT",
    Verdict.INCONCLUSIVE: "CANNOT TELL whether it rose above the limit",
    Verdict.CLEAR: "BELOW THE LIMIT",
}

_ASKED = {Question.BORDER: "Border", Question.AIRSPACE: "Airspace", Question.HEIGHT: "Height"}
_QUESTION = {
    FindingKind.BORDER_CROSSING: Question.BORDER,
    FindingKind.ZONE_ENTRY: Question.AIRSPACE,
    FindingKind.ALTITUDE_LIMIT: Question.HEIGHT,
}

# What leaves a question open, and what would settle it.
CURE = {
    Reason.MARGIN_WITHIN_ERROR: "the error of the satellite fixes is larger than the margin; it takes a log with "
    "better accuracy (RTK)",
    Reason.BORDER_DATA_TOO_COARSE: "the outline itself is not known well enough here; it takes a better one",
    Reason.SINGLE_FIX: "it rests on one or two fixes and less than a second; a log with more fixes would settle it",
    Reason.SAMPLING_GAP: "a gap in the log is long enough to have been inside; the aircraft's own log may have no gap",
    Reason.HOME_UNKNOWN: "the home territory is unknown; --home ISO3 gives it",
    Reason.DISPUTED_TERRITORY: "the territory is claimed by several, home among them; no position is taken",
    Reason.DEPENDENCY_OF_HOME: "the same State, but its own border rules are not known here; --allow ISO3 permits it",
    Reason.OVERLAP_IN_DATA: "two territories overlap in the border data here",
    Reason.LOG_SUSPECT: "the positions contradict each other; see the notes",
    Reason.DATUM_UNKNOWN: "the positions may be GCJ-02, as Chinese maps use, and read as that the answer differs; the "
    "aircraft's own record (.txt, .DAT) or a photo of the flight with its own position would settle it",
    Reason.EDGE_MODEL_AMBIGUOUS: "the zone's source leaves open what its long edges follow, and the answer differs "
    "between straight in degrees and geodesic; the zone's legal text would settle it",
    Reason.INVALID_GEOMETRY_REPAIRED: "the zone's outline crosses itself or its parts overlap, and the answer rests on "
    "the part in doubt; a corrected zone file would settle it",
    Reason.NO_POSITION: "the log has no position of the aircraft; check another log of the same flight",
    Reason.HEIGHT_UNKNOWN: "the log has no height of the kind that the limit needs, or not for all of this time",
    Reason.VERTICAL_FRAME_UNKNOWN: "the limit's datum is unknown, or needs the air pressure of the day "
    "(--qnh HPA gives it), or the log's own heights contradict each other",
    Reason.NO_TERRAIN: "the limit is above ground, and the ground's height is unknown",
    Reason.VERTICAL_MARGIN_WITHIN_ERROR: "the height's error is larger than the margin",
    Reason.ZONE_UNREADABLE: "a zone, or one of its properties, could not be read; see the notes",
    Reason.ZONE_TIME_UNKNOWN: "the zone holds at certain times, and whether it was in force then cannot be told; UTC "
    "in the log, a better clock or the notice with its times would settle it",
    Reason.EDITION_UNKNOWN: "which edition of the zones was in force cannot be told, and they differ here; the log's "
    "UTC (--start-time) or the editions' dates (zones add --valid-from) would settle it",
    Reason.NO_EDITION_IN_FORCE: "a source of the zone library has no edition for the day of the flight; the one "
    "of that day would settle it (dronecheck zones add)",
}


def limit_text(limit: Limit) -> str:
    """A floor or ceiling with its datum, in the unit it was written in: 120 m AGL, 400 ft (122 m) AGL, FL 65."""
    words = {Datum.GND: "ground", Datum.UNL: "unlimited", Datum.UNKNOWN: "unknown"}
    if limit.datum in words:
        return words[limit.datum]
    if limit.datum is Datum.FL:
        return f"FL {limit.value_m / FOOT_M / 100:.0f}"
    value_m, feet = limit.value_m, limit.value_m / FOOT_M
    if abs(value_m - round(value_m)) > 0.005 and abs(feet - 5 * round(feet / 5)) < 0.02:
        return f"{feet:.0f} ft ({value_m:.0f} m) {limit.datum.value}"
    return f"{value_m:.{0 if abs(value_m - round(value_m)) <= 0.005 else 1}f} m {limit.datum.value}"


def finding_title(finding: Finding) -> str:
    """One finding in a few words: what happened, and to which zone."""
    if finding.kind is FindingKind.ALTITUDE_LIMIT:
        return _HEIGHT_WORDS[finding.verdict]
    zone = finding.zone
    name = f"{zone.name} ({zone.id})" if zone and zone.id != zone.name else (zone.name if zone else "")
    if Reason.AUTHORISED in finding.reasons:
        where = "NEAR" if Reason.NOT_ENTERED_ON_THE_LINE in finding.reasons else "WAS IN"
        return f"{where} {name}, authorised by {finding.authorisation}"
    if finding.verdict is Verdict.CLEAR:
        why = "allowed" if Reason.ALLOWED in finding.reasons else "which does not forbid it"
        return f"{_where(finding)} {name}, {why}"
    if finding.verdict is Verdict.INCONCLUSIVE and Reason.HOME_UNKNOWN in finding.reasons:
        outside = Reason.NOT_ENTERED_ON_THE_LINE in finding.reasons
        return f"NEAR {name}, home unknown" if outside else f"WAS IN {name}, home unknown"
    return f"{VERDICT_WORDS[finding.verdict]} {'whether it entered ' if _open(finding) else ''}{name}"


def _where(finding: Finding) -> str:
    """Of a visit that does not reach the verdict: it may be as open as one that does."""
    if Reason.NOT_ENTERED_ON_THE_LINE in finding.reasons:
        return "NEAR"
    return "MAY HAVE BEEN IN" if any(reason in CURE for reason in finding.reasons) else "WAS IN"


def _open(finding: Finding) -> bool:
    return finding.verdict is Verdict.INCONCLUSIVE


def headline(result: Result, say: Words = str) -> str:
    """The answer in one or two sentences, scope included: clear never stands alone."""
    return " ".join(map(say, _sentences(result)))


def _sentences(result: Result) -> list[str]:
    sentences = []
    told_of: set[tuple[FindingKind, ZoneRef | None]] = set()
    for verdict in (Verdict.VIOLATION, Verdict.INCONCLUSIVE):
        open_ = [f for f in result.findings if f.verdict is verdict and (f.kind, f.zone) not in told_of]
        told_of |= {(f.kind, f.zone) for f in open_}
        titles = list(dict.fromkeys(map(finding_title, open_)))
        sentences += [f"{title}." for title in titles[:3]]
        if len(titles) > 3:
            sentences.append(f"And {len(titles) - 3} more.")
    told = {question for question in _QUESTION.values() if any(_QUESTION[kind] is question for kind, _ in told_of)}
    by_question = {c.question: c for c in result.checks}
    border, airspace, height = (by_question[q] for q in (Question.BORDER, Question.AIRSPACE, Question.HEIGHT))
    for check in result.checks:
        if check.verdict is Verdict.INCONCLUSIVE and check.question not in told:
            why = next((CURE[r] for r in check.reasons if r in CURE), check.note)
            sentences.append(f"{_ASKED[check.question]}: CANNOT TELL ({why}).")
    permitted = {
        q: [f for f in result.findings if f.verdict is Verdict.CLEAR and _QUESTION[f.kind] is q] for q in Question
    }
    for found in permitted.values():
        sentences += [f"{title}." for title in dict.fromkeys(map(finding_title, found))]
    if border.verdict is Verdict.CLEAR:
        sentences.append("No other border crossed." if permitted[Question.BORDER] else "No border crossed.")
    if airspace.status is Status.NOT_CHECKED:
        covered = Reason.NOT_COVERED not in airspace.reasons
        why = "no zone file given" if covered else "no zone file covers this place"
        sentences.append(f"Airspace: NOT CHECKED ({why}).")
    elif airspace.verdict is Verdict.CLEAR:
        other = "other zone" if permitted[Question.AIRSPACE] else "zone"
        while_ = " while it was in force" if Reason.NOT_IN_FORCE in airspace.reasons else ""
        sentences.append(f"No {other} of the files given was entered{while_}.")
    if height.verdict is Verdict.CLEAR:
        sentences.append("Height limit kept.")
    return sentences


_LIGHT_WORDS = {
    Light.DAY: "in daylight",
    Light.CIVIL_TWILIGHT: "in civil twilight",
    Light.NIGHT: "at night",
}
_MOST_CHANGES = 4


def daylight_line(light: Daylight) -> str:
    """A flight's light in a line: "Flown in daylight, from 19:43 UTC in civil twilight"."""
    text = f"Flown {_LIGHT_WORDS[light.begin]}"
    for change in light.changes[:_MOST_CHANGES]:
        text += f", from {(iso_utc(change.time_ns) or '')[11:16]} UTC {_LIGHT_WORDS[change.to]}"
    more = len(light.changes) - _MOST_CHANGES
    text += f", and {more} more changes (--json - lists all)" if more > 0 else ""
    return f"{text} (sun times ±{max(1, round(light.error_s / 60))} min)." if light.changes else f"{text}."


def check_line(check: Check) -> tuple[str, str]:
    """A check's answer in capitals, and its note. What was entered with leave is told by the findings."""
    if check.status is Status.NOT_CHECKED or check.verdict is None:
        return "NOT CHECKED", check.note
    words = _HEIGHT_WORDS if check.question is Question.HEIGHT else VERDICT_WORDS
    partly = " (partly)" if check.status is Status.PARTLY else ""
    return words[check.verdict] + partly, check.note


def degrees_label(value: float, step: float, axis: int) -> str:
    """A longitude (axis 0) or latitude (axis 1) at a line of a grid of `step` degrees: 124.4°E."""
    value = (value + 180.0) % 360.0 - 180.0 if axis == 0 else value
    digits = max(0, -floor(log10(step) + 1e-9))
    neither = abs(value) < step / 2 or (axis == 0 and abs(value) > 180 - step / 2)
    letter = "" if neither else ("EW", "NS")[axis][value < 0]
    return f"{abs(value):.{digits}f}°{letter}"
