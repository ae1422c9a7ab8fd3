"""Zones out of features: an outline with properties, as GeoJSON, KML and the formats of GIS programs have them.

The properties are those of dronecheck's own profile (`common.properties`), or translated into them as far as their
publisher is known (`common.publishers`). One feature is one zone; what cannot be read is an issue with its number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from dronecheck.airspace.common.areas import buffered, circle_area, polygon_area
from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.common.properties import ZoneProperties
from dronecheck.airspace.common.publishers import Foreign, translated
from dronecheck.airspace.common.rejects import NoArea, Unusable
from dronecheck.airspace.common.schedule_text import read_schedule
from dronecheck.airspace.zone import GROUND, UNLIMITED, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message, several, told_by
from dronecheck.safe.io import plain

__all__ = ["About", "feature_zone", "label", "repair_note", "with_unique_ids", "zone_of", "zones_of"]

About = list[tuple[Code, Message]]
_Raw = TypeVar("_Raw")


class _Label(Unusable):
    """A point without a radius: nothing is lost with it if its zone has an area, too."""

    def __init__(self, name: str) -> None:
        super().__init__(Message("a point without a radius"))
        self.name = name


def label(name: str) -> Unusable:
    """Raise it for a point without a radius."""
    return _Label(name)


def zones_of(
    raw: Iterable[_Raw], zone: Callable[[_Raw, int, ZoneSource, Notes], Zone], origin: ZoneSource, notes: Notes
) -> ZoneSet:
    """Return the zones that `zone` makes of raw features, numbered from 1.

    `zone` raises Unusable, and NoArea for those that are none.

    A label's point costs nothing where its zone's area stands elsewhere in the file.
    """
    zones, labels = list[Zone](), list[tuple[str, int]]()
    for number, one in enumerate(raw, 1):
        try:
            zones.append(zone(one, number, origin, notes))
        except _Label as found:
            labels.append((found.name, number))
        except NoArea as why:
            notes.add(Code.NO_AREA, told_by(why), name=_place(number), number=number, severity=Severity.INFO)
        except Unusable as why:
            notes.skip(told_by(why), name=_place(number), number=number)
    names = {zone.name for zone in zones}
    for name, number in labels:
        if name in names:
            text = Message("a point; the zone's area stands elsewhere in the file")
            notes.add(Code.NO_AREA, text, name=name, number=number, severity=Severity.INFO)
        else:
            notes.skip(Message("a point without a radius"), name=name, number=number)
    return notes.zone_set(zones, origin)


def _place(number: int) -> Message:
    return Message("feature {number}", number=number)


def feature_zone(feature: object, number: int, origin: ZoneSource, notes: Notes, edge: Edge = Edge.PLANAR) -> Zone:
    """Return the zone of a decoded GeoJSON Feature; `edge` where its properties do not say it. Raises Unusable."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Unusable(Message("no Feature"))
    given = feature.get("properties") or {}
    foreign = (
        translated(given) if isinstance(given, dict) else Foreign({}, doubt=Message("its properties are no object"))
    )
    identifier = plain(feature.get("id") or "", 120)
    outline = feature.get("geometry")
    return zone_of(foreign, identifier, number, origin, notes, lambda name: _shape(outline, foreign, name), edge)


def zone_of(
    foreign: Foreign,
    identifier: str,
    number: int,
    origin: ZoneSource,
    notes: Notes,
    shape_of: Callable[[str], tuple[Shape, About]],
    edge: Edge = Edge.PLANAR,
) -> Zone:
    """Return a zone by its properties; `shape_of` gives the shape for its name, and what is to be noted about it.

    `identifier` is the feature's own, "" for none. Raises what `shape_of` raises.
    """
    properties = ZoneProperties(foreign.properties)
    if foreign.doubt:
        properties.doubts.append(foreign.doubt)
    name = properties.text("name") or properties.text("id") or identifier or f"feature {number}"
    shape, about = shape_of(name)
    schedule = foreign.schedule or read_schedule(foreign.properties.get("schedule"), properties.doubts)
    zone = Zone(
        id=properties.text("id") or identifier or name,
        name=name,
        kind=properties.choice("kind", ZoneKind, ZoneKind.RESTRICTED),
        shape=shape,
        source=origin,
        edge=properties.choice("edge", Edge, edge),
        lower=properties.limit("lower", GROUND),
        upper=properties.limit("upper", UNLIMITED),
        accuracy_m=properties.accuracy_m(),
        authority=properties.text("authority", 300),
        valid_from_ns=properties.time_ns("valid_from"),
        valid_to_ns=properties.time_ns("valid_to"),
        schedule=schedule,
        stated_effect=properties.effect(),
        remarks=properties.text("remarks", 1_200),
    )
    properties.compare(zone)
    about += [(Code.ZONE_LIMIT_UNKNOWN, text) for text in properties.unknown_limits]
    if schedule.unknown:
        about.append(
            (
                Code.ZONE_TIMES_UNKNOWN,
                Message("when it is in force is unknown: {unknown}", unknown=plain(schedule.unknown, 120)),
            )
        )
    if foreign.unknown_class:
        text = Message(
            "{unknown_class} is in no table: needs authorisation", unknown_class=plain(foreign.unknown_class, 40)
        )
        about.append((Code.ZONE_CLASS_UNKNOWN, text))
    if foreign.unread:
        text = Message(
            "its properties {unread} say nothing to dronecheck: restricted from the ground up", unread=foreign.unread
        )
        about.append((Code.FOREIGN_PROPERTIES, text))
    doubt = several(properties.doubts)
    about += [(Code.ZONE_DOUBTFUL, doubt)] if doubt else []
    for code, text in about:
        notes.add(code, text, name=name, number=number)
    return replace(zone, doubt=str(doubt)) if doubt else zone


def repair_note(shape: Shape) -> tuple[Code, Message]:
    """Return the note on an outline that was repaired."""
    if shape.uncertain is None:
        return Code.ZONE_REPAIRED, Message("invalid outline, repaired")
    return Code.ZONE_REPAIRED, Message("invalid outline, repaired; what rests on the part in doubt is left open")


def with_unique_ids(zones: ZoneSet) -> ZoneSet:
    """Return the same zones, with `~2`, `~3` ... behind identifiers that stand for several.

    The identifiers that come from names and labels do so.
    """
    seen, out = dict[str, int](), list[Zone]()
    for zone in zones.zones:
        seen[zone.id] = seen.get(zone.id, 0) + 1
        out.append(zone if seen[zone.id] == 1 else replace(zone, id=f"{zone.id}~{seen[zone.id]}"))
    return replace(zones, zones=tuple(out))


def _shape(geometry: object, foreign: Foreign, name: str) -> tuple[Shape, About]:
    if foreign.radius_m is not None and isinstance(geometry, dict) and geometry.get("type") == "Point":
        if foreign.radius_m > 0:
            return circle_area(geometry.get("coordinates"), foreign.radius_m), []
        if foreign.is_advice:
            raise NoArea(Message("a point without a radius that restricts nothing"))
        raise _Label(name)
    shape, was_invalid = polygon_area(geometry)
    about = [repair_note(shape)] if was_invalid else []
    if foreign.radius_m and not was_invalid:
        text = Message(
            "whether its outline holds the buffer of {radius_m:g} m is not known: both are judged",
            radius_m=foreign.radius_m,
        )
        return buffered(shape, foreign.radius_m), [(Code.ZONE_OUTLINE_DOUBTFUL, text)]
    return shape, about
