"""The DataFlash reader against facts that pymavlink alone gives for every real DataFlash file."""

import struct

import numpy as np
import pytest

from dronecheck.flight import Completeness, Track
from dronecheck.issues import Code
from dronecheck.readers import dataflash
from dronecheck.safe.io import open_input
from tests.oracle import dataflash_facts
from tests.support.scale import by_size

REAL = dataflash_facts.real_logs()
if not REAL:
    pytest.skip(f"real logs are not at {dataflash_facts.LOGS}", allow_module_level=True)
BINARY = [path for path in REAL if path.suffix != ".log"]
UNREAD = [path for path in REAL if "ardupilot_minimal" in path.name]  # pymavlink raises: format character F
READ = [path for path in REAL if path not in UNREAD]
# one old time of week at the start, on which pymavlink bases its clock
LATE_FIRST = {"erlerobot__ardupilot__mechanical_fail.log", "erlerobot__ardupilot__nan.log"}


@pytest.mark.parametrize("path", by_size(READ), ids=lambda path: path.name)
def test_every_log_agrees_with_pymavlink_to_the_last_digit(path):
    flight, facts = dataflash.read(open_input(path)), dataflash_facts.facts(path)
    assert flight.clock.utc_known == facts.utc_known
    assert sum(issue.count for issue in flight.issues if issue.code is Code.NO_FIX_ROWS) == facts.no_fix
    for name, fact in (("gnss", facts.gnss), ("fused", facts.fused)):
        track = flight.tracks.get(name, Track.empty())
        assert len(track) == (len(fact.time_us) if fact else 0)
        if not fact:
            continue
        assert track.message == fact.record
        # to the last digit: `gps_times`; here that a row has no other row's time
        assert np.abs(track.time_ns - np.array(fact.time_us) * 1000).max() <= 0.5e9 * flight.clock.utc_known
        assert np.array_equal(track.lat_deg, fact.lat_deg)
        assert np.array_equal(track.lon_deg, fact.lon_deg)
        # heights are as logged, or not used (before the estimator had an origin)
        for ours, theirs in ((track.alt_amsl_m, fact.alt_m), (track.alt_home_m, fact.home_m)):
            known = np.isfinite(ours)
            if ours is track.alt_amsl_m or not np.isnan(theirs).all():
                assert np.array_equal(ours[known], np.array(theirs)[known])
        box = track.lon_deg.min(), track.lat_deg.min(), track.lon_deg.max(), track.lat_deg.max()
        assert box == fact.bbox
        if name == "gnss":
            assert np.isfinite(track.alt_amsl_m).all()


@pytest.mark.parametrize(
    "path", by_size(path for path in READ if path.name not in LATE_FIRST), ids=lambda path: path.name
)
def test_the_clock_agrees_with_that_of_pymavlink_but_for_its_leap_seconds(path):
    flight, facts = dataflash.read(open_input(path)), dataflash_facts.facts(path)
    if facts.between_s is None:
        assert not flight.clock.utc_known or flight.source.dialect == "px4"
        return
    time_ns = flight.tracks["gnss"].time_ns
    assert (time_ns[0] / 1e9, time_ns[-1] / 1e9) == pytest.approx(facts.between_s, abs=0.7)


@pytest.mark.parametrize("path", UNREAD, ids=lambda path: path.name)
def test_what_pymavlink_cannot_read_is_still_a_flight(path):
    assert dataflash_facts.facts(path) is None
    flight = dataflash.read(open_input(path))
    assert {Code.NO_POSITION, Code.BAD_POSITION} <= {issue.code for issue in flight.issues}


def test_what_the_real_logs_are_known_for():
    flights = {path.name: dataflash.read(open_input(path)) for path in REAL}
    codes = {name: {issue.code for issue in flight.issues} for name, flight in flights.items()}
    # 300 moving positions with Status 1 at 63 N 90 W, while the aircraft was in England
    pilot = flights["PyFlightCoach__FlightData__pilot_0004.BIN"]
    assert len(pilot.tracks["gnss"]) == 85
    assert all(np.abs(track.lat_deg - 51.64).max() < 0.01 for track in pilot.tracks.values())
    # a companion computer plays a second receiver, eleven kilometres off
    second = "diaven__ardupilot-LogAnalyzer__sample01.bin"
    assert {Code.OTHER_RECEIVERS, Code.POSITION_CONFLICT} <= codes[second]
    assert flights[second].track.lat_deg.max() < 52.45
    # PX4 of 2015: heights of the estimate 200 m from those of the fixes
    px4 = "dronecrew__px4tools__01_07_59.px4log"
    assert Code.HEIGHT_FRAME in codes[px4]
    assert (flights[px4].primary, flights[px4].source.dialect) == ("gnss", "px4")
    assert flights[px4].completeness is Completeness.COMPLETE


@pytest.mark.parametrize("path", by_size(BINARY), ids=lambda path: path.name)
def test_offsets_point_at_the_record_of_the_position(path):
    source = open_input(path)
    for track in dataflash.read(source).tracks.values():
        for offset, lat, lon in list(zip(track.offset.tolist(), track.lat_deg, track.lon_deg, strict=True))[::5]:
            assert source.data[offset : offset + 2] == b"\xa3\x95"
            place = struct.pack("<2i", round(lat * 1e7), round(lon * 1e7))
            assert place in source.data[offset : offset + 89]


@pytest.mark.parametrize("path", by_size(path for path in READ if path.suffix == ".log"), ids=lambda path: path.name)
def test_lines_hold_the_position(path):
    source = open_input(path)
    lines = source.data.split(b"\n")
    for track in dataflash.read(source).tracks.values():
        for number, lat in zip(track.offset.tolist(), track.lat_deg, strict=True):
            assert lines[number - 1].startswith(b"GPS, ")
            assert lat in [float(field) for field in lines[number - 1].split(b",")[1:]]
