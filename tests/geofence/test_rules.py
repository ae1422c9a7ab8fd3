"""The rules of the country on the day: heights in the law's own reference, speeds, dates, places, and the verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dronecheck.errors import UsageError
from dronecheck.geofence.answers.by_rules import RuleOutcome, RuleStatus
from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import FindingKind, Status, Topic, Verdict
from dronecheck.geofence.settings import Authorisation, Settings
from dronecheck.timebase import moment_ns
from tests.conftest import make_flight

GERMANY, KANSAS, CHINA, CANADA = (51.0, 10.0), (38.5, -98.0), (34.0, 113.0), (52.0, -106.0)
NOON_UTC = {GERMANY: "2025-06-01T10:00:00Z", KANSAS: "2025-06-01T18:00:00Z", CHINA: "2025-06-01T04:00:00Z",
            CANADA: "2025-06-01T18:00:00Z"}  # fmt: skip
K = 2.3263


def flown(place, heights=None, *, at=None, speed=5.0, count=60, **columns):
    """A minute over one place, up in the air all the time."""
    lat, lon = place
    start_ns = moment_ns(at or NOON_UTC[place])
    heights = {name: np.broadcast_to(np.asarray(value, dtype=float), count) for name, value in (heights or {}).items()}
    return make_flight(
        np.full(count, lat), lon + np.arange(count) * 1e-5, dt_s=1.0, start_ns=start_ns,
        speed_mps=np.broadcast_to(np.asarray(speed, dtype=float), count), **heights, **columns,
    )  # fmt: skip


def of_rule(result, rule_id):
    (answer,) = (a for a in result.by_rules.answers if a.rule.id == rule_id)
    return answer


def rules_check(result):
    return next((c for c in result.checks if c.question is Topic.RULES), None)


class Plane:
    """A plane of ground that falls to the east by a slope, through 200 m above the sea at the first fix."""

    sources = ()

    def __init__(self, lon_deg, slope_deg=0.0, sigma_m=1.0):
        self.lon_deg, self.fall, self.sigma_m = lon_deg, np.tan(np.radians(slope_deg)), sigma_m
        self.cosine = np.cos(np.radians(slope_deg))

    def ground_amsl_m(self, lon_deg, lat_deg):
        east_m = (np.asarray(lon_deg) - self.lon_deg) * 111_195.0 * np.cos(np.radians(np.asarray(lat_deg)))
        return 200.0 - self.fall * east_m, np.full(len(lon_deg), self.sigma_m)

    def closest_surface_m(self, lon_deg, lat_deg, alt_amsl_m):
        ground_m, _ = self.ground_amsl_m(lon_deg, lat_deg)  # of a plane: the height times the cosine of its slope
        return (np.asarray(alt_amsl_m) - ground_m) * self.cosine


# ---- heights in the law's own reference


def above_plane(place, agl_m, slope_deg, **columns):
    ground = Plane(place[1], slope_deg)
    lon = place[1] + np.arange(60) * 1e-5
    below_m, _ = ground.ground_amsl_m(lon, np.full(60, place[0]))
    return flown(place, {"alt_amsl_m": below_m + agl_m, "v_sigma_m": 0.5}, **columns), ground


@pytest.mark.parametrize(("slope_deg", "outcome"), [(0.0, "exceeded"), (25.0, "open"), (30.0, "within")])
def test_straight_down_and_to_the_closest_point_are_two_heights(slope_deg, outcome):
    """130 m straight down are 130, 117.8 and 112.6 m from ground that falls by 0, 25 and 30 degrees."""
    flight, ground = above_plane(GERMANY, 130.0, slope_deg)
    answer = of_rule(check(flight, ground=ground), "eu-open-height")
    assert answer.value == pytest.approx(130.0 * np.cos(np.radians(slope_deg)), abs=0.05)
    assert (answer.status, answer.outcome) == (RuleStatus.CHECKED, RuleOutcome(outcome))
    assert answer.sigma == pytest.approx(np.hypot(0.5, 1.0), rel=1e-6)


def test_true_height_is_straight_down_on_any_slope():
    flight, ground = above_plane(CHINA, 130.0, 25.0)
    answer = of_rule(check(flight, ground=ground), "china-height")
    assert (answer.value, answer.outcome) == (pytest.approx(130.0, abs=0.01), RuleOutcome.EXCEEDED)
    assert answer.beyond == pytest.approx(10.0, abs=0.01)
    assert answer.beyond_s == pytest.approx(59.0)


def test_above_the_limit_straight_down_proves_nothing_without_terrain():
    """The log's own height above ground: within the limit it decides, above it a slope may be nearer."""
    low = check(flown(GERMANY, {"alt_agl_m": 90.0, "v_sigma_m": 1.0}))
    assert of_rule(low, "eu-open-height").outcome is RuleOutcome.WITHIN
    high = of_rule(check(flown(GERMANY, {"alt_agl_m": 150.0, "v_sigma_m": 1.0})), "eu-open-height")
    assert (high.outcome, high.reasons[:1]) == (RuleOutcome.OPEN, (Reason.SURFACE_UNKNOWN,))
    assert of_rule(check(flown(CHINA, {"alt_agl_m": 150.0, "v_sigma_m": 1.0})), "china-height").outcome == "exceeded"


