"""A zone's times along a path at their edges: rows, sigmas of a change, what is open and why; by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.airspace.schedule import Schedule, Span
from dronecheck.geo.intervals import union
from dronecheck.geofence.activation.periods import ActivePeriods
from dronecheck.geofence.activation.visits import Times, approach_while_active, opened, times_of
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import Finding, FindingKind, Reason, Verdict
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight
from tests.geofence.test_timed_zones import T0, S, during, eastward, judged, second, zone
from tests.support.said import said

K = Thresholds().band_sigmas
NOTHING = union()
CLAUSE, TOLD = Clause(ClauseCode.UTC_NOT_STATED), Clause(ClauseCode.ONLY_THE_CHORD_INSIDE, {"gap_s": 3.0})


def spans(*seconds):
    return union([[T0 + a * S, T0 + b * S] for a, b in seconds]) if seconds else NOTHING


def times(active=(), *, certain=None, unknown=(), possible=None, why="", begin=0.0, end=100.0, band_s=0.5, dt_s=1.0):
    """Fixes at seconds 0, 1 ... 100 (with `dt_s` 1)."""
    path = Trajectory(
        make_flight(np.linspace(47, 47.01, 101), np.full(101, 2.0), dt_s=dt_s, start_ns=T0).track, Thresholds()
    )
    told = spans(*active)
    periods = ActivePeriods(
        told,
        told if certain is None else spans(*certain),
        spans(*unknown),
        union(told, spans(*unknown)) if possible is None else spans(*possible),
        why,
    )
    return Times(path, begin, end, periods, band_s)


def finding(first=40.0, last=60.0, verdict=Verdict.INCONCLUSIVE, **more):
    return Finding(FindingKind.ZONE_ENTRY, verdict, None, (Reason.MARGIN_WITHIN_ERROR,), (TOLD,), rows=((first, last),),
                   **more)  # fmt: skip


@pytest.mark.parametrize(("begin", "end", "asked", "rows"), [
    (0.0, 100.0, [(10, 20), (30, 45)], [(10, 20), (30, 45)]),
    (0.0, 100.0, [(-50, 20), (90, 500)], [(0, 20), (90, 100)]),
    (12.5, 33.5, [(10, 20), (30, 45)], [(12.5, 20), (30, 33.5)]),
    (20.0, 30.0, [(10, 20), (30, 45)], []),  # an interval ends before its last instant, and the stretch's is no time
    (20.0, 30.0, [(10, 21), (29, 45)], [(20, 21), (29, 30)]),
    (50.0, 50.0, [(10, 20), (50, 51)], [(50, 50)]),  # one instant
    (50.0, 50.0, [(49, 50)], []),
    (0.0, 100.0, [(-50, 0), (101, 200)], []),
    (0.0, 100.0, [(-500, 500)], [(0, 100)]),
])  # fmt: skip
def test_the_rows_of_times(begin, end, asked, rows):
    assert times(begin=begin, end=end).rows(spans(*asked)) == [pytest.approx(row, abs=1e-6) for row in rows]


def test_every_row_at_which_something_may_change():
    told = times([(10, 20)], certain=[(12, 18)], unknown=[(40, 50)], possible=[(8, 22), (40, 60)])
    assert sorted(told.edges) == pytest.approx([8, 10, 12, 18, 20, 22, 40, 40, 50, 60])


# ---- opened


def test_what_is_open_for_its_times_says_so_first():
    before = finding(verdict=Verdict.VIOLATION)
    after = opened(before, CLAUSE)
    assert (after.verdict, after.clauses) == (Verdict.INCONCLUSIVE, (TOLD, CLAUSE))
    assert after.reasons == (Reason.ZONE_TIME_UNKNOWN, Reason.MARGIN_WITHIN_ERROR)
    assert opened(after, None) == after
    clear = finding(verdict=Verdict.CLEAR)
    assert opened(clear, CLAUSE) == clear


@pytest.mark.parametrize(("active", "unknown", "opens"), [
    ([(50, 55)], [], False), ([(0, 41)], [], False), ([(59, 99)], [], False), ([(0, 99)], [], False),
    ([(0, 39)], [], True), ([(61, 99)], [], True), ([(0, 39), (61, 99)], [], True), ([], [], True),
    ([(0, 39)], [(45, 50)], True), ([], [(0, 41)], True), ([], [(59, 80)], True), ([], [(61, 80)], True),
])  # fmt: skip
def test_an_approach_counts_as_it_is_only_where_the_zone_was_in_force(active, unknown, opens):
    told = times(active, unknown=unknown, why="by NOTAM")
    found = approach_while_active(finding(), told)
    assert (found != finding()) == opens
    if opens:
        assert found.reasons[0] is Reason.ZONE_TIME_UNKNOWN
        meets = any(a < 60 and b > 40 for a, b in unknown)
        assert ("by NOTAM" in said(found)) == meets


@pytest.mark.parametrize(("active", "clause"), [
    ([(0, 37)], "3.0 s fast"), ([(65, 90)], "5.0 s slow"), ([(0, 30), (64, 90)], "4.0 s slow"),
    ([(0, 38), (64, 90)], "2.0 s fast"),
])  # fmt: skip
def test_how_wrong_the_clock_would_have_to_be(active, clause):
    """The stretch from second 40 to 60 must begin before the times end, or end after they begin."""
    found = approach_while_active(finding(), times(active, band_s=6.0))
    assert f"in force only if the clock was more than {clause} (its time is known to 6.0 s)" in said(found)


def test_where_the_sun_decides_its_error_is_told():
    told = times([(65, 90)], certain=[(85, 80)], possible=[(45, 110)], band_s=2.0)
    found = approach_while_active(finding(), told)
    assert "5.0 s slow (its time and the sun's together are known to 20 s)" in said(found)
    assert "known to" not in said(approach_while_active(finding(), times()))


# ---- around a stretch


def test_a_stretch_is_seen_with_half_a_day_around_it():
    """Twelve hours before and after a stretch are in sight: what the clock would have to be wrong by is told."""
    path = Trajectory(eastward().track, Thresholds(), clock_sigma_s=0.1)
    for far_h in (-12, 12):
        begin = T0 + far_h * 3600 * S
        told = times_of(zone(Schedule((Span(begin, begin + 60 * S),))), path, 30.0, 40.0, utc_known=True)
        assert told.periods.active.tolist() == [[begin, begin + 60 * S]]
        assert told.rows(told.periods.active) == []
    assert told.band_s == pytest.approx(K * 0.1)
    assert (told.begin, told.end) == (30.0, 40.0)


def test_the_clocks_own_error_widens_what_is_looked_at():
    """A clock that may be a day wrong: the times of the day before count as possible."""
    path = Trajectory(eastward().track, Thresholds(), clock_sigma_s=86_400.0)
    begin = T0 - 2 * 86_400 * S
    told = times_of(zone(Schedule((Span(begin, begin + 60 * S),))), path, 30.0, 40.0, utc_known=True)
    assert told.rows(told.periods.active) == []
    assert told.rows(told.periods.possible) == [(30.0, 40.0)]
    endless = Trajectory(eastward().track, Thresholds(), clock_sigma_s=1e12)
    told = times_of(zone(Schedule((Span(T0, T0 + 60 * S),))), endless, 30.0, 40.0, utc_known=True)
    assert told.rows(told.periods.possible) == [(30.0, 40.0)]


def test_without_utc_what_has_times_at_all_is_unknown():
    path = Trajectory(eastward(utc=False).track, Thresholds())
    for schedule, unknown, why in (
        (Schedule((Span(T0, T0 + S),)), True, ""), (Schedule((), "by NOTAM"), True, "by NOTAM"),
        (Schedule(()), False, ""), (Schedule((Span(T0, T0 + S),), "by NOTAM"), True, ""),
    ):  # fmt: skip
        told = times_of(zone(schedule), path, 30.0, 40.0, utc_known=False)
        assert (len(told.periods.active), len(told.periods.certain)) == (0, 0)
        assert (
            told.rows(told.periods.unknown) == told.rows(told.periods.possible) == ([(30.0, 40.0)] if unknown else [])
        )
        assert told.periods.why == why


# ---- end to end


@pytest.mark.parametrize("sigma_s", [0.1, 1.0])
def test_the_sigma_of_a_change_is_the_clocks(sigma_s):
    (found,) = judged(eastward(sigma_s=sigma_s), during((50, 70))).findings
    assert (second(found.enter_ns), second(found.exit_ns)) == pytest.approx((50, 70), abs=1e-6)
    assert (found.enter_sigma_s, found.exit_sigma_s) == pytest.approx((sigma_s, sigma_s), rel=1e-6)
    assert said(found).endswith("the zone came into force while inside; it ceased to be in force while inside")
    (whole,) = judged(eastward(sigma_s=sigma_s), during((0, 500))).findings
    assert "while inside" not in said(whole)
    assert whole.enter_sigma_s == pytest.approx(np.hypot(1.5 / 15, sigma_s), rel=1e-3)


def test_beyond_the_clocks_error_another_place_of_the_visit_decides():
    """Deepest at second 60, which the clock's error (7 s) leaves open; until second 53 it was surely in force."""
    (found,) = judged(eastward(sigma_s=3.0), during((30, 60))).findings
    assert found.verdict is Verdict.VIOLATION
    assert second(found.deepest_ns) == pytest.approx(60 - 3 * K, abs=0.01)
    depth_m = 300 - abs(-900 + 15 * second(found.deepest_ns))
    assert -found.margin_m == pytest.approx(depth_m, abs=0.1)
    assert found.depth_m == pytest.approx(300, abs=0.1)
    (near,) = judged(eastward(sigma_s=3.0), during((76, 90))).findings
    assert near.verdict is Verdict.INCONCLUSIVE
    assert "clear if the clock was more than 4.0 s fast" in said(near)


@pytest.mark.parametrize("parts", [12, 13])
def test_up_to_twelve_parts_of_a_visit_are_findings_of_their_own(parts):
    seconds = [(41 + 3 * i, 42 + 3 * i) for i in range(parts)]
    found = judged(eastward(), during(*seconds)).findings
    assert len(found) == (12 if parts == 12 else 1)
    assert sum(f.duration_s for f in found) == pytest.approx(parts, abs=0.01)


def test_in_force_twice_within_a_visit():
    """The findings of a zone that was in force twice, in their order, and none in between."""
    found = judged(eastward(), during((42, 50), (60, 70))).findings
    assert [(second(f.enter_ns), second(f.exit_ns)) for f in found] == [
        pytest.approx((42, 50)),
        pytest.approx((60, 70)),
    ]
