"""Probabilities and crossing instants against the numeric vectors."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.result import Verdict
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.probability import probability_inside
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import closest_approach, decide_visit, visits
from tests.conftest import make_flight


@pytest.fixture(scope="module")
def vectors(shared):
    return json.loads((shared / "vectors/domain_vectors.json").read_text())


def path_of(xy, **kwargs) -> Trajectory:
    lonlat = LocalPlane(20.0, 45.0).inverse(xy)
    return Trajectory(make_flight(lonlat[:, 1], lonlat[:, 0], **kwargs).track, Thresholds())


def half_plane(edge_x_m: float = 0.0, reach_m: float = 20_000.0) -> shapely.Geometry:
    """Everything west of x = edge_x_m."""
    plane = LocalPlane(20.0, 45.0)
    y = np.linspace(-reach_m, reach_m, 401)
    border = plane.inverse(np.column_stack([np.full(len(y), edge_x_m), y]))
    west = plane.inverse([[-reach_m, reach_m], [-reach_m, -reach_m]])
    return shapely.Polygon(np.vstack([border, west]))


def exact(foot):
    return np.zeros(len(foot)), np.zeros(len(foot))


def test_probability_of_a_half_plane(vectors):
    for case in vectors["half_plane_probability"]["cases"]:
        found = probability_inside(case["d_m"], case["sigma_m"])
        assert found == pytest.approx(case["p_inside"], abs=vectors["half_plane_probability"]["tol"])
    assert probability_inside(-np.inf, 5.0) == 1.0
    assert probability_inside(np.inf, 5.0) == 0.0


def test_crossing_instants_match_the_vectors(vectors):
    for case in vectors["crossing_time"]["cases"]:
        path = path_of([[case["d1_m"], 0.0], [case["d2_m"], 0.0]], dt_s=case["dt_s"], sigma_m=case["sigma1_m"])
        (visit,) = visits(RegionDistance(trace(path, lambda *_: half_plane(), Edge.PLANAR, 5_000), exact))
        assert visit.exit is None  # the log ends inside
        t_s = (visit.enter.time_ns - int(path.track.time_ns[0])) / 1e9
        assert t_s == pytest.approx(case["t_cross_s"], abs=1e-4)
        # The larger of the independent-error figure and sigma over the closing speed (DOMAIN 2.6).
        assert visit.enter.sigma_s >= case["sigma_t_s"] * 0.999 or case["sigma1_m"] != case["sigma2_m"]
        assert visit.enter.sigma_s >= case["sigma1_m"] / case["closing_speed_ms"] * 0.999


def test_a_visit_is_measured_as_flown():
    x = np.concatenate([np.linspace(300, -120, 211), np.linspace(-118, 300, 210)])
    path = path_of(np.column_stack([x, np.zeros_like(x)]), dt_s=0.2)
    (visit,) = visits(RegionDistance(trace(path, lambda *_: half_plane(), Edge.PLANAR, 5_000), exact))
    assert visit.depth_m == pytest.approx(120, abs=0.01)
    assert visit.path_m == pytest.approx(240, abs=0.05)
    assert visit.duration_s == pytest.approx(24.0, abs=0.02)
    assert visit.decisive.margin_m == pytest.approx(-120, abs=0.01)


def test_the_closest_approach_lies_between_fixes_too():
    path = path_of([[40.0, -300.0], [5.0, 0.0], [40.0, 300.0]], dt_s=20.0)
    near = closest_approach(RegionDistance(trace(path, lambda *_: half_plane(), Edge.PLANAR, 5_000), exact))
    assert near.distance_m == pytest.approx(5.0, abs=0.01)
    # A corner point of the region beside the middle of a chord.
    corner = shapely.Polygon(LocalPlane(20.0, 45.0).inverse([[0, 0], [-50, 20], [-50, -20]]))
    path = path_of([[30.0, -100.0], [30.0, 100.0]], dt_s=15.0)
    near = closest_approach(RegionDistance(trace(path, lambda *_: corner, Edge.PLANAR, 5_000), exact))
    assert near.distance_m == pytest.approx(30.0, abs=0.05)


def test_noise_on_the_line_is_one_visit_and_two_visits_are_two():
    random = np.random.default_rng(7)
    y = np.arange(0, 600, 3.0)
    hugging = path_of(np.column_stack([random.normal(0, 1.0, len(y)), y]))
    assert len(visits(RegionDistance(trace(hugging, lambda *_: half_plane(), Edge.PLANAR, 5_000), exact))) == 1
    x = 40 * np.cos(np.linspace(0, 4 * np.pi, 200))
    twice = path_of(np.column_stack([x, np.linspace(0, 500, 200)]))
    assert len(visits(RegionDistance(trace(twice, lambda *_: half_plane(), Edge.PLANAR, 5_000), exact))) == 2


def judged(xy, ring, **kwargs):
    """The visits of a path to a polygon in metres, and the verdict of each."""
    zone = shapely.Polygon(LocalPlane(20.0, 45.0).inverse(ring))
    path = path_of(np.asarray(xy, dtype=float), **kwargs)
    found = visits(RegionDistance(trace(path, lambda *_: zone, Edge.PLANAR, 5_000), exact))
    return found, [decide_visit(visit, path)[0] for visit in found]


def test_a_strip_narrower_than_the_error_is_never_entered_for_certain():
    along = np.column_stack([np.zeros(60), np.linspace(-100, 100, 60)])
    for half_m, sigma_m, want in ((3.6, 1.5, Verdict.INCONCLUSIVE), (4.2, 1.5, Verdict.VIOLATION)):
        strip = [[-half_m, -900], [half_m, -900], [half_m, 900], [-half_m, 900]]
        (visit,), (verdict,) = judged(along, strip, sigma_m=sigma_m)
        # Both are deeper inside than the band; P(inside) = 2 Phi(w / sigma) - 1 is below 0.99 in the first.
        assert -visit.decisive.margin_m > visit.decisive.band_m
        assert verdict is want
        assert visit.decisive.probability == pytest.approx(1 - 2 * probability_inside(half_m, sigma_m), abs=1e-3)
        assert visit.probability_upper() >= visit.decisive.probability


def test_an_entry_exactly_on_a_vertex_is_one_visit():
    diamond = [[-50, 0], [0, -50], [50, 0], [0, 50]]
    (visit,), (verdict,) = judged(np.column_stack([np.arange(-100, 101, 5.0), np.zeros(41)]), diamond)
    assert verdict is Verdict.VIOLATION
    assert visit.path_m == pytest.approx(100, abs=0.01)


def test_grazing_along_an_edge_is_never_decided():
    square = [[0, -50], [100, -50], [100, 50], [0, 50]]
    found, verdicts = judged(np.column_stack([np.zeros(81), np.arange(-80, 81, 2.0)]), square)
    assert len(found) <= 1
    assert Verdict.VIOLATION not in verdicts


def test_a_zone_wholly_between_two_fixes_is_one_visit_without_fixes():
    square = [[-6, -50], [6, -50], [6, 50], [-6, 50]]
    (visit,), (verdict,) = judged([[-60, 0], [-40, 0], [-10, 0], [10, 0], [40, 0], [60, 0]], square, dt_s=1.0)
    assert visit.fixes == 0
    assert visit.path_m == pytest.approx(12, abs=0.01)
    assert verdict is Verdict.VIOLATION
