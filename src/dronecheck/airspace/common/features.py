"""Zones out of features: an outline with properties, as GeoJSON, KML and the formats of GIS programs have them.

The properties are those of dronecheck's own profile (`common.properties`), or translated into them as far as their
publisher is known (`common.publishers`). One feature is one zone; what cannot be read is an issue with its number.

| geometry | read as |
|---|---|
| Polygon, MultiPolygon | the area |
| GeometryCollection | its areas together, if none of its other parts may be one |
| Point whose publisher states a radius in metres | a geodesic circle |
| Point or line with any other radius, width or buffer; a line that closes | an area that cannot be read |
| Point or line of what is a zone by its properties | an area that is lost, unless it stands elsewhere under that name |
| any other Point or line | no area: a label |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from math import isnan
from typing import Any, TypeVar

import numpy as np
import shapely

from dronecheck.airspace.common.areas import AREAS, buffered, circle_area, polygon_area
from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.common.properties import ZoneProperties
from dronecheck.airspace.common.publishers import Foreign, translated
from dronecheck.airspace.common.publishers.foreign import OriginalCircle
from dronecheck.airspace.common.publishers.makers import both_readings
from dronecheck.airspace.common.rejects import NoArea, Unusable
from dronecheck.airspace.common.schedule_text import read_schedule
from dronecheck.airspace.zone import GROUND, UNLIMITED, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape, turned
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message, several, told_by
from dronecheck.safe.io import plain

__all__ = [
    "About", "closes", "extent_of", "feature_zone", "fitted", "label", "repair_note", "united", "with_unique_ids",
    "zone_of", "zones_of",
]  # fmt: skip

_MOST_PARTS, _DEEPEST = 10_000, 8
_SAME_PLACE_DEG = 1e-7
_EXTENT = re.compile(
    r"radius|rayon|radio_m|buffer|puffer|width|breite|bredd|largeur|ancho|diameter|durchmesser|半径|반경", re.IGNORECASE
)
_STYLE = re.compile(r"stroke|border|outline|icon|marker|line-width", re.IGNORECASE)

About = list[tuple[Code, Message]]
_Raw = TypeVar("_Raw")


class _Label(Unusable):
    """A point or line without an extent: nothing is lost with it if its zone has an area, too."""

    def __init__(self, name: str) -> None:
        super().__init__(Message("a point or line of which nobody says how large its area is"))
        self.name = name


def label(name: str) -> Unusable:
    """Raise it for a point or line without an extent."""
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
            text = Message("a label; the zone's area stands elsewhere in the file")
            notes.add(Code.NO_AREA, text, name=name, number=number, severity=Severity.INFO)
        else:
            text = Message("a point or line of which nobody says how large its area is")
            notes.skip(text, name=name, number=number)
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
    if foreign.unusable:
        raise Unusable(foreign.unusable)
    identifier = plain(feature.get("id") or "", 120)
    outline, extent = feature.get("geometry"), extent_of(given)
    return zone_of(
        foreign, identifier, number, origin, notes, lambda name: _shape(outline, foreign, name, extent), edge
    )


def fitted(zone: Zone, accuracy_m: float, number: int, notes: Notes) -> Zone:
    """Return a zone whose outline was transformed, with how well that is known (NaN: it is not)."""
    if isnan(accuracy_m):
        text = Message("how well its coordinate system fits WGS 84 is not known")
        notes.add(Code.ZONE_OUTLINE_DOUBTFUL, text, name=zone.name, number=number, severity=Severity.INFO)
        return zone
    return replace(zone, accuracy_m=max(zone.accuracy_m, accuracy_m))


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
    about += [*_unknown_of(zone, foreign, properties), *foreign.about]
    doubt = several(properties.doubts)
    about += [(Code.ZONE_DOUBTFUL, doubt)] if doubt else []
    for code, text in about:
        notes.add(code, text, name=name, number=number)
    return replace(zone, doubt=str(doubt)) if doubt else zone


def _unknown_of(zone: Zone, foreign: Foreign, properties: ZoneProperties) -> About:
    """Return the notes on what a feature says in words that nobody here knows."""
    about: About = [(Code.ZONE_LIMIT_UNKNOWN, text) for text in properties.unknown_limits]
    if zone.schedule.unknown:
        text = Message("when it is in force is unknown: {unknown}", unknown=plain(zone.schedule.unknown, 120))
        about.append((Code.ZONE_TIMES_UNKNOWN, text))
    if foreign.unknown_class:
        text = Message(
            "{unknown_class} is in no table: needs authorisation", unknown_class=plain(foreign.unknown_class, 40)
        )
        about.append((Code.ZONE_CLASS_UNKNOWN, text))
    if foreign.unread:
        text = Message("its properties {unread} are of no publisher that is known: restricted", unread=foreign.unread)
        if zone.lower == GROUND and zone.upper == UNLIMITED:
            text = Message(
                "its properties {unread} say nothing to dronecheck: restricted from the ground up",
                unread=foreign.unread,
            )
        about.append((Code.FOREIGN_PROPERTIES, text))
    return about


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


def united(shapes: list[Shape]) -> Shape:
    """Return the union of shapes, in the turn of longitude of the first; what is in doubt about any stays so."""
    if len(shapes) == 1:
        return shapes[0]
    middle = float(np.mean([shapes[0].bounds[0], shapes[0].bounds[2]]))
    areas, doubts = [], []
    for shape in shapes:
        turn = 360.0 * round((float(np.mean([shape.bounds[0], shape.bounds[2]])) - middle) / 360.0)
        areas.append(turned(shape.geometry, -turn))
        doubts += [] if shape.uncertain is None else [turned(shape.uncertain, -turn)]
    return Shape(shapely.union_all(areas), shapely.union_all(doubts) if doubts else None)


def closes(line: Any) -> bool:
    """Tell whether a line of points (n, 2 or more) comes back to where it began: it may mean an area."""
    try:
        points = np.array([[float(point[0]), float(point[1])] for point in line], dtype=np.float64)
    except (ValueError, TypeError, IndexError, KeyError, OverflowError):
        return False
    return len(points) > 3 and bool((np.abs(points[-1] - points[0]) <= _SAME_PLACE_DEG).all())


def extent_of(given: object) -> str:
    """Return the property that gives a point or line an extent, with its value; "" where none does."""
    for key, value in given.items() if isinstance(given, dict) else ():
        if not _EXTENT.search(str(key)) or _STYLE.search(str(key)) or value in (None, "", 0, "0", False):
            continue
        return f"{plain(key, 40)} {plain(value, 30)}"
    return ""


def _shape(geometry: object, foreign: Foreign, name: str, extent: str) -> tuple[Shape, About]:
    parts = list(_parts(geometry, _DEEPEST))
    areas = [part for part in parts if part.get("type") in AREAS]
    others = [part for part in parts if part.get("type") not in AREAS]
    if not areas and [part.get("type") for part in others] == ["Point"]:
        if circle_m := foreign.circle_m or foreign.radius_m:
            return _of_maker(circle_area(others[0].get("coordinates"), circle_m), foreign)
        if foreign.radius_m is not None and foreign.is_advice:
            raise NoArea(Message("a point without a radius that restricts nothing"))
    for part in others:
        _raise_if_area(part, extent)
    if not areas:
        if foreign.is_zone and others:
            raise _Label(name)
        polygon_area(geometry if not others else others[0])  # says what it is instead
    read = [polygon_area(part) for part in areas]
    shape, was_invalid = united([one for one, _ in read]), any(invalid for _, invalid in read)
    about = [repair_note(shape)] if was_invalid else []
    if foreign.original is not None:
        shape, doubt = _with_original(shape, foreign.original)
        about += doubt
    elif foreign.radius_m and not was_invalid:
        text = Message(
            "whether its outline holds the buffer of {radius_m:g} m is not known: both are judged",
            radius_m=foreign.radius_m,
        )
        return buffered(shape, foreign.radius_m), [(Code.ZONE_OUTLINE_DOUBTFUL, text)]
    shape, doubt = _of_maker(shape, foreign)
    return shape, about + doubt


def _parts(geometry: object, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the geometries of a GeoJSON geometry: itself, or those of a collection. Raises Unusable."""
    if not isinstance(geometry, dict) or geometry.get("type") != "GeometryCollection":
        if isinstance(geometry, dict):
            yield geometry
        return
    inner = geometry.get("geometries")
    if not isinstance(inner, list) or not inner or len(inner) > _MOST_PARTS or not depth:
        raise Unusable(Message("a GeometryCollection without geometries, with too many, or nested too deep"))
    for one in inner:
        if not isinstance(one, dict):
            raise Unusable(Message("a GeometryCollection with a part that is no geometry"))
        yield from _parts(one, depth - 1)


