"""What a reader notes while it reads a log: issues, and the facts that decide how far the log may be believed."""

from __future__ import annotations

from dataclasses import dataclass, field

from dronecheck.flight import Completeness, Trust
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["Account"]


@dataclass(slots=True)
class Account:
    """Issues in the order in which they were found; what decides a verdict stands in fields of its own."""

    issues: list[Issue] = field(default_factory=list)
    completeness: Completeness = Completeness.COMPLETE
    is_simulated: bool = False
    ends_airborne: bool = False

    def note(self, code: Code, severity: Severity, text: Message, offset: int | None = None, count: int = 1) -> None:
        """Add an issue."""
        self.issues.append(Issue(code, severity, text, offset, count))

    @property
    def trust(self) -> Trust:
        """Return how far the log's own records may be believed."""
        return Trust(self.is_simulated)
