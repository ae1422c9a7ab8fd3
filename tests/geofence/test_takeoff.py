"""What counts as a recorded take-off, and as a log that breaks off in flight."""

import dataclasses

import numpy as np
import pytest

from dronecheck.flight import Event, EventKind
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.takeoff import ends_airborne, recorded_takeoff
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight

M = 1 / 111_320.0  # degrees of latitude in a metre
REST, COUNT = 50, 150


def flight(*, wander_m=0.0, lat=47.0, lon=8.0, axis="lat", **more):
    """Ten seconds at rest (5 Hz), then away at 10 m/s; `wander_m` is how far the rest moves in that time."""
    way = np.concatenate([np.linspace(wander_m, 0, REST), np.arange(1, COUNT - REST + 1) * 2.0]) * M
    lats, lons = np.full(COUNT, lat), np.full(COUNT, lon)
    if axis == "lat":
        lats = lats + way
    else:
        lons = lons + way / np.cos(np.radians(lat))
    return make_flight(lats, lons, **more)


def takeoff(made):
    return recorded_takeoff(made, Trajectory(made.track, Thresholds()))


def with_event(made, after_s, kind="takeoff"):
    event = Event(int(made.track.time_ns[0] + after_s * 1e9), EventKind(kind), "")
    return dataclasses.replace(made, events=(*made.events, event))


def test_an_event_beside_a_fix_that_has_not_moved():
    found = takeoff(flight(events=[(REST, "takeoff")]))
    assert (found.row, found.basis) == (REST, "takeoff_event")
    assert found.place.lat_deg == pytest.approx(47.0, abs=3 * M)
    assert takeoff(flight(events=[(10, "arm")])).row == 10
    both = takeoff(flight(events=[(10, "arm"), (REST, "takeoff")]))
    assert both.basis == "takeoff_event"


@pytest.mark.parametrize("axis", ["lat", "lon"])
@pytest.mark.parametrize("lat", [0.5, 60.0])
def test_a_receiver_may_wander_while_it_settles_but_not_fly(axis, lat):
    # 30 m and five sigma of 1.5 m are allowed for.
    assert takeoff(flight(wander_m=36.0, axis=axis, lat=lat, events=[(REST, "takeoff")]))
    assert takeoff(flight(wander_m=40.0, axis=axis, lat=lat, events=[(REST, "takeoff")])) is None


def test_across_the_antimeridian():
    assert takeoff(flight(lon=-179.99999, axis="lon", wander_m=-20.0, events=[(REST, "takeoff")]))


def test_a_jump_before_the_event_is_no_rest():
    made = flight(events=[(REST, "takeoff")])
    lat = np.array(made.track.lat_deg)
    lat[5] += 3_000 * M
    assert takeoff(make_flight(lat, made.track.lon_deg, events=[(REST, "takeoff")])) is None


def test_an_event_far_from_every_fix_in_time_proves_no_place():
    made = flight()
    end_s = (made.track.time_ns[-1] - made.track.time_ns[0]) / 1e9
    assert takeoff(with_event(made, -4.9)).row == 0
    assert takeoff(with_event(made, -5.1)) is None
    assert takeoff(with_event(made, end_s + 60)) is None


@pytest.mark.parametrize("kind", ["land", "disarm"])
def test_a_landing_before_the_first_take_off_means_that_the_log_began_in_the_air(kind):
    assert takeoff(flight(events=[(10, kind), (REST, "takeoff")])) is None
    assert takeoff(flight(events=[(REST, "takeoff"), (140, kind)]))


def climb(*, first_m=0.0, gain_m=40.0, **more):
    height = first_m + np.concatenate([np.zeros(REST), np.linspace(0, gain_m, COUNT - REST)])
    return flight(alt_home_m=height, **more)


def test_a_start_at_rest_at_home_height_and_then_a_climb():
    found = takeoff(climb())
    assert (found.row, found.basis) == (0, "rest_then_climb")
    assert takeoff(climb(first_m=4.9))
    assert takeoff(climb(first_m=-4.9))
    assert takeoff(climb(gain_m=5.1))
    assert takeoff(climb(speed_mps=np.full(COUNT, 1.4)))


def test_what_is_no_start_at_rest():
    assert takeoff(climb(first_m=5.1)) is None
    assert takeoff(climb(first_m=-5.1)) is None
    assert takeoff(climb(gain_m=4.9)) is None
    assert takeoff(climb(speed_mps=np.full(COUNT, 1.6))) is None
    assert takeoff(flight()) is None  # no height at all
    moving = 47.0 + np.arange(COUNT) * 0.2 * 2.0 * M  # 2 m/s by its positions, and no logged speed
    assert takeoff(make_flight(moving, np.full(COUNT, 8.0), alt_home_m=climb().track.alt_home_m)) is None
    slow = 47.0 + np.arange(COUNT) * 0.2 * 1.4 * M
    assert takeoff(make_flight(slow, np.full(COUNT, 8.0), alt_home_m=climb().track.alt_home_m))
    unknown_first = np.array(climb().track.alt_home_m)
    unknown_first[0] = np.nan
    assert takeoff(flight(alt_home_m=unknown_first)) is None


def test_nothing_is_no_take_off():
    empty = make_flight([], [])
    assert takeoff(empty) is None
    assert not ends_airborne(empty, Trajectory(empty.track, Thresholds()))


@pytest.mark.parametrize(("events", "speed", "height", "ends"), [
    ([(0, "arm")], 3.1, 0.0, True),
    ([(0, "arm")], 2.9, 0.0, False),
    ([(0, "takeoff")], 0.0, 5.1, True),
    ([(0, "takeoff")], 0.0, 4.9, False),
    ([(0, "takeoff"), (140, "land")], 5.0, 20.0, False),
    ([(0, "arm"), (140, "disarm")], 5.0, 20.0, False),
    ([(0, "arm"), (100, "disarm"), (120, "arm")], 5.0, 20.0, True),
    ([], 5.0, 20.0, False),  # the log says nothing of arming or landing
])  # fmt: skip
def test_a_log_that_breaks_off_in_flight(events, speed, height, ends):
    made = flight(events=events, speed_mps=np.full(COUNT, speed), alt_home_m=np.full(COUNT, height))
    assert ends_airborne(made, Trajectory(made.track, Thresholds())) is ends


def test_a_reader_that_says_so_is_believed():
    made = flight()
    said = dataclasses.replace(made, ends_airborne=True)
    assert ends_airborne(said, Trajectory(said.track, Thresholds()))
