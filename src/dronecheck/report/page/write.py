"""The page's text: facts first, every string escaped, script and style allowed by their hashes alone."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib.resources import files
from math import isfinite
from pathlib import Path

import numpy as np

from dronecheck.airspace.zone import ZoneSet
from dronecheck.arrays import Floats
from dronecheck.flight import Flight
from dronecheck.geofence.activation.daylight import daylight
from dronecheck.geofence.altitude.altitudes import Ground
from dronecheck.geofence.result import Result
from dronecheck.report.json.encode import encode, result_document, tool_version
from dronecheck.report.page.charts import Series, charts, curves
from dronecheck.report.page.map import ASPECT, Map, draw_map
from dronecheck.report.page.markup import safe
from dronecheck.report.privacy import Shown, shown
from dronecheck.report.terminal.check import facts
from dronecheck.report.text.headline import daylight_line, headline, limit_text
from dronecheck.report.text.times import iso_utc
from dronecheck.report.text.translate import Words, words
from dronecheck.safe.io import write_atomic

__all__ = ["page", "write_page"]


_NOT_IN_SCRIPT = re.compile(r"[<>&\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_LEAST_ZOOM_M = 60.0
_MOST_ON_TOP = 3
_MOVING_ROWS = 1_000
_SLIDER = "dot here"  # moved by the script
_KEYS = (  # the legend, of what is drawn: look on the map, look in the legend, word
    ("track", '<path class="casing" d="M2 8H34"/><path class="track" d="M2 8H34"/>', "track"),
    ("gap", '<path class="gap" d="M2 8H34"/>', "gap in the log"),
    ("inside violation", '<path class="casing" d="M2 8H34"/><path class="inside violation" d="M2 8H34"/>', "ENTERED"),
    (
        "inside inconclusive",
        '<path class="casing" d="M2 8H34"/><path class="inside inconclusive" d="M2 8H34"/>',
        "CANNOT TELL",
    ),
    (
        "inside clear",
        '<path class="casing" d="M2 8H34"/><path class="inside clear" d="M2 8H34"/>',
        "inside, no violation",
    ),
    ("dot entry", '<path class="dot entry" d="M18 8h0"/>', "entry"),
    ("dot exit", '<path class="dot exit" d="M18 8h0"/>', "exit"),
    ("dot takeoff", '<path class="dot takeoff" d="M18 8h0"/>', "take-off"),
    (_SLIDER, f'<path class="{_SLIDER}" d="M18 8h0"/>', "at the slider's time"),
    ("border", '<path class="border" d="M2 8H34"/>', "border, as in the data"),
    ("band", '<path class="band" d="M2 2H34V14H2Z"/>', "its accuracy"),
    ("operator", '<path class="operator" d="M2 8H34"/>', "the controller"),
)


def write_page(
    flight: Flight,
    result: Result,
    zones: ZoneSet | None,
    path: Path,
    ground: Ground | None = None,
    *,
    include_private: bool = False,
    hide_home_m: float | None = None,
) -> None:
    """Write the page whole or not at all. Raises UsageError when the place cannot be written."""
    text = page(flight, result, zones, ground, include_private=include_private, hide_home_m=hide_home_m)
    write_atomic(path, text.encode())


def page(
    flight: Flight,
    result: Result,
    zones: ZoneSet | None,
    ground: Ground | None = None,
    *,
    include_private: bool = False,
    hide_home_m: float | None = None,
) -> str:
    """The report as one HTML document.

    The log's folder, the aircraft's serial number and the controller's track are left out unless `include_private`;
    all within `hide_home_m` metres of the take-off is left out everywhere.
    """
    seen = shown(flight, result, hide_home_m)
    say = words(result.rules.language)
    style, script = (files(__package__).joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    document = result_document(flight, result, include_private=include_private, hide_home_m=hide_home_m)
    drawn = draw_map(seen, zones, say, include_private=include_private) if len(seen.flight.track) else None
    series = curves(seen, zones, drawn.breaks, ground) if drawn else []
    told = facts(seen.whole, seen.told)
    body = [_top(seen, say), _checks(told.checks, say)]
    if drawn is not None:
        head = f'<section aria-labelledby="charts"><h2 id="charts">{safe(say("Charts"))}</h2>'
        body += [_map_figure(drawn, say), head, charts(seen, series, say), "</section>"]
    body += [_findings(told.findings, seen, drawn, say), _rest(told.nearest, told.issues, say)]
    body += [_zones_on_map(drawn, say), _sources(seen, say, include_private)]
    body += [_data("track", _moving(seen, drawn, series, say))] if drawn else []
    body += [_data("result", encode(document, indent=True).decode()), f"<script>{script}</script>"]
    return (
        f'<!DOCTYPE html>\n<html lang="{result.rules.language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="referrer" content="no-referrer">'
        f"<title>{safe(flight.source.path.name)}: dronecheck</title><style>{style}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(name: str, text: str) -> str:
    """JSON in a data block: what could end it, steer a terminal or turn a line's direction, as JSON's own escapes."""
    kept = _NOT_IN_SCRIPT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return f'<script type="application/json" id="{name}">{kept}</script>'


def _table(title: str, heads: list[str], rows: list[list[str]], say: Words, look: str = "") -> str:
    """A table of cells that are already HTML; each cell knows its heading, for narrow screens."""
    if not rows:
        return ""
    heads = [safe(say(head)) for head in heads]
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    cells = ("".join(f'<td data-head="{h}">{c}</td>' for h, c in zip(heads, row, strict=True)) for row in rows)
    lines = "".join(f"<tr>{row}</tr>" for row in cells)
    name = title.lower().replace(" ", "-")
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{safe(say(title))}</h2><table class="{look}">'
        f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></section>"
    )


def _top(seen: Shown, say: Words) -> str:
    """Verdict and scope in words, then margin and uncertainty of what decided it."""
    flight, result = seen.whole, seen.told
    light = daylight(flight.track, flight.clock)
    decisive = [f.explanation for f in result.findings if f.verdict is result.verdict][:_MOST_ON_TOP]
    lines = [f'<h1 class="{result.verdict.value.lower()}">{safe(headline(result, say))}</h1>']
    lines += [f'<p class="margin">{safe(told[:1].upper() + told[1:])}</p>' for told in (say(f"{d}.") for d in decisive)]
    lines += [
        f'<p class="dim">{safe(facts(flight, result).log)}. {safe(say(daylight_line(light)) if light else "")}</p>'
    ]
    if note := seen.hiding_note():
        lines.append(f'<p class="dim">{safe(say(note))}</p>')
    if result.rules.language != "en":
        lines.append(f'<p class="dim">{safe(say("Unreviewed translation; the English text holds."))}</p>')
    return "".join(lines)


def _checks(checks: tuple[tuple[str, str, str], ...], say: Words) -> str:
    rows = [[safe(c) for c in check] for check in checks]
    return _table("What was checked", ["Question", "Answer", "Scope"], rows, say)


def _map_figure(drawn: Map, say: Words) -> str:
    drawn_keys = [(look, key, word) for look, key, word in _KEYS if f'class="{look}"' in drawn.svg]
    legend = "".join(
        f'<li{" hidden" * (look == _SLIDER)}><svg class="key" aria-hidden="true">{key}</svg>{safe(say(word))}</li>'
        for look, key, word in drawn_keys
    )
    more = f" {drawn.zones_left_out} more zones are not drawn." if drawn.zones_left_out else ""
    note = say(
        f"North up. The track is simplified for drawing (nowhere by more than {drawn.tolerance_m:g} m), never for the "
        f"verdict. Zoomed in, circles show where a fix was with 95 % probability."
    ) + say(more)
    return (
        f'<section aria-labelledby="map-title"><h2 id="map-title">{safe(say("Map"))}</h2><figure>{drawn.svg}'
        f'{_map_tools(say)}<figcaption><ul class="legend">{legend}</ul>{safe(note)}</figcaption></figure></section>'
    )


def _map_tools(say: Words) -> str:
    zoom_in, zoom_out, whole, colour, play, pause, time = (
        safe(say(word))
        for word in ("Zoom in", "Zoom out", "Whole flight", "Colour by height", "Play", "Pause", "Time in the flight")
    )
    return (
        f'<div class="tools" hidden><button id="in" aria-label="{zoom_in}">+</button>'
        f'<button id="out" aria-label="{zoom_out}">−</button><button id="all">{whole}</button>'
        f'<button id="colour" aria-pressed="false">{colour}</button></div><p id="scale" class="legend"></p>'
        f'<div class="tools time" hidden><button id="play" data-pause="{pause}">{play}</button>'
        f'<input id="time" type="range" min="0" value="0" step="any" aria-label="{time}"></div>'
        '<p id="now" class="dim"></p>'
    )


def _findings(told: tuple[tuple[str, ...], ...], seen: Shown, drawn: Map | None, say: Words) -> str:
    frames = _frames(drawn, seen) if drawn else {}
    rows = []
    for number, (title, *rest) in enumerate(told, 1):
        show = (
            f'<p class="tools" hidden><button {frames[number]} '
            f'aria-label="{safe(say(f"Show finding {number} on map and charts"))}">{safe(say("Show"))}</button></p>'
            if number in frames
            else ""
        )
        lines = "".join(f"<p>{safe(line)}</p>" for line in rest)
        reasons = ", ".join(r.value for r in seen.result.findings[number - 1].reasons)
        rows.append(
            [f"<strong>{safe(title)}</strong>{show}", f'{lines}<p class="dim">{safe(say(f"Reasons: {reasons}"))}</p>']
        )
    return _table("Findings", ["Finding", "Facts"], rows, say, "findings")


def _frames(drawn: Map, seen: Shown) -> dict[int, str]:
    """The map's frame around each finding's stretches and the time of them, as attributes of its button."""
    track = seen.flight.track
    at_s = (track.time_ns - seen.whole.track.time_ns[0]) / 1e9
    found = {}
    for number, finding in enumerate(seen.result.findings, 1):
        if not finding.rows:
            continue
        xy = np.concatenate([drawn.view.rows_xy_m(begin, end) for begin, end in finding.rows])
        middle = (xy.min(axis=0) + xy.max(axis=0)) / 2
        width = max(float(np.ptp(xy[:, 0])), ASPECT * float(np.ptp(xy[:, 1])), _LEAST_ZOOM_M) * 1.3
        height = width / ASPECT
        rows = np.array(finding.rows).ravel()
        begin, end = np.interp([rows.min(), rows.max()], np.arange(len(track)), at_s).tolist()
        box = f"{middle[0] - width / 2:.1f} {-middle[1] - height / 2:.1f} {width:.1f} {height:.1f}"
        found[number] = f'data-box="{box}" data-from="{begin:.2f}" data-to="{end:.2f}"'
    return found


def _rest(nearest: tuple[str, ...], issues: tuple[tuple[str, str, str], ...], say: Words) -> str:
    rows = [[*(f'<span class="code">{safe(word)}</span>' for word in words), safe(what)] for *words, what in issues]
    nothing = say("Nothing in the log is damaged, repaired or in doubt.")
    none = [[safe(say("none")), safe(say("none")), safe(nothing)]]
    heads = ["Closest approach to what was not entered"]
    return _table("Nearest", heads, [[safe(n)] for n in nearest], say) + _table(
        "Damage and clock", ["Severity", "Code", "What"], rows or none, say
    )


def _zones_on_map(drawn: Map | None, say: Words) -> str:
    rows = [
        [safe(a.zone.name), safe(say(a.zone.kind.value)), safe(say(limit_text(a.zone.lower))),
         safe(say(limit_text(a.zone.upper))), safe(a.zone.source.name)]
        for a in (drawn.zones if drawn else ())
    ]  # fmt: skip
    return _table("Zones on the map", ["Zone", "Kind", "Floor", "Ceiling", "Source"], rows, say)


def _moving(seen: Shown, drawn: Map, series: list[Series], say: Words) -> str:
    """What the slider moves along: times and places of the rows that are drawn, and the charts' values there."""
    track = seen.flight.track
    rows = np.union1d(drawn.rows, np.linspace(0, len(track) - 1, _MOVING_ROWS).astype(np.int64))
    at_s = (track.time_ns[rows] - seen.whole.track.time_ns[0]) / 1e9
    xy = drawn.view.xy_m[rows]
    columns: dict[str, object] = {"t": np.round(at_s, 2).tolist()}
    columns |= {name: np.round(axis, 1).tolist() for name, axis in (("x", xy[:, 0]), ("y", xy[:, 1]))}
    columns["s"] = _numbers(track.h_sigma_m[rows])
    columns["cut"] = np.unique(np.searchsorted(rows, drawn.breaks, side="right") - 1).tolist()
    columns["curves"] = [
        {"key": s.key, "title": say(s.title), "unit": s.unit, "v": _numbers(np.interp(at_s, s.at_s, s.value))}
        for s in series
    ]
    clock = seen.whole.clock.utc_known
    columns["start"] = iso_utc(int(seen.whole.track.time_ns[0])) if clock else None
    columns["last"] = round(float((seen.whole.track.time_ns[-1] - seen.whole.track.time_ns[0]) / 1e9), 2)
    return json.dumps(columns, separators=(",", ":"))


