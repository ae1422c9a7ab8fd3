"""What a rule and a pack of rules are, and the TOML files that hold them (packs/)."""

from __future__ import annotations

import tomllib
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

import msgspec

__all__ = ["SCHEMA", "Pack", "Quantity", "Rule", "packs", "packs_naming"]

SCHEMA = "dronecheck.rules/1"
_FOLDER = Path(__file__).with_name("packs")
_SI_OF_UNIT = {
    "m": 1.0, "km": 1000.0, "NM": 1852.0, "ft": 0.3048, "m/s": 1.0, "mph": 0.44704, "kt": 1852.0 / 3600.0, "deg": 1.0,
    "min": 60.0,
}  # fmt: skip


class Quantity(StrEnum):
    """What of a flight a rule speaks of, in the law's own reference."""

    DISTANCE_TO_SURFACE = "distance_to_surface"  # m, to the closest point of the surface of the earth (EU, UK)
    HEIGHT_AGL = "height_agl"  # m, straight above the ground (true height: China, Japan)
    HEIGHT_AGL_OR_STRUCTURE = "height_agl_or_structure"  # m above ground; a structure near may lift it (US, Korea)
    GROUND_SPEED = "ground_speed"  # m/s
    SUN_ELEVATION = "sun_elevation"  # degrees of the sun's centre: not lower than
    SUN_TIME = "sun_time"  # s before sunrise and after sunset: not farther into the night than
    HOME_TERRITORY = "home_territory"  # not to leave the territories of the pack
    BORDER_DISTANCE = "border_distance"  # m from the land border of the pack's territories: not nearer than


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number of one paragraph, with the days on which it was law (local days; an amendment is another rule).

    `value` is in the law's own `unit`; where the paragraph names a second figure for the same limit that is not quite
    the same (87 knots, 100 miles an hour), that is `other_value`, and between them the answer is open. `exceptions` and
    `not_in_log` are what a log cannot show: English phrases. `informs` rules never reach a verdict (night flight that
    only asks for a light).
    """

    id: str
    title: str
    quantity: Quantity
    value: float | None = None
    unit: str = "m"
    other_value: float | None = None
    other_unit: str = "m"
    citation: str
    source: str
    certainty: str
    valid_from: date
    valid_to: date | None = None  # the last day; None: still law on the day the pack was checked
    exceptions: tuple[str, ...] = ()
    not_in_log: tuple[str, ...] = ()
    informs: bool = False
    min_weight_g: float | None = None  # it speaks of aircraft from this weight on ...
    max_weight_g: float | None = None  # ... and below this one
    classes: tuple[str, ...] = ()  # of these classes alone (C0 ... C6, UK0 ... UK6); none: of all
    min_lat_deg: float | None = None  # of places from this latitude on (Alaska: all of the USA north of 50 N) ...
    max_lat_deg: float | None = None  # ... and south of this one

    @property
    def limit_si(self) -> float | None:
        """Return the value in metres, metres a second, degrees or seconds."""
        return None if self.value is None else self.value * _SI_OF_UNIT[self.unit]

    @property
    def limits_si(self) -> tuple[float, float] | None:
        """Return the least and the greatest figure that the paragraph names for the limit, in the same units."""
        limit = self.limit_si
        if limit is None:
            return None
        other = limit if self.other_value is None else self.other_value * _SI_OF_UNIT[self.other_unit]
        return min(limit, other), max(limit, other)

    def was_law_on(self, day: date) -> bool:
        """Tell whether it was law on a local day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Pack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of some territories, as read on the day `checked`.

    `applies_if` are the conditions under which the pack is the flight's own: printed, never assumed. `not_checkable`
    are rules whose conditions no log shows, each with its paragraph; `left_out` are places, days and numbers that one
    might look for here and that are not certain enough.
    """

    id: str
    title: str
    territories: tuple[str, ...]
    checked: date
    applies_if: tuple[str, ...]
    not_checkable: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    rule: tuple[Rule, ...] = ()


class _PackFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: str
    pack: Pack
    rule: tuple[Rule, ...]


def packs() -> tuple[Pack, ...]:
    """Return all packs on board, by id."""
    return tuple(map(_pack, sorted(_texts())))


@cache
def packs_naming(text: str) -> tuple[Pack, ...]:
    """Return the packs whose files hold a quoted text, as a territory's code: the others are not parsed."""
    return tuple(_pack(path) for path, held in sorted(_texts().items()) if f'"{text}"' in held)


@cache
def _texts() -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in _FOLDER.glob("*.toml")}


@cache
def _pack(path: Path) -> Pack:
    read = msgspec.convert(tomllib.loads(_texts()[path]), _PackFile)
    return msgspec.structs.replace(read.pack, rule=read.rule)
