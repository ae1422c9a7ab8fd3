"""What a log that agrees says of an item: where the camera was, and where it took off."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from dronecheck.flight import EventKind, Flight
from dronecheck.footage.agreement.log_path import INTERPOLATED_S, LogPath
from dronecheck.footage.agreement.model import AgreementVerdict, LogAgreement
from dronecheck.media.model import CameraHeight, CameraPose, CameraPosition

__all__ = ["place_in_log", "pose_in_log", "takeoff_flight"]

_BESIDE_S = 1.5  # an event is written by the next row, a camera's clock counts whole seconds
_ALIKE_DEG = 2.0
_SIGMA_DEG = (5.0, 1.0, 1.0)  # FOOTAGE: a gimbal's yaw, pitch and roll


def place_in_log(agreement: LogAgreement, flights: Sequence[Flight]) -> tuple[CameraPosition, CameraHeight] | None:
    """Return where the log has the aircraft when the item was taken; None unless it agrees and its time is known.

    The sigma holds the fixes' errors, and what the aircraft flew within the error of the time.
    """
    if agreement.verdict is not AgreementVerdict.AGREES or agreement.time_ns is None:
        return None
    flight = flights[agreement.flight]
    path = LogPath.of(agreement.flight, flight, agreement.time_ns, [])
    if path is None:
        return None
    places = path.at(np.zeros(1))
    if not places.is_inside[0] or places.gap_s[0] > INTERPOLATED_S:
        return None
    moved_m = float(places.speed_mps[0]) * (agreement.time_sigma_s or 0.0)
    home_m = float(places.home_m[0])
    known_m = home_m if math.isfinite(home_m) else None
    source = f"log {agreement.name}"
    position = CameraPosition(
        float(places.lat_deg[0]), float(places.lon_deg[0]), math.hypot(float(places.sigma_m[0]), moved_m), source
    )
    sigma_m = float(places.home_sigma_m[0]) if known_m is not None else None
    return position, CameraHeight(home_m=known_m, sigma_m=sigma_m, source=source if known_m is not None else "")


def pose_in_log(agreement: LogAgreement, flights: Sequence[Flight]) -> CameraPose | None:
    """Return which way the log has the camera look at the picture taken then.

    None unless it agrees, the time is known, and all pictures that the log has within that time looked the same way.
    """
    if agreement.verdict is not AgreementVerdict.AGREES or agreement.time_ns is None:
        return None
    within_ns = round((_BESIDE_S + 2 * (agreement.time_sigma_s or 0.0)) * 1e9)
    beside = [
        event.camera_deg
        for event in flights[agreement.flight].events
        if event.kind is EventKind.PHOTO and abs(event.time_ns - agreement.time_ns) <= within_ns
    ]
    looked = [one for one in beside if one is not None]
    if not looked or len(looked) < len(beside):
        return None
    angles = np.array(looked)
    turned = np.abs((angles - angles[0] + 180.0) % 360.0 - 180.0)
    if turned.max() > _ALIKE_DEG:
        return None
    yaw_deg, pitch_deg, roll_deg = looked[0]
    return CameraPose(yaw_deg, pitch_deg, roll_deg, _SIGMA_DEG, f"log {agreement.name}")


def takeoff_flight(agreements: Iterable[LogAgreement | None], flights: Sequence[Flight]) -> Flight | None:
    """Return the flight whose take-off is the home of the items: the one that most of them agree with, None without."""
    agreeing = [one.flight for one in agreements if one is not None and one.verdict is AgreementVerdict.AGREES]
    return flights[max(sorted(set(agreeing)), key=agreeing.count)] if agreeing else None
