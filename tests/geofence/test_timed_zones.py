"""Zones that switch on and off, end to end: the verdict of each visit by when it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.airspace.zone import CoversFrom, Datum, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.errors import UsageError
from dronecheck.flight import Clock, ClockSource
from dronecheck.flight.user_clock import with_user_clock
from dronecheck.geo.outline.shape import Shape
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.issues import Code, Issue, Severity
from dronecheck.report.terminal.check import summary
from dronecheck.report.text.headline import headline
from tests.conftest import make_flight
from tests.support.said import said
from tests.support.scale import examples

S = 1_000_000_000
PLANE = LocalPlane(2.0, 47.0)  # the middle of France: no border in reach
SOURCE = ZoneSource("z.geojson", "0" * 64, covers=("FRA",), covers_from=CoversFrom.FILE)
T0 = round(datetime(2025, 6, 14, 10, tzinfo=UTC).timestamp()) * S  # a Saturday
DAY = 86_400 * S


def ring(west, south, east, north):
    return shapely.Polygon(PLANE.inverse([[west, south], [east, south], [east, north], [west, north]]))


def zone(schedule=ALWAYS, area=(-300, -300, 300, 300), **kwargs):
    return Zone("z", "Reservoir", ZoneKind.RESTRICTED, Shape(ring(*area)), SOURCE, schedule=schedule, **kwargs)


def during(*spans, **kwargs):
    """A zone in force in these seconds after T0."""
    return zone(Schedule(tuple(Span(*(None if t is None else T0 + t * S for t in span)) for span in spans)), **kwargs)


def eastward(start=-900.0, count=121, sigma_s=0.1, utc=True, y=0.0, dt_s=1.0, start_ns=T0, **columns):
    """15 m/s to the east, in the box from second 40 to second 80."""
    x = start + 15.0 * np.arange(count)
    lonlat = PLANE.inverse(np.column_stack([x, np.full(count, y)]))
    made = make_flight(lonlat[:, 1], lonlat[:, 0], dt_s=dt_s, utc=utc, start_ns=start_ns, **columns)
    return replace(made, clock=Clock(True, ClockSource.GNSS, sigma_s)) if utc else made


def judged(flight, *zones):
    return check(flight, ZoneSet(tuple(zones), (SOURCE,)))


def airspace(result):
    return next(c for c in result.checks if c.question is Topic.AIRSPACE)


def second(time_ns):
    return (time_ns - T0) / S


def test_a_visit_while_not_in_force_is_no_finding_but_is_told():
    for spans in ([(90, 500)], [(-500, 35)], [(0, 39), (81, 900)]):
        result = judged(eastward(), during(*spans))
        assert result.verdict is Verdict.CLEAR
        assert not result.findings
        assert airspace(result).reasons == (Reason.NOT_IN_FORCE,)
        assert "1 visit while not in force" in said(airspace(result))
        assert "entered while it was in force" in headline(result)


def test_a_visit_that_sees_the_zone_come_into_force_begins_then():
    flight = eastward(sigma_s=0.5)
    (finding,) = judged(flight, during((50, 900))).findings
    assert finding.verdict is Verdict.VIOLATION
    assert second(finding.enter_ns) == pytest.approx(50)
    assert finding.enter_sigma_s == pytest.approx(0.5, rel=0.01)  # the clock's alone
    assert second(finding.exit_ns) == pytest.approx(80, abs=0.01)
    assert finding.duration_s == pytest.approx(30, abs=0.01)
    assert finding.path_m == pytest.approx(450, abs=0.1)
    assert "came into force while inside" in said(finding)
    at_row_50 = PLANE.inverse(np.array([[-150.0, 0.0]]))[0]
    assert (finding.entry.lon_deg, finding.entry.lat_deg) == pytest.approx(tuple(at_row_50), abs=1e-7)


def test_it_ends_when_the_zone_ceases_to_be_in_force():
    (finding,) = judged(eastward(), during((None, 60))).findings
    assert second(finding.exit_ns) == pytest.approx(60)
    assert finding.depth_m == pytest.approx(300, abs=0.5)
    assert "ceased" in said(finding)


def test_a_break_within_a_visit_makes_two():
    first, then = judged(eastward(), during((0, 55), (65, 900))).findings
    assert (second(first.exit_ns), second(then.enter_ns)) == pytest.approx((55, 65))
    assert first.verdict is then.verdict is Verdict.VIOLATION


def test_many_breaks_within_a_visit_stay_one():
    (finding,) = judged(eastward(), during(*((t, t + 1) for t in range(1, 121, 2)))).findings
    assert finding.duration_s == pytest.approx(20, abs=0.1)
    assert len(finding.rows) == 20


@pytest.mark.parametrize(
    ("span", "clause"),
    [
        ((75, 900), "clear if the clock was more than 5.0 s fast"),
        ((-900, 45), "clear if the clock was more than 5.0 s slow"),
        ((85, 900), "in force only if the clock was more than 5.0 s slow"),
        ((-900, 35), "in force only if the clock was more than 5.0 s fast"),
    ],
)
def test_within_the_clocks_error_nobody_can_tell(span, clause):
    result = judged(eastward(sigma_s=20.0), during(span))
    (finding,) = result.findings
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert Reason.ZONE_TIME_UNKNOWN in finding.reasons
    assert clause in said(finding)
    assert "known to 47 s" in said(finding)
    better = judged(eastward(sigma_s=0.1), during(span))
    assert better.verdict is (Verdict.CLEAR if "in force" in clause else Verdict.VIOLATION)


def test_the_breakeven_is_where_the_verdict_turns():
    """The log's clock moved by the named error and a little more gives the other answer, a little less does not."""
    for shift, entered in ((-4.9, True), (-5.1, False)):
        moved = eastward(sigma_s=0.01, start_ns=T0 + round(shift * S))
        findings = judged(moved, during((75, 900))).findings
        assert any(Reason.NOT_ENTERED_ON_THE_LINE not in f.reasons for f in findings) is entered


