"""What a photo or a film says of itself: where, when, how high and which way, each with the field that said it.

A value that is unknown is None. Readers fill these; nothing here judges. `source` names the field that a value was
taken from, as in `MediaField.path`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dronecheck.issues import Issue


class MediaKind(StrEnum):
    """What a file is by its first bytes; MP4 is every ISO film (MOV, LRF, 360, OSV, INSV too)."""

    JPEG = "jpeg"
    TIFF = "tiff"
    DNG = "dng"
    GPR = "gpr"
    HEIC = "heic"
    AVIF = "avif"
    PNG = "png"
    WEBP = "webp"
    MP4 = "mp4"
    GPMF = "gpmf"
    SUBTITLES = "subtitles"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MediaField:
    """A value as it is written, and where: `APP1/XMP/drone-dji:GimbalYawDegree` or `moov/trak[3]/sample[17]/3-3-4`."""

    path: str
    value: object
    offset: int
    length: int


class PositionStatus(StrEnum):
    """What the file itself says of its position."""

    USABLE = "usable"
    INVALID = "invalid"  # GpsStatus Invalid, djmd status 1, GPSF 0: told, never deciding


@dataclass(frozen=True, slots=True)
class CameraPosition:
    """Where the camera was, degrees WGS 84; `h_sigma_m` is one standard deviation of each horizontal axis."""

    lat_deg: float
    lon_deg: float
    h_sigma_m: float
    source: str
    status: PositionStatus = PositionStatus.USABLE


@dataclass(frozen=True, slots=True)
class CameraHeight:
    """How high the camera was, metres, by each reference that the file knows; `sigma_m` of the best of them."""

    home_m: float | None = None  # above the take-off point
    amsl_m: float | None = None
    hae_m: float | None = None
    agl_m: float | None = None
    sigma_m: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class CameraPose:
    """Which way the camera looked: degrees, NED, order ZYX; pitch 0 is level, -90 straight down, yaw from north."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    sigma_deg: tuple[float, float, float]  # yaw, pitch, roll
    source: str
    is_trusted: bool = True
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldOfView:
    """The whole angle that the picture spans, degrees, across its width and its height as stored."""

    h_deg: float
    v_deg: float
    sigma_deg: float
    source: str


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """When it was taken; `utc_ns` None where nothing proves it, `local` the written digits as ISO 8601 without zone."""

    utc_ns: int | None
    local: str | None
    offset_s: int | None
    sigma_s: float | None
    source: str


@dataclass(frozen=True)
class FilmTrack:
    """A film's camera sample by sample: equal lengths, NaN where a sample says nothing."""

    time_s: NDArray[np.float64]  # from the film's begin
    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    is_usable: NDArray[np.bool_]
    home_m: NDArray[np.float64]
    amsl_m: NDArray[np.float64]
    hae_m: NDArray[np.float64]
    yaw_deg: NDArray[np.float64]
    pitch_deg: NDArray[np.float64]
    roll_deg: NDArray[np.float64]
    offset: NDArray[np.int64]  # of the sample in the file
    length: NDArray[np.int64]
    utc_ns: NDArray[np.int64] | None = None
    source: str = ""


@dataclass(frozen=True)
class MediaItem:
    """One file of footage, read: `fields` is all that it says, the rest is what that means."""

    name: str
    bytes: int
    sha256: str
    kind: MediaKind
    maker: str | None = None
    model: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    orientation: int = 1
    duration_s: float | None = None
    serials: tuple[str, ...] = ()
    time: CaptureTime | None = None
    position: CameraPosition | None = None
    height: CameraHeight | None = None
    pose: CameraPose | None = None
    fov: FieldOfView | None = None
    film: FilmTrack | None = None
    other_films: tuple[FilmTrack, ...] = ()  # further tracks of the same film, which may contradict the first
    fields: tuple[MediaField, ...] = ()
    issues: tuple[Issue, ...] = field(default_factory=tuple)
    is_truncated: bool = False
