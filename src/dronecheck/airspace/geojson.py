"""GeoJSON zones in dronecheck's own profile (RFC 7946 geometry).

| property | meaning | default |
|---|---|---|
| name | shown to people | required |
| id | stable identifier | the name |
| kind | prohibited, restricted, danger, control, nature, other | restricted |
| lower_m, lower_datum | floor in metres; AMSL, AGL, HAE, FL, GND, UNL | ground |
| upper_m, upper_datum | ceiling | unlimited |
| edge | planar, geodesic, rhumb; ambiguous: both of the first two are judged | planar (RFC 7946, 3.1.1) |
| accuracy_m | one standard deviation of the outline | 0 |
| valid_from, valid_to | ISO 8601 UTC | open |
| effect | forbidden, needs_authorisation, conditional, information | by kind |
| doubt | what is not known of the zone: whether it was entered is then left open | none |

`edition`, `licence`, `valid_from` and `valid_to` of the collection itself describe the edition.

Other properties are kept out of the verdict. A limit that cannot be read is unknown, never zero.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
import shapely

from dronecheck.airspace.zone import GROUND, UNLIMITED, Datum, Effect, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.errors import UnreadableInput
from dronecheck.geo.edges import Edge
from dronecheck.geo.rings import unwrap_ring
from dronecheck.geo.shape import Shape
from dronecheck.geo.validity import Repair, TooTangled, repaired
from dronecheck.issues import Code, Issue, Severity
from dronecheck.safeio import Input, plain

__all__ = ["NAME", "TITLE", "read", "sniff"]

NAME = "geojson"
TITLE = "GeoJSON (.geojson, .json)"

_FARTHEST_LON_DEG = 720.0  # some files count on past the antimeridian; more than that is no longitude

_TYPED = re.compile(rb'"type"\s*:\s*"Feature(?:Collection)?"')
_LIKELY, _POSSIBLE, _NAMED = 60, 30, 10  # profiles of GeoJSON with a mark of their own come first

_Choice = TypeVar("_Choice", ZoneKind, Edge, Effect)


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
    document = _parse(source)
    features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
    if not isinstance(features, list) or document.get("type") not in ("FeatureCollection", "Feature"):
        raise UnreadableInput("not_geojson", "JSON, but no GeoJSON FeatureCollection or Feature")
    issues: list[Issue] = []
    origin = _origin(source, document, issues)
    zones: list[Zone] = []
    for number, feature in enumerate(features, 1):
        try:
            zones.append(_zone(feature, number, origin, issues))
        except _NoArea as why:
            issues.append(Issue(Code.NO_AREA, Severity.INFO, f"feature {number}: {why}", number))
        except _Unusable as why:
            issues.append(Issue(Code.ZONE_SKIPPED, Severity.WARNING, f"feature {number}: {why}", number))
    return ZoneSet(tuple(zones), (origin,), tuple(issues))


def _origin(source: Input, document: dict[str, Any], issues: list[Issue]) -> ZoneSource:
    """The edition as the collection's own members state it."""
    dates = _Properties(document if document.get("type") == "FeatureCollection" else {})
    origin = ZoneSource(
        name=source.name,
        sha256=source.sha256,
        edition=_text(document.get("edition")),
        licence=_text(document.get("licence")),
        valid_from_ns=dates.time_ns("valid_from"),
        valid_to_ns=dates.time_ns("valid_to"),
    )
    issues += [Issue(Code.EDITION_UNDATED, Severity.WARNING, f"the file's {doubt}") for doubt in dates.doubts]
    return origin


