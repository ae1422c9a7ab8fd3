"""Whose rules hold where and when: borders between packs, leaving a country, the dark by two definitions, clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from dronecheck.flight import Clock, ClockSource
from dronecheck.geofence.answers.by_rules import RuleOutcome, RuleStatus
from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.engine import check
from dronecheck.geofence.questions.rules.days import law_days
from dronecheck.geofence.result import Topic, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.timebase import moment_ns
from tests.conftest import make_flight


def way(begin, end, *, at, count=240, agl_m=200.0, **columns):
    """From one place to another, straight, at one height above the ground as the log measures it."""
    lat, lon = (np.linspace(a, b, count) for a, b in zip(begin, end, strict=True))
    return make_flight(
        lat, lon, dt_s=1.0, start_ns=moment_ns(at), alt_agl_m=np.full(count, agl_m), v_sigma_m=np.ones(count),
        speed_mps=np.full(count, 20.0), **columns,
    )  # fmt: skip


def by_id(result):
    return {answer.rule.id: answer for answer in result.by_rules.answers}


def checked(result, topic=Topic.RULES):
    return next(c for c in result.checks if c.question is topic)


# ---- whose rules: the 49th parallel west of the Great Lakes is the border of Canada and the USA

NOON = "2025-06-01T18:00:00Z"
NORTH, SOUTH = (49.03, -105.0), (48.97, -105.0)


def test_each_part_of_a_flight_is_asked_by_the_rules_of_its_own_place():
    """North of the border 50 m above ground, south of it 200 m: only the American rule may be passed."""
    count = 240
    flight = way(NORTH, SOUTH, at=NOON, count=count)
    flight = replace(
        flight, tracks={"gnss": flight.track.replace(alt_agl_m=np.where(flight.track.lat_deg > 49.0, 50.0, 200.0))}
    )
    told = by_id(check(flight))
    assert (told["canada-height"].value, told["canada-height"].outcome) != (pytest.approx(200.0), RuleOutcome.EXCEEDED)
    assert told["faa-107-height"].reasons[0] is Reason.STRUCTURE_UNKNOWN
    assert Reason.TERRITORY_UNCERTAIN in told["canada-height"].reasons  # within the decision band of the border
    for answer in told.values():
        if answer.rule.id != "canada-leave":
            assert answer.status is RuleStatus.PARTLY
            assert 0.0 < answer.share < 1.0


def test_leaving_the_country_is_seen_and_staying_is_kept():
    """CARs 901.13."""
    asked = Settings(home="CAN", rule_packs=("canada",), weight_g=900.0)
    left = check(way(NORTH, SOUTH, at=NOON, agl_m=50.0), settings=asked)
    answer = by_id(left)["canada-leave"]
    assert answer.outcome is RuleOutcome.EXCEEDED
    assert answer.value == pytest.approx(0.03 * 111_200, rel=0.05)  # the border wanders about the parallel
    assert [f.verdict for f in left.findings if f.zone.id == "canada-leave"] == [Verdict.VIOLATION]
    stayed = check(way(NORTH, (49.06, -105.0), at=NOON, agl_m=50.0), settings=asked)
    assert by_id(stayed)["canada-leave"].outcome is RuleOutcome.WITHIN
    assert (stayed.verdict, checked(stayed).verdict) == (Verdict.CLEAR, Verdict.CLEAR)
    near = check(way(NORTH, (48.9992, -105.0), at=NOON, agl_m=50.0), settings=asked)  # on the line, within metres
    assert by_id(near)["canada-leave"].outcome is RuleOutcome.OPEN
    assert checked(near).verdict is Verdict.INCONCLUSIVE


def test_without_a_weight_a_rule_that_was_passed_is_open():
    left = check(way(NORTH, SOUTH, at=NOON, agl_m=50.0), settings=Settings(rule_packs=("canada",)))
    answer = by_id(left)["canada-leave"]
    assert (answer.outcome, Reason.WEIGHT_UNKNOWN in answer.reasons) == (RuleOutcome.OPEN, True)
    assert checked(left).verdict is Verdict.INCONCLUSIVE


def test_between_two_territories_of_one_pack_it_is_in_either():
    """Over the Rhine between France and Germany the Union's rule holds on both banks."""
    flight = way((48.57, 7.78), (48.57, 7.84), at="2025-06-01T10:00:00Z", agl_m=50.0)
    answer = by_id(check(flight))["eu-open-height"]
    assert (answer.status, answer.outcome) == (RuleStatus.CHECKED, RuleOutcome.WITHIN)
    assert set(answer.territories) == {"FRA", "DEU"}


