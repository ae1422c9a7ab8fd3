"""Floors and ceilings of AIXM: a value, its unit, and what it is measured from.

| value | unit | reference (5.1; 4.5) | read as |
|---|---|---|---|
| GND, SFC | any | any | the ground |
| UNL | any | any | unlimited |
| number | FL | STD, none | pressure altitude, 30.48 m each |
| number | FT, M | STD | pressure altitude |
| number | SM | STD, none | pressure altitude, metres ("standard metres") |
| number | FT, M | MSL; ALT | above mean sea level |
| number | FT, M | SFC; HEI | above ground, 0 is the ground |
| number | FT, M | W84 | above the ellipsoid |
| number | FT, M | none | above mean sea level, noted |
| FL above anything but STD, FLOOR, CEILING, OTHER, no value | | | unknown |

A second limit (maximumLimit, minimumLimit; valDistVerMax, valDistVerMnm) makes it one of two, the higher or the lower:
unknown. Sources: AIXM 4.5 and 5.1 data dictionaries (CODE_DIST_VER, UomDistanceVerticalType).
"""

from __future__ import annotations

import math
import re

from dronecheck.airspace.common.units import feet_to_m
from dronecheck.airspace.zone import GROUND, UNLIMITED, Datum, Limit
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["UNKNOWN", "read_vertical"]

UNKNOWN = Limit(math.nan, Datum.UNKNOWN)
_NUMBER = re.compile(r"[+-]?\d{1,6}(?:\.\d{1,9})?", re.ASCII)
_DATA = {
    "MSL": Datum.AMSL, "ALT": Datum.AMSL, "SFC": Datum.AGL, "HEI": Datum.AGL, "STD": Datum.FL, "W84": Datum.HAE,
}  # fmt: skip


def read_vertical(
    value: str, unit: str, reference: str, which: Message, second: str = ""
) -> tuple[Limit, Message, bool]:
    """Return the limit, what is to be noted about it ("" for nothing), and whether that is only an assumption.

    `which` is FLOOR or CEILING, `second` the value of its second limit.
    """
    value, unit, reference = value.strip().upper(), unit.strip().upper(), reference.strip().upper()
    said = " ".join(part for part in (value, unit, reference) if part)
    if second.strip():
        one, other = plain(said, 40), plain(second.strip(), 20)
        return (
            UNKNOWN,
            Message("its {which} is one of two, {one!r} and {other!r}", which=which, one=one, other=other),
            False,
        )
    if value in ("GND", "SFC"):
        return GROUND, Message(""), False
    if value == "UNL":
        return UNLIMITED, Message(""), False
    if not value:
        return UNKNOWN, Message("no {which} is given", which=which), False
    limit = _measured(value, unit, reference)
    if limit is None:
        text = "its {which} {shown!r} is no height that can be read"
        return UNKNOWN, Message(text, which=which, shown=plain(said, 40)), False
    if not reference and unit in ("FT", "M"):
        return limit, Message("a {which} without a reference is read as above mean sea level", which=which), True
    return limit, Message(""), False


def _measured(value: str, unit: str, reference: str) -> Limit | None:
    if not _NUMBER.fullmatch(value):
        return None
    number = float(value)
    if unit in ("FL", "SM"):
        if reference not in ("STD", ""):
            return None
        return Limit(feet_to_m(number * 100.0) if unit == "FL" else number, Datum.FL)
    if unit not in ("FT", "M") or (reference and reference not in _DATA):
        return None
    datum = _DATA.get(reference, Datum.AMSL)
    if datum is Datum.AGL and number == 0:
        return GROUND
    return Limit(number if unit == "M" else feet_to_m(number), datum)
