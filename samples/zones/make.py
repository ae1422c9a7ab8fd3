"""Write the three fictitious zones as ED-269, ED-318, GeoJSON and KML, from the one table below.

    python samples/zones/make.py [DIR]      the same bytes every time

None of the four formats has arcs: the half circle becomes vertices on the ellipsoid, close enough that an edge leaves
it by 1 cm at most. Needs numpy and pyproj only, no code of dronecheck.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
FOOT_M = 0.3048
FL_65_M = 65 * 100 * FOOT_M  # pressure altitude; the ED formats have no flight levels and get it as AMSL
TOLERANCE_M = 0.01

Point = tuple[float, float]  # longitude, latitude
Limit = tuple[float, str, str]  # number, unit, reference

WEEKDAYS = ["MON", "TUE", "WED", "THU", "FRI"]
ZONES = (
    {
        "id": "FICT-A", "name": "Alder", "restricts": "PROHIBITED", "reason": "SENSITIVE",
        "ring": [(124.30, 40.06), (124.36, 40.06), (124.36, 40.10), "arc", (124.30, 40.10)],
        "arc_centre": (124.33, 40.10),  # counter-clockwise: it bulges north
        "lower": (0, "M", "AGL"), "upper": (120, "M", "AGL"),
    },
    {
        "id": "FICT-B", "name": "Birch", "restricts": "REQ_AUTHORISATION", "reason": "AIR_TRAFFIC",
        "centre": (124.45, 40.05), "radius_m": 3000.0,
        "lower": (0, "FT", "AGL"), "upper": (1500, "FT", "AMSL"),
    },
    {
        "id": "FICT-C", "name": "Cedar", "restricts": "PROHIBITED", "reason": "SENSITIVE",
        "ring": [(124.40, 40.12), (124.48, 40.12), (124.48, 40.16), (124.40, 40.16)],
        "lower": (500, "FT", "AMSL"), "upper": (65, "FL", ""),
        "from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z",
        "days": WEEKDAYS, "start": "06:00:00Z", "end": "18:00:00Z",
    },
)  # fmt: skip
AUTHORITY = "Fictitious Aviation Authority"
KINDS = {"PROHIBITED": "prohibited", "REQ_AUTHORISATION": "restricted"}


def half_circle(centre: Point, start: Point, end: Point) -> list[Point]:
    """The points between two others counter-clockwise around a centre at the same distance."""
    azimuth, _, radius_m = GEOD.inv([centre[0]] * 2, [centre[1]] * 2, [start[0], end[0]], [start[1], end[1]])
    sweep = (azimuth[0] - azimuth[1]) % 360.0
    count = int(np.ceil(np.radians(sweep) / (2.0 * np.sqrt(2.0 * TOLERANCE_M / max(radius_m)))))
    share = np.arange(1, count) / count
    reach_m = radius_m[0] + share * (radius_m[1] - radius_m[0])
    lon, lat, _ = GEOD.fwd([centre[0]] * (count - 1), [centre[1]] * (count - 1), azimuth[0] - share * sweep, reach_m)
    return [(round(float(x), 8), round(float(y), 8)) for x, y in zip(lon, lat, strict=True)]


def circle(centre: Point, radius_m: float) -> list[Point]:
    """A closed circle, for GeoJSON, which has none."""
    count = int(np.ceil(np.pi / np.sqrt(2.0 * TOLERANCE_M / radius_m)))
    azimuth = np.arange(count) * 360.0 / count
    lon, lat, _ = GEOD.fwd([centre[0]] * count, [centre[1]] * count, azimuth, [radius_m] * count)
    points = [(round(float(x), 8), round(float(y), 8)) for x, y in zip(lon, lat, strict=True)]
    return [*points, points[0]]


def ring(zone: dict) -> list[Point]:
    """The closed outline of a zone that is no circle."""
    points: list[Point] = []
    for place, point in enumerate(zone["ring"]):
        if point == "arc":
            points += half_circle(zone["arc_centre"], zone["ring"][place - 1], zone["ring"][place + 1])
        else:
            points.append(point)
    return [*points, points[0]]


def metres(limit: Limit) -> float:
    """A limit in metres."""
    number, unit, _ = limit
    return round(number * {"M": 1.0, "FT": FOOT_M, "FL": 100 * FOOT_M}[unit], 6)


def ed269(zone: dict) -> dict:
    """Limits in metres throughout: with FT nobody says what unit the radius of a circle has."""
    area = (
        {"type": "Circle", "center": zone["centre"], "radius": zone["radius_m"]}
        if "centre" in zone
        else {"type": "Polygon", "coordinates": [ring(zone)]}
    )
    times: dict = {"permanent": "YES"}
    if "days" in zone:
        daily = {"day": zone["days"], "startTime": zone["start"], "endTime": zone["end"]}
        times = {"permanent": "NO", "startDateTime": zone["from"], "endDateTime": zone["to"], "schedule": [daily]}
    return {
        "identifier": zone["id"], "country": "XXX", "name": zone["name"], "type": "COMMON",
        "restriction": zone["restricts"], "reason": [zone["reason"]], "applicability": [times],
        "zoneAuthority": [{"name": AUTHORITY, "purpose": "AUTHORIZATION"}],
        "geometry": [{
            "uomDimensions": "M",
            "lowerLimit": metres(zone["lower"]), "lowerVerticalReference": zone["lower"][2] or "AMSL",
            "upperLimit": metres(zone["upper"]), "upperVerticalReference": zone["upper"][2] or "AMSL",
            "horizontalProjection": area,
        }],
    }  # fmt: skip


def ed318(zone: dict) -> dict:
    """Limits in feet where the table has feet; the radius in metres all the same."""
    geometry: dict = (
        {"type": "Point", "coordinates": zone["centre"], "extent": {"subType": "Circle", "radius": zone["radius_m"]}}
        if "centre" in zone
        else {"type": "Polygon", "coordinates": [ring(zone)]}
    )
    in_feet = {zone["lower"][1], zone["upper"][1]} == {"FT"}
    lower, upper = (zone[key][0] if in_feet else metres(zone[key]) for key in ("lower", "upper"))
    geometry["layer"] = {
        "upper": upper, "upperReference": zone["upper"][2] or "AMSL",
        "lower": lower, "lowerReference": zone["lower"][2] or "AMSL",
        "uom": "ft" if in_feet else "m",
    }  # fmt: skip
    properties = {
        "identifier": zone["id"], "country": "XXX", "name": [{"text": zone["name"], "lang": "en-GB"}],
        "type": zone["restricts"].replace("ISATION", "IZATION"), "variant": "COMMON", "reason": [zone["reason"]],
        "zoneAuthority": [{"name": [{"text": AUTHORITY, "lang": "en-GB"}], "purpose": "AUTHORIZATION"}],
    }  # fmt: skip
    if "days" in zone:
        daily = {"day": zone["days"], "startTime": zone["start"], "endTime": zone["end"]}
        properties["limitedApplicability"] = [
            {"startDateTime": zone["from"], "endDateTime": zone["to"], "schedule": [daily]}
        ]
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(zone: dict) -> dict:
    """dronecheck's own profile."""
    outline = circle(zone["centre"], zone["radius_m"]) if "centre" in zone else ring(zone)
    properties = {"id": zone["id"], "name": zone["name"], "kind": KINDS[zone["restricts"]], "authority": AUTHORITY}
    for key in ("lower", "upper"):
        number, unit, reference = zone[key]
        is_ground = number == 0 and reference == "AGL"
        properties |= {} if is_ground else {f"{key}_m": metres(zone[key])}
        properties[f"{key}_datum"] = "GND" if is_ground else "FL" if unit == "FL" else reference
    if "days" in zone:
        properties["schedule"] = [{key: zone[key] for key in ("from", "to", "days", "start", "end")}]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [outline]}}


