"""GeoJSON zones in dronecheck's own profile (RFC 7946 geometry), and what can be told of other people's.

| property | meaning | default |
|---|---|---|
| name | shown to people | required |
| id | stable identifier | the name |
| kind | prohibited, restricted, danger, control, nature, other | restricted |
| effect | forbidden, needs_authorisation, conditional, information | what the kind means |
| lower_m, lower_datum | floor in metres; AMSL, AGL, HAE, FL, GND, UNL | ground |
| upper_m, upper_datum | ceiling | unlimited |
| edge | planar, geodesic, rhumb; ambiguous: both of the first two are judged | planar (RFC 7946, 3.1.1) |
| accuracy_m | one standard deviation of the outline | 0 |
| valid_from, valid_to | ISO 8601 UTC | open |
| schedule | when it is in force: see `dronecheck.airspace.geojson_schedule` | always |
| authority, remarks | for people | "" |
| doubt | why an entry cannot be judged | none |

`edition`, `licence`, `valid_from` and `valid_to` of the collection itself describe the edition.

Other properties are kept out of the verdict. A limit that cannot be read is unknown, never zero. Properties of
publishers that are known are translated (`geojson_foreign`); of others it is told that they were not read.
"""

from __future__ import annotations

import re
from dataclasses import replace

from dronecheck.airspace import json_zones
from dronecheck.airspace.geojson_foreign import Foreign, translated
from dronecheck.airspace.geojson_schedule import read_schedule
from dronecheck.airspace.json_area import buffered, circle_area, polygon_area
from dronecheck.airspace.json_file import Document, NoArea, Unusable, decoded
from dronecheck.airspace.notes import Notes
from dronecheck.airspace.zone import GROUND, UNLIMITED, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.airspace.zone_properties import ZoneProperties
from dronecheck.errors import UnreadableInput
from dronecheck.geo.edges import Edge
from dronecheck.geo.shape import Shape
from dronecheck.issues import Code, Severity
from dronecheck.moments import moment_ns
from dronecheck.safeio import Input, plain

__all__ = ["NAME", "TITLE", "read", "read_document", "sniff"]

NAME = "geojson"
TITLE = "GeoJSON (.geojson, .json)"

_TYPED = re.compile(rb'"type"\s*:\s*"Feature(?:Collection)?"')
_LIKELY, _POSSIBLE, _NAMED = 60, 30, 10  # profiles of GeoJSON with a mark of their own come first


class _Label(Unusable):
    """A point without a radius: nothing is lost with it if its zone has an area, too."""

    def __init__(self, name: str) -> None:
        super().__init__("a point without a radius")
        self.name = name


def sniff(head: bytes, name: str) -> int:
    """0..100 that these are the first bytes of GeoJSON; profiles of it (ED-318) are surer of theirs."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"{"):
        return 0
    if _TYPED.search(text):
        return _LIKELY
    if b'"coordinates"' in text and b'"geometry"' in text:
        return _POSSIBLE  # the type may come last
    return _NAMED if name.lower().endswith(".geojson") else 0


def read(source: Input) -> ZoneSet:
    """Read a FeatureCollection or a single Feature. Each odd feature is an Issue; the rest is read.

    Raises UnreadableInput when the file is no GeoJSON.
    """
    return json_zones.read(source)


def read_document(document: Document, source: Input) -> ZoneSet:
    """Read the zones of a parsed file. Raises UnreadableInput when it is no GeoJSON."""
    if document.text("type") not in ("FeatureCollection", "Feature"):
        raise UnreadableInput("not_geojson", "JSON, but no GeoJSON FeatureCollection or Feature")
    notes, zones, labels = Notes(), list[Zone](), list[tuple[str, int]]()
    origin = _origin(document, source, notes)
    if document.is_latin1:
        notes.add(Code.NOT_UTF8, "text in another encoding, read as Latin-1")
    for number, raw in enumerate(document.features, 1):
        where = f"feature {number}"
        try:
            zones.append(_zone(decoded(raw), number, origin, notes))
        except _Label as label:
            labels.append((label.name, number))
        except NoArea as why:
            notes.add(Code.NO_AREA, str(why), name=where, number=number, severity=Severity.INFO)
        except Unusable as why:
            notes.add(Code.ZONE_SKIPPED, str(why), name=where, number=number)
    names = {zone.name for zone in zones}
    for name, number in labels:
        if name in names:
            text = "a point; the zone's area stands elsewhere in the file"
            notes.add(Code.NO_AREA, text, name=name, number=number, severity=Severity.INFO)
        else:
            notes.add(Code.ZONE_SKIPPED, "a point without a radius", name=name, number=number)
    return ZoneSet(tuple(zones), (origin,), notes.issues())


def _origin(document: Document, source: Input, notes: Notes) -> ZoneSource:
    """The edition as the collection's own members state it; a last day is included."""
    times: list[int | None] = []
    for key in ("valid_from", "valid_to"):
        value = document.member(key) if document.text("type") == "FeatureCollection" else None
        try:
            times.append(None if value is None else moment_ns(str(value), end_of_day=key == "valid_to"))
        except ValueError:
            times.append(None)
            notes.add(Code.EDITION_UNDATED, f"{key} {plain(value, 40)!r} is no day or time", name="the file")
    return ZoneSource(
        source.name, source.sha256, document.text("edition"), document.text("licence"), None, times[0], times[1]
    )


