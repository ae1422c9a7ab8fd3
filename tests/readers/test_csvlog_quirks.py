"""Quirks of real exports and damage: each is read right, and what was lost is said."""

from datetime import UTC, datetime

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness, EventKind
from dronecheck.issues import Severity
from dronecheck.readers import csvlog
from tests.readers.csv_samples import (
    AIRDATA,
    DJI_LOG_PARSER,
    FLIGHT_READER,
    FLIGHT_READER_HEADER,
    HEALTHYDRONES,
    UGCS,
    issues,
    read,
)
from tests.support.growth import assert_linear
from tests.support.scale import loops


def assert_same_track(flight, other):
    for name, column in flight.track.columns().items():
        if name != "offset":
            np.testing.assert_array_equal(column, other.track.columns()[name], err_msg=name)


def healthy(*rows):
    """A HealthyDrones file with (latitude, longitude, ms, speed, satellites) rows."""
    header = HEALTHYDRONES.splitlines()[0]
    lines = [
        f"{lat},{lon},100,10,{speed},0,{ms},2016-09-15 17:51:{19 + int(ms) // 1000:02d},{sats},0,0,6,GPS_Atti,"
        for lat, lon, ms, speed, sats in rows
    ]
    return "\n".join([header, *lines]) + "\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda t: "\ufeff" + t,
        lambda t: t.replace("sep=,\n", ""),
        lambda t: "\n\r\n" + t.replace("sep=,\n", ""),
        lambda t: t.replace("\n", "\r\n"),
        lambda t: t.replace(",", ";"),
        lambda t: t.replace(",", "\t").replace("sep=\t", "sep=\t"),
        lambda t: t.replace(",", "|"),
        lambda t: t.replace("sep=,\n", "sep=;\r\n").replace(",", ";"),
        lambda t: "\ufeffsep=;\n" + t.replace("sep=,\n", "").replace(",", ";"),
        lambda t: t.replace("sep=,\n", '"sep=,"\n'),
        lambda t: t.replace("OSD.vpsHeight [ft]", "sonar (renamed)").replace("APPGPS.accuracy", "x y z"),
        lambda t: t.replace(FLIGHT_READER_HEADER, FLIGHT_READER_HEADER.upper()),
        lambda t: t.replace("PM", "pm"),
        lambda t: t.replace("\n", ",\n").replace("sep=,,\n", "sep=,\n"),
    ],
    ids=[
        "BOM",
        "no sep",
        "blank lines",
        "CRLF",
        ";",
        "tab",
        "sep=|",
        "sep=;",
        "BOM sep=;",
        "quoted sep",
        "renamed",
        "upper case",
        "pm",
        "comma at the end",
    ],
)
def test_ways_to_write_the_same_log(change):
    assert_same_track(read(change(FLIGHT_READER)), read(FLIGHT_READER))


def test_reordered_columns():
    rows = [line.split(",") for line in FLIGHT_READER.splitlines()[1:]]
    text = "\n".join(",".join(reversed(row)) for row in rows) + "\n"
    assert_same_track(read(text), read(FLIGHT_READER))


def test_utf16_and_latin1():
    assert_same_track(read(FLIGHT_READER.encode("utf-16")), read(FLIGHT_READER))
    flight = read(FLIGHT_READER.replace("DJI FPV", "Älo").encode("latin-1"))
    assert_same_track(flight, read(FLIGHT_READER))
    assert flight.vehicle.model == "Älo"
    assert issues(flight)["not_utf8"].offset == 3


def test_decimal_commas_in_quotes():
    text = FLIGHT_READER
    for number in ("40.1000000", "40.1000100", "40.1000200", "124.3000000", "124.3000100", "124.3000200", "0.2", "0.4"):
        text = text.replace(f",{number},", ',"' + number.replace(".", ",") + '",')
    text = text.replace("3:34:35.30 PM", '"3:34:35,3 pm"')
    assert_same_track(read(text), read(FLIGHT_READER))


def test_decimal_commas_with_semicolons():
    body = FLIGHT_READER.removeprefix("sep=,\n").replace(",", ";")
    header, rows = body.split("\n", 1)
    rows = rows.replace(".", ",").replace("35,30 PM", "35.30 PM").replace("0m 0,", "0m 0.")
    assert_same_track(read(header + "\n" + rows), read(FLIGHT_READER))


