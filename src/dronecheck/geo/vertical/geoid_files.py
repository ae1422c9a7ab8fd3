"""A user's own geoid (`--geoid FILE`): GeographicLib .pgm, PROJ .gtx, GeoTIFF through rasterio where installed.

    .pgm   "P5", comment lines with Offset and Scale, width, height, 65535; big-endian uint16; row 0 at 90 N, column 0
           at 0 E; N = Offset + Scale * value                                        (GeographicLib, "Geoid height")
    .gtx   big-endian: float64 south, west, step in latitude, step in longitude; int32 rows, columns; float32 metres,
           southernmost row first; -88.8888 is no value                              (NOAA VDatum, PROJ)
    .tif   band 1 in metres, one in longitude and latitude; pixel centres are the nodes

The file is mapped, not loaded: an EGM2008 grid may have 470 MB, and a flight needs a few nodes of it.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.errors import UsageError
from dronecheck.geo.vertical.geoid import Geoid, Grid
from dronecheck.geo.vertical.terrain import open_tiff
from dronecheck.safe.extras import require
from dronecheck.safe.io import hash_file, plain

__all__ = ["open_geoid"]


_HIGHEST_M = 200.0  # no geoid is farther from the ellipsoid
_GTX_NO_VALUE = -88.8888
_PGM_HEAD = re.compile(rb"P5\s((?:\s*#[^\n]*\n)*)\s*(\d{1,6})\s+(\d{1,6})\s+65535\s")


def open_geoid(path: Path) -> Geoid:
    """Open the geoid in a file. Raises UsageError when it is none that can be read, and says what is expected."""
    if not path.is_file():
        raise UsageError(f"--geoid {plain(path)}: no such file")
    try:
        with path.open("rb") as handle:
            head = handle.read(65536)
        if head.startswith(b"P5"):
            grid = _pgm(path, head)
        elif head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            grid = _tiff(path)
        else:
            grid = _gtx(path, head)
        sha256 = hash_file(path)
    except OSError as error:
        raise UsageError(f"--geoid {plain(path)}: cannot be read ({plain(error)})") from None
    geoid = Geoid(plain(path.name), sha256, grid)
    row, column = np.meshgrid(
        np.linspace(0, grid.rows - 1, 25, dtype=np.int64), np.linspace(0, grid.columns - 1, 50, dtype=np.int64)
    )
    sample = grid.node(row.ravel(), column.ravel())
    if not np.isfinite(sample).any() or float(np.nanmax(np.abs(sample))) > _HIGHEST_M:
        raise _not_a_geoid(path, f"its values are not within {_HIGHEST_M:g} m of the ellipsoid")
    return geoid


def _not_a_geoid(path: Path, why: str) -> UsageError:
    return UsageError(
        f"--geoid {plain(path)}: {why}; give a GeographicLib .pgm, a PROJ .gtx or a GeoTIFF of undulations"
    )


def _pgm(path: Path, head: bytes) -> Grid:
    match = _PGM_HEAD.match(head)
    if match is None:
        raise _not_a_geoid(path, "a .pgm without GeographicLib's header")
    numbers = {}
    for name in (b"Offset", b"Scale"):
        found = re.search(rb"#\s*" + name + rb"\s+(-?[0-9.]{1,30}(?:[eE][-+]?\d{1,3})?)\s", match[1])
        if found is None:
            raise _not_a_geoid(path, f"a .pgm without {name.decode()}")
        numbers[name] = float(found[1])
    columns, rows = int(match[2]), int(match[3])
    if path.stat().st_size != match.end() + 2 * rows * columns or rows < 3 or columns < 4:
        raise _not_a_geoid(path, "a .pgm of another length than its header says")
    nodes = np.memmap(path, ">u2", "r", match.end(), (rows, columns))

    def at(row: Ints, column: Ints) -> Floats:
        return numbers[b"Offset"] + numbers[b"Scale"] * nodes[row, column].astype(np.float64)

    return Grid(90.0, 0.0, 180.0 / (rows - 1), 360.0 / columns, rows, columns, at)


def _gtx(path: Path, head: bytes) -> Grid:
    if len(head) < 40:
        raise _not_a_geoid(path, "too short")
    south, west, step_lat, step_lon = np.frombuffer(head, ">f8", 4).tolist()
    rows, columns = np.frombuffer(head, ">i4", 2, 32).tolist()
    fits = rows >= 2 and columns >= 2 and path.stat().st_size == 40 + 4 * rows * columns
    if not (fits and step_lat > 0 and step_lon > 0 and south >= -90.001 and south + (rows - 1) * step_lat <= 90.001
            and abs(west) <= 360.001 and (columns - 1) * step_lon <= 360.001):  # fmt: skip
        raise _not_a_geoid(path, "no geoid that dronecheck reads")
    nodes = np.memmap(path, ">f4", "r", 40, (rows, columns))

    def at(row: Ints, column: Ints) -> Floats:
        value = nodes[rows - 1 - row, column].astype(np.float64)
        return np.where(np.abs(value - _GTX_NO_VALUE) < 1e-3, np.nan, value)

    north = south + (rows - 1) * step_lat
    return Grid(north, west, step_lat, step_lon, rows, _without_repeat(columns, step_lon), at)


def _tiff(path: Path) -> Grid:
    require("rasterio", "dem", f"--geoid {plain(path)}: a GeoTIFF (a .pgm or .gtx needs none)")
    from rasterio.errors import RasterioError

    try:
        with open_tiff(path) as source:
            transform, shape, no_value = source.transform, source.shape, source.nodata
            if source.crs is not None and not source.crs.is_geographic:
                raise _not_a_geoid(path, "a GeoTIFF that is not in longitude and latitude")
            values = source.read(1).astype(np.float64)
    except RasterioError as error:
        raise _not_a_geoid(path, f"a GeoTIFF that cannot be read ({plain(error)})") from None
    if transform.b or transform.d or not (transform.a > 0 and transform.e < 0):
        raise _not_a_geoid(path, "a GeoTIFF that is not north up")
    if no_value is not None:
        values[values == no_value] = np.nan
    rows, columns = shape

    def at(row: Ints, column: Ints) -> Floats:
        return np.asarray(values[row, column], dtype=np.float64)

    north, west = transform.f + transform.e / 2, transform.c + transform.a / 2
    return Grid(north, west, -transform.e, transform.a, rows, _without_repeat(columns, transform.a), at)


def _without_repeat(columns: int, step_lon: float) -> int:
    """Return how many columns go once around the globe: some grids give 0 and 360 degrees both."""
    return columns - 1 if abs((columns - 1) * step_lon - 360.0) < 1e-6 else columns
