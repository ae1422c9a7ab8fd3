"""The territory nearest to a path, by NumPy alone: a flight far from any border loads no GEOS or PROJ.

Cells are looked at from the nearest outwards, each only where it may hold something nearer than what was found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.borders.territories import Territory, territories_near
from dronecheck.geo.plane import local_offsets_m, metres_per_degree
from dronecheck.geo.types import Box

__all__ = ["MOST_LAT_DEG", "NearTerritory", "nearest_territory"]

MOST_LAT_DEG = 80.0  # beyond, meridians run together within the reach of a search
_POINTS = 64  # of a path that are tried; the nearest of all is taken to what they find


@dataclass(frozen=True, slots=True)
class NearTerritory:
    """A territory, how far it is (m), and the point of the path that is nearest to it."""

    territory: Territory
    distance_m: float
    point: int


def nearest_territory(
    path_deg: Floats, within_m: float, is_wanted: Callable[[Territory], bool]
) -> NearTerritory | None:
    """Find the territory nearest to the points of a path (n, 2), longitude and latitude, not wider than 50 km.

    Only its points count, not what lies between. None where none that `is_wanted` is within `within_m` (at most 100
    km). The distance is good to two thousandths up to 80 degrees of latitude: by the radii of curvature of the middle
    latitude (`local_offsets_m`).
    """
    west, south = path_deg.min(axis=0).tolist()
    east, north = path_deg.max(axis=0).tolist()
    east_m, north_m = (float(scale) for scale in metres_per_degree(min(max(north, -south) + 2.0, 89.0)))
    pad_lon, pad_lat = within_m / east_m, within_m / north_m
    cells = territories_near(west - pad_lon, south - pad_lat, east + pad_lon, north + pad_lat).cells()
    gaps_m = [_gap_m(cell.bbox, (west, south, east, north), east_m, north_m) for cell in cells]
    tried = path_deg[np.unique(np.linspace(0, len(path_deg) - 1, _POINTS).astype(np.int64))]
    found: tuple[Territory, Floats] | None = None
    best_m = within_m
    for gap_m, index in sorted(zip(gaps_m, range(len(cells)), strict=True)):
        if gap_m >= best_m:
            break
        for territory, ring_deg in cells[index].rings():
            if not is_wanted(territory):
                continue
            foot_deg, distance_m = _closest(tried, ring_deg, best_m)
            if foot_deg is not None and distance_m < best_m:
                found, best_m = (territory, foot_deg), distance_m
    if found is None:
        return None
    territory, foot_deg = found
    away_m = np.hypot(*local_offsets_m(path_deg[:, 0], path_deg[:, 1], *foot_deg))
    return NearTerritory(territory, float(away_m.min()), int(away_m.argmin()))


def _gap_m(box: Box, path: Box, east_m: float, north_m: float) -> float:
    """Return a lower bound of the distance between two boxes, by the shortest degrees that there are between them."""
    east_deg = max(box[0] - path[2], path[0] - box[2], 0.0)
    north_deg = max(box[1] - path[3], path[1] - box[3], 0.0)
    return float(np.hypot(east_deg * east_m, north_deg * north_m)) * 0.99


def _closest(path_deg: Floats, ring_deg: Floats, within_m: float) -> tuple[Floats | None, float]:
    """Return the place on a closed ring (m, 2) that is nearest to a path (n, 2), and how far it is in metres.

    None where the ring is not nearer than `within_m`.
    """
    middle = (path_deg.min(axis=0) + path_deg.max(axis=0)) / 2
    path_m, ring_m = (np.column_stack(local_offsets_m(*middle, *points.T)) for points in (path_deg, ring_deg))
    begin, way = ring_m[:-1], np.diff(ring_m, axis=0)
    length_sq = np.maximum((way * way).sum(axis=1), 1e-9)
    share = np.clip(-(begin * way).sum(axis=1) / length_sq, 0.0, 1.0)
    from_middle_m = np.hypot(*(begin + way * share[:, None]).T)
    radius_m = float(np.hypot(*path_m.T).max())
    able = np.flatnonzero(from_middle_m <= min(within_m, float(from_middle_m.min()) + radius_m) + radius_m)
    if not len(able):
        return None, within_m
    from_path = path_m[:, None] - begin[able]
    share = np.clip((from_path * way[able]).sum(axis=2) / length_sq[able], 0.0, 1.0)
    away_m = np.hypot(*np.moveaxis(from_path - way[able] * share[..., None], 2, 0))
    point, edge = np.unravel_index(int(away_m.argmin()), away_m.shape)
    row = able[edge]
    foot_deg = ring_deg[row] + share[point, edge] * (ring_deg[row + 1] - ring_deg[row])
    return foot_deg, float(np.hypot(*local_offsets_m(*path_deg[point], *foot_deg)))
