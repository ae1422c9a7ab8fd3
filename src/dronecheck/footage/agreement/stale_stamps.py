"""Times of satellites that are older than the exposure: the stamp of the last fix is no false place.

A receiver that lost its satellites goes on to write the time of its last fix, while the place comes from elsewhere. So
where a place is on the path that the log has after its stamp, and not at it, which of the two is wrong is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dronecheck.footage.agreement.log_path import LogPath
from dronecheck.footage.agreement.model import AgreementVerdict, LogAgreement
from dronecheck.footage.agreement.shots import Shot
from dronecheck.geo.plane import local_offsets_m
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["with_stale_stamps"]

_FALSE = (AgreementVerdict.WRONG_POSITION, AgreementVerdict.WRONG_TIME)
_QUARTER_S, _CLOCK_S = 900.0, 10.0  # by more a camera's clock is off from the stamp, and no zone explains it
_SIGMAS = 3.0


def with_stale_stamps(
    group: Sequence[Shot], found: Sequence[LogAgreement], paths: Sequence[LogPath]
) -> list[LogAgreement]:
    """Return the findings of one clock, AMBIGUOUS where a stamp may be older than the exposure that it stands for.

    Of a shot without a stamp, too, whose clock was set by those of others.
    """
    stated = [shot for shot in group if shot.utc_s is not None]
    rests_on_fixes = bool(stated) and all(shot.is_of_fix for shot in stated)
    better = list(found)
    for row, (shot, one) in enumerate(zip(group, found, strict=True)):
        if one.verdict not in _FALSE or not (shot.is_of_fix or (rests_on_fixes and shot.utc_s is None)):
            continue
        later_s = _later_s(shot, stated, paths)
        if later_s is None and not _is_off(shot):
            continue
        text = Message("the time of the satellites may be older than the exposure: whether the place fits is not known")
        if later_s is not None and later_s > 0:
            text = Message(
                "the time of the satellites may be older than the exposure: the place fits the log {later_s} after it",
                later_s=later_s,
            )
        issue = Issue(Code.CLOCK_SKEW, Severity.WARNING, text)
        better[row] = replace(one, verdict=AgreementVerdict.AMBIGUOUS, issues=(*one.issues, issue))
    return better


def _later_s(shot: Shot, stated: Sequence[Shot], paths: Sequence[LogPath]) -> float | None:
    """Return how long after the stamp the first place of a shot is on a path, s; None where it is on none."""
    begin_s = shot.utc_s
    if begin_s is None:
        known = [one.utc_s - one.camera_s for one in stated if one.utc_s is not None and one.camera_s is not None]
        if shot.camera_s is None or not known:
            return None
        begin_s = shot.camera_s + float(np.median(known))
    there = np.flatnonzero(np.isfinite(shot.lat_deg))
    if not len(there):
        return None
    row = int(there[0])
    found = [
        _first_s(path, begin_s, float(shot.lat_deg[row]), float(shot.lon_deg[row]), shot.sigma_m) for path in paths
    ]
    known_s = [at_s - begin_s for at_s in found if at_s is not None]
    return min(known_s, default=None)


def _first_s(path: LogPath, after_s: float, lat_deg: float, lon_deg: float, sigma_m: float) -> float | None:
    """Return when the way of a path is first at a place after a moment, within the errors of both."""
    rows = np.flatnonzero(path.time_s >= after_s)
    if not len(rows):
        return None
    rows = np.arange(max(int(rows[0]) - 1, 0), len(path.time_s), dtype=np.int64)
    east_m, north_m = local_offsets_m(lon_deg, lat_deg, path.lon_deg[rows], path.lat_deg[rows])
    away_m, share = _to_ways(east_m, north_m)
    near = np.flatnonzero(away_m <= _SIGMAS * np.hypot(sigma_m, path.sigma_m[rows[: len(away_m)]]))
    times_s = path.time_s[rows]
    at_s = [float(times_s[n] + share[n] * (times_s[min(n + 1, len(rows) - 1)] - times_s[n])) for n in near.tolist()]
    return next((at for at in at_s if at >= after_s), None)


def _to_ways(east_m: np.ndarray, north_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far the origin is from each way between two points, m, and after which share of it that is."""
    if len(east_m) < 2:
        return np.hypot(east_m, north_m), np.zeros(len(east_m))
    step_e, step_n = np.diff(east_m), np.diff(north_m)
    square = np.maximum(step_e**2 + step_n**2, 1e-12)
    share = np.clip(-(east_m[:-1] * step_e + north_m[:-1] * step_n) / square, 0.0, 1.0)
    return np.hypot(east_m[:-1] + share * step_e, north_m[:-1] + share * step_n), share


def _is_off(shot: Shot) -> bool:
    """Tell whether the camera's own clock is off from the stamp by what is no time zone."""
    if shot.utc_s is None or shot.camera_s is None:
        return False
    apart_s = shot.camera_s - shot.utc_s
    return abs(apart_s - _QUARTER_S * round(apart_s / _QUARTER_S)) > _CLOCK_S
