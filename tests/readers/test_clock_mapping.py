"""From an autopilot's clock to satellite time: clocks made to measure, whose right times are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.flight import ClockSource
from dronecheck.geofence.engine import check
from dronecheck.issues import Code, Severity
from dronecheck.readers.common.clock.mapping import fitted
from dronecheck.report.case import Case
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.privacy import redact
from tests.readers.test_dataflash import read
from tests.readers.test_ulog import read as read_ulog
from tests.support.dataflash_writer import FIRST_MS, WEEK, Dataflash
from tests.support.scale import examples
from tests.support.ulog_writer import GLOBAL, GPS, UTC_US, Ulog

GPS_EPOCH_US, WEEK_US = 315_964_800_000_000, 604_800_000_000
START_US = GPS_EPOCH_US + WEEK * WEEK_US + FIRST_MS * 1000 - 18_000_000


def fix(log: Dataflash, boot_us: int, since_us: int, step: int, week: int = WEEK) -> None:
    """A GPS row stamped `boot_us` that states `since_us` after the start."""
    values = (12, 1.0, 47 + step * 1e-5, 8, 100.0, 5.0, 0.0, 0.0, 0.0, 1)
    log.row("GPS", boot_us, 0, 3, FIRST_MS + since_us // 1000, week, *values)


def since_us(track):
    return (track.time_ns // 1000 - START_US).tolist()


@pytest.mark.parametrize("slow", [0.0, 0.08, -0.05, 2e-5])
def test_a_clock_of_any_rate(slow):
    log = Dataflash()
    for row in range(300):
        boot_us = 5_000_000 + round(row * 200_000 * (1 - slow))
        fix(log, boot_us, row * 200_000, row)
        log.pos((boot_us + round(100_000 * (1 - slow))) / 1e6, 47 + row * 1e-5, 8)
    found = read(log)
    assert since_us(found.tracks["gnss"]) == [row * 200_000 for row in range(300)]
    halves = np.array(since_us(found.tracks["fused"])) - [row * 200_000 + 100_000 for row in range(300)]
    assert np.abs(halves).max() <= 2
    mapping = found.clock.mapping
    assert mapping.slope_ppm == pytest.approx((1 / (1 - slow) - 1) * 1e6, abs=0.5)
    assert mapping.offset_s == pytest.approx(START_US / 1e6 - 5 / (1 - slow), abs=1e-3)
    assert (mapping.residual_s, found.clock.sigma_s) == (pytest.approx(0, abs=1e-4), 0.1)
    assert Code.CLOCK_DAMAGED not in {issue.code for issue in found.issues}


def test_stamps_that_are_late_do_not_move_their_fixes_and_a_stray_satellite_time_does_not_either():
    log = Dataflash()
    late_us = {0: 1_800_000, 1: 1_400_000, 2: 900_000, 60: 7_000_000}
    stray_us = {100: 3_600_000_000, 101: -90_000_000}
    for row in range(200):
        boot_us = 5_000_000 + row * 200_000
        fix(log, boot_us + late_us.get(row, 0), row * 200_000 + stray_us.get(row, 0), row)
    found = read(log)
    assert since_us(found.tracks["gnss"]) == [row * 200_000 for row in range(200)]
    noted = [issue for issue in found.issues if issue.code is Code.CLOCK_DAMAGED]
    assert sorted(issue.count for issue in noted) == [len(stray_us), len(late_us)]
    assert all(issue.severity is Severity.WARNING for issue in noted)


def test_whole_seconds_at_five_fixes_a_second_are_right_where_they_change():
    log = Dataflash()
    for row in range(100):
        fix(log, 5_000_000 + row * 200_000, (row * 200_000 + 400_000) // 1_000_000 * 1_000_000, row)
    found = read(log)
    apart_us = np.diff(since_us(found.tracks["gnss"]))
    assert (apart_us == 200_000).all()
    assert since_us(found.tracks["gnss"])[3] == 1_000_000


@pytest.mark.parametrize("second_starts_at_us", [5_000_000, 1_000_000, 40_000_000])
def test_each_start_of_the_clock_has_a_mapping_of_its_own(second_starts_at_us):
    log = Dataflash()
    expected = []
    for begin_us, boot_us in ((0, 5_000_000), (600_000_000, second_starts_at_us)):
        for row in range(300):
            fix(log, boot_us + row * 200_000, begin_us + row * 200_000, row)
            log.gpa((boot_us + row * 200_000) / 1e6, 2.0 if begin_us else 4.0)
            log.pos((boot_us + row * 200_000 + 100_000) / 1e6, 47 + (row + 0.5) * 1e-5, 8)
            expected.append(begin_us + row * 200_000)
    found = read(log)
    assert since_us(found.tracks["gnss"]) == expected
    assert np.abs(np.array(since_us(found.tracks["fused"])) - expected - 100_000).max() <= 1
    # accuracies go with their own fix, though both starts have the same stamps
    assert len(set(found.tracks["gnss"].h_sigma_m[:300])) == len(set(found.tracks["gnss"].h_sigma_m[300:])) == 1
    assert found.tracks["gnss"].h_sigma_m[0] == pytest.approx(2 * found.tracks["gnss"].h_sigma_m[-1])
    assert not found.clock.is_assumed


def test_a_start_without_satellite_time_is_never_put_into_the_flight_before():
    log = Dataflash()
    for row in range(300):
        fix(log, 50_000_000 + row * 200_000, row * 200_000, row)
        log.pos(50.1 + row / 5, 47 + row * 1e-5, 8)
    for row in range(100):
        fix(log, 5_000_000 + row * 200_000, 0, row, week=0)
        log.pos(5.1 + row / 5, 47.01 + row * 1e-5, 8)
    found = read(log)
    fused = found.tracks["fused"]
    assert len(fused) == 400
    assert (np.diff(fused.lat_deg) > 0).sum() == 399
    assert found.clock.is_assumed
    assert any("starts anew" in issue.message for issue in found.issues)


@settings(max_examples=examples(100), deadline=None)
@given(
    st.integers(0, 2**32), st.floats(-0.1, 0.1), st.integers(20, 300), st.floats(0, 0.05),
    st.sampled_from([0.0, 0.02, 0.15]),
)  # fmt: skip
def test_a_mapping_ascends_is_exact_at_its_own_and_forgets_the_strays(seed, slow, count, jitter_s, share):
    rng = np.random.default_rng(seed)
    true_us = np.cumsum(rng.integers(100_000, 400_000, count)) + 1_700_000_000_000_000
    boot_us = np.rint((true_us - true_us[0]) * (1 - slow)).astype(np.int64) + 9_000_000
    boot_us += rng.integers(0, round(jitter_s * 1e6) + 1, count)
    stated_us = true_us.copy()
    strays = rng.random(count) < share / 2
    stated_us[strays] += rng.choice([-1, 1], int(strays.sum())) * rng.integers(5_000_000, 10**13, int(strays.sum()))
    stretch = fitted(boot_us, stated_us).stretch
    assert (np.diff(stretch.boot_us) > 0).all()
    assert (np.diff(stretch.utc_us) > 0).all()
    assert np.array_equal(stretch.utc(stretch.boot_us), stretch.utc_us)
    wanted = np.sort(rng.integers(0, int(boot_us[-1]) + 9_000_000, 200))
    assert (np.diff(stretch.utc(wanted)) >= 0).all()
    if strays.sum() <= count / 8:
        assert not np.isin(stretch.utc_us, stated_us[strays]).any()
        assert np.abs(stretch.utc(boot_us) - true_us).max() <= 500_000


def test_ulog_takes_the_same_way():
    log = Ulog()
    log.flags()
    log.topic("vehicle_gps_position", GPS, 1)
    log.topic("vehicle_global_position", GLOBAL, 2)
    for row in range(200):
        boot_s = 10 + row * 0.2 * 0.92
        log.gps(boot_s, 47 + row * 1e-5, 7.0, utc=UTC_US + row * 200_000)
        log.fused(boot_s + 0.092, 47 + (row + 0.5) * 1e-5, 7.0)
    found = read_ulog(log.bytes)
    assert (found.tracks["gnss"].time_ns // 1000 - UTC_US).tolist() == [row * 200_000 for row in range(200)]
    halves = found.tracks["fused"].time_ns // 1000 - UTC_US - 100_000 - np.arange(200) * 200_000
    assert np.abs(halves).max() <= 2
    assert found.clock.source is ClockSource.GNSS


@pytest.mark.parametrize("week", [WEEK, 4000])
def test_the_mapping_is_in_the_json(week):
    log = Dataflash()
    for row in range(100):
        fix(log, 5_000_000 + row * 184_000, row * 200_000, row, week)
    flight = read(log)
    case = Case(flight, None, check(flight, None))
    told = json.loads(encode(result_document(redact(case)), indent=False))["flight"]["clock"]
    if week != WEEK:
        assert told == {"utc_known": False, "source": "none", "sigma_s": None, "mapping": None}
        return
    assert told["mapping"]["slope_ppm"] == pytest.approx(86_956.5, abs=0.1)  # 200 / 184
    assert told["mapping"]["offset_s"] == pytest.approx(START_US / 1e6 - 5 * 200 / 184, abs=1e-3)
    assert told["mapping"]["residual_s"] == pytest.approx(0, abs=1e-3)
