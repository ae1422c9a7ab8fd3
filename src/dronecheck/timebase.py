"""UTC nanoseconds since 1970 to and from ISO 8601 text: days and times as people give them, and as reports write them.

A time without a zone is UTC. Nanoseconds below a microsecond are cut off where a `datetime` stands between.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from math import isfinite

from dronecheck.quantities import COVERAGE_95, duration

__all__ = ["DAY_NS", "EPOCH", "instant", "instant_ns", "iso_utc", "moment_ns", "ns_of", "utc_ns", "utc_of", "utc_text"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_NS = 86_400 * 10**9
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MICROSECOND = timedelta(microseconds=1)
_LAST_YEAR, _FIRST_YEAR = 2200, 1800  # nanoseconds since 1970 fit 64 bits up to 2262


def ns_of(moment: datetime) -> int:
    """Return the UTC nanoseconds since 1970 of a moment that names its zone."""
    return (moment - EPOCH) // _MICROSECOND * 1000


def utc_of(time_ns: int) -> datetime:
    """Return UTC nanoseconds since 1970 as a moment in UTC. Raises OverflowError outside the years 1 to 9999."""
    return EPOCH + timedelta(microseconds=time_ns // 1000)


def moment_ns(text: str, *, end_of_day: bool = False) -> int:
    """Return UTC nanoseconds since 1970 of an ISO 8601 time (UTC where it names no zone), or of a day.

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
    return ns_of(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)


def iso_utc(time_ns: int | None, utc_known: bool = True) -> str | None:
    """Return ISO 8601 UTC with Z and milliseconds (rounded half up); None when the time or UTC is unknown."""
    if time_ns is None or not utc_known:
        return None
    moment = EPOCH + timedelta(milliseconds=(time_ns + 500_000) // 1_000_000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def utc_text(time_ns: int) -> str:
    """Return a moment for a sentence, to the second: 2026-05-01 08:30:00 UTC."""
    return utc_of(time_ns).strftime("%Y-%m-%d %H:%M:%S UTC")


def instant(time_ns: int, start_ns: int, utc_known: bool, sigma_s: float | None = None) -> str:
    """Return a time of day to the tenth (half up): 12:00:36.4 UTC; +36.4 s since the first fix where UTC is unknown.

    With a sigma (s) its 95 % follow, and the tenth is left out where they are a second or more: 12:00:36 UTC ±55 s.
    """
    error_s = COVERAGE_95 * sigma_s if sigma_s is not None and isfinite(sigma_s) else None
    is_coarse = error_s is not None and error_s >= 1.0
    error = "" if error_s is None else f" ±{duration(error_s)}"
    if not utc_known:
        return f"{(time_ns - start_ns) / 1e9:+.{0 if is_coarse else 1}f} s{error}"
    text = iso_utc(time_ns + (500_000_000 if is_coarse else 50_000_000)) or ""
    return f"{text[11 : 19 if is_coarse else 21]} UTC{error}"


def utc_ns(value: object, *, is_end: bool = False) -> int | None:
    """Return UTC nanoseconds since 1970 of an ISO 8601 time as zone files have it (UTC where it names no zone).

    A bare day that is an end includes that day. None for an end so late (from 2200 on), or a start so early, that it
    means open. Raises ValueError, OverflowError.
    """
    text = str(value).strip()
    moment = datetime.fromisoformat(text)
    if is_end and _DAY.fullmatch(text) and moment.year < _LAST_YEAR:
        moment += timedelta(days=1)
    if not _FIRST_YEAR <= moment.year < _LAST_YEAR:
        if (moment.year >= _LAST_YEAR) is is_end:
            return None
        moment = datetime(_LAST_YEAR if moment.year >= _LAST_YEAR else _FIRST_YEAR, 1, 1, tzinfo=UTC)
    return ns_of(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))


def instant_ns(text: str) -> int:
    """Return UTC nanoseconds since 1970 of an ISO 8601 time of any year; one without a zone is UTC.

    Raises ValueError, OverflowError.
    """
    moment = datetime.fromisoformat(text)
    return ns_of(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
