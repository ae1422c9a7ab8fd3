"""From visits and approaches to findings: numbers and clauses."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from dronecheck.flight import Track
from dronecheck.geofence.answers import breakeven
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import Evidence, Finding, FindingKind, Place, Reason, Verdict, ZoneRef
from dronecheck.geofence.trajectory.region_distance import DecisiveInstant
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import ClosestApproach, Visit

__all__ = ["approach_finding", "evidence", "gap_finding", "visit_finding"]


_IN_THE_ERRORS = {Reason.MARGIN_WITHIN_ERROR, Reason.BORDER_DATA_TOO_COARSE}


def evidence(trajectory: Trajectory, rows: list[float]) -> tuple[Evidence, ...]:
    """Return the fixes beside fractional rows, each once, in order."""
    wanted = sorted({side for row in rows for side in (int(np.floor(row)), int(np.ceil(row)))})
    data: Track = trajectory.track
    return tuple(Evidence(trajectory.track_name, row, int(data.offset[row]), data.message) for row in wanted)


def visit_finding(
    kind: FindingKind,
    verdict: Verdict,
    reasons: tuple[Reason, ...],
    zone: ZoneRef,
    visit: Visit,
    trajectory: Trajectory,
) -> Finding:
    """Return the finding of a visit inside a region."""
    moment = visit.decisive
    depth_m = visit.depth_m if np.isfinite(visit.depth_m) else None
    clauses = [
        Clause.of(ClauseCode.VISIT, depth_m=depth_m, duration_s=visit.duration_s, path_m=visit.path_m),
        Clause.of(ClauseCode.NEEDED_TO_DECIDE, band_m=moment.band_m),
    ]
    if Reason.SINGLE_FIX in reasons:
        clauses.append(breakeven.single_fix(trajectory))
    elif Reason.SAMPLING_GAP in reasons:
        clauses.append(breakeven.unseen(trajectory, moment.row))
    elif _IN_THE_ERRORS & set(reasons):
        clauses.append(breakeven.margin(moment))
    rows = [visit.begin, moment.row, visit.end]
    return Finding(
        kind=kind,
        verdict=verdict,
        zone=zone,
        reasons=reasons,
        clauses=tuple(clauses),
        enter_ns=visit.enter.time_ns if visit.enter else None,
        exit_ns=visit.exit.time_ns if visit.exit else None,
        enter_sigma_s=visit.enter.sigma_s if visit.enter else None,
        exit_sigma_s=visit.exit.sigma_s if visit.exit else None,
        entry=visit.enter.place if visit.enter else None,
        exit=visit.exit.place if visit.exit else None,
        entry_sigma_m=visit.enter.sigma_m if visit.enter else None,
        exit_sigma_m=visit.exit.sigma_m if visit.exit else None,
        duration_s=visit.duration_s,
        path_m=visit.path_m,
        depth_m=visit.depth_m,
        rows=visit.stretches,
        evidence=evidence(trajectory, rows),
        probability_upper=visit.probability_upper(),
        **_at(moment, trajectory, visit.begin, visit.end),
    )


def approach_finding(
    kind: FindingKind,
    reasons: tuple[Reason, ...],
    zone: ZoneRef,
    near: ClosestApproach,
    trajectory: Trajectory,
    gap: tuple[int, float] | None = None,
) -> Finding:
    """Return the finding of an approach that the errors do not let tell from an entry.

    Its times bound the interval inside the guard band.

    `gap` (first row, least way in metres) names a gap in which it could have entered all the same.
    """
    assert near.within is not None
    begin, end = near.within
    moment = near.decisive
    clauses = [
        Clause.of(ClauseCode.APPROACH, distance_m=abs(moment.margin_m)),
        Clause.of(ClauseCode.NEEDED_TO_DECIDE, band_m=moment.band_m),
        breakeven.margin(moment),
    ]
    if gap is not None:
        reasons = (*reasons, Reason.SAMPLING_GAP)
        clauses += breakeven.gap(trajectory, *gap)
        begin, end = min(begin, float(gap[0])), max(end, float(gap[0] + 1))
    enter_ns, exit_ns = (None if trajectory.is_end(row) else trajectory.time_ns_at(row) for row in (begin, end))
    return Finding(
        kind=kind,
        verdict=Verdict.INCONCLUSIVE,
        zone=zone,
        reasons=(Reason.NOT_ENTERED_ON_THE_LINE, *reasons),
        clauses=tuple(clauses),
        enter_ns=enter_ns,
        exit_ns=exit_ns,
        rows=((begin, end),),
        evidence=evidence(trajectory, [begin, moment.row, end]),
        probability_upper=near.probability_upper,
        **_at(moment, trajectory, begin, end),
    )


def gap_finding(
    kind: FindingKind, zone: ZoneRef, step: int, detour_m: float, near: ClosestApproach, trajectory: Trajectory
) -> Finding:
    """Return the finding of a gap between two fixes in which the aircraft could have entered and come back."""
    clauses = breakeven.gap(trajectory, step, detour_m)
    return Finding(
        kind=kind,
        verdict=Verdict.INCONCLUSIVE,
        zone=zone,
        reasons=(Reason.NOT_ENTERED_ON_THE_LINE, Reason.SAMPLING_GAP),
        clauses=tuple(clauses),
        enter_ns=trajectory.time_ns_at(float(step)),
        exit_ns=trajectory.time_ns_at(float(step + 1)),
        rows=((float(step), float(step + 1)),),
        evidence=evidence(trajectory, [float(step), float(step + 1)]),
        probability_upper=None,  # it has none: in the gap anything within the reach may have been
        **_at(near.decisive, trajectory, float(step), float(step + 1)),
    )


class _Numbers(TypedDict):
    margin_m: float
    sigma_m: float
    band_m: float
    probability: float
    deepest_ns: int
    deepest: Place
    alt_min_m: float | None
    alt_max_m: float | None


def _at(moment: DecisiveInstant, trajectory: Trajectory, begin: float, end: float) -> _Numbers:
    """Return the numbers of the decisive instant, and the height range from row `begin` to row `end`."""
    altitudes = trajectory.track.alt_amsl_m[int(np.floor(begin)) : int(np.ceil(end)) + 1]
    known = altitudes[np.isfinite(altitudes)]
    return {
        "margin_m": moment.margin_m,
        "sigma_m": moment.sigma_m,
        "band_m": moment.band_m,
        "probability": moment.probability,
        "deepest_ns": moment.time_ns,
        "deepest": moment.place,
        "alt_min_m": float(known.min()) if len(known) else None,
        "alt_max_m": float(known.max()) if len(known) else None,
    }
