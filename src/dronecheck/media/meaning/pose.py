"""Which way the camera looked, by the gimbal or the camera itself; never by the aircraft.

All-zero gimbals mean that nothing was recorded. Pix4D's schema counts pitch from straight down, Autel's files in it
from the horizon: such poses are told and not trusted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dronecheck.issues import Code, Severity
from dronecheck.media.fields import FieldsByName, Harvest
from dronecheck.media.meaning.device import maker_of
from dronecheck.media.meaning.values import number_of
from dronecheck.media.model import CameraPose, MediaField
from dronecheck.messages import Message

__all__ = ["pose_of"]

YAW_SIGMA_DEG, DOUBTFUL_YAW_SIGMA_DEG, TILT_SIGMA_DEG = 5.0, 10.0, 1.0
_PARTED_DEG = 15.0  # gimbal and aircraft yaw: then the gimbal's own compass is in doubt
_SAME_DEG = 1.0
_FISHEYE_F35_MM = 12.0
_FROM_NADIR_DEG = 90.0
_AMBIGUOUS, _FISHEYE, _UNDOCUMENTED = "pitch_convention", "fisheye", "undocumented_text"
# yaw, pitch, roll of one group of fields
_TRUSTED = (
    ("drone-dji:GimbalYawDegree", "drone-dji:GimbalPitchDegree", "drone-dji:GimbalRollDegree"),
    ("MakerNote/CameraYaw", "CameraPitch", "CameraRoll"),
    ("drone-skydio:CameraOrientationNED/drone-skydio:Yaw", "drone-skydio:Pitch", "drone-skydio:Roll"),
    ("drone-parrot:CameraYawDegree", "drone-parrot:CameraPitchDegree", "drone-parrot:CameraRollDegree"),
    ("exif:CameraYaw", "exif:CameraPitch", "exif:CameraRoll"),
    ("©gyw", "©gpt", "©grl"),
)
_PIX4D = ("Camera:Yaw", "Camera:Pitch", "Camera:Roll")
_FLIGHT_YAW = ("drone-dji:FlightYawDegree", "MakerNote/Yaw", "©fyw")


@dataclass(frozen=True, slots=True)
class _Angles:
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    field: MediaField
    is_undocumented: bool = False

    @property
    def is_nothing(self) -> bool:
        """Tell whether all are zero, as cameras write that have no pose."""
        return self.yaw_deg == self.pitch_deg == self.roll_deg == 0.0


def pose_of(harvest: Harvest, told: FieldsByName) -> CameraPose | None:
    """Return the camera's pose; None where there is none, or zeros in its place."""
    found = [*_stated(told), *_debug_text(told)]
    known = [one for one in found if not one.is_nothing]
    if found and not known:
        text = Message("the camera's direction is written as all zeros: it was not recorded")
        harvest.note(Code.POSE_ABSENT, Severity.INFO, text, found[0].field.offset)
    for other in known[1:]:
        if _differs(known[0], other):
            text = Message("the file states several directions of the camera that disagree; the first of them is told")
            harvest.note(Code.VALUES_CONFLICT, Severity.WARNING, text, other.field.offset)
    if known:
        return _as_pose(known[0], told)
    return _of_film(harvest) or _of_pix4d(harvest, told)


def _stated(told: FieldsByName) -> Iterator[_Angles]:
    for yaw_name, pitch_name, roll_name in _TRUSTED:
        for one in told.every(yaw_name):
            others = told.beside(one, pitch_name), told.beside(one, roll_name)
            values = [number_of(field.value) if field is not None else None for field in (one, *others)]
            yaw, pitch, roll = values
            roll = 0.0 if roll is None else roll
            if yaw is not None and pitch is not None and abs(yaw) <= 360 and abs(pitch) <= 180 and abs(roll) <= 360:
                yield _Angles(_wrapped(yaw), pitch, roll, one)


