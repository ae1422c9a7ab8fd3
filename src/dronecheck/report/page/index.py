"""Write the index of several flights' pages: one file that needs no network and no script. Same input, same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from dronecheck.geofence.result import Verdict
from dronecheck.report.json.encode import tool_version
from dronecheck.report.page.document import document
from dronecheck.report.privacy import Redacted
from dronecheck.report.text.headline import headline
from dronecheck.report.text.words import Words, words
from dronecheck.report.views.files import log_title, times_of
from dronecheck.safe.html import Markup, packaged
from dronecheck.safe.io import plain, write_atomic

__all__ = ["IndexEntry", "write_index"]

_FAILED, _UNREAD = "failed", "unread"
_STATE_WORDS: dict[Verdict | str, str] = {
    _FAILED: "failed; no verdict",
    Verdict.VIOLATION: "violation",
    Verdict.INCONCLUSIVE: "cannot tell",
    _UNREAD: "could not be read",
    Verdict.CLEAR: "clear",
}  # the worst first, as exit codes are chosen


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One flight of the index.

    Its name, its verdict (or that it has none), that in words, its times, its page in the same folder; "" is unknown.
    """

    name: str
    state: Verdict | str
    told: str
    times: tuple[str, str] | None = None
    page: str = ""

    @classmethod
    def of(cls, seen: Redacted, page: Path) -> IndexEntry:
        """Return the entry of a flight with a page."""
        said = headline(seen.told, seen.words())
        return cls(log_title(seen.whole), seen.told.verdict, said, times_of(seen.whole), page.name)

    @classmethod
    def without(cls, name: str, why: str, *, is_our_fault: bool) -> IndexEntry:
        """Return the entry of a log without an answer."""
        return cls(plain(name), _FAILED if is_our_fault else _UNREAD, why)


def write_index(entries: Sequence[IndexEntry], path: Path, language: str, *, facts_only: bool = False) -> None:
    """Write the index of flights, the worst first, whole or not at all. Raises UsageError.

    Where only facts are told they stand as they were given, and no answer is counted.
    """
    order = list(_STATE_WORDS)
    in_order = list(entries) if facts_only else sorted(entries, key=lambda one: order.index(one.state))
    write_atomic(path, _page(in_order, words(language, facts_only=facts_only)).encode())


def _page(entries: Sequence[IndexEntry], say: Words) -> str:
    counts = Counter(e.state for e in entries if not (say.facts_only and isinstance(e.state, Verdict)))
    return document(
        "report/page/index.html.j2",
        say.language,
        packaged("report/page", "page.css") + (packaged("report/page", "facts.css") if say.facts_only else ""),
        Markup(),
        say=say,
        worst=say.look(entries[0].state if isinstance(entries[0].state, Verdict) else Verdict.INCONCLUSIVE),
        title=say.plural("{count} flight", "{count} flights", sum(bool(entry.page) for entry in entries)),
        counts=[(say(words_), counts[state]) for state, words_ in _STATE_WORDS.items() if counts[state]],
        entries=[
            {
                "name": entry.name,
                "link": quote(entry.page),
                "state": "" if isinstance(entry.state, Verdict) else say(_STATE_WORDS[entry.state]),
                "look": say.look(entry.state) if isinstance(entry.state, Verdict) else "",
                "told": entry.told,
                "times": entry.times,
            }
            for entry in entries
        ],
        version=tool_version(),
    )
