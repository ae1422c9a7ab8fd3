"""What rules say of a flight, as the entries of the JSON result."""

from __future__ import annotations

from collections.abc import Callable

from dronecheck.geofence.answers.by_rules import RuleAnswer, RulesTold
from dronecheck.geofence.answers.reasons import REMEDY_OF
from dronecheck.geofence.clauses import Clause
from dronecheck.geofence.result import Evidence
from dronecheck.report.columns import rounded
from dronecheck.report.json import document as d
from dronecheck.rules import Pack
from dronecheck.timebase import iso_utc

__all__ = ["rules_entry"]

_Evidence = Callable[[Evidence], d.EvidenceEntry]
_Clauses = Callable[[Clause], d.ClauseEntry]


def rules_entry(told: RulesTold, utc_known: bool, evidence: _Evidence, clause: _Clauses) -> d.RulesEntry:
    """Return the entries; `evidence` and `clause` make those of a row and of a statement."""
    answers = [_answer(answer, utc_known, evidence, clause) for answer in told.answers]
    return d.RulesEntry(packs=list(map(_pack, told.packs)), answers=answers, no_rules_of=list(told.unknown))


def _pack(pack: Pack) -> d.PackHeldEntry:
    return d.PackHeldEntry(
        id=pack.id,
        title=pack.title,
        checked=pack.checked.isoformat(),
        territories=list(pack.territories),
        applies_if=list(pack.applies_if),
        not_checkable=list(pack.not_checkable),
    )


def _answer(answer: RuleAnswer, utc_known: bool, evidence: _Evidence, clause: _Clauses) -> d.RuleAnswerEntry:
    rule = answer.rule
    return d.RuleAnswerEntry(
        pack=answer.pack.id,
        id=rule.id,
        title=rule.title,
        citation=rule.citation,
        source=rule.source,
        certainty=rule.certainty,
        valid_from=rule.valid_from.isoformat(),
        valid_to=None if rule.valid_to is None else rule.valid_to.isoformat(),
        quantity=rule.quantity,
        limit=rule.value,
        unit=rule.unit,
        other_limit=rule.other_value,
        other_unit=None if rule.other_value is None else rule.other_unit,
        informs=rule.informs,
        exceptions=list(rule.exceptions),
        not_in_log=list(rule.not_in_log),
        territories=list(answer.territories),
        status=answer.status,
        outcome=answer.outcome,
        value=rounded(answer.value),
        beyond=rounded(answer.beyond),
        sigma=rounded(answer.sigma),
        beyond_s=rounded(answer.beyond_s),
        share=rounded(answer.share, 4) or 0.0,
        time_utc=iso_utc(answer.time_ns, utc_known),
        reasons=list(answer.reasons),
        remedies=list(dict.fromkeys(REMEDY_OF[reason] for reason in answer.reasons if reason in REMEDY_OF)),
        clauses=list(map(clause, answer.clauses)),
        evidence=list(map(evidence, answer.evidence)),
    )
