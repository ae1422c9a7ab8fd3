"""What charts, plots and the page's slider run along: time, or the rows of the track where time does not order them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats
from dronecheck.flight import Flight, Track

__all__ = ["Along"]


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """Positions on the axis of the drawn rows, shape (n,), and of the last row of the whole track.

    Seconds since the first fix. Where some fixes have no time, or two parts of a log have the same, they are the
    numbers of the rows, as evidence names them: a place on an axis of time would say what nobody knows.
    """

    at: Floats
    last: float
    is_time: bool
    start_ns: int
    utc_known: bool

    @classmethod
    def of(cls, whole: Flight, rows: NDArray[np.integer]) -> Along:
        """Return the axis of these rows, shape (n,), of a flight's primary track, which has at least one fix."""
        track, start_ns = whole.track, int(whole.track.time_ns[0])
        is_time = _orders(track)
        at = (track.time_ns - start_ns) / 1e9 if is_time else np.arange(len(track), dtype=np.float64)
        return cls(at[rows], float(at[-1]), is_time, start_ns, whole.clock.utc_known)

    def of_rows(self, row: Floats) -> Floats:
        """Return the positions of fractional drawn rows."""
        return np.asarray(np.interp(row, np.arange(len(self.at), dtype=np.int64), self.at), dtype=np.float64)


def _orders(track: Track) -> bool:
    return bool(track.is_timed.all()) and bool((np.diff(track.time_ns) >= 0).all())