def _raise_if_area(part: dict[str, Any], extent: str) -> None:
    """Raise Unusable for a point or line that may mean an area."""
    kind, coordinates = str(part.get("type")), part.get("coordinates")
    if kind not in ("Point", "MultiPoint", "LineString", "MultiLineString"):
        polygon_area(part)  # says that it is none of them
    if closes(coordinates) if kind == "LineString" else kind == "MultiLineString" and _close_together(coordinates):
        raise Unusable(Message("a closed line; whether an area is meant cannot be told"))
    if extent:
        text = "a {kind} with {extent}: an area of which nobody says how large it is"
        raise Unusable(Message(text, kind=plain(kind, 20), extent=extent))


def _close_together(lines: Any) -> bool:
    """Tell whether one of several lines closes, or some of them do end to end, in whatever order and direction."""
    if not isinstance(lines, list) or len(lines) > _MOST_PARTS:
        return True  # nobody can tell
    if any(closes(line) for line in lines):
        return True
    try:
        merged = shapely.line_merge(shapely.multilinestrings([shapely.linestrings(line) for line in lines]))
    except (ValueError, TypeError, shapely.errors.GEOSException):
        return True
    return any(part.is_ring for part in shapely.get_parts(merged))


def _with_original(shape: Shape, original: OriginalCircle) -> tuple[Shape, About]:
    """Return the circle that a polygon was drawn from; where the polygon differs from it, both are judged."""
    circle = circle_area(list(original.centre_deg), original.radius_m).geometry
    both = shapely.union(circle, shape.geometry)
    doubt = shapely.symmetric_difference(circle, shape.geometry)
    if shape.uncertain is not None:
        doubt = shapely.union(doubt, shape.uncertain)
    text = Message("a circle of {radius_m:g} m and a polygon of it: both are judged", radius_m=original.radius_m)
    return Shape(both, doubt), [(Code.ZONE_OUTLINE_DOUBTFUL, text)]


def _of_maker(shape: Shape, foreign: Foreign) -> tuple[Shape, About]:
    return (shape, []) if foreign.maker_country is None else both_readings(shape, foreign.maker_country)
