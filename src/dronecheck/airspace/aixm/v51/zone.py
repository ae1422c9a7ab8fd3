"""What the readers of AIXM 5.1 and 4.5 share: a zone out of what an airspace says and its volumes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dronecheck.airspace.aixm.classes import meaning_of_type
from dronecheck.airspace.aixm.v51.outline import NOTED_M, RawRing, shape_of
from dronecheck.airspace.aixm.v51.volumes import AirspaceVolume
from dronecheck.airspace.common.meanings import Meaning
from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.schedule import ALWAYS, Schedule
from dronecheck.airspace.zone import Effect, Limit, Zone, ZoneSource, contradiction_of
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Circle
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message, as_message, several
from dronecheck.safe.io import plain

__all__ = ["AirspaceDescription", "area_of", "note_lost", "zones_of"]


@dataclass(frozen=True, slots=True)
class AirspaceDescription:
    """What an airspace says about itself, in a stretch of time; `number` is its place in the file."""

    id: str
    designator: str
    title: str
    type: str
    number: int
    classes: tuple[str, ...] = ()
    local_type: str = ""
    valid_from_ns: int | None = None
    valid_to_ns: int | None = None
    schedule: Schedule = ALWAYS
    remarks: Sequence[str] = field(default_factory=tuple)

    @property
    def name(self) -> str:
        """Return designator and name, as far as they are given."""
        said = " ".join(dict.fromkeys(text for text in (self.designator, self.title) if text))
        return plain(said or self.id, 120)

    @property
    def meaning(self) -> tuple[Meaning, bool]:
        """Return the airspace's kind and effect, and whether its type is known."""
        return meaning_of_type(self.type, self.classes, self.local_type)


def area_of(
    polygons: Sequence[Sequence[RawRing | Circle]],
    lower: Limit,
    upper: Limit,
    airspace: AirspaceDescription,
    notes: Notes,
) -> AirspaceVolume:
    """Return a volume of these rings; what is doubtful about them is noted."""
    shape, edge = shape_of(polygons)
    rings = [ring for polygon in polygons for ring in polygon if isinstance(ring, RawRing)]
    for ring in rings:
        for doubt in dict.fromkeys(ring.doubts):
            notes.add(Code.ZONE_OUTLINE_DOUBTFUL, doubt, name=airspace.name, number=airspace.number)
    mismatch_m = max((ring.mismatch_m for ring in rings), default=0.0)
    only_circles = not rings
    return AirspaceVolume(
        shape, Edge.GEODESIC if only_circles else edge, lower, upper,
        accuracy_m=mismatch_m / 2 if mismatch_m > NOTED_M else 0.0,  # the true arc lies between its two radii
    )  # fmt: skip


def note_lost(airspace: AirspaceDescription, why: Message, notes: Notes) -> None:
    """Note that an airspace, or a volume of it, is no zone; of advice no verdict depends on it."""
    is_advice = False
    if airspace.type:
        meaning, is_known = airspace.meaning
        is_advice = is_known and meaning.effect in (Effect.CONDITIONAL, Effect.INFORMATION)
    notes.skip(why, is_advice=is_advice, name=airspace.name, number=airspace.number)


def zones_of(
    airspace: AirspaceDescription,
    volumes: Sequence[AirspaceVolume],
    origin: ZoneSource,
    notes: Notes,
    seen: dict[str, int],
) -> list[Zone]:
    """Return one zone a volume, under one name; several have #1, #2 ... behind the identifier."""
    meaning, is_known = airspace.meaning
    said = [f"type {plain(airspace.type, 40)}"] if airspace.type else []
    said += [f"class {plain(text, 20)}" for text in airspace.classes[:8]]
    said += [f"local type {plain(airspace.local_type, 60)}"] if airspace.local_type else []
    said += [plain(text, 200) for text in airspace.remarks[:4]]
    if not is_known:
        message = Message(
            "type {type} is not known; taken as one that needs authorisation",
            type=plain(airspace.type, 40) or Message("none"),
        )
        notes.add(Code.ZONE_CLASS_UNKNOWN, message, name=airspace.name, number=airspace.number)
    seen[airspace.id] = seen.get(airspace.id, 0) + 1
    identifier = airspace.id if seen[airspace.id] == 1 else f"{airspace.id}~{seen[airspace.id]}"
    if airspace.schedule.unknown:
        notes.add(
            Code.ZONE_TIMES_UNKNOWN, as_message(airspace.schedule.unknown), name=airspace.name, number=airspace.number,
            severity=Severity.INFO,
        )  # fmt: skip
    made = []
    for part, volume in enumerate(volumes, 1):
        zone = Zone(
            id=plain(identifier, 120) + (f"#{part}" if len(volumes) > 1 else ""),
            name=airspace.name, kind=meaning.kind, shape=volume.shape, source=origin, edge=volume.edge,
            lower=volume.lower, upper=volume.upper, accuracy_m=volume.accuracy_m,
            valid_from_ns=airspace.valid_from_ns, valid_to_ns=airspace.valid_to_ns, schedule=airspace.schedule,
            stated_effect=meaning.effect, remarks="; ".join(said),
        )  # fmt: skip
        doubt = several(filter(None, (volume.doubt, contradiction_of(volume.lower, volume.upper))))
        if doubt:
            notes.add(Code.ZONE_DOUBTFUL, doubt, name=airspace.name, number=airspace.number)
        made.append(replace(zone, doubt=str(doubt)))
    return made
