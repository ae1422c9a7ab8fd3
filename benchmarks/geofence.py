"""The geofence beside what people use today, in one run on the same borders. `make bench-geofence`.

    python benchmarks/geofence.py

dronecheck answers with verdict, entry, exit, depth and their errors; the peers only say which points lie in which
polygon. All take the bundled borders as whole countries (built in memory first: half a minute). Peers that need seconds
a flight are timed on fewer flights. Medians of three runs; ratios are time of the peer over time of dronecheck.

(a) 1,000 flights of 6,000 fixes, 10 % of them within 1 km of a border   (b) 36,000 fixes across the Yalu
(c) a flight of 6,000 fixes among 5,000 zones
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import shapely
from _zones import scattered_zones

from dronecheck.borders.territories import territories_near
from dronecheck.flight import Clock, ClockSource, Flight, Source, Track
from dronecheck.geofence.engine import check

warnings.filterwarnings("ignore")
SEED = 20260101


def flight_at(lon: float, lat: float, count: int, extent_deg: float = 0.005) -> Flight:
    """A loop of some minutes at 5 Hz."""
    turn = np.linspace(0, 6 * np.pi, count)
    track = Track.build(
        time_ns=1_750_000_000_000_000_000 + np.arange(count) * 200_000_000,
        lat_deg=lat + extent_deg * np.sin(turn),
        lon_deg=lon + extent_deg * np.cos(turn / 2),
        offset=np.arange(count),
        message="made",
        h_sigma_m=np.full(count, 2.0),
    )
    source = Source(Path("made"), 0, "0" * 64, "made", "", "benchmark")
    return Flight(source, {"gnss": track}, "gnss", Clock(True, ClockSource.GNSS, 0.1))


def fleet(countries: geopandas.GeoDataFrame) -> list[Flight]:
    """900 flights on land far from borders and 100 within 1 km of a land border, in random order."""
    source = np.random.default_rng(SEED)
    lines = countries[countries.area > 0.5].boundary.explode(index_parts=False)
    vertices = shapely.get_coordinates(lines.to_numpy())
    near = vertices[source.integers(0, len(vertices), 100)] + source.uniform(-0.008, 0.008, (100, 2))
    far: list[tuple[float, float]] = []
    while len(far) < 900:
        lon, lat = source.uniform(-170, 170), source.uniform(-55, 68)
        window = territories_near(lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1)
        if window.is_uniform and window.territories:
            far.append((lon, lat))
    places = [*far, *near.tolist()]
    return [flight_at(*places[i], 6_000) for i in source.permutation(len(places))]


def median_s(function: Callable[[], object], runs: int = 3) -> float:
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def points(flight: Flight) -> geopandas.GeoDataFrame:
    track = flight.track
    return geopandas.GeoDataFrame(geometry=shapely.points(track.lon_deg, track.lat_deg), crs=4326)


def by_sjoin(flight: Flight, areas: geopandas.GeoDataFrame) -> object:
    return geopandas.sjoin(points(flight), areas, predicate="within")


def by_prepared(flight: Flight, areas: np.ndarray, boxes: np.ndarray) -> list[np.ndarray]:
    lon, lat = flight.track.lon_deg, flight.track.lat_deg
    meets = (boxes[:, 0] <= lon.max()) & (boxes[:, 2] >= lon.min())
    meets &= (boxes[:, 1] <= lat.max()) & (boxes[:, 3] >= lat.min())
    return [shapely.contains_xy(area, lon, lat) for area in areas[meets]]


def by_movingpandas(flight: Flight, area: shapely.Geometry) -> object:
    import movingpandas

    frame = points(flight)
    frame["t"] = pd.to_datetime(flight.track.time_ns)
    return movingpandas.Trajectory(frame, 1, t="t").clip(area)


def floor(flight: Flight) -> tuple[float, ...]:
    lon, lat = flight.track.lon_deg, flight.track.lat_deg
    return float(lon.min()), float(lon.max()), float(lat.min()), float(lat.max())


def line(what: str, per_flight_s: float, ours_s: float) -> None:
    print(f"  {what:<58} {per_flight_s * 1e3:10.3f} ms a flight   {per_flight_s / ours_s:8.2f} x")


def main() -> None:
    begin = time.perf_counter()
    regions = territories_near(-180, -90, 179.99, 90).regions()
    countries = geopandas.GeoDataFrame(
        {"name": ["|".join(t.claimants) for t, _ in regions]}, geometry=[g for _, g in regions], crs=4326
    )
    countries = countries.dissolve("name").reset_index()
    areas, boxes = countries.geometry.to_numpy(), countries.bounds.to_numpy()
    print(f"borders: {len(areas)} areas, {int(shapely.get_num_coordinates(areas).sum())} vertices, ", end="")
    print(f"built in {time.perf_counter() - begin:.0f} s; seed {SEED}")

    flights = fleet(countries)
    some = flights[:20]
    ours = median_s(lambda: [check(f) for f in flights]) / len(flights)
    print("(a) 1,000 flights of 6,000 fixes, 10 % near borders")
    line("dronecheck", ours, ours)
    line("four min/max a flight (the floor)", median_s(lambda: [floor(f) for f in flights]) / len(flights), ours)
    line("geopandas.sjoin, whole countries", median_s(lambda: [by_sjoin(f, countries) for f in some]) / len(some), ours)
    for area in areas:
        shapely.prepare(area)
    line(
        "prepared whole countries, contains_xy",
        median_s(lambda: [by_prepared(f, areas, boxes) for f in flights[:200]]) / 200,
        ours,
    )
    verdicts = [check(f).verdict.value for f in flights]
    print("  verdicts:", ", ".join(f"{v} {verdicts.count(v)}" for v in sorted(set(verdicts))))

    yalu = flight_at(124.392, 40.1155, 36_000, 0.02)
    ours = median_s(lambda: check(yalu))
    print("(b) one flight of 36,000 fixes across the Yalu")
    line("dronecheck", ours, ours)
    line("prepared whole countries, contains_xy", median_s(lambda: by_prepared(yalu, areas, boxes)), ours)
    line("geopandas.sjoin, whole countries", median_s(lambda: by_sjoin(yalu, countries), 1), ours)
    korea = areas[list(countries["name"]).index("PRK")]
    line("movingpandas Trajectory.clip, North Korea alone", median_s(lambda: by_movingpandas(yalu, korea), 1), ours)

    among = scattered_zones(5_000, SEED)
    frame = geopandas.GeoDataFrame(geometry=[z.geometry for z in among.zones], crs=4326)
    shapes, limits = frame.geometry.to_numpy(), frame.bounds.to_numpy()
    loop = flight_at(2.0, 47.0, 6_000)
    plain = median_s(lambda: check(loop))
    ours = median_s(lambda: check(loop, among))
    print(f"(c) one flight of 6,000 fixes among 5,000 zones ({plain * 1e3:.1f} ms of it are the border question)")
    line("dronecheck", ours, ours)
    line("boxes, then contains_xy", median_s(lambda: by_prepared(loop, shapes, limits)), ours)
    line("geopandas.sjoin", median_s(lambda: by_sjoin(loop, frame)), ours)
    line("STRtree.query of all points", median_s(lambda: shapely.STRtree(shapes).query(
        shapely.points(loop.track.lon_deg, loop.track.lat_deg), predicate="within")), ours)  # fmt: skip


if __name__ == "__main__":
    main()
