"""Which edition of a source was in force: dates in, editions out. No files, no geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from dronecheck.airspace.library.records import Period

__all__ = ["Choice", "in_force"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Indices into the editions given.

    `used` has those in force at some instant, each with the period it is to be judged for; one that is in force all
    the while has no bounds. In `either`, one of several holds and nobody can tell which. `gap`: at some instant no
    edition was in force.
    """

    used: tuple[tuple[int, Period], ...] = ()
    either: tuple[int, ...] = ()
    gap: bool = False


def in_force(periods: Sequence[Period], begin_ns: int, end_ns: int) -> Choice:
    """Return the editions in force from `begin_ns` to `end_ns`, both included.

    An edition holds from its first instant up to, not including, its last, and of several the one that began last
    replaces the others; one without a beginning is older than any with one. Editions that began at the same instant
    cannot be told apart: then they are `either`, together with all others that are needed.
    """
    cuts = {t for period in periods for t in period if t is not None and begin_ns < t <= end_ns}
    begins = sorted({begin_ns, *cuts})
    winners = [_at(periods, instant) for instant in begins]
    gap = not all(winners)
    if any(len(several) > 1 for several in winners):
        return Choice(either=tuple(dict.fromkeys(index for several in winners for index in several)), gap=gap)
    used: list[tuple[int, Period]] = []
    stretches = [(index, first) for first, several in enumerate(winners) for index in [*several, None][:1]]
    bounds: list[int | None] = [None, *begins[1:], None]
    for edition, group in groupby(stretches, key=lambda stretch: stretch[0]):
        firsts = [first for _, first in group]
        if edition is not None:
            used.append((edition, (bounds[firsts[0]], bounds[firsts[-1] + 1])))
    return Choice(used=tuple(used), gap=gap)


def _at(periods: Sequence[Period], instant: int) -> list[int]:
    holding = [
        (begin if begin is not None else -(1 << 63), index)
        for index, (begin, end) in enumerate(periods)
        if (begin is None or begin <= instant) and (end is None or instant < end)
    ]
    latest = max(holding, default=(0, 0))[0]
    return [index for begin, index in holding if begin == latest]
