"""TIM-1 to TIM-3: gaps, clocks against each other, the date in a file's name, the times of the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dronecheck.evidence.consistency.clock.clocks import clocks
from dronecheck.evidence.consistency.clock.file_times import file_times
from dronecheck.evidence.consistency.clock.gaps import gaps
from dronecheck.flight import Clock, ClockSource, Flight, Statement, Witness
from tests.evidence.flown import START_NS, fly, moved, recorded, seconds_of, track_of
from tests.evidence.makers import assert_sound


def gravest(told: tuple[Statement, ...] | None) -> str:
    weights = [statement.severity.value for statement in told or ()]
    return next((weight for weight in ("CONTRADICTION", "NOTICE", "INFO") if weight in weights), "")


# ---- TIM-1


def with_gap(seed: int, begin_s: float, end_s: float) -> Flight:
    track = track_of(fly(seed), seed)
    seconds = seconds_of(track)
    return recorded({"fused": track.where((seconds < begin_s) | (seconds >= end_s))})


def test_a_gap_that_the_aircraft_can_have_crossed_is_a_fact():
    told = gaps(with_gap(1, 80, 95))
    assert told is not None and gravest(told) == "INFO"
    assert told[0].records and told[0].spans[0][1] == told[0].records[0]
    assert gaps(recorded({"fused": track_of(fly(1), 1)})) == ()


def test_a_gap_that_nothing_can_have_crossed_at_the_speeds_of_this_log_is_unusual():
    track = with_gap(2, 80, 95).track
    far = moved(track, (seconds_of(track) > 88).astype(float), 2000, 0)
    assert gravest(gaps(recorded({"fused": far}))) == "NOTICE"


def test_a_gap_at_rest_is_nothing():
    track = track_of(fly(3), 3)
    still = track.replace(lat_deg=np.full(len(track), 40.0), lon_deg=np.full(len(track), 124.0))
    seconds = seconds_of(still)
    assert gaps(recorded({"fused": still.where((seconds < 80) | (seconds > 99))})) == ()


# ---- TIM-2


def clock_flight(boot_s: np.ndarray, other_s: np.ndarray, other: str = "gnss_utc_s") -> Flight:
    time_ns = START_NS + (boot_s * 1e9).astype(np.int64)
    witness = Witness("clocks", "GPS", time_ns, 100 * np.arange(len(boot_s)), {"boot_s": boot_s, other: other_s})
    return recorded({"fused": track_of(fly(1, 20.0), 1)}, witness)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(-80, 80), st.floats(60, 3000), st.sampled_from(["gnss_utc_s", "host_utc_s"]))
def test_honest_clocks_say_nothing(seed, ppm, lasts_s, other):
    rng = np.random.default_rng(seed)
    boot_s = np.arange(5.0, lasts_s, 0.2)
    noise = rng.exponential(0.03, len(boot_s))
    if other == "host_utc_s":
        noise += rng.exponential(0.3, len(boot_s))  # a radio link holds messages up
    assert clocks(clock_flight(boot_s, 1.7e9 + boot_s * (1 + ppm * 1e-6) + noise, other)) == ()


@settings(max_examples=25, deadline=None)
@given(st.floats(0.02, 0.5), st.sampled_from([-1, 1]))
def test_times_that_were_stretched_are_found(share, way):
    boot_s = np.arange(5.0, 400, 0.2)
    assert gravest(clocks(clock_flight(boot_s * (1 + way * share), 1.7e9 + boot_s))) == "CONTRADICTION"


@settings(max_examples=25, deadline=None)
@given(st.floats(25, 5000), st.floats(60, 300))
def test_a_span_cut_out_of_one_clock_is_found_where_it_is(cut_s, at_s):
    boot_s = np.arange(5.0, 400, 0.2)
    gnss_s = 1.7e9 + boot_s + cut_s * (boot_s > at_s)
    told = clocks(clock_flight(boot_s, gnss_s))
    assert gravest(told) == "CONTRADICTION"
    step = next(statement for statement in told or () if statement.records)
    assert abs(step.records[0] - 100 * int(np.argmax(boot_s > at_s))) <= 300


@pytest.mark.parametrize(
    ("step_s", "at_s", "weight"),
    [
        (2.0, 100, "NOTICE"),
        (2.0, 20, "INFO"),
        (-18.0, 20, "INFO"),
        (604_800.0, 100, "INFO"),
        (7.0, 20, "NOTICE"),
        (604_800.0, 20, "INFO"),
        (1.4e9, 20, "INFO"),
    ],
)
def test_what_receivers_do_is_no_contradiction(step_s, at_s, weight):
    boot_s = np.arange(5.0, 400, 0.2)
    assert gravest(clocks(clock_flight(boot_s, 1.7e9 + boot_s + step_s * (boot_s > at_s)))) == weight


def test_one_odd_fix_and_a_restart_say_nothing_and_hide_no_slope():
    boot_s = np.arange(5.0, 400, 0.2)
    glitch = 7.2 * (np.arange(len(boot_s)) == 900)
    assert clocks(clock_flight(boot_s, 1.7e9 + boot_s + glitch)) == ()
    overtaken = boot_s * 1.02
    overtaken[[900, 901]] = overtaken[[901, 900]]  # two messages by radio
    assert gravest(clocks(clock_flight(overtaken, 1.7e9 + boot_s))) == "CONTRADICTION"
    again = np.concatenate([boot_s, boot_s])
    assert clocks(clock_flight(again, 1.7e9 + np.concatenate([boot_s, boot_s + 3000]))) == ()


def named(name: str, utc: str, source: ClockSource = ClockSource.GNSS) -> tuple[Statement, ...] | None:
    begin_ns = int(datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()) * 10**9
    track = track_of(fly(1, 20.0), 1)
    track = track.replace(time_ns=track.time_ns - START_NS + begin_ns)
    flight = recorded({"fused": track}, name=name)
    return clocks(replace(flight, clock=Clock(source is not ClockSource.NONE, source, 1.0)))


NAMES = [
    "DJIFlightRecord_2024-11-10_[03-09-29].csv",
    "DJIFlightRecord_2024-11-10_(03-09-29).txt",
    "Nov-10th-2024-03-09AM-Flight-Airdata.csv",
    "2024-11-10 03-09-29.tlog",
    "DJI_20241110030929_0001_D.SRT",
    "2024-11-10_03-09-29_Standard.csv",
]


@pytest.mark.parametrize("name", NAMES)
def test_the_date_of_the_name_is_held_against_the_log(name):
    assert named(name, "2024-11-10T03:09:35") == ()
    assert named(name, "2024-11-09T19:09:40") == ()  # a name in China's time
    assert named(name, "2024-11-10T11:39:40") == ()
    assert gravest(named(name, "2023-11-10T03:09:35")) == "NOTICE"
    assert gravest(named(name, "2024-11-14T03:09:35")) == "NOTICE"
    assert named(name, "2023-11-10T03:09:35", ClockSource.FILE_NAME) is None


def test_names_without_a_date_and_impossible_dates_say_nothing():
    for name in (
        "flight.bin",
        "DJIFlightRecord_2024-13-10_[03-09-29].csv",
        "20241110.csv",
        "Foo-10th-2024-03-09AM-Flight-Airdata.csv",
    ):
        assert named(name, "2024-11-10T03:09:35") is None


def test_a_week_count_that_rolled_over_is_among_the_innocent_causes():
    told = named(NAMES[0], "2005-03-27T03:09:35")
    assert told and any("1024" in cause for cause in told[0].innocent)


# ---- TIM-3


def test_a_file_that_is_older_than_what_it_records():
    flight = recorded({"fused": track_of(fly(1, 20.0), 1)})
    last_ns = int(flight.track.time_ns[-1])
    second = 10**9
    assert file_times(flight, last_ns + 86_400 * second) == ()
    assert file_times(flight, last_ns - second) == ()
    assert gravest(file_times(flight, last_ns - 8 * 3600 * second + 30 * second)) == "INFO"
    assert gravest(file_times(flight, last_ns - 400 * second)) == "NOTICE"
    assert gravest(file_times(flight, last_ns - 900 * 86_400 * second)) == "NOTICE"
    assert file_times(replace(flight, clock=Clock(False, ClockSource.NONE, float("nan"))), 0) == ()


# ---- whatever stands there


ODD = arrays(np.float64, 40, elements=st.floats(allow_nan=True, allow_infinity=True))


@settings(max_examples=60, deadline=None)
@given(ODD, ODD, ODD)
def test_odd_clocks_never_raise(boot_s, gnss_s, host_s):
    track = track_of(fly(7, 8.0), 7)
    columns = {"boot_s": boot_s, "gnss_utc_s": gnss_s, "host_utc_s": host_s}
    flight = recorded({"fused": track}, Witness("clocks", "x", track.time_ns, np.arange(40), columns))
    assert_sound(clocks(replace(flight, source=replace(flight.source, path=Path("2024-11-10 03-09-29.tlog")))))


@settings(max_examples=40, deadline=None)
@given(arrays(np.int64, 40, elements=st.integers(-(10**18), 10**18)), arrays(np.bool_, 40), ODD)
def test_odd_times_never_raise(time_ns, is_timed, speed):
    track = track_of(fly(7, 8.0), 7)
    odd = track.replace(time_ns=np.sort(time_ns), is_timed=is_timed, speed_mps=speed)
    flight = recorded({"fused": odd}, name="2024-11-10 03-09-29.tlog")
    assert_sound(gaps(flight))
    assert_sound(clocks(flight))
    file_times(flight, 0)
