"""Which territories a source of zones speaks for: where it was not asked for, nothing is known, however clear it looks.

A zone file of one country says nothing of its neighbour. What it speaks for is stated by the feed it came from, by the
countries that its own zones name, or by the user; else it is guessed: the territories that the middles of its zones lie
in. One zone in twenty must lie there, for files hold some zones of neighbours, too, and never all of them. The sea
outside all territories is `OPEN_SEA`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from dronecheck.airspace.zone import CoversFrom, ZoneSet
from dronecheck.arrays import Floats
from dronecheck.borders.territories import Relation, Territory, is_known, territory_at

__all__ = ["OPEN_SEA", "codes_of", "covers_of", "known_covers", "speaks_for", "stated_by", "with_covers"]

OPEN_SEA = "SEA"
_SHARE = 20  # one zone in so many
_SAMPLE = 200  # zones that are looked at for a guess


def codes_of(territory: Territory | None) -> tuple[str, ...]:
    """Return the codes that a source must speak for to know a place there: its own, else those of all its claimants."""
    if territory is None:
        return (OPEN_SEA,)
    return (territory.iso_a3,) if territory.iso_a3 else territory.claimants


def speaks_for(covers: Iterable[str], territory: Territory | None) -> bool:
    """Tell whether a source that covers these codes knows a territory (None: the open sea).

    A ground that several claim is known where the zones of all of them are; of a condominium one of them is enough.
    """
    known = set(covers)
    if territory is not None and territory.relation is Relation.CONDOMINIUM and known & set(territory.claimants):
        return True
    return set(codes_of(territory)) <= known


def stated_by(countries: Iterable[object]) -> tuple[str, ...]:
    """Return the territories that a file speaks for by the countries its zones name, one a zone; () where none do."""
    found = Counter(str(country).strip().upper() for country in countries if country)
    return _often_enough({code: count for code, count in found.items() if is_known(code)}, found.total())


def known_covers(codes: Iterable[object]) -> tuple[str, ...]:
    """Return those of some codes that are territories or the open sea, sorted."""
    found = {str(code).strip().upper() for code in codes}
    return tuple(sorted(code for code in found if code == OPEN_SEA or is_known(code)))


def covers_of(zones: ZoneSet) -> tuple[tuple[str, ...], CoversFrom]:
    """Return the codes that the zones of one file speak for, and who says so; a guess where nobody has said it."""
    origins = [source.covers_from for source in zones.sources]
    if not origins or None in origins:
        return _guessed(zones.boxes_deg), CoversFrom.GUESS
    codes = tuple(sorted({code for source in zones.sources for code in source.covers}))
    return codes, CoversFrom.GUESS if CoversFrom.GUESS in origins else origins[0] or CoversFrom.GUESS


def with_covers(zones: ZoneSet, given: tuple[str, ...] = ()) -> ZoneSet:
    """Return the zones of one file with what it speaks for: what is `given` by the user, what it states, or a guess."""
    covers, origin = (given, CoversFrom.USER) if given else covers_of(zones)
    return replace(zones, sources=tuple(replace(source, covers=covers, covers_from=origin) for source in zones.sources))


def _guessed(boxes_deg: Floats) -> tuple[str, ...]:
    """Return the codes of the territories that the middles of boxes (n, 4) lie in, of some of them where many."""
    some = boxes_deg[np.unique(np.linspace(0, len(boxes_deg) - 1, min(len(boxes_deg), _SAMPLE)).astype(np.int64))]
    middles = np.column_stack([some[:, [0, 2]].mean(axis=1), some[:, [1, 3]].mean(axis=1)])
    found = Counter(code for lon, lat in middles.tolist() for code in codes_of(territory_at(lon, lat)))
    return _often_enough(found, len(some))


def _often_enough(found: dict[str, int], total: int) -> tuple[str, ...]:
    return tuple(sorted(code for code, count in found.items() if count * _SHARE >= total))
