"""How well a horizontal position is known, by what its log says of it: one standard deviation per axis, in metres.

In this order: the metres that the receiver states (radial, hence divided by the square root of two), HDOP times an
assumed error of a range, the number of satellites. A receiver that states less than a floor is not believed: its
figure does not hold the slow errors of orbits and air. What is unknown is NaN.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Floats
from dronecheck.flight import SigmaSource

__all__ = [
    "FIX_3D",
    "FIX_RTK_FIXED",
    "beside_fix",
    "best_sigma",
    "of_estimate",
    "sigma_by_level",
    "sigma_by_satellites",
    "sigma_of_fixes",
    "stated",
    "with_step",
]


METRES_PER_DEG = 111_320.0
RANGE_ERROR_M = 4.0  # assumed error of a range, times HDOP
HDOP_AT_MOST = 50.0
ACCURACY_AT_MOST_M = 10_000.0  # larger figures are sentinels of "unknown"
SIGMA_FLOOR_M, SIGMA_RTK_FLOAT_M, SIGMA_RTK_FIXED_M = 1.0, 0.4, 0.05
ESTIMATE_SIGMA_M = 50.0  # of positions with no satellite fix behind them: they drift, and do not say by how much
FIX_3D, FIX_RTK_FLOAT, FIX_RTK_FIXED = 3, 5, 6  # GPS_FIX_TYPE of MAVLink, which PX4 and ArduPilot log as well

# one standard deviation per axis: by DJI's signal level (0 to 5), and by satellites where no level is logged
_SIGMA_OF_LEVEL = (25.0, 25.0, 8.0, 4.0, 2.5, 2.0)
_SIGMA_OF_SATELLITES = ((12, 2.0), (10, 2.5), (8, 4.0), (6, 8.0), (0, 25.0))


def sigma_by_satellites(count: Floats) -> Floats:
    """Return horizontal sigma per axis in metres by satellites in use, shape (n,); NaN where the count is unknown."""
    sigma_m = np.full(len(count), np.nan)
    for at_least, value in reversed(_SIGMA_OF_SATELLITES):
        sigma_m[count >= at_least] = value
    return sigma_m


def sigma_by_level(level: Floats, by_satellites: Floats) -> Floats:
    """Return horizontal sigma per axis (m) by DJI's signal level; fewer than six satellites outweigh any level."""
    known = level >= 0
    by_level = np.array(_SIGMA_OF_LEVEL)[np.clip(np.where(known, level, 0), 0, 5).astype(np.int64)]
    few = by_satellites == _SIGMA_OF_SATELLITES[-1][1]
    return np.where(known & ~few, by_level, by_satellites)


def stated(metres: Floats, at_most_m: float = ACCURACY_AT_MOST_M) -> Floats:
    """Return accuracies as a receiver states them, shape (n,), without the figures that mean "unknown"."""
    return np.where((metres > 0) & (metres < at_most_m), metres, np.nan)


def sigma_of_fixes(accuracy_m: Floats, hdop: Floats, fix_type: NDArray[np.generic]) -> tuple[Floats, SigmaSource]:
    """Return sigma per axis (m) of a receiver's fixes, shape (n,), and where it is from.

    `accuracy_m` is radial as `stated` gives it, `fix_type` that of MAVLink: carrier-phase solutions have lower floors.
    """
    from_dop_m = np.where((hdop > 0) & (hdop < HDOP_AT_MOST), hdop * RANGE_ERROR_M, np.nan)
    floor_m = np.where(fix_type == FIX_RTK_FIXED, SIGMA_RTK_FIXED_M, SIGMA_FLOOR_M)
    floor_m = np.where(fix_type == FIX_RTK_FLOAT, SIGMA_RTK_FLOAT_M, floor_m)
    is_stated = np.isfinite(accuracy_m)
    sigma_m = np.where(is_stated, accuracy_m, from_dop_m) / np.sqrt(2)
    is_known = np.isfinite(sigma_m)
    kinds = {SigmaSource.LOGGED: is_stated, SigmaSource.DOP: ~is_stated & is_known, SigmaSource.ASSUMED: ~is_known}
    return np.maximum(sigma_m, floor_m), _source(kinds)  # a comparison with NaN keeps NaN


def of_estimate(sigma_m: Floats) -> tuple[Floats, SigmaSource]:
    """Return the sigma per axis (m) of estimated positions without a receiver, shape (n,), and where it is from.

    `sigma_m` is what the estimator states of itself, NaN where it states nothing.
    """
    unknown = np.isnan(sigma_m)
    kinds = {SigmaSource.ESTIMATED: ~unknown, SigmaSource.ESTIMATE: unknown}
    return np.where(unknown, ESTIMATE_SIGMA_M, sigma_m), _source(kinds)


def beside_fix(sigma_m: Floats, is_near: Bools, source: SigmaSource) -> tuple[Floats, SigmaSource]:
    """Return the sigma per axis (m) of estimated positions, shape (n,), by that of the fix nearest in time.

    Where none is near the estimate stands alone, and its sigma is that of an estimate.
    """
    alone = ~is_near
    if not alone.any():
        return sigma_m, source
    return np.where(alone, ESTIMATE_SIGMA_M, sigma_m), SigmaSource.ESTIMATE if alone.all() else SigmaSource.MIXED


def with_step(sigma_m: Floats, step_deg: float) -> Floats:
    """Return the same with the error of positions printed in steps of so many degrees (uniform: step / sqrt 12)."""
    return np.asarray(np.hypot(sigma_m, METRES_PER_DEG * step_deg / math.sqrt(12)), dtype=np.float64)


def best_sigma(accuracy_m: Floats, hdop: Floats, satellites: Floats, step_deg: float) -> tuple[Floats, SigmaSource]:
    """Return sigma per axis in metres, shape (n,), and where it is from: logged metres, else HDOP, else satellites.

    `accuracy_m` is radial, one sigma. NaN is unknown, there and here. `step_deg` is the step in which positions are
    printed.
    """
    logged = (accuracy_m > 0) & (accuracy_m < ACCURACY_AT_MOST_M)
    diluted = ~logged & (hdop > 0) & (hdop < HDOP_AT_MOST)
    sigma_m = sigma_by_satellites(satellites)
    sigma_m[diluted] = hdop[diluted] * RANGE_ERROR_M / math.sqrt(2)
    sigma_m[logged] = accuracy_m[logged] / math.sqrt(2)
    kinds = {
        SigmaSource.LOGGED: logged,
        SigmaSource.DOP: diluted,
        SigmaSource.SATELLITES: ~logged & ~diluted & np.isfinite(sigma_m),
        SigmaSource.ASSUMED: np.isnan(sigma_m),
    }
    return with_step(np.maximum(sigma_m, SIGMA_FLOOR_M), step_deg), _source(kinds)


def _source(kinds: dict[SigmaSource, Bools]) -> SigmaSource:
    present = [kind for kind, where in kinds.items() if where.any()]
    return present[0] if len(present) == 1 else SigmaSource.MIXED
