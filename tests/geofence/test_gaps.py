"""The space-time prism end to end: what a gap between two fixes could hide, by the vectors."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import closest_approach, gap_reaching, visits
from tests.conftest import make_flight

PLANE = LocalPlane(7.0, 50.0)
SOUTH = shapely.Polygon(PLANE.inverse([[-4e3, -4e3], [4e3, -4e3], [4e3, 0], [-4e3, 0]]))  # the zone y <= 0


def exact(foot):
    return np.zeros(len(foot)), np.zeros(len(foot))


def profile_of(a, b, dt_s, vmax_mps):
    lonlat = PLANE.inverse([a, b])
    flight = make_flight(lonlat[:, 1], lonlat[:, 0], dt_s=dt_s)
    limits = Thresholds(max_speed_floor_mps=vmax_mps, max_speed_factor=0.0)
    return trace(Trajectory(flight.track, limits), lambda *_: SOUTH, Edge.GEODESIC, 2_000)


def test_space_time_prism_line_cases(shared):
    cases = json.loads((shared / "vectors/domain_vectors.json").read_text())["space_time_prism"]["line_case"]
    for case in cases:
        profile = profile_of(case["A"], case["B"], case["dt_s"], case["vmax_ms"])
        assert not visits(RegionDistance(profile, exact))
        found = gap_reaching(RegionDistance(profile, exact), with_band=False)
        assert (found is not None) == case["reachable"], case
        if found:
            assert found[1] == pytest.approx(case["min_path_m"], abs=0.01)


def test_a_gap_that_cannot_reach_leaves_the_approach_as_it_is():
    profile = profile_of([0, 300], [40, 300], 10, 20)
    near = closest_approach(RegionDistance(profile, exact))
    assert near is not None
    assert near.distance_m == pytest.approx(300, abs=0.01)
    assert gap_reaching(RegionDistance(profile, exact)) is None
