"""Where the camera was: every position that the file states, the first usable of them, and whether they agree.

Targets of a laser or of tracking, home points, and what previews say are never the camera's place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from dronecheck.issues import Code, Severity
from dronecheck.media.fields import FieldsByName, Harvest
from dronecheck.media.meaning.device import maker_of
from dronecheck.media.meaning.values import degrees_of, first_number, number_of, sign_of, step_of
from dronecheck.media.model import CameraPosition, MediaField, PositionStatus
from dronecheck.media.tags.film_rows import in_range
from dronecheck.media.tags.iso6709 import place_of
from dronecheck.messages import Message

__all__ = ["position_of", "rtk_flag"]

ASSUMED_SIGMA_M = 5.0  # of one axis, where a camera states nothing: a receiver under open sky, with margin
RANGE_ERROR_M, SIGMA_FLOOR_M, DOP_AT_MOST = 4.0, 1.0, 50.0
RTK_FIXED = 50
METRES_PER_DEG = 111_320.0
_SAME_DEG, _STEP_AT_MOST_DEG = 1e-5, 1e-4  # coarser figures are no excuse: a conflict might hide behind them
_START_WITHIN_M = 200.0  # a film's container has its start, its track the first fix
_PAIRS = (
    ("drone-dji:GpsLatitude", ("drone-dji:GpsLongitude", "drone-dji:GpsLongtitude")),
    ("drone-dji:Latitude", ("drone-dji:Longitude",)), ("drone-skydio:Latitude", ("drone-skydio:Longitude",)),
    ("drone-parrot:Latitude", ("drone-parrot:Longitude",)), ("drone-autel:Latitude", ("drone-autel:Longitude",)),
    ("drone-parrot:GPSLatitude", ("drone-parrot:GPSLongitude",)), ("Camera:GPSLatitude", ("Camera:GPSLongitude",)),
    ("exif:GPSLatitude", ("exif:GPSLongitude",)), ("GPS/Latitude", ("Longitude",)),
    ("GDALMetadata/EXIF_GPSLatitude", ("EXIF_GPSLongitude",)), ("loci/latitude", ("longitude",)),
)  # fmt: skip
_PAIRS_ASKED = 16  # for the hemisphere of EXIF's position
_ERRORS = (  # radial, metres
    "GPS/GPSHPositioningError", "exif:GPSHPositioningError", "com.apple.quicktime.location.accuracy.horizontal"
)  # fmt: skip
_TEXTS = ("©xyz", "com.apple.quicktime.location.ISO6709", "com.android.location")


@dataclass(frozen=True, slots=True)
class _Fix:
    """One position as the file states it."""

    lat_deg: float
    lon_deg: float
    source: str
    offset: int
    is_usable: bool = True
    step_deg: float = 0.0
    is_start: bool = False  # of a film, by its container
    is_sample: bool = False  # of a film, by its track

    def apart_m(self, other: _Fix) -> float:
        """Return about how far two are apart, metres."""
        north = self.lat_deg - other.lat_deg
        east = (self.lon_deg - other.lon_deg + 180) % 360 - 180
        return math.hypot(north, east * math.cos(math.radians(self.lat_deg))) * METRES_PER_DEG


def position_of(harvest: Harvest, told: FieldsByName) -> CameraPosition | None:
    """Return the camera's position: a film's first usable sample, else EXIF, XMP, the container; None without any."""
    is_invalid = (told.text("drone-dji:GpsStatus") or "").lower() == "invalid"
    pairs = list(_pairs(harvest, told))
    fixes = [*_samples(harvest), *_exif(harvest, told, pairs[:_PAIRS_ASKED]), *pairs, *_starts(told)]
    for fix in fixes:
        if not _is_place(fix):
            text = Message("positions off the globe or at 0/0, not used")
            harvest.note(Code.BAD_POSITION, Severity.WARNING, text, fix.offset)
    fixes = [fix for fix in fixes if _is_place(fix)]
    if not fixes:
        return None
    if harvest.films and not any(film.is_usable.any() for film in harvest.films):
        # A track without one usable position: what the container says beside it is no better known.
        fixes = [replace(fix, is_usable=False) for fix in fixes]
    best = next((fix for fix in fixes if fix.is_usable), fixes[0])
    apart_m = _disagreement(harvest, best, fixes)
    _compare_previews(harvest, told, best)
    sigma_m = math.hypot(_sigma_m(told), METRES_PER_DEG * best.step_deg / math.sqrt(12))
    status = PositionStatus.USABLE if best.is_usable and not is_invalid else PositionStatus.INVALID
    return CameraPosition(best.lat_deg, best.lon_deg, max(sigma_m, apart_m), best.source, status)


def _is_place(fix: _Fix) -> bool:
    return bool(in_range(np.array([fix.lat_deg]), np.array([fix.lon_deg]))[0])


def _samples(harvest: Harvest) -> Iterator[_Fix]:
    """Give each track's first usable sample, else its first at all."""
    for film in harvest.films:
        there = np.flatnonzero(in_range(film.lat_deg, film.lon_deg))
        usable = np.flatnonzero(film.is_usable)
        if not len(there):
            continue
        row = int(usable[0]) if len(usable) else int(there[0])
        lat, lon = float(film.lat_deg[row]), float(film.lon_deg[row])
        yield _Fix(lat, lon, film.source, int(film.offset[row]), bool(len(usable)), is_sample=True)


