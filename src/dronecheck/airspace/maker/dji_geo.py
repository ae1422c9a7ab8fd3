"""DJI's GEO zones as JSON: what its web service answers, and dumps of it. Manufacturer data, not law.

| in the file | read as |
|---|---|
| {"areas": [...]} | areas; one zone each, or one for each of its `sub_areas`, which replace it |
| area_id, name, type, city, country, address, description | identifier (#1, #2 ... for sub-areas), name, remarks |
| lat, lng, radius, no polygon_points | a geodesic circle, radius in metres |
| polygon_points [[[lng, lat] ...] ...] | rings; all of them are taken, for whether later ones are holes is not known |
| level | the effect, `LEVELS`; none of them is a rule of law, so none reaches the verdict |
| height above 0 | metres up to which one may fly: then the floor, above what is not stated, is unknown |
| begin_at, end_at | seconds since 1970, 0 for open |

There is no public description: fields after real answers of the service and what open programs make of them. What an
edge is and, in China, which datum (`manufacturer`) is not stated.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import shapely

from dronecheck.airspace.common.areas import circle_area, polygon_area
from dronecheck.airspace.common.features import About, repair_note, with_unique_ids, zone_of
from dronecheck.airspace.common.json_document import JsonDocument, decoded
from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.common.publishers import Foreign
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.common.units import number_of
from dronecheck.airspace.maker.common import NOT_LAW, both_readings, origin_of
from dronecheck.airspace.zone import Effect, Zone, ZoneSet, ZoneSource
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape
from dronecheck.issues import Code
from dronecheck.messages import Message, told_by
from dronecheck.safe.io import Input, plain

__all__ = ["LEVELS", "read_document"]

LEVELS = {
    0: ("warning", Effect.INFORMATION),
    1: ("authorisation", Effect.CONDITIONAL),
    2: ("restricted", Effect.CONDITIONAL),
    3: ("enhanced warning", Effect.INFORMATION),
    4: ("regulatory restricted", Effect.CONDITIONAL),
    5: ("recommended", Effect.INFORMATION),
    6: ("altitude", Effect.CONDITIONAL),
    7: ("recommended", Effect.INFORMATION),
    8: ("approved for light drones (China)", Effect.INFORMATION),
    9: ("densely populated", Effect.CONDITIONAL),
}
_MOST_PARTS = 1_000
_OF_THE_SHAPE = ("sub_areas", "polygon_points", "lat", "lng", "radius")


def read_document(document: JsonDocument, source: Input) -> ZoneSet:
    """Read the zones of a parsed file. An area that cannot be read restricts nobody in law: it is said, no more."""
    notes, origin, zones = Notes(), origin_of(source, "DJI GEO"), list[Zone]()
    for number, raw in enumerate(document.features, 1):
        try:
            parts = _parts(raw)
        except Unusable as why:
            notes.skip(told_by(why), is_advice=True, name=Message("area {number}", number=number), number=number)
            continue
        for part, suffix in parts:
            try:
                zones.append(_zone(part, suffix, number, origin, notes))
            except Unusable as why:
                notes.skip(
                    told_by(why),
                    is_advice=True,
                    name=Message("area {number}{suffix}", number=number, suffix=suffix),
                    number=number,
                )
    if zones:
        notes.add(Code.NOT_LAW, Message("DJI GEO is {not_law}: none of it reaches the verdict", not_law=NOT_LAW))
    return with_unique_ids(notes.zone_set(zones, origin))


def _parts(raw: msgspec.Raw) -> list[tuple[dict[str, Any], str]]:
    """Return the area, or its sub-areas with what they have from it; and what goes behind the identifier."""
    area = decoded(raw)
    if not isinstance(area, dict):
        raise Unusable(Message("no object"))
    subs = area.get("sub_areas") or []
    if not isinstance(subs, list) or len(subs) > _MOST_PARTS or not all(isinstance(sub, dict) for sub in subs):
        raise Unusable(Message("its sub_areas are no list of up to {most:,} objects", most=_MOST_PARTS))
    shared = {key: value for key, value in area.items() if key not in _OF_THE_SHAPE}
    if not subs:
        return [(area, "")]
    return [({**shared, **sub}, f"#{n}" if len(subs) > 1 else "") for n, sub in enumerate(subs, 1)]


def _zone(part: dict[str, Any], suffix: str, number: int, origin: ZoneSource, notes: Notes) -> Zone:
    return zone_of(_foreign(part, suffix), "", number, origin, notes, lambda _: _shape(part), Edge.AMBIGUOUS)


def _foreign(part: dict[str, Any], suffix: str) -> Foreign:
    level = number_of(part.get("level"))
    what, effect = LEVELS.get(int(level), ("", Effect.CONDITIONAL)) if level is not None else ("", Effect.CONDITIONAL)
    height = number_of(part.get("height")) or 0.0
    said = [f"{NOT_LAW}: DJI level {plain(part.get('level'), 10)} ({what or 'unknown'})"]
    said += [f"flight limited to {height:g} m"] if height > 0 else []
    said += [plain(part[key], 200) for key in ("city", "country", "address", "description") if part.get(key)]
    own: dict[str, object] = {
        "id": f"dji {plain(part.get('area_id'), 40)}{suffix}",
        "name": part.get("name"),
        "kind": "other",
        "effect": effect.value,
        "remarks": "; ".join(said),
        "authority": "DJI (manufacturer)",
        "valid_from": _moment(part.get("begin_at")),
        "valid_to": _moment(part.get("end_at")),
    }
    if height > 0:
        own["lower_m"], own["lower_datum"] = height, "UNKNOWN"
    unknown = None if what else Message("level {level}", level=plain(part.get("level"), 10))
    return Foreign(own, doubt=Message("{level} is in no table", level=unknown) if unknown else Message(""))


def _moment(seconds: object) -> str | None:
    number = number_of(seconds)
    if not number:
        return None
    try:
        return datetime.fromtimestamp(number, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return plain(seconds, 40)  # a doubt later


def _shape(part: dict[str, Any]) -> tuple[Shape, About]:
    rings, about = part.get("polygon_points"), About()
    country = str(part.get("country") or "").strip()
    if not rings:
        shape = circle_area([part.get("lng"), part.get("lat")], part.get("radius"))
    else:
        if not isinstance(rings, list) or len(rings) > _MOST_PARTS:
            raise Unusable(Message("its polygon_points are no list of rings"))
        read = [polygon_area({"type": "Polygon", "coordinates": [ring]}) for ring in rings]
        doubts = [one.uncertain for one, _ in read if one.uncertain is not None]
        union = shapely.union_all([one.geometry for one, _ in read])
        shape = Shape(union, shapely.union_all(doubts) if doubts else None)
        about += [repair_note(shape)] if any(was_invalid for _, was_invalid in read) else []
    shape, doubt = both_readings(shape, country)
    return shape, about + doubt