def _zone(feature: object, number: int, origin: ZoneSource, notes: Notes) -> Zone:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Unusable("no Feature")
    given = feature.get("properties") or {}
    foreign = translated(given) if isinstance(given, dict) else Foreign({})
    properties = ZoneProperties(foreign.properties)
    if not isinstance(given, dict):
        properties.doubts.append("its properties are no object")
    number_or_id = plain(feature.get("id") or f"feature {number}", 120)
    name = properties.text("name") or properties.text("id") or number_or_id
    shape, about = _shape(feature.get("geometry"), foreign, name)
    schedule = foreign.schedule or read_schedule(foreign.properties.get("schedule"), properties.doubts)
    zone = Zone(
        id=properties.text("id") or plain(feature.get("id") or name, 120),
        name=name,
        kind=properties.choice("kind", ZoneKind, ZoneKind.RESTRICTED),
        shape=shape,
        source=origin,
        edge=properties.choice("edge", Edge, Edge.PLANAR),
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
        about.append((Code.ZONE_TIMES_UNKNOWN, f"when it is in force is unknown: {plain(schedule.unknown, 120)}"))
    if foreign.unknown_class:
        text = f"{plain(foreign.unknown_class, 40)} is in no table: needs authorisation"
        about.append((Code.ZONE_CLASS_UNKNOWN, text))
    if foreign.unread:
        text = f"its properties {foreign.unread} say nothing to dronecheck: restricted from the ground up"
        about.append((Code.FOREIGN_PROPERTIES, text))
    doubt = "; ".join(properties.doubts)
    about += [(Code.ZONE_DOUBTFUL, doubt)] if doubt else []
    for code, text in about:
        notes.add(code, text, name=name, number=number)
    return replace(zone, doubt=doubt) if doubt else zone


def _shape(geometry: object, foreign: Foreign, name: str) -> tuple[Shape, list[tuple[Code, str]]]:
    if foreign.radius_m is not None and isinstance(geometry, dict) and geometry.get("type") == "Point":
        if foreign.radius_m > 0:
            return circle_area(geometry.get("coordinates"), foreign.radius_m), []
        if foreign.is_advice:
            raise NoArea("a point without a radius that restricts nothing")
        raise _Label(name)
    shape, was_invalid = polygon_area(geometry)
    left = "" if shape.uncertain is None else "; what rests on the part in doubt is left open"
    about = [(Code.ZONE_REPAIRED, f"invalid outline, repaired{left}")] if was_invalid else []
    if foreign.radius_m and not was_invalid:
        text = f"whether its outline holds the buffer of {foreign.radius_m:g} m is not known: both are judged"
        return buffered(shape, foreign.radius_m), [(Code.ZONE_OUTLINE_DOUBTFUL, text)]
    return shape, about
