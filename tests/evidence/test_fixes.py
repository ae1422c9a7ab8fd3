"""GNS-2: lines that interpolation rules, smoothed stretches, held places and figures that were rounded are found."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dronecheck
from dronecheck.evidence.consistency.receiver.fixes import fixes
from dronecheck.evidence.consistency.receiver.path import decimals_of, step_m
from dronecheck.flight import OPERATOR, Track
from dronecheck.flight.integrity import Weight
from tests.evidence.makers import noisy, touches, with_track

ROWS = 300
FLIGHT = noisy(ROWS)
RECEIVERS = (
    "dataflash_bin/PyFlightCoach__FlightData__center_0003.bin",
    "dataflash_log/erlerobot__ardupilot__mechanical_fail.log",
    "tlog/ArduPilot__UAVLogViewer__vtol.tlog",
    "ulog/PX4__px4-ulog-rs__esc_status_log.ulg",
)
EXPORTS = (
    "dji_csv/unhcfreg__DROP__2016-09-26_14-55-59_Standard.csv",
    "dji_csv/swardiantara__LogNexus__DJIFlightRecord_2024-11-10_[03-09-29].csv",
)


def interpolated(track: Track, first: int, last: int, *, by_time: bool, decimals: int) -> dict[str, np.ndarray]:
    """Latitudes and longitudes that are ruled from one fix to another."""
    at = (track.time_ns - track.time_ns[0]) / 1e9 if by_time else np.arange(len(track), dtype=np.float64)
    columns = {}
    for name in ("lat_deg", "lon_deg"):
        column = getattr(track, name).copy()
        ends = ([at[first], at[last]], [column[first], column[last]])
        column[first : last + 1] = np.interp(at[first : last + 1], *ends).round(decimals)
        columns[name] = column
    return columns


def test_a_receivers_noise_is_no_anomaly():
    assert fixes(FLIGHT) == ()


@given(st.integers(0, 200), st.integers(20, 90), st.booleans(), st.sampled_from([7, 9, 14]))
def test_a_ruled_stretch_is_found_with_its_place(first, count, by_time, decimals):
    flight = noisy(ROWS, decimals=decimals)
    last = first + count
    edited = with_track(flight, **interpolated(flight.track, first, last, by_time=by_time, decimals=decimals))
    told = [s for s in fixes(edited) if "straight" in s.observed]
    assert [s.severity for s in told] == [Weight.CONTRADICTION]
    offset = flight.track.offset
    assert touches(told[0], int(offset[first]), int(offset[last]))
    assert not touches(told[0], 0, int(offset[max(first - 1, 0)]) - 1)
    assert not touches(told[0], int(offset[min(last + 1, ROWS - 1)]) + 1, 10**9)
    assert told[0].tracks == ("gnss",)


def test_a_receiver_that_keeps_to_the_millimetre_in_the_air_is_found():
    """Who writes a hover that was none; at rest on the ground receivers do so."""
    flight = noisy(ROWS)
    rows = np.arange(100, 200)
    held = {name: getattr(flight.track, name).copy() for name in ("lat_deg", "lon_deg")}
    for column in held.values():
        column[rows] = column[100]
    up = 50.0 + 0.01 * np.arange(ROWS)
    climbed = up + np.where(np.arange(ROWS) > 80, 40.0, 0.0)
    at_rest = with_track(flight, **held, alt_amsl_m=up, speed_mps=np.zeros(ROWS))
    in_the_air = with_track(flight, **held, alt_amsl_m=climbed, speed_mps=np.zeros(ROWS))
    assert not [s for s in fixes(at_rest) if "keep to one place" in s.observed]
    (told,) = [s for s in fixes(in_the_air) if "keep to one place" in s.observed]
    assert told.severity is Weight.NOTICE and touches(told, 15_000, 15_100) and not touches(told, 20_100, 10**9)
    assert not [s for s in fixes(noisy(ROWS)) if "keep to one place" in s.observed]


@pytest.mark.parametrize("turn_deg_per_s", [0.0, 2.0])
def test_a_path_without_any_noise_is_a_plan_and_no_contradiction(flight_of, turn_deg_per_s):
    """As simulators and planned routes are; whether a part of it is of another making cannot be told."""
    course = np.radians(turn_deg_per_s * np.arange(ROWS) * 0.2)
    lat, lon = (47 + np.cumsum(step) * 2.0 / 111_320 for step in (np.cos(course), np.sin(course)))
    flight = flight_of(lat.round(7), lon.round(7), speed_mps=np.full(ROWS, 10.0))
    told = fixes(flight)
    assert {s.severity for s in told} <= {Weight.NOTICE}
    simulated = replace(flight, trust=replace(flight.trust, is_simulated=True))
    assert {s.severity for s in fixes(simulated)} <= {Weight.INFO}  # as the log says itself
    assert bool(fixes(simulated)) == bool(told)


@given(st.integers(0, 150), st.integers(60, 120), st.integers(7, 15))
def test_a_smoothed_stretch_is_found(first, count, width):
    flight = noisy(ROWS)
    columns = {}
    for name in ("lat_deg", "lon_deg"):
        column = getattr(flight.track, name).copy()
        padded = np.pad(column, width // 2, mode="edge")
        smooth = np.convolve(padded, np.full(width, 1 / width), "valid")[: len(column)]
        column[first : first + count] = smooth[first : first + count].round(7)
        columns[name] = column
    told = [s for s in fixes(with_track(flight, **columns)) if "scatter" in s.observed]
    assert [s.severity for s in told] == [Weight.NOTICE]
    offset = flight.track.offset
    assert touches(told[0], int(offset[first]), int(offset[first + count]))


@given(st.integers(10, 250), st.integers(5, 40))
def test_a_place_held_at_speed_is_found(first, count):
    columns = {}
    for name in ("lat_deg", "lon_deg"):
        column = getattr(FLIGHT.track, name).copy()
        column[first : first + count] = column[first]
        columns[name] = column
    speed = FLIGHT.track.speed_mps.copy()
    slow = bool((speed[first : first + count] < 1.5).any())
    told = [s for s in fixes(with_track(FLIGHT, **columns)) if "repeat" in s.observed]
    assert told or slow or count < 6
    assert not [s for s in fixes(with_track(FLIGHT, speed_mps=np.zeros(ROWS), **columns)) if "repeat" in s.observed]


@given(st.integers(0, 200), st.integers(2, 40), st.integers(4, 6))
def test_rounded_figures_within_finer_ones_are_found(first, count, few):
    columns = {}
    for name in ("lat_deg", "lon_deg"):
        column = getattr(FLIGHT.track, name).copy()
        column[first : first + count] = column[first : first + count].round(few)
        columns[name] = column
    told = [s for s in fixes(with_track(FLIGHT, **columns)) if "decimals" in s.observed]
    distinct = len(set(zip(*(c[first : first + count].tolist() for c in columns.values()), strict=True)))
    if distinct * 2 * (7 - few) >= 16 + 2 * (7 - few):
        assert [s.severity for s in told] == [Weight.CONTRADICTION]
    for said in told:
        assert touches(said, int(FLIGHT.track.offset[first]), int(FLIGHT.track.offset[first + count - 1]))


@pytest.mark.parametrize(("first", "weight"), [(150, Weight.NOTICE), (170, Weight.CONTRADICTION)])
def test_a_recording_that_is_coarser_as_a_whole_than_the_one_before_is_unusual_alone(first, weight):
    """Of two starts of the clock in one file, each may have figures of its own; within one they do not change."""
    columns = {name: getattr(FLIGHT.track, name).copy() for name in ("lat_deg", "lon_deg")}
    for column in columns.values():
        column[first:] = column[first:].round(5)
    two = with_track(FLIGHT, part=np.repeat([0, 1], ROWS // 2), **columns)
    assert [s.severity for s in fixes(two) if "decimals" in s.observed] == [weight]


def test_a_log_that_is_coarse_throughout_is_told_its_step_and_no_more():
    (said,) = fixes(noisy(ROWS, decimals=4))
    assert said.severity is Weight.INFO
    assert "11.1 m to the north" in said.observed


def test_steps_of_decimals_are_those_of_the_shared_vectors(shared):
    vectors = json.loads((shared / "vectors" / "domain_vectors.json").read_text())["quantisation"]
    for case in vectors["cases"]:
        assert step_m(40.0, case["decimals"])[0] == pytest.approx(case["step_m_lon_at_40"], rel=1e-3)
        assert step_m(45.0, case["decimals"])[1] == pytest.approx(case["step_m_lat"], rel=1e-3)


@given(st.lists(st.floats(-179, 179), min_size=8, max_size=40), st.integers(3, 10))
def test_decimals_are_found_by_the_figures_themselves(values, decimals):
    printed = np.array([float(f"{value:.{decimals}f}") for value in values])
    needed = max(len(f"{value:.10f}".rstrip("0").split(".")[1]) for value in printed)
    assert decimals_of(printed) == max(needed, 3)


@pytest.mark.parametrize("count", [1, 2, 7, 9, 30, 120])
@pytest.mark.parametrize("speed", [np.nan, 0.0, np.inf])
def test_odd_tracks_give_no_error(flight_of, count, speed):
    lat = np.full(count, 47.0)
    still = flight_of(lat, lat, speed_mps=np.full(count, speed), dt_s=0.0)
    assert not [s for s in fixes(still) or () if s.severity is Weight.CONTRADICTION]
    untimed = with_track(still, is_timed=np.zeros(count, bool), part=np.arange(count))
    fixes(untimed)


@pytest.mark.parametrize("name", [*RECEIVERS, *EXPORTS])
def test_real_logs_are_no_anomaly_and_are_found_when_ruled(shared, name):
    flight = dronecheck.read(shared / "logs" / name)
    assert [s for s in fixes(flight) if s.severity is not Weight.INFO] == []
    for track_name, track in flight.tracks.items():
        if track_name == OPERATOR:
            continue
        decimals = min(max(decimals_of(track.lat_deg), decimals_of(track.lon_deg)), 14)
        time_s = (track.time_ns - track.time_ns[0]) / 1e9
        fast = np.flatnonzero(np.nan_to_num(track.speed_mps) > 3.0)
        if not len(fast) or track.part[-1]:
            continue
        first = int(fast[len(fast) // 2])
        last = min(int(np.searchsorted(time_s, time_s[first] + 8.0)), len(track) - 1)
        if last - first < 20:  # too few fixes for a line to be seen
            continue
        columns = interpolated(track, first, last, by_time=True, decimals=decimals)
        edited = replace(flight, tracks={**flight.tracks, track_name: track.replace(**columns)})
        told = [s for s in fixes(edited) if track_name in s.tracks and "straight" in s.observed]
        assert told, track_name
        is_receiver = track_name == "gnss"
        assert not is_receiver or told[0].severity is Weight.CONTRADICTION
