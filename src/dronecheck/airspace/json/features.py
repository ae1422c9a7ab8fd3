"""What is no GeoJSON Feature but like one, made into one; and the coordinate system that a file states.

| in the file | read as |
|---|---|
| a geometry alone | a Feature without properties |
| ArcGIS: attributes, geometry {rings}, {x, y}, {points}, {paths} | a Feature; rings with the clock are areas, those against it holes in them |
| openAIP's items: geometry beside other members | a Feature with these as properties |
| crs {name}, {EPSG code} of the file, a feature or a geometry (GeoJSON 2008); spatialReference {wkid, latestWkid, wkt} | outlines are transformed; easting or longitude first, as everybody writes |
| crs {link}, an ArcGIS file without spatialReference | refused: nothing is fetched, and it may be any |
"""  # noqa: E501

from __future__ import annotations

from typing import Any

import shapely

from dronecheck.airspace.common.json_document import JsonDocument
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.errors import UnreadableInput
from dronecheck.geo.crs import NotThere, ToWgs84
from dronecheck.messages import Message, told_by
from dronecheck.safe.io import plain

__all__ = ["as_feature", "in_wgs84", "is_feature", "stated_crs", "to_wgs84_of"]

_GEOMETRIES = frozenset(
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"]
)
_WGS84 = "EPSG:4326"
_FIRST_OF_ESRI = 32_768  # well-known numbers below are EPSG's
_MOST_RINGS = 5_000
_BROKEN = (ValueError, TypeError, IndexError, KeyError, OverflowError, shapely.errors.GEOSException)


def is_feature(one: dict[str, object]) -> bool:
    """Tell whether `as_feature` makes a Feature of it."""
    kind = str(one.get("type"))
    return kind == "Feature" or kind in _GEOMETRIES or isinstance(one.get("geometry"), dict)


def as_feature(one: object) -> object:
    """Return a Feature, what is like one as one, and anything else as it is. Raises Unusable."""
    if not isinstance(one, dict) or one.get("type") == "Feature":
        return one
    if str(one.get("type")) in _GEOMETRIES and "geometry" not in one:
        return {"type": "Feature", "properties": {}, "geometry": one, "crs": one.get("crs")}
    geometry = one.get("geometry")
    if not isinstance(geometry, dict):
        return one
    if "attributes" in one or "type" not in geometry:
        crs = _esri(geometry.get("spatialReference"))
        return {"type": "Feature", "properties": one.get("attributes"), "geometry": _of_esri(geometry), "crs": crs}
    properties = {key: value for key, value in one.items() if key != "geometry"}
    return {"type": "Feature", "properties": properties, "geometry": geometry, "id": one.get("_id")}


def stated_crs(document: JsonDocument) -> object:
    """Return the coordinate system that the file states, None for WGS 84 or none at all.

    Raises UnreadableInput for one that nothing here can know.
    """
    if "spatialReference" in document.members:
        return _unless_wgs84(_esri(document.member("spatialReference")) or "a spatialReference without a number")
    if any("rings" in _geometry_of(one) for one in document.first(1)):
        if any("spatialReference" in _geometry_of(one) for one in document.first(1)):
            return None  # each says its own
        raise UnreadableInput("no_crs", "ArcGIS JSON without a spatialReference; ask its service for f=geojson")
    if "crs" not in document.members:
        return None
    return _unless_wgs84(_named(document.member("crs")))


def to_wgs84_of(crs: object, name: str) -> ToWgs84:
    """Return the transformation of a file. Raises UnreadableInput."""
    return ToWgs84() if crs is None else ToWgs84.of(crs, name)


