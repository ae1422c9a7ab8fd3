"""What tests of a log against itself found. A log can only be shown inconsistent: consistency proves nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from dronecheck import messages
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

    @property
    def contradictions(self) -> tuple[Statement, ...]:
        """Return what no honest log of this kind does."""
        return tuple(each for each in self.statements if each.severity is Weight.CONTRADICTION)

    def in_file(self, file: int, tracks: dict[str, str]) -> Integrity:
        """Return the same of one of several files of a flight, whose tracks have other names there."""
        return replace(
            self,
            statements=tuple(
                replace(each, file=file, tracks=tuple(tracks.get(name, name) for name in each.tracks))
                for each in self.statements
            ),
        )

    def of_system(self, system: int | None) -> Integrity:
        """Return the same in words that name the vehicle, of a log with several."""
        return replace(
            self,
            statements=tuple(
                replace(each, observed=Message(messages.OF_SYSTEM, system=system, text=each.observed))
                for each in self.statements
            ),
        )

    @classmethod
    def together(cls, each: Iterable[Integrity | None]) -> Integrity | None:
        """Return what the tests found of several logs or vehicles; None where none was tested."""
        known = [one for one in each if one is not None]
        if not known:
            return None
        return cls(
            tuple(dict.fromkeys(test for one in known for test in one.run)),
            tuple(dict.fromkeys(test for one in known for test in one.total)),
            tuple(statement for one in known for statement in one.statements),
        )
