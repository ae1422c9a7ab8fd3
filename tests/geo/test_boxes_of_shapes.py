"""Shapes in whole turns: holes beside their shells, boxes that hold arcs and are no wider than they must be."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.shape import Arc, Circle, Ring, Shape
from dronecheck.geo.plane import geodesic_m


@pytest.mark.parametrize("shell_turn", [-360.0, 0.0, 360.0])
@pytest.mark.parametrize("hole_turn", [-720.0, 0.0, 360.0])
def test_a_hole_lies_in_the_turn_of_its_shell(shell_turn, hole_turn):
    square = np.array([[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]], dtype=float) + np.array([176.0, 10.0])
    small = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=float) + np.array([177.0, 11.0])
    shape = Shape.of([[Ring(square + np.array([shell_turn, 0])), Ring(small + np.array([hole_turn, 0]))]])
    assert shape.geometry.area == pytest.approx(15.0)
    assert not shape.was_invalid
    assert shape.bounds == pytest.approx((176.0 + shell_turn, 10.0, 180.0 + shell_turn, 14.0))


@pytest.mark.parametrize("lat", [-70.0, 0.0, 47.0, 80.0])
@pytest.mark.parametrize("radius_m", [100.0, 20_000.0])
def test_the_box_of_a_circle_is_little_wider_than_the_circle(lat, radius_m):
    west, south, east, north = Shape.of([[Circle((8.0, lat), radius_m)]]).bounds
    assert radius_m <= geodesic_m(8.0, lat, 8.0, north)[0] <= 1.02 * radius_m
    assert radius_m <= geodesic_m(8.0, lat, 8.0, south)[0] <= 1.02 * radius_m
    assert radius_m <= geodesic_m(8.0, lat, east, lat)[0] <= 1.1 * radius_m
    assert east - 8.0 == pytest.approx(8.0 - west)


def test_a_circle_over_a_pole_has_a_box_of_all_longitudes():
    for lat, edge in ((89.99, 3), (-89.99, 1)):
        box = Shape.of([[Circle((30.0, lat), 20_000.0)]]).bounds
        assert box[2] - box[0] == 360.0
        assert box[edge] == np.copysign(90.0, lat)


@pytest.mark.parametrize("turn", [-360.0, 0.0, 360.0])
def test_the_box_of_a_ring_with_an_arc_holds_the_bulge(turn):
    """A half disc north of a chord of 2 km; its arc's centre may be given in any turn."""
    lon, lat, step = -179.995, 50.0, 1_000 / 71_696.0
    ends = [(lon - step, lat), (lon + step, lat)]
    ring = Ring(np.array([ends[0], ends[1], (lon, lat - 0.001), ends[0]]), (Arc(0, (lon + turn, lat), clockwise=True),))
    shape = Shape.of([[ring]])
    assert shapely.box(*shape.bounds).covers(shape.geometry)
    assert shape.geometry.bounds[3] == pytest.approx(lat + 1_000 / 111_229.0, rel=1e-6)
    assert shape.bounds[2] - shape.bounds[0] < 0.06
    both = Shape.of([[ring], [Circle((-179.9, 50.0), 500.0)]])
    assert both.bounds[2] > shape.bounds[2]
    assert both.bounds[0] == shape.bounds[0]


def test_vertices_before_between_and_after_arcs_are_kept():
    corners = np.array([[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]], dtype=float) * 0.01 + (8.0, 47.0)
    arcs = (Arc(0, (8.0, 47.005), clockwise=True), Arc(2, (8.01, 47.005), clockwise=True))
    bulged = Shape.of([[Ring(corners, arcs)]]).geometry
    plain = Shape.of([[Ring(corners)]]).geometry
    assert plain.area == pytest.approx(1e-4)
    half_disc_deg2 = np.pi / 2 * 0.005**2 * 111_176 / 76_056  # a circle on the ground is wide in degrees of longitude
    assert bulged.area - plain.area == pytest.approx(2 * half_disc_deg2, rel=5e-3)
    for corner in corners:
        assert bulged.distance(shapely.Point(corner)) < 1e-12
