"""One checked flight as reports take it, and how much of it a report may tell."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dronecheck.flight import Flight
from dronecheck.geofence.result import Result
from dronecheck.safe.io import Input, open_input

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.geofence.altitude.altitudes import TerrainHeights
    from dronecheck.report.privacy.homes import Homes
    from dronecheck.settings import CheckSetup

__all__ = ["Case", "Disclosure", "Exhibit", "answer"]


@dataclass(frozen=True, eq=False)
class Case:
    """A flight, the zones it was judged by (None: no zone file), the result, and the terrain if there is any.

    >>> import dronecheck
    >>> flight = dronecheck.read("samples/clear_dandong.csv")
    >>> dronecheck.Case(flight, None, dronecheck.check(flight)).result.verdict.value
    'CLEAR'
    """

    flight: Flight
    zones: ZoneSet | None
    result: Result
    terrain: TerrainHeights | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How much a report tells.

    `private` adds the log's folder, serial numbers and the controller's track; `hide_home_m` leaves out all places
    within so many metres of take-off, landing and home point, and those of `homes`, which other logs tell.

    >>> import dronecheck
    >>> dronecheck.Disclosure(hide_home_m=200.0).private
    False
    """

    private: bool = False
    hide_home_m: float | None = None
    homes: Homes | None = None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What a report says of itself where it is an exhibit: its name, who had it made, by what command; "" is unsaid."""

    name: str = ""
    analyst: str = ""
    command: str = ""


def answer(log: Path | str | Input, setup: CheckSetup) -> Case:
    """Read and judge one log: the whole case's answer, as the command line gives it.

    Raises UnreadableInput, UsageError.

    >>> import dronecheck
    >>> from dronecheck.settings import Options
    >>> case = dronecheck.answer("samples/founding_dandong_sinuiju.ulg", Options(max_height_m=100.0).setup())
    >>> case.result.verdict.value
    'VIOLATION'
    """
    source = log if isinstance(log, Input) else open_input(Path(log))
    return Case(*setup.judge(source), setup.ground)
