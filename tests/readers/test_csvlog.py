"""Each CSV dialect, read from a small file whose facts are known by hand."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import ClockSource, Completeness, EventKind, SigmaSource
from dronecheck.issues import Severity
from dronecheck.readers import csvlog
from dronecheck.readers.csvlog.dialects import dialects
from tests.readers.csv_samples import (
    AIRDATA,
    DJI_LOG_PARSER,
    DJI_LOG_VIEWER,
    DRONEDEPLOY,
    FLIGHT_READER,
    HEALTHYDRONES,
    LITCHI,
    LITCHI_MISSION,
    OPEN_DRONELOG,
    SAMPLES,
    UGCS,
    issues,
    read,
)


def utc_ns(*parts, ms=0):
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 10**9 + ms * 10**6


def events(flight, kind):
    return [(event.text, event.offset) for event in flight.events if event.kind is kind]


@pytest.mark.parametrize("name", SAMPLES)
def test_dialect_is_recognised_by_content(name):
    data = SAMPLES[name].encode()
    assert csvlog.sniff(data, "anything.txt") >= 80
    flight = read(data)
    assert flight.source.dialect == name
    assert flight.source.format == "csv"
    assert {track.message for track in flight.tracks.values()} == {"row"}
    assert flight.completeness is Completeness.COMPLETE


def test_every_dialect_of_the_table_has_a_sample():
    assert {d.id for d in dialects() if not d.refuse} == set(SAMPLES)


def test_flight_reader():
    flight = read(FLIGHT_READER, "DJIFlightRecord_2025-06-13_[15-34-35].csv")
    track = flight.track
    np.testing.assert_allclose(track.lat_deg, [40.1, 40.10001, 40.10002])
    np.testing.assert_allclose(track.alt_home_m, [0, 3.048, 30.48])
    np.testing.assert_allclose(track.alt_amsl_m, [30.48, 33.528, 60.96])
    assert np.isnan(track.alt_agl_m).all()  # sonar is no height above ground
    assert np.isnan(track.alt_hae_m).all()
    np.testing.assert_allclose(track.speed_mps, [0, 4.4704, 4.4704])
    np.testing.assert_allclose(track.h_sigma_m, [2.0, 2.5, 4.0], atol=0.01)
    assert track.h_sigma_source is SigmaSource.SATELLITES
    assert list(track.offset) == [3, 4, 5]
    first = utc_ns(2025, 6, 13, 15, 34, 35, ms=300)
    assert list(track.time_ns) == [first, first + 2 * 10**8, first + 4 * 10**8]
    assert (flight.clock.utc_known, flight.clock.source) == (False, ClockSource.EXPORT)
    assert "local time of unknown zone" in flight.clock.note
    assert issues(flight)["utc_unknown"].severity is Severity.WARNING
    assert (flight.home.lat_deg, flight.home.lon_deg) == (40.1, 124.3)
    assert (flight.vehicle.model, flight.vehicle.serial) == ("DJI FPV", "SN1")
    assert events(flight, EventKind.TAKEOFF) == [("on ground: False", 4)]
    assert events(flight, EventKind.DISARM) == [("motors: False", 5)]
    assert not events(flight, EventKind.ARM)  # on in the first row already
    assert events(flight, EventKind.MODE) == [("P-GPS", 4)]
    assert events(flight, EventKind.MESSAGE) == [("Motors starting.", 3), ("Low light", 4)]
    operator = flight.tracks["operator"]
    assert list(operator.offset) == [3, 5]
    assert flight.primary == "fused"


def test_flight_reader_with_a_utc_clock():
    flight = read(FLIGHT_READER.replace("[local]", "[UTC]"))
    assert flight.clock.utc_known
    assert flight.clock.source is ClockSource.EXPORT
    assert "utc_unknown" not in issues(flight)


def test_flight_reader_with_an_epoch():
    text = FLIGHT_READER.replace("CUSTOM.updateTime [local]", "CUSTOM.updateTime [epoch]")
    for clock, epoch in (("35.30", "1749800075300"), ("35.50", "1749800075500"), ("35.70", "1749800075700")):
        text = text.replace(f"3:34:{clock} PM", epoch)
    flight = read(text)
    assert flight.clock.utc_known
    assert flight.track.time_ns[0] == 1749800075300 * 10**6


def test_dji_log_viewer_with_its_hours_lost():
    flight = read(DJI_LOG_VIEWER, "DJIFlightRecord_2018-05-23_[14-59-58].csv")
    assert list(flight.track.time_ns - flight.track.time_ns[0]) == [0, 3 * 10**9]
    assert flight.track.time_ns[0] == utc_ns(2018, 5, 23, 14, 59, 58)
    assert (flight.clock.utc_known, flight.clock.source) == (False, ClockSource.FILE_NAME)
    assert issues(flight)["clock_damaged"].severity is Severity.WARNING
    np.testing.assert_allclose(flight.track.alt_home_m, [0, 3.048])
    # four decimals: 11 m step
    np.testing.assert_allclose(flight.track.h_sigma_m, math.hypot(2.0, 111320 * 1e-4 / math.sqrt(12)), rtol=1e-6)
    unnamed = read(DJI_LOG_VIEWER)
    assert unnamed.clock.source is ClockSource.NONE
    assert list(unnamed.track.time_ns) == [10_600_000_000, 13_600_000_000]


def test_dji_log_parser_is_metric_and_utc():
    flight = read(DJI_LOG_PARSER)
    np.testing.assert_allclose(flight.track.alt_home_m, [0, 1.5])
    np.testing.assert_allclose(flight.track.alt_amsl_m, [400, 401.5])
    np.testing.assert_allclose(flight.track.speed_mps, 5.0)
    assert flight.clock.utc_known
    assert flight.track.time_ns[0] == utc_ns(2024, 5, 1, 10, ms=100)
    assert flight.home.alt_amsl_m == 399.5
    assert [event.kind for event in flight.events] == [EventKind.ARM, EventKind.TAKEOFF]


def test_airdata():
    flight = read(AIRDATA)
    track = flight.track
    # The second changes at 143900 ms, so the first row is 0.5 s before 10:00:01.
    assert list(track.time_ns - utc_ns(2024, 5, 1, 10)) == [500 * 10**6, 800 * 10**6, 1000 * 10**6]
    assert flight.clock.utc_known
    assert flight.clock.sigma_s == 1.0
    np.testing.assert_allclose(track.alt_home_m, [0, 3.048, 6.096])
    np.testing.assert_allclose(track.alt_amsl_m, np.array([600, 610, 620]) * 0.3048)
    assert np.isnan(track.alt_agl_m).all()  # a note, not a height
    np.testing.assert_allclose(track.h_sigma_m, [2, 2, 25], atol=0.01)  # five satellites outweigh level 5
    assert flight.home is None
    assert events(flight, EventKind.MESSAGE) == [("Hello, pilot", 2)]
    assert events(flight, EventKind.ARM) == [("Motors_Started", 3)]


def test_airdata_in_metres_with_a_modelled_height_above_ground():
    text = AIRDATA.replace("(feet)", "(meters)").replace("(mph)", "(km/h)")
    flight = read(text.replace(",10,,,610,", ",10,55.5,12,610,"))
    np.testing.assert_allclose(flight.track.alt_home_m, [0, 10, 20])
    np.testing.assert_allclose(flight.track.alt_agl_m, [np.nan, 55.5, np.nan])
    np.testing.assert_allclose(flight.track.speed_mps, [0, 10 / 3.6, 10 / 3.6])


def test_healthydrones():
    flight = read(HEALTHYDRONES)
    assert list(flight.track.offset) == [2, 3, 5]
    assert issues(flight)["repeated_position"].count == 1
    assert list(flight.track.time_ns - utc_ns(2016, 9, 15, 17, 51, 20)) == [-2 * 10**8, -(10**8), 0]
    np.testing.assert_allclose(flight.track.alt_amsl_m, np.array([156, 166, 176]) * 0.3048)
    np.testing.assert_allclose(flight.track.alt_home_m, [0, 3.048, 6.096])
    np.testing.assert_allclose(flight.track.h_sigma_m, [2.5, 2.5, 8], atol=0.01)
    assert events(flight, EventKind.MODE) == [("AutoTakeoff", 5)]


def test_litchi():
    flight = read(LITCHI)
    assert flight.clock.utc_known
    assert flight.track.time_ns[0] == utc_ns(2021, 6, 1, 12, ms=500)
    np.testing.assert_allclose(flight.track.alt_home_m, [0, 12.5])
    assert np.isnan(flight.track.alt_amsl_m).all()
    assert events(flight, EventKind.ARM) == [("motors: 1", 3)]
    assert events(flight, EventKind.TAKEOFF) == [("flying: 1", 3)]
    assert (flight.home.lat_deg, flight.vehicle.serial) == (50.0, "F7")


def test_litchi_with_local_time_and_a_stopwatch_since_1970():
    local_only = LITCHI.replace("datetime(utc),", "extra,")
    assert not read(local_only).clock.utc_known
    # The milliseconds count from 1970: the phone's own UTC.
    epoch = local_only.replace(",0,2021", ",1622548800500,2021").replace(",100,2021", ",1622548800600,2021")
    flight = read(epoch)
    assert flight.clock.utc_known
    assert list(flight.track.time_ns) == [1622548800500 * 10**6, 1622548800600 * 10**6]


def test_litchi_mission_is_a_plan():
    for text in (LITCHI_MISSION, LITCHI_MISSION.replace(",", ";"), "\ufeff" + LITCHI_MISSION.upper()):
        with pytest.raises(UnreadableInput) as error:
            read(text)
        assert error.value.code == "mission_plan"


def test_a_list_of_pictures_is_no_flight_log():
    text = "SourceFile,Time,GPSLatitude,GPSLongitude,GPSAltitude\nIMG_1.JPG,2025:09:17 10:34:05.218,14.6,121.0,0.0\n"
    with pytest.raises(UnreadableInput) as caught:
        read(text)
    assert caught.value.code == "geotag_list"


def test_open_dronelog():
    flight = read(OPEN_DRONELOG)
    assert flight.clock.utc_known
    assert flight.track.time_ns[0] == utc_ns(2026, 2, 1, 14, 35, 52)
    np.testing.assert_allclose(flight.track.alt_home_m, [0, 3.048])
    assert np.isnan(flight.track.alt_amsl_m).all()  # alt_ft has no fixed datum
    assert "height_frame" in issues(flight)
    np.testing.assert_allclose(flight.track.speed_mps, [0, 4.4704])
    naive = read(OPEN_DRONELOG.replace("+00", ""))
    assert naive.clock.utc_known
    assert "utc_assumed" in issues(naive)


def test_ugcs():
    flight = read(UGCS)
    track = flight.track
    assert list(track.offset) == [3, 4]
    assert issues(flight)["no_fix_rows"].count == 1
    np.testing.assert_allclose(track.alt_agl_m, [5, 6])
    np.testing.assert_allclose(track.alt_amsl_m, [25, 26])
    np.testing.assert_allclose(track.alt_home_m, [4, 5])
    assert not flight.clock.utc_known
    assert track.time_ns[0] == utc_ns(2018, 4, 19, 16, 1, 38, ms=394)
    assert events(flight, EventKind.ARM) == [("motors: true", 4)]


def test_dronedeploy():
    flight = read(DRONEDEPLOY, "flight.log")
    track = flight.track
    assert list(track.offset) == [10, 11]
    assert issues(flight)["no_fix_rows"].count == 1
    np.testing.assert_allclose(track.alt_home_m, [3.048, 6.096])
    assert flight.clock.utc_known
    assert list(track.time_ns - utc_ns(2018, 6, 4, 20, 32, 37)) == [-2 * 10**8, 0]
    assert (flight.vehicle.model, flight.vehicle.firmware) == ("Inspire 2", "01.02.0100")
    assert flight.vehicle.serial == "FC77"
    assert events(flight, EventKind.ARM) == [("motors: 1", 10)]
    assert events(flight, EventKind.TAKEOFF) == [("flying: 1", 11)]
    assert events(flight, EventKind.MESSAGE) == [('[{"message":"up"}]', 9)]
    assert len(flight.tracks["operator"]) == 1
    cut = read(DRONEDEPLOY[: DRONEDEPLOY.index("#Flight Recorder Session End")])
    assert cut.completeness is Completeness.TRUNCATED
    assert len(cut.track) == 2
