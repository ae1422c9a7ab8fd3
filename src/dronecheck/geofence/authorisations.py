"""What leave to be in a zone or territory does to a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import Finding, FindingKind, Reason, Verdict
from dronecheck.geofence.settings import Authorisation
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["authorised"]

_EVER = 1 << 63

Span = tuple[int, int]


def authorised(finding: Finding, given: Sequence[Authorisation], trajectory: Trajectory) -> Finding:
    """Return the finding as the authorisations leave it.

    It is CLEAR when all of its time is covered, else says what is not.
    """
    mine = [a for a in given if _is_about(a, finding)]
    if finding.rows and not trajectory.is_timed_between(finding.rows[0][0], finding.rows[-1][1]):
        mine = [a for a in mine if a.from_ns is None and a.to_ns is None]  # when it was there nobody knows
    if not mine or finding.verdict is Verdict.CLEAR or not finding.rows:
        return finding
    begin, end = trajectory.time_ns_at(finding.rows[0][0]), trajectory.time_ns_at(finding.rows[-1][1])
    spans = [(-_EVER if a.from_ns is None else a.from_ns, _EVER if a.to_ns is None else a.to_ns) for a in mine]
    useful = [(a, span) for a, span in zip(mine, spans, strict=True) if span[0] <= end and span[1] > begin]
    if not useful:
        references = _references(mine)
        return _with(finding, Clause.of(ClauseCode.AUTHORISED_AT_OTHER_TIMES, references=references))
    references = _references([a for a, _ in useful])
    left = _uncovered((begin, end), [span for _, span in useful])
    if left:
        part = Clause.of(ClauseCode.AUTHORISED_IN_PART, references=references, uncovered_ns=tuple(left))
        return _with(finding, part)
    return replace(
        _with(finding, Clause.of(ClauseCode.AUTHORISED_WHOLLY, references=references)),
        verdict=Verdict.CLEAR,
        reasons=(Reason.AUTHORISED, *finding.reasons),
        authorised_by=references,
    )


def _with(finding: Finding, clause: Clause) -> Finding:
    return replace(finding, clauses=(*finding.clauses, clause))


def _is_about(authorisation: Authorisation, finding: Finding) -> bool:
    if finding.zone is None:
        return False
    if finding.kind is FindingKind.BORDER_CROSSING:
        return authorisation.zone.upper() == finding.zone.id
    return authorisation.zone == finding.zone.id


def _references(given: Sequence[Authorisation]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.reference for a in given))


def _uncovered(whole: Span, spans: list[Span]) -> list[Span]:
    """Return the parts of a closed time interval that no span covers."""
    left: list[Span] = []
    reached = whole[0]
    for begin, end in sorted(spans):
        if begin > reached:
            left.append((reached, min(begin, whole[1])))
        reached = max(reached, end)
        if reached > whole[1]:
            return left
    return [*left, (min(reached, whole[1]), whole[1])]
