"""Encounters at their edges: what decides, which gap, how sure a crossing is; worked out by hand or by brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.result import Place, Reason, Verdict
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import (
    DecisiveInstant,
    closest_approach,
    decide_visit,
    gap_reaching,
    undecided_by,
    visit_of,
    visits,
)
from tests.conftest import make_flight

PLANE = LocalPlane(20.0, 45.0)
Y = np.linspace(-20_000, 20_000, 401)
WEST = shapely.Polygon(
    PLANE.inverse(np.vstack([np.column_stack([0 * Y, Y]), [[-20_000.0, 20_000.0], [-20_000.0, -20_000.0]]]))
)
K = Thresholds().band_sigmas
BOTH = (Reason.MARGIN_WITHIN_ERROR, Reason.BORDER_DATA_TOO_COARSE)


def exact(foot):
    return np.zeros(len(foot)), np.zeros(len(foot))


def within(sigma_m, p95_m):
    return lambda foot: (np.full(len(foot), sigma_m), np.full(len(foot), p95_m))


def traced(x, y=0.0, *, zone=WEST, limits=None, **options):
    lonlat = PLANE.inverse(np.column_stack([x, np.broadcast_to(y, len(x))]))
    path = Trajectory(make_flight(lonlat[:, 1], lonlat[:, 0], **options).track, limits or Thresholds())
    return trace(path, lambda *_: zone, Edge.PLANAR, 5_000)


def ring(*corners):
    return shapely.Polygon(PLANE.inverse(np.array(corners, dtype=float)))


def instant(margin_m, probability, *, gnss=5.0, outline=0.0, band=5.0):
    return DecisiveInstant(0.0, 0, Place(0, 0), margin_m, 2.0, gnss, outline, 0.0, band, K, probability)


# ---- one instant


@pytest.mark.parametrize(("margin_m", "probability", "inside"), [
    (-6.0, 0.9901, True), (-5.0, 0.99 + 1e-4, True), (-4.99, 1.0, False), (-6.0, 0.9899, False), (-6.0, 0.95, False),
    (6.0, 1.0, False), (-6.0, 0.99 - 5e-7, True),
])  # fmt: skip
def test_inside_is_a_margin_and_a_probability(margin_m, probability, inside):
    assert instant(margin_m, probability).is_inside == inside
    # Outside is its mirror image.
    assert instant(-margin_m, 1 - probability).is_outside == inside
    assert instant(margin_m, probability).sigma_eff_m == pytest.approx(5.0 / K)


@pytest.mark.parametrize(("margin_m", "gnss", "outline", "reasons"), [
    (3.0, 5.0, 2.0, BOTH[:1]), (-3.0, 5.0, 2.0, BOTH[:1]), (3.0, 2.0, 5.0, BOTH[1:]), (-3.0, 2.0, 5.0, BOTH[1:]),
    (3.0, 4.0, 5.0, BOTH), (-3.0, 5.0, 4.0, BOTH), (5.5, 4.0, 5.0, BOTH[1:]), (5.5, 5.0, 4.0, BOTH[:1]),
    (5.5, 5.0, 5.0, BOTH[:1]), (5.0, 5.0, 0.0, BOTH[:1]),
])  # fmt: skip
def test_which_error_leaves_a_margin_open(margin_m, gnss, outline, reasons):
    """Each that alone is more than the margin; where neither is, the larger of the two."""
    assert undecided_by(instant(margin_m, 0.5, gnss=gnss, outline=outline, band=6.0)) == reasons


@pytest.mark.parametrize(("sigma_m", "p95_m", "band_m", "outline_m"), [
    (2.0, 0.0, K * 2.5, K * 2.0), (2.0, 5.0, K * 2.5, 5.0), (2.0, 40.0, 40.0, 40.0), (0.0, 0.0, K * 1.5, 0.0),
])  # fmt: skip
def test_the_decision_band_is_the_larger_of_sigmas_and_heavy_tails(sigma_m, p95_m, band_m, outline_m):
    (visit,) = visits(RegionDistance(traced(np.arange(100.0, -101, -10.0), dt_s=1.0), within(sigma_m, p95_m)))
    at = visit.decisive
    assert at.band_m == pytest.approx(band_m)
    assert at.outline_band_m == pytest.approx(outline_m)
    assert (at.gnss_band_m, at.sigma_m) == pytest.approx((K * 1.5, np.hypot(1.5, sigma_m)))
    assert at.outline_sigma_m == sigma_m
    near = closest_approach(RegionDistance(traced(np.arange(100.0, 40, -10.0), dt_s=1.0), within(sigma_m, p95_m)))
    assert near.decisive.band_m == pytest.approx(band_m)


# ---- visits


def test_where_the_height_decides_the_weaker_answer_is_strongest():
    x = np.concatenate(
        [np.arange(105.0, -96, -10), np.arange(-85.0, 106, 10)]
    )  # deepest at row 20, in from 10.5 to 29.5
    profile = traced(x, dt_s=1.0)
    (stay,) = visits(RegionDistance(profile, exact))

    def decisive(*told):
        """The decisive row when the height is worth -0.5 of a band but for these (first row, last row, ratio)."""
        ratio = np.full(len(profile.row), -0.5)
        for first, last, value in told:
            ratio[(profile.row >= first - 0.01) & (profile.row <= last + 0.01)] = value
        return visit_of(RegionDistance(profile, exact), stay.stretches, ratio).decisive.row

    assert decisive((12, 14, -3.0)) == pytest.approx(14)
    assert decisive((26, 28, -3.0)) == pytest.approx(26)
    assert decisive((0, 40, -1.5)) == pytest.approx(20)  # equally well everywhere: the deepest
    assert decisive((12, 14, -3.0), (17, 18, -2.9)) == pytest.approx(18)  # as good but for a twentieth
    assert decisive((12, 14, -3.0), (17, 18, -2.75)) == pytest.approx(14)
    assert decisive((0, 40, 0.5)) == pytest.approx(20)
    assert decisive((0, 40, -1.5), (0, 5, -30.0), (35, 40, -30.0)) == pytest.approx(20)  # outside the visit


def test_a_crossing_between_fixes_of_unlike_accuracy():
    """The worse of the two over the speed: errors of each fix its own can only give less."""
    for s1, s2, d1, d2, dt in ((1.0, 9.0, 3.0, -17.0, 1.0), (9.0, 1.0, 3.0, -17.0, 1.5), (2.0, 2.0, 1.0, -29.0, 2.0)):
        v = d1 - d2
        x, sigma = [d1 + 2 * v, d1 + v, d1, d2, d2 - v, d2 - 2 * v], [1.0, 1.0, s1, s2, 1.0, 1.0]
        (visit,) = visits(RegionDistance(traced(x, dt_s=dt, sigma_m=sigma), exact))
        independent = np.hypot(d2 * s1, d1 * s2) * dt / (d1 - d2) ** 2
        expected = max(s1, s2) * dt / (d1 - d2)
        assert independent <= expected
        assert visit.enter.sigma_s == pytest.approx(expected, rel=1e-3)
        assert visit.enter.row == pytest.approx(2 + d1 / (d1 - d2), abs=1e-3)
        east, _ = PLANE.forward([[visit.enter.place.lon_deg, visit.enter.place.lat_deg]])[0]
        assert east == pytest.approx(0, abs=0.01)
        mirrored = visits(RegionDistance(traced(x[::-1], dt_s=dt, sigma_m=sigma[::-1]), exact))[0]
        assert mirrored.exit.sigma_s == pytest.approx(expected, rel=1e-3)
        assert mirrored.enter is None


def test_a_visit_wholly_within_a_gap_was_not_seen():
    strip = ring((-10, -500), (10, -500), (10, 500), (-10, 500))
    for dt_s, reasons in (([1.0, 6.0, 1.0], (Reason.SAMPLING_GAP,)), ([1.0] * 3, (Reason.INSIDE_BEYOND_ERROR,))):
        profile = traced([-60.0, -40.0, 40.0, 60.0], zone=strip, dt_s=dt_s, sigma_m=0.8)
        (visit,) = visits(RegionDistance(profile, exact))
        assert (visit.fixes, visit.seen_s) == (0, 0.0)
        expected = Verdict.VIOLATION if reasons[0] is Reason.INSIDE_BEYOND_ERROR else Verdict.INCONCLUSIVE
        assert decide_visit(visit, profile.trajectory) == (expected, reasons)


def test_an_excursion_is_measured_by_the_accuracy_there():
    """3 m out between two stretches: within the band of fixes good to 2 m, beyond that of fixes good to 1 m."""
    x = np.array([40.0, 20, -30, -30, -30, 3, -30, -30, -30, 20, 40])
    for out_sigma_m, count in ((2.0, 1), (1.0, 2)):
        sigma = np.where(x == 3, out_sigma_m, 1.0)
        assert len(visits(RegionDistance(traced(x, dt_s=1.0, sigma_m=sigma), exact))) == count
        # The outline's own error does not join what the fixes tell apart.
        assert len(visits(RegionDistance(traced(x, dt_s=1.0, sigma_m=sigma), within(50.0, 90.0)))) == count


def test_the_sum_of_many_short_stays_is_one_visit():
    x = np.concatenate([[50.0, 20], np.tile([-3.0, 2.0], 10), [-3.0, 20, 50]])
    (visit,) = visits(RegionDistance(traced(x, dt_s=1.0), exact))
    assert len(visit.stretches) == 11
    assert visit.fixes == 11
    assert visit.seen_s == pytest.approx(0)
    assert visit.duration_s == pytest.approx(3 / 23 * 2 + 20 * 3 / 5, abs=1e-3)
    assert visit.path_m == pytest.approx(3 * 22, rel=1e-3)
    assert visit.begin == visit.enter.row == pytest.approx(1 + 20 / 23, abs=1e-4)
    assert visit.end == visit.exit.row == pytest.approx(22 + 3 / 23, abs=1e-4)
    assert visit.depth_m == pytest.approx(3, abs=1e-3)


# ---- approaches


def test_an_approach_within_the_band_is_told_from_its_first_to_its_last_row():
    x = np.concatenate([np.arange(30.0, 2, -1), [2.0] * 5, np.arange(3.0, 31)])  # the band is 3.49 m
    near = closest_approach(RegionDistance(traced(x, dt_s=1.0), exact))
    rows = np.flatnonzero(x < K * 1.5)
    first, last = near.within
    assert rows[0] - 1 < first <= rows[0]
    assert rows[-1] <= last < rows[-1] + 1
    twice = np.concatenate([x, x - 0.5])  # the closer of two approaches
    near = closest_approach(RegionDistance(traced(twice, dt_s=1.0), exact))
    assert near.distance_m == pytest.approx(1.5, abs=1e-3)
    assert len(x) < near.within[0] < near.within[1] < 2 * len(x)
    always = closest_approach(RegionDistance(traced([2.0] * 30, np.arange(30.0), dt_s=1.0), exact))
    assert always.within == (0.0, 29.0)


def test_the_closest_place_is_not_always_the_decisive_one():
    """20 m off with a sigma of 1 m is clearer than 25 m off with 9 m."""
    x = np.concatenate(
        [np.linspace(80, 20, 31), np.linspace(22, 60, 20), np.linspace(59, 25, 18), np.linspace(27, 90, 32)]
    )
    sigma = np.where(np.arange(len(x)) < 51, 1.0, 9.0)
    near = closest_approach(RegionDistance(traced(x, dt_s=1.0, sigma_m=sigma), exact))
    assert near.distance_m == pytest.approx(20, abs=0.01)
    assert near.decisive.margin_m == pytest.approx(25, abs=0.01)
    assert near.decisive.row == pytest.approx(68, abs=0.1)
    assert near.decisive.band_m == pytest.approx(K * 9, rel=0.02)


def test_between_two_parts_neither_of_which_is_near_enough():
    """5 m from either wall of a slot with a sigma of 2 m: beyond the band of each, but not of both together."""
    slot = shapely.union_all([ring((-300, -300), (-5, -300), (-5, 300), (-300, 300)),
                              ring((5, -300), (300, -300), (300, 300), (5, 300))])  # fmt: skip
    near = closest_approach(
        RegionDistance(traced(np.zeros(50), np.linspace(-80, 80, 50), zone=slot, dt_s=1.0, sigma_m=2.0), exact)
    )
    assert near.decisive.margin_m == pytest.approx(5, abs=0.01)
    assert near.decisive.margin_m > near.decisive.band_m
    assert near.decisive.probability == pytest.approx(0.0124, abs=1e-3)  # 2 Phi(-2.5)
    assert not near.decisive.is_outside
    first, last = near.within
    assert first <= near.decisive.row <= last <= first + 1
    alone = closest_approach(RegionDistance(traced(np.zeros(50), np.linspace(-80, 80, 50), dt_s=1.0, sigma_m=2.0,
                            zone=ring((5, -300), (300, -300), (300, 300), (5, 300))), exact))  # fmt: skip
    assert alone.within is None


def test_within_a_gap_nothing_is_the_closest_approach():
    """On the chord of a gap it passes a corner at 1 m; at the fixes it was 30 m off."""
    corner = ring((0, 0), (-50, 1), (-50, -1))
    near = closest_approach(
        RegionDistance(traced([1.0] * 5, [-60.0, -45.0, -30.0, 30.0, 45.0], zone=corner, dt_s=[1, 1, 3, 1]), exact)
    )
    assert near.decisive.row in (2.0, 3.0)
    assert near.decisive.margin_m == pytest.approx(np.hypot(1, 30), abs=0.01)
    seen = closest_approach(
        RegionDistance(traced([1.0] * 5, [-60.0, -45.0, -30.0, 30.0, 45.0], zone=corner, dt_s=1.0), exact)
    )
    assert seen.decisive.row == pytest.approx(2.5, abs=0.05)
    assert seen.distance_m == pytest.approx(1.0, abs=0.01)


def test_nothing_in_sight_is_no_approach():
    far = ring((90_000, 0), (90_100, 0), (90_100, 100))
    assert closest_approach(RegionDistance(traced([0.0, 10.0], zone=far), exact)) is None
    everywhere = ring((-90_000, -90_000), (90_000, -90_000), (90_000, 90_000), (-90_000, 90_000))
    assert closest_approach(RegionDistance(traced([0.0, 10.0], zone=everywhere), exact)) is None


def wandering(time_s, signed_m, sigma_m, outline_m, runs=40_000, tau_s=300.0):
    """P(ever inside) of an error that fades within `tau_s`, and one that never does: a simulation of its own."""
    rng = np.random.default_rng(12)
    error, outline = rng.standard_normal(runs), rng.standard_normal(runs) * outline_m
    ever = np.zeros(runs, dtype=bool)
    for i, (t, d, s) in enumerate(zip(time_s, signed_m, sigma_m, strict=True)):
        if i:
            keep = np.exp(-(t - time_s[i - 1]) / tau_s)
            error = keep * error + np.sqrt(1 - keep**2) * rng.standard_normal(runs)
        ever |= d + s * error + outline < 0
    return ever.mean()


@pytest.mark.parametrize(("outline_m", "p95_m", "heavy_m"), [(0.0, 0.0, 0.0), (3.0, 0.0, 3.0), (3.0, 14.0, 5.10)])
def test_the_chance_of_ever_having_been_inside_a_long_flight_along_it(outline_m, p95_m, heavy_m):
    """150 fixes 20 s apart, each 7 m off with a sigma of 3 m; sqrt((14 / K)^2 - 3^2) = 5.2 m by the heavy tails."""
    count = 150
    profile = traced(np.full(count, 7.0), np.arange(count) * 100.0, dt_s=20.0, sigma_m=3.0,
                     limits=Thresholds(gap_s=20.0, path_accel_mps2=0.0))  # fmt: skip
    near = closest_approach(RegionDistance(profile, within(outline_m, p95_m)))
    if p95_m:
        heavy_m = np.sqrt((p95_m / K) ** 2 - 3.0**2)
    truth = wandering(np.arange(count) * 20.0, np.full(count, 7.0), np.full(count, 3.0), heavy_m)
    assert near.probability_upper == pytest.approx(truth, abs=0.05)
    assert near.probability_upper >= near.decisive.probability


def test_the_chance_where_it_is_certain_and_in_a_gap():
    near = closest_approach(RegionDistance(traced(np.full(30, 60.0), np.arange(30.0), dt_s=1.0), exact))
    assert near.probability_upper == near.decisive.probability < 1e-9
    (stay,) = visits(RegionDistance(traced(np.full(30, -60.0), np.arange(30.0), dt_s=1.0), exact))
    assert stay.probability_upper() == stay.decisive.probability > 1 - 1e-9
    # Far instants do not count: two passes 3 m off with 1 km between are not much more likely than their sum.
    x = np.concatenate([np.abs(np.arange(-60.0, 61)) * 20 + 3])
    near = closest_approach(RegionDistance(traced(x, dt_s=1.0), exact))
    assert near.probability_upper == pytest.approx(near.decisive.probability, abs=0.02)


# ---- gaps


def gaps(*distances_m, gap_s=10.0):
    """Pairs of fixes at these distances from the outline, a gap within each pair, and seconds between the pairs."""
    x = np.repeat(distances_m, 3)
    dt = np.tile([gap_s, 1.0, 1.0], len(distances_m))[:-1]
    return traced(x, dt_s=dt, limits=Thresholds(implausible_speed_mps=1e6, max_speed_floor_mps=20, max_speed_factor=0))


def test_the_first_gap_that_reaches_and_only_those_asked_about():
    profile = gaps(150.0, 90.0, 300.0, 80.0)  # 20 m/s for 10 s: 100 m there and 100 m back
    assert gap_reaching(RegionDistance(profile, exact)) == (3, pytest.approx(180, abs=0.01))
    for asked, expected in (((0.0, 2.9), None), ((0.0, 3.0), None), ((0.0, 3.1), 3), ((3.9, 20.0), 3),
                            ((4.0, 20.0), 9), ((4.0, 9.0), None), ((9.5, 9.6), 9), ((10.0, 11.0), None)):  # fmt: skip
        found = gap_reaching(RegionDistance(profile, exact), within=asked)
        assert (found and found[0]) == expected, asked
    assert gap_reaching(RegionDistance(profile, exact), within=(9.5, 9.6))[1] == pytest.approx(160, abs=0.01)


@pytest.mark.parametrize(("distance_m", "sigma_m", "p95_m", "reached"), [
    (103.4, 0.0, 0.0, True), (103.6, 0.0, 0.0, False), (109.0, 0.0, 9.1, True), (109.0, 0.0, 8.9, False),
    (105.7, 2.0, 0.0, True), (105.9, 2.0, 0.0, False),
])  # fmt: skip
def test_coming_within_the_band_counts_as_entering(distance_m, sigma_m, p95_m, reached):
    """The band at both ends of the gap: 3.49 m for a sigma of 1.5 m, 5.82 m for 2.5 m."""
    assert (gap_reaching(RegionDistance(gaps(distance_m), within(sigma_m, p95_m))) is not None) == reached
    assert gap_reaching(RegionDistance(gaps(distance_m), within(sigma_m, p95_m)), with_band=False) is None


def test_what_is_no_gap_hides_nothing():
    assert gap_reaching(RegionDistance(gaps(1.0, gap_s=2.0), exact)) is None
    assert gap_reaching(RegionDistance(gaps(1.0, gap_s=2.1), exact)) is not None
    jump = traced([10.0, 10.0, 30_000.0, 30_000.0], dt_s=[1.0, 3.0, 1.0], zone=WEST)
    assert jump.trajectory.is_jump.tolist() == [False, True, False]
    assert gap_reaching(RegionDistance(jump, exact)) is None


def test_no_gap_reaches_what_is_not_in_sight():
    far = ring((90_000, 0), (90_100, 0), (90_100, 100))
    assert gap_reaching(RegionDistance(traced([0.0, 10.0, 20.0], zone=far, dt_s=[1.0, 30.0]), exact)) is None
    assert gap_reaching(RegionDistance(traced([50.0]), exact)) is None


def test_a_way_that_just_fits_fits():
    assert gap_reaching(RegionDistance(gaps(100.0), exact), with_band=False) is not None
    assert gap_reaching(RegionDistance(gaps(100.001), exact), with_band=False) is None


# ---- samples


def stepping(seed, count=900):
    """A path that keeps to the outline's neighbourhood, with accuracies that change from fix to fix."""
    rng = np.random.default_rng(seed)
    wave = 25 * np.sin(np.arange(count) / rng.uniform(40, 160)) + rng.uniform(-5, 45)
    steady = rng.choice([0.8, 6.0], count // 60 + 1).repeat(60)[:count]
    spiky = np.where(rng.uniform(size=count) < 0.01, 25.0, steady)
    return traced(wave + rng.normal(0, 0.1, count), np.arange(count) * 0.5, dt_s=0.2, sigma_m=spiky)


@pytest.mark.parametrize("seed", range(24))
def test_accuracies_that_change_from_fix_to_fix_are_all_looked_at(seed):
    """What the sampled profile says is what all fixes say."""
    profile = stepping(seed)
    path = profile.trajectory
    full = profile.with_fixes(np.ones(len(profile.row) - 1, dtype=bool))
    signed = full.distance_m[np.isin(full.row, np.arange(len(path)))]
    near = closest_approach(RegionDistance(replace(profile, inside=[]), exact))
    ratio = signed / (K * path.h_sigma_m)
    assert near.decisive.margin_m / near.decisive.band_m <= ratio.min() + 1e-3
    ours, theirs = visits(RegionDistance(profile, exact)), visits(RegionDistance(full, exact))
    assert [v.stretches for v in ours] == [v.stretches for v in theirs]


def drifting(seed, lowest_m, count=1_500):
    """So slow that samples lie far apart: 3 cm a fix, out to about the band of its accuracy, 9.3 m, and back."""
    rng = np.random.default_rng(seed)
    turn = np.cumsum(np.abs(rng.normal(0.02, 0.004, count))) + rng.uniform(0, 6)
    tops = rng.uniform(8.4, 10.4, count // 100 + 8)[(turn / (2 * np.pi)).astype(int)]
    x = lowest_m + (tops - lowest_m) * (1 - np.cos(turn)) / 2
    sigma = rng.choice([3.7, 4.0, 4.3], count // 35 + 1).repeat(35)[:count]
    return traced(x, np.zeros(count), dt_s=0.2, sigma_m=sigma)


@pytest.mark.parametrize("seed", range(12))
def test_slow_excursions_end_a_visit_by_the_fixes_alone(seed):
    profile = drifting(seed, -4.0)
    path = profile.trajectory
    signed = profile.with_fixes(np.ones(len(profile.row) - 1, dtype=bool))
    signed = signed.distance_m[np.searchsorted(signed.row, np.arange(len(path)))]
    expected, last = 0, -1  # an excursion counts when one of its fixes is beyond its own band
    for begin, end in profile.inside:
        between = np.arange(int(np.ceil(max(last, 0))), int(begin) + 1)
        expected += last < 0 or bool((signed[between] > K * path.h_sigma_m[between]).any())
        last = end
    assert len(visits(RegionDistance(profile, exact))) == expected


@pytest.mark.parametrize("seed", range(12))
def test_slow_approaches_are_decided_by_the_fixes(seed):
    profile = drifting(seed, 6.0 + 0.3 * seed)
    path = profile.trajectory
    every = profile.with_fixes(np.ones(len(profile.row) - 1, dtype=bool))
    signed = every.distance_m[np.searchsorted(every.row, np.arange(len(path)))]
    ratio = signed / (K * path.h_sigma_m)
    near = closest_approach(RegionDistance(profile, exact))
    assert near.distance_m == pytest.approx(signed.min(), abs=1e-3)
    assert near.decisive.margin_m / near.decisive.band_m == pytest.approx(ratio.min(), abs=2e-3)
    if ratio.min() > 1.001:
        assert near.within is None
    elif ratio.min() < 0.999:
        beyond, closest = np.flatnonzero(ratio >= 1), int(near.decisive.row)
        first = beyond[beyond < closest].max(initial=-1) + 1
        last = beyond[beyond > closest].min(initial=len(ratio)) - 1
        assert near.within == pytest.approx((first, last), abs=1.0)