def test_deep_inside_the_times_the_clock_does_not_matter():
    (finding,) = judged(eastward(sigma_s=20.0), during((-100, 900))).findings
    assert finding.verdict is Verdict.VIOLATION
    assert Reason.ZONE_TIME_UNKNOWN not in finding.reasons


def test_times_by_notam_are_open_and_say_what_is_missing():
    (finding,) = judged(eastward(), zone(Schedule((), "by NOTAM"))).findings
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.reasons[0] is Reason.ZONE_TIME_UNKNOWN
    assert "by NOTAM" in said(finding)
    assert judged(eastward(y=3000.0), zone(Schedule((), "by NOTAM"))).verdict is Verdict.CLEAR
    assert judged(eastward(), zone(Schedule(), valid_to_ns=T0)).verdict is Verdict.CLEAR


def test_published_times_beside_unknown_ones_hold():
    both = zone(Schedule((Span(T0 + 60 * S, T0 + 900 * S),), "by NOTAM"))
    open_, entered = sorted(judged(eastward(), both).findings, key=lambda f: f.enter_ns)
    assert open_.verdict is Verdict.INCONCLUSIVE
    assert second(open_.exit_ns) == pytest.approx(60)
    assert entered.verdict is Verdict.VIOLATION


def test_without_utc_only_a_zone_that_is_always_in_force_is_decided():
    blind = eastward(utc=False)
    assert judged(blind, zone()).verdict is Verdict.VIOLATION
    whole = Schedule((Span(daily=(DailyPeriod(),)),))
    assert judged(blind, zone(whole)).verdict is Verdict.VIOLATION
    for timed in (during((0, 900)), zone(valid_from_ns=5), zone(Schedule((), "by NOTAM"))):
        (finding,) = judged(blind, timed).findings
        assert finding.verdict is Verdict.INCONCLUSIVE
        assert Reason.ZONE_TIME_UNKNOWN in finding.reasons
    assert "--start-time" in said(judged(blind, during((0, 900))).findings[0])
    assert judged(blind, zone(Schedule())).verdict is Verdict.CLEAR  # never in force, whatever the time


def test_an_assumed_time_zone_is_no_utc_until_the_user_gives_it():
    known = eastward()
    issue = Issue(Code.UTC_ASSUMED, Severity.WARNING, "times without a zone")
    assumed = replace(known, clock=replace(known.clock, is_assumed=True), issues=(issue,))
    (finding,) = judged(assumed, during((0, 900))).findings
    assert Reason.ZONE_TIME_UNKNOWN in finding.reasons
    assert judged(assumed, zone()).verdict is Verdict.VIOLATION
    for start_s, verdict in ((0, Verdict.VIOLATION), (7200, Verdict.CLEAR)):
        stated = with_user_clock(assumed, T0 + start_s * S, None)
        assert not stated.issues
        assert judged(stated, during((0, 900))).verdict is verdict
    with pytest.raises(UsageError):
        with_user_clock(eastward(), T0, None)


