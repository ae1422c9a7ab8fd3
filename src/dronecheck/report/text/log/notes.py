"""How much a note, a statement or a warning of the log matters, in words; the codes stand in the JSON result."""

from __future__ import annotations

from dronecheck.flight import Gravity, Weight
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import GCJ02_AGREES
from dronecheck.report.text.words import Words

__all__ = ["gravity_words", "is_routine", "kind_of_note", "weight_words"]

_SEVERITY_WORDS = {
    Severity.INFO: "for information",
    Severity.WARNING: "caution",
    Severity.DAMAGE: "damage",
    Severity.TAMPER: "contradiction",
}
_WEIGHT_WORDS = {Weight.INFO: "fact", Weight.NOTICE: "unusual", Weight.CONTRADICTION: "contradiction"}
_GRAVITY_WORDS = {Gravity.NOTICE: "notice", Gravity.WARNING: "warning", Gravity.CRITICAL: "critical"}
# What every file of some formats brings along: it is said, and warns of nothing that the answer does not say.
_ROUTINE = (Code.UTC_UNKNOWN, Code.HEIGHT_FRAME, Code.OWNER_UNKNOWN, Code.AXIS_ORDER, Code.MOVED_DISARMED)


def is_routine(issue: Issue) -> bool:
    """Tell whether a note is of the kind that a format always brings along."""
    agrees = issue.code is Code.DATUM_UNKNOWN and issue.message.template == GCJ02_AGREES
    return issue.severity is Severity.WARNING and (issue.code in _ROUTINE or agrees)


def kind_of_note(issue: Issue, say: Words) -> str:
    """Return in a word what a note is: caution, damage, contradiction; a routine one is for information."""
    return say(_SEVERITY_WORDS[Severity.INFO if is_routine(issue) else issue.severity])


def weight_words(weight: Weight, say: Words) -> str:
    """Return in a word what a statement about the log is: fact, unusual, contradiction."""
    return say(_WEIGHT_WORDS[weight])


def gravity_words(gravity: Gravity, say: Words) -> str:
    """Return in a word how grave the log itself takes a message."""
    return say(_GRAVITY_WORDS[gravity])
