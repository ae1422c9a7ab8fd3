"""Draw as SVG what map and charts share: paths from metres, shares of a width, round steps of an axis."""

from __future__ import annotations

import unicodedata

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats
from dronecheck.safe.html import Markup, element, safe

__all__ = ["area_d", "line_d", "path", "percent", "round_steps", "text_width_px"]

_THIN, _FULL = frozenset("iljtfrI.,:;'|!() "), frozenset("mwMW@%")


def line_d(xy_m: Floats, close: str = "") -> str:
    """Return path data of points in metres (n, 2), y north, to the decimetre."""
    return "M" + "L".join(f"{x:.1f} {-y:.1f}" for x, y in xy_m.tolist()) + close if len(xy_m) else ""


def area_d(geometry: BaseGeometry, tolerance_m: float) -> str:
    """Return path data of an area's rings, simplified by at most `tolerance_m` metres."""
    rings = shapely.get_rings(shapely.get_parts(geometry))  # of a multipolygon itself it gives none
    return "".join(line_d(shapely.get_coordinates(shapely.simplify(ring, tolerance_m)), "Z") for ring in rings)


def path(d: str, look: str, title: str = "") -> Markup:
    """Return a path element of class `look`, with its title as a tooltip; nothing when there is nothing to draw."""
    inner = [element("title", {}, title)] if title else []
    return element("path", {"class": look, "d": safe(d, len(d))}, *inner) if d else Markup()


def percent(share: float) -> str:
    """Return a share of the whole as an SVG length, 0.5 as "50.00%"."""
    return f"{100 * share:.2f}%"


def round_steps(low: float, high: float, about: int) -> list[float]:
    """Return round numbers from `low` to `high`, roughly `about` of them, ascending."""
    if not high > low:
        return []
    rough = (high - low) / about
    unit = 10.0 ** np.floor(np.log10(rough))
    step = float(next((n for n in (1, 2, 5) if n * unit >= rough), 10) * unit)
    first = int(np.ceil(low / step - 1e-9))
    return [step * k for k in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def text_width_px(text: str, type_px: float) -> float:
    """Return about how wide a text in a bold sans serif is, on the safe side: nobody has measured the letters."""
    return type_px * sum(_share_of_em(letter) for letter in text)


def _share_of_em(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF" or unicodedata.category(letter) in ("Sm", "So"):  # arrows
        return 1.05
    return 0.4 if letter in _THIN else 1.0 if letter in _FULL else 0.8 if letter.isupper() else 0.66
