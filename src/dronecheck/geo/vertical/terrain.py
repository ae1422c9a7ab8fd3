"""Heights of the ground from the user's own terrain files: SRTM .hgt, and GeoTIFF where rasterio is installed.

    .hgt    1201 or 3601 squared big-endian int16, metres, -32768 void; the first row is the northern one; the name is
            the south-west corner (N40E124.hgt). Tiles share their edge rows with their neighbours. (SRTM, NASA JPL)
    .tif    band 1 in metres, any coordinate system; pixel centres are the nodes

Every height is above EGM96 when it leaves this module. Most terrain files are surface models: they hold roofs and
treetops, so that heights above them are less than heights above the ground.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats
from dronecheck.errors import UsageError
from dronecheck.geo.plane import metres_per_degree, unwrap_lon
from dronecheck.safe.extras import require
from dronecheck.safe.io import hash_file, plain

if TYPE_CHECKING:
    from dronecheck.geo.vertical.geoid import Geoid

__all__ = ["Terrain", "TerrainDatum", "TerrainModel", "TerrainSource", "open_terrain", "open_tiff", "terrain_files"]

Nodes = Callable[[NDArray[np.int64], NDArray[np.int64]], Floats]

SIGMA_M = 4.0  # of SRTM and Copernicus GLO-30, of the order of their specification
EGM2008_SIGMA_M = 0.53  # standard deviation of EGM2008 - EGM96 (DOMAIN 1.5)
REACH_M = 200.0
_STEP_M, _FINE = 20.0, 8
_ROWS_AT_ONCE = 2_000
_HGT_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})", re.IGNORECASE)
_HGT_SIZES = {2 * n * n: n for n in (1201, 3601)}
_NO_HEIGHTS = re.compile(r"_(EDM|FLM|HEM|WBM|ACM|MSK|STK|QAI|LST)\.tiff?$", re.IGNORECASE)  # GLO-30's and AW3D30's
_CELLS_AT_ONCE = 16_000_000
_LOWEST_M, _HIGHEST_M = -500.0, 9_000.0


class TerrainDatum(StrEnum):
    """What the heights of a file are measured from."""

    EGM96 = "egm96"
    EGM2008 = "egm2008"
    HAE = "hae"  # the WGS 84 ellipsoid


class TerrainModel(StrEnum):
    """What a file holds: the ground itself, or the top of what stands on it."""

    SURFACE = "surface"
    TERRAIN = "terrain"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TerrainSource:
    """One file in use; `sigma_m` is one standard deviation of its heights."""

    name: str
    sha256: str
    datum: TerrainDatum
    model: TerrainModel
    sigma_m: float

    @property
    def edition(self) -> str:
        """Return the file's model and what its heights are above, as reports name the edition of a zone file."""
        return f"{self.model.value} model, heights above {self.datum.value.upper()}"


