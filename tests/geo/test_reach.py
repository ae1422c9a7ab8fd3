"""The prism's detour against the mirror formula for a line and against dense sampling."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.geo.space_time_prism import shortest_detour_m


def test_detours_over_a_line_match_the_vectors(shared):
    cases = json.loads((shared / "vectors/domain_vectors.json").read_text())["space_time_prism"]["line_case"]
    for case in cases:
        start, end = np.array([[-1e4, 0.0]]), np.array([[1e4, 0.0]])
        detour = shortest_detour_m(np.array(case["A"], float), np.array(case["B"], float), start, end)
        assert detour == pytest.approx(case["min_path_m"], abs=2e-3)
        assert (detour <= case["vmax_ms"] * case["dt_s"] + 1e-6) == case["reachable"]


coordinate = st.floats(-500, 500)


@given(points=st.lists(st.tuples(coordinate, coordinate), min_size=4, max_size=8))
def test_detours_over_edges_match_dense_sampling(points):
    a, b, *corners = (np.array(p) for p in points)
    corners = [*corners, corners[0]]
    start, end = np.array(corners[:-1]), np.array(corners[1:])
    share = np.linspace(0, 1, 2_001)[:, np.newaxis, np.newaxis]
    dense = (start + share * (end - start)).reshape(-1, 2)
    brute = (np.hypot(*(dense - a).T) + np.hypot(*(dense - b).T)).min()
    spacing = np.hypot(*(end - start).T).max() / 2_000
    assert brute - 2 * spacing - 1e-6 <= shortest_detour_m(a, b, start, end) <= brute + 1e-5


def test_nothing_to_reach_is_infinitely_far():
    assert shortest_detour_m(np.zeros(2), np.ones(2), np.empty((0, 2)), np.empty((0, 2))) == np.inf
