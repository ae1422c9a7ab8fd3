"""The map: territories, borders with their error, zones, the track, where it went in and out. Local metric view."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch, PathPatch
from matplotlib.path import Path as Outline
from shapely.geometry.base import BaseGeometry

from dronecheck.airspace.zone import ZoneSet
from dronecheck.arrays import Floats
from dronecheck.flight import Track
from dronecheck.geo.plane import geodesic_m, metres_per_degree, unwrap_lon
from dronecheck.geofence.result import OF_PLACES, Place, Reason, Result, Verdict
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.quantities import share_95
from dronecheck.report.figures.labels import Labels
from dronecheck.report.figures.map_frame import ASPECT, FRAME_IN, HEIGHT_IN, WIDTH_IN, column, graticule
from dronecheck.report.figures.map_names import (
    Landmarks,
    border_names,
    draw_landmarks,
    land_names,
    landmark_names,
    named_zone_names,
    quiet_zone_names,
)
from dronecheck.report.figures.style import (
    BLUE,
    DARK,
    FACT_LOOK,
    GREEN,
    GREY,
    LOOKS,
    PURPLE,
    crossing_marks,
    figure,
    folded,
    footer,
    look_of,
    make_room,
    title,
    with_breaks,
    zone_name,
)
from dronecheck.report.privacy import Redacted
from dronecheck.report.text.words import Words
from dronecheck.report.views.landmarks import aerodromes_of, towns_around, towns_of
from dronecheck.report.views.map import (
    LandArea,
    MapView,
    NearestPoint,
    ZoneArea,
    is_zone,
    land_areas,
    nearest_points,
    stretches,
    ways_beside,
    zones_in_view,
)
from dronecheck.timebase import instant

__all__ = ["close_up", "map_figure"]


_LEGEND_CHARS = 34
_CLOSE_M, _TOGETHER_M = 60.0, 600.0  # around an entry or exit; both are shown together up to this distance
_RADIUS_95 = 2.448  # of a circular normal distribution, in sigma per axis
_SEEN_SHARE = 0.005  # of the frame; a smaller circle is a dot
_CIRCLES_WITHIN_M, _MAX_CIRCLES = 700.0, 60
_MAX_TIMES = 10
_ALONG_SHARES = (0.5, 0.35, 0.65, 0.2, 0.8)  # of the shortest way, where its length may be written
_MOST_HATCHED = 8
_MAX_MISSING = 4
_HATCHED_SHARE = 0.6  # a zone that fills the map has its outline and name only
_FILLS = ("#F8F0DF", "#E9F3E7", "#F5E9F0", "#ECEAF5", "#F3F3EA", "#EAF1F8")  # land first: blue would be sea
_ZONE_LOOKS: dict[bool, dict[str, Any]] = {  # by whether a finding names the zone
    True: {"edgecolor": PURPLE, "hatch": "xx", "lw": 2.0, "ls": "solid"},
    False: {"edgecolor": BLUE, "hatch": "\\\\", "lw": 1.2, "ls": (0, (5, 2))},
}
_NAMED_WORDS = {True: "zone named in a finding", False: "zone not entered, or not in force"}
_LOOK_WORDS = {
    Verdict.VIOLATION: "inside: ENTERED",
    Verdict.INCONCLUSIVE: "inside or near: CANNOT TELL",
    Verdict.CLEAR: "inside, but no violation",
}
_CROSSING_WORDS = {"in": ("entry", "{number} in {when}"), "out": ("exit", "{number} out {when}")}


_Crossing = tuple[str, Place, int | None, float | None, int]  # which, where, when with its sigma, number


@dataclass
class _Page:
    """The figure under construction: its legend entries and small print."""

    figure: Figure
    axes: Axes
    view: MapView
    labels: Labels
    result: Result
    start_ns: int
    utc_known: bool
    say: Words
    first: int = 1  # number of the first finding
    legend: list[Artist] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def map_figure(seen: Redacted, say: Words) -> Figure:
    """Draw the map of a flight with at least one fix."""
    result, zones, path = seen.result, seen.zones, seen.trajectory
    near = nearest_points(path, result, zones)
    also = [a.boundary_deg for a in near] + _corners_of_named(result, zones, path)
    return _drawn(seen, result, MapView(path, also, ASPECT), near, say)


def close_up(seen: Redacted, number: int, say: Words) -> Figure | None:
    """Draw the places where a finding (by number, from 1) begins and ends, with the error of every fix.

    Both where they lie together, else the entry; without either (the log begins and ends inside) there is nothing.
    """
    result, zones, path = seen.result, seen.zones, seen.trajectory
    finding = result.findings[number - 1]
    ends = [np.array([place.lon_deg, place.lat_deg]) for place in (finding.entry, finding.exit) if place]
    if finding.kind not in OF_PLACES or not ends:
        return None
    ends[-1][0] = unwrap_lon(ends[-1][0], ends[0][0])
    if geodesic_m(*ends[0], *ends[-1])[0] > _TOGETHER_M:
        ends = ends[:1]
    reach_m = min(max(_CLOSE_M, 3 * (finding.sigma_m or 0.0)), _TOGETHER_M)
    east_m, north_m = (float(m) for m in metres_per_degree(min(89.0, abs(ends[0][1]))))
    corners = np.array([[-reach_m / east_m, -reach_m / north_m], [reach_m / east_m, reach_m / north_m]])
    view = MapView(path, [end + corners for end in ends], ASPECT, of_track=False)
    alone = replace(result, findings=(finding,), nearest=())
    return _drawn(seen, alone, view, nearest_points(path, alone, zones), say, number)


def _drawn(
    seen: Redacted, result: Result, view: MapView, near: list[NearestPoint], say: Words, first: int = 1
) -> Figure:
    flight, zones, around = seen.flight, seen.zones, _landmarks(seen, view, say, of_flight=result is seen.result)
    made = figure(WIDTH_IN, HEIGHT_IN)
    left, bottom, width, height = FRAME_IN
    axes = made.add_axes((left / WIDTH_IN, bottom / HEIGHT_IN, width / WIDTH_IN, height / HEIGHT_IN))
    axes.set_xlim(-view.half_m[0], view.half_m[0])
    axes.set_ylim(-view.half_m[1], view.half_m[1])
    start_ns, utc_known = seen.along.start_ns, seen.along.utc_known
    page = _Page(made, axes, view, Labels(axes), result, start_ns, utc_known, say, first)
    graticule(axes, view, say)
    lands = land_areas(view, result.settings.thresholds)
    _territories(page, lands)
    zone_areas = _zones(page, zones)
    _track(page)
    _beside(page, seen.beside)
    _stretches(page)
    _errors(page)
    approaches = _approach_lines(page, near)
    crossings = _crossings(page)
    takeoff_m = _takeoff(page)
    page.legend += draw_landmarks(axes, page.labels, around, say)
    # Every mark has its place: now the words, those that tell most first.
    _crossing_times(page, crossings)
    if takeoff_m is not None:
        page.labels.beside(takeoff_m, say("take-off"))
    _distances(page, approaches)
    _names(page, lands, zone_areas, around)
    notes = _small_print(page, around)
    make_room(made, notes, say)
    column(made, view, page.legend, say)
    title(made, flight, result, say)
    footer(made, notes, say)
    return made


def _landmarks(seen: Redacted, view: MapView, say: Words, *, of_flight: bool) -> Landmarks:
    """Return what the map of a flight names; a close-up names what lies in it."""
    aerodromes, towns = aerodromes_of(view, seen.aerodromes, say), towns_of(view)
    if of_flight:
        return Landmarks(tuple(aerodromes), tuple(towns or towns_around(view, say)))
    return Landmarks(tuple(place for place in aerodromes if not place.is_beyond), tuple(towns))


def _corners_of_named(result: Result, zones: ZoneSet | None, path: Trajectory) -> list[Floats]:
    """Return the corners of the zones that findings name, as far as they do not dwarf the track."""
    lon, lat = np.unwrap(path.track.lon_deg, period=360.0), path.track.lat_deg
    size = max(float(np.ptp(lon)), float(np.ptp(lat)), 0.002)
    low, high = np.array([lon.min(), lat.min()]) - size, np.array([lon.max(), lat.max()]) + size
    corners = []
    for zone in zones.zones if zones else ():
        if path.is_jump.any() or not any(f.zone and is_zone(zone, f.zone) for f in result.findings):
            continue
        west, south, east, north = zone.shape.bounds
        turn = 360.0 * round(((low[0] + high[0]) / 2 - (west + east) / 2) / 360.0)
        box = np.array([[west + turn, south], [east + turn, north]])
        corners.append(np.clip(box, np.maximum(low, [-np.inf, -90.0]), np.minimum(high, [np.inf, 90.0])))
    return corners


def _filled(area: BaseGeometry) -> Outline | None:
    """Return a polygonal geometry as one compound path; holes run the other way round, so that they stay open."""
    parts = [p for p in shapely.get_parts(area) if p.geom_type == "Polygon" and not p.is_empty]
    rings = [ring for p in parts for ring in shapely.get_rings(shapely.orient_polygons(p))]
    if not rings:
        return None
    return Outline.make_compound_path(*[Outline(shapely.get_coordinates(ring), closed=True) for ring in rings])


def _add_area(axes: Axes, area: BaseGeometry, **style: Any) -> None:
    outline = _filled(area)
    if outline is not None:
        axes.add_artist(PathPatch(outline, **style))  # no patch: its extent shall not be looked for


def _territories(page: _Page, lands: list[LandArea]) -> None:
    for ground, colour in zip(lands, _fills(len(lands)), strict=True):
        _add_area(page.axes, ground.area, facecolor=colour, edgecolor="none", zorder=1)
    widths = sorted({w for ground in lands for w in ground.band_m})
    if not widths:
        return
    band = shapely.union_all([ground.band for ground in lands])
    style = {"facecolor": "#00000014", "edgecolor": "#8c8c8c", "hatch": "////", "lw": 0.0}
    _add_area(page.axes, band, zorder=1.5, **style)
    for ground in lands:
        lines = [shapely.get_coordinates(line) for line in shapely.get_parts(shapely.line_merge(ground.lines))]
        page.axes.add_collection(LineCollection(lines, colors="black", lw=1.5, zorder=3), autolim=False)
        for line in lines:
            page.labels.avoid_line(line)
    say = page.say
    template = (
        "error of the border data: ±{least_m} (at least 95 %)"
        if len(widths) == 1
        else "error of the border data: ±{least_m} to {most_m} (at least 95 %)"
    )
    reach = "\n".join(folded(say(template, least_m=widths[0], most_m=widths[-1]), _LEGEND_CHARS, say))
    page.legend.append(Line2D([], [], color="black", lw=1.5, label=say("border, as in the data")))
    page.legend.append(Patch(**style, label=reach))  # type: ignore[arg-type]


def _fills(count: int) -> list[str]:
    return [_FILLS[index % len(_FILLS)] for index in range(count)]


def _zones(page: _Page, zones: ZoneSet | None) -> list[ZoneArea]:
    """Draw the zones, those that findings name on top."""
    found, left_out = zones_in_view(page.view, page.result, zones)
    if left_out:
        page.notes.append(page.say("{count} zones farther from the middle are not drawn.", count=left_out))
    hatched = _hatched(page, found)
    for drawn in reversed(found):
        look, level = _ZONE_LOOKS[drawn.is_named], 2 + drawn.is_named * 0.1
        line = {"edgecolor": look["edgecolor"], "lw": look["lw"], "ls": look["ls"]}
        _add_area(page.axes, drawn.outline, facecolor="none", zorder=level + 0.05, **line)
        if drawn.area in hatched:
            hatch = {"edgecolor": f"{look['edgecolor']}80", "hatch": look["hatch"], "lw": 0}
            _add_area(page.axes, drawn.area, facecolor="none", zorder=level, **hatch)
    for is_named, words in _NAMED_WORDS.items():
        if any(drawn.is_named is is_named for drawn in found):
            look = {**_ZONE_LOOKS[is_named], **({} if hatched else {"hatch": None})}
            page.legend.append(Patch(facecolor="none", label=page.say(words), **look))
    return found


def _hatched(page: _Page, zones: list[ZoneArea]) -> list[BaseGeometry]:
    """Return the areas that are hatched: none of many, whose hatches would hide what lies below."""
    most_m2 = _HATCHED_SHARE * page.view.frame.area
    return [zone.area for zone in zones if zone.area.area < most_m2] if len(zones) <= _MOST_HATCHED else []


def _track(page: _Page) -> None:
    view, path = page.view, page.view.path
    xy = view.xy_m
    step_out = ~(view.shown[1:] & view.shown[:-1])
    gap = path.step_s > path.thresholds.gap_s
    breaks = np.flatnonzero(step_out | gap | path.is_cut)
    line = np.column_stack([with_breaks(np.where(view.shown, xy[:, axis], np.nan), breaks) for axis in (0, 1)])
    page.axes.plot(*line.T, color=DARK, lw=1.0, zorder=5, scalex=False, scaley=False, solid_joinstyle="round")
    page.labels.avoid_line(xy[view.shown])
    page.legend.append(Line2D([], [], color=DARK, lw=1.0, label=page.say("track")))
    steps = np.flatnonzero(gap & ~path.is_cut & ~step_out)
    if len(steps):
        pairs = np.stack([xy[steps], xy[steps + 1]], axis=1)
        page.axes.add_collection(
            LineCollection(list(pairs), colors=DARK, lw=1.0, ls=(0, (4, 3)), zorder=5), autolim=False
        )
        words = page.say("gap of more than {gap_s:g} s", gap_s=path.thresholds.gap_s)
        page.legend.append(Line2D([], [], color=DARK, lw=1.0, ls=(0, (4, 3)), label=words))
    if np.count_nonzero(view.shown) == 1:
        page.axes.plot(*xy[view.shown].T, "o", color=DARK, ms=6, zorder=5, scalex=False, scaley=False)
    hidden = int(np.count_nonzero(~view.shown))
    if hidden:
        template = "{count} fixes beyond a jump in the positions lie outside this map."
        page.notes.append(page.say(template, count=hidden))


def _beside(page: _Page, tracks: tuple[Track, ...]) -> None:
    """Draw sources that contradict the track, and other vehicles, as thin lines of dashes and dots."""
    ways = ways_beside(page.view, tracks)
    look = {"color": DARK, "lw": 0.9, "ls": (0, (7, 2, 1, 2))}
    for xy in ways:
        page.axes.plot(*xy.T, zorder=4.9, scalex=False, scaley=False, **look)  # type: ignore[arg-type]
        page.labels.avoid_line(xy)
    if ways:
        words = page.say("another source of positions,\nor another vehicle")
        page.legend.append(Line2D([], [], **look, label=words))  # type: ignore[arg-type]


def _stretches(page: _Page) -> None:
    verdicts = []
    for stretch in stretches(page.view, page.result):
        look = look_of(stretch.finding, page.say)
        verdicts.append(stretch.finding.verdict)
        for xy in stretch.xy_m:
            style: dict[str, Any] = {"color": look.colour, "lw": 4.5, "ls": look.line, "dash_capstyle": "butt"}
            page.axes.plot(*xy.T, zorder=4.8, scalex=False, scaley=False, solid_capstyle="butt", **style)
    keys = [(look, page.say(_LOOK_WORDS[verdict])) for verdict, look in LOOKS.items() if verdict in verdicts]
    if page.say.facts_only and keys:
        keys = [(FACT_LOOK, page.say("stretch of a finding"))]
    for look, words in keys:
        handle = Line2D([], [], color=look.colour, lw=4.5, ls=look.line, label=words, dash_capstyle="butt")
        page.legend.append(handle)


def _errors(page: _Page) -> None:
    """Draw circles that hold a fix with 95 % probability, where the scale shows them."""
    view = page.view
    radius_m = _RADIUS_95 * view.path.h_sigma_m
    seen = np.flatnonzero((np.abs(view.xy_m) <= view.half_m).all(axis=1) & (radius_m > view.half_m[0] * _SEEN_SHARE))
    if not len(seen) or view.half_m[0] > _CIRCLES_WITHIN_M:
        return
    for row in seen[:: max(1, len(seen) // _MAX_CIRCLES)].tolist():
        circle = Circle(tuple(view.xy_m[row]), float(radius_m[row]), fill=False, ec=GREY, lw=0.6, zorder=4.6)
        page.axes.add_patch(circle)
    words = page.say("95 % of a fix's error")
    handle = Line2D([], [], ls="none", marker="o", mfc="none", mec=GREY, ms=8, label=words)
    page.legend.append(handle)


def _approach_lines(page: _Page, near: list[NearestPoint]) -> list[tuple[Floats, str]]:
    """Draw the shortest ways to outlines; return each with the words of its length."""
    say = page.say
    drawn = []
    for approach in near:
        xy = page.view.plane.forward(np.stack([approach.place_deg, approach.boundary_deg]))
        template = "{distance_m} inside {name}" if approach.is_inside else "{distance_m} from {name}"
        if page.view.holds(xy):
            drawn.append((xy, say(template, distance_m=approach.distance_m, name=zone_name(approach.zone))))
    style = {"color": BLUE, "lw": 1.6, "ls": (0, (3, 1, 1, 1))}
    for xy, _ in drawn:
        page.axes.plot(*xy.T, zorder=6, scalex=False, scaley=False, **style)  # type: ignore[arg-type]
        page.axes.plot(*xy.T, "o", color=BLUE, mfc="white", ms=4, zorder=6, scalex=False, scaley=False)
        page.labels.avoid_line(xy)
        for end in xy:
            page.labels.reserve(end, 6.0)
    if drawn:
        words = say("shortest way to the outline")
        page.legend.append(Line2D([], [], **style, marker="o", mfc="white", ms=4, label=words))  # type: ignore[arg-type]
    return drawn


def _distances(page: _Page, approaches: list[tuple[Floats, str]]) -> None:
    for xy, text in approaches:
        along = np.array([xy[0] + share * (xy[1] - xy[0]) for share in _ALONG_SHARES])
        page.labels.beside(along, text, color=BLUE, weight="bold")


def _crossings(page: _Page) -> list[_Crossing]:
    """Draw entry and exit markers; return them, numbered by finding, each with its time."""
    marks: list[_Crossing] = []
    for number, finding in enumerate(page.result.findings, page.first):
        if finding.kind not in OF_PLACES or Reason.NOT_ENTERED_ON_THE_LINE in finding.reasons:
            continue
        if finding.entry:
            marks.append(("in", finding.entry, finding.enter_ns, finding.enter_sigma_s, number))
        if finding.exit:
            marks.append(("out", finding.exit, finding.exit_ns, finding.exit_sigma_s, number))
    marks = [mark for mark in marks if page.view.holds(page.view.at(mark[1]))]
    looks = {
        which: {"marker": marker, "color": colour, "ms": size, "label": page.say(_CROSSING_WORDS[which][0])}
        for which, (marker, colour, size) in crossing_marks(page.say).items()
    }
    for which, place, *_ in marks:
        xy = page.view.at(place)
        page.axes.plot(*xy, ls="none", mec="black", mew=0.9, zorder=7, scalex=False, scaley=False, **looks[which])  # type: ignore[arg-type]
        page.labels.reserve(xy)
    for which in ("in", "out"):
        if any(kind == which for kind, *_ in marks):
            page.legend.append(Line2D([], [], ls="none", mec="black", mew=0.9, **looks[which]))  # type: ignore[arg-type]
    return marks


def _crossing_times(page: _Page, marks: list[_Crossing]) -> None:
    for which, place, time_ns, sigma_s, number in marks[:_MAX_TIMES]:
        when = (
            page.say("at no known instant")
            if time_ns is None
            else instant(time_ns, page.start_ns, page.utc_known, sigma_s) + share_95(sigma_s)
        )
        page.labels.beside(page.view.at(place), page.say(_CROSSING_WORDS[which][1], number=number, when=when))
    if len(marks) > _MAX_TIMES:
        template = "Times are written at the first {most} of {count} entries and exits."
        page.notes.append(page.say(template, most=_MAX_TIMES, count=len(marks)))


def _takeoff(page: _Page) -> Floats | None:
    """Draw the take-off; return where it is, None where it is not on the map."""
    if page.result.takeoff is None:
        return None
    xy = page.view.at(page.result.takeoff)
    if not page.view.holds(xy):
        return None
    style = {
        "marker": "*",
        "color": GREY if page.say.facts_only else GREEN,
        "mec": "black",
        "mew": 0.8,
        "ms": 15,
        "ls": "none",
    }
    page.axes.plot(*xy, zorder=7.5, scalex=False, scaley=False, **style)  # type: ignore[arg-type]
    page.labels.reserve(xy, 16.0)
    page.legend.append(Line2D([], [], **style, label=page.say("take-off, as recorded")))  # type: ignore[arg-type]
    return xy


def _names(page: _Page, lands: list[LandArea], zones: list[ZoneArea], around: Landmarks) -> None:
    """Write all names, those of zones that no finding names last."""
    labels, language = page.labels, page.result.settings.language
    land_names(labels, lands, _hatched(page, zones), language)
    missing = named_zone_names(labels, zones, page.say)
    landmark_names(labels, page.view, around.aerodromes)
    border_names(labels, lands, language)
    landmark_names(labels, page.view, around.towns)
    count = quiet_zone_names(labels, zones, page.say) + len(missing[_MAX_MISSING:])
    if missing:
        names = page.say.between.join(missing[:_MAX_MISSING])
        page.notes.append(page.say("Zones without room for their names: {names}.", names=names))
    if count:
        page.notes.append(page.say("{count} more zones are drawn without their names.", count=count))


def _small_print(page: _Page, around: Landmarks) -> list[str]:
    """Return the notes of the map, those on its sources last."""
    notes, say = list(page.notes), page.say
    if page.labels.left_out:
        notes.append(say("{count} labels found no room.", count=page.labels.left_out))
    if page.view.is_too_wide:
        notes.append(say("Territories and zones are not drawn at this scale."))
    sources = say(
        "Borders © OpenStreetMap contributors (ODbL). Names as in the source, no position taken. "
        "Azimuthal-equidistant about the middle, WGS 84; north is up."
    )
    return [*notes, say.sentences([sources, *([say("Towns: GeoNames (CC BY 4.0).")] if around.has_towns else [])])]
