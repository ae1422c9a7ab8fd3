"""The geoid: how high mean sea level lies above the WGS 84 ellipsoid, N: h = H + N (h above the ellipsoid, H the sea).

Bundled is EGM96 on its 15-minute grid, which is what "above mean sea level" means in nearly all receivers and
autopilots. Catmull-Rom between nodes is within 0.011 m of the harmonic model at NGA's test points (bilinear: 0.056).
PROJ is never asked for a vertical shift: without its grids it returns the height unchanged and says nothing.

`egm96.bin`: "DCGEOID1", three uint32 (rows, columns, rows of a band), a table of band offsets (uint32, from the end of
the table), then one zlib stream a band: int16 centimetres, differenced down the rows and along them, low bytes first
and then high bytes. Little-endian. Bands are decoded when a place near them is first asked for: 0.3 ms each.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import ceil

import numpy as np
from numpy.typing import ArrayLike

from dronecheck.arrays import Floats, Ints, bincount
from dronecheck.safe.data_files import data_dir

__all__ = ["GEOID_SIGMA_M", "Geoid", "Grid", "bundled_geoid"]


_ROUNDING = 1e-6  # of degrees, and of steps: less than a metre

GEOID_SIGMA_M = 0.6  # EGM96 against EGM2008, area-uniform: sd 0.53 m, mean -0.12 m


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Nodes of a grid: row 0 at `north_deg`, column 0 at `west_deg`; a global one wraps and has both poles.

    `at(row, column)` gives metres at nodes (arrays of one shape), NaN where the grid has no value.
    """

    north_deg: float
    west_deg: float
    step_lat_deg: float
    step_lon_deg: float
    rows: int
    columns: int
    at: Callable[[Ints, Ints], Floats]

    @property
    def wraps(self) -> bool:
        """Tell whether the columns go once around the globe."""
        return abs(self.columns * self.step_lon_deg - 360.0) < _ROUNDING

    @property
    def _has_poles(self) -> bool:
        return self.wraps and self.columns % 2 == 0 and abs((self.rows - 1) * self.step_lat_deg - 180.0) < _ROUNDING

    def node(self, row: Ints, column: Ints) -> Floats:
        """Return the values at nodes that may lie past an edge.

        There they are those over a pole, around the globe, else the nearest of the edge.
        """
        last = self.rows - 1
        if self._has_poles:
            over = (row < 0) | (row > last)
            column = np.where(over, column + self.columns // 2, column)
            row = np.where(row < 0, -row, np.where(row > last, 2 * last - row, row))
        row = np.clip(row, 0, last)
        column = column % self.columns if self.wraps else np.clip(column, 0, self.columns - 1)
        return self.at(row, column)


@dataclass(frozen=True, slots=True, eq=False)
class Geoid:
    """A geoid model: where its figures come from, and N at places."""

    name: str
    sha256: str  # of the file in use
    grid: Grid
    sigma_m: float = GEOID_SIGMA_M

    def undulation_m(self, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """Return the geoid undulation N in metres, shape of the inputs (n,); NaN outside the grid.

        Longitudes may be unwrapped.
        """
        grid = self.grid
        lon, lat = np.atleast_1d(np.asarray(lon_deg, float)), np.atleast_1d(np.asarray(lat_deg, float))
        y = (grid.north_deg - lat) / grid.step_lat_deg
        x = ((lon - grid.west_deg) % 360.0) / grid.step_lon_deg
        rest = 360.0 / grid.step_lon_deg - x
        x = np.where(rest < _ROUNDING, 0.0, x)  # just west of a grid's edge
        last_x, last_y = grid.columns - 1 + _ROUNDING, grid.rows - 1 + _ROUNDING
        known = (y >= -_ROUNDING) & (y <= last_y) & (grid.wraps | (x <= last_x))
        y, x = np.where(known, y, 0.0), np.where(known, x, 0.0)
        row, column = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
        down, along = (
            _catmull_rom(np.subtract(y, row, dtype=np.float64)),
            _catmull_rom(np.subtract(x, column, dtype=np.float64)),
        )
        value = np.zeros(len(x))
        for i in range(4):
            for j in range(4):
                value += down[i] * along[j] * grid.node(row + i - 1, column + j - 1)
        return np.where(known, value, np.nan)


def _catmull_rom(t: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the weights of the four nodes around a place at share `t` between the middle two."""
    return (
        t * (-1 + t * (2 - t)) / 2,
        1 + t * t * (3 * t - 5) / 2,
        t * (1 + t * (4 - 3 * t)) / 2,
        t * t * (t - 1) / 2,
    )


class _Bands:
    """The bundled grid, band by band."""

    def __init__(self, data: bytes) -> None:
        if data[:8] != b"DCGEOID1":
            raise ValueError("egm96.bin is not dronecheck's geoid file; reinstall the package")
        self.rows, self.columns, self.height = np.frombuffer(data, "<u4", 3, 8).tolist()
        count = ceil(self.rows / self.height)
        self._offsets = np.frombuffer(data, "<u4", count + 1, 20).tolist()
        self._data, self._start = data, 20 + 4 * (count + 1)
        self._nodes = np.empty((self.rows, self.columns), np.int16)  # touched only where a band is decoded
        self.decoded = np.zeros(count, np.bool_)

    def at(self, row: Ints, column: Ints) -> Floats:
        wanted = bincount(row // self.height, minlength=len(self.decoded)) > 0
        for number in np.flatnonzero(wanted & ~self.decoded).tolist():
            self._decode(number)
        return self._nodes[row, column] / 100

    def _decode(self, number: int) -> None:
        begin, end = self._offsets[number], self._offsets[number + 1]
        planes = zlib.decompress(self._data[self._start + begin : self._start + end])
        steps = np.frombuffer(planes, np.uint8).reshape(2, -1).T.copy().view("<i2").reshape(-1, self.columns)
        band = np.cumsum(np.cumsum(steps, axis=1, dtype=np.int32), axis=0, dtype=np.int32)
        self._nodes[number * self.height :][: len(band)] = band
        self.decoded[number] = True


@cache
def bundled_geoid() -> Geoid:
    """Return EGM96 as it ships (740 KB read once, decoded where it is asked)."""
    data = (data_dir() / "geoid" / "egm96.bin").read_bytes()
    bands = _Bands(data)
    grid = Grid(90.0, 0.0, 0.25, 0.25, bands.rows, bands.columns, bands.at)
    return Geoid("EGM96, 15-minute grid", hashlib.sha256(data).hexdigest(), grid)
