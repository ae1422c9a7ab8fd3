"""What the height limit's findings measure, against plain loops over the fixes and interpolation between them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from dronecheck.geo.plane import geodesic_m
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.questions.answer import CheckContext
from dronecheck.geofence.questions.limits.height import HeightQuestion
from dronecheck.geofence.result import Reason, Status, Verdict
from dronecheck.geofence.settings import Settings, Thresholds
from dronecheck.geofence.trajectory.probability import probability_inside
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight
from tests.support.said import said

LIMIT_M, K = 120.0, Thresholds().band_sigmas
NAN = float("nan")


def judged(heights, *, dt_s=1.0, limit_m=LIMIT_M, clock_s=0.3, ground=None, **columns):
    """North at 1e-4 degrees a fix."""
    count = len(heights)
    flight = make_flight(47.0 + 1e-4 * np.arange(count), np.full(count, 2.0), dt_s=dt_s, alt_home_m=heights, **columns)
    path = Trajectory(flight.track, Thresholds(), track_name="gnss", clock_sigma_s=clock_s)
    settings = Settings(max_height_m=limit_m)
    answer = HeightQuestion().ask(CheckContext(flight, path, Altitudes(path, settings, ground=ground), settings, None))
    return path, answer.check, list(answer.findings)


def sigma_of(height):
    return np.hypot(2.0, 0.035 * abs(height))


def crossings(heights, limit_m=LIMIT_M):
    """Fractional rows at which straight lines between the fixes pass the limit."""
    pairs = enumerate(pairwise(heights))
    return [i + (limit_m - a) / (b - a) for i, (a, b) in pairs if (a > limit_m) != (b > limit_m)]


def test_one_climb_over_the_limit():
    heights = [0.0, 40.0, 90.0, 118.0, 150.0, 171.0, 160.0, 130.0, 70.0, 20.0]
    dt_s = [1.0, 2.0, 1.5, 4.0, 1.0, 2.0, 3.0, 5.0, 1.0]
    amsl = [NAN, 200.0, 249.0, 278.0, NAN, 331.0, 320.0, 290.0, 230.0, 180.0]
    path, check, (finding,) = judged(heights, dt_s=dt_s, alt_amsl_m=amsl)
    assert (check.verdict, check.status) == (Verdict.VIOLATION, Status.CHECKED)
    assert check.reasons == finding.reasons == (Reason.ABOVE_LIMIT_BEYOND_ERROR,)
    enter, leave = crossings(heights)
    assert finding.rows == ((pytest.approx(enter), pytest.approx(leave)),)
    time_s = np.concatenate([[0], np.cumsum(dt_s)])
    start_ns = int(path.track.time_ns[0])
    enter_s, leave_s = np.interp([enter, leave], np.arange(10), time_s)
    assert (finding.enter_ns - start_ns) / 1e9 == pytest.approx(enter_s, abs=1e-6)
    assert (finding.exit_ns - start_ns) / 1e9 == pytest.approx(leave_s, abs=1e-6)
    assert finding.duration_s == pytest.approx(leave_s - enter_s, abs=1e-6)
    assert (finding.entry.lat_deg, finding.entry.lon_deg) == pytest.approx((47.0 + 1e-4 * enter, 2.0), abs=1e-9)
    assert (finding.exit.lat_deg, finding.exit.lon_deg) == pytest.approx((47.0 + 1e-4 * leave, 2.0), abs=1e-9)
    assert finding.path_m == pytest.approx(
        geodesic_m(2.0, finding.entry.lat_deg, 2.0, finding.exit.lat_deg)[0], rel=1e-5
    )
    # The sigma of the fix before, over the rate between the two, and the clock's own.
    assert finding.enter_sigma_s == pytest.approx(np.hypot(sigma_of(118) / (32 / 4.0), 0.3))
    assert finding.exit_sigma_s == pytest.approx(np.hypot(sigma_of(130) / (60 / 5.0), 0.3))
    assert finding.depth_m == pytest.approx(51)
    assert finding.margin_m == pytest.approx(-51)
    assert finding.sigma_m == pytest.approx(sigma_of(171))
    assert finding.band_m == pytest.approx(K * sigma_of(171))
    assert finding.probability == pytest.approx(probability_inside(-51, sigma_of(171)))
    # From the first to the last fix within the band of the limit.
    near = [i for i, h in enumerate(heights) if h > LIMIT_M - K * sigma_of(h)]
    assert near == [3, 4, 5, 6, 7]
    assert (finding.alt_min_m, finding.alt_max_m) == (278, 331)
    assert finding.deepest_ns == path.track.time_ns[5]
    assert finding.deepest.lat_deg == pytest.approx(47.0005)
    assert [e.row for e in finding.evidence] == [3, 5, 7]
    assert [e.offset for e in finding.evidence] == [300, 500, 700]
    assert said(finding).startswith("171.0 m above take-off, limit 120 m")
    assert "would settle it" not in said(finding)
    assert said(check) == "highest 171 m above take-off, limit 120 m"


def test_a_log_that_begins_and_ends_above_has_no_crossing():
    _, _, (finding,) = judged([150.0, 160.0, 155.0])
    assert (finding.enter_ns, finding.exit_ns, finding.entry, finding.exit) == (None, None, None, None)
    assert (finding.enter_sigma_s, finding.exit_sigma_s) == (None, None)
    assert finding.rows == ((0.0, 2.0),)
    assert finding.duration_s == pytest.approx(2.0)
    assert finding.verdict is Verdict.VIOLATION
    assert (finding.alt_min_m, finding.alt_max_m) == (None, None)
    for heights, has in (([150.0, 160.0, 150.0, 20.0], (False, True)), ([20.0, 150.0, 160.0, 150.0], (True, False))):
        _, _, (finding,) = judged(heights)
        assert (finding.enter_ns is not None, finding.exit_ns is not None) == has
        assert (finding.entry is not None, finding.exit is not None) == has
        assert (finding.enter_sigma_s is not None, finding.exit_sigma_s is not None) == has


def test_one_fix_alone_decides_nothing():
    _, check, (finding,) = judged([0.0, 0.0, 300.0, 0.0, 0.0])
    assert finding.verdict is check.verdict is Verdict.INCONCLUSIVE
    assert finding.depth_m == pytest.approx(180)
    assert finding.reasons == (Reason.VERTICAL_MARGIN_WITHIN_ERROR,)
    enter, leave = crossings([0.0, 0.0, 300.0, 0.0, 0.0])
    assert finding.rows == ((pytest.approx(enter), pytest.approx(leave)),)
    assert [e.row for e in finding.evidence] == [2]


@pytest.mark.parametrize(("above_m", "verdict"), [(-0.9, None), (-1.1, None), (0.9, False), (1.1, True)])
def test_the_band_is_where_the_verdict_changes(above_m, verdict):
    """Heights that are one band (of their own sigma) above or below the limit, a tenth less and a tenth more."""
    height = 120.0
    for _ in range(100):  # the height whose distance is that many of its own bands
        height = LIMIT_M + above_m * K * sigma_of(height)
    _, check, findings = judged([0.0, 0.0, height, height, height, 0.0, 0.0])
    if above_m < -1:
        assert not findings
        assert (check.verdict, check.reasons) == (Verdict.CLEAR, (Reason.CLEAR_BEYOND_ERROR,))
        return
    (finding,) = findings
    assert finding.margin_m == pytest.approx(LIMIT_M - height)
    assert finding.depth_m == pytest.approx(max(0.0, height - LIMIT_M))
    assert finding.verdict is (Verdict.VIOLATION if verdict else Verdict.INCONCLUSIVE)
    assert ("m would settle it" in said(finding)) is not bool(verdict)
    if above_m < 0:  # never above: the stretch is that of the fixes near it
        assert finding.rows == ((2.0, 4.0),)
        assert finding.enter_ns is not None
        assert finding.exit_ns is not None


def test_every_stretch_is_a_finding_and_the_worst_is_the_verdict():
    heights = [0, 0, 118, 118, 0, 0, 180, 180, 180, 0, 0, 121, 121, 0]
    _, check, findings = judged([float(h) for h in heights])
    assert [f.verdict for f in findings] == [Verdict.INCONCLUSIVE, Verdict.VIOLATION, Verdict.INCONCLUSIVE]
    assert check.verdict is Verdict.VIOLATION
    assert check.reasons == (Reason.ABOVE_LIMIT_BEYOND_ERROR,)
    assert [f.rows[0] for f in findings[1:]] == [
        (pytest.approx(5 + 120 / 180), pytest.approx(8 + 60 / 180)),
        (pytest.approx(10 + 120 / 121), pytest.approx(12 + 1 / 121)),
    ]
    assert findings[0].rows == ((2.0, 3.0),)


def test_a_stretch_next_to_unknown_heights():
    _, check, (finding,) = judged([0.0, 60.0, 150.0, 160.0, 160.0, NAN, 20.0])
    assert check.status is Status.PARTLY
    assert check.verdict is Verdict.VIOLATION
    assert finding.rows[0] == (pytest.approx(1 + 60 / 90), 4.0)
    assert finding.exit_sigma_s is None
    _, check, (finding,) = judged([130.0, 150.0, 20.0, NAN])
    assert finding.rows[0] == (0.0, pytest.approx(1 + 30 / 130))


def test_two_fixes_of_one_instant_have_no_rate():
    _, _, (finding,) = judged([0.0, 150.0, 160.0, 0.0], dt_s=[0.0, 1.0, 2.0])
    assert finding.enter_sigma_s is None
    assert finding.exit_sigma_s == pytest.approx(np.hypot(sigma_of(160) / 80, 0.3))


def test_the_heights_below_take_off_and_negative_limits():
    _, check, findings = judged([0.0, -150.0, 0.0], limit_m=30.0)
    assert not findings
    assert said(check) == "highest 0 m above take-off, limit 30 m"


class Flat:
    sources = ()

    def __init__(self, closest_m):
        self.closest_m = closest_m

    def ground_amsl_m(self, lon_deg, lat_deg):
        return np.full(len(lon_deg), 100.0), np.full(len(lon_deg), 4.0)

    def closest_surface_m(self, lon_deg, lat_deg, alt_amsl_m):
        return np.array([self.closest_m])


def test_the_ground_below_and_the_closest_point_are_both_told():
    heights = [0.0, 50.0, 20.0]
    _, check, _ = judged(heights, ground=Flat(37.4), alt_amsl_m=[100.0, 151.0, 120.0])
    assert said(check).endswith(
        "; by the terrain given at most 51 m above the ground below, 37 m from the closest point of the surface"
    )
    _, check, _ = judged(heights, ground=Flat(NAN), alt_amsl_m=[100.0, 151.0, 120.0])
    assert said(check).endswith("; by the terrain given at most 51 m above the ground below")
    _, check, _ = judged(heights, ground=Flat(37.4))
    assert said(check) == "highest 50 m above take-off, limit 120 m"
    flight = make_flight([47.0] * 3, [2.0] * 3, alt_amsl_m=[100.0, 151.0, 120.0])
    path = Trajectory(flight.track, Thresholds())
    altitudes = Altitudes(path, Settings(), ground=Flat(37.4))
    answer = HeightQuestion().ask(CheckContext(flight, path, altitudes, Settings(), None))
    assert (answer.check.status, answer.findings) == (Status.NOT_CHECKED, ())
    assert "51 m above the ground" in said(answer.check)
