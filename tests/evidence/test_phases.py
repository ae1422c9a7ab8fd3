"""CHN-1: events that the track contradicts, and a charge that comes back or goes too fast."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dronecheck
from dronecheck.evidence.consistency.records.phases import phases
from dronecheck.flight import Event, EventKind, Flight, Witness
from dronecheck.flight.integrity import Weight
from tests.evidence.makers import assert_sound, touches

ROWS = 600
START, END = 60, 540  # rows between which it flies, 5 a second
SHAPE = np.interp(np.arange(ROWS), [0, START, START + 60, END - 60, END], [0, 0, 1, 1, 0])


def flown(flight_of, *events: tuple[int, str]) -> Flight:
    """A flight that takes off, flies at 40 m and 9 m/s and lands; events as (row, kind)."""
    speed = 9.0 * SHAPE
    lat = 47 + np.cumsum(speed * 0.2) / 111_320
    flight = flight_of(lat, np.full(ROWS, 8.0), alt_home_m=40 * SHAPE, speed_mps=speed)
    made = (Event(int(flight.track.time_ns[row]), EventKind(kind), "", row * 100 + 50) for row, kind in events)
    return replace(flight, events=tuple(made))


HONEST = ((50, "arm"), (62, "takeoff"), (541, "land"), (550, "disarm"))


def with_charge(flight: Flight, used_mah: np.ndarray) -> Flight:
    """With a battery read once a second, from 10,000 bytes into the file on."""
    time_ns = flight.track.time_ns[0] + np.arange(len(used_mah)) * 1_000_000_000
    left = 100 - np.floor(used_mah / 50)
    battery = Witness("battery", "BAT", time_ns, 10_000 + np.arange(len(used_mah)) * 10, {
        "used_mah": used_mah, "remaining_percent": left
    })  # fmt: skip
    return replace(flight, witnesses=(battery,))


def test_a_whole_flight_is_no_anomaly(flight_of):
    assert phases(flown(flight_of, *HONEST)) == ()


def test_without_events_and_battery_nothing_can_be_said(flight_of):
    assert phases(flown(flight_of)) is None


@given(row=st.integers(START + 100, END - 100), kind=st.sampled_from(["arm", "takeoff", "land", "disarm"]))
def test_an_event_forged_in_flight_is_found(row, kind):
    from tests.conftest import make_flight

    flight = flown(make_flight, *HONEST[:2], (row, kind), *HONEST[2:])
    told = [s for s in phases(flight) if "flies on" in s.observed]
    assert [s.severity for s in told] == [Weight.CONTRADICTION if kind == "disarm" else Weight.NOTICE]
    assert told[0].records == (row * 100 + 50,)


@given(row=st.one_of(st.integers(0, START + 5), st.integers(END - 5, ROWS - 1)))
def test_events_on_the_ground_are_no_anomaly(row):
    from tests.conftest import make_flight

    flight = flown(make_flight, (row, "land"), (row, "takeoff"))
    assert phases(flight) == ()


def test_a_second_arming_without_a_disarming_is_a_notice(flight_of):
    (said,) = phases(flown(flight_of, HONEST[0], (56, "arm"), *HONEST[1:]))
    assert (said.severity, said.records) == (Weight.NOTICE, (5650,))


def drawn(rows: int, seed: int = 3) -> np.ndarray:
    """A charge used, by currents that change by a third."""
    return np.cumsum(np.random.default_rng(seed).normal(5.0, 1.5, rows).clip(0.5))


@given(st.integers(1, 100))
def test_a_charge_that_is_used_evenly_is_no_anomaly(seed):
    from tests.conftest import make_flight

    assert phases(with_charge(flown(make_flight, *HONEST), drawn(120, seed))) == ()


@given(st.integers(15, 100), st.integers(30, 300))
def test_a_cut_that_was_closed_shows_in_the_charge(row, seconds):
    """The records between are gone and the times of those behind were moved: the charge was not."""
    from tests.conftest import make_flight

    used = drawn(500)
    cut = np.concatenate([used[:row], used[row + seconds :]])[:120]
    told = phases(with_charge(flown(make_flight, *HONEST), cut))
    assert told
    assert {s.severity for s in told} == {Weight.NOTICE}
    assert touches(told[0], 10_000 + row * 10 - 10, 10_000 + row * 10)
    assert told[0].records[0] == 10_000 + row * 10


@given(st.integers(20, 100), st.integers(5, 15))
def test_a_block_pasted_from_before_brings_charge_back(row, back):
    from tests.conftest import make_flight

    used = drawn(120)
    pasted = np.concatenate([used[:row], used[row - back :]])
    told = phases(with_charge(flown(make_flight, *HONEST), pasted))
    assert any("come back" in s.observed for s in told)


def test_a_battery_changed_during_a_hole_and_one_without_a_sensor_are_no_anomaly(flight_of):
    flight = with_charge(flown(flight_of, *HONEST), np.concatenate([drawn(60), drawn(60)]))
    battery = flight.witnesses[0]
    later = battery.time_ns + np.where(np.arange(120) >= 60, 30_000_000_000, 0)
    assert phases(replace(flight, witnesses=(replace(battery, time_ns=later),))) == ()
    assert phases(with_charge(flight, np.zeros(120))) == ()
    assert phases(with_charge(flight, -drawn(120))) == ()  # a current sensor the other way round


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
@pytest.mark.parametrize("rows", [0, 1, 30])
def test_odd_batteries_and_tracks_give_no_error(flight_of, value, rows):
    time_ns = np.arange(rows)[::-1].astype(np.int64) * 10**9
    columns = {name: np.where(np.arange(rows) % 3, 5.0, value) for name in ("used_mah", "remaining_percent")}
    odd = Witness("battery", "BAT", time_ns, np.arange(rows), columns)
    for flight in (flight_of([], []), flight_of([47.0], [8.0], events=((0, "arm"),))):
        assert_sound(phases(replace(flight, witnesses=(odd,))))


@pytest.mark.parametrize("kind", ["disarm", "takeoff"])
def test_real_logs_are_no_anomaly_and_a_forged_event_is_found(shared, kind):
    name = "dji_txt/unhcfreg__DROP__DJIFlightRecord_2016-09-26_[14-27-11].txt"
    flight = dronecheck.read(shared / "logs" / name)
    assert phases(flight) == ()
    track = flight.track
    high = np.flatnonzero(track.alt_home_m > 20)
    row = int(high[len(high) // 2])
    forged = Event(int(track.time_ns[row]), EventKind(kind), "", int(track.offset[row]))
    (said,) = phases(replace(flight, events=(*flight.events, forged)))
    assert said.records == (int(track.offset[row]),)
