"""Aerodromes near a path: information, never airspace and never a verdict.

OurAirports is made by its users: a reference point may be hundreds of metres off, an aerodrome may be missing or long
closed, and the list is of its own day, not of the flight's (airspace_data/aerodromes/README.md). NumPy alone: about a
millisecond.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from dronecheck.aerodromes.file import BAND_DEG, KINDS, AerodromeBand, AerodromeFile
from dronecheck.arrays import Floats, Ints
from dronecheck.geo.plane import local_offsets_m, metres_per_degree, step_lengths_m, wrap_lon
from dronecheck.safe.data_files import data_dir

__all__ = [
    "AERODROME_M", "LOOKED_M", "Aerodrome", "AerodromeSource", "NearAerodromes", "aerodrome_source", "near_aerodromes"
]  # fmt: skip

AERODROME_M, HELIPORT_M = 10_000.0, 2_000.0
_LIMITS_M = {"IND": 12_000.0}  # where the law speaks of more
LOOKED_M = 50_000.0  # where none is so near
_NAMED = 3
_APART_M = 20.0  # of the points of a path that are measured from; distances are told in steps of 100 m
_HELIPORT = KINDS.index("heliport")
_CELL_DEG = 0.5
_SOUTH_DEG = 90.0


@dataclass(frozen=True, slots=True)
class Aerodrome:
    """An aerodrome, how far it is from a path (m), and the point of the path that is nearest to it.

    The distance is to the line of its nearest runway where both ends of one are known (`to` is "runway"), else to its
    reference point.
    """

    ident: str
    name: str
    kind: str  # one of `file.KINDS`
    country: str  # ISO alpha-3, "" where the borders know no such territory
    lat_deg: float
    lon_deg: float
    distance_m: float
    to: str
    point: int


@dataclass(frozen=True, slots=True)
class NearAerodromes:
    """The nearest three, nearest first, and how many there are.

    Listed are aerodromes within 10 km (12 in India), heliports within 2 km. Where there are none, the nearest aerodrome
    within 50 km is, and `count` is 0.
    """

    nearest: tuple[Aerodrome, ...]
    count: int


@dataclass(frozen=True, slots=True)
class AerodromeSource:
    """Where the list comes from."""

    name: str
    sha256: str
    edition: str
    licence: str
    attribution: str


@cache
def aerodrome_source() -> AerodromeSource:
    """Return where the list comes from."""
    about = tomllib.loads((data_dir() / "aerodromes" / "SOURCE.toml").read_text(encoding="utf-8"))
    return AerodromeSource(*(about[key] for key in ("name", "sha256", "edition", "licence", "attribution")))


@cache
def _file() -> AerodromeFile:
    return AerodromeFile(data_dir() / "aerodromes" / "aerodromes.bin")


def near_aerodromes(lat_deg: Floats, lon_deg: Floats) -> NearAerodromes:
    """Find the aerodromes near the points of a path, shapes (n,), WGS 84 degrees.

    Between points less than 20 m apart some are left out. The distances are good to two thousandths up to 80 degrees of
    latitude (`local_offsets_m`).
    """
    if not len(lat_deg):
        return NearAerodromes((), 0)
    way_m = np.concatenate([[0.0], np.cumsum(step_lengths_m(lat_deg, lon_deg))])
    points = np.unique((way_m / _APART_M).astype(np.int64), return_index=True)[1]
    lat, lon = lat_deg[points], lon_deg[points]
    found = _within(lat, lon, max(AERODROME_M, *_LIMITS_M.values()), within_limits=True)
    near = found or _within(lat, lon, LOOKED_M, within_limits=False)[:1]
    named = tuple(_aerodrome(*one, points) for one in near[:_NAMED])
    return NearAerodromes(named, len(found))


_Found = tuple[float, int, int, int, bool]  # distance, band, row, point, whether to a runway


def _within(lat: Floats, lon: Floats, reach_m: float, *, within_limits: bool) -> list[_Found]:
    """Return those in reach, nearest first; `within_limits` takes those that are listed, else all but heliports."""
    best: dict[tuple[int, int], _Found] = {}
    for rows in _cells(lat, lon):
        for number, band, near in _candidates(lat[rows], lon[rows], reach_m):
            for row in near.tolist():
                is_heliport = band.kind[row] == _HELIPORT
                if is_heliport and not within_limits:
                    continue
                place = float(band.lat_deg[row]), float(band.lon_deg[row])
                away_m, point = _nearest(lat[rows], lon[rows], *place)
                country = _file().countries[band.country[row]]
                limit_m = HELIPORT_M if is_heliport else _LIMITS_M.get(country, AERODROME_M)
                if away_m > (limit_m if within_limits else reach_m):
                    continue
                line_m, line_point = _nearest_runway(lat[rows], lon[rows], band, row)
                is_line = line_m is not None
                distance_m = line_m if line_m is not None else away_m
                told = (distance_m, number, row, int(rows[line_point if is_line else point]), is_line)
                if (number, row) not in best or told < best[number, row]:
                    best[number, row] = told
    return sorted(best.values())


def _cells(lat: Floats, lon: Floats) -> Iterator[Ints]:
    """Yield the points in each cell of half a degree that a path touches, by their numbers."""
    keys = np.floor(lat / _CELL_DEG).astype(np.int64) * 1000 + np.floor(lon / _CELL_DEG).astype(np.int64)
    order = np.argsort(keys, kind="stable")
    edges = np.flatnonzero(np.diff(keys[order])) + 1
    yield from np.split(order.astype(np.int64), edges)


def _candidates(lat: Floats, lon: Floats, reach_m: float) -> Iterator[tuple[int, AerodromeBand, Ints]]:
    """Yield number, band and the rows in reach of the box of some points."""
    south, north = float(lat.min()), float(lat.max())
    north_m = float(metres_per_degree(0.0)[1])  # the shortest degree of latitude
    pad_lat = reach_m / north_m
    east_m = float(metres_per_degree(min(max(abs(south), abs(north)) + pad_lat, 89.9))[0])
    pad_lon = min(reach_m / east_m, 180.0)
    middle, half = (float(lon.min()) + float(lon.max())) / 2, (float(lon.max()) - float(lon.min())) / 2
    first, last = (int((edge + _SOUTH_DEG) // BAND_DEG) for edge in (south - pad_lat, north + pad_lat))
    for number in range(first, last + 1):
        band = _file().band(number)
        if band is None:
            continue
        near = np.abs(wrap_lon(band.lon_deg - middle)) <= half + pad_lon
        near &= (band.lat_deg >= south - pad_lat) & (band.lat_deg <= north + pad_lat)
        if near.any():
            yield number, band, np.flatnonzero(near)


def _nearest(lat: Floats, lon: Floats, to_lat: float, to_lon: float) -> tuple[float, int]:
    away_m = np.hypot(*local_offsets_m(to_lon, to_lat, lon, lat))
    point = int(away_m.argmin())
    return float(away_m[point]), point


def _nearest_runway(lat: Floats, lon: Floats, band: AerodromeBand, row: int) -> tuple[float | None, int]:
    """Return how far the nearest runway of an aerodrome is, None where none is known, and the nearest point."""
    found: tuple[float | None, int] = None, 0
    for lat1, lon1, lat2, lon2 in band.runways[band.first_runway[row] : band.first_runway[row + 1]].tolist():
        east_m, north_m = local_offsets_m(lon1, lat1, lon, lat)
        way_east_m, way_north_m = (float(step) for step in local_offsets_m(lon1, lat1, lon2, lat2))
        length_sq = max(way_east_m**2 + way_north_m**2, 1e-9)
        share = np.clip((east_m * way_east_m + north_m * way_north_m) / length_sq, 0.0, 1.0)
        away_m = np.hypot(east_m - share * way_east_m, north_m - share * way_north_m)
        point = int(away_m.argmin())
        if found[0] is None or away_m[point] < found[0]:
            found = float(away_m[point]), point
    return found


def _aerodrome(distance_m: float, number: int, row: int, point: int, is_line: bool, points: Ints) -> Aerodrome:
    band = _file().band(number)
    assert band is not None
    ident, name = _file().texts(number)[row]
    return Aerodrome(
        ident,
        name,
        KINDS[band.kind[row]],
        _file().countries[band.country[row]],
        float(band.lat_deg[row]),
        float(band.lon_deg[row]),
        distance_m,
        "runway" if is_line else "reference_point",
        int(points[point]),
    )
