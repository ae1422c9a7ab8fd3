"""Places as texts of ISO 6709 (annex H), which films carry: `+40.1234-074.5678+012.3/`, also as degrees and minutes."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["StatedPlace", "place_of"]

_TEXT = re.compile(
    r"\s*([+-])(\d{2,6})(\.\d{1,12})?([+-])(\d{3,7})(\.\d{1,12})?(?:([+-]\d{1,6}(?:\.\d{1,9})?))?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class StatedPlace:
    """A position, degrees, and the step in which it is written; a height in metres of an unnamed datum, or None."""

    lat_deg: float
    lon_deg: float
    step_deg: float
    height_m: float | None


def place_of(text: str) -> StatedPlace | None:
    """Return the place of a text, None where it is none: digits say whether degrees, minutes or seconds stand there.

    >>> place_of("+24.5000-015.7500/")
    StatedPlace(lat_deg=24.5, lon_deg=-15.75, step_deg=0.0001, height_m=None)
    """
    found = _TEXT.match(text)
    if not found:
        return None
    lat, lat_step = _degrees(found[1], found[2], found[3] or "", 2)
    lon, lon_step = _degrees(found[4], found[5], found[6] or "", 3)
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:
        return None
    return StatedPlace(lat, lon, max(lat_step, lon_step), float(found[7]) if found[7] else None)


def _degrees(sign: str, digits: str, fraction: str, whole: int) -> tuple[float | None, float]:
    parts, rest = [digits[:whole]], digits[whole:]
    if len(rest) not in (0, 2, 4):
        return None, 0.0
    parts += [rest[i : i + 2] for i in range(0, len(rest), 2)]
    values = [float(part) for part in parts]
    values[-1] += float(f"0{fraction}") if fraction else 0.0
    if any(value >= 60 for value in values[1:]):
        return None, 0.0
    unit = 60.0 ** (1 - len(values))
    step = 10.0 ** -max(len(fraction) - 1, 0) * unit
    degrees = sum(value / 60.0**power for power, value in enumerate(values))
    return (-degrees if sign == "-" else degrees), step
