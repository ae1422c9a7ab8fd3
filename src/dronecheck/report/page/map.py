"""Draw the map as SVG: what moves with a zoom in metres (an inner picture), words and bars in pixels (around it).

No style attributes and no drawing on the client, so that the map is there without JavaScript and under a strict policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats, Ints
from dronecheck.flight import OPERATOR
from dronecheck.geofence.result import Place, Reason
from dronecheck.report.page.svg import area_d, line_d, path, percent
from dronecheck.report.privacy import Redacted
from dronecheck.report.text.aerodromes import aerodrome_title
from dronecheck.report.text.headline import degrees_label, limit_text
from dronecheck.report.text.words import Words
from dronecheck.report.views.map import (
    LandArea,
    MapView,
    ZoneArea,
    land_areas,
    nearest_points,
    stretches,
    ways_beside,
    zones_in_view,
)
from dronecheck.safe.html import Markup, element, render

__all__ = [
    "ASPECT", "MOST_ROWS", "TOLERANCE_M", "Map", "draw_map", "draw_places", "drawn_rows", "graticule_lines",
    "graticule_words", "map_names", "scale_bar", "write_word",
]  # fmt: skip


TOLERANCE_M = 0.5  # the drawn track is nowhere farther from the logged one, unless it has too many corners
MOST_ROWS = 8_000
ASPECT = 1.5
_MOST_MARKS = 24
_MOST_NAMES = 12
_EDGE = 0.96  # of the half frame: what lies beyond is named there
_ROOM = 0.1  # of half the map's width, between the track and a name
_ROOMY = 0.05  # a name goes off the track where at least this share of its area is
_DEGREE_STEPS = (30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4)


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """Hold the drawn map, with what other parts of the page need of it.

    `rows` are the rows drawn, shape (n,), `breaks` those after which a line ends, shape (k,).
    """

    svg: Markup
    view: MapView
    rows: Ints
    breaks: Ints
    tolerance_m: float
    zones: tuple[ZoneArea, ...]
    zones_left_out: int


def drawn_rows(xy_m: Floats, breaks: Ints) -> tuple[Ints, float]:
    """Return the rows to draw, by Douglas and Peucker between `breaks` (rows after which a line ends).

    With them the tolerance in metres. It doubles until at most MOST_ROWS are left, or nothing is gained.
    """
    begins, ends = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(xy_m) - 1]])
    tolerance_m, before = TOLERANCE_M, len(xy_m) + 1
    while True:
        runs = [_simplified(xy_m, int(a), int(b), tolerance_m) for a, b in zip(begins, ends, strict=True)]
        rows = np.concatenate(runs)
        if len(rows) <= MOST_ROWS or (len(rows) == before and tolerance_m > 100 * TOLERANCE_M):
            return rows, tolerance_m
        before, tolerance_m = len(rows), 2 * tolerance_m


def _simplified(xy_m: Floats, begin: int, end: int, tolerance_m: float) -> Ints:
    rows = np.arange(begin, end + 1, dtype=np.int64)
    if len(rows) < 3:
        return rows
    line = shapely.linestrings(np.column_stack([xy_m[rows], rows]))  # the row rides along as z
    kept = shapely.get_coordinates(shapely.simplify(line, tolerance_m, preserve_topology=False), include_z=True)
    return np.asarray(kept[:, 2], dtype=np.int64)


def draw_map(seen: Redacted, say: Words) -> Map:
    """Draw the map of a flight with at least one row left, north up, with words in the language of `say`."""
    result = seen.result
    track_path, zones = seen.trajectory, seen.zones
    near = nearest_points(track_path, result, zones)
    operator = _operator_deg(seen) if seen.disclosure.private else np.empty((0, 2))
    view = MapView(track_path, [*(a.boundary_deg for a in near), operator], ASPECT)
    gap = np.flatnonzero((track_path.step_s > track_path.thresholds.gap_s) & ~seen.is_cut() & ~track_path.is_cut)
    breaks = np.union1d(np.union1d(gap, np.flatnonzero(seen.is_cut())), np.flatnonzero(track_path.is_cut))
    rows, tolerance_m = drawn_rows(view.xy_m, breaks.astype(np.int64))
    lands = land_areas(view, result)
    areas, left_out = zones_in_view(view, result, zones)
    inside = stretches(view, result)
    language = result.settings.language
    inner = [
        *(path(area_d(g.area, TOLERANCE_M), f"land land{n % 4}", g.territory.name(language))
          for n, g in enumerate(lands)),
        graticule_lines(view),
        _band(lands, say),
        path("".join(line_d(shapely.get_coordinates(line)) for g in lands for line in shapely.get_parts(g.lines)),
             "border", say("Border, as in the data")),
        *(path(area_d(a.area, TOLERANCE_M), "zone named" if a.is_named else "zone", _zone_words(a, say))
          for a in areas),
        path(line_d(view.plane.forward(operator)) if len(operator) else "", "operator",
             say("Track of the controller")),
        path("".join(line_d(_thinned(xy, tolerance_m)) for xy in ways_beside(view, seen.beside)), "beside",
             say("Another source of positions, or another vehicle")),
        *_track(view, rows, breaks, gap, say),
        *(path(line_d(_thinned(xy, tolerance_m)), f"inside {s.finding.verdict.value.lower()}",
               say("Finding {number}", number=s.number))
          for s in inside for xy in s.xy_m if len(xy) > 1),
    ]  # fmt: skip
    marks, mark_words = _marks(view, seen, say)
    half_x, half_y = view.half_m
    words = [
        *graticule_words(view),
        *map_names(view, rows, [(g.area, g.territory.name(language), "place") for g in lands]
                + [(a.area, _zone_words(a, say), "zonename") for a in areas][:_MOST_NAMES]),
        *mark_words,
        scale_bar(half_x),
    ]  # fmt: skip
    svg = render(
        "report/page/map.svg.j2",
        label=say("Map of the flight, north up, {width_m:.0f} m wide", width_m=2 * half_x),
        box=f"{-half_x:.1f} {-half_y:.1f} {2 * half_x:.1f} {2 * half_y:.1f}",
        areas_and_lines=inner,
        marks=marks,
        words=words,
    )
    return Map(svg, view, rows, breaks, tolerance_m, tuple(areas), left_out)


def _operator_deg(seen: Redacted) -> Floats:
    track = seen.flight.tracks.get(OPERATOR)
    return np.column_stack([track.lon_deg, track.lat_deg]) if track is not None else np.empty((0, 2))


def _thinned(xy_m: Floats, tolerance_m: float) -> Floats:
    line = shapely.simplify(shapely.linestrings(xy_m), tolerance_m, preserve_topology=False)
    return np.asarray(shapely.get_coordinates(line), dtype=np.float64)


def _track(view: MapView, rows: Ints, breaks: Ints, gap: Ints, say: Words) -> list[Markup]:
    """Draw the rows as solid lines over a lighter casing, and the gaps dashed."""
    runs = np.split(rows, np.searchsorted(rows, breaks, side="right"))
    solid = "".join(line_d(view.xy_m[run]) if len(run) > 1 else _dot_d(view.xy_m[run]) for run in runs)
    dashed = "".join(line_d(view.xy_m[row : row + 2]) for row in gap.tolist())
    return [path(solid, "casing"), path(solid, "track", say("Track")), path(dashed, "gap", say("Gap in the log"))]


def _dot_d(xy_m: Floats) -> str:
    return "".join(f"M{x:.1f} {-y:.1f}h0" for x, y in xy_m.tolist())


def _marks(view: MapView, seen: Redacted, say: Words) -> tuple[list[Markup], list[Markup]]:
    """Draw entries, exits and the take-off: dots that move with the map, words beside them."""
    dots: list[Markup] = []
    words: list[Markup] = []
    marks: list[tuple[str, str, Place | None]] = []
    for number, finding in enumerate(seen.result.findings, 1):
        if Reason.NOT_ENTERED_ON_THE_LINE not in finding.reasons:
            marks += [
                ("entry", say("in {number}", number=number), finding.entry),
                ("exit", say("out {number}", number=number), finding.exit),
            ]
    for look, word, place in [*marks, ("takeoff", say("take-off"), seen.result.takeoff)]:
        if place is None:
            continue
        xy = view.at(place)
        dots.append(path(_dot_d(xy.reshape(1, 2)), f"dot {look}", word))
        if len(words) < _MOST_MARKS:
            words.append(write_word(view, xy, word, f"mark {look}", -9 if look == "entry" else 9))
    for aerodrome in seen.aerodromes.nearest if seen.aerodromes else ():
        xy = view.at(Place(aerodrome.lat_deg, aerodrome.lon_deg))
        beyond = float(np.max(np.abs(xy) / np.array(view.half_m))) / _EDGE
        if beyond <= 1.0:
            dots.append(path(_dot_d(xy.reshape(1, 2)), "dot aerodrome", aerodrome_title(aerodrome, say)))
        # one that lies outside is named at the edge, in its direction from the middle
        word = aerodrome.name if beyond <= 1.0 else say(
            "{name}, {distance_km:.1f} km", name=aerodrome.name, distance_km=aerodrome.distance_m / 1000
        )  # fmt: skip
        is_east = xy[0] > 0
        look = "mark aerodrome west" if is_east else "mark aerodrome"
        words.append(write_word(view, xy / max(beyond, 1.0), word, look, -9 if is_east else 9))
    return dots, words


def write_word(view: MapView, xy_m: Floats, text: str, look: str, beside_px: int = 0) -> Markup:
    """Write a word at a place: in pixels, so that it keeps its size; scripts move it by its metres."""
    half_x, half_y = view.half_m
    x, y = float(xy_m[0]), -float(xy_m[1])
    place = {"data-x": f"{x:.1f}", "data-y": f"{y:.1f}", "x": _share(x, half_x), "y": _share(y, half_y)}
    shift = {"dx": beside_px, "dy": -7} if beside_px else {"dy": 4}
    return element("text", {"class": look, **place, **shift}, text)


def _share(at_m: float, half_m: float) -> str:
    return percent((at_m + half_m) / (2 * half_m))


def _band(lands: list[LandArea], say: Words) -> Markup:
    widths = sorted({f"{w:.0f}" for ground in lands for w in ground.band_m}, key=int)
    band = shapely.union_all([ground.band for ground in lands])
    return path(
        area_d(band, 2.0),
        "band",
        say("Accuracy of the border data, ±{widths} m (at least 95 %)", widths=", ".join(widths)),
    )


def _zone_words(area: ZoneArea, say: Words) -> str:
    lower, upper = (say(limit_text(limit)) for limit in (area.zone.lower, area.zone.upper))
    return say("{name}: {lower} to {upper}", name=area.zone.name, lower=lower, upper=upper)


def map_names(view: MapView, rows: Ints, areas: list[tuple[BaseGeometry, str, str]]) -> list[Markup]:
    """Write a name inside each area, off the track where there is room."""
    flown = _flown(view, rows)
    inner = shapely.box(*(0.9 * v for v in shapely.bounds(view.frame).tolist()))
    found = []
    for area, name, look in areas:
        inside = shapely.intersection(area, inner)
        free = shapely.difference(inside, flown)
        roomy = free.area > _ROOMY * area.area
        found.append(write_word(view, _middle(free if roomy else area if inside.is_empty else inside), name, look))
    return found


def _flown(view: MapView, rows: Ints) -> BaseGeometry:
    """Return where the track is, in squares of a coarse grid: a buffer of a line that crosses itself takes minutes."""
    (half_x, half_y), xy = view.half_m, view.xy_m[rows]
    cell_m = _ROOM * half_x
    if len(xy) > 1:  # cut first: a jump over half the globe would be a great many pieces
        seen = shapely.clip_by_rect(shapely.linestrings(xy), -half_x, -half_y, half_x, half_y)
        parts = shapely.get_parts(seen)
        parts = parts[shapely.length(parts) > 0]  # GEOS cuts no line of one place, as of an aircraft that hovers
        xy = shapely.get_coordinates(shapely.segmentize(parts, cell_m / 2)) if len(parts) else xy[:1]
    x, y = np.unique(np.round(xy / cell_m), axis=0).T * cell_m
    return shapely.union_all(shapely.box(x - cell_m, y - cell_m, x + cell_m, y + cell_m))


def _middle(area: BaseGeometry) -> Floats:
    """Return the point farthest from an area's rim, of its largest part; shape (2,)."""
    parts = [g for g in shapely.get_parts(area).tolist() if isinstance(g, shapely.Polygon)]
    largest = max(parts, key=lambda part: float(part.area), default=None)
    if largest is None:
        return np.asarray(shapely.get_coordinates(shapely.point_on_surface(area))[0], dtype=np.float64)
    reach = shapely.maximum_inscribed_circle(largest, tolerance=max(0.02 * float(largest.area) ** 0.5, 0.1))
    return np.asarray(shapely.get_coordinates(reach)[0], dtype=np.float64)


