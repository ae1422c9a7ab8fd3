"""Days and times as people give them, and as sentences name them. UTC throughout."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

__all__ = ["instant_ns", "moment_ns", "utc_ns", "utc_text"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LAST_YEAR, _FIRST_YEAR = 2200, 1800  # nanoseconds since 1970 fit 64 bits up to 2262


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


def utc_ns(value: object, *, is_end: bool = False) -> int | None:
    """Return UTC nanoseconds since 1970 of an ISO 8601 time as zone files have it (UTC where it names no zone).

    A bare day that is an end includes that day. None for an end so late (from 2200 on), or a start so early, that it
    means open. Raises ValueError, OverflowError.
    """
    text = str(value).strip()
    moment = datetime.fromisoformat(text)
    if is_end and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and moment.year < _LAST_YEAR:
        moment += timedelta(days=1)
    if not _FIRST_YEAR <= moment.year < _LAST_YEAR:
        if (moment.year >= _LAST_YEAR) is is_end:
            return None
        moment = datetime(_LAST_YEAR if moment.year >= _LAST_YEAR else _FIRST_YEAR, 1, 1, tzinfo=UTC)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000


def instant_ns(text: str) -> int:
    """Return UTC nanoseconds since 1970 of an ISO 8601 time of any year; one without a zone is UTC.

    Raises ValueError, OverflowError.
    """
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1000
