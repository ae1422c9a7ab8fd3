"""The rules of the country on the day: those of the place inform; only packs that the user names reach the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dronecheck import messages
from dronecheck.arrays import Bools
from dronecheck.geofence.answers.by_rules import NO_RULES, RuleAnswer, RuleOutcome, RuleStatus, RulesTold
from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import CheckContext, summarise
from dronecheck.geofence.questions.rules.days import editions, law_days
from dronecheck.geofence.questions.rules.held import held_by
from dronecheck.geofence.questions.rules.judge import RuleJudge
from dronecheck.geofence.questions.rules.where import InPack, WhereFlown, airborne, places_of
from dronecheck.geofence.result import Check, Finding, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.messages import linked
from dronecheck.rules import Pack, pack_of, packs_for

__all__ = ["RulesAnswered", "ask_rules", "not_answered"]


@dataclass(frozen=True, slots=True)
class RulesAnswered:
    """What rules say, and the check and findings of packs that were named; None where none was."""

    told: RulesTold = NO_RULES
    check: Check | None = None
    findings: tuple[Finding, ...] = ()


def ask_rules(context: CheckContext) -> RulesAnswered:
    """Hold a flight against the rules of where it was; the border question has been asked before.

    With named packs, against those alone: they have a check, which is clear only where all that they say of a flight
    could be looked at and is kept.
    """
    settings, trajectory = context.settings, context.trajectory
    if settings.rule_packs is None:
        return RulesAnswered()
    if not len(trajectory):
        return not_answered(settings, Reason.NO_POSITION)
    if not settings.rule_packs and not airborne(trajectory).any():
        return RulesAnswered()
    places = places_of(trajectory, context.touched)
    asked = [_PackAsked(context, places, pack) for pack in _packs(settings, places)]
    answers, findings = list[RuleAnswer](), list[Finding]()
    said = list[tuple[Verdict, tuple[Reason, ...]]]()
    for each in asked:
        if not each.place.any.any():
            said.append((Verdict.INCONCLUSIVE, (Reason.RULES_NOT_OF_PLACE,)))
            continue
        judges = each.judges()
        own = [judge.answer() for judge in judges]
        answers += own
        if settings.rule_packs:
            deciding = [(j, a) for j, a in zip(judges, own, strict=True) if not a.rule.informs]
            if not deciding:
                said.append((Verdict.INCONCLUSIVE, (Reason.RULES_NOT_IN_FORCE,)))
            for judge, answer in deciding:
                found = judge.findings()
                findings += found
                said += [(finding.verdict, finding.reasons) for finding in found]
                said += [(Verdict.INCONCLUSIVE, answer.reasons)] if _is_unanswered(answer, found) else []
    unknown = tuple(t.name(settings.language) for t in places.near() if t.iso_a3 and not packs_for(t.iso_a3))
    told = RulesTold(tuple(answers), unknown)
    if not settings.rule_packs:
        return RulesAnswered(told)
    findings.sort(key=lambda finding: finding.rows[0] if finding.rows else (0.0, 0.0))
    return RulesAnswered(told, _check(told, said, asked), tuple(findings))


def not_answered(settings: Settings, reason: Reason) -> RulesAnswered:
    """Return the answer where nothing of a flight can be held against any rule: open where packs were named."""
    if not settings.rule_packs:
        return RulesAnswered()
    said = _named(tuple(map(pack_of, settings.rule_packs)))
    return RulesAnswered(NO_RULES, Check(Topic.RULES, Status.PARTLY, Verdict.INCONCLUSIVE, (reason,), (said,)))


def _packs(settings: Settings, places: WhereFlown) -> tuple[Pack, ...]:
    """Return the packs that were named, else all of the territories it was in or near."""
    if settings.rule_packs:
        return tuple(map(pack_of, settings.rule_packs))
    codes = dict.fromkeys(code for t in places.near() for code in ((t.iso_a3,) if t.iso_a3 else t.claimants))
    return tuple(dict.fromkeys(pack for code in codes for pack in packs_for(code)))


def _is_unanswered(answer: RuleAnswer, found: Sequence[Finding]) -> bool:
    """Tell whether something of the flight has no answer by a rule: its findings speak for the rest."""
    if answer.status is not RuleStatus.CHECKED:
        return True
    return answer.outcome is not RuleOutcome.WITHIN and not found


def _check(told: RulesTold, said: list[tuple[Verdict, tuple[Reason, ...]]], asked: Sequence[_PackAsked]) -> Check:
    verdict, reasons = summarise(said)
    whole = all(answer.status is RuleStatus.CHECKED for answer in told.answers if not answer.rule.informs)
    elsewhere = any(bool((each.up & ~each.place.any).any()) for each in asked)
    status = Status.CHECKED if whole and told.answers and not elsewhere else Status.PARTLY
    clauses = (_named(tuple(each.pack for each in asked)),)
    return Check(Topic.RULES, status, verdict, tuple(reasons) or (Reason.CLEAR_BEYOND_ERROR,), clauses)


def _named(packs: tuple[Pack, ...]) -> Clause:
    titles = linked(messages.ONE_AND_OTHER, (pack.title for pack in packs))
    days = ", ".join(dict.fromkeys(pack.checked.isoformat() for pack in packs))
    return Clause.of(ClauseCode.RULES_ASKED, packs=titles, days=days)


class _PackAsked:
    """A pack and a flight: where it speaks, and which of its rules held."""

    def __init__(self, context: CheckContext, places: WhereFlown, pack: Pack) -> None:
        self.context, self.places, self.pack = context, places, pack
        self.place = self._place()
        self.up: Bools = airborne(context.trajectory)

    def _place(self) -> InPack:
        """Return where the pack speaks; where jumps put the path nobody knows where, nothing is certain."""
        found = self.places.in_pack(self.pack.territories)
        if not self.context.trajectory.is_suspect:
            return found
        doubted = np.zeros(self.places.count, dtype=np.bool_)
        for first, last in self.context.trajectory.runs():
            doubted[first : last + 1] = self.context.trajectory.is_doubted(first)
        return InPack(found.certain & ~doubted, found.maybe | (found.certain & doubted), found.disputed,
                      found.territories)  # fmt: skip

    def judges(self) -> list[RuleJudge]:
        """Return a judge for each rule that held on the day, or may have."""
        settings, flight = self.context.settings, self.context.flight
        days = law_days(self.context.trajectory.track, flight.clock)
        known = days or (self.pack.checked, self.pack.checked)
        rules = editions(self.pack, known, settings, float(self.context.trajectory.track.lat_deg[0]))
        found = []
        for rule, is_certain in rules:
            unsure = [] if days else [Reason.DATE_UNKNOWN]
            unsure += [] if is_certain else [Reason.RULE_EDITION_UNKNOWN]
            by_weight = rule.min_weight_g is not None or rule.max_weight_g is not None
            unsure += [Reason.WEIGHT_UNKNOWN] if by_weight and settings.weight_g is None else []
            unsure += [Reason.CLASS_UNKNOWN] if rule.classes and settings.aircraft_class is None else []
            held = held_by(self.pack, rule, self.context, self.places)
            found.append(RuleJudge(self.context, held, self.place, self.up, tuple(unsure)))
        return found
