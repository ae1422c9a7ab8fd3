"""Altitudes as OpenAir has them: "FL95", "4500ft MSL", "1000 AGL", "GND", "UNLTD", and what real files make of them.

| written | meaning |
|---|---|
| GND, SFC, 0 (any unit, no datum) | the ground |
| UNL, UNLIM, UNLTD, UNLIMITED, with or without FT | unlimited |
| FL 95, 9500 ft STD | pressure altitude |
| 4500 ft MSL, 450m AMSL, 2500AMSL FT | above mean sea level |
| 1000 ft AGL, 500 ASFC, 300m GND, 100 SFC | above ground |
| 8400 ft, 8400 | no datum: above mean sea level, as gliding software reads it; noted |
| NOTAM, BCTA (base of the control area), "Ask on 122.8", two limits, none | unknown, never zero |
| 4.500 ft | unknown: thousands with a point, or three decimals |

Units: feet (0.3048 m), also where none is given, and metres. A bracket ("UNLIM (Mon-Fri)") limits the time, not the
height.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from dronecheck.airspace.common.units import feet_to_m
from dronecheck.airspace.zone import GROUND, UNLIMITED, Datum, Limit

__all__ = ["Reading", "read_limit"]

_LONGEST = 200

_BRACKET = re.compile(r"\(([^()]*)\)")
_LEVEL = re.compile(r"FL\s*(\d{1,3}(?:\.\d+)?)", re.ASCII)
_HEIGHT = re.compile(r"(-?\d{1,6}(?:\.\d+)?)\s*([A-Z\s]*)", re.ASCII)
_THOUSANDS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_WORDS = re.compile(r"AMSL|ASFC|AGL|MSL|GND|SFC|STD|FEET|FT|F|METERS|METRES|M|\s+")
_METRES = frozenset({"M", "METERS", "METRES"})
_FEET = frozenset({"FT", "F", "FEET"})
_DATUMS = {
    "AMSL": Datum.AMSL,
    "MSL": Datum.AMSL,
    "AGL": Datum.AGL,
    "ASFC": Datum.AGL,
    "GND": Datum.AGL,
    "SFC": Datum.AGL,
    "STD": Datum.FL,
}
_GROUND = frozenset({"GND", "SFC"})
_UNLIMITED = re.compile(r"(?:UNL|UNLIM|UNLTD|UNLIMITED)(?:\s*(?:FT|M))?")
UNKNOWN = Limit(math.nan, Datum.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Reading:
    """A limit, whether its datum had to be assumed, and a condition in brackets ("" for none)."""

    limit: Limit
    assumed: bool = False
    condition: str = ""


def read_limit(text: str) -> Reading:
    """Read the altitude of an AH or AL record; `Datum.UNKNOWN` for what is none."""
    if len(text) > _LONGEST:
        return Reading(UNKNOWN)
    brackets = [part.strip() for part in _BRACKET.findall(text)]
    condition = ", ".join(part for part in brackets if part)
    limit, assumed = _limit(_BRACKET.sub(" ", text).strip().upper())
    return Reading(limit, assumed, condition)


def _limit(text: str) -> tuple[Limit, bool]:
    if text in _GROUND:
        return GROUND, False
    if _UNLIMITED.fullmatch(text):
        return UNLIMITED, False
    level = _LEVEL.fullmatch(text)
    if level:
        return Limit(feet_to_m(float(level[1]) * 100.0), Datum.FL), False
    height = _HEIGHT.fullmatch(text)
    if height is None or _THOUSANDS.fullmatch(height[1]):
        return UNKNOWN, False
    return _height(float(height[1]), height[2])


def _height(number: float, words: str) -> tuple[Limit, bool]:
    """Read a number with at most one unit and one datum, in any order and with or without spaces."""
    if _WORDS.sub("", words):
        return UNKNOWN, False
    found = [word for word in _WORDS.findall(words) if not word.isspace()]
    units = [word for word in found if word in _METRES or word in _FEET]
    datums = [_DATUMS[word] for word in found if word in _DATUMS]
    if len(units) > 1 or len(datums) > 1:
        return UNKNOWN, False
    metres = number if units and units[0] in _METRES else feet_to_m(number)
    if datums:
        return Limit(metres, datums[0]), False
    return (GROUND, False) if number == 0 else (Limit(metres, Datum.AMSL), True)
