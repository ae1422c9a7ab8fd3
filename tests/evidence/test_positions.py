"""KIN-1: positions against recorded speeds and velocities, on a simulated flight and on real logs edited in memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dronecheck.evidence.consistency.motion.positions import positions
from dronecheck.flight import Event, EventKind, Flight, Statement, Weight, Witness
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from tests.conftest import make_flight
from tests.evidence.flown import LAT_DEG, LON_DEG, cut, eased, fly, moved, recorded, track_of, velocity_of, with_tracks
from tests.evidence.makers import assert_sound

GRAVE = Weight.CONTRADICTION


def found(flight: Flight) -> tuple[Statement, ...]:
    told = positions(flight)
    assert told is not None
    return told


def gravest(flight: Flight) -> str:
    weights = [statement.severity for statement in found(flight)]
    return next((w.value for w in (GRAVE, Weight.NOTICE, Weight.INFO) if w in weights), "")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 2, 5, 10]), st.integers(0, 2), st.floats(2, 20))
def test_an_honest_flight_says_nothing(seed, every, delay, quick_mps):
    track = track_of(fly(seed, 200.0, quick_mps), seed, every, delay=delay)
    assert found(recorded({"fused": track})) == ()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([3.6, 3.28084, 2.23694, 1 / 1.852 * 3.6]))
def test_a_speed_in_another_unit_is_a_fact(seed, factor):
    track = track_of(fly(seed), seed)
    assert gravest(recorded({"fused": track.replace(speed_mps=track.speed_mps * factor)})) == "INFO"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(100, 3000), st.floats(0, 6.28), st.floats(0, 30))
def test_a_section_that_was_moved_is_found_where_it_is(seed, far_m, angle, ramp_s):
    track = track_of(fly(seed), seed)
    ramp_s = 0.0 if ramp_s < 1 else min(ramp_s, far_m / 25)
    share = eased(track, 80.0, 150.0, ramp_s)
    edited = moved(track, share, far_m * np.cos(angle), far_m * np.sin(angle))
    told = found(recorded({"fused": edited}))
    grave = [statement for statement in told if statement.severity is GRAVE]
    assert grave, [str(statement.observed) for statement in told]
    where = track.offset[share > 0.5]
    assert grave[0].tracks == ("fused",)
    assert grave[0].spans[0][0] <= where[0] + 2000 and grave[0].spans[-1][1] >= where[-1] - 2000
    assert 1 <= len(grave[0].records) <= 10


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.floats(100, 3000), st.floats(0, 6.28))
def test_an_end_that_was_moved_puts_the_whole_track_in_doubt(seed, far_m, angle):
    track = track_of(fly(seed), seed)
    share = eased(track, 120.0, 1e9, 0)
    told = found(recorded({"fused": moved(track, share, far_m * np.cos(angle), far_m * np.sin(angle))}))
    grave = next(statement for statement in told if statement.severity is GRAVE)
    assert grave.spans == ((int(track.offset[0]), int(track.offset[-1])),)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_a_span_that_was_cut_out_and_closed_is_found(seed):
    flown = fly(seed, 300.0, 12.0)
    track = track_of(flown, seed)
    way_m = flown.place_m[:, :2]
    apart_m = np.hypot(*(way_m[600:] - way_m[:-600]).T)  # by a minute
    at = 40 + int(np.argmax(apart_m[400:-300])) / 10
    if apart_m[400:-300].max() > 120:
        assert gravest(recorded({"fused": cut(track, at, at + 60)})) == "CONTRADICTION"


def test_without_a_speed_a_moved_section_is_found_by_the_steps_to_it_and_back():
    track = track_of(fly(3), 3)
    silent = track.replace(speed_mps=np.full(len(track), np.nan))
    assert found(recorded({"fused": silent})) == ()
    there = moved(silent, eased(silent, 80, 150, 0), 200, 100)
    told = found(recorded({"fused": there}))
    assert [statement.severity for statement in told] == [GRAVE]
    begin, end = silent.offset[eased(silent, 80, 150, 0) > 0][[0, -1]]
    assert abs(told[0].spans[0][0] - begin) <= 400 and abs(told[0].spans[0][1] - end) <= 400
    stays = moved(silent, eased(silent, 80, 1e9, 0), 200, 100)
    assert gravest(recorded({"fused": stays})) == "NOTICE"  # nobody knows which side is right, nor why


def test_a_log_that_admits_that_its_position_failed_is_no_contradiction():
    track = track_of(fly(4), 4)
    flight = recorded({"fused": moved(track, eased(track, 80, 150, 0), 60, 0)})
    assert gravest(flight) == "CONTRADICTION"
    said = [Event(int(track.time_ns[row]), EventKind.MESSAGE, "GPS Glitch") for row in (400, 750)]
    assert gravest(replace(flight, events=tuple(said))) == "NOTICE"


def test_what_a_reader_left_out_is_evidence():
    flight = recorded({"fused": track_of(fly(5), 5)})
    stray = Issue(Code.STRAY_FIX, Severity.WARNING, Message("fixes up to 55 m out"), 1234, 2)
    told = found(replace(flight, issues=(stray,)))
    assert [(statement.severity, statement.records) for statement in told] == [(Weight.NOTICE, (1234,))]


def test_a_speed_that_never_changes_says_nothing_of_positions():
    track = track_of(fly(6), 6)
    assert gravest(recorded({"fused": track.replace(speed_mps=np.zeros(len(track)))})) == "INFO"


def test_too_few_fixes_are_not_tested():
    assert positions(make_flight([40.0] * 5, [124.0] * 5)) is None
    assert positions(make_flight([], [])) is None


ODD = arrays(np.float64, 40, elements=st.floats(allow_nan=True, allow_infinity=True))


@settings(max_examples=60, deadline=None)
@given(
    ODD,
    ODD,
    arrays(np.float64, 40, elements=st.floats(-90, 90)),
    arrays(np.float64, 40, elements=st.floats(-180, 179)),
    arrays(np.int64, 40, elements=st.integers(0, 10**12)),
    arrays(np.bool_, 40),
)
def test_odd_columns_never_raise(speed, height, lat, lon, time_ns, is_timed):
    track = track_of(fly(7, 8.0), 7)
    part = np.sort(np.arange(40) // 15)
    order = np.lexsort((time_ns, part))
    odd = track.replace(
        speed_mps=speed,
        alt_home_m=height,
        lat_deg=lat,
        lon_deg=lon,
        time_ns=time_ns[order],
        part=part,
        is_timed=is_timed,
    )
    near = track.replace(speed_mps=speed, alt_home_m=height, h_sigma_m=np.abs(speed))
    for one in (odd, near, track.replace(time_ns=np.zeros(40, np.int64))):
        assert_sound(positions(recorded({"fused": one})))


@pytest.mark.parametrize("name", ["vtol.tlog", "14-55-59_Standard.csv", "mechanical_fail.log", "[03-34-35].csv"])
def test_real_logs_are_silent_and_speak_when_edited(shared, name):
    import dronecheck

    log = next(path for path in sorted((shared / "logs").rglob("*")) if path.name.endswith(name))
    flight = dronecheck.read(log)
    assert found(flight) == ()
    track = flight.track
    last_s = (track.time_ns[-1] - track.time_ns[0]) / 1e9
    share = eased(track, 0.4 * last_s, 0.7 * last_s, 0)
    assert gravest(with_tracks(flight, **{flight.primary: moved(track, share, 250.0, -150.0)})) == "CONTRADICTION"


def test_positions_across_the_antimeridian_are_no_jump():
    flown = fly(8)
    track = track_of(flown, 8)
    over = track.replace(
        lon_deg=(track.lon_deg - LON_DEG + 179.9999 + 180) % 360 - 180, lat_deg=track.lat_deg - LAT_DEG
    )
    assert np.ptp(over.lon_deg) > 300
    shrunk = np.cos(np.radians(LAT_DEG))
    assert (
        found(
            recorded({"fused": over.replace(lon_deg=(((over.lon_deg + 360) % 360 - 180) * shrunk + 360) % 360 - 180)})
        )
        == ()
    )


# ---- against velocity vectors


def two_sources(seed: int, **kinds: float) -> Flight:
    flown = fly(seed, **kinds)
    receiver = track_of(flown, seed, 2, "GPS", 1.5)
    estimate = track_of(flown, seed + 9, 1, "POS", 0.5)
    return recorded(
        {"gnss": receiver, "fused": estimate}, velocity_of(flown, seed), velocity_of(flown, seed, "gnss", 2, 0.25)
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(1, 20))
def test_an_honest_flight_with_two_sources_says_nothing(seed, quick_mps):
    assert found(two_sources(seed, quick_mps=quick_mps)) == ()


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 10**6), st.floats(80, 3000), st.floats(0, 6.28), st.floats(1, 30), st.sampled_from(["gnss", "fused"])
)
def test_a_section_of_one_source_moved_with_eased_ends_is_found(seed, far_m, angle, ramp_s, name):
    flight = two_sources(seed)
    track = flight.tracks[name]
    edited = moved(track, eased(track, 80.0, 160.0, ramp_s), far_m * np.cos(angle), far_m * np.sin(angle))
    told = found(with_tracks(flight, **{name: edited}))
    grave = [statement for statement in told if statement.severity is GRAVE]
    assert grave and {statement.tracks for statement in grave} == {(name,)}


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.floats(20, 340), st.sampled_from(["gnss", "fused"]))
def test_a_whole_way_that_was_turned_is_found(seed, turn_deg, name):
    flight = two_sources(seed)
    track = flight.tracks[name]
    shrinks, turn = np.cos(np.radians(track.lat_deg[0])), np.radians(turn_deg)
    north, east = track.lat_deg - track.lat_deg[0], (track.lon_deg - track.lon_deg[0]) * shrinks
    edited = track.replace(
        lat_deg=track.lat_deg[0] + north * np.cos(turn) - east * np.sin(turn),
        lon_deg=track.lon_deg[0] + (north * np.sin(turn) + east * np.cos(turn)) / shrinks,
    )
    assert gravest(with_tracks(flight, **{name: edited})) == "CONTRADICTION"
    shrunk = track.replace(
        lat_deg=track.lat_deg[0] + 0.6 * north, lon_deg=track.lon_deg[0] + 0.6 * east / shrinks,
        speed_mps=track.speed_mps * 0.6,
    )  # fmt: skip
    assert gravest(with_tracks(flight, **{name: shrunk})) == "CONTRADICTION"


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_axes_that_nobody_vouches_for_are_read_either_way(seed, east_first):
    """Airdata's help and the records that it is made of differ: an honest log is silent, a moved section is found."""
    flight = two_sources(seed)
    first, second = ("vel_north_mps", "vel_east_mps")[:: -1 if east_first else 1]
    vectors = tuple(
        replace(w, values={"vel_north_mps": w.values[first], "vel_east_mps": w.values[second]})
        for w in flight.witnesses
    )
    source = replace(flight.source, format="csv", dialect="airdata")
    flight = recorded({"fused": flight.tracks["fused"]}, *vectors)
    open_axes = replace(flight, source=source)
    assert found(open_axes) == ()
    away = moved(flight.track, eased(flight.track, 80.0, 160.0, 20.0), 300.0, 0.0)
    assert gravest(with_tracks(open_axes, fused=away)) == "CONTRADICTION"