def kml(zone: dict) -> str:
    """A Placemark with dronecheck's own properties as ExtendedData; lists as JSON."""
    feature = geojson(zone)
    name = feature["properties"].pop("name")
    data = "".join(
        f'<Data name="{key}"><value>{value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))}'
        "</value></Data>"
        for key, value in feature["properties"].items()
    )
    points = " ".join(f"{lon},{lat}" for lon, lat in feature["geometry"]["coordinates"][0])
    return (
        f"<Placemark><name>{name}</name><ExtendedData>{data}</ExtendedData>\n<Polygon><tessellate>1</tessellate>"
        f"<outerBoundaryIs><LinearRing><coordinates>{points}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
        "</Placemark>\n"
    )


def collection(features: list[dict], **members: object) -> bytes:
    """One feature a line, so that two versions can be compared."""
    head = "".join(f"{json.dumps(key)}: {json.dumps(value)}, " for key, value in members.items())
    lines = ",\n".join(json.dumps(feature) for feature in features)
    return f'{{{head}"features": [\n{lines}\n]}}\n'.encode()


def main(folder: Path) -> None:
    """Write the files."""
    title = "Fictitious zones: no real airspace"
    about = {"issued": "2026-01-01T00:00:00Z", "validFrom": "2026-01-01T00:00:00Z"}
    files = {
        "fictitious.ed269.json": collection([ed269(zone) for zone in ZONES], title=title),
        "fictitious.ed318.json": collection(
            [ed318(zone) for zone in ZONES], type="FeatureCollection", title=title, metadata=about
        ),
        "fictitious.geojson": collection([geojson(zone) for zone in ZONES], type="FeatureCollection", edition=title),
        "fictitious.kml": (
            '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
            f"<name>{title}</name>\n{''.join(kml(zone) for zone in ZONES)}</Document></kml>\n"
        ).encode(),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
