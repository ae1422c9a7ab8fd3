"""One zone against one path: visits between floor and ceiling while it was in force, and how near it came else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.airspace.zone import Effect, Zone
from dronecheck.arrays import Floats
from dronecheck.geo.types import Interval
from dronecheck.geofence.activation.periods import always_active
from dronecheck.geofence.activation.visits import Times, approach_while_active, judge_while_active, times_of
from dronecheck.geofence.altitude.limits import Vertical, vertical_of
from dronecheck.geofence.ambiguity import combine_alternatives
from dronecheck.geofence.answers import breakeven
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import CheckContext
from dronecheck.geofence.questions.make_findings import approach_finding, gap_finding, visit_finding
from dronecheck.geofence.questions.zones.outline import outline_of, readings_of
from dronecheck.geofence.result import Finding, FindingKind, Nearest, Reason, Verdict, ZoneAnswer, ZoneRef
from dronecheck.geofence.trajectory.distance_profile import trace_until_seen
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.visits import (
    Visit,
    closest_approach,
    decide_visit,
    gap_reaching,
    undecided_by,
    visit_of,
    visits,
)

__all__ = ["judge_zone", "zone_reference"]

_KIND = FindingKind.ZONE_ENTRY


def zone_reference(zone: Zone) -> ZoneRef:
    """Return how findings name a zone."""
    return ZoneRef(zone.id, zone.name, zone.kind.value, zone.source.name)


def judge_zone(zone: Zone, context: CheckContext, reach_m: float) -> ZoneAnswer:
    """Return a zone's findings, its closest approach, and the number of visits while it was not in force.

    There is a closest approach where no alternative finds more.
    """
    first, others = readings_of(zone)
    test = _ZoneTest(first, context, reach_m)
    findings, nearest = test.run()
    for reading, doubt in others:
        found, near = _ZoneTest(reading, context, reach_m).run()
        findings = combine_alternatives(findings, found, doubt)
        nearest = [min(*nearest, *near, key=lambda n: n.distance_m)] if nearest and near else []
    return findings, nearest, test.idle


class _ZoneTest:
    """One zone against one path."""

    def __init__(self, zone: Zone, context: CheckContext, reach_m: float) -> None:
        self.zone, self.trajectory, self.altitudes = zone, context.trajectory, context.altitudes
        self.utc_known = context.utc_is_stated
        self.idle = 0  # visits while the zone was not in force
        self.reference = zone_reference(zone)
        profile = trace_until_seen(self.trajectory, outline_of(zone), zone.edge, reach_m)
        accuracy_m = zone.accuracy_m
        self.distance = RegionDistance(profile, lambda foot: (np.full(len(foot), accuracy_m), np.zeros(len(foot))))

    def run(self) -> tuple[list[Finding], list[Nearest]]:
        """Return this zone's findings and closest approach."""
        all_visits, nearest = visits(self.distance), list[Nearest]()
        if self.zone.doubt or always_active(self.zone):  # a zone in doubt is open whatever its times say
            if not all_visits:
                return self._outside(self.distance, None, nearest), nearest
            vertical = vertical_of(self.zone, self.altitudes)
            return [finding for visit in all_visits for finding in self._judge(visit, vertical, nearest)], nearest
        return self._in_force(all_visits, nearest), nearest

    def _in_force(self, all_visits: list[Visit], nearest: list[Nearest]) -> list[Finding]:
        """Cut visits to the times in force; say how near it came at other such times.

        Counts the visits at no such time.
        """
        findings: list[Finding] = []
        vertical = vertical_of(self.zone, self.altitudes)
        for visit in all_visits:
            times = self._times(*self.trajectory.whole_gaps([(visit.begin, visit.end)])[0])
            self.distance = self.distance.with_profile(self.distance.profile.with_rows(_cuts(visit, times)))
            findings += judge_while_active(
                visit, times, self.distance, lambda part: self._judge(part, vertical, nearest)
            )
            self.idle += not len(times.rows(times.periods.possible))
        profile = self.distance.profile
        if not len(profile.row):
            return findings
        closest = float(profile.row[int(np.argmin(profile.distance_m))])
        whole = (0.0, len(self.trajectory) - 1.0)
        times = self._times(*whole, closest)
        parts = self.trajectory.whole_gaps(times.rows(times.periods.possible))
        if not all_visits and parts == [whole]:
            return [approach_while_active(f, times) for f in self._outside(self.distance, None, nearest)]
        if not all_visits:
            self._outside(self.distance, None, nearest)
        for part in parts:
            if not any(visit.begin <= part[1] and visit.end >= part[0] for visit in all_visits):
                near = self._outside(self.distance.with_profile(profile.cut(*part)), part, [])
                findings += [approach_while_active(finding, times) for finding in near]
        return findings

    def _times(self, begin: float, end: float, at: float | None = None) -> Times:
        return times_of(self.zone, self.trajectory, begin, end, self.utc_known, at)

    def _outside(self, distance: RegionDistance, within: Interval | None, nearest: list[Nearest]) -> list[Finding]:
        near = closest_approach(distance)
        if near is None:
            return []
        nearest.append(Nearest(self.reference, near.distance_m, near.decisive.time_ns, near.decisive.place,
                               near.decisive.band_m))  # fmt: skip
        gap = None if near.within else gap_reaching(self.distance, within=within)
        if near.within is not None:
            inside = gap_reaching(self.distance, with_band=False, within=within)
            finding = approach_finding(
                _KIND, undecided_by(near.decisive), self.reference, near, self.trajectory, inside
            )
        elif gap is not None:
            finding = gap_finding(_KIND, self.reference, *gap, near, self.trajectory)
        else:
            return []
        # Too high or too low all the while: then how near it came on the map cannot matter.
        vertical = vertical_of(self.zone, self.altitudes)
        beyond = vertical.ratio_at(vertical.probes(*finding.rows[0])) >= 1
        return [self._graded(finding)] if self.zone.doubt or not beyond.all() else []

    def _judge(self, visit: Visit, vertical: Vertical, nearest: list[Nearest]) -> list[Finding]:
        """Judge a horizontal visit, cut to the intervals between floor and ceiling."""
        if self.zone.doubt:  # its limits may be what cannot be right
            return [self._graded(self._finding(visit, Verdict.INCONCLUSIVE, ()))]
        rows = vertical.probes(visit.begin, visit.end)
        signed, ratio = vertical.signed_at(rows), vertical.ratio_at(rows)
        if np.all(ratio >= 1):
            lowest = int(np.argmin(signed))
            row = float(rows[lowest])
            nearest.append(Nearest(self.reference, float(signed[lowest]), self.trajectory.time_ns_at(row),
                                   self.trajectory.place_at(row), vertical=True))  # fmt: skip
            return []
        cut = _cut(visit, vertical.inside(visit.begin, visit.end), vertical)
        distance = self._distance_for(cut, vertical)
        parts = [self._within(part, vertical, distance, visit) for part in cut]
        unknown = vertical.unknown(rows)
        if unknown and not any(part.verdict is Verdict.VIOLATION for part in parts):
            return [self._graded(finding) for finding in self._undecided(visit, vertical, unknown)]
        if not parts:
            reasons = (Reason.NOT_ENTERED_ON_THE_LINE, Reason.VERTICAL_MARGIN_WITHIN_ERROR)
            nearest_row = rows[[int(np.nanargmin(signed))]]
            clause = _vertical_margin(vertical, nearest_row)
            return [self._graded(_with_clauses(self._finding(visit, Verdict.INCONCLUSIVE, reasons), clause))]
        rest = [Clause(ClauseCode.HEIGHT_UNKNOWN_IN_PARTS)] if unknown else []
        return [self._graded(_with_clauses(part, *rest)) for part in parts]

    def _undecided(self, visit: Visit, vertical: Vertical, unknown: tuple[Reason, ...]) -> list[Finding]:
        """Judge a visit whose height is not known well enough: those of its parts where it may have been inside."""
        cut = _cut(visit, vertical.possible(visit.begin, visit.end), vertical)
        if len(cut) == 1 and (cut[0][0][0], cut[0][-1][1]) == (visit.begin, visit.end):
            finding = self._finding(visit, Verdict.INCONCLUSIVE, unknown)
            return [_with_clauses(finding, *self._cure(visit, unknown))]
        distance, found = self._distance_for(cut, vertical), []
        for stretches in cut:
            part = visit_of(distance, stretches)
            rows = np.concatenate([vertical.probes(*stretch) for stretch in stretches])
            reasons = vertical.unknown(rows) or (Reason.VERTICAL_MARGIN_WITHIN_ERROR,)
            finding = self._ended(self._finding(part, Verdict.INCONCLUSIVE, reasons), part, vertical, visit)
            found.append(_with_clauses(finding, *self._cure(part, reasons)))
        return found

    def _ended(self, finding: Finding, part: Visit, vertical: Vertical, visit: Visit) -> Finding:
        """Return the finding with what is known of its ends where they are no crossings of the outline.

        These are ends of a limit, or of ignorance: an end where the height ceases to be known is an instant without a
        sigma, for nothing was crossed there.
        """
        outlines = {row for stretch in visit.stretches for row in stretch}
        enter_s, exit_s = (vertical.crossing_sigma_s(row) for row in (part.begin, part.end))
        if part.enter and (enter_s is not None or part.begin not in outlines):
            place_m = self.trajectory.place_sigma_m(part.begin, enter_s)
            finding = replace(finding, enter_sigma_s=self._with_clock(enter_s), entry_sigma_m=place_m)
        if part.exit and (exit_s is not None or part.end not in outlines):
            place_m = self.trajectory.place_sigma_m(part.end, exit_s)
            finding = replace(finding, exit_sigma_s=self._with_clock(exit_s), exit_sigma_m=place_m)
        return finding

    def _with_clock(self, sigma_s: float | None) -> float | None:
        return None if sigma_s is None else float(np.hypot(sigma_s, self.trajectory.clock_sigma_s))

    def _cure(self, visit: Visit, unknown: tuple[Reason, ...]) -> tuple[Clause, ...]:
        """Say what would settle a visit whose height is not known."""
        if Reason.NO_TERRAIN in unknown:
            inside = visit.decisive.is_inside
            return breakeven.terrain(self.zone, self.altitudes, visit.stretches, is_inside=inside)
        at_takeoff = breakeven.takeoff_height(self.zone, self.altitudes, visit.stretches)
        if at_takeoff or Reason.VERTICAL_FRAME_UNKNOWN not in unknown:
            return at_takeoff
        narrower = breakeven.pressure(self.zone, self.altitudes)
        return (narrower,) if narrower else ()

    def _distance_for(self, cut: list[tuple[Interval, ...]], vertical: Vertical) -> RegionDistance:
        """Return the distance with samples where height could decide; the map has them where the outline is near."""
        profile = self.distance.profile
        if vertical.is_unlimited or not cut:
            return self.distance
        begin, end = cut[0][0][0], cut[-1][-1][1]
        profile = profile.with_fixes((profile.row[:-1] <= end) & (profile.row[1:] >= begin))
        best = [float(r[np.argmin(vertical.ratio_at(r))]) for part in cut
                for r in [np.concatenate([vertical.probes(*stretch) for stretch in part])]]  # fmt: skip
        measured = [profile.measure(row) for row in best]
        row = np.concatenate([profile.row, best])
        order = np.argsort(row, kind="stable")
        signed_m = np.concatenate([profile.distance_m, [at_m for _, at_m, _ in measured]])
        foot = np.concatenate([profile.boundary_deg, [foot for _, _, foot in measured]])
        dense = replace(profile, row=row[order], distance_m=signed_m[order], boundary_deg=foot[order])
        return self.distance.with_profile(dense)

    def _within(
        self, stretches: tuple[Interval, ...], vertical: Vertical, distance: RegionDistance, visit: Visit
    ) -> Finding:
        ratio = None if vertical.is_unlimited else vertical.ratio_at(distance.profile.row)
        part = visit_of(distance, stretches, ratio)
        verdict, reasons = decide_visit(part, self.trajectory)
        at_decisive = float(vertical.ratio_at(np.array([part.decisive.row]))[0])
        more: tuple[Clause, ...] = ()
        if verdict is Verdict.VIOLATION and at_decisive > -1:
            verdict, reasons = Verdict.INCONCLUSIVE, (Reason.VERTICAL_MARGIN_WITHIN_ERROR,)
            more = (_vertical_margin(vertical, np.array([part.decisive.row])),)
        finding = self._finding(part, verdict, reasons)
        return _with_clauses(self._ended(finding, part, vertical, visit), *more)

    def _finding(self, visit: Visit, verdict: Verdict, reasons: tuple[Reason, ...]) -> Finding:
        return visit_finding(_KIND, verdict, reasons, self.reference, visit, self.trajectory)

    def _graded(self, finding: Finding) -> Finding:
        """Return a finding with what the zone's effect and doubts about it do to the verdict."""
        if self.zone.effect in (Effect.CONDITIONAL, Effect.INFORMATION):
            return replace(finding, verdict=Verdict.CLEAR, reasons=(Reason.CONDITIONAL_ZONE, *finding.reasons))
        if self.zone.doubt and finding.verdict is not Verdict.CLEAR:
            reasons = (Reason.ZONE_UNREADABLE, *finding.reasons)
            return replace(finding, verdict=Verdict.INCONCLUSIVE, reasons=reasons)
        return finding


