"""Autel's no-fly zones as JSON: what its service answers, and dumps of it. Manufacturer data, not law.

| in the file | read as |
|---|---|
| [...], {"noflyzones": [...]} or {"data": {"noflyzones": [...]}} | zones by place |
| nfz_name, nfz_type, city, country | name, remarks |
| nfz_dots[].locations[] with dot_type 1 | circles around longitude, latitude; their signs agree with E/W and N/S |
| nofly_radius | metres within which the aircraft does not take off: conditional |
| height_limit_radius | metres within which its height is limited, how far is not stated: conditional, floor unknown |
| warning_radius | metres within which it warns: information |
| another dot_type | not known: said, not read |

A radius of 0 is none. No public description exists: fields after the manufacturer's own program and real answers of
its service. In China the datum is not stated
(`common.publishers.makers`).
"""

from __future__ import annotations

from typing import Any

import msgspec

from dronecheck.airspace.common.areas import circle_area
from dronecheck.airspace.common.features import About, with_unique_ids, zone_of
from dronecheck.airspace.common.json_document import JsonDocument, decoded
from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.common.publishers import Foreign
from dronecheck.airspace.common.publishers.makers import NOT_LAW, both_readings
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.common.units import number_of
from dronecheck.airspace.maker.common import origin_of
from dronecheck.airspace.zone import Effect, Zone, ZoneSet
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape
from dronecheck.issues import Code
from dronecheck.messages import Message, told_by
from dronecheck.safe.io import Input, plain

__all__ = ["RADII", "read_document"]

RADII = {
    "nofly_radius": ("no take-off", Effect.CONDITIONAL),
    "height_limit_radius": ("height limited", Effect.CONDITIONAL),
    "warning_radius": ("warning", Effect.INFORMATION),
}
_Members = dict[str, Any]
_CIRCLES = 1  # dot_type
_MOST_PLACES = 1_000


def read_document(document: JsonDocument, source: Input) -> ZoneSet:
    """Read the zones of a parsed file. What cannot be read of it restricts nobody in law: it is said, no more."""
    notes, origin, zones = Notes(), origin_of(source, "Autel"), list[Zone]()
    for number, raw in enumerate(document.features, 1):
        try:
            place, points = _points(raw)
        except Unusable as why:
            notes.skip(told_by(why), is_advice=True, name=Message("zone {number}", number=number), number=number)
            continue
        for count, point in enumerate(points, 1):
            zones += _zones(place, point, (number, f"#{count}" if len(points) > 1 else ""), origin, notes)
    if zones:
        notes.add(Code.NOT_LAW, Message("Autel's zones are {not_law}: none reaches the verdict", not_law=NOT_LAW))
    return with_unique_ids(notes.zone_set(zones, origin))


def _points(raw: msgspec.Raw) -> tuple[_Members, list[_Members]]:
    place = decoded(raw)
    dots = place.get("nfz_dots") if isinstance(place, dict) else None
    if not isinstance(place, dict) or not isinstance(dots, list):
        raise Unusable(Message("no nfz_dots"))
    points = []
    for dot in dots:
        locations = dot.get("locations") if isinstance(dot, dict) else None
        if not isinstance(locations, list) or dot.get("dot_type") != _CIRCLES:
            raise Unusable(Message("a shape of a dot_type that is not known"))
        points += locations
    if not 0 < len(points) <= _MOST_PLACES or not all(isinstance(point, dict) for point in points):
        raise Unusable(Message("no place, or more than any zone has"))
    return place, points


def _zones(place: _Members, point: _Members, where: tuple[int, str], origin: Any, notes: Notes) -> list[Zone]:
    number, suffix = where
    zones, country = [], str(place.get("country") or "").strip()
    for key, (what, effect) in RADII.items():
        radius_m = number_of(point.get(key))
        if not radius_m:
            continue

        def shape(_: str, radius_m: float = radius_m) -> tuple[Shape, About]:
            centre = [_signed(point, "longitude", "EW"), _signed(point, "latitude", "NS")]
            return both_readings(circle_area(centre, radius_m), country)

        name = plain(place.get("nfz_name") or f"zone {number}", 90)
        own: dict[str, object] = {
            "id": f"autel {name}{suffix} {key.removesuffix('_radius')}",
            "name": f"{name} ({what})",
            "kind": "other",
            "effect": effect.value,
            "authority": "Autel (manufacturer)",
            "remarks": "; ".join(
                [f"{NOT_LAW}: {what}", *(plain(place[k], 100) for k in ("nfz_type", "city", "country") if place.get(k))]
            ),
        }
        if key == "height_limit_radius":
            own["lower_m"], own["lower_datum"] = "not stated", "UNKNOWN"
        try:
            zones.append(zone_of(Foreign(own), "", number, origin, notes, shape, Edge.GEODESIC))
        except Unusable as why:
            notes.skip(told_by(why), is_advice=True, name=f"{name} ({what})", number=number)
    return zones


def _signed(point: _Members, key: str, letters: str) -> float:
    """Return degrees by number and letter; a minus beside E or N contradicts it. Raises Unusable."""
    number, letter = number_of(point.get(key)), str(point.get(f"{key}_type") or "").strip().upper()
    if number is None or (letter and letter not in letters) or (number < 0 and letter == letters[0]):
        raise Unusable(
            Message(
                "its {key} {value} {letter} cannot be read",
                key=key,
                value=plain(point.get(key), 20),
                letter=plain(letter, 5),
            )
        )
    return -abs(number) if letter == letters[1] else number
