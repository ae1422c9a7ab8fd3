"""Points along a path against numpy's interpolation; longitudes wrapped, and offsets against the geodesic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.geo.plane import geodesic_m, local_offsets_m, point_at, wrap_lon


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


@given(st.floats(-2000.0, 2000.0))
def test_a_wrapped_longitude_is_the_same_place(lon):
    wrapped = float(wrap_lon(lon))
    assert -180.0 <= wrapped < 180.0
    assert abs((lon - wrapped + 180.0) % 360.0 - 180.0) < 1e-9


def test_both_sides_of_the_antimeridian_wrap_to_one():
    assert wrap_lon([180.0, -180.0, 540.0, 190.0, -190.0, 0.0]).tolist() == [-180.0, -180.0, -180.0, -170.0, 170.0, 0.0]


@given(st.floats(-180, 180), st.floats(-79, 79), st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_offsets_are_as_long_as_the_geodesic(lon, lat, east_deg, north_deg):
    other = (float(wrap_lon(lon + east_deg)), lat + north_deg)
    east_m, north_m = local_offsets_m(lon, lat, *other)
    length_m = float(geodesic_m(lon, lat, *other)[0])
    assert np.hypot(east_m, north_m) == pytest.approx(length_m, rel=1e-5, abs=1e-6)
    assert np.sign(east_m) == np.sign(wrap_lon(other[0] - lon)) and np.sign(north_m) == np.sign(other[1] - lat)
