"""A zone's times along a path: visits cut to when it was in force, and what stays open because times are not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dronecheck.airspace.zone import Zone
from dronecheck.geo.intervals import Intervals, intersection, join, subtraction, union
from dronecheck.geo.types import Interval
from dronecheck.geofence.activation.periods import ActivePeriods, active_periods_of
from dronecheck.geofence.answers import breakeven
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import Finding, Reason, Verdict
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import Visit, visit_of
from dronecheck.safe.io import plain

__all__ = ["Times", "approach_while_active", "judge_while_active", "opened", "times_of"]

Judge = Callable[[Visit], list[Finding]]

_AROUND_NS = 13 * 3_600_000_000_000  # beyond a visit, so that the nearest change of the zone's state is in sight
_MOST_PARTS = 12  # a visit with more intervals in force than this stays one finding


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """When a zone is active around one interval of a path: UTC nanoseconds, the interval in fractional rows."""

    trajectory: Trajectory
    begin: float
    end: float
    periods: ActivePeriods
    band_s: float  # of the log's clock

    def rows(self, times: Intervals) -> list[Interval]:
        """Return the parts of the visit's rows at these times."""
        begin_ns, end_ns = self.trajectory.time_ns_at(self.begin), self.trajectory.time_ns_at(self.end)
        met = times[(times[:, 0] <= end_ns) & (times[:, 1] > begin_ns)]
        found = []
        for from_ns, to_ns in met.tolist():
            first = self.begin if from_ns <= begin_ns else self.trajectory.row_at(from_ns)
            last = self.end if to_ns > end_ns else self.trajectory.row_at(to_ns)
            if last > first or self.begin == self.end:
                found.append((max(first, self.begin), min(last, self.end)))
        return found

    @property
    def edges(self) -> list[float]:
        """Return the rows at which something may begin or end."""
        kinds = (self.periods.active, self.periods.certain, self.periods.unknown, self.periods.possible)
        return [row for kind in kinds for stretch in self.rows(kind) for row in stretch]


def times_of(
    zone: Zone, trajectory: Trajectory, begin: float, end: float, utc_known: bool, at: float | None = None
) -> Times:
    """Return the times at which a zone is active while a path goes from row `begin` to row `end`.

    The sun is that of the aircraft's place at row `at` (None: the middle).
    """
    band_s = trajectory.thresholds.band_sigmas * trajectory.clock_sigma_s
    begin_ns, end_ns = trajectory.time_ns_at(begin) - _AROUND_NS, trajectory.time_ns_at(end) + _AROUND_NS
    if utc_known and trajectory.is_timed_between(begin, end):
        around_ns = round(min(band_s, 1e8) * 1e9)
        periods = active_periods_of(
            zone,
            trajectory.place_at((begin + end) / 2 if at is None else at),
            begin_ns - around_ns,
            end_ns + around_ns,
            band_s,
        )
        return Times(trajectory, begin, end, periods, band_s)
    # Without UTC a zone that is ever in force may be so now; that its times are not in the file is told first.
    whole, nothing = union([[begin_ns, end_ns]]), union()
    unknown = whole if zone.schedule.spans or zone.schedule.unknown else nothing
    why = "" if zone.schedule.spans else str(zone.schedule.unknown)
    return Times(trajectory, begin, end, ActivePeriods(nothing, nothing, unknown, unknown, why), band_s)


def judge_while_active(visit: Visit, times: Times, distance: RegionDistance, judge: Judge) -> list[Finding]:
    """Return the findings of a visit, cut to when the zone was in force; none where it certainly was not.

    `distance` has samples at all of `times.edges`, and at every fix of the visit where it is cut.
    """
    periods = times.periods
    findings: list[Finding] = []
    for part in _cut(visit, times.rows(periods.active), distance):
        findings += [_settled(_with_changes(f, part, visit, times), part, times, distance, judge)
                     for f in judge(part)]  # fmt: skip
    for part in _cut(visit, times.rows(periods.unknown), distance):
        findings += [opened(finding, _times_unknown(periods)) for finding in judge(part)]
    if findings:
        return findings
    near = _cut(
        visit, times.rows(subtraction(subtraction(periods.possible, periods.active), periods.unknown)), distance
    )
    for part in near:
        findings += [opened(finding, _entered_if(visit.begin, visit.end, times)) for finding in judge(part)]
    seen = _cut(visit, times.rows(periods.possible), distance)
    if times.rows(periods.possible) and not seen:  # in force during a gap in which it left, at an instant nobody knows
        for finding in judge(visit):
            open_ = opened(finding, Clause(ClauseCode.IN_FORCE_IN_GAP))
            findings.append(replace(open_, reasons=tuple(dict.fromkeys((*open_.reasons, Reason.SAMPLING_GAP)))))
    return findings


def approach_while_active(finding: Finding, times: Times) -> Finding:
    """Return an approach or a gap while the zone may have been in force.

    It is open for the zone's times, too, where the zone never surely was.
    """
    begin, end = finding.rows[0]
    if any(a <= end and b >= begin for a, b in times.rows(times.periods.active)):
        return finding
    if any(a <= end and b >= begin for a, b in times.rows(times.periods.unknown)):
        return opened(finding, _times_unknown(times.periods))
    return opened(finding, _entered_if(begin, end, times))


def _times_unknown(periods: ActivePeriods) -> Clause:
    return breakeven.times_unknown(plain(periods.why, 80))


