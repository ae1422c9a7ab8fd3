"""What bounds a region in its plane: frames, feet, corners, seams and the far side, by hand."""

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.plane import LocalPlane

PLANE = LocalPlane(10.0, 50.0)
WINDOW = (9.9, 49.9, 10.1, 50.1)
MODELS = [Edge.PLANAR, Edge.GEODESIC, Edge.RHUMB]


def region(*corners, edge=Edge.PLANAR, holes=(), window=WINDOW):
    shell, *inner = (PLANE.inverse(np.array(ring, dtype=float)) for ring in (corners, *holes))
    return PlanarRegion(shapely.Polygon(shell, inner), edge, PLANE, window)


@pytest.mark.parametrize("edge", MODELS)
def test_feet_on_edges_and_on_corners(edge):
    """A rectangle from (-100, -50) to (100, 50) with a hole of 20 m: distances and feet by hand."""
    rectangle = region((-100, -50), (100, -50), (100, 50), (-100, 50), edge=edge,
                       holes=[[(-10, -10), (-10, 10), (10, 10), (10, -10)]])  # fmt: skip
    cases = [
        ((150, 0), 50, (100, 0)), ((130, 90), 50, (100, 50)), ((-103, -54), 5, (-100, -50)), ((0, 70), 20, (0, 50)),
        ((95, 3), -5, (100, 3)), ((-40, 45), -5, (-40, 50)), ((30, 0), -20, (10, 0)), ((13, 14), -5, (10, 10)),
        ((4, 1), 6, (10, 1)), ((-2, -9), 1, (-2, -10)), ((-160, -130), 100, (-100, -50)),
    ]  # fmt: skip
    signed, foot = rectangle.signed_distance(np.array([at for at, _, _ in cases], dtype=float))
    assert signed == pytest.approx([d for _, d, _ in cases], abs=2e-3)
    assert foot == pytest.approx(np.array([f for _, _, f in cases], dtype=float), abs=2e-3)
    assert rectangle.contains(np.array([[0.0, 0.0], [50.0, 0.0], [101.0, 0.0]])).tolist() == [False, True, False]
    start, end = rectangle.edges
    assert len(start) == len(end) == 8
    assert np.hypot(*(end - start).T).sum() == pytest.approx(600 + 80, abs=0.05)


def test_no_points_and_no_edges():
    square = region((-100, -100), (100, -100), (100, 100), (-100, 100))
    distance, foot = square.signed_distance(np.empty((0, 2)))
    assert (distance.shape, foot.shape) == ((0,), (0, 2))
    nothing = region((90_000, 0), (90_100, 0), (90_000, 100))
    distance, foot = nothing.signed_distance(np.array([[0.0, 0.0], [5.0, 5.0]]))
    assert np.isposinf(distance).all()
    assert np.isnan(foot).all()
    assert nothing.inside_intervals(np.array([[0.0, 0.0], [5.0, 5.0]])) == []
    assert not nothing.complement().is_empty
    assert nothing.complement().inside_intervals(np.array([[0.0, 0.0], [5.0, 5.0]])) == [(0.0, 1.0)]


@pytest.mark.parametrize("side", range(4))
def test_an_edge_on_the_frame_counts_on_no_side(side):
    """A region that ends exactly on one side of the window is cut there or not: nobody knows, so it is no outline."""
    west, south, east, north = WINDOW
    inner = [(9.99, 10.01), (49.99, 50.01)]
    lon, lat = ([west, 10.01], [9.99, 10.01], [9.99, east], [9.99, 10.01])[side], (
        inner[1], [south, 50.01], inner[1], [49.99, north])[side]  # fmt: skip
    box = PlanarRegion(shapely.box(lon[0], lat[0], lon[1], lat[1]), Edge.PLANAR, PLANE, WINDOW)
    start, end = box.edges
    middle = PLANE.inverse((start + end) / 2)
    on = (np.abs(middle[:, 0] - west) < 1e-6, np.abs(middle[:, 1] - south) < 1e-6,
          np.abs(middle[:, 0] - east) < 1e-6, np.abs(middle[:, 1] - north) < 1e-6)  # fmt: skip
    assert not np.any(on)
    assert len(start) >= 3
    # An edge that only ends on the frame, or lies near it, is one.
    near = shapely.box(west + 1e-6, south + 1e-6, east - 1e-6, north - 1e-6)
    assert len(PlanarRegion(near, Edge.PLANAR, PLANE, WINDOW).edges[0]) >= 4


def test_where_a_path_crosses():
    square = region((-100, -100), (100, -100), (100, 100), (-100, 100), edge=Edge.GEODESIC)
    path = np.array([[-300.0, 0], [300, 0], [300, 40], [-300, 40], [0, 0], [0, 20], [0, 300]])
    expected = [1 / 3, 2 / 3, 2 + 1 / 3, 2 + 2 / 3, 3 + (200 / 300), 5 + 80 / 280]
    assert square.crossings(path) == pytest.approx(expected, abs=1e-5)
    assert square.crossings(path, np.array([2, 5])) == pytest.approx([*expected[2:4], expected[5]], abs=1e-5)
    assert square.crossings(path, np.array([1])).tolist() == []
    found = square.inside_intervals(path)
    flat = [row for pair in found for row in pair]
    assert flat == pytest.approx(expected, abs=1e-5)
    assert square.complement().inside_intervals(path)[0] == pytest.approx((0, 1 / 3), abs=1e-5)
    part = square.inside_intervals(path[:3], np.array([0]))
    assert part == [pytest.approx((1 / 3, 2 / 3), abs=1e-5)]


