"""Day, civil twilight or night along a flight: where the sun stood above the aircraft's place at each fix.

By the sun's centre: day above -0.8333 degrees (sunrise to sunset), civil twilight above -6 degrees, night below.
Terrain and the aircraft's height are left out, as almanacs and rules do.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats, Ints, repeat
from dronecheck.flight import Clock, Track
from dronecheck.geo.sun import CIVIL_TWILIGHT_DEG, EVENT_ERROR_S, SUNSET_DEG, sun_elevation_deg

__all__ = ["Change", "Daylight", "Light", "daylight"]


_EVERY_NS = 60_000_000_000
_FASTEST_DEG_S = 0.0056  # the sun climbs or sinks by no more than 0.0042, and 0.0014 is a way at 150 m/s
_LEVELS = (CIVIL_TWILIGHT_DEG, SUNSET_DEG)


class Light(StrEnum):
    """What the sun gives, darkest first."""

    NIGHT = "night"
    CIVIL_TWILIGHT = "civil_twilight"
    DAY = "day"


_LIGHTS = tuple(Light)


@dataclass(frozen=True, slots=True)
class Change:
    """The first fix (row and time) in another light."""

    row: int
    time_ns: int
    to: Light


@dataclass(frozen=True, slots=True)
class Daylight:
    """The light of a flight: at its first fix, and every change. `error_s` is how well the changes are known."""

    begin: Light
    changes: tuple[Change, ...]
    error_s: float

    @property
    def end(self) -> Light:
        """Return the light at the last fix."""
        return self.changes[-1].to if self.changes else self.begin

    def of_fixes(self, count: int) -> NDArray[np.int8]:
        """Return the light at each of the track's `count` fixes: 0 night, 1 civil twilight, 2 day."""
        rows = [0, *(change.row for change in self.changes), count]
        lights = [_LIGHTS.index(light) for light in (self.begin, *(change.to for change in self.changes))]
        return repeat(np.array(lights, dtype=np.int8), np.diff(rows))


def daylight(track: Track, clock: Clock) -> Daylight | None:
    """Return the light at every fix of a track; None without UTC, without fixes, or where not all have a time in order.

    Only fixes a minute apart are worked out, and those between two that differ or lie near a change.
    """
    if not clock.utc_known or not len(track) or not track.is_timed.all() or bool((np.diff(track.time_ns) < 0).any()):
        return None
    knots = _knots(track.time_ns)
    elevation = _elevation(track, knots)
    levels = np.array(_LEVELS)
    light = np.searchsorted(levels, elevation)
    swing = _FASTEST_DEG_S * np.diff(track.time_ns[knots]) / 2e9
    low = np.minimum(elevation[:-1], elevation[1:]) - swing
    high = np.maximum(elevation[:-1], elevation[1:]) + swing
    open_ = ((low[:, np.newaxis] <= levels) & (high[:, np.newaxis] >= levels)).any(axis=1)
    rows, lights = [knots], [light]
    for index in np.flatnonzero(open_ & (np.diff(knots) > 1)).tolist():
        between = np.arange(knots[index] + 1, knots[index + 1], dtype=np.int64)
        rows.append(between)
        lights.append(np.searchsorted(levels, _elevation(track, between)))
    row, value = np.concatenate(rows), np.concatenate(lights)
    order = np.argsort(row, kind="stable")
    row, value = row[order], value[order]
    at = np.flatnonzero(value[1:] != value[:-1]) + 1
    changes = tuple(
        Change(r, int(track.time_ns[r]), _LIGHTS[v]) for r, v in zip(row[at].tolist(), value[at].tolist(), strict=True)
    )
    sigma_s = clock.sigma_s if np.isfinite(clock.sigma_s) else 0.0
    return Daylight(_LIGHTS[int(value[0])], changes, EVENT_ERROR_S + sigma_s)


def _knots(time_ns: Ints) -> Ints:
    """Return rows about a minute apart, the first and last among them; all rows where those lie farther apart."""
    minutes = int(time_ns[-1] - time_ns[0]) // _EVERY_NS
    if minutes >= len(time_ns):
        return np.arange(len(time_ns), dtype=np.int64)
    wanted = time_ns[0] + _EVERY_NS * np.arange(1, minutes + 1, dtype=np.int64)
    return np.unique(np.concatenate([[0], np.searchsorted(time_ns, wanted), [len(time_ns) - 1]]))


def _elevation(track: Track, rows: Ints) -> Floats:
    return sun_elevation_deg(track.time_ns[rows] / 1e9, track.lat_deg[rows], track.lon_deg[rows])
