"""Probabilities behind a verdict (no SciPy: numpy and math.erf).

One instant: the normal distribution of the position over the region near it. Far from corners and other edges that is
the half plane, Phi(-d / sigma); else the integral over the region. A flight: the errors of satellite fixes last for
minutes, so instants are never multiplied as if independent. With one error common to all of them the chance of ever
having been inside is the greatest of any instant (a lower bound); an error that wanders (Gauss-Markov) gives more.
"""

from __future__ import annotations

from math import erf, erfc, isfinite, sqrt

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["GM_TAU_S", "SEED", "ever_inside", "probability_in_region", "probability_inside"]

Floats = NDArray[np.float64]

GM_TAU_S = 300.0
SEED = 20_250_101
_REACH_SIGMAS = 8.0
_NODE, _WEIGHT = np.polynomial.legendre.leggauss(32)
_ERF = np.frompyfunc(erf, 1, 1)


def probability_inside(signed_m: float, sigma_m: float) -> float:
    """P(inside) for a straight outline: Phi(-d / sigma), d negative inside (DOMAIN 2.2, half plane)."""
    if not isfinite(signed_m):
        return 1.0 if signed_m < 0 else 0.0
    return 0.5 * erfc(signed_m / (sigma_m * sqrt(2.0)))


def probability_in_region(region: shapely.Geometry, centre_m: Floats, sigma_m: float) -> float:
    """P(inside) for a circular normal distribution about `centre_m` (2,) over a (multi)polygon in plane metres.

    Green's theorem makes the integral one over the outline: the sum over all edges, rings counter-clockwise, of
    Phi(x) phi(y) dy, in sigmas. What lies beyond 8 sigma is cut off, so that 32 Gauss-Legendre nodes per edge leave
    less than 1e-6.
    """
    reach_m = _REACH_SIGMAS * sigma_m
    x, y = float(centre_m[0]), float(centre_m[1])
    near = shapely.clip_by_rect(region, x - reach_m, y - reach_m, x + reach_m, y + reach_m)
    polygons = [part for part in shapely.get_parts(near) if part.geom_type == "Polygon"]
    if not polygons:
        return 0.0
    rings = shapely.get_rings(shapely.orient_polygons(np.array(polygons)))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = (points - centre_m) / sigma_m
    same = ring[1:] == ring[:-1]
    start, step = points[:-1][same], np.diff(points, axis=0)[same]
    along = start[:, np.newaxis, :] + (0.5 * (_NODE + 1.0))[:, np.newaxis] * step[:, np.newaxis, :]
    cumulative = 0.5 * (1.0 + _ERF(along[..., 0] / sqrt(2.0)).astype(np.float64))
    density = np.exp(-0.5 * along[..., 1] ** 2) / sqrt(2.0 * np.pi)
    total = float(np.sum(0.5 * step[:, 1] * ((cumulative * density) @ _WEIGHT)))
    return min(1.0, max(0.0, total))


def ever_inside(
    time_s: Floats,
    signed_m: Floats,
    sigma_m: Floats,
    fixed_sigma_m: float = 0.0,
    *,
    tau_s: float = GM_TAU_S,
    runs: int = 2_000,
    seed: int = SEED,
) -> float:
    """P(inside at any of these instants) when the error is a Gauss-Markov process; arrays of shape (k,).

    `sigma_m` wanders with the time constant `tau_s`; `fixed_sigma_m`, the outline's, is one error for the flight.
    Monte Carlo with a fixed seed: the standard error is at most 0.5 / sqrt(runs) = 0.011.
    """
    if not len(time_s):
        return 0.0
    random = np.random.default_rng(seed)
    outline = fixed_sigma_m * random.standard_normal(runs)
    keep = np.exp(-np.diff(time_s, prepend=time_s[0]) / tau_s)
    fresh = np.sqrt(np.maximum(0.0, 1.0 - keep**2))
    error = random.standard_normal(runs)
    ever = np.zeros(runs, dtype=np.bool_)
    for index in range(len(time_s)):
        if index:
            error = keep[index] * error + fresh[index] * random.standard_normal(runs)
        ever |= signed_m[index] + outline + sigma_m[index] * error < 0
    return float(ever.mean())
