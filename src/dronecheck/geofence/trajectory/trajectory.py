"""The flown path as the geofence sees it: plausible stretches, cut into windows with a local plane each.

Rows are counted through the whole track: row 17.25 is a quarter of the way from fix 17 to fix 18, whichever
window it falls in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats
from dronecheck.flight import Track
from dronecheck.geo.intervals import join
from dronecheck.geo.plane import (
    LocalPlane,
    geodesic_ahead,
    geodesic_between,
    metres_per_degree,
    point_at,
    step_lengths_m,
    unwrap_lon,
)
from dronecheck.geo.types import Box, Interval
from dronecheck.geofence.result import Place
from dronecheck.geofence.settings import Thresholds

if TYPE_CHECKING:
    from dronecheck.geofence.trajectory.jumps import Jumps

__all__ = ["PlaneTile", "Trajectory", "Window"]


WINDOW_M = 50_000.0
_SHARED_M = 20_000.0
_RECENT = 8
_LONG_STEP_M = 200.0  # below, degrees and geodesic differ by less than a millimetre up to 50 degrees, 4 mm up to 80
_POLAR_DEG = 80.0


@dataclass(frozen=True, eq=False)
class PlaneTile:
    """A part of the globe with one local plane; the windows of a track that keep to it share it."""

    extent_deg: Box

    @classmethod
    def around(cls, lonlat_deg: Floats) -> PlaneTile:
        """Return the tile of points (n, 2)."""
        lon, lat = lonlat_deg[:, 0], lonlat_deg[:, 1]  # by column: four times as fast as by axis
        return cls((float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())))

    @cached_property
    def plane(self) -> LocalPlane:
        """Return the local plane centred on the tile."""
        west, south, east, north = self.box()
        return LocalPlane((west + east) / 2, (south + north) / 2)

    def box(self, pad_m: float = 0.0) -> Box:
        """Return west, south, east, north in degrees, widened by `pad_m` on every side; latitudes stay on the globe."""
        west, south, east, north = self.extent_deg
        _, north_m = metres_per_degree(south)
        pad_lat = pad_m / float(north_m)
        bottom, top = max(-90.0, south - pad_lat), min(90.0, north + pad_lat)
        highest = max(-bottom, top)
        pad_lon = pad_m / float(metres_per_degree(highest)[0]) if highest < 90.0 else 180.0
        middle, half = (west + east) / 2, min(180.0, (east - west) / 2 + pad_lon)  # never more than one turn
        return middle - half, bottom, middle + half, top

    def joined(self, other: PlaneTile) -> PlaneTile | None:
        """Return one tile for both, None where that would be too wide for one plane."""
        a, b = self.extent_deg, other.extent_deg
        west, south, east, north = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
        east_m, north_m = metres_per_degree((south + north) / 2)
        narrow = (east - west) * float(east_m) <= _SHARED_M and (north - south) * float(north_m) <= _SHARED_M
        return PlaneTile((west, south, east, north)) if narrow else None


@dataclass(frozen=True, eq=False)
class Window:
    """Rows `first` to `last` (both included) of a track, within one tile. `lonlat_deg` is unwrapped."""

    first: int
    last: int
    lonlat_deg: Floats
    tile: PlaneTile

    @property
    def plane(self) -> LocalPlane:
        """Return the tile's plane."""
        return self.tile.plane

    @cached_property
    def xy_m(self) -> Floats:
        """Return the rows in the plane, metres, shape (last - first + 1, 2)."""
        return self.plane.forward(self.lonlat_deg)

    @cached_property
    def along_m(self) -> Floats:
        """Return the length of the way to each row in the plane, metres."""
        return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(self.xy_m, axis=0).T))])


