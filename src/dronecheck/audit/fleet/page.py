"""The fleet page: one HTML file that needs no network. Counts, maps and a table; the facts without JavaScript, too."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.resources import files

from dronecheck.audit.fleet.gather import MOST_ROWS, STATE_WORDS, UNKNOWN, Fleet
from dronecheck.audit.fleet.map import PlaceMap, place_maps
from dronecheck.report.page.markup import percent, safe

__all__ = ["fleet_page"]

_VERDICTS = ("VIOLATION", "INCONCLUSIVE", "CLEAR")
_NOT_IN_SCRIPT = re.compile(r"[<>&\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_MOST_LINES = 20  # of a count's table
_MOST_STATIC = 300  # of the table that needs no script
_HEADS = ("File", "Start, UTC", "Aircraft", "State", "Cause", "Depth, m", "Report")


def fleet_page(fleet: Fleet, *, folder: str, by_pilot: bool, pages: Mapping[str, str]) -> str:
    """The page; `pages` are the flights' own reports that are there: relative links by SHA-256.

    `folder` is how the audit's folder is called in the commands that the page shows.
    """
    base, own = (_text("dronecheck.report.page", "page.css"), _text(__package__, "fleet.css"))
    style, script = base + own, _text(__package__, "fleet.js")
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    maps, unmapped = place_maps(fleet.spots)
    body = [
        _top(fleet), _questions(fleet), _causes(fleet), _places(maps, unmapped, fleet),
        _section("By month", "months", _stacked(fleet.by_month, sorted(fleet.by_month))),
        _section("By aircraft", "aircraft", _stacked(fleet.by_aircraft, _worst_first(fleet.by_aircraft))),
        _section("By pilot", "pilots", _stacked(fleet.by_pilot, _worst_first(fleet.by_pilot))) if by_pilot else "",
        _table(fleet, folder, pages), _failures(fleet), _basis(fleet), _data(fleet, pages),
        f"<script>{script}</script>",
    ]  # fmt: skip
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>Audit of {fleet.files:,} files: dronecheck</title><style>{style}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _text(package: str | None, name: str) -> str:
    return files(str(package)).joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _section(title: str, name: str, inner: str) -> str:
    return f'<section aria-labelledby="{name}"><h2 id="{name}">{safe(title)}</h2>{inner}</section>'


def _top(fleet: Fleet) -> str:
    flights = sum(fleet.states[v] for v in _VERDICTS)
    look = next((v.lower() for v in _VERDICTS if fleet.states[v]), "clear")
    told = [f"{fleet.states[v]:,} {STATE_WORDS[v]}" for v in _VERDICTS if fleet.states[v]]
    others = [f"{n:,} {STATE_WORDS[s]}" for s, n in fleet.states.items() if s not in _VERDICTS]
    span = f" from {fleet.first_utc[:10]} to {fleet.last_utc[:10]}" if fleet.first_utc else ""
    lines = [
        f"{fleet.files:,} files" + (f": {', '.join(sorted(others))}" if others else "")
        + (f"; {fleet.copies:,} are copies of another" if fleet.copies else ""),
        f"{fleet.distance_m / 1000:,.0f} km and {fleet.duration_s / 3600:,.1f} h of flight{span}",
    ]  # fmt: skip
    if fleet.damaged:
        lines.append(f"{fleet.damaged:,} flights have damage or contradictions in their logs; their rows say which")
    return (
        f'<h1 class="{look}">{flights:,} flights: {safe(", ".join(told) or "none checked")}</h1>'
        + "".join(f"<p>{safe(line)}</p>" for line in lines)
        + '<p class="dim">A violation is an entry unless it was authorised; "cannot tell" is open, not clear.</p>'
    )


def _questions(fleet: Fleet) -> str:
    """What was asked of how many: plain clear never stands alone."""
    rows = []
    for question in ("border", "airspace", "height"):
        counts = fleet.questions[question]
        rows.append([question, *(f"{counts[v]:,}" for v in _VERDICTS), f"{counts['not_checked']:,}"])
    heads = ("Question", "Violation", "Cannot tell", "Clear", "Not checked")
    return _section("What was checked", "checks", _plain_table(heads, rows, "counts"))


def _causes(fleet: Fleet) -> str:
    found = sorted(fleet.causes.items(), key=lambda item: (_rank(item[0][0]), -item[1], item[0][1]))
    rows = [[STATE_WORDS.get(state, state), cause, f"{count:,}"] for (state, cause), count in found[:_MOST_LINES]]
    more = f"<p>{len(found) - _MOST_LINES:,} more causes are in the table.</p>" if len(found) > _MOST_LINES else ""
    inner = _plain_table(("State", "Cause", "Files"), rows, "counts") if rows else "<p>Nothing to tell.</p>"
    return _section("By cause", "causes", inner + more)


def _rank(state: str) -> int:
    return list(STATE_WORDS).index(state) if state in STATE_WORDS else 99


def _plain_table(heads: Iterable[str], rows: Iterable[Iterable[str]], look: str) -> str:
    names = list(heads)
    head = "".join(f'<th scope="col">{safe(name)}</th>' for name in names)
    body = "".join(
        "<tr>" + "".join(f'<td data-head="{safe(n)}">{safe(c)}</td>' for n, c in zip(names, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<table class="{look}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _worst_first(counts: Mapping[str, Counter[str]]) -> list[str]:
    """Those with most violations first; those without a name last."""
    return sorted(
        counts, key=lambda name: (name == UNKNOWN, -counts[name]["VIOLATION"], -counts[name]["INCONCLUSIVE"], name)
    )


def _stacked(counts: Mapping[str, Counter[str]], names: list[str]) -> str:
    """A table with a bar a line; the bar's parts differ by pattern, and the figures stand beside it."""
    if not names:
        return "<p>No flight was checked.</p>"
    most = max((sum(counts[name].values()) for name in names if name != UNKNOWN), default=0) or 1
    rows = []
    for name in names[:_MOST_LINES]:
        at, parts = 0.0, []
        for verdict in _VERDICTS:
            share = min(counts[name][verdict] / most, 1.0 - at)  # those without a name may be many more
            if share > 0:
                place = f'x="{percent(at)}" width="{percent(share)}" height="100%"'
                parts.append(f'<rect class="bar {verdict.lower()}" {place}/>')
            at += share
        told = ", ".join(f"{counts[name][v]:,} {STATE_WORDS[v]}" for v in _VERDICTS if counts[name][v])
        rows.append(
            f'<tr><td data-head="">{safe(name)}</td><td data-head=""><svg class="bars" aria-hidden="true">'
            f'{"".join(parts)}</svg></td><td data-head="">{safe(told)}</td></tr>'
        )
    left = names[_MOST_LINES:]
    more = f"<p>{len(left):,} more, with {sum(counts[n]['VIOLATION'] for n in left):,} violations.</p>" if left else ""
    head = '<thead><tr><th scope="col">Name</th><th scope="col">Flights</th><th scope="col">Counts</th></tr></thead>'
    return f'<table class="stacked">{head}<tbody>{"".join(rows)}</tbody></table>{more}'


