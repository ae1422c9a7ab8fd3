"""Plots over time: heights, one panel a datum, and the signed distance to the border in question."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from dronecheck.airspace.zone import Datum, Zone
from dronecheck.arrays import Floats
from dronecheck.geofence.altitude.altitudes import TerrainHeights
from dronecheck.geofence.result import OF_PLACES, Finding, FindingKind, Reason, Result, Verdict
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.quantities import AsWritten, Units, share_95
from dronecheck.report.figures.labels import Labels
from dronecheck.report.figures.style import (
    BLUE,
    DARK,
    DPI,
    FACT_LOOK,
    LOOKS,
    VERMILLION,
    TimeAxis,
    crossing_marks,
    figure,
    footer,
    look_of,
    make_room,
    shown,
    smaller_to,
    title,
    told_in,
    with_breaks,
    zone_name,
)
from dronecheck.report.privacy import Redacted
from dronecheck.report.text.headline import limit_text
from dronecheck.report.text.words import Words
from dronecheck.report.views.border_distance import BorderSeries, border_in_question
from dronecheck.report.views.heights import AGL_LIMIT, Panel, limits_of, panels_of, rule_limits_of, zones_of_findings

__all__ = ["distance_figure", "height_figure"]


WIDTH_IN = 11.0
_LEFT_IN, _RIGHT_IN, _TOP_IN, _BOTTOM_IN = 0.95, 0.25, 1.1, 1.0
_PANEL_GAP_IN = 0.2
_DISTANCE_IN = 4.6
_PANEL_IN = {1: 4.2, 2: 2.6, 3: 2.1, 4: 1.8}
_BAND = {"facecolor": "#00000014", "edgecolor": "#888888", "hatch": "----", "lw": 0.5}
_LEGENDS: tuple[tuple[float, dict[str, Any]], ...] = (  # where it begins, and how close it is: the first that fits
    (_LEFT_IN, {}),
    (0.3, {"columnspacing": 1.0, "handlelength": 1.4, "handletextpad": 0.5}),
    (0.3, {"columnspacing": 0.8, "handlelength": 1.2, "handletextpad": 0.4, "fontsize": 8.0}),
)
_MAX_TIMES = 12
_LIMIT_SHARES = (0.2, 0.5, 0.8, 0.35, 0.65, 0.9)  # of the width, where a limit's words may stand
_DURING_WORDS = {  # whether a zone was entered, whether a height limit was exceeded
    (True, False): "during: ENTERED",
    (False, True): "during: ABOVE THE LIMIT",
    (True, True): "during: ENTERED or ABOVE THE LIMIT",
}
_NOT_DRAWN_WORDS = ("floor of {name} ({limit})", "ceiling of {name} ({limit})")
_CROSSING_WORDS = {"in": "in {when}", "out": "out {when}"}
_HOW_TO_READ_WORDS = (
    "Distance in the plane to the outline as in the data, negative inside. Inside by more than the band is ENTERED, "
    "outside by more is DID NOT ENTER, anything between CANNOT TELL."
)
_SOURCE_WORDS = "Borders © OpenStreetMap contributors (ODbL). Names as in the source, no position taken."


def height_figure(seen: Redacted, say: Words) -> Figure | None:
    """Draw height over time, a panel for each datum that the log knows or terrain gives; None when there is none."""
    flight, result, zones, ground = seen.flight, seen.result, seen.zones, seen.terrain
    path, heights = seen.trajectory, seen.altitudes
    panels = panels_of(heights)
    if not panels:
        return None
    time = TimeAxis(seen.along, say)
    each_in = _PANEL_IN[len(panels)]
    height_in = _TOP_IN + _BOTTOM_IN + each_in * len(panels) + _PANEL_GAP_IN * (len(panels) - 1)
    made = figure(WIDTH_IN, height_in)
    named = zones_of_findings(result, zones)
    by_ground = result.settings.max_agl_m is not None or any(f.kind is FindingKind.RULE_LIMIT for f in result.findings)
    above_ground = by_ground and any(panel.datum is Datum.AGL for panel in panels)
    of_the_rule = Datum.AGL if above_ground else None  # the panel that shows --max-agl or --max-height
    notes = [_limits_without_panel(result, named, {panel.datum for panel in panels}, say)]
    handles: list[Line2D | Patch] = [Line2D([], [], color=DARK, lw=1.3, label=say("height"))]
    handles.append(Patch(**_BAND, label=say("decision band")))  # type: ignore[arg-type]
    for index, panel in enumerate(panels):
        datum = panel.datum
        bottom_in = _BOTTOM_IN + (len(panels) - 1 - index) * (each_in + _PANEL_GAP_IN)
        axes = made.add_axes((_LEFT_IN / WIDTH_IN, bottom_in / height_in,
                              (WIDTH_IN - _LEFT_IN - _RIGHT_IN) / WIDTH_IN, each_in / height_in))  # fmt: skip
        limits = [(at_m, shown(say.told(text), 120)) for at_m, text in limits_of(result, named, datum, say)]
        if ground is not None and datum is Datum.AMSL:
            handles.append(_terrain(axes, time, path, ground, say))
        if far := _panel(axes, time, path, panel, limits, say):
            notes.append(say("Outside the panel: {limits}.", limits=say.between.join(far)))
        told_in(axes.yaxis, say.units.heights)
        label = axes.set_ylabel(f"{say('Height (m)')}\n{say(panel.words)}", fontsize=8.5)
        smaller_to(label, (each_in + _PANEL_GAP_IN) * DPI)
        time.put_on(axes, label=index == len(panels) - 1)
        _shade(axes, time, path, _findings_for(result, datum is of_the_rule), say)
    datums = say(
        "Each panel has its own datum; heights of two panels differ by the geoid and by the height of the take-off."
    )
    small_print = [*dict.fromkeys(n for n in notes if n), datums]
    make_room(made, small_print, say)
    _legend(made, _findings_for(result, True), handles, say)
    title(made, flight, result, say)
    footer(made, small_print, say)
    return made


def _terrain(axes: Axes, time: TimeAxis, path: Trajectory, ground: TerrainHeights, say: Words) -> Line2D:
    """Draw the ground below the track, broken where it is unknown; return its legend entry."""
    ground_m, _ = ground.ground_amsl_m(path.track.lon_deg, path.track.lat_deg)
    look = {"color": "#5a3e1b", "lw": 2.0, "ls": (0, (1, 1))}
    axes.plot(time.at, ground_m, zorder=4, **look)  # type: ignore[arg-type]
    return Line2D([], [], label=say("ground below, from the terrain files"), **look)  # type: ignore[arg-type]


def _findings_for(result: Result, with_height_limit: bool) -> list[Finding]:
    return [f for f in result.findings if with_height_limit or f.kind in OF_PLACES]


def _limits_without_panel(result: Result, named: list[Zone], datums: set[Datum | None], say: Words) -> str:
    agl_m = result.settings.max_agl_m
    own = [say(AGL_LIMIT, limit_m=AsWritten(agl_m))] if agl_m is not None and Datum.AGL not in datums else []
    if None not in datums:
        drawn = rule_limits_of(result, None) if Datum.AGL in datums else []
        own += [say.told(limit[1]) for limit in limits_of(result, [], None, say) if limit not in drawn]
    missing = own + [
        say(template, name=shown(zone.name, 40), limit=limit_text(limit, say))
        for zone in named
        for template, limit in zip(_NOT_DRAWN_WORDS, (zone.lower, zone.upper), strict=True)
        if limit.datum not in datums and limit.datum not in (Datum.GND, Datum.UNL)
    ]
    template = "Not drawn, because the log has no height of that datum: {limits}."
    return say(template, limits=say.between.join(missing[:4])) if missing else ""


def _panel(
    axes: Axes, time: TimeAxis, path: Trajectory, panel: Panel, limits: list[tuple[float, str]], say: Words
) -> list[str]:
    """Draw one datum's height and limits; return the words of the limits outside the panel."""
    height_m, band_m = panel.height_m, panel.band_m
    at = time.at
    axes.fill_between(at, height_m - band_m, height_m + band_m, zorder=1.2, **_BAND)  # type: ignore[arg-type]
    _broken_line(axes, path, at, height_m)
    known = height_m[np.isfinite(height_m)]
    span_m = max(float(np.ptp(known)), 10.0)
    near = [limit for limit in limits if known.min() - span_m <= limit[0] <= known.max() + span_m]
    edges = np.concatenate([height_m - band_m, height_m + band_m])
    edges = np.concatenate([edges, *(np.asarray(line.get_ydata(), dtype=np.float64) for line in axes.lines)])
    values = np.concatenate([known, edges[np.isfinite(edges)], [value for value, _ in near]])
    pad_m = 0.12 * max(float(np.ptp(values)), 10.0)
    axes.set_ylim(float(values.min()) - pad_m, float(values.max()) + pad_m)
    time.put_on(axes, label=False)
    axes.grid(color="#cccccc", lw=0.5)
    labels = Labels(axes)
    labels.avoid_line(np.column_stack([at, height_m]))
    low, high = axes.get_xlim()
    for value, _ in near:
        labels.avoid_line(np.array([[low, value], [high, value]]))
        axes.axhline(value, color=DARK if say.facts_only else VERMILLION, lw=1.6, ls=(0, (6, 2)), zorder=4)
    for value, text in near:
        strip = np.array([[low + share * (high - low), value] for share in _LIMIT_SHARES])
        labels.beside(strip, text, 8.5, color=DARK if say.facts_only else "#8a3c00")
    return [text for value, text in limits if (value, text) not in near]


