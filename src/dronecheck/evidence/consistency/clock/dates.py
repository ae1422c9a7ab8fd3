"""The date in a file's name against the log's own: of TIM-2.

DJIFlightRecord_2024-11-10_[03-09-29].csv     and (03-09-29), 03-09-29: local time of the phone
Nov-10th-2024-03-09AM-Flight-Airdata.csv      local time
2023-04-18 11-03-34.tlog                      local time of the ground station
DJI_20250920144113_0001_D.SRT                 local time of the camera
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from dronecheck.flight import ClockSource, Concern, Flight, Statement, Weight
from dronecheck.messages import Message

__all__ = ["file_name_date", "tells_date"]

ID = "TIM-2"
_DIGITS = re.compile(r"(?<!\d)(20\d\d)[-_]?(\d\d)[-_]?(\d\d)[-_T ]*[\[(]?(\d\d)[-_:]?(\d\d)[-_:]?(\d\d)[\])]?(?!\d)")
_AIRDATA = re.compile(
    r"([A-Z][a-z]{2})-(\d{1,2})(?:st|nd|rd|th)-(20\d\d)-(\d\d)-(\d\d)(AM|PM)-Flight-Airdata", re.IGNORECASE
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ZONES_S = 14 * 3600.0
QUARTER_S = 900.0
EARLIER_S, LATER_S = 600.0, 60.0  # a recording may begin so long before its first fix; names tell minutes
ROLLOVER_S = 1024 * 7 * 86_400.0
DAY_S = 86_400.0
OWN = (ClockSource.GNSS, ClockSource.VEHICLE, ClockSource.EXPORT, ClockSource.HOST)


def tells_date(name: str) -> bool:
    """Tell whether a file's name holds a date and a time."""
    return _named(name) is not None


def file_name_date(flight: Flight) -> tuple[Statement, ...] | None:
    """Hold the log's first instant against the date in its file's name; None where either is missing."""
    named = _named(flight.source.path.name)
    first_ns = flight.track.time_at(0)
    if named is None or first_ns is None or not flight.clock.utc_known or flight.clock.source not in OWN:
        return None
    late_s = first_ns / 1e9 - named.timestamp()
    if -ZONES_S - LATER_S <= late_s <= ZONES_S + EARLIER_S:
        return ()
    weeks_off = min(abs(abs(late_s) - times * ROLLOVER_S) for times in (1, 2)) < 2 * DAY_S
    observed = Message(
        "the file's name says {named}, the log begins at {logged} UTC",
        named=f"{named:%Y-%m-%d %H:%M}",
        logged=_utc(first_ns),
    )
    copied = Message("a copy that was renamed, or a name given by hand")
    rolled = Message("a receiver whose count of weeks rolled over: 1024 weeks apart")
    statement = Statement(
        ID, Weight.NOTICE, Concern.TIME, observed,
        Message("the same instant, whatever the time zone of the name"),
        Message("14 h apart, as time zones are, and ten minutes"),
        (copied, rolled) if weeks_off else (copied, Message("a phone or ground station whose clock was not set")),
    )  # fmt: skip
    return (statement,)


def _utc(time_ns: int) -> str:
    try:
        return f"{datetime.fromtimestamp(time_ns / 1e9, UTC):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError, OSError):
        return "?"


def _named(name: str) -> datetime | None:
    """Return the date that a file's name tells, as if it were UTC; None where it tells none."""
    airdata = _AIRDATA.search(name)
    digits = _DIGITS.search(name)
    try:
        if airdata is not None:
            month, day, year, hour, minute, half = airdata.groups()
            hours = int(hour) % 12 + (12 if half.upper() == "PM" else 0)
            return datetime(int(year), _MONTHS.index(month.lower()) + 1, int(day), hours, int(minute), tzinfo=UTC)
        if digits is not None:
            year, month, day, hour, minute, second = map(int, digits.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return None
