"""What every question of a check is asked with, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dronecheck.borders.territories import Territory
from dronecheck.flight import Flight
from dronecheck.geofence.result import Check, Finding, Nearest, Reason, TerritoryVisit, Verdict, ZoneMemory, worst
from dronecheck.geofence.settings import Settings
from dronecheck.geofence.trajectory.takeoff import Takeoff
from dronecheck.geofence.trajectory.trajectory import Trajectory

if TYPE_CHECKING:
    from dronecheck.geofence.altitude.altitudes import Altitudes

__all__ = ["Answer", "CheckContext", "Known", "Question", "summarise"]


@dataclass(frozen=True, eq=False)
class CheckContext:
    """One alternative of a flight's data, prepared for the questions. `memory` keeps what is said of each zone."""

    flight: Flight
    trajectory: Trajectory
    altitudes: Altitudes
    settings: Settings
    takeoff: Takeoff | None
    memory: ZoneMemory | None = None
    touched: tuple[Territory, ...] = ()  # the answer to the border question, which is asked first

    @property
    def utc_is_stated(self) -> bool:
        """Tell whether zone times can be held against the log's: an assumed time zone may be hours off."""
        return self.flight.clock.utc_known and not self.flight.clock.is_assumed


@dataclass(frozen=True, slots=True)
class Answer:
    """A question's check with all that belongs to it. `home` is the home territory's ISO code, if known.

    `touched` are the territories that the path was in, or may have been in by its errors and gaps.
    """

    check: Check
    findings: tuple[Finding, ...] = ()
    nearest: tuple[Nearest, ...] = ()
    territories: tuple[TerritoryVisit, ...] = ()
    home: str | None = None
    touched: tuple[Territory, ...] = ()


class Question(Protocol):
    """What can be asked of a flight."""

    def ask(self, context: CheckContext) -> Answer:
        """Answer the question for one alternative of a flight's data."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """A question that was answered before, of the same flight by the same rules."""

    answer: Answer

    def ask(self, context: CheckContext) -> Answer:
        """Return what was said before."""
        return self.answer


def summarise(answers: Iterable[tuple[Verdict, tuple[Reason, ...]]]) -> tuple[Verdict, list[Reason]]:
    """Return the worst verdict (CLEAR of none) and the reasons of those that have it, each once."""
    told = list(answers)
    verdict = worst([one for one, _ in told])
    return verdict, list(dict.fromkeys(reason for one, reasons in told if one is verdict for reason in reasons))
