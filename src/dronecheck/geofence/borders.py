"""The border question: which territories did the path touch, and was each one home, allowed, or neither?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dronecheck.airspace.bundled import (
    Relation,
    Territory,
    TerritoryWindow,
    border_source,
    is_known,
    sovereign_of,
    territories_near,
)
from dronecheck.errors import UsageError
from dronecheck.geo.edges import Edge
from dronecheck.geo.region import Box
from dronecheck.geofence.encounter import (
    Approach,
    OutlineError,
    Visit,
    approach,
    decide_visit,
    gap_reaching,
    undecided_by,
    visits,
)
from dronecheck.geofence.findings import (
    Check,
    Finding,
    FindingKind,
    Nearest,
    Question,
    Reason,
    Rules,
    Status,
    TerritoryVisit,
    Verdict,
    ZoneRef,
    worst,
)
from dronecheck.geofence.narrate import approach_finding, gap_finding, visit_finding
from dronecheck.geofence.path import Path, Window
from dronecheck.geofence.profile import Outline, Profile, trace
from dronecheck.geofence.takeoff import Takeoff

__all__ = ["BorderAnswer", "Land", "check_borders", "reference"]

Floats = NDArray[np.float64]

_MARGIN_M = 1_000.0
_WIDER = 4.0
_FARTHEST_PAD_M = 300_000.0


@dataclass(frozen=True, slots=True)
class BorderAnswer:
    """The border check with all that belongs to it. `home` is the home territory's ISO code, if known."""

    check: Check
    findings: list[Finding]
    territories: list[TerritoryVisit]
    nearest: list[Nearest]
    home: str | None


class Land:
    """The territories in reach of a path, their outlines by window, and the error of those outlines."""

    def __init__(self, path: Path, pad_m: float) -> None:
        self.path = path
        self.pad_m = pad_m
        self._windows: dict[int, TerritoryWindow] = {
            w.first: territories_near(*w.box(pad_m + _MARGIN_M)) for w in path.windows
        }
        self._regions: dict[int, list[tuple[Territory, shapely.Geometry]]] = {}

    @property
    def only(self) -> tuple[Territory | None, bool]:
        """The one territory that fills every window (None: open sea everywhere), and whether that is so."""
        if not all(w.is_uniform for w in self._windows.values()):
            return None, False
        found = {w.territories for w in self._windows.values()}
        one = next(iter(found)) if len(found) == 1 else ()
        return (one[0] if one else None), len(found) == 1

    @property
    def territories(self) -> list[Territory]:
        """All in reach, in a stable order."""
        return sorted({t for w in self._windows.values() for t in w.territories}, key=lambda t: t.claimants)

    def outline(self, territory: Territory) -> Outline:
        """The territory's polygon in each window, as `trace` asks for it."""

        def of(window: Window, box: Box) -> shapely.Geometry | None:
            regions = self._regions.get(window.first)
            if regions is None:
                regions = self._regions[window.first] = self._windows[window.first].regions()
            return next((polygon for other, polygon in regions if other == territory), None)

        return of

    def at(self, row: int) -> Territory | None:
        """The territory under a fix."""
        window = next(w for w in self.path.windows if w.first <= row <= w.last)
        lon, lat = window.lonlat_deg[row - window.first]
        return self._windows[window.first].territory_at(float(lon), float(lat))

    def error_of(self, territory: Territory) -> OutlineError:
        """Sigma and 95th percentile of the territory's outline, by stretch of border (half-degree cells)."""
        known: dict[tuple[int, int], tuple[float, float]] = {}

        def error(foot_deg: Floats) -> tuple[Floats, Floats]:
            out = np.zeros((2, len(foot_deg)))
            cells = np.floor(foot_deg * 2)
            for index, (x, y) in enumerate(cells.tolist()):
                if not np.isfinite(x):
                    continue  # no outline in sight, so its error cannot matter
                key = (int(x), int(y))
                if key not in known:
                    known[key] = self._stretch(territory, foot_deg[index])
                out[:, index] = known[key]
            return out[0], out[1]

        return error

    def _stretch(self, territory: Territory, foot_deg: Floats) -> tuple[float, float]:
        lon, lat = foot_deg.tolist()
        window = min(
            self._windows.items(), key=lambda item: abs(item[1].bbox[0] + item[1].bbox[2] - 2 * lon)
        )[1]  # fmt: skip
        across = {
            t
            for dx, dy in ((0, 3e-4), (0, -3e-4), (4e-4, 0), (-4e-4, 0))
            if (t := window.territory_at(lon + dx, lat + dy)) != territory
        }
        found = [window.accuracy(lon, lat, territory, other) for other in across or {None}]
        return max(a.sigma_m for a in found), max(a.p95_m for a in found)


