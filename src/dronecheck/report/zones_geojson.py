"""Zones as GeoJSON in dronecheck's own profile, so that reading them again judges flights alike or more cautiously.

Arcs and circles become vertices (1 cm). What the profile cannot say (times of day, an outline in doubt) is written as
`doubt`: an entry into such a zone is then left open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import isfinite
from typing import Any

import msgspec
import shapely

from dronecheck.airspace.schedule import ALWAYS
from dronecheck.airspace.zone import Limit, Zone, ZoneSource
from dronecheck.report.times import iso_utc
from dronecheck.report.zones_document import schedule_entry

__all__ = ["zones_geojson"]


def zones_geojson(zones: Iterable[Zone], source: ZoneSource) -> tuple[bytes, int]:
    """A FeatureCollection as UTF-8 JSON, and how many of its zones carry a doubt."""
    features = [_feature(zone) for zone in zones]
    about = {
        "edition": source.edition,
        "licence": source.licence,
        "valid_from": iso_utc(source.valid_from_ns),
        "valid_to": iso_utc(source.valid_to_ns),
    }
    collection = {"type": "FeatureCollection", **{k: v for k, v in about.items() if v}, "features": features}
    doubted = sum("doubt" in feature["properties"] for feature in features)
    return json.dumps(collection, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n", doubted


def _feature(zone: Zone) -> dict[str, Any]:
    area, doubts = zone.geometry, [zone.doubt] if zone.doubt else []
    if zone.shape.uncertain is not None:
        area = shapely.union(area, zone.shape.uncertain)
        doubts.append("part of its outline is in doubt")
    if zone.schedule != ALWAYS:
        doubts.append("it holds at certain times, see its schedule")
    properties: dict[str, Any] = {
        "id": zone.id,
        "name": zone.name,
        "kind": zone.kind.value,
        **_limit("lower", zone.lower),
        **_limit("upper", zone.upper),
        "edge": zone.edge.value,
        "accuracy_m": zone.accuracy_m or None,
        "authority": zone.authority,
        "valid_from": iso_utc(zone.valid_from_ns),
        "valid_to": iso_utc(zone.valid_to_ns),
        "effect": zone.stated_effect.value if zone.stated_effect else None,
        "remarks": zone.remarks,
        "schedule": msgspec.to_builtins(schedule_entry(zone)) if zone.schedule != ALWAYS else None,
        "doubt": "; ".join(doubts),
    }
    shown = {name: value for name, value in properties.items() if value not in (None, "")}
    return {"type": "Feature", "id": zone.id, "properties": shown, "geometry": shapely.geometry.mapping(area)}


def _limit(which: str, limit: Limit) -> dict[str, Any]:
    return {f"{which}_m": limit.value_m if isfinite(limit.value_m) else None, f"{which}_datum": limit.datum.value}