def test_units_are_taken_from_the_header():
    text = FLIGHT_READER.replace("[ft]", "[m]").replace("[MPH]", "[knots]")
    track = read(text).track
    np.testing.assert_allclose(track.alt_home_m, [0, 10, 100])
    np.testing.assert_allclose(track.speed_mps[1], 10 * 1852 / 3600)
    unknown = read(FLIGHT_READER.replace("OSD.height [ft]", "OSD.height"))
    assert np.isnan(unknown.track.alt_home_m).all()
    assert "height_frame" in issues(unknown)


@pytest.mark.parametrize(
    ("dates", "name", "expected", "assumed"),
    [
        (["6/13/2025"], "x.csv", (6, 13), False),
        (["13/6/2025"], "x.csv", (6, 13), False),
        (["13.06.2025"], "x.csv", (6, 13), False),
        (["2025-06-13"], "x.csv", (6, 13), False),
        (["2025/06/13"], "x.csv", (6, 13), False),
        (["5.6.2025"], "x.csv", (6, 5), False),
        (["5/6/2025"], "DJIFlightRecord_2025-06-05_[15-34-35].csv", (6, 5), False),
        (["5/6/2025"], "DJIFlightRecord_2025-05-06_[15-34-35].csv", (5, 6), False),
        (["5/6/2025"], "x.csv", (5, 6), True),
        (["6/6/2025"], "x.csv", (6, 6), False),
    ],
)
def test_order_of_dates(dates, name, expected, assumed):
    flight = read(FLIGHT_READER.replace("6/13/2025", dates[0]), name)
    stamp = datetime.fromtimestamp(flight.track.time_ns[0] / 1e9, UTC)
    assert (stamp.month, stamp.day, stamp.hour) == (*expected, 15)
    assert ("utc_assumed" in issues(flight)) == assumed


def test_a_day_over_12_in_a_later_row_settles_the_order():
    text = FLIGHT_READER.replace("6/13/2025,3:34:35.30 PM", "12/11/2025,11:59:59.90 PM")
    text = text.replace("6/13/2025,3:34:35.50 PM", "13/11/2025,12:00:00.10 AM")
    text = text.replace("6/13/2025,3:34:35.70 PM", "13/11/2025,12:00:00.30 AM")
    track = read(text).track
    assert np.datetime64(int(track.time_ns[0]), "ns") == np.datetime64("2025-11-12T23:59:59.900")
    assert np.datetime64(int(track.time_ns[2]), "ns") == np.datetime64("2025-11-13T00:00:00.300")


def test_zone_in_the_stamp_is_applied():
    flight = read(DJI_LOG_PARSER.replace("100Z", "100+08:00").replace("200Z", "200+08:00"))
    assert flight.clock.utc_known
    assert np.datetime64(int(flight.track.time_ns[0]), "ns") == np.datetime64("2024-05-01T02:00:00.100")


def test_a_stamp_without_zone_is_not_utc():
    assert not read(DJI_LOG_PARSER.replace("00Z,", "00,")).clock.utc_known


@pytest.mark.parametrize("year", ["1970", "1980", "2005-13", "9999"])
def test_a_clock_that_was_never_set(year):
    flight = read(DJI_LOG_PARSER.replace("2024", year))
    assert not flight.clock.utc_known
    assert "utc_unknown" in issues(flight)
    assert list(flight.track.time_ns) == [100_000_000, 200_000_000]


def test_unreadable_local_clock_is_damage():
    flight = read(FLIGHT_READER.replace("3:34:35.30 PM", "34:35.3").replace("3:34:35.50 PM", "34:35.5")
                  .replace("3:34:35.70 PM", "34:35.7"), "DJIFlightRecord_2025-06-13_[15-34-35].csv")  # fmt: skip
    assert "clock_damaged" in issues(flight)
    assert np.datetime64(int(flight.track.time_ns[0]), "ns") == np.datetime64("2025-06-13T15:34:35")


