"""The reference's measured vectors, each group by its name."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge, follow
from dronecheck.geo.outline.polygon_repair import repaired
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.outline.rings import unwrap_ring
from dronecheck.geo.plane import LocalPlane, geodesic_ahead, geodesic_between, geodesic_m, metres_per_degree
from dronecheck.geo.space_time_prism import shortest_detour_m

FRAME = (-5_000.0, -5_000.0, 5_000.0, 5_000.0)


@pytest.fixture(scope="module")
def vectors(shared):
    return json.loads((shared / "vectors/domain_vectors.json").read_text())


def holds(polygon, edge, lon, lat):
    """Whether a region cut around a point holds it."""
    plane, turn = LocalPlane(lon, lat), 0.0
    west, _, east, _ = polygon.bounds
    turn = 360.0 * np.round(((west + east) / 2 - lon) / 360.0)
    bottom, top = max(-90.0, lat - 0.5), min(90.0, lat + 0.5)
    half = 180.0 if max(-bottom, top) > 89 else 0.5
    pieces = shapely.union_all([shapely.transform(polygon, lambda xy, t=t: xy - np.array([t, 0.0])) for t in
                                (turn - 360.0, turn, turn + 360.0)]) if edge is Edge.PLANAR else polygon  # fmt: skip
    region = PlanarRegion(pieces, edge, plane, (lon - half, bottom, lon + half, top))
    return bool(region.contains(np.zeros((1, 2)))[0])


def test_geodesic_inverse(vectors):
    group = vectors["geodesic_inverse"]
    for case in group["cases"]:
        a, b = np.array([[case["lon1"], case["lat1"]]]), np.array([[case["lon2"], case["lat2"]]])
        azimuth, length_m = geodesic_between(a, b)
        assert length_m[0] == pytest.approx(case["s12_m"], abs=group["tol_m"])
        assert geodesic_m(*a[0], *b[0])[0] == pytest.approx(case["s12_m"], abs=group["tol_m"])
        assert azimuth[0] == pytest.approx(case["azi1_deg"], abs=group["tol_deg"])


def test_edge_model_midpoint(vectors):
    group = vectors["edge_model_midpoint"]
    for case in group["cases"]:
        half, lat = case["dlon_deg"] / 2, case["lat"]
        start, end = np.array([[-half, lat]]), np.array([[half, lat]])
        for edge, expected in (
            (Edge.PLANAR, case["planar_mid_lat"]),
            (Edge.RHUMB, lat),
            (Edge.GEODESIC, case["geodesic_mid_lat"]),
        ):
            plane = LocalPlane(0.0, expected)
            chords = follow(start, end, edge, plane, FRAME)
            line = shapely.linestrings(np.vstack([chords.start_m, chords.end_m[-1:]]))
            assert shapely.distance(line, shapely.Point(0, 0)) < group["tol_m"], (case, edge)


def test_edge_model_point_in_polygon(vectors):
    group = vectors["edge_model_point_in_polygon"]
    polygon = shapely.Polygon(group["zone_lonlat"])
    for case in group["cases"]:
        for edge in (Edge.PLANAR, Edge.GEODESIC):
            assert holds(polygon, edge, case["lon"], case["lat"]) == (case[edge.value] == "IN"), (case, edge)


def test_signed_distance_polygon(vectors):
    group = vectors["signed_distance_polygon"]
    for case in group["cases"]:
        plane = LocalPlane(case["lon"], case["lat"])
        region = PlanarRegion(shapely.Polygon(group["ring_lonlat"]), Edge.GEODESIC, plane, (124.3, 40.0, 124.5, 40.2))
        signed, _ = region.signed_distance(np.zeros((1, 2)))
        assert signed[0] == pytest.approx(case["signed_distance_m"], abs=group["tol_m"])


@pytest.mark.parametrize("edge", [Edge.PLANAR, Edge.RHUMB, Edge.GEODESIC])
def test_antimeridian_and_pole(vectors, edge):
    for case in vectors["antimeridian_and_pole"]["cases"]:
        if case.get("edge") == "parallel" and edge is Edge.GEODESIC:
            continue
        polygon = shapely.Polygon(unwrap_ring(np.array(case["ring_lonlat"], dtype=float)))
        for expected in ("inside", "outside"):
            for lat, lon in case[expected]:
                assert holds(polygon, edge, lon, lat) == (expected == "inside"), (case["name"], edge, lat, lon)


def test_invalid_rings(vectors):
    by_name = {case["name"]: case for case in vectors["invalid_rings"]["cases"]}
    bow = repaired(shapely.Polygon(by_name["bowtie"]["ring"]))
    assert bow.geometry.area == pytest.approx(by_name["bowtie"]["area_make_valid"])
    star = [(np.sin(4 * np.pi * k / 5), np.cos(4 * np.pi * k / 5)) for k in range(5)]
    case = by_name["pentagram_centre"]
    assert shapely.contains_xy(repaired(shapely.Polygon(star)).geometry, *case["point"]) == case["inside_structure"]
    case = by_name["overlapping_multipolygon"]
    union = repaired(shapely.MultiPolygon([(ring, []) for ring in case["polys"]])).geometry
    assert union.area == pytest.approx(case["area_union"])
    assert shapely.contains_xy(union, *case["point"]) == case["inside_union"]


def test_space_time_prism(vectors):
    group = vectors["space_time_prism"]
    line = np.array([[-1e4, 0.0]]), np.array([[1e4, 0.0]])
    for case in group["line_case"]:
        least = shortest_detour_m(np.array(case["A"], float), np.array(case["B"], float), *line)
        assert least == pytest.approx(case["min_path_m"], abs=group["tol_m"])
        assert (least <= case["vmax_ms"] * case["dt_s"] + group["tol_m"]) == case["reachable"]
    for case in group["cases"]:
        a, b = np.zeros(2), np.array([case["D_m"], 0.0])
        if not case["feasible"]:
            assert case["D_m"] > case["vmax_ms"] * case["dt_s"]
            continue
        lateral = (
            np.array([[-1e4, case["max_lateral_excursion_m"]]]),
            np.array([[1e4, case["max_lateral_excursion_m"]]]),
        )
        assert shortest_detour_m(a, b, *lateral) == pytest.approx(2 * case["semi_major_m"], abs=group["tol_m"])
        ahead = case["D_m"] + case["overshoot_beyond_fix_m"]
        across = np.array([[ahead, -1e4]]), np.array([[ahead, 1e4]])
        assert shortest_detour_m(a, b, *across) == pytest.approx(2 * case["semi_major_m"], abs=group["tol_m"])


def test_aeqd_error_bound(vectors):
    random = np.random.default_rng(3)
    for case in vectors["aeqd_error_bound"]["cases"]:
        plane, r = LocalPlane(10.0, 45.0), case["r_m"]
        angle, reach = random.uniform(0, 2 * np.pi, (2, 4_000)), r * np.sqrt(random.uniform(0, 1, (2, 4_000)))
        xy = [np.column_stack([s * np.cos(a), s * np.sin(a)]) for a, s in zip(angle, reach, strict=True)]
        (lon1, lat1), (lon2, lat2) = (plane.inverse(points).T for points in xy)
        off = np.abs(np.hypot(*(xy[0] - xy[1]).T) - geodesic_m(lon1, lat1, lon2, lat2))
        assert off.max() <= case["bound_m"] * 1.02 + 1e-8
        assert off.max() > 0.3 * case["measured_max_m"]  # the test looks where the error is


def test_edge_length_limit(vectors):
    for case in vectors["edge_length_limit"]["cases"]:
        lat, half = case["lat"], case["L_m"] / 2
        half_deg = half / float(metres_per_degree(lat)[0])
        start, end = np.array([[-half_deg, lat]]), np.array([[half_deg, lat]])
        azimuth, length_m = geodesic_between(start, end)
        middle = LocalPlane(0.0, lat).forward([[0.0, lat]])
        above = LocalPlane(0.0, lat).forward(geodesic_ahead(start, azimuth, length_m / 2))
        assert np.hypot(*(above - middle)[0]) == pytest.approx(case["tol_m"], rel=0.01)


def test_quantisation(vectors):
    group = vectors["quantisation"]
    for case in group["cases"]:
        step = 10.0 ** -case["decimals"]
        east_m, _ = metres_per_degree(40.0)
        assert step * float(east_m) == pytest.approx(case["step_m_lon_at_40"], rel=1e-3)
        assert case["step_m_lat"] == pytest.approx(step * 111_133, rel=1e-3)
