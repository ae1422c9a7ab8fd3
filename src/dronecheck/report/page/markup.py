"""Text and SVG paths made safe and short; what map and charts share."""

from __future__ import annotations

from html import escape

import numpy as np
import shapely

from dronecheck.arrays import Floats
from dronecheck.safe.io import plain

__all__ = ["area_d", "line_d", "path", "percent", "round_steps", "safe"]


def safe(text: object) -> str:
    """Text from anywhere made safe in HTML text and in quoted attributes."""
    return escape(plain(text, 4000), quote=True)


def line_d(xy_m: Floats, close: str = "") -> str:
    """Path data of points (n, 2), y north, to the decimetre."""
    return "M" + "L".join(f"{x:.1f} {-y:.1f}" for x, y in xy_m.tolist()) + close if len(xy_m) else ""


def area_d(geometry: shapely.Geometry, tolerance_m: float) -> str:
    """Path data of an area's rings, simplified."""
    rings = shapely.get_rings(shapely.get_parts(geometry))  # of a multipolygon itself it gives none
    return "".join(line_d(shapely.get_coordinates(shapely.simplify(ring, tolerance_m)), "Z") for ring in rings)


def path(d: str, look: str, title: str = "") -> str:
    """A path element; nothing when there is nothing to draw."""
    inner = f"<title>{safe(title)}</title>" if title else ""
    return f'<path class="{look}" d="{d}">{inner}</path>' if d else ""


def percent(share: float) -> str:
    """A share of the whole as an SVG length."""
    return f"{100 * share:.2f}%"


def round_steps(low: float, high: float, about: int) -> list[float]:
    """Round numbers from `low` to `high`, roughly `about` of them, ascending."""
    if not high > low:
        return []
    rough = (high - low) / about
    unit = 10.0 ** np.floor(np.log10(rough))
    step = float(next((n for n in (1, 2, 5) if n * unit >= rough), 10) * unit)
    first = int(np.ceil(low / step - 1e-9))
    return [step * k for k in range(first, int(np.floor(high / step + 1e-9)) + 1)]
