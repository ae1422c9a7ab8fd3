"""One camera at one instant: what is known of its place, height, direction and lens, each of which may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import hypot, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import ArrayLike

from dronecheck.arrays import Bools
from dronecheck.flight import Clock, ClockSource, Flight, Source, Track
from dronecheck.geo.plane import unwrap_lon
from dronecheck.geofence.altitude.altitudes import TerrainHeights
from dronecheck.geofence.settings import Settings
from dronecheck.media.model import (
    CameraHeight,
    CameraPose,
    CameraPosition,
    CaptureTime,
    FieldOfView,
    MediaItem,
    PositionStatus,
)

if TYPE_CHECKING:
    from dronecheck.geo.vertical.geoid import Geoid

__all__ = ["AboveGround", "Camera", "ViewDoubt", "above_ground", "is_on_globe"]

NO_TERRAIN_SIGMA_M = 30.0  # of a height above take-off taken for one above the ground below (FOOTAGE 5, row 7)
_AGL_SIGMA_M, _AMSL_SIGMA_M = 5.0, 8.0
_NULL_ISLAND_DEG, _FARTHEST_LON_DEG = 1e-6, 540.0
_UNPROVEN_S = 3_600.0
_NARROWEST_DEG, _WORST_DEG = 0.1, 180.0
_EVER_NS = 2**62  # what a track's clock can hold
_BELOW_SIGMAS = 3.0
_LOWEST_ABOVE_HOME_M = -10.0  # no barometer is off by more: lower than its take-off, and the ground is not level
_LEAST_M, _HIGHEST_M = 1.0, 10_000.0  # above ground: no drone is higher
_COARSEST_M = 10_000.0  # a place known worse than that is none


class ViewDoubt(StrEnum):
    """What is missing or doubtful of a camera, so that less can be said of where it looked."""

    NO_POSITION = "no_position"
    POSITION_INVALID = "position_invalid"  # the file itself says so, or it is at 0/0
    NO_POSE = "no_pose"
    POSE_ALL_ZERO = "pose_all_zero"  # all three angles are zero: what a file holds that has none
    POSE_UNTRUSTED = "pose_untrusted"
    NO_FIELD_OF_VIEW = "no_field_of_view"
    NO_HEIGHT = "no_height"
    BELOW_TERRAIN = "below_terrain"  # the height contradicts the terrain: it counts as unknown
    NO_TERRAIN = "no_terrain"  # heights above take-off stand for those above the ground


@dataclass(frozen=True, slots=True)
class AboveGround:
    """A height above the ground straight below, metres; `sigma_m` is one standard deviation."""

    height_m: float
    sigma_m: float
    over_terrain: bool  # the ground's own height is known


@dataclass(frozen=True, slots=True)
class Camera:
    """What one picture, or one sample of a film, says of its camera; None is unknown. Nothing is guessed here."""

    position: CameraPosition | None = None
    height: CameraHeight | None = None
    pose: CameraPose | None = None
    fov: FieldOfView | None = None
    time: CaptureTime | None = None
    name: str = ""

    @classmethod
    def of(cls, item: MediaItem) -> Self:
        """Return the camera of a photo, or of a film at its begin."""
        return cls(item.position, item.height, item.pose, item.fov, item.time, item.name)

    @property
    def has_place(self) -> bool:
        """Tell whether the position may decide anything: on the globe, not at 0/0, and valid by the file itself."""
        return self.position is not None and self.position_doubt is None

    @property
    def position_doubt(self) -> ViewDoubt | None:
        """Return why the position decides nothing; None where it does."""
        at = self.position
        if at is None:
            return ViewDoubt.NO_POSITION
        is_usable = at.status is PositionStatus.USABLE and bool(is_on_globe(at.lat_deg, at.lon_deg))
        is_usable &= not at.h_sigma_m > _COARSEST_M
        return None if is_usable else ViewDoubt.POSITION_INVALID

    @property
    def lonlat_deg(self) -> tuple[float, float]:
        """Return longitude, within 180 degrees of zero, and latitude. Raises ValueError without a position."""
        if self.position is None:
            raise ValueError("the camera has no position")
        return float(unwrap_lon(self.position.lon_deg, 0.0)), self.position.lat_deg

    @property
    def pose_doubt(self) -> ViewDoubt | None:
        """Return why the direction is not known; None where it is."""
        pose = self.pose
        if pose is None or not all(map(isfinite, (pose.yaw_deg, pose.pitch_deg, pose.roll_deg))):
            return ViewDoubt.NO_POSE
        if not all(0 <= sigma <= _WORST_DEG for sigma in pose.sigma_deg):
            return ViewDoubt.NO_POSE
        if pose.yaw_deg == pose.pitch_deg == pose.roll_deg == 0.0:
            return ViewDoubt.POSE_ALL_ZERO
        return None if pose.is_trusted else ViewDoubt.POSE_UNTRUSTED

    @property
    def has_field_of_view(self) -> bool:
        """Tell whether the angles of the picture are known, and can be those of a lens."""
        fov = self.fov
        if fov is None or not 0 <= fov.sigma_deg <= _WORST_DEG:
            return False
        return all(_NARROWEST_DEG <= angle < 180 for angle in (fov.h_deg, fov.v_deg))

    @property
    def utc_ns(self) -> int | None:
        """Return the proven time of capture, UTC nanoseconds."""
        utc_ns = self.time.utc_ns if self.time is not None else None
        return utc_ns if utc_ns is not None and abs(utc_ns) < _EVER_NS else None

    def as_flight(self) -> Flight:
        """Return the camera's place as a flight of one fix, empty without a usable position: what `check` judges."""
        time, sigma_s = self.time, self.time.sigma_s if self.time is not None else None
        sigma_s = sigma_s if sigma_s is not None and isfinite(sigma_s) else None
        is_proven = self.utc_ns is not None and sigma_s is not None and sigma_s < _UNPROVEN_S
        clock = Clock(
            self.utc_ns is not None,
            ClockSource.EXPORT if time is not None and self.utc_ns is not None else ClockSource.NONE,
            sigma_s if sigma_s is not None else float("nan"),
            is_assumed=self.utc_ns is not None and not is_proven,
        )
        source = Source(Path(self.name or "camera"), 0, "", "media", "", "")
        if not self.has_place:
            return Flight(source, {}, "", clock)
        return Flight(source, {"camera": self._track()}, "camera", clock)

    def _track(self) -> Track:
        assert self.position is not None
        (lon_deg, lat_deg), height = self.lonlat_deg, self.height or CameraHeight()
        sigma_m = self.position.h_sigma_m
        return Track.build(
            time_ns=[self.utc_ns or 0], lat_deg=[lat_deg], lon_deg=[lon_deg], offset=[0], message="camera",
            is_timed=[self.utc_ns is not None],
            h_sigma_m=[sigma_m if isfinite(sigma_m) and sigma_m > 0 else float("nan")],
            alt_amsl_m=_column(height.amsl_m), alt_hae_m=_column(height.hae_m), alt_home_m=_column(height.home_m),
            alt_agl_m=_column(height.agl_m), v_sigma_m=_column(height.sigma_m),
        )  # fmt: skip


