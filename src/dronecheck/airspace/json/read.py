"""JSON zone files: which format a file is, told by its features when the first bytes could not.

A large outline may fill the head of a file before any mark of its format comes: the head chooses one of the JSON
readers, and whichever it is, the parsed features decide.
"""

from __future__ import annotations

from dronecheck.airspace.common.json_document import parse
from dronecheck.airspace.zone import ZoneSet
from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import Input

__all__ = ["marks", "read"]

_CERTAIN, _LIKELY = 95, 80
_ED318_PROPERTIES = {"UASZone", "limitedApplicability", "zoneAuthority"}
_ED318_REQUIRED = {"identifier", "type", "variant"}
_LOOKED_AT = 32


def marks(head: bytes, marks: tuple[bytes, ...]) -> int:
    """How sure the keys of a format in the first bytes make its reader: two are certain, one is likely."""
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return 0
    found = sum(mark in head for mark in marks)
    return 0 if not found else _CERTAIN if found > 1 else _LIKELY


def read(source: Input) -> ZoneSet:
    """Read a JSON zone file of any of the formats. Raises UnreadableInput."""
    from dronecheck.airspace.ed import ed269, ed318
    from dronecheck.airspace.json import geojson
    from dronecheck.airspace.maker import autel, dji_geo

    document = parse(source)
    kinds = [_kind(feature) for feature in document.first(_LOOKED_AT)]
    if "uas_zones" in document.members or "ed269" in kinds:
        return ed269.read_document(document, source)
    if "ed318" in kinds:
        return ed318.read_document(document, source)
    if "autel" in kinds:
        return autel.read_document(document, source)
    if "areas" in document.members and "dji_geo" in kinds:
        return dji_geo.read_document(document, source)
    if "features" not in document.members and document.text("type") != "Feature":
        raise UnreadableInput("not_json_zones", "JSON, but no zone file: no list of features")
    return geojson.read_document(document, source)


def _kind(feature: dict[str, object]) -> str:
    properties, geometry = feature.get("properties"), feature.get("geometry")
    if "nfz_dots" in feature:
        return "autel"
    if "area_id" in feature:
        return "dji_geo"
    if isinstance(geometry, list) and "restriction" in feature:
        return "ed269"
    if isinstance(properties, dict):
        if "restriction" in properties and "geometry" in properties:
            return "ed269"
        if properties.keys() & _ED318_PROPERTIES or properties.keys() >= _ED318_REQUIRED:
            return "ed318"
    return "ed318" if _has_layer(geometry) else ""


def _has_layer(geometry: object) -> bool:
    if not isinstance(geometry, dict):
        return False
    parts = geometry.get("geometries")
    shapes = [geometry, *(parts if isinstance(parts, list) else [])]
    return any(isinstance(shape, dict) and ("layer" in shape or "extent" in shape) for shape in shapes)