@pytest.mark.parametrize(
    ("sigmas", "outcome"), [(-1.05, "within"), (-0.95, "open"), (0.95, "open"), (1.05, "exceeded")]
)
def test_a_limit_is_decided_beyond_the_guard_band(sigmas, outcome):
    sigma_m = np.hypot(1.0, 4.0)  # the log's and the model's behind it
    flight = flown(CHINA, {"alt_agl_m": 120.0 + sigmas * K * sigma_m, "v_sigma_m": 1.0})
    assert of_rule(check(flight), "china-height").outcome == outcome


@pytest.mark.parametrize("place", [GERMANY, CHINA, KANSAS])
def test_height_above_takeoff_alone_proves_neither(place):
    """119 m above take-off beyond a cliff are no 119 m above ground; nor are 60 m."""
    for height_m in (60.0, 119.0, 200.0):
        heights = np.concatenate([[0.0, 0.0], np.full(58, height_m)])
        flight = flown(place, {"alt_home_m": heights}, speed=np.concatenate([[0.0, 0.0], np.full(58, 20.0)]))
        lon_deg = place[1] + np.concatenate([[0.0], np.arange(59) * 3e-4])  # off the place of the take-off at once
        flight = replace(flight, tracks={"gnss": flight.track.replace(lon_deg=lon_deg)})
        found = [a for a in check(flight).by_rules.answers if a.rule.quantity.value in
                 ("distance_to_surface", "height_agl", "height_agl_or_structure")]  # fmt: skip
        assert found
        for answer in found:
            assert answer.outcome is RuleOutcome.OPEN
            assert answer.status is not RuleStatus.CHECKED
            assert Reason.NO_TERRAIN in answer.reasons
            assert any(c.values.get("height_m") == pytest.approx(height_m) for c in answer.clauses)


@pytest.mark.parametrize(("top_m", "outcome"), [(80.0, "within"), (110.0, "open"), (165.0, "exceeded")])
def test_a_stated_relief_bounds_the_distance_to_all_ground(top_m, outcome):
    flight = flown(GERMANY, {"alt_home_m": top_m})
    assert of_rule(check(flight, settings=Settings(relief_m=20.0)), "eu-open-height").outcome == outcome


def test_a_structure_may_lift_the_limit():
    flight = flown(KANSAS, {"alt_agl_m": 200.0, "v_sigma_m": 1.0})
    answer = of_rule(check(flight), "faa-107-height")
    assert (answer.outcome, answer.reasons[0]) == (RuleOutcome.OPEN, Reason.STRUCTURE_UNKNOWN)
    assert answer.beyond == pytest.approx(200.0 - 121.92)
    low = of_rule(check(flown(KANSAS, {"alt_agl_m": 90.0, "v_sigma_m": 1.0})), "faa-107-height")
    assert low.outcome is RuleOutcome.WITHIN


