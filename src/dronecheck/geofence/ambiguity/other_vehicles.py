"""Several vehicles in one log: one is judged, and what the others did must not be CLEAR by being left out.

Each is checked alone by the same rules; where another's answer to a question is not CLEAR, that of the judged one is no
better than INCONCLUSIVE, `other_vehicle`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dronecheck.flight import Flight
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import Check, Reason, Result, Status, Verdict, worst

__all__ = ["with_other_vehicles"]


def with_other_vehicles(result: Result, others: Sequence[Result], flight: Flight) -> Result:
    """Return the answer for `flight`, which was judged without its `others`, in view of the answers for those."""
    checks = tuple(_check(check, others) for check in result.checks)
    asked = [c.verdict for c in checks if c.status is not Status.NOT_CHECKED and c.verdict is not None]
    verdict = worst([*asked, *(f.verdict for f in result.findings), result.verdict])
    return replace(result, verdict=verdict, checks=checks, flight=flight)


def _check(check: Check, others: Sequence[Result]) -> Check:
    if check.verdict is not Verdict.CLEAR:
        return check
    open_ = [other for other in others if other.check_of(check.question).verdict not in (Verdict.CLEAR, None)]
    if not open_:
        return check
    systems = tuple(str(other.flight.vehicle.system) for other in open_)
    said = Clause.of(ClauseCode.OTHER_VEHICLES_NEAR, systems=systems)
    return replace(check, verdict=Verdict.INCONCLUSIVE, reasons=(Reason.OTHER_VEHICLE,), clauses=(*check.clauses, said))
