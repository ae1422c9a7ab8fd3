"""Fixes without the noise that this log has elsewhere: smoothed, or held while the aircraft moves."""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.evidence.consistency.receiver.path import Path
from dronecheck.evidence.consistency.stretches import runs

__all__ = ["HELD_MPS", "HELD_ROWS", "HELD_S", "STILL_S", "held", "quiet_share", "smooth", "still"]

FIXES, OF_THEM = 25, 23
ORDER = 4  # of differences: they keep the noise and lose the flight
MOVING_MPS = 1.0
REGULAR_WITHIN = 0.1  # of the usual time between fixes
QUIET_SHARE = 0.5  # of a receiver; the 90 % of 25 fixes of 8 receivers in real logs are 0.9 of the usual at least
QUIET_SHARE_OF_ESTIMATE = 0.15  # of estimates and exports: 0.32 at least in 25 real logs
ROUNDING_STEPS = 4.0  # of the format, that rounding alone makes of such differences
LEAST_M = 0.01
STILL_S, STILL_M, STILL_UP_M = 10.0, 0.005, 10.0
HELD_ROWS, HELD_S, HELD_MPS, HELD_STEPS = 4, 1.0, 1.0, 3.0


def quiet_share(path: Path) -> float:
    """Return below which share of its usual noise a path is too quiet."""
    return QUIET_SHARE if path.is_receiver else QUIET_SHARE_OF_ESTIMATE


def smooth(path: Path) -> Bools | None:
    """Tell which fixes have far less noise than is usual in this path while moving, shape (n,).

    Noise is the fourth difference of positions at an even cadence. None where there is too little of that, or the
    format's steps hide it.
    """
    count = len(path.track)
    if count < 4 * FIXES:
        return None
    noise_m, moving = _noise_m(path)
    if int(moving.sum()) < 4 * FIXES:
        return None
    rank = int(moving.sum()) // 2
    quiet_m = quiet_share(path) * float(np.partition(noise_m[moving], rank)[rank])
    if quiet_m < max(LEAST_M, ROUNDING_STEPS * max(path.grid_m)):
        return None
    so_far, moved = (np.concatenate([[0], np.cumsum(rows)]) for rows in (moving & (noise_m <= quiet_m), moving))
    within = (so_far[FIXES:] - so_far[:-FIXES] >= OF_THEM) & (moved[FIXES:] - moved[:-FIXES] == FIXES)
    first = np.flatnonzero(within)
    marks = np.zeros(count + 1, np.int64)
    np.add.at(marks, first, 1)
    np.add.at(marks, first + FIXES + ORDER, -1)
    return np.asarray(np.cumsum(marks)[:count] > 0)


def _noise_m(path: Path) -> tuple[Floats, Bools]:
    """Return the fourth differences from each fix on (m), and where they are of an even flight; (n - 4,)."""
    noise_m = np.hypot(np.diff(path.east_m, ORDER), np.diff(path.north_m, ORDER))
    steps_s, usual_s = np.diff(path.time_s), path.usual_step_s
    is_even = np.concatenate([[0], np.cumsum(np.abs(steps_s - usual_s) <= REGULAR_WITHIN * usual_s)])
    moving = is_even[ORDER:] - is_even[:-ORDER] == ORDER
    way_m = np.hypot(path.east_m[ORDER:] - path.east_m[:-ORDER], path.north_m[ORDER:] - path.north_m[:-ORDER])
    moving &= way_m > MOVING_MPS * ORDER * usual_s
    return noise_m, moving & (path.track.part[ORDER:] == path.track.part[:-ORDER])


def held(path: Path) -> Bools:
    """Tell which fixes of a receiver repeat the place before while its own speed says that it moves, shape (n,)."""
    track = path.track
    is_held = np.zeros(len(track), np.bool_)
    same = (np.diff(path.east_m) == 0) & (np.diff(path.north_m) == 0) & (np.diff(track.time_ns) > 0)
    first, end = runs(same & (track.speed_mps[1:] > HELD_MPS))
    for one, last in zip(first.tolist(), end.tolist(), strict=True):
        lasts_s = path.time_s[last] - path.time_s[one]
        is_long = lasts_s * HELD_MPS > HELD_STEPS * max(path.grid_m)  # else the format's steps hide the way
        if last - one >= HELD_ROWS - 1 and lasts_s >= HELD_S and is_long:
            is_held[one : last + 1] = True
    return is_held


def still(path: Path) -> Bools:
    """Tell which fixes of a receiver keep to one place to millimetres for long, in the air, shape (n,).

    In the air is above the first fix of its part of the log by more than its height wanders at rest.
    """
    track, is_still = path.track, np.zeros(len(path.track), np.bool_)
    heights = (track.alt_amsl_m, track.alt_hae_m, track.alt_home_m)
    up_m = next((height for height in heights if np.isfinite(height).any()), None)
    if up_m is None or track.part[0] != track.part[-1]:
        return is_still
    known = up_m[np.isfinite(up_m)]
    aloft = up_m - float(np.partition(known, len(known) // 20)[len(known) // 20]) > STILL_UP_M
    near = (np.abs(np.diff(path.east_m)) < STILL_M) & (np.abs(np.diff(path.north_m)) < STILL_M)
    first, end = runs(near & aloft[1:] & (np.diff(track.time_ns) > 0))
    for one, last in zip(first.tolist(), end.tolist(), strict=True):
        span = slice(one, last + 1)
        rise_m = float(np.ptp(up_m[span]))
        wide_m = max(float(np.ptp(path.east_m[span])), float(np.ptp(path.north_m[span])))
        if path.time_s[last] - path.time_s[one] >= STILL_S and wide_m < STILL_M and rise_m > STILL_M:
            is_still[span] = True
    return is_still
