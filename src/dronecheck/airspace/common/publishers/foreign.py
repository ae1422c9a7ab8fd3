"""What a publisher's properties are in dronecheck's own, and the helpers that every publisher's table needs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dronecheck.airspace.common.units import FOOT_M, number_of
from dronecheck.airspace.schedule import Schedule
from dronecheck.issues import Code
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["Foreign", "OriginalCircle", "Properties", "listed_keys", "put_limit", "shown"]

Properties = dict[str, object]

_SHOWN = 12
_METRES = {"M": 1.0, "MT": 1.0, "F": FOOT_M, "FT": FOOT_M, "FEET": FOOT_M}
_LEVEL = "FL"
_DATA = {
    **dict.fromkeys(("AGL", "GND", "SFC", "ASFC", "HEI"), "AGL"),
    **dict.fromkeys(("AMSL", "MSL", "ALT"), "AMSL"),
    **dict.fromkeys(("STD", "PA", "FL"), "FL"),
}
_UNLIMITED_LEVEL = 999.0


@dataclass(frozen=True, slots=True)
class OriginalCircle:
    """The circle of which a publisher's polygon is a drawing."""

    centre_deg: tuple[float, float]
    radius_m: float


@dataclass(frozen=True, slots=True)
class Foreign:
    """A feature's properties in dronecheck's own, and what these have no place for."""

    properties: Properties
    schedule: Schedule | None = None
    is_published: bool = True  # by a publisher who is known
    is_zone: bool = True  # a zone is meant, whatever its geometry is
    radius_m: float | None = None  # the distance to keep from the geometry, 0: none (None: no such thing)
    circle_m: float | None = None  # what a point is the centre of
    original: OriginalCircle | None = None
    maker_country: str | None = None  # a manufacturer's outline, whose datum may be China's
    is_advice: bool = False  # it restricts nothing
    unusable: Message = Message("")  # why it is no zone that can be judged
    unknown_class: str = ""  # what no table has
    unread: str = ""  # properties that say nothing to dronecheck
    doubt: Message = Message("")  # why an entry cannot be judged
    about: tuple[tuple[Code, Message], ...] = ()


def put_limit(own: Properties, side: str, value: object, unit: object, datum: object) -> None:
    """Put a limit of number, unit and datum into `own`; unknown where one of them says nothing.

    A flight level stands above the standard pressure only; FL 999 is no ceiling; 0 above ground is the ground.
    """
    number, unit, datum = number_of(value), _key(unit), _key(datum)
    told = _DATA.get(datum)
    key, datum_key = f"{side}_m", f"{side}_datum"
    own[key], own[datum_key] = shown(value, unit, datum), "UNKNOWN"
    if number is None or not math.isfinite(number):
        return
    if unit == _LEVEL:
        if side == "upper" and number == _UNLIMITED_LEVEL:
            own[key], own[datum_key] = None, "UNL"
        elif told == "FL":
            own[key], own[datum_key] = round(number * 100 * FOOT_M, 6), "FL"
    elif unit in _METRES and told is not None:
        if side == "lower" and number == 0 and told == "AGL":
            own[key], own[datum_key] = None, "GND"
        else:
            own[key], own[datum_key] = round(number * _METRES[unit], 6), told


def shown(*words: object) -> str:
    """Return words as people read them, "not stated" where there are none."""
    return plain(" ".join(str(word) for word in words if word not in (None, "")), 60) or "not stated"


def listed_keys(keys: list[str]) -> str:
    """Return the names of properties, the first of many."""
    return plain(", ".join(keys[:_SHOWN]), 200) + (" ..." if len(keys) > _SHOWN else "")


def _key(value: object) -> str:
    return "" if value is None else str(value).strip().upper()
