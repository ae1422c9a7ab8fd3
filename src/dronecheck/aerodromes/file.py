"""The bundled file of aerodromes: columns by bands of latitude (`safe.bands`).

Header: countries (ISO alpha-3). The figures of a band: latitude and longitude (int32, 1e-5 degree), kind and country
(uint8, by the lists), number of runways (uint8), then the ends of these, four int32 a runway: latitude and longitude of
each. Its texts are ident and name, tab between. Made by airspace_data/aerodromes/build.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats, Ints
from dronecheck.safe.bands import BAND_DEG, BandedFile

__all__ = ["BAND_DEG", "KINDS", "MAGIC", "UNIT_DEG", "AerodromeBand", "AerodromeFile"]

MAGIC = b"DCAERO1\n"
UNIT_DEG = 1e-5
KINDS = ("large", "medium", "small", "seaplane", "balloon", "heliport")


@dataclass(frozen=True, slots=True, eq=False)
class AerodromeBand:
    """The aerodromes of one band: columns of shape (n,); `runways` (m, 4): latitude and longitude of both ends.

    Those of row i are `runways[first_runway[i] : first_runway[i + 1]]`.
    """

    lat_deg: Floats
    lon_deg: Floats
    kind: NDArray[np.uint8]
    country: NDArray[np.uint8]
    first_runway: Ints
    runways: Floats


class AerodromeFile:
    """The mapped file."""

    def __init__(self, path: Path) -> None:
        self._file = BandedFile(path, MAGIC)
        self.countries: tuple[str, ...] = tuple(self._file.header["countries"])
        self.bands = self._file.bands
        self.band = lru_cache(maxsize=64)(self._band)

    def __len__(self) -> int:
        return len(self._file)

    def _band(self, number: int) -> AerodromeBand | None:
        found = self._file.figures(number)
        if found is None:
            return None
        rows, data = found
        lat, lon = (np.frombuffer(data, "<i4", rows, 4 * rows * which) * UNIT_DEG for which in (0, 1))
        kind, country, count = (np.frombuffer(data, np.uint8, rows, (8 + which) * rows) for which in range(3))
        first = np.concatenate([[0], np.cumsum(count, dtype=np.int64)])
        runways = np.frombuffer(data, "<i4", -1, 11 * rows).reshape(-1, 4) * UNIT_DEG
        return AerodromeBand(lat, lon, kind, country, first, runways)

    def texts(self, number: int) -> list[tuple[str, str]]:
        """Return ident and name of each row of a band."""
        return [(ident, name) for ident, _, name in (line.partition("\t") for line in self._file.lines(number))]
