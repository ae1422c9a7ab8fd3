"""The plane and its distances against Karney's algorithm (vectors by geographiclib) and the stated error bound."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.geo.plane import LocalPlane, geodesic_m, step_lengths_m, unwrap_lon
from tests.support.scale import examples


def test_geodesic_distances_match_geographiclib(shared):
    vectors = json.loads((shared / "vectors/domain_vectors.json").read_text())["geodesic_inverse"]
    for case in vectors["cases"]:
        found = geodesic_m(case["lon1"], case["lat1"], case["lon2"], case["lat2"])[0]
        assert found == pytest.approx(case["s12_m"], abs=vectors["tol_m"])


@settings(max_examples=examples(60), deadline=None)
@given(
    lat=st.floats(-89.9, 89.9),
    lon=st.floats(-180, 180),
    radius=st.sampled_from([100.0, 1_000.0, 10_000.0, 50_000.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_plane_distances_are_within_the_stated_bound(lat, lon, radius, seed):
    plane = LocalPlane(lon, lat)
    random = np.random.default_rng(seed)
    angle, reach = random.uniform(0, 2 * np.pi, 20), radius * np.sqrt(random.uniform(0, 1, 20))
    xy = np.column_stack([reach * np.cos(angle), reach * np.sin(angle)])
    lonlat = plane.inverse(xy)
    geodesic = geodesic_m(lonlat[:10, 0], lonlat[:10, 1], lonlat[10:, 0], lonlat[10:, 1])
    planar = np.hypot(*(xy[:10] - xy[10:]).T)
    assert np.abs(geodesic - planar).max() <= 3.2e-15 * radius**3 + 1e-6
    assert np.abs(plane.forward(lonlat) - xy).max() < 1e-6


@settings(max_examples=examples(60), deadline=None)
@given(lat=st.floats(-89, 89), bearing=st.floats(0, 2 * np.pi), step=st.floats(0.1, 10_000))
def test_step_lengths_match_geodesics_without_proj(lat, bearing, step):
    end = LocalPlane(179.999, lat).inverse([[step * np.sin(bearing), step * np.cos(bearing)]])[0]
    lon = (end[0] + 180) % 360 - 180
    exact = geodesic_m(179.999, lat, lon, end[1])[0]
    tolerance = 1e-6 if step <= 1_000 else 1e-5
    if max(abs(lat), abs(end[1])) > 80:
        tolerance = 1e-3  # near a pole the middle latitude is coarser
    assert step_lengths_m(np.array([lat, end[1]]), np.array([179.999, lon]))[0] == pytest.approx(exact, rel=tolerance)


def test_longitudes_unwrap_to_the_nearest_turn():
    assert unwrap_lon([-179.9, 179.9], 180.0).tolist() == pytest.approx([180.1, 179.9])
    assert unwrap_lon([179.9], -180.0).tolist() == pytest.approx([-180.1])
