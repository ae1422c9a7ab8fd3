"""Which packs and which of their rules a flight is held against."""

from __future__ import annotations

from datetime import date

from dronecheck.errors import UsageError
from dronecheck.rules.pack import Pack, Rule, packs, packs_naming

__all__ = ["chosen", "pack_of", "packs_for"]


def pack_of(text: str) -> Pack:
    """Return a pack by its id. Raises UsageError for one that there is not."""
    known = {pack.id: pack for pack in packs()}
    pack = known.get(text.strip().lower())
    if pack is None:
        raise UsageError(f"{text[:40]!r}: no such pack of rules; dronecheck rules list names them ({', '.join(known)})")
    return pack


def packs_for(territory: str) -> tuple[Pack, ...]:
    """Return the packs that speak for a territory (ISO alpha-3): several where the law has several categories."""
    return tuple(pack for pack in packs_naming(territory) if territory in pack.territories)


def chosen(
    pack: Pack,
    day: date,
    *,
    weight_g: float | None = None,
    class_: str | None = None,
    lat_deg: float | None = None,
) -> tuple[Rule, ...]:
    """Return the rules of a pack that were law on a local day, for a weight (g), class and latitude as far as known.

    A rule that depends on what nobody gave is among them: what it needs is then missing. The latitude is that of the
    take-off, or any of the flight: the only rules that ask for it are those of Alaska and of the States south of it.
    """

    def speaks(rule: Rule) -> bool:
        return (
            _within(weight_g, rule.min_weight_g, rule.max_weight_g)
            and _within(lat_deg, rule.min_lat_deg, rule.max_lat_deg)
            and (class_ is None or not rule.classes or class_.upper() in rule.classes)
        )

    return tuple(rule for rule in pack.rule if rule.was_law_on(day) and speaks(rule))


def _within(value: float | None, least: float | None, less_than: float | None) -> bool:
    """Tell whether a value may lie in [least, less_than); an unknown one may."""
    return value is None or ((least is None or value >= least) and (less_than is None or value < less_than))
