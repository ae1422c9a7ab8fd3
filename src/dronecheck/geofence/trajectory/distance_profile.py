"""A path against one region: where it is inside, and the signed distance to the outline all along."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats, Ints, reduceat
from dronecheck.geo.intervals import join
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.plane import geodesic_m, point_at
from dronecheck.geo.space_time_prism import shortest_detour_m
from dronecheck.geo.types import Box, Interval
from dronecheck.geofence.trajectory.probability import probability_inside
from dronecheck.geofence.trajectory.region_probability import probability_in_region
from dronecheck.geofence.trajectory.trajectory import PlaneTile, Trajectory, Window

__all__ = ["DistanceProfile", "Outline", "trace", "trace_until_seen", "wider_pads_m"]


# The region as it lies in one window (longitudes in the window's frame), or None when it is not there.
Outline = Callable[[Window, Box], BaseGeometry | None]

_CHORD_SAMPLES = 8
_STRIDES = (8, 1)
_COARSEST = 0.3
_REFINE_SAMPLES = 13
_PLAIN_SIGMAS = 6.0
_WIDEST_SIGMA_M = 1_000.0
_WIDER = 4.0
_FARTHEST_PAD_M = 300_000.0


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    window: Window
    region: PlanarRegion


@dataclass(frozen=True, eq=False)
class DistanceProfile:
    """Signed distance (negative inside) at sampled fractional rows, ascending, with the nearest outline points.

    `boundary_deg` has shape (k, 2) as longitude, latitude; NaN, and the distance infinite, where none is in reach.
    """

    trajectory: Trajectory
    row: Floats
    distance_m: Floats
    boundary_deg: Floats
    inside: list[Interval]
    pieces: tuple[_Piece, ...]

    @property
    def is_deeper_than_seen(self) -> bool:
        """Tell whether the path is somewhere so deep inside that no outline is in sight."""
        return bool(np.isneginf(self.distance_m).any())

    def mirrored(self) -> DistanceProfile:
        """Return the profile of the same path against everything that is not the region.

        Ask for it of a profile traced `both_sides`.
        """
        outside = [gap for piece in self.pieces for gap in _left_over(piece.window, self.inside)]
        pieces = tuple(_Piece(piece.window, piece.region.complement()) for piece in self.pieces)
        return replace(self, distance_m=-self.distance_m, inside=join(outside), pieces=pieces)

    def between(self, begin: float, end: float) -> slice:
        """Return the slice of samples from row `begin` to row `end`."""
        return slice(int(np.searchsorted(self.row, begin, "left")), int(np.searchsorted(self.row, end, "right")))

    def measure(self, row: float) -> tuple[float, float, Floats]:
        """Return row, ellipsoidal signed distance (m) and nearest outline point ((2,), degrees) at a fractional row."""
        piece = self._piece_at(row)
        if piece is None:
            return row, float("inf"), np.full(2, np.nan)
        xy = point_at(piece.window.xy_m, np.array([row - piece.window.first]))
        signed, foot = piece.region.signed_distance(xy)
        if not np.isfinite(signed[0]):
            return row, float(signed[0]), np.full(2, np.nan)
        here, there = piece.window.plane.inverse(np.concatenate([xy, foot]))
        ellipsoidal = float(geodesic_m(here[0], here[1], there[0], there[1])[0])
        return row, float(np.copysign(ellipsoidal, signed[0])), there

    def at_samples(self, rows: Sequence[float]) -> tuple[Floats, Floats]:
        """Return signed distances (n,) and nearest outline points (n, 2) at rows.

        Rows that are samples are looked up, others are measured.
        """
        at = np.minimum(np.searchsorted(self.row, rows), len(self.row) - 1)
        signed, foot = self.distance_m[at], self.boundary_deg[at]
        for index in np.flatnonzero(self.row[at] != rows).tolist():
            _, signed[index], foot[index] = self.measure(rows[index])
        return signed, foot

    def bounds_m(self) -> tuple[Floats, Floats]:
        """Return the least and the greatest signed distance (m) possible between each two samples, shape (k - 1,)."""
        way = np.interp(self.row[1:], *self.trajectory.along_m) - np.interp(self.row[:-1], *self.trajectory.along_m)
        with np.errstate(invalid="ignore"):  # infinity on both sides: nothing is in sight, nothing to bound
            total = self.distance_m[1:] + self.distance_m[:-1]
        return (total - way) / 2, (total + way) / 2

    def with_fixes(self, after: NDArray[np.bool_]) -> DistanceProfile:
        """Return the profile with a sample at every fix between some samples and their followers.

        `after`, shape (k - 1,), says which.
        """
        wanted = [
            np.arange(np.floor(self.row[i]) + 1, np.ceil(self.row[i + 1])) for i in np.flatnonzero(after).tolist()
        ]
        return self.with_rows(np.concatenate(wanted) if wanted else np.empty(0))

    def with_rows(self, rows: Floats) -> DistanceProfile:
        """Return the profile with samples at these fractional rows too."""
        rows = np.setdiff1d(rows, self.row)
        if not len(rows):
            return self
        more = []
        for piece in self.pieces:
            mine = rows[(rows >= piece.window.first) & (rows < piece.window.last)]
            if len(mine):
                more.append(_measured(piece, mine))
        row, distance, foot = _in_order([(self.row, self.distance_m, self.boundary_deg), *more])
        return replace(self, row=row, distance_m=distance, boundary_deg=foot)

    def cut(self, begin: float, end: float) -> DistanceProfile:
        """Return the profile of the samples from row `begin` to row `end` alone, with one at either."""
        whole = self.with_rows(np.array([begin, end]))
        kept = whole.between(begin, end)
        return replace(
            self,
            row=whole.row[kept],
            distance_m=whole.distance_m[kept],
            boundary_deg=whole.boundary_deg[kept],
            inside=[],
        )

    def ellipsoidal_m(self) -> Floats:
        """Return the signed distances (m) to the same nearest points, measured on the ellipsoid; infinite ones stay."""
        measured = self.distance_m.copy()
        for piece in self.pieces:
            window = piece.window
            of = np.flatnonzero((self.row >= window.first) & (self.row <= window.last) & np.isfinite(measured))
            here = window.plane.inverse(point_at(window.xy_m, self.row[of] - window.first))
            length_m = geodesic_m(here[:, 0], here[:, 1], self.boundary_deg[of, 0], self.boundary_deg[of, 1])
            measured[of] = np.copysign(length_m, self.distance_m[of])
        return measured

    def probability(self, row: float, sigma_m: float) -> float:
        """Return P(inside) at one fractional row for an error of `sigma_m` per axis."""
        piece = self._piece_at(row)
        if piece is None:
            return 0.0
        xy = point_at(piece.window.xy_m, np.array([row - piece.window.first]))
        signed, _ = piece.region.signed_distance(xy)
        # The window shows the region for 5 km around: errors beyond a fifth of that see the nearest edge alone.
        if abs(signed[0]) > _PLAIN_SIGMAS * sigma_m or sigma_m > _WIDEST_SIGMA_M:
            return probability_inside(float(signed[0]), sigma_m)
        held = probability_in_region(piece.region.polygon, xy[0], sigma_m)
        return 1.0 - held if piece.region.is_outside else held

    def refine(self, sample: int, within: Interval = (-np.inf, np.inf)) -> float:
        """Return the row near a sample where the distance is least (most negative).

        It lies between the sample's neighbours and `within`.
        """
        best = float(self.row[sample])
        low = max(float(self.row[max(sample - 1, 0)]), within[0])
        high = min(float(self.row[min(sample + 1, len(self.row) - 1)]), within[1])
        for _ in range(3):
            piece = self._piece_at(best)
            if piece is None or high <= low:
                return best
            rows = np.linspace(low, high, _REFINE_SAMPLES)
            rows = rows[(rows >= piece.window.first) & (rows <= piece.window.last)]
            if not len(rows):
                return best
            signed, _ = piece.region.signed_distance(point_at(piece.window.xy_m, rows - piece.window.first))
            lowest = int(np.argmin(signed))
            best = float(rows[lowest])
            low, high = float(rows[max(lowest - 1, 0)]), float(rows[min(lowest + 1, len(rows) - 1)])
        return best

    def gap_detour_m(self, step: int) -> float:
        """Return the least way from fix `step` over the region to the next fix, metres."""
        piece = self._piece_at(step + 0.5)
        if piece is None:
            return float("inf")
        a, b = piece.window.xy_m[step - piece.window.first], piece.window.xy_m[step + 1 - piece.window.first]
        return shortest_detour_m(a, b, *piece.region.edges)

    def _piece_at(self, row: float) -> _Piece | None:
        at = bisect_right(self._firsts, row) - 1
        if at > 0 and self._firsts[at] == row <= self.pieces[at - 1].window.last:
            at -= 1  # a row shared by two windows is the earlier one's
        return self.pieces[at] if at >= 0 and row <= self.pieces[at].window.last else None

    @cached_property
    def _firsts(self) -> list[int]:
        return [piece.window.first for piece in self.pieces]


def trace(
    trajectory: Trajectory, outline: Outline, edge: Edge, pad_m: float, *, both_sides: bool = False
) -> DistanceProfile:
    """Trace the signed distance of a path to a region, by window; outlines beyond `pad_m` of it are out of sight.

    `both_sides`: sampled so that the farthest points from the region are as well known as the nearest ones.
    """
    pieces: list[_Piece] = []
    inside: list[Interval] = []
    samples: list[_Samples] = []
    regions: dict[PlaneTile, PlanarRegion | None] = {}
    for window in trajectory.windows:
        if window.tile not in regions:
            box = window.tile.box(pad_m)
            geometry = outline(window, box)
            regions[window.tile] = (
                None if geometry is None or geometry.is_empty else PlanarRegion(geometry, edge, window.plane, box)
            )
        region = regions[window.tile]
        if region is None or region.is_empty:
            continue
        piece = _Piece(window, region)
        pieces.append(piece)
        found, intervals = _sample(trajectory, piece, both_sides)
        inside += [(begin + window.first, end + window.first) for begin, end in intervals]
        samples.append(found)
    return DistanceProfile(trajectory, *_in_order(samples), inside=join(inside), pieces=tuple(pieces))


def wider_pads_m(pad_m: float) -> Iterator[float]:
    """Yield how far to look, each time wider than the last: for an outline that is not in sight within `pad_m`."""
    while pad_m < _FARTHEST_PAD_M:
        pad_m *= _WIDER
        yield pad_m


def trace_until_seen(trajectory: Trajectory, outline: Outline, edge: Edge, pad_m: float) -> DistanceProfile:
    """Trace a path against a region, looking wider until an outline is in sight wherever the path is inside."""
    profile = trace(trajectory, outline, edge, pad_m)
    for wider_m in wider_pads_m(pad_m):
        if not profile.is_deeper_than_seen:
            break
        profile = trace(trajectory, outline, edge, wider_m)
    return profile


def _left_over(window: Window, taken: list[Interval]) -> list[Interval]:
    """Return what sorted intervals leave of a window's rows."""
    begin, last = float(window.first), float(window.last)
    met = [(a, b) for a, b in taken if a <= last and b >= begin]
    if begin == last:
        return [] if met else [(begin, last)]
    left: list[Interval] = []
    for a, b in [*met, (last, last)]:
        left += [(begin, min(a, last))] if a > begin else []
        begin = max(begin, b)
    return left


