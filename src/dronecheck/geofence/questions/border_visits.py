"""Borders in reach: every territory is traced, judged and worded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.borders.territories import Territory
from dronecheck.geo.outline.edges import Edge
from dronecheck.geofence.authorisations import authorised
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import Answer, summarise
from dronecheck.geofence.questions.make_findings import approach_finding, gap_finding, visit_finding
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.questions.territory_relation import territory_reference, territory_relation, territory_visit
from dronecheck.geofence.result import (
    Check,
    Finding,
    FindingKind,
    Nearest,
    Reason,
    Status,
    TerritoryVisit,
    Topic,
    Verdict,
    ZoneRef,
)
from dronecheck.geofence.settings import Settings
from dronecheck.geofence.trajectory.distance_profile import trace, wider_pads_m
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.takeoff import Takeoff
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import (
    ClosestApproach,
    Visit,
    closest_approach,
    decide_visit,
    gap_reaching,
    undecided_by,
    visits,
)

__all__ = ["BorderJudge"]


class BorderJudge:
    """Tests every territory in reach and words what it finds. `home` is the home territory's code, if known."""

    def __init__(
        self, trajectory: Trajectory, land: NearbyTerritories, takeoff: Takeoff | None, settings: Settings
    ) -> None:
        self.trajectory, self.land, self.settings = trajectory, land, settings
        self.distances = self._traced(land)
        self.visits = {t: visits(distance) for t, distance in self.distances.items()}
        self.takeoff = takeoff
        self.home = settings.home or self._home_of(takeoff)
        self._approaches: dict[Territory, ClosestApproach | None] = {}
        self._wider: dict[tuple[Territory, float], list[Visit]] = {}
        self._found: list[tuple[float, Finding]] = []
        self.nearest: list[Nearest] = []

    def answer(self) -> Answer:
        """Judge every territory in reach, and sum up."""
        for territory in self.land.territories:
            self._look_at(territory)
        self._found = [
            (row, authorised(found, self.settings.authorisations, self.trajectory)) for row, found in self._found
        ]
        self._found.sort(key=lambda item: item[0])
        self.nearest.sort(key=lambda n: n.distance_m)
        findings = tuple(finding for _, finding in self._found)
        touched = tuple(territory for territory in self.land.territories if self._may_have_touched(territory))
        return Answer(self._check(findings), findings, tuple(self.nearest), self._stays(), self.home, touched)

    def _may_have_touched(self, territory: Territory) -> bool:
        if self.visits[territory] or territory == self._around:
            return True
        near = self._approach(territory)
        return near is not None and (near.within is not None or gap_reaching(self.distances[territory]) is not None)

    @property
    def visited(self) -> list[Territory]:
        """Return the territories that the path was in."""
        found = [territory for territory, visits_there in self.visits.items() if visits_there]
        return found or ([self._around] if self._around else [])

    @property
    def _around(self) -> Territory | None:
        """Return the territory around a path that has no outline in reach."""
        return self.land.at(0)

    def _traced(self, land: NearbyTerritories) -> dict[Territory, RegionDistance]:
        if land.is_shared_by_two:
            one, other = land.territories
            profile = trace(self.trajectory, land.outline(one), Edge.PLANAR, land.pad_m, both_sides=True)
            # A window holds a little more than is traced: where the one is out of sight, its mirror is as well.
            if len(profile.pieces) == len(self.trajectory.windows):
                return {
                    one: RegionDistance(profile, land.error_of(one)),
                    other: RegionDistance(profile.mirrored(), land.error_of(other)),
                }
        return {t: self._trace(land, t) for t in land.territories}

    def _trace(self, land: NearbyTerritories, territory: Territory) -> RegionDistance:
        profile = trace(self.trajectory, land.outline(territory), Edge.PLANAR, land.pad_m)
        return RegionDistance(profile, land.error_of(territory))

    def _home_of(self, takeoff: Takeoff | None) -> str | None:
        """Return the territory of the take-off; None when it lies so near another that the errors leave it open."""
        if takeoff is None:
            return None
        home = self.land.at(takeoff.row)
        if home is None or home.iso_a3 is None:
            return None
        k = self.settings.thresholds.band_sigmas
        gnss = float(self.trajectory.h_sigma_m[takeoff.row])
        for territory, distance in self.distances.items():
            if territory == home:
                continue
            _, signed_m, foot = distance.profile.measure(float(takeoff.row))
            if np.isfinite(foot).all():
                sigma, _ = distance.outline_error(foot[np.newaxis])
                if abs(signed_m) < k * np.hypot(gnss, sigma[0]):
                    return None
        return home.iso_a3

    def _look_at(self, territory: Territory) -> None:
        all_visits = self.visits[territory]
        zone = territory_reference(territory, self.settings)
        standing = territory_relation(territory, self.home, self.settings) if self.home else Reason.HOME_UNKNOWN
        if standing is Reason.HOME_TERRITORY:
            return
        if all_visits:
            if standing is Reason.HOME_UNKNOWN and self._alone(territory):
                return
            for visit in all_visits:
                self._add_visit(zone, self._with_depth(territory, visit), standing)
            return
        near = self._approach(territory)
        if near is None:
            return
        if standing in (None, Reason.HOME_UNKNOWN):
            self._add_approach(territory, zone, near, standing)
        if near.distance_m <= self.settings.thresholds.border_search_m:
            self.nearest.append(
                Nearest(zone, near.distance_m, near.decisive.time_ns, near.decisive.place, near.decisive.band_m)
            )

    def _approach(self, territory: Territory) -> ClosestApproach | None:
        if territory not in self._approaches:
            self._approaches[territory] = closest_approach(self.distances[territory])
        return self._approaches[territory]

    def _alone(self, territory: Territory) -> bool:
        return not any(found for other, found in self.visits.items() if other != territory)

    def _with_depth(self, territory: Territory, visit: Visit) -> Visit:
        """Return the same visit, seen in a window wide enough to hold the nearest border."""
        seen_m = self.land.pad_m
        for pad_m in wider_pads_m(seen_m):
            if visit.depth_m <= seen_m:
                break
            again = self._seen_wider(territory, pad_m)
            visit = next((v for v in again if v.begin <= visit.decisive.row <= v.end), visit)
            seen_m = pad_m
        return visit

    def _seen_wider(self, territory: Territory, pad_m: float) -> list[Visit]:
        if (territory, pad_m) not in self._wider:
            land = NearbyTerritories(self.trajectory, pad_m)
            self._wider[territory, pad_m] = visits(self._trace(land, territory))
        return self._wider[territory, pad_m]

    def _add_visit(self, zone: ZoneRef, visit: Visit, standing: Reason | None) -> None:
        verdict, reasons = decide_visit(visit, self.trajectory)
        if standing is not None:
            is_decided = verdict is Verdict.VIOLATION and standing is Reason.HOME_UNKNOWN
            verdict = Verdict.CLEAR if standing is Reason.ALLOWED else Verdict.INCONCLUSIVE
            reasons = (standing, *reasons) if is_decided else (standing,)
        finding = visit_finding(FindingKind.BORDER_CROSSING, verdict, reasons, zone, visit, self.trajectory)
        if standing is Reason.ALLOWED:
            finding = replace(finding, authorised_by=(zone.id,))
        self._found.append((visit.begin, finding))

    def _add_approach(
        self, territory: Territory, zone: ZoneRef, near: ClosestApproach, standing: Reason | None
    ) -> None:
        more = (standing,) if standing else ()
        distance = self.distances[territory]
        if near.within is not None:
            reasons = (*undecided_by(near.decisive), *more)
            gap = gap_reaching(distance, with_band=False)
            finding = approach_finding(FindingKind.BORDER_CROSSING, reasons, zone, near, self.trajectory, gap)
            self._found.append((finding.rows[0][0], finding))
            return
        gap = gap_reaching(distance)
        if gap is not None:
            finding = gap_finding(FindingKind.BORDER_CROSSING, zone, *gap, near, self.trajectory)
            self._found.append((float(gap[0]), finding))

    def _stays(self) -> tuple[TerritoryVisit, ...]:
        """Return all visits to all territories, home included, in order of time."""
        all_visits = sorted(
            ((visit, territory) for territory, found in self.visits.items() for visit in found),
            key=lambda item: (item[0].begin, item[0].end),
        )
        if not all_visits and self._around is not None:
            return (territory_visit(self._around, None, None, self.settings),)
        return tuple(
            territory_visit(t, v.enter.time_ns if v.enter else None, v.exit.time_ns if v.exit else None, self.settings)
            for v, t in all_visits
        )

    def end_distance_m(self) -> float | None:
        """Measure how far the nearest border was when the log ended; None without one in sight."""
        ends = [abs(each.profile.measure(len(self.trajectory) - 1.0)[1]) for each in self.distances.values()]
        return min((float(d) for d in ends if np.isfinite(d)), default=None)

    def _check(self, findings: tuple[Finding, ...]) -> Check:
        verdict, reasons = summarise((f.verdict, f.reasons) for f in findings)
        if not findings:
            near = any(n for n in self.nearest)
            reasons = [Reason.CLEAR_BEYOND_ERROR if near else Reason.NO_BORDER_IN_REACH]
        nearest_m = min((n.distance_m for n in self.nearest), default=self.settings.thresholds.border_search_m)
        touched = bool(findings) or self.trajectory.doubt_m >= nearest_m
        if self.trajectory.is_suspect and touched and verdict is not Verdict.VIOLATION:
            verdict, reasons = Verdict.INCONCLUSIVE, [*reasons, Reason.LOG_SUSPECT]
        return Check(Topic.BORDER, Status.CHECKED, verdict, tuple(reasons), (self._home_clause(verdict),))

    def _home_clause(self, verdict: Verdict) -> Clause:
        if self.settings.home:
            recorded = self._home_of(self.takeoff)
            if recorded is None or recorded == self.settings.home:
                return Clause.of(ClauseCode.HOME_GIVEN, home=self.settings.home)
            return Clause.of(ClauseCode.HOME_CONTRADICTED, home=self.settings.home, recorded=recorded)
        if verdict is Verdict.CLEAR and not self.home:
            return Clause(ClauseCode.HOME_DOES_NOT_MATTER)
        if self.home and self.takeoff:
            return Clause.of(ClauseCode.HOME_RECORDED, home=self.home, basis=self.takeoff.basis)
        return Clause(ClauseCode.HOME_ON_BORDER if self.takeoff else ClauseCode.HOME_NOT_RECORDED)
