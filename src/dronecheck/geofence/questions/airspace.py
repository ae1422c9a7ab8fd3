"""The airspace question: which zones did the path enter, between floor and ceiling, while they were in force?"""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor, isfinite

import numpy as np
import shapely
from numpy.typing import NDArray

from dronecheck.airspace.zone import Effect, Incomplete, Zone, ZoneSet, ZoneSource
from dronecheck.arrays import Floats
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape
from dronecheck.geo.polyline import Box, Interval, boxes_meeting
from dronecheck.geofence import breakeven
from dronecheck.geofence.activation.periods import always_in_force
from dronecheck.geofence.activation.visits import Times, approached_in_force, judged_in_force, times_of
from dronecheck.geofence.altitude.altitudes import Heights
from dronecheck.geofence.altitude.limits import Vertical, vertical_of
from dronecheck.geofence.ambiguity import Doubt, reconciled
from dronecheck.geofence.authorisations import authorised
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.make_findings import approach_finding, gap_finding, visit_finding
from dronecheck.geofence.result import (
    Check,
    Finding,
    FindingKind,
    Nearest,
    Question,
    Reason,
    Rules,
    Status,
    Verdict,
    ZoneAnswer,
    ZoneMemory,
    ZoneRef,
    worst,
)
from dronecheck.geofence.trajectory.distance_profile import Outline, Profile, trace
from dronecheck.geofence.trajectory.trajectory import Path, Window
from dronecheck.geofence.trajectory.visits import (
    OutlineError,
    Visit,
    approach,
    decide_visit,
    gap_reaching,
    undecided_by,
    visit_of,
    visits,
)

__all__ = ["check_zones"]


_KIND = FindingKind.ZONE_ENTRY
_COVER_M = 100_000.0
_FAR_M = (50_000.0, 20_000.0)  # a file whose nearest zone is farther off may not be about this place
_WIDER = 4.0
_FARTHEST_PAD_M = 300_000.0
_GEODESIC = Doubt(Reason.EDGE_MODEL_AMBIGUOUS, "geodesic_edges")
_EDITION = Doubt(Reason.EDITION_UNKNOWN, "another_edition")
_MISSING = {  # zones that are not known: an entry cannot be excluded
    Incomplete.UNREADABLE: Reason.ZONE_UNREADABLE,
    Incomplete.NO_EDITION: Reason.NO_EDITION_IN_FORCE,
}
_REPAIRED = Doubt(Reason.INVALID_GEOMETRY_REPAIRED, "without_doubtful_part")


def check_zones(
    path: Path,
    zones: ZoneSet,
    rules: Rules,
    track: str,
    utc_known: bool,
    heights: Heights,
    memory: ZoneMemory | None = None,
) -> tuple[Check, list[Finding], list[Nearest]]:
    """Answer the airspace question for a path; `heights` are that path's.

    What `memory` holds of a zone is not asked again; what is asked is kept there. It is of one flight and its rules.
    """
    if not len(path):
        said = (Clause(ClauseCode.NO_POSITION),)
        return Check(Question.AIRSPACE, Status.CHECKED, Verdict.INCONCLUSIVE, (Reason.NO_POSITION,), said), [], []
    reach_m = rules.thresholds.border_search_m + min(path.reach_m, 50_000.0)
    first, *others = zones.alternatives or (zones,)
    findings, nearest, idle = _of_set(first, heights, track, reach_m, utc_known, memory)
    for other in others:
        found, near, count = _of_set(other, heights, track, reach_m, utc_known)
        idle = max(idle, count)
        findings = reconciled(findings, found, _EDITION)
        nearest = _nearest_of_each([*nearest, *near], findings)
    findings = [authorised(finding, rules.authorisations, path) for finding in findings]
    nearest = sorted((n for n in nearest if n.distance_m <= rules.thresholds.border_search_m), key=_distance)
    return _check(path, zones, findings, idle), findings, nearest