def test_of_a_territory_without_a_pack_it_is_said_so():
    told = check(way((40.2, 124.7), (40.21, 124.7), at="2025-06-01T04:00:00Z")).by_rules  # Sinuiju's hinterland
    assert (told.unknown, told.answers) == (("North Korea",), ())
    assert check(way((0.0, -30.0), (0.0, -30.01), at=NOON)).by_rules.unknown == ()  # open sea


def test_far_from_any_border_no_outline_is_loaded(monkeypatch):
    from dronecheck.geofence.trajectory import distance_profile

    monkeypatch.setattr(distance_profile, "trace", None)
    assert by_id(check(way((38.5, -98.0), (38.51, -98.0), at=NOON)))


# ---- the dark


def astral_instant(place, day, depression):
    astral = pytest.importorskip("astral")
    from astral import sun

    there = astral.Observer(*place)
    return sun.dusk(there, day, depression) if depression else sun.sunset(there, day)


@pytest.mark.parametrize("place", [(51.0, 10.0), (38.0, 23.7), (60.2, 24.9)])
@pytest.mark.parametrize(("minutes", "outcome"), [(-3.5, "within"), (-1.0, "open"), (1.0, "open"), (3.5, "exceeded")])
def test_civil_twilight_ends_where_an_almanac_has_it(place, minutes, outcome):
    dusk = astral_instant(place, date(2025, 3, 1), 6.0) + timedelta(minutes=minutes)
    flight = make_flight(np.full(9, place[0]), np.full(9, place[1]), dt_s=1.0, start_ns=round(dusk.timestamp() * 1e9))
    assert by_id(check(flight))["eu-open-night-light"].outcome == outcome


@pytest.mark.parametrize(("minutes", "outcome"), [(25.0, "within"), (29.0, "open"), (31.0, "open"), (35.0, "exceeded")])
def test_half_an_hour_after_sunset_in_kansas(minutes, outcome):
    """14 CFR 107.29(c)(2); civil twilight ends at 27 minutes there."""
    sunset = astral_instant((38.5, -98.0), date(2025, 3, 1), 0.0) + timedelta(minutes=minutes)
    flight = make_flight(np.full(9, 38.5), np.full(9, -98.0), dt_s=1.0, start_ns=round(sunset.timestamp() * 1e9))
    assert by_id(check(flight))["faa-107-twilight"].outcome == outcome


def test_a_poor_clock_widens_what_is_open():
    dusk = astral_instant((51.0, 10.0), date(2025, 3, 1), 6.0) + timedelta(minutes=8)
    flight = make_flight(np.full(9, 51.0), np.full(9, 10.0), dt_s=1.0, start_ns=round(dusk.timestamp() * 1e9))
    assert by_id(check(flight))["eu-open-night-light"].outcome is RuleOutcome.EXCEEDED
    poor = replace(flight, clock=Clock(True, ClockSource.GNSS, 300.0))
    assert by_id(check(poor))["eu-open-night-light"].outcome is RuleOutcome.OPEN


def test_on_svalbard_in_june_it_is_never_dark_and_in_december_always():
    for month, outcome in ((6, RuleOutcome.WITHIN), (12, RuleOutcome.EXCEEDED)):
        start = datetime(2025, month, 21, 23, tzinfo=UTC)
        flight = make_flight(np.full(9, 69.6), np.full(9, 19.0), dt_s=1.0, start_ns=round(start.timestamp() * 1e9))
        night = [a for a in check(flight).by_rules.answers if a.rule.quantity == "sun_elevation"]  # Tromso
        assert [a.outcome for a in night] == [outcome]


