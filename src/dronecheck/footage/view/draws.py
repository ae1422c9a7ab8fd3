"""256 cameras that one may have been, by the errors of what it says: the same numbers for every picture.

What a draw of one figure is does not hang on which others are known: so a picture of which less is known is never
surer of anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.footage.view.rays import rotation
from dronecheck.media.model import CameraPose, FieldOfView

__all__ = ["DRAWS", "SEED", "CameraDraws", "drawn"]

DRAWS, SEED = 256, 20_261_130
DECLINATION_DEG = 10.0  # whether yaw is from true or magnetic north is told both ways (FOOTAGE 5, row 3)
_LEAST_M = 1.0
_WIDEST_DEG = 175.0


@dataclass(frozen=True, slots=True)
class CameraDraws:
    """Draws, n each: `aside` (n, 2) in standard deviations east and north, heights above ground, and directions.

    `turn` (n, 3, 3) is None without a pose, `h_deg` and `v_deg` without a field of view. The first draw has no errors.
    """

    aside: Floats
    height_m: Floats
    turn: Floats | None
    h_deg: Floats | None
    v_deg: Floats | None


def drawn(height_m: float, sigma_m: float, pose: CameraPose | None, fov: FieldOfView | None) -> CameraDraws:
    """Draw cameras: normal errors, and half of the yaws off by a declination of up to 10 degrees either way."""
    normal, declination, is_magnetic = _deviates()
    height = np.maximum(height_m + sigma_m * normal[:, 2], _LEAST_M)
    turn = None
    if pose is not None:
        yaw, pitch, roll = (
            value + max(sigma, 0.0) * normal[:, 3 + axis]
            for axis, (value, sigma) in enumerate(
                zip((pose.yaw_deg, pose.pitch_deg, pose.roll_deg), pose.sigma_deg, strict=True)
            )
        )
        turn = rotation(yaw + np.where(is_magnetic, declination, 0.0), pitch, roll)
    h_deg = v_deg = None
    if fov is not None:
        h_deg = np.clip(fov.h_deg + fov.sigma_deg * normal[:, 6], min(1.0, fov.h_deg), _WIDEST_DEG)
        scale = np.tan(np.radians(h_deg) / 2) / np.tan(np.radians(fov.h_deg) / 2)
        v_deg = np.degrees(2 * np.arctan(scale * np.tan(np.radians(fov.v_deg) / 2)))
        v_deg = np.minimum(v_deg, _WIDEST_DEG)
    return CameraDraws(normal[:, :2], height, turn, h_deg, v_deg)


@cache
def _deviates() -> tuple[Floats, Floats, Bools]:
    """Return standard normal deviates (n, 7), declinations (n,) in degrees, and which yaws are magnetic (n,)."""
    random = np.random.default_rng(SEED)
    normal = random.standard_normal((DRAWS, 7))
    declination = random.uniform(-DECLINATION_DEG, DECLINATION_DEG, DRAWS)
    normal[0], declination[0] = 0.0, 0.0
    return normal, declination, np.arange(DRAWS, dtype=np.int64) % 2 == 1
