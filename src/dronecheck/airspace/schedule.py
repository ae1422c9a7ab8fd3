"""When a zone is in force: stretches of dates, and within them daily periods by clock or by the sun.

Days and times are UTC, as in ED-269 (its times end in Z): "SAT" is the UTC Saturday. A period whose end is not after
its start runs into the next day.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ALWAYS", "DailyPeriod", "DayTime", "Schedule", "Span", "SunEvent"]


class SunEvent(StrEnum):
    """The sun events of ED-318, at the zone's place on the UTC day."""

    BMCT = "BMCT"  # begin of morning civil twilight, sun 6 degrees below the horizon
    SUNRISE = "SR"
    SUNSET = "SS"
    EECT = "EECT"  # end of evening civil twilight


@dataclass(frozen=True, slots=True)
class DayTime:
    """A time of day: seconds after 00:00 UTC (86,400 for its end), or a sun event."""

    seconds: float = 0.0
    event: SunEvent | None = None


@dataclass(frozen=True, slots=True)
class DailyPeriod:
    """From `start` to `end` on some days of the week: 0 is Monday, none given means every day."""

    start: DayTime = DayTime(0.0)
    end: DayTime = DayTime(86_400.0)
    days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Span:
    """From and to in UTC nanoseconds since 1970 (None: open), the whole time or only in daily periods."""

    from_ns: int | None = None
    to_ns: int | None = None
    daily: tuple[DailyPeriod, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """In force in any of the spans; `unknown` says why the times cannot be known ("by NOTAM"): then nobody can tell.

    With `spans` and `unknown` both, the zone is in force in the spans, and at other times it cannot be told.
    """

    spans: tuple[Span, ...] = ()
    unknown: str = ""


ALWAYS = Schedule((Span(),))
