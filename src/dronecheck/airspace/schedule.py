"""When a zone is in force: stretches of dates, and within them daily periods by clock or by the sun.

Days and times are UTC, as in ED-269 (its times end in Z): "SAT" is the UTC Saturday, and there is no summer time.
Every period holds from its start, included, to its end, excluded.

A daily period begins at each instant of its start that falls on one of its UTC days, and lasts until its end comes
next: 22:00 to 06:00 on SAT runs into the Sunday, 00:00 to 00:00 is the whole day, and sunrise to sunset far east, where
the sun rises late on the UTC day before, is still one daylight. Sunrise to sunset where the sun stays up for days is
all of every day. Outside `from_ns` to `to_ns` a span's daily periods are cut off.
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

    @property
    def is_always(self) -> bool:
        """Tell whether the period is the whole of every day."""
        by_clock = self.start.event is None and self.end.event is None
        whole = by_clock and (self.end.seconds - self.start.seconds) % 86_400.0 == 0
        return whole and (not self.days or self.days >= frozenset(range(7)))


@dataclass(frozen=True, slots=True)
class Span:
    """From and to in UTC nanoseconds since 1970 (None: open), the whole time or only in daily periods."""

    from_ns: int | None = None
    to_ns: int | None = None
    daily: tuple[DailyPeriod, ...] = ()

    @property
    def is_always(self) -> bool:
        """Tell whether the span leaves out no instant, whatever the date and the sun."""
        return self.from_ns is None and self.to_ns is None and (not self.daily or any(p.is_always for p in self.daily))


@dataclass(frozen=True, slots=True)
class Schedule:
    """In force in any of the spans; `unknown` says why the times cannot be known ("by NOTAM"): then nobody can tell.

    With `spans` and `unknown` both, the zone is in force in the spans, and at other times it cannot be told.
    """

    spans: tuple[Span, ...] = ()
    unknown: str = ""

    @property
    def is_always(self) -> bool:
        """Tell whether the schedule holds at any instant, whatever the clock says."""
        return any(span.is_always for span in self.spans)


ALWAYS = Schedule((Span(),))
