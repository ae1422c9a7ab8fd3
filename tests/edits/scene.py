"""A log and a stretch of it to edit: where the aircraft moves most, and what the log records there."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tests.edits.editable import ESTIMATE, M_PER_DEG, PLACES, RECEIVER, VELOCITIES, Bools, Column, Editable, Floats

Weight = Callable[[Floats], Floats]  # times in seconds -> share of the edit that applies, 0 to 1

LONGEST_S, RAMP_S, TRIES = 60.0, 30.0, 24
FEWEST = 20


@dataclass
class Scene:
    """A log, and the stretch from `begin_s` to `end_s` by its own clock."""

    log: Editable
    begin_s: float
    end_s: float
    rng: random.Random

    @classmethod
    def of(cls, log: Editable, rng: random.Random) -> Scene | None:
        """Choose, of some random stretches, the one with the longest way; None where the log is too short to edit."""
        scene = cls(log, 0.0, 0.0, rng)
        times = scene.main_s
        if len(times) < FEWEST or not np.isfinite(times).all():
            return None
        first, last = float(times.min()), float(times.max())
        length = min(LONGEST_S, (last - first) / 4)
        if length <= 1.0:
            return None
        best = -1.0
        for _ in range(TRIES):
            begin = rng.uniform(first + 0.2 * (last - first), last - 0.2 * (last - first) - length)
            inside = (times >= begin) & (times <= begin + length)
            way = scene.way_m(inside) if inside.sum() >= 5 else -1.0
            if way > best:
                best, scene.begin_s, scene.end_s = way, begin, begin + length
        return scene if best >= 0 else None

    # ---- the places

    @cached_property
    def main(self) -> tuple[Column, Column] | None:
        """Latitude and longitude with most places, of a receiver if there is one."""
        pairs = [
            (lat, lon) for lat in self.log.of("lat") for lon in self.log.of("lon")
            if lat.message == lon.message and len(lat.rows) == len(lon.rows)
        ]  # fmt: skip
        if not pairs:
            return None
        return max(
            pairs,
            key=lambda pair: (pair[0].source == RECEIVER and is_place(pair[0]).sum() > FEWEST, is_place(pair[0]).sum()),
        )

    @cached_property
    def _main(self) -> tuple[Floats, Floats, Floats]:
        """Times, and metres north and east of the first place, of the main places."""
        if self.main is None:
            return np.zeros(0), np.zeros(0), np.zeros(0)
        lat, lon = self.main
        good = is_place(lat) & is_place(lon)
        at, lat_deg, lon_deg = self.log.axis_s[lat.rows][good], lat.values[good], lon.values[good]
        if not len(at):
            return at, lat_deg, lon_deg
        squeeze = np.cos(np.radians(lat_deg[0]))
        return at, (lat_deg - lat_deg[0]) * M_PER_DEG, (lon_deg - lon_deg[0]) * M_PER_DEG * squeeze

    @property
    def main_s(self) -> Floats:
        return self._main[0]

    def way_m(self, inside: Bools) -> float:
        """How far the aircraft came on the main places inside."""
        _, north, east = self._main
        return float(np.hypot(np.diff(north[inside]), np.diff(east[inside])).sum())

    @property
    def stretch_m(self) -> float:
        """The way flown within the stretch."""
        return self.way_m((self.main_s >= self.begin_s) & (self.main_s <= self.end_s))

    def place_at(self, at_s: float) -> tuple[float, float]:
        """Metres north and east of the first place at a time."""
        at, north, east = self._main
        order = np.argsort(at, kind="stable")
        return float(np.interp(at_s, at[order], north[order])), float(np.interp(at_s, at[order], east[order]))

    def apart_m(self, one_s: float, other_s: float) -> float:
        """How far the places at two times lie apart."""
        (a, b), (c, d) = self.place_at(one_s), self.place_at(other_s)
        return float(np.hypot(a - c, b - d))

    def velocity_at(self, at_s: Floats) -> tuple[Floats, Floats]:
        """North and east velocity of the main places, over two seconds."""
        at, north, east = self._main
        at, first = np.unique(at, return_index=True)
        north, east = north[first], east[first]
        early, late = at_s - 1.0, at_s + 1.0
        return tuple((np.interp(late, at, way) - np.interp(early, at, way)) / 2.0 for way in (north, east))  # type: ignore[return-value]

    # ---- what is recorded in the stretch

    def inside(self, column: Column) -> Bools:
        """Which figures of a column stand in the stretch."""
        at = self.log.axis_s[column.rows]
        return np.asarray((at >= self.begin_s) & (at <= self.end_s) & np.isfinite(column.values))

    def rate_hz(self, column: Column) -> float:
        return float(self.inside(column).sum()) / (self.end_s - self.begin_s)

    @cached_property
    def step_s(self) -> float:
        """The usual time between two of the main places."""
        steps = np.diff(np.unique(self.main_s))
        return float(np.partition(steps, len(steps) // 2)[len(steps) // 2]) if len(steps) else np.inf

    @cached_property
    def digit_m(self) -> float:
        """The last digit of the main places: the smallest step between two of them, in metres."""
        if self.main is None:
            return np.inf
        steps = np.abs(np.diff(self.main[0].values[is_place(self.main[0])]))
        return float(steps[steps > 1e-9].min(initial=np.inf)) * M_PER_DEG

    def has(self, *what: str, source: str | None = None) -> bool:
        """Whether such figures are recorded in the stretch, every two seconds at least, and say something."""
        return any(
            self.rate_hz(column) >= 0.45 and bool(np.nan_to_num(column.values[self.inside(column)]).any())
            for column in self.log.of(*what, source=source)
        )

    @cached_property
    def has_velocity(self) -> bool:
        return self.has(*VELOCITIES[:2], "speed")

    @cached_property
    def has_both(self) -> bool:
        """Whether a receiver and an estimate both tell places on the globe in the stretch."""
        return self.has("lat", source=RECEIVER) and self.has("lat", source=ESTIMATE)

    @cached_property
    def receivers(self) -> int:
        return sum(self.rate_hz(column) >= 0.45 for column in self.log.of("lat", source=RECEIVER))

    @cached_property
    def has_gnss_clock(self) -> bool:
        """Whether satellite time stands beside the log's own clock."""
        return any(c.source == "gnss" and not c.is_axis and len(np.unique(c.values)) > 5 for c in self.log.of("clock"))


