"""The zone library for a terminal: editions and zones as plain tables, one line each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from dronecheck.airspace.library.store import Edition, dates_text
from dronecheck.airspace.schedule import ALWAYS
from dronecheck.airspace.zone import Zone
from dronecheck.issues import Issue, Severity
from dronecheck.report.json.zones_document import area_km2
from dronecheck.report.text.headline import limit_text
from dronecheck.safe.io import plain

__all__ = ["editions_table", "issue_lines", "zones_table"]

_WIDEST = 60
_MOST_ISSUES = 20


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


def zones_table(zones: Iterable[Zone]) -> str:
    """Return one line a zone."""
    rows = [("id", "name", "kind", "effect", "floor", "ceiling", "area km2", "when")]
    for zone in zones:
        area = area_km2(zone)
        rows.append((
            zone.id, zone.name, zone.kind.value, zone.effect.value.replace("_", " "), limit_text(zone.lower),
            limit_text(zone.upper), "-" if area is None else f"{area:,.3f}", _when(zone),
        ))  # fmt: skip
    return _table(rows, right={6})


def issue_lines(issues: Sequence[Issue]) -> list[str]:
    """Return the issues that people should see, and how many there are beside them."""
    shown = [issue for issue in issues if issue.severity is not Severity.INFO]
    lines = [f"{i.severity.value} {i.code.value}: {plain(i.message)}" for i in shown[:_MOST_ISSUES]]
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