def test_many_fixes_above_a_limit_are_measured_at_some_and_decided_at_all():
    count = 3_000
    flight = flown(GERMANY, {"alt_amsl_m": 380.0, "v_sigma_m": 0.5}, count=count)
    answer = of_rule(check(flight, ground=Plane(GERMANY[1])), "eu-open-height")
    assert (answer.status, answer.outcome) == (RuleStatus.CHECKED, RuleOutcome.EXCEEDED)
    assert answer.beyond_s == pytest.approx(count - 1)


# ---- speed


@pytest.mark.parametrize(
    ("speed", "outcome"), [(43.5, "within"), (44.72, "open"), (44.0, "open"), (45.5, "open"), (46.0, "exceeded")]
)
def test_between_87_knots_and_100_miles_an_hour_it_is_open(speed, outcome):
    """87 kt are 44.757 m/s, 100 mph 44.704; a logged speed is good to 0.5 m/s."""
    flight = flown(KANSAS, speed=speed)
    flight = replace(flight, tracks={"gnss": flight.track.replace(lon_deg=KANSAS[1] + np.arange(60) * 5e-4)})
    answer = of_rule(check(flight), "faa-107-speed")
    assert answer.outcome == outcome
    assert answer.value == pytest.approx(speed)


def test_the_band_of_two_figures_is_as_wide_as_they_differ():
    flight = flown(KANSAS, speed=44.73)
    exact = Settings(thresholds=replace(Settings().thresholds, speed_sigma_mps=1e-6))
    for speed, outcome in ((44.7030, "within"), (44.7045, "open"), (44.7560, "open"), (44.7580, "exceeded")):
        told = replace(flight, tracks={"gnss": flight.track.replace(speed_mps=np.full(60, speed))})
        assert of_rule(check(told, settings=exact), "faa-107-speed").outcome == outcome, speed


# ---- the verdict


def high():
    return above_plane(GERMANY, 150.0, 0.0)


def test_the_rules_of_the_place_inform_and_change_no_verdict():
    flight, ground = high()
    result, without = check(flight, ground=ground), check(flight, settings=Settings(rule_packs=None), ground=ground)
    assert of_rule(result, "eu-open-height").outcome is RuleOutcome.EXCEEDED
    assert rules_check(result) is None
    assert (result.verdict, result.checks, result.findings) == (without.verdict, without.checks, without.findings)
    assert without.by_rules.answers == ()


def test_a_named_pack_reaches_the_verdict():
    flight, ground = high()
    result = check(flight, settings=Settings(rule_packs=("EU-Open",)), ground=ground)
    assert (result.verdict, rules_check(result).verdict) == (Verdict.VIOLATION, Verdict.VIOLATION)
    (finding,) = result.findings
    assert (finding.kind, finding.zone.id) == (FindingKind.RULE_LIMIT, "eu-open-height")
    assert finding.depth_m == pytest.approx(30.0, abs=0.05)
    exceptions = [c.values for c in finding.clauses if c.code == "rule_unless"]
    assert "105 m" in exceptions[0]["exceptions"]
    low, ground = above_plane(GERMANY, 50.0, 0.0)
    result = check(low, settings=Settings(rule_packs=("eu-open",)), ground=ground)
    assert (result.verdict, rules_check(result).status) == (Verdict.CLEAR, Status.CHECKED)


@pytest.mark.parametrize(
    ("flight", "reason"),
    [
        (flown(GERMANY, {"alt_home_m": 50.0}), Reason.NO_TERRAIN),
        (flown(GERMANY), Reason.NO_TERRAIN),
        (flown(KANSAS, {"alt_agl_m": 50.0}), Reason.RULES_NOT_OF_PLACE),
        (flown(GERMANY, {"alt_agl_m": 50.0}, at="2020-06-01T10:00:00Z"), Reason.RULES_NOT_IN_FORCE),
        (flown((0.0, -30.0), {"alt_agl_m": 50.0}, at="2025-06-01T10:00:00Z"), Reason.RULES_NOT_OF_PLACE),
        (make_flight(np.full(9, 51.0), np.full(9, 10.0), utc=False, alt_agl_m=np.full(9, 50.0)), Reason.DATE_UNKNOWN),
        (make_flight([], []), Reason.NO_POSITION),
        (make_flight([51.0], [10.0], alt_agl_m=[50.0], speed_mps=[9.0]), Reason.TOO_FEW_FIXES),
        (flown(GERMANY, {"alt_home_m": 0.0}, speed=0.0), Reason.NOTHING_FLOWN),
    ],
)  # fmt: skip
def test_a_named_pack_that_could_not_be_checked_is_not_clear(flight, reason):
    result = check(flight, settings=Settings(rule_packs=("eu-open",)))
    assert (result.verdict, rules_check(result).verdict) == (Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE)
    assert reason in rules_check(result).reasons
    assert rules_check(result).status is not Status.NOT_CHECKED


