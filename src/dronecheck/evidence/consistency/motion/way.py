"""A track as a way: metres east and north, seconds, and windows on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.flight import OPERATOR, Flight, Track
from dronecheck.geo.plane import local_offsets_m

__all__ = ["BETWEEN_PARTS_S", "OddStretch", "Way", "clusters", "quantile", "summed", "way_of", "ways_of"]

BETWEEN_PARTS_S = 1e6  # nobody knows how long; longer than any window
LEAST_FIXES = 10
MOST_M, MOST_MPS = 1e6, 1e4


@dataclass(frozen=True, slots=True)
class OddStretch:
    """Odd windows that follow each other: the fixes `first` and `last` of the way, and the oddest window's number.

    `total` is the sum over time of what makes them odd: of metres per second, metres.
    """

    first: int
    last: int
    peak: int = 0
    total: float = 0.0


@dataclass(frozen=True)
class Way:
    """The timed fixes of a track, each column of shape (n,).

    `seconds` count from the first fix; between two parts lies BETWEEN_PARTS_S. `up_m` is a height of whatever frame,
    NaN where the track has none.
    """

    seconds: Floats
    east_m: Floats
    north_m: Floats
    up_m: Floats
    speed_mps: Floats
    sigma_m: Floats
    offset: Ints
    time_ns: Ints
    is_one_part: bool

    def __len__(self) -> int:
        return len(self.seconds)

    @cached_property
    def usual_step_s(self) -> float:
        """Return the median of the seconds from fix to fix."""
        return quantile(np.diff(self.seconds), 0.5)

    def windows(self, span_s: float) -> tuple[Ints, Ints]:
        """Return first and last fix, each (k,), of the shortest windows of `span_s` or longer, one from each fix.

        Windows with a hole in them (of twice their span, or of three usual steps) are left out.
        """
        first = np.arange(len(self), dtype=np.int64)
        last = np.searchsorted(self.seconds, self.seconds + (span_s - 1e-3))
        longest_s = max(2 * span_s, 3 * self.usual_step_s)
        inside = last < len(self)
        first, last = first[inside], last[inside]
        lasts_s = self.seconds[last] - self.seconds[first]
        fits = (lasts_s <= longest_s) & (lasts_s > 0)
        return first[fits], last[fits]

    def offsets_of(self, stretch: OddStretch) -> tuple[int, int]:
        """Return the smallest and largest place in the file of a stretch's fixes."""
        places = self.offset[stretch.first : stretch.last + 1]
        return int(places.min()), int(places.max())


def ways_of(flight: Flight) -> dict[str, Way]:
    """Return the way of each of the aircraft's tracks, by its name, that has enough timed fixes."""
    ways = ((name, way_of(track)) for name, track in flight.tracks.items() if name != OPERATOR)
    return {name: way for name, way in ways if way is not None}


def way_of(track: Track) -> Way | None:
    """Return the way of a track's timed fixes; None for fewer than LEAST_FIXES."""
    if int(track.is_timed.sum()) < LEAST_FIXES:
        return None
    timed = track if track.is_timed.all() else track.where(track.is_timed)
    steps_s = np.diff(timed.time_ns) / 1e9
    steps_s[np.diff(timed.part) > 0] = BETWEEN_PARTS_S
    east_m, north_m = local_offsets_m(timed.lon_deg[:-1], timed.lat_deg[:-1], timed.lon_deg[1:], timed.lat_deg[1:])
    heights = (timed.alt_home_m, timed.alt_amsl_m, timed.alt_hae_m, timed.alt_unframed_m, timed.pressure_alt_m)
    up_m = next((height for height in heights if np.isfinite(height).any()), heights[0])
    return Way(
        seconds=summed(steps_s),
        east_m=summed(east_m),
        north_m=summed(north_m),
        up_m=_sound(up_m, MOST_M),
        speed_mps=_sound(timed.speed_mps, MOST_MPS),
        sigma_m=_sound(timed.h_sigma_m, MOST_M),
        offset=timed.offset,
        time_ns=timed.time_ns,
        is_one_part=bool(timed.part[0] == timed.part[-1]),
    )


def _sound(values: Floats, most: float) -> Floats:
    """Return values with NaN for those that are no measure of anything."""
    return np.where(np.abs(values) <= most, values, np.nan)


def summed(steps: Floats) -> Floats:
    """Return sums from 0 over steps (n - 1,): shape (n,)."""
    return np.concatenate([[0.0], np.cumsum(steps)])


def quantile(values: Floats, share: float) -> float:
    """Return the value below which a share of the finite values lies; NaN of none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return float("nan")
    rank = int(share * (len(finite) - 1))
    return float(np.partition(finite, rank)[rank])


def _total(size: Floats, steps_s: Floats, group: Ints) -> float:
    return float((size[group] * steps_s[group]).sum())


def clusters(is_odd: Bools, size: Floats, first: Ints, last: Ints, seconds: Floats, apart_s: float) -> list[OddStretch]:
    """Return the stretches that odd windows make, those nearer than `apart_s` to each other joined.

    `is_odd` and `size`, by which the oddest is chosen, have the shape of the windows `first` and `last`, (k,).
    """
    odd = np.flatnonzero(is_odd)
    if not len(odd):
        return []
    steps_s = np.minimum(np.diff(seconds[first], append=np.inf), apart_s)
    begins = np.flatnonzero(seconds[first[odd[1:]]] - seconds[last[odd[:-1]]] > apart_s) + 1
    return [
        OddStretch(
            int(first[group[0]]),
            int(last[group].max()),
            int(group[np.argmax(size[group])]),
            _total(size, steps_s, group),
        )
        for group in np.split(odd, begins)
    ]
