"""Days and times as people give them, and as sentences name them. UTC throughout."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

__all__ = ["moment_ns", "utc_text"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def moment_ns(text: str, *, end_of_day: bool = False) -> int:
    """UTC nanoseconds since 1970 of an ISO 8601 time (UTC where it names no zone), or of a day.

    A day is its first instant, with `end_of_day` the first instant of the next: "to 5 May" has all of that day in it.
    Raises ValueError.
    """
    if not _DAY.match(text):
        raise ValueError("no day")
    moment = datetime.fromisoformat(text)
    if end_of_day and _DAY.fullmatch(text):
        try:
            moment += timedelta(days=1)
        except OverflowError:
            raise ValueError("the calendar ends before") from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000


def utc_text(time_ns: int) -> str:
    """A moment for a sentence, to the second: 2026-05-01 08:30:00 UTC."""
    return (_EPOCH + timedelta(microseconds=time_ns // 1000)).strftime("%Y-%m-%d %H:%M:%S UTC")