def _graticule(view: MapView) -> list[tuple[int, float, Floats, float]]:
    """Return axis (0 a meridian, 1 a parallel), its degrees, its line in metres, and the step."""
    west, south, east, north = view.frame_deg
    found = []
    for axis, (low, high), other in ((0, (west, east), (south, north)), (1, (south, north), (west, east))):
        step = next((s for s in _DEGREE_STEPS if (high - low) / s >= 3.2), _DEGREE_STEPS[-1])
        for index in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1):
            along, fixed = np.linspace(*other, 17), np.full(17, index * step)
            line = view.plane.forward(np.column_stack([fixed, along] if axis == 0 else [along, fixed]))
            found.append((axis, index * step, line, float(step)))
    return found


def draw_places(
    view: MapView, lands: list[LandArea], areas: list[ZoneArea], over: list[Markup],
    marks: tuple[list[Markup], list[Markup]], say: Words, title: Callable[[float], str],
) -> Markup:  # fmt: skip
    """Draw a map of places, as the fixes of `view.path`: land, zones, what lies `over` them, marks and their words.

    `title` words the map, of so many metres of width.
    """
    below = [
        *(path(area_d(g.area, TOLERANCE_M), f"land land{n % 4}", g.territory.name(say.language))
          for n, g in enumerate(lands)),
        graticule_lines(view),
        path("".join(line_d(shapely.get_coordinates(line)) for g in lands for line in shapely.get_parts(g.lines)),
             "border", say("Border, as in the data")),
        *(path(area_d(a.area, TOLERANCE_M), "zone named" if a.is_named else "zone", a.zone.name) for a in areas),
    ]  # fmt: skip
    names = [(g.area, g.territory.name(say.language), "place") for g in lands]
    names += [(a.area, a.zone.name, "zonename") for a in areas[:_MOST_NAMES]]
    dots, words = marks
    half_x, half_y = view.half_m
    return render(
        "report/page/media_map.svg.j2",
        label=title(2 * half_x),
        box=f"{-half_x:.1f} {-half_y:.1f} {2 * half_x:.1f} {2 * half_y:.1f}",
        areas_and_lines=[*below, *over],
        marks=dots,
        words=[
            *graticule_words(view),
            *map_names(view, np.arange(len(view.path.track), dtype=np.int64), names),
            *words,
            scale_bar(half_x),
        ],
    )


