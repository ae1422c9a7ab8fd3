"""What is said of the rules of the country on the day: of each pack who wrote it, and of each of its rules the answer.

Facts and figures with their paragraph and the day on which it was read; never what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dronecheck.geofence.answers.by_rules import RuleAnswer, RuleOutcome, RuleStatus, RulesTold
from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.issues import Remedy
from dronecheck.report.text.words import Words
from dronecheck.rules import Pack, Quantity

__all__ = ["PackTold", "RuleTold", "in_the_light", "rules_told", "unknown_line"]

_LENGTH_WORDS = {RuleOutcome.WITHIN: "WITHIN IT", RuleOutcome.EXCEEDED: "BEYOND IT", RuleOutcome.OPEN: "CANNOT TELL"}
_DARK_WORDS = {
    RuleOutcome.WITHIN: "NOT IN THE DARK",
    RuleOutcome.EXCEEDED: "FLOWN IN THE DARK",
    RuleOutcome.OPEN: "CANNOT TELL",
}
_LEFT_WORDS = {RuleOutcome.WITHIN: "NOT LEFT", RuleOutcome.EXCEEDED: "LEFT", RuleOutcome.OPEN: "CANNOT TELL"}
_OUTCOME_WORDS = {
    Quantity.SUN_ELEVATION: _DARK_WORDS,
    Quantity.SUN_TIME: _DARK_WORDS,
    Quantity.HOME_TERRITORY: _LEFT_WORDS,
}
_STATUS_WORDS = {RuleStatus.NOT_CHECKABLE: "NOT CHECKABLE", RuleStatus.PARTLY: "PARTLY CHECKED"}
_PARTLY_WORDS = {
    "BEYOND IT": "BEYOND IT (partly checked)",
    "FLOWN IN THE DARK": "FLOWN IN THE DARK (partly checked)",
    "LEFT": "LEFT (partly checked)",
}
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class RuleTold:
    """One rule in words: its paragraph, the answer in capitals, what was measured, and what no log shows."""

    citation: str
    paragraph: str
    answer: str
    said: str
    not_in_log: str
    outcome: RuleOutcome
    is_light: bool  # a rule of the dark, and it was light
    is_silent: bool  # nothing is known of it but that it was not checked


@dataclass(frozen=True, slots=True)
class PackTold:
    """One pack in sentences: its heading, the conditions that make it the flight's, its rules, and the others."""

    title: str
    as_read: str
    conditions: str
    undated: str
    rows: tuple[RuleTold, ...]
    not_checkable: str


def rules_told(told: RulesTold, say: Words) -> list[PackTold]:
    """Return what is said by each pack that the flight was held against."""
    return [_pack(pack, told.of_pack(pack), say) for pack in told.packs]


def unknown_line(told: RulesTold, say: Words) -> str:
    """Return of which territories that it was in no rules are known; "" where there is none."""
    if not told.unknown:
        return ""
    return say("dronecheck has no rules of {territories}.", territories=say.listed(told.unknown))


def _pack(pack: Pack, answers: tuple[RuleAnswer, ...], say: Words) -> PackTold:
    conditions = say.between.join(map(say.told, pack.applies_if))
    dates = [Reason.DATE_UNKNOWN in answer.reasons for answer in answers]
    undated = say("NOT CHECKABLE: {why}.", why=say.why_open(Reason.DATE_UNKNOWN)) if all(dates) else ""
    others = say.between.join(map(say.told, pack.not_checkable))
    return PackTold(
        say.told(pack.title),
        say("As read on {day}; not legal advice.", day=pack.checked.isoformat()),
        say("Only if {conditions}: that is not in the log.", conditions=conditions) if conditions else "",
        undated,
        tuple(_row(answer, say) for answer in answers),
        say("NOT CHECKABLE by any log: {rules}.", rules=others) if others else "",
    )


def in_the_light(pack: PackTold, say: Words) -> str:
    """Return in a sentence by which rules of the dark it was light; "" for none."""
    quiet = [rule.citation for rule in pack.rows if rule.is_light]
    return say("Flown in the light by {citations}.", citations=say.between.join(quiet)) if quiet else ""


def _row(answer: RuleAnswer, say: Words) -> RuleTold:
    rule = answer.rule
    paragraph = say("{citation}: {title}", citation=rule.citation, title=say.told(rule.title))
    exceptions = (*rule.exceptions, *rule.not_in_log)
    told = answer.outcome is not RuleOutcome.WITHIN and exceptions
    return RuleTold(
        rule.citation,
        paragraph,
        say(_answer(answer)),
        say.sentences(map(say.sentence, _said(answer, say))),
        say.sentence(say.between.join(map(say.told, exceptions))) if told else "",
        answer.outcome,
        answer.outcome is RuleOutcome.WITHIN and any(clause.code is ClauseCode.RULE_LIGHT for clause in answer.clauses),
        Reason.DATE_UNKNOWN in answer.reasons and not answer.clauses,
    )


def _answer(answer: RuleAnswer) -> str:
    if answer.status is RuleStatus.NOT_CHECKABLE:
        return _STATUS_WORDS[answer.status]
    word = _OUTCOME_WORDS.get(answer.rule.quantity, _LENGTH_WORDS)[answer.outcome]
    if answer.status is RuleStatus.CHECKED:
        return word
    return _PARTLY_WORDS.get(word, _STATUS_WORDS[answer.status])


def _said(answer: RuleAnswer, say: Words) -> Iterator[str]:
    codes = {clause.code for clause in answer.clauses}
    reasons = answer.reasons[:_MOST_REASONS] if answer.outcome is RuleOutcome.OPEN else ()
    if Reason.DATE_UNKNOWN in reasons and answer.status is RuleStatus.NOT_CHECKABLE:  # the pack says it once
        reasons = tuple(reason for reason in reasons if reason is not Reason.DATE_UNKNOWN)
    measured = [say.clauses(answer.clauses)]
    if ClauseCode.RULE_ABOVE_TAKEOFF in codes and reasons[:1] == (Reason.NO_TERRAIN,):  # which says it already
        measured.append(say.remedy(Remedy.GIVE_TERRAIN))
        reasons = reasons[1:]
    if any(measured):
        yield say.between.join(filter(None, measured))
    for why in filter(None, map(say.why_open, reasons)):
        yield say("Open because {why}", why=why)