def _of_set(
    zones: ZoneSet, heights: Heights, track: str, reach_m: float, utc_known: bool, memory: ZoneMemory | None = None
) -> tuple[list[Finding], list[Nearest], int]:
    """The findings of a set of zones in the order of their rows, its closest approaches, visits while not in force."""
    findings: list[tuple[float, Finding]] = []
    nearest: list[Nearest] = []
    idle = 0
    for index in np.flatnonzero(_in_reach(zones, heights.path, reach_m)).tolist():
        zone = zones.zones[index]
        known = memory.get(zones.digests[index]) if memory is not None else None
        answer = _moved_to(zone, known) if known else _judged(zone, heights, track, reach_m, utc_known)
        if memory is not None:
            memory[zones.digests[index]] = answer
        found, near, count = answer
        idle += count
        findings += [(f.rows[0][0], f) for f in found]
        nearest += near
    return [f for _, f in sorted(findings, key=lambda item: item[0])], nearest, idle


def _moved_to(zone: Zone, answer: ZoneAnswer) -> ZoneAnswer:
    """What was said of a zone that stood in another file."""
    ref = _reference(zone)
    findings, nearest, idle = answer
    return [replace(f, zone=ref) for f in findings], [replace(n, zone=ref) for n in nearest], idle


def _reference(zone: Zone) -> ZoneRef:
    return ZoneRef(zone.id, zone.name, zone.kind.value, zone.source.name)


def _nearest_of_each(nearest: list[Nearest], findings: list[Finding]) -> list[Nearest]:
    """One approach a zone, the closest, and none of a zone that has a finding."""
    told = {finding.zone for finding in findings}
    closest = {near.zone: near for near in sorted(nearest, key=_distance, reverse=True)}
    return [near for zone, near in closest.items() if zone not in told]


def _distance(near: Nearest) -> float:
    return near.distance_m


def _check(path: Path, zones: ZoneSet, findings: list[Finding], idle: int) -> Check:
    missing = [_MISSING[why] for why in zones.incomplete]
    if not findings and not missing and not _covered(path, zones):
        return Check(Question.AIRSPACE, Status.NOT_CHECKED, None, (Reason.NOT_COVERED,), _not_covered(path, zones))
    said = _looked_at(path, zones, idle, is_quiet=not findings)
    verdict = worst([f.verdict for f in findings])
    reasons = list(dict.fromkeys(r for f in findings if f.verdict is verdict for r in f.reasons))
    suspect = path.is_suspect and (not isfinite(path.doubt_m) or bool(_in_reach(zones, path, path.doubt_m).any()))
    if verdict is not Verdict.VIOLATION and (missing or suspect):
        reasons = [] if verdict is Verdict.CLEAR else reasons
        verdict = Verdict.INCONCLUSIVE
        reasons = list(dict.fromkeys([*reasons, *missing, *([Reason.LOG_SUSPECT] * suspect)]))
    elif not findings:
        reasons = [Reason.NOT_IN_FORCE if idle else Reason.CLEAR_BEYOND_ERROR]
    status = Status.PARTLY if missing else Status.CHECKED
    return Check(Question.AIRSPACE, status, verdict, tuple(reasons), said)


def _looked_at(path: Path, zones: ZoneSet, idle: int, *, is_quiet: bool) -> tuple[Clause, ...]:
    """Say which zones were judged, and what is odd about them."""
    said = [
        Clause.of(ClauseCode.ZONES_JUDGED, count=len(zones.zones), files=_files(zones))
        if zones.sources
        else Clause(ClauseCode.NO_ZONES)
    ]
    if zones.skipped:
        said.append(Clause.of(ClauseCode.FEATURES_UNREADABLE, count=zones.skipped))
    if idle:
        said.append(Clause.of(ClauseCode.VISITS_NOT_IN_FORCE, count=idle))
    far_m = next((m for m in _FAR_M if not _in_reach(zones, path, m).any()), None) if is_quiet else None
    if far_m is not None:
        said.append(Clause.of(ClauseCode.NONE_WITHIN, distance_m=far_m))
    return tuple(said)


def _not_covered(path: Path, zones: ZoneSet) -> tuple[Clause, ...]:
    far = Clause.of(ClauseCode.NOT_COVERED, files=_files(zones), distance_m=_COVER_M)
    swapped = bool(_boxes_in_reach(zones.boxes_deg[:, [1, 0, 3, 2]], path, _COVER_M).any())
    return (far, Clause(ClauseCode.AXES_EXCHANGED)) if swapped else (far,)


