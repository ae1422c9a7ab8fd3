"""What a zone reader noticed, alike things counted together: 14,000 zones without limits are one Issue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from dronecheck.airspace.zone import Incomplete, Zone, ZoneSet, ZoneSource
from dronecheck.geo.neighbours import far_from_others
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["CEILING", "FLOOR", "LATIN1", "Notes"]

FLOOR, CEILING = Message("floor"), Message("ceiling")
LATIN1 = Message("text in another encoding, read as Latin-1")
_SKIPPED = (Code.ZONE_SKIPPED, Code.ZONE_ADVICE_SKIPPED)
_MOST = 10_000  # a hostile file can say something else of every zone


@dataclass(slots=True)
class Notes:
    """Issues by what they say: the first place and name, and how often."""

    skipped: int = 0  # features of which an entry cannot be excluded
    _seen: dict[tuple[Code, Severity, Message], list[tuple[str, int | None, int]]] = field(default_factory=dict)

    def add(
        self,
        code: Code,
        text: Message,
        *,
        name: str = "",
        number: int | None = None,
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Note `text` about the zone `name` (a Message where it is a place in the file), feature `number` from 1.

        Raises:
            ValueError: a skipped feature, which only `skip` counts.
        """
        if code in _SKIPPED:
            raise ValueError(f"{code}: use skip()")
        self._note(code, text, name, number, severity)

    def skip(
        self,
        text: Message,
        *,
        is_advice: bool = False,
        name: str = "",
        number: int | None = None,
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Note a feature whose area could not be read: an entry cannot be excluded. That counts unless it is advice."""
        self.skipped += not is_advice
        self._note(_SKIPPED[is_advice], text, name, number, severity)

    def zone_set(self, zones: Iterable[Zone], origin: ZoneSource) -> ZoneSet:
        """Return the zones read from a file, with all that was noted and whether some of them could not be read."""
        made = tuple(zones)  # before anything is told: making zones may note something
        boxes = np.array([zone.box_deg() for zone in made], dtype=np.float64).reshape(-1, 4)
        for number, away_m in far_from_others(boxes):
            text = Message("it lies {away_m} from all other zones of the file: is its place right?", away_m=away_m)
            self.add(Code.ZONE_FAR_AWAY, text, name=made[number].name)
        issues = self.issues()
        incomplete = (Incomplete.UNREADABLE,) if self.skipped else ()
        return ZoneSet(made, (origin,), issues, skipped=self.skipped, incomplete=incomplete)

    def issues(self) -> tuple[Issue, ...]:
        """Return all issues, in the order first seen."""
        out = []
        for (code, severity, text), [(name, number, count)] in self._seen.items():
            message = Message("{name}: {text}", name=plain(name, 120), text=text) if name else text
            out.append(Issue(code, severity, message, number, count))
        return tuple(out)

    def _note(self, code: Code, text: Message, name: str, number: int | None, severity: Severity) -> None:
        key = (code, severity, text)
        if len(self._seen) >= _MOST and key not in self._seen:
            key = (code, severity, Message("and further ones of this kind, only counted"))
        first = self._seen.setdefault(key, [(name, number, 0)])
        who, where, count = first[0]
        first[0] = (who, where, count + 1)
