"""Units of zone files in metres, and numbers as their publishers write them."""

from __future__ import annotations

import math

__all__ = ["FOOT_M", "NM_M", "feet_to_m", "number_of"]

FOOT_M = 0.3048
NM_M = 1852.0


def feet_to_m(feet: float) -> float:
    """Convert feet to metres so that whole feet give the decimal that people expect: 1,500 ft are 457.2 m."""
    return feet * 3048.0 / 10000.0


def number_of(value: object) -> float | None:
    """Return a finite number, also when it is written as a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
