"""AIXM 5.1 and 5.1.1: the Airspace features of an AIXMBasicMessage (or of anything else that holds them).

| element | read as |
|---|---|
| timeSlice | the state of the airspace from when to when (`aixm.v51.time_slices`) |
| type, class, localType | kind and effect (`aixm.classes`) |
| designator, name, gml:identifier | name and identifier |
| geometryComponent: operation, operationSequence | volumes, added, taken away, cut out (`aixm.v51.volumes`) |
| AirspaceVolume: limits | floor and ceiling (`aixm.limits`) |
| horizontalProjection | the outline (`aixm.v51.gml`) |
| contributorAirspace | the volumes of another airspace, or their outlines with own limits |
| activation | when it is in force (`aixm.activation`) |
| GeoBorder | a line that outlines follow in part |
| centreline, width | a corridor: unreadable |

Sources: AIXM 5.1.1 data model and Temporality Concept 1.1 (EUROCONTROL, FAA); OGC 12-028r1 for its GML.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from dronecheck.airspace.aixm.activation import Timesheet, schedule_of_sheets
from dronecheck.airspace.aixm.limits import read_vertical
from dronecheck.airspace.aixm.v51.gml import Gml, key_of
from dronecheck.airspace.aixm.v51.time_slices import OnlyChanges, State, UnreadableTime, states_of
from dronecheck.airspace.aixm.v51.volumes import AirspaceVolume, Operand, Work, combined
from dronecheck.airspace.aixm.v51.zone import AirspaceDescription, area_of, note_lost, zones_of
from dronecheck.airspace.aixm.xml_tree import Node, read_features
from dronecheck.airspace.common.notes import CEILING, FLOOR, Notes
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.schedule import ALWAYS, Schedule
from dronecheck.airspace.zone import Limit, Zone, ZoneSet, ZoneSource
from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code
from dronecheck.messages import Message, as_message, several, told_by
from dronecheck.safe.io import Input, plain

__all__ = ["read_aixm_5"]

_WANTED = frozenset({"Airspace", "GeoBorder", "Point", "ElevatedPoint"})
_UNREAD = frozenset({"featureMetadata", "timeSliceMetadata", "extension", "annotation"})
_MOST_DEPTH = 32
_MOST_VOLUMES = 50_000  # of a file, those of other airspaces counted again


def read_aixm_5(source: Input) -> ZoneSet:
    """Read all airspaces. What is odd, lost or assumed is an Issue with the number of the Airspace feature.

    Raises UnreadableInput when there is none, for entities, and for more than any zone file holds.
    """
    notes = Notes()
    document = read_features(source, notes, _WANTED, _UNREAD)
    features = [node for node in document.features if node.name == "Airspace"]
    if not features:
        what = " that can be read" if notes.issues() else ": it holds no zones"
        raise UnreadableInput("no_airspace", f"an AIXM file without an Airspace feature{what}")
    origin = ZoneSource(name=source.name, sha256=source.sha256)
    numbered = _with_changes(features)
    file = _BasicMessage(
        notes, _gml_of(document.features), {_identifier(node): node for _, node in numbered if _identifier(node)}
    )
    zones, seen = list[Zone](), dict[str, int]()
    for number, feature in numbered:
        zones += file.zones(feature, number, origin, seen)
    return notes.zone_set(zones, origin)


def _identifier(feature: Node) -> str:
    return feature.said("identifier") or key_of(feature.attributes.get("id", ""))


def _with_changes(features: list[Node]) -> list[tuple[int, Node]]:
    """Return the features, numbered from 1; those that are only changes of another one go into it."""
    whole = {_identifier(node): node for node in features if _identifier(node) and _has_baseline(node)}
    kept = []
    for number, node in enumerate(features, 1):
        other = whole.get(_identifier(node))
        if other is None or _has_baseline(node):
            kept.append((number, node))
        else:
            other.children = [*other.children, *node.all("timeSlice")]
    return kept


def _has_baseline(feature: Node) -> bool:
    slices = [node for holder in feature.all("timeSlice") for node in holder.children]
    return any(node.said("interpretation").upper() in ("BASELINE", "SNAPSHOT", "") for node in slices)


def _gml_of(features: list[Node]) -> Gml:
    by_id = {key_of(node.attributes["id"]): node for f in features for node in f.walk() if "id" in node.attributes}
    borders = [node for node in features if node.name == "GeoBorder"]
    keys = {key: node for node in borders for key in (_identifier(node), key_of(node.attributes.get("id", ""))) if key}
    return Gml(by_id, keys)


@dataclass(slots=True)
class _BasicMessage:
    """The airspaces of a file, which refer to each other."""

    notes: Notes
    gml: Gml
    features: dict[str, Node]
    states: dict[int, list[State]] = field(default_factory=dict)
    volumes: dict[tuple[int, int], list[AirspaceVolume] | Unusable] = field(default_factory=dict)
    work: Work = field(default_factory=Work)
    count: int = 0

    def zones(self, feature: Node, number: int, origin: ZoneSource, seen: dict[str, int]) -> list[Zone]:
        """Return the zones of an airspace, one for each of its states and volumes."""
        key = _identifier(feature)
        unnamed = AirspaceDescription(key or f"airspace {number}", "", "", "", number)
        try:
            states = self.states_of(feature)
        except OnlyChanges:
            note_lost(
                unnamed,
                Message("only a change of it (TEMPDELTA, PERMDELTA); its outline is in another file"),
                self.notes,
            )
            return []
        except UnreadableTime as why:
            note_lost(unnamed, told_by(why), self.notes)
            return []
        made, faults = list[Zone](), set[str]()
        for place, state in enumerate(states):
            airspace = _airspace(state, unnamed)
            airspace = replace(airspace, schedule=_schedule(state, airspace, self.notes))
            try:
                volumes = self.volumes_of(feature.offset, place, airspace, state, (feature.offset,))
            except Unusable as why:
                if told_by(why) not in faults:  # once for all its times
                    note_lost(airspace, told_by(why), self.notes)
                faults.add(told_by(why))
                continue
            made += zones_of(airspace, volumes, origin, self.notes, seen)
        return made

    def states_of(self, feature: Node) -> list[State]:
        if feature.offset not in self.states:
            self.states[feature.offset] = states_of(feature)
        return self.states[feature.offset]

    def volumes_of(
        self, key: int, place: int, airspace: AirspaceDescription, state: State, trail: tuple[int, ...]
    ) -> list[AirspaceVolume]:
        """Return the volumes of a state of an airspace.

        Raises Unusable; a volume that cannot be read alone is noted.
        """
        if (key, place) not in self.volumes:
            try:
                self.volumes[key, place] = self._combined(airspace, state, trail)
            except Unusable as why:
                self.volumes[key, place] = why
        known = self.volumes[key, place]
        if isinstance(known, Unusable):
            raise Unusable(told_by(known))
        self.count += len(known)
        if self.count > _MOST_VOLUMES:
            raise UnreadableInput("too_large", f"AIXM of more than {_MOST_VOLUMES:,} volumes; split the file")
        return known

    def _combined(self, airspace: AirspaceDescription, state: State, trail: tuple[int, ...]) -> list[AirspaceVolume]:
        components = [node for holder in state.all("geometryComponent") for node in holder.children]
        if not components:
            raise Unusable(Message("no geometry is given"))
        steps, faults, doubts = list[Operand](), list[Message](), list[Message]()
        for node in sorted(components, key=_sequence):
            operation = node.said("operation").upper() or "BASE"
            try:
                steps.append(Operand(operation, tuple(self._component(node, airspace, state, trail))))
            except Unusable as why:
                faults.append(told_by(why))
                if operation in ("SUBTR", "INTERS"):
                    doubts.append(Message("a volume to be {done} could not be read", done=_DONE[operation]))
        if not any(step.volumes and step.operation not in ("SUBTR", "INTERS") for step in steps):
            raise Unusable(several(dict.fromkeys(faults)) or Message("no volume to begin with (BASE)"))
        for fault in faults:
            note_lost(airspace, Message("a volume of it: {fault}", fault=fault), self.notes)
        return [replace(v, doubt=several(filter(None, (v.doubt, *doubts)))) for v in combined(steps, self.work)]

    def _component(
        self, node: Node, airspace: AirspaceDescription, state: State, trail: tuple[int, ...]
    ) -> list[AirspaceVolume]:
        holder = node.child("theAirspaceVolume")
        volume = node.child("theAirspaceVolume", "AirspaceVolume") or (self.gml.target(holder) if holder else None)
        if volume is None:
            raise Unusable(Message("a component without a volume"))
        projection, contributor = volume.child("horizontalProjection"), volume.child("contributorAirspace")
        if projection is not None:
            lower, upper = self._limits(volume, airspace)
            return [area_of(self.gml.polygons(projection), lower, upper, airspace, self.notes)]
        if contributor is not None:
            return self._contributed(volume, contributor, airspace, state, trail)
        if volume.child("centreline") is not None:
            raise Unusable(Message("a corridor along a centre line, which is not read"))
        raise Unusable(Message("a volume without an outline"))

    def _contributed(
        self, volume: Node, contributor: Node, airspace: AirspaceDescription, state: State, trail: tuple[int, ...]
    ) -> list[AirspaceVolume]:
        dependency = contributor.child("AirspaceVolumeDependency") or contributor
        target = dependency.child("theAirspace")
        key = key_of(target.attributes.get("href", "") if target else "")
        feature = self.features.get(key)
        if feature is None or feature.offset in trail or len(trail) > _MOST_DEPTH:
            why = Message("which is not in the file") if feature is None else Message("and that again to it")
            raise Unusable(
                Message(
                    "it refers to the airspace {key}, {why}", key=plain(key, 60) or Message("without a name"), why=why
                )
            )
        try:
            states = self.states_of(feature)
        except (OnlyChanges, UnreadableTime):
            raise Unusable(
                Message("the airspace {key}, to which it refers, cannot be read", key=plain(key, 60))
            ) from None
        begin = state.from_ns
        place = max((i for i, s in enumerate(states) if s.from_ns is None or begin is None or s.from_ns <= begin),
                    default=0)  # fmt: skip
        if len(states) > 1:
            message = Message("it refers to an airspace that changes with time; that of its own begin is taken")
            self.notes.add(Code.ZONE_OUTLINE_DOUBTFUL, message, name=airspace.name, number=airspace.number)
        other = _airspace(states[place], AirspaceDescription(key, "", "", "", airspace.number))
        found = self.volumes_of(feature.offset, place, other, states[place], (*trail, feature.offset))
        if dependency.said("dependency").upper() != "HORZ_PROJECTION":
            return found
        lower, upper = self._limits(volume, airspace)
        return [replace(one, lower=lower, upper=upper) for one in found]

    def _limits(self, volume: Node, airspace: AirspaceDescription) -> tuple[Limit, Limit]:
        made = []
        for which, name, second in ((FLOOR, "lowerLimit", "minimumLimit"), (CEILING, "upperLimit", "maximumLimit")):
            node = volume.child(name)
            limit, note, is_assumed = read_vertical(
                node.text if node else "", node.attributes.get("uom", "") if node else "",
                volume.said(f"{name}Reference"), which, volume.said(second),
            )  # fmt: skip
            if note:
                code = Code.ZONE_LIMIT_ASSUMED if is_assumed else Code.ZONE_LIMIT_UNKNOWN
                self.notes.add(code, note, name=airspace.name, number=airspace.number)
            made.append(limit)
        return made[0], made[1]


_DONE = {"SUBTR": Message("taken away"), "INTERS": Message("cut out")}


def _sequence(node: Node) -> int:
    text = node.said("operationSequence")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _airspace(state: State, unnamed: AirspaceDescription) -> AirspaceDescription:
    classes = [n.text.strip() for node in state.all("class") for n in node.walk() if n.name == "classification"]
    activities = [n.text.strip() for node in state.all("activation") for n in node.walk() if n.name == "activity"]
    return replace(
        unnamed,
        designator=state.said("designator"),
        title=state.said("name"),
        type=state.said("type"),
        classes=tuple(dict.fromkeys(filter(None, classes))),
        local_type=state.said("localType"),
        valid_from_ns=state.from_ns,
        valid_to_ns=state.to_ns,
        remarks=tuple(f"activity {text}" for text in dict.fromkeys(filter(None, activities))),
    )


def _schedule(state: State, airspace: AirspaceDescription, notes: Notes) -> Schedule:
    """Return when a zone is in force: while any activation says ACTIVE.

    INACTIVE is its complement; what may be activated cannot be told.
    """
    activations = [node for holder in state.all("activation") for node in holder.children]
    if not activations:
        return ALWAYS
    parts = []
    for node in activations:
        status = node.said("status").upper()
        if status in ("ACTIVE", "IN_USE", ""):
            sheets = [_sheet(n) for holder in node.all("timeInterval") for n in holder.children]
            parts.append(schedule_of_sheets(sheets) if sheets else ALWAYS)
            _note_levels(node, state, airspace, notes)
        elif status != "INACTIVE":
            parts.append(Schedule((), Message("its activation is {status}", status=plain(status, 40))))
    if not parts:
        return Schedule((), Message("stated as inactive; it may be activated"))
    if any(part.is_always for part in parts):
        return ALWAYS
    unknown = several(dict.fromkeys(as_message(part.unknown) for part in parts if part.unknown))
    return Schedule(tuple(span for part in parts for span in part.spans), plain(unknown, 200))


def _sheet(node: Node) -> Timesheet:
    said = node.said
    return Timesheet(
        said("timeReference"), said("startDate"), said("endDate"), said("day"), said("dayTil"), said("startTime"),
        said("endTime"), said("startEvent"), said("endEvent"),
        said("startTimeRelativeEvent") + said("endTimeRelativeEvent"),
        is_moved=said("daylightSavingAdjust").upper() == "YES", is_excluded=said("excluded").upper() == "YES",
    )  # fmt: skip


def _note_levels(activation: Node, state: State, airspace: AirspaceDescription, notes: Notes) -> None:
    """Note an activation that is of some levels only: all of them are taken."""
    own = {n.text.strip() for node in state.all("geometryComponent") for n in node.walk() if n.name.endswith("Limit")}
    own |= {"FLOOR", "CEILING", "GND", "UNL"}
    for holder in activation.all("levels"):
        if any(n.name.endswith("Limit") and n.text.strip() not in own for n in holder.walk() if n.text):
            message = Message("active in some of its levels only; all of them are taken")
            notes.add(Code.ZONE_LIMIT_ASSUMED, message, name=airspace.name, number=airspace.number)
            return