def test_days_are_utc_days():
    saturday = frozenset({5})
    period = DailyPeriod(DayTime(9 * 3600.0), DayTime(12 * 3600.0), saturday)
    timed = zone(Schedule((Span(daily=(period,)),)))
    assert judged(eastward(), timed).verdict is Verdict.VIOLATION
    for days in (-1, 1):
        assert judged(eastward(start_ns=T0 + days * DAY), timed).verdict is Verdict.CLEAR


def test_an_approach_counts_only_while_in_force():
    beside = (-300, 2, 300, 400)  # two metres off, sigma 1.5: open
    assert judged(eastward(), during((0, 900), area=beside)).verdict is Verdict.INCONCLUSIVE
    assert judged(eastward(), during((90, 900), area=beside)).verdict is Verdict.CLEAR
    (finding,) = judged(eastward(), during((0, 60), area=beside)).findings
    assert second(finding.exit_ns) == pytest.approx(60, abs=1)
    (finding,) = judged(eastward(), zone(Schedule((), "by NOTAM"), area=beside)).findings
    assert Reason.ZONE_TIME_UNKNOWN in finding.reasons
    assert judged(eastward(), during((90, 900), area=beside)).nearest[0].distance_m == pytest.approx(2, abs=0.01)


def there_and_along(count=121):
    """Through the box, then back beside it, two metres off."""
    x = np.concatenate([-900 + 15.0 * np.arange(count), 900 - 15.0 * np.arange(1, count)])
    y = np.concatenate([np.zeros(count), np.full(count - 1, 302.0)])
    lonlat = PLANE.inverse(np.column_stack([x, y]))
    return replace(
        make_flight(lonlat[:, 1], lonlat[:, 0], dt_s=1.0, start_ns=T0), clock=Clock(True, ClockSource.GNSS, 0.1)
    )


def test_a_visit_out_of_force_does_not_hide_an_approach_in_force():
    result = judged(there_and_along(), during((120, 900)))
    (finding,) = result.findings
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert Reason.NOT_ENTERED_ON_THE_LINE in finding.reasons
    assert "1 visit while not in force" in said(airspace(result))


def gap_flight(x, dt_s):
    lonlat = PLANE.inverse(np.column_stack([x, np.zeros(len(x))]))
    made = make_flight(lonlat[:, 1], lonlat[:, 0], dt_s=dt_s, start_ns=T0)
    return replace(made, clock=Clock(True, ClockSource.GNSS, 0.1))


def test_a_gap_counts_only_while_in_force():
    made = gap_flight(np.array([-200.0, -185, -170, -155, 155, 170, 185, 200]), np.array([1.0, 1, 1, 60, 1, 1, 1]))
    beside = (-100, 200, 100, 400)
    assert judged(made, during((0, 900), area=beside)).findings[0].reasons[-1] is Reason.SAMPLING_GAP
    assert judged(made, during((30, 40), area=beside)).verdict is Verdict.INCONCLUSIVE
    assert judged(made, during((64, 900), area=beside)).verdict is Verdict.CLEAR
    assert judged(made, during((-900, 2), area=beside)).verdict is Verdict.CLEAR


def test_a_zone_that_comes_into_force_in_the_gap_in_which_the_flight_left_is_open():
    made = gap_flight(np.array([-60.0, -45, -30, 900, 915, 930]), np.array([1.0, 1, 120, 1, 1]))
    area = (-100, -100, 100, 100)
    (finding,) = judged(made, during((100, 900), area=area)).findings  # at second 100 the chord is far outside
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert Reason.SAMPLING_GAP in finding.reasons
    assert judged(made, during((123, 900), area=area)).verdict is Verdict.CLEAR


def test_heights_are_judged_within_the_times():
    """Low until second 60, then high above the ceiling: what counts is the height while in force."""
    height = np.where(np.arange(121) < 60, 50.0, 500.0)
    columns = {"alt_amsl_m": height, "v_sigma_m": np.full(121, 2.0)}
    low = {"upper": Limit(120.0, Datum.AMSL)}
    assert judged(eastward(**columns), during((62, 900), **low)).verdict is Verdict.CLEAR
    assert judged(eastward(**columns), during((0, 58), **low)).verdict is Verdict.VIOLATION
    slow = judged(eastward(sigma_s=20.0, **columns), during((62, 900), **low))
    assert slow.verdict is Verdict.INCONCLUSIVE  # with the clock 2 s slow it was low and in force


