"""The rows of one kind of record of a binary log, as columns: what all readers of such logs hand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.safe.io import plain

__all__ = ["UNTIMED_US", "Records", "nearest_index"]

UNTIMED_US = -1
LARGEST_INT = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Records of one name in file order; every array has shape (n,).

    `offset` counts bytes (lines in a text log), `time_us` microseconds by the log's own clock, UNTIMED_US where a
    record has none. `values` has the fields as they are stored; some are divided by their `divisors` to have a unit.
    """

    name: str
    offset: Ints
    time_us: Ints
    values: NDArray[np.void]
    divisors: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of all parts, one behind the other; they must have the same fields."""
        first = parts[0]
        if len(parts) == 1:
            return first
        columns: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts]) for name in first._columns()
        }
        return replace(first, **columns)

    def __len__(self) -> int:
        return len(self.offset)

    def _columns(self) -> list[str]:
        return [f.name for f in fields(self) if isinstance(getattr(self, f.name), np.ndarray)]

    def has(self, *names: str) -> bool:
        """Tell whether all these fields are there."""
        return set(names) <= set(self.values.dtype.names or ())

    def numbers(self, *names: str) -> Floats:
        """Return the first of these fields that there is, in its unit; NaN when there is none."""
        for name in names:
            if self.has(name) and self.values.dtype[name].kind in "iuf":
                column = self.values[name].astype(np.float64)
                return column / self.divisors[name] if name in self.divisors else column
        return np.full(len(self), np.nan)

    def ints(self, name: str) -> Ints:
        """Return a field as stored, as integers (those above 2**62 as 2**62)."""
        column = self.values[name]
        if column.dtype == np.uint64:
            column = np.minimum(column, np.uint64(LARGEST_INT))
        return column.astype(np.int64)

    def flags(self, name: str, default: bool) -> Bools:
        """Return a field as booleans, `default` where there is no such field."""
        return self.values[name] != 0 if self.has(name) else np.full(len(self), default)

    def texts(self, name: str) -> list[str]:
        """Return a field as text, safe to print; empty where there is no such field."""
        if not self.has(name):
            return [""] * len(self)
        values = self.values[name].tolist()
        return [
            plain(value.split(b"\0")[0].decode("utf-8", "replace").strip()) if isinstance(value, bytes) else str(value)
            for value in values
        ]

    def pick(self, index: Bools | NDArray[np.intp]) -> Self:
        """Return some of the rows, by a mask or by their numbers."""
        if index.dtype == np.bool_ and index.all():
            return self
        columns: dict[str, Any] = {name: getattr(self, name)[index] for name in self._columns()}
        return replace(self, **columns)

    def ascending(self) -> Self:
        """Return the rows that have a time, by ascending time; of equal times the first in the file."""
        if len(self) and self.time_us[0] >= 0 and np.all(self.time_us[1:] > self.time_us[:-1]):
            return self
        timed = self.pick(self.time_us >= 0)
        return timed.pick(np.unique(timed.time_us, return_index=True)[1])

    def nearest(self, time_us: Ints, values: Floats, within_us: int) -> Floats:
        """Return of `values`, one a row, that of the row nearest to each time; NaN where none is so near.

        The rows must ascend in time. The result has the shape of `time_us`.
        """
        if not len(self):
            return np.full(len(time_us), np.nan)
        index = nearest_index(self.time_us, time_us)
        near = np.abs(self.time_us[index] - time_us) <= within_us
        return np.where(near & np.isfinite(values[index]), values[index], np.nan)


def nearest_index(times: Ints, wanted: Ints) -> NDArray[np.intp]:
    """Return the index of the time nearest to each wanted one; `times` ascend and are not empty."""
    after = np.minimum(np.searchsorted(times, wanted), len(times) - 1)
    before = np.maximum(after - 1, 0)
    return np.where(wanted - times[before] < times[after] - wanted, before, after)
