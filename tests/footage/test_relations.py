"""Relations of single pictures: what decides, what cannot be told, and what may never be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace.schedule import ALWAYS
from dronecheck.airspace.zone import Datum, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.flight import Clock, ClockSource, Flight, Source, Track
from dronecheck.footage.camera import Camera, ViewDoubt
from dronecheck.footage.own_place import OwnPlace
from dronecheck.footage.picture import judge_picture
from dronecheck.footage.relation import FootageRelation, agreed_relation, most_serious
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Circle, Shape
from dronecheck.geo.plane import geodesic_ahead
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.media.model import CameraHeight, PositionStatus
from tests.footage.makers import camera, relations

HOME = Settings(home="CHN")
BANK = (40.1175, 124.3850)  # Dandong; Korea is 900 m to the south-east


def circle(azimuth_deg, away_m, radius_m=100.0, at=BANK, **more):
    """A zone around a place so far from a camera."""
    lon, lat = geodesic_ahead(np.array([[at[1], at[0]]]), np.array([azimuth_deg]), np.array([away_m]))[0]
    shape = Shape.of([[Circle((lon, lat), radius_m)]])
    fields = {"id": "Z", "name": "Z", "kind": ZoneKind.PROHIBITED, "source": ZoneSource("test", "0")}
    return Zone(**{**fields, "edge": Edge.GEODESIC, **more}, shape=shape)


def zone_relation(told, zone):
    found = judge_picture(told, ZoneSet((zone,)), HOME).zones
    return found[0].relation.value if found else "OUTSIDE"


# ---- what decides


@pytest.mark.parametrize(("pose", "prk"), [
    ((150.0, -5.0, 0.0), "LOOKS_INTO"),  # over the river
    ((330.0, -20.0, 0.0), "OUTSIDE"),  # away from it
    ((0.0, -90.0, 0.0), "OUTSIDE"),  # straight down
    ((0.0, -90.0, 180.0), "OUTSIDE"),
    ((150.0, 28.0, 0.0), "HORIZON_TOUCHES"),  # the lowest rays are at the horizon
    ((150.0, 60.0, 0.0), "HORIZON_TOUCHES"),  # nothing but sky
])  # fmt: skip
def test_where_a_camera_on_the_bank_looks(pose, prk):
    answer = judge_picture(camera(40.13, 124.375, pose=pose), None, HOME)
    assert relations(answer).get("PRK", "OUTSIDE") == prk
    assert relations(answer)["CHN"] == "TAKEN_INSIDE"
    assert answer.result.verdict is Verdict.CLEAR
    assert answer.other_territories is FootageRelation.OUTSIDE


def test_a_place_over_the_border_is_a_violation_and_looking_there_is_none():
    inside = judge_picture(camera(40.09, 124.40), None, HOME)
    assert (relations(inside)["PRK"], inside.result.verdict) == ("TAKEN_INSIDE", Verdict.VIOLATION)
    looking = judge_picture(camera(40.13, 124.375, pose=(150.0, -5.0, 0.0)), None, HOME)
    assert (relations(looking)["PRK"], looking.result.verdict) == ("LOOKS_INTO", Verdict.CLEAR)


def test_without_a_home_it_is_open_near_a_border():
    answer = judge_picture(camera(40.09, 124.40), None, Settings())
    assert relations(answer)["PRK"] == "TAKEN_INSIDE"
    assert answer.result.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("azimuth", "away", "pose", "told"), [
    (150, 173, (150, -30, 0), "LOOKS_INTO"), (330, 173, (150, -30, 0), "OUTSIDE"),
    (150, 173, (330, -150, 180), "LOOKS_INTO"),  # the same direction, told the other way round
    (150, 20_000, (150, -1, 0), "HORIZON_TOUCHES"), (150, 40_000, (150, -1, 0), "HORIZON_TOUCHES"),
    (150, 60_000, (150, -1, 0), "OUTSIDE"),  # beyond 1.2 horizons of any height in question
    (60, 300, (150, -45, 0), "OUTSIDE"), (150, 5_000, (150, -60, 0), "OUTSIDE"),
    (0, 0, (150, -89, 0), "TAKEN_INSIDE"),
])  # fmt: skip
def test_zones_around_a_camera(azimuth, away, pose, told):
    assert zone_relation(camera(*BANK, pose=pose, h_sigma_m=1.0), circle(azimuth, away)) == told


@pytest.mark.parametrize(("radius", "told"), [(12.0, "HORIZON_TOUCHES"), (20.0, "LOOKS_INTO")])
def test_a_twentieth_of_the_footprint_is_looked_into(radius, told):
    """144 by 108 m of ground, of which a circle of 12 m is 2.9 % and one of 20 m is 8 %, away from the centre."""
    exact = {"pose_sigma_deg": (0.1, 0.1, 0.1), "fov_sigma_deg": 0.1, "sigma_m": 0.5, "h_sigma_m": 1.0}
    down = camera(*BANK, pose=(0.0, -90.0, 0.0), **exact)
    assert zone_relation(down, circle(90, 40, radius)) == told
    assert zone_relation(down, circle(90, 40, radius, lower=Limit(5_000.0, Datum.AMSL))) == told


@pytest.mark.parametrize(("off_deg", "told"), [(0, "LOOKS_INTO"), (12, "HORIZON_TOUCHES"), (40, "OUTSIDE")])
def test_a_narrow_view_is_as_uncertain_as_its_yaw(off_deg, told):
    tele = camera(*BANK, pose=(150.0, -20.0, 0.0), fov=(10.0, 7.0), fov_sigma_deg=0.5)
    assert zone_relation(tele, circle(150 + off_deg, 275, 60.0 if off_deg == 0 else 15.0)) == told


def test_an_open_place_is_never_outside():
    """Two sigmas outside the outline, looking away: one draw in forty stands inside, and the rule leaves it open."""
    told = camera(*BANK, pose=(330.0, -20.0, 0.0), h_sigma_m=3.0)
    answer = judge_picture(told, ZoneSet((circle(150, 106.2),)), HOME)
    assert [(z.relation.value, z.place.value) for z in answer.zones] == [("UNKNOWN", "open")]
    assert zone_relation(told, circle(150, 120)) == "OUTSIDE"


# ---- height, time, effect: by the rules of check


def test_above_the_ceiling_is_not_inside_and_still_looks_into_it():
    high = camera(*BANK, height=CameraHeight(agl_m=100.0, amsl_m=400.0, sigma_m=3.0), pose=(0.0, -90.0, 0.0))
    zone = circle(0, 0, 300.0, upper=Limit(200.0, Datum.AMSL))
    answer = judge_picture(high, ZoneSet((zone,)), HOME)
    assert [(r.relation.value, r.place.value) for r in answer.zones] == [("LOOKS_INTO", "outside")]
    low = replace(high, height=CameraHeight(agl_m=100.0, amsl_m=150.0, sigma_m=3.0))
    assert zone_relation(low, zone) == "TAKEN_INSIDE"
    within = replace(high, height=CameraHeight(agl_m=100.0, amsl_m=199.0, sigma_m=3.0))
    assert judge_picture(within, ZoneSet((zone,)), HOME).zones[0].place is OwnPlace.OPEN
    unknown = replace(high, height=None, pose=None)
    assert zone_relation(unknown, zone) == "UNKNOWN"


def test_a_timed_zone_needs_a_proven_time():
    begin = 1_790_000_000_000_000_000
    zone = circle(0, 0, 300.0, valid_from_ns=begin, valid_to_ns=begin + 3_600_000_000_000, schedule=ALWAYS)
    assert zone_relation(camera(*BANK, utc_ns=begin + 10**12), zone) == "TAKEN_INSIDE"
    assert zone_relation(camera(*BANK, utc_ns=begin - 10**13), zone) != "TAKEN_INSIDE"
    untimed = judge_picture(camera(*BANK), ZoneSet((zone,)), HOME)
    assert untimed.zones[0].place is OwnPlace.OPEN
    assert untimed.zones[0].relation is not FootageRelation.OUTSIDE


@pytest.mark.parametrize("kind", [ZoneKind.PROHIBITED, ZoneKind.DANGER])
def test_a_zone_of_conditions_is_a_place_too(kind):
    assert zone_relation(camera(*BANK), circle(0, 0, 300.0, kind=kind)) == "TAKEN_INSIDE"


def test_editions_that_contradict_each_other_leave_the_place_open():
    zone = circle(0, 0, 300.0)
    either = ZoneSet((zone,), alternatives=(ZoneSet((zone,)), ZoneSet(())))
    assert judge_picture(camera(*BANK), either, HOME).zones[0].relation is not FootageRelation.TAKEN_INSIDE
    both = ZoneSet((zone,), alternatives=(ZoneSet((zone,)), ZoneSet((zone,))))
    assert judge_picture(camera(*BANK), both, HOME).zones[0].relation is FootageRelation.TAKEN_INSIDE


def test_a_place_is_judged_as_three_fixes_at_rest_are():
    """Where `check` on a log that stands there decides, the place of a picture is decided alike, and only there."""
    random = np.random.default_rng(3)
    decided = 0
    for _ in range(60):
        lat, lon = 40.105 + random.normal() * 0.02, 124.385 + random.normal() * 0.02
        answer = judge_picture(camera(lat, lon, pose=None), None, HOME)
        track = Track.build(time_ns=np.arange(5) * 10**9, lat_deg=[lat] * 5, lon_deg=[lon] * 5, offset=range(5),
                            message="x", h_sigma_m=[3.0] * 5)  # fmt: skip
        source = Source("x", 0, "", "csv", "", "")
        flight = Flight(source, {"gnss": track}, "gnss", Clock(False, ClockSource.NONE, float("nan")))
        at_rest = check(flight, None, HOME)
        assert answer.result.verdict is at_rest.verdict
        assert (relations(answer).get("PRK") == "TAKEN_INSIDE") == (at_rest.verdict is Verdict.VIOLATION)
        decided += at_rest.verdict is not Verdict.INCONCLUSIVE
    assert 20 < decided < 60


# ---- what cannot be told


@pytest.mark.parametrize(("changes", "doubt"), [
    ({"pose": None}, ViewDoubt.NO_POSE), ({"pose": (0.0, 0.0, 0.0)}, ViewDoubt.POSE_ALL_ZERO),
    ({"is_trusted": False}, ViewDoubt.POSE_UNTRUSTED), ({"fov": None}, ViewDoubt.NO_FIELD_OF_VIEW),
    ({"agl_m": None}, ViewDoubt.NO_HEIGHT), ({"pose": (float("nan"), -30.0, 0.0)}, ViewDoubt.NO_POSE),
])  # fmt: skip
def test_what_is_missing_leaves_the_view_unknown(changes, doubt):
    answer = judge_picture(camera(*BANK, **changes), ZoneSet((circle(150, 173),)), HOME)
    assert doubt in answer.doubts
    assert answer.footprint is None
    assert answer.zones[0].relation is FootageRelation.UNKNOWN
    far = judge_picture(camera(*BANK, **changes), ZoneSet((circle(150, 400_000),)), HOME)
    assert far.zones == ()  # no direction is needed


def test_a_yaw_alone_is_a_real_pose():
    assert judge_picture(camera(*BANK, pose=(7.3, 0.0, 0.0)), None, HOME).doubts == ()


def test_an_untrusted_direction_proves_what_lies_behind_it_to_be_outside():
    told = camera(*BANK, pose=(150.0, -20.0, 0.0), is_trusted=False)
    assert zone_relation(told, circle(330, 3_000)) == "OUTSIDE"
    assert zone_relation(told, circle(60, 3_000)) == "UNKNOWN"
    assert zone_relation(told, circle(150, 3_000)) == "UNKNOWN"


def test_what_lies_steeply_behind_an_untrusted_direction_may_be_in_sight():
    down = camera(*BANK, pose=(150.0, -80.0, 0.0), is_trusted=False)
    assert zone_relation(down, circle(330, 350)) == "UNKNOWN"  # 16 degrees below the horizon, 84 from the middle
    assert zone_relation(down, circle(330, 5_000)) == "OUTSIDE"


@pytest.mark.parametrize("told", [
    Camera(), camera(0.0, 0.0), camera(float("nan"), 124.0), camera(95.0, 124.0),
    camera(40.09, 124.40, status=PositionStatus.INVALID),
])  # fmt: skip
def test_without_a_usable_place_nothing_is_said_of_any(told):
    answer = judge_picture(told, ZoneSet((circle(0, 0, 5_000.0),)), HOME)
    assert (answer.territories, answer.zones) == ((), ())
    assert answer.other_territories is answer.other_zones is FootageRelation.UNKNOWN
    assert answer.result.verdict is Verdict.INCONCLUSIVE


def test_zones_that_could_not_be_read_are_not_outside():
    from dronecheck.airspace.zone import Incomplete

    answer = judge_picture(camera(*BANK), ZoneSet((), incomplete=(Incomplete.UNREADABLE,)), HOME)
    assert answer.other_zones is FootageRelation.UNKNOWN
    assert judge_picture(camera(*BANK), ZoneSet(()), HOME).other_zones is FootageRelation.OUTSIDE


def test_readings_that_differ_are_left_between():
    r = FootageRelation
    assert agreed_relation([r.OUTSIDE, r.LOOKS_INTO]) is r.HORIZON_TOUCHES
    assert agreed_relation([r.LOOKS_INTO, r.LOOKS_INTO]) is r.LOOKS_INTO
    assert agreed_relation([r.OUTSIDE, r.UNKNOWN]) is r.UNKNOWN
    assert most_serious([r.OUTSIDE, r.UNKNOWN, r.HORIZON_TOUCHES]) is r.HORIZON_TOUCHES
    assert most_serious([]) is r.OUTSIDE


# ---- the globe


@pytest.mark.parametrize("turns", [-360.0, 360.0])
def test_a_whole_turn_of_longitude_changes_nothing(turns):
    for lat, lon in ((40.13, 124.375), (40.09, 124.40), (-16.6, 179.95), (52.0, -179.9)):
        one, other = (judge_picture(camera(lat, lon + by), ZoneSet((circle(150, 173, at=(lat, lon)),)), HOME)
                      for by in (0.0, turns))  # fmt: skip
        assert one.territories == other.territories
        assert [z.relation for z in one.zones] == [z.relation for z in other.zones] == [FootageRelation.LOOKS_INTO]


@pytest.mark.parametrize(("lat", "lon"), [
    (-16.6, 179.9995), (-16.6, -179.9995), (89.99995, 10.0), (-89.99995, 77.0), (90.0, 0.0),
])  # fmt: skip
def test_footprints_and_zones_across_the_antimeridian_and_at_the_poles(lat, lon):
    for yaw in (0.0, 90.0, 200.0):
        told = camera(lat, lon, pose=(yaw, -30.0, 0.0), h_sigma_m=1.0)
        zone = circle(yaw, 173, at=(lat, lon))
        answer = judge_picture(told, ZoneSet((zone, circle(yaw + 180, 3_000, at=(lat, lon), id="B"))), HOME)
        assert [(z.zone.id, z.relation.value) for z in answer.zones] == [("Z", "LOOKS_INTO")]
        geometry = answer.footprint.geometry
        assert geometry.is_valid
        west, south, east, north = geometry.bounds
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90
        assert answer.footprint.geojson["geometry"]["type"] in ("Polygon", "MultiPolygon")


def test_a_picture_straight_down_at_the_pole_shows_the_pole():
    answer = judge_picture(camera(89.9999, 20.0, pose=(20.0, -90.0, 0.0)), None, HOME)
    assert answer.footprint.geometry.intersects(answer.footprint.geometry.envelope)
    assert answer.footprint.geometry.bounds[3] == 90.0


# ---- knowledge never lost is never gained

poses = st.tuples(st.floats(-180, 180), st.floats(-100, 30), st.sampled_from([0.0, 10.0, 90.0, 180.0]))


@settings(max_examples=40, deadline=None)
@given(pose=poses, azimuth=st.floats(0, 360), away=st.floats(0, 70_000), height=st.floats(5, 400),
       known=st.tuples(*[st.booleans()] * 3))  # fmt: skip
def test_less_knowledge_never_gains_an_outside(pose, azimuth, away, height, known):
    whole = camera(*BANK, agl_m=height, pose=pose)
    less = replace(whole, pose=whole.pose if known[0] else None, fov=whole.fov if known[1] else None,
                   height=whole.height if known[2] else None)  # fmt: skip
    zone = circle(azimuth, away, 50.0)
    if zone_relation(less, zone) == "OUTSIDE":
        assert zone_relation(whole, zone) == "OUTSIDE"
    if not all(known):
        assert zone_relation(less, zone) in ("OUTSIDE", "UNKNOWN", "TAKEN_INSIDE")


@settings(max_examples=25, deadline=None)
@given(pose=poses, azimuth=st.floats(0, 360), away=st.floats(0, 5_000), height=st.floats(5, 400))
def test_a_distrusted_direction_never_gains_an_outside(pose, azimuth, away, height):
    whole = camera(*BANK, agl_m=height, pose=pose)
    zone = circle(azimuth, away, 50.0)
    if zone_relation(camera(*BANK, agl_m=height, pose=pose, is_trusted=False), zone) == "OUTSIDE":
        assert zone_relation(whole, zone) == "OUTSIDE"


# ---- hostile figures

figures = st.floats(allow_nan=True, allow_infinity=True) | st.floats(-400, 400)
pairs, triples = st.tuples(figures, figures), st.tuples(figures, figures, figures)


@settings(max_examples=60, deadline=None)
@given(place=pairs, angles=triples, fov=st.none() | pairs, heights=triples, sigmas=triples)
def test_any_figures_give_an_answer(place, angles, fov, heights, sigmas):
    told = camera(
        *place, height=CameraHeight(home_m=heights[0], amsl_m=heights[1], agl_m=heights[2], sigma_m=sigmas[0]),
        pose=angles, fov=fov, h_sigma_m=sigmas[1], fov_sigma_deg=sigmas[2],
    )  # fmt: skip
    answer = judge_picture(told, None, HOME)
    inside = [r for r in answer.territories if r.relation is FootageRelation.TAKEN_INSIDE]
    assert len(inside) <= 1
    assert answer.footprint is None or answer.footprint.geometry is None or answer.footprint.geometry.is_valid