def graticule_lines(view: MapView) -> Markup:
    """Draw meridians and parallels."""
    return path("".join(line_d(_thinned(line, 1.0)) for _, _, line, _ in _graticule(view)), "graticule")


def graticule_words(view: MapView) -> list[Markup]:
    """Write the degrees where a line meets the upper (meridians) or the left edge (parallels)."""
    half_x, half_y = view.half_m
    found = []
    for axis, degrees, line, step in _graticule(view):
        level, across, edge = line[:, 1 - axis], line[:, axis], half_y if axis == 0 else -half_x
        order = np.argsort(level)
        at = float(np.interp(edge, level[order], across[order]))
        if not (np.diff(level[order]) > 0).all() or abs(at) > 0.93 * view.half_m[axis]:
            continue
        place: dict[str, object]
        if axis == 0:
            place = {"class": "degrees meridian", "data-x": f"{at:.1f}", "x": _share(at, half_x), "y": 12}
        else:
            place = {"class": "degrees", "data-y": f"{-at:.1f}", "x": 4, "y": _share(-at, half_y), "dy": -3}
        found.append(element("text", place, degrees_label(degrees, step, axis)))
    return found


def scale_bar(half_x: float) -> Markup:
    """Draw a round length of at most a quarter of the map's width, at the lower left."""
    unit = 10.0 ** np.floor(np.log10(0.5 * half_x))
    length_m = float(max(n * unit for n in (1, 2, 5) if n * unit <= 0.5 * half_x))
    text = f"{length_m:g} m" if length_m < 1000 else f"{length_m / 1000:g} km"
    end = percent(0.03 + length_m / (2 * half_x))
    bar = element("line", {"id": "bar", "class": "scale", "x1": "3%", "x2": end, "y1": "96%", "y2": "96%"})
    return bar + element("text", {"id": "length", "class": "length", "x": "3%", "y": "96%", "dy": -6}, text)
