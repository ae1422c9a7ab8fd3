"""The local law days on which a flight was flown, without a table of time zones: both where they leave it open.

Local time is that of the sun at the place, and as much as any law is known to differ from it: from an hour and a half
less (eastern India) to 3.6 hours more (the west of China, and of Alaska in summer). Beside the date line a territory
may keep the day of either side.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np

from dronecheck.flight import Clock, Track
from dronecheck.geofence.settings import Settings
from dronecheck.rules import Pack, Rule, chosen
from dronecheck.timebase import EPOCH

__all__ = ["editions", "law_days"]

_LEAST_H, _MOST_H = -1.5, 3.6
_DATE_LINE_DEG, _DAY_H = 150.0, 24.0
_ASSUMED_ZONE_H = 14.0
_SIGMAS = 5.0


def law_days(track: Track, clock: Clock) -> tuple[date, date] | None:
    """Return the first and the last local day that the flight may have been on; None where no UTC is known."""
    if not clock.utc_known or not track.is_timed.any():
        return None
    timed = track.is_timed
    sun_h = track.lon_deg[timed] / 15.0
    beside_line_h = _DAY_H if bool((np.abs(track.lon_deg) > _DATE_LINE_DEG).any()) else 0.0
    slack_h = beside_line_h + (_ASSUMED_ZONE_H if clock.is_assumed else 0.0)
    slack_h += min(_SIGMAS * clock.sigma_s / 3600.0, _DAY_H) if np.isfinite(clock.sigma_s) else _DAY_H
    first_s = int(track.time_ns[timed].min()) / 1e9 + (float(sun_h.min()) + _LEAST_H - slack_h) * 3600.0
    last_s = int(track.time_ns[timed].max()) / 1e9 + (float(sun_h.max()) + _MOST_H + slack_h) * 3600.0
    return _day(first_s), _day(last_s)


def _day(utc_s: float) -> date:
    return (EPOCH + timedelta(seconds=utc_s)).date()


def editions(pack: Pack, days: tuple[date, date], settings: Settings, lat_deg: float) -> list[tuple[Rule, bool]]:
    """Return the rules of a pack that were law on any of these days at a latitude, and whether on all of them."""
    each = [
        chosen(pack, day, weight_g=settings.weight_g, class_=settings.aircraft_class, lat_deg=lat_deg)
        for day in _telling(pack, days)
    ]
    rules = dict.fromkeys(rule for some in each for rule in some)
    return [(rule, all(rule in some for some in each)) for rule in rules]


def _telling(pack: Pack, days: tuple[date, date]) -> Iterable[date]:
    """Return the days from the first to the last on which something of the pack may have begun or ended."""
    changes = [rule.valid_from for rule in pack.rule]
    changes += [rule.valid_to + timedelta(days=1) for rule in pack.rule if rule.valid_to is not None]
    return sorted({*days, *(day for day in changes if days[0] <= day <= days[1])})