def _broken_line(axes: Axes, path: Trajectory, at: Floats, value: Floats) -> None:
    """Draw a line solid between neighbouring fixes, dashed over gaps; a lone fix is a dot."""
    gaps = np.flatnonzero((path.step_s > path.thresholds.gap_s) | path.is_break)
    axes.plot(with_breaks(at, gaps), with_breaks(value, gaps), color=DARK, lw=1.3, zorder=5)
    for row in gaps.tolist():
        axes.plot(at[row : row + 2], value[row : row + 2], color=DARK, lw=1.0, ls=(0, (4, 3)), zorder=5)
    if len(at) == 1:
        axes.plot(at, value, "o", color=DARK, ms=6, zorder=5)


def _shade(
    axes: Axes, time: TimeAxis, path: Trajectory, findings: list[Finding], say: Words, *, hatched: bool = True
) -> None:
    for finding in findings:
        look = look_of(finding, say)
        for begin, end in finding.rows:
            a, b = time.of_rows(np.array([begin, end]))
            hatch = look.hatch if hatched else None
            axes.axvspan(a, b, facecolor=look.colour + "28", edgecolor=look.colour + "70", hatch=hatch, lw=0, zorder=1)


def _legend(
    made: Figure, findings: list[Finding], handles: list[Line2D | Patch], say: Words, *, hatched: bool = True
) -> None:
    """Draw one line of entries between title and panels."""
    entries: list[Line2D | Patch] = list(handles)
    kinds = {f.kind not in OF_PLACES for f in findings if f.verdict is Verdict.VIOLATION}
    words = {
        Verdict.VIOLATION: say(_DURING_WORDS[False in kinds, True in kinds]) if kinds else "",
        Verdict.INCONCLUSIVE: say("during: CANNOT TELL"),
        Verdict.CLEAR: say("during: inside, but no violation"),
    }
    keys = [(look, words[verdict]) for verdict, look in LOOKS.items() if any(f.verdict is verdict for f in findings)]
    if say.facts_only and keys:
        keys = [(FACT_LOOK, say("during a finding"))]
    for look, label in keys:
        entries.append(Patch(facecolor=look.colour + "28", edgecolor=look.colour + "70", lw=0,
                             hatch=look.hatch if hatched else None, label=label))  # fmt: skip
    for left_in, closer in _LEGENDS:
        drawn = made.legend(
            handles=entries,
            loc="lower left",
            bbox_to_anchor=(left_in / WIDTH_IN - 0.008, 1 - (_TOP_IN - 0.02) / made.get_figheight()),
            ncols=len(entries),
            frameon=False,
            borderaxespad=0.0,
            borderpad=0.2,
            **closer,
        )
        if drawn.get_window_extent().x1 <= 0.99 * made.bbox.width or closer is _LEGENDS[-1][1]:
            break
        drawn.remove()


