"""Inside stretches and distances against brute force that shares no code with the region."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.plane import LocalPlane, point_at
from tests.support.scale import examples

GEOD = pyproj.Geod(ellps="WGS84")


def even_odd(ring: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The schoolbook point-in-polygon test, for a closed ring of shape (m, 2)."""
    inside = np.zeros(len(x), dtype=bool)
    for (x0, y0), (x1, y1) in itertools.pairwise(ring):
        spans = (y0 > y) != (y1 > y)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = x0 + (y - y0) / (y1 - y0) * (x1 - x0)
        inside ^= spans & (x < at)
    return inside


def star(random: np.random.Generator, corners: int, size_deg: float, lon: float, lat: float) -> np.ndarray:
    angle = np.sort(random.uniform(0, 2 * np.pi, corners))
    reach = random.uniform(0.2, 1.0, corners) * size_deg
    ring = np.column_stack([lon + reach * np.cos(angle), lat + reach * np.sin(angle)])
    return np.vstack([ring, ring[:1]])


@settings(max_examples=examples(120), deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    corners=st.integers(3, 12),
    lat=st.floats(-70, 70),
    size_deg=st.sampled_from([1e-4, 1e-3, 1e-2]),
    parts=st.integers(1, 3),
    hole=st.booleans(),
)
def test_inside_stretches_match_dense_sampling(seed, corners, lat, size_deg, parts, hole):
    random = np.random.default_rng(seed)
    lon = 179.9995  # across the antimeridian
    # Parts lie in cells of their own, so that they never touch; a hole is the first part's own outline, shrunk.
    rings = [star(random, corners, size_deg / parts, lon + 2 * size_deg / parts * k, lat) for k in range(parts)]
    holes = [[(lon, lat) + (rings[0] - (lon, lat)) * 0.3]] if hole else [[]]
    polygon = shapely.MultiPolygon([(ring, holes[0] if k == 0 else []) for k, ring in enumerate(rings)])
    rings += holes[0]
    if parts == 1:
        polygon = polygon.geoms[0]
    if not polygon.is_valid or polygon.area == 0:
        return
    plane = LocalPlane(lon, lat)
    path = plane.forward(np.column_stack([lon + random.normal(0, size_deg, 30), lat + random.normal(0, size_deg, 30)]))
    window = (lon - 10 * size_deg, lat - 10 * size_deg, lon + 10 * size_deg, lat + 10 * size_deg)
    region = PlanarRegion(polygon, Edge.PLANAR, plane, window)
    row = np.linspace(0, len(path) - 1, 6_000)
    dense = plane.inverse(point_at(path, row))
    expected = np.logical_xor.reduce([even_odd(ring, dense[:, 0], dense[:, 1]) for ring in rings])
    found = np.zeros(len(row), dtype=bool)
    for begin, end in region.inside_intervals(path):
        found |= (row >= begin) & (row <= end)
    differs = np.flatnonzero(found != expected)
    distance, _ = region.nearest_edge_point(plane.forward(dense[differs]))
    # Edges are densified to 1 cm; nearer than that either answer is right.
    assert np.all(distance < 0.02), distance.max()


def test_a_corridor_between_two_fixes_is_found():
    plane = LocalPlane(10.0, 50.0)
    path = np.array([[-7.5, 0.0], [7.5, 0.0]])  # 15 m/s at 1 Hz
    corridor = shapely.Polygon(plane.inverse([[-5, -500], [5, -500], [5, 500], [-5, 500]]))
    region = PlanarRegion(corridor, Edge.PLANAR, plane, (9.9, 49.9, 10.1, 50.1))
    ((begin, end),) = region.inside_intervals(path)
    assert (begin, end) == pytest.approx((2.5 / 15, 12.5 / 15), abs=1e-6)


def test_signed_distances_match_the_vectors(shared):
    vectors = json.loads((shared / "vectors/domain_vectors.json").read_text())["signed_distance_polygon"]
    polygon = shapely.Polygon(vectors["ring_lonlat"])
    for case in vectors["cases"]:
        plane = LocalPlane(case["lon"], case["lat"])
        region = PlanarRegion(polygon, Edge.GEODESIC, plane, (124.3, 40.0, 124.5, 40.2))
        signed, _ = region.signed_distance(plane.forward([[case["lon"], case["lat"]]]))
        assert signed[0] == pytest.approx(case["signed_distance_m"], abs=vectors["tol_m"])


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), lat=st.floats(-80, 80))
def test_nearest_edge_matches_brute_force_on_the_ellipsoid(seed, lat):
    random = np.random.default_rng(seed)
    ring = star(random, 7, 0.02, 30.0, lat)
    far_part = shapely.box(30.5, lat, 30.6, lat + 0.1)
    polygon = shapely.Polygon(ring)
    if not polygon.is_valid:
        return
    if seed % 2:
        polygon = shapely.MultiPolygon([polygon, far_part])
    lon0, lat0 = 30.0 + random.normal(0, 0.02), lat + random.normal(0, 0.02)
    plane = LocalPlane(lon0, lat0)
    region = PlanarRegion(polygon, Edge.PLANAR, plane, (29.0, lat - 1, 31.0, lat + 1))
    distance, _ = region.nearest_edge_point(plane.forward([[lon0, lat0]]))
    share = np.linspace(0, 1, 4_001)[:, np.newaxis]
    edge = np.vstack([a + share * (b - a) for a, b in itertools.pairwise(ring)])
    _, _, brute = GEOD.inv(np.full(len(edge), lon0), np.full(len(edge), lat0), edge[:, 0], edge[:, 1])
    spacing = np.hypot(*np.diff(edge, axis=0).T).max() * 111_700
    assert distance[0] <= brute.min() + 0.012  # densified to 1 cm
    assert distance[0] >= np.sqrt(max(brute.min() ** 2 - spacing**2, 0)) - 0.012


def test_the_window_frame_is_no_edge():
    plane = LocalPlane(10.0, 50.0)
    half = shapely.box(0.0, 40.0, 10.001, 60.0)  # its only edge within the window is the meridian 10.001
    region = PlanarRegion(half, Edge.PLANAR, plane, (9.9, 49.9, 10.1, 50.1))
    signed, foot = region.signed_distance(np.array([[0.0, 0.0]]))
    _, _, exact = GEOD.inv(10.0, 50.0, 10.001, 50.0)
    assert signed[0] == pytest.approx(-exact, abs=1e-3)
    whole = PlanarRegion(shapely.box(0, 40, 20, 60), Edge.PLANAR, plane, (9.9, 49.9, 10.1, 50.1))
    assert whole.signed_distance(np.array([[0.0, 0.0]]))[0][0] == -np.inf
    assert np.isnan(whole.signed_distance(np.array([[0.0, 0.0]]))[1]).all()
    assert foot.shape == (1, 2)
