"""A DJI flight record and the controller's log of one flight: which belong together, and what contradictions do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dronecheck
from dronecheck.flight import RecordHeader, RecordingKey, Track
from dronecheck.geofence.result import Reason, Verdict
from dronecheck.issues import Code, Severity
from dronecheck.readers.common.recordings import LOG_TRACK, Recording, of_one_flight, pairs
from dronecheck.report.case import by_flight
from dronecheck.settings import Options

SAMPLES = Path(__file__).parents[2] / "samples"
RECORD = SAMPLES / "founding_dandong_sinuiju_DJIFlightRecord.txt"
LOG = SAMPLES / "founding_dandong_sinuiju_FLY001.DAT"
KEY = RecordingKey(40.1, 124.4, 1124.0)


@pytest.fixture(scope="module")
def record():
    return dronecheck.read(RECORD)


@pytest.fixture(scope="module")
def log():
    return dronecheck.read(LOG)


def moved(flight, **columns):
    """The flight with other columns of its judged track."""
    return replace(flight, tracks={**flight.tracks, flight.primary: flight.track.replace(**columns)})


def codes(flight, severity=None):
    return {issue.code for issue in flight.issues if severity is None or issue.severity is severity}


def without_track(flight, **header):
    """The record as one whose track cannot be read without keys."""
    facts = {"within_m": 5_000.0, "below_m": 150.0, "duration_s": 494.0} | header
    track = flight.track
    start = RecordHeader(float(track.lat_deg[0]), float(track.lon_deg[0]), int(track.time_ns[0]), **facts)
    return replace(flight, tracks={}, primary="", header=start)


def test_a_real_record_and_the_log_made_beside_it_are_known_by_their_take_off(shared):
    real = next(iter((shared / "logs/dji_txt").glob("*2016-09-26*")), None)
    other = next(iter((shared / "logs/dji_txt").glob("*2016-09-15*")), None)
    made = shared / "dji13" / "2016-09-26_14-27-05_FLY001.DAT"
    if real is None or other is None or not made.is_file():
        pytest.skip("../shared is not whole")
    flights = [dronecheck.read(path) for path in (other, made, real)]
    assert pairs([Recording.of(one) for one in flights]) == {2: 1}
    both = of_one_flight(flights[1:])
    assert both is not None
    assert both.sources == (flights[2].source, flights[1].source)
    assert not both.rivals
    (skew,) = [issue for issue in both.issues if issue.code is Code.CLOCK_SKEW]
    assert "2.0 s" in str(skew.message)  # as the log was made
    assert both.clock.sigma_s >= 2.0


def test_without_a_key_they_are_known_by_time_and_place(record, log):
    assert not record.recording_keys
    both = of_one_flight([log, record])
    assert both is not None
    assert (both.source, both.more_sources) == (record.source, (log.source,))
    assert len(both.track) == len(record.track)
    assert not both.rivals
    assert Code.SECOND_RECORDING in codes(both)


def test_another_take_off_or_place_or_time_is_another_flight(record, log):
    keyed, elsewhere = replace(record, recording_keys=(KEY,)), replace(KEY, level_dm=1125.0)
    assert of_one_flight([keyed, replace(log, recording_keys=(KEY,))]) is not None
    assert of_one_flight([keyed, replace(log, recording_keys=(elsewhere,))]) is None
    assert of_one_flight([moved(record, lat_deg=record.track.lat_deg + 0.05), log]) is None
    assert of_one_flight([moved(record, time_ns=record.track.time_ns + 3_600 * 10**9), log]) is None
    assert of_one_flight([record, record]) is None
    assert of_one_flight([log, log]) is None


def test_the_record_is_judged_and_the_log_bears_witness(record, log):
    both, alone = of_one_flight([record, log]), dronecheck.check(record)
    result = dronecheck.check(both)
    assert result.verdict is alone.verdict is Verdict.VIOLATION
    assert result.findings[0].rows == alone.findings[0].rows


def test_an_entry_that_only_the_log_shows_is_not_clear(record, log):
    """The record edited so that it flew 5 km farther north: by the log it entered."""
    lat = record.track.lat_deg + 0.05
    edited = replace(moved(record, lat_deg=lat), recording_keys=(KEY,))
    assert dronecheck.check(edited).verdict is Verdict.CLEAR
    both = of_one_flight([edited, replace(log, recording_keys=(KEY,))])
    assert both.rivals == (LOG_TRACK,)
    assert Code.POSITION_CONFLICT in codes(both, Severity.WARNING)
    result = dronecheck.check(both)
    assert result.verdict is Verdict.INCONCLUSIVE
    (found,) = result.findings
    assert Reason.SOURCES_DISAGREE in found.reasons
    assert {said.track: said.verdict for said in found.alternatives} == {
        "fused": Verdict.CLEAR, LOG_TRACK: Verdict.VIOLATION
    }  # fmt: skip


def test_an_entry_that_only_the_record_shows_is_not_told_as_a_fact(record, log):
    lat, lon = (np.full(len(log.track), getattr(log.track, name)[0]) for name in ("lat_deg", "lon_deg"))
    edited = replace(moved(log, lat_deg=lat, lon_deg=lon), recording_keys=(KEY,))
    result = dronecheck.check(of_one_flight([replace(record, recording_keys=(KEY,)), edited]))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert Reason.SOURCES_DISAGREE in result.findings[0].reasons


def test_heights_that_contradict_are_said_and_both_are_judged(record, log):
    both = of_one_flight([record, moved(log, alt_home_m=log.track.alt_home_m + 40.0)])
    assert both.rivals == (LOG_TRACK,)
    (issue,) = [issue for issue in both.issues if issue.code is Code.RECORDINGS_DISAGREE]
    assert "40 m" in str(issue.message)
    settings = dronecheck.Settings(max_height_m=130.0, allow={"PRK"})
    assert dronecheck.check(record, settings=settings).verdict is Verdict.CLEAR
    assert dronecheck.check(both, settings=settings).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("off_s", [-3_600.0, -31.4, 0.3, 2.0, 7_200.0])
def test_a_clock_that_is_off_is_said_and_contradicts_nothing_else(record, log, off_s):
    shifted = moved(record, time_ns=record.track.time_ns - round(off_s * 1e9))
    both = of_one_flight([replace(shifted, recording_keys=(KEY,)), replace(log, recording_keys=(KEY,))])
    assert not both.rivals
    skew = [issue for issue in both.issues if issue.code is Code.CLOCK_SKEW and issue.file == 0]
    assert len(skew) - len([i for i in record.issues if i.code is Code.CLOCK_SKEW]) == (abs(off_s) > 1)
    if abs(off_s) > 1:
        assert both.clock.sigma_s == pytest.approx(abs(off_s), abs=0.4)


def test_a_record_without_keys_is_judged_by_the_log(record, log):
    encrypted = without_track(record)
    both = of_one_flight([encrypted, log])
    assert (both.source, both.more_sources, both.header) == (log.source, (record.source,), None)
    assert not codes(both, Severity.WARNING)
    result = dronecheck.check(both)
    assert result.verdict is Verdict.VIOLATION
    assert result.findings == dronecheck.check(log).findings


def test_what_the_log_lacks_of_such_a_record_is_said(record, log):
    cut = replace(log, tracks={"fused": log.track[: len(log.track) // 2]})
    both = of_one_flight([without_track(record), cut])
    assert both.ends_airborne
    assert Code.ENDS_IN_FLIGHT in codes(both, Severity.WARNING)
    for header in ({"within_m": 500.0}, {"below_m": 60.0}):
        told = codes(of_one_flight([without_track(record, **header), log]), Severity.WARNING)
        assert told == {Code.RECORDINGS_DISAGREE}


def test_neither_without_a_track_is_a_pair(record, log):
    empty = replace(log, tracks={}, primary="")
    assert of_one_flight([without_track(record), empty]) is None
    assert of_one_flight([replace(record, tracks={"fused": Track.empty()}), empty]) is None


def test_the_command_takes_both_as_one_flight_in_any_order():
    setup = Options().setup()
    clear = SAMPLES / "clear_dandong.csv"
    for given in ([RECORD, clear, LOG], [LOG, clear, RECORD]):
        found = by_flight(given, setup, separate=False)
        assert sorted(each.paths for each in found) == [(clear,), (RECORD, LOG)]
    assert len(by_flight([LOG, RECORD], setup, separate=True)) == 2


def test_what_the_log_lacks_of_such_a_record_leaves_nothing_clear_near_a_border(record, log):
    away_deg = np.hypot(*(column - column[0] for column in (log.track.lat_deg, log.track.lon_deg)))
    cut = replace(log, tracks={"fused": log.track[: int(np.argmax(away_deg > 5e-4))]}, ends_airborne=False)
    both = of_one_flight([without_track(record), cut])
    flown_s = int(cut.track.time_ns[-1] - cut.track.time_ns[0]) / 1e9
    assert both.unread_s == pytest.approx(494 - flown_s, abs=15)
    for flight in (both, replace(both, ends_airborne=False)):
        assert dronecheck.check(flight).verdict is Verdict.INCONCLUSIVE
