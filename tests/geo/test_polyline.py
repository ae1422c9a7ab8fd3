"""Stretches and points of a polyline against sets of samples and numpy's own interpolation."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.geo.polyline import join, point_at

pairs = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda p: (float(p[0]), float(p[0] + p[1]))))


@given(pairs)
def test_joined_intervals_cover_the_same_and_lie_apart(intervals):
    joined = join(intervals)
    at = np.arange(0, 60, 0.25)  # quarters: between whole ends nothing is missed
    before = np.any([(at >= a) & (at <= b) for a, b in intervals], axis=0) if intervals else np.zeros(len(at), bool)
    after = np.any([(at >= a) & (at <= b) for a, b in joined], axis=0) if joined else np.zeros(len(at), bool)
    assert np.array_equal(before, after)
    assert all(left[1] < right[0] for left, right in pairwise(joined))


def test_an_interval_within_another_does_not_shorten_it():
    assert join([(5.0, 6.0), (0.0, 10.0), (10.0, 11.0), (11.5, 12.0)]) == [(0.0, 11.0), (11.5, 12.0)]


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=9), st.floats(0, 1))
def test_points_are_those_of_linear_interpolation(points, share):
    path = np.array(points)
    row = share * (len(path) - 1)
    want = [np.interp(row, np.arange(len(path)), path[:, axis]) for axis in (0, 1)]
    assert point_at(path, np.array([row]))[0] == pytest.approx(want, abs=1e-9)


def test_the_last_row_and_a_path_of_one_point():
    path = np.array([[0.0, 0.0], [2.0, 4.0], [6.0, 4.0]])
    assert point_at(path, np.array([0.0, 0.25, 1.5, 2.0])).tolist() == [[0, 0], [0.5, 1], [4, 4], [6, 4]]
    assert point_at(path[:1], np.array([0.0])).tolist() == [[0, 0]]
