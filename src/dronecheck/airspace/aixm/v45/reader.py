"""AIXM 4.5 snapshots (EUROCONTROL, 2005), as France and others publish them.

| element | read as |
|---|---|
| Ase | an airspace: type, class, name, limits (`aixm.limits`), working hours |
| Abd | its outline: Avx corners in their order, or a Circle |
| Avx codeType GRC, RHL | to the next corner by the geodesic, by the rhumb line |
| CWA, CCA | an arc to the next corner, clockwise or not, around geoLatArc, geoLongArc |
| FNT | along a border (Gbr), cut between this corner and the next |
| Adg | AseUidBase, then codeOpr UNION, SUBTR, INTERS and AseUidComponent; AseUidSameExtent |
| Att codeWorkHr H24; HJ, HN; TIMSH; any other | always; by the sun; timesheets (`aixm.activation`); unknown |
| codeDatum WGE, WGC, none | WGS 84; any other is noted |

An airspace made of others without limits of its own has theirs. Features refer to each other by mid, else by what
stands in their Uid. Source: AIXM 4.5 XML schema and data dictionary.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from dronecheck.airspace.aixm.activation import Timesheet, schedule_of_sheets
from dronecheck.airspace.aixm.comments import blanked
from dronecheck.airspace.aixm.limits import UNKNOWN, read_vertical
from dronecheck.airspace.aixm.v45.points import Corner, corner_of, length_m, point_of
from dronecheck.airspace.aixm.v51.outline import (
    NOTED_M,
    ArcSegment,
    Border,
    CurveSegment,
    Follow,
    Leg,
    RawRing,
    ring_of,
)
from dronecheck.airspace.aixm.v51.volumes import AirspaceVolume, Operand, Work, combined
from dronecheck.airspace.aixm.v51.zone import AirspaceDescription, area_of, note_lost, zones_of
from dronecheck.airspace.aixm.xml_tree import FeatureDocument, Node, read_features
from dronecheck.airspace.common.notes import CEILING, FLOOR, Notes
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.airspace.zone import Limit, Zone, ZoneSet, ZoneSource
from dronecheck.errors import UnreadableInput
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Circle
from dronecheck.geo.plane import geodesic_between
from dronecheck.issues import Code
from dronecheck.messages import Message, several, told_by
from dronecheck.safe.io import Input, plain
from dronecheck.timebase import utc_ns

__all__ = ["read_aixm_45"]

_WGS84 = frozenset({"WGE", "WGC", ""})
_MOST_DEPTH = 32
_MOST_VOLUMES = 50_000
_DONE = {"SUBTR": Message("taken away"), "INTERS": Message("cut out")}
_BY_SUN = {"HJ": (SunEvent.SUNRISE, SunEvent.SUNSET), "HN": (SunEvent.SUNSET, SunEvent.SUNRISE)}


def read_aixm_45(source: Input) -> ZoneSet:
    """Read all airspaces. What is odd, lost or assumed is an Issue with the number of the Ase feature.

    Raises UnreadableInput when there is none, for updates, for entities, and for more than any zone file holds.
    """
    if b"<AIXM-Update" in (blanked(source.head) or source.head):
        raise UnreadableInput("aixm_update", "an AIXM update, which says what changed only; use a snapshot")
    notes = Notes()
    reducers = {"Avx": corner_of, "Gbv": corner_of}
    document = read_features(
        source, notes, frozenset({"Ase", "Abd", "Adg", "Gbr"}), frozenset({"PoaffAdding"}), reducers
    )
    if not any(node.name == "Ase" for node in document.features):
        raise UnreadableInput("no_airspace", "an AIXM file without an airspace (Ase): it holds no zones")
    effective = document.root.get("effective", "")
    origin = ZoneSource(
        name=source.name, sha256=source.sha256, edition=plain(effective, 40) or None, valid_from_ns=_moment(effective)
    )
    return notes.zone_set(_Snapshot(notes, document).zones(origin), origin)


def _moment(text: str) -> int | None:
    try:
        datetime.fromisoformat(text)
        return utc_ns(text)
    except (ValueError, OverflowError):
        return None


def _keys(uid: Node | None) -> list[str]:
    """Return the keys that an AseUid is known by: its mid, and what stands in it."""
    if uid is None:
        return []
    said = "|".join(f"{child.name}={child.text.strip()}" for child in uid.children)
    return [key for key in (uid.attributes.get("mid", ""), said) if key]


@dataclass(slots=True)
class _Parts:
    """All that a file says of one airspace."""

    ase: Node
    number: int
    outlines: list[Node] = field(default_factory=list)
    sums: list[Node] = field(default_factory=list)


class _Snapshot:
    def __init__(self, notes: Notes, document: FeatureDocument) -> None:
        self.notes, self.count, self.work = notes, 0, Work()
        self.order, self.by_key = list[_Parts](), dict[str, _Parts]()
        self.borders: dict[str, Node] = {}
        self.known_borders: dict[int, Border] = {}
        self.volumes: dict[int, list[AirspaceVolume]] = {}
        for node in (node for node in document.features if node.name == "Ase"):
            parts = _Parts(node, len(self.order) + 1)
            self.order.append(parts)
            for key in _keys(node.child("AseUid")):
                self.by_key.setdefault(key, parts)
        orphans = 0
        for node in document.features:
            if node.name == "Gbr":
                uid = node.child("GbrUid")
                for key in (uid.attributes.get("mid", ""), uid.said("txtName")) if uid else ():
                    self.borders[key] = node
            elif node.name in ("Abd", "Adg"):
                owner = self._owner(node.child(f"{node.name}Uid", "AseUid"))
                if owner is None:
                    orphans += 1
                else:
                    (owner.outlines if node.name == "Abd" else owner.sums).append(node)
        if orphans:
            notes.add(
                Code.ZONE_RECORD_SKIPPED,
                Message("{orphans} outline(s) whose airspace is not in the file", orphans=orphans),
            )

    def _owner(self, uid: Node | None) -> _Parts | None:
        return next((self.by_key[key] for key in _keys(uid) if key in self.by_key), None)

    def zones(self, origin: ZoneSource) -> list[Zone]:
        """Return one zone a volume of each airspace, in the order of the file."""
        made, seen = list[Zone](), dict[str, int]()
        for parts in self.order:
            airspace = _airspace(parts)
            try:
                volumes = self.volumes_of(parts, ())
            except Unusable as why:
                note_lost(airspace, told_by(why), self.notes)
                continue
            made += zones_of(airspace, volumes, origin, self.notes, seen)
        return made

    def volumes_of(self, parts: _Parts, trail: tuple[int, ...]) -> list[AirspaceVolume]:
        """Return the volumes of an airspace: its own outlines, else those of others. Raises Unusable."""
        known = self.volumes.get(parts.number)
        if known is None:
            if parts.number in trail or len(trail) > _MOST_DEPTH:
                raise Unusable(Message("it refers to airspaces that refer to it"))
            airspace = _airspace(parts)
            if parts.outlines:
                lower, upper, notes = _limits(parts.ase)
                for code, text in notes:
                    self.notes.add(code, text, name=airspace.name, number=airspace.number)
                known = [self._area(node, lower, upper, airspace) for node in parts.outlines]
            elif parts.sums:
                known = self._sum(parts, airspace, (*trail, parts.number))
            else:
                raise Unusable(Message("no outline is given"))
            self.volumes[parts.number] = known
        self.count += len(known)
        if self.count > _MOST_VOLUMES:
            raise UnreadableInput("too_large", f"AIXM of more than {_MOST_VOLUMES:,} volumes; split the file")
        return known

    def _sum(self, parts: _Parts, airspace: AirspaceDescription, trail: tuple[int, ...]) -> list[AirspaceVolume]:
        steps, faults, doubts, operation = list[Operand](), list[Message](), list[Message](), "BASE"
        for node in (child for adg in parts.sums for child in adg.children):
            if node.name == "codeOpr":
                operation = node.text.strip().upper()
            if node.name not in ("AseUidBase", "AseUidComponent", "AseUidSameExtent"):
                continue
            done = operation if node.name == "AseUidComponent" else "BASE"
            other = self._owner(node)
            try:
                if other is None:
                    raise Unusable(
                        Message("{part}, a part of it, is not in the file", part=plain(node.said("codeId"), 40))
                    )
                steps.append(Operand(done, tuple(self.volumes_of(other, trail))))
            except Unusable as why:
                faults.append(told_by(why))
                doubts += (
                    [Message("a volume to be {done} could not be read", done=_DONE[done])] if done in _DONE else []
                )
        if not any(step.volumes and step.operation not in _DONE for step in steps):
            raise Unusable(_at_most_300(several(dict.fromkeys(faults))) or Message("it is made of nothing"))
        for fault in faults:
            note_lost(airspace, fault, self.notes)
        volumes = [replace(v, doubt=several(filter(None, (v.doubt, *doubts)))) for v in combined(steps, self.work)]
        if not any(parts.ase.said(f"valDistVer{which}") for which in ("Lower", "Upper")):
            return volumes
        lower, upper, notes = _limits(parts.ase)
        for code, text in notes:
            self.notes.add(code, text, name=airspace.name, number=airspace.number)
        return [replace(volume, lower=lower, upper=upper) for volume in volumes]

    def _area(self, abd: Node, lower: Limit, upper: Limit, airspace: AirspaceDescription) -> AirspaceVolume:
        data = {c.value.datum for c in abd.children if isinstance(c.value, Corner)}
        data |= {circle.said("codeDatum").upper() for circle in abd.all("Circle")}
        if not data <= _WGS84:
            message = Message("in the datum {datum}; taken as WGS 84", datum=plain(min(data - _WGS84), 10))
            self.notes.add(Code.ZONE_OUTLINE_DOUBTFUL, message, name=airspace.name, number=airspace.number)
        circles = [
            Circle(point_of(node.said("geoLatCen"), node.said("geoLongCen")), length_m(node, "valRadius", "uomRadius"))
            for node in abd.all("Circle")
        ]
        polygons: list[list[RawRing | Circle]] = [[ring_of([circle])] for circle in circles]
        corners = [child.value for child in abd.children if isinstance(child.value, Corner)]
        if corners:
            polygons.append([ring_of(list(self._legs(corners, airspace)))])
        if not polygons:
            raise Unusable(Message("no outline is given"))
        return area_of(polygons, lower, upper, airspace, self.notes)

    def _legs(self, corners: list[Corner], airspace: AirspaceDescription) -> Iterator[Leg]:
        fault = next((corner.fault for corner in corners if corner.fault), None)
        if fault:
            raise Unusable(fault)
        if len(corners) == 1:
            raise Unusable(Message("a single point, no area"))
        for corner, following in zip(corners, [*corners[1:], corners[0]], strict=True):
            ends = np.array([corner.point, following.point])
            if corner.kind in ("GRC", "RHL", "END", ""):
                yield CurveSegment(ends, Edge.RHUMB if corner.kind == "RHL" else Edge.GEODESIC)
            elif corner.kind in ("CWA", "CCA"):
                yield self._turn(corner, following, airspace)
            elif corner.kind == "FNT":
                yield CurveSegment(ends[:1], Edge.GEODESIC)
                yield Follow(self._border(corner))
                yield CurveSegment(ends[1:], Edge.GEODESIC)
            else:
                raise Unusable(Message("a line of a kind that is not read ({kind})", kind=plain(corner.kind, 20)))

    def _turn(self, corner: Corner, following: Corner, airspace: AirspaceDescription) -> ArcSegment:
        if corner.centre is None:
            raise Unusable(Message("an arc without a centre"))
        reach_m = float(geodesic_between(np.array([corner.centre]), np.array([corner.point]))[1][0])
        if corner.radius_m is not None and abs(corner.radius_m - reach_m) > NOTED_M:
            message = Message(
                "an arc whose radius differs by more than {limit_m:g} m from its begin's distance; its ends hold",
                limit_m=NOTED_M,
            )
            self.notes.add(Code.ZONE_OUTLINE_DOUBTFUL, message, name=airspace.name, number=airspace.number)
        return ArcSegment(corner.point, following.point, corner.centre, corner.kind == "CWA", reach_m)

    def _border(self, corner: Corner) -> Border:
        node = next((self.borders[key] for key in corner.border if key and key in self.borders), None)
        if node is None:
            raise Unusable(
                Message("it follows the border {name}, which is not in the file", name=plain(corner.border[1], 60))
            )
        if id(node) not in self.known_borders:
            corners = [child.value for child in node.children if isinstance(child.value, Corner)]
            kinds = {c.kind for c in corners[:-1]}
            if not corners or any(c.fault for c in corners) or not kinds <= {"GRC", "RHL"}:
                raise Unusable(
                    Message("the border {name} has no line that can be read", name=plain(corner.border[1], 60))
                )
            edge = Edge.RHUMB if kinds == {"RHL"} else Edge.GEODESIC
            line = CurveSegment(np.array([c.point for c in corners]), edge)
            self.known_borders[id(node)] = Border(plain(corner.border[1], 60), line)
        return self.known_borders[id(node)]


def _at_most_300(text: Message) -> Message:
    return text if len(text) <= 300 else Message(text[:300])


def _limits(ase: Node) -> tuple[Limit, Limit, list[tuple[Code, Message]]]:
    made, notes = [UNKNOWN, UNKNOWN], list[tuple[Code, Message]]()
    for place, (which, name, second) in enumerate(((FLOOR, "Lower", "Mnm"), (CEILING, "Upper", "Max"))):
        value, unit, reference = (ase.said(f"{part}DistVer{name}") for part in ("val", "uom", "code"))
        made[place], note, is_assumed = read_vertical(value, unit, reference, which, ase.said(f"valDistVer{second}"))
        if note:
            notes.append((Code.ZONE_LIMIT_ASSUMED if is_assumed else Code.ZONE_LIMIT_UNKNOWN, note))
    return made[0], made[1], notes


def _airspace(parts: _Parts) -> AirspaceDescription:
    ase = parts.ase
    uid = ase.child("AseUid")
    code = ase.said("AseUid", "codeId")
    mid = uid.attributes.get("mid", "") if uid else ""
    remarks = [text for text in (ase.said("txtRmk"), ase.said("Att", "txtRmkWorkHr")) if text]
    return AirspaceDescription(
        id="-".join(part for part in (ase.said("AseUid", "codeType"), code) if part)
        or mid
        or f"airspace {parts.number}",
        designator=code,
        title=ase.said("txtName"),
        type=ase.said("AseUid", "codeType"),
        number=parts.number,
        classes=tuple(node.text.strip() for node in ase.all("codeClass") if node.text.strip()),
        local_type=ase.said("txtLocalType"),
        schedule=_schedule(ase),
        remarks=tuple(remarks),
    )


def _schedule(ase: Node) -> Schedule:
    hours = ase.child("Att")
    code = hours.said("codeWorkHr").upper() if hours else ""
    if hours is None or code == "H24":
        return ALWAYS
    if code in _BY_SUN:
        begin, end = _BY_SUN[code]
        return Schedule((Span(None, None, (DailyPeriod(DayTime(event=begin), DayTime(event=end)),)),))
    if code == "TIMSH" and hours.all("Timsh"):
        return schedule_of_sheets(_sheet(node) for node in hours.all("Timsh"))
    return Schedule((), Message("its working hours are {code}", code=plain(code, 20) or Message("not given")))


def _sheet(node: Node) -> Timesheet:
    said = node.said
    return Timesheet(
        said("codeTimeRef"), said("dateValidWef"), said("dateValidTil"), said("codeDay"), said("codeDayTil"),
        said("timeWef"), said("timeTil"), said("codeEventWef"), said("codeEventTil"),
        said("timeRelEventWef") + said("timeRelEventTil"),
    )  # fmt: skip