def _places(maps: list[PlaceMap], unmapped: int, fleet: Fleet) -> str:
    if not maps:
        return _section("Where", "places", "<p>No finding has a place.</p>")
    figures = []
    for number, drawn in enumerate(maps):
        noun = "finding" if drawn.findings == 1 else "findings"
        figures.append(
            f"<figure>{drawn.svg}<figcaption>{safe(drawn.title)}: {drawn.findings:,} {noun}; {safe(drawn.about)} "
            f'<button type="button" class="tools only" data-place="{number}" hidden>Show in the table</button>'
            "</figcaption></figure>"
        )
    more = f"<p>{unmapped:,} more findings lie elsewhere; the table has them.</p>" if unmapped else ""
    note = (
        '<ul class="legend">'
        '<li><svg class="key" aria-hidden="true"><path class="dot entry" d="M18 8h0"/></svg>entry</li>'
        '<li><svg class="key" aria-hidden="true"><path class="dot open" d="M18 8h0"/></svg>cannot tell</li></ul>'
    )
    index = [list(drawn.flights) for drawn in maps]
    data = f'<script type="application/json" id="places-data">{_json(index)}</script>'
    return _section("Where", "places", f'{note}<div class="places">{"".join(figures)}</div>{more}{data}')


def _table(fleet: Fleet, folder: str, pages: Mapping[str, str]) -> str:
    shown = [e for e in fleet.entries if e.state not in ("CLEAR", "not_a_log")][:_MOST_STATIC]
    shown = sorted(shown, key=lambda e: (_rank(e.state), e.cause, e.file))
    head = "".join(f'<th scope="col">{safe(name)}</th>' for name in _HEADS)
    body = []
    for e in shown:
        depth = "" if e.depth_m is None else f"{e.depth_m:.1f}"
        link = f'<a href="{safe(pages[e.sha256])}">page</a>' if e.sha256 in pages else ""
        cells = [safe(c) for c in (e.file, e.start_utc, e.aircraft, STATE_WORDS.get(e.state, e.state), e.cause, depth)]
        body.append(
            "<tr>"
            + "".join(f'<td data-head="{h}">{c}</td>' for h, c in zip(_HEADS, [*cells, link], strict=True))
            + "</tr>"
        )
    options = "".join(f'<option value="{s}">{w}</option>' for s, w in STATE_WORDS.items() if fleet.states[s])
    tools = (
        '<div class="tools" hidden><label for="find">Search</label><input id="find" type="search">'
        f'<label for="state">State</label><select id="state"><option value="">all</option>{options}</select>'
        '<button type="button" id="all" hidden>All places</button></div>'
        '<p id="count" role="status"></p>'
    )
    pager = (
        '<div class="tools" hidden><button type="button" id="before">Earlier rows</button>'
        '<button type="button" id="after">Later rows</button></div>'
    )
    more = f"<p>{fleet.left_out:,} files are left out of this page ({MOST_ROWS:,} at most); audit export has all.</p>"
    static = f"<noscript><p>The first {len(body):,} rows that are not clear; audit export has all.</p></noscript>"
    how = (
        f"<p>A flight's own page: <code>dronecheck audit report {safe(folder)} --flight FILE -o flight.html</code></p>"
    )
    inner = (
        f'{tools}{static}<div class="scroll" tabindex="0" role="region" aria-label="Table of files">'
        f'<table class="rows" id="rows"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>{pager}{how}{more if fleet.left_out else ''}"
    )
    return _section("Files", "files", inner)


