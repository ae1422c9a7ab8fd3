"""The dialects that came later: facts known by hand."""

import pytest

from dronecheck.flight import ClockSource, Completeness, EventKind, HorizontalDatum
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Verdict
from dronecheck.report.case import Case
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import summary
from tests.readers.csv_samples import (
    DATCON,
    DATCON_HEADER,
    FLIGHT_READER,
    FLYTREX,
    PHANTOM_SUBSET,
    TXTLOGTOCSV,
    YUNEEC_REMOTE,
    issues,
    read,
)


def test_txtlogtocsv_has_metres_and_a_clock_of_unknown_zone():
    flight = read(TXTLOGTOCSV)
    track = flight.track
    assert flight.source.dialect == "txtlogtocsv"
    assert track.alt_home_m.tolist() == [0.0, 1.5]
    assert track.alt_amsl_m.tolist() == [400.0, 401.5]
    assert not flight.clock.utc_known
    assert track.time_ns[0] == 1_618_824_667_123_000_000
    assert [e.kind for e in flight.events] == [EventKind.ARM]


def test_flytrex_has_feet_and_utc():
    flight = read(FLYTREX)
    track = flight.track
    assert flight.source.dialect == "flytrex"
    assert track.alt_home_m.tolist() == pytest.approx([0.0, 3.048])
    assert track.alt_amsl_m.tolist() == pytest.approx([30.48, 33.528])
    assert track.speed_mps[1] == pytest.approx(5 * 0.44704)
    assert flight.clock.utc_known
    assert track.time_ns[0] == 1_398_938_400 * 10**9


def test_the_geotagging_subset_takes_its_date_from_the_name_of_the_file():
    flight = read(PHANTOM_SUBSET, "Geotag_DJI_2020-12-02_[07-50-31].csv")
    assert flight.source.dialect == "phantom_subset"
    assert not flight.clock.utc_known
    assert flight.clock.source is ClockSource.FILE_NAME
    assert flight.track.time_ns[0] // 10**9 == 1_606_895_431
    assert flight.track.time_ns[1] - flight.track.time_ns[0] == pytest.approx(200_000_000)
    assert not read(PHANTOM_SUBSET, "track.csv").clock.utc_known


def test_yuneec_remote_is_the_controllers_track_and_never_judged():
    flight = read(YUNEEC_REMOTE)
    assert flight.source.dialect == "yuneec_remote"
    assert list(flight.tracks) == ["operator"]
    operator = flight.tracks["operator"]
    assert operator.lat_deg.tolist() == [52.3801001, 52.3801021]  # one row per change
    assert operator.lon_deg.tolist() == [-1.5601001, -1.5601011]  # lon comes first in the file
    assert operator.offset.tolist() == [2, 4]
    assert operator.time_ns[0] == 1_502_546_709_123_000_000  # local digits: the zone is not known
    assert not flight.clock.utc_known
    assert {"no_position", "utc_unknown"} == set(issues(flight))
    assert "Telemetry" in issues(flight)["no_position"].message
    result = check(flight)
    assert result.verdict is Verdict.INCONCLUSIVE
    text = summary(flight, result)
    assert "CANNOT TELL" in text
    assert "Telemetry_*.csv" in " ".join(text.split())
    assert "52.38" not in text
    assert b"52.38" not in encode(result_document(redact(Case(flight, None, result))), indent=False)


def test_yuneec_remote_with_its_clock_unset():
    flight = read(YUNEEC_REMOTE.replace("20170812", "20140101"))
    assert flight.clock.source is ClockSource.NONE
    assert issues(flight)["clock_damaged"].count == 3
    assert len(flight.tracks["operator"]) == 2
    half = read(YUNEEC_REMOTE.replace("20170812", "20140101", 1))
    assert half.clock.source is ClockSource.EXPORT
    assert (issues(half)["clock_damaged"].offset, issues(half)["clock_damaged"].count) == (2, 1)
    assert half.tracks["operator"].offset.tolist() == [3, 4]
    assert issues(half)["no_fix_rows"].count == 1


