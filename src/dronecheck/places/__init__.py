"""Towns of GeoNames: names for maps, and the time of day of a place by the towns around it.

Names and positions are as GeoNames has them, a town is a point; nothing is ever decided by them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.geo.plane import local_offsets_m, metres_per_degree, wrap_lon
from dronecheck.places.file import TownBand, TownFile
from dronecheck.safe.bands import BAND_DEG
from dronecheck.safe.data_files import data_dir
from dronecheck.timebase import utc_of

__all__ = ["LocalTime", "Town", "TownSource", "local_time_at", "town_source", "towns_within"]

_SOUTH_DEG = 90.0
_ZONE_REACH_M = 100_000.0
_ZONE_FACTOR = 2.5  # a town with another time, this much farther away than the nearest, leaves no doubt


@dataclass(frozen=True, slots=True)
class Town:
    """A town: its name, place, country (ISO alpha-3) and people, to a quarter of their number."""

    name: str
    lat_deg: float
    lon_deg: float
    country: str
    people: int


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The time of day of a place: the IANA name of its zone, and how far it is ahead of UTC."""

    zone: str
    ahead: timedelta


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


def local_time_at(lat_deg: float, lon_deg: float, countries: Collection[str], utc_ns: int) -> LocalTime | None:
    """Return the local time of a place at an instant, by the nearest towns of its own countries (ISO alpha-3).

    None where no town is within 100 km, where one with another time is hardly farther away than the nearest, or where
    this machine has no table of time zones.
    """
    pad_lat = _ZONE_REACH_M / float(metres_per_degree(0.0)[1])
    pad_lon = min(_ZONE_REACH_M / float(metres_per_degree(min(abs(lat_deg) + pad_lat, 89.9))[0]), 180.0)
    nearest_m: dict[str, float] = {}
    for _, band, rows in _bands(lat_deg - pad_lat, lat_deg + pad_lat, lon_deg, pad_lon):
        of_country = np.array([_file().countries[c] in countries for c in band.country[rows].tolist()], dtype=np.bool_)
        kept = rows[of_country]
        away_m = np.hypot(*local_offsets_m(lon_deg, lat_deg, band.lon_deg[kept], band.lat_deg[kept]))
        for zone in set(band.zone[kept].tolist()):
            name, distance_m = _file().zones[zone], float(away_m[band.zone[kept] == zone].min())
            nearest_m[name] = min(distance_m, nearest_m.get(name, np.inf))
    ranked = sorted((distance_m, name) for name, distance_m in nearest_m.items() if distance_m <= _ZONE_REACH_M)
    if not ranked:
        return None
    times = [_time_of(name, utc_ns) for _, name in ranked]
    first = times[0]
    beside = (
        distance_m
        for (distance_m, _), time in zip(ranked, times, strict=True)
        if time is None or first is None or time.ahead != first.ahead
    )
    return None if next(beside, np.inf) < _ZONE_FACTOR * ranked[0][0] else first


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _time_of(name: str, utc_ns: int) -> LocalTime | None:
    zone = _zone(name)
    ahead = utc_of(utc_ns).astimezone(zone).utcoffset() if zone is not None else None
    return None if ahead is None else LocalTime(name, ahead)


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
