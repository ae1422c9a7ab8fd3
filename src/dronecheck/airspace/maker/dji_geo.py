"""DJI's GEO zones as JSON: what its web service answers, and dumps of it. Manufacturer data, not law.

| in the file | read as |
|---|---|
| [...], {"areas": [...]}, or one a line | areas; one zone each, or one for each of its `sub_areas`, which replace it |
| area_id, name, type, city, country, address, description | identifier (#1, #2 ... for sub-areas), name, remarks |
| lat, lng, radius, no polygon_points | a geodesic circle, radius in metres |
| polygon_points [[[lng, lat] ...] ...] | rings; all of them are taken, for whether later ones are holes is not known |
| level | the effect, `LEVELS`; none of them is a rule of law, so none reaches the verdict |
| height above 0 | metres up to which one may fly: then the floor, above what is not stated, is unknown |
| begin_at, end_at | seconds since 1970, 0 for open |

There is no public description: fields after real answers of the service and what open programs make of them. What an
edge is and, in China, which datum (`common.publishers.makers`) is not stated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from dronecheck.airspace.common.areas import circle_area, polygon_area
from dronecheck.airspace.common.features import About, repair_note, united, with_unique_ids, zone_of
from dronecheck.airspace.common.json_document import JsonDocument, decoded
from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.common.publishers.makers import DJI_IS_NOT_LAW, LEVELS, both_readings, dji
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.maker.common import origin_of
from dronecheck.airspace.zone import Zone, ZoneSet, ZoneSource
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape
from dronecheck.issues import Code
from dronecheck.messages import Message, told_by
from dronecheck.safe.io import Input

__all__ = ["LEVELS", "read_document"]

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
        notes.add(Code.NOT_LAW, DJI_IS_NOT_LAW)
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
    return zone_of(
        replace(dji(part, suffix), about=()), "", number, origin, notes, lambda _: _shape(part), Edge.AMBIGUOUS
    )


def _shape(part: dict[str, Any]) -> tuple[Shape, About]:
    rings, about = part.get("polygon_points"), About()
    country = str(part.get("country") or "").strip()
    if not rings:
        shape = circle_area([part.get("lng"), part.get("lat")], part.get("radius"))
    else:
        if not isinstance(rings, list) or len(rings) > _MOST_PARTS:
            raise Unusable(Message("its polygon_points are no list of rings"))
        read = [polygon_area({"type": "Polygon", "coordinates": [ring]}) for ring in rings]
        shape = united([one for one, _ in read])
        about += [repair_note(shape)] if any(was_invalid for _, was_invalid in read) else []
    shape, doubt = both_readings(shape, country)
    return shape, about + doubt