def _failures(fleet: Fleet) -> str:
    if not fleet.failures:
        return ""
    rows = []
    for (state, code), names in sorted(fleet.failures.items()):
        more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        rows.append([STATE_WORDS[state], code, f"{len(names):,}", ", ".join(names[:5]) + more])
    return _section(
        "Not checked, and why", "failures", _plain_table(("State", "Why", "Files", "Which"), rows, "counts")
    )


def _basis(fleet: Fleet) -> str:
    versions = ", ".join(sorted(fleet.versions)) or "none"
    lines = [f"dronecheck {versions}; the tables have the hash of every file and of the border data."]
    if len(fleet.bases) > 1:
        lines.append(
            f"The answers rest on {len(fleet.bases)} different sets of zones and options: a run was stopped, or failed "
            "files are of an earlier one. Run the audit again to have one."
        )
    lines.append("Territories are named as in the source; no position is taken. Facts and margins, no legal advice.")
    return _section("Method", "method", "".join(f"<p>{safe(line)}</p>" for line in lines))


def _data(fleet: Fleet, pages: Mapping[str, str]) -> str:
    rows = [
        [e.file, e.start_utc, e.aircraft, e.state, e.cause, _rounded(e.depth_m), e.sha256, pages.get(e.sha256)]
        for e in fleet.entries
    ]
    return f'<script type="application/json" id="data">{_json({"words": STATE_WORDS, "rows": rows})}</script>'


def _rounded(depth_m: float | None) -> float | None:
    return None if depth_m is None else round(depth_m, 1)


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _NOT_IN_SCRIPT.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
