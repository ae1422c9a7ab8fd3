"""Where in a file a test found something: runs of rows, and the offsets that a statement names."""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints

__all__ = ["RECORDS_AT_MOST", "finite", "places", "runs", "spans"]

RECORDS_AT_MOST = 10  # that a statement names
SPANS_AT_MOST = 100


def finite(column: Floats) -> Floats:
    """Return a column (n,) in which what is no number, or infinite, is NaN."""
    return np.where(np.isfinite(column), column, np.nan)


def runs(mask: Bools) -> tuple[Ints, Ints]:
    """Return first and end (exclusive) of each run of true in a mask of shape (n,), both of shape (runs,)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return edges[::2].astype(np.int64), edges[1::2].astype(np.int64)


def places(offset: Ints, mask: Bools) -> tuple[int, ...]:
    """Return the offsets of the first rows that a mask marks, both of shape (n,)."""
    return tuple(offset[np.flatnonzero(mask)[:RECORDS_AT_MOST]].tolist())


def spans(offset: Ints, mask: Bools) -> tuple[tuple[int, int], ...]:
    """Return the stretches of the file that the runs of a mask touch, (first, last) offsets; both of shape (n,).

    Of more than a hundred runs the last span reaches to the end of the last run.
    """
    first, end = runs(mask)
    if len(first) > SPANS_AT_MOST:
        first, end = first[:SPANS_AT_MOST], np.append(end[: SPANS_AT_MOST - 1], end[-1])
    low = np.minimum(offset[first], offset[end - 1]) if len(first) else first
    high = np.maximum(offset[first], offset[end - 1]) if len(first) else first
    return tuple(zip(low.tolist(), high.tolist(), strict=True))
