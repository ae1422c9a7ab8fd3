"""The simulated flights: where they go, and what their instruments write."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
from _kinematics import Place, Truth, Waypoint, fly, to_local, to_lonlat
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BORDER_FILE = Path(__file__).with_name("border_yalu.geojson")
RIVER_PARK = Place(40.1176, 124.3904, ground_amsl_m=8.0, geoid_m=15.1)
LOWER_BANK = Place(40.1125, 124.3822, ground_amsl_m=7.0, geoid_m=15.1)
INLAND = Place(40.1358, 124.3490, ground_amsl_m=22.0, geoid_m=15.1)
PAMPA = Place(-36.52, -61.48, ground_amsl_m=104.0, geoid_m=17.0)


@dataclass(frozen=True, eq=False)
class Flight:
    """A flight as planned: seed, start of the recording, truth, and when the camera ran."""

    name: str
    seed: int
    start: datetime
    truth: Truth
    filming_s: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Border:
    """The excerpt of the border: the line, and each territory's ring by ISO code; (k, 2) in degrees."""

    line: Floats
    rings: dict[str, Floats]
    line_sigma_m: float
    about: dict[str, object]
    source: bytes


def border() -> Border:
    """Read the committed excerpt."""
    source = BORDER_FILE.read_bytes()
    document = json.loads(source)
    line, rings = None, {}
    for feature in document["features"]:
        points = feature["geometry"]["coordinates"]
        if feature["properties"]["kind"] == "border":
            line = np.array(points)
        else:
            rings[feature["properties"]["iso_a3"]] = np.array(points[0])
    return Border(line, rings, document["about"]["line_sigma_m"], document["about"], source)


def founding() -> Flight:
    """From the river park at Dandong over the Yalu, 2 km into Sinuiju, filming, and back."""
    waypoints = [
        Waypoint(0, 0, 30, hold_s=0),
        Waypoint(420, -480, 105, 13),
        Waypoint(1480, -1700, 110, 14),
        Waypoint(1620, -1560, 112, 9),
        Waypoint(1700, -1520, 112, 8, hold_s=8),
        Waypoint(1560, -1640, 108, 8),
        Waypoint(1380, -1720, 106, 8),
        Waypoint(40, -30, 100, 13.5),
        Waypoint(0, 0, 60, 8, hold_s=0),
    ]
    return Flight("founding", 20250920, datetime(2025, 9, 20, 6, 41, 5, 270_000, UTC), fly(RIVER_PARK, waypoints),
                  filming_s=(170.0, 275.0))  # fmt: skip


def clear() -> Flight:
    """A survey of a field on the Chinese side, 3 to 5 km from the border."""
    lanes = [Waypoint(600.0 * (k % 4 in (1, 2)) - 300, 120.0 * (k // 2), 80, 9) for k in range(4)]
    waypoints = [Waypoint(0, 0, 25, hold_s=0), *lanes, Waypoint(0, 0, 40, 11, hold_s=0)]
    return Flight("clear", 20250921, datetime(2025, 9, 21, 2, 10, 4, 640_000, UTC), fly(INLAND, waypoints))


def bank_hugging() -> Flight:
    """Along the line in the middle of the river, 8 to 42 m on its Chinese side, and back."""
    line = to_local(LOWER_BANK, border().line)
    along = _points_beside(line, LOWER_BANK, from_m=-400, to_m=250)
    out = [Waypoint(e, n, 60, 8) for e, n in along]
    waypoints = [Waypoint(0, 0, 25, hold_s=0), *out, Waypoint(0, 0, 40, 11, hold_s=0)]
    return Flight("bank_hugging", 20250922, datetime(2025, 9, 22, 7, 30, 11, 180_000, UTC), fly(LOWER_BANK, waypoints))


def _points_beside(line: Floats, place: Place, from_m: float, to_m: float) -> list[tuple[float, float]]:
    """Points every 40 m beside the line, counted along it from the point nearest to the origin; on China's side."""
    share = np.linspace(0, 1, 400)[:, np.newaxis]
    dense = np.vstack([a + share * (b - a) for a, b in pairwise(line)])
    steps = np.hypot(*np.diff(dense, axis=0).T)
    way = np.append(0.0, np.cumsum(steps))
    way -= way[int(np.argmin(np.hypot(*dense.T)))]
    points = []
    for at_m in np.arange(from_m, to_m + 1, 40.0).tolist():
        here = np.array([np.interp(at_m, way, dense[:, axis]) for axis in (0, 1)])
        ahead = np.array([np.interp(at_m + 20, way, dense[:, axis]) for axis in (0, 1)])
        direction = (ahead - here) / np.hypot(*(ahead - here))
        normal = np.array([-direction[1], direction[0]])
        if normal @ here > 0:  # the take-off, at the origin, lies on China's side
            normal = -normal
        aside_m = 25.0 - 17.0 * np.cos(2 * np.pi * (at_m - from_m) / 500.0)
        points.append(tuple((here + aside_m * normal).round(2).tolist()))
    return points


CORRIDOR_WEST_M, CORRIDOR_EAST_M = 290.0, 301.0  # crossed half-way between two fixes a second apart
ZONES = {
    "SIM-R1": [(700, -220), (1080, -260), (1150, 40), (1040, 260), (760, 240), (640, 20)],
    "SIM-C1": [(CORRIDOR_WEST_M, -300), (CORRIDOR_EAST_M, -300), (CORRIDOR_EAST_M, 40), (CORRIDOR_WEST_M, 40)],
}


def restricted() -> Flight:
    """Over the pampa: across a corridor 11 m wide at 15 m/s, through a zone, round, through it again, home."""
    waypoints = [
        Waypoint(0, 0, 30, hold_s=0),
        Waypoint(-150, -40, 90, 10),
        Waypoint(-60, -40, 95, 10),
        Waypoint(1400, -40, 100, 15),
        Waypoint(1500, 60, 100, 9),
        Waypoint(1400, 150, 100, 9),
        Waypoint(300, 150, 95, 14),
        Waypoint(0, 0, 50, 12, hold_s=0),
    ]
    return Flight("restricted", 20250923, datetime(2025, 9, 23, 15, 2, 31, 0, UTC), fly(PAMPA, waypoints))


def zone_ring(zone_id: str) -> Floats:
    """A zone's closed ring in degrees, rounded as it is written."""
    corners = np.array(ZONES[zone_id], dtype=np.float64)
    ring = to_lonlat(PAMPA, corners[:, 0], corners[:, 1]).round(7)
    return np.vstack([ring, ring[:1]])


def zones_geojson() -> str:
    """The two zones as dronecheck's GeoJSON profile has them."""
    about = {"SIM-R1": {"name": "Simulated restricted zone", "upper_m": 300, "upper_datum": "AMSL"},
             "SIM-C1": {"name": "Simulated corridor, 11 m wide", "upper_datum": "UNL"}}  # fmt: skip
    features = []
    for zone_id, facts in about.items():
        properties = {"id": zone_id, "kind": "restricted", "lower_m": 0, "lower_datum": "GND", "accuracy_m": 0, **facts}
        geometry = {"type": "Polygon", "coordinates": [zone_ring(zone_id).tolist()]}
        features.append(json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}))
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(features) + "\n]}\n"
