"""The bundled file of towns: columns by bands of latitude (`safe.bands`).

Header: countries (ISO alpha-3), zones (IANA names of time zones). The figures of a band: latitude and longitude (int32,
1e-4 degree, each longitude less the one before), population (uint8: 10 times its decimal logarithm), country and
time zone (uint8, uint16, by the lists). Its texts are names. Made by airspace_data/places/build.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats
from dronecheck.safe.bands import BandedFile

__all__ = ["MAGIC", "UNIT_DEG", "TownBand", "TownFile", "population_class"]

MAGIC = b"DCTOWN1\n"
UNIT_DEG = 1e-4


def population_class(people: int) -> int:
    """Return the number that stands for a population in the file: 10 times its decimal logarithm."""
    return round(10 * float(np.log10(max(people, 1))))


@dataclass(frozen=True, slots=True, eq=False)
class TownBand:
    """The towns of one band, columns of shape (n,)."""

    lat_deg: Floats
    lon_deg: Floats
    size: NDArray[np.uint8]
    country: NDArray[np.uint8]
    zone: NDArray[np.uint16]


class TownFile:
    """The mapped file."""

    def __init__(self, path: Path) -> None:
        self._file = BandedFile(path, MAGIC)
        self.countries: tuple[str, ...] = tuple(self._file.header["countries"])
        self.zones: tuple[str, ...] = tuple(self._file.header["zones"])
        self.bands = self._file.bands
        self.band = lru_cache(maxsize=16)(self._band)
        self.names = lru_cache(maxsize=16)(self._file.lines)

    def __len__(self) -> int:
        return len(self._file)

    def _band(self, number: int) -> TownBand | None:
        found = self._file.figures(number)
        if found is None:
            return None
        rows, data = found
        lat, steps = (np.frombuffer(data, "<i4", rows, 4 * rows * which) for which in range(2))
        lat_deg, lon_deg = (np.asarray(units * UNIT_DEG, dtype=np.float64) for units in (lat, np.cumsum(steps)))
        size, country = (np.frombuffer(data, np.uint8, rows, (8 + which) * rows) for which in range(2))
        return TownBand(lat_deg, lon_deg, size, country, np.frombuffer(data, "<u2", rows, 10 * rows))