def _files(zones: ZoneSet) -> str | None:
    """Name the files that zones are of; None for the zone library."""
    return ", ".join(dict.fromkeys(map(_source_name, zones.sources))) or None


def _source_name(source: ZoneSource) -> str:
    return f"{source.name} ({source.edition})" if source.edition else source.name


def _covered(path: Path, zones: ZoneSet) -> bool:
    """Whether any zone lies near enough for the file to be about this part of the world."""
    return bool(_in_reach(zones, path, _COVER_M).any())


def _turns(bounds: Box, box: Box) -> list[float]:
    """By how many whole turns a geometry with these bounds must move to meet a box in unwrapped longitudes."""
    west, south, east, north = bounds
    if not (north >= box[1] and south <= box[3]):  # an empty geometry has no bounds: NaN
        return []
    first, last = ceil((box[0] - east) / 360.0), floor((box[2] - west) / 360.0)
    return [360.0 * turn for turn in range(first, last + 1)]


def _in_reach(zones: ZoneSet, path: Path, reach_m: float) -> NDArray[np.bool_]:
    """Which zones have a box that meets a window's, shape (n,); longitudes a whole turn apart are the same."""
    return _boxes_in_reach(zones.boxes_deg, path, reach_m)


def _boxes_in_reach(boxes_deg: Floats, path: Path, reach_m: float) -> NDArray[np.bool_]:
    found = np.zeros(len(boxes_deg), dtype=np.bool_)
    for frame in path.frames:
        found |= boxes_meeting(boxes_deg, frame.box(reach_m))
    return found


def _outline(zone: Zone) -> Outline:
    """The zone's area by window, moved by whole turns to where the window's longitudes are."""

    def of(window: Window, box: Box) -> shapely.Geometry | None:
        if zone.edge is Edge.PLANAR:
            moved = [_moved(zone.geometry, turn) for turn in _turns(zone.geometry.bounds, box)]
            return shapely.union_all(moved) if len(moved) > 1 else (moved[0] if moved else None)
        # Other edges are laid into the plane whole, where a turn is nothing: each part once, or it would count twice.
        return zone.geometry

    return of


def _moved(geometry: shapely.Geometry, turn_deg: float) -> shapely.Geometry:
    return shapely.transform(geometry, lambda xy: xy + np.array([turn_deg, 0.0])) if turn_deg else geometry


def _readings(zone: Zone) -> tuple[Zone, list[tuple[Zone, Doubt]]]:
    """The zone as each open question about its outline may be answered: one reading, and the others beside it."""
    first, others = zone, list[tuple[Zone, Doubt]]()
    area, uncertain = zone.shape.geometry, zone.shape.uncertain
    if uncertain is not None:
        first = replace(zone, shape=Shape(shapely.union(area, uncertain)))
        others = [(replace(zone, shape=Shape(shapely.difference(area, uncertain))), _REPAIRED)]
    if zone.edge is not Edge.AMBIGUOUS:
        return first, others
    geodesic = [(replace(first, edge=Edge.GEODESIC), _GEODESIC)]
    geodesic += [(replace(other, edge=Edge.GEODESIC), doubt) for other, doubt in others]
    planar = [(replace(other, edge=Edge.PLANAR), doubt) for other, doubt in others]
    return replace(first, edge=Edge.PLANAR), planar + geodesic


def _judged(zone: Zone, heights: Heights, track: str, reach_m: float, utc_known: bool) -> ZoneAnswer:
    """A zone's findings, its closest approach where no reading of its outline finds more, and visits not in force."""
    first, others = _readings(zone)
    test = _ZoneTest(first, heights, track, reach_m, utc_known)
    findings, nearest = test.run()
    for reading, doubt in others:
        found, near = _ZoneTest(reading, heights, track, reach_m, utc_known).run()
        findings = reconciled(findings, found, doubt)
        nearest = [min(*nearest, *near, key=_distance)] if nearest and near else []
    return findings, nearest, test.idle


