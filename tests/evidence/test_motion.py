"""KIN-2 to KIN-4: limits of flight, headings, accelerometers and the estimator's own word, on a simulated flight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dronecheck.evidence.consistency.motion.estimator import estimator
from dronecheck.evidence.consistency.motion.inertia import inertia
from dronecheck.evidence.consistency.motion.limits import limits
from dronecheck.flight import Flight, Statement, Track, Witness
from tests.evidence.flown import LAT_DEG, START_NS, Flown, fly, recorded, track_of, with_tracks
from tests.evidence.makers import assert_sound


def gravest(told: tuple[Statement, ...] | None) -> str:
    weights = [statement.severity.value for statement in told or ()]
    return next((weight for weight in ("CONTRADICTION", "NOTICE", "INFO") if weight in weights), "")


def times_of(flown: Flown) -> np.ndarray:
    return START_NS + (flown.seconds * 1e9).astype(np.int64)


def about(axis: int, angle_deg: np.ndarray) -> np.ndarray:
    """Turn about one axis of north, east, down, by the right hand; matrices (n, 3, 3)."""
    one, other = (axis + 1) % 3, (axis + 2) % 3
    turn = np.zeros((len(angle_deg), 3, 3))
    turn[:, axis, axis] = 1
    turn[:, one, one] = turn[:, other, other] = np.cos(np.radians(angle_deg))
    turn[:, other, one] = np.sin(np.radians(angle_deg))
    turn[:, one, other] = -turn[:, other, one]
    return turn


def attitude_of(flown: Flown, yaw_deg: np.ndarray) -> tuple[Witness, np.ndarray]:
    """An aircraft that leans into its acceleration, as multirotors do."""
    rng = np.random.default_rng(11)
    roll = 6 * np.sin(flown.seconds / 3) + rng.normal(0, 0.3, len(yaw_deg))
    pitch = 5 * np.cos(flown.seconds / 4) + rng.normal(0, 0.3, len(yaw_deg))
    turned = about(2, yaw_deg) @ about(1, pitch) @ about(0, roll)
    columns = {"roll_deg": roll, "pitch_deg": pitch, "yaw_deg": yaw_deg % 360}
    return Witness("attitude", "ATT", times_of(flown), 1001 + 100 * np.arange(len(yaw_deg)), columns), turned


def felt_of(flown: Flown, turned: np.ndarray, noise: float = 0.5) -> Witness:
    """What accelerometers feel: the acceleration without gravity's, in the axes of the aircraft, and a bias."""
    rng = np.random.default_rng(12)
    north, east, up = flown.acceleration_mps2.T
    force = np.einsum("nij,ni->nj", turned, np.stack([north, east, -up - 9.81], axis=1))
    force += rng.normal(0, noise, force.shape) + np.array([0.1, -0.15, 0.2])
    columns = dict(zip(("accel_x_mps2", "accel_y_mps2", "accel_z_mps2"), force.T, strict=True))
    return Witness("imu", "IMU", times_of(flown), 1002 + 100 * np.arange(len(force)), columns)


def equipped(seed: int, noise: float = 0.5) -> tuple[Flight, Flown]:
    flown = fly(seed, 240.0)
    attitude, turned = attitude_of(flown, np.unwrap(flown.yaw_deg, period=360))
    return recorded({"fused": track_of(flown, seed, 2, noise_m=0.4)}, attitude, felt_of(flown, turned, noise)), flown


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_an_honest_flight_says_nothing(seed):
    flight, _ = equipped(seed)
    assert limits(flight) == ()
    assert inertia(flight) == ()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_a_way_from_elsewhere_is_not_what_accelerometers_felt(seed):
    flight, _ = equipped(seed)
    other = track_of(fly(seed + 1, 240.0), seed, 2, noise_m=0.4)
    assert gravest(inertia(with_tracks(flight, fused=other))) == "NOTICE"


def test_a_stretch_from_elsewhere_is_found_where_it_is():
    flight, _ = equipped(21)
    track = flight.track
    rows = slice(500, 900)  # flown as it was a minute before, and joined on
    lat, lon = track.lat_deg.copy(), track.lon_deg.copy()
    for column in (lat, lon):
        piece = column[200:600] - column[200]
        column[900:] += column[500] + piece[-1] - column[900]
        column[rows] = column[500] + piece
    told = inertia(with_tracks(flight, fused=track.replace(lat_deg=lat, lon_deg=lon))) or ()
    assert gravest(told) == "NOTICE"
    first, last = told[0].spans[0]
    assert first < track.offset[900] and last > track.offset[500]


def test_shaken_accelerometers_are_a_fact_at_most():
    flight, _ = equipped(5, noise=60.0)
    assert gravest(inertia(flight)) in ("", "INFO")


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.floats(25, 335))
def test_a_way_turned_against_its_headings_is_unusual(seed, turn_deg):
    flown = fly(seed, 300.0, 10.0)
    course = np.degrees(np.arctan2(flown.velocity_mps[:, 1], flown.velocity_mps[:, 0]))
    attitude, _ = attitude_of(flown, course)
    track = track_of(flown, seed, 2, noise_m=0.3)
    assert limits(recorded({"fused": track}, attitude)) == ()
    shrinks, turn = np.cos(np.radians(LAT_DEG)), np.radians(turn_deg)
    north, east = track.lat_deg - track.lat_deg[0], (track.lon_deg - track.lon_deg[0]) * shrinks
    edited = track.replace(
        lat_deg=track.lat_deg[0] + north * np.cos(turn) - east * np.sin(turn),
        lon_deg=track.lon_deg[0] + (north * np.sin(turn) + east * np.cos(turn)) / shrinks,
    )
    assert gravest(limits(recorded({"fused": edited}, attitude))) == "NOTICE"


