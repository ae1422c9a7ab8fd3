"""ED-269 zones (EUROCAE, JSON), and their SWIM and Estonian shapes.

| in the file | read as |
|---|---|
| {"features": [...]} or {"uas_zones": [...]} | the zones (the second is EUROCONTROL's SWIM service) |
| identifier, name | id, name; the standard's limit of 7 characters is not kept by real files, nor asked for |
| restriction | the effect: `ed.classes` |
| geometry[] | volumes, each with its own limits: one Zone a volume, #1, #2 ... behind the identifier |
| horizontalProjection Polygon | longitude first; rings after the first are holes; edges straight in lon/lat |
| horizontalProjection Circle | a geodesic circle; with uomDimensions FT both units of the radius are judged |
| lowerLimit, lowerVerticalReference, uomDimensions, ... | floor and ceiling: `ed.limits` |
| applicability | the schedule: `ed.activation`; absent is unknown (the standard asks for it) |
| zoneAuthority, message, restrictionConditions, reason, uSpaceClass ... | authority and remarks, for people |
| Feature with ED-269 properties (Estonia) | the area is the Feature's geometry, `upper` "UNL" is no ceiling |

Fields after the model of InterUSS `uas_standards` and the files of Switzerland, Luxembourg, Finland and Estonia.
"""

from __future__ import annotations

from dronecheck.airspace.common.areas import circle_area, doubtful_circle, longest_edge_m, polygon_area
from dronecheck.airspace.common.json_document import JsonDocument
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.common.units import FOOT_M, number_of
from dronecheck.airspace.ed.limits import volume_limit
from dronecheck.airspace.ed.text import listed
from dronecheck.airspace.ed.zones import EdDialect, Properties, Turn, Volume, zones_of
from dronecheck.airspace.zone import UNLIMITED, ZoneSet
from dronecheck.geo.outline.shape import Shape
from dronecheck.issues import Code
from dronecheck.messages import Message
from dronecheck.safe.io import Input

__all__ = ["read_document"]

_AREA = "area of the Feature"
_LONG_EDGE_M = 5_000.0  # at 60 degrees a straight edge and a geodesic part by 0.8 m
_LONG_EDGES = Message(
    "edges longer than 5 km, which the format leaves open: read as straight in longitude and latitude"
)


def read_document(document: JsonDocument, source: Input) -> ZoneSet:
    """Read the zones of a parsed file."""
    dialect = EdDialect("restriction", "applicability", False, _split, _area, _volume)
    return zones_of(document, source, dialect, document.text("title"))


def _split(feature: dict[str, object]) -> tuple[Properties, list[object]]:
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        return feature, listed(feature.get("geometry"))
    limits = listed(properties.get("geometry")) or [{}]  # Estonia: the limits here, the area in the Feature
    shared = {_AREA: feature.get("geometry"), "upper": properties.get("upper")}
    return properties, [{**shared, **volume} if isinstance(volume, dict) else volume for volume in limits]


def _area(volume: object) -> object:
    return volume.get("horizontalProjection") or volume.get(_AREA) if isinstance(volume, dict) else None


def _volume(volume: object, turn: Turn) -> Volume:
    if not isinstance(volume, dict):
        raise Unusable(Message("its geometry is no object"))
    unit, notes = volume.get("uomDimensions"), list[tuple[Code, Message]]()
    lower, no_floor = volume_limit(
        volume.get("lowerLimit"), volume.get("lowerVerticalReference"), unit, is_ceiling=False, ellipsoid=False
    )
    upper, no_ceiling = volume_limit(
        volume.get("upperLimit"), volume.get("upperVerticalReference"), unit, is_ceiling=True, ellipsoid=False
    )
    if str(volume.get("upper")).strip().upper() == "UNL":
        upper, no_ceiling = UNLIMITED, Message("")
    notes += [(Code.ZONE_LIMIT_UNKNOWN, text) for text in (no_floor, no_ceiling) if text]
    area = _area(volume)
    if isinstance(area, dict) and str(area.get("type")).upper() == "CIRCLE":
        shape, about = _circle(area, str(unit).strip().upper(), turn)
        return Volume(shape, lower, upper, (*notes, *about))
    shape, was_invalid = polygon_area(area, turn)
    notes += [(Code.ZONE_REPAIRED, Message("invalid outline, repaired"))] if was_invalid else []
    is_long = longest_edge_m(shape) > _LONG_EDGE_M
    return Volume(shape, lower, upper, tuple(notes), ((Code.ZONE_OUTLINE_DOUBTFUL, _LONG_EDGES),) if is_long else ())


def _circle(area: dict[str, object], unit: str, turn: Turn) -> tuple[Shape, list[tuple[Code, Message]]]:
    centre, radius = area.get("center"), number_of(area.get("radius"))
    if unit != "FT" or radius is None:
        return circle_area(centre, radius, turn), []
    text = Message(
        "its radius of {radius:g} is in metres or in feet: {radius_m} and {smaller_m} are both judged",
        radius=radius, radius_m=radius, smaller_m=radius * FOOT_M,
    )  # fmt: skip
    return doubtful_circle(centre, radius, radius * FOOT_M, turn), [(Code.ZONE_OUTLINE_DOUBTFUL, text)]
