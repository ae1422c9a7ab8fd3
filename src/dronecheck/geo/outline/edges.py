"""What a polygon's edge means between its two vertices, and how it lies in a local plane.

A straight line in longitude and latitude (RFC 7946, section 3.1.1), a geodesic and a rhumb line between the same
two vertices differ by up to L^2 tan(lat) / (8 R): 1.6 m for 10 km at 40 degrees, 164 m for 100 km.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats, Ints, spread
from dronecheck.geo.plane import (
    ECCENTRICITY_SQ,
    SEMI_MAJOR_M,
    LocalPlane,
    geodesic_ahead,
    geodesic_between,
    metres_per_degree,
)
from dronecheck.geo.types import Box

__all__ = ["Edge", "Pieces", "follow", "points_between"]


_TOLERANCE_M = 0.004  # of a chord inside the frame
_FAR_TOLERANCE = 0.05  # of a chord outside it, by its distance from the frame: it cannot reach in
_FIRST_PIECE_M = 300_000.0
_FIRST_PIECE_DEG = 30.0
_MOST_PARTS = 8
_MOST_ROUNDS = 16
_MOST_POINTS = 4_000
_PROBES = np.array([0.25, 0.5, 0.75])


class Edge(StrEnum):
    """The curve between two vertices."""

    PLANAR = "planar"  # straight in longitude and latitude
    GEODESIC = "geodesic"  # the shortest line on the ellipsoid
    RHUMB = "rhumb"  # constant course
    AMBIGUOUS = "ambiguous"  # the source leaves planar or geodesic open: whoever judges must try both


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Chords in a plane that follow edges, in the edges' order: ends of shape (k, 2) in metres, edge index (k,)."""

    start_m: Floats
    end_m: Floats
    edge: Ints


def follow(start_deg: Floats, end_deg: Floats, edge: Edge, plane: LocalPlane, frame_m: Box) -> Pieces:
    """Return chords that follow the edges from `start_deg` to `end_deg`, both of shape (n, 2), within a plane.

    Inside the frame (xmin, ymin, xmax, ymax in the plane) a chord is at most 4 mm off its curve at the points probed,
    far outside only so near that it cannot reach in: a border of 2,000 km takes some tens of chords. The longitudes of
    an edge must be unwrapped. Raises ValueError for `Edge.AMBIGUOUS`, which is two curves.
    """
    curves = _Curves(start_deg, end_deg, edge)
    index, low, high = curves.first_pieces()
    xy = plane.forward(curves.at(np.concatenate([index, index]), np.concatenate([low, high])))
    start, end = xy[: len(index)], xy[len(index) :]
    short = curves.is_straight[index]
    done: list[tuple[Ints, Floats, Floats, Floats]] = [(index[short], low[short], start[short], end[short])]
    index, low, high, start, end = index[~short], low[~short], high[~short], start[~short], end[~short]
    for _ in range(_MOST_ROUNDS):
        share = low[:, np.newaxis] + (high - low)[:, np.newaxis] * _PROBES
        probes = plane.forward(curves.at(np.repeat(index, 3), share.ravel())).reshape(-1, 3, 2)
        off, allowed = _off_chord(start, end, probes), _allowed(start, end, probes, frame_m)
        good = off <= allowed
        done.append((index[good], low[good], start[good], end[good]))
        if good.all():
            break
        bad = ~good
        parts = np.clip(np.asarray(np.ceil(np.sqrt(off[bad] / allowed[bad]))), 2, _MOST_PARTS).astype(np.int64)
        index, low, high, start, end = _split(
            curves, plane, parts, index[bad], low[bad], high[bad], start[bad], end[bad]
        )  # fmt: skip
    else:
        done.append((index, low, start, end))
    index, low, start, end = (np.concatenate(column) for column in zip(*done, strict=True))
    order = np.lexsort((low, index))
    return Pieces(start[order], end[order], index[order])


