"""Boxes that lie far from all others: of a file's zones, one most likely with a wrong digit in its place.

"Far" is more than 100 km, and five times what nine in ten of the boxes have to their nearest neighbour: a file of
islands has large gaps, and says nothing by them.
"""

from __future__ import annotations

import numpy as np
import shapely

from dronecheck.arrays import Floats
from dronecheck.geo.plane import metres_per_degree, wrap_lon

__all__ = ["far_from_others"]

_FAR_M, _DEGREE_M = 100_000.0, 111_000.0
_TIMES, _SHARE = 5.0, 0.9
_FEWEST, _MOST = 5, 100_000
_MOST_FAR = 0.02


def far_from_others(boxes_deg: Floats) -> list[tuple[int, float]]:
    """Return which of boxes (n, 4) lie far from all others, each with its distance to the nearest (m, roughly).

    Equal boxes are one. Few boxes, and very many, are not asked.
    """
    known = np.flatnonzero(np.isfinite(boxes_deg).all(axis=1))
    boxes, first = np.unique(boxes_deg[known], axis=0, return_index=True)
    if not _FEWEST <= len(boxes) <= _MOST:
        return []
    shrunk = boxes * np.tile([np.cos(np.radians(np.median(boxes[:, 1]))), 1.0], 2)  # about as wide as high
    made = shapely.box(*shrunk.T)
    tree = shapely.STRtree(made)
    (which, _), gap_deg = tree.query_nearest(made, exclusive=True, return_distance=True, all_matches=False)
    nearest_m = np.full(len(boxes), np.inf)
    nearest_m[which] = gap_deg * _DEGREE_M
    least_m = max(_FAR_M, _TIMES * float(np.quantile(nearest_m, _SHARE)))
    lonely = np.flatnonzero(nearest_m > least_m)
    if len(lonely) > max(1, _MOST_FAR * len(boxes)):
        return []
    away_m = [float(np.delete(_gaps_m(boxes[n], boxes), n).min()) for n in lonely]
    return [(int(known[first[n]]), m) for n, m in zip(lonely, away_m, strict=True) if m > least_m]


def _gaps_m(box: Floats, boxes: Floats) -> Floats:
    """Return how far a box lies from each of others (n, 4), roughly and the shorter way round, in metres."""
    middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    own_middle, own_half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
    lon = np.abs(wrap_lon(middle[:, 0] - own_middle[0])) - half[:, 0] - own_half[0]
    lat = np.abs(middle[:, 1] - own_middle[1]) - half[:, 1] - own_half[1]
    east_m, north_m = metres_per_degree((middle[:, 1] + own_middle[1]) / 2)
    return np.asarray(np.hypot(np.maximum(lon, 0.0) * east_m, np.maximum(lat, 0.0) * north_m), dtype=np.float64)