_Samples = tuple[Floats, Floats, Floats]  # rows of the track, signed distances, nearest outline points in degrees


def _in_order(samples: list[_Samples]) -> _Samples:
    if not samples:
        return np.empty(0), np.empty(0), np.empty((0, 2))
    row, distance, foot = (np.concatenate(column) for column in zip(*samples, strict=True))
    order = np.argsort(row, kind="stable")
    return row[order], distance[order], foot[order]


def _measured(piece: _Piece, row: Floats) -> _Samples:
    """Measure signed distance and nearest outline point at rows within the piece's window."""
    signed, foot = piece.region.signed_distance(point_at(piece.window.xy_m, row - piece.window.first))
    return row, signed, piece.window.plane.inverse(foot)


def _sample(trajectory: Trajectory, piece: _Piece, both_sides: bool) -> tuple[_Samples, list[Interval]]:
    """Return samples of the distance, dense where they matter, and the intervals inside (rows of the window).

    A signed distance changes by no more than the way flown, which bounds it between two samples. Fixes are added
    until neighbours are no farther apart than three tenths of that bound, and wherever a stretch on one side of the
    outline could have its extreme. Where neighbouring fixes lie nearer to the outline than to each other, the chord
    between them is sampled too.
    """
    window = piece.window
    along = window.along_m
    row = _anchors(trajectory, window)
    signed, foot = piece.region.signed_distance(window.xy_m[row])
    for stride in _STRIDES:
        begin = _to_split(row, signed, along, both_sides)
        added = (
            np.concatenate([np.arange(int(row[i]) + stride, int(row[i + 1]), stride, dtype=np.int64) for i in begin])
            if len(begin)
            else begin
        )
        if len(added):
            more, more_foot = piece.region.signed_distance(window.xy_m[added])
            order = np.argsort(np.concatenate([row, added]), kind="stable")
            row = np.concatenate([row, added])[order]
            signed, foot = np.concatenate([signed, more])[order], np.concatenate([foot, more_foot])[order]
    nearer = np.minimum(np.abs(signed[:-1]), np.abs(signed[1:])) <= along[row[1:]] - along[row[:-1]]
    near = np.flatnonzero(nearer | _changes(signed))
    inside = piece.region.inside_intervals(window.xy_m, row[near])
    share = np.arange(1, _CHORD_SAMPLES, dtype=np.int64) / _CHORD_SAMPLES
    between = (row[near][:, np.newaxis] + share).ravel()
    crossing = np.array([end for pair in inside for end in pair if 0 < end < len(window.xy_m) - 1])
    extra = np.concatenate([between, crossing])
    extra_signed, extra_foot = piece.region.signed_distance(point_at(window.xy_m, extra))
    extra_signed[len(between) :] = 0.0  # on the outline, whatever the rounding says
    order = np.argsort(np.concatenate([row, extra]), kind="stable")
    return (
        np.concatenate([row.astype(np.float64), extra])[order] + window.first,
        np.concatenate([signed, extra_signed])[order],
        window.plane.inverse(np.concatenate([foot, extra_foot])[order]),
    ), inside


