"""When an ED-269 or ED-318 zone applies: `applicability` and `limitedApplicability` as a Schedule.

| in the file | read as |
|---|---|
| permanent YES | always, whatever dates and daily periods stand beside it |
| startDateTime, endDateTime | from, to; one absent or "" means open; a bare end date includes that day |
| schedule | daily periods within the dates; none means the whole time |
| day | a text or a list of MON ... SUN, ANY; UTC days |
| startTime, endTime | hh:mm, hh:mm:ss, hh:mm:ss.ff, with Z, an offset or nothing: UTC; both absent: the whole day |
| startEvent, endEvent (ED-318) | BMCT, SR, SS, EECT |
| permanent NO and no times; what cannot be read | unknown, never always |

A list is a union: what can be read of it is in force, and if a part of it cannot, other times are unknown.
Years from 2200 on mean no end.
"""

from __future__ import annotations

import re

from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.messages import Message, told_by
from dronecheck.safe.io import plain
from dronecheck.timebase import utc_ns

__all__ = ["schedule_of"]

_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_TIME = re.compile(r"T?(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d*)?))?\s*(?:Z|([+-])(\d{2}):?(\d{2}))?", re.IGNORECASE)
_DAY_S = 86_400.0
_MOST_ENTRIES = 5_000


class _Unclear(Exception):
    """Why a time cannot be known."""


def schedule_of(given: object, *, absent_is_always: bool) -> tuple[Schedule, list[Message]]:
    """Return the schedule and what of it could not be read."""
    if _is_absent(given):
        why = Message("when it applies is not stated")
        return (ALWAYS, []) if absent_is_always else (Schedule((), str(why)), [why])
    entries = given if isinstance(given, list) else [given]
    if any(isinstance(e, dict) and str(e.get("permanent")).strip().upper() in ("YES", "TRUE") for e in entries):
        return ALWAYS, []
    spans, problems = list[Span](), list[Message]()
    for entry in entries[:_MOST_ENTRIES]:
        try:
            span, unclear = _span(entry)
        except _Unclear as why:
            problems.append(told_by(why))
            continue
        problems += unclear
        spans += [span] if span else []
    if len(entries) > _MOST_ENTRIES:
        problems.append(Message("more than {most:,} times", most=_MOST_ENTRIES))
    problems = list(dict.fromkeys(problems))
    return Schedule(tuple(spans), plain("; ".join(problems), 200)), problems


def _is_absent(value: object) -> bool:
    return value is None or value in ("", [], {})


def _span(entry: object) -> tuple[Span | None, list[Message]]:
    if not isinstance(entry, dict):
        raise _Unclear(Message("a time {entry!r} cannot be read", entry=plain(entry, 40)))
    begin, end = (_moment(entry.get(key), is_end=key == "endDateTime") for key in ("startDateTime", "endDateTime"))
    if begin is not None and end is not None and end < begin:
        raise _Unclear(Message("it ends before it begins"))
    listed = entry.get("schedule")
    if _is_absent(listed):
        if all(_is_absent(entry.get(key)) for key in ("startDateTime", "endDateTime")):
            raise _Unclear(Message("it is not permanent, and no time is given"))
        return Span(begin, end), []
    daily, problems = list[DailyPeriod](), list[Message]()
    for period in (listed if isinstance(listed, list) else [listed])[:_MOST_ENTRIES]:
        try:
            daily.append(_period(period))
        except _Unclear as why:
            problems.append(told_by(why))
    return (Span(begin, end, tuple(daily)) if daily else None), problems


def _moment(value: object, *, is_end: bool) -> int | None:
    if _is_absent(value):
        return None
    try:
        return utc_ns(value, is_end=is_end)
    except (ValueError, OverflowError):
        raise _Unclear(Message("the time {value!r} cannot be read", value=plain(value, 40))) from None


def _period(period: object) -> DailyPeriod:
    if not isinstance(period, dict):
        raise _Unclear(Message("a daily period {period!r} cannot be read", period=plain(period, 40)))
    days = _days(period.get("day"))
    start, moved = _day_time(period, "start")
    end, _ = _day_time(period, "end")
    if (start is None) != (end is None):
        raise _Unclear(Message("a daily period has only one end"))
    if start is None or end is None:
        return DailyPeriod(days=days)
    if moved and len(days) not in (0, 7):  # the days are UTC days, the local one may be another
        raise _Unclear(Message("a daily period in local time changes the day"))
    return DailyPeriod(start, end, days)


def _days(value: object) -> frozenset[int]:
    names = re.split(r"[\s,;/]+", value.strip()) if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        raise _Unclear(Message("a daily period without days"))
    found = set[int]()
    for name in names:
        short = str(name).strip().upper()
        if short == "ANY":
            return frozenset()
        if short not in _DAYS:
            raise _Unclear(Message("the day {name!r} is none of MON to SUN and ANY", name=plain(name, 20)))
        found.add(_DAYS.index(short))
    return frozenset(found)


def _day_time(period: dict[str, object], which: str) -> tuple[DayTime | None, bool]:
    """Return the time of day, and whether turning it into UTC changed the day."""
    clock, event = period.get(f"{which}Time"), period.get(f"{which}Event")
    if not _is_absent(clock) and not _is_absent(event):
        raise _Unclear(Message("a daily period has both {which}Time and {which}Event", which=which))
    if not _is_absent(event):
        try:
            return DayTime(event=SunEvent(str(event).strip().upper())), False
        except ValueError:
            raise _Unclear(
                Message("the event {event!r} is none of BMCT, SR, SS, EECT", event=plain(event, 20))
            ) from None
    if _is_absent(clock):
        return None, False
    match = _TIME.fullmatch(str(clock).strip())
    if not match:
        raise _Unclear(Message("the time {clock!r} cannot be read", clock=plain(clock, 30)))
    hour, minute, second, sign, off_hour, off_minute = match.groups()
    seconds = int(hour) * 3600 + int(minute) * 60 + float(second or 0)
    if int(minute) > 59 or float(second or 0) >= 60 or seconds > _DAY_S:
        raise _Unclear(Message("the time {clock!r} is no time of day", clock=plain(clock, 30)))
    ahead = (int(off_hour) * 3600 + int(off_minute) * 60) * (-1 if sign == "-" else 1) if sign else 0
    utc = seconds - ahead
    if not 0 <= utc <= _DAY_S:
        return DayTime(utc % _DAY_S), True
    return DayTime(utc), False
