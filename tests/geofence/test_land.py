"""Inside stretches on the real borders against the loader's own point test, which shares no code with the regions."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest

from dronecheck.borders.territories import territory_at
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.plane import point_at
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight
from tests.support.scale import loops


@pytest.fixture(scope="module")
def places(repo):
    """Points near borders and sea limits all over the world."""
    with gzip.open(repo / "tests/data/border_truth.csv.gz", "rt") as lines:
        rows = [(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(lines)]
    return np.random.default_rng(11).permutation(np.array(rows))


@pytest.mark.parametrize("index", range(loops(60, 15)))
def test_stretches_match_the_point_test_along_random_paths(places, index):
    lon, lat = places[index]
    random = np.random.default_rng(index)
    turn = np.cumsum(random.normal(0, 0.3, 80)) + random.uniform(0, 2 * np.pi)
    step = random.choice([20.0, 100.0, 400.0])
    lats = lat + np.cumsum(step * np.cos(turn)) / 111_000
    lons = lon + np.cumsum(step * np.sin(turn)) / (111_000 * np.cos(np.radians(lat)))
    path = Trajectory(make_flight(lats, lons, dt_s=10.0).track, Thresholds())
    land = NearbyTerritories(path, 6_000.0)
    row = np.linspace(0, len(path) - 1, 4_000)
    (window,) = path.windows
    dense = window.plane.inverse(point_at(window.xy_m, row))
    labels = [territory_at(x, y) for x, y in dense.tolist()]
    for territory in land.territories:
        profile = trace(path, land.outline(territory), Edge.PLANAR, land.pad_m)
        found = np.zeros(len(row), dtype=bool)
        for begin, end in profile.inside:
            found |= (row >= begin) & (row <= end)
        expected = np.array([label == territory for label in labels])
        wrong = np.flatnonzero(found != expected)
        assert all(abs(profile.measure(float(row[k]))[1]) < 0.02 for k in wrong), (territory, wrong[:5])
        inside = profile.distance_m < 0
        at_rows = [territory_at(*window.plane.inverse(point_at(window.xy_m, profile.row[k : k + 1]))[0].tolist())
                   for k in np.flatnonzero(np.abs(profile.distance_m) > 0.02)[:200]]  # fmt: skip
        signs = inside[np.abs(profile.distance_m) > 0.02][:200]
        assert [label == territory for label in at_rows] == signs.tolist()
