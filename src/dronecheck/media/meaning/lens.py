"""The angle that a picture spans, out of what its fields say of the lens (`media.field_of_view`)."""

from __future__ import annotations

from dronecheck.media.field_of_view import StatedOptics, field_of_view
from dronecheck.media.fields import FieldsByName, Harvest
from dronecheck.media.meaning.values import number_of
from dronecheck.media.model import FieldOfView, MediaKind

__all__ = ["field_of_view_of"]

_NAMES = {
    "f35_mm": ("Exif/FocalLengthIn35mmFilm", "EXIF_FocalLengthIn35mmFilm", "exif:FocalLengthIn35mmFilm"),
    "focal_mm": ("Exif/FocalLength", "EXIF_FocalLength", "exif:FocalLength"),
    "calibrated_focal_px": ("drone-dji:CalibratedFocalLength",),
    "h_fov_deg": ("CameraHorizontalFOV", "exif:CameraHorizontalFOV", "FLIR:CameraHorizontalFOV"),
    "v_fov_deg": ("CameraVerticalFOV", "exif:CameraVerticalFOV", "FLIR:CameraVerticalFOV"),
    "zoom": ("Exif/DigitalZoomRatio", "EXIF_DigitalZoomRatio"),
}


def field_of_view_of(
    harvest: Harvest, told: FieldsByName, kind: MediaKind, maker: str | None, model: str | None, orientation: int
) -> FieldOfView | None:
    """Return the angle that a photo or film spans; None where nothing tells it."""
    numbers = {key: _number(told, names) for key, names in _NAMES.items()}
    optical_centre_px = _number(told, ("drone-dji:CalibratedOpticalCenterX",))
    return field_of_view(
        StatedOptics(
            maker=maker,
            model=model,
            width_px=harvest.width_px,
            height_px=harvest.height_px,
            calibrated_width_px=2 * optical_centre_px if optical_centre_px else None,
            orientation=orientation,
            is_film=kind is MediaKind.MP4,
            **numbers,
        )
    )


def _number(told: FieldsByName, names: tuple[str, ...]) -> float | None:
    found = told.first(*names)
    return number_of(found.value) if found is not None else None
