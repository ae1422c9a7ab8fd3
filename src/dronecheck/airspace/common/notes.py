"""What a zone reader noticed, alike things counted together: 14,000 zones without limits are one Issue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dronecheck.airspace.zone import Incomplete, Zone, ZoneSet, ZoneSource
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["CEILING", "FLOOR", "LATIN1", "Notes"]

FLOOR, CEILING = Message("floor"), Message("ceiling")
LATIN1 = Message("text in another encoding, read as Latin-1")
_MOST = 10_000  # a hostile file can say something else of every zone


@dataclass(slots=True)
class Notes:
    """Issues by what they say: the first place and name, and how often."""

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
        """Note `text` about the zone `name` (a Message where it is a place in the file), feature `number` from 1."""
        key = (code, severity, text)
        if len(self._seen) >= _MOST and key not in self._seen:
            key = (code, severity, Message("and further ones of this kind, only counted"))
        first = self._seen.setdefault(key, [(name, number, 0)])
        who, where, count = first[0]
        first[0] = (who, where, count + 1)

    def zone_set(self, zones: Iterable[Zone], origin: ZoneSource) -> ZoneSet:
        """Return the zones read from a file, with all that was noted and whether some of them could not be read."""
        made, issues = tuple(zones), self.issues()  # in this order: making zones may note something
        skipped = sum(issue.count for issue in issues if issue.code is Code.ZONE_SKIPPED)
        incomplete = (Incomplete.UNREADABLE,) if skipped else ()
        return ZoneSet(made, (origin,), issues, skipped=skipped, incomplete=incomplete)

    def issues(self) -> tuple[Issue, ...]:
        """Return all issues, in the order first seen."""
        out = []
        for (code, severity, text), [(name, number, count)] in self._seen.items():
            message = Message("{name}: {text}", name=plain(name, 120), text=text) if name else text
            out.append(Issue(code, severity, message, number, count))
        return tuple(out)
