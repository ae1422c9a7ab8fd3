"""OpenAir 2 activation times: AA records, ISO 8601 intervals in UTC, or NONE where a NOTAM decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from dronecheck.airspace.schedule import ALWAYS, Schedule, Span
from dronecheck.messages import Message
from dronecheck.timebase import EPOCH

__all__ = ["read_schedule"]

_TIME = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d)(?::?(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))",
    re.IGNORECASE | re.ASCII,
)
_LONGEST = 200


def read_schedule(texts: Sequence[str]) -> tuple[Schedule, tuple[str, ...]]:
    """Return the schedule of a zone's AA records, and those that could not be read: then other times cannot be told."""
    if not texts:
        return ALWAYS, ()
    intervals = [text.split(";", 1)[0].strip() for text in texts]
    if any(interval.upper() == "NONE" for interval in intervals):
        return Schedule(unknown=Message("activated by NOTAM (AA NONE)")), ()  # it overrides all others
    spans, odd = [], []
    for interval in intervals:
        span = _span(interval)
        if span is None:
            odd.append(interval)
        else:
            spans.append(span)
    return Schedule(tuple(spans), Message("an activation time that could not be read") if odd else ""), tuple(odd)


def _span(text: str) -> Span | None:
    ends = [part.strip() for part in text.split("/")] if len(text) <= _LONGEST else []
    if len(ends) != 2:
        return None
    try:
        begin, end = (None if part.upper() == "NONE" else _time_ns(part) for part in ends)
    except (ValueError, OverflowError):
        return None
    if (begin is None and end is None) or (begin is not None and end is not None and end <= begin):
        return None
    return Span(begin, end)


def _time_ns(text: str) -> int:
    """Read ISO 8601 with Z as UTC nanoseconds; 24:00 ends a day.

    An offset is none of the format's, but leaves no doubt.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute = (int(found[i]) for i in range(1, 6))
    zone = UTC
    if found[8]:
        zone = timezone(timedelta(hours=int(found[9]), minutes=int(found[10])) * (-1 if found[8] == "-" else 1))
    whole_day = hour == 24 and minute == 0 and not int(found[6] or 0)
    moment = datetime(year, month, day, 0 if whole_day else hour, minute, int(found[6] or 0), tzinfo=zone)
    seconds = (moment + timedelta(days=whole_day) - EPOCH) // timedelta(seconds=1)
    return seconds * 1_000_000_000 + int((found[7] or "0").ljust(9, "0"))