def test_slanted_paths_and_edges():
    """Crossings of slanted lines by solving two by two equations."""
    random = np.random.default_rng(1)
    triangle = np.array([[-80.0, -60.0], [90.0, -30.0], [10.0, 100.0]])
    found = region(*triangle, edge=Edge.GEODESIC)
    corners = PLANE.forward(PLANE.inverse(triangle))
    path = random.uniform(-150, 150, (60, 2))
    expected = []
    for row in range(len(path) - 1):
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            share, along = np.linalg.solve(np.column_stack([path[row + 1] - path[row], a - b]), a - path[row])
            if 0 <= share <= 1 and 0 <= along <= 1:
                expected.append(row + share)
    assert len(expected) > 20
    assert found.crossings(path) == pytest.approx(sorted(expected), abs=1e-3)


@pytest.mark.parametrize("edge", [Edge.GEODESIC, Edge.RHUMB])
def test_a_cut_at_the_antimeridian_closes(edge):
    """The two halves that a file has on both sides of 180 degrees are one region, without an outline between."""
    plane = LocalPlane(180.0, 10.0)
    halves = shapely.MultiPolygon([shapely.box(179.9, 9.9, 180.0, 10.1), shapely.box(-180.0, 9.9, -179.9, 10.1)])
    found = PlanarRegion(halves, edge, plane, (179.8, 9.8, 180.2, 10.2))
    here = plane.forward([[180.0, 10.0], [179.95, 10.0], [-179.95, 10.0], [179.85, 10.0]])
    signed, _ = found.signed_distance(here)
    assert signed[0] == pytest.approx(-0.1 * 109_640, rel=1e-3)
    assert signed[1:3] == pytest.approx([-0.05 * 109_640] * 2, rel=2e-3)
    assert signed[3] == pytest.approx(0.05 * 109_640, rel=2e-3)


@pytest.mark.parametrize("edge", [Edge.GEODESIC, Edge.RHUMB])
def test_far_edges_bound_the_region_and_count_for_no_distance(edge):
    large = shapely.box(5.0, 45.0, 10.001, 55.0)
    found = PlanarRegion(large, edge, PLANE, WINDOW)
    signed, foot = found.signed_distance(np.array([[0.0, 0.0]]))
    assert signed[0] == pytest.approx(-71.7, abs=0.5)
    assert foot[0, 0] == pytest.approx(71.7, abs=0.5)
    start, end = found.edges
    xy = PLANE.forward([[WINDOW[0], WINDOW[1]], [WINDOW[2], WINDOW[3]]])
    low, high = xy.min(axis=0) * 1.1, xy.max(axis=0) * 1.1
    assert ((np.minimum(start, end) <= high) & (np.maximum(start, end) >= low)).all()
    inside = PlanarRegion(shapely.box(5.0, 45.0, 15.0, 55.0), edge, PLANE, WINDOW)
    assert np.isneginf(inside.signed_distance(np.array([[0.0, 0.0]]))[0][0])
    assert len(inside.edges[0]) == 0


@pytest.mark.parametrize("box", [
    (-172.0, -52.0, -168.0, -48.0), (188.0, -52.0, 192.0, -48.0), (-532.0, -52.0, -528.0, -48.0),
    (548.0, -52.0, 552.0, -48.0), (908.0, -52.0, 912.0, -48.0),
    (-172.0, -49.0, -168.0, -45.0), (-172.0, -55.0, -168.0, -51.0),  # north and south of it
    (-169.0, -52.0, -165.0, -48.0), (-179.0, -52.0, -171.0, -48.0), (190.5, -52.0, 192.0, -48.0),
    (-178.0, -60.0, 178.0, -40.0), (-530.0, -52.0, -165.0, 40.0),
])  # fmt: skip
def test_an_outline_around_the_antipode_does_not_turn_inside_out(box):
    """The antipode of 10 E 50 N is 170 W 50 S: laid into the plane, a box around it would hold everything else."""
    outline = shapely.segmentize(shapely.box(*box), 0.5)
    found = PlanarRegion(outline, Edge.GEODESIC, PLANE, WINDOW)
    assert not found.contains(np.array([[0.0, 0.0], [40_000.0, 10_000.0]])).any()


@pytest.mark.parametrize("edge", MODELS)
@pytest.mark.parametrize(("share", "seen"), [(0.008, True), (-0.1, False)])
def test_what_lies_in_the_window_is_an_outline_and_nothing_beyond(edge, share, seen):
    """A window that is not about the plane's centre; one edge after the other just within and just beyond its sides."""
    west, south, east, north = 9.7, 49.98, 10.05, 50.3
    in_lon, in_lat = share * (east - west), share * (north - south)
    for side, box in enumerate([
        (west + in_lon, south - 0.4, east + 0.4, north + 0.4), (west - 0.4, south + in_lat, east + 0.4, north + 0.4),
        (west - 0.4, south - 0.4, east - in_lon, north + 0.4), (west - 0.4, south - 0.4, east + 0.4, north - in_lat),
    ]):  # fmt: skip
        found = PlanarRegion(shapely.box(*box), edge, PLANE, (west, south, east, north))
        middle = [(west + east) / 2, (south + north) / 2]
        middle[side % 2] = box[side]
        inward = [(west + east) / 2 - middle[0], (south + north) / 2 - middle[1]]
        at = PLANE.forward([[middle[0] + 0.2 * inward[0], middle[1] + 0.2 * inward[1]]])
        signed, foot = found.signed_distance(at)
        assert np.isfinite(signed[0]) == seen
        assert signed[0] < 0
        if seen:
            there = PLANE.inverse(foot)[0]
            assert abs(there[side % 2] - box[side]) < 2.5e-3  # an edge of a degree bulges by up to W^2 / 917 degrees