def _anchors(trajectory: Trajectory, window: Window) -> Ints:
    """Return the rows of a window to begin with: every 64th, the last, and both ends of every gap."""
    count = len(window.lonlat_deg)
    gaps = np.flatnonzero(trajectory.step_s[window.first : window.last] > trajectory.thresholds.gap_s)
    return np.unique(
        np.concatenate([np.arange(0, count, _STRIDES[0] * 8, dtype=np.int64), [count - 1], gaps, gaps + 1])
    )


def _to_split(row: Ints, signed: Floats, along: Floats, both_sides: bool) -> Ints:
    """Return the sample intervals to refine: where the bound by the path's length leaves the distance too uncertain."""
    way = along[row[1:]] - along[row[:-1]]
    nearest = (np.abs(signed[:-1]) + np.abs(signed[1:]) - way) / 2
    changes = _changes(signed)
    with np.errstate(invalid="ignore"):  # infinity on both sides, where no outline is in sight
        least = np.where(changes, -np.inf, (signed[:-1] + signed[1:] - way) / 2)
    side = np.concatenate([[0], np.cumsum(changes)])
    extreme = reduceat(np.minimum, signed, np.flatnonzero(np.diff(side, prepend=-1)))[side]
    wanted = (way > _COARSEST * nearest) | (least <= np.minimum(extreme[:-1], extreme[1:]))
    if both_sides:
        farthest = reduceat(np.maximum, signed, np.flatnonzero(np.diff(side, prepend=-1)))[side]
        with np.errstate(invalid="ignore"):
            wanted |= ~changes & ((signed[:-1] + signed[1:] + way) / 2 >= np.maximum(farthest[:-1], farthest[1:]))
    return np.flatnonzero(wanted & (np.diff(row) > 1))


def _changes(signed: Floats) -> NDArray[np.bool_]:
    """Tell between which neighbours the side of the outline changes."""
    return np.asarray((signed[1:] < 0) != (signed[:-1] < 0), dtype=np.bool_)
