"""Where a fleet flies: towns beside a border, fields far from any, and one with restricted zones; and what is true.

The borders' outlines are the bundled data, read as polygons; what is true of a flight is found by sampling its
noise-free path every 0.1 s against these polygons (GEOS) and measuring in a plane around the take-off, without any of
dronecheck's own geofence.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import shapely
from _kinematics import WGS84, Place, Truth, to_local, to_lonlat
from numpy.typing import NDArray

from dronecheck.borders.territories import territories_near

Floats = NDArray[np.float64]
EVERY = 10  # steps of 10 ms
AROUND_DEG = 0.06


@dataclass(frozen=True)
class Scene:
    """A place to fly from. `home` is None far from borders."""

    name: str
    place: Place
    home: str | None = None


BORDERS = (
    Scene("Dandong", Place(40.1176, 124.3904, 8.0, 15.1), "CHN"),
    Scene("Weil am Rhein", Place(47.594, 7.600, 260.0, 47.6), "DEU"),
    Scene("El Paso", Place(31.770, -106.490, 1140.0, -24.3), "USA"),
    Scene("Woodlands", Place(1.437, 103.780, 15.0, 7.6), "SGP"),
    Scene("Narva", Place(59.370, 28.185, 25.0, 16.9), "EST"),
    Scene("Aachen", Place(50.765, 6.040, 190.0, 46.6), "DEU"),
    Scene("Strasbourg", Place(48.573, 7.780, 140.0, 48.0), "FRA"),
)
INLAND = (
    Scene("Pampa", Place(-36.90, -62.10, 110.0, 17.3)),
    Scene("Iowa", Place(42.03, -93.62, 290.0, -30.7)),
    Scene("Wiltshire", Place(51.20, -1.90, 120.0, 48.4)),
)
WITH_ZONES = Scene("Pampa with zones", Place(-36.52, -61.48, 104.0, 17.0))
CHANGE = datetime(2026, 4, 1, tzinfo=UTC)  # some zones hold before it, some from it on


@dataclass(frozen=True)
class Zone:
    """A zone of the field with zones: a hexagon with floor and ceiling, metres above sea level, and times."""

    id: str
    ring: tuple[tuple[float, float], ...]
    lower_m: float | None
    upper_m: float | None
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def holds(self, start: datetime) -> bool:
        return (self.valid_from is None or start >= self.valid_from) and (
            self.valid_to is None or start < self.valid_to
        )


@lru_cache
def zones() -> tuple[Zone, ...]:
    """Twelve zones around the field."""
    found = []
    ground_m = WITH_ZONES.place.ground_amsl_m
    for number in range(12):
        azimuth, away_m, radius_m = math.radians(30 * number), 500.0 + 90 * (number % 4), 90.0 + 12 * (number % 5)
        east, north = away_m * math.sin(azimuth), away_m * math.cos(azimuth)
        corners = np.radians(np.arange(0, 360, 60))
        ring = to_lonlat(WITH_ZONES.place, east + radius_m * np.sin(corners), north + radius_m * np.cos(corners)).round(
            7
        )
        lower, upper = ((None, None), (None, ground_m + 400), (ground_m + 150, None), (None, ground_m + 20))[number % 4]
        times = ((None, None), (None, CHANGE), (CHANGE, None))[number % 3]
        found.append(Zone(f"FLEET-{number:02d}", tuple(map(tuple, ring.tolist())), lower, upper, *times))
    return tuple(found)


def zones_geojson(moved: bool = False) -> str:
    """The zones as a file; `moved` turns every fourth into another one, for a second edition."""
    features = []
    for number, zone in enumerate(zones()):
        ring = [list(point) for point in (*zone.ring, zone.ring[0])]
        if moved and number % 4 == 0:
            ring = [[lon + 0.004, lat] for lon, lat in ring]
        known = {"id": zone.id, "name": f"Fictitious zone {zone.id}", "kind": "restricted"}
        for name, value in (("lower", zone.lower_m), ("upper", zone.upper_m)):
            if value is not None:
                known |= {f"{name}_m": value, f"{name}_datum": "AMSL"}
        for name, moment in (("valid_from", zone.valid_from), ("valid_to", zone.valid_to)):
            if moment is not None:
                known[name] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": known, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1) + "\n"


@lru_cache
def territories(scene: Scene) -> dict[str, shapely.Geometry]:
    """The polygons around a scene, by the claimants' codes."""
    lat, lon = scene.place.lat_deg, scene.place.lon_deg
    window = territories_near(lon - AROUND_DEG, lat - AROUND_DEG, lon + AROUND_DEG, lat + AROUND_DEG)
    return {"|".join(t.claimants): shape for t, shape in window.regions()}


@lru_cache
def _points_of_border(scene: Scene) -> Floats:
    """Points about 20 m apart on the line between the home territory and others, within 4 km; shape (n, 2)."""
    found = territories(scene)
    assert scene.home is not None
    others = shapely.union_all([shape for name, shape in found.items() if name != scene.home])
    line = shapely.intersection(shapely.boundary(found[scene.home]), shapely.boundary(others))
    dense = shapely.get_coordinates(shapely.segmentize(shapely.line_merge(line), 0.0002))
    local = to_local(scene.place, dense)
    return dense[np.hypot(*local.T) < 4000.0]


