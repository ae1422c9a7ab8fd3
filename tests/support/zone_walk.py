"""What JSON zone files hold, counted with plain `json` and no code of dronecheck.

`volumes(path)` gives one row a volume: floor, ceiling ((metres, reference), "none" or "unknown") and box.
"""

from __future__ import annotations

import json

import pyproj

GEOD = pyproj.Geod(ellps="WGS84")
METRES = {"M": 1.0, "FT": 0.3048}


def document(path):
    return json.loads(path.read_text(encoding="utf-8-sig"))


def limit(value, reference, unit, is_ceiling):
    if value is None or reference is None:
        return "unknown"
    if is_ceiling and value >= 99_999:
        return "none"
    return round(value * METRES[unit.upper()], 3), reference


def box_of_rings(coordinates):
    flat = [coordinates]
    while not isinstance(flat[0][0], (int, float)):
        flat = [inner for outer in flat for inner in outer]
    lon, lat = [p[0] for p in flat], [p[1] for p in flat]
    return min(lon), min(lat), max(lon), max(lat)


def box_of_circle(centre, radius_m):
    ends = [GEOD.fwd(*centre, azimuth, radius_m)[:2] for azimuth in (270, 180, 90, 0)]
    return ends[0][0], ends[1][1], ends[2][0], ends[3][1]


def _ed269(feature):
    properties = feature.get("properties", feature)
    given = properties["geometry"]
    for volume in given if isinstance(given, list) else [given]:
        area = volume.get("horizontalProjection") or feature["geometry"]
        unit = volume["uomDimensions"]
        upper = limit(volume.get("upperLimit"), volume.get("upperVerticalReference"), unit, True)
        yield (
            limit(volume.get("lowerLimit"), volume.get("lowerVerticalReference"), unit, False),
            "none" if properties.get("upper") == "UNL" else upper,
            box_of_circle(area["center"], area["radius"]) if "radius" in area else box_of_rings(area["coordinates"]),
        )


def _ed318(feature):
    geometry = feature["geometry"]
    for area in geometry.get("geometries", [geometry]):
        layer = area.get("layer", {})
        unit = layer.get("uom", "m")
        extent = area.get("extent")
        yield (
            limit(layer.get("lower"), layer.get("lowerReference"), unit, False),
            limit(layer.get("upper"), layer.get("upperReference"), unit, True),
            box_of_circle(area["coordinates"], extent["radius"]) if extent else box_of_rings(area["coordinates"]),
        )


def volumes(path):
    whole = document(path)
    features = whole.get("features") or whole.get("uas_zones") or [whole]
    walk = _ed318 if "ed318" in path.name or "official" in path.name else _ed269
    return [row for feature in features for row in walk(feature)]
