"""Edge models against measured vectors and against PROJ's geodesics."""

from __future__ import annotations

import json

import numpy as np
import pyproj
import pytest
import shapely

from dronecheck.geo.edges import Edge, densify
from dronecheck.geo.plane import LocalPlane, geodesic_m
from dronecheck.geo.region import PlanarRegion

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def vectors(shared):
    return json.loads((shared / "vectors/domain_vectors.json").read_text())


def test_a_long_edge_means_different_places_by_model(vectors):
    case = vectors["edge_model_point_in_polygon"]
    polygon = shapely.Polygon(case["zone_lonlat"])
    for point in case["cases"]:
        plane = LocalPlane(point["lon"], point["lat"])
        window = (point["lon"] - 0.5, point["lat"] - 0.5, point["lon"] + 0.5, point["lat"] + 0.5)
        for edge in (Edge.PLANAR, Edge.GEODESIC):
            region = PlanarRegion(polygon, edge, plane, window)
            inside = bool(region.contains(plane.forward([[point["lon"], point["lat"]]]))[0])
            assert inside == (point[edge.value] == "IN"), (point, edge)


def test_a_rhumb_line_along_a_parallel_is_the_parallel_and_a_planar_edge_too(vectors):
    for case in vectors["edge_model_midpoint"]["cases"]:
        half, lat = case["dlon_deg"] / 2, case["lat"]
        square = shapely.Polygon([(-half, lat), (half, lat), (half, lat - 1), (-half, lat - 1)])
        for edge, expected in ((Edge.PLANAR, lat), (Edge.RHUMB, lat), (Edge.GEODESIC, case["geodesic_mid_lat"])):
            ring = shapely.get_coordinates(densify(square, edge))
            north = ring[ring[:, 1] > lat - 0.2]
            at_middle = np.interp(0.0, *north[np.argsort(north[:, 0])].T)
            off_m = geodesic_m(0.0, at_middle, 0.0, expected)[0]
            assert off_m < 0.02, (case, edge)


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("lat", [0.0, 40.0, 60.0, 75.0])
def test_chords_of_the_densified_edge_stay_within_a_centimetre(edge, lat):
    square = shapely.Polygon([(10, lat), (11.3, lat + 0.4), (11.3, lat - 0.5), (10, lat - 0.5)])
    coarse, fine = densify(square, edge), densify(square, edge, tolerance_m=1e-5)
    plane = LocalPlane(10.65, lat)
    line = shapely.LineString(plane.forward(shapely.get_coordinates(coarse)))
    points = plane.forward(shapely.get_coordinates(fine))
    near = np.hypot(*points.T) < 50_000
    assert near.sum() > 20
    assert shapely.distance(line, shapely.points(points[near])).max() < 0.0125


def test_holes_and_parts_survive():
    polygon = shapely.MultiPolygon(
        [shapely.box(0, 50, 1, 51).difference(shapely.box(0.4, 50.4, 0.6, 50.6)), shapely.box(2, 50, 3, 51)]
    )
    dense = densify(polygon, Edge.GEODESIC)
    assert len(dense.geoms) == 2
    assert len(dense.geoms[0].interiors) == 1
    area = abs(GEOD.geometry_area_perimeter(polygon)[0])
    assert abs(GEOD.geometry_area_perimeter(dense)[0]) == pytest.approx(area, rel=1e-9)