def test_sunset_is_computed_where_the_visit_was():
    astral = pytest.importorskip("astral")
    from astral.sun import sunset

    sets = round(sunset(astral.Observer(47.0, 2.0), date=datetime(2025, 6, 14, tzinfo=UTC), tzinfo=UTC).timestamp())
    night = DailyPeriod(DayTime(event=SunEvent.SUNSET), DayTime(event=SunEvent.SUNRISE))
    timed = zone(Schedule((Span(daily=(night,)),)))
    for seconds, verdict in ((-300, Verdict.CLEAR), (0, Verdict.INCONCLUSIVE), (300, Verdict.VIOLATION)):
        result = judged(eastward(start_ns=(sets - 60 + seconds) * S), timed)
        assert result.verdict is verdict, seconds
        assert Reason.ZONE_TIME_UNKNOWN in result.findings[0].reasons if verdict is Verdict.INCONCLUSIVE else True


SPANS = st.lists(st.tuples(st.integers(-50, 150), st.integers(1, 100)), min_size=1, max_size=3)


@given(SPANS, st.sampled_from([0.05, 5.0, 30.0]), st.integers(1, 400))
@settings(max_examples=examples(25), deadline=None)
def test_a_week_later_with_a_schedule_a_week_later_is_the_same(spans, sigma_s, weeks):
    def keys(shift_ns):
        moved = Schedule(tuple(Span(T0 + a * S + shift_ns, T0 + (a + n) * S + shift_ns) for a, n in spans))
        found = judged(eastward(sigma_s=sigma_s, start_ns=T0 + shift_ns), zone(moved)).findings
        return [(f.verdict, f.reasons, f.enter_ns - shift_ns, f.exit_ns - shift_ns, said(f)) for f in found]

    assert keys(0) == keys(weeks * 7 * DAY)


@given(SPANS, st.sampled_from([0.05, 5.0, 30.0]))
@settings(max_examples=examples(25), deadline=None)
def test_a_permanent_zone_is_never_judged_milder_than_a_timed_one(spans, sigma_s):
    order = [Verdict.CLEAR, Verdict.INCONCLUSIVE, Verdict.VIOLATION]
    flight = eastward(sigma_s=sigma_s)
    timed = judged(flight, during(*((a, a + n) for a, n in spans)))
    assert order.index(timed.verdict) <= order.index(judged(flight, zone()).verdict)


@given(SPANS)
@settings(max_examples=examples(25), deadline=None)
def test_with_a_good_clock_the_time_inside_is_that_counted_by_tenths_of_a_second(spans):
    """Edges of the spans are whole seconds and the box is entered at 40 and left at 80."""
    findings = judged(eastward(sigma_s=0.001), during(*((a, a + n) for a, n in spans))).findings
    inside = sum(f.duration_s for f in findings if Reason.NOT_ENTERED_ON_THE_LINE not in f.reasons)
    tenths = [t for t in range(400, 800) if any(10 * a <= t < 10 * (a + n) for a, n in spans)]
    assert inside == pytest.approx(len(tenths) / 10, abs=0.005)


def test_always_in_force_by_its_schedule_is_a_permanent_zone():
    plain = judged(eastward(), zone()).findings
    spelt = judged(eastward(), zone(Schedule((Span(daily=(DailyPeriod(),)),)))).findings
    timed = judged(eastward(), zone(valid_from_ns=T0 - DAY, valid_to_ns=T0 + DAY)).findings
    assert plain == spelt == timed


def test_the_terminal_says_why():
    flight = eastward()
    assert "by NOTAM" in " ".join(summary(flight, judged(flight, zone(Schedule((), "by NOTAM")))).split())


def test_a_short_dip_below_the_ceiling_deep_inside_is_seen():
    """Between two samples of the distance to the outline, which lie far apart where the outline is far."""
    count = 400
    height = np.full(count, 500.0)
    height[203:208] = 50.0
    columns = {"alt_amsl_m": height, "v_sigma_m": np.full(count, 2.0)}
    wide = {"area": (-90_000, -90_000, 90_000, 90_000), "upper": Limit(120.0, Datum.AMSL)}
    for schedule in (ALWAYS, Schedule((), "by NOTAM"), Schedule((Span(T0 - DAY, T0 + DAY),))):
        (finding,) = judged(eastward(count=count, **columns), zone(schedule, **wide)).findings
        assert finding.verdict is (Verdict.INCONCLUSIVE if schedule.unknown else Verdict.VIOLATION)
        assert 203 <= second(finding.deepest_ns) <= 208
