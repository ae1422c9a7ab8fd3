"""Files that were joined: which go on with one flight, which begin another, and of which that cannot be told.

Between two files the aircraft may have landed, and have been carried on. They are one flight where the gap is too short
for that, or where the second still counts its heights or its time from the same take-off. A file that records a
take-off of its own begins another flight, unless the one before ended in the air, far from there. All else is open: it
is judged both ways, as another flight, which knows nothing of the one before, and as the same; what only one of them
says decides nothing, and both are told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Enum, auto
from itertools import pairwise

import numpy as np

from dronecheck import messages
from dronecheck.arrays import Floats
from dronecheck.flight import Flight, Track
from dronecheck.flight.joined import distance_m, gap_s, joined
from dronecheck.geofence.altitude.altitudes import TerrainHeights
from dronecheck.geofence.ambiguity import Ambiguity, less_checked, only_by_alternative
from dronecheck.geofence.answers.by_rules import by_alternatives
from dronecheck.geofence.flights import is_on_ground, together
from dronecheck.geofence.result import Check, Finding, Reason, Result, Status, Verdict, worst
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.takeoff import recorded_takeoff
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["judged_joined"]

NO_LANDING_S = 120.0  # nobody lands, goes elsewhere and takes off again unseen
SAME_HOME_M, OTHER_HOME_M = 5.0, 100.0
SAME_LEVEL_M, OTHER_LEVEL_M = 0.5, 1.0  # all through one flight the level stays within half a metre
OTHER_PLACE_M = 1_000.0
SAME_START_S, OTHER_POWER_UP_S = 2.0, 30.0
_LEVEL_ROWS = 20
_DOUBT = Ambiguity(Reason.JOIN_DOUBTFUL, "one_flight")
_ANSWERS = {
    Verdict.VIOLATION: Message(messages.ANSWER_VIOLATION),
    Verdict.INCONCLUSIVE: Message(messages.ANSWER_INCONCLUSIVE),
    Verdict.CLEAR: Message(messages.ANSWER_CLEAR),
}


class _Joint(Enum):
    """How a file stands to the one before."""

    SAME = auto()
    OTHER = auto()
    OPEN = auto()


def judged_joined(flight: Flight, judge: Callable[[Flight], Result], ground: TerrainHeights | None = None) -> Result:
    """Return what is said of a flight that was joined of several files; `judge` is asked of what is one flight."""
    joints = [_joint(before, after, ground) for before, after in pairwise(flight.segments)]
    result = _by_stretches(flight, [joint is _Joint.SAME for joint in joints], judge)
    if _Joint.OPEN not in joints:
        return result
    other = _by_stretches(flight, [joint is not _Joint.OTHER for joint in joints], judge)
    doubtful = [number for number, joint in enumerate(joints, 1) if joint is _Joint.OPEN]
    return _agreed(result, other, doubtful)


def _joint(before: Flight, after: Flight, ground: TerrainHeights | None) -> _Joint:
    start = _takeoff(after, ground)
    if start is not None:
        former = _takeoff(before, ground)
        is_elsewhere = former is not None and distance_m(former, start) > OTHER_PLACE_M
        return _Joint.OPEN if is_elsewhere and not is_on_ground(before.track, -1) else _Joint.OTHER
    apart_m = _homes_apart_m(before, after)
    levels_m = [_home_levels_m(track) for track in (before.track[-_LEVEL_ROWS:], after.track[:_LEVEL_ROWS])]
    rises_m = [abs(a - b) for a, b in zip(*levels_m, strict=True) if np.isfinite(a - b)]
    powered_s = _apart_s(before.clock.power_up_ns, after.clock.power_up_ns)
    starts_s = (powered_s, _apart_s(_stopwatch_ns(before), _stopwatch_ns(after)))
    if gap_s(before, after) <= Thresholds().gap_s or any(s is not None and s <= SAME_START_S for s in starts_s):
        return _Joint.SAME
    is_other = (apart_m or 0.0) > OTHER_HOME_M or max(rises_m, default=0.0) > OTHER_LEVEL_M
    if is_other or (powered_s or 0.0) > OTHER_POWER_UP_S:
        return _Joint.OPEN
    if gap_s(before, after) <= NO_LANDING_S:
        return _Joint.SAME
    if apart_m is not None:
        return _Joint.SAME if apart_m <= SAME_HOME_M else _Joint.OPEN
    return _Joint.SAME if min(rises_m, default=np.inf) <= SAME_LEVEL_M else _Joint.OPEN


def _takeoff(flight: Flight, ground: TerrainHeights | None) -> tuple[float, float] | None:
    found = recorded_takeoff(flight, Trajectory(flight.track, Thresholds()), ground)
    return (found.place.lat_deg, found.place.lon_deg) if found else None


def _apart_s(one_ns: int | None, other_ns: int | None) -> float | None:
    """Return how far (s) the starts of a clock lie from each other; None where one is unknown."""
    return None if one_ns is None or other_ns is None else abs(one_ns - other_ns) / 1e9


def _stopwatch_ns(flight: Flight) -> int | None:
    """Return when the stopwatch of a flight began to run; None where it has none."""
    ran_s = flight.clock.elapsed_s
    return None if ran_s is None else int(flight.track.time_ns[0]) - round(ran_s * 1e9)


def _homes_apart_m(before: Flight, after: Flight) -> float | None:
    """Return how far (m) the home points as logged lie from each other; None where one is not logged."""
    if before.home is None or after.home is None:
        return None
    return distance_m((before.home.lat_deg, before.home.lon_deg), (after.home.lat_deg, after.home.lon_deg))


def _home_levels_m(track: Track) -> list[float]:
    """Return the level of the take-off by each column of heights; NaN where they scatter, or there are none."""

    def level_m(column: Floats) -> float:
        heights_m = (column - track.alt_home_m)[np.isfinite(column - track.alt_home_m)]
        steady = len(heights_m) > 0 and float(np.ptp(heights_m)) <= SAME_LEVEL_M
        return float(heights_m.mean()) if steady else np.nan

    return [level_m(column) for column in (track.alt_amsl_m, track.alt_hae_m, track.alt_unframed_m)]


def _by_stretches(flight: Flight, goes_on: Sequence[bool], judge: Callable[[Flight], Result]) -> Result:
    """Judge the files that go on with each other as one flight, each of these alone, and return what all say."""
    edges = [0, *(number for number, on in enumerate(goes_on, 1) if not on), len(flight.segments)]
    told: list[Result] = []
    for first, end in pairwise(edges):
        stretch = replace(joined(flight.segments[first:end]), segments=())
        before = flight.segments[:first]
        told.append(_in_whole(judge(stretch), before, sum(len(one.flights) for one in told)))
    return together(flight, told)


def _in_whole(result: Result, before: Sequence[Flight], flights: int) -> Result:
    """Return an answer about some files in the rows, files and flights of all; `before` are the files before them."""
    rows = sum(len(flight.track) for flight in before)
    findings = tuple(
        replace(
            finding,
            flight=flights + finding.flight,
            rows=tuple((rows + begin, rows + end) for begin, end in finding.rows),
            evidence=tuple(
                replace(entry, row=rows + entry.row, file=len(before) + entry.file) for entry in finding.evidence
            ),
        )
        for finding in result.findings
    )
    by_rules = result.by_rules.with_evidence(
        lambda entry: replace(entry, row=rows + entry.row, file=len(before) + entry.file)
    )
    answers = tuple(replace(each, first=rows + each.first, last=rows + each.last) for each in result.flights)
    issues = tuple(_moved_on(issue, result.flight, len(before)) for issue in result.issues)
    return replace(result, findings=findings, by_rules=by_rules, flights=answers, issues=issues)


def _moved_on(issue: Issue, flight: Flight, files: int) -> Issue:
    """Return a note of a log as that of its file among all; notes of zones are of none."""
    is_of_log = issue.file is not None or issue in flight.issues
    return replace(issue, file=files + (issue.file or 0)) if is_of_log else issue


def _agreed(result: Result, other: Result, doubtful: Sequence[int]) -> Result:
    """Return what is said of the files as flights of their own, with what they would be as one flight."""
    added = only_by_alternative(list(result.findings), list(other.findings), _DOUBT)
    added = [replace(finding, flight=_flight_at(finding, result)) for finding in added]
    findings = tuple(sorted([*result.findings, *added], key=lambda f: f.rows[0] if f.rows else (0.0, 0.0)))
    checks = tuple(_check(mine, theirs) for mine, theirs in zip(result.checks, other.checks, strict=True))
    asked = [check.verdict for check in checks if check.status is not Status.NOT_CHECKED and check.verdict is not None]
    text = Message(
        messages.JOIN_DOUBTFUL,
        apart=_ANSWERS[result.verdict],
        one=Message(messages.FROM_TAKEOFF, home=other.home_territory, answer=_ANSWERS[other.verdict])
        if other.home_territory
        else _ANSWERS[other.verdict],
    )
    differs = checks != result.checks or bool(added)
    severity = Severity.WARNING if differs or result.verdict is not other.verdict else Severity.INFO
    notes = tuple(Issue(Code.JOIN_DOUBTFUL, severity, text, file=number) for number in doubtful)
    near = {finding.zone for finding in added}
    return replace(
        result,
        verdict=worst(asked),
        checks=checks,
        findings=findings,
        flights=tuple(
            replace(each, verdict=worst([each.verdict, *(f.verdict for f in added if f.flight == number)]))
            for number, each in enumerate(result.flights)
        ),
        nearest=tuple(each for each in result.nearest if each.zone not in near),
        issues=(*result.issues, *notes),
        by_rules=by_alternatives([result.by_rules, other.by_rules], _DOUBT.reason),
    )


def _flight_at(finding: Finding, result: Result) -> int:
    first = finding.rows[0][0] if finding.rows else 0.0
    return next((n for n, each in enumerate(result.flights) if first <= each.last), max(len(result.flights) - 1, 0))


def _check(mine: Check, theirs: Check) -> Check:
    """Return the answer to a question: what is clear as flights of their own and not as one is open."""
    if mine.verdict is theirs.verdict or mine.verdict in (None, Verdict.VIOLATION):
        return mine
    if less := less_checked(mine, theirs):
        return less
    return replace(mine, verdict=Verdict.INCONCLUSIVE, reasons=tuple(dict.fromkeys((*mine.reasons, _DOUBT.reason))))
