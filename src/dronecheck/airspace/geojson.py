"""GeoJSON zones in dronecheck's own profile (RFC 7946 geometry).

| property | meaning | default |
|---|---|---|
| name | shown to people | required |
| id | stable identifier | the name |
| kind | prohibited, restricted, danger, control, nature, other | restricted |
| lower_m, lower_datum | floor in metres; AMSL, AGL, HAE, FL, GND, UNL | ground |
| upper_m, upper_datum | ceiling | unlimited |
| edge | planar, geodesic, rhumb | planar (RFC 7946, section 3.1.1) |
| accuracy_m | one standard deviation of the outline | 0 |
| valid_from, valid_to | ISO 8601 UTC | open |

Other properties are kept out of the verdict. A limit that cannot be read is unknown, never zero.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely

from dronecheck.airspace.zone import GROUND, UNLIMITED, Datum, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.errors import UnreadableInput
from dronecheck.geo.edges import Edge
from dronecheck.issues import Code, Issue, Severity
from dronecheck.safeio import Input, plain

__all__ = ["read"]


def read(source: Input) -> ZoneSet:
    """Read a FeatureCollection or a single Feature. Each odd feature is an Issue; the rest is read.

    Raises UnreadableInput when the file is no GeoJSON.
    """
    document = _parse(source)
    features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
    if not isinstance(features, list) or document.get("type") not in ("FeatureCollection", "Feature"):
        raise UnreadableInput("not_geojson", "JSON, but no GeoJSON FeatureCollection or Feature")
    origin = ZoneSource(
        name=source.name,
        sha256=source.sha256,
        edition=_text(document.get("edition")),
        licence=_text(document.get("licence")),
    )
    zones: list[Zone] = []
    issues: list[Issue] = []
    for number, feature in enumerate(features, 1):
        try:
            zones.append(_zone(feature, number, origin, issues))
        except _Unusable as why:
            issues.append(Issue(Code.ZONE_SKIPPED, Severity.WARNING, f"feature {number}: {why}", number))
    return ZoneSet(tuple(zones), (origin,), tuple(issues))


def _parse(source: Input) -> dict[str, Any]:
    def no_constant(name: str) -> None:
        raise ValueError(f"{name} is no JSON number")

    try:
        document = json.loads(bytes(source.data).decode("utf-8-sig"), parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(
            "not_geojson", f"no GeoJSON zone file ({plain(error, 100)}); this version reads zones as GeoJSON"
        ) from None
    if not isinstance(document, dict):
        raise UnreadableInput("not_geojson", "JSON, but no GeoJSON object")
    return document


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


class _Unusable(Exception):
    """Why a feature is no zone."""


def _zone(feature: object, number: int, origin: ZoneSource, issues: list[Issue]) -> Zone:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise _Unusable("no Feature")
    properties = feature.get("properties") or {}
    if not isinstance(properties, dict):
        raise _Unusable("its properties are no object")
    name = plain(properties.get("name") or properties.get("id") or feature.get("id") or f"feature {number}", 120)
    geometry, repaired = _valid(_geometry(feature.get("geometry")))
    if geometry.is_empty:
        raise _Unusable(f"{name}: its outline encloses nothing")
    if repaired:
        issues.append(Issue(Code.ZONE_REPAIRED, Severity.WARNING, f"{name}: invalid outline, repaired", number))
    try:
        kind = ZoneKind(properties.get("kind", "restricted"))
        edge = Edge(properties.get("edge", "planar"))
        accuracy_m = float(properties.get("accuracy_m", 0.0))
        valid_from_ns, valid_to_ns = (_time_ns(properties.get(key)) for key in ("valid_from", "valid_to"))
    except (ValueError, TypeError, AttributeError) as error:
        raise _Unusable(f"{name}: {plain(error, 100)}") from None
    if not math.isfinite(accuracy_m) or accuracy_m < 0 or kind is ZoneKind.BORDER:
        raise _Unusable(f"{name}: accuracy_m or kind cannot be right")
    return Zone(
        id=plain(properties.get("id") or feature.get("id") or name, 120),
        name=name,
        kind=kind,
        geometry=geometry,
        source=origin,
        edge=edge,
        lower=_limit(properties, "lower", GROUND, name, number, issues),
        upper=_limit(properties, "upper", UNLIMITED, name, number, issues),
        accuracy_m=accuracy_m,
        authority=plain(properties.get("authority") or "", 120),
        valid_from_ns=valid_from_ns,
        valid_to_ns=valid_to_ns,
    )


def _geometry(value: object) -> shapely.Geometry:
    if not isinstance(value, dict) or value.get("type") not in ("Polygon", "MultiPolygon"):
        what = value.get("type") if isinstance(value, dict) else "none"
        raise _Unusable(f"geometry {plain(what, 40)}; only Polygon and MultiPolygon are areas")
    parts: Any = [value.get("coordinates")] if value["type"] == "Polygon" else value.get("coordinates")
    try:
        polygons = [
            shapely.Polygon(rings[0], rings[1:]) for rings in ([_ring(r) for r in part] for part in parts or ())
        ]
        if not polygons:
            raise ValueError("no ring")
    except (ValueError, TypeError, IndexError, shapely.errors.GEOSException) as error:
        raise _Unusable(f"its coordinates cannot be read ({plain(error, 80)})") from None
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _polygon(rings: list[Any]) -> shapely.Polygon:
    return shapely.Polygon(rings[0], rings[1:])


def _ring(points: Any) -> Any:
    ring = np.array([[float(p[0]), float(p[1])] for p in points], dtype=np.float64)
    if len(ring) < 4 or not np.isfinite(ring).all() or (np.abs(ring[:, 1]) > 90).any():
        raise ValueError("a ring needs four finite points within the globe")
    # A ring written 179 -> -179 means the short way.
    ring[:, 0] = np.unwrap(ring[:, 0], period=360.0)
    turn = ring[-1, 0] - ring[0, 0]
    if abs(abs(turn) - 360.0) < 1e-9:  # once around the globe: it encloses the pole on its own side
        pole = float(np.copysign(90.0, ring[:, 1].mean()))
        ring = np.vstack([ring, [ring[-1, 0], pole], [ring[0, 0], pole], ring[:1]])
    return ring


def _valid(geometry: shapely.Geometry) -> tuple[shapely.Geometry, bool]:
    """A valid geometry, and whether it had to be repaired (never by buffer(0), which loses lobes)."""
    if geometry.is_valid:
        return geometry, False
    parts = [shapely.make_valid(p, method="structure", keep_collapsed=False) for p in shapely.get_parts(geometry)]
    return shapely.union_all(parts), True


def _limit(
    properties: dict[str, Any], which: str, default: Limit, name: str, number: int, issues: list[Issue]
) -> Limit:
    value, datum = properties.get(f"{which}_m"), properties.get(f"{which}_datum")
    if value is None and datum is None:
        return default
    unknown = Limit(float("nan"), Datum.UNKNOWN)
    try:
        kind = Datum(str(datum).upper()) if datum is not None else Datum.UNKNOWN
        if kind in (Datum.GND, Datum.UNL):
            return Limit(float("nan"), kind)
        metres = float(str(value))
    except (ValueError, TypeError):
        kind, metres = Datum.UNKNOWN, float("nan")
    if kind is Datum.UNKNOWN or not math.isfinite(metres):
        text = f"{name}: {which} limit {plain(value, 30)} {plain(datum, 30)} is unknown"
        issues.append(Issue(Code.ZONE_LIMIT_UNKNOWN, Severity.WARNING, text, number))
        return unknown
    return Limit(metres, kind)


def _time_ns(value: object) -> int | None:
    """ISO 8601 to UTC nanoseconds; a time without a zone is UTC."""
    if value is None:
        return None
    moment = datetime.fromisoformat(str(value))
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1000
