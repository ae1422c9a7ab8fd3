"""Times, places, lengths, gaps and errors along a path, each worked out by hand or with pyproj."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyproj
import pytest

from dronecheck.flight import Track
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.trajectory import PlaneTile, Trajectory
from tests.conftest import make_flight

GEOD = pyproj.Geod(ellps="WGS84")
LIMITS = Thresholds()


def northward(steps_m, *, dt_s=1.0, sigma_m=1.5, lat=50.0, lon=8.0, **columns):
    """A path due north; its steps are exact on the ellipsoid."""
    lats = [lat]
    for step in steps_m:
        lats.append(GEOD.fwd(lon, lats[-1], 0.0, step)[1])
    return Trajectory(make_flight(lats, np.full(len(lats), lon), dt_s=dt_s, sigma_m=sigma_m, **columns).track, LIMITS)


def test_times_and_places_between_fixes():
    path = northward([10.0, 20.0], dt_s=[1.0, 3.0])
    start = int(path.track.time_ns[0])
    assert [path.time_ns_at(row) - start for row in (0.0, 0.5, 1.0, 1.25, 2.0)] == [0, 5e8, 1e9, 1.75e9, 4e9]
    for row, along_m in ((0.0, 0.0), (0.5, 5.0), (1.0, 10.0), (1.25, 15.0), (2.0, 30.0)):
        place = path.place_at(row)
        assert place.lat_deg == pytest.approx(GEOD.fwd(8.0, 50.0, 0.0, along_m)[1], abs=1e-10)
        assert place.lon_deg == pytest.approx(8.0, abs=1e-12)


@pytest.mark.parametrize(("here", "there"), [((179.9, 60.0), (-179.7, 60.0)), ((10.0, 85.0), (11.0, 85.0))])
def test_a_place_on_a_long_step_is_on_the_geodesic(here, there):
    path = Trajectory(make_flight([here[1], there[1]], [here[0], there[0]], dt_s=600.0).track, LIMITS)
    azimuth, _, length_m = GEOD.inv(*here, *there)
    lon, lat, _ = GEOD.fwd(*here, azimuth, 0.25 * length_m)
    place = path.place_at(0.25)
    assert GEOD.inv(place.lon_deg, place.lat_deg, lon, lat)[2] < 1e-3
    assert -180.0 <= place.lon_deg <= 180.0


def test_jumps_are_steps_faster_than_flight_and_the_error_of_both_fixes():
    # 1 s at 150 m/s, 20 m, and three sigma of either fix (1.5 m): 179 m is the most that is no jump.
    path = northward([10.0, 178.5, 10.0, 179.5, 10.0])
    assert path.is_jump.tolist() == [False, False, False, True, False]
    assert path.is_suspect
    assert path.doubt_m == pytest.approx(179.5, rel=1e-5)
    assert path.length_m == pytest.approx(208.5, rel=1e-5)
    assert path.length_between_m(0.5, 4.5) == pytest.approx(5 + 178.5 + 10 + 0 + 5, rel=1e-5)
    assert [path.is_end(row) for row in (0.0, 0.5, 1.0, 2.0, 3.0, 3.5, 4.0, 4.5, 5.0)] == [
        True, False, False, False, True, False, True, False, True,
    ]  # fmt: skip
    assert [(w.first, w.last) for w in path.windows] == [(0, 3), (4, 5)]
    plain = northward([10.0, 10.0])
    assert (plain.is_suspect, plain.doubt_m) == (False, 0.0)


def test_an_unknown_accuracy_is_the_assumed_one():
    assert northward([1.0], sigma_m=float("nan")).h_sigma_m.tolist() == [LIMITS.assumed_h_sigma_m] * 2


def test_the_speed_cap_is_the_fastest_flown_or_logged_within_limits():
    assert northward([5.0] * 50).max_speed_mps == 20.0  # the floor
    assert northward([40.0] * 50).max_speed_mps == pytest.approx(40 * 1.3, rel=1e-5)
    assert northward([5.0] * 50, speed_mps=np.full(51, 30.0)).max_speed_mps == pytest.approx(39.0)
    assert northward([140.0] * 50).max_speed_mps == 150.0  # faster is implausible
    assert northward([9.0] * 50, dt_s=0.2).max_speed_mps == 20.0  # steps under half a second measure noise
    assert northward([40.0] * 50, dt_s=0.5).max_speed_mps == pytest.approx(80 * 1.3, rel=1e-5)


def test_the_reach_is_half_of_what_the_longest_gap_leaves():
    path = northward([5.0, 100.0, 5.0], dt_s=[1.0, 30.0, 1.0])
    assert path.reach_m == pytest.approx((20.0 * 30 - 100) / 2, rel=1e-5)
    assert northward([]).reach_m == 0.0
    assert northward([30.0] * 3).reach_m == pytest.approx((30 * 1.3 - 30) / 2, rel=1e-4)


def test_seconds_seen_leave_gaps_and_jumps_out():
    path = northward([5.0, 5.0, 5.0, 900.0, 5.0], dt_s=[1.0, 2.0, 2.5, 1.0, 0.5])
    assert path.seen_between_s(0, 5) == pytest.approx(3.5)
    assert path.seen_between_s(0.5, 2.5) == pytest.approx(2.0)  # from fix 1 to fix 2
    assert path.seen_between_s(1.2, 1.8) == 0.0
    assert path.in_gap(np.array([0.0, 1.5, 2.0, 2.5, 3.0, 3.5, 5.0])).tolist() == [0, 0, 0, 1, 0, 0, 0]


def test_the_error_between_fixes_grows_by_the_bend_of_the_way():
    path = northward([5.0, 5.0], dt_s=[1.0, 4.0])
    middle = LIMITS.path_accel_mps2 * 4.0**2 / 8  # a chord of dt misses an arc by a dt^2 / 8 in its middle
    found = path.sigma_at(np.array([0.0, 1.0, 1.5, 1.25, 2.0]))
    assert found == pytest.approx([1.5, 1.5, np.hypot(1.5, middle), np.hypot(1.5, 0.75 * middle), 1.5])
    assert northward([]).sigma_at(np.array([0.0])).tolist() == [1.5]
    assert northward([]).in_gap(np.array([0.0])).tolist() == [False]


@pytest.mark.parametrize("lat", [-60.0, 0.0, 45.0])
def test_a_frame_is_padded_by_at_least_what_was_asked_on_every_side(lat):
    west, south, east, north = PlaneTile((8.0, lat, 8.2, lat + 0.1)).box(5_000.0)
    ways = [GEOD.inv(8.1, lat, 8.1, south)[2], GEOD.inv(8.1, lat + 0.1, 8.1, north)[2]]
    ways += [GEOD.inv(8.0, lat, west, lat)[2], GEOD.inv(8.2, lat + 0.1, east, lat + 0.1)[2]]
    assert min(ways) >= 4_999.0
    assert max(ways) <= 5_050.0


def test_a_frame_at_a_pole_is_the_whole_turn_and_stays_on_the_globe():
    assert PlaneTile((10.0, 89.99, 12.0, 89.99)).box(5_000.0)[2:] == (191.0, 90.0)
    assert PlaneTile((10.0, -89.99, 12.0, -89.99)).box(5_000.0)[:2] == (-169.0, -90.0)


def test_frames_share_a_plane_up_to_twenty_kilometres():
    here = PlaneTile((8.0, 50.0, 8.01, 50.01))
    near = here.joined(PlaneTile((8.2, 50.1, 8.21, 50.11)))  # 15.1 km east, 12.2 km north
    assert near is not None
    assert near.extent_deg == (8.0, 50.0, 8.21, 50.11)
    assert here.joined(PlaneTile((8.3, 50.0, 8.31, 50.01))) is None  # 22 km
    assert here.joined(PlaneTile((8.0, 50.2, 8.01, 50.21))) is None  # 23 km


def test_windows_are_fifty_kilometres_at_most_and_share_the_row_where_they_meet():
    count = 400
    for lat, lon in (
        (50.0 + np.arange(count) * 3e-3, np.full(count, 8.0)),
        (np.full(count, 50.0), 8.0 + np.arange(count) * 4e-3),
    ):
        path = Trajectory(make_flight(lat, lon, dt_s=10.0).track, LIMITS)
        assert not path.is_jump.any()
        rows = [(w.first, w.last) for w in path.windows]
        assert rows[0][0] == 0
        assert rows[-1][1] == count - 1
        assert all(a[1] == b[0] for a, b in pairwise(rows))
        lengths = [GEOD.inv(lon[a], lat[a], lon[b], lat[b])[2] for a, b in rows]
        assert max(lengths) <= 50_100.0
        assert min(lengths[:-1]) >= 49_000.0  # and no more of them than needed


def test_a_track_of_one_fix():
    path = northward([])
    assert isinstance(path.track, Track)
    assert (len(path), path.length_m) == (1, 0.0)
    assert path.time_ns_at(0.0) == path.track.time_ns[0]
    assert path.place_at(0.0).lat_deg == 50.0
    assert [(w.first, w.last) for w in path.windows] == [(0, 0)]
