"""Times of ED-269 and ED-318: what each form means, and that what cannot be read is never always."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dronecheck.airspace.ed.activation import schedule_of
from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.timebase import utc_ns


def ns(*moment):
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 10**9


def periods(*schedule, **dates):
    read, problems = schedule_of([{"permanent": "NO", "schedule": list(schedule), **dates}], absent_is_always=False)
    return [p for span in read.spans for p in span.daily], read.unknown, problems


@pytest.mark.parametrize(
    "given",
    [
        [{"permanent": "YES"}],
        {"permanent": "YES"},
        [{"permanent": "yes", "startDateTime": "2020-01-01T00:00:00Z", "schedule": [{"day": ["MON"]}]}],
        [{"permanent": "NO", "startDateTime": "2020-01-01T00:00:00Z"}, {"permanent": "YES"}],
    ],
)
def test_permanent_beats_everything(given):
    assert schedule_of(given, absent_is_always=False) == (ALWAYS, [])


@pytest.mark.parametrize("given", [None, [], "", {}])
def test_absent_is_always_in_ed318_and_unknown_in_ed269(given):
    assert schedule_of(given, absent_is_always=True) == (ALWAYS, [])
    read, problems = schedule_of(given, absent_is_always=False)
    assert not read.spans
    assert read.unknown
    assert problems


@pytest.mark.parametrize(
    "entry",
    [
        {"permanent": "NO"},
        {"permanent": "NO", "startDateTime": "", "endDateTime": "", "schedule": []},
        {"startDateTime": "soon"},
        {"startDateTime": "2026-13-01T00:00:00Z"},
        {"startDateTime": "2026-02-01T00:00:00Z", "endDateTime": "2026-01-01T00:00:00Z"},
        {"schedule": [{"day": ["MON"], "startTime": "25:00Z", "endTime": "26:00Z"}]},
        {"schedule": [{"day": ["MON"], "startTime": "10:61Z", "endTime": "12:00Z"}]},
        {"schedule": [{"day": ["MON"], "startTime": "ten", "endTime": "12:00Z"}]},
        {"schedule": [{"day": ["MON"], "startTime": "10:00Z"}]},
        {"schedule": [{"day": ["HOL"], "startTime": "10:00Z", "endTime": "12:00Z"}]},
        {"schedule": [{"startTime": "10:00Z", "endTime": "12:00Z"}]},
        {"schedule": [{"day": ["MON"], "startEvent": "NOON", "endEvent": "SS"}]},
        {"schedule": [{"day": ["MON"], "startTime": "01:00+02:00", "endTime": "05:00+02:00"}]},  # Sunday, UTC
        {"schedule": [7]},
        {"schedule": {"day": 5}},
        "always",
        17,
        None,
    ],
)
def test_what_cannot_be_read_is_unknown_and_never_always(entry):
    read, problems = schedule_of([entry], absent_is_always=True)
    assert not read.spans
    assert read.unknown
    assert problems


def test_dates():
    read, _ = schedule_of([{"startDateTime": "2026-08-05T11:00:00+02:00", "endDateTime": ""}], absent_is_always=True)
    assert read == Schedule((Span(ns(2026, 8, 5, 9), None),))
    assert utc_ns("2022-06-15T09:00:00.25Z") == ns(2022, 6, 15, 9) + 250_000_000
    assert utc_ns("2026-01-01T00:00Z") == utc_ns("2026-01-01T00:00:00") == utc_ns("2026-01-01") == ns(2026, 1, 1)
    assert utc_ns("2026-01-01", is_end=True) == ns(2026, 1, 2)  # that day included
    assert utc_ns("9999-12-31T23:59:59Z", is_end=True) is None  # as many say "no end"
    assert utc_ns("0001-01-01T00:00:00+14:00") is None
    assert utc_ns("9999-12-31T23:59:59Z") == ns(2200, 1, 1)  # a start that late is no open start
    assert utc_ns("0001-01-01", is_end=True) < 0


@pytest.mark.parametrize("text", ["17:30:00.00Z", "17:30Z", "17:30:00+00:00", "17:30", "T17:30:00Z", "19:30+02:00"])
def test_times_of_day_are_utc(text):
    (period,), unknown, _ = periods({"day": "ANY", "startTime": text, "endTime": "23:59:59.00Z"})
    assert period == DailyPeriod(DayTime(17.5 * 3600), DayTime(86_399.0), frozenset())
    assert not unknown


@pytest.mark.parametrize("day", ["SAT", ["SAT"], "sat", ["SAT", "SAT"], "SAT,SAT"])
def test_a_day_is_a_text_or_a_list(day):
    (period,), _, _ = periods({"day": day})
    assert period == DailyPeriod(days=frozenset({5}))


def test_sun_events_and_midnight():
    (first, second), _, _ = periods(
        {"day": ["MON", "FRI"], "startEvent": "BMCT", "endEvent": "EECT"},
        {"day": ["ANY"], "startEvent": "SS", "endTime": "24:00Z"},
    )
    assert (first.start.event, first.end.event, first.days) == (SunEvent.BMCT, SunEvent.EECT, frozenset({0, 4}))
    assert second.end == DayTime(86_400.0)


def test_what_can_be_read_of_a_list_is_kept_and_the_rest_unknown():
    good, bad = {"startDateTime": "2026-01-01T00:00:00Z"}, {"startDateTime": "soon"}
    read, problems = schedule_of([good, bad], absent_is_always=True)
    assert read.spans == (Span(ns(2026, 1, 1)),)
    assert "soon" in read.unknown
    assert len(problems) == 1
    kept, unknown, _ = periods({"day": ["MON"]}, {"day": ["HOL"]})
    assert len(kept) == 1
    assert "HOL" in unknown