def check_borders(path: Path, takeoff: Takeoff | None, rules: Rules, track: str) -> BorderAnswer:
    """Answer the border question for a path."""
    _check_codes(rules)
    if not len(path):
        note = "the log has no position"
        check = Check(Question.BORDER, Status.CHECKED, Verdict.INCONCLUSIVE, (Reason.NO_POSITION,), note)
        return BorderAnswer(check, [], [], [], rules.home)
    land = Land(path, rules.thresholds.border_search_m + min(path.reach_m, 50_000.0))
    only, uniform = land.only
    if uniform and (only is None or rules.home is None or _standing(only, rules.home, rules) in _FINE):
        return _far_from_borders(path, only, takeoff, rules)
    return _Judge(path, land, takeoff, rules, track).answer()


def _check_codes(rules: Rules) -> None:
    unknown = {*rules.allow, *([rules.home] if rules.home else [])}
    unknown = {code for code in unknown if not is_known(code)} if unknown else unknown
    if unknown:
        raise UsageError(
            f"{', '.join(sorted(unknown))}: no such territory; use ISO 3166-1 alpha-3 codes such as CHN, KOR, DEU"
        )


def _far_from_borders(path: Path, only: Territory | None, takeoff: Takeoff | None, rules: Rules) -> BorderAnswer:
    """Every window lies wholly in one territory, or wholly at open sea: no outline to test."""
    home = rules.home or (only.iso_a3 if takeoff and only else None)
    where = f"all of it in {only.name(rules.language)}" if only else "all of it outside any territory"
    note = f"{where}; no border within {rules.thresholds.border_search_m / 1000:g} km"
    suspect = path.is_suspect
    check = Check(
        Question.BORDER,
        Status.CHECKED,
        Verdict.INCONCLUSIVE if suspect else Verdict.CLEAR,
        (Reason.LOG_SUSPECT if suspect else Reason.NO_BORDER_IN_REACH,),
        note,
    )
    return BorderAnswer(check, [], [_stay(only, None, None, rules)] if only else [], [], home)


_FINE = (Reason.HOME_TERRITORY, Reason.ALLOWED)


def _standing(territory: Territory, home: str, rules: Rules) -> Reason | None:
    """What a territory is to a flight from `home`; None: a foreign one."""
    claimants = set(territory.claimants)
    if territory.iso_a3 == home:
        return Reason.HOME_TERRITORY
    if territory.iso_a3 in rules.allow or claimants <= rules.allow | {home}:
        return Reason.ALLOWED
    if territory.relation is Relation.DEPENDENCY:
        return Reason.DEPENDENCY_OF_HOME if _same_state(territory, home) else None
    if claimants & (rules.allow | {home}):
        return Reason.OVERLAP_IN_DATA if territory.relation is Relation.OVERLAP else Reason.DISPUTED_TERRITORY
    if sovereign_of(home) in claimants:
        return Reason.DEPENDENCY_OF_HOME
    return None


def _same_state(territory: Territory, home: str) -> bool:
    return territory.sovereign is not None and territory.sovereign in (home, sovereign_of(home))


def reference(territory: Territory, rules: Rules) -> ZoneRef:
    """How findings name a territory."""
    code = territory.iso_a3 or "|".join(territory.claimants)
    return ZoneRef(code, territory.name(rules.language), "border", border_source().name)


def _stay(territory: Territory, enter_ns: int | None, exit_ns: int | None, rules: Rules) -> TerritoryVisit:
    return TerritoryVisit(
        territory.iso_a3,
        territory.claimants,
        territory.name(rules.language),
        territory.relation.value,
        enter_ns,
        exit_ns,
    )


