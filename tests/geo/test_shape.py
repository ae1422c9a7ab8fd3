"""Shapes: exact arcs and circles against geodesic distances, and boxes that hold them."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.geo.outline.shape import Arc, Circle, Ring, Shape
from dronecheck.geo.plane import geodesic_m


def test_a_circle_is_a_geodesic_one():
    shape = Shape.of([[Circle((124.285, 40.0255), 6_000.0)]])
    xy = shapely.get_coordinates(shape.geometry)
    away = geodesic_m(*np.broadcast_arrays(124.285, 40.0255, xy[:, 0], xy[:, 1]))
    assert away == pytest.approx(6_000.0, abs=1e-3)
    assert shape.uncertain is None
    assert not shape.was_invalid


@given(st.floats(-179, 179), st.floats(-89.9, 89.9), st.floats(1, 300_000))
def test_the_cheap_box_holds_the_circle(lon, lat, radius_m):
    shape = Shape.of([[Circle((lon, lat), radius_m)]])
    box = shape.bounds
    west, south, east, north = shape.geometry.bounds
    assert box[1] <= south
    assert box[3] >= north
    assert box[2] - box[0] >= 360 or (box[0] <= west + 1e-9 and box[2] >= east - 1e-9)


def test_an_arc_stands_for_one_edge_of_a_ring():
    # A quarter of a disc: two straight edges, and an arc of 1,000 m around the south-west corner.
    lon, lat = 8.0, 47.0
    north, east = lat + 1_000 / 111_176.0, lon + 1_000 / 76_056.0
    ring = Ring(np.array([[lon, lat], [lon, north], [east, lat], [lon, lat]]), (Arc(1, (lon, lat), clockwise=True),))
    area = Shape.of([[ring]]).geometry
    metres_sq = area.area * 76_056.0 * 111_176.0
    assert metres_sq == pytest.approx(np.pi / 4 * 1e6, rel=1e-3)
    other = Ring(ring.vertices_deg, (Arc(1, (lon, lat), clockwise=False),))
    assert Shape.of([[other]]).geometry.area == pytest.approx(3 * area.area, rel=1e-2)  # the long way round
    assert shapely.box(*Shape.of([[other]]).bounds).covers(Shape.of([[other]]).geometry)


def test_holes_and_parts():
    hole = Circle((10.0, 50.0), 500.0)
    shape = Shape.of([[Circle((10.0, 50.0), 1_000.0), hole], [Circle((10.1, 50.0), 1_000.0)]])
    assert shape.geometry.geom_type == "MultiPolygon"
    assert not shapely.contains_xy(shape.geometry, 10.0, 50.0)
    assert shapely.contains_xy(shape.geometry, [10.01, 10.1], [50.0, 50.0]).all()


def test_a_self_crossing_ring_is_repaired_when_asked():
    shape = Shape.of([[Ring(np.array([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]], dtype=float))]])
    assert shape.was_invalid
    assert shape.uncertain.area == pytest.approx(0.5, rel=1e-6)
    assert shape.bounds == (0.0, 0.0, 1.0, 1.0)


def test_a_plain_polygon_is_kept_as_it_is():
    box = shapely.box(1, 2, 3, 4)
    shape = Shape(box, shapely.box(3, 2, 5, 4))
    assert shape.geometry is box
    assert shape.bounds == (1.0, 2.0, 5.0, 4.0)


def test_what_may_be_any_of_several_shapes_is_surely_what_is_in_all_of_them():
    readings = [Shape.of([[Circle((8.0, 47.0), radius_m)]]) for radius_m in (1_000.0, 300.0, 2_000.0)]
    shape = Shape.either(readings)
    sizes = [one.geometry.area for one in readings]
    surely = shape.geometry - shape.uncertain
    assert surely.area == pytest.approx(min(sizes), rel=1e-9)
    assert (shape.geometry | shape.uncertain).area == pytest.approx(max(sizes), rel=1e-9)
    assert shapely.box(*shape.bounds).covers(readings[2].geometry)
    assert Shape.either([readings[0], readings[0]]).uncertain is None


@given(st.floats(-179, 179), st.floats(-85, 85), st.floats(0, 360), st.floats(0, 1_000))
def test_the_box_of_a_moved_shape_is_known_before_it_is_moved(lon, lat, bearing_deg, by_m):
    east, north = by_m * np.sin(np.radians(bearing_deg)), by_m * np.cos(np.radians(bearing_deg))

    def move(xy):
        return xy + np.column_stack(
            [east / (111_000 * np.cos(np.radians(xy[:, 1]))), np.full(len(xy), north / 110_500)]
        )

    shape = Shape.of([[Circle((lon, lat), 1_500.0)]]).moved(move, 1_010.0)
    assert shapely.box(*shape.bounds).covers(shape.geometry)


def test_crossings_are_told_without_all_of_the_arcs():
    square = [[0, 0], [0.1, 0], [0.1, 0.1], [0, 0.1], [0, 0]]
    around = Arc(1, (0.1, 0.05), clockwise=False)
    assert not Shape.of([[Ring(np.array(square, dtype=float))]]).crosses_itself
    assert not Shape.of([[Ring(np.array(square, dtype=float), (around,))]]).crosses_itself
    inwards = Arc(1, (0.08, 0.05), clockwise=True)  # the long way round, across two sides
    crossing = Shape.of([[Ring(np.array(square, dtype=float), (inwards,))]])
    assert crossing.crosses_itself == crossing.was_invalid
    assert crossing.crosses_itself