class _ZoneTest:
    """One zone against one path."""

    def __init__(self, zone: Zone, heights: Heights, track: str, reach_m: float, utc_known: bool) -> None:
        path = heights.path
        self.zone, self.path, self.heights, self.track, self.utc_known = zone, path, heights, track, utc_known
        self.idle = 0  # visits while the zone was not in force
        self.reference = _reference(zone)
        self.profile: Profile = trace(path, _outline(zone), zone.edge, reach_m)
        while self.profile.is_deeper_than_seen and reach_m < _FARTHEST_PAD_M:
            reach_m *= _WIDER
            self.profile = trace(path, _outline(zone), zone.edge, reach_m)
        self.error: OutlineError = lambda foot: (np.full(len(foot), zone.accuracy_m), np.zeros(len(foot)))

    def run(self) -> tuple[list[Finding], list[Nearest]]:
        """This zone's findings and closest approach."""
        stays, nearest = visits(self.profile, self.error), list[Nearest]()
        if self.zone.doubt or always_in_force(self.zone):  # a zone in doubt is open whatever its times say
            if not stays:
                return self._outside(self.profile, None, nearest), nearest
            vertical = vertical_of(self.zone, self.heights)
            return [finding for stay in stays for finding in self._judge(stay, vertical, nearest)], nearest
        return self._in_force(stays, nearest), nearest

    def _in_force(self, stays: list[Visit], nearest: list[Nearest]) -> list[Finding]:
        """Visits cut to the times in force; at other such times how near it came. Counts the visits at no such time."""
        findings: list[Finding] = []
        vertical = vertical_of(self.zone, self.heights)
        for stay in stays:
            times = self._times(*self.path.whole_gaps([(stay.begin, stay.end)])[0])
            self.profile = self.profile.with_rows(_cuts(stay, times))
            findings += judged_in_force(
                stay, times, self.profile, self.error, lambda part: self._judge(part, vertical, nearest)
            )
            self.idle += not len(times.rows(times.force.possible))
        if not len(self.profile.row):
            return findings
        closest = float(self.profile.row[int(np.argmin(self.profile.distance_m))])
        whole = (0.0, len(self.path) - 1.0)
        times = self._times(*whole, closest)
        parts = self.path.whole_gaps(times.rows(times.force.possible))
        if not stays and parts == [whole]:
            return [approached_in_force(f, times) for f in self._outside(self.profile, None, nearest)]
        if not stays:
            self._outside(self.profile, None, nearest)
        for part in parts:
            if not any(stay.begin <= part[1] and stay.end >= part[0] for stay in stays):
                near = self._outside(self.profile.cut(*part), part, [])
                findings += [approached_in_force(finding, times) for finding in near]
        return findings

    def _times(self, begin: float, end: float, at: float | None = None) -> Times:
        return times_of(self.zone, self.path, begin, end, self.utc_known, at)

    def _outside(self, profile: Profile, within: Interval | None, nearest: list[Nearest]) -> list[Finding]:
        near = approach(profile, self.error)
        if near is None:
            return []
        nearest.append(Nearest(self.reference, near.distance_m, near.decisive.time_ns, near.decisive.place,
                               near.decisive.band_m))  # fmt: skip
        gap = None if near.within else gap_reaching(self.profile, self.error, within=within)
        if near.within is not None:
            inside = gap_reaching(self.profile, self.error, with_band=False, within=within)
            finding = approach_finding(
                _KIND, undecided_by(near.decisive), self.reference, near, self.path, self.track, inside
            )
        elif gap is not None:
            finding = gap_finding(_KIND, self.reference, *gap, near, self.path, self.track)
        else:
            return []
        # Too high or too low all the while: then how near it came on the map cannot matter.
        vertical = vertical_of(self.zone, self.heights)
        beyond = vertical.ratio_at(vertical.probes(*finding.rows[0])) >= 1
        return [self._graded(finding)] if self.zone.doubt or not beyond.all() else []

    def _judge(self, stay: Visit, vertical: Vertical, nearest: list[Nearest]) -> list[Finding]:
        """A horizontal visit, cut to the stretches between floor and ceiling."""
        if self.zone.doubt:  # its limits may be what cannot be right
            return [self._graded(self._finding(stay, Verdict.INCONCLUSIVE, ()))]
        rows = vertical.probes(stay.begin, stay.end)
        signed, ratio = vertical.signed_at(rows), vertical.ratio_at(rows)
        if np.all(ratio >= 1):
            lowest = int(np.argmin(signed))
            row = float(rows[lowest])
            nearest.append(Nearest(self.reference, float(signed[lowest]), self.path.time_ns_at(row),
                                   self.path.place_at(row), vertical=True))  # fmt: skip
            return []
        cut = _cut(stay, vertical.inside(stay.begin, stay.end), vertical)
        profile = self._profile_for(cut, vertical)
        parts = [self._within(part, vertical, profile, stay) for part in cut]
        unknown = vertical.unknown(rows)
        if unknown and not any(part.verdict is Verdict.VIOLATION for part in parts):
            return [self._graded(finding) for finding in self._undecided(stay, vertical, unknown)]
        if not parts:
            reasons = (Reason.NOT_ENTERED_ON_THE_LINE, Reason.VERTICAL_MARGIN_WITHIN_ERROR)
            clause = breakeven.vertical_margin(float(signed.min()), vertical.band_sigmas)
            return [self._graded(_with_clauses(self._finding(stay, Verdict.INCONCLUSIVE, reasons), clause))]
        rest = [Clause(ClauseCode.HEIGHT_UNKNOWN_IN_PARTS)] if unknown else []
        return [self._graded(_with_clauses(part, *rest)) for part in parts]

    def _undecided(self, stay: Visit, vertical: Vertical, unknown: tuple[Reason, ...]) -> list[Finding]:
        """A stay whose height is not known well enough: those of its parts where it may have been inside."""
        cut = _cut(stay, vertical.possible(stay.begin, stay.end), vertical)
        if len(cut) == 1 and (cut[0][0][0], cut[0][-1][1]) == (stay.begin, stay.end):
            finding = self._finding(stay, Verdict.INCONCLUSIVE, unknown)
            return [_with_clauses(finding, *self._cure(stay, unknown))]
        profile, found = self._profile_for(cut, vertical), []
        for stretches in cut:
            part = visit_of(profile, stretches, self.error, None)
            rows = np.concatenate([vertical.probes(*stretch) for stretch in stretches])
            reasons = vertical.unknown(rows) or (Reason.VERTICAL_MARGIN_WITHIN_ERROR,)
            finding = self._ended(self._finding(part, Verdict.INCONCLUSIVE, reasons), part, vertical, stay)
            found.append(_with_clauses(finding, *self._cure(part, reasons)))
        return found

    def _ended(self, finding: Finding, part: Visit, vertical: Vertical, stay: Visit) -> Finding:
        """With what is known of its ends where they are no crossings of the outline, but of a limit, or of ignorance.

        An end where the height ceases to be known is an instant without a sigma: nothing was crossed there.
        """
        outlines = {row for stretch in stay.stretches for row in stretch}
        enter_s, exit_s = (vertical.crossing_sigma_s(row) for row in (part.begin, part.end))
        if part.enter and (enter_s is not None or part.begin not in outlines):
            finding = replace(finding, enter_sigma_s=enter_s)
        if part.exit and (exit_s is not None or part.end not in outlines):
            finding = replace(finding, exit_sigma_s=exit_s)
        return finding

    def _cure(self, stay: Visit, unknown: tuple[Reason, ...]) -> tuple[Clause, ...]:
        """Say what would settle a visit whose height is not known."""
        if Reason.NO_TERRAIN in unknown:
            ground = breakeven.terrain(self.zone, self.path, stay.stretches)
            return (ground,) if ground else ()
        at_takeoff = breakeven.takeoff_height(self.zone, self.heights, stay.stretches)
        if at_takeoff or Reason.VERTICAL_FRAME_UNKNOWN not in unknown:
            return at_takeoff
        narrower = breakeven.pressure(self.zone, self.heights)
        return (narrower,) if narrower else ()

    def _profile_for(self, cut: list[tuple[Interval, ...]], vertical: Vertical) -> Profile:
        """The profile with samples where height could decide: on the map it is sampled where the outline is near."""
        profile = self.profile
        if vertical.is_unlimited or not cut:
            return profile
        begin, end = cut[0][0][0], cut[-1][-1][1]
        profile = profile.with_fixes((profile.row[:-1] <= end) & (profile.row[1:] >= begin))
        best = [float(r[np.argmin(vertical.ratio_at(r))]) for part in cut
                for r in [np.concatenate([vertical.probes(*stretch) for stretch in part])]]  # fmt: skip
        measured = [profile.measure(row) for row in best]
        row = np.concatenate([profile.row, best])
        order = np.argsort(row, kind="stable")
        distance = np.concatenate([profile.distance_m, [signed_m for _, signed_m, _ in measured]])
        foot = np.concatenate([profile.foot_deg, [foot for _, _, foot in measured]])
        return replace(profile, row=row[order], distance_m=distance[order], foot_deg=foot[order])

    def _within(self, stretches: tuple[Interval, ...], vertical: Vertical, profile: Profile, stay: Visit) -> Finding:
        ratio = None if vertical.is_unlimited else vertical.ratio_at(profile.row)
        part = visit_of(profile, stretches, self.error, ratio)
        verdict, reasons = decide_visit(part, self.path)
        at_decisive = float(vertical.ratio_at(np.array([part.decisive.row]))[0])
        more: tuple[Clause, ...] = ()
        if verdict is Verdict.VIOLATION and at_decisive > -1:
            verdict, reasons = Verdict.INCONCLUSIVE, (Reason.VERTICAL_MARGIN_WITHIN_ERROR,)
            signed_m = float(vertical.signed_at(np.array([part.decisive.row]))[0])
            more = (breakeven.vertical_margin(signed_m, vertical.band_sigmas),)
        finding = self._finding(part, verdict, reasons)
        return _with_clauses(self._ended(finding, part, vertical, stay), *more)

    def _finding(self, stay: Visit, verdict: Verdict, reasons: tuple[Reason, ...]) -> Finding:
        return visit_finding(_KIND, verdict, reasons, self.reference, stay, self.path, self.track)

    def _graded(self, finding: Finding) -> Finding:
        """With what the zone's effect and doubts about it do to the verdict."""
        if self.zone.effect in (Effect.CONDITIONAL, Effect.INFORMATION):
            return replace(finding, verdict=Verdict.CLEAR, reasons=(Reason.CONDITIONAL_ZONE, *finding.reasons))
        if self.zone.doubt and finding.verdict is not Verdict.CLEAR:
            reasons = (Reason.ZONE_UNREADABLE, *finding.reasons)
            return replace(finding, verdict=Verdict.INCONCLUSIVE, reasons=reasons)
        return finding