@dataclass(frozen=True, eq=False)
class _Tile:
    """One file. `grid` gives column and row, fractional, of places (n,); `nodes` the heights at nodes, NaN for void."""

    path: Path
    box: tuple[float, float, float, float]
    shape: tuple[int, int]  # rows, columns
    grid: Callable[[Floats, Floats], tuple[Floats, Floats]]
    nodes: Nodes
    datum: TerrainDatum
    model: TerrainModel

    def covers(self, lon_deg: Floats, lat_deg: Floats) -> NDArray[np.bool_]:
        """Tell which places lie in the file's box."""
        west, south, east, north = self.box
        inside = (lon_deg >= west) & (lon_deg <= east) & (lat_deg >= south) & (lat_deg <= north)
        return np.asarray(inside, dtype=np.bool_)

    def heights(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """Return heights (m) in the file's own datum, bilinear; NaN where a node that counts is void or outside."""
        column, row = self.grid(lon_deg, lat_deg)
        rows, columns = self.shape
        # Half a pixel beyond the outer centres the same planes go on: tiles meet there without sharing a row.
        known = (column >= -0.5) & (column <= columns - 0.5) & (row >= -0.5) & (row <= rows - 0.5)
        column, row = np.where(known, column, 0.0), np.where(known, row, 0.0)
        left = np.clip(np.floor(column).astype(np.int64), 0, max(columns - 2, 0))
        top = np.clip(np.floor(row).astype(np.int64), 0, max(rows - 2, 0))
        x, y = column - left, row - top
        total = np.zeros(len(column))
        for d_row, d_column, weight in (
            (0, 0, (1 - x) * (1 - y)),
            (0, 1, x * (1 - y)),
            (1, 0, (1 - x) * y),
            (1, 1, x * y),
        ):
            node = self.nodes(np.minimum(top + d_row, rows - 1), np.minimum(left + d_column, columns - 1))
            total += np.where(weight != 0, weight * node, 0.0)
        return np.where(known, total, np.nan)

    @cached_property
    def source(self) -> TerrainSource:
        """Return what a report says about the file."""
        sigma_m = float(np.hypot(SIGMA_M, EGM2008_SIGMA_M)) if self.datum is TerrainDatum.EGM2008 else SIGMA_M
        return TerrainSource(plain(self.path.name), hash_file(self.path), self.datum, self.model, sigma_m)


class Terrain:
    """The ground by a set of files; where they overlap, the first that knows a height gives it."""

    def __init__(self, tiles: Iterable[_Tile], geoid: Callable[[], Geoid]) -> None:
        self._tiles, self._geoid = list(tiles), geoid
        self._used: dict[Path, _Tile] = {}

    def anew(self) -> Terrain:
        """Return the same files, with none of them used yet: what one flight is told must not depend on another."""
        return Terrain(self._tiles, self._geoid)

    @property
    def sources(self) -> tuple[TerrainSource, ...]:
        """Return the files that gave heights so far, each once, in the order of their names."""
        return tuple(self._used[path].source for path in sorted(self._used))

    def ground_amsl_m(self, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        """Return the height above EGM96 and its sigma (m), both (n,), at places (n,) in degrees.

        NaN where no file knows it.
        """
        lat = np.asarray(lat_deg, dtype=np.float64)
        height, sigma = np.full(len(lat), np.nan), np.full(len(lat), np.nan)
        for tile in self._tiles:
            lon = unwrap_lon(lon_deg, (tile.box[0] + tile.box[2]) / 2)
            at = np.flatnonzero(np.isnan(height) & tile.covers(lon, lat))
            if not len(at):
                continue
            found = tile.heights(lon[at], lat[at])
            known = np.isfinite(found)
            if not known.any():
                continue
            at, found = at[known], found[known]
            height[at], sigma[at] = found, tile.source.sigma_m
            if tile.datum is TerrainDatum.HAE:
                geoid = self._geoid()
                height[at] -= geoid.undulation_m(unwrap_lon(lon[at], 0.0), lat[at])
                sigma[at] = np.hypot(sigma[at], geoid.sigma_m)
            self._used[tile.path] = tile
        return height, sigma

    def closest_surface_m(self, lon_deg: Floats, lat_deg: Floats, alt_amsl_m: Floats) -> Floats:
        """Return the distance (m) to the closest point of the surface within 200 m, shape (n,).

        The quantity of the open category in the EU (2019/947, UAS.OPEN.010), not the height above the ground below.
        NaN where the ground below is unknown. Below the surface it is the distance, too.
        """
        out = np.full(len(lon_deg), np.nan)
        steps = np.arange(-REACH_M, REACH_M + 1, _STEP_M, dtype=np.float64)
        east, north = (axis.ravel() for axis in np.meshgrid(steps, steps))
        within = np.hypot(east, north) <= REACH_M
        for first in range(0, len(out), _ROWS_AT_ONCE):
            part = slice(first, first + _ROWS_AT_ONCE)
            place = np.column_stack([lon_deg[part], lat_deg[part], alt_amsl_m[part]])
            best, at = self._nearest(
                place, np.tile(east[within], (len(place), 1)), np.tile(north[within], (len(place), 1))
            )
            fine = np.linspace(-_STEP_M, _STEP_M, 2 * _FINE + 1)
            more_east, more_north = (axis.ravel() for axis in np.meshgrid(fine, fine))
            finer, _ = self._nearest(place, at[:, :1] + more_east, at[:, 1:] + more_north)
            below, _ = self.ground_amsl_m(place[:, 0], place[:, 1])
            nearest = np.fmin(best, finer)
            out[part] = np.where(np.isfinite(below) & np.isfinite(nearest), nearest, np.nan)
        return out

    def _nearest(self, place: Floats, east_m: Floats, north_m: Floats) -> tuple[Floats, Floats]:
        """Return the least distance to the ground at offsets (n, k), shape (n,), and the offset that has it, (n, 2)."""
        per_lon, per_lat = metres_per_degree(place[:, 1])
        lon = place[:, :1] + east_m / np.maximum(per_lon, 1.0)[:, np.newaxis]
        lat = place[:, 1:2] + north_m / per_lat[:, np.newaxis]  # beyond a pole no file covers it
        ground, _ = self.ground_amsl_m(lon.ravel(), lat.ravel())
        away = np.sqrt(east_m**2 + north_m**2 + (place[:, 2:] - ground.reshape(lon.shape)) ** 2)
        away = np.where(np.isfinite(away), away, np.inf)
        best = np.argmin(away, axis=1)
        rows = np.arange(len(best), dtype=np.intp)
        return away[rows, best], np.column_stack([east_m[rows, best], north_m[rows, best]])


def open_terrain(
    paths: Iterable[Path], geoid: Callable[[], Geoid], datum: TerrainDatum | None = None,
    model: TerrainModel | None = None,
) -> Terrain:  # fmt: skip
    """Open the terrain in files and folders of tiles; `datum` and `model` where a file does not say them itself.

    Raises UsageError when a file is none that can be read, or does not tell what its heights are measured from.
    """
    return Terrain([_tile(path, datum, model) for path in terrain_files(paths)], geoid)


def terrain_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files meant by these files and folders.

    In folders the masks and error maps of known products are left out.

    Raises UsageError where there is nothing.
    """
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [p for p in sorted(path.rglob("*")) if p.suffix.lower() in (".hgt", ".tif", ".tiff")]
            inside = [p for p in inside if not _NO_HEIGHTS.search(p.name)]
            if not inside:
                raise UsageError(f"--dem {plain(path)}: the folder holds no .hgt and no .tif")
            files += inside
        elif path.is_file():
            files.append(path)
        else:
            raise UsageError(f"--dem {plain(path)}: no such file")
    return files


def _tile(path: Path, datum: TerrainDatum | None, model: TerrainModel | None) -> _Tile:
    try:
        return _hgt(path) if path.suffix.lower() == ".hgt" else _tiff(path, datum, model)
    except OSError as error:
        raise UsageError(f"--dem {plain(path)}: cannot be read ({plain(error, 120)})") from None


def _hgt(path: Path) -> _Tile:
    name, size = _HGT_NAME.match(path.name), _HGT_SIZES.get(path.stat().st_size)
    if name is None:
        raise UsageError(f"--dem {plain(path)}: the name of an .hgt tile is its south-west corner, such as N40E124.hgt")
    if size is None:
        raise UsageError(f"--dem {plain(path)}: an .hgt tile has 1201 or 3601 rows and columns (cut short?)")
    south = int(name[2]) * (1 if name[1].upper() == "N" else -1)
    west = int(name[4]) * (1 if name[3].upper() == "E" else -1)
    last = size - 1

    def grid(lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        return (lon_deg - west) * last, (south + 1 - lat_deg) * last

    def nodes(row: NDArray[np.int64], column: NDArray[np.int64]) -> Floats:
        values = np.memmap(path, dtype=">i2", mode="r", shape=(size, size))[row, column].astype(np.float64)
        return _plausible(values)  # void is no height on earth

    box = (float(west), float(south), west + 1.0, south + 1.0)
    return _Tile(path, box, (size, size), grid, nodes, TerrainDatum.EGM96, TerrainModel.SURFACE)


def _tiff(path: Path, datum: TerrainDatum | None, model: TerrainModel | None) -> _Tile:
    require("rasterio", "dem", f"--dem {plain(path)}: GeoTIFF")
    from rasterio.errors import RasterioError
    from rasterio.warp import transform, transform_bounds

    if _NO_HEIGHTS.search(path.name):
        raise UsageError(f"--dem {plain(path)}: a mask or error map by its name; the heights end in _DEM or _DSM")
    try:
        dataset: Any = open_tiff(path)
    except RasterioError as error:
        raise UsageError(f"--dem {plain(path)}: no terrain file that can be read ({plain(error, 120)})") from None
    if dataset.crs is None:
        raise UsageError(f"--dem {plain(path)}: it does not say its coordinate system")
    stated, kind = _known_product(path.name)
    datum, model = stated or datum, kind or model
    if datum is None:
        raise UsageError(
            f"--dem {plain(path)}: it does not say what its heights are measured from; "
            "--dem-datum egm96, egm2008 or hae tells"
        )
    inverse, crs = ~dataset.transform, dataset.crs

    def grid(lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        x, y = transform("EPSG:4326", crs, lon_deg.tolist(), lat_deg.tolist())[:2]
        column = inverse.a * np.asarray(x) + inverse.b * np.asarray(y) + inverse.c
        row = inverse.d * np.asarray(x) + inverse.e * np.asarray(y) + inverse.f
        return column - 0.5, row - 0.5

    def nodes(row: NDArray[np.int64], column: NDArray[np.int64]) -> Floats:
        top, left = int(row.min()), int(column.min())
        height, width = int(row.max()) - top + 1, int(column.max()) - left + 1
        if height * width > _CELLS_AT_ONCE and len(row) > 1:  # a flight across the file: a part of it at a time
            half = len(row) // 2
            return np.concatenate([nodes(row[:half], column[:half]), nodes(row[half:], column[half:])])
        cells = dataset.read(1, window=((top, top + height), (left, left + width)), masked=True)
        values = cells.astype(np.float64).filled(np.nan)[row - top, column - left]
        return _plausible(values * dataset.scales[0] + dataset.offsets[0])

    box = transform_bounds(crs, "EPSG:4326", *dataset.bounds)
    return _Tile(path, box, dataset.shape, grid, nodes, datum, model or TerrainModel.UNKNOWN)


def open_tiff(path: Path) -> Any:
    """Open a GeoTIFF with rasterio; nothing but this file is read.

    Whatever its content says, only GDAL's GeoTIFF driver is asked (others follow links into the network), and files
    beside it that could move or change it are not looked for. Raises ImportError, RasterioError.
    """
    import rasterio

    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR", GDAL_PAM_ENABLED="NO"):
        return rasterio.open(path, driver="GTiff")


def _known_product(name: str) -> tuple[TerrainDatum | None, TerrainModel | None]:
    """Return datum and model of products that are told by their file names."""
    upper = name.upper()
    if upper.startswith("COPERNICUS_DSM"):
        return TerrainDatum.EGM2008, TerrainModel.SURFACE
    if upper.startswith("ALPSMLC30"):
        return TerrainDatum.EGM96, TerrainModel.SURFACE
    if "_FABDEM_" in upper:  # GLO-30 without forests and buildings
        return TerrainDatum.EGM2008, TerrainModel.TERRAIN
    return None, None


def _plausible(height_m: Floats) -> Floats:
    return np.where((height_m > _LOWEST_M) & (height_m < _HIGHEST_M), height_m, np.nan)