def _parse(source: Input) -> dict[str, Any]:
    def no_constant(name: str) -> None:
        raise ValueError(f"{name} is no JSON number")

    try:
        document = json.loads(bytes(source.data).decode("utf-8-sig"), parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(
            "not_geojson", f"no GeoJSON zone file ({_why(error)}); this version reads zones as GeoJSON"
        ) from None
    if not isinstance(document, dict):
        raise UnreadableInput("not_geojson", "JSON, but no GeoJSON object")
    return document


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8 text"
    return "nested too deep" if isinstance(error, RecursionError) else plain(error, 100)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


class _Unusable(Exception):
    """Why a feature is no zone."""


class _NoArea(_Unusable):
    """A feature that is no area at all, such as a label's point: nothing is lost with it."""


def _zone(feature: object, number: int, origin: ZoneSource, issues: list[Issue]) -> Zone:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Unusable("no Feature")
    repair = _repaired(_geometry(feature.get("geometry")))
    given = feature.get("properties") or {}
    properties = _Properties(given if isinstance(given, dict) else {})
    if not isinstance(given, dict):
        properties.doubts.append("its properties are no object")
    name = properties.text("name") or properties.text("id") or plain(feature.get("id") or f"feature {number}", 120)
    zone = Zone(
        id=properties.text("id") or plain(feature.get("id") or name, 120),
        name=name,
        kind=properties.choice("kind", ZoneKind, ZoneKind.RESTRICTED),
        shape=Shape(repair.geometry, repair.uncertain),
        source=origin,
        edge=properties.choice("edge", Edge, Edge.PLANAR),
        lower=properties.limit("lower", GROUND),
        upper=properties.limit("upper", UNLIMITED),
        accuracy_m=properties.accuracy_m(),
        authority=properties.text("authority"),
        valid_from_ns=properties.time_ns("valid_from"),
        valid_to_ns=properties.time_ns("valid_to"),
        stated_effect=properties.effect(),
    )
    properties.doubts += [text] if (text := properties.text("doubt")) else []
    properties.compare(zone)
    if repair.was_invalid:
        left = "" if repair.uncertain is None else "; what rests on the part in doubt is left open"
        issues.append(Issue(Code.ZONE_REPAIRED, Severity.WARNING, f"{name}: invalid outline, repaired{left}", number))
    for text in properties.unknown_limits:
        issues.append(Issue(Code.ZONE_LIMIT_UNKNOWN, Severity.WARNING, f"{name}: {text}", number))
    if properties.doubts:
        doubt = "; ".join(properties.doubts)
        issues.append(Issue(Code.ZONE_DOUBTFUL, Severity.WARNING, f"{name}: {doubt}", number))
        return replace(zone, doubt=doubt)
    return zone


class _Properties:
    """A feature's properties read one by one. What cannot be right is a doubt, never a guess in silence."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.doubts: list[str] = []
        self.unknown_limits: list[str] = []

    def text(self, key: str) -> str:
        value = self.given.get(key)
        return "" if value is None else plain(value, 120)

    def choice(self, key: str, kinds: type[_Choice], default: _Choice) -> _Choice:
        value = self.given.get(key)
        if value is None:
            return default
        try:
            found = kinds(str(value).strip().lower())
        except ValueError:
            found = default
        if found is ZoneKind.BORDER or str(found) != str(value).strip().lower():
            self.doubts.append(f"{key} {plain(value, 40)!r} is none of those known")
            return default
        return found

    def effect(self) -> Effect | None:
        return self.choice("effect", Effect, Effect.NEEDS_AUTHORISATION) if self.given.get("effect") else None

    def accuracy_m(self) -> float:
        value = self.given.get("accuracy_m", 0.0)
        try:
            metres = float(str(value))
        except ValueError:
            metres = math.nan
        if not math.isfinite(metres) or metres < 0:
            self.doubts.append(f"accuracy_m {plain(value, 40)!r} is no distance")
            return 0.0
        return metres

    def time_ns(self, key: str) -> int | None:
        """ISO 8601 to UTC nanoseconds; a time without a zone is UTC."""
        value = self.given.get(key)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.doubts.append(f"{key} {plain(value, 40)!r} is no ISO 8601 time")
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1000

    def limit(self, which: str, default: Limit) -> Limit:
        value, datum = self.given.get(f"{which}_m"), self.given.get(f"{which}_datum")
        if value is None and datum is None:
            return default
        try:
            kind = Datum(str(datum).strip().upper()) if datum is not None else Datum.UNKNOWN
            if kind in (Datum.GND, Datum.UNL):
                return Limit(math.nan, kind)
            metres = float(str(value))
        except ValueError:
            kind, metres = Datum.UNKNOWN, math.nan
        if kind is Datum.UNKNOWN or not math.isfinite(metres):
            shown = ["none" if v is None else plain(v, 30) for v in (value, datum)]
            self.unknown_limits.append(f"{which} limit {shown[0]} (datum {shown[1]}) is unknown")
            return Limit(math.nan, Datum.UNKNOWN)
        return Limit(metres, kind)

    def compare(self, zone: Zone) -> None:
        """Limits and times that exclude everything."""
        if zone.lower.datum is zone.upper.datum and zone.lower.value_m > zone.upper.value_m:
            self.doubts.append(f"its floor {zone.lower.value_m:g} m lies above its ceiling {zone.upper.value_m:g} m")
        if zone.valid_from_ns is not None and zone.valid_to_ns is not None and zone.valid_from_ns > zone.valid_to_ns:
            self.doubts.append("it ends before it begins")


def _geometry(value: object) -> shapely.Geometry:
    if not isinstance(value, dict) or value.get("type") not in ("Polygon", "MultiPolygon"):
        what = value.get("type") if isinstance(value, dict) else "none"
        kind = _NoArea if what in ("Point", "MultiPoint", "LineString", "MultiLineString") else _Unusable
        raise kind(f"geometry {plain(what, 40)}; only Polygon and MultiPolygon are areas")
    parts: Any = [value.get("coordinates")] if value["type"] == "Polygon" else value.get("coordinates")
    try:
        polygons = [_polygon([_ring(ring) for ring in part]) for part in parts]
        if not polygons:
            raise ValueError("no ring")
    except (ValueError, TypeError, IndexError, shapely.errors.GEOSException) as error:
        raise _Unusable(f"its coordinates cannot be read ({plain(error, 80)})") from None
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _repaired(geometry: shapely.Geometry) -> Repair:
    try:
        repair = repaired(geometry)
    except TooTangled as why:
        raise _Unusable(str(why)) from None
    if repair.geometry.is_empty and repair.uncertain is None:
        raise _Unusable("its outline encloses nothing")
    return repair


def _polygon(rings: list[Any]) -> shapely.Polygon:
    return shapely.Polygon(rings[0], rings[1:])


def _ring(points: Any) -> Any:
    ring = np.array([[float(p[0]), float(p[1])] for p in points], dtype=np.float64)
    if len(ring) < 4 or not np.isfinite(ring).all():
        raise ValueError("a ring needs four finite points")
    if (np.abs(ring[:, 1]) > 90).any() or (np.abs(ring[:, 0]) > _FARTHEST_LON_DEG).any():
        raise ValueError("a ring needs points on the globe")
    if len(np.unique(ring, axis=0)) < 3:
        raise ValueError("a ring needs three different points")
    return unwrap_ring(ring)
