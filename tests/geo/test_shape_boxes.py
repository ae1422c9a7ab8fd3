"""Boxes found without making the polygon, against walks along every circle and arc."""

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.shape import Arc, Circle, Ring, Shape
from dronecheck.geo.plane import geodesic_ahead, geodesic_m


def walked(lon, lat, radius_m, azimuth_deg=None):
    azimuth = np.arange(0, 360, 0.25) if azimuth_deg is None else azimuth_deg
    xy = geodesic_ahead(np.tile([[lon, lat]], (len(azimuth), 1)), azimuth, np.full(len(azimuth), radius_m))
    xy[:, 0] = lon + (xy[:, 0] - lon + 180) % 360 - 180
    return xy


@pytest.mark.parametrize("lon", [-179.0, 0.0, 8.0, 179.99])
@pytest.mark.parametrize("lat", [-85.0, -40.0, 0.0, 47.0, 88.0])
@pytest.mark.parametrize("radius_m", [10.0, 5_000.0, 100_000.0])
def test_the_box_of_a_circle_is_close_around_it(lon, lat, radius_m):
    """It holds the circle, and is not more than a twentieth larger than need be (but near a pole)."""
    box = Shape.of([[Circle((lon, lat), radius_m)]]).bounds
    xy = walked(lon, lat, radius_m)
    low, high = xy.min(axis=0), xy.max(axis=0)
    assert box[0] <= low[0] < high[0] <= box[2]
    assert box[1] <= low[1] < high[1] <= box[3]
    assert (box[0] + box[2]) / 2 == pytest.approx(lon, abs=1e-9)
    assert box[3] - box[1] <= 1.05 * (high[1] - low[1])
    if abs(lat) < 84 or radius_m < 10_000:
        assert box[2] - box[0] <= 1.05 * (high[0] - low[0])


@pytest.mark.parametrize(("lat", "radius_m"), [(89.5, 60_000.0), (-89.5, 60_000.0), (89.95, 10.0), (90.0, 1_000.0)])
def test_a_circle_at_a_pole_goes_all_around(lat, radius_m):
    box = Shape.of([[Circle((30.0, lat), radius_m)]]).bounds
    assert (box[0], box[2]) == (-150.0, 210.0)
    south, north = (box[1], box[3]) if lat > 0 else (-box[3], -box[1])
    assert north <= 90.0
    reach_deg = radius_m / 111_694.0
    assert south == pytest.approx(abs(lat) - 1.01 * reach_deg, rel=1e-4)
    if abs(lat) + reach_deg > 90:
        assert north == 90.0
    assert Shape.of([[Circle((30.0, 88.0), 1_000.0)]]).bounds[2] < 31.0


def arc_ring(centre, radius_m, begin, sweep, clockwise):
    """A slice of a disc: from the centre out, along the arc, and back."""
    turn = 1 if clockwise else -1
    ends = walked(*centre, radius_m, np.array([begin, begin + turn * sweep], dtype=float))
    vertices = np.array([centre, ends[0], ends[1], centre])
    between = walked(*centre, radius_m, begin + turn * np.linspace(0, sweep, 400))
    return Ring(vertices, (Arc(1, centre, clockwise),)), np.vstack([vertices, between])


