"""The page's text: facts first, every string escaped, script and style allowed by their hashes alone."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from pathlib import Path

import numpy as np

from dronecheck.airspace.zone import ZoneSet
from dronecheck.flight import Flight
from dronecheck.geofence.findings import Result
from dronecheck.report.figures_view import MapView, stretches
from dronecheck.report.html.drawing import TOLERANCE_M, charts, map_svg, safe, track_rows
from dronecheck.report.jsonout import encode, result_document, tool_version
from dronecheck.report.terminal import facts
from dronecheck.report.wording import headline
from dronecheck.safeio import write_atomic

__all__ = ["page", "write_page"]

_IN_SCRIPT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_LEAST_ZOOM_M = 60.0
_LEGEND = (
    "North up. Dark line: track; dashed thin: gap in the log. Thick over it: inside a territory or zone (solid orange: "
    "ENTERED, long dashes: CANNOT TELL, short dashes: no violation). Square: entry; round blue: exit. Black line: "
    "border, as in the data; grey: its accuracy."
)
_MAP_TOOLS = (
    '<div class="tools" hidden><button id="in" aria-label="Zoom in">+</button>'
    '<button id="out" aria-label="Zoom out">−</button><button id="all">Whole flight</button>'
    '<button id="play">Play</button><input id="time" type="range" min="0" value="0" step="0.1" '
    'aria-label="Time since the first fix, seconds"><span id="now"></span></div>'
)


def write_page(
    flight: Flight, result: Result, zones: ZoneSet | None, path: Path, *, include_private: bool = False
) -> None:
    """Write the page whole or not at all. Raises UsageError when the place cannot be written."""
    write_atomic(path, page(flight, result, zones, include_private=include_private).encode())


def page(flight: Flight, result: Result, zones: ZoneSet | None, *, include_private: bool = False) -> str:
    """The report as one HTML document; the log's folder is left out unless `include_private`."""
    style, script = (files(__package__).joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    )
    document = encode(result_document(flight, result, include_private=include_private), indent=True).decode()
    drawing, view = map_svg(flight, result, zones) if len(flight.track) else ("", None)
    body = [
        f'<h1 class="{result.verdict.value.lower()}">{safe(headline(result))}</h1>',
        f'<p class="dim">{safe(facts(flight, result).log)}</p>',
    ]
    if view is not None:
        note = f"{_LEGEND} The track is simplified for drawing (at most {TOLERANCE_M:g} m), never for the verdict."
        body += [f'<figure>{drawing}{_MAP_TOOLS}<figcaption class="dim">{note}</figcaption></figure>']
    body += [_facts(flight, result, view)]
    if view is not None:
        body += ["<h2>Charts</h2>", charts(flight, result), _data("track", _moving(flight, view))]
    body += [_sources(flight, result), _data("result", document), f"<script>{script}</script>"]
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="referrer" content="no-referrer">'
        f"<title>{safe(flight.source.path.name)}: dronecheck</title><style>{style}</style></head>"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data(name: str, text: str) -> str:
    """JSON in a data block: the characters that could end it, or a line of it, as JSON's own escapes."""
    return f'<script type="application/json" id="{name}">{text.translate(_IN_SCRIPT)}</script>'


def _table(title: str, heads: list[str], rows: list[list[str]]) -> str:
    """A table of cells that are already HTML."""
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _facts(flight: Flight, result: Result, view: MapView | None) -> str:
    told = facts(flight, result)
    boxes = _boxes(view, result) if view else {}
    findings = []
    for number, (title, *rest) in enumerate(told.findings, 1):
        zoom = (
            f'<p class="tools" hidden><button data-box="{boxes[number]}">Show</button></p>' if number in boxes else ""
        )
        lines = "".join(f"<p>{safe(line)}</p>" for line in rest)
        reasons = ", ".join(r.value for r in result.findings[number - 1].reasons)
        findings.append(
            [f"<strong>{safe(title)}</strong>{zoom}", f'{lines}<p class="dim">Reasons: {safe(reasons)}</p>']
        )
    return (
        _table("What was checked", ["Question", "Answer", "Scope"], [[safe(c) for c in check] for check in told.checks])
        + _table("Findings", ["Finding", "Facts"], findings)
        + _table("Nearest", ["Closest approach to what was not entered"], [[safe(n)] for n in told.nearest])
        + _table("Damage and clock", ["Severity", "Code", "What"], [[safe(c) for c in issue] for issue in told.issues])
    )


def _boxes(view: MapView, result: Result) -> dict[int, str]:
    """The map's frame around each finding's stretches, by number."""
    found = {}
    for stretch in stretches(view, result):
        if not stretch.xy_m:
            continue
        xy = np.concatenate(stretch.xy_m)
        middle = (xy.min(axis=0) + xy.max(axis=0)) / 2
        width = max(float(np.ptp(xy[:, 0])), 1.5 * float(np.ptp(xy[:, 1])), _LEAST_ZOOM_M) * 1.3
        height = width / 1.5
        left, top = middle[0] - width / 2, -middle[1] - height / 2
        found[stretch.number] = f"{left:.1f} {top:.1f} {width:.1f} {height:.1f}"
    return found


def _moving(flight: Flight, view: MapView) -> str:
    """What the slider moves along: time and place of the rows that are drawn."""
    track = flight.track
    rows = np.union1d(track_rows(view, 0, len(track) - 1), np.linspace(0, len(track) - 1, 1000).astype(np.int64))
    at_s = (track.time_ns[rows] - track.time_ns[0]) / 1e9
    columns = {"t": at_s, "x": view.xy_m[rows, 0], "y": view.xy_m[rows, 1]}
    return json.dumps({k: np.round(v, 1).tolist() for k, v in columns.items()}, separators=(",", ":"))


def _sources(flight: Flight, result: Result) -> str:
    rows = [
        [safe(s.name), safe(s.edition or "not stated"), safe(s.licence or "not stated"),
         safe("not stated" if s.accuracy_m is None else f"{s.accuracy_m:g} m"), safe(s.sha256)]
        for s in result.zone_sources
    ]  # fmt: skip
    return (
        _table("Data sources", ["Name", "Edition", "Licence", "Accuracy", "SHA-256"], rows)
        + f"<p>Log: {flight.source.size_bytes} bytes, SHA-256 {safe(flight.source.sha256)}. "
        + f"dronecheck {safe(tool_version())}. Names as in the source, no position taken.</p>"
        + '<p class="tools" hidden><button id="save">Download the result as JSON</button></p>'
    )
