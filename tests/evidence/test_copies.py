"""STR-2: what stands in a log twice is found, noise never repeats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dronecheck
from dronecheck.evidence.consistency.records.copies import copies
from dronecheck.flight import Witness
from dronecheck.flight.integrity import Concern, Weight
from tests.evidence.makers import noisy, pasted, pasted_track, touches, with_witness

ROWS = 300
FLIGHT = noisy(ROWS)
REAL = (
    "dataflash_bin/PyFlightCoach__FlightData__center_0003.bin",
    "dataflash_log/erlerobot__ardupilot__mechanical_fail.log",
    "tlog/ArduPilot__UAVLogViewer__vtol.tlog",
    "tlog/dronekit__dronekit-python__flight.tlog",
    "dji_txt/unhcfreg__DROP__DJIFlightRecord_2016-09-15_[13-51-18].txt",
)


def test_noise_does_not_repeat():
    assert copies(FLIGHT) == ()


@given(st.integers(0, 99), st.integers(8, 60), st.integers(0, 80))
def test_a_pasted_stretch_of_positions_is_found_with_its_place(source, count, further):
    target = source + count + further
    track = pasted_track(FLIGHT.track, source, target, count)
    (said,) = copies(replace(FLIGHT, tracks={"gnss": track}))
    assert (said.severity, said.concern, said.tracks) == (Weight.CONTRADICTION, Concern.IDENTITY, ("gnss",))
    assert said.records[0] == track.offset[target]
    assert touches(said, int(track.offset[target]), int(track.offset[target]))
    assert touches(said, int(track.offset[source]), int(track.offset[source]))
    assert not touches(said, int(track.offset[target + count]), int(track.offset[-1]))
    assert f"{count} rows" in said.observed


@given(st.integers(2, 4), st.integers(12, 30))
def test_a_block_pasted_several_times_in_a_row_is_found(times, count):
    track = FLIGHT.track
    for number in range(times):
        track = pasted_track(track, 20, 20 + (number + 1) * count, count)
    (said,) = copies(replace(FLIGHT, tracks={"gnss": track}))
    assert said.severity is Weight.CONTRADICTION
    assert touches(said, int(track.offset[20 + times * count]), int(track.offset[20 + times * count]))


@pytest.mark.parametrize("name", ["attitude", "imu", "barometer", "gnss"])
@given(share=st.floats(0.0, 0.3), seconds=st.floats(3.0, 12.0))
def test_a_pasted_stretch_of_any_sensor_is_found(name, share, seconds):
    witness = next(w for w in FLIGHT.witnesses if w.name == name)
    count = int(len(witness) * seconds / 60)
    source, target = int(len(witness) * share), int(len(witness) * 0.6)
    edited = with_witness(
        FLIGHT, name, **{n: pasted(column, source, target, count) for n, column in witness.values.items()}
    )
    (said,) = copies(edited)
    assert said.severity is Weight.CONTRADICTION
    assert said.records[0] == witness.offset[target]
    assert name.upper() in said.observed


def test_a_block_that_stands_twice_with_its_times_is_a_notice():
    witness = next(w for w in FLIGHT.witnesses if w.name == "attitude")
    rows = np.concatenate([np.arange(len(witness)), np.arange(100, 160)])
    twice = Witness("attitude", "ATT", witness.time_ns[rows], np.arange(len(rows)), {
        name: column[rows] for name, column in witness.values.items()
    })  # fmt: skip
    (said,) = copies(replace(FLIGHT, witnesses=(twice,)))
    assert said.severity is Weight.NOTICE
    assert "twice" in said.observed


@pytest.mark.parametrize("held", [2, 5])
@pytest.mark.parametrize("values", [1, 2, 7])
def test_a_sensor_that_holds_or_cycles_through_few_figures_is_no_copy(held, values):
    count = 600
    column = np.repeat(np.arange(count) % values, held)[:count].astype(np.float64)
    time_ns = FLIGHT.track.time_ns[0] + np.arange(count) * 50_000_000
    witness = Witness("barometer", "BARO", time_ns, np.arange(count), {"pressure_pa": column})
    assert copies(replace(FLIGHT, witnesses=(witness,))) == ()


def test_a_copy_of_rows_that_a_sensor_held_is_found():
    random = np.random.default_rng(5)
    column = np.repeat(random.normal(0, 1, 300), 3)
    time_ns = FLIGHT.track.time_ns[0] + np.arange(900) * 50_000_000
    witness = Witness("barometer", "BARO", time_ns, np.arange(900), {"pressure_pa": pasted(column, 90, 600, 120)})
    (said,) = copies(replace(FLIGHT, witnesses=(witness,)))
    assert said.severity is Weight.CONTRADICTION


def test_recordings_of_one_time_and_a_clock_that_starts_again_are_told():
    track = FLIGHT.track
    part = (np.arange(ROWS) >= 150).astype(np.int64)
    again = track.replace(part=part, time_ns=np.where(part, track.time_ns - 20_000_000_000, track.time_ns))
    (said,) = copies(replace(FLIGHT, tracks={"gnss": again}))
    assert said.severity is Weight.INFO
    assert "claim the same time" in said.observed
    (said,) = copies(replace(FLIGHT, tracks={"gnss": track.replace(part=part)}))
    assert "starts again" in said.observed


@pytest.mark.parametrize("count", [0, 1, 3, 40])
@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -0.0])
def test_odd_columns_give_no_statement_and_no_error(flight_of, count, value):
    odd = Witness(
        "imu", "IMU", np.arange(count)[::-1].astype(np.int64), np.arange(count, dtype=np.int64),
        {"accel_x_mps2": np.full(count, value), "gyro_x_rads": np.full(count, np.nan)},
    )  # fmt: skip
    assert not copies(replace(flight_of([], []), witnesses=(odd,)))


@pytest.mark.parametrize("name", REAL)
def test_real_logs_do_not_repeat_and_are_found_when_they_do(shared, name):
    flight = dronecheck.read(shared / "logs" / name)
    assert {s.severity for s in copies(flight) or ()} <= {Weight.INFO}
    track = flight.track
    v = np.nan_to_num(track.speed_mps)
    moving = np.flatnonzero(v > 1.0) if (v > 1.0).any() else np.arange(len(track))
    source = int(moving[len(moving) // 3])
    count = int(np.searchsorted(track.time_ns, track.time_ns[source] + 6_000_000_000)) - source
    target = min(source + 2 * count, len(track) - count)
    edited = replace(flight, tracks={**flight.tracks, flight.primary: pasted_track(track, source, target, count)})
    said = [s for s in copies(edited) or () if s.severity is not Weight.INFO]
    assert said
    assert touches(said[0], int(track.offset[target]), int(track.offset[target + count - 1]))
