"""The MAVLink reader's clock on hand-made logs: stamps, satellites' time, restarts."""

import numpy as np
import pytest

from dronecheck.flight import ClockSource
from dronecheck.issues import Code, Severity
from tests.readers.test_tlog import START_NS, codes, issue, read
from tests.support.tlog_writer import SKEW_US, UTC_US, Tlog


def test_the_vehicles_date_beats_the_hosts_and_the_skew_is_said():
    log = Tlog()
    log.beat(1)
    for row in range(9):
        log.clock(1 + row, unix=UTC_US - 16_000_000 + 1_000_000 * (1 + row) if row > 4 else 0)
        log.gps(1 + row, 50, 8)
    found = read(log)
    assert found.track.time_ns[0] == START_NS - 15 * 10**9
    assert "16.3 s ahead of" in issue(found, Code.CLOCK_SKEW).message
    assert issue(found, Code.CLOCK_SKEW).severity is Severity.INFO


TURN_US = 1024 * 7 * 86_400 * 1_000_000


@pytest.mark.parametrize("stamped", [True, False])
def test_a_forgotten_1024_weeks_are_set_right_by_the_hosts_stamps_alone(stamped):
    log = Tlog(stamped=stamped)
    log.beat(0.5)
    for row in range(20):
        log.clock(1 + row, unix=UTC_US - TURN_US + (1 + row) * 1_000_000)
        log.gps(1.1 + row, 47 + row * 1e-5, 7.0)
    found = read(log.bytes)
    assert "1024 weeks" in issue(found, Code.CLOCK_DAMAGED).message or not stamped
    assert issue(found, Code.CLOCK_DAMAGED).count == 20
    assert found.clock.utc_known is stamped
    if stamped:
        assert found.clock.source is ClockSource.VEHICLE
        assert abs(found.track.time_ns[0] / 1e3 - (UTC_US + 1_100_000)) < 1000


def test_the_hosts_stamps_are_second_best():
    log = Tlog()
    log.beat(1)
    for row in range(9):
        log.clock(1 + row, unix=0)
        log.gps(1 + row, 50, 8)
    found = read(log)
    assert (found.clock.source, found.clock.sigma_s) == (ClockSource.HOST, 2.0)
    assert found.track.time_ns[0] == START_NS + SKEW_US * 1000 + 10**9


def test_satellite_time_in_the_fixes():
    log = Tlog()
    log.beat(1)
    for row in range(9):
        log.fused(1 + row, 50, 8)
        log.gps(1 + row, 50, 8, own=UTC_US - 5_000_000 + 1_000_000 * (1 + row))
    found = read(log)
    assert found.clock.source is ClockSource.GNSS
    assert found.tracks["gnss"].time_ns.tolist() == [START_NS + (row - 4) * 10**9 for row in range(9)]
    assert found.tracks["fused"].time_ns.tolist() == [START_NS + (row - 4) * 10**9 for row in range(9)]


def test_no_time_of_the_vehicle_at_all():
    log = Tlog()
    log.beat(1)
    for row in range(5):
        log.gps(7200 * row, 50, 8, own=0)
    found = read(log)
    assert found.clock.source is ClockSource.HOST
    assert found.track.time_ns.tolist() == [START_NS + SKEW_US * 1000 + 7200 * 10**9 * row for row in range(5)]


def test_an_autopilot_that_starts_anew_has_two_sessions():
    log = Tlog()
    for session in range(2):
        for row in range(20):
            t = 100.0 + row
            log.beat(t, armed=row > 10)
            log.gps(t + 0.1, 50 + session, 8)
            log.clock(t + 0.2, unix=UTC_US + session * 3_600_000_000 + round((t + 0.2) * 1e6))
            log.fused(t + 0.5, 50 + session, 8)
    found = read(log)
    assert issue(found, Code.CLOCK_DAMAGED).count == 1
    for track in found.tracks.values():
        assert len(track) == 40
        assert (np.diff(track.lat_deg) >= 0).all()
        assert np.diff(track.time_ns).max() == 3_581_000_000_000
    assert Code.OUT_OF_ORDER not in codes(found)


def test_sessions_without_a_date_follow_one_another():
    log = Tlog(stamped=False)
    for session in range(2):
        for row in range(9):
            log.beat(100 + row)
            log.clock(100 + row, unix=0)
            log.gps(100.5 + row, 50 + session, 8)
    found = read(log)
    assert len(found.track) == 18
    assert (np.diff(found.track.lat_deg) >= 0).all()


def test_fixes_after_a_restart_that_is_the_last_time_said_are_read():
    """Found by fuzzing: the last message with a time began a session, and fixes of an earlier time follow it."""
    log = Tlog()
    log.beat(1)
    for row in range(5):
        log.clock(100 + row, unix=UTC_US + (100 + row) * 1_000_000)
        log.gps(100.5 + row, 50, 8)
    log.clock(20, unix=UTC_US + 3_600_000_000)
    for row in range(5):
        log.gps(5 + row, 51, 8)
    found = read(log)
    assert issue(found, Code.CLOCK_DAMAGED).count >= 1
    assert (found.tracks["gnss"].lat_deg > 50.5).any()


def test_a_step_of_the_vehicles_date_is_said():
    log = Tlog()
    log.beat(1)
    for row in range(11):
        log.clock(1 + row, unix=UTC_US + 1_000_000 * (1 + row) + (5_000_000 if row < 3 else 0))
        log.gps(1 + row, 50, 8)
    found = read(log)
    assert found.track.time_ns[0] == START_NS + 10**9
    assert issue(found, Code.CLOCK_DAMAGED).count == 3
