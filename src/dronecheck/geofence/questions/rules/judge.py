"""One rule and one flight: how far it could be looked at, and whether the flight kept within its limit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dronecheck import messages
from dronecheck.arrays import Bools
from dronecheck.geofence.answers.by_rules import RuleAnswer, RuleOutcome, RuleStatus
from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.authorisations import authorised
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import CheckContext
from dronecheck.geofence.questions.limits.over_limit import LimitHeld, evidence_of, finding_over, stretches_of
from dronecheck.geofence.questions.rules.held import LENGTHS, RuleHeld, beyond_s, said_of
from dronecheck.geofence.questions.rules.where import InPack
from dronecheck.geofence.result import Finding, FindingKind, Verdict, ZoneRef
from dronecheck.messages import Message, as_message, several
from dronecheck.rules import Pack, Quantity, Rule

__all__ = ["RuleJudge"]


@dataclass(frozen=True, slots=True, eq=False)
class RuleJudge:
    """Judges a flight by one rule.

    `up` are the fixes in the air, (n,), `unsure` why the rule may not be the flight's.
    """

    context: CheckContext
    held: RuleHeld
    place: InPack
    up: Bools
    unsure: tuple[Reason, ...]

    @property
    def rule(self) -> Rule:
        """Return the rule."""
        return self.held.rule

    @property
    def asked(self) -> Bools:
        """Tell which fixes are asked about, shape (n,): those in the air where the pack may speak.

        Who must not leave a territory is asked from the first fix there on.
        """
        if self.rule.quantity is not Quantity.HOME_TERRITORY:
            return np.asarray(self.up & self.place.any, dtype=np.bool_)
        since = np.logical_or.accumulate(self.place.certain)
        return np.asarray(self.up & since, dtype=np.bool_)

    @property
    def _sure(self) -> Bools:
        """Tell at which of the fixes asked about the rule holds for certain, shape (n,)."""
        track = self.context.trajectory.track
        sure = self.asked & track.is_timed
        return sure if self.rule.quantity is Quantity.HOME_TERRITORY else sure & self.place.certain

    def answer(self) -> RuleAnswer:
        """Return what the rule says of the flight."""
        asked, held = self.asked, self.held.held
        territories = tuple(t.iso_a3 or "|".join(t.claimants) for t in self.place.territories)
        plain = RuleAnswer(
            self.held.pack, self.rule, territories, RuleStatus.NOT_CHECKABLE, RuleOutcome.OPEN, reasons=self.unsure
        )
        if held is None or not asked.any():
            return plain.opened(Reason.NO_FIGURE if held is None else Reason.NOTHING_FLOWN)
        known = held.is_known & self._sure
        share = float(known.sum() / asked.sum())
        status = RuleStatus.CHECKED if share == 1.0 else RuleStatus.PARTLY if share > 0 else RuleStatus.NOT_CHECKABLE
        if Reason.DATE_UNKNOWN in self.unsure:
            status = RuleStatus.NOT_CHECKABLE
        outcome, reasons = self._outcome(held, known)
        return replace(
            plain,
            status=status,
            outcome=outcome,
            share=share,
            reasons=tuple(dict.fromkeys((*reasons, *(self.unsure if outcome is RuleOutcome.OPEN else ())))),
            clauses=said_of(self.rule, held, asked, self.context),
            **self._figures(held, asked),
        )

    def _outcome(self, held: LimitHeld, known: Bools) -> tuple[RuleOutcome, list[Reason]]:
        missing = self._missing(held)
        over = [run for run in stretches_of(held.may_be_over & known) if _is_decided(held, *run)]
        if over and not (lifts := self._lifting):
            return RuleOutcome.EXCEEDED, missing
        if over:
            return RuleOutcome.OPEN, [*lifts, *missing]
        if (held.may_be_over & known).any():
            return RuleOutcome.OPEN, [self._why_near(held, known), *missing]
        if missing or Reason.DATE_UNKNOWN in self.unsure:
            return RuleOutcome.OPEN, missing
        return RuleOutcome.WITHIN, []

    @property
    def _lifting(self) -> list[Reason]:
        """Return why a limit that was passed may not have been the flight's."""
        lifted = self.rule.quantity is Quantity.HEIGHT_AGL_OR_STRUCTURE
        return [*([Reason.STRUCTURE_UNKNOWN] if lifted else []), *self.unsure]

    def _missing(self, held: LimitHeld) -> list[Reason]:
        """Return why some of the fixes asked about have no answer."""
        asked, track = self.asked, self.context.trajectory.track
        found = []
        if (asked & ~held.is_known).any():
            found.append(held.why)
        if (asked & ~track.is_timed).any():
            found.append(Reason.DATE_UNKNOWN)
        if self.rule.quantity is not Quantity.HOME_TERRITORY:
            found += [Reason.TERRITORY_DISPUTED] if (asked & self.place.disputed).any() else []
            found += [Reason.TERRITORY_UNCERTAIN] if (asked & self.place.maybe).any() else []
        return found

    def _why_near(self, held: LimitHeld, known: Bools) -> Reason:
        """Return why a limit is neither passed nor kept beyond the errors: a bound that is wide, or the sigma."""
        near = held.may_be_over & known
        with np.errstate(invalid="ignore"):
            by_bound = near & (held.bound > 0) & (np.abs(held.value - held.limit) >= held.band - held.bound)
        if self.rule.quantity in LENGTHS and by_bound.any():
            return held.why
        return Reason.RULE_MARGIN_WITHIN_ERROR

    def _figures(self, held: LimitHeld, asked: Bools) -> dict[str, Any]:
        finite = asked & np.isfinite(held.value)
        if not finite.any():
            return {}
        trajectory = self.context.trajectory
        top = int(np.argmax(np.where(finite, held.value, -np.inf)))
        value = float(held.value[top])
        return {
            "value": abs(value) if self.rule.quantity is Quantity.BORDER_DISTANCE else value,
            "beyond": value - held.limit,
            "sigma": float(np.hypot(held.sigma[top], held.bound[top] / np.sqrt(3.0))),
            "beyond_s": beyond_s(held, asked, self.context),
            "time_ns": trajectory.track.time_at(top),
            "evidence": evidence_of(trajectory, (top,)),
        }

    def findings(self) -> list[Finding]:
        """Return a finding for each time it was beyond the limit, or may have been; leave that was given is applied."""
        held = self.held.held
        if held is None:
            return []
        runs = stretches_of(held.may_be_over & held.is_known & self._sure)
        return [self._finding(held, *run) for run in runs]

    def _finding(self, held: LimitHeld, begin: int, end: int) -> Finding:
        context, rule = self.context, self.rule
        found, _ = finding_over(FindingKind.RULE_LIMIT, held, context.trajectory, begin, end)
        inside = np.zeros(len(held.value), dtype=np.bool_)
        inside[begin : end + 1] = True
        verdict, reasons = found.verdict, [Reason.BEYOND_RULE]
        if verdict is Verdict.VIOLATION and self._lifting:
            verdict, reasons = Verdict.INCONCLUSIVE, self._lifting
        elif verdict is Verdict.INCONCLUSIVE:
            reasons = [self._why_near(held, inside), *self._lifting]
        said = [*said_of(rule, held, inside, context), *unless(self.held.pack, rule)]
        found = replace(found, verdict=verdict, zone=zone_of(self.held.pack, rule), reasons=tuple(reasons),
                        clauses=tuple(said))  # fmt: skip
        if rule.quantity not in LENGTHS:  # no metres
            found = replace(found, depth_m=0.0, margin_m=None, sigma_m=None, band_m=None, probability=None)
        return authorised(found, context.settings.authorisations, context.trajectory)


def _is_decided(held: LimitHeld, begin: int, end: int) -> bool:
    return end > begin and bool(held.is_over[begin : end + 1].any())


def zone_of(pack: Pack, rule: Rule) -> ZoneRef:
    """Return how findings name a rule: leave is given by its id."""
    name = Message(messages.OF_CITATION, citation=rule.citation, title=as_message(rule.title))
    return ZoneRef(rule.id, name, "rule", pack.title)


def unless(pack: Pack, rule: Rule) -> list[Clause]:
    """Say what the log cannot show and would lift the limit, and when the pack is the flight's own."""
    said = []
    exceptions = (*rule.exceptions, *rule.not_in_log)
    if exceptions:
        said.append(Clause.of(ClauseCode.RULE_UNLESS, exceptions=several(map(as_message, exceptions))))
    if pack.applies_if:
        said.append(Clause.of(ClauseCode.RULE_ONLY_IF, conditions=several(map(as_message, pack.applies_if))))
    return [*said, Clause.of(ClauseCode.RULE_AS_READ, day=pack.checked.isoformat())]
