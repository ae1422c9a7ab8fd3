"""How high the camera was, by each reference whose datum the file proves; others stay unknown, and are told so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dronecheck.issues import Code, Severity
from dronecheck.media.fields import FieldsByName, Harvest
from dronecheck.media.meaning.device import is_dji, maker_of, model_of
from dronecheck.media.meaning.place import RTK_FIXED, rtk_flag
from dronecheck.media.meaning.values import number_of
from dronecheck.media.model import CameraHeight, MediaField
from dronecheck.media.tags.iso6709 import place_of
from dronecheck.messages import Message

__all__ = ["height_of"]

BAROMETRIC_SIGMA_M, SATELLITE_SIGMA_M, RTK_SIGMA_M = 5.0, 15.0, 0.1
_WRAPPED_ABOVE_M, _WRAP = 9_000.0, 2.0**32
_SAME_M = 1.0
_HIGHEST_M = 100_000.0
_HOME = ("drone-dji:RelativeAltitude", "drone-autel:RelativeAltitude")
_GROUND = ("Camera:AboveGroundAltitude", "drone-parrot:AboveGroundAltitude")
_ABSOLUTE = ("drone-dji:AbsoluteAltitude", "drone-skydio:AbsoluteAltitude", "drone-autel:AbsoluteAltitude")
_BELOW, _ELLIPSOID = (1, 3), (2, 3)  # GPSAltitudeRef, EXIF 3.0


def height_of(harvest: Harvest, told: FieldsByName) -> CameraHeight | None:
    """Return the heights that are known, with the best one's sigma and source; None when none is."""
    home = _first(harvest, told, _HOME)
    ground = _first(harvest, told, _GROUND)
    amsl_m, hae_m, sigma_m, source = _above_datum(harvest, told)
    film = harvest.films[0] if harvest.films else None
    home_m, home_source = (home[1], home[0].path) if home else (None, "")
    if film is not None and len(rows := np.flatnonzero(film.is_usable if film.is_usable.any() else film.lat_deg)):
        row = int(rows[0])
        values = [float(column[row]) for column in (film.home_m, film.amsl_m, film.hae_m)]
        home_m, amsl_m, hae_m = (
            found if np.isnan(value) else value for value, found in zip(values, (home_m, amsl_m, hae_m), strict=True)
        )
        if not all(np.isnan(values)):
            home_source = source = film.source
            sigma_m = SATELLITE_SIGMA_M if np.isnan(values[0]) else BAROMETRIC_SIGMA_M
    agl_m = ground[1] if ground else None
    if home_m is None and amsl_m is None and hae_m is None and agl_m is None:
        return None
    if home_m is not None:
        sigma_m, source = BAROMETRIC_SIGMA_M, home_source
    elif agl_m is not None and ground:
        sigma_m, source = BAROMETRIC_SIGMA_M, ground[0].path
    return CameraHeight(home_m, amsl_m, hae_m, agl_m, sigma_m, source)


def _metres(one: MediaField) -> float | None:
    """Return a height in metres, None for what is no number or none that can be flown."""
    value = number_of(one.value)
    return value if value is not None and abs(value) <= _HIGHEST_M else None


def _first(harvest: Harvest, told: FieldsByName, names: tuple[str, ...]) -> tuple[MediaField, float] | None:
    """Return the first field of these names that is a number; others that differ by more than 1 m are noted."""
    found = [(one, value) for one in told.every(*names) if (value := _metres(one)) is not None]
    for one, value in found[1:]:
        if abs(value - found[0][1]) > _SAME_M:
            _note_conflict(harvest, one)
    return found[0] if found else None


def _note_conflict(harvest: Harvest, one: MediaField) -> None:
    text = Message("the file states several heights that disagree; the first of them is told")
    harvest.note(Code.VALUES_CONFLICT, Severity.WARNING, text, one.offset)


def _exif_altitudes(harvest: Harvest, told: FieldsByName) -> Iterator[tuple[MediaField, float, bool]]:
    """Give EXIF's heights, signed by their reference once, and whether they are above the ellipsoid."""
    for one in told.every("GPS/GPSAltitude"):
        value = number_of(one.value)
        if value is None:
            continue
        reference = told.beside(one, "GPSAltitudeRef")
        kind = reference.value if reference is not None else 0
        kind = kind[0] if isinstance(kind, bytes) and kind else kind
        kind = ord(kind[0]) % 48 if isinstance(kind, str) and kind else kind
        value = _unwrapped(harvest, one, abs(value))
        yield one, -value if kind in _BELOW and value > 0 else value, kind in _ELLIPSOID


def _unwrapped(harvest: Harvest, one: MediaField, value: float) -> float:
    """Return a height that went below zero in 32 bits without a sign (Mini 4 Pro) as what it was."""
    if value <= _WRAPPED_ABOVE_M:
        return value
    text = Message("a height beyond 9,000 m that is a negative one, written without its sign")
    harvest.note(Code.HEIGHT_OFFSET, Severity.WARNING, text, one.offset)
    return (value * 1000 - _WRAP) / 1000 if value * 1000 <= _WRAP else value


def _above_datum(harvest: Harvest, told: FieldsByName) -> tuple[float | None, float | None, float | None, str]:
    """Return height above the sea, above the ellipsoid, sigma and source, as far as the datum is sure."""
    exif = list(_exif_altitudes(harvest, told))
    absolute = [(one, value) for one in told.every(*_ABSOLUTE) if (value := _metres(one)) is not None]
    _compare(harvest, exif, absolute)
    maker, model = (maker_of(told) or "").lower(), (model_of(told) or "").lower()
    if is_dji(told) or maker.startswith(("autel", "camera")):
        if rtk_flag(told) == RTK_FIXED and absolute:
            sigma_m = number_of(told.text("drone-dji:RtkStdHgt"))
            return None, absolute[0][1], max(sigma_m or 0.0, RTK_SIGMA_M), absolute[0][0].path
        if exif or absolute:
            _note_unknown_datum(harvest, (absolute or exif)[0][0])
        return None, None, None, ""
    if maker.startswith("skydio"):
        known = [(one, value) for one, value, _ in exif] or absolute
        if known and "x10" in model:
            return None, known[0][1], SATELLITE_SIGMA_M, known[0][0].path
        if known:
            _note_unknown_datum(harvest, known[0][0])
        return None, None, None, ""
    if exif:
        one, value, is_hae = exif[0]
        return None if is_hae else value, value if is_hae else None, SATELLITE_SIGMA_M, one.path
    for one in told.every("com.apple.quicktime.location.ISO6709", "©xyz"):
        place = place_of(str(one.value))
        if place is not None and place.height_m is not None and maker.startswith("apple"):
            return place.height_m, None, SATELLITE_SIGMA_M, one.path
    return None, None, None, ""


def _compare(
    harvest: Harvest, exif: list[tuple[MediaField, float, bool]], absolute: list[tuple[MediaField, float]]
) -> None:
    values = [(one, value) for one, value, _ in exif] + absolute
    for one, value in values[1:]:
        if abs(value - values[0][1]) > _SAME_M:
            _note_conflict(harvest, one)


def _note_unknown_datum(harvest: Harvest, one: MediaField) -> None:
    text = Message("the height above the sea is not used: this maker does not say above what it is")
    harvest.note(Code.HEIGHT_FRAME, Severity.INFO, text, one.offset)