class Trajectory:
    """A track prepared for checking. `h_sigma_m` has no NaN left: assumed values are filled in.

    `is_suspect` says that the positions contradict each other by jumps, `doubt_m` by how much: then nothing nearer than
    that is clear. `witnesses` are other sources of positions of the same flight.
    """

    def __init__(
        self,
        track: Track,
        thresholds: Thresholds,
        *,
        track_name: str = "",
        witnesses: tuple[Track, ...] = (),
        clock_sigma_s: float = 0.0,
    ) -> None:
        self.track, self.track_name = track, track_name
        self.witnesses = tuple(other for other in witnesses if len(other) > 1)
        self.clock_sigma_s = clock_sigma_s  # of UTC; it shifts every instant alike
        self.thresholds = thresholds
        self.time_s: Floats = (track.time_ns - (track.time_ns[0] if len(track) else 0)) / 1e9
        self.h_sigma_m: Floats = np.where(np.isfinite(track.h_sigma_m), track.h_sigma_m, thresholds.assumed_h_sigma_m)
        self.step_m: Floats = step_lengths_m(track.lat_deg, track.lon_deg)
        # Between two parts of a track there is no way that anybody knows: neither a step nor a jump.
        self.is_break = np.diff(track.part) != 0
        self.step_s: Floats = np.where(self.is_break, 0.0, np.diff(self.time_s))
        # Twice a gross position error per step is allowed for, so that noise at 10 Hz is no jump.
        slack_m = 3 * (self.h_sigma_m[1:] + self.h_sigma_m[:-1]) + 20.0
        self.is_jump = ~self.is_break & (self.step_m > thresholds.implausible_speed_mps * self.step_s + slack_m)
        self.is_cut = self.is_jump | self.is_break
        self.is_suspect = bool(self.is_jump.any())
        # How far positions may be off that contradict each other: beyond that from anything, they change nothing.
        self.doubt_m = float(self.step_m[self.is_jump].max(initial=0.0))

    def __len__(self) -> int:
        return len(self.track)

    @property
    def duration_s(self) -> float:
        """Return the seconds from the first fix to the last; no instant of a log is more wrong than that."""
        return float(self.time_s[-1]) if len(self) else 0.0

    @cached_property
    def max_speed_mps(self) -> float:
        """Return the speed cap of the space-time prism, m/s."""
        logged = self.track.speed_mps[np.isfinite(self.track.speed_mps)]
        flown = self.step_m[(self.step_s >= 0.5) & ~self.is_jump] / self.step_s[(self.step_s >= 0.5) & ~self.is_jump]
        fastest = max((float(np.percentile(v, 99.5)) for v in (logged, flown) if len(v)), default=0.0)
        limit = min(fastest * self.thresholds.max_speed_factor, self.thresholds.implausible_speed_mps)
        return max(self.thresholds.max_speed_floor_mps, limit)

    @cached_property
    def reach_m(self) -> float:
        """Return how far from its chord the aircraft can have been in the longest gap, metres."""
        steps = ~self.is_cut
        if not steps.any():
            return 0.0
        return float(np.max(np.maximum(0.0, self.max_speed_mps * self.step_s[steps] - self.step_m[steps])) / 2)

    @cached_property
    def length_m(self) -> float:
        """Return the length of the path without jumps and breaks, metres."""
        return float(self.step_m[~self.is_cut].sum())

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """Cut at jumps and breaks, and where the extent grows beyond 50 km; neighbours there share their row."""
        parts: list[tuple[int, int, Floats]] = []
        for first, last in self.runs():
            lonlat = np.column_stack([self.track.lon_deg[first : last + 1], self.track.lat_deg[first : last + 1]])
            lonlat[:, 0] = _unwrapped(lonlat[:, 0])
            begin = 0
            while begin < len(lonlat):
                end = _last_within(lonlat, begin)
                parts.append((first + begin, first + end, _centred(lonlat[begin : end + 1])))
                if end == len(lonlat) - 1:
                    break
                begin = end
        tiles = _shared([PlaneTile.around(lonlat) for _, _, lonlat in parts])
        return tuple(Window(*part, tile) for part, tile in zip(parts, tiles, strict=True))

    @property
    def tiles(self) -> tuple[PlaneTile, ...]:
        """Return the tiles of the windows, each once."""
        return tuple(dict.fromkeys(window.tile for window in self.windows))

    def runs(self) -> list[tuple[int, int]]:
        """Return first and last row of each stretch without a jump or break."""
        if not len(self):
            return []
        cuts = np.flatnonzero(self.is_cut)
        firsts = np.concatenate([[0], cuts + 1])
        lasts = np.concatenate([cuts, [len(self) - 1]])
        return list(zip(firsts.tolist(), lasts.tolist(), strict=True))

    def is_doubted(self, row: float) -> bool:
        """Tell whether jumps that nothing flies part this row from others, and nothing else says that it was there."""
        return bool(self.is_jump.any()) and self._jumps.is_doubted(min(int(row), len(self) - 1))

    @cached_property
    def _jumps(self) -> Jumps:
        from dronecheck.geofence.trajectory.jumps import Jumps

        return Jumps(self, [Trajectory(other, self.thresholds) for other in self.witnesses])

    def time_ns_at(self, row: float) -> int:
        """Return the time at a fractional row, in the track's time base."""
        index = min(int(row), len(self) - 1)
        following = min(index + 1, len(self) - 1)
        step = int(self.track.time_ns[following] - self.track.time_ns[index])
        return int(self.track.time_ns[index]) + round((row - index) * step)

    def fixes_between(self, begin: float, end: float) -> int:
        """Return the number of fixes from one fractional row to another; a fix that stands twice is one."""
        first, last = int(np.ceil(begin)), int(np.floor(end))
        if last < first:
            return 0
        again = (np.diff(self.track.offset[first : last + 1]) == 0) & (self.step_m[first:last] == 0)
        return last - first + 1 - int(again.sum())

    def is_timed_between(self, begin: float, end: float) -> bool:
        """Tell whether all fixes from one fractional row to another have a time of their own."""
        return bool(self.track.is_timed[int(begin) : min(int(np.ceil(end)), len(self) - 1) + 1].all())

    def row_at(self, time_ns: int) -> float:
        """Return the fractional row at a time; the first or last row for times before or after the track."""
        index = int(np.searchsorted(self.track.time_ns, time_ns, "right")) - 1
        if index < 0 or index >= len(self) - 1:
            return float(max(index, 0))
        begin, end = (int(t) for t in self.track.time_ns[index : index + 2])
        return index + (time_ns - begin) / (end - begin)

    def place_at(self, row: float) -> Place:
        """Return the position at a fractional row, on the chord: linear in degrees on short steps, else a geodesic."""
        index = min(int(row), len(self) - 1)
        pair = slice(index, index + 2)
        lon = unwrap_lon(self.track.lon_deg[pair], self.track.lon_deg[index])
        lonlat = np.column_stack([lon, self.track.lat_deg[pair]])
        if row > index and len(lon) == 2 and (self.step_m[index] > _LONG_STEP_M or abs(lonlat[0, 1]) > _POLAR_DEG):
            azimuth, length_m = geodesic_between(lonlat[:1], lonlat[1:])
            at = geodesic_ahead(lonlat[:1], azimuth, length_m * (row - index))[0]
        else:
            at = point_at(lonlat, np.array([row - index]))[0]
        return Place(float(at[1]), float(unwrap_lon(at[0], 0.0)))

    def place_sigma_m(self, row: float, sigma_s: float | None) -> float:
        """Return the sigma (m) of the place at a fractional row whose instant is known to `sigma_s` (None: exactly)."""
        step = min(int(row), len(self) - 2)
        is_flown = step >= 0 and self.step_s[step] > 0 and not self.is_cut[step]
        speed_mps = float(self.step_m[step] / self.step_s[step]) if is_flown else 0.0
        return float(np.hypot(self.h_sigma_m[max(step, 0) : step + 2].max(), (sigma_s or 0.0) * speed_mps))

    def is_end(self, row: float) -> bool:
        """Tell whether a row is the first or last of the track, or next to a jump: there nothing was crossed."""
        if row <= 0 or row >= len(self) - 1:
            return True
        at = round(row)
        return row == at and bool(self.is_cut[at] or self.is_cut[at - 1])

    @cached_property
    def along_m(self) -> tuple[Floats, Floats]:
        """Return all rows, and the length of the path to each without jumps, metres."""
        along = np.concatenate([[0.0], np.cumsum(np.where(self.is_cut, 0.0, self.step_m))])
        return np.arange(len(along), dtype=np.float64), along

    def length_between_m(self, begin: float, end: float) -> float:
        """Return the length of the path between two fractional rows, without jumps, metres."""
        ends = np.interp([begin, end], *self.along_m)
        return float(ends[1] - ends[0])

    def seen_between_s(self, begin: float, end: float) -> float:
        """Return the seconds between the first and last fix of a range of rows, gaps and jumps left out."""
        first, last = int(np.ceil(begin)), int(np.floor(end))
        steps = slice(first, max(last, first))
        seen = (self.step_s[steps] <= self.thresholds.gap_s) & ~self.is_jump[steps]
        return float(self.step_s[steps][seen].sum())

    def in_gap(self, row: Floats) -> NDArray[np.bool_]:
        """Tell which fractional rows lie between two fixes that are too far apart in time to know the way between."""
        if len(self) < 2:
            return np.zeros(len(row), dtype=np.bool_)
        index = np.clip(np.floor(row).astype(np.int64), 0, len(self) - 2)
        return np.asarray((row != np.floor(row)) & (self.step_s[index] > self.thresholds.gap_s), dtype=np.bool_)

    def whole_gaps(self, stretches: list[Interval]) -> list[Interval]:
        """Return the intervals with every gap that one begins or ends in made part of it.

        No instant in a gap has a place.
        """
        last = len(self) - 1

        def is_gap(row: float) -> bool:
            return row != int(row) and bool(self.in_gap(np.array([row]))[0])

        return join(
            [
                (float(int(a)) if is_gap(a) else a, float(min(int(b) + 1, last)) if is_gap(b) else b)
                for a, b in stretches
            ]
        )

    def sigma_at(self, row: Floats) -> Floats:
        """Return the horizontal sigma per axis (m) at fractional rows: the fixes' own, and the chord's between them.

        In a gap the second is so large that no instant there can decide anything; the prism speaks for gaps.
        """
        base = point_at(self.h_sigma_m[:, np.newaxis], row)[:, 0]
        if len(self) < 2:
            return base
        index = np.clip(np.floor(row).astype(np.int64), 0, len(self) - 2)
        share = row - index
        bend_m = self.thresholds.path_accel_mps2 * self.step_s[index] ** 2 / 8 * 4 * share * (1 - share)
        return np.hypot(base, bend_m)


