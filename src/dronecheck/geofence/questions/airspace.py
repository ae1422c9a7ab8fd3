"""The airspace question: which zones did the path enter, between floor and ceiling, while they were in force?"""

from __future__ import annotations

from dataclasses import dataclass

from dronecheck.airspace.zone import ZoneSet
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import Answer, CheckContext
from dronecheck.geofence.result import Check, Reason, Status, Topic

__all__ = ["AirspaceQuestion"]


@dataclass(frozen=True, slots=True)
class AirspaceQuestion:
    """Asked with the zones to judge by; None where no zone file was given."""

    zones: ZoneSet | None

    def ask(self, context: CheckContext) -> Answer:
        """Answer the airspace question; without zones it is not checked."""
        if self.zones is None:
            said = (Clause(ClauseCode.NO_ZONE_FILE),)
            return Answer(Check(Topic.AIRSPACE, Status.NOT_CHECKED, None, (Reason.NO_ZONE_FILE,), said))
        from dronecheck.geofence.questions.zones.judged import judge_zones  # GEOS, only where there are zones

        return judge_zones(self.zones, context)
