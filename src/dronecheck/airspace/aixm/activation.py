"""AIXM's working hours and timesheets (5.1 Timesheet, 4.5 Timsh) as a Schedule.

| in the file | read as |
|---|---|
| day ANY, MON ... SUN; a range of days | these UTC days; whether a range is one stretch or daily is open |
| 07:00 to 17:00; 00:00 to 00:00 or 23:59 | by clock; the whole day |
| SR, SS, without minutes beside them | sun events |
| an hour earlier in summer (daylightSavingAdjust, UTCW) | what holds in winter and in summer; else unknown |
| 01-01 to 31-12 | all of the year; any other dates of the year: unknown |
| WORK_DAY, HOL and the like, other time zones, excluded times | unknown |

What can be read for certain is in force, at other times it cannot be told if anything is unknown: never clear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dronecheck.airspace.schedule import DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.messages import Message, several
from dronecheck.safe.io import plain

__all__ = ["Timesheet", "schedule_of_sheets"]

_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_CLOCK = re.compile(r"([01]?\d|2[0-4]):?([0-5]\d)", re.ASCII)
_DAY_S, _HOUR_S = 86_400.0, 3_600.0
_MOST_SHEETS = 1_000

_EARLIER_IN_SUMMER = Message("an hour earlier in summer")


@dataclass(frozen=True, slots=True)
class Timesheet:
    """One timesheet as it is written; `is_moved` in summer by an hour."""

    reference: str = ""
    first_date: str = ""
    last_date: str = ""
    day: str = ""
    last_day: str = ""
    start: str = ""
    end: str = ""
    start_event: str = ""
    end_event: str = ""
    offsets: str = ""  # minutes from an event, either end
    is_moved: bool = False
    is_excluded: bool = False


def schedule_of_sheets(sheets: Iterable[Timesheet]) -> Schedule:
    """Return a schedule in force at the times that all sheets share; `unknown` says what could not be read."""
    periods, unclear = list[DailyPeriod](), list[Message]()
    for number, sheet in enumerate(sheets):
        if number >= _MOST_SHEETS or sheet.is_excluded:
            excluded, too_many = Message("times that are excluded"), Message("more times than any zone has")
            return Schedule((), excluded if sheet.is_excluded else too_many)
        period, doubt = _period(sheet)
        periods += [period] if period else []
        unclear += [doubt] if doubt else []
    unknown = plain(several(dict.fromkeys(unclear)), 200)
    if any(period.is_always for period in periods):
        return Schedule((Span(),))
    return Schedule((Span(None, None, tuple(periods)),) if periods else (), unknown)


def _period(sheet: Timesheet) -> tuple[DailyPeriod | None, Message]:
    if (sheet.first_date or sheet.last_date) and (sheet.first_date, sheet.last_date) != ("01-01", "31-12"):
        dates = {"first": sheet.first_date, "last": sheet.last_date}
        return None, Message("dates of the year ({first} to {last})", **dates)
    days, doubt = _days(sheet.day.upper(), sheet.last_day.upper())
    if days is None:
        return None, doubt
    start, end = _time(sheet.start, sheet.start_event), _time(sheet.end, sheet.end_event)
    if sheet.offsets or start is None or end is None:
        unread, offset = Message("times that could not be read"), Message("times before or after a sun event")
        return None, offset if sheet.offsets else unread
    whole = start.event is None and end.event is None and (start.seconds, end.seconds) in ((0.0, 0.0), (0.0, _DAY_S))
    if whole and (not days or sheet.reference.upper() in ("", "UTC")) and not (sheet.is_moved and days):
        return DailyPeriod(days=days), doubt
    moved = sheet.is_moved or sheet.reference.upper() == "UTCW"
    if sheet.reference.upper() not in ("", "UTC", "UTCW"):
        return None, Message("times in {reference}", reference=plain(sheet.reference, 20))
    if moved:
        if start.event or end.event or end.seconds - _HOUR_S <= start.seconds:
            return None, _EARLIER_IN_SUMMER
        return DailyPeriod(start, DayTime(end.seconds - _HOUR_S), days), _EARLIER_IN_SUMMER
    return DailyPeriod(start, end, days), doubt


def _days(first: str, last: str) -> tuple[frozenset[int] | None, Message]:
    if first in ("ANY", "") and last in ("ANY", ""):
        return frozenset(), Message("")
    if first not in _DAYS or last not in (*_DAYS, ""):
        return None, Message("days called {name}", name=plain(first, 20))
    begin, end = _DAYS.index(first), _DAYS.index(last or first)
    found = frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return found, Message("") if len(found) == 1 else Message("a range of days, by the day or as one stretch")


def _time(clock: str, event: str) -> DayTime | None:
    if event:
        return DayTime(event=SunEvent(event)) if event in ("SR", "SS") and not clock else None
    found = _CLOCK.fullmatch(clock.strip())
    if not found:
        return None
    seconds = int(found[1]) * _HOUR_S + int(found[2]) * 60.0
    if seconds == _DAY_S - 60.0:
        return DayTime(_DAY_S)  # 23:59 is meant as the end of the day
    return DayTime(seconds) if seconds <= _DAY_S else None
