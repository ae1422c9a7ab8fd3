"""The angle that a picture spans, from what its file says of the lens; the best source first.

    calibrated    2 atan(w / 2 f) with the focal length in pixels, which is of the original width (file may be resized)
    stated        fields that give the angles themselves
    table         by camera: OpenAthena's calibrations (DroneModels, commit 591f9dd), else data sheets
    f35           DJI: by the diagonal, 2 atan(0.5 * 43.2666 / f35 * w / sqrt(w^2 + h^2)) with w : h of the sensor;
                  checked by calibrated pictures (P4M 45.38 degrees, this rule 45.54, the width of 36 mm 48.46). Skydio:
                  by the width

A picture of 16:9 from a sensor of 4:3 keeps the width and loses height. What bends straight lines (fisheye, panorama,
films with electronic stabilisation) has no such angle: unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import atan, degrees, hypot, isfinite, radians, tan

from dronecheck.media.model import FieldOfView

__all__ = ["StatedOptics", "field_of_view"]

_DIAGONAL_MM, _WIDTH_MM = 43.2666, 36.0  # of the 35 mm film frame
_CALIBRATED_DEG, _STATED_DEG, _TABLE_DEG, _F35_DEG = 1.0, 1.0, 2.0, 4.0  # one standard deviation of the wide angle
_OF_FILM = 0.15  # stabilisation and modes of films crop by so much
_SAME_LENS, _SAME_ANGLE = 0.05, 0.1
_NARROW_DEG = 40.0
_PLAUSIBLE_DEG = 10.0  # a calibration farther from lens and table is of another picture size
_FISHEYE_F35_MM = 12.0
_PANORAMA = 2.4
_THERMAL_PX_MM = 0.017
_ROTATED = (5, 6, 7, 8)  # EXIF orientations that turn the picture by a quarter


@dataclass(frozen=True, slots=True)
class StatedOptics:
    """What a file says of its camera; None where it says nothing. Pixels as stored, angles in degrees."""

    maker: str | None = None
    model: str | None = None
    f35_mm: float | None = None
    focal_mm: float | None = None
    width_px: int | None = None
    height_px: int | None = None
    calibrated_focal_px: float | None = None
    calibrated_width_px: float | None = None  # of the picture that the calibration is for
    h_fov_deg: float | None = None
    v_fov_deg: float | None = None
    zoom: float | None = None  # digital
    orientation: int = 1  # EXIF
    is_film: bool = False


@dataclass(frozen=True, slots=True)
class _Lens:
    """One lens of the table: the wide angle of the whole sensor at `f35_mm`; None where only the ratio is known."""

    models: str
    f35_mm: float | None
    ratio: float
    wide_deg: float | None


# FOOTAGE 10; the angle is OpenAthena's calibration where there is one, else of the diagonal rule or the data sheet.
_LENSES = (
    _Lens("FC300S FC300X FC300C FC330", 20, 4 / 3, 82.0),
    _Lens("FC6310 FC6310S FC6310R", 24, 3 / 2, 72.2),
    _Lens("FC6360", 40, 16 / 13, 46.3),
    _Lens("FC220", 26, 4 / 3, 67.5),
    _Lens("FC230 FC2103", 24, 4 / 3, 68.8),
    _Lens("FC1102", 25, 4 / 3, 69.6),
    _Lens("FC2200 FC2204", 24, 4 / 3, 71.5),
    _Lens("L1D-20C", 28, 3 / 2, 64.0),
    _Lens("FC2403", 24, 4 / 3, 71.6),
    _Lens("MAVIC2-ENTERPRISE-ADVANCED M2EA", 38, 5 / 4, 45.7),
    _Lens("FC7203", 24, 4 / 3, 72.4),
    _Lens("FC7303", 24, 4 / 3, 69.0),
    _Lens("FC7503", 24, 4 / 3, 71.6),
    _Lens("FC3582", 24, 4 / 3, 71.2),
    _Lens("FC3682", 24, 4 / 3, 69.3),
    _Lens("FC8482", 24, 4 / 3, 67.5),
    _Lens("FC3170", 24, 4 / 3, 70.2),
    _Lens("FC3411", 22, 3 / 2, 76.4),
    _Lens("L2D-20C", 24, 4 / 3, 71.6),
    _Lens("M3E", 24, 4 / 3, 70.8),
    _Lens("FC4170", 162, 4 / 3, 12.3),
    _Lens("FC4370", 166, 4 / 3, 11.9),
    _Lens("FC4382", 70, 4 / 3, 27.8),
    _Lens("M3T M3TD M30T", 40, 5 / 4, 45.8),
    _Lens("M3T M3TD M30T M4T", 24, 4 / 3, None),
    _Lens("M4T H30T ZH30T", 52, 5 / 4, 36.0),
    _Lens("H20T ZH20T", 58, 5 / 4, 32.5),
    _Lens("SKYDIO 2 2+ X2", 21, 4 / 3, 80.95),
    _Lens("X10", 46, 4 / 3, 40.1),
)
_THERMAL = {"XT", "XT2", "XTS", "XT S", "ZENMUSE XT", "ZENMUSE XT2", "ZENMUSE XTS"}
# H20N's thermal lens is 29 mm by EXIF and 53 mm by its data sheet; GoPro's angle hangs on a mode.
_UNKNOWN_MODELS = ("H20N", "HERO", "MAX", "AVATA", "FPV", "SEQUOIA", "DISCO")


def field_of_view(stated: StatedOptics) -> FieldOfView | None:
    """Return the angles across a picture's width and height, degrees; None where they cannot be told.

    They are across the camera's right and down at roll 0: of a picture to be turned by a quarter, exchanged.
    """
    model = (stated.model or "").strip().upper()
    if any(name in model for name in _UNKNOWN_MODELS) or (stated.maker or "").strip().upper() == "GOPRO":
        return None
    if stated.f35_mm is not None and 0 < stated.f35_mm < _FISHEYE_F35_MM:
        return None
    if _ratio_of(stated) > _PANORAMA:
        return None
    found = _found(stated, model)
    if _zoom(stated) > 1.0 and found is not None and not _is_zoom_apart(stated, model, found.source):
        # The 35 mm figure and the calibration may hold the zoom already: the wider angle, with an error to the other.
        wider = _found(replace(stated, zoom=None), model)
        if wider is not None:
            found = replace(wider, sigma_deg=max(wider.sigma_deg, wider.h_deg - found.h_deg, wider.v_deg - found.v_deg))
    if found is None or not (0 < found.h_deg < 179 and 0 < found.v_deg < 179):
        return None
    h_deg, v_deg, sigma_deg = found.h_deg, found.v_deg, found.sigma_deg
    if stated.is_film:
        sigma_deg = hypot(sigma_deg, _OF_FILM * max(h_deg, v_deg))
    if stated.orientation in _ROTATED:
        h_deg, v_deg = v_deg, h_deg
    return FieldOfView(h_deg, v_deg, sigma_deg, found.source)


def _found(stated: StatedOptics, model: str) -> FieldOfView | None:
    by_lens = _by_lens(stated, model)
    return _calibrated(stated, by_lens) or _stated(stated) or by_lens


def _is_zoom_apart(stated: StatedOptics, model: str, source: str) -> bool:
    """Tell whether a digital zoom comes on top of the angle: a calibration or table is of the lens without it."""
    whole = replace(stated, zoom=None)
    by_lens = _by_lens(whole, model)
    if source == "table":
        return True
    if source != "calibrated" or by_lens is None or by_lens.source != "table":
        return False
    calibrated = _calibrated(whole, by_lens)
    return calibrated is not None and abs(calibrated.h_deg / by_lens.h_deg - 1) <= _SAME_ANGLE


def _calibrated(stated: StatedOptics, by_lens: FieldOfView | None) -> FieldOfView | None:
    focal_px, width, height = _number(stated.calibrated_focal_px), stated.width_px, stated.height_px
    if focal_px is None or not width or not height:
        return None
    focal_px *= width / (_number(stated.calibrated_width_px) or width) * _zoom(stated)
    h_deg, v_deg = (degrees(2 * atan(side / (2 * focal_px))) for side in (width, height))
    is_certain = stated.calibrated_width_px is not None or by_lens is None
    if not is_certain and by_lens is not None and abs(h_deg - by_lens.h_deg) > _PLAUSIBLE_DEG:
        return None
    if stated.calibrated_width_px is None and by_lens is None and h_deg < _NARROW_DEG:
        return None  # or the picture was made smaller after it was calibrated
    return FieldOfView(h_deg, v_deg, _CALIBRATED_DEG, "calibrated")


def _stated(stated: StatedOptics) -> FieldOfView | None:
    h_deg, v_deg, ratio = _number(stated.h_fov_deg), _number(stated.v_fov_deg), _shape(stated)
    if (h_deg is None and v_deg is None) or not all(value is None or value < 179 for value in (h_deg, v_deg)):
        return None
    if h_deg is None:
        assert v_deg is not None
        h_deg = _scaled(v_deg, ratio) if ratio else None
    if v_deg is None and h_deg is not None:
        v_deg = _scaled(h_deg, 1 / ratio) if ratio else None
    return FieldOfView(h_deg, v_deg, _STATED_DEG, "stated") if h_deg is not None and v_deg is not None else None


def _by_lens(stated: StatedOptics, model: str) -> FieldOfView | None:
    """Return what table and 35 mm figure give: the sensor's wide angle, cut to the picture's shape."""
    f35 = _number(stated.f35_mm)
    lenses = [lens for lens in _LENSES if model and model in lens.models.split()]
    same = [lens for lens in lenses if f35 and lens.f35_mm and abs(f35 / lens.f35_mm - 1) <= _SAME_LENS]
    lens = same[0] if same else (lenses[0] if len(lenses) == 1 else None)
    if model in _THERMAL and (focal := _number(stated.focal_mm)):
        wide_deg = degrees(2 * atan(640 * _THERMAL_PX_MM / 2 / focal))
        return _cut(wide_deg, 5 / 4, stated, _TABLE_DEG, "table")
    if lens is not None and lens.wide_deg is not None and (f35 is None or same):
        return _cut(lens.wide_deg, lens.ratio, stated, _TABLE_DEG, "table")
    if f35 is None:
        return None
    if lens is not None and lens.wide_deg is not None and lens.f35_mm:  # the same camera, zoomed
        return _cut(_scaled(lens.wide_deg, lens.f35_mm / f35), lens.ratio, stated, _F35_DEG, "f35")
    ratio = lens.ratio if lens is not None else _sensor_ratio(stated)
    if (stated.maker or "").strip().upper() == "SKYDIO":
        return _cut(degrees(2 * atan(_WIDTH_MM / 2 / f35)), ratio, stated, _F35_DEG, "f35")
    wide_deg = degrees(2 * atan(_DIAGONAL_MM / 2 / f35 * ratio / hypot(ratio, 1.0)))
    return _cut(wide_deg, ratio, stated, _F35_DEG, "f35")


def _cut(wide_deg: float, sensor: float, stated: StatedOptics, sigma_deg: float, source: str) -> FieldOfView:
    """Return the angles of a picture cut from a sensor: what is wider keeps the width, what is narrower the height."""
    ratio = _ratio_of(stated) or sensor
    wide_deg = _scaled(wide_deg, min(1.0, ratio / sensor) / _zoom(stated))
    narrow_deg = _scaled(wide_deg, 1 / ratio)
    is_upright = bool(stated.width_px and stated.height_px and stated.height_px > stated.width_px)
    h_deg, v_deg = (narrow_deg, wide_deg) if is_upright else (wide_deg, narrow_deg)
    return FieldOfView(h_deg, v_deg, sigma_deg, source)


def _sensor_ratio(stated: StatedOptics) -> float:
    """Return the sensor's ratio where no table has it: the picture's; of wider ones 4:3, as nearly all drones have."""
    ratio = _ratio_of(stated)
    return ratio if 1.0 < ratio < 1.6 else 4 / 3


def _shape(stated: StatedOptics) -> float:
    """Return width over height as stored; 0 where it is unknown."""
    return stated.width_px / stated.height_px if stated.width_px and stated.height_px else 0.0


def _ratio_of(stated: StatedOptics) -> float:
    """Return the long side over the short one; 0 where it is unknown."""
    shape = _shape(stated)
    return max(shape, 1 / shape) if shape > 0 else 0.0


def _scaled(angle_deg: float, factor: float) -> float:
    return degrees(2 * atan(tan(radians(angle_deg) / 2) * factor))


def _zoom(stated: StatedOptics) -> float:
    return max(_number(stated.zoom) or 1.0, 1.0)


def _number(value: float | None) -> float | None:
    """Return a figure that can be one: finite and above zero."""
    return float(value) if value is not None and isfinite(value) and value > 0 else None