class _Judge:
    """Tests every territory in reach and words what it finds."""

    def __init__(self, path: Path, land: Land, takeoff: Takeoff | None, rules: Rules, track: str) -> None:
        self.path, self.land, self.rules, self.track = path, land, rules, track
        self.profiles = {t: self._trace(land, t) for t in land.territories}
        self.visits = {t: visits(p, land.error_of(t)) for t, p in self.profiles.items()}
        self.takeoff = takeoff
        self.home = rules.home or self._home_of(takeoff)
        self.findings: list[tuple[float, Finding]] = []
        self.nearest: list[Nearest] = []

    def answer(self) -> BorderAnswer:
        """The whole border answer."""
        for territory in self.land.territories:
            self._look_at(territory)
        findings = [f for _, f in sorted(self.findings, key=lambda item: item[0])]
        check = self._check(findings)
        self.nearest.sort(key=lambda n: n.distance_m)
        return BorderAnswer(check, findings, self._stays(), self.nearest, self.home)

    def _trace(self, land: Land, territory: Territory) -> Profile:
        return trace(self.path, land.outline(territory), Edge.PLANAR, land.pad_m)

    def _home_of(self, takeoff: Takeoff | None) -> str | None:
        """The territory of the take-off; None when it lies so near another that the errors leave it open."""
        if takeoff is None:
            return None
        home = self.land.at(takeoff.row)
        if home is None or home.iso_a3 is None:
            return None
        k = self.rules.thresholds.band_sigmas
        gnss = float(self.path.h_sigma_m[takeoff.row])
        for territory, profile in self.profiles.items():
            if territory == home:
                continue
            _, signed_m, foot = profile.measure(float(takeoff.row))
            if np.isfinite(foot).all():
                sigma, _ = self.land.error_of(territory)(foot[np.newaxis])
                if abs(signed_m) < k * np.hypot(gnss, sigma[0]):
                    return None
        return home.iso_a3

    def _look_at(self, territory: Territory) -> None:
        stays = self.visits[territory]
        zone = reference(territory, self.rules)
        standing = _standing(territory, self.home, self.rules) if self.home else Reason.HOME_UNKNOWN
        if standing is Reason.HOME_TERRITORY:
            return
        if stays:
            if standing is Reason.HOME_UNKNOWN and self._alone(territory):
                return
            for stay in stays:
                self._add_visit(zone, self._with_depth(territory, stay), standing)
            return
        near = approach(self.profiles[territory], self.land.error_of(territory))
        if near is None:
            return
        if standing in (None, Reason.HOME_UNKNOWN):
            self._add_approach(territory, zone, near, standing)
        if near.distance_m <= self.rules.thresholds.border_search_m:
            self.nearest.append(
                Nearest(zone, near.distance_m, near.decisive.time_ns, near.decisive.place, near.decisive.band_m)
            )

    def _alone(self, territory: Territory) -> bool:
        return not any(found for other, found in self.visits.items() if other != territory)

    def _with_depth(self, territory: Territory, stay: Visit) -> Visit:
        """The same visit, seen in a window wide enough to hold the nearest border."""
        pad_m = self.land.pad_m
        while stay.depth_m > pad_m and pad_m < _FARTHEST_PAD_M:
            pad_m *= _WIDER
            land = Land(self.path, pad_m)
            again = visits(self._trace(land, territory), land.error_of(territory))
            stay = next((v for v in again if v.begin <= stay.decisive.row <= v.end), stay)
        return stay

    def _add_visit(self, zone: ZoneRef, stay: Visit, standing: Reason | None) -> None:
        verdict, reasons = decide_visit(stay, self.path)
        if standing is not None:
            verdict = Verdict.CLEAR if standing is Reason.ALLOWED else Verdict.INCONCLUSIVE
            reasons = (standing,)
        finding = visit_finding(FindingKind.BORDER_CROSSING, verdict, reasons, zone, stay, self.path, self.track)
        self.findings.append((stay.begin, finding))

    def _add_approach(self, territory: Territory, zone: ZoneRef, near: Approach, standing: Reason | None) -> None:
        more = (standing,) if standing else ()
        if near.within is not None:
            reasons = (*undecided_by(near.decisive), *more)
            finding = approach_finding(FindingKind.BORDER_CROSSING, reasons, zone, near, self.path, self.track)
            self.findings.append((near.within[0], finding))
            return
        gap = gap_reaching(self.profiles[territory], self.land.error_of(territory))
        if gap is not None:
            finding = gap_finding(FindingKind.BORDER_CROSSING, zone, *gap, near, self.path, self.track)
            self.findings.append((float(gap[0]), finding))

    def _stays(self) -> list[TerritoryVisit]:
        stays = sorted(
            ((stay, territory) for territory, found in self.visits.items() for stay in found),
            key=lambda item: (item[0].begin, item[0].end),
        )
        return [
            _stay(t, v.enter.time_ns if v.enter else None, v.exit.time_ns if v.exit else None, self.rules)
            for v, t in stays
        ]

    def _check(self, findings: list[Finding]) -> Check:
        verdict = worst([f.verdict for f in findings])
        reasons = list(dict.fromkeys(r for f in findings if f.verdict is verdict for r in f.reasons))
        if not findings:
            near = any(n for n in self.nearest)
            reasons = [Reason.CLEAR_BEYOND_ERROR if near else Reason.NO_BORDER_IN_REACH]
        if self.path.is_suspect and verdict is not Verdict.VIOLATION:
            verdict, reasons = Verdict.INCONCLUSIVE, [*reasons, Reason.LOG_SUSPECT]
        return Check(Question.BORDER, Status.CHECKED, verdict, tuple(reasons), self._note())

    def _note(self) -> str:
        if self.rules.home:
            return f"home {self.rules.home} as given"
        if self.home and self.takeoff:
            return f"home {self.home}: the territory of the recorded take-off ({self.takeoff.basis})"
        if self.takeoff:
            return "home unknown: the recorded take-off lies on or too near a border; --home ISO3 tells"
        return "home unknown: the log records no take-off; --home ISO3 tells"
