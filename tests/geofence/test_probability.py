"""Probabilities against the published vectors and against sampling."""

from __future__ import annotations

import json
from math import erf, sqrt

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.geofence.trajectory.probability import ever_inside, probability_inside
from dronecheck.geofence.trajectory.region_probability import probability_in_region
from tests.support.scale import examples

HERE = np.zeros(2)
FAR = 1e4


@pytest.fixture(scope="module")
def vectors(shared):
    return json.loads((shared / "vectors/domain_vectors.json").read_text())


def phi(x):
    return 0.5 * (1 + erf(x / sqrt(2)))


def test_corners(vectors):
    for case in vectors["corner_probability"]["cases"]:
        corner = shapely.box(-FAR, -FAR, -case["mx"], -case["my"])
        found = probability_in_region(corner, HERE, case["sigma"])
        assert found == pytest.approx(case["p_inside"], abs=vectors["corner_probability"]["tol"])


def test_strips(vectors):
    for case in vectors["strip_probability"]["cases"]:
        strip = shapely.box(-case["w"] / 2, -FAR, case["w"] / 2, FAR)
        found = probability_in_region(strip, np.array([case["x"], 0.0]), case["sigma"])
        assert found == pytest.approx(case["p"], abs=vectors["strip_probability"]["tol"])


def test_polygons(vectors):
    for case in vectors["polygon_probability"]["cases"]:
        found = probability_in_region(shapely.Polygon(case["ring"]), np.array(case["mu"]), case["Sigma"][0][0] ** 0.5)
        assert found == pytest.approx(case["p_inside"], abs=vectors["polygon_probability"]["tol"])


def test_an_ellipse_of_errors_is_its_sigma_along_the_normal(vectors):
    case = vectors["half_plane_probability"]["ellipse"]
    normal, covariance = np.array(case["n"]), np.array(case["Sigma"])
    sigma = float(np.sqrt(normal @ covariance @ normal))
    assert sigma == pytest.approx(case["sigma_n"], abs=1e-6)
    assert probability_inside(case["d_m"], sigma) == pytest.approx(case["p_inside"], abs=1e-6)


def test_a_flight_beside_a_border(vectors):
    for case in vectors["track_probability"]["cases"]:
        time_s = np.arange(0, case["T_s"], 1 / case["rate_hz"])
        signed, sigma = np.full(len(time_s), float(case["d_m"])), np.full(len(time_s), case["sigma_m"])
        for tau_s in (100, 600):
            found = ever_inside(time_s, signed, sigma, tau_s=tau_s, runs=5_000)
            assert found == pytest.approx(case[f"p_gauss_markov_tau{tau_s}"], abs=0.012)
        assert probability_inside(case["d_m"], case["sigma_m"]) == pytest.approx(case["p_fully_correlated"], abs=1e-4)


def test_a_fixed_outline_error_is_common_to_the_flight():
    time_s, signed = np.arange(0, 600.0, 5.0), np.full(120, 10.0)
    found = ever_inside(time_s, signed, np.zeros(120), 10.0, runs=40_000)
    assert found == pytest.approx(phi(-1.0), abs=0.01)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.floats(-30, 30), st.floats(-30, 30), st.floats(0.5, 40), st.floats(0, 2 * np.pi), st.floats(1, 60)
)  # fmt: skip
def test_a_turned_rectangle_is_a_product_of_two_strips(x, y, sigma, turn, width):
    """The distribution is circular, so turning the rectangle about it changes nothing."""
    plain = shapely.box(x - width, y - 5, x + width, y + 5)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    turned = shapely.transform(plain, lambda xy: xy @ rotation.T)
    want = (phi((x + width) / sigma) - phi((x - width) / sigma)) * (phi((y + 5) / sigma) - phi((y - 5) / sigma))
    assert probability_in_region(turned, HERE, sigma) == pytest.approx(want, abs=1e-6)
    ring = shapely.reverse(turned)
    assert probability_in_region(ring, HERE, sigma) == pytest.approx(want, abs=1e-6)


def test_holes_and_parts_count():
    square = shapely.box(-50, -50, 50, 50)
    ring = square.difference(shapely.box(-2, -2, 2, 2))
    hole = probability_in_region(shapely.box(-2, -2, 2, 2), HERE, 3.0)
    assert probability_in_region(ring, HERE, 3.0) == pytest.approx(1 - hole, abs=1e-6)
    halves = shapely.MultiPolygon([shapely.box(-50, -50, 0, 50), shapely.box(0, -50, 50, 50)])
    assert probability_in_region(halves, HERE, 3.0) == pytest.approx(1.0, abs=1e-6)