def in_wgs84(feature: object, to_wgs84: ToWgs84) -> tuple[object, float]:
    """Return a feature in WGS 84 and the accuracy in metres of the way there (NaN: not known). Raises Unusable."""
    if not isinstance(feature, dict) or not isinstance(feature.get("geometry"), dict):
        return feature, 0.0
    geometry: dict[str, Any] = feature["geometry"]
    try:
        for stated in (feature.get("crs"), geometry.get("crs")):
            if stated is not None:
                to_wgs84 = ToWgs84.of(_named(stated), "feature")
        moved, accuracy_m = to_wgs84.apply_to_mapping(geometry)
    except UnreadableInput as error:
        raise Unusable(Message("its coordinate system is not known ({why})", why=plain(error.message, 100))) from None
    except NotThere as why:
        raise Unusable(told_by(why)) from None
    return {**feature, "geometry": moved}, accuracy_m


def _geometry_of(one: dict[str, object]) -> dict[str, Any]:
    geometry = one.get("geometry")
    return geometry if isinstance(geometry, dict) else {}


def _named(crs: object) -> object:
    """Return the name in a `crs` member. Raises UnreadableInput for one without."""
    if crs is None:
        return None
    if isinstance(crs, str):
        return crs
    if isinstance(crs, dict) and isinstance(properties := crs.get("properties"), dict):
        if isinstance(properties.get("name"), str):
            return properties["name"]
        if isinstance(properties.get("code"), int | str) and str(crs.get("type")).upper() == "EPSG":
            return f"EPSG:{properties['code']}"
    raise UnreadableInput("unknown_crs", f"a crs that is no name ({plain(crs, 60)})")


def _esri(reference: object) -> str | None:
    """Return the name of an ArcGIS spatialReference; None where it has none."""
    if not isinstance(reference, dict):
        return None
    number = reference.get("latestWkid") or reference.get("wkid")
    if isinstance(number, int) and not isinstance(number, bool):
        return f"{'EPSG' if 0 < number < _FIRST_OF_ESRI else 'ESRI'}:{number}"
    text = reference.get("wkt") or reference.get("wkt2")
    return text if isinstance(text, str) else None


def _unless_wgs84(crs: object) -> object:
    return None if crs is None or ToWgs84.of(crs, "of the file") == ToWgs84() else crs


def _of_esri(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return an ArcGIS geometry as GeoJSON has it. Raises Unusable."""
    if "rings" in geometry:
        return _polygons(geometry["rings"])
    if "paths" in geometry:
        return {"type": "MultiLineString", "coordinates": geometry["paths"]}
    if "points" in geometry:
        return {"type": "MultiPoint", "coordinates": geometry["points"]}
    if "x" in geometry and "y" in geometry:
        return {"type": "Point", "coordinates": [geometry["x"], geometry["y"]]}
    raise Unusable(Message("an ArcGIS geometry of another kind: curves are not read"))


def _polygons(rings: Any) -> dict[str, Any]:
    """Return ArcGIS rings as a MultiPolygon: a ring against the clock is a hole in every area that holds it.

    Where no ring runs with the clock the direction says nothing, and a hole in no area is an area: never smaller.
    """
    if not isinstance(rings, list) or not 0 < len(rings) <= _MOST_RINGS:
        raise Unusable(Message("its rings are no list of rings"))
    try:
        flat = [[(float(point[0]), float(point[1])) for point in ring] for ring in rings]
        areas = [ring for ring in flat if not shapely.is_ccw(shapely.linearrings(ring))]
        holes = [ring for ring in flat if shapely.is_ccw(shapely.linearrings(ring))] if areas else []
        outer = [shapely.Polygon(ring) for ring in areas or flat]
        inside: list[list[Any]] = [[] for _ in outer]
        alone = []
        for ring in holes:
            place = shapely.Polygon(ring)
            holding = [n for n, area in enumerate(outer) if shapely.covers(area, place)]
            for number in holding:
                inside[number].append(ring)
            alone += [] if holding else [[ring]]
    except _BROKEN as error:
        raise Unusable(Message("its coordinates cannot be read ({why})", why=plain(error, 80))) from None
    together = [[ring, *within] for ring, within in zip(areas or flat, inside, strict=True)]
    return {"type": "MultiPolygon", "coordinates": together + alone}
