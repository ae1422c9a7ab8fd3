"""What is said of the rules of the country on the day: of each pack who wrote it, and of each of its rules the answer.

Facts and figures with their paragraph and the day on which it was read; never what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dronecheck.geofence.rule_answers import Outcome, RuleAnswer, RuleStatus, RulesTold
from dronecheck.report.text.words import Words
from dronecheck.rules import Pack, Quantity

__all__ = ["PackTold", "rules_told", "unknown_line"]

_LENGTH_WORDS = {Outcome.WITHIN: "WITHIN IT", Outcome.EXCEEDED: "BEYOND IT", Outcome.OPEN: "CANNOT TELL"}
_DARK_WORDS = {
    Outcome.WITHIN: "NOT IN THE DARK",
    Outcome.EXCEEDED: "FLOWN IN THE DARK",
    Outcome.OPEN: "CANNOT TELL",
}
_LEFT_WORDS = {Outcome.WITHIN: "NOT LEFT", Outcome.EXCEEDED: "LEFT", Outcome.OPEN: "CANNOT TELL"}
_OUTCOME_WORDS = {
    Quantity.SUN_ELEVATION: _DARK_WORDS,
    Quantity.SUN_TIME: _DARK_WORDS,
    Quantity.HOME_TERRITORY: _LEFT_WORDS,
}
_PARTLY_WORDS = {
    "BEYOND IT": "BEYOND IT (partly checked)",
    "FLOWN IN THE DARK": "FLOWN IN THE DARK (partly checked)",
    "LEFT": "LEFT (partly checked)",
}
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class PackTold:
    """One pack in sentences: its heading, and the rows of its rules as paragraph, answer, what was measured."""

    heading: str
    conditions: str
    rows: tuple[tuple[str, str, str], ...]
    not_in_log: str


def rules_told(told: RulesTold, say: Words) -> list[PackTold]:
    """Return what is said by each pack that the flight was held against."""
    return [_pack(pack, told.of_pack(pack), say) for pack in told.packs]


def unknown_line(told: RulesTold, say: Words) -> str:
    """Return of which territories that it was in no rules are known; "" where there is none."""
    if not told.unknown:
        return ""
    return say("No rules of {territories} are known here.", territories=say.listed(told.unknown))


def _pack(pack: Pack, answers: tuple[RuleAnswer, ...], say: Words) -> PackTold:
    conditions = say.between.join(map(say.told, pack.applies_if))
    not_in_log = say.between.join(map(say.told, pack.not_checkable))
    return PackTold(
        say("Rules: {title}. As read on {day}; not legal advice.", title=say.told(pack.title), day=pack.checked),
        say("Only if {conditions}: that is not in the log.", conditions=conditions) if conditions else "",
        tuple(_row(answer, say) for answer in answers),
        say("NOT CHECKABLE by any log: {rules}.", rules=not_in_log) if not_in_log else "",
    )


def _row(answer: RuleAnswer, say: Words) -> tuple[str, str, str]:
    rule = answer.rule
    paragraph = say("{citation}: {title}", citation=rule.citation, title=say.told(rule.title))
    return paragraph, say(_answer(answer)), say.sentences(map(say.sentence, _said(answer, say)))


def _answer(answer: RuleAnswer) -> str:
    if answer.status is RuleStatus.NOT_CHECKABLE:
        return "NOT CHECKABLE"
    word = _OUTCOME_WORDS.get(answer.rule.quantity, _LENGTH_WORDS)[answer.outcome]
    if answer.status is RuleStatus.CHECKED:
        return word
    return _PARTLY_WORDS.get(word, "PARTLY CHECKED")


def _said(answer: RuleAnswer, say: Words) -> Iterator[str]:
    measured = say.clauses(answer.clauses)
    if measured:
        yield measured
    if answer.outcome is Outcome.OPEN:
        for why in filter(None, map(say.why_open, answer.reasons[:_MOST_REASONS])):
            yield say("Open because {why}", why=why)
    if answer.outcome is not Outcome.WITHIN and (exceptions := (*answer.rule.exceptions, *answer.rule.not_in_log)):
        yield say("Not in a log: {what}", what=say.between.join(map(say.told, exceptions)))
