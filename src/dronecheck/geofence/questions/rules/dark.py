"""Whether a flight was in the dark by a law's own definition: twilight by the sun's height, or time from sunset.

Both are held as degrees by which the sun is too low. They are open within two minutes of the instant, or the clock's
error where that is more, and within the error of the sun's height.
"""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.geo.sun import SUNSET_DEG, sun_elevation_deg
from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.questions.answer import CheckContext
from dronecheck.geofence.questions.limits.over_limit import LimitHeld
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["below_elevation", "from_sunset"]

_EVERY_S = 60.0  # between fixes so far apart the height of the sun goes along a line
_ERROR_DEG = 0.03  # of the formula and its constants
_STEP_S = 120.0
_FASTEST_DEG_S = 0.0042  # by which the sun climbs or sinks


def below_elevation(level_deg: float, context: CheckContext) -> LimitHeld:
    """Hold the height of the sun's centre (degrees) against the one below which it is night."""
    return _held(level_deg, 0.0, context)


def from_sunset(allowed_s: float, context: CheckContext) -> LimitHeld:
    """Hold the time before sunrise or after sunset against the one beyond which it is night (s)."""
    return _held(SUNSET_DEG, allowed_s, context)


def _held(level_deg: float, allowed_s: float, context: CheckContext) -> LimitHeld:
    """Hold how far below a level the sun stays all through the time around each fix that the law allows."""
    trajectory, track = context.trajectory, context.trajectory.track
    limits, none = trajectory.thresholds, np.zeros(len(track), dtype=np.bool_)
    if not context.utc_is_stated:  # an assumed time zone may be hours off
        unknown, zero = np.full(len(track), np.nan), np.zeros(len(track))
        why = Reason.CLOCK_UNCERTAIN if context.flight.clock.utc_known else Reason.DATE_UNKNOWN
        return LimitHeld(0.0, unknown, zero, zero, zero, none, why)
    error_s = max(limits.sun_s, limits.band_sigmas * trajectory.clock_sigma_s)
    knots = _knots(trajectory)
    below_deg, band_deg = _below(level_deg, allowed_s, error_s, trajectory, knots)
    rows = np.arange(len(track), dtype=np.float64)
    below = np.where(track.is_timed, np.interp(rows, knots, below_deg), np.nan)
    band = np.interp(rows, knots, band_deg)
    return LimitHeld(0.0, below, band / limits.band_sigmas, np.zeros(len(track)), band, none, Reason.DATE_UNKNOWN)


def _below(
    level_deg: float, allowed_s: float, error_s: float, trajectory: Trajectory, knots: Ints
) -> tuple[Floats, Floats]:
    """Return how far below the level the sun stays around each knot, and the guard band of it, degrees, (k,) each.

    Where it stands so high, or so low, that no error and no time allowed matters, one look is enough.
    """
    now_deg = _highest(trajectory, knots, 0.0)
    error_deg, allowed_deg = _FASTEST_DEG_S * error_s + _ERROR_DEG, _FASTEST_DEG_S * allowed_s
    if bool((now_deg - error_deg > level_deg).all()):
        return level_deg - now_deg, np.full(len(knots), error_deg)
    if bool((now_deg + error_deg + allowed_deg < level_deg).all()):
        return level_deg - now_deg - allowed_deg, np.full(len(knots), error_deg)
    best_deg = _highest(trajectory, knots, allowed_s)
    most_deg = _highest(trajectory, knots, allowed_s + error_s)
    if allowed_s >= error_s:
        least_deg = _highest(trajectory, knots, allowed_s - error_s)
    else:
        least_deg = _lowest(trajectory, knots, error_s - allowed_s)
    return level_deg - best_deg, np.maximum(most_deg - best_deg, best_deg - least_deg) + _ERROR_DEG


def _knots(trajectory: Trajectory) -> Ints:
    """Return a row a minute, both sides of longer gaps, and the first and last of all."""
    time_s = trajectory.time_s
    kept = np.concatenate([[True], np.floor(time_s[1:] / _EVERY_S) != np.floor(time_s[:-1] / _EVERY_S)])
    kept[:-1] |= kept[1:]  # both sides of a gap
    kept[-1] = True
    return np.flatnonzero(kept).astype(np.int64)


def _times(half_s: float) -> Floats:
    return np.linspace(-half_s, half_s, max(int(np.ceil(2 * half_s / _STEP_S)), 2) + 1) if half_s else np.zeros(1)


def _elevations(trajectory: Trajectory, rows: Ints, half_s: float) -> Floats:
    track = trajectory.track
    at_s = track.time_ns[rows, np.newaxis] / 1e9 + _times(half_s)
    return sun_elevation_deg(at_s, track.lat_deg[rows, np.newaxis], track.lon_deg[rows, np.newaxis])


def _highest(trajectory: Trajectory, rows: Ints, half_s: float) -> Floats:
    return np.asarray(_elevations(trajectory, rows, half_s).max(axis=1), dtype=np.float64)


def _lowest(trajectory: Trajectory, rows: Ints, half_s: float) -> Floats:
    return np.asarray(_elevations(trajectory, rows, half_s).min(axis=1), dtype=np.float64)
