"""Where the true path was inside an outline, and how deep: brute force, on the ellipsoid.

Nothing here is shared with dronecheck: each 10 ms step is tested against every edge, and distances are geodesics to
points set every half metre along the outline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from _kinematics import STEPS_PER_S, WGS84
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

POINT_EVERY_M = 0.5


@dataclass(frozen=True)
class Visit:
    """One stay inside, by the truth. Times in seconds of the flight."""

    enter_s: float
    exit_s: float
    entry_lonlat: tuple[float, float]
    exit_lonlat: tuple[float, float]
    depth_m: float
    path_m: float


def inside(lonlat: Floats, ring: Floats) -> Bools:
    """Which points (n, 2) lie in a closed ring (k, 2) whose edges are straight in longitude and latitude."""
    x, y = lonlat.T
    found = np.zeros(len(lonlat), dtype=np.bool_)
    for (x0, y0), (x1, y1) in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True):
        if y0 == y1:
            continue
        spans = (y0 <= y) != (y1 <= y)
        found ^= spans & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return found


def visits(lonlat: Floats, ring: Floats, line: Floats) -> list[Visit]:
    """All stays of a path (n, 2) in a ring; depths are distances to `line`, the part of the ring that counts."""
    within = inside(lonlat, ring)
    changes = np.flatnonzero(np.diff(within.astype(np.int8)))
    assert not within[0] and not within[-1] and len(changes) % 2 == 0, "flights begin and end outside"
    points = dense(line)
    return [_visit(lonlat, ring, points, int(a), int(b)) for a, b in changes.reshape(-1, 2)]


def _visit(lonlat: Floats, ring: Floats, points: Floats, before: int, last: int) -> Visit:
    """The stay whose first step inside is `before + 1` and whose last is `last`."""
    enter, entry = _crossing(lonlat, ring, before)
    leave, out = _crossing(lonlat, ring, last)
    stay = np.vstack([entry, lonlat[before + 1 : last + 1], out])
    _, _, steps_m = WGS84.inv(*stay[:-1].T, *stay[1:].T)
    return Visit(enter, leave, tuple(entry.tolist()), tuple(out.tolist()), _extreme(stay, points, np.argmax)[0],
                 float(np.sum(steps_m)))  # fmt: skip


def _crossing(lonlat: Floats, ring: Floats, step: int) -> tuple[float, Floats]:
    """Seconds and place at which the way from `step` to `step + 1` crosses the ring, by 40 halvings."""
    a, b = lonlat[step], lonlat[step + 1]
    side = inside(a[np.newaxis], ring)[0]
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        here = inside((a + middle * (b - a))[np.newaxis], ring)[0]
        low, high = (middle, high) if here == side else (low, middle)
    return (step + high) / STEPS_PER_S, a + high * (b - a)


def closest(lonlat: Floats, line: Floats) -> tuple[float, float]:
    """The least distance of a path from a line, metres, and when, in seconds."""
    distance_m, step = _extreme(lonlat, dense(line), np.argmin)
    return distance_m, step / STEPS_PER_S


def farthest(lonlat: Floats, line: Floats) -> float:
    """The greatest distance of a path from a line, metres."""
    return _extreme(lonlat, dense(line), np.argmax)[0]


def dense(line: Floats) -> Floats:
    """Points along a line straight in longitude and latitude, half a metre apart at most."""
    _, _, lengths_m = WGS84.inv(*line[:-1].T, *line[1:].T)
    parts = [
        a + (b - a) * (np.arange(count) / count)[:, np.newaxis]
        for a, b, count in zip(line[:-1], line[1:], np.ceil(lengths_m / POINT_EVERY_M).astype(int), strict=True)
        if count
    ]
    return np.vstack([*parts, line[-1:]])


def _extreme(lonlat: Floats, points: Floats, pick: type[np.argmin]) -> tuple[float, int]:
    """The least or greatest distance from the points, and the step: 1 s apart first, then 10 ms around the best."""
    coarse = np.unique(np.append(np.arange(0, len(lonlat), STEPS_PER_S), len(lonlat) - 1))
    best = int(coarse[pick([_distance_m(lonlat[i], points) for i in coarse])])
    fine = np.arange(max(0, best - STEPS_PER_S), min(len(lonlat), best + STEPS_PER_S + 1))
    distances = [_distance_m(lonlat[i], points) for i in fine]
    index = int(pick(distances))
    return distances[index], int(fine[index])


def _distance_m(at: Floats, points: Floats) -> float:
    """The geodesic to the nearest point: a rough look at all, the ellipsoid for those within 1 % of the least."""
    scale = np.cos(np.radians(at[1]))
    rough = np.hypot((points[:, 0] - at[0]) * scale, points[:, 1] - at[1])
    near = points[rough <= 1.01 * rough.min() + 1e-6]
    _, _, distances_m = WGS84.inv(np.full(len(near), at[0]), np.full(len(near), at[1]), *near.T)
    return float(np.min(distances_m))
