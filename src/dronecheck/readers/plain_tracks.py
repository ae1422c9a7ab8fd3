"""What tracks from text formats share: order in time, and accuracy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dronecheck.flight import SigmaSource
from dronecheck.issues import Code, Issue, Severity

__all__ = [
    "ascending",
    "best_sigma",
    "sigma_by_level",
    "sigma_by_satellites",
    "signal_lost",
    "with_step",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

METRES_PER_DEG = 111_320.0
RANGE_ERROR_M = 4.0  # assumed error of a range, times HDOP
HDOP_AT_MOST = 50.0
ACCURACY_AT_MOST_M = 10_000.0
SIGMA_FLOOR_M = 1.0
SATELLITES_FOR_A_FIX = 6

# one standard deviation per axis: by DJI's signal level (0 to 5), and by satellites where no level is logged
_SIGMA_OF_LEVEL = (25.0, 25.0, 8.0, 4.0, 2.5, 2.0)
_SIGMA_OF_SATELLITES = ((12, 2.0), (10, 2.5), (8, 4.0), (6, 8.0), (0, 25.0))


def sigma_by_satellites(count: Floats) -> Floats:
    """Horizontal sigma per axis in metres by satellites in use, shape (n,); NaN where the count is unknown."""
    sigma_m = np.full(len(count), np.nan)
    for at_least, value in reversed(_SIGMA_OF_SATELLITES):
        sigma_m[count >= at_least] = value
    return sigma_m


def sigma_by_level(level: Floats, by_satellites: Floats) -> Floats:
    """Horizontal sigma per axis by DJI's signal level; fewer than six satellites outweigh any level."""
    known = level >= 0
    by_level = np.array(_SIGMA_OF_LEVEL)[np.clip(np.where(known, level, 0), 0, 5).astype(np.int64)]
    few = by_satellites == _SIGMA_OF_SATELLITES[-1][1]
    return np.where(known & ~few, by_level, by_satellites)


def signal_lost(level: Floats, satellites: Floats | None, lat_deg: Floats, lon_deg: Floats) -> Bools:
    """Rows at DJI's signal level 0 before the first signal, or that repeat the position while it is lost."""
    lost = level == 0
    if satellites is not None:
        lost &= ~(satellites >= SATELLITES_FOR_A_FIX)  # enough satellites and level 0: the level was not filled in
    before_first = ~np.logical_or.accumulate(level > 0)
    repeated = np.zeros(len(level), dtype=np.bool_)
    repeated[1:] = (lat_deg[1:] == lat_deg[:-1]) & (lon_deg[1:] == lon_deg[:-1])
    return np.asarray(lost & (before_first | repeated), dtype=np.bool_)


def with_step(sigma_m: Floats, step_deg: float) -> Floats:
    """The same with the error of positions printed in steps of so many degrees (uniform: step / sqrt 12)."""
    return np.asarray(np.hypot(sigma_m, METRES_PER_DEG * step_deg / math.sqrt(12)), dtype=np.float64)


def best_sigma(accuracy_m: Floats, hdop: Floats, satellites: Floats, step_deg: float) -> tuple[Floats, SigmaSource]:
    """Sigma per axis in metres, shape (n,), and where it is from: logged metres, else HDOP, else satellites.

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
    present = [kind for kind, where in kinds.items() if where.any()]
    source = present[0] if len(present) == 1 else SigmaSource.MIXED
    return with_step(np.maximum(sigma_m, SIGMA_FLOOR_M), step_deg), source


def ascending(rows: Ints, time_ns: Ints, place: tuple[Floats, Floats], offset: Ints) -> tuple[Ints, list[Issue]]:
    """The rows by ascending time, one of each time, with notes; all columns are those of the file, shape (n,)."""
    issues: list[Issue] = []
    back = np.flatnonzero(np.diff(time_ns[rows]) < 0)
    if len(back):
        text = "the times run backwards; fixes are sorted by time"
        issues.append(Issue(Code.OUT_OF_ORDER, Severity.WARNING, text, int(offset[rows[back[0] + 1]]), len(back)))
        rows = rows[np.argsort(time_ns[rows], kind="stable")]
    again = np.flatnonzero(np.diff(time_ns[rows]) == 0) + 1
    if len(again):
        here, before = rows[again], rows[again - 1]
        moved = int(np.sum(np.any([axis[here] != axis[before] for axis in place], axis=0)))
        text = f"fixes that repeat the time of the one before, left out ({moved} of them with another position)"
        severity = Severity.WARNING if moved else Severity.INFO
        issues.append(Issue(Code.REPEATED_POSITION, severity, text, int(offset[here[0]]), len(again)))
    return np.delete(rows, again), issues
