"""Zones whose outline has two readings: what both say is decided, the rest is INCONCLUSIVE; never CLEAR by chance."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from dronecheck.airspace import load_zones
from dronecheck.flight import Track
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Status, Topic, Verdict
from dronecheck.issues import Code
from tests.conftest import make_flight
from tests.support.said import said

PLANE = LocalPlane(2.0, 47.0)  # the middle of France: no border in reach
LONG = [[-5, 49], [5, 49], [5, 48], [-5, 48], [-5, 49]]  # 730 km edges


@pytest.fixture
def zone_of(tmp_path):
    def make(rings, kind="Polygon", **properties):
        path = tmp_path / "zone.geojson"
        path.write_text(
            json.dumps(
                {
                    "type": "Feature",
                    "properties": {"name": "Z", **properties},
                    "geometry": {"type": kind, "coordinates": rings},
                }
            )
        )
        return load_zones([path])

    return make


def metres(*corners):
    ring = PLANE.inverse(np.array([*corners, corners[0]], dtype=float))
    return ring.tolist()


def hover(lat, lon, size_deg=2e-4, count=60):
    turn = np.linspace(0, 6, count)
    return make_flight(lat + size_deg * np.sin(turn), lon + size_deg * np.cos(turn))


def hover_m(x, y):
    lon, lat = PLANE.inverse([[x, y]])[0]
    return hover(lat, lon)


def line_m(a, b, count=121, **kwargs):
    lonlat = PLANE.inverse(np.linspace(a, b, count))
    return make_flight(lonlat[:, 1], lonlat[:, 0], **kwargs)


def airspace(result):
    return next(c for c in result.checks if c.question is Topic.AIRSPACE)


def entries(result):
    return [f for f in result.findings if f.zone and f.zone.name == "Z"]


@pytest.mark.parametrize("edge", ["planar", "geodesic", "ambiguous"])
def test_an_ambiguous_edge_decides_only_what_both_models_say(zone_of, shared, edge):
    group = json.loads((shared / "vectors/domain_vectors.json").read_text())["edge_model_point_in_polygon"]
    for case in [*group["cases"], {"lat": 48.5, "lon": 0.0, "planar": "IN", "geodesic": "IN"}]:
        result = check(hover(case["lat"], case["lon"]), zone_of([group["zone_lonlat"]], edge=edge))
        sides = {case["planar"], case["geodesic"]} if edge == "ambiguous" else {case[edge]}
        expected = {"IN": Verdict.VIOLATION, "OUT": Verdict.CLEAR}
        verdict = expected[sides.pop()] if len(sides) == 1 else Verdict.INCONCLUSIVE
        found = airspace(result)
        assert found.verdict is verdict, (case, found)
        assert (Reason.EDGE_MODEL_AMBIGUOUS in found.reasons) == (verdict is Verdict.INCONCLUSIVE)


def test_an_ambiguous_zone_is_worded_and_counted_once(zone_of):
    (finding,) = [f for f in check(hover(48.5, 0.0), zone_of([LONG], edge="ambiguous")).findings if f.zone.name == "Z"]
    assert finding.verdict is Verdict.VIOLATION
    (open_one,) = [
        f for f in check(hover(49.05, 0.0), zone_of([LONG], edge="ambiguous")).findings if f.zone.name == "Z"
    ]
    assert said(open_one).startswith("if its edges are geodesics: ")


def test_a_short_ambiguous_edge_is_as_good_as_a_certain_one(zone_of):
    ring = metres((-200, -200), (200, -200), (200, 200), (-200, 200))
    inside, outside = check(hover_m(0, 0), zone_of([ring], edge="ambiguous")), check(hover_m(300, 0), zone_of([ring]))
    assert airspace(inside).verdict is Verdict.VIOLATION
    assert airspace(outside).verdict is Verdict.CLEAR
    assert outside.nearest[0].distance_m == pytest.approx(100 - 22.2, abs=9)  # the circle's radius is 15 to 22 m


def test_a_bulging_edge_is_found_though_its_box_is_far_off(zone_of):
    # The geodesic between these corners runs 89 km north of both.
    ring = [[-122, 49], [-95, 49], [-95, 48], [-122, 48], [-122, 49]]
    result = check(hover(49.7, -108.5), zone_of([ring], edge="geodesic"))
    assert airspace(result).verdict is Verdict.VIOLATION
    # As a planar polygon it lies in the USA, and nothing says that its file speaks for Canada.
    assert airspace(check(hover(49.7, -108.5), zone_of([ring]))).status is Status.NOT_CHECKED


def test_a_bow_tie_is_open_inside_and_clear_outside(zone_of):
    zones = zone_of([metres((-500, -500), (500, 500), (500, -500), (-500, 500))])
    assert [i.code for i in zones.issues] == [Code.ZONE_REPAIRED]
    for x in (-300, 300):
        found = airspace(check(hover_m(x, 0), zones))
        assert found.verdict is Verdict.INCONCLUSIVE
        assert Reason.INVALID_GEOMETRY_REPAIRED in found.reasons
    assert airspace(check(hover_m(0, 300), zones)).verdict is Verdict.CLEAR  # between the lobes


def test_a_pentagram_is_open_in_its_centre_and_decided_in_its_points(zone_of):
    star = [(1_000 * math.sin(4 * math.pi * k / 5), 1_000 * math.cos(4 * math.pi * k / 5)) for k in range(5)]
    zones = zone_of([metres(*star)])
    centre = airspace(check(hover_m(0, 0), zones))
    assert centre.verdict is Verdict.INCONCLUSIVE
    assert Reason.INVALID_GEOMETRY_REPAIRED in centre.reasons
    assert airspace(check(hover_m(0, 700), zones)).verdict is Verdict.VIOLATION
    # Through a point and on into the centre: the point was entered under any reading.
    assert airspace(check(line_m((0, 1_500), (0, 0)), zones)).verdict is Verdict.VIOLATION
    assert airspace(check(hover_m(1_500, 0), zones)).verdict is Verdict.CLEAR


def test_a_hole_across_the_shell(zone_of):
    shell = metres((0, 0), (4_000, 0), (4_000, 4_000), (0, 4_000))
    zones = zone_of([shell, metres((3_000, 1_000), (5_000, 1_000), (5_000, 2_000), (3_000, 2_000))])
    by_place = {(1_000, 1_500): Verdict.VIOLATION, (3_500, 1_500): Verdict.CLEAR, (4_500, 1_500): Verdict.INCONCLUSIVE}
    assert {at: airspace(check(hover_m(*at), zones)).verdict for at in by_place} == by_place


def test_overlapping_parts(zone_of):
    parts = [
        [metres((0, 0), (4_000, 0), (4_000, 4_000), (0, 4_000))],
        [metres((2_000, 2_000), (6_000, 2_000), (6_000, 6_000), (2_000, 6_000))],
    ]
    zones = zone_of(parts, "MultiPolygon")
    assert airspace(check(hover_m(1_000, 1_000), zones)).verdict is Verdict.VIOLATION
    assert airspace(check(hover_m(3_000, 3_000), zones)).verdict is Verdict.INCONCLUSIVE
    assert airspace(check(hover_m(5_000, 5_000), zones)).verdict is Verdict.VIOLATION


def test_inside_a_hole_is_outside(zone_of):
    rings = [metres(*(np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half)) for half in (900, 300)]
    assert airspace(check(hover_m(0, 0), zone_of(rings))).verdict is Verdict.CLEAR
    assert airspace(check(hover_m(600, 0), zone_of(rings))).verdict is Verdict.VIOLATION


BROKEN = {
    "two vertices": [[2.0, 47.0], [2.1, 47.1], [2.0, 47.0]],
    "two different vertices": [[2.0, 47.0], [2.1, 47.1], [2.0, 47.0], [2.1, 47.1], [2.0, 47.0]],
    "on one line": [[2.0, 47.0], [2.1, 47.1], [2.2, 47.2], [2.0, 47.0]],
    "latitude 90.0001": [[2.0, 46.0], [3.0, 46.0], [2.5, 90.0001], [2.0, 46.0]],
    "longitude 1e9": [[2.0, 46.0], [1e9, 46.0], [2.5, 47.5], [2.0, 46.0]],
    "text": [["a", 46.0], [3.0, 46.0], [2.5, 47.5], ["a", 46.0]],
    "empty": [],
    "tangle": np.random.default_rng(0).uniform((1.9, 46.9), (2.1, 47.1), (5_000, 2)).tolist(),
}


@pytest.mark.parametrize("ring", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("edge", ["planar", "geodesic", "ambiguous"])
def test_a_zone_that_cannot_be_an_area_never_makes_clear(zone_of, ring, edge):
    zones = zone_of([ring], edge=edge)
    assert Code.ZONE_SKIPPED in [i.code for i in zones.issues]
    found = airspace(check(hover(47.0, 2.0), zones))
    assert found.verdict is not Verdict.CLEAR
    assert Reason.ZONE_UNREADABLE in found.reasons


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_never_make_clear(tmp_path, number):
    path = tmp_path / "zone.geojson"
    ring = f"[[2.0, 46.9], [2.1, 46.9], [{number}, 47.1], [2.0, 46.9]]"
    head = '{"type": "Feature", "properties": {"name": "Z"}, "geometry": {"type": "Polygon", "coordinates": ['
    path.write_text(head + ring + "]}}")
    try:
        zones = load_zones([path])
    except Exception as refused:  # NaN is no JSON: the whole file is refused
        assert type(refused).__name__ == "UnreadableInput"
        return
    assert airspace(check(hover(47.0, 2.0), zones)).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("turn", [-360.0, 0.0, 360.0, 540.0 - 180.0])
@pytest.mark.parametrize("edge", ["planar", "geodesic", "rhumb", "ambiguous"])
def test_whole_turns_of_longitude_change_nothing(zone_of, turn, edge):
    ring = [[179.999 + turn, -17.01], [180.001 + turn, -17.01], [180.001 + turn, -16.99], [179.999 + turn, -16.99]]
    zones = zone_of([[*ring, ring[0]]], edge=edge)
    for lon in (180.0, -179.9999, 179.9999):
        assert airspace(check(hover(-17.0, lon, 1e-5), zones)).verdict is Verdict.VIOLATION
    assert airspace(check(hover(-17.0, -179.98, 1e-5), zones)).verdict is Verdict.CLEAR


@pytest.mark.parametrize("edge", ["planar", "geodesic", "rhumb"])
def test_a_zone_cut_at_the_antimeridian_has_no_edge_there(zone_of, edge):
    parts = [[[[179, -18], [180, -18], [180, -16], [179, -16], [179, -18]]],
             [[[-180, -18], [-179, -18], [-179, -16], [-180, -16], [-180, -18]]]]  # fmt: skip
    lon = np.linspace(179.99, 180.01, 200)
    made = make_flight(np.full(200, -17.0), lon)
    (finding,) = entries(check(made, zone_of(parts, "MultiPolygon", edge=edge)))
    assert finding.verdict is Verdict.VIOLATION
    assert finding.enter_ns is None
    assert finding.exit_ns is None


@pytest.mark.parametrize("edge", ["planar", "geodesic", "rhumb", "ambiguous"])
@pytest.mark.parametrize("lat", [89.9, -89.9])
def test_flights_at_and_over_the_poles(zone_of, edge, lat):
    lon = np.arange(-180.0, 181.0, 30.0)
    cap = np.column_stack([lon, np.full(len(lon), lat)]).tolist()
    zones = zone_of([cap], edge=edge)
    side = math.copysign(1.0, lat)
    assert airspace(check(hover(lat + side * 0.05, 40.0, 1e-4), zones)).verdict is Verdict.VIOLATION
    assert airspace(check(hover(lat - side * 0.05, 40.0, 1e-4), zones)).verdict is Verdict.CLEAR
    # Straight over the pole, 4 km each way: inside all along, and 8 km long.
    lats = side * np.concatenate([np.linspace(89.964, 90, 200), np.linspace(90, 89.964, 200)[1:]])
    over = check(make_flight(lats, [10.0] * 200 + [-170.0] * 199, dt_s=1.0), zones)
    (finding,) = entries(over)
    assert finding.verdict is Verdict.VIOLATION
    assert finding.enter_ns is None
    assert over.distance_m == pytest.approx(2 * 0.036 * 111_694, rel=1e-3)
    assert finding.depth_m == pytest.approx(0.1 * 111_694, rel=0.05)


ZONE = metres((-200, -200), (200, -200), (200, 200), (-200, 200))


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("limits", [{}, {"upper_m": 120, "upper_datum": "AMSL"}])
def test_few_fixes_inside_are_never_clear(zone_of, count, limits):
    lonlat = PLANE.inverse(np.column_stack([np.linspace(0, 1, count), np.zeros(count)]))
    made = make_flight(lonlat[:, 1], lonlat[:, 0], alt_amsl_m=np.full(count, 50.0))
    assert airspace(check(made, zone_of([ZONE], **limits))).verdict is not Verdict.CLEAR


def test_fixes_at_one_instant_and_at_time_zero(zone_of):
    lonlat = PLANE.inverse(np.column_stack([np.linspace(-300, 300, 61), np.zeros(61)]))
    at_once = make_flight(lonlat[:, 1], lonlat[:, 0], dt_s=0.0, start_ns=0)
    assert airspace(check(at_once, zone_of([ZONE]))).verdict is not Verdict.CLEAR
    twice = make_flight(
        np.repeat(lonlat[:, 1], 2), np.repeat(lonlat[:, 0], 2), dt_s=[0.0, 0.5] * 60 + [0.0], start_ns=0
    )
    assert airspace(check(twice, zone_of([ZONE]))).verdict is Verdict.VIOLATION


@pytest.mark.parametrize(
    ("lat", "lon"), [(math.nan, 2.0), (math.inf, 2.0), (90.0001, 2.0), (47.0, 540.0), (47.0, math.nan)]
)
def test_positions_off_the_globe_are_no_track(lat, lon):
    with pytest.raises(ValueError, match="positions"):
        Track.build(time_ns=[0], lat_deg=[lat], lon_deg=[lon], offset=[0], message="fix")


def test_time_that_goes_back_is_no_track():
    with pytest.raises(ValueError, match="descend"):
        Track.build(time_ns=[1, 0], lat_deg=[47, 47], lon_deg=[2, 2], offset=[0, 1], message="fix")


def test_no_fix_at_all_is_inconclusive(zone_of):
    assert airspace(check(make_flight([], []), zone_of([ZONE]))).verdict is Verdict.INCONCLUSIVE
