"""Floors and ceilings of ED-269 and ED-318 volumes.

| in the file | read as |
|---|---|
| number + M or FT + AGL or AMSL | that height |
| WGS84 (ED-318 only) | height above the ellipsoid |
| 99,999 and more, as a ceiling | no ceiling (Switzerland writes 99999 in both data) |
| absent, null, "" | not stated: unknown, never the ground or the sky |
| another unit or reference, no number | unknown |

An unknown limit decides nothing unless the other one does: a flight above a known ceiling is outside, whatever the
floor is.
"""

from __future__ import annotations

import math

from dronecheck.airspace.common.units import FOOT_M, number_of
from dronecheck.airspace.zone import UNLIMITED, Datum, Limit
from dronecheck.safe.io import plain

__all__ = ["volume_limit"]

_NO_CEILING = 99_999.0
_METRES = {"M": 1.0, "FT": FOOT_M}
_DATA = {"AGL": Datum.AGL, "AMSL": Datum.AMSL}
_UNKNOWN = Limit(math.nan, Datum.UNKNOWN)


def volume_limit(
    value: object, reference: object, unit: object, *, is_ceiling: bool, ellipsoid: bool
) -> tuple[Limit, str]:
    """The limit and, when it is unknown, why."""
    which = "ceiling" if is_ceiling else "floor"
    if value is None or value == "":
        return _UNKNOWN, f"its {which} is not stated: unknown"
    number = number_of(value)
    if number is None:
        return _UNKNOWN, f"its {which} {plain(value, 30)!r} is no number: unknown"
    if is_ceiling and number >= _NO_CEILING:
        return UNLIMITED, ""
    metres = _METRES.get(str(unit).strip().upper())
    if metres is None:
        return _UNKNOWN, f"its {which} is in {plain(unit, 20)!r}, not M or FT: unknown"
    name = str(reference).strip().upper()
    datum = Datum.HAE if ellipsoid and name == "WGS84" else _DATA.get(name)
    if datum is None:
        return _UNKNOWN, f"its {which} is above {plain(reference, 20)!r}, no reference of this format: unknown"
    return Limit(round(number * metres, 6), datum), ""
