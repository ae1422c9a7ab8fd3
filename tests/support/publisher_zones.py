"""Fictitious zones with the fields, units and datums of national services, of openAIP and of ArcGIS."""

from __future__ import annotations

SQUARE = [[5.0, 51.0], [5.1, 51.0], [5.1, 51.1], [5.0, 51.1], [5.0, 51.0]]


def german(code="NATURSCHUTZGEBIET", law="§ 21h, Abs. 3 (6.) LuftVO", **more):
    return {
        "external_reference": "tfX", "name": "Moor", "generated_name_EN": "Bog", "type_code": code, "legal_ref": law,
        "lower_limit_altitude": 0, "lower_limit_unit": "m", "lower_limit_alt_ref": "AGL", **more,
    }  # fmt: skip


def upper(value, unit, datum):
    return {"upper_limit_altitude": value, "upper_limit_unit": unit, "upper_limit_alt_ref": datum}


def belgian(lower=(0, "F", "GND"), upper=(400, "F", "GND"), **more):
    sides = {
        f"{side}_limit_{key}": value
        for side, values in (("lower", lower), ("upper", upper))
        for key, value in zip(("altitude", "unit", "reference"), values, strict=True)
    }
    return {
        "unique_identifier": "u1", "name": '{"nl":"Zone","en":"EBXX CTR"}', "code": "EBXX", "description": None,
        "type_code": "CIV_CONTROL_ZONE", "restriction": "REQ_AUTHORISATION", "active_within_window": 0, **sides, **more,
    }  # fmt: skip


def spanish(**more):
    return {
        "identifier": "LEXX1", "country": "ESP", "type": "REQ_AUTHORIZATION", "name": "PUEBLO", "reasons": "PRIVACY",
        "variant": "COMMON", "message": "<p>Por encima de 45m</p>", "lower": 45, "lowerReference": "AGL", "upper": 900,
        "upperReference": "AGL", "uom": "M", "startDateTime": "", "endDateTime": "None", "day": "ANY",
        "startTime": "", "startEvent": "", "endTime": "", "endEvent": "", "limitedApplicability": "", **more,
    }  # fmt: skip


def openaip():
    limits = {
        f"{side}Limit": {"value": 100 * n, "unit": 1, "referenceDatum": 1} for n, side in enumerate(("lower", "upper"))
    }
    return {"_id": "a1", "name": "TMA X", "type": 7, "icaoClass": 3, "byNotam": False, **limits}


def _feature(properties, **geometry):
    outline = {"type": "Polygon", "coordinates": [SQUARE], **geometry}
    return {"type": "Feature", "properties": properties, "geometry": outline}


CRS = {"type": "name", "properties": {"name": "EPSG:4258"}}
PARTS = {
    "type": "GeometryCollection",
    "geometries": [{"type": "Polygon", "coordinates": [SQUARE]}, {"type": "LineString", "coordinates": SQUARE[:2]}],
}
COLLECTION = {
    "type": "FeatureCollection",
    "crs": CRS,
    "features": [
        *map(_feature, (german(), belgian(), spanish(), openaip())),
        {
            **_feature({"name": "x", "floor": "500 ft AGL"}),
            "geometry": {"type": "GeometryCollection", "geometries": PARTS},
        },
        _feature({"name": "y", "kind": "prohibited", "radius_m": 50}, type="Point", coordinates=[5, 51]),
        _feature({"name": "z", "type": 10, "level": 2, "height": 60}),
    ],
}
ITEMS = {"totalCount": 1, "items": [{**openaip(), "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}]}
ARCGIS = {
    "geometryType": "esriGeometryPolygon",
    "spatialReference": {"wkid": 4326},
    "features": [{"attributes": {"NAME": "Z", "MinAlt": 5}, "geometry": {"rings": [SQUARE[::-1]]}}],
}
