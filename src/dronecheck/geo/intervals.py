"""Sets of intervals, and runs of a mask.

Most are sets of whole numbers (rows, nanoseconds) as half-open intervals: arrays of shape (k, 2), ascending, disjoint,
the beginning included, the end not. Intervals of fractional rows (`join`) are closed pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dronecheck.arrays import Bools, Ints, reduceat, spread
from dronecheck.geo.types import Interval

__all__ = ["EMPTY", "Intervals", "clipped", "grown", "intersection", "join", "runs", "subtraction", "union"]

Intervals = Ints

EMPTY: Intervals = np.empty((0, 2), dtype=np.int64)


def union(*parts: ArrayLike) -> Intervals:
    """Return all intervals as one set; empty and reversed ones are left out, touching ones become one."""
    every = np.concatenate([np.asarray(part, dtype=np.int64).reshape(-1, 2) for part in (EMPTY, *parts)])
    every = every[every[:, 1] > every[:, 0]]
    if len(every) < 2:
        return every
    every = every[np.argsort(every[:, 0], kind="stable")]
    reached = np.maximum.accumulate(every[:, 1])
    first = np.flatnonzero(np.concatenate([[True], every[1:, 0] > reached[:-1]]))
    return np.column_stack([every[first, 0], reduceat(np.maximum, every[:, 1], first)])


def intersection(a: Intervals, b: Intervals) -> Intervals:
    """Return what lies in both sets."""
    if not len(a) or not len(b):
        return EMPTY
    first = np.searchsorted(b[:, 1], a[:, 0], "right")
    last = np.searchsorted(b[:, 0], a[:, 1], "left")
    count = np.maximum(last - first, 0)
    mine, number = spread(count)
    theirs = number + first[mine]
    return union(np.column_stack([np.maximum(a[mine, 0], b[theirs, 0]), np.minimum(a[mine, 1], b[theirs, 1])]))


def subtraction(a: Intervals, b: Intervals) -> Intervals:
    """Return what lies in the first set and not in the second."""
    if not len(a) or not len(b):
        return a
    edges = np.concatenate([a[:1, 0] - 1, np.column_stack([b[:, 0], b[:, 1]]).ravel(), a[-1:, 1] + 1])
    return intersection(a, union(edges.reshape(-1, 2)))


def grown(a: Intervals, by: int) -> Intervals:
    """Return every interval longer by `by` at both ends, or shorter where it is negative."""
    return union(a + np.array([-by, by], dtype=np.int64))


def clipped(a: Intervals, begin: int, end: int) -> Intervals:
    """Return the part of a set from `begin` to `end`."""
    return intersection(a, union([[begin, end]]))


def runs(mask: Bools) -> Intervals:
    """Return the runs of True in a mask (n,) as intervals of rows."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return edges.astype(np.int64, copy=False).reshape(-1, 2)


def join(intervals: list[Interval]) -> list[Interval]:
    """Return closed intervals sorted, with touching or overlapping ones made one."""
    joined: list[Interval] = []
    for begin, end in sorted(intervals):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined
