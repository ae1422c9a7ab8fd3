"""What counts as a recorded take-off, and as a log that breaks off in flight."""

import dataclasses

import numpy as np
import pytest

from dronecheck.flight import Event, EventKind
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.takeoff import ends_airborne, recorded_takeoff, records_landing
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


@pytest.mark.parametrize(("events", "heights", "is_back", "is_landed"), [
    ([(0, "arm"), (29, "disarm")], {}, False, True),
    ([(0, "takeoff"), (29, "land")], {}, False, True),
    ([(0, "takeoff")], {}, True, False),  # it rests where it began: at a height that nobody knows
    ([], {"alt_home_m": 1.0}, True, True),
    ([], {"alt_home_m": 1.0}, False, False),  # low, and at 10 m/s
    ([], {"alt_home_m": 3.0}, True, False),  # a hover
    ([], {"alt_amsl_m": 204.0}, True, True),
    ([], {"alt_amsl_m": 206.0}, True, False),
    ([(0, "arm"), (3, "disarm"), (5, "arm")], {"alt_home_m": 20.0}, True, False),  # ends armed, and high up
])  # fmt: skip
def test_a_landing_is_recorded_by_its_event_or_a_rest_as_high_as_home(events, heights, is_back, is_landed):
    way = np.concatenate([np.zeros(REST), np.arange(1, COUNT - REST + 1) * 2.0])
    out_and_back = np.concatenate([way[: REST + 25], way[: REST + 25][::-1]]) if is_back else way
    ends = {name: np.where(np.arange(COUNT) < COUNT - 30, 200.0 if name == "alt_amsl_m" else 0.0, last)
            for name, last in heights.items()}  # fmt: skip
    made = make_flight(47.0 + out_and_back * M, np.full(COUNT, 8.0), events=events, **ends)
    path = Trajectory(made.track, Thresholds())
    assert records_landing(made, path) is is_landed
    assert not records_landing(dataclasses.replace(made, ends_airborne=True), path)


def test_a_reader_that_says_so_is_believed():
    made = flight()
    said = dataclasses.replace(made, ends_airborne=True)
    assert ends_airborne(said, Trajectory(said.track, Thresholds()))


# ---- an event that is late, or forged


@pytest.mark.parametrize(
    ("height_m", "speed_mps", "is_one"), [(14.0, 1.0, True), (16.0, 0.0, False), (0.0, 9.0, False)]
)
def test_an_event_high_up_or_on_the_move_is_none(height_m, speed_mps, is_one):
    """As a log that begins in the air has it: nothing before the event says otherwise."""
    made = flight(alt_home_m=np.full(COUNT, height_m), speed_mps=np.full(COUNT, speed_mps), events=[(0, "arm")])
    assert bool(takeoff(made)) is is_one


def test_a_late_event_is_one_where_the_aircraft_was_at_rest_beside_it_just_before():
    height = np.concatenate([np.zeros(REST), np.linspace(0, 40, COUNT - REST)])
    speed = np.concatenate([np.zeros(REST), np.full(COUNT - REST, 10.0)])
    late = flight(alt_home_m=height, speed_mps=speed, events=[(REST + 5, "takeoff")])  # 10 m on, 10 m/s
    assert takeoff(late).basis == "takeoff_event"
    later = flight(alt_home_m=height, speed_mps=speed, events=[(REST + 12, "takeoff")])  # 24 m on
    assert takeoff(later).basis == "rest_then_climb"


# ---- heights above any level


def rise(*, gain_m=60.0, start_m=200.0, sink_m=0.0, back=True, away=True, noise_m=0.0, column="alt_amsl_m", **more):
    """Eight seconds at rest, up in ten, 400 m away and back, down in ten, eight at rest; 5 Hz."""
    rng = np.random.default_rng(4)
    up = np.linspace(0, gain_m, 50)
    out = np.concatenate([np.linspace(0, 400, 200), np.linspace(400, 0 if back else 200, 200)]) * away
    height = start_m + np.concatenate([np.zeros(40), up, np.full(400, gain_m), up[::-1] - sink_m, np.full(40, -sink_m)])
    height += rng.normal(0, noise_m, len(height)) if noise_m else 0.0
    north = np.concatenate([np.zeros(90), out, np.full(90, out[-1])])
    return make_flight(47.0 + north * M, np.full(len(north), 8.0), **{column: height}, **more)


@pytest.mark.parametrize("column", ["alt_amsl_m", "alt_hae_m", "alt_unframed_m", "pressure_alt_m"])
def test_at_rest_then_straight_up_and_back_again_is_a_take_off(column):
    found = takeoff(rise(column=column, noise_m=0.5))
    assert found.basis == "rest_then_rise"
    assert found.place.lat_deg == pytest.approx(47.0, abs=1 * M)


def with_power_up(made, before_s):
    return dataclasses.replace(
        made, clock=dataclasses.replace(made.clock, power_up_ns=int(made.track.time_ns[0] - before_s * 1e9))
    )


def test_a_rise_that_does_not_come_back_needs_another_proof_of_the_ground():
    made = rise(back=False)
    assert takeoff(made) is None
    assert takeoff(with_power_up(made, 59)).basis == "rest_then_rise"
    assert takeoff(with_power_up(made, 61)) is None
    assert takeoff(with_power_up(made, -1)) is None