def test_rules_that_only_inform_reach_no_verdict():
    night = flown(GERMANY, {"alt_agl_m": 50.0, "v_sigma_m": 1.0}, at="2025-06-01T23:00:00Z")
    result = check(night, settings=Settings(rule_packs=("eu-open",)))
    assert of_rule(result, "eu-open-night-light").outcome is RuleOutcome.EXCEEDED
    assert (result.verdict, result.findings) == (Verdict.CLEAR, ())


def test_leave_covers_a_rule_by_its_id():
    flight, ground = high()
    begin, end = int(flight.track.time_ns[0]), int(flight.track.time_ns[-1])

    def judged(*spans):
        leave = tuple(Authorisation("eu-open-height", a, b, "permit 7") for a, b in spans)
        asked = Settings(rule_packs=("eu-open",), authorisations=leave)
        return check(flight, settings=asked, ground=ground)

    assert judged((begin, end + 1)).verdict is Verdict.CLEAR
    assert judged((begin, end + 1)).findings[0].authorised_by == ("permit 7",)
    assert judged((begin, end - 10**9)).verdict is Verdict.VIOLATION
    assert judged((end + 1, None)).verdict is Verdict.VIOLATION


def test_an_unknown_pack_names_those_that_there_are():
    with pytest.raises(UsageError, match="eu-open"):
        Settings(rule_packs=("eu-closed",))


# ---- weight


def test_a_rule_of_some_weights_is_open_where_nobody_gave_one():
    """901.25 speaks of aircraft from 250 g on."""
    flight = flown(CANADA, {"alt_agl_m": 90.0, "v_sigma_m": 1.0})
    assert of_rule(check(flight), "canada-height").outcome is RuleOutcome.WITHIN
    ids = [a.rule.id for a in check(flight, settings=Settings(weight_g=249.0)).by_rules.answers]
    assert "canada-height" not in ids
    ids = [a.rule.id for a in check(flight, settings=Settings(weight_g=250.0)).by_rules.answers]
    assert "canada-height" in ids


# ---- days


@pytest.mark.parametrize(
    ("at", "ids"),
    [
        ("2022-06-29T12:00:00Z", {"eu-open-height"}),
        ("2022-07-02T12:00:00Z", {"eu-open-height", "eu-open-night-light"}),
        ("2020-12-29T12:00:00Z", set()),
        ("2021-01-02T12:00:00Z", {"eu-open-height"}),
    ],
)
def test_an_edition_holds_from_its_day_on(at, ids):
    told = check(flown(GERMANY, {"alt_agl_m": 50.0}, at=at)).by_rules
    assert {a.rule.id for a in told.answers} == ids


def test_around_midnight_of_a_change_both_editions_are_asked_and_neither_is_sure():
    """Of 2021-04-21 on, part 107 lets who is trained fly at night: in Kansas midnight is near 06:00 UTC."""
    night = flown(KANSAS, {"alt_agl_m": 50.0}, at="2021-04-21T05:30:00Z")
    editions = [a for a in check(night).by_rules.answers if a.rule.id == "faa-107-night"]
    assert [a.rule.informs for a in editions] == [False, True]
    assert all(a.outcome is RuleOutcome.OPEN and Reason.RULE_EDITION_UNKNOWN in a.reasons for a in editions)
    for at, informs in (("2021-04-20T03:30:00Z", False), ("2021-04-22T04:30:00Z", True)):
        (one,) = [a for a in check(flown(KANSAS, at=at)).by_rules.answers if a.rule.id == "faa-107-night"]
        assert (one.rule.informs, one.outcome) == (informs, RuleOutcome.EXCEEDED)