def is_on_globe(lat_deg: ArrayLike, lon_deg: ArrayLike) -> Bools:
    """Tell which positions can be one, shapes as given: on the globe, once around at most, and not 0/0 (no fix)."""
    lat, lon = np.asarray(lat_deg, dtype=np.float64), np.asarray(lon_deg, dtype=np.float64)
    is_null = (np.abs(lat) < _NULL_ISLAND_DEG) & (np.abs(lon) < _NULL_ISLAND_DEG)
    return np.asarray((np.abs(lat) <= 90) & (np.abs(lon) <= _FARTHEST_LON_DEG) & ~is_null, dtype=np.bool_)


def above_ground(
    camera: Camera, settings: Settings, ground: TerrainHeights | None, geoid: Geoid | None = None
) -> tuple[AboveGround | None, ViewDoubt | None]:
    """Return a camera's height above the ground below, and what is missing for a better one; None: unknown.

    By what the file says of it; else by sea level and terrain; else above take-off, as if the ground were level, with a
    sigma of 30 m, or of the relief that the user states. A height that lies below the terrain beyond all error is none,
    and one below the take-off shows that the ground is not level.
    """
    height = camera.height
    if height is None or not camera.has_place:
        return None, ViewDoubt.NO_HEIGHT
    sigma_m = height.sigma_m if height.sigma_m is not None and 0 < height.sigma_m < _HIGHEST_M else None
    if _is_known(height.agl_m):
        return _lifted(height.agl_m, sigma_m or _AGL_SIGMA_M, over_terrain=False)
    lon_deg, lat_deg = camera.lonlat_deg
    amsl_m = _amsl_m(camera, settings, geoid)
    if ground is not None and amsl_m is not None:
        below_m, below_sigma_m = (float(v[0]) for v in ground.ground_amsl_m(np.array([lon_deg]), np.array([lat_deg])))
        if isfinite(below_m):
            total_m = hypot(sigma_m or _AMSL_SIGMA_M, below_sigma_m)
            if amsl_m - below_m < -_BELOW_SIGMAS * total_m:
                return None, ViewDoubt.BELOW_TERRAIN
            return _lifted(amsl_m - below_m, total_m, over_terrain=True)
    if height.home_m is not None and height.home_m >= _LOWEST_ABOVE_HOME_M:
        level_m = max(NO_TERRAIN_SIGMA_M, settings.relief_m or 0.0)
        return _lifted(height.home_m, hypot(sigma_m or 0.0, level_m), ViewDoubt.NO_TERRAIN, over_terrain=False)
    return None, ViewDoubt.NO_HEIGHT


def _column(value: float | None) -> list[float]:
    return [value if value is not None and isfinite(value) else float("nan")]


def _is_known(value: float | None) -> bool:
    return value is not None and isfinite(value)


def _lifted(
    height_m: float | None, sigma_m: float, doubt: ViewDoubt | None = None, *, over_terrain: bool
) -> tuple[AboveGround | None, ViewDoubt | None]:
    """Return a height at which a camera can be; None of one that no drone reaches, in the air or under the ground."""
    assert height_m is not None
    if not -_HIGHEST_M < height_m <= _HIGHEST_M:
        return None, ViewDoubt.NO_HEIGHT
    return AboveGround(max(height_m, _LEAST_M), sigma_m, over_terrain), doubt


def _amsl_m(camera: Camera, settings: Settings, given: Geoid | None) -> float | None:
    height = camera.height
    if height is None:
        return None
    if _is_known(height.amsl_m):
        return height.amsl_m
    if height.hae_m is not None and isfinite(height.hae_m):
        from dronecheck.geo.vertical.geoid import bundled_geoid

        lon_deg, lat_deg = camera.lonlat_deg
        geoid = given or bundled_geoid()
        return height.hae_m - float(geoid.undulation_m(np.array([lon_deg]), np.array([lat_deg]))[0])
    if settings.takeoff_amsl_m is not None and height.home_m is not None and isfinite(height.home_m):
        return settings.takeoff_amsl_m + height.home_m
    return None