def points_between(start_deg: Floats, end_deg: Floats, edge: Edge, largest_bend_m: float) -> list[Floats]:
    """Return the points (k, 2) between the ends of each edge that follow it.

    The edges go from `start_deg` to `end_deg`, (n, 2) each.

    Between two of them the models part by at most `largest_bend_m` below 85 degrees of latitude, by twice the rule
    L^2 tan(lat) / (8 R), which a diagonal exceeds by half. Longitudes must be unwrapped. Raises ValueError for
    `Edge.AMBIGUOUS`.
    """
    curves = _Curves(start_deg, end_deg, edge)
    highest = np.minimum(np.maximum(np.abs(start_deg[:, 1]), np.abs(end_deg[:, 1])), 85.0)
    step_m = np.sqrt(4 * SEMI_MAJOR_M * largest_bend_m / (0.1 + np.tan(np.radians(highest))))
    count = np.clip(np.ceil(curves.length_m / step_m), 1, _MOST_POINTS).astype(np.int64) - 1
    index, number = spread(count)
    points = curves.at(index, (number + 1) / (count[index] + 1)) if len(index) else np.empty((0, 2))
    return np.split(points, np.cumsum(count)[:-1])


def _split(
    curves: _Curves, plane: LocalPlane, parts: Ints, index: Ints, low: Floats, high: Floats, start: Floats, end: Floats
) -> tuple[Ints, Floats, Floats, Floats, Floats]:
    """Cut each piece into `parts`; ends shared by two pieces stay bit for bit the same."""
    of, number = spread(parts)
    first, last = number == 0, number == parts[of] - 1
    width = (high - low)[of] / parts[of]
    new_low, new_high = low[of] + number * width, np.where(last, high[of], low[of] + (number + 1) * width)
    new_start, new_end = np.empty((len(of), 2)), np.empty((len(of), 2))
    cut = plane.forward(curves.at(index[of[~last]], new_high[~last]))
    new_start[first], new_end[last] = start, end
    new_end[~last], new_start[~first] = cut, cut
    return index[of], new_low, new_high, new_start, new_end


def _off_chord(start: Floats, end: Floats, probes: Floats) -> Floats:
    """Return the farthest of three probes (n, 3, 2) from the chord, shape (n,)."""
    chord = (end - start)[:, np.newaxis]
    length_sq = (chord**2).sum(axis=2)
    away = probes - start[:, np.newaxis]
    share = np.clip((away * chord).sum(axis=2) / np.where(length_sq > 0, length_sq, 1.0), 0.0, 1.0)
    off = np.hypot(*np.moveaxis(away - share[..., np.newaxis] * chord, 2, 0))
    return np.asarray(off.max(axis=1), dtype=np.float64)


def _allowed(start: Floats, end: Floats, probes: Floats, frame_m: Box) -> Floats:
    points = np.concatenate([start[:, np.newaxis], probes, end[:, np.newaxis]], axis=1)
    low, high = points.min(axis=1), points.max(axis=1)
    gap = np.maximum(0.0, np.maximum(low - np.array(frame_m[2:]), np.array(frame_m[:2]) - high))
    return np.asarray(np.maximum(_TOLERANCE_M, _FAR_TOLERANCE * np.hypot(*gap.T)), dtype=np.float64)


