"""Which side of an outline a point is on when the outline goes around the globe's far side, and paths along edges."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.plane import LocalPlane

WINDOW = (9.0, 49.0, 11.0, 51.0)


@pytest.mark.parametrize("turn", [-360.0, 0.0, 360.0])
def test_a_region_around_the_antipode_is_everything_else_only_there(turn):
    """The antipode of 10 E 50 N is 170 W 50 S."""
    plane = LocalPlane(10.0, 50.0)
    here = plane.forward([[10.0, 50.0]])

    def holds_here(west, south, east, north):
        box = shapely.segmentize(shapely.box(west + turn, south, east + turn, north), 1.0)
        return bool(PlanarRegion(box, Edge.GEODESIC, plane, WINDOW).contains(here)[0])

    assert not holds_here(-172, -52, -168, -48)  # around the antipode, and small
    assert not holds_here(-160, -52, -150, -48)
    assert holds_here(5, 45, 15, 55)
    assert not holds_here(12, 45, 15, 55)


def test_a_path_along_an_edge_meets_its_ends():
    plane = LocalPlane(10.0, 50.0)
    square = shapely.Polygon(plane.inverse([[-100, -100], [100, -100], [100, 100], [-100, 100]]))
    region = PlanarRegion(square, Edge.GEODESIC, plane, WINDOW)
    bottom = region.edges[0][:, 1].min()
    path = np.array([[-300.0, bottom], [300.0, bottom], [300.0, 300.0]])
    rows = region.crossings(path)
    assert rows.min() == pytest.approx(200 / 600, abs=1e-6)
    assert rows.max() == pytest.approx(400 / 600, abs=1e-6)


def test_a_path_far_off_or_of_one_row():
    plane = LocalPlane(10.0, 50.0)
    square = shapely.Polygon(plane.inverse([[-100, -100], [100, -100], [100, 100], [-100, 100]]))
    region = PlanarRegion(square, Edge.PLANAR, plane, WINDOW)
    assert region.inside_intervals(np.array([[0.0, 0.0]])) == [(0.0, 0.0)]
    assert region.inside_intervals(np.array([[500.0, 0.0]])) == []
    assert region.inside_intervals(np.empty((0, 2))) == []
    assert region.inside_intervals(np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 5.0]])) == [(0.0, 2.0)]
    assert region.crossings(np.array([[500.0, 0.0], [600.0, 0.0]])).tolist() == []
    nowhere = PlanarRegion(shapely.box(0, 0, 1, 1), Edge.PLANAR, plane, WINDOW)
    assert nowhere.is_empty
    assert not region.is_empty
