"""The plain values that geometry is asked with."""

from __future__ import annotations

__all__ = ["Box", "Interval"]

Box = tuple[float, float, float, float]  # west, south, east, north in degrees; or xmin, ymin, xmax, ymax in a plane
Interval = tuple[float, float]  # a stretch of a path in fractional rows: 3.25 is a quarter from row 3 to row 4
