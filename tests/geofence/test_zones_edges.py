"""The airspace question at its edges: what the check says, whole turns, heights known in parts, gaps; by hand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dronecheck.airspace.zone import Datum, Effect, Incomplete, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape
from dronecheck.geo.plane import geodesic_m
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Status, Topic, Verdict
from dronecheck.geofence.settings import Thresholds
from dronecheck.issues import Code, Issue, Severity
from tests.conftest import make_flight
from tests.geofence.test_timed_zones import PLANE, SOURCE, airspace, during, eastward, judged, zone
from tests.support.said import said

K = Thresholds().band_sigmas


GUESSED = ZoneSource("z.geojson", "0" * 64)
LOST = {"skipped": 3, "incomplete": (Incomplete.UNREADABLE,)}


def answer(zones, *, sources=(SOURCE,), flight=None, **missing):
    return airspace(check(flight or eastward(), ZoneSet(tuple(zones), sources, **missing)))


BESIDE = {"area": (-300, 2_000, 300, 2_600)}


def test_what_was_judged_by_is_said():
    one = ZoneSource("a.json", "1" * 64, "2025-06")
    two = ZoneSource("b.json", "2" * 64)
    assert said(answer([zone(**BESIDE)])) == "1 zone of z.geojson"
    found = answer([zone(**BESIDE), zone(**BESIDE)], sources=(one, two, two))
    assert said(found).startswith("2 zones of a.json (2025-06), b.json; that a.json, b.json speaks for France")
    assert (found.status, found.verdict, found.reasons) == (
        Status.CHECKED, Verdict.CLEAR, (Reason.CLEAR_BEYOND_ERROR,))  # fmt: skip
    assert said(answer([zone(**BESIDE)], sources=())).startswith("no zones to judge by; see the notes")


def test_what_is_missing_is_counted_and_never_clear():
    other = Issue(Code.ZONE_REPAIRED, Severity.WARNING, "a message", count=7)
    found = answer([zone(**BESIDE)], skipped=4, incomplete=(Incomplete.UNREADABLE,), issues=(other,))
    assert said(found) == "1 zone of z.geojson; 4 features could not be read"
    assert (found.status, found.verdict, found.reasons) == (
        Status.PARTLY, Verdict.INCONCLUSIVE, (Reason.ZONE_UNREADABLE,))  # fmt: skip
    found = answer([zone(**BESIDE)], issues=(other,))
    assert (said(found), found.verdict, found.status) == ("1 zone of z.geojson", Verdict.CLEAR, Status.CHECKED)
    for why, reason in ((Incomplete.UNREADABLE, Reason.ZONE_UNREADABLE),
                        (Incomplete.NO_EDITION, Reason.NO_EDITION_IN_FORCE)):  # fmt: skip
        found = answer([zone(**BESIDE)], incomplete=(why,))
        assert (found.verdict, found.reasons, said(found)) == (Verdict.INCONCLUSIVE, (reason,), "1 zone of z.geojson")
    both = answer([zone(**BESIDE)], skipped=3, incomplete=tuple(Incomplete))
    assert both.reasons == (Reason.ZONE_UNREADABLE, Reason.NO_EDITION_IN_FORCE)
    # What is missing does not excuse what was found; an open finding keeps its own reasons, too.
    entered = answer([zone()], **LOST)
    assert (entered.verdict, entered.reasons, entered.status) == (
        Verdict.VIOLATION, (Reason.INSIDE_BEYOND_ERROR,), Status.PARTLY)  # fmt: skip
    grazed = answer([zone(area=(-300, 2, 300, 400))], **LOST)
    assert grazed.reasons[0] is not Reason.ZONE_UNREADABLE
    assert grazed.reasons[-1] is Reason.ZONE_UNREADABLE


def test_visits_out_of_force_are_counted():
    found = answer([during((300, 400)), during((300, 400)), zone(**BESIDE)])
    assert said(found) == "3 zones of z.geojson; 2 visits while not in force"
    assert (found.verdict, found.reasons) == (Verdict.CLEAR, (Reason.NOT_IN_FORCE,))


@pytest.mark.parametrize(("away_km", "status"), [(90, Status.CHECKED), (115, Status.NOT_CHECKED)])
def test_a_file_covers_a_hundred_kilometres_around(away_km, status):
    far = zone(area=(-300, away_km * 1_000, 300, away_km * 1_000 + 600))
    assert answer([far], sources=(GUESSED,)).status is status
    assert answer([far], sources=(GUESSED,), **LOST).status is Status.PARTLY
    assert answer([far]).status is Status.CHECKED  # a file that says that it speaks for France


def test_the_reasons_are_those_of_the_worst_findings():
    found = answer([zone(area=(-300, 2, 300, 400)), zone(), zone(stated_effect=Effect.INFORMATION)])
    assert (found.verdict, found.reasons) == (Verdict.VIOLATION, (Reason.INSIDE_BEYOND_ERROR,))


def test_positions_that_contradict_each_other_count_where_a_zone_is_near():
    flight = eastward(count=60)
    lat = flight.track.lat_deg.copy()
    lat[30:] += 0.02  # 2.2 km at once
    jump = make_flight(lat, flight.track.lon_deg, dt_s=1.0)
    near, far = zone(area=(-300, 3_500, 300, 4_000)), zone(area=(-300, -9_000, 300, -8_000))
    found = answer([near], flight=jump)
    assert (found.verdict, found.reasons) == (Verdict.INCONCLUSIVE, (Reason.LOG_SUSPECT,))
    assert answer([far], flight=jump).verdict is Verdict.CLEAR
    assert answer([far, near], flight=jump).verdict is Verdict.INCONCLUSIVE


# ---- whole turns


def test_a_band_around_the_world_has_no_edge_at_the_antimeridian():
    lon = 179.99 + 0.0002 * np.arange(101)
    made = make_flight(np.full(101, 5.0), lon, dt_s=1.0)
    band = Zone("w", "World", ZoneKind.RESTRICTED, Shape(shapely.box(-180, -10, 180, 10)), SOURCE)
    (finding,) = check(made, ZoneSet((band,), (SOURCE,))).findings
    assert finding.verdict is Verdict.VIOLATION
    assert (finding.enter_ns, finding.exit_ns) == (None, None)
    assert finding.duration_s == pytest.approx(100)


@pytest.mark.parametrize("edge", [Edge.PLANAR, Edge.GEODESIC])
@pytest.mark.parametrize("turn", [0.0, -360.0, 360.0, 720.0])
def test_a_zone_written_whole_turns_off_is_the_same(edge, turn):
    ring = PLANE.inverse([[-300, -300], [300, -300], [300, 300], [-300, 300]]) + np.array([turn, 0.0])
    area = Zone("t", "Turned", ZoneKind.RESTRICTED, Shape(shapely.Polygon(ring)), SOURCE, edge=edge)
    (finding,) = judged(eastward(), area).findings
    assert finding.duration_s == pytest.approx(40, abs=0.01)
    assert finding.depth_m == pytest.approx(300, abs=0.5)


# ---- heights


def layered(heights, upper_m=120.0, sigma_m=2.0, **more):
    count = len(heights)
    flight = eastward(count=count, start=-1.5 * count, dt_s=1.0, alt_amsl_m=heights, v_sigma_m=np.full(count, sigma_m))
    limits = {"upper": Limit(upper_m, Datum.AMSL), **more}
    return judged(flight, zone(area=(-90_000, -9_000, 90_000, 9_000), **limits)).findings


@pytest.mark.parametrize(("out_m", "count"), [(3.0, 1), (4.4, 1), (5.0, 2), (40.0, 2)])
def test_an_excursion_within_the_error_of_the_height_does_not_end_a_visit(out_m, count):
    """The band of a height good to 2 m is 4.65 m."""
    heights = np.full(100, 80.0)
    heights[45:55] = 120.0 + out_m
    found = layered(heights)
    assert len(found) == count
    assert all(f.verdict is Verdict.VIOLATION for f in found)
    assert len(found[0].rows) == 3 - count
    leave = 44 + 40 / (40 + out_m)
    assert found[0].rows[0][1] == pytest.approx(leave, abs=1e-6)
    assert found[-1].rows[-1][0] == pytest.approx(99 - leave, abs=1e-6)


@pytest.mark.parametrize(("height_m", "verdict", "reason"), [
    (114.0, Verdict.VIOLATION, Reason.INSIDE_BEYOND_ERROR),
    (117.0, Verdict.INCONCLUSIVE, Reason.VERTICAL_MARGIN_WITHIN_ERROR),
    (123.0, Verdict.INCONCLUSIVE, Reason.VERTICAL_MARGIN_WITHIN_ERROR), (126.0, None, None),
])  # fmt: skip
def test_the_height_decides_beyond_its_band(height_m, verdict, reason):
    found = layered(np.full(60, height_m))
    assert [f.verdict for f in found] == ([verdict] if verdict else [])
    if found:
        assert reason in found[0].reasons
        if verdict is Verdict.INCONCLUSIVE:
            assert "the standard error of the height is 2.0 m, and one below 1.3 m would settle it" in said(found[0])
            assert (Reason.NOT_ENTERED_ON_THE_LINE in found[0].reasons) == (height_m > 120)


def test_heights_known_in_parts():
    heights = np.full(90, 80.0)
    heights[50:70] = np.nan
    found = layered(heights)
    assert {f.verdict for f in found} == {Verdict.VIOLATION}
    assert all("not known well enough during other parts" in said(f) for f in found)
    heights[:50] = heights[70:] = 300.0
    (finding,) = layered(heights)
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert Reason.HEIGHT_UNKNOWN in finding.reasons
    assert "other parts" not in said(finding)
    assert "other parts" not in said(layered(np.full(90, 80.0))[0])


def test_the_least_height_above_is_the_closest_approach():
    heights = np.concatenate([np.linspace(300, 150, 40), np.linspace(151, 300, 40)])
    flight = eastward(count=80, start=-600, alt_amsl_m=heights, v_sigma_m=np.full(80, 2.0))
    result = judged(flight, zone(area=(-90_000, -9_000, 90_000, 9_000), upper=Limit(120.0, Datum.AMSL)))
    (near,) = [n for n in result.nearest if n.vertical]
    assert near.distance_m == pytest.approx(30)
    assert near.time_ns == flight.track.time_ns[39]
    assert not result.findings


def test_too_high_beside_a_zone_is_no_approach():
    beside = {"area": (-300, 2, 300, 400), "upper": Limit(120.0, Datum.AMSL)}
    for height_m, count in ((100.0, 1), (122.0, 1), (200.0, 0)):
        flight = eastward(alt_amsl_m=np.full(121, height_m), v_sigma_m=np.full(121, 2.0))
        assert len(judged(flight, zone(**beside)).findings) == count
        assert len(judged(flight, zone(doubt="its limits", **beside)).findings) == 1


# ---- effects, gaps, approaches


@pytest.mark.parametrize(("effect", "verdict"), [
    (Effect.CONDITIONAL, Verdict.CLEAR), (Effect.INFORMATION, Verdict.CLEAR),
    (Effect.NEEDS_AUTHORISATION, Verdict.VIOLATION), (Effect.FORBIDDEN, Verdict.VIOLATION),
])  # fmt: skip
def test_what_a_zone_means_for_the_verdict(effect, verdict):
    (found,) = judged(eastward(), zone(stated_effect=effect)).findings
    assert found.verdict is verdict
    assert (found.reasons[0] is Reason.CONDITIONAL_ZONE) == (verdict is Verdict.CLEAR)
    (found,) = judged(eastward(), zone(stated_effect=effect, doubt="its kind")).findings
    assert found.verdict is (verdict if verdict is Verdict.CLEAR else Verdict.INCONCLUSIVE)
    assert (Reason.ZONE_UNREADABLE in found.reasons) == (verdict is not Verdict.CLEAR)


@pytest.mark.parametrize(("far_m", "named"), [(28.0, True), (33.0, False)])
def test_a_gap_beside_an_approach_is_named_where_it_reaches_the_line(far_m, named):
    """3 s at 20 m/s: 30 m there and back; the band (3.49 m) does not count beside an approach within it."""
    y = np.concatenate([np.full(20, 2.0), np.linspace(2, far_m, 10), np.full(10, far_m)])
    dt = np.ones(39)
    dt[34] = 3.0
    lonlat = PLANE.inverse(np.column_stack([np.arange(40.0), -y]))
    made = make_flight(lonlat[:, 1], lonlat[:, 0], dt_s=dt)
    (found,) = judged(made, zone(area=(-900, 0, 900, 400))).findings
    assert Reason.MARGIN_WITHIN_ERROR in found.reasons
    assert (Reason.SAMPLING_GAP in found.reasons) == named


def test_the_nearest_are_told_closest_first_and_up_to_five_kilometres():
    def at(y, name):
        made = zone(area=(-300, y, 300, y + 300))
        return Zone(name, name, made.kind, made.shape, made.source)

    result = judged(eastward(), at(4_900, "c"), at(700, "b"), at(-600, "a"), at(5_200, "d"))
    assert [(n.zone.id, round(n.distance_m)) for n in result.nearest] == [("a", 300), ("b", 700), ("c", 4_900)]


def test_deep_inside_a_large_zone_the_outline_is_still_measured():
    """24 and 90 km from the nearest parallel: beyond the 5 km that are looked at first."""
    for up_deg in (0.22, 0.8):
        north = 47.0 + up_deg
        area = Zone("l", "Large", ZoneKind.RESTRICTED, Shape(shapely.box(-2, 45, 6, north)), SOURCE)
        (found,) = judged(eastward(), area).findings
        assert found.depth_m == pytest.approx(geodesic_m(2.0, 47.0, 2.0, north)[0], rel=1e-3)


def test_findings_are_in_the_order_in_which_they_begin():
    west, east = zone(area=(-500, -50, -400, 50)), zone(area=(400, -50, 500, 50))
    found = judged(eastward(), east, west, zone(area=(-100, -50, 100, 50))).findings
    begins = [f.rows[0][0] for f in found]
    assert len(begins) == 3
    assert begins == sorted(begins)


def test_no_position_is_no_answer():
    result = check(make_flight([], []), ZoneSet((zone(),), (SOURCE,)))
    (found,) = [c for c in result.checks if c.question is Topic.AIRSPACE]
    assert (found.verdict, found.reasons) == (Verdict.INCONCLUSIVE, (Reason.NO_POSITION,))


# ---- words and figures of a finding


def flown(x, y, dt_s, **options):
    lonlat = PLANE.inverse(np.column_stack([x, y]))
    return make_flight(lonlat[:, 1], lonlat[:, 0], dt_s=dt_s, **options)


def test_a_gap_beside_a_zone_is_told_by_its_two_fixes():
    x = np.array([-200.0, -185, -170, -155, 155, 170, 185])
    made = flown(x, np.zeros(7), [1.0, 1, 1, 60, 1, 1], alt_amsl_m=[90.0, 80, 70, 60, 50, 40, 30])
    (found,) = judged(made, zone(area=(-100, 200, 100, 400))).findings
    start = int(made.track.time_ns[0])
    assert [(t - start) / 1e9 for t in (found.enter_ns, found.exit_ns)] == [3, 63]
    assert found.rows == ((3.0, 4.0),)
    assert [e.row for e in found.evidence] == [3, 4]
    assert (found.alt_min_m, found.alt_max_m) == (50, 60)
    assert found.reasons == (Reason.NOT_ENTERED_ON_THE_LINE, Reason.SAMPLING_GAP)
    assert found.probability_upper is None
    detour_m = 2 * np.hypot(155, 200) - 2 * (np.hypot(155, 200) - np.hypot(155, 200))
    assert "no fix for 1 min" in said(found)
    assert f"only above {detour_m / 60:.1f} m/s" in said(found)


def test_what_would_settle_an_open_visit_is_said():
    strip = zone(area=(-30, -900, 30, 900))
    (found,) = judged(flown([-200.0, -150, 150, 200], np.zeros(4), [3.0, 30, 3]), strip).findings
    assert "there was no fix for 30 s" in said(found)
    assert Reason.SAMPLING_GAP in found.reasons
    (found,) = judged(flown([-60.0, -50, 0, 50, 60], np.zeros(5), 0.4, sigma_m=1.0), strip).findings
    assert found.reasons == (Reason.SINGLE_FIX,)
    assert "3 fixes or 1 s inside would settle it" in said(found)
    (found,) = judged(eastward(y=-298.0), zone()).findings
    assert (
        "2.0 m inside at the deepest, for 40 s, 600 m of path; fixes and outline together are known to 3.5 m here"
        in said(found)
    )
    assert "fixes with a standard error below 0.9 m would settle it" in said(found)
    (found,) = judged(eastward(), zone()).findings
    assert "would settle it" not in said(found)


@pytest.mark.parametrize(
    ("away_km", "told"), [(10, ""), (30, "none of them within 20 km"), (70, "none of them within 50 km")]
)
def test_a_file_of_zones_that_are_all_far_is_questioned(away_km, told):
    far = zone(area=(-300, away_km * 1_000, 300, away_km * 1_000 + 600))
    found = answer([far])
    assert found.verdict is Verdict.CLEAR
    assert ("within" in said(found)) is bool(told)
    assert told in said(found)


@pytest.mark.parametrize("is_exchanged", [False, True])
def test_exchanged_coordinates_are_suspected_only_where_they_would_fit(is_exchanged):
    here = zone().shape.geometry
    lands_m = {True: (0.0, 1.0), False: (5.0, 1.0)}[is_exchanged]
    swapped = shapely.transform(here, lambda xy: xy[:, ::-1] + np.array(lands_m))
    found = answer([Zone("z", "z", ZoneKind.RESTRICTED, Shape(swapped), GUESSED)], sources=(GUESSED,))
    assert (found.status, found.reasons) == (Status.NOT_CHECKED, (Reason.NOT_COVERED,))
    assert ("longitude first" in said(found)) is is_exchanged
