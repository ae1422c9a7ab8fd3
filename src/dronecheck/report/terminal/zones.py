"""The zone library for a terminal: editions and zones as plain tables, one line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from dronecheck.airspace.feeds.table import Feed
from dronecheck.airspace.library.store import Edition, dates_text
from dronecheck.airspace.schedule import ALWAYS
from dronecheck.airspace.zone import CoversFrom, Datum, Effect, Limit, Zone, ZoneSource
from dronecheck.issues import Code, Issue, Severity
from dronecheck.quantities import plural
from dronecheck.report.json.zones_document import area_km2
from dronecheck.safe.io import plain

__all__ = ["covers_text", "decisions_text", "editions_table", "feeds_table", "issue_lines", "zones_table"]

_WIDEST = 60
_MOST_ISSUES = 20
_SEVERITY = {Severity.WARNING: "caution", Severity.DAMAGE: "damage", Severity.TAMPER: "contradiction"}
_GRAVITY = (Effect.FORBIDDEN, Effect.NEEDS_AUTHORISATION, Effect.CONDITIONAL, Effect.INFORMATION)
_ADVICE = (Effect.CONDITIONAL, Effect.INFORMATION)
_LEAVES_OPEN = (
    Code.ZONE_SKIPPED, Code.ZONE_DOUBTFUL, Code.ZONE_FAR_AWAY, Code.ZONE_LIMIT_UNKNOWN, Code.ZONE_TIMES_UNKNOWN,
    Code.ZONE_OUTLINE_DOUBTFUL, Code.ZONE_REPAIRED,
)  # fmt: skip
_WHY: dict[str, str] = {
    Effect.CONDITIONAL: "conditional",
    Effect.INFORMATION: "for information",
    "doubt": "in doubt",
    "limit": "without a known floor or ceiling",
    "times": "without known times",
}
_SAID_BY = {
    CoversFrom.FEED: "as the official feed of that name",
    CoversFrom.FILE: "as the file says",
    CoversFrom.USER: "as given with --covers",
    CoversFrom.GUESS: "a guess by where its zones lie; --covers says it",
}
_NO_NUMBER = {Datum.GND: "ground", Datum.UNL: "unlimited", Datum.UNKNOWN: "not known"}
_ABOVE = {Datum.AMSL: "AMSL", Datum.AGL: "AGL", Datum.HAE: "ellipsoid", Datum.FL: "STD"}


def editions_table(editions: Sequence[Edition], folder: str = "") -> str:
    """Return one line an edition; damaged ones say what is wrong and what to do. `folder` names an empty library."""
    if not editions:
        return f"the zone library ({plain(folder)}) is empty; dronecheck zones add FILE --name NAME adds a file\n"
    rows = [("name", "edition", "valid (UTC)", "zones", "authority", "licence", "file")]
    notes = []
    for edition in editions:
        m = edition.manifest
        rows.append((
            m.name, m.sha256[:12], "DAMAGED" if edition.damage else dates_text(edition.period) or "no dates",
            str(m.zones), m.authority or "-", m.licence or "-", m.file_name or "-",
        ))  # fmt: skip
        if edition.damage:
            notes.append(
                f"{plain(m.name)} {m.sha256[:12]}: {edition.damage}; add its file again, or remove it: "
                f"dronecheck zones remove {plain(m.name)!r} --edition {m.sha256[:12]}\n"
            )
    return _table(rows, right={3}) + "".join(notes)


def feeds_table(feeds: Sequence[Feed], editions: Sequence[Edition]) -> str:
    """Return a line a feed that can be fetched, with when it last was, then where all others are published."""
    last = {e.manifest.name: e.manifest.seen for e in editions if e.manifest.seen is not None}
    rows = [("feed", "speaks for", "authority", "format", "changes", "reuse", "last fetched (UTC)")]
    for feed in feeds:
        if feed.can_be_fetched:
            when = last.get(feed.id)
            rows.append((
                feed.id, ", ".join(feed.covers) or "-", feed.authority, feed.format, feed.cadence or "-",
                feed.reuse or "-", when.strftime("%Y-%m-%d %H:%M") if when else "never",
            ))  # fmt: skip
    others = [feed for feed in feeds if not feed.can_be_fetched]
    text = _table(rows, right=set()) + "dronecheck zones fetch FEED brings one into the library\n"
    if not others:
        return text
    listed = "".join(
        f"{feed.id}  {plain(feed.authority)}, {plain(feed.format)}: {plain(feed.page)}\n" for feed in others
    )
    return f"{text}\nnot fetched by dronecheck, to be saved by hand and added (dronecheck zones add):\n{listed}"


def zones_table(zones: Iterable[Zone]) -> str:
    """Return one line a zone, the gravest first; heights in metres, with what they are above."""
    rows = [("id", "name", "kind", "effect", "floor m", "ceiling m", "area km2", "when")]
    for zone in sorted(zones, key=lambda zone: _GRAVITY.index(zone.effect)):
        area = area_km2(zone)
        rows.append((
            zone.id, zone.name, zone.kind.value, zone.effect.value.replace("_", " "), _limit(zone.lower),
            _limit(zone.upper), "-" if area is None else f"{area:,.3f}", _when(zone),
        ))  # fmt: skip
    return _table(rows, right={6})


def covers_text(source: ZoneSource) -> str:
    """Return which territories a source of zones speaks for, and who says so."""
    codes = ", ".join(source.covers) or "no territory"
    return f"speaks for {codes} ({_SAID_BY[source.covers_from or CoversFrom.GUESS]})\n"


def decisions_text(zones: Sequence[Zone]) -> str:
    """Return how many of the zones can decide nothing, how many leave an entry open at most, and why."""
    advice = Counter(zone.effect for zone in zones if zone.effect in _ADVICE)
    left_open = Counter(why for zone in zones if zone.effect not in _ADVICE and (why := _what_is_open(zone)))
    lines = []
    for counts, verb, what in ((advice, "decide", "nothing"), (left_open, "leave", "an entry open at most")):
        if total := sum(counts.values()):
            why = ", ".join(f"{count} {_WHY[key]}" for key, count in counts.most_common())
            of = f"{total} of {plural(len(zones), 'zone')} ({_percent(total, len(zones))})"
            lines.append(f"{of} {verb}{'s' if total == 1 else ''} {what}: {why}\n")
    return "".join(lines)


def _what_is_open(zone: Zone) -> str:
    if zone.doubt:
        return "doubt"
    if Datum.UNKNOWN in (zone.lower.datum, zone.upper.datum):
        return "limit"
    return "" if zone.schedule.spans else "times"


def _percent(part: int, whole: int) -> str:
    share = 100.0 * part / whole
    return "100 %" if part == whole else f"{min(max(share, 1.0), 99.0):.0f} %"


def _limit(limit: Limit) -> str:
    return _NO_NUMBER.get(limit.datum) or f"{limit.value_m:.0f} {_ABOVE[limit.datum]}"


def issue_lines(issues: Sequence[Issue]) -> list[str]:
    """Return the issues that people should see, the gravest first, and how many there are beside them."""
    shown = [issue for issue in issues if issue.severity is not Severity.INFO]
    shown.sort(key=lambda issue: _LEAVES_OPEN.index(issue.code) if issue.code in _LEAVES_OPEN else len(_LEAVES_OPEN))
    lines = [f"{_SEVERITY[i.severity]}: {plain(i.message)}" for i in shown[:_MOST_ISSUES]]
    left = len(issues) - min(len(shown), _MOST_ISSUES)
    return (
        [*lines, f"{left} more {'note' if left == 1 else 'notes'} (zones validate FILE --json - lists all)"]
        if left
        else lines
    )


def _when(zone: Zone) -> str:
    dates = dates_text((zone.valid_from_ns, zone.valid_to_ns))
    if zone.schedule.unknown:
        return "not known"
    times = "" if zone.schedule == ALWAYS else "at certain times"
    return ", ".join(part for part in (dates, times) if part) or "always"


def _table(rows: Sequence[Sequence[str]], right: set[int]) -> str:
    cells = [[_cut(plain(cell)) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = [
            " " * (width - _width(cell)) + cell if column in right else cell + " " * (width - _width(cell))
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip() + "\n")
    return "".join(lines)


def _width(text: str) -> int:
    """Return how many columns a text takes on a terminal: Chinese, Japanese and Korean characters take two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _cut(text: str) -> str:
    if _width(text) <= _WIDEST:
        return text
    while _width(text) > _WIDEST - 1:
        text = text[:-1]
    return text + "…"
