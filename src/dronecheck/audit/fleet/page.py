"""Write the fleet page: one HTML file that needs no network. Counts, maps and a table, without JavaScript, too."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from dronecheck.audit.fleet.gather import MOST_ROWS, STATE_WORDS, UNKNOWN, Fleet
from dronecheck.audit.fleet.map import place_maps
from dronecheck.audit.fleet.words import VERDICTS, FleetWords
from dronecheck.quantities import Units
from dronecheck.report.page.document import document
from dronecheck.report.page.map import towns_note
from dronecheck.report.page.svg import percent
from dronecheck.report.text.words import words as words_in
from dronecheck.safe.html import Markup, data_block, packaged

__all__ = ["fleet_page"]

_VERDICTS = ("VIOLATION", "INCONCLUSIVE", "CLEAR")
_MARKS = {"dot aerodrome": "aerodrome (not airspace)", "dot town": "town (GeoNames)"}
_QUESTIONS = ("border", "airspace", "height")
_MOST_LINES = 20  # of a count's table
_MOST_STATIC = 300  # of the table that needs no script
_MOST_NAMES = 5  # of files that fail alike


def fleet_page(
    fleet: Fleet,
    *,
    folder: str,
    by_pilot: bool,
    pages: Mapping[str, str],
    words: FleetWords = VERDICTS,
    units: Units = Units.METRIC,
) -> str:
    """Return the page; `pages` are the flights' own reports that are there: relative links by SHA-256.

    `folder` is how the audit's folder is called in the commands that the page shows; `words` are those that the fleet
    was gathered with.
    """
    maps, unmapped = place_maps(fleet.spots, words, units)
    drawn, say = "".join(each.svg for each in maps), words_in("en")
    causes = _causes(fleet, words)
    return document(
        "audit/fleet/fleet.html.j2",
        "en",
        packaged("report/page", "page.css")
        + packaged("audit/fleet", "fleet.css")
        + (packaged("report/page", "facts.css") if words.facts_only else ""),
        packaged("audit/fleet", "fleet.js"),
        fleet=fleet,
        folder=folder,
        words=words,
        worst=words.look(next((v for v in _VERDICTS if fleet.states[v]), "CLEAR")),
        flights=sum(fleet.states[v] for v in _VERDICTS),
        verdicts=_told(fleet.states, words),
        totals=_totals(fleet, words, units),
        questions=_questions(fleet),
        causes=causes[:_MOST_LINES],
        more_causes=max(0, len(causes) - _MOST_LINES),
        maps=maps,
        marks=[(look, say(word)) for look, word in _MARKS.items() if f'class="{look}"' in drawn],
        map_note=say.sentences(["North up.", *towns_note(drawn, say)]),
        unmapped=unmapped,
        places_data=data_block("places-data", _json([drawn.flights for drawn in maps])),
        groups=_groups(fleet, by_pilot, words),
        states=[(words.code(state), told) for state, told in words.states.items() if fleet.states[state]],
        depth=units.heights.unit,
        rows=_static_rows(fleet, pages, words, units),
        integrity=[told for status, told in words.status.items() if fleet.integrity[status]],
        most_rows=MOST_ROWS,
        failures=_failures(fleet),
        method=_method(fleet),
        data=_data(fleet, pages, words, units),
    )


def _told(counts: Counter[str], words: FleetWords) -> str:
    """Return the verdicts there are, "2 violations, 7 clear"."""
    return ", ".join(f"{counts[v]:,} {words.states[v]}" for v in _VERDICTS if counts[v])


def _totals(fleet: Fleet, words: FleetWords, units: Units) -> list[str]:
    others = [f"{n:,} {STATE_WORDS[s]}" for s, n in fleet.states.items() if s not in _VERDICTS]
    span = f" from {fleet.first_utc[:10]} to {fleet.last_utc[:10]}" if fleet.first_utc else ""
    length_m, length = units.lengths[1]
    lines = [
        f"{fleet.files:,} files" + (f": {', '.join(sorted(others))}" if others else "")
        + (f"; {fleet.copies:,} are copies of another" if fleet.copies else ""),
        f"{fleet.distance_m / length_m:,.0f} {length} and {fleet.duration_s / 3600:,.1f} h of flight{span}",
    ]  # fmt: skip
    if simulated := sum(fleet.simulated.values()):
        lines.append(words.simulated.format(count=simulated, found=fleet.simulated["VIOLATION"]))
    if fleet.damaged:
        lines.append(words.damaged.format(count=fleet.damaged))
    if fleet.integrity:
        told = [f"{fleet.integrity[status]:,} {text}" for status, text in words.integrity.items()]
        lines.append(f"Logs tested against themselves: {', '.join(told)}. Consistency proves nothing.")
    return lines


def _questions(fleet: Fleet) -> list[list[str]]:
    """Return what was asked of how many: plain clear never stands alone."""
    return [
        [question, *(f"{fleet.questions[question][answer]:,}" for answer in (*_VERDICTS, "not_checked"))]
        for question in _QUESTIONS
    ]


def _causes(fleet: Fleet, words: FleetWords) -> list[list[str]]:
    found = sorted(fleet.causes.items(), key=lambda item: (_rank(item[0][0]), -item[1], item[0][1]))
    return [[words.states.get(state, state), cause, f"{count:,}"] for (state, cause), count in found]


def _rank(state: str) -> int:
    return list(STATE_WORDS).index(state) if state in STATE_WORDS else 99


def _groups(fleet: Fleet, by_pilot: bool, words: FleetWords) -> list[tuple[str, str, dict[str, object]]]:
    """Return title, anchor and counts of each way to group the flights."""
    groups = [
        ("By month", "months", _stacked(fleet.by_month, sorted(fleet.by_month), words)),
        ("By aircraft", "aircraft", _stacked(fleet.by_aircraft, _worst_first(fleet.by_aircraft), words)),
    ]
    if by_pilot:
        groups.append(("By pilot", "pilots", _stacked(fleet.by_pilot, _worst_first(fleet.by_pilot), words)))
    return groups


def _worst_first(counts: Mapping[str, Counter[str]]) -> list[str]:
    """Return those with most violations first, those without a name last."""
    return sorted(
        counts, key=lambda name: (name == UNKNOWN, -counts[name]["VIOLATION"], -counts[name]["INCONCLUSIVE"], name)
    )


def _stacked(counts: Mapping[str, Counter[str]], names: list[str], words: FleetWords) -> dict[str, object]:
    """Return a line a name with its bar's parts, each as wide as its share of the longest bar, and what is left out."""
    most = max((sum(counts[name].values()) for name in names), default=0) or 1
    lines = [
        {"name": name, "bars": _bars(counts[name], most, words), "told": _told(counts[name], words)}
        for name in names[:_MOST_LINES]
    ]
    left = names[_MOST_LINES:]
    found = sum(counts[name]["VIOLATION"] for name in left)
    return {"lines": lines, "more": words.more.format(count=len(left), found=found) if left else ""}