def take_off(scene: Scene, away_m: float, dice: np.random.RandomState) -> tuple[Place, float]:
    """A place in the home territory about `away_m` from its border, and the bearing there, degrees."""
    points = _points_of_border(scene)
    home = territories(scene)[str(scene.home)]
    while True:
        lon, lat = points[dice.randint(len(points))].tolist()
        bearing = dice.uniform(0.0, 360.0)
        at_lon, at_lat, back = WGS84.fwd(lon, lat, bearing, away_m)
        if not shapely.contains_xy(home, at_lon, at_lat):
            continue
        place = Place(round(at_lat, 7), round(at_lon, 7), scene.place.ground_amsl_m, scene.place.geoid_m)
        nearest_m = float(np.hypot(*to_local(place, points).T).min())
        if nearest_m > 0.8 * away_m:
            return place, back % 360.0


@dataclass(frozen=True)
class Answer:
    """What is true of a flight. Times are UTC, lengths metres."""

    home: str
    entered: list[str] = field(default_factory=list)
    enter: datetime | None = None
    exit: datetime | None = None
    depth_m: float | None = None  # into what was entered first
    margin_m: float | None = None  # to the nearest territory that was not entered, up to 5 km
    zones: list[str] = field(default_factory=list)
    zones_margin_m: float | None = None  # how far the path is from another answer about any zone


def answer(scene: Scene, truth: Truth, start: datetime) -> Answer:
    """Sample the path and look."""
    steps = np.arange(0, len(truth.up_m), EVERY)
    lonlat = to_lonlat(truth.place, truth.east_m[steps], truth.north_m[steps])
    if scene.home is None:
        within, margin_m = _zones(truth, steps, lonlat, start) if scene is WITH_ZONES else ([], None)
        return Answer("", zones=within, zones_margin_m=margin_m)
    found = territories(scene)
    owner = np.full(len(steps), "", dtype=object)
    for name, shape in found.items():
        owner[shapely.contains_xy(shape, lonlat)] = name
    home = str(owner[0])
    away = (owner != home) & (owner != "")
    paths = shapely.points(np.column_stack([truth.east_m[steps], truth.north_m[steps]]))
    lines = {name: _line(scene, truth.place, name) for name in found if name != home}
    if not away.any():
        near = [float(shapely.distance(shapely.multipoints(paths), line)) for line in lines.values()]
        return Answer(home, margin_m=min((m for m in near if m <= 5000.0), default=None))
    first = int(np.argmax(away))
    name = owner[first]
    inside = owner == name
    last = first + int(np.argmin(inside[first:])) if not inside[first:].all() else None
    depth_m = float(shapely.distance(paths[inside], lines[name]).max())
    when = [None if i is None else start + timedelta(seconds=int(steps[i]) / 100) for i in (first, last)]
    return Answer(home, list(dict.fromkeys(owner[away].tolist())), when[0], when[1], depth_m)


def _line(scene: Scene, place: Place, name: str) -> shapely.Geometry:
    """A territory's outline within some kilometres, in the plane around the take-off; the window's rim is left out."""
    lat, lon = place.lat_deg, place.lon_deg
    near = shapely.box(lon - 0.055, lat - 0.04, lon + 0.055, lat + 0.04)
    parts = shapely.get_parts(shapely.intersection(shapely.boundary(territories(scene)[name]), near))
    lines = [to_local(place, shapely.get_coordinates(shapely.segmentize(part, 0.0005))) for part in parts.tolist()]
    return shapely.MultiLineString([line for line in lines if len(line) > 1])


def _zones(truth: Truth, steps: Floats, lonlat: Floats, start: datetime) -> tuple[list[str], float]:
    amsl_m = truth.place.ground_amsl_m + truth.up_m[steps]
    flown = shapely.linestrings(np.column_stack([truth.east_m[steps], truth.north_m[steps]]))
    within, margin_m = [], math.inf
    for zone in zones():
        low = -math.inf if zone.lower_m is None else zone.lower_m
        high = math.inf if zone.upper_m is None else zone.upper_m
        beside = shapely.contains_xy(shapely.Polygon(zone.ring), lonlat)
        inside = beside & (amsl_m >= low) & (amsl_m <= high)
        ring = to_local(truth.place, np.array([*zone.ring, zone.ring[0]]))
        outline = shapely.LineString(ring)
        if not zone.holds(start):
            continue
        if inside.any():
            within.append(zone.id)
            points = shapely.points(np.column_stack([truth.east_m[steps][inside], truth.north_m[steps][inside]]))
            up_m = np.minimum(amsl_m[inside] - low, high - amsl_m[inside])
            margin_m = min(margin_m, float(np.minimum(shapely.distance(points, outline), up_m).max()))
        elif beside.any():
            off_m = np.maximum(low - amsl_m[beside], amsl_m[beside] - high)
            margin_m = min(margin_m, float(off_m.min()))
        else:
            margin_m = min(margin_m, float(shapely.distance(flown, shapely.Polygon(ring))))
    return within, margin_m
