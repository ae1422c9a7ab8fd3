"""The height limit: exact crossings, honest margins, and never a datum it does not have."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings
from tests.conftest import make_flight
from tests.support.said import said


def climb(heights, **kwargs):
    count = len(heights)
    return make_flight(np.full(count, 47.0), 2.0 + np.arange(count) * 1e-5, dt_s=1.0, alt_home_m=heights, **kwargs)


def of(result):
    return next(c for c in result.checks if c.question is Topic.HEIGHT)


def test_a_climb_through_the_limit_is_a_violation_with_its_instants():
    heights = np.concatenate([np.arange(0, 201, 4.0), np.full(30, 200.0), np.arange(200, -1, -4.0)])
    flight = climb(heights)
    result = check(flight, None, Settings(max_height_m=122))
    (finding,) = result.findings
    assert finding.verdict is Verdict.VIOLATION
    start = int(flight.track.time_ns[0])
    assert (finding.enter_ns - start) / 1e9 == pytest.approx(122 / 4, abs=1e-6)
    assert (finding.exit_ns - start) / 1e9 == pytest.approx(50 + 30 + 1 + (200 - 122) / 4, abs=1e-6)
    assert finding.depth_m == pytest.approx(78)
    sigma_m = np.hypot(2.0, 0.035 * 120)
    assert finding.enter_sigma_s == pytest.approx(np.hypot(sigma_m / 4, 0.1), rel=0.02)


@pytest.mark.parametrize(
    ("top", "verdict"), [(100.0, Verdict.CLEAR), (115.0, Verdict.INCONCLUSIVE), (125.0, Verdict.INCONCLUSIVE)]
)
def test_near_the_limit_nothing_is_decided(top, verdict):
    # At 120 m the sigma is 4.7 m: 11 m on either side cannot be told.
    result = check(climb(np.concatenate([np.linspace(0, top, 60), np.full(20, top)])), None, Settings(max_height_m=120))
    assert of(result).verdict is verdict
    if verdict is Verdict.INCONCLUSIVE:
        assert Reason.VERTICAL_MARGIN_WITHIN_ERROR in of(result).reasons


def test_without_heights_above_takeoff_the_answer_is_open():
    flight = make_flight(np.full(5, 47.0), 2.0 + np.arange(5) * 1e-5, alt_amsl_m=[50.0] * 5)
    assert of(check(flight, None, Settings(max_height_m=120))).verdict is Verdict.INCONCLUSIVE
    partly = climb([0.0, 10.0, np.nan, 10.0, 0.0])
    answer = of(check(partly, None, Settings(max_height_m=120)))
    assert (answer.status, answer.verdict) == (Status.PARTLY, Verdict.INCONCLUSIVE)
    assert of(check(flight)).status is Status.NOT_CHECKED


# ---- --max-agl: the limit is 120 m above ground


class Slope:
    """Ground that falls away from 200 m at the take-off, in metres for each metre flown east."""

    sources = ()

    def __init__(self, fall):
        self.fall = fall

    def ground_amsl_m(self, lon_deg, lat_deg):
        east_m = (np.asarray(lon_deg) - 2.0) * 111_320 * np.cos(np.radians(47.0))
        return 200.0 - self.fall * east_m, np.full(len(lon_deg), 2.0)

    def closest_surface_m(self, lon_deg, lat_deg, alt_amsl_m):
        return np.full(len(lon_deg), np.nan)


def up_and_level(top_m):
    heights = np.concatenate([np.linspace(0.0, top_m, 60), np.full(140, top_m)])
    return climb(heights, speed_mps=np.concatenate([[0.0], np.full(199, 1.0)]))


@pytest.mark.parametrize(
    ("fall", "verdict"), [(0.0, "CLEAR"), (0.3, "VIOLATION"), (0.18, "INCONCLUSIVE"), (-0.3, "CLEAR")]
)
def test_ground_that_falls_away_makes_the_height(fall, verdict):
    """90 m above take-off, 151 m flown east (199 steps of 0.76 m): 90, 135, 117 and 45 m above ground at the end."""
    result = check(up_and_level(90.0), None, Settings(max_height_m=120, max_agl_m=120), ground=Slope(fall))
    answer = of(result)
    assert answer.verdict == verdict
    assert "above take-off" in said(answer)
    assert "above ground" in said(answer)
    if verdict == "VIOLATION":
        (finding,) = result.findings
        flown_m = (120.0 - 90.0) / fall  # where the ground is 30 m below the take-off
        steps = flown_m / (1e-5 * 111_320 * np.cos(np.radians(47.0)))
        assert (finding.enter_ns - int(up_and_level(90.0).track.time_ns[0])) / 1e9 == pytest.approx(steps, abs=0.01)
        assert finding.depth_m == pytest.approx(90 + fall * 151.1 - 120, abs=0.2)
        assert finding.sigma_m == pytest.approx(np.sqrt(2.0**2 + (0.035 * 90) ** 2 + 2.0**2 + 2.0**2), rel=1e-6)


def test_without_ground_the_limit_says_which_ground_keeps_it():
    answer = of(check(up_and_level(90.0), None, Settings(max_agl_m=120)))
    assert (answer.verdict, answer.reasons) == (Verdict.INCONCLUSIVE, (Reason.NO_TERRAIN,))
    assert "clear if the ground is nowhere more than 30 m below take-off" in said(answer)


@pytest.mark.parametrize(("top", "verdict"), [(80.0, "CLEAR"), (100.0, "INCONCLUSIVE"), (160.0, "VIOLATION")])
def test_a_stated_relief_bounds_the_height_above_ground(top, verdict):
    """Relief 20 m and errors of 8 to 14 m: 80 m is at most 108, 160 m at least 126."""
    result = check(up_and_level(top), None, Settings(max_agl_m=120, relief_m=20))
    assert of(result).verdict == verdict
    if verdict == "INCONCLUSIVE":
        assert of(result).reasons == (Reason.NO_TERRAIN,)
        assert "nowhere more than 20 m below take-off" in said(result.findings[0])


def test_a_range_finder_answers_and_its_holes_are_no_clearance():
    logged = np.full(20, 50.0)
    flight = make_flight(
        np.full(20, 47.0), 2.0 + np.arange(20) * 1e-5, dt_s=1.0, alt_agl_m=logged, v_sigma_m=np.ones(20)
    )
    assert of(check(flight, None, Settings(max_agl_m=120))).verdict is Verdict.CLEAR
    logged = logged.copy()
    logged[10] = np.nan
    flight = make_flight(
        np.full(20, 47.0), 2.0 + np.arange(20) * 1e-5, dt_s=1.0, alt_agl_m=logged, v_sigma_m=np.ones(20)
    )
    answer = of(check(flight, None, Settings(max_agl_m=120)))
    assert (answer.status, answer.verdict) == (Status.PARTLY, Verdict.INCONCLUSIVE)