def test_what_no_aircraft_does_is_unusual():
    track = track_of(fly(3), 3)
    quick = track.speed_mps.copy()
    quick[600:] += 60
    assert gravest(limits(recorded({"fused": track.replace(speed_mps=quick)}))) == "NOTICE"
    high = track.alt_home_m.copy()
    high[600:] += 500
    told = limits(recorded({"fused": track.replace(alt_home_m=high)})) or ()
    assert gravest(told) == "NOTICE" and told[0].spans[0][0] <= track.offset[600] <= told[0].spans[0][1]


def ratios(track: Track, **columns: np.ndarray) -> Flight:
    return recorded({"fused": track}, Witness("estimator", "XKF4", track.time_ns, track.offset, columns))


REFUSED = [(5, "pos_ratio", ""), (50, "pos_ratio", "INFO"), (400, "pos_ratio", "NOTICE"), (400, "hgt_ratio", "INFO")]


@pytest.mark.parametrize(("rows", "column", "weight"), REFUSED)
def test_what_an_estimator_refused_is_told(rows, column, weight):
    track = track_of(fly(3), 3)
    ratio = np.full(len(track), 0.2)
    ratio[300 : 300 + rows] = 1.6
    told = estimator(ratios(track, **{column: ratio}))
    assert gravest(told) == weight
    assert not told or told[0].records[0] == track.offset[300]


def test_a_position_set_anew_is_a_fact():
    track = track_of(fly(3), 3)
    told = estimator(ratios(track, reset_count=np.where(np.arange(len(track)) > 700, 3.0, 2.0))) or ()
    assert [(s.severity.value, s.records) for s in told] == [("INFO", (int(track.offset[701]),))]
    assert estimator(ratios(track, reset_count=np.full(len(track), 7.0))) == ()
    assert estimator(recorded({"fused": track})) is None


ODD = arrays(np.float64, 80, elements=st.floats(allow_nan=True, allow_infinity=True))


@settings(max_examples=40, deadline=None)
@given(ODD, ODD, ODD, arrays(np.int64, 80, elements=st.integers(-(10**18), 10**18)), st.booleans())
def test_odd_columns_never_raise(one, two, three, time_ns, is_sorted):
    track = track_of(fly(7, 16.0), 7)
    times = track.time_ns if is_sorted else time_ns
    offset = np.arange(80)
    witnesses = (
        Witness("attitude", "A", times, offset, {"roll_deg": one, "pitch_deg": two, "yaw_deg": three}),
        Witness("imu", "I", times, offset, {"accel_x_mps2": two, "accel_y_mps2": three, "accel_z_mps2": one}),
        Witness("estimator", "E", times, offset, {"pos_ratio": one, "hgt_ratio": two, "reset_count": three}),
    )
    for test in (limits, inertia, estimator):
        assert_sound(test(recorded({"fused": track.replace(speed_mps=one, alt_home_m=two)}, *witnesses)))
        assert_sound(test(recorded({"fused": track.replace(time_ns=np.sort(time_ns))}, *witnesses)))


# ---- turned at once


def _home_again(seed: int, quick_mps: float, every: int = 2) -> tuple[Track, Track]:
    """Straight out and home again on the same way, by a soft turn; and the same with the far half cut out."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(0, 240, 0.1 * every)
    speed = np.interp(seconds, [0, 5, 112, 128, 235, 240], [0, quick_mps, quick_mps, -quick_mps, -quick_mps, 0])
    north = np.cumsum(speed) * 0.1 * every + rng.normal(0, 0.02, len(seconds))
    track = Track.build(
        time_ns=START_NS + (seconds * 1e9).astype(np.int64),
        lat_deg=LAT_DEG + north / 111_195.0,
        lon_deg=np.full(len(seconds), 124.0) + rng.normal(0, 2e-7, len(seconds)),
        offset=1000 + 100 * np.arange(len(seconds)),
        message="fix",
        speed_mps=np.abs(speed) + rng.normal(0, 0.05, len(seconds)),
    )
    gone = int(np.searchsorted(seconds, 60.0))
    back = len(seconds) - gone  # where it passes the same place again
    keep = np.ones(len(seconds), np.bool_)
    keep[gone:back] = False
    cut = track.where(keep)
    cut_s = seconds[back] - seconds[gone]
    late = np.arange(len(cut)) >= gone
    return track, cut.replace(time_ns=cut.time_ns - late * int(cut_s * 1e9))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.floats(10, 20), st.sampled_from([1, 2]))
def test_a_way_out_and_home_that_was_cut_where_both_meet_is_found(seed, quick_mps, every):
    whole, cut = _home_again(seed, quick_mps, every)
    assert limits(recorded({"fused": whole})) == ()
    told = limits(recorded({"fused": cut})) or ()
    assert [statement.severity.value for statement in told] == ["NOTICE"]
    at = 1000 + 100 * int(60.0 / (0.1 * every))
    assert any(first <= at and last >= at - 100 for first, last in told[0].spans)


def test_one_fix_a_second_cannot_tell_a_quick_turn_from_a_cut():
    assert limits(recorded({"fused": _home_again(1, 10.0, every=10)[1]})) == ()


@settings(max_examples=25, deadline=None)
@given(arrays(np.float64, 30, elements=st.floats(allow_nan=True, allow_infinity=True)), st.integers(0, 3))
def test_odd_ways_never_raise_where_turns_are_looked_for(lat, parts):
    track = track_of(fly(1, 30.0), 1)[:30]
    odd = track.replace(lat_deg=np.clip(np.nan_to_num(lat), -90, 90), part=np.sort(np.arange(30) % (parts + 1)))
    assert_sound(limits(recorded({"fused": odd})))