def opened(finding: Finding, clause: Clause | None) -> Finding:
    """Return the same finding, open because the zone's times are.

    One that does not reach the verdict stays as it is.
    """
    if finding.verdict is Verdict.CLEAR:
        return finding
    reasons = tuple(dict.fromkeys((Reason.ZONE_TIME_UNKNOWN, *finding.reasons)))
    clauses = (*finding.clauses, *([clause] if clause else []))
    return replace(finding, verdict=Verdict.INCONCLUSIVE, reasons=reasons, clauses=clauses)


def _cut(visit: Visit, rows: list[Interval], distance: RegionDistance) -> list[Visit]:
    """Cut a visit to these intervals of rows, each a visit of its own."""
    parts = [pieces for begin, end in rows if (pieces := visit.within(begin, end))]
    if parts == [visit.stretches]:
        return [visit]
    if len(parts) > _MOST_PARTS:
        parts = [tuple(join([stretch for part in parts for stretch in part]))]
    return [visit_of(distance, part) for part in parts]


def _settled(finding: Finding, part: Visit, times: Times, distance: RegionDistance, judge: Judge) -> Finding:
    """Return a finding in times when the zone was in force.

    It is still open where the clock's error could take it out of them.
    """
    if _holds(times.periods.certain, finding.deepest_ns):
        return finding
    firm_parts = times.rows(times.periods.certain) if finding.verdict is Verdict.VIOLATION else []
    for certain in _cut(part, firm_parts, distance):
        for firm in judge(certain):
            if firm.verdict is Verdict.VIOLATION:
                return replace(
                    finding, margin_m=firm.margin_m, sigma_m=firm.sigma_m, band_m=firm.band_m,
                    probability=firm.probability, deepest_ns=firm.deepest_ns, deepest=firm.deepest,
                )  # fmt: skip
    return opened(finding, _clear_if(part.begin, part.end, times))


def _holds(times: Intervals, moment_ns: int | None) -> bool:
    return moment_ns is not None and bool(((times[:, 0] <= moment_ns) & (times[:, 1] > moment_ns)).any())


def _with_changes(finding: Finding, part: Visit, visit: Visit, times: Times) -> Finding:
    """Return a finding with the changes of the zone's state while inside, each with the sigma of that instant."""
    notes: list[Clause] = []
    if finding.rows and finding.rows[0][0] == part.begin > visit.begin and finding.enter_ns is not None:
        sigma_s = _change_sigma_s(finding.enter_ns, 0, times)
        place_m = times.trajectory.place_sigma_m(part.begin, sigma_s)
        finding = replace(finding, enter_sigma_s=sigma_s, entry_sigma_m=place_m)
        notes.append(Clause(ClauseCode.CAME_INTO_FORCE))
    if finding.rows and finding.rows[-1][1] == part.end < visit.end and finding.exit_ns is not None:
        sigma_s = _change_sigma_s(finding.exit_ns, 1, times)
        place_m = times.trajectory.place_sigma_m(part.end, sigma_s)
        finding = replace(finding, exit_sigma_s=sigma_s, exit_sigma_m=place_m)
        notes.append(Clause(ClauseCode.CEASED_TO_BE_IN_FORCE))
    return replace(finding, clauses=(*finding.clauses, *notes))


def _change_sigma_s(moment_ns: int, side: int, times: Times) -> float:
    """Return the sigma (s) of the instant at which a zone comes into force (side 0) or ceases to be."""
    return _change_band_s(moment_ns, side, times) / times.trajectory.thresholds.band_sigmas


def _change_band_s(moment_ns: int, side: int, times: Times) -> float:
    """Return the uncertainty (s) of an activation change against the log's times: the clock's and the solar event's."""
    edges = np.concatenate([times.periods.possible[:, side], times.periods.certain[:, side]])
    apart_s = np.abs(edges - moment_ns).min() / 1e9 if len(edges) else 0.0
    return float(max(apart_s, times.band_s))


def _clear_if(first: float, last: float, times: Times) -> Clause | None:
    """Return the least error of the clock that takes an interval of rows out of the times in force."""
    begin, end = times.trajectory.time_ns_at(first), times.trajectory.time_ns_at(last)
    active = times.periods.active
    for shift, edge, side in _shifts(active, begin, end)[: 2 * _MOST_PARTS]:
        if not len(intersection(active, union([[begin + shift, end + shift]]))):
            return breakeven.clock("clear", shift / 1e9, _change_band_s(edge, side, times), times.band_s)
    return None


def _entered_if(first: float, last: float, times: Times) -> Clause | None:
    """Return the least error of the clock that brings an interval of rows into times in force.

    These are the times when the zone was, or may have been, in force.
    """
    begin, end = times.trajectory.time_ns_at(first), times.trajectory.time_ns_at(last)
    told = union(times.periods.active, times.periods.unknown)
    for shift, edge, side in _shifts(told, begin, end)[:1]:
        return breakeven.clock("in_force", shift / 1e9, _change_band_s(edge, side, times), times.band_s)
    return None


def _shifts(stretches: Intervals, begin_ns: int, end_ns: int) -> list[tuple[int, int, int]]:
    """Return what to add to an interval of time to end where one of these begins (side 0), or begin where it ends (1).

    Least first, with the edge and its side.
    """
    starts = [(edge - end_ns, edge, 0) for edge in stretches[:, 0].tolist()]
    ends = [(edge - begin_ns, edge, 1) for edge in stretches[:, 1].tolist()]
    return sorted([*starts, *ends], key=lambda shift: abs(shift[0]))