class _Curves:
    """All edges as curves: `at` gives points at shares of them."""

    def __init__(self, start_deg: Floats, end_deg: Floats, edge: Edge) -> None:
        if edge is Edge.AMBIGUOUS:
            raise ValueError("an ambiguous edge is two curves; judge both")
        self.start, self.end, self.edge = start_deg, end_deg, edge
        self.turn_deg = np.abs(end_deg[:, 0] - start_deg[:, 0])
        self.is_straight_deg = (
            self.turn_deg > 180.0 if edge is Edge.GEODESIC else np.ones(len(start_deg), dtype=np.bool_)
        )
        lowest = np.minimum(np.abs(start_deg[:, 1]), np.abs(end_deg[:, 1]))
        east_m, north_m = metres_per_degree(lowest)
        self.length_m = np.hypot(*((end_deg - start_deg) * np.column_stack([east_m, north_m])).T)
        if edge is Edge.GEODESIC:  # no geodesic goes farther than half around: such an edge follows the parallel
            self.azimuth, length_m = geodesic_between(start_deg, end_deg)
            self.length_m = np.where(self.is_straight_deg, self.length_m, length_m)

    @property
    def is_straight(self) -> NDArray[np.bool_]:
        """Tell which edges are so short that no model bends them by a quarter of the tolerance."""
        highest = np.minimum(np.maximum(np.abs(self.start[:, 1]), np.abs(self.end[:, 1])), 89.9)
        bend_m = self.length_m**2 * (0.1 + np.tan(np.radians(highest))) / (8 * SEMI_MAJOR_M)
        return np.asarray((bend_m < _TOLERANCE_M / 4) & (highest < 80.0), dtype=np.bool_)

    def first_pieces(self) -> tuple[Ints, Floats, Floats]:
        """Return edge, begin and end of pieces short enough for three probes to see how they bend."""
        turn = np.where(self.is_straight_deg, self.turn_deg, 0.0)
        count = np.maximum(np.ceil(self.length_m / _FIRST_PIECE_M), np.ceil(turn / _FIRST_PIECE_DEG))
        count = np.maximum(count, 1).astype(np.int64)
        index, number = spread(count)
        return index, number / count[index], (number + 1) / count[index]

    def at(self, index: Ints, share: Floats) -> Floats:
        """Return points in degrees, shape (m, 2), of the edges `index` (m,) at shares (m,) of them."""
        a, b = self.start[index], self.end[index]
        if self.edge is Edge.RHUMB:
            return _rhumb_at(a, b, share)
        straight = self.is_straight_deg[index]
        if self.edge is Edge.GEODESIC and not straight.any():
            return self._geodesic_at(index, share)
        points = a + share[:, np.newaxis] * (b - a)
        points[:, 1] = np.clip(points[:, 1], -90.0, 90.0)
        points = np.where(share[:, np.newaxis] >= 1.0, b, points)
        return points if straight.all() else np.where(straight[:, np.newaxis], points, self._geodesic_at(index, share))

    def _geodesic_at(self, index: Ints, share: Floats) -> Floats:
        points = geodesic_ahead(self.start[index], self.azimuth[index], share * self.length_m[index])
        exact = [(share <= 0.0, self.start), (share >= 1.0, self.end)]
        for which, vertices in exact:  # two edges that share a vertex meet in it
            points[which] = vertices[index[which]]
        return points


def _rhumb_at(a: Floats, b: Floats, share: Floats) -> Floats:
    """Return points of rhumb lines: straight in longitude and isometric latitude.

    Along a parallel it is the parallel.
    """
    lat = np.clip(a[:, 1] + share * (b[:, 1] - a[:, 1]), -90.0, 90.0)
    psi_a, psi_b = _isometric(a[:, 1]), _isometric(b[:, 1])
    along_parallel = np.abs(b[:, 1] - a[:, 1]) < 1e-9
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(along_parallel, share, (_isometric(lat) - psi_a) / (psi_b - psi_a))
    points = np.column_stack([a[:, 0] + part * (b[:, 0] - a[:, 0]), lat])
    return np.where(share[:, np.newaxis] >= 1.0, b, points)


def _isometric(lat_deg: Floats) -> Floats:
    """Return the isometric latitude on WGS 84 (Snyder, Map Projections, equation 7-7, without the radius)."""
    eccentricity = np.sqrt(ECCENTRICITY_SQ)
    sine = np.sin(np.radians(np.clip(lat_deg, -89.999999, 89.999999)))
    return np.asarray(np.arctanh(sine) - eccentricity * np.arctanh(eccentricity * sine), dtype=np.float64)
