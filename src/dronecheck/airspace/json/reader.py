"""JSON zone files: parsed once, read as what their features are, whatever the first bytes looked like."""

from __future__ import annotations

from dataclasses import replace

from dronecheck.airspace.common.json_document import JsonDocument, parse
from dronecheck.airspace.json.features import is_feature, stated_crs
from dronecheck.airspace.zone import Incomplete, ZoneSet
from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.safe.io import Input

__all__ = ["read_json_zones"]

_ED318_PROPERTIES = {"UASZone", "limitedApplicability", "zoneAuthority"}
_ED318_REQUIRED = {"identifier", "type", "variant"}
_FLAT = {"lower", "upper", "lowerReference", "upperReference", "uom"}  # ENAIRE's service: read as GeoJSON
_LOOKED_AT = 32
_CUT, _TOTALS = "exceededTransferLimit", ("numberMatched", "totalFeatures", "totalCount")  # ArcGIS; WFS, openAIP
_PAGE = Message("the file: a page of a service, which says that there are more features")


def read_json_zones(source: Input) -> ZoneSet:
    """Read a JSON zone file; `ZoneSet.format` says as which of the formats. Raises UnreadableInput."""
    document = parse(source)
    name = _format_of(document)
    zones = replace(_read_as(name, document, source), format=name)
    if not _is_a_page(document):
        return zones
    issue = Issue(Code.ZONE_SKIPPED, Severity.WARNING, _PAGE)
    incomplete = tuple(dict.fromkeys((Incomplete.UNREADABLE, *zones.incomplete, Incomplete.PAGE)))
    return replace(zones, issues=(issue, *zones.issues), skipped=zones.skipped + 1, incomplete=incomplete)


def _is_a_page(document: JsonDocument) -> bool:
    """Tell whether the file says of itself that features are missing (ArcGIS, WFS, OGC API, openAIP)."""
    properties, links = document.member("properties"), document.member("links")
    stated = [document.member(_CUT), properties.get(_CUT) if isinstance(properties, dict) else None]
    if True in stated or str(document.member("next") or "").startswith("http"):
        return True
    if isinstance(links, list) and any(isinstance(link, dict) and link.get("rel") == "next" for link in links):
        return True
    pages, totals = document.member("totalPages"), [document.member(key) for key in _TOTALS]
    return (isinstance(pages, int) and pages > 1) or any(
        isinstance(n, int) and n > len(document.features) for n in totals
    )


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
