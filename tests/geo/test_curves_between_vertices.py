"""Long edges whose longitudes turn much or fall: the curve's middle by its own law."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge, follow
from dronecheck.geo.plane import LocalPlane

GEOD = pyproj.Geod(ellps="WGS84")


def off(edge, start, end, on_curve):
    """How far a point in degrees lies from the chords of one edge, metres."""
    plane = LocalPlane(*on_curve)
    frame = (-20_000.0, -20_000.0, 20_000.0, 20_000.0)
    pieces = follow(np.array([start]), np.array([end]), edge, plane, frame)
    line = shapely.linestrings(np.vstack([pieces.start_m, pieces.end_m[-1:]]))
    return shapely.distance(line, shapely.Point(0, 0))


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(("start", "end"), [((-60.0, 70.0), (60.0, 70.0)), ((10.0, -5.0), (50.0, 40.0)),
                                            ((-170.0, 60.0), (-20.0, 65.0)), ((5.0, 82.0), (100.0, 83.0))])  # fmt: skip
@pytest.mark.parametrize("share", [0.11, 0.5, 0.8])
def test_a_point_of_the_curve_lies_on_the_chords(start, end, share, flip):
    if flip:
        start, end = end, start
    straight = np.array(start) + share * (np.array(end) - np.array(start))
    assert off(Edge.PLANAR, start, end, straight) < 0.01
    azimuth, _, length_m = GEOD.inv(*start, *end)
    assert off(Edge.GEODESIC, start, end, GEOD.fwd(*start, azimuth, share * length_m)[:2]) < 0.01
    mercator = pyproj.Proj(proj="merc", ellps="WGS84")  # rhumb lines are straight in it
    (x, y) = (np.array(c) for c in mercator([start[0], end[0]], [start[1], end[1]]))
    lon, lat = mercator(x[0] + share * (x[1] - x[0]), y[0] + share * (y[1] - y[0]), inverse=True)
    assert off(Edge.RHUMB, start, end, (lon, lat)) < 0.01