def _numbers(values: Floats) -> list[float | None]:
    return [round(v, 1) if isfinite(v) else None for v in values.tolist()]


def _sources(seen: Shown, say: Words, include_private: bool) -> str:
    flight, result = seen.whole, seen.told
    rows = [
        [safe(s.name), safe(s.edition or say("not stated")), safe(s.licence or say("not stated")),
         safe(say("not stated") if s.accuracy_m is None else f"{s.accuracy_m:g} m"), f"<code>{safe(s.sha256)}</code>"]
        for s in result.zone_sources
    ]  # fmt: skip
    rows[0][3] = safe(say("of each stretch its own, as on the map"))  # the borders stand first
    source, vehicle, clock = flight.source, flight.vehicle, flight.clock
    sigma = f", ±{clock.sigma_s:g} s" if isfinite(clock.sigma_s) else ""
    about = {
        "Name": str(source.path) if include_private else source.path.name,
        "Size": say(f"{source.size_bytes} bytes"),
        "Format": f"{source.format} {source.dialect}".strip(),
        "Whole": say(flight.completeness.value),
        "Clock": f"{clock.source.value}{sigma}",
        "Aircraft": " ".join(part for part in (vehicle.kind, vehicle.model, vehicle.firmware) if part),
        "Serial number": vehicle.serial if include_private else "",
    }
    log = [[safe(say(name)), safe(value)] for name, value in about.items() if value]
    log.insert(2, ["SHA-256", f"<code>{safe(source.sha256)}</code>"])
    return (
        _table("Data sources", ["Name", "Edition", "Licence", "Accuracy", "SHA-256"], rows, say)
        + _table("The log", ["What", "Value"], log, say, "pairs")
        + f"<p>dronecheck {safe(tool_version())} {safe(say('states facts and margins; it gives no legal advice.'))} "
        + f"{safe(say('Names as in the source, no position taken.'))}</p>"
        + f'<p class="tools" hidden><button id="save">{safe(say("Download the result as JSON"))}</button></p>'
    )
