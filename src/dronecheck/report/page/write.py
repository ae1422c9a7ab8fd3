"""Write the page: facts first; what it says is gathered here, how it looks stands in the templates."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from dronecheck.arrays import Floats, Ints
from dronecheck.errors import UsageError
from dronecheck.flight import Flight
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.result import Result, Verdict
from dronecheck.quantities import Units
from dronecheck.report.case import Case, Disclosure, Exhibit
from dronecheck.report.json.encode import encode, result_document, tool_version
from dronecheck.report.page.charts import Series, charts, curves
from dronecheck.report.page.document import document
from dronecheck.report.page.header_map import HeaderMap, draw_header_map
from dronecheck.report.page.map import ASPECT, Map, draw_map, towns_note
from dronecheck.report.privacy import Redacted, redact
from dronecheck.report.text.around.aerodromes import aerodromes_line
from dronecheck.report.text.around.local_time import local_time_line, local_time_of
from dronecheck.report.text.around.zone_feeds import feeds_line
from dronecheck.report.text.exhibit import border_accuracy, exhibit_rows, glossary, limits
from dronecheck.report.text.facts.headline import is_inside
from dronecheck.report.text.headline import covers_line, daylight_line, headline, limit_text, told_name
from dronecheck.report.text.log.formats import format_words
from dronecheck.report.text.sentences import Sentences, Told, clock_text, end_of_log
from dronecheck.report.text.words import Words
from dronecheck.report.views.files import file_names, log_title, rows_of_files, time_at
from dronecheck.safe.html import data_block, element, packaged
from dronecheck.safe.io import write_atomic
from dronecheck.timebase import instant, iso_utc

__all__ = ["page", "write_page"]

_LEAST_ZOOM_M = 60.0
_MOST_ON_TOP = 3
_MOVING_ROWS = 1_000
_NOTHING_PRIVATE = Disclosure()
Stretches = tuple[tuple[float, float], ...]
_LINE, _DOT, _AREA = "M2 8H34", "M18 8h0", "M2 2H34V14H2Z"


@dataclass(frozen=True, slots=True)
class LegendKey:
    """Hold a line of the legend: the look on the map, and how a small example is drawn."""

    look: str
    d: str = _LINE
    is_cased: bool = False
    is_moved_by_script: bool = False


_LEGEND = (
    LegendKey("track", is_cased=True),
    LegendKey("gap"),
    LegendKey("inside violation", is_cased=True),
    LegendKey("inside inconclusive", is_cased=True),
    LegendKey("inside clear", is_cased=True),
    LegendKey("inside fact", is_cased=True),
    LegendKey("dot entry", _DOT),
    LegendKey("dot exit", _DOT),
    LegendKey("dot takeoff", _DOT),
    LegendKey("dot aerodrome", _DOT),
    LegendKey("dot town", _DOT),
    LegendKey("nearest"),
    LegendKey("dot here", _DOT, is_moved_by_script=True),
    LegendKey("border"),
    LegendKey("band", _AREA),
    LegendKey("operator"),
    LegendKey("beside"),
)
_LEGEND_WORDS = {
    "track": "track",
    "gap": "gap in the log",
    "inside violation": "ENTERED",
    "inside inconclusive": "CANNOT TELL",
    "inside clear": "inside, no violation",
    "inside fact": "stretch of a finding",
    "dot entry": "entry",
    "dot exit": "exit",
    "dot takeoff": "take-off",
    "dot aerodrome": "aerodrome (not airspace)",
    "dot town": "town (GeoNames)",
    "nearest": "shortest way to the outline",
    "dot here": "at the slider's time",
    "border": "border, as in the data",
    "band": "its accuracy",
    "operator": "the controller",
    "beside": "another source of positions, or another vehicle",
}


def write_page(
    case: Case, path: Path | str, disclosure: Disclosure = _NOTHING_PRIVATE, exhibit: Exhibit | None = None
) -> None:
    """Write a checked flight as one HTML page, whole or not at all; an exhibit says who had it made, and how.

    Raises UsageError for what is no case, and when the place cannot be written.

    >>> import dronecheck
    >>> flight = dronecheck.read("samples/founding_dandong_sinuiju.ulg")
    >>> case = dronecheck.Case(flight, None, dronecheck.check(flight))
    >>> dronecheck.write_page(case, "page.html")                    # doctest: +SKIP
    """
    if not isinstance(case, Case):
        raise UsageError(f"write_page(): a dronecheck.Case(flight, zones, result), not {type(case).__name__}")
    write_atomic(Path(path), page(redact(case, disclosure), exhibit).encode())


def page(seen: Redacted, exhibit: Exhibit | None = None) -> str:
    """Return the report as one HTML document; an exhibit says who had it made, and how.

    The log's folder, the aircraft's serial number and the controller's track are left out unless the disclosure has
    them; what is hidden around the take-off is left out everywhere.
    """
    say = seen.words()
    private = seen.disclosure.private
    drawn = draw_map(seen, say) if len(seen.flight.track) else None
    series = curves(seen, drawn.breaks, say) if drawn else []
    by_header = draw_header_map(seen, say)
    sentences = Sentences(seen.whole, seen.told, say, local_time_of(seen.flight.track, seen.flight.clock))
    told = Told.of(sentences, seen.logged)
    blocks = [data_block("track", _moving(seen, drawn, series, say))] if drawn else []
    return document(
        "report/page/page.html.j2",
        say.language,
        packaged("report/page", "page.css") + (packaged("report/page", "facts.css") if say.facts_only else ""),
        packaged("report/page", "page.js"),
        say=say,
        told=told,
        log_name=log_title(seen.whole),
        **_verdict(seen, sentences, say),
        **_map_figure(drawn, say),
        by_header=by_header,
        charts=charts(seen, series, say) if drawn else "",
        files=_files(seen, drawn, say),
        findings=_findings(told, seen, drawn),
        zones=_zones_on_map(drawn or by_header, say),
        sources=_sources(seen, say),
        log=[*_log(seen.whole, seen.told, say, private), *map(list, sentences.header())],
        exhibit=exhibit_rows(exhibit, say),
        glossary=glossary(say),
        limits=limits(say),
        version=tool_version(),
        data_blocks=[*blocks, data_block("result", encode(result_document(seen), indent=True).decode())],
    )


def _verdict(seen: Redacted, sentences: Sentences, say: Words) -> dict[str, object]:
    """Return verdict and scope in words, and why it is open, margin and uncertainty of what decided it.

    Figures of what nobody can tell would read as a fact without the reason in front.
    """
    result, light = seen.told, seen.light
    deciding = [f for f in result.findings if f.verdict is result.verdict][:_MOST_ON_TOP]
    decisive = []
    for finding in deciding:
        is_open = finding.verdict is Verdict.INCONCLUSIVE and not (say.facts_only and is_inside(finding))
        open_by = finding.reasons if is_open else ()
        figures = say.clauses(c for c in finding.clauses if c.code is not ClauseCode.DISTANCES_LEFT_OUT)
        told = [say("Open because {why}.", why=why) for why in filter(None, map(say.why_open, open_by))]
        chance = sentences.chance(finding)
        told += [say.sentence(part[:1].upper() + part[1:]) for part in (figures, chance) if part]
        text = say.sentences(told)
        named = say("{name}: {text}", name=told_name(finding.zone), text=text) if finding.zone else text
        decisive += [named] if told else []
    return {
        "verdict": say.look(result.verdict),
        "headline": headline(result, say),
        "decisive": decisive,
        "light": say.sentences(
            filter(
                None,
                [
                    daylight_line(light, say) if light else "",
                    local_time_line(local_time_of(seen.flight.track, seen.flight.clock), seen.flight.track, say),
                ],
            )
        ),
        "nearby": [
            text
            for text in (aerodromes_line(seen.aerodromes, say) if seen.aerodromes else "", feeds_line(result, say))
            if text
        ],
        "what_now": sentences.what_now(),
        "hiding_note": seen.hiding_note(say),
    }


def _map_figure(drawn: Map | None, say: Words) -> dict[str, object]:
    """Return the map, the legend of what is drawn on it, and how it is drawn in words."""
    if drawn is None:
        return {"drawn": None}
    notes = [
        say(
            "North up. The track is simplified for drawing (nowhere by more than {tolerance_m:g} m), never for the "
            "verdict. Zoomed in, circles show where a fix was with 95 % probability.",
            tolerance_m=drawn.tolerance_m,
        )
    ]
    if drawn.zones_left_out:
        notes.append(say("{count} more zones are not drawn.", count=drawn.zones_left_out))
    note = say.sentences([*notes, *towns_note(drawn.svg, say)])
    legend = [(key, say(_LEGEND_WORDS[key.look])) for key in _LEGEND if f'class="{key.look}"' in drawn.svg]
    return {"drawn": drawn, "legend": legend, "map_note": note}


def _findings(told: Told, seen: Redacted, drawn: Map | None) -> list[dict[str, object]]:
    frames = _frames(drawn, seen) if drawn else {}
    return [
        {
            "title": title,
            "facts": rest,
            "frame": frames.get(number),
        }
        for number, ((title, *rest), finding) in enumerate(zip(told.findings, seen.result.findings, strict=True), 1)
    ]


def _frames(drawn: Map, seen: Redacted) -> dict[int, dict[str, str]]:
    """Return by finding what is shown of it."""
    return {
        number: _frame(drawn, seen, finding.rows)
        for number, finding in enumerate(seen.result.findings, 1)
        if finding.rows
    }


def _frame(drawn: Map, seen: Redacted, stretches: Stretches) -> dict[str, str]:
    """Return the map's frame around stretches of the drawn rows in metres, and their place along the charts."""
    xy = np.concatenate([drawn.view.rows_xy_m(begin, end) for begin, end in stretches])
    middle = (xy.min(axis=0) + xy.max(axis=0)) / 2
    width = max(float(np.ptp(xy[:, 0])), ASPECT * float(np.ptp(xy[:, 1])), _LEAST_ZOOM_M) * 1.3
    height = width / ASPECT
    rows = np.array(stretches).ravel()
    begin, end = seen.along.of_rows(np.array([rows.min(), rows.max()])).tolist()
    box = f"{middle[0] - width / 2:.1f} {-middle[1] - height / 2:.1f} {width:.1f} {height:.1f}"
    return {"box": box, "from_s": f"{begin:.2f}", "to_s": f"{end:.2f}"}