def _vertical_margin(vertical: Vertical, row: Floats) -> Clause:
    """Say which height error would decide at one row."""
    signed_m, sigma_m = float(vertical.signed_at(row)[0]), float(vertical.sigma_at(row)[0])
    return breakeven.vertical_margin(signed_m, sigma_m, vertical.band_sigmas)


def _fixes(begin: float, end: float) -> Floats:
    """Return the fixes from one fractional row to another."""
    return np.arange(np.ceil(begin), np.floor(end) + 1)


def _cuts(visit: Visit, times: Times) -> Floats:
    """Return where samples are wanted: at every change of the zone's state in a visit, and then at all of its fixes."""
    edges = np.array([row for row in times.edges if visit.begin < row < visit.end])
    return np.concatenate([edges, _fixes(visit.begin, visit.end)]) if len(edges) else edges


def _with_clauses(finding: Finding, *clauses: Clause) -> Finding:
    return replace(finding, clauses=(*finding.clauses, *clauses)) if clauses else finding


def _cut(visit: Visit, inside: list[Interval], vertical: Vertical) -> list[tuple[Interval, ...]]:
    """Cut a visit's intervals to heights inside; an excursion within the height's error does not end a part."""
    parts: list[list[Interval]] = []
    for begin, end in inside:
        pieces = visit.within(begin, end)
        if not pieces:
            continue
        if parts:
            between = vertical.ratio_at(vertical.probes(parts[-1][-1][1], pieces[0][0]))
            if bool(np.all(between < 1)):
                parts[-1] += pieces
                continue
        parts.append(list(pieces))
    return [tuple(part) for part in parts]
