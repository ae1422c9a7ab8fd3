"""A headline that judges nothing: where the positions are, from when to when, how deep, and what cannot be told.

What is open is never told by where the line of the data lies alone: that would read as if it had stayed outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite

from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import (
    OF_PLACES,
    TOPIC_OF,
    Finding,
    FindingKind,
    Nearest,
    Reason,
    Result,
    Status,
    Topic,
    Verdict,
    ZoneRef,
)
from dronecheck.report.text.templates import WHY_OPEN
from dronecheck.report.text.words import Words
from dronecheck.timebase import instant

__all__ = ["OF_STATUS", "fact_sentences", "fact_title", "is_inside", "is_told", "nearest_zone"]

_MOST = 3
# Why a finding inside is open for what the territory is, and not for where the aircraft was.
OF_STATUS = {Reason.HOME_UNKNOWN, Reason.DISPUTED_TERRITORY, Reason.DEPENDENCY_OF_HOME}
_MEASURED = (ClauseCode.VISIT, ClauseCode.APPROACH, ClauseCode.NEEDED_TO_DECIDE, ClauseCode.GAP_ALLOWS_DETOUR,
             ClauseCode.HEIGHT_AND_LIMIT, ClauseCode.DECIDABLE_BY_HEIGHT_SIGMA)  # fmt: skip
_REACH = (ClauseCode.NO_BORDER_WITHIN, ClauseCode.NO_TERRITORY_WITHIN)
_BY_HEADER = (ClauseCode.HEADER_ENVELOPE, ClauseCode.HEADER_NO_ENVELOPE)
_HIGHEST = (ClauseCode.HIGHEST, ClauseCode.HIGHEST_ABOVE_GROUND, ClauseCode.HEADER_HEIGHT)
_SPAN_WORDS = {  # whether its begin and its end are told
    (True, True): "{title} from {begin} to {end}",
    (True, False): "{title} from {begin} on",
    (False, True): "{title} until {end}",
}
_POSITIONS_WORDS = {  # where all positions of the record are, or those that no finding is about
    "all": "All positions in {territory}",
    "all_at_sea": "All positions outside any territory",
    "all_compared": "All positions that could be compared in {territory}",
    "others": "Other positions in {territory}",
    "as_recorded": "By the coordinates as recorded, their errors apart, positions in {territory}",
}


def is_inside(finding: Finding) -> bool:
    """Tell whether the record places the aircraft inside beyond its errors, whatever law makes of it."""
    reasons = set(finding.reasons)
    if finding.kind not in OF_PLACES or Reason.NOT_ENTERED_ON_THE_LINE in reasons or Reason.HEADER_ONLY in reasons:
        return False
    if finding.verdict is Verdict.VIOLATION:
        return True
    open_by = {reason for reason in reasons if reason in WHY_OPEN}
    if finding.verdict is Verdict.CLEAR:
        return not open_by
    return Reason.INSIDE_BEYOND_ERROR in reasons and open_by <= OF_STATUS


def is_told(result: Result, topic: Topic) -> bool:
    """Tell whether all that is open of a topic is what law makes of it: where the aircraft was is certain."""
    open_ = [f for f in result.findings if TOPIC_OF[f.kind] is topic and f.verdict is Verdict.INCONCLUSIVE]
    return bool(open_) and all(map(is_inside, open_))


def fact_title(finding: Finding, say: Words) -> str:
    """Return what a finding is about in a few words: positions inside, heights above, or what cannot be told."""
    zone = finding.zone
    if finding.kind is FindingKind.ALTITUDE_LIMIT:
        limit_m = _limit_m(finding)
        if finding.verdict is Verdict.INCONCLUSIVE:
            return say("Whether it was above {limit_m:g} m cannot be told from this record", limit_m=limit_m)
        return say("Heights above {limit_m:g} m", limit_m=limit_m)
    if finding.kind is FindingKind.RULE_LIMIT and zone is not None:
        if finding.verdict is Verdict.INCONCLUSIVE:
            return say("Compared with {name}: cannot be told from this record", name=zone.name)
        return say("Compared with {name}", name=zone.name)
    name = f"{zone.name} ({zone.id})" if zone and zone.id != zone.name else (zone.name if zone else "")
    if Reason.HEADER_ONLY in finding.reasons and Reason.INSIDE_BEYOND_ERROR in finding.reasons:
        if any(clause.code is ClauseCode.HEADER_STARTED_INSIDE for clause in finding.clauses):
            return say("By its own header it began inside {name}", name=name)
        return say("By its own header a picture was taken inside {name}", name=name)
    if is_inside(finding):
        return say("Positions inside {name}", name=name)
    return say("Whether it was inside {name} cannot be told from this record", name=name)


def _limit_m(finding: Finding) -> float:
    told = (dict(clause.values).get("limit_m") for clause in finding.clauses)
    return next((float(str(value)) for value in told if value is not None), float("nan"))


def fact_sentences(result: Result, say: Words, *, brief: bool = False) -> list[str]:
    """Return where the positions are, how high, and what of it cannot be told: all that a headline says but airspace.

    Of a place several times entered one sentence tells. In `brief` are no errors and no reasons, for where both stand
    beside.
    """
    groups: dict[tuple[str, ZoneRef | None, bool], list[Finding]] = {}
    for finding in result.findings:
        groups.setdefault((finding.kind, finding.zone, is_inside(finding)), []).append(finding)
    of_places = [found for (kind, _, _), found in groups.items() if kind in OF_PLACES]
    others = [found for (kind, _, _), found in groups.items() if kind not in OF_PLACES]
    ordered = sorted(of_places, key=lambda found: not is_inside(found[0]))
    told = [_told(found, result, say, brief) for found in [*ordered[:_MOST], *others]]
    if len(ordered) > _MOST:
        told.insert(_MOST, say("And {count} more", count=len(ordered) - _MOST))
    if any(clause.code in _BY_HEADER for check in result.checks for clause in check.clauses):
        return [say.sentence(text) for text in told if text]  # no position of it is in the record
    told.insert(min(len(ordered), _MOST + 1), _elsewhere(result, say))
    return [say.sentence(text) for text in [*told, *_heights(result, say)] if text]


def _told(found: Sequence[Finding], result: Result, say: Words, brief: bool) -> str:
    """Tell findings of one place and one kind in a sentence without its stop."""
    first = found[0]
    title = fact_title(first, say)
    is_certain = is_inside(first) or (first.kind is FindingKind.ALTITUDE_LIMIT and first.verdict is Verdict.VIOLATION)
    if not is_certain:
        why = "" if brief else _why(first, say)
        return say("{title}: {why}", title=title, why=why) if why else title
    depths = [depth_m for each in found if (depth_m := _depth_m(each)) is not None]
    if len(found) == 1:
        begin = _instant(first.enter_ns, first.enter_sigma_s, result, brief)
        end = _instant(first.exit_ns, first.exit_sigma_s, result, brief)
        spanned = _SPAN_WORDS.get((bool(begin), bool(end)))
        told = say(spanned, title=title, begin=begin, end=end) if spanned else title
    else:
        told = say("{title}, {count} times", title=title, count=len(found))
    if len(depths) < len(found):  # of some it is not known, or not to be told
        return told
    return say("{told}, at most {depth_m} from its outline", told=told, depth_m=max(depths))


def _is_of_heights(result: Result) -> bool:
    return any(finding.kind is FindingKind.ALTITUDE_LIMIT for finding in result.findings)


def _why(finding: Finding, say: Words) -> str:
    """Return what was measured of a finding and what deciding it needs; else why it cannot be told."""
    if finding.kind is FindingKind.RULE_LIMIT:
        return say.clauses(finding.clauses)
    measured = say.clauses(clause for clause in finding.clauses if clause.code in _MEASURED)
    return measured or next(filter(None, map(say.why_open, finding.reasons)), "")


def _depth_m(finding: Finding) -> float | None:
    told = (dict(clause.values).get("depth_m") for clause in finding.clauses if clause.code is ClauseCode.VISIT)
    depth_m = next((value for value in told if value is not None), None)
    return depth_m if isinstance(depth_m, float) and isfinite(depth_m) else None


def _instant(time_ns: int | None, sigma_s: float | None, result: Result, brief: bool) -> str:
    track = result.flight.track if result.flight is not None else None
    if time_ns is None or track is None or not len(track):
        return ""
    text = instant(time_ns, int(track.time_ns[0]), result.utc_known, sigma_s)
    return text.partition(" ±")[0] if brief else text


def _elsewhere(result: Result, say: Words) -> str:
    """Return in which territories the other positions are, and where all are in one, how near the next one is."""
    border = result.check_of(Topic.BORDER)
    of_findings = {f.zone.name for f in result.findings if f.zone and f.zone.is_border}
    certain = any(is_inside(f) for f in result.findings if f.zone and f.zone.is_border)
    is_open = any(not is_inside(f) for f in result.findings if f.zone and f.zone.is_border)
    names = list(dict.fromkeys(visit.name for visit in result.territories))
    if border.verdict is Verdict.CLEAR and not of_findings:
        listed = say.listed(names)
        which = "all_at_sea" if not names else "all" if border.status is Status.CHECKED else "all_compared"
        told = say(_POSITIONS_WORDS[which], territory=listed)
        return say.listed([told, reach]) if (reach := _reach(border.clauses, result.nearest, say)) else told
    if border.verdict is None or not names:
        return ""
    if is_open or (border.verdict is Verdict.INCONCLUSIVE and not certain):
        return say(_POSITIONS_WORDS["as_recorded"], territory=say.listed(names))
    left = [name for name in names if name not in of_findings]
    return say(_POSITIONS_WORDS["others"], territory=say.listed(left)) if left else ""


def _reach(clauses: Iterable[Clause], nearest: Sequence[Nearest], say: Words) -> str:
    """Return how near the next territory is, or within what distance there is none."""
    near = [each for each in nearest if each.zone.is_border and isfinite(each.distance_m)]
    if near:
        next_one = min(near, key=lambda each: each.distance_m)
        return say("nearest other territory {name}, {distance_m}", name=next_one.zone.name,
                   distance_m=next_one.distance_m)  # fmt: skip
    return say.clauses(clause for clause in clauses if clause.code in _REACH)


def nearest_zone(result: Result, say: Words) -> list[str]:
    """Return how near the nearest zone was, where no position is inside one."""
    near = [each for each in result.nearest if not each.zone.is_border and isfinite(each.distance_m)]
    if result.check_of(Topic.AIRSPACE).verdict is not Verdict.CLEAR or not near:
        return []
    one = min(near, key=lambda each: each.distance_m)
    return [say.sentence(say("Nearest zone: {name}, {distance_m}", name=one.zone.name, distance_m=one.distance_m))]


def _heights(result: Result, say: Words) -> list[str]:
    """Return how high it was, where that was to be compared with something and no finding tells it."""
    height = result.check_of(Topic.HEIGHT)
    if height.verdict is None or (height.verdict is Verdict.INCONCLUSIVE and _is_of_heights(result)):
        return []
    told = say.clauses(clause for clause in height.clauses if clause.code in _HIGHEST)
    return [say("Height: {text}", text=told)] if told else []
