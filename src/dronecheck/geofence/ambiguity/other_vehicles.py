"""Several vehicles in one log: each is judged by itself, as one flight more, and the worst answer is the log's.

The first is that of the judged track. Findings of the others have no rows in it, so no plot draws them; their evidence
names the vehicle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dronecheck import messages
from dronecheck.flight import Flight
from dronecheck.geofence.answers.by_rules import of_all
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.flights import closest_of, worst_of
from dronecheck.geofence.result import Finding, Nearest, Result, worst
from dronecheck.issues import Issue, Severity
from dronecheck.messages import Message

__all__ = ["with_other_vehicles"]


def with_other_vehicles(result: Result, others: Sequence[Result], flight: Flight) -> Result:
    """Return the answer for `flight` and all its `others`, from those for each alone."""
    told = [_tagged(result, 0)]
    for other in others:
        first = sum(len(one.flights) for one in told)
        told.append(_apart(other, first, flight.clock.utc_known, known=set(result.issues)))
    findings = tuple(finding for one in told for finding in one.findings)
    issues = tuple(issue for one in told[1:] for issue in one.issues)
    return replace(
        result,
        verdict=worst([one.verdict for one in told]),
        checks=tuple(worst_of([one.check_of(topic) for one in told]) for topic in result.topics),
        findings=findings,
        nearest=closest_of(told, findings),
        issues=(*result.issues, *issues),
        by_rules=of_all([one.by_rules for one in told]),
        flights=tuple(answer for one in told for answer in one.flights),
        doubted=frozenset().union(*(one.doubted for one in told)),
        flight=flight,
    )


def _tagged(result: Result, first: int) -> Result:
    """Return a vehicle's answer with its number, and its flights counted on from `first`."""
    system = result.flight.vehicle.system
    findings = tuple(replace(finding, flight=first + finding.flight) for finding in result.findings)
    return replace(result, findings=findings, flights=tuple(replace(a, system=system) for a in result.flights))


def _apart(result: Result, first: int, utc_known: bool, known: set[Issue]) -> Result:
    """Return another vehicle's answer, in words that name it."""
    result = _tagged(result, first)
    has_own_clock = result.flight.clock.utc_known is not utc_known
    system = result.flight.vehicle.system
    findings = tuple(_of_vehicle(finding, system, has_own_clock) for finding in result.findings)
    nearest = tuple(_without_time(near) if has_own_clock else near for near in result.nearest)
    said = [issue for issue in result.issues if issue.severity is not Severity.INFO and issue not in known]
    by_rules = result.by_rules.with_evidence(lambda entry: replace(entry, track=f"{system}/{entry.track}"))
    by_rules = by_rules.without_times() if has_own_clock else by_rules
    issues = tuple(_told_of(issue, system) for issue in said)
    return replace(result, findings=findings, nearest=nearest, by_rules=by_rules, issues=issues)


def _of_vehicle(finding: Finding, system: int | None, has_own_clock: bool) -> Finding:
    evidence = tuple(replace(entry, track=f"{system}/{entry.track}") for entry in finding.evidence)
    clauses = (Clause.of(ClauseCode.OF_SYSTEM, system=system), *finding.clauses)
    finding = replace(finding, rows=(), evidence=evidence, clauses=clauses)
    return replace(finding, enter_ns=None, exit_ns=None, deepest_ns=None) if has_own_clock else finding


def _without_time(near: Nearest) -> Nearest:
    return replace(near, time_ns=None)


def _told_of(issue: Issue, system: int | None) -> Issue:
    return replace(issue, message=Message(messages.OF_SYSTEM, system=system, text=issue.message))
