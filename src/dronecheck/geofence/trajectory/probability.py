"""Probabilities behind a verdict (no SciPy: numpy and math.erf).

One instant: the normal distribution of the position over the region near it. Far from corners and other edges that is
the half plane, Phi(-d / sigma); else the integral over the region. A flight: the errors of satellite fixes last for
minutes, so instants are never multiplied as if independent. With one error common to all of them the chance of ever
having been inside is the greatest of any instant (a lower bound); an error that wanders (Gauss-Markov) gives more.
"""

from __future__ import annotations

from functools import lru_cache
from math import erfc, isfinite, sqrt

import numpy as np

from dronecheck.arrays import Floats

__all__ = ["GM_TAU_S", "SEED", "ever_inside", "probability_inside"]


GM_TAU_S = 300.0
SEED = 20_250_101
_KEPT_ROWS = 201


def probability_inside(signed_m: float, sigma_m: float) -> float:
    """Return P(inside) for a straight outline: Phi(-d / sigma), d negative inside (DOMAIN 2.2, half plane)."""
    if not isfinite(signed_m):
        return 1.0 if signed_m < 0 else 0.0
    return 0.5 * erfc(signed_m / (sigma_m * sqrt(2.0)))


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
    """Return P(inside at any of these instants) when the error is a Gauss-Markov process; arrays of shape (k,).

    `sigma_m` wanders with the time constant `tau_s`; `fixed_sigma_m`, the outline's, is one error for the flight.
    Monte Carlo with a fixed seed: the standard error is at most 0.5 / sqrt(runs) = 0.011.
    """
    if not len(time_s):
        return 0.0
    normal = _normal(len(time_s) + 1, runs, seed)
    keep = np.exp(-np.diff(time_s, prepend=time_s[0]) / tau_s)
    fresh = np.sqrt(np.maximum(0.0, 1.0 - keep**2))
    outline, error = fixed_sigma_m * normal[0], normal[1].copy()
    nearest, moved = np.full(runs, np.inf), np.empty(runs)
    for index in range(len(time_s)):
        if index:
            error *= keep[index]
            error += np.multiply(normal[index + 1], fresh[index], out=moved)
        np.multiply(error, sigma_m[index], out=moved)
        moved += signed_m[index]
        np.minimum(nearest, moved, out=nearest)
    return float(np.mean(nearest + outline < 0))


@lru_cache(maxsize=2)
def _normal(rows: int, runs: int, seed: int) -> Floats:
    """Return standard normal deviates of shape (rows, runs): the same ones for every flight."""
    if rows < _KEPT_ROWS:
        return _normal(_KEPT_ROWS, runs, seed)
    return np.random.default_rng(seed).standard_normal((rows, runs))
