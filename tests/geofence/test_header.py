"""Records of which only the header can be read: never clear, never a violation, and bounds that hold.

The oracle is the geodesic to every point of the outlines, closely sampled: no plane, no tree, no code of the engine.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace import load_zones
from dronecheck.borders.territories import territories_near, territory_at
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import FindingKind, Reason, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.readers import dji_txt
from dronecheck.safe.io import Input
from tests.support.dji_header import MadeHeader
from tests.support.scale import examples

GEOD = pyproj.Geod(ellps="WGS84")
MADE = MadeHeader()
STEP_DEG = 2e-4  # of the oracle's samples of an outline: 22 m


def flight_of(made: MadeHeader):
    data = made.bytes()
    return dji_txt.read(Input(Path("DJIFlightRecord.txt"), data, hashlib.sha256(data).hexdigest()))


def judged(made: MadeHeader, zones=None, **given):
    return check(flight_of(made), zones, Settings(**given))


def bounds(result):
    """What the headline says of the circle: border_and_zone, border, untold; None without an envelope."""
    clauses = {clause.code: clause for clause in result.check_of(Topic.BORDER).clauses}
    found = clauses.get(ClauseCode.HEADER_ENVELOPE)
    assert (found is None) == (ClauseCode.HEADER_NO_ENVELOPE in clauses)
    return None if found is None else found.values["free"]


def outline_m(lat: float, lon: float, reach_deg: float = 0.2) -> float:
    """How far the nearest outline of any territory is, by the geodesic to its samples (m); never less than it is."""
    window = territories_near(lon - reach_deg, lat - reach_deg, lon + reach_deg, lat + reach_deg)
    west, south, east, north = window.bbox
    nearest = math.inf
    for _, polygon in window.regions():
        near = shapely.intersection(polygon.boundary, shapely.box(lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1))
        points = shapely.get_coordinates(shapely.segmentize(near, STEP_DEG))
        inner = (points > (west + 1e-9, south + 1e-9)).all(axis=1) & (points < (east - 1e-9, north - 1e-9)).all(axis=1)
        points = points[inner]
        if len(points):
            start = np.full(len(points), lon), np.full(len(points), lat)
            nearest = min(nearest, float(GEOD.inv(*start, points[:, 0], points[:, 1])[2].min()))
    return nearest


def always_open(result):
    assert result.verdict is Verdict.INCONCLUSIVE
    assert {c.verdict for c in result.checks} <= {Verdict.INCONCLUSIVE, None}
    for one in result.checks:
        assert one.verdict is None or Reason.HEADER_ONLY in one.reasons
        assert (one.verdict is None) == (one.status is Status.NOT_CHECKED)
    assert {f.verdict for f in result.findings} <= {Verdict.INCONCLUSIVE}
    assert all(Reason.HEADER_ONLY in f.reasons for f in result.findings)


PLACES = [
    (40.11, 124.39), (47.57, 7.60), (32.535, -117.03), (59.375, 28.20), (46.23, 6.05), (68.0, 180.0), (-16.8, 179.99),
    (0.0005, 0.0005), (43.735, 7.42), (25.0, 55.4), (79.5, 15.0),
]  # fmt: skip


@settings(max_examples=examples(150), deadline=None)
@given(
    place=st.sampled_from(PLACES),
    off=st.tuples(st.floats(-0.03, 0.03), st.floats(-0.03, 0.03)),
    distance_m=st.floats(0.5, 3_000.0),
    home=st.sampled_from([None, "CHN", "CHE", "USA", "RUS"]),
    version=st.sampled_from([13, 14]),
)
def test_it_is_never_clear_and_says_no_border_only_where_the_oracle_finds_none(place, off, distance_m, home, version):
    lat, lon = place[0] + off[0], (place[1] + off[1] + 180.0) % 360.0 - 180.0
    made = MADE.but(lat_deg=lat, lon_deg=lon, distance_m=distance_m, duration_ms=600_000, version=version)
    result = judged(made, home=home)
    always_open(result)
    away_m = outline_m(lat, lon)
    free = bounds(result)
    assert free in ("border", "untold")
    if free == "border":
        assert away_m > distance_m
    if away_m > distance_m + 3_000.0:  # beyond any error of the outlines: it has to say so
        assert free == "border"
    here = territory_at(lon, lat)
    assert [visit.iso_a3 for visit in result.territories] == ([here.iso_a3] if here else [])


@pytest.mark.parametrize("aside_m", [-40.0, 40.0])
def test_the_circle_ends_where_the_header_says(tmp_path, aside_m):
    """A zone that is known to the metre, 2000 m to the north: touched or free by how far the flight may have gone."""
    zones = square_zone(tmp_path, MADE.lat_deg, MADE.lon_deg, 2_000.0)
    result = judged(MADE.but(distance_m=2_000.0 + aside_m, duration_ms=400_000), zones)
    always_open(result)
    assert bool(result.findings) == (aside_m > 0)
    assert bounds(result) == ("untold" if aside_m > 0 else "border_and_zone")


def square_zone(folder: Path, lat: float, lon: float, north_m: float, **properties):
    """A square of 1 km whose southern edge lies so far north of a place, by the geodesic."""
    _, edge_lat, _ = GEOD.fwd(lon, lat, 0.0, north_m)
    box = shapely.box(lon - 0.005, edge_lat, lon + 0.005, edge_lat + 0.01)
    known = {"name": "Z", "id": "Z1", "kind": "prohibited", **properties}
    feature = {"type": "Feature", "properties": known, "geometry": shapely.geometry.mapping(box)}
    path = folder / f"zone{len(list(folder.iterdir()))}.geojson"
    import json

    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return load_zones([path])


@settings(max_examples=examples(60), deadline=None)
@given(
    north_m=st.floats(-1_500.0, 4_000.0),
    east_deg=st.floats(-0.03, 0.03),
    distance_m=st.floats(1.0, 3_000.0),
    accuracy_m=st.sampled_from([0.0, 5.0, 200.0]),
)
def test_no_zone_is_said_only_where_the_oracle_finds_none(tmp_path_factory, north_m, east_deg, distance_m, accuracy_m):
    lat, lon = MADE.lat_deg, MADE.lon_deg
    zones = square_zone(tmp_path_factory.mktemp("z"), lat, lon + east_deg, north_m, accuracy_m=accuracy_m)
    result = judged(MADE.but(distance_m=distance_m, duration_ms=600_000), zones)
    always_open(result)
    points = shapely.get_coordinates(shapely.segmentize(zones.zones[0].geometry.boundary, 1e-5))
    start = np.full(len(points), lon), np.full(len(points), lat)
    away_m = float(GEOD.inv(*start, points[:, 0], points[:, 1])[2].min())
    is_inside = shapely.contains_xy(zones.zones[0].geometry, lon, lat)
    if bounds(result) == "border_and_zone":
        assert not is_inside and away_m > distance_m
        assert not result.findings
    if not is_inside and away_m > distance_m + 2.4 * math.hypot(accuracy_m, 5.0) + 5.0:
        assert bounds(result) == "border_and_zone"
    else:
        (finding,) = result.findings
        assert finding.kind is FindingKind.ZONE_ENTRY and finding.zone.id == "Z1"
        assert finding.margin_m == pytest.approx(-away_m if is_inside else away_m, abs=1.0)


def test_a_start_in_a_foreign_country_is_an_open_finding():
    result = judged(MADE.but(lat_deg=40.10, lon_deg=124.41), home="CHN")
    always_open(result)
    (finding,) = result.findings
    assert (finding.zone.id, finding.kind) == ("PRK", FindingKind.BORDER_CROSSING)
    assert Reason.INSIDE_BEYOND_ERROR in finding.reasons and finding.clauses[0].code is ClauseCode.HEADER_STARTED_INSIDE
    assert finding.depth_m == pytest.approx(outline_m(40.10, 124.41), abs=25.0)
    assert [visit.iso_a3 for visit in result.territories] == ["PRK"]
    assert judged(MADE.but(lat_deg=40.10, lon_deg=124.41), home="CHN", allow=frozenset({"PRK"})).findings == ()
    assert judged(MADE.but(lat_deg=40.10, lon_deg=124.41), home="PRK").findings == ()


def test_a_circle_that_reaches_over_a_border_says_which_and_how_far():
    result = judged(MADE.but(lat_deg=40.1165, lon_deg=124.387, distance_m=900.0))
    always_open(result)
    (finding,) = result.findings
    assert finding.zone.id == "PRK" and bounds(result) == "untold"
    (clause,) = finding.clauses
    assert clause.code is ClauseCode.HEADER_MAY_REACH
    assert clause.values["distance_m"] == pytest.approx(outline_m(40.1165, 124.387), abs=25.0)
    assert finding.margin_m == pytest.approx(clause.values["distance_m"])


@pytest.mark.parametrize("home", [None, "CHN"])
def test_a_picture_in_another_country_is_named(home):
    start, picture = (40.1165, 124.387), (40.108, 124.405)
    made = MADE.but(
        lat_deg=start[0], lon_deg=start[1], distance_m=4_000.0, duration_ms=900_000, pictures=(start, picture)
    )
    result = judged(made, home=home)
    always_open(result)
    (finding,) = result.findings
    assert finding.zone.id == "PRK" and Reason.INSIDE_BEYOND_ERROR in finding.reasons
    assert [c.values["number"] for c in finding.clauses if c.code is ClauseCode.HEADER_PICTURE_INSIDE] == [2]
    assert [visit.iso_a3 for visit in result.territories] == ["CHN"]


@pytest.mark.parametrize(
    "made",
    [
        MADE.but(lat_deg=0.0, lon_deg=0.0),
        MADE.but(distance_m=30_000.0),
        MADE.but(is_closed=False),
        MADE.but(lat_deg=0.0, lon_deg=0.0, pictures=((47.05, 8.3),)),
    ],
)
def test_without_an_envelope_nothing_is_said_to_be_free(tmp_path, made):
    for zones in (None, square_zone(tmp_path, MADE.lat_deg, MADE.lon_deg, 20_000.0)):
        result = judged(made, zones, max_height_m=120.0)
        always_open(result)
        assert bounds(result) is None
        codes = {clause.code for one in result.checks for clause in one.clauses}
        assert not codes & {ClauseCode.HEADER_IN_ONE, ClauseCode.HEADER_NO_ZONE}


def test_a_start_inside_a_zone_is_an_open_finding(tmp_path):
    zones = square_zone(tmp_path, MADE.lat_deg, MADE.lon_deg, -500.0)
    (finding,) = judged(MADE, zones).findings
    assert finding.verdict is Verdict.INCONCLUSIVE and Reason.INSIDE_BEYOND_ERROR in finding.reasons
    # In the air, or at times of its own, it need not have been inside where it began.
    for properties in ({"lower_m": 30, "lower_datum": "AGL"}, {"valid_from": "2024-09-01T12:56:30Z"}):
        result = judged(MADE, square_zone(tmp_path, MADE.lat_deg, MADE.lon_deg, -500.0, **properties))
        always_open(result)
        assert Reason.INSIDE_BEYOND_ERROR not in result.findings[0].reasons


@pytest.mark.parametrize(
    ("lower", "given", "is_left_out"),
    [
        ((70.0, "AGL"), {}, False),  # the ground may fall away
        ((70.0, "AGL"), {"relief_m": 0.0}, True),
        ((70.0, "AGL"), {"relief_m": 60.0}, False),
        ((9_500.0, "AGL"), {}, True),  # on no ground of this Earth
        ((600.0, "AMSL"), {}, False),  # the take-off's height is not known
        ((600.0, "AMSL"), {"takeoff_amsl_m": 440.0}, True),
        ((600.0, "AMSL"), {"takeoff_amsl_m": 560.0}, False),
        ((3_000.0, "FL"), {"takeoff_amsl_m": 440.0}, True),
        ((700.0, "FL"), {"takeoff_amsl_m": 440.0}, False),  # within what a day's pressure can do
    ],
)
def test_a_zone_above_counts_unless_its_floor_is_out_of_reach_for_certain(tmp_path, lower, given, is_left_out):
    zones = square_zone(tmp_path, MADE.lat_deg, MADE.lon_deg, 100.0, lower_m=lower[0], lower_datum=lower[1])
    result = judged(MADE, zones, **given)
    always_open(result)
    assert bool(result.findings) is not is_left_out
    assert bounds(result) == ("border_and_zone" if is_left_out else "untold")


def test_a_zone_that_was_not_in_force_is_left_out_with_the_clocks_error(tmp_path):
    start = "2024-09-01T12:55:49Z"
    for end, found in (("2024-09-01T12:50:00Z", False), ("2024-09-01T12:55:45Z", True), (start, True)):
        zones = square_zone(tmp_path, MADE.lat_deg, MADE.lon_deg, 100.0, valid_to=end)
        assert bool(judged(MADE, zones).findings) is found, end
    zones = square_zone(tmp_path, MADE.lat_deg, MADE.lon_deg, 100.0, valid_to="2024-09-01T12:50:00Z")
    assert judged(MADE.but(start_ms=0), zones).findings  # without a date it may have been in force


def test_a_zone_for_information_is_no_finding_and_nothing_is_said_to_be_free(tmp_path):
    result = judged(MADE, square_zone(tmp_path, MADE.lat_deg, MADE.lon_deg, 100.0, kind="danger"))
    always_open(result)
    assert not result.findings and bounds(result) == "untold"


def test_zones_that_do_not_cover_the_place_are_not_checked():
    made = MADE.but(lat_deg=40.10, lon_deg=124.41)
    zones = load_zones([Path(__file__).parents[2] / "samples" / "restricted_zone.geojson"])
    far = judged(MADE, zones)
    assert far.check_of(Topic.AIRSPACE).status is Status.NOT_CHECKED
    assert bounds(far) == "border"
    assert judged(made, zones).verdict is Verdict.INCONCLUSIVE


def test_a_height_limit_stays_open(tmp_path):
    for limit in (10.0, 500.0):
        result = judged(MADE, max_height_m=limit)
        always_open(result)
        (clause,) = result.check_of(Topic.HEIGHT).clauses
        assert clause.values["below_m"] == 56


def test_a_way_wider_than_is_looked_says_so():
    result = judged(MADE.but(distance_m=80_000.0, duration_ms=9_000_000))
    always_open(result)
    assert bounds(result) == "untold"
    assert ClauseCode.HEADER_TOO_WIDE in {clause.code for clause in result.check_of(Topic.BORDER).clauses}


@settings(max_examples=examples(100), deadline=None)
@given(
    lat=st.floats(allow_nan=True), lon=st.floats(allow_nan=True), distance_m=st.floats(width=32),
    height_m=st.floats(width=32), speed_mps=st.floats(width=32), duration_ms=st.integers(-(2**31), 2**31 - 1),
    start_ms=st.integers(-(2**63), 2**63 - 1),
    pictures=st.lists(st.tuples(st.floats(), st.floats()), max_size=4).map(tuple),
)  # fmt: skip
def test_whatever_a_header_says_it_is_open(lat, lon, distance_m, height_m, speed_mps, duration_ms, start_ms, pictures):
    made = MADE.but(
        lat_deg=lat, lon_deg=lon, height_m=height_m, speed_mps=speed_mps, duration_ms=duration_ms, start_ms=start_ms,
        pictures=pictures, distance_m=distance_m,
    )  # fmt: skip
    always_open(judged(made))
