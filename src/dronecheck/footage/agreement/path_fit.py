"""The offset of a camera's clock at which its places lie on the way that a log's aircraft took.

For each offset the misses of all places are summed, Huber's way, in units of their errors (twice the negative logarithm
of the likelihood). A place at a time that no log covers costs as much as a miss at the limit of what errors allow, a
false one a little more and no more than that: some pictures may be of another flight, or have a false place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.footage.agreement.log_path import INTERPOLATED_S, LogPath
from dronecheck.footage.agreement.shots import Shot
from dronecheck.footage.agreement.zone_offsets import OFFSET_AT_MOST_S, zone_of
from dronecheck.geo.plane import local_offsets_m

__all__ = ["PathFit", "PlacedMoments", "fitted", "moments_of"]

_WIDEST_S = 900.0
_MATCHED, _HUBER, _UNCOVERED, _FALSE = 9.0, 2.5, 9.2, 16.0  # squared sigmas, sigmas; 99 % and beyond of chi2(2)
_CHI2_95 = 3.841
_CHI2_RIVAL = 15.1  # 99.99 %: what another zone must lose by, since taking the wrong one is no matter of seconds
_CHANCE_AT_MOST = 1e-3  # fits of a shoot flown elsewhere to be expected
_PLACES_AT_LEAST, _FEW_PLACES, _SPREAD_SIGMAS = 3, 4, 3.0
_COARSE_PLACES, _FINE_PLACES, _FILM_PLACES, _VALLEYS = 120, 600, 60, 60
_WHOLE_SECOND_SIGMA_S = 0.29  # of what was cut off
_SHUTTER_SIGMA_S = 0.1
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class PlacedMoments:
    """Places of one clock, all of shape (n,), by its time."""

    camera_s: Floats
    lat_deg: Floats
    lon_deg: Floats
    sigma_m: Floats
    sigma_s: Floats

    def thinned(self, at_most: int) -> PlacedMoments:
        """Return so many of them at most, evenly chosen."""
        rows = _evenly(len(self.camera_s), at_most)
        return PlacedMoments(
            self.camera_s[rows], self.lat_deg[rows], self.lon_deg[rows], self.sigma_m[rows], self.sigma_s[rows]
        )


@dataclass(frozen=True, slots=True)
class PathFit:
    """An offset (s to add to the camera's clock), its 95 % interval, and other zones' offsets that fit as well."""

    delta_s: float
    interval_s: tuple[float, float]
    rivals_s: tuple[float, ...] = ()


def _evenly(count: int, at_most: int) -> Ints:
    return np.unique(np.linspace(0, count - 1, min(count, at_most)).astype(np.int64))


def moments_of(shots: Sequence[Shot]) -> PlacedMoments:
    """Return the places of shots with a camera's clock, by time; of places that repeat to the last digit the first."""
    rows: list[tuple[float, float, float, float, float]] = []
    last = (math.nan, math.nan)
    for shot in sorted((shot for shot in shots if shot.camera_s is not None), key=lambda shot: shot.camera_s or 0.0):
        placed = np.flatnonzero(np.isfinite(shot.lat_deg))
        kept = placed[_evenly(len(placed), _FILM_PLACES)]
        sigma_s = math.hypot(_SHUTTER_SIGMA_S, _WHOLE_SECOND_SIGMA_S if shot.is_whole_second else 0.0)
        for row in kept:
            place = (float(shot.lat_deg[row]), float(shot.lon_deg[row]))
            if place != last:
                rows.append(((shot.camera_s or 0.0) + float(shot.after_s[row]), *place, shot.sigma_m, sigma_s))
            last = place
    columns = np.array(rows, np.float64).reshape(-1, 5)
    columns = columns[np.argsort(columns[:, 0], kind="stable")]
    return PlacedMoments(*(np.ascontiguousarray(columns[:, one]) for one in range(5)))


def fitted(moments: PlacedMoments, paths: Sequence[LogPath]) -> PathFit | None:
    """Return the offset at which the places lie on the paths; None where none fits, or the places do not tell."""
    if len(moments.camera_s) < _PLACES_AT_LEAST or not paths:
        return None
    coarse, fine = moments.thinned(_COARSE_PLACES), moments.thinned(_FINE_PLACES)
    grid = _grid(coarse, paths)
    if grid is None:
        return None
    step_s = float(grid[1] - grid[0])
    costs, chances = _coarse_costs(grid, coarse, paths)
    if not _are_telling(coarse, np.arange(len(coarse.camera_s), dtype=np.intp), 0, chances, len(grid) / 4):
        return None  # a hover: not even all of them together

    def cost(delta_s: float) -> float:
        return float(_losses(delta_s, fine, paths).sum())

    lowest = float(costs.min())
    valleys = _valleys(grid, costs, lowest + 4 * _CHI2_RIVAL)
    refined = sorted((cost(best), best) for best in (_golden(cost, at, step_s) for at in valleys))
    least, delta_s = refined[0]
    if not _is_proof(delta_s, coarse, paths, chances, len(grid) / 4):
        return None
    near = [at for value, at in refined[1:] if value <= least + _CHI2_RIVAL]
    rivals = tuple(at for at in near if zone_of(at) != zone_of(delta_s))
    low, high = _interval(cost, delta_s, least, step_s)
    same = [at for value, at in refined[1:] if value <= least + _CHI2_95 and at not in rivals]
    return PathFit(delta_s, (min([low, *same]), max([high, *same])), rivals)


def _grid(moments: PlacedMoments, paths: Sequence[LogPath]) -> Floats | None:
    """Return the offsets to try, evenly spaced, so close that none in between could fit much better."""
    low = max(-OFFSET_AT_MOST_S, min(path.span_s[0] for path in paths) - float(moments.camera_s[-1]))
    high = min(OFFSET_AT_MOST_S, max(path.span_s[1] for path in paths) - float(moments.camera_s[0]))
    if low > high:
        return None
    speed_mps = max(float(np.percentile(path.speed_mps, 95)) for path in paths)
    step_s = float(np.clip(np.median(moments.sigma_m) / max(speed_mps, 0.1), 0.25, 2.0))
    return np.asarray(low + step_s * np.arange(max(int((high - low) / step_s) + 2, 3), dtype=np.int64), np.float64)


def _loss(sigmas_sq: Floats) -> Floats:
    loss = np.where(sigmas_sq <= _HUBER**2, sigmas_sq, 2 * _HUBER * np.sqrt(sigmas_sq) - _HUBER**2)
    return np.minimum(loss, _FALSE)


def _sigmas_sq(
    path: LogPath, time_s: Floats, lat_deg: Floats, lon_deg: Floats, sigma_m: Floats, sigma_s: Floats
) -> tuple[Floats, Bools]:
    """Return the squared misses in units of their errors, and where the path says at all where the aircraft was."""
    places = path.at(time_s)
    variance = places.sigma_m**2 + sigma_m**2 + (places.speed_mps * sigma_s) ** 2
    return places.miss_m(lat_deg, lon_deg) ** 2 / variance, places.gap_s <= INTERPOLATED_S


def _coarse_costs(grid: Floats, moments: PlacedMoments, paths: Sequence[LogPath]) -> tuple[Floats, Floats]:
    """Return the cost of each offset, and the share of all covered offsets at which each place would lie on a path."""
    total = np.zeros(len(grid))
    chances = np.zeros(len(moments.camera_s))
    for row, camera_s in enumerate(moments.camera_s.tolist()):
        best = np.full(len(grid), _UNCOVERED)
        hits = tried = 0
        for path in paths:
            start, stop = np.searchsorted(grid, np.array(path.span_s) - camera_s)
            if start == stop:
                continue
            one = np.ones(1)
            sq, known = _sigmas_sq(
                path, camera_s + grid[start:stop], moments.lat_deg[row] * one, moments.lon_deg[row] * one,
                moments.sigma_m[row] * one, moments.sigma_s[row] * one,
            )  # fmt: skip
            best[start:stop] = np.minimum(np.where(known, _loss(sq), _UNCOVERED), _first(best[start:stop]))
            hits, tried = hits + int((known & (sq <= _MATCHED)).sum()), tried + int(known.sum())
        total += best
        chances[row] = (hits + 1) / (tried + 1)
    return total, chances


def _first(best: Floats) -> Floats:
    """Return what a path's loss is held against: a miss costs more than no log, unless another log covers it, too."""
    return np.where(best == _UNCOVERED, np.inf, best)


def _losses(delta_s: float, moments: PlacedMoments, paths: Sequence[LogPath]) -> Floats:
    best = np.full(len(moments.camera_s), np.inf)
    for path in paths:
        time_s = moments.camera_s + delta_s
        sq, known = _sigmas_sq(path, time_s, moments.lat_deg, moments.lon_deg, moments.sigma_m, moments.sigma_s)
        is_in = known & (path.outside_s(time_s) == 0)
        best = np.where(is_in, np.minimum(best, _loss(sq)), best)
    return np.where(np.isfinite(best), best, _UNCOVERED)


def _valleys(grid: Floats, costs: Floats, at_most: float) -> list[float]:
    """Return the offsets of the lowest local minima."""
    padded = np.concatenate(([np.inf], costs, [np.inf]))
    is_low = (costs <= padded[:-2]) & (costs < padded[2:]) & (costs <= at_most)
    rows = np.flatnonzero(is_low)
    if not len(rows):
        rows = np.array([int(np.argmin(costs))])
    return [float(grid[row]) for row in rows[np.argsort(costs[rows], kind="stable")][:_VALLEYS]]


def _golden(cost: Callable[[float], float], near_s: float, step_s: float) -> float:
    """Return the offset of least cost within one step, by golden section."""
    low, high = near_s - step_s, near_s + step_s
    inner, outer = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_inner, at_outer = cost(inner), cost(outer)
    while high - low > 1e-6:
        if at_inner <= at_outer:
            high, outer, at_outer = outer, inner, at_inner
            inner = high - _GOLDEN * (high - low)
            at_inner = cost(inner)
        else:
            low, inner, at_inner = inner, outer, at_outer
            outer = low + _GOLDEN * (high - low)
            at_outer = cost(outer)
    return (low + high) / 2


def _interval(cost: Callable[[float], float], delta_s: float, least: float, step_s: float) -> tuple[float, float]:
    """Return the outermost offsets around the best one that chi2(1) does not exclude with 95 %."""
    reach_s = 4 * step_s
    while reach_s < _WIDEST_S and min(cost(delta_s - reach_s), cost(delta_s + reach_s)) <= least + _CHI2_95:
        reach_s *= 2
    tried = delta_s + np.linspace(-reach_s, reach_s, 401)
    allowed = [at for at in tried.tolist() if cost(at) <= least + _CHI2_95] or [delta_s]
    spacing_s = reach_s / 200
    return allowed[0] - spacing_s, allowed[-1] + spacing_s


def _is_proof(delta_s: float, moments: PlacedMoments, paths: Sequence[LogPath], chances: Floats, tries: float) -> bool:
    """Tell whether places that lie on the path at an offset could hardly do so by chance.

    They must be three and spread; what they could match by chance follows from how long the path stays at each of them.
    """
    losses = _losses(delta_s, moments, paths)
    matched = np.flatnonzero(losses < _UNCOVERED - 1.5)
    false = int((losses > _UNCOVERED).sum())
    if 2 * false > max(len(matched) - _FEW_PLACES, 0):  # of few places none may be false
        return False
    return _are_telling(moments, matched, false, chances, tries)


def _are_telling(moments: PlacedMoments, matched: Ints, false: int, chances: Floats, tries: float) -> bool:
    """Tell whether these places, beside some false ones, are too many and too far apart to be matched by chance."""
    if len(matched) < _PLACES_AT_LEAST:
        return False
    lat_deg, lon_deg = moments.lat_deg[matched], moments.lon_deg[matched]
    apart_m = _SPREAD_SIGMAS * float(np.median(moments.sigma_m[matched]))
    kept: list[int] = []
    for row in range(len(matched)):
        others = np.array(kept, np.int64)
        east_m, north_m = local_offsets_m(lon_deg[others], lat_deg[others], lon_deg[row], lat_deg[row])
        if not kept or float(np.hypot(east_m, north_m).min()) > apart_m:
            kept.append(row)
    if len(kept) < 2:
        return False
    chance = math.log(tries) + math.log(math.comb(len(kept) + false, false))
    return chance + float(np.log(chances[matched[np.array(kept)]]).sum()) <= math.log(_CHANCE_AT_MOST)
