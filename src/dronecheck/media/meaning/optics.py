"""What a file says of its lens, for the field of view."""

from __future__ import annotations

import re

from dronecheck.media.field_of_view import StatedOptics
from dronecheck.media.fields import FieldsByName, Harvest
from dronecheck.media.meaning.device import maker_of, model_of
from dronecheck.media.meaning.values import first_number, number_of

__all__ = ["optics_of"]

_CENTRED_WITHIN = 0.05  # of the width: a calibrated centre is never farther from the middle
_DEWARP = re.compile(r"[^;]{0,40};\s*([\d.]{1,20})\s*,")


def optics_of(harvest: Harvest, told: FieldsByName, orientation: int, *, is_film: bool) -> StatedOptics:
    """Return what the file says of its lens; a calibration's own width is told by its centre, half of it."""
    centre_px = _first(told, "drone-dji:CalibratedOpticalCenterX")
    width_px = harvest.width_px
    calibrated_width_px = 2 * centre_px if centre_px is not None else None
    if calibrated_width_px is not None and width_px and abs(calibrated_width_px / width_px - 1) < _CENTRED_WITHIN:
        calibrated_width_px = float(width_px)  # the centre is a little off, the picture is whole
    return StatedOptics(
        maker=maker_of(told),
        model=model_of(told),
        f35_mm=_first(told, "Exif/FocalLengthIn35mmFilm", "exif:FocalLengthIn35mmFilm"),
        focal_mm=_first(told, "Exif/FocalLength", "exif:FocalLength"),
        width_px=width_px,
        height_px=harvest.height_px,
        calibrated_focal_px=_calibrated_px(told),
        calibrated_width_px=calibrated_width_px,
        h_fov_deg=_first(told, "exif:CameraHorizontalFOV", "com.parrot.picture.hfov"),
        v_fov_deg=_first(told, "exif:CameraVerticalFOV", "com.parrot.picture.vfov"),
        zoom=_first(told, "Exif/DigitalZoomRatio", "exif:DigitalZoomRatio"),
        orientation=orientation,
        is_film=is_film,
    )


def _first(told: FieldsByName, *names: str) -> float | None:
    return first_number(*(one.value for one in told.every(*names)))


def _calibrated_px(told: FieldsByName) -> float | None:
    """Return the focal length in pixels, by itself or the first figure of `2018-08-23;3666.6,3650.5,...`."""
    found = _first(told, "drone-dji:CalibratedFocalLength")
    dewarp = _DEWARP.match(told.text("drone-dji:DewarpData") or "")
    return found if found is not None else number_of(dewarp[1]) if dewarp else None
