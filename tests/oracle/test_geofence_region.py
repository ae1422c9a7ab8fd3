"""The engine's inside tests and distances against brute force on the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest

from tests.oracle import geofence_cases as cases
from tests.oracle import geofence_region as oracle
from tests.oracle import geofence_run

SQUARE = np.array([[-5, 49], [5, 49], [5, 48], [-5, 48], [-5, 49]], dtype=np.float64)


def test_the_oracles_know_the_published_case():
    # North of the parallel 49 and south of the geodesic between its ends, and the same in the south.
    points = np.array([[0, 49.05], [0, 48.05], [0, 49.2], [0, 48.5], [0, 49.1084], [0, 49.1085]])
    for inside in (oracle.inside_by_azimuth, oracle.inside_by_horizon):
        assert inside(points, [SQUARE]).tolist() == [True, False, False, True, True, False]
    assert (
        oracle.inside_in_degrees(points, [SQUARE], isometric=False).tolist() == [False, True, False, True] + [False] * 2
    )


@pytest.mark.parametrize("model", ["geodesic", "planar", "rhumb"])
def test_regions_agree_with_brute_force(model):
    tally = geofence_run.run({"geodesic": 14_000, "planar": 4_000, "rhumb": 4_000}[model], 20_261_122, (model,))
    assert 0.2 < tally.inside / tally.points < 0.8
    assert tally.farthest_m < geofence_run.NEAR_M, str(tally)


@pytest.mark.parametrize("model", ["geodesic", "planar", "rhumb"])
def test_signed_distances_agree_with_brute_force(model):
    random, compared = np.random.default_rng(5), 0
    while compared < 40:
        case = cases.make(random, model)
        if not geofence_run.is_usable(case):
            continue
        region, window, inside = geofence_run.engine_inside(case)
        signed, foot = region.signed_distance(window.xy_m)
        there = window.plane.inverse(foot)
        for k in range(0, len(signed), 8):
            truth = oracle.edge_distance_m(case.points[k], case.rings, model)
            if truth > 5_000:  # beyond the reach that the region was cut for
                continue
            measured = oracle.GEOD.inv(*case.points[k], *there[k])[2]
            # The plane's own error, and on that of the foot it chooses.
            assert abs(abs(signed[k]) - truth) < 0.02 + 1e-5 * truth, (case.shape, k)
            assert measured == pytest.approx(truth, abs=0.012), (case.shape, k)
            assert (signed[k] < 0) == inside[k] or signed[k] == 0
            compared += 1


def test_the_cases_reach_what_they_claim():
    random = np.random.default_rng(1)
    made = [cases.make(random, "geodesic") for _ in range(400)]
    longest = max(np.max(oracle.GEOD.inv(*r[:-1].T.copy(), *r[1:].T.copy())[2]) for case in made for r in case.rings)
    assert longest > 1_900e3
    assert {case.shape for case in made} == {"star", "convex", "sliver", "hole", "touching"}
    assert max(np.abs(case.points[:, 1]).max() for case in made) > 89.8
    assert any(np.ptp(case.points[:, 0]) > 300 for case in made)  # both sides of the antimeridian
    assert any(cases.winds(case.rings) for case in made)  # around a pole
