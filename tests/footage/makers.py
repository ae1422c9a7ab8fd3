"""Cameras for tests, with the errors that media readers give them."""

from __future__ import annotations

from dronecheck.footage.camera import Camera
from dronecheck.media.model import CameraHeight, CameraPose, CameraPosition, CaptureTime, FieldOfView, PositionStatus

WIDE = (71.59, 56.81)


def camera(
    lat_deg=40.12, lon_deg=124.38, *, height=None, agl_m=100.0, pose=(150.0, -30.0, 0.0), fov=WIDE, utc_ns=None,
    h_sigma_m=3.0, sigma_m=5.0, is_trusted=True, status=PositionStatus.USABLE, pose_sigma_deg=(5.0, 1.0, 1.0),
    fov_sigma_deg=2.0,
):  # fmt: skip
    """A camera 100 m above the ground at Dandong that looks over the Yalu; None leaves a part out."""
    if height is None and agl_m is not None:
        height = CameraHeight(agl_m=agl_m, sigma_m=sigma_m)
    return Camera(
        position=CameraPosition(lat_deg, lon_deg, h_sigma_m, "test", status),
        height=height,
        pose=CameraPose(*pose, sigma_deg=pose_sigma_deg, source="test", is_trusted=is_trusted) if pose else None,
        fov=FieldOfView(*fov, sigma_deg=fov_sigma_deg, source="test") if fov else None,
        time=CaptureTime(utc_ns, None, None, 1.0, "test") if utc_ns is not None else None,
    )


def relations(answer):
    """The relations of a picture's answer by the territory's code."""
    return {each.territory.iso_a3: each.relation.value for each in answer.territories}