def is_place(column: Column) -> Bools:
    """Which figures are places: not the zero that stands for none."""
    return np.isfinite(column.values) & (np.abs(column.values) > 1e-3) & (np.abs(column.values) <= 180)


def abrupt(begin_s: float, end_s: float) -> Weight:
    """Within the stretch, and nowhere else."""
    return lambda at: ((at >= begin_s) & (at <= end_s)).astype(float)


def eased(begin_s: float, end_s: float, ramp_s: float = RAMP_S) -> Weight:
    """Within the stretch; before and after it more and less, without a corner."""

    def weight(at: Floats) -> Floats:
        up = np.clip((at - (begin_s - ramp_s)) / ramp_s, 0.0, 1.0)
        down = np.clip(((end_s + ramp_s) - at) / ramp_s, 0.0, 1.0)
        return (up * up * (3 - 2 * up)) * (down * down * (3 - 2 * down))

    return weight


def move(scene: Scene, log: Editable, north_m: float, east_m: float, weight: Weight, source: str | None = None) -> None:
    """Move the places of all sources, or of one."""
    for column in log.of(*PLACES, source=source):
        shift = weight(log.axis_s[column.rows])
        if column.what in ("north", "east"):
            column.values = column.values + shift * (north_m if column.what == "north" else east_m)
            continue
        degrees = north_m / M_PER_DEG
        if column.what == "lon":
            degrees = east_m / M_PER_DEG / np.cos(np.radians(scene.main[0].values[is_place(scene.main[0])][0]))  # type: ignore[index]
        column.values = np.where(is_place(column), column.values + shift * degrees, column.values)


def adapt_velocities(scene: Scene, log: Editable, north_m: float, east_m: float, weight: Weight) -> None:
    """Make velocities, speeds, courses and distances from home those of the moved places."""
    half = 0.05
    for column in log.of(*VELOCITIES[:2], "speed", "course", "home_distance"):
        at = log.axis_s[column.rows]
        more = (weight(at + half) - weight(at - half)) / (2 * half)
        if column.what in VELOCITIES:
            column.values = column.values + more * (north_m if column.what == "v_north" else east_m)
            continue
        north, east = scene.velocity_at(at)
        if column.what == "home_distance":
            column.values = column.values + _farther(scene, at, weight(at) * north_m, weight(at) * east_m)
            continue
        new = np.hypot(north + more * north_m, east + more * east_m)
        if column.what == "speed":
            column.values = np.where(
                more != 0, np.maximum(column.values + new - np.hypot(north, east), 0), column.values
            )
        else:
            turned = np.degrees(np.arctan2(east + more * east_m, north + more * north_m) - np.arctan2(east, north))
            column.values = np.where(more != 0, (column.values + turned) % 360, column.values)


def _farther(scene: Scene, at: Floats, north_m: Floats, east_m: Floats) -> Floats:
    places = np.array([scene.place_at(moment) for moment in at.tolist()]).reshape(-1, 2)
    return np.hypot(places[:, 0] + north_m, places[:, 1] + east_m) - np.hypot(places[:, 0], places[:, 1])


WEEK_S = 604_800.0


def shift_clocks(
    log: Editable, seconds: float, rows: Bools, sources: tuple[str, ...] = ("boot", "host", "gnss")
) -> None:
    """Move the clocks of these records; where a week stands beside the second of the week, both."""
    for column in log.of("clock"):
        if column.source not in sources:
            continue
        which = rows[column.rows] & (column.values > 0)
        weeks = [c for c in log.of("week") if c.message == column.message]
        moved = column.values[which] + seconds
        if weeks and column.source == "gnss":
            over = np.floor(moved / WEEK_S)
            weeks[0].values[which] += over
            moved = moved - over * WEEK_S
        column.values = column.values.copy()
        column.values[which] = moved
