"""One checked flight as reports take it, and how much of it a report may tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dronecheck.flight import Flight
from dronecheck.geofence.result import Result

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.geofence.altitude.altitudes import TerrainHeights

__all__ = ["Case", "Disclosure"]


@dataclass(frozen=True, eq=False)
class Case:
    """A flight, the zones it was judged by (None: no zone file), the result, and the terrain if there is any."""

    flight: Flight
    zones: ZoneSet | None
    result: Result
    terrain: TerrainHeights | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How much a report tells.

    `private` adds the log's folder, serial numbers and the controller's track; `hide_home_m` leaves out all places
    within so many metres of the take-off.
    """

    private: bool = False
    hide_home_m: float | None = None