def _debug_text(told: FieldsByName) -> Iterator[_Angles]:
    """Give the angles of DJI's `[GimbalDegree(Y,P,R):-12.3,4.5,0.0]`; whole numbers are tenths of a degree."""
    for one in told.every("GimbalDegree(Y,P,R)"):
        values = [number_of(part) for part in str(one.value).split(",")]
        if len(values) == 3 and None not in values:
            unit = 1.0 if "." in str(one.value) else 0.1
            yaw, pitch, roll = (float(value or 0.0) * unit for value in values)
            yield _Angles(yaw, pitch, roll, one, is_undocumented=True)


def _wrapped(yaw_deg: float) -> float:
    return yaw_deg if -180 <= yaw_deg <= 180 else (yaw_deg + 180) % 360 - 180


def _differs(one: _Angles, other: _Angles) -> bool:
    """Tell whether two look elsewhere: by the angle between their directions, as yaw means little at the nadir."""
    first, second = (
        (math.cos(p) * math.cos(y), math.cos(p) * math.sin(y), math.sin(p))
        for y, p in ((math.radians(a.yaw_deg), math.radians(a.pitch_deg)) for a in (one, other))
    )
    cosine = sum(a * b for a, b in zip(first, second, strict=True))
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine)))) > _SAME_DEG


def _as_pose(one: _Angles, told: FieldsByName) -> CameraPose:
    flight = number_of(told.text(*_FLIGHT_YAW))
    yaw_sigma = YAW_SIGMA_DEG
    if flight is not None and abs((one.yaw_deg - flight + 180) % 360 - 180) > _PARTED_DEG:
        yaw_sigma = DOUBTFUL_YAW_SIGMA_DEG
    sigma = (yaw_sigma, TILT_SIGMA_DEG, TILT_SIGMA_DEG)
    f35_mm = number_of(getattr(told.first("Exif/FocalLengthIn35mmFilm"), "value", None))
    is_fisheye = one.field.path.endswith("drone-parrot:CameraYawDegree") and 0 < (f35_mm or 0.0) < _FISHEYE_F35_MM
    reasons = (_UNDOCUMENTED,) if one.is_undocumented else (_FISHEYE,) if is_fisheye else ()
    return CameraPose(one.yaw_deg, one.pitch_deg, one.roll_deg, sigma, one.field.path, not reasons, reasons)


def _of_film(harvest: Harvest) -> CameraPose | None:
    """Return the pose of the first sample that has one, of a usable one if there is any."""
    for film in harvest.films:
        posed = np.isfinite(film.yaw_deg) & np.isfinite(film.pitch_deg)
        rows = np.flatnonzero(posed & film.is_usable if (posed & film.is_usable).any() else posed)
        if len(rows):
            row = int(rows[0])
            yaw, pitch, roll = (float(c[row]) for c in (film.yaw_deg, film.pitch_deg, film.roll_deg))
            return CameraPose(yaw, pitch, roll, (YAW_SIGMA_DEG, TILT_SIGMA_DEG, TILT_SIGMA_DEG), film.source)
    return None


def _of_pix4d(harvest: Harvest, told: FieldsByName) -> CameraPose | None:
    for one in told.every(_PIX4D[0]):
        values = [number_of(one.value)]
        for name in _PIX4D[1:]:
            other = told.beside(one, name)
            values.append(number_of(other.value) if other is not None else None)
        yaw, pitch, roll = values
        if yaw is None or pitch is None:
            continue
        maker = (maker_of(told) or "").lower()
        from_horizon = maker.startswith(("autel", "camera"))
        text = Message(
            "the camera's direction may be counted from the horizon or from straight down; it is not trusted"
        )
        harvest.note(Code.POSE_DOUBTFUL, Severity.WARNING, text, one.offset)
        reasons = (_AMBIGUOUS, _FISHEYE) if maker.startswith("parrot") else (_AMBIGUOUS,)
        return CameraPose(
            _wrapped(yaw), pitch if from_horizon else pitch - _FROM_NADIR_DEG, roll or 0.0,
            (DOUBTFUL_YAW_SIGMA_DEG, TILT_SIGMA_DEG, TILT_SIGMA_DEG), one.path, False, reasons,
        )  # fmt: skip
    return None
