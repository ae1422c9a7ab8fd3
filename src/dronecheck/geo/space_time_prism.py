"""How short a detour between two points can be if it must touch a line: the space-time prism's test.

An aircraft that was at A and then, `dt` later, at B, with a top speed v, can only have been at points P with
|PA| + |PB| <= v dt (Pfoser and Jensen 1999; Kuijpers and Othman, the alibi query).
"""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Floats

__all__ = ["shortest_detour_m"]


_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


def shortest_detour_m(a_m: Floats, b_m: Floats, start_m: Floats, end_m: Floats) -> float:
    """Return the least |PA| + |PB| over all points P of the edges, in metres.

    `a_m`, `b_m` have shape (2,), `start_m`, `end_m` (m, 2). Along one edge the sum is convex, so golden-section
    search finds its minimum: 40 steps leave 5e-9 of the edge's length. Without edges: infinity.
    """
    if not len(start_m):
        return float("inf")
    low = np.zeros(len(start_m))
    high = np.ones(len(start_m))

    def detour(share: Floats) -> Floats:
        point = start_m + share[:, np.newaxis] * (end_m - start_m)
        return np.asarray(np.hypot(*(point - a_m).T) + np.hypot(*(point - b_m).T), dtype=np.float64)

    for _ in range(40):
        width = high - low
        left, right = high - _GOLDEN * width, low + _GOLDEN * width
        go_left = detour(left) < detour(right)
        high = np.where(go_left, right, high)
        low = np.where(go_left, low, left)
    return float(detour((low + high) / 2).min())
