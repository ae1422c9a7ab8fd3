"""Which dates a log can have: the one place that decides it, for every reader.

Before the first year no log of its format was made: an earlier date is a clock that was not set, or a receiver that
lost 1,024 weeks. After the last one this release will have been replaced: a later date is damage. Both are constants
of the release, so that the same file gives the same answer on every machine and every day.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from dronecheck.arrays import Bools, Ints
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.timebase import ns_of

__all__ = ["FIRST_YEARS", "LAST_YEAR", "RELEASE_YEAR", "can_be", "date_of", "impossible_dates", "span_ns"]

RELEASE_YEAR = 2026
LAST_YEAR = RELEASE_YEAR + 5  # to its 31 December
FIRST_YEAR = 2010
FIRST_YEARS = {"gpx": 2008, "igc": 2008, "ulog": 2016}  # where it is another; no ULog is older than 2016

NS = 1_000_000_000
US = 1_000_000


def span_ns(name: str) -> tuple[int, int]:
    """Return the first instant that a log of this reader can have, and the first after all, in ns since 1970."""
    first, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (FIRST_YEARS.get(name, FIRST_YEAR), LAST_YEAR + 1))
    return ns_of(first), ns_of(end)


def can_be(times: Ints, name: str, per_s: int = NS) -> Bools:
    """Tell which times since 1970, shape (n,), a log of this reader can have; `per_s` is NS or US, their unit."""
    first, end = (edge // (NS // per_s) for edge in span_ns(name))
    return np.asarray((times >= first) & (times < end), dtype=np.bool_)


def date_of(time: int, per_s: int = NS) -> str | Message:
    """Return the date of a time since 1970 for a sentence, whatever it is."""
    try:
        return datetime.fromtimestamp(time // per_s, UTC).date().isoformat() if time > 0 else Message("before 1970")
    except (OverflowError, OSError, ValueError):
        return Message("after the year 9999")


def impossible_dates(time_ns: int, offset: int | None, count: int, some: bool) -> Issue:
    """Return the note of dates that cannot be: those of `some` rows, which then have no time, or all of a log's."""
    text = Message(
        "the date {date} cannot be right (a clock that was not set, or lost weeks); no date is used",
        date=date_of(time_ns),
    )
    if some:
        text = Message(
            "times of a date that cannot be right ({date}; a clock that was not set, or lost weeks), not used",
            date=date_of(time_ns),
        )
    return Issue(Code.CLOCK_DAMAGED, Severity.WARNING, text, offset, count)