def _files(seen: Redacted, drawn: Map | None, say: Words) -> list[dict[str, object]]:
    """Return the index of a flight's files, in the order flown; none where there is but one."""
    whole = seen.whole
    names = file_names(whole, private=seen.disclosure.private)
    found: list[dict[str, object]] = []
    for (first, end), name, source in zip(rows_of_files(whole), names, whole.sources, strict=False):
        left = np.flatnonzero((seen.rows >= first) & (seen.rows < end))
        shows = drawn is not None and len(left) > 1
        found.append(
            {
                "name": name,
                "times": [time_at(whole, first), time_at(whole, end - 1)],
                "facts": [
                    say.plural("{count} fix", "{count} fixes", end - first),
                    format_words(source, say),
                    say("{size} bytes", size=source.size_bytes),
                ],
                "sha256": source.sha256,
                "findings": _findings_in(seen, left),
                "frame": _frame(drawn, seen, ((float(left[0]), float(left[-1])),)) if drawn and shows else None,
            }
        )
    return found


def _findings_in(seen: Redacted, rows: Ints) -> list[int]:
    """Return the numbers of the findings that have a stretch among these drawn rows, ascending without a gap."""
    if not len(rows):
        return []
    return [
        number
        for number, finding in enumerate(seen.result.findings, 1)
        if any(begin <= rows[-1] and end >= rows[0] for begin, end in finding.rows)
    ]


