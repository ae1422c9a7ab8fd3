"""Which way the camera looked, by the gimbal or the camera itself; never by the aircraft.

All-zero gimbals mean that nothing was recorded. Pix4D's schema counts pitch from straight down, Autel's files in it
from the horizon: such poses are told and not trusted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

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
_DISAGREE, _FLIGHT = "directions_disagree", "heading_of_aircraft"
_DECLINATION_DEG = 30.0  # of the compass, where a heading does not say that it is from true north
_STEEPEST_DEG = 80.0  # looking steeper, a heading means little
_TURNED_AWAY_DEG = 45.0  # no common gimbal turns farther; a heading near zero then is the aircraft's own
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
    """Return the camera's pose; None where there is none, or zeros in its place.

    One that another field of the file contradicts is told and not trusted: whichever is right, nothing rests on it.
    """
    found = [*_stated(told), *_debug_text(told)]
    known = [one for one in found if not one.is_nothing]
    if found and not known:
        text = Message("the camera's direction is written as all zeros: it was not recorded")
        harvest.note(Code.POSE_ABSENT, Severity.INFO, text, found[0].field.offset)
    pose = _as_pose(known[0], told) if known else _of_film(harvest) or _of_pix4d(harvest, told)
    if pose is None:
        return None
    contradicting = [*_other_directions(harvest, pose, known[1:]), *_other_headings(told, pose)]
    for offset in contradicting:
        text = Message("the file states several directions of the camera that disagree; the first of them is told")
        harvest.note(Code.VALUES_CONFLICT, Severity.WARNING, text, offset)
    is_turned = _is_turned_away(harvest, told, pose)
    reasons = (*pose.reasons, *((_DISAGREE,) if contradicting else ()), *((_FLIGHT,) if is_turned else ()))
    return replace(pose, is_trusted=not reasons, reasons=reasons)


def _other_directions(harvest: Harvest, pose: CameraPose, others: list[_Angles]) -> Iterator[int]:
    """Give the places of other poses that look elsewhere, or are turned elsewhere about their line of sight."""
    yield from (one.field.offset for one in others if _differs(pose, one))
    film = _of_film(harvest)
    if film is not None and film.source != pose.source and _differs(pose, film):
        yield int(harvest.films[0].offset[0])


def _other_headings(told: FieldsByName, pose: CameraPose) -> Iterator[int]:
    """Give the places of EXIF's directions of the picture (GPSImgDirection) that are not the pose's heading."""
    if abs(pose.pitch_deg) > _STEEPEST_DEG:
        return
    for one in told.every_local("GPSImgDirection"):
        heading = number_of(one.value)
        prefix, colon, _ = one.path.rpartition("/")[2].rpartition(":")
        reference = told.beside(one, f"{prefix}{colon}GPSImgDirectionRef")
        is_true = reference is not None and str(reference.value).strip().upper()[:1] == "T"
        allowed_deg = _PARTED_DEG + (0.0 if is_true else _DECLINATION_DEG)
        if heading is not None and abs(_turn_deg(heading, pose.yaw_deg)) > allowed_deg:
            yield one.offset


def _is_turned_away(harvest: Harvest, told: FieldsByName, pose: CameraPose) -> bool:
    """Tell whether the gimbal's yaw is so far from the aircraft's that it may be counted from there, not from north."""
    flight = number_of(told.text(*_FLIGHT_YAW))
    apart_deg = abs(_turn_deg(pose.yaw_deg, flight)) if flight is not None else 0.0
    if apart_deg > _PARTED_DEG and abs(pose.pitch_deg) <= _STEEPEST_DEG:
        text = Message("camera and aircraft head more than 15 degrees apart: the camera's heading is in doubt")
        harvest.note(Code.POSE_DOUBTFUL, Severity.INFO, text)
    return apart_deg > _TURNED_AWAY_DEG and abs(pose.yaw_deg) <= _PARTED_DEG


def _turn_deg(one_deg: float, other_deg: float) -> float:
    return (one_deg - other_deg + 180) % 360 - 180


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


def _differs(one: CameraPose | _Angles, other: CameraPose | _Angles) -> bool:
    """Tell whether two cameras stand otherwise: by the turn from one to the other, as yaw means little at the nadir."""
    first, second = _quaternion(one), _quaternion(other)
    cosine = abs(sum(a * b for a, b in zip(first, second, strict=True)))
    return math.degrees(2 * math.acos(min(1.0, cosine))) > _SAME_DEG


def _quaternion(one: CameraPose | _Angles) -> tuple[float, float, float, float]:
    """Return the turn Rz(yaw) Ry(pitch) Rx(roll)."""
    halves = [math.radians(angle) / 2 for angle in (one.yaw_deg, one.pitch_deg, one.roll_deg)]
    (cz, cy, cx), (sz, sy, sx) = (map(f, halves) for f in (math.cos, math.sin))
    return (
        cz * cy * cx + sz * sy * sx, cz * cy * sx - sz * sy * cx, cz * sy * cx + sz * cy * sx,
        sz * cy * cx - cz * sy * sx,
    )  # fmt: skip


def _as_pose(one: _Angles, told: FieldsByName) -> CameraPose:
    flight = number_of(told.text(*_FLIGHT_YAW))
    yaw_sigma = YAW_SIGMA_DEG
    if flight is not None and abs(_turn_deg(one.yaw_deg, flight)) > _PARTED_DEG:
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
