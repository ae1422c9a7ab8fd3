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
from dronecheck.media.meaning.fix_quality import horizontal_sigma_m, no_fix
from dronecheck.media.meaning.hemisphere import PlaceReadings, axis_of, readings_of
from dronecheck.media.model import CameraPosition, PositionStatus
from dronecheck.media.tags.film_rows import in_range
from dronecheck.media.tags.iso6709 import place_of
from dronecheck.messages import Message

__all__ = ["position_of"]

METRES_PER_DEG = 111_320.0
_SAME_DEG, _STEP_AT_MOST_DEG = 1e-5, 1e-4  # coarser figures are no excuse: a conflict might hide behind them
_START_WITHIN_M = 200.0  # a film's container has its start, its track the first fix
_PAIRS = (
    ("GPS/GPSLatitude", ("GPSLongitude",)),
    ("drone-dji:GpsLatitude", ("drone-dji:GpsLongitude", "drone-dji:GpsLongtitude")),
    ("drone-dji:Latitude", ("drone-dji:Longitude",)), ("drone-skydio:Latitude", ("drone-skydio:Longitude",)),
    ("drone-parrot:Latitude", ("drone-parrot:Longitude",)), ("drone-autel:Latitude", ("drone-autel:Longitude",)),
    ("drone-parrot:GPSLatitude", ("drone-parrot:GPSLongitude",)), ("Camera:GPSLatitude", ("Camera:GPSLongitude",)),
    ("exif:GPSLatitude", ("exif:GPSLongitude",)), ("GPS/Latitude", ("Longitude",)),
    ("GDALMetadata/EXIF_GPSLatitude", ("EXIF_GPSLongitude",)), ("loci/latitude", ("longitude",)),
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
    fixes = [*_samples(harvest), *_written(harvest, told), *_starts(told)]
    for fix in fixes:
        if not _is_place(fix):
            text = Message("positions off the globe or at 0/0, not used")
            harvest.note(Code.BAD_POSITION, Severity.WARNING, text, fix.offset)
    fixes = [fix for fix in fixes if _is_place(fix)]
    if not fixes:
        return None
    is_void = no_fix(harvest, told)
    if is_void:  # whichever tag says so: no other one overrules it
        harvest.films[:] = [replace(film, is_usable=np.zeros_like(film.is_usable)) for film in harvest.films]
    if harvest.films and not any(film.is_usable.any() for film in harvest.films):
        # A track without one usable position: what the container says beside it is no better known.
        fixes = [replace(fix, is_usable=False) for fix in fixes]
    best = next((fix for fix in fixes if fix.is_usable), fixes[0])
    apart_m = _disagreement(harvest, best, fixes)
    _compare_previews(harvest, told, best)
    sigma_m = math.hypot(horizontal_sigma_m(harvest, told), METRES_PER_DEG * best.step_deg / math.sqrt(12))
    status = PositionStatus.USABLE if best.is_usable and not is_void else PositionStatus.INVALID
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


def _written(harvest: Harvest, told: FieldsByName) -> list[_Fix]:
    """Return the positions that stand as two fields: EXIF's, XMP's, those of makers' blocks. All readings of each."""
    found: list[PlaceReadings] = []
    for lat_name, lon_names in _PAIRS:
        for one in readings_of(told, lat_name, lon_names):
            if isinstance(one, PlaceReadings):
                found.append(one)
            else:
                text = Message("a position that is incomplete, or of no number (x/0): not used")
                harvest.note(Code.BAD_POSITION, Severity.WARNING, text, one.offset)
    signed = [place for one in found if not one.is_open for place in one.places]
    fixes = []
    for one in found:
        places = one.places
        if one.is_open:
            text = Message("a position without its hemisphere (N or S, E or W): not used")
            harvest.note(Code.BAD_POSITION, Severity.WARNING, text, one.field.offset)
            places = _nearest(places, signed)
        path = one.field.path
        fixes += [
            _Fix(*place, path, one.field.offset, step_deg=one.step_deg, is_start="moov/" in path) for place in places
        ]
    return fixes


def _nearest(
    places: tuple[tuple[float, float], ...], signed: list[tuple[float, float]]
) -> tuple[tuple[float, float], ...]:
    """Return, of the readings of a position without a hemisphere, that which is nearest to one with it; () without."""
    pairs = [(_Fix(*one, "", 0).apart_m(_Fix(*other, "", 0)), one) for one in places for other in signed]
    return (min(pairs)[1],) if pairs else ()


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
        lat = axis_of(told, [one], "NS")
        lon = axis_of(told, told.all_beside(one, "GPSLongitude"), "EW")
        if lat is None or lon is None:
            continue
        same = _SAME_DEG + max(best.step_deg, lat.step_deg, lon.step_deg)
        if all(abs(value - best.lat_deg) > same for value in lat.degrees) or all(
            abs(value - best.lon_deg) > same for value in lon.degrees
        ):
            text = Message("a picture within the file states another position; it decides nothing")
            harvest.note(Code.POSITION_CONFLICT, Severity.WARNING, text, one.offset)
