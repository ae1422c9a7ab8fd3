"""ED-318 zones (EUROCAE, a profile of GeoJSON), as the official schema has them and as Ireland, Sweden and Spain do.

| in the file | read as |
|---|---|
| identifier, name | id, name: a list of texts by language, or a text (Ireland) |
| type | the effect: `ed.classes` |
| geometry Polygon, MultiPolygon | the area; edges straight in lon/lat; rings after the first are holes |
| geometry Point + extent {subType Circle, radius} | a geodesic circle, radius in metres whatever `uom` is |
| the same with CIRCLE, or `subtype` | the same, as files until 2025 write it |
| geometry.layer | floor and ceiling: `ed.limits`; `uom` absent is m; WGS84 is the ellipsoid; no layer: unknown |
| GeometryCollection | layers, each with its own limits: one Zone a layer, #1, #2 ... behind the identifier |
| limitedApplicability | the schedule, sun events included: `ed.activation`; absent means always |
| zoneAuthority, message, restrictionConditions, reason ... | authority and remarks, for people |
| properties.UASZone {...} (Spain) | the properties |
| metadata or datasetMetadata (Ireland): issued, validFrom, validTo | the edition and when it holds |

Schema: UASGeoZones/ED-318, MIT licence, EUROCONTROL.
"""

from __future__ import annotations

from dronecheck.airspace.common.areas import AREAS, circle_area, polygon_area
from dronecheck.airspace.common.json_document import JsonDocument
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.ed.limits import volume_limit
from dronecheck.airspace.ed.zones import EdDialect, Properties, Turn, Volume, zones_of
from dronecheck.airspace.zone import ZoneSet
from dronecheck.issues import Code
from dronecheck.messages import Message
from dronecheck.safe.io import Input, plain
from dronecheck.timebase import moment_ns

__all__ = ["read_document"]

_LAYER = "layer of the collection"


def read_document(document: JsonDocument, source: Input) -> ZoneSet:
    """Read the zones of a parsed file."""
    dialect = EdDialect("type", "limitedApplicability", True, _split, _area, _volume)
    return zones_of(
        document, source, dialect, _edition(document), *(_time(document, k) for k in ("validFrom", "validTo"))
    )


def _time(document: JsonDocument, key: str) -> int | None:
    """Return a date of the file as a whole; None for one that cannot be read: the edition is told to be undated."""
    about = document.member("metadata") or document.member("datasetMetadata")
    value = about.get(key) if isinstance(about, dict) else None
    try:
        return moment_ns(value, end_of_day=key == "validTo") if isinstance(value, str) else None
    except ValueError:
        return None


def _edition(document: JsonDocument) -> str | None:
    about = document.member("metadata") or document.member("datasetMetadata")
    if not isinstance(about, dict):
        return document.text("title")
    dates = [f"{word} {about[key]}" for key, word in (("issued", "issued"), ("validFrom", "valid from"))
             if isinstance(about.get(key), str)]  # fmt: skip
    return plain(", ".join(dates), 120) or None


def _split(feature: dict[str, object]) -> tuple[Properties, list[object]]:
    given = feature.get("properties")
    properties: Properties = given if isinstance(given, dict) else {}
    nested = properties.get("UASZone")
    if isinstance(nested, dict):
        properties = {**properties, **nested}
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict) or geometry.get("type") != "GeometryCollection":
        return properties, [geometry] if geometry else []
    parts, layer = geometry.get("geometries"), geometry.get("layer")
    if not isinstance(parts, list):
        return properties, []
    return properties, [{_LAYER: layer, **part} if isinstance(part, dict) else part for part in parts]


def _area(volume: object) -> object:
    return volume


def _is_circle(extent: dict[str, object]) -> bool:
    return str(extent.get("subType", extent.get("subtype"))).upper() == "CIRCLE"


def _volume(volume: object, turn: Turn) -> Volume:
    if not isinstance(volume, dict):
        raise Unusable(Message("its geometry is no object"))
    layer = volume.get("layer") or volume.get(_LAYER)
    layer = layer if isinstance(layer, dict) else {}
    unit = layer.get("uom") or "m"
    lower, no_floor = volume_limit(
        layer.get("lower"), layer.get("lowerReference"), unit, is_ceiling=False, ellipsoid=True
    )
    upper, no_ceiling = volume_limit(
        layer.get("upper"), layer.get("upperReference"), unit, is_ceiling=True, ellipsoid=True
    )
    notes = [(Code.ZONE_LIMIT_UNKNOWN, text) for text in (no_floor, no_ceiling) if text]
    if volume.get("type") in AREAS:
        shape, was_invalid = polygon_area(volume, turn)
        notes += [(Code.ZONE_REPAIRED, Message("invalid outline, repaired"))] if was_invalid else []
        return Volume(shape, lower, upper, tuple(notes))
    extent = volume.get("extent")
    if volume.get("type") != "Point" or not isinstance(extent, dict) or not _is_circle(extent):
        what = plain(volume.get("type"), 30)
        raise Unusable(
            Message(
                "geometry {what} without a circle's extent; only Polygon, MultiPolygon and circles are areas", what=what
            )
        )
    return Volume(circle_area(volume.get("coordinates"), extent.get("radius"), turn), lower, upper, tuple(notes))
