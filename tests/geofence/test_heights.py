"""The height limit: exact crossings, honest margins, and never a datum it does not have."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.geofence.engine import check
from dronecheck.geofence.findings import Question, Reason, Rules, Status, Verdict
from tests.conftest import make_flight


def climb(heights, **kwargs):
    count = len(heights)
    return make_flight(np.full(count, 47.0), 2.0 + np.arange(count) * 1e-5, dt_s=1.0, alt_home_m=heights, **kwargs)


def of(result):
    return next(c for c in result.checks if c.question is Question.HEIGHT)


def test_a_climb_through_the_limit_is_a_violation_with_its_instants():
    heights = np.concatenate([np.arange(0, 201, 4.0), np.full(30, 200.0), np.arange(200, -1, -4.0)])
    flight = climb(heights)
    result = check(flight, None, Rules(max_height_m=122))
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
    result = check(climb(np.concatenate([np.linspace(0, top, 60), np.full(20, top)])), None, Rules(max_height_m=120))
    assert of(result).verdict is verdict
    if verdict is Verdict.INCONCLUSIVE:
        assert Reason.VERTICAL_MARGIN_WITHIN_ERROR in of(result).reasons


def test_without_heights_above_takeoff_the_answer_is_open():
    flight = make_flight(np.full(5, 47.0), 2.0 + np.arange(5) * 1e-5, alt_amsl_m=[50.0] * 5)
    assert of(check(flight, None, Rules(max_height_m=120))).verdict is Verdict.INCONCLUSIVE
    partly = climb([0.0, 10.0, np.nan, 10.0, 0.0])
    answer = of(check(partly, None, Rules(max_height_m=120)))
    assert (answer.status, answer.verdict) == (Status.PARTLY, Verdict.INCONCLUSIVE)
    assert of(check(flight)).status is Status.NOT_CHECKED
