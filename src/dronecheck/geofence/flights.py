"""One log may hold several flights: they are told apart, judged one by one, and their answers put together.

A flight ends where the clock starts again, where the log says that the aircraft stood with its motors off, and where
nothing is recorded for hours. Behind a time that nobody knows the aircraft may have been anywhere near: the reach is
nothing where one flight ends and the next begins on the ground at one place, else REACH_M around both ends. What the
aircraft moved on the ground with its motors off was not flown, and is not judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from dronecheck import messages
from dronecheck.arrays import Bools, Floats
from dronecheck.flight import Flight, Track
from dronecheck.geo.plane import step_lengths_m
from dronecheck.geofence.answers.by_rules import of_all
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.result import (
    Check,
    Evidence,
    Finding,
    FlightAnswer,
    Nearest,
    Result,
    Status,
    TerritoryVisit,
    Verdict,
    worst,
)
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = [
    "FlightPart", "closest_of", "in_its_file", "is_on_ground", "judged_apart", "moved_issue", "parts_of", "together",
    "without_unknown_time", "without_unknown_times", "worst_of",
]  # fmt: skip

REACH_M = 2_000.0
ONE_PLACE_M = 100.0
MOVED_M = 100.0
PAUSE_NS = 6 * 3_600_000_000_000  # no battery lasts so long
ON_GROUND_M = 5.0
AT_REST_MPS = 1.5


@dataclass(frozen=True, slots=True)
class FlightPart:
    """Rows `first` to `last` (both included) of the primary track; whether the way before and behind is unknown."""

    first: int
    last: int
    is_open_before: bool = False
    is_open_behind: bool = False


def parts_of(track: Track) -> list[FlightPart]:
    """Return the flights of a track, in its order; rows that were moved and not flown belong to none."""
    if not len(track):
        return []
    is_moved = moved_on_ground(track)
    pause = np.diff(track.time_ns) > PAUSE_NS
    pause &= track.is_timed[1:] & track.is_timed[:-1]
    ends = (np.diff(track.part) != 0) | pause | (np.diff(is_moved.astype(np.int8)) != 0)
    ends |= _rests(track, ends)
    edges = np.concatenate([[0], np.flatnonzero(ends) + 1, [len(track)]]).tolist()
    runs = [(a, b - 1) for a, b in pairwise(edges) if not is_moved[a]]
    is_open = [
        not _at_one_place(track, end, begin) and not is_moved[end + 1 : begin].any()
        for (_, end), (begin, _) in pairwise(runs)
    ]
    before, behind = [False, *is_open], [*is_open, False]
    return [FlightPart(a, b, *sides) for (a, b), *sides in zip(runs, before, behind, strict=True)]


def moved_on_ground(track: Track) -> Bools:
    """Tell which rows belong to a stay on the ground, motors off, in which it was moved far, shape (n,)."""
    is_moved = np.zeros(len(track), dtype=np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], track.is_idle, [False]]).astype(np.int8)))
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        away_m = _away_m(track, np.arange(first, end, dtype=np.int64), first)
        if away_m.max(initial=0.0) > MOVED_M:
            is_moved[first:end] = True
    return is_moved


def _rests(track: Track, known: Bools) -> Bools:
    """Tell after which rows one flight ends and another begins, (n - 1,): in the middle of a stay with motors off.

    A stay in which one of the `known` ends lies, shape (n - 1,), is told apart already.
    """
    ends = np.zeros(max(len(track) - 1, 0), dtype=np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], ~track.is_idle, [False]]).astype(np.int8)))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    flown = [(first, end) for first, end in runs if _was_flown(track, first, end)]
    for (_, end), (begin, _) in pairwise(flown):
        if not known[end - 1 : begin].any():
            ends[(end + begin - 1) // 2] = True
    return ends


def _was_flown(track: Track, first: int, end: int) -> bool:
    rows = np.arange(first, end, dtype=np.int64)
    height_m = track.alt_home_m[first:end]
    return bool(len(rows)) and bool(
        _away_m(track, rows, first).max(initial=0.0) > MOVED_M
        or np.nanmax(np.where(np.isfinite(height_m), height_m, -np.inf), initial=-np.inf) > ON_GROUND_M
    )


def _away_m(track: Track, rows: np.ndarray[tuple[int], np.dtype[np.int64]], of: int) -> Floats:
    """Return how far rows are from one of them (m)."""
    pairs = np.empty(2 * len(rows), np.int64)
    pairs[::2], pairs[1::2] = of, rows
    return step_lengths_m(track.lat_deg[pairs], track.lon_deg[pairs])[::2]


def _at_one_place(track: Track, end: int, begin: int) -> bool:
    """Tell whether one flight ends on the ground where the next begins."""
    if float(step_lengths_m(track.lat_deg[[end, begin]], track.lon_deg[[end, begin]])[0]) > ONE_PLACE_M:
        return False
    return all(is_on_ground(track, row) for row in (end, begin))


def is_on_ground(track: Track, row: int) -> bool:
    """Tell whether the log shows the aircraft on the ground there: motors off, or at rest at take-off height."""
    if track.is_idle[row]:
        return True
    height_m, speed_mps = track.alt_home_m[row], track.speed_mps[row]
    return bool(abs(height_m) <= ON_GROUND_M) and not bool(speed_mps > AT_REST_MPS)


def judged_apart(
    flight: Flight, parts: list[FlightPart], thresholds: Thresholds, judge: Callable[[Flight], Result]
) -> Result:
    """Judge each flight of a log by itself and return what all of them say."""
    told = []
    for number, part in enumerate(parts):
        alone, lead = _alone(flight, part, thresholds)
        told.append(_in_rows_of_all(judge(alone), number, part, lead, flight))
    return together(flight, told)


def _alone(flight: Flight, part: FlightPart, thresholds: Thresholds) -> tuple[Flight, int]:
    """Return one flight of a log, and how many fixes stand before its first: those that hold open what is unknown.

    Whoever stays at a place for as long as it takes to fly REACH_M and back may have flown there.
    """
    track = flight.track[part.first : part.last + 1]
    speed_mps = Trajectory(track, thresholds).max_speed_mps
    rows = [0] * part.is_open_before + list(range(len(track))) + [len(track) - 1] * part.is_open_behind
    shift_ns = np.zeros(len(rows), np.int64)
    away_ns = round(2 * REACH_M / speed_mps * 1e9)
    shift_ns[:1] -= away_ns * part.is_open_before
    shift_ns[-1:] += away_ns * part.is_open_behind
    track = track.where(np.array(rows, np.int64))
    track = track.replace(time_ns=track.time_ns + shift_ns, part=np.zeros(len(rows), np.int64))
    first, last = (int(flight.track.offset[row]) for row in (part.first, part.last))
    begin = first if part.first else -1
    events = tuple(
        event for event in flight.events
        if _is_of(event.offset, event.time_ns, track, begin, last if part.last < len(flight.track) - 1 else None)
    )  # fmt: skip
    return replace(flight, tracks={**flight.tracks, flight.primary: track}, events=events), int(part.is_open_before)


def _is_of(offset: int | None, time_ns: int, track: Track, first: int, last: int | None) -> bool:
    if offset is None:
        return bool(track.time_ns[0] <= time_ns <= track.time_ns[-1])
    return offset >= first and (last is None or offset <= last)


def _in_rows_of_all(result: Result, number: int, part: FlightPart, lead: int, flight: Flight) -> Result:
    """Return an answer about one flight in the rows of the whole track, without the times that nobody knows."""
    last = part.last - part.first

    def row_of_all(row: float) -> float:
        return part.first + min(max(row - lead, 0.0), float(last))

    def evidence(entry: Evidence) -> Evidence:
        return replace(entry, row=int(row_of_all(entry.row)))

    findings = []
    for finding in result.findings:
        rows = tuple((row_of_all(a), row_of_all(b)) for a, b in finding.rows)
        kept = replace(finding, rows=rows, evidence=tuple(map(evidence, finding.evidence)), flight=number)
        findings.append(without_unknown_times(kept, flight.track))
    nearest = tuple(without_unknown_time(near, flight.track, part.first, part.last) for near in result.nearest)
    answer = FlightAnswer(part.first, part.last, result.verdict, result.takeoff, result.home_territory)
    by_rules = result.by_rules.with_evidence(evidence)
    return replace(result, findings=tuple(findings), nearest=nearest, by_rules=by_rules, flights=(answer,))


def without_unknown_times(finding: Finding, track: Track) -> Finding:
    """Return a finding without instants and duration where it touches fixes without a time."""
    if not finding.rows:
        return finding
    first, last = int(finding.rows[0][0]), int(np.ceil(finding.rows[-1][1]))
    if track.is_timed[max(first, 0) : last + 1].all():
        return finding
    clauses = tuple(
        replace(clause, values={**clause.values, "duration_s": None}) if clause.code is ClauseCode.VISIT else clause
        for clause in finding.clauses
    )
    return replace(
        finding, enter_ns=None, exit_ns=None, enter_sigma_s=None, exit_sigma_s=None, deepest_ns=None, duration_s=None,
        clauses=clauses,
    )  # fmt: skip


def without_unknown_time(near: Nearest, track: Track, first: int = 0, last: int | None = None) -> Nearest:
    """Return a closest approach without its instant where fixes without a time stand beside it.

    `first` and `last` are the rows of the flight it is of.
    """
    if near.time_ns is None or track.is_timed.all():
        return near
    last = len(track) - 1 if last is None else last
    row = first + int(np.searchsorted(track.time_ns[first : last + 1], near.time_ns, "right")) - 1
    beside = track.is_timed[max(row, first) : min(row + 1, last) + 1]
    return near if bool(beside.all()) else replace(near, time_ns=None)


def together(flight: Flight, told: list[Result]) -> Result:
    """Return what the answers about parts of a log, in the rows of all, say of it."""
    first = told[0]
    checks = tuple(worst_of([result.check_of(topic) for result in told]) for topic in first.topics)
    findings = tuple(finding for result in told for finding in result.findings)
    verdict = worst([result.verdict for result in told])
    known = set(first.issues)
    issues = (*first.issues, *(issue for result in told[1:] for issue in result.issues if issue not in known))
    return replace(
        first,
        verdict=verdict,
        checks=checks,
        findings=findings,
        territories=_stays([result.territories for result in told]),
        nearest=closest_of(told, findings),
        home_territory=next((r.home_territory for r in told if r.home_territory), None),
        distance_m=sum(result.distance_m for result in told),
        issues=issues,
        doubted=frozenset().union(*(result.doubted for result in told)),
        landing_recorded=told[-1].landing_recorded,
        by_rules=of_all([result.by_rules for result in told]),
        flights=tuple(answer for result in told for answer in result.flights),
        flight=flight,
    )


_OF_THE_WHOLE = (  # true of a log only where it is true of each flight in it
    ClauseCode.ALL_IN_ONE_TERRITORY,
    ClauseCode.OUTSIDE_ANY_TERRITORY,
    ClauseCode.NO_BORDER_WITHIN,
    ClauseCode.NO_TERRITORY_WITHIN,
)


def worst_of(checks: list[Check]) -> Check:
    """Return the worst of several answers to one question, with the reasons of all that are as bad.

    What is clear of some, and not checked of others, is checked in part and not clear.
    """
    asked = [check for check in checks if check.verdict is not None]
    unasked = [check for check in checks if check.verdict is None]
    if not asked:
        return next((check for check in checks if check.status is Status.PARTLY), checks[0])
    if unasked and all(check.verdict is Verdict.CLEAR for check in asked):
        return replace(unasked[0], status=Status.PARTLY)
    verdict = worst([check.verdict for check in asked if check.verdict is not None])
    worst_ones = [check for check in asked if check.verdict is verdict]
    reasons = tuple(dict.fromkeys(reason for check in worst_ones for reason in check.reasons))
    partly = bool(unasked) or any(check.status is Status.PARTLY for check in checks)
    reasons = tuple(dict.fromkeys([*reasons, *(reason for check in unasked for reason in check.reasons)]))
    status = Status.PARTLY if partly else worst_ones[0].status
    clauses = tuple(
        clause
        for clause in worst_ones[0].clauses
        if clause.code not in _OF_THE_WHOLE or all(clause in check.clauses for check in asked)
    )
    return replace(worst_ones[0], status=status, verdict=verdict, reasons=reasons, clauses=clauses)


def _stays(each: list[tuple[TerritoryVisit, ...]]) -> tuple[TerritoryVisit, ...]:
    """Return the stays of all flights in order; one that goes on from flight to flight is one."""
    found: list[TerritoryVisit] = []
    for stay in (stay for stays in each for stay in stays):
        if found and (found[-1].iso_a3, found[-1].name) == (stay.iso_a3, stay.name):
            found[-1] = replace(found[-1], exit_ns=stay.exit_ns)
        else:
            found.append(stay)
    return tuple(found)


def closest_of(told: list[Result], findings: tuple[Finding, ...]) -> tuple[Nearest, ...]:
    """Return the closest approach of all flights to what none of them entered, in the order of distance."""
    entered = {finding.zone for finding in findings if finding.depth_m and finding.zone}
    closest: dict[object, Nearest] = {}
    for near in (near for result in told for near in result.nearest):
        key = (near.zone, near.vertical)
        if near.zone not in entered and (key not in closest or near.distance_m < closest[key].distance_m):
            closest[key] = near
    return tuple(closest.values())


def moved_issue(flight: Flight) -> list[Issue]:
    """Note rows that were moved on the ground with the motors off."""
    track = flight.track
    is_moved = moved_on_ground(track)
    if not is_moved.any():
        return []
    text = Message(messages.MOVED_DISARMED)
    offset = int(track.offset[int(is_moved.argmax())])
    return [in_its_file(Issue(Code.MOVED_DISARMED, Severity.WARNING, text, offset, int(is_moved.sum())), flight)]


def in_its_file(issue: Issue, flight: Flight) -> Issue:
    """Return a note of a flight that may be joined of several files with the one that its offset stands in."""
    if issue.offset is None or not flight.more_sources:
        return issue
    file, offset = flight.in_source(issue.offset)
    return replace(issue, offset=offset, file=file)
