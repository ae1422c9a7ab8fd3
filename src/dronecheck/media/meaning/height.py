"""How high the camera was, by each reference whose datum the file proves; others stay unknown, and are told so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dronecheck.issues import Code, Severity
from dronecheck.media.fields import FieldsByName, Harvest
from dronecheck.media.meaning.device import is_dji, maker_of, model_of
from dronecheck.media.meaning.fix_quality import RTK_FIXED, rtk_flag
from dronecheck.media.meaning.values import number_of
from dronecheck.media.model import CameraHeight, MediaField
from dronecheck.media.tags.iso6709 import place_of
from dronecheck.messages import Message

__all__ = ["height_of"]

BAROMETRIC_SIGMA_M, SATELLITE_SIGMA_M, RTK_SIGMA_M = 5.0, 15.0, 0.1
_WRAPPED_ABOVE_M, _WRAP = 9_000.0, 2.0**32
_SAME_M = 1.0
_REFERENCES_AT_MOST = 4
_HIGHEST_M = 100_000.0
_HOME = ("drone-dji:RelativeAltitude", "drone-autel:RelativeAltitude")
_GROUND = ("Camera:AboveGroundAltitude", "drone-parrot:AboveGroundAltitude")
_ABSOLUTE = ("drone-dji:AbsoluteAltitude", "drone-skydio:AbsoluteAltitude", "drone-autel:AbsoluteAltitude")
_BELOW, _ELLIPSOID = (1, 3), (2, 3)  # GPSAltitudeRef, EXIF 3.0


def height_of(harvest: Harvest, told: FieldsByName) -> CameraHeight | None:
    """Return the heights that are known, with the best one's sigma and source; None when none is.

    Where others contradict it, sigma is no less than the difference.
    """
    home, ground = _stated(harvest, told, _HOME), _stated(harvest, told, _GROUND)
    above = _above_datum(harvest, told)
    best = home or ground or above.best
    home_m, amsl_m, hae_m = home.height_m if home else None, above.amsl_m, above.hae_m
    agl_m = ground.height_m if ground else None
    sigma_m, source = (best.sigma_m, best.source) if best is not None else (None, "")
    film = harvest.films[0] if harvest.films else None
    if film is not None and len(rows := np.flatnonzero(film.is_usable if film.is_usable.any() else film.lat_deg)):
        row = int(rows[0])
        values = [float(column[row]) for column in (film.home_m, film.amsl_m, film.hae_m)]
        home_m, amsl_m, hae_m = (
            found if np.isnan(value) else value for value, found in zip(values, (home_m, amsl_m, hae_m), strict=True)
        )
        if not all(np.isnan(values)) and not (home and np.isnan(values[0])):
            source = film.source
            sigma_m = SATELLITE_SIGMA_M if np.isnan(values[0]) else BAROMETRIC_SIGMA_M
            spread_m = home.spread_m if home else 0.0
            if home and abs(home.height_m - values[0]) > BAROMETRIC_SIGMA_M:
                _note_conflict(harvest, int(film.offset[row]))
                spread_m = max(spread_m, abs(home.height_m - values[0]))
            sigma_m = max(sigma_m, spread_m)
    if home_m is None and amsl_m is None and hae_m is None and agl_m is None:
        return None
    return CameraHeight(home_m, amsl_m, hae_m, agl_m, sigma_m, source)


@dataclass(frozen=True, slots=True)
class _StatedHeight:
    """A height as a field states it; `spread_m` is how far the farthest other statement of it is."""

    height_m: float
    sigma_m: float
    source: str
    spread_m: float = 0.0


@dataclass(frozen=True, slots=True)
class _AboveDatum:
    """Heights above the sea and above the ellipsoid, as far as the datum is sure."""

    best: _StatedHeight | None = None
    is_hae: bool = False

    @property
    def amsl_m(self) -> float | None:
        """Return the height above the sea."""
        return self.best.height_m if self.best is not None and not self.is_hae else None

    @property
    def hae_m(self) -> float | None:
        """Return the height above the ellipsoid."""
        return self.best.height_m if self.best is not None and self.is_hae else None


def _metres(one: MediaField) -> float | None:
    """Return a height in metres, None for what is no number or none that can be flown."""
    value = number_of(one.value)
    return value if value is not None and abs(value) <= _HIGHEST_M else None


def _stated(harvest: Harvest, told: FieldsByName, names: tuple[str, ...]) -> _StatedHeight | None:
    """Return the first field of these names that is a number; others that differ by more than 1 m are noted."""
    found = [(one, value) for one in told.every(*names) if (value := _metres(one)) is not None]
    return _widened(harvest, found, BAROMETRIC_SIGMA_M)


def _widened(harvest: Harvest, found: list[tuple[MediaField, float]], sigma_m: float) -> _StatedHeight | None:
    """Return the first of several heights, with an error that reaches the farthest of the others; they are noted."""
    if not found:
        return None
    first, height_m = found[0]
    spread_m = 0.0
    for one, value in found[1:]:
        if abs(value - height_m) > _SAME_M:
            _note_conflict(harvest, one.offset)
            spread_m = max(spread_m, abs(value - height_m))
    return _StatedHeight(height_m, max(sigma_m, spread_m), first.path, spread_m)


def _note_conflict(harvest: Harvest, offset: int) -> None:
    text = Message("the file states several heights that disagree; the first of them is told")
    harvest.note(Code.VALUES_CONFLICT, Severity.WARNING, text, offset)


def _exif_altitudes(harvest: Harvest, told: FieldsByName) -> Iterator[tuple[MediaField, float, bool]]:
    """Give EXIF's heights, and XMP's copies of them: signed by their reference once, above the ellipsoid or not.

    A minus against its reference, and references that contradict each other, give both readings.
    """
    for one in told.every("GPS/GPSAltitude", "exif:GPSAltitude"):
        value = number_of(one.value)
        if value is None:
            continue
        references = told.all_beside(one, f"{one.path.rpartition('/')[2]}Ref")[:_REFERENCES_AT_MOST]
        kinds = dict.fromkeys(_reference(field.value) for field in references) or {0: None}
        size = _unwrapped(harvest, one, abs(value))
        for kind in kinds:
            is_wrapped = size < 0
            is_below = kind in _BELOW
            yield one, -size if is_below and not is_wrapped else size, kind in _ELLIPSOID
            if value < 0 and not is_below:
                yield one, value, kind in _ELLIPSOID


def _reference(value: object) -> object:
    """Return the number of a GPSAltitudeRef, which some write as a letter."""
    value = value[0] if isinstance(value, bytes) and value else value
    return ord(value.strip()[:1] or "0") % 48 if isinstance(value, str) else value


def _unwrapped(harvest: Harvest, one: MediaField, value: float) -> float:
    """Return a height that went below zero in 32 bits without a sign (Mini 4 Pro) as what it was."""
    if value <= _WRAPPED_ABOVE_M:
        return value
    text = Message("a height beyond 9,000 m that is a negative one, written without its sign")
    harvest.note(Code.HEIGHT_OFFSET, Severity.WARNING, text, one.offset)
    return (value * 1000 - _WRAP) / 1000 if value * 1000 <= _WRAP else value


def _above_datum(harvest: Harvest, told: FieldsByName) -> _AboveDatum:
    """Return the height above the sea or the ellipsoid, as far as the datum is sure."""
    exif = list(_exif_altitudes(harvest, told))
    absolute = [(one, value) for one in told.every(*_ABSOLUTE) if (value := _metres(one)) is not None]
    by_exif = [(one, value) for one, value, _ in exif]
    maker, model = (maker_of(told) or "").lower(), (model_of(told) or "").lower()
    if is_dji(told) or maker.startswith(("autel", "camera")):
        if rtk_flag(told) == RTK_FIXED and absolute:
            sigma_m = number_of(told.text("drone-dji:RtkStdHgt"))
            return _AboveDatum(_widened(harvest, absolute + by_exif, max(sigma_m or 0.0, RTK_SIGMA_M)), is_hae=True)
        _widened(harvest, by_exif + absolute, SATELLITE_SIGMA_M)
        if exif or absolute:
            _note_unknown_datum(harvest, (absolute or by_exif)[0][0])
        return _AboveDatum()
    found = _widened(harvest, by_exif + absolute, SATELLITE_SIGMA_M)
    if maker.startswith("skydio"):
        if found and "x10" in model:
            return _AboveDatum(found, is_hae=True)
        if found:
            _note_unknown_datum(harvest, (by_exif or absolute)[0][0])
        return _AboveDatum()
    if exif:
        return _AboveDatum(found, is_hae=exif[0][2])
    for one in told.every("com.apple.quicktime.location.ISO6709", "©xyz"):
        place = place_of(str(one.value))
        if place is not None and place.height_m is not None and maker.startswith("apple"):
            return _AboveDatum(_StatedHeight(place.height_m, SATELLITE_SIGMA_M, one.path))
    return _AboveDatum()


def _note_unknown_datum(harvest: Harvest, one: MediaField) -> None:
    text = Message("the height above the sea is not used: this maker does not say above what it is")
    harvest.note(Code.HEIGHT_FRAME, Severity.INFO, text, one.offset)