def test_only_fixes_count():
    rows = [
        ("0", "0", 0, 0, 0), ("", "", 100, 0, 0), ("N/A", "null", 200, 0, 0), ("91", "10", 300, 0, 9),
        ("10", "540", 400, 0, 9), ("inf", "10", 500, 0, 9), ("nan", "10", 600, 0, 9), ("12x4", "10", 700, 0, 9),
        ("-1.0000001", "10.5", 800, 0, 9), ("1_0", "10", 900, 0, 9),
    ]  # fmt: skip
    flight = read(healthy(*rows))
    assert list(flight.track.lat_deg) == [-1.0000001]
    found = issues(flight)
    assert (found["no_fix_rows"].count, found["no_fix_rows"].offset) == (4, 2)
    assert (found["bad_position"].count, found["bad_position"].severity) == (3, Severity.WARNING)
    assert (found["bad_line"].count, found["bad_line"].offset) == (2, 9)
    assert flight.completeness is Completeness.DAMAGED


def test_no_fix_at_all_is_a_flight_without_tracks():
    for text in (healthy(("0", "0", 0, 0, 0)), healthy(), HEALTHYDRONES.splitlines()[0] + "\n", FLIGHT_READER_HEADER):
        flight = read(text)
        assert not flight.tracks
        assert "no_position" in issues(flight)
        assert len(flight.track) == 0


def test_rows_without_satellite_signal():
    text = FLIGHT_READER.replace(",14,5,", ",3,0,")
    flight = read(text)
    assert list(flight.track.offset) == [4, 5]
    assert issues(flight)["no_fix_rows"].count == 1
    # A level that is 0 beside enough satellites is a column that nobody filled in.
    assert len(read(FLIGHT_READER.replace(",14,5,", ",14,0,")).track) == 3


def test_repeated_positions_are_merged_only_at_speed():
    still = healthy(("50.0000001", 8, 0, 0, 12), ("50.0000001", 8, 100, 0, 12), ("50.0000001", 8, 200, 0, 12))
    assert len(read(still).track) == 3
    moving = healthy(("50.0000001", 8, 0, 5, 12), ("50.0000001", 8, 100, 5, 12), ("50.0000002", 8, 200, 5, 12))
    flight = read(moving)
    assert list(flight.track.offset) == [2, 4]
    assert (issues(flight)["repeated_position"].severity, issues(flight)["repeated_position"].count) == ("INFO", 1)
    climbing = moving.replace("8,100,10,5,0,100", "8,110,20,5,0,100")
    assert len(read(climbing).track) == 3  # the highest point must not get lost


def test_fixes_of_one_time_are_kept_in_order():
    flight = read(healthy(("50", 8, 0, 0, 12), ("50.1", 8, 0, 0, 12), ("50.2", 8, 100, 0, 12)))
    assert list(flight.track.lat_deg) == [50, 50.1, 50.2]
    assert (np.diff(flight.track.time_ns) > 0).all()


def test_a_clock_that_runs_backwards_is_sorted():
    header = UGCS.splitlines()[0]
    rows = [f"2018-04-19T16:01:{s:02d}.000,,,,,,,,false,56.{s},24.1,13" for s in (10, 12, 11, 13)]
    flight = read("\n".join([header, *rows]) + "\n")
    assert list(flight.track.offset) == [2, 4, 3, 5]
    assert issues(flight)["out_of_order"].count == 1


