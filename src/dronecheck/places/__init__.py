"""Towns of GeoNames: names for maps.

Names and positions are as GeoNames has them, a town is a point; nothing is ever decided by them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.geo.plane import wrap_lon
from dronecheck.places.file import TownBand, TownFile
from dronecheck.safe.bands import BAND_DEG
from dronecheck.safe.data_files import data_dir

__all__ = ["Town", "TownSource", "town_source", "towns_within"]

_SOUTH_DEG = 90.0


@dataclass(frozen=True, slots=True)
class Town:
    """A town: its name, place, country (ISO alpha-3) and people, to a quarter of their number."""

    name: str
    lat_deg: float
    lon_deg: float
    country: str
    people: int


@dataclass(frozen=True, slots=True)
class TownSource:
    """Where the list comes from."""

    name: str
    sha256: str
    edition: str
    licence: str
    attribution: str


@cache
def town_source() -> TownSource:
    """Return where the list comes from."""
    about = tomllib.loads((data_dir() / "places" / "SOURCE.toml").read_text(encoding="utf-8"))
    return TownSource(*(about[key] for key in ("name", "sha256", "edition", "licence", "attribution")))


@cache
def _file() -> TownFile:
    return TownFile(data_dir() / "places" / "towns.bin")


def towns_within(west_deg: float, south_deg: float, east_deg: float, north_deg: float, most: int = 60) -> list[Town]:
    """Return the largest towns of a box in degrees, largest first; `east_deg` may be beyond 180 degrees."""
    found: list[tuple[int, float, float, int, int]] = []
    for number, band, rows in _bands(south_deg, north_deg, (west_deg + east_deg) / 2, (east_deg - west_deg) / 2):
        order = np.lexsort((band.lon_deg[rows], band.lat_deg[rows], -band.size[rows].astype(np.int64)))
        for row in rows[order][:most].tolist():
            found.append((-int(band.size[row]), float(band.lat_deg[row]), float(band.lon_deg[row]), number, row))
    return [_town(number, row) for *_, number, row in sorted(found)[:most]]


def _bands(
    south_deg: float, north_deg: float, middle_deg: float, half_deg: float
) -> Iterator[tuple[int, TownBand, Ints]]:
    """Yield number, band and rows of the towns of a box."""
    for number in range(int((south_deg + _SOUTH_DEG) // BAND_DEG), int((north_deg + _SOUTH_DEG) // BAND_DEG) + 1):
        band = _file().band(number)
        if band is None:
            continue
        within = (band.lat_deg >= south_deg) & (band.lat_deg <= north_deg) & _beside(band.lon_deg, middle_deg, half_deg)
        if within.any():
            yield number, band, np.flatnonzero(within)


def _beside(lon_deg: Floats, middle_deg: float, half_deg: float) -> Bools:
    return np.asarray(np.abs(wrap_lon(lon_deg - middle_deg)) <= half_deg, dtype=np.bool_)


def _town(number: int, row: int) -> Town:
    band = _file().band(number)
    assert band is not None
    country, people = _file().countries[band.country[row]], round(10 ** (int(band.size[row]) / 10))
    return Town(_file().names(number)[row], float(band.lat_deg[row]), float(band.lon_deg[row]), country, people)
