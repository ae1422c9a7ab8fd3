"""Photos and films as moments and places, grouped by the clock that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.footage.agreement.log_path import SECOND_NS
from dronecheck.media.model import MediaItem, PositionStatus
from dronecheck.timebase import instant_ns

__all__ = ["Shot", "grouped", "shots_of"]

_PROVEN_SIGMA_S = 120.0  # beyond it a stated UTC is that of an old fix, or a guess
_SIGMA_UNKNOWN_M = 5.0
_HEIGHT_SIGMA_M = 3.0
_NULL_ISLAND_DEG = 1e-6
_FIX_STAMPS = ("GPSDateStamp", "GPSTimeStamp", "exif:GPSTimeStamp", "exif:GPSDateTime")
_CONTAINER = "mvhd"  # a film's own date: by some cameras in UTC, though their clock is not
# Fields that hold the serial of the aircraft, the one that a flight log has.
_AIRCRAFT_SERIALS = frozenset((
    "drone-dji:DroneSerialNumber", "drone-dji:DroneID", "drone-skydio:VehicleId", "drone-parrot:SerialNumber",
    "drone-autel:SerialNumber", "1-1-5",
))  # fmt: skip


@dataclass(frozen=True)
class Shot:
    """One item: `after_s` (n,) are the moments of its samples from its begin, one of a photo; NaN is no place."""

    number: int  # of the item among those given
    camera_s: float | None  # its begin by the camera's clock, seconds since the origin as if its digits were UTC
    utc_s: float | None  # its begin, if it states UTC
    utc_sigma_s: float
    is_whole_second: bool  # what is below was cut off
    after_s: Floats
    lat_deg: Floats
    lon_deg: Floats
    sigma_m: float
    home_m: Floats
    home_sigma_m: float
    aircraft_serial: str
    is_film: bool
    is_of_fix: bool = False  # its UTC is that of a fix, which may be older than the exposure

    @property
    def is_placed(self) -> bool:
        """Tell whether it states any usable place."""
        return bool(np.isfinite(self.lat_deg).any())

    def repeats(self, other: Shot) -> bool:
        """Tell whether its place is the other's to the last digit, as two photos in flight never are."""
        if self.is_film or other.is_film or not (self.is_placed and other.is_placed):
            return False
        return bool(self.lat_deg[0] == other.lat_deg[0] and self.lon_deg[0] == other.lon_deg[0])


def shots_of(items: Sequence[MediaItem], origin_ns: int) -> list[Shot]:
    """Return each item as a shot, in their order."""
    return [_shot(number, item, origin_ns) for number, item in enumerate(items)]


def _shot(number: int, item: MediaItem, origin_ns: int) -> Shot:
    after_s, lat_deg, lon_deg, home_m = _samples(item)
    camera_s, utc_s, sigma_s, is_whole = _clock(item, origin_ns)
    height = item.height
    return Shot(
        number, camera_s, utc_s, sigma_s, is_whole, after_s, lat_deg, lon_deg,
        item.position.h_sigma_m if item.position is not None else _SIGMA_UNKNOWN_M,
        home_m,
        max(height.sigma_m, _HEIGHT_SIGMA_M) if height is not None and height.sigma_m else _HEIGHT_SIGMA_M,
        _aircraft_serial(item), item.film is not None, _is_of_fix(item),
    )  # fmt: skip


def _samples(item: MediaItem) -> tuple[Floats, Floats, Floats, Floats]:
    film = item.film
    if film is not None and len(film.time_s) and np.isfinite(film.time_s).any():
        known = np.isfinite(film.time_s)
        is_place = (film.is_usable & _is_place(film.lat_deg, film.lon_deg))[known]
        lat_deg, lon_deg = film.lat_deg[known], film.lon_deg[known]
        places = np.where(is_place, lat_deg, np.nan), np.where(is_place, lon_deg, np.nan)
        return film.time_s[known], *places, film.home_m[known]
    place, height = item.position, item.height
    lat = np.array([place.lat_deg if place is not None and place.status is PositionStatus.USABLE else np.nan])
    lon = np.array([place.lon_deg if place is not None else np.nan])
    is_there = _is_place(lat, lon)
    home_m = np.array([height.home_m if height is not None and height.home_m is not None else np.nan])
    return np.zeros(1), np.where(is_there, lat, np.nan), np.where(is_there, lon, np.nan), home_m


def _is_place(lat_deg: Floats, lon_deg: Floats) -> np.ndarray:
    on_globe = (np.abs(lat_deg) <= 90) & (np.abs(lon_deg) <= 180)
    return on_globe & ~((np.abs(lat_deg) < _NULL_ISLAND_DEG) & (np.abs(lon_deg) < _NULL_ISLAND_DEG))


def _clock(item: MediaItem, origin_ns: int) -> tuple[float | None, float | None, float, bool]:
    time = item.time
    if time is None:
        return None, None, float("nan"), False
    camera_s = (instant_ns(time.local) - origin_ns) / SECOND_NS if time.local else None
    is_proven = time.utc_ns is not None and time.sigma_s is not None and time.sigma_s <= _PROVEN_SIGMA_S
    utc_s = (time.utc_ns - origin_ns) / SECOND_NS if is_proven and time.utc_ns is not None else None
    is_whole = bool(time.local) and "." not in (time.local or "")
    return camera_s, utc_s, time.sigma_s if is_proven and time.sigma_s is not None else float("nan"), is_whole


def _is_of_fix(item: MediaItem) -> bool:
    return item.time is not None and item.time.source.rpartition("/")[2] in _FIX_STAMPS


def _aircraft_serial(item: MediaItem) -> str:
    texts = (str(one.value).strip() for one in item.fields if one.path.rpartition("/")[2] in _AIRCRAFT_SERIALS)
    return next((text for text in texts if text.strip("0")), "")


def grouped(items: Sequence[MediaItem], folders: Sequence[str], shots: Sequence[Shot]) -> list[list[Shot]]:
    """Return the shots of one camera's clock together: of one serial, or of one folder and model.

    A film whose only date is its container's has a clock of its own, since many cameras write UTC there.
    """
    keys: dict[int, tuple[object, ...]] = {}
    by_card: dict[tuple[object, ...], set[tuple[object, ...]]] = {}
    for number, (item, folder) in enumerate(zip(items, folders, strict=True)):
        if item.serials:
            keys[number] = ("serial", item.serials[0])
            by_card.setdefault((folder, item.model), set()).add(keys[number])
    for number, (item, folder) in enumerate(zip(items, folders, strict=True)):
        if not item.serials:
            of_card = by_card.get((folder, item.model), set())
            keys[number] = next(iter(of_card)) if len(of_card) == 1 else ("card", folder, item.maker, item.model)
    groups: dict[tuple[object, ...], list[Shot]] = {}
    for shot in shots:
        time = items[shot.number].time
        is_container = time is not None and _CONTAINER in time.source
        groups.setdefault((*keys[shot.number], is_container), []).append(shot)
    return list(groups.values())