def test_a_stopwatch_that_restarts_is_anchored_anew():
    header = DJI_LOG_PARSER.splitlines()[0]
    rows = [
        f"2024-05-01T10:00:{second:02d}.000Z,{fly},47.5{second:02d},8.5,0,0,0,0,,15,5,,,,,,,,,"
        for second, fly in ((0, 0.0), (1, 1.0), (20, 0.5), (21, 1.5))
    ]
    flight = read("\n".join([header, *rows]) + "\n")
    assert list((flight.track.time_ns - flight.track.time_ns[0]) // 10**9) == [0, 1, 20, 21]
    assert "clock_damaged" in issues(flight)


def test_utc_in_a_local_column_is_hinted_at():
    flight = read(FLIGHT_READER, "DJIFlightRecord_2025-06-13_[09-34-30].csv")
    assert "+6.0 h from the time in the file's name" in issues(flight)["utc_unknown"].message
    same = read(FLIGHT_READER, "DJIFlightRecord_2025-06-13_[15-34-30].csv")
    assert "file's name" not in issues(same)["utc_unknown"].message


def test_clocks_that_disagree_widen_sigma():
    flight = read(AIRDATA.replace("10:00:01", "10:00:31"))
    assert flight.clock.sigma_s > 25
    assert "disagree" in issues(flight)["clock_damaged"].message


def test_last_line_without_end():
    whole = FLIGHT_READER.rstrip("\n")
    flight = read(whole)
    assert len(flight.track) == 2
    assert issues(flight)["line_cut_short"].severity is Severity.WARNING
    assert flight.completeness is Completeness.COMPLETE
    cut = read(whole[:-60])
    assert len(cut.track) == 2
    assert issues(cut)["line_cut_short"].severity is Severity.DAMAGE
    assert issues(cut)["line_cut_short"].offset == 5
    assert cut.completeness is Completeness.TRUNCATED


def test_bad_line_in_the_middle():
    lines = FLIGHT_READER.splitlines()
    lines[3] = lines[3][:50]
    flight = read("\n".join(lines) + "\n")
    assert list(flight.track.offset) == [3, 5]
    assert (issues(flight)["bad_line"].offset, issues(flight)["bad_line"].count) == (4, 1)
    assert flight.completeness is Completeness.DAMAGED


def test_quoted_field_over_two_lines():
    flight = read(AIRDATA.replace('"Hello, pilot"', '"Hello,\n""pilot"""'))
    assert list(flight.track.offset) == [2, 4, 5]
    message = next(event for event in flight.events if event.kind is EventKind.MESSAGE)
    assert message.text == 'Hello,\\x0a"pilot"'


def test_open_quote_costs_its_line_only():
    flight = read(AIRDATA.replace('"Hello, pilot"', '"Hello pilot'))
    assert list(flight.track.offset) == [3, 4]
    assert issues(flight)["bad_line"].offset == 2


def test_a_field_of_10_mb_and_nul_bytes():
    lines = FLIGHT_READER.splitlines()
    for start, part in (("", ","), ('"', "x"), ("", "x"), ("", "\0")):

        def make(size, start=start, part=part):
            return "\n".join([*lines[:3], start + part * size, *lines[3:]]) + "\n"

        assert len(read(make(1_000 if part == "\0" else 10_000_000)).track) == 3
        assert_linear(read, make, 1_250_000, 10_000_000)
    assert len(read(FLIGHT_READER.replace("SN1", "S\0N")).track) == 3


def test_messages_are_capped():
    rows = "".join(
        f"{i * 100},2024-05-01 10:00:00,41.{i:06d},-87.0,0,,,600,1.0,0,14,5,0,0,600,0,41,P-GPS,m{i}\n"
        for i in range(1500)
    )
    flight = read(AIRDATA.splitlines()[0] + "\n" + rows)
    messages = [event.text for event in flight.events if event.kind is EventKind.MESSAGE]
    assert len(messages) == 1000
    assert messages[-1] == "501 more not listed"


def test_not_a_flight_log():
    for text in ("", "a,b,c\n1,2,3\n", "latitude,longitude\n1,2\n", "\x00" * 100, "#DroneDeploy\t1\n"):
        assert csvlog.sniff(text.encode(), "x.csv") == 0
        with pytest.raises(UnreadableInput):
            read(text)


def test_random_bytes_are_never_claimed():
    rng = np.random.default_rng(1)
    for _ in range(loops(2000)):
        assert csvlog.sniff(rng.bytes(int(rng.integers(0, 300))), "x.csv") == 0


def test_decimal_commas_are_told_column_by_column():
    text = FLIGHT_READER.replace(",10,20.0,110,10,", ',"10,5",20.0,"1,110.5","10,25",')
    track = read(text).track
    assert track.alt_home_m[1] == pytest.approx(10.5 * 0.3048)
    assert track.alt_amsl_m[1] == pytest.approx(1110.5 * 0.3048)
    assert track.speed_mps[1] == pytest.approx(10.25 * 0.44704)
    assert track.lat_deg[1] == 40.10001


def test_prose_in_a_number_column_is_no_height_and_costs_no_row():
    track = read(AIRDATA.replace("-87.0,20,,", "-87.0,20,Available with any HD 360 subscription,")).track
    assert len(track) == 3
    assert np.isnan(track.alt_agl_m).all()
