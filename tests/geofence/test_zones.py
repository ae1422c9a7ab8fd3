"""Zones end to end: GeoJSON in, findings out."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dronecheck.airspace import load_zones
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Status, Topic, Verdict
from tests.conftest import make_flight

LON, LAT = 2.0, 47.0  # the middle of France: no border in reach
PLANE = LocalPlane(LON, LAT)


def box(west, south, east, north):
    return PLANE.inverse([[west, south], [east, south], [east, north], [west, north], [west, south]]).tolist()


@pytest.fixture
def zones(tmp_path):
    def make(*features):
        path = tmp_path / "zones.geojson"
        collection = {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": props, "geometry": {"type": "Polygon", "coordinates": [ring]}}
                for ring, props in features
            ],
        }
        path.write_text(json.dumps(collection))
        return load_zones([path])

    return make


def flight(xy, **kwargs):
    lonlat = PLANE.inverse(xy)
    return make_flight(lonlat[:, 1], lonlat[:, 0], **kwargs)


def eastward(count=121, step=15.0, dt_s=1.0, start=-900.0, **kwargs):
    x = start + step * np.arange(count)
    return flight(np.column_stack([x, np.zeros(count)]), dt_s=dt_s, **kwargs)


def airspace(result):
    return next(c for c in result.checks if c.question is Topic.AIRSPACE)


def test_without_zones_the_airspace_is_not_checked():
    result = check(eastward())
    assert airspace(result).status is Status.NOT_CHECKED
    assert result.verdict is Verdict.CLEAR  # of the border question alone


def test_a_ten_metre_corridor_crossed_at_15_mps_with_1_hz_is_found(zones):
    result = check(eastward(start=-900.0), zones((box(2, -500, 12, 500), {"name": "corridor"})))
    (finding,) = result.findings
    assert finding.duration_s == pytest.approx(10 / 15, abs=1e-3)
    assert finding.depth_m == pytest.approx(5.0, abs=0.01)
    assert finding.verdict is Verdict.VIOLATION  # 5 m deep, sigma 1.5 m: beyond 2.33 sigma
    assert finding.entry.lon_deg < finding.exit.lon_deg


def test_two_visits_are_two_findings_with_their_own_times(zones):
    x = 500 * np.cos(np.linspace(0, 4 * np.pi, 400))
    made = flight(np.column_stack([x, np.linspace(0, 400, 400)]), dt_s=0.5)
    result = check(made, zones((box(-600, -1000, -300, 1000), {"name": "west"})))
    first, second = result.findings
    assert first.exit_ns < second.enter_ns
    # x = -300 is passed where the cosine is -0.6
    t = (np.arccos(-0.6) / (4 * np.pi)) * 399 * 0.5
    assert (first.enter_ns - int(made.track.time_ns[0])) / 1e9 == pytest.approx(t, abs=0.02)


def test_a_margin_inside_the_error_is_inconclusive_on_either_side(zones):
    for offset, reasons in ((3.0, Reason.MARGIN_WITHIN_ERROR), (-3.0, Reason.NOT_ENTERED_ON_THE_LINE)):
        result = check(eastward(dt_s=0.5), zones((box(-300, -offset - 500, 300, -offset), {"name": "edge"})))
        if offset < 0:
            result = check(eastward(dt_s=0.5), zones((box(-300, -500, 300, 3.0), {"name": "edge"})))
        (finding,) = result.findings
        assert finding.verdict is Verdict.INCONCLUSIVE
        assert Reason.MARGIN_WITHIN_ERROR in finding.reasons
        assert result.verdict is Verdict.INCONCLUSIVE
        assert reasons is Reason.MARGIN_WITHIN_ERROR or finding.depth_m > 0


def test_an_outline_known_badly_is_said_to_be_too_coarse(zones):
    coarse = zones((box(-300, -500, 300, -20), {"name": "vague", "accuracy_m": 30}))
    (finding,) = check(eastward(dt_s=0.5), coarse).findings
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert Reason.BORDER_DATA_TOO_COARSE in finding.reasons
    assert finding.margin_m == pytest.approx(20, abs=0.05)
    assert finding.depth_m == 0
    sharp = zones((box(-300, -500, 300, -20), {"name": "sharp"}))
    result = check(eastward(dt_s=0.5), sharp)
    assert result.verdict is Verdict.CLEAR
    assert result.nearest[0].distance_m == pytest.approx(20, abs=0.05)


def test_heights_decide_between_floor_and_ceiling(zones):
    layer = {"name": "layer", "lower_m": 400, "lower_datum": "AMSL", "upper_m": 600, "upper_datum": "AMSL"}
    count = 121
    through = np.linspace(300, 700, count)  # climbs through the layer while inside
    area = box(-2000, -500, 2000, 500)
    made = eastward(count, alt_amsl_m=through, v_sigma_m=np.full(count, 2.0))
    (finding,) = check(made, zones((area, layer))).findings
    assert finding.verdict is Verdict.VIOLATION
    t0 = int(made.track.time_ns[0])
    assert (finding.enter_ns - t0) / 1e9 == pytest.approx(30.0, abs=1e-6)  # 400 m is a quarter of the climb
    assert (finding.exit_ns - t0) / 1e9 == pytest.approx(90.0, abs=1e-6)
    above = eastward(count, alt_amsl_m=np.full(count, 650.0), v_sigma_m=np.full(count, 2.0))
    result = check(above, zones((area, layer)))
    assert result.verdict is Verdict.CLEAR
    assert result.nearest[0].vertical
    assert result.nearest[0].distance_m == pytest.approx(50)
    close = eastward(count, alt_amsl_m=np.full(count, 602.0), v_sigma_m=np.full(count, 2.0))
    (finding,) = check(close, zones((area, layer))).findings
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert Reason.VERTICAL_MARGIN_WITHIN_ERROR in finding.reasons


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"lower_m": 400, "lower_datum": "AMSL"}, Reason.HEIGHT_UNKNOWN),
        ({"upper_m": 120, "upper_datum": "AGL"}, Reason.NO_TERRAIN),
        ({"lower_m": 3000, "lower_datum": "FL"}, Reason.VERTICAL_FRAME_UNKNOWN),
        ({"lower_m": "high", "lower_datum": "AMSL"}, Reason.VERTICAL_FRAME_UNKNOWN),
    ],
)
def test_an_unknown_height_is_never_clear_where_it_matters(zones, limits, reason):
    (finding,) = check(eastward(), zones((box(-300, -300, 300, 300), {"name": "z", **limits}))).findings
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert reason in finding.reasons
    far = check(eastward(), zones((box(-300, 2000, 300, 3000), {"name": "z", **limits})))
    assert far.verdict is Verdict.CLEAR  # ignorance counts only where it could change the answer


def test_zones_hold_only_while_in_force(zones):
    made = eastward()
    for times, verdict in (
        ({"valid_from": "2030-01-01T00:00:00Z"}, Verdict.CLEAR),
        ({"valid_to": "2020-01-01T00:00:00Z"}, Verdict.CLEAR),
        ({"valid_from": "2020-01-01T00:00:00Z", "valid_to": "2030-01-01T00:00:00Z"}, Verdict.VIOLATION),
    ):
        assert check(made, zones((box(-300, -300, 300, 300), {"name": "z", **times}))).verdict is verdict
    timed = zones((box(-300, -300, 300, 300), {"name": "z", "valid_to": "2020-01-01T00:00:00Z"}))
    result = check(eastward(utc=False), timed)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert Reason.ZONE_TIME_UNKNOWN in result.findings[0].reasons


def test_a_danger_area_is_listed_but_stays_out_of_the_verdict(zones):
    result = check(eastward(), zones((box(-300, -300, 300, 300), {"name": "range", "kind": "danger"})))
    assert result.verdict is Verdict.CLEAR
    assert result.findings[0].verdict is Verdict.CLEAR
    assert Reason.CONDITIONAL_ZONE in result.findings[0].reasons


def test_a_gap_long_enough_to_have_entered_is_inconclusive(zones):
    x = np.array([-200.0, -185, -170, -155, 155, 170, 185, 200])
    steps = np.array([1.0, 1, 1, 60, 1, 1, 1])
    made = flight(np.column_stack([x, np.zeros(8)]), dt_s=steps)
    near = zones((box(-100, 200, 100, 400), {"name": "beside"}))
    (finding,) = check(made, near).findings
    assert Reason.SAMPLING_GAP in finding.reasons
    assert finding.verdict is Verdict.INCONCLUSIVE
    across = zones((box(-100, -50, 100, 50), {"name": "across"}))  # on the chord, but the way round is open
    (finding,) = check(made, across).findings
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert Reason.SAMPLING_GAP in finding.reasons
    far = zones((box(-100, 1000, 100, 1400), {"name": "far"}))  # 60 s at 20 m/s cannot bridge 2 x 1000 m
    assert check(made, far).verdict is Verdict.CLEAR


def test_one_or_two_stray_fixes_for_less_than_a_second_do_not_convict(zones):
    xy = np.column_stack([np.zeros(60), np.zeros(60)])
    xy[30] = [40.0, 0.0]
    result = check(flight(xy, dt_s=0.2), zones((box(20, -50, 100, 50), {"name": "stray"})))
    assert result.findings[0].verdict is Verdict.INCONCLUSIVE
    assert Reason.SINGLE_FIX in result.findings[0].reasons


@pytest.mark.parametrize("turn", [-360.0, 0.0, 360.0])
def test_the_antimeridian_is_no_special_case(zones, turn):
    lon = 179.999 + np.linspace(0, 0.002, 100)
    made = make_flight(np.full(100, -17.0), lon)
    ring = [[a + turn, b] for a, b in ([179.9995, -17.01], [180.0005, -17.01], [180.0005, -16.99], [179.9995, -16.99])]
    (finding,) = check(made, zones(([*ring, ring[0]], {"name": "dateline"}))).findings
    assert finding.path_m == pytest.approx(106.5, rel=0.01)
    written = [[(a + 180) % 360 - 180, b] for a, b in ring]  # 179.9995 to -179.9995
    again = check(made, zones(([*written, written[0]], {"name": "dateline"}))).findings[0]
    assert again.path_m == pytest.approx(finding.path_m, abs=1e-3)


def test_a_cap_around_the_pole_holds_the_pole(zones):
    ring = [[lon, -60.0] for lon in range(-180, 181, 30)]
    cap = zones((ring, {"name": "south"}))
    assert check(make_flight([-89.99] * 5, [0.0, 90, 180, -90, 0], dt_s=600), cap).findings
    assert not check(make_flight([-59.0] * 5, np.arange(5) * 1e-4), cap).findings


@pytest.mark.parametrize("seed", range(12))
def test_the_same_zone_written_otherwise_gives_the_same_finding(zones, seed):
    random = np.random.default_rng(seed)
    angle = np.sort(random.uniform(0, 2 * np.pi, 7))
    ring = PLANE.inverse(np.column_stack([np.cos(angle), np.sin(angle)]) * random.uniform(100, 400, (7, 1)))
    made = eastward(dt_s=0.5, step=5.0, count=300)
    results = []
    for variant in (ring, np.roll(ring, 3, axis=0), ring[::-1]):
        closed = np.vstack([variant, variant[:1]]).tolist()
        results.append(check(made, zones((closed, {"name": "z"}))).findings)
    keys = [[(f.verdict, f.enter_ns, f.exit_ns, round(f.depth_m, 3)) for f in found] for found in results]
    assert keys[0] == keys[1] == keys[2]


def test_a_second_part_far_away_changes_nothing(tmp_path):
    ring = box(-300, -300, 300, 300)
    far = [[a + 0.02, b] for a, b in ring]  # beyond the flight, within the window
    results = []
    for name, geometry in (
        ("one", {"type": "Polygon", "coordinates": [ring]}),
        ("two", {"type": "MultiPolygon", "coordinates": [[far], [ring]]}),
    ):
        path = tmp_path / f"{name}.geojson"
        path.write_text(json.dumps({"type": "Feature", "properties": {"name": "z"}, "geometry": geometry}))
        results.append(check(eastward(), load_zones([path])).findings)
    key = [[(f.verdict, f.enter_ns, f.exit_ns, round(f.depth_m, 3)) for f in found] for found in results]
    assert key[0] == key[1]
    assert key[0][0][0] is Verdict.VIOLATION


@pytest.mark.parametrize(
    "properties",
    [
        {"kind": "no-go"},
        {"valid_from": "soon"},
        {"lower_m": 500, "lower_datum": "AMSL", "upper_m": 3, "upper_datum": "AMSL"},
    ],
)
def test_an_entry_into_a_doubtful_zone_is_never_clear(zones, properties):
    made = eastward(alt_amsl_m=np.full(121, 100.0))
    result = check(made, zones((box(-300, -300, 300, 300), {"name": "z", **properties})))
    assert result.verdict is Verdict.INCONCLUSIVE
    far = check(made, zones((box(-300, 2000, 300, 3000), {"name": "z", **properties})))
    assert far.verdict is Verdict.CLEAR


def test_a_zone_that_could_not_be_read_is_never_clear(zones):
    good = (box(-300, 2000, 300, 3000), {"name": "beside"})
    result = check(eastward(), zones(good, ([[0, 0], [1, 1], [0, 0]], {"name": "broken"})))
    assert airspace(result).verdict is Verdict.INCONCLUSIVE
    assert airspace(result).reasons == (Reason.ZONE_UNREADABLE,)
    assert airspace(result).status is Status.PARTLY


def test_a_file_about_another_part_of_the_world_is_no_check(zones):
    elsewhere = [[a + 60, b - 80] for a, b in box(-300, -300, 300, 300)]
    result = check(eastward(), zones((elsewhere, {"name": "far"})))
    assert airspace(result).status is Status.NOT_CHECKED
    assert airspace(result).reasons == (Reason.NOT_COVERED,)


def test_one_fix_inside_between_two_gaps_does_not_convict(zones):
    x = np.array([-900.0, -885, -870, 0, 870, 885, 900])
    made = flight(np.column_stack([x, np.zeros(7)]), dt_s=np.array([1.0, 1, 200, 200, 1, 1]))
    (finding,) = check(made, zones((box(-400, -400, 400, 400), {"name": "z"}))).findings
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert Reason.SINGLE_FIX in finding.reasons
    assert finding.enter_sigma_s == pytest.approx(200 / np.sqrt(12), rel=0.02)  # anywhere in the gap, no farther


def test_a_gap_beside_a_near_approach_is_named_too(zones):
    x = np.array([-45.0, -30, -15, 0, 0, 15, 30])
    made = flight(np.column_stack([x, np.zeros(7)]), dt_s=np.array([1.0, 1, 1, 120, 1, 1]))
    (finding,) = check(made, zones((box(-300, 2, 300, 400), {"name": "z"}))).findings
    assert {Reason.MARGIN_WITHIN_ERROR, Reason.SAMPLING_GAP} <= set(finding.reasons)
