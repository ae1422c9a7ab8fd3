"""When a zone is in force: exact intervals, with what the clock and the sun formula leave open.

Everything is in UTC nanoseconds since 1970, half-open as the schedule's own periods are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dronecheck.airspace.schedule import DailyPeriod, DayTime, SunEvent
from dronecheck.airspace.zone import Zone
from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.geo.intervals import EMPTY, Intervals, clipped, grown, intersection, subtraction, union
from dronecheck.geo.sun import CIVIL_TWILIGHT_DEG, SUNSET_DEG, sun_crossings, sun_elevation_deg
from dronecheck.geofence.result import Place

__all__ = ["ActivePeriods", "active_periods_of", "always_active"]


_S = 1_000_000_000
_HOUR = 3_600 * _S
_DAY = 86_400 * _S
_FARTHEST = 8_900_000_000 * _S  # 282 years from 1970: what 64 bits of nanoseconds hold, with room for a clock band
_WIDEST_BAND_S = 1e8  # three years: no clock is worse
_OVERNIGHT = 20 * _HOUR  # a clock time and a sun event farther apart than this may be meant the other way round
_DRIFT = 2 * _HOUR  # sunrise wanders across midnight by less than this a day
_SUN_UNTOLD = "sun_times_untold"  # a code: its words stand in the reports

# The events at which the sun passes an elevation, climbing (+1) or sinking (-1).
_CROSSING = {
    SunEvent.BMCT: (CIVIL_TWILIGHT_DEG, 1),
    SunEvent.SUNRISE: (SUNSET_DEG, 1),
    SunEvent.SUNSET: (SUNSET_DEG, -1),
    SunEvent.EECT: (CIVIL_TWILIGHT_DEG, -1),
}


@dataclass(frozen=True, slots=True, eq=False)
class ActivePeriods:
    """When a zone is in force within a stretch of time, as sets of intervals (k, 2).

    `active`: by its times as they stand. `certain`: whatever the errors of the clock and the sun formula. `unknown`:
    its times do not say, and `why` (the file's own words, or `sun_times_untold`). `possible`: all that is not excluded,
    errors and unknown times included.
    """

    active: Intervals
    certain: Intervals
    unknown: Intervals
    possible: Intervals
    why: str = ""


class _Edges(NamedTuple):
    """Periods before they are put together: (k, 2) with the error of every edge in nanoseconds, (k, 2)."""

    at: Intervals
    error: Ints


def always_active(zone: Zone) -> bool:
    """Tell whether no clock is needed to know that a zone is in force."""
    return zone.valid_from_ns is None and zone.valid_to_ns is None and zone.schedule.is_always


def active_periods_of(zone: Zone, place: Place, begin_ns: int, end_ns: int, clock_band_s: float) -> ActivePeriods:
    """Return the times at which a zone is active from `begin_ns` to `end_ns` for an aircraft at `place`.

    `clock_band_s` is how far the times asked about may be off. The cost grows with the days asked about.
    """
    band = round(min(clock_band_s, _WIDEST_BAND_S) * _S)
    first = max(begin_ns - band, -_FARTHEST) // _DAY - 3  # sun and overnight periods reach over from days before
    last = min(end_ns + band, _FARTHEST) // _DAY + 3
    days = np.arange(first, last + 1, dtype=np.int64)
    whole = np.array([[days[0] * _DAY, (days[-1] + 1) * _DAY]], dtype=np.int64)
    valid = intersection(whole, _dates(zone.valid_from_ns, zone.valid_to_ns))
    sun = _Sun(place, days)
    found: dict[str, list[Intervals]] = {"active": [], "certain": [], "possible": [], "unknown": []}
    for span in zone.schedule.spans:
        dates = intersection(valid, _dates(span.from_ns, span.to_ns))
        if not len(dates):
            continue
        for edges, open_ in [_period(period, sun) for period in span.daily] or [(_Edges(whole, whole * 0), EMPTY)]:
            inward = edges.error * [1, -1]
            found["active"].append(intersection(dates, union(edges.at)))
            found["certain"].append(intersection(dates, union(edges.at + inward)))
            found["possible"].append(intersection(dates, union(edges.at - inward)))
            found["unknown"].append(intersection(dates, open_))
    active, certain, possible, unknown = (union(*parts) for parts in found.values())
    why = str(zone.schedule.unknown) or (_SUN_UNTOLD if len(unknown) else "")
    unknown = subtraction(valid if zone.schedule.unknown else unknown, active)
    certain, possible = grown(certain, -band), grown(union(possible, unknown), band)
    active, certain, unknown, possible = (
        clipped(part, begin_ns, end_ns + 1) for part in (active, certain, unknown, possible)
    )
    return ActivePeriods(active, certain, unknown, possible, why)


def _dates(from_ns: int | None, to_ns: int | None) -> Intervals:
    bounds = -_FARTHEST if from_ns is None else from_ns, _FARTHEST if to_ns is None else to_ns
    return union([[min(max(bound, -_FARTHEST), _FARTHEST) for bound in bounds]])


class _Sun:
    """The sun's events over some UTC days at one place."""

    def __init__(self, place: Place, days: Ints) -> None:
        self.place, self.days = place, days
        self.begin, self.end = int(days[0]) * _DAY, (int(days[-1]) + 1) * _DAY
        self._known: dict[float, tuple[Ints, Floats, Ints]] = {}

    def crossings(self, elevation_deg: float) -> tuple[Ints, Floats, Ints]:
        """Return instants, ways (+1 climbing) and largest errors, all (k,)."""
        if elevation_deg not in self._known:
            place = self.place
            at, way, error = sun_crossings(place.lat_deg, place.lon_deg, self.begin / _S, self.end / _S, elevation_deg)
            self._known[elevation_deg] = (np.round(at * 1e9).astype(np.int64), way, (error * _S).astype(np.int64))
        return self._known[elevation_deg]

    def instants(self, event: SunEvent) -> tuple[Ints, Ints]:
        """Return when an event happens, and its largest errors, (k,)."""
        elevation_deg, wanted = _CROSSING[event]
        at, way, error = self.crossings(elevation_deg)
        return at[way == wanted], error[way == wanted]

    def intervals_of(self, elevation_deg: float, way: int) -> _Edges:
        """Return the intervals that the sun spends above (+1) or below (-1) an elevation.

        Those over 24 hours are cut into UTC days.
        """
        at, _, error = self.crossings(elevation_deg)
        midnights = self.days * _DAY
        edges = np.concatenate([[self.begin], at, [self.end]])
        errors = np.concatenate([[0], error, [0]])
        middle_s = (edges[:-1] / 2 + edges[1:] / 2) / _S
        up = sun_elevation_deg(middle_s, self.place.lat_deg, self.place.lon_deg) > elevation_deg
        inside = np.flatnonzero(up if way > 0 else ~up)
        intervals = np.column_stack([edges[inside], edges[inside + 1]])
        error_of = np.column_stack([errors[inside], errors[inside + 1]])
        long = intervals[:, 1] - intervals[:, 0] > _DAY
        pieces, piece_errors = [intervals[~long]], [error_of[~long]]
        for (begin, end), (before, after) in zip(intervals[long].tolist(), error_of[long].tolist(), strict=True):
            cuts = np.concatenate([[begin], midnights[(midnights > begin) & (midnights < end)], [end]])
            pieces.append(np.column_stack([cuts[:-1], cuts[1:]]))
            blank = np.zeros_like(pieces[-1])
            blank[0, 0], blank[-1, 1] = before, after
            piece_errors.append(blank)
        return _Edges(np.concatenate(pieces), np.concatenate(piece_errors))


def _period(period: DailyPeriod, sun: _Sun) -> tuple[_Edges, Intervals]:
    """Return all periods over the sun's days, and the intervals for which its times do not tell."""
    start, end = period.start.event, period.end.event
    if start is not None and end is not None:
        (elevation_deg, way), (other_deg, other) = _CROSSING[start], _CROSSING[end]
        if elevation_deg == other_deg and way != other:  # the sun above or below one elevation: also on days without it
            intervals = sun.intervals_of(elevation_deg, way)
            told, untold = _on_days(intervals.at[:, 0], intervals.error[:, 0], period.days)
            return _Edges(intervals.at[told], intervals.error[told]), union(intervals.at[untold])
    if start is None:
        midnights = sun.days * _DAY
        begins = midnights[_on_days(midnights, midnights * 0, period.days)[0]] + _clock(period.start)
        return _until_end(period, _Begins(begins, begins * 0, begins < 0), EMPTY, sun)
    at, error = sun.instants(start)
    told, untold = _on_days(at, error, period.days)
    either = told | untold
    return _until_end(
        period, _Begins(at[either], error[either], untold[either]), _days_without(at, period.days, sun), sun
    )


class _Begins(NamedTuple):
    """The instants at which periods begin, their errors, and those whose day cannot be told, all (k,)."""

    at: Ints
    error: Ints
    untold: Bools


def _on_days(at: Ints, error: Ints, days: frozenset[int]) -> tuple[Bools, Bools]:
    """Return (certain, undecided) masks of the instants that fall on the given days of the week.

    Undecided are those whose error leaves it open.

    1970 began on a Thursday. No days given means every day.
    """
    if not days:
        return np.ones(len(at), dtype=np.bool_), np.zeros(len(at), dtype=np.bool_)
    early, late = (np.isin((moment // _DAY + 3) % 7, sorted(days)) for moment in (at - error, at + error))
    return early & late, early != late


def _until_end(period: DailyPeriod, begins: _Begins, open_: Intervals, sun: _Sun) -> tuple[_Edges, Intervals]:
    """Return the periods from these instants to the next end, which must come within a day."""
    if period.end.event is None:
        wait = (_clock(period.end) - begins.at) % _DAY
        ends, end_error = begins.at + np.where(wait == 0, _DAY, wait), begins.at * 0
    else:
        at, error = sun.instants(period.end.event)
        at, error = np.append(at, _FARTHEST + 2 * _DAY), np.append(error, 0)
        following = np.searchsorted(at, begins.at, "right")
        ends, end_error = at[following], error[following]
    mixed = (period.start.event is None) is not (period.end.event is None)
    told = (ends - begins.at <= (_OVERNIGHT if mixed else _DAY + _DRIFT)) & ~begins.untold
    untold = np.column_stack([begins.at, np.minimum(ends, begins.at + _DAY)])[~told]
    edges = _Edges(np.column_stack([begins.at, ends])[told], np.column_stack([begins.error, end_error])[told])
    return edges, union(open_, untold)


def _clock(moment: DayTime) -> int:
    return round(moment.seconds * _S)


def _days_without(at: Ints, days: frozenset[int], sun: _Sun) -> Intervals:
    """Return the UTC days, among those wanted, without an event that begins a period.

    Where the event merely wanders over midnight, to the day before and the day after, no period begins on that day.
    """
    midnights = sun.days * _DAY
    midnights = midnights[_on_days(midnights, midnights * 0, days)[0]]

    def any_from(begin: int, end: int) -> NDArray[np.bool_]:
        return np.asarray(np.searchsorted(at, midnights + end) > np.searchsorted(at, midnights + begin), dtype=np.bool_)

    missing = ~any_from(0, _DAY) & ~(any_from(-_DRIFT, 0) & any_from(_DAY, _DAY + _DRIFT))
    return union(np.column_stack([midnights, midnights + _DAY])[missing])
