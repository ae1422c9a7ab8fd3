"""JSON zone files: parsed once, read as what their features are, whatever the first bytes looked like."""

from __future__ import annotations

from dataclasses import replace

from dronecheck.airspace.common.json_document import JsonDocument, parse
from dronecheck.airspace.json.features import is_feature, stated_crs
from dronecheck.airspace.zone import ZoneSet
from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import Input

__all__ = ["read_json_zones"]

_ED318_PROPERTIES = {"UASZone", "limitedApplicability", "zoneAuthority"}
_ED318_REQUIRED = {"identifier", "type", "variant"}
_FLAT = {"lower", "upper", "lowerReference", "upperReference", "uom"}  # ENAIRE's service: read as GeoJSON
_LOOKED_AT = 32


def read_json_zones(source: Input) -> ZoneSet:
    """Read a JSON zone file; `ZoneSet.format` says as which of the formats. Raises UnreadableInput."""
    document = parse(source)
    name = _format_of(document)
    return replace(_read_as(name, document, source), format=name)


def _format_of(document: JsonDocument) -> str:
    if document.text("type") == "Topology":
        raise UnreadableInput("topojson", "TopoJSON, which is not read; make GeoJSON of it (ogr2ogr OUT.geojson FILE)")
    some = list(document.first(_LOOKED_AT))
    kinds = [_kind(feature) for feature in some]
    if "uas_zones" in document.members or "ed269" in kinds:
        return "ed269"
    if "ed318" in kinds:
        return "ed318"
    if "autel" in kinds:
        return "autel"
    if "dji_geo" in kinds:
        return "dji_geo"
    if "features" not in document.members and not any(is_feature(one) for one in some):
        raise UnreadableInput("not_json_zones", "JSON, but no zone file: no list of features")
    return "geojson"


def _read_as(name: str, document: JsonDocument, source: Input) -> ZoneSet:
    """Read the document by the module of its format, which is the only one that is loaded."""
    if name != "geojson" and stated_crs(document) is not None:
        raise UnreadableInput("unknown_crs", f"{name} in a coordinate system of its own, which it has none of")
    match name:
        case "ed269":
            from dronecheck.airspace.ed import ed269

            return ed269.read_document(document, source)
        case "ed318":
            from dronecheck.airspace.ed import ed318

            return ed318.read_document(document, source)
        case "dji_geo":
            from dronecheck.airspace.maker import dji_geo

            return dji_geo.read_document(document, source)
        case "autel":
            from dronecheck.airspace.maker import autel

            return autel.read_document(document, source)
        case _:
            from dronecheck.airspace.json import geojson

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
        if properties.keys() >= _FLAT:
            return ""
        if properties.keys() & _ED318_PROPERTIES or properties.keys() >= _ED318_REQUIRED:
            return "ed318"
    return "ed318" if _has_layer(geometry) else ""


def _has_layer(geometry: object) -> bool:
    if not isinstance(geometry, dict):
        return False
    parts = geometry.get("geometries")
    shapes = [geometry, *(parts if isinstance(parts, list) else [])]
    return any(isinstance(shape, dict) and ("layer" in shape or "extent" in shape) for shape in shapes)
