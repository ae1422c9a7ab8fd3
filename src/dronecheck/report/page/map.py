"""Draw the map as SVG: what moves with a zoom in metres (an inner picture), words and bars in pixels (around it).

No style attributes and no drawing on the client, so that the map is there without JavaScript and under a strict policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from dronecheck.aerodromes import NearAerodromes, near_aerodromes
from dronecheck.arrays import Floats, Ints
from dronecheck.flight import OPERATOR
from dronecheck.geofence.result import Place, Reason
from dronecheck.quantities import Several
from dronecheck.report.page.map_words import (
    ASPECT,
    PAGE_PX,
    MapRoom,
    MapWord,
    at_edge,
    graticule,
    graticule_words,
    in_area,
    laid_out,
    mark_word,
    north_mark,
    scale_bar,
    shares,
)
from dronecheck.report.page.svg import area_d, line_d, path
from dronecheck.report.privacy import Redacted
from dronecheck.report.text.headline import limit_text
from dronecheck.report.text.words import Words
from dronecheck.report.views.landmarks import MOST_TOWNS, Landmark, aerodromes_of, is_beyond, towns_around, towns_of
from dronecheck.report.views.map import (
    LandArea,
    MapView,
    NearestPoint,
    ZoneArea,
    land_areas,
    nearest_points,
    shared_borders,
    stretches,
    ways_beside,
    zones_in_view,
)
from dronecheck.safe.html import Markup, render

__all__ = ["ASPECT", "MOST_ROWS", "TOLERANCE_M", "Map", "Marks", "draw_map", "draw_places", "drawn_rows",
           "towns_note"]  # fmt: skip


TOLERANCE_M = 0.5  # the drawn track is nowhere farther from the logged one, unless it has too many corners
MOST_ROWS = 8_000
_MOST_MARKS = 24
_MOST_NAMES = 30
_ALONG_BORDER = (0.3, 0.7, 0.2, 0.8, 0.4, 0.6, 0.1, 0.9)  # shares of its longest line, where its name may stand


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
    lands = land_areas(view, result.settings.thresholds)
    areas, left_out = zones_in_view(view, result, zones)
    inside = stretches(view, result)
    language = result.settings.language
    seen_near = [approach for approach in near if view.holds(_ends_m(view, approach))]
    inner = [
        *(path(area_d(g.area, TOLERANCE_M), f"land land{n % 4}", g.territory.name(language))
          for n, g in enumerate(lands)),
        _graticule_lines(view),
        _band(lands, say),
        path("".join(line_d(shapely.get_coordinates(line)) for g in lands for line in shapely.get_parts(g.lines)),
             "border", say("Border, as in the data")),
        *(path(area_d(a.area, TOLERANCE_M), "zone named" if a.is_named else "zone", _zone_words(a, say))
          for a in areas),
        path(line_d(view.plane.forward(operator)) if len(operator) else "", "operator",
             say("Track of the controller")),
        path("".join(line_d(_thinned(xy, tolerance_m)) for xy in ways_beside(view, seen.beside)), "beside",
             say("Another source of positions, or another vehicle")),
        path("".join(line_d(_ends_m(view, approach)) for approach in seen_near), "nearest",
             say("shortest way to the outline")),
        *_track(view, rows, breaks, gap, say),
        *(path(line_d(_thinned(xy, tolerance_m)), f"inside {say.look(s.finding.verdict)}",
               say("Finding {number}", number=s.number))
          for s in inside for xy in s.xy_m if len(xy) > 1),
    ]  # fmt: skip
    marks, mark_words = _marks(view, seen, say)
    aerodromes, aerodrome_words = _aerodromes(view, seen.aerodromes, say)
    towns, town_words = _towns(view, say)
    zone_words = [in_area(view, a.area, _zone_words(a, say), "zonename" if a.is_named else "zonename quiet")
                  for a in areas[:_MOST_NAMES]]  # fmt: skip
    kept_off = shares(view, _places_of(*marks, *aerodromes, *towns))
    signs, rooms = _signs(view, kept_off, shares(view, view.xy_m[rows]), say)
    words = laid_out(
        [
            *mark_words,
            *(in_area(view, g.area, g.territory.name(language), "place") for g in lands),
            *(word for word in zone_words if word.look == "zonename"),
            *(_distance_word(view, approach, say) for approach in seen_near),
            *graticule_words(view),
            *_border_names(view, lands, say),
            *aerodrome_words,
            *town_words,
            *(word for word in zone_words if word.look != "zonename"),
        ],
        kept_off,
        shares(view, view.xy_m[rows]),
        rooms,
    )
    half_x, half_y = view.half_m
    svg = render(
        "report/page/map.svg.j2",
        label=say("Map of the flight, north up, {width_m:.0f} m wide", width_m=2 * half_x),
        box=f"{-half_x:.1f} {-half_y:.1f} {2 * half_x:.1f} {2 * half_y:.1f}",
        areas_and_lines=inner,
        marks=[mark for _, mark in (*towns, *aerodromes, *marks)],
        words=[*words, *signs],
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


def _ends_m(view: MapView, approach: NearestPoint) -> Floats:
    return view.plane.forward(np.stack([approach.place_deg, approach.boundary_deg]))


def _distance_word(view: MapView, approach: NearestPoint, say: Words) -> MapWord:
    template = "{distance_m} inside {name}" if approach.is_inside else "{distance_m} from {name}"
    words = say(template, distance_m=approach.distance_m, name=approach.zone.name)
    return mark_word(view, _ends_m(view, approach).mean(axis=0), words, "distance")


Marks = list[tuple[Floats, Markup]]  # each where it is, in metres: (2,), or (n, 2) of several in one


def _places_of(*marks: tuple[Floats, Markup]) -> Floats:
    return np.concatenate([np.empty((0, 2)), *(xy.reshape(-1, 2) for xy, _ in marks)])


def _signs(view: MapView, marks: Floats, way: Floats, say: Words) -> tuple[list[Markup], list[MapRoom]]:
    """Draw the scale bar and the mark of north; and the rooms that they take."""
    (bar, bar_room), (north, north_room) = scale_bar(view.half_m[0], say.units), north_mark(say("N"), marks, way)
    return [bar, north], [bar_room, north_room]


def _marks(view: MapView, seen: Redacted, say: Words) -> tuple[Marks, list[MapWord]]:
    """Draw entries, exits and the take-off: dots that move with the map, words beside them."""
    dots: Marks = []
    words: list[MapWord] = []
    marks: list[tuple[str, str, Place | None]] = []
    for number, finding in enumerate(seen.result.findings, 1):
        if Reason.NOT_ENTERED_ON_THE_LINE not in finding.reasons:
            marks += [
                ("entry", say("in {number}", number=number), finding.entry),
                ("exit", say("out {number}", number=number), finding.exit),
            ]
    for look, word, place in [("takeoff", say("take-off"), seen.result.takeoff), *marks]:
        if place is None:
            continue
        xy = view.at(place)
        dots.append((xy, path(_dot_d(xy.reshape(1, 2)), f"dot {look}", word)))
        if len(words) < _MOST_MARKS:
            words.append(mark_word(view, xy, word, f"mark {look}", left=look == "entry"))
    return dots, words


def _border_names(view: MapView, lands: list[LandArea], say: Words) -> list[MapWord]:
    """Return beside each border which territories it parts, where there is room along its longest line."""
    words = []
    for one, other, lines in shared_borders(lands):
        names = " – ".join(ground.territory.name(say.language) for ground in (one, other))
        line = shapely.LineString(max(lines, key=lambda xy: shapely.LineString(xy).length))
        at = [shapely.get_coordinates(line.interpolate(share, normalized=True))[0] for share in _ALONG_BORDER]
        beside = [mark_word(view, xy, names, "bordername") for xy in at if not is_beyond(view, xy)]
        if beside:
            words.append(MapWord(names, beside[0].look, tuple(spot for word in beside for spot in word.spots)))
    return words


def _aerodromes(
    view: MapView, near: NearAerodromes | None, say: Words, *, names_beyond: bool = True
) -> tuple[Marks, list[MapWord]]:
    """Draw aerodromes as dots with their names; one that lies outside is named at the edge, in its direction."""
    return _landmarks(view, aerodromes_of(view, near, say, names_beyond=names_beyond), "aerodrome", "mark aerodrome")


def _towns(view: MapView, say: Words, most: int = MOST_TOWNS) -> tuple[Marks, list[MapWord]]:
    """Draw the largest towns of the map; where it holds none, those around it are named at its edge."""
    return _landmarks(view, towns_of(view, most) or towns_around(view, say), "town", "town")


def _landmarks(view: MapView, places: list[Landmark], dot: str, look: str) -> tuple[Marks, list[MapWord]]:
    dots: Marks = []
    words: list[MapWord] = []
    for each in places:
        if each.is_beyond:
            words.append(at_edge(view, each.xy_m, each.text, look))
            continue
        dots.append((each.xy_m, path(_dot_d(each.xy_m.reshape(1, 2)), f"dot {dot}", each.title)))
        words.append(mark_word(view, each.xy_m, each.text, look))
    return dots, words


def towns_note(svg: str, say: Words) -> list[str]:
    """Return whose names of towns a drawn map shows, as their licence asks; nothing where it shows none."""
    return [say("Towns: GeoNames (CC BY 4.0).")] if 'class="town' in svg else []


def _band(lands: list[LandArea], say: Words) -> Markup:
    widths = Several(tuple(width for ground in lands for width in ground.band_m))
    band = shapely.union_all([ground.band for ground in lands])
    return path(
        area_d(band, 2.0),
        "band",
        say("Accuracy of the border data, ±{widths} m (at least 95 %)", widths=widths),
    )


def _zone_words(area: ZoneArea, say: Words) -> str:
    lower, upper = (limit_text(limit, say) for limit in (area.zone.lower, area.zone.upper))
    return say("{name}: {lower} to {upper}", name=area.zone.name, lower=lower, upper=upper)


def draw_places(
    view: MapView, lands: list[LandArea], areas: list[ZoneArea], over: list[Markup],
    marks: tuple[Marks, list[MapWord]], say: Words, title: Callable[[float], str],
    *, wide_px: tuple[float, float] = PAGE_PX, look: str = "", most_towns: int = MOST_TOWNS,
) -> Markup:  # fmt: skip
    """Draw a map of places, as the fixes of `view.path`: land, zones, what lies `over` them, marks and their words.

    `title` words the map, of so many metres of width; `wide_px` are its largest and least width on a wide page.
    """
    below = [
        *(path(area_d(g.area, TOLERANCE_M), f"land land{n % 4}", g.territory.name(say.language))
          for n, g in enumerate(lands)),
        _graticule_lines(view),
        path("".join(line_d(shapely.get_coordinates(line)) for g in lands for line in shapely.get_parts(g.lines)),
             "border", say("Border, as in the data")),
        *(path(area_d(a.area, TOLERANCE_M), "zone named" if a.is_named else "zone", a.zone.name) for a in areas),
    ]  # fmt: skip
    dots, mark_words = marks
    shown = view.path.track
    near = near_aerodromes(shown.lat_deg, shown.lon_deg)
    aerodromes, aerodrome_words = _aerodromes(view, near, say, names_beyond=False)
    towns, town_words = _towns(view, say, most_towns)
    half_x, half_y = view.half_m
    kept_off = shares(view, _places_of(*dots, *aerodromes, *towns))
    way = shares(view, view.xy_m)
    signs, rooms = _signs(view, kept_off, way, say)
    words = laid_out(
        [
            *(in_area(view, g.area, g.territory.name(say.language), "place") for g in lands),
            *mark_words,
            *(in_area(view, a.area, a.zone.name, "zonename") for a in areas[:_MOST_NAMES]),
            *graticule_words(view),
            *aerodrome_words,
            *town_words,
        ],
        kept_off,
        way,
        rooms,
        wide_px,
    )
    return render(
        "report/page/media_map.svg.j2",
        look=f"map still {look}".strip(),
        label=title(2 * half_x),
        box=f"{-half_x:.1f} {-half_y:.1f} {2 * half_x:.1f} {2 * half_y:.1f}",
        areas_and_lines=[*below, *over],
        marks=[mark for _, mark in (*towns, *aerodromes, *dots)],
        words=[*words, *signs],
    )


def _graticule_lines(view: MapView) -> Markup:
    """Draw meridians and parallels."""
    return path("".join(line_d(_thinned(line, 1.0)) for _, _, line, _ in graticule(view)), "graticule")