def test_what_stands_on_the_ground_in_the_dark_is_not_flown():
    """The log runs for ten minutes of the night before a flight in the dawn's light."""
    heights = np.concatenate([np.zeros(600), np.full(60, 30.0)])
    speeds = np.concatenate([np.zeros(600), np.full(60, 5.0)])
    dawn = astral_instant((51.0, 10.0), date(2025, 3, 1), 6.0)
    end_ns = round((dawn - timedelta(minutes=3)).timestamp() * 1e9)  # the evening, mirrored: dark comes after
    flight = make_flight(
        np.full(660, 51.0), np.full(660, 10.0), dt_s=1.0, start_ns=end_ns - 60 * 10**9, alt_home_m=heights[::-1].copy(),
        speed_mps=speeds[::-1].copy(),
    )  # fmt: skip
    assert by_id(check(flight))["eu-open-night-light"].outcome is RuleOutcome.WITHIN


# ---- the day, and the clock


@pytest.mark.parametrize(
    ("lon", "at", "days"),
    [
        (10.0, "2025-06-01T12:00:00Z", ("2025-06-01", "2025-06-01")),
        (10.0, "2025-06-01T22:30:00Z", ("2025-06-01", "2025-06-02")),  # midnight in summer there
        (75.0, "2025-06-01T17:00:00Z", ("2025-06-01", "2025-06-02")),  # one in the morning by Beijing's clock
        (-98.0, "2025-06-02T04:00:00Z", ("2025-06-01", "2025-06-02")),
        (-98.0, "2025-06-02T02:00:00Z", ("2025-06-01", "2025-06-01")),
        (179.0, "2025-06-01T12:00:00Z", ("2025-05-31", "2025-06-03")),  # either side of the date line
    ],
)
def test_the_local_day_holds_what_any_clock_there_says(lon, at, days):
    flight = make_flight([0.0, 0.0], [lon, lon], start_ns=moment_ns(at))
    first, last = law_days(flight.track, flight.clock)
    assert (first.isoformat(), last.isoformat()) == days


ENDS = {  # of countries by their official time: west and east, degrees
    "Europe/Madrid": (-9.3, 4.3), "Asia/Shanghai": (73.6, 134.7), "America/New_York": (-84.8, -67.0),
    "America/Anchorage": (-149.9, -130.0), "Asia/Kolkata": (68.2, 97.4), "Australia/Perth": (112.9, 129.0),
    "Asia/Tokyo": (123.0, 145.8), "Europe/London": (-8.2, 1.8),
}  # fmt: skip


@pytest.mark.parametrize("zone", ENDS)
def test_the_local_day_of_official_time_is_among_those_asked(zone):
    """Ends of each country, every hour of two days a year apart by half: official time is never outside."""
    from zoneinfo import ZoneInfo

    for lon in ENDS[zone]:
        for start in (datetime(2025, 1, 10, tzinfo=UTC), datetime(2025, 7, 10, tzinfo=UTC)):
            for hour in range(25):
                moment = start + timedelta(hours=hour)
                flight = make_flight([50.0, 50.0], [lon, lon], start_ns=round(moment.timestamp() * 1e9))
                first, last = law_days(flight.track, flight.clock)
                assert first <= moment.astimezone(ZoneInfo(zone)).date() <= last


def test_an_assumed_time_zone_tells_no_night():
    flight = way((51.0, 10.0), (51.001, 10.0), at="2025-06-01T23:00:00Z", agl_m=50.0)
    assumed = replace(flight, clock=Clock(True, ClockSource.HOST, 1.0, is_assumed=True))
    answer = by_id(check(assumed))["eu-open-night-light"]
    assert (answer.status, answer.reasons) == (RuleStatus.NOT_CHECKABLE, (Reason.CLOCK_UNCERTAIN,))
    unknown = replace(flight, clock=Clock(False, ClockSource.NONE, float("nan")))
    for answer in check(unknown).by_rules.answers:
        assert (answer.status, answer.outcome) == (RuleStatus.NOT_CHECKABLE, RuleOutcome.OPEN)
        assert Reason.DATE_UNKNOWN in answer.reasons
