"""Edge models in the plane: chords against the curves themselves, and how few of them a long edge needs."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge, follow
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.plane import LocalPlane
from tests.oracle.geofence_region import GEOD, edge_curve

FRAME = (-30_000.0, -30_000.0, 30_000.0, 30_000.0)
MODELS = [Edge.PLANAR, Edge.GEODESIC, Edge.RHUMB]


def through(plane, azimuth, length_m):
    """The two ends of a geodesic whose middle is the plane's centre."""
    lon, lat, _ = GEOD.fwd([plane.lon_deg] * 2, [plane.lat_deg] * 2, [azimuth, azimuth + 180], [length_m / 2] * 2)
    ends = np.column_stack([lon, lat])
    ends[:, 0] = np.unwrap(ends[:, 0], period=360.0)
    return ends[:1], ends[1:]


@pytest.mark.parametrize("edge", MODELS)
@pytest.mark.parametrize("lat", [-75.0, 0.0, 40.0, 60.0])
@pytest.mark.parametrize("length_m", [1.0, 1e3, 30e3, 500e3, 2_000e3])
@pytest.mark.parametrize("azimuth", [0.0, 45.0, 90.0])
def test_chords_stay_within_a_centimetre_of_the_curve_in_the_frame(edge, lat, length_m, azimuth):
    if abs(lat) > 70 and length_m > 1e6 and edge is Edge.RHUMB:
        pytest.skip("it would end at the pole, where rhumb lines have no course")
    plane = LocalPlane(179.9, lat)
    start, end = through(plane, azimuth, length_m)
    pieces = follow(start, end, edge, plane, FRAME)
    assert np.array_equal(pieces.start_m[1:], pieces.end_m[:-1])  # one line without holes
    curve = plane.forward(edge_curve(start[0], end[0], edge.value)(np.linspace(0, 1, 10_001)))
    inside = np.abs(curve).max(axis=1) < 30_000.0
    line = shapely.linestrings(np.vstack([pieces.start_m, pieces.end_m[-1:]]))
    shapely.prepare(line)
    off = shapely.distance(line, shapely.points(curve[inside]))
    assert off.max(initial=0.0) < 0.01


@pytest.mark.parametrize("edge", MODELS)
def test_a_long_edge_takes_few_chords(edge):
    plane = LocalPlane(10.0, 50.0)
    pieces = follow(*through(plane, 80.0, 2_000e3), edge, plane, FRAME)
    assert len(pieces.start_m) < (100 if edge is Edge.GEODESIC else 600)
    far = LocalPlane(10.0, 49.0)  # the flight is 111 km off the edge: nothing of it is in sight
    assert len(follow(*through(plane, 80.0, 2_000e3), Edge.GEODESIC, far, FRAME).start_m) < 100


@pytest.mark.parametrize("edge", [Edge.GEODESIC, Edge.RHUMB])
def test_holes_and_parts_survive(edge):
    polygon = shapely.MultiPolygon(
        [shapely.box(0, 50, 1, 51).difference(shapely.box(0.4, 50.4, 0.6, 50.6)), shapely.box(2, 50, 3, 51)]
    )
    plane = LocalPlane(1.5, 50.5)
    dense = PlanarRegion(polygon, edge, plane, (0.0, 50.0, 3.0, 51.0)).polygon
    assert len(dense.geoms) == 2
    assert sorted(len(part.interiors) for part in dense.geoms) == [0, 1]


def test_an_ambiguous_edge_is_not_one_curve():
    with pytest.raises(ValueError, match="both"):
        PlanarRegion(shapely.box(0, 0, 1, 1), Edge.AMBIGUOUS, LocalPlane(0.5, 0.5), (0.0, 0.0, 1.0, 1.0))
