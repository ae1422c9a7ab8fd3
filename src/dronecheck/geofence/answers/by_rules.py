"""What the rules of a place and day say of a flight, an answer a rule. Data only: no verdict by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.clauses import Clause, ClauseCode, Evidence
from dronecheck.rules import Pack, Rule

__all__ = ["NO_RULES", "RuleAnswer", "RuleOutcome", "RuleStatus", "RulesTold", "by_alternatives", "of_all"]


class RuleStatus(StrEnum):
    """How far a rule could be held against a flight."""

    CHECKED = "checked"
    PARTLY = "partly"  # some of the time only, or one side only
    NOT_CHECKABLE = "not_checkable"


class RuleOutcome(StrEnum):
    """What a rule's limit is to a flight, its exceptions left aside."""

    WITHIN = "within"  # all of it, beyond the errors
    EXCEEDED = "exceeded"  # beyond the errors
    OPEN = "open"


_WORST = (RuleOutcome.EXCEEDED, RuleOutcome.OPEN, RuleOutcome.WITHIN)


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """One rule and one flight.

    `value` is the most of the rule's quantity, in its SI unit, `beyond` how far that is over the limit (negative: below
    it), `sigma` its standard deviation, `beyond_s` for how long it was over, `time_ns` when it was most; None where
    that is unknown. `share` is the part of the fixes asked about the rule that are answered. `reasons` are what is
    missing, or leaves it open. `evidence` are the rows that it rests on.
    """

    pack: Pack
    rule: Rule
    territories: tuple[str, ...]
    status: RuleStatus
    outcome: RuleOutcome
    value: float | None = None
    beyond: float | None = None
    sigma: float | None = None
    beyond_s: float | None = None
    share: float = 0.0
    time_ns: int | None = None
    reasons: tuple[Reason, ...] = ()
    clauses: tuple[Clause, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what tells it from other answers: pack, rule, and the first day of the edition."""
        return self.pack.id, self.rule.id, self.rule.valid_from.isoformat()

    def opened(self, reason: Reason) -> RuleAnswer:
        """Return it as open for a reason."""
        reasons = tuple(dict.fromkeys((*self.reasons, reason)))
        return replace(self, outcome=RuleOutcome.OPEN, reasons=reasons)


@dataclass(frozen=True, slots=True)
class RulesTold:
    """All that rules say of a flight. `unknown` are the names of territories it was in that no pack speaks for."""

    answers: tuple[RuleAnswer, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def packs(self) -> tuple[Pack, ...]:
        """Return the packs that the flight was held against, each once."""
        found: dict[str, Pack] = {}
        for answer in self.answers:
            found.setdefault(answer.pack.id, answer.pack)
        return tuple(found.values())

    def of_pack(self, pack: Pack) -> tuple[RuleAnswer, ...]:
        """Return the answers by the rules of one pack."""
        return tuple(answer for answer in self.answers if answer.pack.id == pack.id)

    def with_evidence(self, moved: Callable[[Evidence], Evidence]) -> RulesTold:
        """Return it with every row that an answer rests on moved elsewhere."""
        return self.each(lambda answer: replace(answer, evidence=tuple(map(moved, answer.evidence))))

    def without_times(self) -> RulesTold:
        """Return it without instants and spans: of another clock than the one in front."""

        def timeless(answer: RuleAnswer) -> RuleAnswer:
            clauses = tuple(
                Clause(ClauseCode.RULE_DARK_UNTIMED)
                if clause.code is ClauseCode.RULE_DARK else clause
                for clause in answer.clauses
            )  # fmt: skip
            return replace(answer, time_ns=None, clauses=clauses)

        return self.each(timeless)

    def each(self, made: Callable[[RuleAnswer], RuleAnswer]) -> RulesTold:
        """Return it with every answer made into another."""
        return replace(self, answers=tuple(map(made, self.answers)))

    def opened(self, reason: Reason) -> RulesTold:
        """Return it with every answer open for a reason."""
        return self.each(lambda answer: answer.opened(reason))


NO_RULES = RulesTold()


def of_all(told: Sequence[RulesTold]) -> RulesTold:
    """Return what the answers about several flights say of all of them: of each rule the worst."""
    unknown = tuple(dict.fromkeys(name for each in told for name in each.unknown))
    return RulesTold(tuple(map(_worst, _by_rule(told))), unknown)


def by_alternatives(told: Sequence[RulesTold], reason: Reason) -> RulesTold:
    """Return what alternatives for one flight, the first the one that is shown, say of it: open where they differ."""
    answers = []
    for same in _by_rule(told):
        first = same[0]
        is_agreed = len(same) == len(told) and all(each.outcome is first.outcome for each in same)
        status = first.status if all(each.status is first.status for each in same) else RuleStatus.PARTLY
        answers.append(replace(first, status=status) if is_agreed else replace(first.opened(reason), status=status))
    return RulesTold(tuple(answers), tuple(dict.fromkeys(name for each in told for name in each.unknown)))


def _by_rule(told: Sequence[RulesTold]) -> list[list[RuleAnswer]]:
    found: dict[tuple[str, str, str], list[RuleAnswer]] = {}
    for answer in (answer for each in told for answer in each.answers):
        found.setdefault(answer.key, []).append(answer)
    return list(found.values())


def _worst(same: list[RuleAnswer]) -> RuleAnswer:
    """Return the worst answer of one rule, with what all of them lack."""
    if len(same) == 1:
        return same[0]

    def weight(answer: RuleAnswer) -> tuple[int, float]:
        return _WORST.index(answer.outcome), -(answer.beyond if answer.beyond is not None else float("-inf"))

    worst = min(same, key=weight)
    status = worst.status if all(each.status is worst.status for each in same) else RuleStatus.PARTLY
    over_s = [each.beyond_s for each in same if each.beyond_s is not None]
    return replace(
        worst,
        status=status,
        territories=tuple(dict.fromkeys(code for each in same for code in each.territories)),
        reasons=tuple(dict.fromkeys(reason for each in same for reason in each.reasons)),
        beyond_s=sum(over_s) if over_s else None,
        share=min(each.share for each in same),
    )
