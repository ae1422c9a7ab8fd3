"""Two alternatives for the same thing, both judged: what they share holds, what one alone says is INCONCLUSIVE."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import Check, Finding, Reason, Verdict

__all__ = ["Ambiguity", "combine_alternatives", "counterparts", "less_checked", "only_by_alternative"]


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Why there is an alternative, and its name ("geodesic_edges"), as clauses have it."""

    reason: Reason
    alternative: str


def _unchanged(finding: Finding, same: list[Finding]) -> Finding:
    return finding


def combine_alternatives(
    mine: list[Finding],
    theirs: list[Finding],
    doubt: Ambiguity,
    agree: Callable[[Finding, list[Finding]], Finding] = _unchanged,
) -> list[Finding]:
    """Combine the findings of both alternatives as one list; `agree` words a finding that the other shares."""
    kept = [_kept(finding, theirs, doubt, agree) for finding in mine]
    added = only_by_alternative(mine, theirs, doubt)
    return sorted([*kept, *added], key=lambda f: f.rows[0] if f.rows else (0.0, 0.0))


def only_by_alternative(mine: list[Finding], theirs: list[Finding], doubt: Ambiguity) -> list[Finding]:
    """Return the findings that only the other alternative has, as open."""
    return [_added(f, doubt) for f in theirs if f.verdict is not Verdict.CLEAR and not counterparts(f, mine)]


def less_checked(mine: Check, theirs: Check) -> Check | None:
    """Return the answer that was not given, or in part only, where the other alternative's is clear."""
    if {mine.verdict, theirs.verdict} != {None, Verdict.CLEAR}:
        return None
    return mine if mine.verdict is None else theirs


def counterparts(finding: Finding, others: list[Finding]) -> list[Finding]:
    """Return the other alternative's findings about the same thing and the same part of the flight."""
    return [
        f
        for f in others
        if f.kind is finding.kind and f.zone == finding.zone and f.verdict is not Verdict.CLEAR and _overlap(f, finding)
    ]


def _overlap(a: Finding, b: Finding) -> bool:
    return any(p[0] <= q[1] and q[0] <= p[1] for p in a.rows for q in b.rows)


def _kept(
    finding: Finding, theirs: list[Finding], doubt: Ambiguity, agree: Callable[[Finding, list[Finding]], Finding]
) -> Finding:
    """Return the same finding; what the other alternative does not say as firmly is open."""
    if finding.verdict is Verdict.CLEAR:
        return finding
    same = [f for f in counterparts(finding, theirs) if f.verdict is finding.verdict]
    if same:
        return agree(finding, same)
    if finding.verdict is Verdict.INCONCLUSIVE:
        return finding
    return replace(
        finding,
        verdict=Verdict.INCONCLUSIVE,
        reasons=(*finding.reasons, doubt.reason),
        clauses=(*finding.clauses, Clause.of(ClauseCode.NOT_IF, alternative=doubt.alternative)),
    )


def _added(finding: Finding, doubt: Ambiguity) -> Finding:
    return replace(
        finding,
        verdict=Verdict.INCONCLUSIVE,
        reasons=tuple(dict.fromkeys((*finding.reasons, doubt.reason))),
        clauses=(Clause.of(ClauseCode.ONLY_IF, alternative=doubt.alternative), *finding.clauses),
    )
