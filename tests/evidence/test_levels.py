"""ALT-1: heights of one log against each other, on a simulated flight and on real logs edited in memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dronecheck.evidence.consistency.heights.levels import heights
from dronecheck.flight import Flight, Witness
from tests.evidence.flown import (
    START_NS,
    Flown,
    eased,
    fly,
    recorded,
    seconds_of,
    track_of,
    velocity_of,
    wander,
    with_tracks,
)
from tests.evidence.makers import assert_sound


def barometer_of(flown: Flown, seed: int, gain: float = 1.0) -> Witness:
    """A barometer that drifts by some metres and reads heights by a factor, as warm or cold air makes it."""
    rng = np.random.default_rng(seed + 5)
    height = (
        flown.place_m[:, 2] * gain + 112 + rng.normal(0, 0.3, len(flown.seconds)) + wander(rng, len(flown.seconds), 1)
    )
    time_ns = START_NS + (flown.seconds * 1e9).astype(np.int64)
    return Witness("barometer", "BARO", time_ns, 1020 + 100 * np.arange(len(time_ns)), {"pressure_alt_m": height})


def flight_of(seed: int, gain: float = 1.0) -> Flight:
    flown = fly(seed, 300.0)
    receiver, estimate = track_of(flown, seed, 2, "GPS", 1.5), track_of(flown, seed + 9, 1, "POS", 0.4)
    return recorded({"gnss": receiver, "fused": estimate}, barometer_of(flown, seed, gain))


def gravest(flight: Flight) -> str:
    told = [statement.severity.value for statement in heights(flight) or ()]
    return next((weight for weight in ("CONTRADICTION", "NOTICE", "INFO") if weight in told), "")


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.93, 1.07))
def test_honest_heights_say_nothing(seed, gain):
    assert heights(flight_of(seed, gain)) == ()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([-1, 1]), st.floats(25, 300), st.sampled_from([0.0, 1.0]))
def test_a_stretch_of_heights_that_was_moved_is_found_where_it_is(seed, way, by_m, ramp_s):
    flight = flight_of(seed)
    track = flight.track
    share = eased(track, 90, 180, ramp_s)
    edited = track.replace(
        alt_home_m=track.alt_home_m + way * by_m * share, alt_amsl_m=track.alt_amsl_m + way * by_m * share
    )
    told = [s for s in heights(with_tracks(flight, fused=edited)) or () if s.severity.value == "CONTRADICTION"]
    assert told and any("fused" in statement.tracks for statement in told)
    where = track.offset[share > 0.5]
    assert any(abs(s.spans[0][0] - where[0]) < 5000 and abs(s.spans[-1][1] - where[-1]) < 5000 for s in told)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.3, 0.7))
def test_heights_that_were_scaled_are_found(seed, factor):
    flight = flight_of(seed)
    if np.ptp(flight.track.alt_home_m) > 40:
        edited = flight.track.replace(alt_home_m=flight.track.alt_home_m * factor)
        assert gravest(with_tracks(flight, fused=edited)) == "CONTRADICTION"


def test_feet_are_a_fact_where_the_format_leaves_units_open():
    flight = flight_of(3)
    in_feet = with_tracks(flight, fused=flight.track.replace(alt_home_m=flight.track.alt_home_m * 3.28084))
    assert gravest(in_feet) == "CONTRADICTION"
    assert gravest(replace(in_feet, source=replace(flight.source, format="csv"))) == "INFO"


def test_a_gust_on_the_barometer_and_a_new_take_off_are_facts():
    flight = flight_of(4)
    gust = np.asarray(flight.witnesses[0].column("pressure_alt_m")).copy()
    gust[1500:1530] += 60
    burst = replace(flight.witnesses[0], values={"pressure_alt_m": gust})
    assert gravest(replace(flight, witnesses=(burst,))) == "INFO"
    track = flight.track
    again = track.replace(alt_home_m=track.alt_home_m - 15 * (seconds_of(track) > 100))
    assert gravest(with_tracks(replace(flight, witnesses=()), fused=again)) == "INFO"


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([-60.0, 40.0]))
def test_a_single_height_is_held_against_the_climb_rate(seed, by_m):
    flown = fly(seed, 300.0)
    track = track_of(flown, seed, 2)
    track = track.replace(alt_amsl_m=np.full(len(track), np.nan))
    flight = recorded({"fused": track}, velocity_of(flown, seed))
    assert heights(flight) == ()
    edited = track.replace(alt_home_m=track.alt_home_m + by_m * eased(track, 90, 200, 2.0))
    assert gravest(with_tracks(flight, fused=edited)) == "CONTRADICTION"


def test_one_height_cannot_be_compared():
    track = track_of(fly(1), 1).replace(alt_amsl_m=np.full(1200, np.nan))
    assert heights(recorded({"fused": track})) is None


ODD = arrays(np.float64, 60, elements=st.floats(allow_nan=True, allow_infinity=True))


@settings(max_examples=40, deadline=None)
@given(ODD, ODD, ODD, arrays(np.int64, 60, elements=st.integers(-(10**18), 10**18)))
def test_odd_columns_never_raise(amsl, home, pressure, time_ns):
    track = track_of(fly(7, 12.0), 7)
    odd = track.replace(alt_amsl_m=amsl, alt_home_m=home)
    velocity = {"vel_down_mps": pressure}
    assert_sound(
        heights(recorded({"fused": odd, "gnss": track}, Witness("velocity", "V", time_ns, np.arange(60), velocity)))
    )
    for times in (time_ns, track.time_ns):
        barometer = Witness("barometer", "B", times, np.arange(60), {"pressure_alt_m": pressure})
        assert_sound(heights(recorded({"fused": odd, "gnss": track}, barometer)))
    assert_sound(heights(recorded({"fused": odd.replace(time_ns=np.sort(time_ns)), "gnss": track})))
    heights(recorded({"fused": odd.replace(time_ns=np.zeros(60, np.int64), is_timed=np.isfinite(amsl)), "gnss": track}))


@pytest.mark.parametrize("name", ["vtol.tlog", "14-55-59_Standard.csv", "mechanical_fail.log"])
def test_real_logs_are_no_contradiction_and_speak_when_edited(shared, name):
    import dronecheck

    log = next(path for path in sorted((shared / "logs").rglob("*")) if path.name.endswith(name))
    flight = dronecheck.read(log)
    assert gravest(flight) in ("", "INFO")
    track = flight.track
    last_s = seconds_of(track)[-1]
    column = "alt_home_m" if np.isfinite(track.alt_home_m).all() else "alt_amsl_m"
    edited = getattr(track, column) - 60 * eased(track, 0.4 * last_s, 0.8 * last_s, 0)
    assert gravest(with_tracks(flight, **{flight.primary: track.replace(**{column: edited})})) == "CONTRADICTION"
