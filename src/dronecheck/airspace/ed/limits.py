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

from dronecheck.airspace.common.notes import CEILING, FLOOR
from dronecheck.airspace.common.units import FOOT_M, number_of
from dronecheck.airspace.zone import UNLIMITED, Datum, Limit
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["volume_limit"]

_NO_CEILING = 99_999.0
_METRES = {"M": 1.0, "FT": FOOT_M}
_DATA = {"AGL": Datum.AGL, "AMSL": Datum.AMSL}
_UNKNOWN = Limit(math.nan, Datum.UNKNOWN)


def volume_limit(
    value: object, reference: object, unit: object, *, is_ceiling: bool, ellipsoid: bool
) -> tuple[Limit, Message]:
    """Return the limit and, when it is unknown, why."""
    which = CEILING if is_ceiling else FLOOR
    if value is None or value == "":
        return _UNKNOWN, Message("its {which} is not stated: unknown", which=which)
    number = number_of(value)
    if number is None:
        shown = plain(value, 30)
        return _UNKNOWN, Message("its {which} {value!r} is no number: unknown", which=which, value=shown)
    if is_ceiling and number >= _NO_CEILING:
        return UNLIMITED, Message("")
    metres = _METRES.get(str(unit).strip().upper())
    if metres is None:
        shown = plain(unit, 20)
        return _UNKNOWN, Message("its {which} is in {unit!r}, not M or FT: unknown", which=which, unit=shown)
    name = str(reference).strip().upper()
    datum = Datum.HAE if ellipsoid and name == "WGS84" else _DATA.get(name)
    if datum is None:
        text = "its {which} is above {reference!r}, no reference of this format: unknown"
        return _UNKNOWN, Message(text, which=which, reference=plain(reference, 20))
    return Limit(round(number * metres, 6), datum), Message("")
