"""Samples are dense enough: what is read off them equals what all fixes say."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import closest_approach, visits
from tests.conftest import make_flight
from tests.support.scale import examples

PLANE = LocalPlane(2.0, 47.0)


def star(rng: np.random.Generator) -> shapely.Geometry:
    """An irregular polygon of some hundred metres around the plane's centre, in degrees."""
    turn = np.sort(rng.uniform(0, 2 * np.pi, 40))
    radius = rng.uniform(200, 900, 40)
    return shapely.make_valid(
        shapely.Polygon(PLANE.inverse(np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])))
    )


def wander(rng: np.random.Generator, count: int) -> Trajectory:
    """A path of smooth turns at up to 15 m/s, 5 Hz, with accuracies that change now and then."""
    heading = np.cumsum(rng.normal(0, 0.05, count)) + rng.uniform(0, 6)
    speed = np.abs(np.cumsum(rng.normal(0, 0.1, count)) + rng.uniform(0, 15)) % 15
    xy = np.cumsum(0.2 * speed[:, np.newaxis] * np.column_stack([np.cos(heading), np.sin(heading)]), axis=0)
    lonlat = PLANE.inverse(xy + rng.uniform(-1500, 1500, 2))
    flight = make_flight(lonlat[:, 1], lonlat[:, 0])
    sigma = rng.choice([1.0, 2.0, 8.0], count // 200 + 1).repeat(200)[:count]
    track = flight.track
    object.__setattr__(track, "h_sigma_m", sigma)
    return Trajectory(track, Thresholds())


def outline_error(foot):
    """A quarter of the outline is much less well known than the rest."""
    west = foot[:, 0] < 2.0
    return np.where(west, 30.0, 3.0), np.where(west, 120.0, 5.0)


@settings(deadline=None, max_examples=examples(60))
@given(st.integers(0, 2**32 - 1))
@example(seed=3387)
def test_visits_and_approach_are_those_of_all_fixes(seed):
    rng = np.random.default_rng(seed)
    zone, path = star(rng), wander(rng, int(rng.integers(2, 3000)))
    profile = trace(path, lambda *_: zone, Edge.PLANAR, 5_000)
    full = profile.with_fixes(np.ones(max(len(profile.row) - 1, 0), dtype=bool))
    assert set(range(len(path))) <= set(full.row.tolist())
    ours, theirs = visits(RegionDistance(profile, outline_error)), visits(RegionDistance(full, outline_error))
    assert [v.stretches for v in ours] == [v.stretches for v in theirs]
    for mine, all_fixes in zip(ours, theirs, strict=True):
        assert abs(mine.depth_m - all_fixes.depth_m) < 0.01
    if not theirs:
        mine, all_fixes = (
            closest_approach(RegionDistance(profile, outline_error)),
            closest_approach(RegionDistance(full, outline_error)),
        )
        assert (mine is None) == (all_fixes is None)
        if mine:
            assert abs(mine.distance_m - all_fixes.distance_m) < 0.01
            assert (
                abs(
                    mine.decisive.margin_m / mine.decisive.band_m
                    - all_fixes.decisive.margin_m / all_fixes.decisive.band_m
                )
                < 1e-3
            )
            assert (mine.within is None) == (all_fixes.within is None)
            if mine.within:
                assert np.allclose(mine.within, all_fixes.within, atol=1.0)


@settings(deadline=None, max_examples=examples(40))
@given(st.integers(0, 2**32 - 1))
def test_the_bounds_between_samples_hold(seed):
    rng = np.random.default_rng(seed)
    zone, path = star(rng), wander(rng, 1500)
    profile = trace(path, lambda *_: zone, Edge.PLANAR, 5_000)
    full = profile.with_fixes(np.ones(len(profile.row) - 1, dtype=bool))
    least, greatest = profile.bounds_m()
    after = np.clip(np.searchsorted(profile.row, full.row, "right") - 1, 0, len(least) - 1)
    assert np.all(full.distance_m >= least[after] - 0.05)
    assert np.all(full.distance_m <= greatest[after] + 0.05)
