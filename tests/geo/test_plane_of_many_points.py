"""Many points go through fitted polynomials: against PROJ itself, all over the globe; the complement of a region."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.plane import LocalPlane, geodesic_m, metres_per_degree, step_lengths_m


@pytest.mark.parametrize("lat", [-88.0, -45.0, 0.0, 60.0, 89.999])
@pytest.mark.parametrize("size_deg", [1e-5, 0.3, 4.0, 12.0])
@pytest.mark.parametrize("count", [499, 500, 2_000])
def test_many_points_lie_where_proj_puts_them(lat, size_deg, count):
    random = np.random.default_rng(7)
    lon = 179.9 + random.uniform(-size_deg, size_deg, count)
    lats = np.clip(lat + random.uniform(-size_deg, size_deg, count), -90, 90)
    found = LocalPlane(179.9, lat).forward(np.column_stack([lon, lats]))
    proj = pyproj.Proj(proj="aeqd", lat_0=lat, lon_0=179.9, ellps="WGS84", units="m")
    assert np.abs(found - np.column_stack(proj(lon, lats))).max() < 5e-6


def test_points_that_do_not_move_and_none():
    plane = LocalPlane(10.0, 50.0)
    assert np.abs(plane.forward(np.tile([10.0, 50.0], (600, 1)))).max() < 1e-6
    assert plane.forward(np.empty((0, 2))).shape == (0, 2)


def test_longitudes_of_more_than_a_turn():
    plane = LocalPlane(10.0, 50.0)
    assert plane.forward([[370.01, 50.0], [730.01, 50.0], [-709.99, 50.0]]) == pytest.approx(
        np.tile(plane.forward([[10.01, 50.0]]), (3, 1)), abs=1e-6
    )
    turned = LocalPlane(370.0, 50.0)
    assert turned.inverse([[100.0, 0.0]])[0, 0] == pytest.approx(plane.inverse([[100.0, 0.0]])[0, 0] + 360)


@pytest.mark.parametrize("lat", [-80.0, 0.0, 30.0, 60.0])
def test_metres_per_degree_are_the_geodesics_of_a_small_step(lat):
    east_m, north_m = metres_per_degree(lat)
    step = 1e-4
    assert east_m * step == pytest.approx(geodesic_m(5.0, lat, 5.0 + step, lat)[0], rel=1e-8)
    assert north_m * step == pytest.approx(geodesic_m(5.0, lat - step / 2, 5.0, lat + step / 2)[0], rel=1e-8)


def test_near_a_pole_steps_are_geodesics():
    lat, lon = np.array([79.0, 79.01, 85.0, 85.0, -85.0, -89.99]), np.array([0.0, 0.1, 20.0, 100.0, 100.0, -170.0])
    exact = geodesic_m(lon[:-1], lat[:-1], lon[1:], lat[1:])
    assert step_lengths_m(lat, lon) == pytest.approx(exact, rel=1e-5)
    assert step_lengths_m(lat, lon)[1:] == pytest.approx(exact[1:], rel=1e-12)


def test_everything_else_than_a_region():
    plane = LocalPlane(10.0, 50.0)
    square = shapely.Polygon(plane.inverse([[-100, -100], [100, -100], [100, 100], [-100, 100]]))
    region = PlanarRegion(square, Edge.GEODESIC, plane, (9.9, 49.9, 10.1, 50.1))
    other = region.complement()
    xy = np.array([[0.0, 0.0], [90.0, 20.0], [130.0, 0.0], [130.0, 140.0]])
    want = np.array([-100.0, -10.0, 30.0, 50.0])
    assert region.signed_distance(xy)[0] == pytest.approx(want, abs=1e-3)
    assert other.signed_distance(xy)[0] == pytest.approx(-want, abs=1e-3)
    assert other.contains(xy).tolist() == [False, False, True, True]
    assert other.complement().contains(xy).tolist() == region.contains(xy).tolist()
    path = np.array([[-200.0, 0.0], [200.0, 0.0]])
    assert region.inside_intervals(path) == [pytest.approx((0.25, 0.75), abs=1e-6)]
    assert not region.is_outside
    assert other.is_outside


@pytest.mark.parametrize("lat", [-79.0, -30.0, 0.0, 60.0])
@pytest.mark.parametrize("span_deg", [1e-3, 0.05, 0.5])
def test_the_steps_of_a_long_flight_are_geodesics(lat, span_deg):
    turn = np.linspace(0, 6, 5_000)
    lats, lon = lat + span_deg * np.sin(turn), 10.0 + span_deg * np.cos(turn)
    exact = geodesic_m(lon[:-1], lats[:-1], lon[1:], lats[1:])
    assert step_lengths_m(lats, lon) == pytest.approx(exact, rel=1e-7)


def test_a_long_flight_along_a_parallel():
    lon = 10.0 + np.arange(5_000) * 1e-5
    exact = geodesic_m(10.0, 50.0, 10.00001, 50.0)[0]
    assert step_lengths_m(np.full(5_000, 50.0), lon) == pytest.approx(np.full(4_999, exact), rel=1e-6)
