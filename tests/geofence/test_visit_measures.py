"""What a visit measures, worked out by hand for straight flights over a straight outline (x = 0, inside is west)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.result import Reason, Verdict
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.probability import ever_inside
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import closest_approach, decide_visit, gap_reaching, visits
from tests.conftest import make_flight

PLANE = LocalPlane(20.0, 45.0)
Y = np.linspace(-20_000, 20_000, 401)
WEST = shapely.Polygon(
    PLANE.inverse(np.vstack([np.column_stack([0 * Y, Y]), [[-20_000.0, 20_000.0], [-20_000.0, -20_000.0]]]))
)
K = Thresholds().band_sigmas


def exact(foot):
    return np.zeros(len(foot)), np.zeros(len(foot))


def traced(x, *, clock_s=0.0, **options):
    lonlat = PLANE.inverse(np.column_stack([x, np.zeros(len(x))]))
    path = Trajectory(make_flight(lonlat[:, 1], lonlat[:, 0], **options).track, Thresholds(), clock_sigma_s=clock_s)
    return trace(path, lambda *_: WEST, Edge.PLANAR, 5_000)


def there_and_back(depth=100.0, start=105.0, speed=10.0):
    """From x = start to -depth and back, one fix a metre's tenth: 10 m a step."""
    x = np.arange(start, -depth - 1, -speed)
    return np.concatenate([x, x[-2::-1]])


def test_times_ways_depth_and_fixes_of_a_visit():
    x = there_and_back(depth=95.0)  # fixes at 105, 95 ... 5, -5 ... -95 ... 105: ten pairs on either side, one at -95
    profile = traced(x, dt_s=1.0)
    (visit,) = visits(RegionDistance(profile, exact))
    assert visit.enter.row == pytest.approx(10.5, abs=1e-4)
    assert visit.exit.row == pytest.approx(29.5, abs=1e-4)
    assert visit.duration_s == pytest.approx(19.0, abs=1e-3)
    assert visit.path_m == pytest.approx(190.0, rel=1e-4)
    assert visit.depth_m == pytest.approx(95.0, abs=1e-3)
    assert visit.fixes == int((x < 0).sum()) == 19
    assert visit.seen_s == pytest.approx(18.0)
    assert visit.decisive.row == pytest.approx(20.0, abs=0.02)
    assert visit.decisive.band_m == pytest.approx(K * 1.5, rel=1e-6)
    assert decide_visit(visit, profile.trajectory) == (Verdict.VIOLATION, (Reason.INSIDE_BEYOND_ERROR,))


def test_the_instant_of_a_crossing_is_as_sure_as_sigma_over_speed_and_the_clock():
    for clock_s in (0.0, 2.0):
        (visit,) = visits(RegionDistance(traced(there_and_back(), dt_s=1.0, clock_s=clock_s), exact))
        assert visit.enter.sigma_s == pytest.approx(np.hypot(1.5 / 10, clock_s), rel=1e-3)

    def coarse(foot):
        return np.full(len(foot), 2.0), np.zeros(len(foot))

    (visit,) = visits(RegionDistance(traced(there_and_back(), dt_s=1.0), coarse))
    assert visit.enter.sigma_s == pytest.approx(np.hypot(1.5, 2.0) / 10, rel=1e-3)


def test_a_crossing_in_a_gap_may_have_been_at_any_time_of_it():
    x = np.concatenate([np.full(5, 100.0), np.full(5, -100.0)])
    (visit,) = visits(RegionDistance(traced(x, dt_s=[1.0] * 4 + [20.0] + [1.0] * 4), exact))
    assert visit.enter.sigma_s == pytest.approx(20 / np.sqrt(12), rel=1e-6)
    assert visit.seen_s == pytest.approx(4.0)
    assert visit.exit is None  # the log ends inside


