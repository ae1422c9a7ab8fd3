"""A camera's track sample by sample, made of the columns that its kind of film has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.containers.samples import FilmSamples
from dronecheck.media.model import FilmTrack

__all__ = ["ROWS_AT_MOST", "film_track", "in_range", "thinned"]

ROWS_AT_MOST = 20_000
_AT_MOST = dict.fromkeys(("home_m", "amsl_m", "hae_m"), 100_000.0) | dict.fromkeys(
    ("yaw_deg", "pitch_deg", "roll_deg"), 360.0
)
_NO_PLACE_DEG = 1e-6  # within this of 0/0 a receiver had no fix


def thinned(samples: FilmSamples) -> Ints:
    """Return which samples to read, evenly, so that there are at most 20,000."""
    step = max(1, -(-len(samples) // ROWS_AT_MOST))
    return np.arange(0, len(samples), step, dtype=np.int64)


def in_range(lat_deg: Floats, lon_deg: Floats) -> Bools:
    """Tell which positions (n,) can be on the globe and are not the 0/0 of a receiver without a fix."""
    is_there = (np.abs(lat_deg) <= 90) & (np.abs(lon_deg) <= 180)  # NaN is not
    return is_there & ~((np.abs(lat_deg) < _NO_PLACE_DEG) & (np.abs(lon_deg) < _NO_PLACE_DEG))


def _within(values: ArrayLike, at_most: float) -> Floats:
    """Return values as floats, NaN for those that cannot be."""
    column = np.asarray(values, np.float64)
    return np.where(np.abs(column) <= at_most, column, np.nan)


def film_track(
    source: str,
    time_s: ArrayLike,
    lat_deg: ArrayLike,
    lon_deg: ArrayLike,
    offset: ArrayLike,
    length: ArrayLike,
    is_usable: Bools | None = None,
    utc_ns: Sequence[int] | NDArray[np.int64] | None = None,
    **columns: ArrayLike,
) -> FilmTrack:
    """Return the track of these columns, all of one length; those that are not given are unknown.

    Positions off the globe are unknown, and those at 0/0 never usable.
    """
    lat, lon = _within(lat_deg, 90.0), _within(lon_deg, 180.0)
    usable = in_range(lat, lon)
    if is_usable is not None:
        usable &= is_usable
    values = {
        name: _within(columns.get(name, np.full(len(lat), np.nan)), at_most) for name, at_most in _AT_MOST.items()
    }
    return FilmTrack(
        time_s=np.asarray(time_s, np.float64),
        lat_deg=lat,
        lon_deg=lon,
        is_usable=usable,
        offset=np.asarray(offset, np.int64),
        length=np.asarray(length, np.int64),
        utc_ns=None if utc_ns is None else np.asarray(utc_ns, np.int64),
        source=source,
        **values,
    )
