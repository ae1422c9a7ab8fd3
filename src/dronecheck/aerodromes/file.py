"""The bundled file of aerodromes, mapped; a band of latitude is unpacked when it is asked for.

The file, little-endian:

    "DCAERO1\\n", uint32 length of the header, the header (JSON), then the blobs
    header    countries (ISO alpha-3), bands: [number, rows, offset of its blobs, bytes of figures, bytes of texts]

A band is half a degree of latitude, numbered from the south pole; its rows ascend by longitude. Its figures (deflated)
are the columns latitude and longitude (int32, 1e-5 degree), kind and country (uint8, by the lists), number of runways
(uint8), then the ends of these, four int32 a runway: latitude and longitude of each. Its texts (deflated) are ident and
name of each row, tab between, a line each. Made by airspace_data/aerodromes/build.py.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats, Ints

__all__ = ["BAND_DEG", "KINDS", "MAGIC", "UNIT_DEG", "AerodromeBand", "AerodromeFile"]

MAGIC = b"DCAERO1\n"
BAND_DEG, UNIT_DEG = 0.5, 1e-5
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
        with path.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[: len(MAGIC)] != MAGIC:
            raise ValueError(f"{path} is not a dronecheck file of aerodromes")
        (length,) = struct.unpack_from("<I", self._map, len(MAGIC))
        self._blobs = len(MAGIC) + 4 + length
        header = json.loads(self._map[len(MAGIC) + 4 : self._blobs])
        self.countries: tuple[str, ...] = tuple(header["countries"])
        self._bands: dict[int, tuple[int, int, int, int]] = {row[0]: tuple(row[1:]) for row in header["bands"]}
        self.band = lru_cache(maxsize=64)(self._band)

    def __len__(self) -> int:
        return sum(rows for rows, *_ in self._bands.values())

    @property
    def bands(self) -> tuple[int, ...]:
        """Return the numbers of the bands that hold anything."""
        return tuple(self._bands)

    def _band(self, number: int) -> AerodromeBand | None:
        if number not in self._bands:
            return None
        rows, offset, length, _ = self._bands[number]
        data = zlib.decompress(self._map[self._blobs + offset : self._blobs + offset + length])
        lat, lon = (np.frombuffer(data, "<i4", rows, 4 * rows * which) * UNIT_DEG for which in (0, 1))
        kind, country, count = (np.frombuffer(data, np.uint8, rows, (8 + which) * rows) for which in range(3))
        first = np.concatenate([[0], np.cumsum(count, dtype=np.int64)])
        runways = np.frombuffer(data, "<i4", -1, 11 * rows).reshape(-1, 4) * UNIT_DEG
        return AerodromeBand(lat, lon, kind, country, first, runways)

    def texts(self, number: int) -> list[tuple[str, str]]:
        """Return ident and name of each row of a band."""
        rows, offset, figures, texts = self._bands[number]
        start = self._blobs + offset + figures
        lines = zlib.decompress(self._map[start : start + texts]).decode().split("\n")
        assert len(lines) == rows
        return [(ident, name) for ident, _, name in (line.partition("\t") for line in lines)]