def _exif(harvest: Harvest, told: FieldsByName, pairs: list[_Fix]) -> Iterator[_Fix]:
    """Give the positions of EXIF directories. Without a letter for its hemisphere an axis is unknown, unless XMP is
    signed and agrees in size."""
    for one in told.every("GPS/GPSLatitude"):
        other = told.beside(one, "GPSLongitude")
        lat, lon = degrees_of(one.value), degrees_of(other.value) if other else None
        if other is None or lat is None or lon is None:
            text = Message("a position that is incomplete, or of no number (x/0): not used")
            harvest.note(Code.BAD_POSITION, Severity.WARNING, text, one.offset)
            continue
        signs = [_sign(told, field, name) for field, name in ((one, "GPSLatitudeRef"), (other, "GPSLongitudeRef"))]
        if None in signs:
            signs = _signs_by_xmp(pairs, lat, lon, signs)
        if signs[0] is None or signs[1] is None:
            text = Message("a position without its hemisphere (N or S, E or W): not used")
            harvest.note(Code.BAD_POSITION, Severity.WARNING, text, one.offset)
            continue
        status = told.beside(one, "GPSStatus")
        is_void = status is not None and str(status.value).strip().upper() == "V"
        yield _Fix(abs(lat) * signs[0], abs(lon) * signs[1], one.path, one.offset, not is_void)


def _sign(told: FieldsByName, one: MediaField, reference: str) -> float | None:
    found = told.beside(one, reference)
    return sign_of(found.value) if found is not None else None


def _signs_by_xmp(pairs: list[_Fix], lat: float, lon: float, signs: list[float | None]) -> list[float | None]:
    for fix in pairs:
        if abs(abs(fix.lat_deg) - abs(lat)) < _SAME_DEG and abs(abs(fix.lon_deg) - abs(lon)) < _SAME_DEG:
            by_xmp = (math.copysign(1.0, fix.lat_deg), math.copysign(1.0, fix.lon_deg))
            return [known if known is not None else other for known, other in zip(signs, by_xmp, strict=True)]
    return signs


