"""GNS-1 and GNS-3: what a receiver says of itself, indicators at most; marks of simulators, which are no anomaly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.evidence.consistency.receiver.flags import flags
from dronecheck.evidence.consistency.receiver.simulator import simulator
from dronecheck.flight import Flight, Witness
from dronecheck.flight.integrity import Weight
from tests.evidence.makers import assert_sound, noisy, touches, with_track

ROWS = 300
FLIGHT = noisy(ROWS)


def with_receiver(flight: Flight, **columns: np.ndarray) -> Flight:
    """With what the receiver behind the track says of itself: some 14 satellites, and their HDOP."""
    random = np.random.default_rng(7)
    satellites = np.clip(14 + np.cumsum(random.choice([-1, 0, 0, 0, 1], ROWS)), 9, 20).astype(np.float64)
    values = {
        "satellites": satellites, "hdop": (10.5 / satellites).round(2), "eph_m": (20 / satellites).round(2),
        "fix_type": np.full(ROWS, 3.0), "spoofing": np.ones(ROWS), "jamming_state": np.ones(ROWS),
    } | columns  # fmt: skip
    track = flight.track
    return replace(flight, witnesses=(Witness("gnss", track.message, track.time_ns, track.offset, values),))


def after(row: int, value: float, before: float, until: int = ROWS) -> np.ndarray:
    rows = np.arange(ROWS)
    return np.where((rows >= row) & (rows < until), value, before).astype(np.float64)


def test_a_receiver_at_work_is_no_anomaly():
    assert flags(with_receiver(FLIGHT)) == ()


def test_without_a_receivers_own_word_nothing_can_be_said(flight_of):
    assert flags(flight_of([47.0, 47.1], [8.0, 8.0])) is None


@given(st.integers(0, 280), st.integers(1, 20), st.sampled_from([("spoofing", 2.0), ("jamming_state", 3.0)]))
def test_spoofing_and_jamming_are_indicators_with_their_place(first, count, state):
    name, value = state
    edited = with_receiver(FLIGHT, **{name: after(first, value, 1.0, first + count)})
    (said,) = flags(edited)
    assert said.severity is Weight.NOTICE
    assert said.records[0] == FLIGHT.track.offset[first]
    assert touches(said, int(FLIGHT.track.offset[first]), int(FLIGHT.track.offset[min(first + count, ROWS) - 1]))


@given(st.integers(20, 280), st.floats(0.2, 0.65))
def test_an_accuracy_that_improves_as_satellites_are_lost_is_a_notice(row, better):
    hdop, satellites = after(row, better, 1.0), after(row, 8.0, 15.0)
    (said,) = flags(with_receiver(FLIGHT, hdop=hdop, satellites=satellites, eph_m=np.full(ROWS, np.nan)))
    assert said.severity is Weight.NOTICE
    assert touches(said, int(FLIGHT.track.offset[row - 1]), int(FLIGHT.track.offset[row]))


def test_a_dilution_that_rises_with_the_satellites_over_all_of_a_log_is_a_notice():
    satellites = np.repeat([8.0, 10.0, 12.0, 14.0, 16.0], 60)
    (said,) = flags(with_receiver(FLIGHT, satellites=satellites, hdop=satellites / 12, eph_m=np.full(ROWS, np.nan)))
    assert "the more satellites" in said.observed


@pytest.mark.parametrize("with_state", [True, False])
def test_a_jump_is_told_where_the_receivers_state_steps_as_well(with_state):
    north = np.where(np.arange(ROWS) >= 150, 200 / 111_320, 0.0)
    moved = with_track(FLIGHT, lat_deg=FLIGHT.track.lat_deg + north)
    satellites = after(150, 20.0, 12.0) if with_state else np.full(ROWS, 12.0)
    told = flags(with_receiver(moved, satellites=satellites, hdop=np.full(ROWS, 1.0), eph_m=np.full(ROWS, 2.0)))
    assert len(told) == with_state
    if told:
        assert told[0].records == (int(FLIGHT.track.offset[150]),)


@pytest.mark.parametrize("rows", [0, 1, 2, 50])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0])
def test_odd_columns_give_no_error(flight_of, rows, value):
    names = ("satellites", "hdop", "eph_m", "fix_type", "spoofing", "jamming_state")
    time_ns = np.arange(rows)[::-1].astype(np.int64)
    odd = Witness(
        "gnss",
        "fix",
        time_ns,
        np.arange(rows)[::-1].astype(np.int64),
        {n: np.where(np.arange(rows) % 3, 5.0, value) for n in names},
    )
    for flight in (flight_of([], []), flight_of([47, 47.0, 48], [8, 8.0, 8], speed_mps=[1.0, 1.0, np.inf])):
        assert_sound(flags(replace(flight, witnesses=(odd,))))
        assert_sound(simulator(replace(flight, witnesses=(odd,))))


def test_a_dilution_of_zero_marks_a_simulator_and_is_no_anomaly():
    (said,) = simulator(with_receiver(FLIGHT, hdop=np.zeros(ROWS)))
    assert said.severity is Weight.INFO
    assert simulator(with_receiver(FLIGHT)) == ()
