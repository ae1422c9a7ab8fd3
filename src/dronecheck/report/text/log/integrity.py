"""What tests of a log against itself found, in words: the status, each statement, and what neither of them proves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from dronecheck.flight import Integrity, IntegrityStatus, Statement, Weight
from dronecheck.report.text.log.notes import weight_words
from dronecheck.report.text.words import Words
from dronecheck.safe.io import plain

__all__ = ["IntegrityTold", "StatementTold"]

_LONGEST = 2_000
_GRAVEST_FIRST = (Weight.CONTRADICTION, Weight.NOTICE, Weight.INFO)
_STATUS_WORDS = {
    IntegrityStatus.CONSISTENT: "Integrity: CONSISTENT ({run} of {total} tests could run)",
    IntegrityStatus.ANOMALIES: "Integrity: ANOMALIES ({count})",
    IntegrityStatus.CANNOT_ASSESS: "Integrity: CANNOT ASSESS",
}
_PROOF_WORDS = {
    IntegrityStatus.CONSISTENT: "That proves nothing: an edit that fits everywhere is not seen.",
    IntegrityStatus.ANOMALIES: "{run} of {total} tests could run; how it came about, no test tells.",
    IntegrityStatus.CANNOT_ASSESS: "The log does not record what the tests need.",
}


@dataclass(frozen=True, slots=True)
class StatementTold:
    """One statement in words; `kind` says how much it matters, `test` is its title, `reference` its id
    in docs/integrity.md and JSON, `where` its first place in the file."""

    severity: Weight
    kind: str
    test: str
    reference: str
    observed: str
    expected: str
    threshold: str
    where: str
    innocent: str

    def sentence(self, say: Words) -> str:
        """Return what was observed, where, and what may have made it so, in a paragraph."""
        text = say("{test}: {observed} ({where})", test=self.test, observed=self.observed, where=self.where)
        if not self.innocent:
            return say.sentence(text)
        return say.sentence(text + say.between + say("without any edit: {causes}", causes=self.innocent))


@dataclass(frozen=True, slots=True)
class IntegrityTold:
    """The status as one line, what it proves, what such tests can show, and the statements, the gravest first."""

    status: str
    proof: str
    limits: str
    statements: tuple[StatementTold, ...]

    @classmethod
    def of(cls, found: Integrity | None, say: Words, where: Callable[[Statement], str]) -> IntegrityTold:
        """Word what was found; `where` words the place of a statement. What was not tested cannot be assessed."""
        found = found or Integrity()
        unusual = [each for each in found.statements if each.severity is not Weight.INFO]
        counts = {"run": len(found.run), "total": len(found.total), "count": len(unusual)}
        ordered = sorted(found.statements, key=lambda each: _GRAVEST_FIRST.index(each.severity))
        return cls(
            say(_STATUS_WORDS[found.status], **counts),
            say(_PROOF_WORDS[found.status], **counts),
            say(
                "The log is tested against itself. It can only be shown inconsistent: consistency proves nothing, and "
                "an inconsistency does not tell its cause."
            ),
            tuple(_told(each, say, where) for each in ordered),
        )

    @property
    def unusual(self) -> tuple[StatementTold, ...]:
        """Return the statements but those for information."""
        return tuple(each for each in self.statements if each.severity is not Weight.INFO)


def _told(statement: Statement, say: Words, where: Callable[[Statement], str]) -> StatementTold:
    title = _titles().get(statement.id, "")
    return StatementTold(
        severity=statement.severity,
        kind=weight_words(statement.severity, say),
        test=say(title) if title else statement.id,
        reference=statement.id,
        observed=plain(say.told(statement.observed), _LONGEST),
        expected=plain(say.told(statement.expected), _LONGEST),
        threshold=plain(say.told(statement.threshold), _LONGEST),
        where=where(statement),
        innocent=plain(say.between.join(map(say.told, statement.innocent)), _LONGEST),
    )


@cache
def _titles() -> dict[str, str]:
    from dronecheck.evidence.consistency import TESTS  # loaded with the reader of a log; not for a stored one

    return {test.id: test.title for test in TESTS}
