"""ID-1: another board, firmware or type in one file, and a second vehicle on the same path, are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pymavlink.dialects.v20 import all as dialect

import dronecheck
from dronecheck.evidence.consistency.records.identity import identity
from dronecheck.flight import Event, EventKind, Flight, Vehicle
from dronecheck.flight.integrity import Weight
from dronecheck.issues import Code
from dronecheck.readers import read_input
from dronecheck.safe.io import Input
from tests.support.tlog_writer import Tlog
from tests.support.tlog_writer import flight as tlog_flight
from tests.support.ulog_writer import flight as ulog_flight


def read(name: str, data: bytes) -> Flight:
    return read_input(Input(Path(name), data, "0" * 64))


def version(log: Tlog, t_s: float, uid: int, firmware: int = 0x04030700, **sender: int) -> int:
    message = dialect.MAVLink_autopilot_version_message(0, firmware, 0, 0, 9, [0] * 8, [0] * 8, [0] * 8, 0, 0, uid)
    return log.add(t_s, message, **sender)


def test_one_board_that_names_itself_again_is_no_anomaly():
    log = tlog_flight()
    for t_s in (20, 21, 22):
        version(log, t_s, 77)
    version(log, 23, 0)  # an autopilot that does not know it
    assert identity(read("a.tlog", log.bytes)) == ()


@pytest.mark.parametrize("change", [{"uid": 78}, {"uid": 77, "firmware": 0x04040000}])
def test_another_board_or_firmware_in_a_stream_is_a_notice_without_its_number(change):
    log = tlog_flight()
    version(log, 20, 77)
    at = version(log, 21, **change)
    flight = read("a.tlog", log.bytes)
    (said,) = identity(flight)
    assert (said.severity, said.records) == (Weight.NOTICE, (at,))
    assert "78" not in said.observed
    assert [i.offset for i in flight.issues if i.code is Code.IDENTITY_CHANGES] == [at]


def test_another_type_of_aircraft_is_a_notice():
    log = tlog_flight()
    at = log.beat(30, kind=1)
    (said,) = identity(read("a.tlog", log.bytes))
    assert said.records == (at,)


@pytest.mark.parametrize("key", ["sys_uuid", "ver_sw", "ver_hw"])
def test_information_that_a_ulog_states_anew_is_a_notice(key):
    log = ulog_flight()
    log.info(key, "000200000000333138383234")
    log.info(key, "000200000000333138383234")
    assert identity(read("a.ulg", log.bytes)) == ()
    at = len(log.bytes)
    log.info(key, "000200000000999999999999")
    (said,) = identity(read("a.ulg", log.bytes))
    assert (said.severity, said.records) == (Weight.NOTICE, (at,))
    assert "9999" not in said.observed


def test_other_banners_among_the_texts_are_found(flight_of):
    texts = ("ArduCopter V4.0.2 (2cb4b85a)", "Pixracer 002A001A 3038510C 31353236", "EKF2 IMU0 is using GPS")
    others = ("ArduCopter V4.1.0 (0123abcd)", "Pixracer 002A001A 3038510C 99999999")
    events = tuple(Event(n, EventKind.MESSAGE, text, n * 10) for n, text in enumerate((*texts, *texts[:2])))
    flight = replace(flight_of([47, 47.1], [8, 8.0]), events=events, vehicle=Vehicle(firmware="ArduCopter"))
    assert identity(flight) == ()
    more = tuple(Event(9 + n, EventKind.MESSAGE, text, 90 + n) for n, text in enumerate(others))
    firmware, board = identity(replace(flight, events=(*events, *more)))
    assert (firmware.records, board.records) == ((90,), (91,))
    assert "V4.1.0" in firmware.observed
    assert "99999999" not in board.observed


@pytest.mark.parametrize(("east_deg", "is_told"), [(0.0, True), (0.001, False)])
def test_a_second_vehicle_on_the_same_path_to_the_last_digit_is_found(east_deg, is_told):
    log = Tlog()
    for system in (1, 7):
        log.beat(9.8, system=system)
    log.clock(9.9)
    for row in range(40):
        for system, away in ((1, 0.0), (7, east_deg)):
            log.gps(10 + row / 5, 47 + row * 1e-5, 7.0 + away, system=system)
            log.fused(10.1 + row / 5, 47 + (row + 0.5) * 1e-5, 7.0 + away, system=system)
    flight = read("a.tlog", log.bytes)
    assert len(flight.others) == 1
    told = [s for s in flight.integrity.statements if s.id == "ID-1" and "last digit" in s.observed]
    assert bool(told) is is_told
    assert all(s.severity is Weight.NOTICE for s in told)


def test_without_any_name_nothing_can_be_said(flight_of):
    assert identity(flight_of([], [])) is None
    assert identity(flight_of(np.full(3, 47.0), np.full(3, 8.0))) is None


@pytest.mark.parametrize("name", ["dronekit__dronekit-python__flight.tlog", "ArduPilot__UAVLogViewer__vtol.tlog"])
def test_real_streams_are_of_one_aircraft(shared, name):
    assert identity(dronecheck.read(shared / "logs" / "tlog" / name)) == ()