class Ground:
    """Flat ground at one height, known to within four metres."""

    sources = ()

    def __init__(self, height_m):
        self.height_m = height_m

    def ground_amsl_m(self, lon_deg, lat_deg):
        return np.full(len(lon_deg), self.height_m), np.full(len(lon_deg), 4.0)


@pytest.mark.parametrize(("ground_m", "is_one"), [(200.0, True), (192.0, True), (180.0, False), (140.0, False)])
def test_the_terrain_puts_the_start_on_the_ground_or_not(ground_m, is_one):
    made = rise(back=False, v_sigma_m=np.full(580, 3.0))
    found = recorded_takeoff(made, Trajectory(made.track, Thresholds()), Ground(ground_m))
    assert bool(found) is is_one


def test_a_hover_that_climbs_is_none():
    """It ends lower than it began, or elsewhere: an aircraft that lands does not go below its take-off."""
    assert takeoff(rise(sink_m=20.0)) is None
    assert takeoff(with_power_up(rise(sink_m=20.0), 10)) is None
    assert takeoff(rise(back=False)) is None


def test_a_film_that_says_it_began_above_home_is_none_though_it_comes_back():
    """A "rocket" shot: straight up from a hover and down again; the height above home says what the others cannot."""
    made = rise()
    above_home = np.array(made.track.alt_amsl_m) - 200.0
    assert takeoff(rise(alt_home_m=above_home + 50.0)) is None
    assert takeoff(rise(alt_home_m=np.full(580, np.nan))).basis == "rest_then_rise"
    ran = dataclasses.replace(made, clock=dataclasses.replace(made.clock, elapsed_s=40.0))
    assert takeoff(ran) is None


def test_a_film_cut_on_its_way_down_has_not_landed_but_a_log_that_stops_at_touch_down_has():
    """The last rows sink at 6 m/s: 4 m above the height of the beginning, or at it."""
    whole = rise()
    stop = 40 + 50 + 400 + 50
    for more, above_m, is_one in ((0, 0.0, True), (-3, 3.7, False), (40, 0.0, True)):
        part = whole.track[: stop + more]
        assert part.alt_amsl_m[-1] == pytest.approx(200.0 + above_m, abs=0.1)
        assert bool(takeoff(dataclasses.replace(whole, tracks={whole.primary: part}))) is is_one


@pytest.mark.parametrize("seed", range(20))
def test_places_that_scatter_at_rest_are_at_rest_where_speeds_say_so(seed):
    """One fix a second, 1 m of scatter each way: in one of a hundred the last seconds seem to move at 1.5 m/s."""
    made = rise()
    rng, rows = np.random.default_rng(seed), slice(None, None, 5)
    north_m, east_m = rng.normal(0, 1.0, (2, 116))
    end_m = np.where(np.arange(116) == 112, 4.6, 0.0)  # the first of the last three seconds
    speed = np.abs(np.gradient(np.array(made.track.lat_deg)[rows])) / M
    columns = {"alt_amsl_m": made.track.alt_amsl_m[rows], "speed_mps": speed}
    lat = np.array(made.track.lat_deg)[rows] + (north_m + end_m) * M
    still = make_flight(lat, 8.0 + east_m * M, dt_s=1.0, sigma_m=2.0, **columns)
    assert takeoff(still).basis == "rest_then_rise"
    moved = lat + np.linspace(0, 1, 116) ** 400 * 25 * M  # by its places on the move, whatever the speeds say
    assert takeoff(make_flight(moved, 8.0 + east_m * M, dt_s=1.0, sigma_m=2.0, **columns)) is None


def test_a_rise_less_than_its_scatter_or_not_straight_up_is_none():
    assert takeoff(rise(gain_m=7.5)) is None
    assert takeoff(rise(gain_m=8.5))
    assert takeoff(rise(gain_m=12.0, noise_m=3.0)) is None  # 15 m are five sigma
    moving = rise()
    lat = np.array(moving.track.lat_deg) + np.minimum(np.arange(580) * 0.4, 36.0) * M  # 2 m/s from the first fix on
    assert takeoff(make_flight(lat, moving.track.lon_deg, alt_amsl_m=moving.track.alt_amsl_m)) is None
    slanting = np.array(moving.track.lat_deg) + np.clip((np.arange(580) - 40) * 1.0, 0, 20) * M  # 16 m on at 13 m up
    slant = make_flight(slanting, moving.track.lon_deg, alt_amsl_m=moving.track.alt_amsl_m)
    assert takeoff(slant)  # 8 m are passed within 15 m
    steep = np.array(moving.track.lat_deg) + np.clip((np.arange(580) - 40) * 3.0, 0, 20) * M
    assert takeoff(make_flight(steep, moving.track.lon_deg, alt_amsl_m=moving.track.alt_amsl_m)) is None


def test_a_log_that_begins_on_the_climb_is_no_rest():
    whole = rise()
    assert takeoff(dataclasses.replace(whole, tracks={whole.primary: whole.track[45:]})) is None
    assert takeoff(dataclasses.replace(whole, tracks={whole.primary: whole.track[30:]})) is None  # two seconds of rest
