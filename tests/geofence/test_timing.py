"""When zones are in force: against a plain evaluation of one second after the other, and against the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSource
from dronecheck.geo.outline.shape import Shape
from dronecheck.geo.sun import CIVIL_TWILIGHT_DEG, SUNSET_DEG, sun_elevation_deg
from dronecheck.geofence.activation.periods import active_periods_of, always_active
from dronecheck.geofence.result import Place
from tests.support.growth import assert_linear
from tests.support.scale import examples

S = 1_000_000_000
PARIS = Place(48.85, 2.35)
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def zone(schedule=ALWAYS, valid_from=None, valid_to=None):
    return Zone("z", "z", ZoneKind.RESTRICTED, Shape(shapely.box(0, 0, 1, 1)), ZoneSource("t", "0" * 64),
                valid_from_ns=valid_from, valid_to_ns=valid_to, schedule=schedule)  # fmt: skip


def ns(text):
    return round(datetime.fromisoformat(text).timestamp()) * S


def clock(text):
    hours, minutes = text.split(":")
    return DayTime(int(hours) * 3600.0 + int(minutes) * 60.0)


def daily(start, end, *days):
    times = [clock(t) if ":" in t else DayTime(event=SunEvent(t)) for t in (start, end)]
    return DailyPeriod(*times, frozenset(days))


def force(*periods, begin, end, place=PARIS, band_s=0.0, unknown="", **span):
    return active_periods_of(zone(Schedule((Span(daily=periods, **span),), unknown)), place, ns(begin), ns(end), band_s)


def times(found):
    def text(moment):
        return datetime.fromtimestamp(moment / S, UTC).strftime("%a %H:%M:%S")

    return [(text(a), text(b)) for a, b in found.tolist()]


def test_saturday_is_the_utc_saturday_wherever_the_zone_is():
    for place in (PARIS, Place(-36.8, 174.8), Place(21.3, -157.8)):
        found = force(daily("00:00", "24:00", SAT), begin="2025-06-13T00:00Z", end="2025-06-17T00:00Z", place=place)
        assert times(found.active) == [("Sat 00:00:00", "Sun 00:00:00")]


def test_an_overnight_period_belongs_to_the_day_on_which_it_starts():
    week = {"begin": "2025-06-09T00:00Z", "end": "2025-06-16T00:00Z"}
    assert times(force(daily("22:00", "06:00", SAT), **week).active) == [("Sat 22:00:00", "Sun 06:00:00")]
    found = force(daily("22:00", "06:00", SUN), **week)  # Sunday before the week begins, and the one at its end
    assert times(found.active)[0] == ("Mon 00:00:00", "Mon 06:00:00")
    assert times(found.active)[1][0] == "Sun 22:00:00"


def test_equal_times_and_24_00_are_whole_days():
    for start, end in (("00:00", "24:00"), ("00:00", "00:00"), ("24:00", "24:00")):
        found = force(daily(start, end), begin="2025-06-09T00:00Z", end="2025-06-16T00:00Z")
        assert len(found.active) == 1
        assert Schedule((Span(daily=(daily(start, end),)),)).is_always
    assert not Schedule((Span(daily=(daily("00:00", "24:00", MON),)),)).is_always


def test_the_end_of_a_period_is_not_in_it():
    at_ten = ns("2025-06-10T10:00Z")
    period = zone(Schedule((Span(daily=(daily("09:00", "10:00"),)),)))
    assert len(active_periods_of(period, PARIS, at_ten - 1, at_ten - 1, 0.0).active)
    assert not len(active_periods_of(period, PARIS, at_ten, at_ten, 0.0).active)
    dated = zone(valid_to=at_ten)
    assert len(active_periods_of(dated, PARIS, at_ten - 1, at_ten - 1, 0.0).active)
    assert not len(active_periods_of(dated, PARIS, at_ten, at_ten, 0.0).active)


def test_summer_time_changes_nothing():
    """The nights of 30 March and 26 October 2025, when clocks in Paris are put forward and back."""
    for day in ("2025-03-30", "2025-10-26"):
        found = force(daily("01:00", "04:00"), begin=f"{day}T00:00Z", end=f"{day}T23:00Z")
        assert times(found.active) == [("Sun 01:00:00", "Sun 04:00:00")]


def test_the_clock_takes_from_what_is_sure_and_adds_to_what_is_possible():
    found = force(daily("10:00", "11:00"), begin="2025-06-10T08:00Z", end="2025-06-10T13:00Z", band_s=60.0)
    assert times(found.active) == [("Tue 10:00:00", "Tue 11:00:00")]
    assert times(found.certain) == [("Tue 10:01:00", "Tue 10:59:00")]
    assert times(found.possible) == [("Tue 09:59:00", "Tue 11:01:00")]
    touching = force(daily("10:00", "11:00"), daily("11:00", "12:00"), begin="2025-06-10T08:00Z",
                     end="2025-06-10T13:00Z", band_s=60.0)  # fmt: skip
    assert times(touching.certain) == [("Tue 10:01:00", "Tue 11:59:00")]


def test_sun_events_carry_ninety_seconds_more():
    """London on 21 June 2025: sunrise 03:43:09, sunset 20:21:31 by the NREL algorithm."""
    found = force(daily("SR", "SS"), begin="2025-06-21T00:00Z", end="2025-06-22T00:00Z", place=Place(51.5, -0.12),
                  band_s=10.0)  # fmt: skip
    (active,), (sure,), (possible,) = found.active.tolist(), found.certain.tolist(), found.possible.tolist()
    for side, expected in ((0, ns("2025-06-21T03:43:09Z")), (1, ns("2025-06-21T20:21:31Z"))):
        assert abs(active[side] - expected) < 90 * S
        assert abs(sure[side] - active[side]) == pytest.approx(100 * S, abs=2)
        assert abs(possible[side] - active[side]) == pytest.approx(100 * S, abs=2)


def test_a_local_day_over_utc_midnight_is_one_daylight():
    """Dandong: the sun rises at 21:46 UTC the day before; Saturday's sunrise begins Sunday's daylight there."""
    found = force(
        daily("SR", "SS", SAT), begin="2025-03-19T00:00Z", end="2025-03-25T00:00Z", place=Place(40.12, 124.39)
    )
    ((begin, end),) = times(found.active)
    assert begin.startswith("Sat 21:4")
    assert end.startswith("Sun 09:5")


def test_polar_day_is_daylight_all_day_and_polar_night_is_none():
    tromso = Place(69.65, 18.96)
    summer = {"begin": "2025-06-14T00:00Z", "end": "2025-06-15T00:00Z", "place": tromso}  # a Saturday
    winter = {"begin": "2025-12-13T00:00Z", "end": "2025-12-14T00:00Z", "place": tromso}
    for when, day, night in ((summer, True, False), (winter, False, True)):
        assert bool(len(force(daily("SR", "SS"), **when).active)) is day
        assert bool(len(force(daily("SS", "SR"), **when).active)) is night
        assert bool(len(force(daily("SR", "SS", SAT), **when).certain)) is day
        assert not len(force(daily("SR", "SS", MON), **when).active)
    bright = force(daily("SS", "EECT"), **summer)  # the sun does not set: nobody can tell what is meant
    assert not len(bright.active)
    assert times(bright.unknown) == [("Sat 00:00:00", "Sun 00:00:00")]
    assert "sun" in bright.why


def test_between_a_clock_time_and_the_sun_the_order_may_be_open():
    london = Place(51.5, -0.12)
    winter = force(daily("04:00", "SR"), begin="2025-12-21T00:00Z", end="2025-12-22T00:00Z", place=london)
    assert times(winter.active)[0][0] == "Sun 04:00:00"
    assert not len(winter.unknown)
    summer = force(daily("04:00", "SR"), begin="2025-06-21T00:00Z", end="2025-06-22T00:00Z", place=london)
    assert not len(summer.active)  # the sun rises at 03:43: nothing, or nearly all day
    assert len(summer.unknown)


def test_unknown_times_are_possible_everywhere_but_in_the_spans():
    given_ = {"from_ns": ns("2025-06-10T10:00Z"), "to_ns": ns("2025-06-10T11:00Z"), "unknown": "by NOTAM"}
    found = force(begin="2025-06-10T09:00Z", end="2025-06-10T12:00Z", **given_)
    assert times(found.active) == [("Tue 10:00:00", "Tue 11:00:00")]
    assert len(found.unknown) == 2
    assert len(found.possible) == 1
    assert found.why == "by NOTAM"
    nobody = zone(Schedule((), "by NOTAM"), valid_from=ns("2030-01-01T00:00Z"))
    assert not len(active_periods_of(nobody, PARIS, ns("2025-06-10T09:00Z"), ns("2025-06-10T12:00Z"), 0.0).possible)


def test_what_needs_no_clock():
    assert always_active(zone())
    assert not always_active(zone(valid_to=5))
    assert not always_active(zone(Schedule()))
    assert not always_active(zone(Schedule((), "by NOTAM")))
    assert always_active(zone(Schedule((Span(), Span(3, 5)), "by NOTAM")))


# The same rules once more, for one instant and in local words: no interval arithmetic, no numpy.


def by_clock(period, moment):
    day = moment.replace(hour=0, minute=0, second=0)
    for back in (0, 1, 2):
        start_day = day - timedelta(days=back)
        if period.days and start_day.weekday() not in period.days:
            continue
        start = start_day + timedelta(seconds=period.start.seconds)
        end = start_day + timedelta(seconds=period.end.seconds)
        while end <= start:
            end += timedelta(days=1)
        if start <= moment < end:
            return True
    return False


def naive(schedule, moment):
    for span in schedule.spans:
        at = round(moment.timestamp()) * S
        if span.from_ns is not None and at < span.from_ns:
            continue
        if span.to_ns is not None and at >= span.to_ns:
            continue
        if not span.daily or any(by_clock(period, moment) for period in span.daily):
            return True
    return False


MONDAY = datetime(2025, 6, 9, tzinfo=UTC)
SECONDS = st.integers(0, 144).map(lambda k: DayTime(k * 600.0))
PERIODS = st.builds(DailyPeriod, SECONDS, SECONDS, st.frozensets(st.integers(0, 6), max_size=4))
INSTANTS = st.none() | st.integers(0, 14 * 24).map(lambda h: (round(MONDAY.timestamp()) + 3600 * h) * S)
SPANS = st.builds(Span, INSTANTS, INSTANTS, st.lists(PERIODS, max_size=3).map(tuple))
SCHEDULES = st.lists(SPANS, max_size=3).map(lambda spans: Schedule(tuple(spans)))


@given(SCHEDULES, st.integers(0, 7 * 1440), st.integers(1, 1200), st.sampled_from([0, 60, 900]))
@settings(max_examples=examples(80), deadline=None)
def test_every_second_is_in_force_as_the_words_say(schedule, first_min, minutes, band_s):
    """Edges lie on ten minutes: every fifth minute and the seconds beside the edges are all that can differ."""
    begin = MONDAY + timedelta(minutes=first_min)
    end = begin + timedelta(minutes=minutes)
    found = active_periods_of(
        zone(schedule), PARIS, round(begin.timestamp()) * S, round(end.timestamp()) * S, float(band_s)
    )

    def holds(intervals, at):
        return any(a <= at < b for a, b in intervals.tolist())

    edge = begin.replace(minute=begin.minute // 10 * 10, second=0)
    moments = {edge + timedelta(minutes=5 * k, seconds=s) for k in range(minutes // 5 + 3) for s in (-1, 0, 1)}
    for moment in sorted(moments | {begin, end}):
        if not begin <= moment <= end:
            continue
        at = round(moment.timestamp()) * S
        assert holds(found.active, at) == naive(schedule, moment), moment
        around = [naive(schedule, moment + timedelta(seconds=k)) for k in (-band_s, 0, band_s)]
        if holds(found.certain, at):
            assert all(around), moment
        if any(around[:2]):  # the far side of an interval is not in it
            assert holds(found.possible, at), moment


ELEVATIONS = {("SR", "SS"): (SUNSET_DEG, True), ("SS", "SR"): (SUNSET_DEG, False),
              ("BMCT", "EECT"): (CIVIL_TWILIGHT_DEG, True), ("EECT", "BMCT"): (CIVIL_TWILIGHT_DEG, False)}  # fmt: skip


@given(st.sampled_from(sorted(ELEVATIONS)), st.floats(-80, 80), st.floats(-180, 180), st.integers(10_000, 22_000))
@settings(max_examples=examples(60), deadline=None)
def test_day_and_night_are_where_the_sun_stands(pair, lat, lon, day):
    level_deg, above = ELEVATIONS[pair]
    begin = day * 86_400
    found = active_periods_of(
        zone(Schedule((Span(daily=(daily(*pair),)),))), Place(lat, lon), begin * S, (begin + 86_400) * S, 0.0
    )
    for at in range(begin, begin + 86_400, 911):
        up = float(sun_elevation_deg(float(at), lat, lon)) > level_deg
        sure = any(a <= at * S < b for a, b in found.certain.tolist())
        possible = any(a <= at * S < b for a, b in found.possible.tolist())
        assert not sure or up == above
        assert possible or up != above


def test_a_sunrise_too_near_midnight_to_tell_its_day_is_open():
    """On the equator the sun rises near 06:00 local time: where that is 00:00 UTC, Saturday's may be Friday's."""
    at = [force(daily("SR", "SS", SAT), begin="2025-06-12T00:00Z", end="2025-06-16T00:00Z",
                place=Place(0.0, 90.0 + east)) for east in (-3.0, 3.0)]  # fmt: skip
    assert [times(f.active)[0][0][:6] for f in at] == ["Sat 00", "Sat 23"]
    from dronecheck.geo.sun import sun_crossings

    def late_s(lon):  # after UTC midnight of that Saturday
        midnight = ns("2025-06-14T00:00Z") / S
        rises, way, _ = sun_crossings(0.0, lon, midnight - 3600, midnight + 3600, SUNSET_DEG)
        return float(rises[way > 0][0] - midnight)

    lon = 90.0 + late_s(90.0) / 240.0
    assert abs(late_s(lon)) < 60
    open_ = force(daily("SR", "SS", SAT), begin="2025-06-12T00:00Z", end="2025-06-16T00:00Z", place=Place(0.0, lon))
    assert not len(open_.active)
    assert len(open_.unknown)
    assert len(
        force(daily("SR", "SS"), begin="2025-06-12T00:00Z", end="2025-06-16T00:00Z", place=Place(0.0, lon)).active
    )


def test_many_periods_over_many_years_take_linear_time():
    """A zone with a thousand periods, and a log that claims two centuries."""

    def busy(periods):
        return zone(Schedule((Span(daily=tuple(daily(f"{k % 24}:00", f"{k % 24}:59") for k in range(periods))),)))

    begin, end = ns("2025-06-10T00:00Z"), ns("2025-06-11T00:00Z")
    assert_linear(lambda made: active_periods_of(made, PARIS, begin, end, 1.0), busy, 125, 1_000)
    sunny = zone(Schedule((Span(daily=(daily("SR", "SS", MON),)),)))

    def end_after(years):
        return ns(f"{1970 + years}-01-01T00:00Z")

    assert_linear(lambda end: active_periods_of(sunny, PARIS, ns("1970-01-01T00:00Z"), end, 1.0), end_after, 25, 200)
