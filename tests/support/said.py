"""What a finding or a check says, in English as on a terminal."""

from __future__ import annotations

from dronecheck.report.text.words import TERMINAL, words


def said(told) -> str:
    """The clauses of a finding or a check as one sentence without its stop."""
    return words("en", TERMINAL).clauses(told.clauses)