def test_yuneec_remote_with_nothing_but_a_header():
    flight = read(YUNEEC_REMOTE.splitlines()[0] + "\r\n")
    assert not flight.tracks
    assert set(issues(flight)) == {"no_position"}
    assert check(flight).verdict is Verdict.INCONCLUSIVE


def test_the_phone_stays_when_the_aircraft_never_had_a_fix():
    flight = read(FLIGHT_READER.replace("40.1000", "").replace("124.3000", ""))
    assert list(flight.tracks) == ["operator"]
    assert flight.primary == ""
    assert check(flight).verdict is Verdict.INCONCLUSIVE


def test_datcon():
    flight = read(DATCON)
    track = flight.track
    assert flight.primary == "gnss"
    assert flight.completeness is Completeness.COMPLETE  # rows end before the program's name in the header
    assert flight.datum is HorizontalDatum.WGS84
    assert track.offset.tolist() == [3, 5, 6]
    assert track.lon_deg.tolist() == [8.5000001, 8.5000101, 8.5000101]
    assert track.alt_home_m.tolist() == [0.0, 1.0, 2.0]  # a held position with a new height stays
    assert track.alt_amsl_m.tolist() == [400.0, 401.0, 401.0]
    assert track.speed_mps.tolist() == [0.0, 3.0, 3.0]
    assert flight.clock.utc_known
    assert flight.clock.source is ClockSource.GNSS
    assert track.time_ns[1] == 1_522_576_800 * 10**9  # 10:00:00 UTC: the change of second
    assert (flight.vehicle.model, flight.vehicle.firmware) == ("P4", "Jan 1 2018")
    assert issues(flight)["no_fix_rows"].offset == 2  # no dilution of precision yet
    assert issues(flight)["repeated_position"].count == 1


def test_datcon_with_date_and_time_as_integers_only():
    text = DATCON.replace("GPS:dateTimeStamp", "other").replace("Tick#,offsetTime", "Clock:Tick#,Clock:offsetTime")
    flight = read(text)
    assert flight.clock.utc_known
    assert flight.track.time_ns[1] == 1_522_576_800 * 10**9


def datcon(lat, lon, gps=(",", ",")):
    rows = (f"{n},{n / 10},{lon + n * 1e-5},{lat + n * 1e-5},1,{n},{gps[0]}{gps[1]},,,,,9,,\n" for n in range(5))
    header = DATCON_HEADER.replace("GPS(0):hDOP,", "").replace(",ConvertDatV3,3.6.1", "")
    return header + "\n" + "".join(rows)


def test_datcon_without_a_receivers_fix_takes_the_estimate_and_says_so():
    flight = read(datcon(47.5, 8.5))
    assert flight.primary == "fused"
    assert len(flight.track) == 5
    assert "estimate_only" in issues(flight)
    assert flight.track.h_sigma_m.tolist() == [50.0] * 5  # however many satellites the receiver counts


def test_datcon_positions_that_may_be_radians_are_not_guessed():
    flight = read(datcon(0.829, 0.148))  # 47.5 N 8.5 E in radians
    assert not flight.tracks
    assert issues(flight)["bad_position"].count == 5
    assert "radians" in issues(flight)["bad_position"].message
    assert check(flight).verdict is Verdict.INCONCLUSIVE
    assert read(datcon(0.829, 5.0)).primary == "fused"  # more than any radian


def test_datcon_radians_beside_the_receivers_degrees_do_no_harm():
    flight = read(datcon(0.829, 0.148, ("8.5,", "47.5,")))
    assert flight.primary == "gnss"
    assert set(flight.track.lat_deg) == {47.5}


def test_datcon_at_200_hz_gives_a_row_per_fix():
    header = "Clock:Tick#,Clock:offsetTime,GPS:Long,GPS:Lat,IMU_ATTI(0):relativeHeight:C,GPS:numSV,Attribute|Value"
    rows = [f"{n},{n / 200:.3f},8.5,{47.5 + n // 40 * 1e-6:.7f},{n / 1000},12," for n in range(2000)]
    flight = read("\n".join([header, *rows]) + "\n")
    assert len(flight.track) == 100  # 5 Hz fixes; ten heights a second
    assert len(set(flight.track.lat_deg)) == 50
    assert issues(flight)["repeated_position"].count == 1900
