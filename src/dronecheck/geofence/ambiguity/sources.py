"""Sources of one log that contradict each other: each is judged alone, and only what all of them say decides.

What one source says of a zone or border and another does not is INCONCLUSIVE, `sources_disagree`, with the answer of
each. A source decides only of the time that it covers, and one whose heights are unknown says nothing against another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.flight import Flight, Track
from dronecheck.geofence.ambiguity import less_checked
from dronecheck.geofence.answers.by_rules import by_alternatives
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import (
    TOPIC_OF,
    Alternative,
    Check,
    Finding,
    FlightAnswer,
    Reason,
    Result,
    Status,
    Topic,
    Verdict,
    worst,
)

__all__ = ["agreed_by_sources"]

_NAMED = {"gnss", "fused", "gnss2", "second_recording"}  # tracks that have words of their own


def agreed_by_sources(result: Result, rivals: Mapping[str, Result], flight: Flight) -> Result:
    """Return what the primary track's `result` and those of its `rivals`, by the names of their tracks, say together.

    Findings of rivals are given in the rows of the primary track, for plots; their evidence stays in their own.
    """
    for name, other in rivals.items():
        result = _agreed(result, _Rival(name, other, flight), flight.primary)
    return replace(result, flight=flight)


class _Rival:
    """The answer of another source, in the rows and flights of the primary track."""

    def __init__(self, name: str, result: Result, flight: Flight) -> None:
        self.name, self.result = name, result
        self._mine, self._own = flight.track, flight.tracks[name]
        # records of one file stand in it in the order of time; those of another recording have only their times
        offsets = [int(track.offset[0]) for track in (self._mine, self._own) if len(track)]
        self._column = "offset" if len({flight.in_source(at)[0] for at in offsets}) < 2 else "time_ns"

    def findings(self, flights: tuple[FlightAnswer, ...]) -> list[Finding]:
        return [self._moved(f, flights) for f in self.result.findings if f.verdict is not Verdict.CLEAR]

    def covers(self, finding: Finding) -> bool:
        """Tell whether it has fixes on both sides of any instant of the finding."""
        if not finding.rows or not len(self._own):
            return len(self._own) > 0
        begin, end = (self._at(self._mine, row) for row in (finding.rows[0][0], finding.rows[-1][1]))
        places = getattr(self._own, self._column)
        return bool(begin <= places.max() and end >= places.min())

    def margin_m(self, finding: Finding) -> float | None:
        near = [near.distance_m for near in self.result.nearest if near.zone == finding.zone and not near.vertical]
        return min(near, default=None)

    def _moved(self, finding: Finding, flights: tuple[FlightAnswer, ...]) -> Finding:
        """Rows go over the place in the file, or over the time."""
        places = np.maximum.accumulate(getattr(self._mine, self._column)).astype(np.float64)
        rows = tuple(
            (_row(places, self._at(self._own, begin)), _row(places, self._at(self._own, end)))
            for begin, end in finding.rows
        )
        first = rows[0][0] if rows else 0.0
        number = next((n for n, each in enumerate(flights) if first <= each.last), max(len(flights) - 1, 0))
        return replace(finding, rows=rows, flight=number)

    def _at(self, track: Track, row: float) -> float:
        return float(np.interp(row, np.arange(len(track), dtype=np.int64), getattr(track, self._column)))


def _row(places: Floats, offset: float) -> float:
    return float(np.interp(offset, places, np.arange(len(places), dtype=np.int64)))


def _agreed(result: Result, rival: _Rival, primary: str) -> Result:
    theirs = rival.findings(result.flights)
    findings = [_heard(finding, theirs, rival, primary) for finding in result.findings]
    mine = [finding for finding in result.findings if finding.verdict is not Verdict.CLEAR]
    findings += [_added(finding, result, rival, primary) for finding in theirs if not _same(finding, mine)]
    findings.sort(key=lambda finding: finding.rows[0] if finding.rows else (0.0, 0.0))
    checks = tuple(_check(check, rival.result.check_of(check.question), findings) for check in result.checks)
    asked = [check.verdict for check in checks if check.status is not Status.NOT_CHECKED and check.verdict is not None]
    flights = tuple(_flight(flight, number, findings) for number, flight in enumerate(result.flights))
    known = {(issue.code, issue.message) for issue in result.issues}
    issues = tuple(issue for issue in rival.result.issues if (issue.code, issue.message) not in known)
    entered = {finding.zone for finding in findings if finding.depth_m}
    nearest = tuple(near for near in result.nearest if near.zone not in entered)
    return replace(
        result, verdict=worst(asked), checks=checks, findings=tuple(findings), flights=flights, nearest=nearest,
        issues=(*result.issues, *issues),
        by_rules=by_alternatives([result.by_rules, rival.result.by_rules], Reason.SOURCES_DISAGREE),
    )  # fmt: skip


def _same(finding: Finding, others: list[Finding]) -> list[Finding]:
    """Return what the other source says of the same thing on the same flight."""
    return [f for f in others if (f.kind, f.zone, f.flight) == (finding.kind, finding.zone, finding.flight)]


def _heard(finding: Finding, theirs: list[Finding], rival: _Rival, primary: str) -> Finding:
    """Return a finding of the primary track with what the rival says of it."""
    same = _same(finding, theirs)
    if finding.verdict is Verdict.CLEAR and not same:
        return finding
    deepest = max(same, key=lambda f: (f.verdict is Verdict.VIOLATION, f.depth_m), default=None)
    verdict, margin_m = (Verdict.CLEAR, rival.margin_m(finding)) if deepest is None else _said(deepest)
    mine = finding.alternatives or (Alternative(primary, *_said(finding)),)
    finding = replace(finding, alternatives=(*mine, Alternative(rival.name, verdict, margin_m)))
    if verdict is mine[0].verdict or not rival.covers(finding):
        return finding
    if deepest is not None and Reason.HEIGHT_UNKNOWN in deepest.reasons:
        return finding
    by = _named(rival.name)
    if deepest is None or not deepest.depth_m > 0:
        return _doubted(finding, Clause.of(ClauseCode.NOT_IF, alternative=by))
    if not isfinite(deepest.depth_m):  # deeper than any border in reach: no figure
        return _doubted(finding)
    return _doubted(finding, Clause.of(ClauseCode.DEPTH_IF, depth_m=deepest.depth_m, alternative=by))


def _named(track: str) -> str:
    return f"source_{track}" if track in _NAMED else "source_other"


def _said(finding: Finding) -> tuple[Verdict, float | None]:
    return finding.verdict, finding.margin_m


def _added(finding: Finding, result: Result, rival: _Rival, primary: str) -> Finding:
    """Return a finding of the rival alone."""
    near = [near.distance_m for near in result.nearest if near.zone == finding.zone and not near.vertical]
    said = Alternative(primary, Verdict.CLEAR, min(near, default=None)), Alternative(rival.name, *_said(finding))
    by = Clause.of(ClauseCode.ONLY_IF, alternative=_named(rival.name))
    return _doubted(replace(finding, alternatives=said, clauses=(by, *finding.clauses)))


def _doubted(finding: Finding, *clauses: Clause) -> Finding:
    reasons = tuple(dict.fromkeys((*finding.reasons, Reason.SOURCES_DISAGREE)))
    return replace(finding, verdict=Verdict.INCONCLUSIVE, reasons=reasons, clauses=(*finding.clauses, *clauses))


def _check(mine: Check, theirs: Check, findings: list[Finding]) -> Check:
    """Return the answer to a question that both sources were asked."""
    if less := less_checked(mine, theirs):
        return less
    if theirs.verdict is None or (mine.question is Topic.HEIGHT and Reason.HEIGHT_UNKNOWN in theirs.reasons):
        return mine
    verdicts = [finding.verdict for finding in findings if TOPIC_OF[finding.kind] is mine.question]
    if mine.verdict is Verdict.VIOLATION and mine.verdict in verdicts:
        return mine
    if mine.verdict is theirs.verdict is not Verdict.VIOLATION:
        return mine
    if mine.verdict is None and theirs.verdict is Verdict.CLEAR:
        return mine
    status = theirs.status if mine.verdict is None else mine.status
    reasons = tuple(dict.fromkeys((*mine.reasons, Reason.SOURCES_DISAGREE)))
    return replace(mine, status=status, verdict=Verdict.INCONCLUSIVE, reasons=reasons)


def _flight(flight: FlightAnswer, number: int, findings: list[Finding]) -> FlightAnswer:
    """Return the answer for one flight, which only what all sources say decides."""
    said = [finding.verdict for finding in findings if finding.flight == number]
    if flight.verdict is Verdict.VIOLATION and Verdict.VIOLATION not in said:
        return replace(flight, verdict=Verdict.INCONCLUSIVE)
    return replace(flight, verdict=worst([flight.verdict, *said]))