def distance_figure(seen: Redacted, say: Words) -> Figure | None:
    """Draw the signed distance to the border in question over time; None when no border is in reach."""
    flight, result, path = seen.flight, seen.result, seen.trajectory
    series = seen.border
    zone = border_in_question(result)
    if series is None or zone is None:
        return None
    time = TimeAxis(seen.along, say)
    height_in = _TOP_IN + _BOTTOM_IN + _DISTANCE_IN
    made = figure(WIDTH_IN, height_in)
    axes = made.add_axes((_LEFT_IN / WIDTH_IN, _BOTTOM_IN / height_in,
                          (WIDTH_IN - _LEFT_IN - _RIGHT_IN) / WIDTH_IN, _DISTANCE_IN / height_in))  # fmt: skip
    name = zone_name(zone)
    findings = [f for f in result.findings if f.kind is FindingKind.BORDER_CROSSING and f.zone == zone]
    handles = _draw_distance(axes, time, path, series, name, say)
    _shade(axes, time, path, findings, say, hatched=False)
    _mark_times(axes, time, findings, series, name, say)
    small_print = [say(_HOW_TO_READ_WORDS), say(_SOURCE_WORDS)]
    make_room(made, small_print, say)
    _legend(made, findings, handles, say, hatched=False)
    title(made, flight, result, say)
    footer(made, small_print, say)
    return made


