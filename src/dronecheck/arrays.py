"""The arrays that dronecheck is made of, by their element type, and numpy's counting functions on every machine.

Where numpy's own index type has 32 bits (browsers), `np.repeat`, `np.bincount` and `reduceat` refuse counts and indices
of 64 bits; the functions here take both.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bools", "Floats", "Ints", "bincount", "reduceat", "repeat", "spread"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_Item = TypeVar("_Item", bound=np.generic)


def repeat(values: NDArray[_Item], counts: NDArray[np.integer[Any]]) -> NDArray[_Item]:
    """Return each value (n,) as often as its count (n,) says, shape (sum of counts,)."""
    return np.repeat(values, counts.astype(np.intp, copy=False))


def bincount(index: NDArray[np.integer[Any]], minlength: int = 0) -> Ints:
    """Count how often each number from 0 up occurs, shape (largest + 1,) or longer."""
    return np.bincount(index.astype(np.intp, copy=False), minlength=minlength).astype(np.int64, copy=False)


def reduceat(ufunc: np.ufunc, values: NDArray[_Item], starts: NDArray[np.integer[Any]]) -> NDArray[_Item]:
    """Reduce the stretches of `values` (n,) that begin at `starts` (k,), by `np.add`, `np.maximum`, ...: shape (k,)."""
    reduced: NDArray[_Item] = ufunc.reduceat(values, starts.astype(np.intp, copy=False))
    return reduced


def spread(counts: NDArray[np.integer[Any]]) -> tuple[Ints, Ints]:
    """Return each item's group, and its number within it, for groups of these sizes (n,); both (sum,)."""
    group = repeat(np.arange(len(counts), dtype=np.int64), counts)
    first = np.cumsum(counts, dtype=np.int64) - counts
    return group, np.arange(len(group), dtype=np.int64) - first[group]
