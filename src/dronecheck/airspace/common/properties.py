"""The properties of dronecheck's own GeoJSON profile, read one by one.

What cannot be right is a doubt, never a guess in silence; a limit that cannot be read is unknown, never zero.
"""

from __future__ import annotations

import math
from typing import TypeVar

from dronecheck.airspace.common.units import number_of
from dronecheck.airspace.zone import Datum, Effect, Limit, Zone, ZoneKind, contradiction_of
from dronecheck.geo.outline.edges import Edge
from dronecheck.messages import Message
from dronecheck.safe.io import plain
from dronecheck.timebase import utc_ns

__all__ = ["OWN", "ZoneProperties"]

OWN = frozenset(
    {
        "id", "name", "kind", "effect", "lower_m", "lower_datum", "upper_m", "upper_datum", "edge", "accuracy_m",
        "valid_from", "valid_to", "schedule", "authority", "remarks", "doubt", "radius_m",
    }
)  # fmt: skip

_Choice = TypeVar("_Choice", ZoneKind, Edge, Effect)


class ZoneProperties:
    """A feature's properties; `doubts` and `unknown_limits` gather what was wrong with those asked for."""

    def __init__(self, given: dict[str, object]) -> None:
        self.given = given
        self.doubts: list[Message] = [Message(plain(given["doubt"], 300))] if given.get("doubt") else []
        self.unknown_limits: list[Message] = []

    def text(self, key: str, limit: int = 120) -> str:
        """Return a text made safe to print; "" when absent."""
        value = self.given.get(key)
        return "" if value is None else plain(value, limit)

    def effect(self) -> Effect | None:
        """Return the effect stated; None leaves it to the kind."""
        return self.choice("effect", Effect, Effect.NEEDS_AUTHORISATION) if self.given.get("effect") else None

    def choice(self, key: str, kinds: type[_Choice], default: _Choice) -> _Choice:
        """Return one of an enum's values, whatever its case."""
        value = self.given.get(key)
        if value is None:
            return default
        try:
            found = kinds(str(value).strip().lower())
        except ValueError:
            found = default
        if found in (ZoneKind.BORDER, ZoneKind.RULE) or str(found) != str(value).strip().lower():
            self.doubts.append(Message("{key} {value!r} is none of those known", key=key, value=plain(value, 40)))
            return default
        return found

    def accuracy_m(self) -> float:
        """Return the accuracy of the outline: one standard deviation (m)."""
        value = self.given.get("accuracy_m", 0.0)
        metres = number_of(value)
        if metres is None or metres < 0:
            self.doubts.append(Message("accuracy_m {value!r} is no distance", value=plain(value, 40)))
            return 0.0
        return metres

    def time_ns(self, key: str) -> int | None:
        """Return an ISO 8601 time as UTC nanoseconds; a time without a zone is UTC."""
        value = self.given.get(key)
        if value is None:
            return None
        try:
            return utc_ns(value, is_end=key == "valid_to")
        except (ValueError, OverflowError):
            self.doubts.append(Message("{key} {value!r} is no ISO 8601 time", key=key, value=plain(value, 40)))
            return None

    def limit(self, which: str, default: Limit) -> Limit:
        """Return the limit "lower" or "upper"."""
        value, datum = self.given.get(f"{which}_m"), self.given.get(f"{which}_datum")
        if value is None and datum is None:
            return default
        try:
            kind = Datum(str(datum).strip().upper()) if datum is not None else Datum.UNKNOWN
        except ValueError:
            kind = Datum.UNKNOWN
        if kind in (Datum.GND, Datum.UNL):
            return Limit(math.nan, kind)
        metres = number_of(value)
        if kind is Datum.UNKNOWN or metres is None:
            shown, about = (Message("none") if v is None else plain(v, 60) for v in (value, datum))
            side = Message("lower") if which == "lower" else Message("upper")
            if datum == Datum.UNKNOWN and value is not None:
                text = Message("{side} limit {value} is unknown", side=side, value=shown)
            else:
                text = Message("{side} limit {value} (datum {datum}) is unknown", side=side, value=shown, datum=about)
            self.unknown_limits.append(text)
            return Limit(math.nan, Datum.UNKNOWN)
        return Limit(metres, kind)

    def compare(self, zone: Zone) -> None:
        """Compare limits and times: note those that exclude everything."""
        if doubt := contradiction_of(zone.lower, zone.upper):
            self.doubts.append(doubt)
        if zone.valid_from_ns is not None and zone.valid_to_ns is not None and zone.valid_from_ns > zone.valid_to_ns:
            self.doubts.append(Message("it ends before it begins"))