def _draw_distance(
    axes: Axes, time: TimeAxis, path: Trajectory, series: BorderSeries, name: str, say: Words
) -> list[Line2D | Patch]:
    unit, scale = _scale(series, say.units)
    at, distance = time.of_rows(series.row), series.distance_m * scale
    # In gaps the band grows with the unknown way; it must not squash the rest.
    usual = float(np.percentile(series.band_m, 50)) * scale
    low, high = min(distance.min(), -1.15 * usual), max(distance.max(), 1.15 * usual)
    pad = 0.08 * (high - low)
    axes.set_ylim(low - pad, high + pad)
    time.put_on(axes)
    axes.grid(color="#cccccc", lw=0.5)
    band = series.band_m * scale
    band_style = {"facecolor": "#00000018", "edgecolor": "#777777", "hatch": "----", "lw": 0.6}
    wide = (at, band) if len(at) > 1 else (np.array(axes.get_xlim()), np.repeat(band, 2))
    axes.fill_between(wide[0], -wide[1], wide[1], zorder=1.2, **band_style)  # type: ignore[arg-type]
    axes.axhline(0.0, color="black", lw=1.6, zorder=3)
    fix = np.floor(series.row).astype(np.int64)
    run = np.concatenate([[0], np.cumsum(path.is_cut)])[fix]
    jumps = np.flatnonzero(np.diff(run))
    gaps = np.setdiff1d(np.flatnonzero(np.append(path.step_s > path.thresholds.gap_s, False)[fix[:-1]]), jumps)
    breaks = np.union1d(gaps, jumps)
    axes.plot(with_breaks(at, breaks), with_breaks(distance, breaks), color=BLUE, lw=1.8, zorder=5)
    for index in gaps.tolist():
        axes.plot(at[index : index + 2], distance[index : index + 2], color=BLUE, lw=1.2, ls=(0, (4, 3)), zorder=5)
    if len(at) == 1:
        axes.plot(at, distance, "o", color=BLUE, ms=6, zorder=5)
    words = say("Distance to the border of {name} ({unit})\nnegative: inside", name=name, unit=unit)
    smaller_to(axes.set_ylabel(words), (_DISTANCE_IN + _BOTTOM_IN) * DPI)
    lows, highs = float(series.band_m.min()), float(np.percentile(series.band_m, 95))
    is_even = highs - lows < 1
    template = "decision band ±{least_m:.0f} m" if is_even else "decision band ±{least_m:.0f} to {most_m:.0f} m"
    return [
        Line2D([], [], color=BLUE, lw=1.8, label=say("distance")),
        Line2D([], [], color="black", lw=1.6, label=say("border, as in the data")),
        Patch(**band_style, label=say(template, least_m=lows, most_m=highs)),  # type: ignore[arg-type]
    ]