def _pairs(harvest: Harvest, told: FieldsByName) -> Iterator[_Fix]:
    """Give the positions that stand as two fields, of XMP and of makers' blocks."""
    for lat_name, lon_names in _PAIRS:
        for one in told.every(lat_name):
            other = next((found for name in lon_names if (found := told.beside(one, name))), None)
            lat, lon = degrees_of(one.value), degrees_of(other.value) if other else None
            if lat is None or lon is None or other is None:
                text = Message("a position that is incomplete, or of no number (x/0): not used")
                harvest.note(Code.BAD_POSITION, Severity.WARNING, text, one.offset)
                continue
            if one.path.endswith("EXIF_GPSLatitude"):
                signs = _sign(told, one, "EXIF_GPSLatitudeRef"), _sign(told, one, "EXIF_GPSLongitudeRef")
                if signs[0] is None or signs[1] is None:
                    continue
                lat, lon = lat * signs[0], lon * signs[1]
            step = max(step_of(one.value), step_of(other.value))
            yield _Fix(lat, lon, one.path, one.offset, step_deg=step, is_start="moov/" in one.path)


def _starts(told: FieldsByName) -> Iterator[_Fix]:
    """Give a container's own position. Parrot wrote that of the take-off there, until it had a field of its own."""
    is_takeoff = _is_parrot(told) and told.first("com.parrot.takeoff.loc") is None
    for one in told.every(*_TEXTS):
        place = place_of(str(one.value))
        if place is not None:
            yield _Fix(place.lat_deg, place.lon_deg, one.path, one.offset, not is_takeoff, place.step_deg, True)


def _is_parrot(told: FieldsByName) -> bool:
    return (maker_of(told) or "").lower().startswith("parrot")


def _disagreement(harvest: Harvest, best: _Fix, fixes: list[_Fix]) -> float:
    """Return how far the farthest other position is from the best, metres; 0 when all agree. It is noted."""
    worst_m = 0.0
    for other in fixes:
        apart_m = best.apart_m(other)
        step_deg = max(_SAME_DEG, min(_STEP_AT_MOST_DEG, max(best.step_deg, other.step_deg)))
        allowed_m = step_deg * METRES_PER_DEG * math.sqrt(2)
        if best.is_sample != other.is_sample and (best.is_start or other.is_start):
            allowed_m = max(allowed_m, _START_WITHIN_M)
        if apart_m > allowed_m:
            worst_m = max(worst_m, apart_m)
            text = Message("the file states several positions that disagree; the first of them is told")
            harvest.note(Code.POSITION_CONFLICT, Severity.WARNING, text, other.offset)
    return worst_m


def _compare_previews(harvest: Harvest, told: FieldsByName, best: _Fix) -> None:
    for one in told.every("GPS/GPSLatitude", aside=True):
        other = told.beside(one, "GPSLongitude")
        lat, lon = degrees_of(one.value), degrees_of(other.value) if other else None
        if lat is None or lon is None:
            continue
        if abs(abs(lat) - abs(best.lat_deg)) > _SAME_DEG or abs(abs(lon) - abs(best.lon_deg)) > _SAME_DEG:
            text = Message("a picture within the file states another position; it decides nothing")
            harvest.note(Code.POSITION_CONFLICT, Severity.WARNING, text, one.offset)


def rtk_flag(told: FieldsByName) -> int | None:
    """Return DJI's RtkFlag: 0 none, 16 single, 32 to 49 float, 50 fixed; None without one."""
    flag = number_of(told.text("drone-dji:RtkFlag"))
    return round(flag) if flag is not None else None


def _sigma_m(told: FieldsByName) -> float:
    """Return one standard deviation per axis, metres, by what the file states; 5 m where it states nothing."""
    if rtk_flag(told) == RTK_FIXED:
        found = [number_of(told.text(f"drone-dji:RtkStd{axis}")) for axis in ("Lat", "Lon")]
        known = [value for value in found if value is not None and value > 0]
        if len(known) == 2:
            return max(known)
    error = first_number(*(one.value for one in told.every(*_ERRORS)))
    if error is not None and error > 0:
        return max(error / math.sqrt(2), SIGMA_FLOOR_M)
    dop = first_number(*(one.value for one in told.every("GPS/GPSDOP")))
    if dop is not None and 0 < dop < DOP_AT_MOST:
        return max(dop * RANGE_ERROR_M / math.sqrt(2), SIGMA_FLOOR_M)
    return ASSUMED_SIGMA_M