@pytest.mark.parametrize("lon", [8.0, 180.0, -180.0, 539.0])
@pytest.mark.parametrize(("begin", "sweep"), [(0, 90), (45, 90), (100, 200), (315, 90), (225, 90), (180, 350)])
@pytest.mark.parametrize("clockwise", [True, False])
def test_the_box_of_an_arc_holds_it(lon, begin, sweep, clockwise):
    ring, points = arc_ring((lon, 47.0), 20_000.0, begin, sweep, clockwise)
    shape = Shape.of([[ring]])
    west, south, east, north = shape.bounds
    offset = (points[:, 0] - (west + east) / 2 + 180) % 360 - 180
    assert np.abs(offset).max() <= (east - west) / 2
    assert south <= points[:, 1].min()
    assert points[:, 1].max() <= north
    # No farther than the whole disc's box: 20 km each way, and a hundredth.
    assert east - west <= 2.05 * 20_000 / 75_000
    assert north - south <= 2.05 * 20_000 / 111_000
    # The area is the slice's, whatever turn its longitudes are on.
    made = shape.geometry
    assert made.is_valid
    assert made.area * 111_175 * 76_056 == pytest.approx(np.pi * 20_000**2 * sweep / 360, rel=0.02)
    assert shapely.box(west - 1e-9, south, east + 1e-9, north).covers(made) or lon in (180.0, -180.0, 539.0)
    xy = shapely.get_coordinates(made)
    assert geodesic_m(lon, 47.0, xy[:, 0], xy[:, 1]).max() == pytest.approx(20_000, abs=0.05)


def test_a_plain_ring_with_an_arc_elsewhere():
    """Vertices before, between and after two arcs are all kept, each arc in its place."""
    degree_m = 1_000 / np.array([76_056.0, 111_176.0])
    corners = np.array([8.0, 47.0]) + np.array(
        [[0, 0], [0, 3], [1, 3], [2, 2], [3, 2], [3, 1], [2, 0], [1, 0], [0, 0]], dtype=float
    ) * degree_m  # fmt: skip
    inner = tuple(np.array([8.0, 47.0]) + np.array([2, 3]) * degree_m)  # centre of the notch from (1, 3) to (2, 2)
    outer = tuple(np.array([8.0, 47.0]) + np.array([2, 1]) * degree_m)  # centre of the corner from (3, 1) to (2, 0)
    ring = Ring(corners, (Arc(2, inner, clockwise=False), Arc(5, outer, clockwise=True)))
    shape = Shape.of([[ring]])
    made, box = shape.geometry, shape.bounds
    assert shapely.box(*box).covers(made)
    assert (np.ptp(np.reshape(box, (2, 2)), axis=0) / degree_m <= [3.05, 4.05]).all()  # at most with the whole circles
    # 9 squares, without the square (2..3, 2..3) and a quarter disc of the notch, and the corner cut round.
    expected = 9 - 1 - np.pi / 4 - (1 - np.pi / 4)
    assert made.is_valid
    assert made.area / np.prod(degree_m) == pytest.approx(expected, rel=2e-3)
    probes = np.array([[1.8, 2.2], [1.2, 2.2], [2.9, 0.1], [2.6, 0.4], [0.1, 0.1], [0.1, 2.9], [2.9, 1.9], [2.9, 2.1]])
    held = shapely.contains_xy(made, np.array([8.0, 47.0]) + probes * degree_m)
    assert held.tolist() == [False, True, False, True, True, True, True, False]


@pytest.mark.parametrize("turn", [-720.0, -360.0, 0.0, 360.0])
def test_a_hole_is_moved_to_the_turn_of_its_shell(turn):
    shell = Ring(np.array([[179, 10], [-179, 10], [-179, 12], [179, 12], [179, 10]], dtype=float))
    notch = np.array([[-179.5, 10.5], [-179.5, 11.5], [-180.0, 11.5], [-180.0, 10.5], [-179.5, 10.5]])
    hole = Ring(notch + np.array([turn, 0.0]))
    made = Shape.of([[shell, hole]]).geometry
    assert made.area == pytest.approx(4 - 0.5)
    assert made.bounds == pytest.approx((179, 10, 181, 12))
    assert not shapely.contains_xy(made, 180.25, 11.0)
    assert shapely.contains_xy(made, 179.75, 11.0)


def test_the_box_of_many_parts():
    shape = Shape.of([[Circle((5.0, 50.0), 100.0)], [Ring(np.array([[1, 2], [3, 2], [3, 60], [1, 2]], dtype=float))]])
    west, south, east, north = shape.bounds
    assert (west, south, north) == (1.0, 2.0, 60.0)
    assert 5.0014 < east < 5.0016