def test_an_excursion_within_the_errors_does_not_end_a_visit():
    def weaving(out_m):
        return np.concatenate([[50.0, 20.0], np.full(6, -30.0), [out_m], np.full(6, -30.0), [20.0, 50.0]])

    assert len(visits(RegionDistance(traced(weaving(3.0), dt_s=1.0), exact))) == 1  # the band is 3.5 m
    assert len(visits(RegionDistance(traced(weaving(4.5), dt_s=1.0), exact))) == 2
    (one,) = visits(RegionDistance(traced(weaving(3.0), dt_s=1.0), exact))
    assert len(one.stretches) == 2
    assert one.fixes == 12
    assert one.duration_s == pytest.approx(2 * (5 + 30 / 33) + 2 * 30 / 50 - 0, rel=0.02)


def test_one_or_two_fixes_for_less_than_a_second_may_be_outliers():
    def darting(fixes, dt_s):
        profile = traced(np.concatenate([np.full(9, 30.0), np.full(fixes, -30.0), np.full(9, 30.0)]), dt_s=dt_s)
        (visit,) = visits(RegionDistance(profile, exact))
        return decide_visit(visit, profile.trajectory)

    single = (Verdict.INCONCLUSIVE, (Reason.SINGLE_FIX,))
    assert darting(1, 1.0) == single
    assert darting(2, 0.9) == single
    assert darting(2, 1.1)[0] is Verdict.VIOLATION
    assert darting(3, 0.5)[0] is Verdict.VIOLATION


def test_an_approach_its_distance_and_the_time_within_the_band():
    x = 2.0 + np.abs(np.arange(-40, 41) * 0.5)  # down to 2 m and away again; the band is 3.5 m
    near = closest_approach(RegionDistance(traced(x, dt_s=1.0), exact))
    assert near.distance_m == pytest.approx(2.0, abs=1e-4)
    assert near.decisive.row == pytest.approx(40.0, abs=0.1)
    assert near.within == pytest.approx((38.0, 42.0), abs=1.0)
    assert not near.decisive.is_outside
    away = closest_approach(RegionDistance(traced(x + 10, dt_s=1.0), exact))
    assert away.within is None
    assert away.decisive.is_outside
    assert away.distance_m == pytest.approx(12.0, abs=1e-4)


@pytest.mark.parametrize(("far_m", "reached"), [(99.0, True), (101.0, False)])
def test_a_gap_reaches_as_far_as_half_its_time_allows(far_m, reached):
    # 10 s at 20 m/s: 100 m to the outline and 100 m back.
    x = np.full(10, far_m)
    found = gap_reaching(RegionDistance(traced(x, dt_s=[1.0] * 4 + [10.0] + [1.0] * 4), exact), with_band=False)
    assert (found is not None) is reached
    if found:
        assert found == (4, pytest.approx(2 * far_m, abs=0.01))


def test_the_band_counts_as_reached_at_both_ends():
    x = np.full(10, 103.0)  # the band is 1.5 m times 2.33 at each of both fixes: 206 m is within 200 + 7
    profile = traced(x, dt_s=[1.0] * 4 + [10.0] + [1.0] * 4)
    assert gap_reaching(RegionDistance(profile, exact)) is not None
    assert gap_reaching(RegionDistance(profile, exact), with_band=False) is None


def test_the_chance_of_ever_having_been_inside():
    nothing = np.empty(0)
    assert ever_inside(nothing, nothing, nothing) == 0.0
    # Instants much farther apart than the time constant are independent: 1 - (1 - p)^n.
    time_s, signed = np.arange(10) * 1e5, np.full(10, 10.0)
    p = 0.15866  # Phi(-1)
    assert ever_inside(time_s, signed, np.full(10, 10.0), runs=20_000) == pytest.approx(1 - (1 - p) ** 10, abs=0.015)
    # All at one instant they are one.
    assert ever_inside(time_s * 0, signed, np.full(10, 10.0), runs=20_000) == pytest.approx(p, abs=0.015)
    assert ever_inside(time_s[:1], signed[:1], np.full(1, 6.0), 8.0, runs=20_000) == pytest.approx(p, abs=0.015)
