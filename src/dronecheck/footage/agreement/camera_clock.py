"""What a group's camera clock is worth: UTC minus its digits, by what the items state, by events, by the path.

PROVEN     items state UTC
FOUND      the places of at least three items lie on the path at one offset, or the events of the log agree with
           the pictures; both where both exist
AMBIGUOUS  offsets of several zones fit, or places and events contradict each other
UNKNOWN    nothing tells: a hover, one photo, a shoot flown elsewhere
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from dronecheck.footage.agreement.log_path import LogPath
from dronecheck.footage.agreement.path_fit import PathFit, fitted, moments_of
from dronecheck.footage.agreement.photo_events import EventFit, aligned
from dronecheck.footage.agreement.shots import Shot
from dronecheck.footage.agreement.zone_offsets import zone_of

__all__ = ["CameraClock", "ClockProof", "clock_of", "other_time"]

_FEW_S = 5.0  # by which offsets of one clock may differ, as the items state UTC
_SIGMA_AT_LEAST_S = 0.3
_NEAR_EVENTS_S = 6.0
_LATENCY_S = 0.25  # of a receiver's fixes behind the photo's or the log's moment
_CUT_OFF_S = 1.0


class ClockProof(StrEnum):
    """How a camera's clock is known."""

    PROVEN = "proven"
    FOUND = "found"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CameraClock:
    """UTC minus a camera's clock, s: what to add to its digits, and the 95 % interval of the clock itself.

    The two differ by what the digits cut off: `sigma_s` is the error of the sum. `by_events` tells that the log's own
    photo events prove it; `is_zone` that it is within five minutes of a time zone.
    """

    proof: ClockProof
    delta_s: float = float("nan")
    interval_s: tuple[float, float] = (float("nan"), float("nan"))
    sigma_s: float = float("nan")
    by_events: bool = False
    is_zone: bool = True


def clock_of(group: Sequence[Shot], paths: Sequence[LogPath], *, may_be_proven: bool) -> CameraClock:
    """Return the clock of one group of shots; `may_be_proven` False where the logs' own UTC is assumed."""
    if may_be_proven and (stated := _stated(group)) is not None:
        return stated
    events = _by_events(group, paths)
    path = fitted(moments_of(group), paths)
    if path is None:
        if events is None or not events.is_proof:
            return CameraClock(ClockProof.UNKNOWN)
        if events.rivals_s or zone_of(events.delta_s) is None:
            low, high = events.interval_s
            return CameraClock(
                ClockProof.AMBIGUOUS, interval_s=(min([low, *events.rivals_s]), max([high, *events.rivals_s]))
            )
        return _of_events(events)
    if path.rivals_s:
        return _settled(path, events)
    if events is not None and events.is_proof and not events.rivals_s and not _meet(path, events):
        both = (*path.interval_s, *events.interval_s)
        return CameraClock(ClockProof.AMBIGUOUS, interval_s=(min(both), max(both)))
    return _of_path(path, group, by_events=events is not None and events.is_proof)


def other_time(group: Sequence[Shot], paths: Sequence[LogPath]) -> CameraClock | None:
    """Return the one clock by which the places of a group lie on the paths, whatever UTC it states; None without."""
    path = fitted(moments_of(group), paths)
    return None if path is None or path.rivals_s else _of_path(path, group, by_events=False)


def _stated(group: Sequence[Shot]) -> CameraClock | None:
    """Return the clock by the items that have both its digits and UTC; None where there are none, or they disagree."""
    pairs = [
        (shot.utc_s - shot.camera_s, shot.utc_sigma_s)
        for shot in group
        if shot.utc_s is not None and shot.camera_s is not None
    ]
    if not pairs:
        return None
    offsets = np.array([offset for offset, _ in pairs])
    delta_s = float(np.median(offsets))
    if float(np.ptp(offsets)) > 2 * _FEW_S:
        return None
    sigma_s = max(float(np.median([sigma for _, sigma in pairs])), _SIGMA_AT_LEAST_S)
    low = delta_s - 1.96 * sigma_s
    return CameraClock(ClockProof.PROVEN, delta_s, (low, delta_s + 1.96 * sigma_s), sigma_s)


def _by_events(group: Sequence[Shot], paths: Sequence[LogPath]) -> EventFit | None:
    photos = [shot.camera_s for shot in group if shot.camera_s is not None and not shot.is_film]
    events = np.unique(np.concatenate([path.event_s for path in paths])) if paths else np.empty(0)
    return aligned(np.array(sorted(photos)), events)


def _meet(path: PathFit, events: EventFit) -> bool:
    low, high = events.interval_s
    return path.interval_s[1] >= low - _NEAR_EVENTS_S and path.interval_s[0] <= high + _NEAR_EVENTS_S


def _settled(path: PathFit, events: EventFit | None) -> CameraClock:
    """Return the one of several offsets at which the events lie, too; else that it cannot be told."""
    every = (*path.interval_s, *path.rivals_s)
    if events is not None and events.is_proof and not events.rivals_s:
        low, high = events.interval_s
        near = [at for at in (path.delta_s, *path.rivals_s) if low - _NEAR_EVENTS_S <= at <= high + _NEAR_EVENTS_S]
        if len(near) == 1:
            return _of_events(events)
    return CameraClock(ClockProof.AMBIGUOUS, interval_s=(min(every), max(every)))


def _of_events(events: EventFit) -> CameraClock:
    low, high = events.interval_s
    middle = (low + high + _CUT_OFF_S) / 2  # the events lie late, and the photos' digits early
    sigma_s = (high - low) / (2 * 1.96)
    return CameraClock(ClockProof.FOUND, middle, (low, high), sigma_s, by_events=True)


def _of_path(path: PathFit, group: Sequence[Shot], *, by_events: bool) -> CameraClock:
    low, high = path.interval_s[0] - _LATENCY_S, path.interval_s[1] + _LATENCY_S
    is_whole = all(shot.is_whole_second for shot in group if shot.camera_s is not None)
    return CameraClock(
        ClockProof.FOUND, path.delta_s, (low - (_CUT_OFF_S if is_whole else 0.0), high), (high - low) / (2 * 1.96),
        by_events, zone_of(path.delta_s) is not None,
    )  # fmt: skip
