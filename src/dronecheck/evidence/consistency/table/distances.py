"""Distances that an exporter calculated, by its own formula: to home, and the way so far (of CSV-1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.evidence.consistency.table.rows import RowDeparture, Rows, departing, haversine_m, quantile
from dronecheck.geo.plane import local_offsets_m

__all__ = ["Formula", "home_distances", "home_of_column", "ways"]

SPHERES_M = (6_371_000.0, 6_378_137.0)  # which exporters take: they differ by 0.11 %, from the ellipsoid by up to 0.5 %
LEAST_M, NEAR_M, MOST_M = 0.5, 5.0, 30.0  # of exact columns, of those that are only near
EXACT_M = 0.3  # half of the rows of an exporter that keeps its formula, printed in metres
LAG_S = 2.0  # what a column may be behind the positions, where it does not follow them exactly
TELLING_M = 3.0  # distances below this tell little
MOVED_M = 0.02
NEAR_CHANGE_ROWS = 3
WINDOW = 7
SINGLE_TIMES = 15.0
SHARE_OF_STEP = 0.02
RESET_M = 5.0
FITTED_ROWS, FIT_STEPS = 400, 25


@dataclass(frozen=True, slots=True)
class Formula:
    """How an exporter calculates a distance: on a sphere of this radius (0 the ellipsoid), with the height or without.

    `is_fitted` says that the log does not state the home, and it was found by the distances.
    """

    radius_m: float
    with_height: bool = False
    is_fitted: bool = False

    def __call__(self, rows: Rows, home: tuple[Floats, Floats]) -> Floats:
        """Return the distance of each row from its home (m), shape (n,)."""
        lat, lon = rows.place()
        if self.radius_m:
            found = haversine_m(home[0], home[1], lat, lon, self.radius_m)
        else:
            found = np.hypot(*local_offsets_m(home[1], home[0], lon, lat))
        return np.hypot(found, rows.column("height_home_m")) if self.with_height else found


def home_distances(rows: Rows) -> tuple[Formula, RowDeparture] | None:
    """Return the formula of the column of distances to home, and the rows that depart from it.

    None without such a column, and where no formula and home give what it says.
    """
    if not rows.has("home_distance_m", "lat_deg", "lon_deg"):
        return None
    stated = rows.place("home_")
    if np.isfinite(stated[0]).any():
        return _best(rows, stated, is_fitted=False)
    home = home_of_column(rows)
    return None if home is None else _best(rows, (np.full(len(rows), home[0]), np.full(len(rows), home[1])), True)


def _best(rows: Rows, home: tuple[Floats, Floats], is_fitted: bool) -> tuple[Formula, RowDeparture] | None:
    shown_m, core = rows.column("home_distance_m"), _telling(rows)
    found: list[tuple[Formula, RowDeparture]] = []
    allowed_m = _allowance(rows)
    for with_height in (False, True):
        if with_height and not rows.has("height_home_m"):
            continue
        for radius_m in (*SPHERES_M, 0.0):
            formula = Formula(radius_m, with_height, is_fitted)
            off_m = np.where(_settled(rows, home), formula(rows, home) - shown_m, np.nan)
            is_exact = quantile(np.abs(off_m[core & np.isfinite(off_m)]), 0.5) <= EXACT_M
            least_m = LEAST_M if is_exact else NEAR_M
            told = departing(off_m, core, least_m, MOST_M, 0.0 if is_exact else allowed_m)
            if told is not None:
                found.append((formula, _with_single(told, off_m, core, least_m / 2)))
    return min(found, key=lambda one: one[1].usual, default=None)


def _telling(rows: Rows) -> Bools:
    """Tell which rows moved, away from home: the distance of the others says little of the formula, shape (n,)."""
    return np.asarray((rows.steps_m > MOVED_M) & (rows.column("home_distance_m") > TELLING_M) & rows.has_signal)


def _settled(rows: Rows, home: tuple[Floats, Floats]) -> Bools:
    """Tell which rows have a place of their own and a home that did not just change, shape (n,)."""
    good = rows.has_signal.copy()
    changed = np.zeros(len(rows), np.bool_)
    changed[1:] = (np.diff(home[0]) != 0) | (np.diff(home[1]) != 0)
    for row in np.flatnonzero(changed)[:1000].tolist():
        good[max(0, row - NEAR_CHANGE_ROWS) : row + NEAR_CHANGE_ROWS] = False
    return good


def _allowance(rows: Rows) -> Floats:
    """Return how far the aircraft comes within the lag that a column may have (m), shape (n,)."""
    speed_mps = rows.column("speed_mps")
    if not np.isfinite(speed_mps).any():
        speed_mps = rows.column("speed_mps", "velocity")
    return np.where(np.isfinite(speed_mps), np.abs(speed_mps), 0.0) * LAG_S


def _with_single(told: RowDeparture, off_m: Floats, core: Bools, least_m: float) -> RowDeparture:
    """Return the same with rows that depart from the rows around them: an error that all share is no edit."""
    if len(off_m) < 4 * WINDOW:
        return told
    known = np.where(np.isfinite(off_m), off_m, 0.0)
    padded = np.pad(known, WINDOW // 2, mode="edge")
    around = np.sort(np.lib.stride_tricks.sliding_window_view(padded, WINDOW), axis=1)[:, WINDOW // 2]
    apart_m = np.where(np.isfinite(off_m), np.abs(known - around), 0.0)
    usual = quantile(apart_m[core & np.isfinite(off_m)], 0.5)
    alone = np.asarray(apart_m > max(least_m, SINGLE_TIMES * usual))
    return RowDeparture(told.rows | alone, told.off, told.usual, told.limit, told.fits)


def home_of_column(rows: Rows) -> tuple[float, float] | None:
    """Return the latitude and longitude from which the column of distances counts, by the rows themselves; or None.

    The row with distance 0 (the first of an export), else by least squares that single rows do not pull away.
    """
    lat, lon = rows.place()
    shown_m = rows.column("home_distance_m")
    known = np.flatnonzero(np.isfinite(lat) & np.isfinite(shown_m) & rows.has_signal)
    if len(known) < FIT_STEPS:
        return None
    nearest = known[int(shown_m[known].argmin())]
    picked = known[:: max(1, len(known) // FITTED_ROWS)]
    east_m, north_m = local_offsets_m(np.full(len(picked), lon[nearest]), np.full(len(picked), lat[nearest]),
                                      lon[picked], lat[picked])  # fmt: skip
    x, y = _fitted(east_m, north_m, shown_m[picked])
    scale_east, scale_north = local_offsets_m(lon[nearest], lat[nearest], lon[nearest] + 1e-4, lat[nearest] + 1e-4)
    fitted = (float(lat[nearest] + y / float(scale_north) * 1e-4), float(lon[nearest] + x / float(scale_east) * 1e-4))
    start = (float(lat[nearest]), float(lon[nearest]))
    start_off_m, fitted_off_m = (
        quantile(np.abs(np.hypot(east_m - a, north_m - b) - shown_m[picked]), 0.5) for a, b in ((0.0, 0.0), (x, y))
    )
    return fitted if fitted_off_m + LEAST_M / 2 < start_off_m else start


def _fitted(east_m: Floats, north_m: Floats, shown_m: Floats) -> tuple[float, float]:
    """Return the point from which these places, (k,), lie as far as shown: Gauss-Newton with Huber's weights."""
    x = y = 0.0
    for _ in range(FIT_STEPS):
        dx, dy = x - east_m, y - north_m
        length = np.maximum(np.hypot(dx, dy), 1e-6)
        off = length - shown_m
        bound = max(3 * quantile(np.abs(off), 0.5), 0.01)
        weight = np.minimum(1.0, bound / np.maximum(np.abs(off), 1e-9))
        u, v = dx / length, dy / length
        a, b, c = (weight * u * u).sum(), (weight * u * v).sum(), (weight * v * v).sum()
        p, q = (weight * u * off).sum(), (weight * v * off).sum()
        det = a * c - b * b
        if not abs(det) > 1e-9 * max(a * c, 1e-12):
            break
        step_x, step_y = (c * p - b * q) / det, (a * q - b * p) / det
        x, y = float(x - step_x), float(y - step_y)
        if not abs(x) + abs(y) < 1e7:
            return 0.0, 0.0
        if abs(step_x) + abs(step_y) < 1e-4:
            break
    return x, y


def ways(rows: Rows) -> Iterator[RowDeparture]:
    """Give the rows in which the mileage grows by another length than the way from the row before."""
    if not rows.has("mileage_m", "lat_deg", "lon_deg"):
        return
    mileage_m, steps_m = rows.column("mileage_m"), rows.steps_m
    grown_m = np.zeros(len(rows))
    grown_m[1:] = np.diff(mileage_m)
    is_reset = rows.restarts | (mileage_m < RESET_M)
    off_m = np.where(is_reset | ~rows.has_signal, np.nan, grown_m - steps_m)
    told = departing(off_m, steps_m > MOVED_M, LEAST_M, MOST_M, SHARE_OF_STEP * np.nan_to_num(steps_m))
    if told is not None:
        yield told
