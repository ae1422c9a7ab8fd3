"""Equal stretches of bytes from many places of a file, gathered with one copy each."""

from __future__ import annotations

import mmap

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Ints

__all__ = ["Buffer", "gathered"]

Buffer = bytes | mmap.mmap

ADDRESSED_BYTES = (
    1 << 30
)  # of one view of overlapping stretches: a machine of 32 bits addresses no more than twice that


def gathered(data: Buffer | memoryview, places: Ints, size: int) -> NDArray[np.uint8]:
    """Return the `size` bytes (1 and more) from each place on, shape (n, size); all must lie inside the data."""
    count = len(data) - size + 1
    if count <= 0 or not len(places):
        return np.empty((len(places), size), np.uint8)
    span = max(ADDRESSED_BYTES // size, 1)
    if count <= span:
        return _gathered(data, 0, count, places, size)
    found = np.empty((len(places), size), np.uint8)
    window = places // span
    for number in np.unique(window).tolist():
        mine = np.flatnonzero(window == number)
        first = number * span
        found[mine] = _gathered(data, first, min(span, count - first), places[mine] - first, size)
    return found


def _gathered(data: Buffer | memoryview, first: int, count: int, places: Ints, size: int) -> NDArray[np.uint8]:
    # a view of all overlapping stretches: picking from it is one copy a row
    stretches = np.ndarray((count,), np.dtype((np.void, size)), data, first, (1,))
    return stretches[places].view(np.uint8).reshape(-1, size)
