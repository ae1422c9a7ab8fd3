"""The rows of a table, and how columns that were calculated from others are held against these others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.flight import Flight, Witness

__all__ = [
    "RowDeparture",
    "Rows",
    "departing",
    "figures",
    "haversine_m",
    "quantile",
    "rows_of",
    "tells_places",
]

CORE = 0.3  # of the rows, which agree best, tell how well two columns agree at all
CORE_TIMES = 10.0
ROWS_AT_LEAST = 20
ABSURD = 1e15
NEAR_ZERO = 1e-6


@dataclass(frozen=True, slots=True)
class Rows:
    """A table's witnesses, one row a line; columns of shape (n,), NaN where not recorded."""

    offset: Ints
    time_ns: Ints
    distances: Witness
    others: dict[str, Witness]

    def __len__(self) -> int:
        return len(self.offset)

    def column(self, name: str, witness: str = "distances") -> Floats:
        """Return a column of a witness that has the same rows, all NaN where there is none."""
        found = self.distances if witness == "distances" else self.others.get(witness)
        return figures(found, name) if found is not None else np.full(len(self), np.nan)

    def place(self, of: str = "") -> tuple[Floats, Floats]:
        """Return latitude and longitude of the aircraft, or of "home_", in each row, NaN where none can be, (n,)."""
        lat, lon = self.column(f"{of}lat_deg"), self.column(f"{of}lon_deg")
        good = (np.abs(lat) <= 90) & (np.abs(lon) <= 180) & ((np.abs(lat) > NEAR_ZERO) | (np.abs(lon) > NEAR_ZERO))
        return np.where(good, lat, np.nan), np.where(good, lon, np.nan)

    def has(self, *names: str) -> bool:
        """Tell whether these columns of distances hold a figure each."""
        return self.distances.has(*names)

    @property
    def steps_m(self) -> Floats:
        """Return how far each row's place is from that of the row before, 0 in the first, shape (n,)."""
        lat, lon = self.place()
        steps = np.zeros(len(self))
        if len(self) > 1:
            steps[1:] = haversine_m(lat[:-1], lon[:-1], lat[1:], lon[1:], 6_371_000.0)
        return steps

    @property
    def has_signal(self) -> Bools:
        """Tell in which rows satellites were received: else a place is only the last known, shape (n,)."""
        return np.asarray(~(self.column("signal_level", "gnss") == 0), dtype=np.bool_)

    @property
    def restarts(self) -> Bools:
        """Tell which rows begin another recording, by a stopwatch that goes back, shape (n,)."""
        shown = self.column("boot_s", "clocks")
        begins = np.zeros(len(self), np.bool_)
        begins[1:] = np.diff(shown) < -1.0
        return begins


def figures(witness: Witness, name: str) -> Floats:
    """Return a column of a witness, NaN where it has no figure that can be, shape (n,)."""
    values = witness.column(name)
    return np.where(np.abs(values) < ABSURD, values, np.nan)


def tells_places(flight: Flight) -> bool:
    """Tell whether a log's text may hold what is calculated from its places."""
    return flight.source.format in ("csv", "srt")


def rows_of(flight: Flight) -> Rows | None:
    """Return the rows of a flight's table; None where its reader made none."""
    found = next((one for one in flight.witnesses if one.name == "distances" and len(one)), None)
    if found is None:
        return None
    others = {one.name: one for one in flight.witnesses if len(one) == len(found) and one is not found}
    return Rows(found.offset, found.time_ns, found, others)


def haversine_m(lat_deg: Floats, lon_deg: Floats, to_lat_deg: Floats, to_lon_deg: Floats, radius_m: float) -> Floats:
    """Return great-circle distances on a sphere (m), as exporters calculate them, shape (n,)."""
    lat, lon, to_lat, to_lon = map(np.radians, (lat_deg, lon_deg, to_lat_deg, to_lon_deg))
    half = np.sin((to_lat - lat) / 2) ** 2 + np.cos(lat) * np.cos(to_lat) * np.sin((to_lon - lon) / 2) ** 2
    found: Floats = 2 * radius_m * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return found


def quantile(values: Floats, share: float) -> float:
    """Return the value that this share of the values, shape (n,), is at most; NaN of none."""
    if not len(values):
        return float("nan")
    rank = min(int(share * len(values)), len(values) - 1)
    return float(np.partition(values, rank)[rank])


@dataclass(frozen=True, slots=True)
class RowDeparture:
    """Rows in which one column departs from what others make of it: a mask, shape (n,), and how far they do.

    `usual` is how far the best part of the rows agrees, `limit` what is beyond; `fits` the share of the rows within.
    """

    rows: Bools
    off: Floats
    usual: float
    limit: float
    fits: float

    @property
    def worst(self) -> float:
        """Return how far the rows depart at most, 0 where none does."""
        return float(self.off[self.rows].max()) if self.rows.any() else 0.0


def departing(
    off: Floats, core: Bools, least: float, most: float, allowed: Floats | float = 0.0
) -> RowDeparture | None:
    """Return the rows that depart; None where the columns do not agree to begin with, or too few rows tell.

    `off`, shape (n,), is how far two figures are apart, `core` the rows that tell how well they agree; `least` is told
    at least, and above `most` there is no agreement; `allowed` is added to the limit, row by row.
    """
    off = np.abs(off)
    known = core & np.isfinite(off)
    if int(known.sum()) < ROWS_AT_LEAST:
        return None
    usual = quantile(off[known], CORE)
    limit = max(least, CORE_TIMES * usual)
    if not limit <= most:
        return None
    beyond = np.asarray(off > limit + allowed, dtype=np.bool_)
    return RowDeparture(beyond, off, usual, limit, 1.0 - float(beyond[known].mean()))
