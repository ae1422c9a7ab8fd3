"""What tests of a log against itself found. A log can only be shown inconsistent: consistency proves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dronecheck.messages import Message

__all__ = ["Concern", "Integrity", "IntegrityStatus", "Statement", "Weight"]


class IntegrityStatus(StrEnum):
    """What all tests say together."""

    CONSISTENT = "CONSISTENT"
    ANOMALIES = "ANOMALIES"
    CANNOT_ASSESS = "CANNOT_ASSESS"  # too few tests could run on what this log records


class Weight(StrEnum):
    """How grave a statement is."""

    INFO = "INFO"  # a fact worth knowing, usual in honest logs
    NOTICE = "NOTICE"  # unusual, and honest logs do so now and then
    CONTRADICTION = "CONTRADICTION"  # what no honest log of this kind does


class Concern(StrEnum):
    """What a statement puts in doubt."""

    POSITION = "position"
    HEIGHT = "height"
    TIME = "time"
    IDENTITY = "identity"  # whether all records are of one aircraft and one recording: everything is in doubt
    FORM = "form"  # how the file is written; its figures may be right


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a test found: what was observed, what an honest log has, and where.

    `records` are the places of its first records in the file (as `Track.offset`), `spans` the stretches of the file
    that it touches, (first, last) offsets; none is the whole file. `tracks` are those whose figures it puts in doubt;
    none is all. `innocent` are causes without any edit.
    """

    id: str  # "KIN-1", a published id never changes its meaning
    severity: Weight
    concern: Concern
    observed: Message
    expected: Message
    threshold: Message
    innocent: tuple[Message, ...] = ()
    records: tuple[int, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    tracks: tuple[str, ...] = ()
    file: int | None = None  # of a flight joined of several: which of its sources


@dataclass(frozen=True, slots=True)
class Integrity:
    """What the tests found of one flight: `run` and `total` are ids of tests, those that apply to its format."""

    run: tuple[str, ...] = ()
    total: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()

    @property
    def status(self) -> IntegrityStatus:
        """Return what all tests say together."""
        if any(statement.severity is not Weight.INFO for statement in self.statements):
            return IntegrityStatus.ANOMALIES
        return IntegrityStatus.CONSISTENT if self.run else IntegrityStatus.CANNOT_ASSESS