@settings(max_examples=40, deadline=None)
@given(ODD, ODD, arrays(np.int64, 40, elements=st.integers(-(10**18), 10**18)))
def test_odd_velocities_never_raise(north, east, time_ns):
    track = track_of(fly(7, 8.0), 7)
    for times in (time_ns, track.time_ns):
        odd = Witness("velocity", "x", times, np.arange(40), {"vel_north_mps": north, "vel_east_mps": east})
        assert_sound(positions(recorded({"fused": track}, odd)))


WITH_VELOCITIES = ["vtol.tlog", "[03-34-35].csv", "2016-09-26_[14-27-11].txt", "tools__01_07_59.px4log"]


@pytest.mark.parametrize("name", WITH_VELOCITIES)
def test_one_source_of_a_real_log_moved_with_eased_ends_is_found(shared, monkeypatch, name):
    import dronecheck
    from dronecheck.evidence import consistency
    from dronecheck.flight import Integrity

    seen: list[Flight] = []

    def kept(flight: Flight) -> Integrity:
        seen.append(flight)
        return Integrity()

    monkeypatch.setattr(consistency, "assess", kept)  # a flight lets its witnesses go once it was assessed
    log = next(path for path in sorted((shared / "logs").rglob("*")) if path.name.endswith(name))
    dronecheck.read(log)
    flight = seen[0]
    assert found(flight) == ()
    last_s = (flight.track.time_ns[-1] - flight.track.time_ns[0]) / 1e9
    for source in set(flight.tracks) - {"operator"}:
        track = flight.tracks[source]
        share = eased(track, 0.3 * last_s, 0.8 * last_s, min(30.0, 0.2 * last_s))
        told = found(with_tracks(flight, **{source: moved(track, share, 160.0, -120.0)}))
        assert any(one.severity is GRAVE and one.tracks == (source,) for one in told), (source, told)
