"""A pack as it was law on one day, by its name on the command line, and what differs between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dronecheck.errors import UsageError
from dronecheck.rules.choose import chosen, pack_of
from dronecheck.rules.pack import Pack, Rule

__all__ = ["RulesOnDay", "compared", "day_of", "rules_on"]


@dataclass(frozen=True, slots=True)
class RulesOnDay:
    """The rules of a pack that were law on a local day."""

    pack: Pack
    day: date

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return them as the pack lists them: one of each id."""
        return chosen(self.pack, self.day)

    def named(self) -> dict[str, Rule]:
        """Return them by what they are about: their id without that of the pack."""
        return {rule.id.removeprefix(f"{self.pack.id}-"): rule for rule in self.rules}


def day_of(text: str) -> date:
    """Return a day as typed: 2026-01-01. Raises UsageError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{text[:40]!r} is no day; give one as 2026-01-01") from None


def rules_on(text: str, day: date | None = None) -> RulesOnDay:
    """Return the rules of a pack named as PACK or PACK@DATE; without any day, those of the day it was checked.

    Raises UsageError for a pack or day that there is not.
    """
    name, at, when = text.partition("@")
    pack = pack_of(name)
    return RulesOnDay(pack, day_of(when) if at else day or pack.checked)


def compared(one: RulesOnDay, other: RulesOnDay) -> list[tuple[str, Rule | None, Rule | None]]:
    """Return each thing that a rule of either is about, with the rule of each; None where it has none."""
    first, second = one.named(), other.named()
    return [(name, first.get(name), second.get(name)) for name in dict.fromkeys((*first, *second))]
