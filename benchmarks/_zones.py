"""Zones for the benchmarks: as many as asked for, scattered over Western Europe (circles: over China, too)."""

from __future__ import annotations

import json

import numpy as np
import shapely

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.geo.outline.shape import Shape


def circle_files(count: int, seed: int) -> dict[str, bytes]:
    """Return files of circles of 2 NM, by format: in China, where Autel's are read in two data, and elsewhere."""
    source, made = np.random.default_rng(seed), dict[str, bytes]()
    lon, lat = source.uniform(80, 120, count).round(4).tolist(), source.uniform(24, 44, count).round(4).tolist()
    places = list(enumerate(zip(lon, lat, strict=True)))
    blocks = [f"AC R\nAN {n}\nAH FL95\nAL GND\nV X={_dms(y)} N {_dms(x)} E\nDC 2\n" for n, (x, y) in places]
    made["OpenAir"] = "".join(blocks).encode()
    signs = {"longitude_type": "E", "latitude_type": "N", "nofly_radius": 3704}
    for country, name in (("CN", "Autel in China"), ("MN", "Autel elsewhere")):
        dots = [[{"dot_type": 1, "locations": [{"longitude": x, "latitude": y, **signs}]}] for _, (x, y) in places]
        zones = [{"nfz_name": str(n), "country": country, "nfz_dots": dot} for n, dot in enumerate(dots)]
        made[name] = json.dumps({"noflyzones": zones}).encode()
    about = {"restriction": "PROHIBITED", "applicability": [{"permanent": "YES"}]}
    for unit in ("M", "FT"):
        circles = [{"type": "Circle", "center": [x, y], "radius": 3704} for _, (x, y) in places]
        volumes = [[{"uomDimensions": unit, "horizontalProjection": circle}] for circle in circles]
        features = [{"identifier": str(n), **about, "geometry": volume} for n, volume in enumerate(volumes)]
        made[f"ED-269 in {unit}"] = json.dumps({"features": features}).encode()
    return made


def _dms(degrees: float) -> str:
    seconds = round(degrees * 3600)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def scattered_zones(count: int, seed: int) -> ZoneSet:
    """Return zones of 36 corners, 8 by 6 km."""
    source, origin = np.random.default_rng(seed), ZoneSource("made", "0" * 64)
    made = []
    for number in range(count):
        lon, lat = source.uniform(-5, 10), source.uniform(42, 52)
        turn = np.linspace(0, 2 * np.pi, 37)
        ring = np.column_stack([lon + 0.04 * np.cos(turn), lat + 0.03 * np.sin(turn)])
        made.append(Zone(str(number), str(number), ZoneKind.RESTRICTED, Shape(shapely.Polygon(ring)), origin))
    return ZoneSet(tuple(made), (origin,))
