"""How good a position is by the receiver's own words: whether it is a fix at all, and how far it may be off."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from dronecheck.issues import Code, Severity
from dronecheck.media.fields import FieldsByName, Harvest
from dronecheck.media.meaning.values import number_of
from dronecheck.media.model import MediaField
from dronecheck.messages import Message

__all__ = ["RTK_FIXED", "horizontal_sigma_m", "no_fix", "rtk_flag"]

ASSUMED_SIGMA_M = 5.0  # of one axis, where a camera states nothing: a receiver under open sky, with margin
RANGE_ERROR_M, SIGMA_FLOOR_M, DOP_AT_MOST = 4.0, 1.0, 50.0
RTK_FIXED = 50
_ERRORS = ("GPSHPositioningError", "com.apple.quicktime.location.accuracy.horizontal")  # radial, metres
_DOPS = ("GPSDOP", "GPSHDOP", "HDOP", "PDOP")
_SATELLITES = ("GPSSatellites", "GpsSatelliteCount", "GPSSatelliteCount", "SatelliteCount", "GpsSatelliteNum")
_VOID = re.compile(
    r"v|void|invalid|none|no[ _-]?(?:fix|gps|signal|position)|nofix|lost|unavailable|not[ _-]?(?:valid|available)|"
    r"false|0|-1", re.IGNORECASE,
)  # fmt: skip
_NO_SATELLITES = re.compile(r"cellid|network|wlan|manual", re.IGNORECASE)  # EXIF 3.0, GPSProcessingMethod


def no_fix(harvest: Harvest, told: FieldsByName) -> bool:
    """Tell whether any tag says that the position is none; it is noted."""
    found = list(_void(told))
    for one in found:
        text = Message("{field} says that the receiver had no usable fix: the position decides nothing", field=one.path)
        harvest.note(Code.BAD_POSITION, Severity.WARNING, text, one.offset)
    return bool(found)


def _void(told: FieldsByName) -> Iterator[MediaField]:
    yield from (one for one in told.every_local("GPSStatus") if _VOID.fullmatch(str(one.value).strip()))
    yield from (one for one in told.every_local(*_SATELLITES) if _of(one) == 0)
    yield from (one for one in told.every_local("GPSMeasureMode") if _of(one) in (0.0, 1.0))
    yield from (one for one in told.every_local(*_ERRORS) if _of(one) < 0)
    yield from (one for one in told.every_local(*_DOPS) if _of(one) < 0 or _of(one) >= DOP_AT_MOST)
    if not any(_of(one) > 0 for one in told.every_local(*_ERRORS)):
        yield from (
            one for one in told.every_local("GPSProcessingMethod") if _NO_SATELLITES.fullmatch(str(one.value).strip())
        )


def _of(one: MediaField) -> float:
    """Return the number of a field, NaN without one."""
    number = number_of(one.value)
    return number if number is not None else math.nan


def rtk_flag(told: FieldsByName) -> int | None:
    """Return DJI's RtkFlag: 0 none, 16 single, 32 to 49 float, 50 fixed; None without one. Of several the least."""
    flags = [number_of(str(one.value)) for one in told.every("drone-dji:RtkFlag")]
    return round(min(flag for flag in flags if flag is not None)) if flags and None not in flags else None


def horizontal_sigma_m(harvest: Harvest, told: FieldsByName) -> float:
    """Return one standard deviation per axis, metres, by what the file states; 5 m where it states nothing.

    Several statements: the worst of them.
    """
    if rtk_flag(told) == RTK_FIXED:
        found = [_worst(told, f"drone-dji:RtkStd{axis}") for axis in ("Lat", "Lon")]
        if all(value > 0 for value in found):
            return max(found)
    error_m = max((_of(one) for one in told.every_local(*_ERRORS) if _of(one) > 0), default=0.0)
    dop = max((_of(one) for one in told.every_local(*_DOPS) if _of(one) > 0), default=0.0)
    dop = max(dop, harvest.worst_dop)
    stated_m = max(error_m, dop * RANGE_ERROR_M) / math.sqrt(2)
    return max(stated_m, SIGMA_FLOOR_M) if stated_m > 0 else ASSUMED_SIGMA_M


def _worst(told: FieldsByName, name: str) -> float:
    values = [number_of(str(one.value)) for one in told.every(name)]
    return max((value for value in values if value is not None), default=0.0)
