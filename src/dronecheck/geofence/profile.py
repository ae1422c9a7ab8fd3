"""A path against one region: where it is inside, and the signed distance to the outline all along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from dronecheck.geo.edges import Edge
from dronecheck.geo.plane import geodesic_m
from dronecheck.geo.polyline import Box, Interval, join, point_at
from dronecheck.geo.reach import shortest_detour_m
from dronecheck.geo.region import PlanarRegion
from dronecheck.geofence.path import Path, Window
from dronecheck.geofence.probability import probability_inside
from dronecheck.geofence.region_probability import probability_in_region

__all__ = ["Outline", "Profile", "trace"]

Floats = NDArray[np.float64]

# The region as it lies in one window (longitudes in the window's frame), or None when it is not there.
Outline = Callable[[Window, Box], shapely.Geometry | None]

_CHORD_SAMPLES = 8
_REFINE_SAMPLES = 33
_PLAIN_SIGMAS = 6.0
_WIDEST_SIGMA_M = 1_000.0


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    window: Window
    region: PlanarRegion


@dataclass(frozen=True, eq=False)
class Profile:
    """Signed distance (negative inside) at sampled fractional rows, ascending, with the nearest outline points.

    `foot_deg` has shape (k, 2) as longitude, latitude; NaN, and the distance infinite, where no outline is in reach.
    """

    path: Path
    row: Floats
    distance_m: Floats
    foot_deg: Floats
    inside: list[Interval]
    pieces: tuple[_Piece, ...]

    def between(self, begin: float, end: float) -> slice:
        """The samples from row `begin` to row `end`."""
        return slice(int(np.searchsorted(self.row, begin, "left")), int(np.searchsorted(self.row, end, "right")))

    def measure(self, row: float) -> tuple[float, float, Floats]:
        """Row, ellipsoidal signed distance and nearest outline point (2,) in degrees at one fractional row."""
        piece = self._piece_at(row)
        if piece is None:
            return row, float("inf"), np.full(2, np.nan)
        xy = point_at(piece.window.xy_m, np.array([row - piece.window.first]))
        signed, foot = piece.region.signed_distance(xy)
        if not np.isfinite(signed[0]):
            return row, float(signed[0]), np.full(2, np.nan)
        here, there = piece.window.plane.inverse(xy)[0], piece.window.plane.inverse(foot)[0]
        ellipsoidal = float(geodesic_m(here[0], here[1], there[0], there[1])[0])
        return row, float(np.copysign(ellipsoidal, signed[0])), there

    def probability(self, row: float, sigma_m: float) -> float:
        """P(inside) at one fractional row for an error of `sigma_m` per axis."""
        piece = self._piece_at(row)
        if piece is None:
            return 0.0
        xy = point_at(piece.window.xy_m, np.array([row - piece.window.first]))
        signed, _ = piece.region.signed_distance(xy)
        # The window shows the region for 5 km around: errors beyond a fifth of that see the nearest edge alone.
        if abs(signed[0]) > _PLAIN_SIGMAS * sigma_m or sigma_m > _WIDEST_SIGMA_M:
            return probability_inside(float(signed[0]), sigma_m)
        return probability_in_region(piece.region.polygon, xy[0], sigma_m)

    def refine(self, sample: int) -> float:
        """The row near a sample where the distance is least (most negative), searched between its neighbours."""
        best = float(self.row[sample])
        low = float(self.row[max(sample - 1, 0)])
        high = float(self.row[min(sample + 1, len(self.row) - 1)])
        for _ in range(2):
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
        """The least way from fix `step` over the region to the next fix, metres."""
        piece = self._piece_at(step + 0.5)
        if piece is None:
            return float("inf")
        a, b = piece.window.xy_m[step - piece.window.first], piece.window.xy_m[step + 1 - piece.window.first]
        return shortest_detour_m(a, b, *piece.region.edges)

    def _piece_at(self, row: float) -> _Piece | None:
        return next((p for p in self.pieces if p.window.first <= row <= p.window.last), None)


def trace(path: Path, outline: Outline, edge: Edge, pad_m: float) -> Profile:
    """Lay a path against a region, window by window; outlines farther than `pad_m` from it are out of sight."""
    pieces: list[_Piece] = []
    inside: list[Interval] = []
    rows: list[Floats] = []
    distances: list[Floats] = []
    feet: list[Floats] = []
    for window in path.windows:
        box = window.box(pad_m)
        geometry = outline(window, box)
        if geometry is None or geometry.is_empty:
            continue
        region = PlanarRegion(geometry, edge, window.plane, box)
        if region.is_empty:
            continue
        pieces.append(_Piece(window, region))
        intervals = region.inside_intervals(window.xy_m)
        inside += [(begin + window.first, end + window.first) for begin, end in intervals]
        row, signed, foot = _sample(window, region, intervals)
        rows.append(row + window.first)
        distances.append(signed)
        feet.append(window.plane.inverse(foot))
    row = np.concatenate(rows) if rows else np.empty(0)
    order = np.argsort(row, kind="stable")
    return Profile(
        path=path,
        row=row[order],
        distance_m=(np.concatenate(distances) if rows else row)[order],
        foot_deg=(np.concatenate(feet) if rows else np.empty((0, 2)))[order],
        inside=join(inside),
        pieces=tuple(pieces),
    )


def _sample(window: Window, region: PlanarRegion, inside: list[Interval]) -> tuple[Floats, Floats, Floats]:
    """Every fix, every crossing, and points along chords whose ends are nearer to the outline than to each other."""
    xy = window.xy_m
    fixes = np.arange(len(xy), dtype=np.float64)
    signed, foot = region.signed_distance(xy)
    chord = np.hypot(*np.diff(xy, axis=0).T)
    near = np.flatnonzero(np.minimum(np.abs(signed[:-1]), np.abs(signed[1:])) <= chord)
    share = np.arange(1, _CHORD_SAMPLES) / _CHORD_SAMPLES
    between = (near[:, np.newaxis] + share).ravel()
    crossing = np.array([edge for pair in inside for edge in pair if 0 < edge < len(xy) - 1])
    extra = np.concatenate([between, crossing])
    if not len(extra):
        return fixes, signed, foot
    extra_signed, extra_foot = region.signed_distance(point_at(xy, extra))
    extra_signed[len(between) :] = 0.0  # on the outline, whatever the rounding says
    row = np.concatenate([fixes, extra])
    order = np.argsort(row, kind="stable")
    return row[order], np.concatenate([signed, extra_signed])[order], np.concatenate([foot, extra_foot])[order]
