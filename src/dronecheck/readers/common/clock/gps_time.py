"""Satellite time to UTC.

Weeks since 6 January 1980 and milliseconds of the week, less the leap seconds of that date.

GPS time has no leap seconds; UTC is behind by those inserted since 1980. Receivers that send only ten bits of the week
start again every 1024 weeks.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["GPS_EPOCH_UNIX_MS", "LEAP_SECONDS", "ROLLOVER_WEEKS", "WEEK_MS", "leap_seconds", "utc_ms"]

GPS_EPOCH_UNIX_MS = 315_964_800_000  # 1980-01-06T00:00:00Z
WEEK_MS = 604_800_000
ROLLOVER_WEEKS = 1024

# from that date (UTC) on, GPS is ahead of UTC by this many seconds
LEAP_SECONDS = (
    ("1980-01-06", 0), ("1981-07-01", 1), ("1982-07-01", 2), ("1983-07-01", 3), ("1985-07-01", 4),
    ("1988-01-01", 5), ("1990-01-01", 6), ("1991-01-01", 7), ("1992-07-01", 8), ("1993-07-01", 9),
    ("1994-07-01", 10), ("1996-01-01", 11), ("1997-07-01", 12), ("1999-01-01", 13), ("2006-01-01", 14),
    ("2009-01-01", 15), ("2012-07-01", 16), ("2015-07-01", 17), ("2017-01-01", 18),
)  # fmt: skip

_LEAPS = np.array([leap for _, leap in LEAP_SECONDS], np.int64)
# the same borders counted in GPS time: the new difference holds from its first second on
_FROM_GPS_MS = np.array(
    [
        int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()) * 1000 - GPS_EPOCH_UNIX_MS + leap * 1000
        for date, leap in LEAP_SECONDS
    ],
    np.int64,
)


def leap_seconds(gps_ms: ArrayLike) -> NDArray[np.int64]:
    """Return GPS time less UTC, in seconds, at GPS times in milliseconds since 1980-01-06."""
    index = np.searchsorted(_FROM_GPS_MS, np.asarray(gps_ms, np.int64), "right") - 1
    return _LEAPS[np.maximum(index, 0)]


def utc_ms(week: ArrayLike, time_of_week_ms: ArrayLike) -> NDArray[np.int64]:
    """Return UTC (ms since 1970) of a GPS week (not rolled over) and milliseconds of that week."""
    gps_ms = np.asarray(week, np.int64) * WEEK_MS + np.asarray(time_of_week_ms, np.int64)
    return gps_ms + GPS_EPOCH_UNIX_MS - leap_seconds(gps_ms) * 1000
