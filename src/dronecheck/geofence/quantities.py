"""Distances and durations as people read them."""

from __future__ import annotations

__all__ = ["duration", "metres", "plural"]


def metres(value: float) -> str:
    """A distance as people read it: 0.4 m, 23 m, 1.94 km, 12.3 km."""
    if value < 9.95:
        return f"{value:.1f} m"
    if value < 1000:
        return f"{value:.0f} m"
    return f"{value / 1000:.2f} km" if value < 9950 else f"{value / 1000:.1f} km"


def duration(seconds: float) -> str:
    """Seconds as people read them: 0.7 s, 42 s, 3 min 05 s, 1 h 02 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def plural(count: int, thing: str, things: str = "") -> str:
    """A count with its noun: 1 zone, 2 zones, 3 fixes."""
    return f"{count} {thing}" if count == 1 else f"{count} {things or thing + 's'}"