def _bars(counts: Counter[str], most: int, words: FleetWords) -> list[tuple[str, str, str]]:
    """Return look, begin and width of each part of a bar."""
    at, parts = 0.0, []
    for verdict in _VERDICTS:
        share = counts[verdict] / most
        if share > 0:
            parts.append((words.look(verdict), percent(at), percent(share)))
        at += share
    return parts


def _static_rows(
    fleet: Fleet, pages: Mapping[str, str], words: FleetWords, units: Units
) -> list[tuple[list[str | None], str | None]]:
    """Return the cells of files that are not clear, and the link to the flight's own page."""
    entries = [e for e in fleet.entries if e.state not in ("CLEAR", "not_a_log")][:_MOST_STATIC]
    entries.sort(key=lambda e: (_rank(e.state), e.cause, e.file))
    return [
        (
            [e.file, e.start_utc, e.aircraft, words.states.get(e.state, e.state), e.cause, e.integrity,
             "" if e.depth_m is None else f"{e.depth_m * units.heights.per_si:.{units.heights.digits}f}"],
            pages.get(e.sha256),
        )
        for e in entries
    ]  # fmt: skip


def _failures(fleet: Fleet) -> list[list[str]]:
    rows = []
    for (state, code), names in sorted(fleet.failures.items()):
        more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
        rows.append([STATE_WORDS[state], code, f"{len(names):,}", ", ".join(names[:_MOST_NAMES]) + more])
    return rows


def _method(fleet: Fleet) -> list[str]:
    versions = ", ".join(sorted(fleet.versions)) or "none"
    lines = [f"dronecheck {versions}; the tables have the hash of every file and of the border data."]
    if len(fleet.bases) > 1:
        lines.append(
            f"The answers rest on {len(fleet.bases)} different sets of zones and options: a run was stopped, or failed "
            "files are of an earlier one. Run the audit again to have one."
        )
    lines.append("Territories are named as in the source; no position is taken. Facts and margins, no legal advice.")
    return lines


def _data(fleet: Fleet, pages: Mapping[str, str], words: FleetWords, units: Units) -> Markup:
    rows = [
        [
            e.file,
            e.start_utc,
            e.aircraft,
            words.code(e.state),
            e.cause,
            e.integrity,
            _rounded(e.depth_m, units),
            e.sha256,
            pages.get(e.sha256),
        ]
        for e in fleet.entries
    ]
    depth = {} if units is Units.METRIC else {"depth": units.heights.unit}
    told = {words.code(state): text for state, text in words.states.items()}
    return data_block("data", _json({"words": told, **depth, "rows": rows}))


def _rounded(depth_m: float | None, units: Units) -> float | None:
    return None if depth_m is None else round(depth_m * units.heights.per_si, units.heights.digits)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
