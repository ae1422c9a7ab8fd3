"""Quantities as people read them, and templates filled with them."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping
from math import ceil, isfinite, log10
from typing import Any

__all__ = [
    "COVERAGE_95",
    "Filler",
    "coordinate_digits",
    "coordinates",
    "duration",
    "filled",
    "film_clock",
    "metres",
    "plural",
    "share_95",
]

COVERAGE_95 = 1.96  # sigmas: what stands behind a "±" of people's reading holds with 95 %
_M_PER_DEG = 111_195.0


def metres(value: float) -> str:
    """Write a distance as people read it: 0.4 m, 23 m, 1.94 km, 12.3 km."""
    if value < 9.95:
        return f"{value:.1f} m"
    if value < 1000:
        return f"{value:.0f} m"
    return f"{value / 1000:.2f} km" if value < 9950 else f"{value / 1000:.1f} km"


def duration(seconds: float) -> str:
    """Write seconds as people read them: 0.7 s, 42 s, 3 min 05 s, 1 h 02 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def film_clock(at_s: float) -> str:
    """Write a place in a film: 1:30, 72:05."""
    return f"{int(at_s) // 60}:{int(at_s) % 60:02d}"


def share_95(*sigmas: float | None) -> str:
    """Return what is written behind one "±" or several: the share that lies within, where one sigma is known."""
    return " (95 %)" if any(sigma is not None and isfinite(sigma) for sigma in sigmas) else ""


def coordinates(lat_deg: float, lon_deg: float, sigma_m: float | None = None) -> str:
    """Write a place with the decimals that its standard deviation (m) deserves: 40.116 N 124.393 E for 340 m.

    The last digit is worth no more than the sigma, and no less than a tenth of it; five decimals where it is not known.
    """
    digits = coordinate_digits(sigma_m)
    ns, ew = "NS"[lat_deg < 0], "EW"[lon_deg < 0]
    return f"{abs(lat_deg):.{digits}f} {ns} {abs(lon_deg):.{digits}f} {ew}"


def coordinate_digits(sigma_m: float | None) -> int:
    """Return with how many decimals a latitude or longitude of that standard deviation (m) is written."""
    if sigma_m is None or not isfinite(sigma_m):
        return 5
    return min(7, max(1, ceil(log10(_M_PER_DEG / max(sigma_m, 0.001)))))


def plural(count: int, thing: str, things: str = "") -> str:
    """Write a count with its noun: 1 zone, 2 zones, 3 fixes."""
    return f"{count} {thing}" if count == 1 else f"{count} {things or thing + 's'}"


class Filler(string.Formatter):
    """Fills templates such as "{depth_m} inside, for {duration_s}".

    A field whose name ends in `_m` or `_s` reads as people do; `{x_m:.0f} m` is a plain number, `{distance_m!k}`
    kilometres without trailing noughts. `{basis!t}` is a term: a word that `terms` gives for a code.
    """

    def __init__(self, terms: Callable[[str], str] = str) -> None:
        self._terms = terms

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        """Apply `!t` (a term) and `!k` (metres in whole or broken kilometres) besides Python's own."""
        if conversion == "t":
            return self._terms(str(value))
        if conversion == "k":
            return f"{value / 1000:g} km"
        return super().convert_field(value, conversion)

    def filled(self, template: str, values: Mapping[str, object]) -> str:
        """Fill a template; raises KeyError for a field without a value."""
        parts: list[str] = []
        for literal, name, spec, conversion in self.parse(template):
            parts.append(literal)
            if name is None:
                continue
            value = values[name]
            if not spec and not conversion and isinstance(value, (int, float)) and name.endswith(("_m", "_s")):
                parts.append(metres(value) if name.endswith("_m") else duration(value))
            else:
                parts.append(format(self.convert_field(value, conversion), spec or ""))
        return "".join(parts)


def filled(template: str, values: Mapping[str, object]) -> str:
    """Fill a template in English."""
    return Filler().filled(template, values)
