"""Random polygons and points near their edges, from metres to 2,000 km and to 89.9 degrees; no dronecheck."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from tests.oracle.geofence_region import GEOD, edge_curve, isometric_latitude

SIZES_M = (1.0, 30.0, 1e3, 20e3, 150e3, 1.2e6)  # radius; the longest edge is about twice as long


@dataclass(frozen=True)
class Case:
    """Closed rings (the first is the shell, the rest holes), unwrapped, and points of one flight near them."""

    rings: list[np.ndarray]
    points: np.ndarray
    model: str
    shape: str


def make(random, model):
    """One case; its rings do not cross."""
    size = float(random.choice(SIZES_M)) * float(random.uniform(0.3, 1.0))
    flat = model != "geodesic"
    if flat:
        size = min(size, 5e4)  # of other models the reference draws no line through a pole
    highest = 85.0 if flat else (89.9 if size < 3e5 else 70.0)
    lat = float(random.uniform(-highest, highest)) if random.random() < 0.7 else float(random.choice([-1, 1])) * highest
    lon = 180.0 if random.random() < 0.2 else float(random.uniform(-180, 180))
    shape = str(random.choice(["star", "convex", "sliver", "hole", "touching"]))
    rings = [unwrapped(ring) for ring in _rings(random, shape, lon, lat, size)]
    first = rings[0][:, 0].mean()
    rings = [np.column_stack([r[:, 0] - 360 * np.round((r[:, 0].mean() - first) / 360), r[:, 1]]) for r in rings]
    return Case(rings, _points(random, rings, model), model, shape)


def _around(lon, lat, angle, reach):
    n = len(angle)
    out = GEOD.fwd(np.full(n, lon), np.full(n, lat), np.degrees(angle), reach)
    return np.column_stack(out[:2])


def _closed(ring):
    return np.vstack([ring, ring[:1]])


def _rings(random, shape, lon, lat, size):
    if shape == "sliver":  # less than a metre wide, as long as the size
        course, width = random.uniform(0, 360), random.uniform(0.1, 0.9)
        along = np.radians([course - np.degrees(0), course, course + 180, course + 180])
        ends = _around(lon, lat, along, np.array([size, size, size, size]) * 0.999)
        side = np.radians(np.array([course + 90, course - 90, course - 90, course + 90]))
        moved = [_around(*ends[k], side[k : k + 1], np.array([width / 2]))[0] for k in range(4)]
        return [_closed(np.array([moved[0], moved[1], moved[2], moved[3]]))]
    corners = int(random.integers(5, 12))
    angle = np.sort((np.arange(corners) + random.uniform(-0.3, 0.3, corners)) * 2 * np.pi / corners)
    reach = size * (random.uniform(0.25, 1.0, corners) if shape != "convex" else np.full(corners, 1.0))
    shell = _closed(_around(lon, lat, angle, reach))
    if shape == "hole":
        return [shell, _closed(_around(lon, lat, angle, reach * 0.1))]
    if shape == "touching":  # the hole shares one corner with the shell
        inner = reach * 0.1
        inner[0] = reach[0]
        return [shell, _closed(_around(lon, lat, angle, inner))]
    return [shell]


def unwrapped(ring):
    return np.column_stack([np.unwrap(ring[:, 0], period=360.0), ring[:, 1]])


def winds(rings):
    """Whether a ring goes once around a pole."""
    return any(abs(ring[-1, 0] - ring[0, 0]) > 1.0 for ring in rings)


def _points(random, rings, model, count=40):
    """Points within some 40 km of one place on an edge, most of them near edges."""
    edges = list(itertools.chain.from_iterable(itertools.pairwise(ring) for ring in rings))
    a, b = edges[int(random.integers(len(edges)))]
    place = edge_curve(a, b, model)(random.uniform(0, 1, 1))[0]
    length = GEOD.inv(a[0], a[1], b[0], b[1])[2]
    reach = 10 ** random.uniform(-1.5, np.log10(40e3), count)
    on_edge = np.arange(count) % 2 == 0
    feet = np.tile(place, (count, 1))
    share0 = random.uniform(0, 1)
    spread = min(1.0, 20e3 / max(length, 1e-9))
    share = np.clip(share0 + random.uniform(-spread, spread, on_edge.sum()), 0, 1)
    feet[on_edge] = edge_curve(a, b, model)(share)
    near_place = edge_curve(a, b, model)(np.array([share0]))[0]
    feet[~on_edge] = near_place
    reach[on_edge] = 10 ** random.uniform(-1.5, 2, on_edge.sum())
    azimuth = random.uniform(0, 360, count)
    lon, lat, _ = GEOD.fwd(
        np.ascontiguousarray(feet[:, 0]), np.ascontiguousarray(feet[:, 1]), azimuth, np.minimum(reach, 40e3)
    )
    return np.column_stack([lon, np.clip(lat, -89.95, 89.95)])


__all__ = ["Case", "isometric_latitude", "make", "unwrapped", "winds"]
