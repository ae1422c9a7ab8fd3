"""Spans of bytes [start, end) as arrays of shape (n, 2), in order and apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dronecheck.arrays import Ints

__all__ = ["merged", "without"]


def merged(spans: Sequence[tuple[int, int]] | Ints) -> Ints:
    """Return the bytes that any of the spans (n, 2) covers, shape (m, 2), in order and apart."""
    if not len(spans):
        return np.zeros((0, 2), np.int64)
    start, end = np.asarray(spans, np.int64).T
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order])
    begins = np.flatnonzero(np.concatenate([[True], start[1:] > end[:-1]]))
    last = np.concatenate([begins[1:] - 1, [len(start) - 1]])
    return np.stack([start[begins], end[last]], axis=1)


def without(spans: Ints, others: Ints) -> Ints:
    """Return the spans (n, 2) without the bytes of others (m, 2); all in order and apart."""
    if not len(spans) or not len(others):
        return spans
    places = np.concatenate([spans.ravel(), others.ravel()])
    steps = np.concatenate([np.tile([1, -1], len(spans)), np.tile([-2, 2], len(others))])
    places, where = np.unique(places, return_inverse=True)
    step = np.zeros(len(places), np.int64)
    np.add.at(step, where, steps)
    held = np.flatnonzero(np.cumsum(step)[:-1] == 1)
    return np.stack([places[held], places[held + 1]], axis=1)