def _shared(tiles: list[PlaneTile]) -> list[PlaneTile]:
    """Return for each tile one that holds it and its likes.

    A track with a thousand jumps still keeps to a few places.
    """
    joined: list[PlaneTile] = []
    of: list[int] = []
    for tile in tiles:
        for index in range(len(joined) - 1, max(-1, len(joined) - 1 - _RECENT), -1):
            both = joined[index].joined(tile)
            if both is not None:
                joined[index] = both
                of.append(index)
                break
        else:
            of.append(len(joined))
            joined.append(tile)
    return [joined[index] for index in of]


def _unwrapped(lon_deg: Floats) -> Floats:
    """Return longitudes without steps of a turn; most tracks have none, and then this costs two passes."""
    if lon_deg.max() - lon_deg.min() < 180.0:
        return lon_deg
    return np.asarray(np.unwrap(lon_deg, period=360.0), dtype=np.float64)


def _last_within(lonlat: Floats, begin: int) -> int:
    """Return the last row such that rows `begin` to it span at most the window's size (at least one step on)."""
    rest = lonlat[begin:]
    lon, lat = rest[:, 0], rest[:, 1]
    south, north = lat.min(), lat.max()
    widest_m, _ = metres_per_degree(0.0 if south < 0 < north else min(abs(south), abs(north)))
    _, tallest_m = metres_per_degree(max(abs(south), abs(north)))
    if (lon.max() - lon.min()) * widest_m <= WINDOW_M and (north - south) * tallest_m <= WINDOW_M:
        return len(lonlat) - 1
    east_m, north_m = metres_per_degree(rest[:, 1])
    spread = np.maximum.accumulate(rest, axis=0) - np.minimum.accumulate(rest, axis=0)
    within = (spread[:, 0] * east_m <= WINDOW_M) & (spread[:, 1] * north_m <= WINDOW_M)
    beyond = int(np.argmin(within)) if not within.all() else len(rest)
    return min(begin + max(beyond - 1, 1), len(lonlat) - 1)


def _centred(lonlat: Floats) -> Floats:
    """Return longitudes about the centre that is nearest to 0, so that most boxes need no unwrapping."""
    lonlat = lonlat.copy()
    middle = (lonlat[:, 0].min() + lonlat[:, 0].max()) / 2
    lonlat[:, 0] -= 360.0 * np.round(middle / 360.0)
    return lonlat
