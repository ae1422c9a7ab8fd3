"""Circles and arcs against geodesic distances from their centres."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.arcs import arc, circle
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.plane import LocalPlane
from tests.oracle.geofence_region import GEOD


def radii(centre, points):
    n = len(points)
    lon, lat = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    return np.asarray(GEOD.inv(np.full(n, centre[0]), np.full(n, centre[1]), lon, lat)[2])


def middles(ring):
    a, b = ring[:-1].T.copy(), ring[1:].T.copy()
    azimuth, _, length = GEOD.inv(a[0], a[1], b[0], b[1])
    lon, lat, _ = GEOD.fwd(a[0], a[1], azimuth, np.asarray(length) / 2)
    return np.column_stack([lon, lat])


@pytest.mark.parametrize("centre", [(2.0, 47.0), (-179.99, -16.0), (30.0, 84.0), (0.0, 0.0)])
@pytest.mark.parametrize("radius_m", [1.0, 500.0, 9_260.0, 100_000.0])
def test_a_circle_keeps_its_radius_within_a_centimetre(centre, radius_m):
    ring = circle(centre, radius_m)
    assert np.abs(np.diff(ring[:, 0])).max() < 180
    assert np.abs(radii(centre, ring) - radius_m).max() < 1e-6
    assert radius_m - 0.0101 < radii(centre, middles(ring)).min() <= radius_m
    outside = circle(centre, radius_m, circumscribed=True)
    assert radii(centre, middles(outside)).min() > radius_m - 2e-4
    assert radii(centre, outside).max() < radius_m + 0.03  # 16 edges at least: 2 % of one metre


def test_a_circle_around_the_pole_holds_it():
    region = PlanarRegion(
        shapely.Polygon(circle((10.0, 89.95), 10_000.0)), Edge.GEODESIC, LocalPlane(10.0, 89.95), (-170, 89, 190, 90)
    )
    lon, lat, _ = GEOD.fwd(*np.full((2, 360), [[10.0], [89.95]]), np.arange(360.0), np.full(360, 9_999.9))
    assert region.contains(LocalPlane(10.0, 89.95).forward(np.column_stack([lon, lat]))).all()
    assert region.contains(LocalPlane(10.0, 89.95).forward([[0.0, 90.0]]))[0]
    signed, _ = region.signed_distance(np.zeros((1, 2)))
    assert signed[0] == pytest.approx(-10_000.0, abs=0.02)  # the way to the pole and back is no edge


@pytest.mark.parametrize("clockwise", [True, False])
def test_an_arc_goes_its_way_round(clockwise):
    centre = (2.0, 47.0)
    ends = [tuple(GEOD.fwd(*centre, azimuth, radius)[:2]) for azimuth, radius in ((350.0, 5_000.0), (80.0, 5_002.0))]
    points = arc(centre, *ends, clockwise=clockwise)
    assert tuple(points[0]) == ends[0]
    assert tuple(points[-1]) == ends[1]
    distance = radii(centre, points)
    assert 5_000 - 1e-6 <= distance.min() <= distance.max() <= 5_002 + 1e-6
    assert np.all(np.diff(distance) > -1e-6)
    azimuth = np.asarray(GEOD.inv(*np.full((2, len(points)), np.array(centre)[:, None]), *points.T.copy())[0])
    in_east = (azimuth > -10.01) & (azimuth < 80.01)
    assert in_east.all() if clockwise else in_east.sum() == 2


@pytest.mark.parametrize("radius_m", [0.0, -1.0, float("nan"), float("inf"), 6e6])
def test_a_radius_that_cannot_be_is_refused(radius_m):
    with pytest.raises(ValueError, match="radius"):
        circle((0.0, 0.0), radius_m)


def test_two_ends_of_an_arc_at_the_centre_are_refused():
    with pytest.raises(ValueError, match="radius"):
        arc((0.0, 0.0), (0.0, 0.0), (0.0, 1.0), clockwise=True)


def test_the_korean_hull_of_two_circles(shared):
    import json

    zone = json.loads((shared / "vectors/domain_vectors.json").read_text())["korea_P73"]
    rings = [circle((lon, lat), zone["radius_m"]) for lat, lon in (zone["centre1"], zone["centre2"])]
    hull = shapely.convex_hull(shapely.MultiPoint(np.vstack(rings)))
    plane = LocalPlane(126.98, 37.54)
    region = PlanarRegion(hull, Edge.GEODESIC, plane, (126.5, 37.0, 127.5, 38.0))
    for case in zone["cases"]:
        assert bool(region.contains(plane.forward([[case["lon"], case["lat"]]]))[0]) == case["inside"]
