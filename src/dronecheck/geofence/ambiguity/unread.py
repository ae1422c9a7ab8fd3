"""Positions that stand in a log and could not be read: where they could change an answer, it is not clear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.flight import Flight
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.result import Check, Reason, Result, Topic, Verdict, worst

__all__ = ["with_unread"]

_FASTEST_MPS, _MARGIN = 30.0, 1.3  # as for what was flown before a record began
_KIND = "border"
_LOOKED = (ClauseCode.NO_BORDER_WITHIN, ClauseCode.NO_TERRITORY_WITHIN)


def with_unread(result: Result, flight: Flight) -> Result:
    """Return what the positions that were read say, open where those of `flight.unread_s` could have said otherwise.

    A border stays uncrossed where it was looked, and none found, as far as could be flown in that time; zones and
    heights are open.
    """
    speed = flight.track.speed_mps
    fastest_mps = max(_FASTEST_MPS, float(np.nanmax(speed)) if np.isfinite(speed).any() else 0.0)
    reach_m = flight.unread_s * fastest_mps * _MARGIN
    is_far = reach_m < _free_m(result)

    def opened(check: Check) -> Check:
        if check.verdict is not Verdict.CLEAR or (check.question is Topic.BORDER and is_far):
            return check
        return replace(check, verdict=Verdict.INCONCLUSIVE, reasons=(Reason.POSITIONS_UNREAD,))

    checks = tuple(map(opened, result.checks))
    verdict = worst([check.verdict for check in checks if check.verdict])
    by_rules = result.by_rules.opened(Reason.POSITIONS_UNREAD)
    return replace(result, flight=flight, checks=checks, verdict=verdict, by_rules=by_rules)


def _free_m(result: Result) -> float:
    """Return how far around there is no other territory (m): to the nearest that is named, else as far as was looked.

    Near a pole, or with an answer that says no distance, nothing was looked for.
    """
    near_m = [near.distance_m for near in result.nearest if near.zone.kind == _KIND]
    looked = (c.values["distance_m"] for c in result.check_of(Topic.BORDER).clauses if c.code in _LOOKED)
    looked_m = [float(distance_m) for distance_m in looked if isinstance(distance_m, float)]
    return min(near_m) if near_m else max(looked_m, default=0.0)