def _zones_on_map(drawn: Map | HeaderMap | None, say: Words) -> list[list[str]]:
    zones = [area.zone for area in drawn.zones] if drawn else []
    return [
        [z.name, say(z.kind.value), limit_text(z.lower, say), limit_text(z.upper, say), z.source.name] for z in zones
    ]


def _moving(seen: Redacted, drawn: Map, series: list[Series], say: Words) -> str:
    """Return what the slider moves along: times and places of the rows that are drawn, and the charts' values there."""
    track = seen.flight.track
    rows = np.union1d(drawn.rows, np.linspace(0, len(track) - 1, _MOVING_ROWS).astype(np.int64))
    along = seen.along
    at = along.at[rows]
    xy = drawn.view.xy_m[rows]
    columns: dict[str, object] = {"t": np.round(at, 2).tolist()}
    columns |= {name: np.round(axis, 1).tolist() for name, axis in (("x", xy[:, 0]), ("y", xy[:, 1]))}
    columns["s"] = _numbers(track.h_sigma_m[rows])
    columns["cut"] = np.unique(np.searchsorted(rows, drawn.breaks, side="right") - 1).tolist()
    columns["curves"] = [_curve(s, at, seen, say) for s in series]
    if say.units is not Units.METRIC:
        columns["lengths"] = say.units.lengths
    columns["start"] = iso_utc(along.start_ns) if along.utc_known and along.is_time else None
    columns["last"] = round(along.last, 2)
    if not along.is_time:
        columns |= {"row": say("row"), "unknown": say("time not known"), "when": _instants(seen, rows)}
    return json.dumps(columns, separators=(",", ":"))


