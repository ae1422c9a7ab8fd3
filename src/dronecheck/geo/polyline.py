"""Stretches and points of a polyline, counted in fractional rows. No geometry library: the common path needs this."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats

__all__ = ["Box", "Interval", "boxes_meeting", "join", "point_at"]


Box = tuple[float, float, float, float]  # west, south, east, north in degrees
Interval = tuple[float, float]  # a stretch of a path in fractional rows: 3.25 is a quarter from row 3 to row 4


def boxes_meeting(boxes_deg: Floats, box: Box) -> NDArray[np.bool_]:
    """Which boxes (n, 4) meet a box in unwrapped longitudes, places a whole turn apart being the same; shape (n,)."""
    west, south, east, north = boxes_deg.T
    turns = np.ceil((box[0] - east) / 360.0) <= np.floor((box[2] - west) / 360.0)
    return np.asarray(turns & (south <= box[3]) & (north >= box[1]), dtype=np.bool_)


def join(intervals: list[Interval]) -> list[Interval]:
    """Sorted intervals with touching or overlapping ones made one."""
    joined: list[Interval] = []
    for begin, end in sorted(intervals):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def point_at(path: Floats, row: Floats) -> Floats:
    """Points of a path (n, k) at fractional rows (m,), linear in between: shape (m, k)."""
    index = np.clip(np.floor(row).astype(np.int64), 0, max(len(path) - 2, 0))
    share = (row - index)[:, np.newaxis]
    following = np.minimum(index + 1, len(path) - 1)
    return np.asarray(path[index] * (1 - share) + path[following] * share, dtype=np.float64)
