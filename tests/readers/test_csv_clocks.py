"""Clocks as people's exports have them: halves of the day in any language, cut seconds, lost hours, ambiguous dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dronecheck.errors import UsageError
from dronecheck.flight import ClockSource
from dronecheck.flight.user_clock import with_user_clock
from dronecheck.issues import Remedy
from dronecheck.readers.csvlog.time_stamps import UNSET, Stamps
from tests.readers.csv_samples import FLIGHT_READER, issues, read

NOON = datetime(2026, 5, 1, 12, 0, 30, tzinfo=UTC)
AIRDATA_HEADER = "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(meters),flycState\n"
READER_HEADER = (
    "CUSTOM.date [local],CUSTOM.updateTime [local],OSD.flyTime [s],OSD.latitude,OSD.longitude,OSD.height [m]\n"
)


def utc_ns(*when):
    """Nanoseconds since 1970 of a date and time in UTC."""
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 10**9


def airdata(stamp, seconds=150, step_s=0.5, start=NOON):
    """A table of Airdata whose stamps are written by `stamp`, a second format or a function of the time."""
    rows = []
    for i in range(int(seconds / step_s)):
        at = start + timedelta(seconds=i * step_s)
        text = stamp(at) if callable(stamp) else at.strftime(stamp)
        rows.append(f"{round(i * step_s * 1000)},{text},{47 + i / 1e5:.7f},8.0000001,{i},P-GPS\n")
    return AIRDATA_HEADER + "".join(rows)


def reader(clock, date="6/19/2018", seconds=100, start=NOON):
    """A table of Flight Reader with a local clock in a column of its own."""
    rows = []
    for i in range(seconds):
        at = start + timedelta(seconds=i)
        text = clock(at) if callable(clock) else at.strftime(clock)
        rows.append(f"{date},{text},{i},{47 + i / 1e5:.7f},8.0000001,{i}\n")
    return READER_HEADER + "".join(rows)


# The words of .NET and of Unicode CLDR for the two halves of the day, before or behind the clock.
WORDS = [
    ("오전", "오후", True), ("上午", "下午", True), ("午前", "午後", True),
    ("AM", "PM", False), ("a.m.", "p.m.", False),
    ("a.\u00a0m.", "p.\u00a0m.", False), ("πμ", "μμ", False), ("π.μ.", "μ.μ.", False), ("ص", "م", False),
    ("ق.ظ", "ب.ظ", False), ("SA", "CH", False), ("ÖÖ", "ÖS", False), ("fm", "em", False), ("dop.", "odp.", False),
    ("de.", "du.", True), ("पूर्वाह्न", "अपराह्न", False), ("ก่อนเที่ยง", "หลังเที่ยง", False),
]  # fmt: skip


@pytest.mark.parametrize(("before_noon", "after_noon", "leads"), WORDS)
@pytest.mark.parametrize("space", [" ", "", "\u202f"])
def test_halves_of_the_day_in_any_language(before_noon, after_noon, leads, space):
    for hour in range(24):
        at = NOON.replace(hour=hour)
        word, clock = after_noon if hour >= 12 else before_noon, at.strftime("%I:%M:%S")
        text = f"2026-05-01 {word}{space}{clock}" if leads else f"2026-05-01 {clock}{space}{word}"
        time_ns, zoned = Stamps([text]).read(day_first=False)
        assert (int(time_ns[0]), zoned) == (utc_ns(2026, 5, 1, hour, 0, 30), False), text


def test_a_half_of_the_day_that_no_language_has_is_no_time():
    assert Stamps(["2026-05-01 12:00:30 XM"]).read(day_first=False)[0][0] == UNSET


@pytest.mark.parametrize(
    "text",
    ["2026. 5. 1. 12:00:30", "1. 5. 2026 12:00:30", "2026年5月1日 12:00:30", "2026년 5월 1일 오후 12:00:30",
     "1.5.2026 12.00.30", "1/5/2026, 12:00:30", "２０２６/５/１ 12:00:30"],
)  # fmt: skip
def test_dates_and_clocks_of_other_countries(text):
    assert int(Stamps([text]).read(day_first=True)[0][0]) == utc_ns(2026, 5, 1, 12, 0, 30)


@pytest.mark.parametrize("stamp", ["%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M", "%m/%d/%Y %I:%M %p"])
def test_stamps_without_seconds_are_set_by_the_change_of_minute(stamp):
    start = NOON.replace(day=19)
    flight = read(airdata(stamp, start=start))
    assert flight.clock.utc_known
    assert abs(int(flight.track.time_ns[0]) - int(start.timestamp()) * 10**9) <= 10**9
    assert flight.clock.sigma_s == 30.0
    assert int(flight.track.time_ns[-1] - flight.track.time_ns[0]) == 149_500_000_000
    assert "clock_damaged" not in issues(flight)


def test_stamps_without_seconds_in_one_minute_are_good_to_half_of_it():
    start = NOON.replace(day=19, second=5)
    flight = read(airdata("%d.%m.%Y %H:%M", seconds=40, start=start))
    assert abs(int(flight.track.time_ns[0]) / 1e9 - start.timestamp()) <= 30
    assert flight.clock.sigma_s == 30.0


def test_a_stamp_that_lost_its_seconds_among_others_is_none():
    assert [int(ns) == UNSET for ns in Stamps(["2026-05-19 10:00:05", "2026-05-19 10:00"]).read(False)[0]] == [
        False,
        True,
    ]


def test_a_local_clock_without_seconds_keeps_its_error_under_an_offset():
    text = airdata("%d.%m.%Y %H:%M", start=NOON.replace(day=19)).replace("datetime(utc)", "datetime(local)")
    flight = with_user_clock(read(text.replace("flycState", "isflying")), None, 2.0)
    assert (flight.clock.source, flight.clock.sigma_s) == (ClockSource.USER, 30.0)


def test_minutes_and_seconds_are_not_taken_for_hours_and_minutes():
    flight = read(airdata(lambda at: f"{at:%Y-%m-%d} {at:%M:%S}", start=NOON.replace(minute=2)))
    assert (flight.clock.utc_known, flight.clock.source) == (False, ClockSource.NONE)
    assert "clock_damaged" in issues(flight)


LOST = reader(lambda at: f"0:{at:%M:%S}")


@pytest.mark.parametrize(
    "name",
    ["DJIFlightRecord_2018-06-19_[15-00-30].csv", "DJIFlightRecord_2018-06-19_(15-00-30).csv",
     "DJIFlightRecord_2018-06-19_15-00-30.csv", "DJIFlightRecord_2018-06-19_%5B15-00-30%5D.csv",
     "DJIFlightRecord_2018-06-19__15-00-30_.csv", "DJIFlightRecord_2018-06-19_[15-00-30] (1).csv"],
)  # fmt: skip
def test_lost_hours_come_from_the_file_s_name_in_any_brackets(name):
    flight = read(LOST, name)
    assert (flight.clock.utc_known, flight.clock.source) == (False, ClockSource.FILE_NAME)
    assert int(flight.track.time_ns[0]) == utc_ns(2018, 6, 19, 15, 0, 30)
    told = with_user_clock(flight, None, -6.0)
    assert int(told.track.time_ns[0]) == utc_ns(2018, 6, 19, 21, 0, 30)
    assert "the file's name" in told.clock.note


@pytest.mark.parametrize("name", ["exhibit7.csv", "DJIFlightRecord_2018-06-19_[15-31-30].csv"])
def test_lost_hours_without_a_name_that_has_them_stay_unknown_whatever_offset_is_given(name):
    flight = read(LOST, name)
    assert not flight.clock.utc_known
    assert flight.clock.sigma_s >= 1800
    assert issues(flight)["utc_unknown"].remedy is Remedy.GIVE_START_TIME
    assert with_user_clock(flight, None, -6.0) is flight
    told = with_user_clock(flight, utc_ns(2018, 6, 19, 21, 0, 30), None)
    assert (told.clock.utc_known, told.clock.sigma_s) == (True, 1.0)


def test_hours_are_lost_in_a_column_of_utc_too():
    lost = LOST.replace("[local]", "[UTC]")
    assert not read(lost).clock.utc_known
    whole = reader(lambda at: f"0:{at:%M:%S}.25").replace("[local]", "[UTC]")  # spreadsheets cut the fraction, too
    assert read(whole).clock.utc_known


def test_a_flight_after_midnight_that_says_so_keeps_its_hour():
    text = reader("12:%M:%S AM")
    flight = with_user_clock(read(text), None, 0.0)
    assert int(flight.track.time_ns[0]) == utc_ns(2018, 6, 19, 0, 0, 30)
    named = with_user_clock(read(LOST, "DJIFlightRecord_2018-06-19_[00-00-30].csv"), None, 0.0)
    assert int(named.track.time_ns[0]) == utc_ns(2018, 6, 19, 0, 0, 30)


def test_a_clock_that_cannot_be_read_is_said():
    flight = read(airdata(lambda at: f"{at:%M:%S}.0"))
    assert "cannot be read" in issues(flight)["clock_damaged"].message
    with pytest.raises(UsageError):
        with_user_clock(flight, None, 1.0)


def test_a_name_that_tells_day_and_month_apart_is_said():
    text = FLIGHT_READER.replace("6/13/2025", "6/12/2025")
    named, unnamed = read(text, "DJIFlightRecord_2025-12-06_[15-34-35].csv"), read(text, "exhibit.csv")
    assert int(named.track.time_ns[0]) // 10**9 == utc_ns(2025, 12, 6, 15, 34, 35) // 10**9
    assert (named.clock.is_assumed, unnamed.clock.is_assumed) == (False, True)
    assert "the file's name" in issues(named)["utc_unknown"].message
    assert "month" in issues(unnamed)["utc_assumed"].message
