"""Probabilities behind a verdict."""

from __future__ import annotations

from math import erfc, isfinite, sqrt

__all__ = ["probability_inside"]


def probability_inside(signed_m: float, sigma_m: float) -> float:
    """P(inside) for a straight outline: Phi(-d / sigma), d negative inside (DOMAIN 2.2, half plane)."""
    if not isfinite(signed_m):
        return 1.0 if signed_m < 0 else 0.0
    return 0.5 * erfc(signed_m / (sigma_m * sqrt(2.0)))