def _fixes(begin: float, end: float) -> Floats:
    """The fixes from one fractional row to another."""
    return np.arange(np.ceil(begin), np.floor(end) + 1)


def _cuts(stay: Visit, times: Times) -> Floats:
    """Where samples are wanted: at every change of the zone's state during a visit, and then at all of its fixes."""
    edges = np.array([row for row in times.edges if stay.begin < row < stay.end])
    return np.concatenate([edges, _fixes(stay.begin, stay.end)]) if len(edges) else edges


def _with_clauses(finding: Finding, *clauses: Clause) -> Finding:
    return replace(finding, clauses=(*finding.clauses, *clauses)) if clauses else finding


def _cut(stay: Visit, inside: list[Interval], vertical: Vertical) -> list[tuple[Interval, ...]]:
    """The visit's stretches cut to heights inside; an excursion within the height's error does not end a part."""
    parts: list[list[Interval]] = []
    for begin, end in inside:
        met = [(a, b) for a, b in stay.stretches if (a < end and b > begin) or begin <= a == b <= end]
        pieces = [(max(a, begin), min(b, end)) for a, b in met]
        if not pieces:
            continue
        if parts:
            between = vertical.ratio_at(vertical.probes(parts[-1][-1][1], pieces[0][0]))
            if bool(np.all(between < 1)):
                parts[-1] += pieces
                continue
        parts.append(pieces)
    return [tuple(part) for part in parts]