def _curve(series: Series, at: Floats, seen: Redacted, say: Words) -> dict[str, object]:
    """Return a chart's values at the drawn rows, in the unit of its axis."""
    axis, values = series.axis, np.interp(at, series.at, series.value) * series.axis.per_si
    told: dict[str, object] = {"key": series.key, "title": series.title, "unit": axis.unit}
    told["v"] = _numbers(values, max(axis.digits, 1))
    if series.key == "d" and seen.border is not None:  # a sign would have to be explained
        sides = (
            "{distance} outside {name}, by the line as in the data",
            "{distance} inside {name}, by the line as in the data",
        )
        told["sides"] = [say(side, distance="{}", name=seen.border.name) for side in sides]
    return told if axis.digits == 1 else {**told, "digits": axis.digits}


def _instants(seen: Redacted, rows: Ints) -> list[str | None]:
    """Return the time of each row in words, None where nobody knows it."""
    track, along = seen.flight.track, seen.along
    return [
        instant(int(track.time_ns[row]), along.start_ns, along.utc_known) if track.is_timed[row] else None
        for row in rows.tolist()
    ]


def _numbers(values: Floats, digits: int = 1) -> list[float | None]:
    return [round(v, digits) if isfinite(v) else None for v in values.tolist()]


def _sources(seen: Redacted, say: Words) -> list[list[object]]:
    unknown = say("not stated")
    rows: list[list[object]] = [
        [s.name, s.edition or unknown, covers_line(s, say), s.terms or unknown,
         unknown if s.accuracy_m is None else say.units.stated(s.accuracy_m),
         element("code", {}, s.sha256)]
        for s in seen.told.zone_sources
    ]  # fmt: skip
    rows[0][4] = border_accuracy(seen.told, say)  # the borders stand first
    return rows


def _log(flight: Flight, result: Result, say: Words, include_private: bool) -> list[list[object]]:
    source, vehicle, clock = flight.source, flight.vehicle, flight.clock
    about = {
        say("Name"): str(source.path) if include_private else source.path.name,
        say("Size"): say("{size} bytes", size=source.size_bytes),
        say("Format"): format_words(source, say),
        say("End of the log"): end_of_log(flight, result, say),
        say("Clock"): clock_text(clock, say),
        say("Aircraft"): " ".join(part for part in (vehicle.kind, vehicle.model, vehicle.firmware) if part),
        say("Serial number"): vehicle.serial if include_private else "",
    }
    rows: list[list[object]] = [[name, value] for name, value in about.items() if value]
    rows.insert(2, ["SHA-256", element("code", {}, source.sha256)])
    return rows