def _mark_times(
    axes: Axes, time: TimeAxis, findings: list[Finding], series: BorderSeries, name: str, say: Words
) -> None:
    """Mark entry and exit on the zero line with their times, else the closest approach; and say which side is which."""
    labels = Labels(axes)
    scale = _scale(series, say.units)[1]
    at, distance = time.of_rows(series.row), series.distance_m * scale
    labels.avoid_line(np.column_stack([at, distance]))
    left, right = axes.get_xlim()
    labels.avoid_line(np.array([[left, 0.0], [right, 0.0]]))
    marks = [
        (which, time_ns, sigma_s, np.array([float(time.of_rows(np.array(row))), 0.0]))
        for finding in findings
        if Reason.NOT_ENTERED_ON_THE_LINE not in finding.reasons and finding.rows
        for which, place, time_ns, sigma_s, row in (
            ("in", finding.entry, finding.enter_ns, finding.enter_sigma_s, finding.rows[0][0]),
            ("out", finding.exit, finding.exit_ns, finding.exit_sigma_s, finding.rows[-1][1]),
        )
        if place is not None or time_ns is not None
    ]
    for which, _, _, xy in marks:
        marker, colour, size = crossing_marks(say)[which]
        axes.plot(*xy, marker=marker, color=colour, ms=size, mec="black", mew=0.9, ls="none", zorder=7)
        labels.reserve(xy)
    lowest = int(np.argmin(series.distance_m))
    low = np.array([at[lowest], distance[lowest]])
    axes.plot(*low, marker="D", color="white", ms=6, mec="black", mew=1.2, ls="none", zorder=7)
    labels.reserve(low)
    for which, time_ns, sigma_s, xy in marks[:_MAX_TIMES]:
        when = say("at no known instant") if time_ns is None else time.instant(time_ns, sigma_s) + share_95(sigma_s)
        labels.beside(xy, say(_CROSSING_WORDS[which], when=when))
    depth_m = float(series.distance_m[lowest])
    template = "{distance_m} inside, {when}" if depth_m < 0 else "{distance_m} outside, {when}"
    when = time.moment(int(series.time_ns[lowest]), float(series.row[lowest]))
    labels.beside(low, say(template, distance_m=abs(depth_m), when=when), weight="bold")
    side = say("border (0), as in the data: below is inside {name}", name=name)
    labels.beside(np.array([[left + share * (right - left), 0.0] for share in (0.5, 0.3, 0.7)]), side)


def _scale(series: BorderSeries, units: Units) -> tuple[str, float]:
    """Return the unit of the distance axis and by what metres are multiplied."""
    axis = units.distances(float(np.abs(series.distance_m).max()), km_from_m=2000.0)
    return axis.unit, axis.per_si
