"""Lay out the words of a map: none lies on another, on a mark or outside, and as few as can be on the track.

Without scripts a page knows neither its width nor its letters: boxes are estimated, for a wide and for a narrow page,
and a word that has no room is left out there (`.later`, `.roomy` in page.css). The script does the same as measured,
each time the map is moved. Words are given in order of weight: the first has the choice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats
from dronecheck.quantities import Units
from dronecheck.report.page.svg import percent
from dronecheck.report.text.headline import degrees_label
from dronecheck.report.views.landmarks import at_edge_m
from dronecheck.report.views.map import MapView
from dronecheck.safe.html import Markup, element

__all__ = [
    "ASPECT", "MapWord", "WordSpot", "at_edge", "graticule", "graticule_words", "in_area", "laid_out",
    "mark_word", "scale_bar", "shares",
]  # fmt: skip

ASPECT = 1.5
_WIDE_PX, _NARROW_PX = (1042.0, 660.0), (614.0, 294.0)  # of the map, as page.css lays it out
_TYPE_PX = {"place": (15.0, 12.0), "degrees": (11.0, 9.0)}
_USUAL_PX = (12.0, 12.0)
_MARK_PX, _GAP_PX, _RIM_PX = 6.0, 1.0, 2.0
_AROUND = (("start", 9, -7), ("end", -9, -7), ("start", 9, 16), ("end", -9, 16), ("middle", 0, -12), ("middle", 0, 22))
_THIN, _FULL = frozenset("iljtfrI.,:;'|!() "), frozenset("mwMW@%")
_MOST_WAY_POINTS = 3_000
_GRID = 7
_MOST_IN_AREA = 8
_DEGREE_STEPS = (30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 5e-4, 2e-4, 1e-4)

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels


@dataclass(frozen=True, slots=True)
class WordSpot:
    """Where a word may stand: shares of the map's width and height, how it is anchored, and how far off (px).

    `moves` names the axes along which it stays on its place when a script zooms; `at_m` is that place.
    """

    x: float
    y: float
    anchor: str = "start"
    dx: float = 0.0
    dy: float = 0.0
    at_m: tuple[float, float] = (0.0, 0.0)
    moves: str = "xy"


@dataclass(frozen=True, slots=True)
class MapWord:
    """A word of class `look`, and where it may stand, the best first."""

    text: str
    look: str
    spots: tuple[WordSpot, ...]

    def box(self, spot: WordSpot, width_px: float) -> Box:
        """Return the box that it takes on a map so wide."""
        px = _type_px(self.look, narrow=width_px in _NARROW_PX)
        long_px = px * sum(_share_of_em(letter) for letter in self.text)
        x, y = spot.x * width_px + spot.dx, spot.y * width_px / ASPECT + spot.dy
        left = x - long_px * {"start": 0.0, "middle": 0.5, "end": 1.0}[spot.anchor]
        return left, y - px, left + long_px, y + 0.3 * px

    def drawn(self, spot: WordSpot, more: str) -> Markup:
        """Return its element."""
        attributes: dict[str, object] = {"class": f"{self.look} {more}".strip(), "text-anchor": spot.anchor}
        x, y = spot.at_m
        attributes |= {"data-x": f"{x:.1f}"} if "x" in spot.moves else {}
        attributes |= {"data-y": f"{-y:.1f}"} if "y" in spot.moves else {}
        attributes |= {"x": percent(spot.x), "y": percent(spot.y), "dx": f"{spot.dx:g}", "dy": f"{spot.dy:g}"}
        return element("text", attributes, self.text)


def _type_px(look: str, *, narrow: bool) -> float:
    return next((sizes for name, sizes in _TYPE_PX.items() if name in look.split()), _USUAL_PX)[narrow]


def _share_of_em(letter: str) -> float:
    """Return about how wide a letter of a bold sans serif is, on the safe side."""
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.05
    return 0.4 if letter in _THIN else 1.0 if letter in _FULL else 0.8 if letter.isupper() else 0.66


def laid_out(words: Iterable[MapWord], marks: Floats, way: Floats, reserved: Sequence[MapWord] = ()) -> list[Markup]:
    """Return the words as elements, in their order.

    `marks` (k, 2) and `way` (n, 2) are shares of the map's width and height: words keep off the one, and off the other
    where they can. `reserved` are drawn elsewhere.
    """
    way = way[:: max(1, len(way) // _MOST_WAY_POINTS)]
    way_px = way * [_WIDE_PX[0], _WIDE_PX[0] / ASPECT]
    taken = {width: [_around(mark, width) for mark in marks.tolist()] for width in (*_WIDE_PX, *_NARROW_PX)}
    for word in reserved:
        for width, boxes in taken.items():
            boxes.append(word.box(word.spots[0], width))
    found = []
    for word in words:
        free = [spot for spot in word.spots if all(_is_free(word.box(spot, w), w, taken[w]) for w in _WIDE_PX)]
        if not free:
            found.append(word.drawn(word.spots[0], "later"))
            continue
        narrow = [spot for spot in free if all(_is_free(word.box(spot, w), w, taken[w]) for w in _NARROW_PX)]
        spot = min(narrow or free, key=lambda each: _covered(word.box(each, _WIDE_PX[0]), way_px))
        fits = bool(narrow)
        for width in (*_WIDE_PX, *(_NARROW_PX if fits else ())):
            taken[width].append(word.box(spot, width))
        found.append(word.drawn(spot, "" if fits else "roomy"))
    return found


def _around(mark: list[float], width_px: float) -> Box:
    x, y = mark[0] * width_px, mark[1] * width_px / ASPECT
    return x - _MARK_PX, y - _MARK_PX, x + _MARK_PX, y + _MARK_PX


def _is_free(box: Box, width_px: float, taken: list[Box]) -> bool:
    left, top, right, bottom = box
    if left < _RIM_PX or top < _RIM_PX or right > width_px - _RIM_PX or bottom > width_px / ASPECT - _RIM_PX:
        return False
    return not any(
        left < b[2] + _GAP_PX and right > b[0] - _GAP_PX and top < b[3] + _GAP_PX and bottom > b[1] - _GAP_PX
        for b in taken
    )


def _covered(box: Box, way_px: Floats) -> int:
    left, top, right, bottom = box
    x, y = way_px.T if len(way_px) else np.empty((2, 0))
    return int(np.count_nonzero((x > left) & (x < right) & (y > top) & (y < bottom)))


def shares(view: MapView, xy_m: Floats) -> Floats:
    """Return places of the plane (n, 2) as shares of the map's width and height, from its upper left corner."""
    half = np.array(view.half_m)
    return np.asarray((xy_m.reshape(-1, 2) * [1.0, -1.0] + half) / (2 * half), dtype=np.float64)


def _spot(view: MapView, xy_m: Floats, anchor: str, dx: float, dy: float) -> WordSpot:
    (x, y), (east, north) = shares(view, xy_m)[0].tolist(), xy_m.reshape(2).tolist()
    return WordSpot(x, y, anchor, dx, dy, (east, north))


def mark_word(view: MapView, xy_m: Floats, text: str, look: str, *, left: bool = False) -> MapWord:
    """Return a word beside a mark: on its right if it can be, or on its left."""
    around = sorted(_AROUND, key=lambda one: one[0] != "end") if left else _AROUND
    return MapWord(text, look, tuple(_spot(view, xy_m, *one) for one in around))


def at_edge(view: MapView, xy_m: Floats, text: str, look: str) -> MapWord:
    """Return a word at the edge of the map, in the direction of a place beyond it."""
    edge = at_edge_m(view, xy_m)
    anchor, dx = ("end", -4.0) if edge[0] > 0 else ("start", 4.0)
    shifts = (0.0, 16.0, -16.0, 32.0, -32.0)
    return MapWord(text, look, tuple(_spot(view, edge, anchor, dx, dy) for dy in shifts))


def in_area(view: MapView, area: BaseGeometry, text: str, look: str) -> MapWord:
    """Return a word inside an area (metres): in its middle, or elsewhere well inside it."""
    inner = shapely.box(*(0.9 * bound for bound in shapely.bounds(view.frame).tolist()))
    inside = shapely.intersection(area, inner)
    inside = area if inside.is_empty else inside
    parts = [part for part in shapely.get_parts(inside).tolist() if isinstance(part, shapely.Polygon)]
    largest = max(parts, key=lambda part: float(part.area), default=None)
    if largest is None:
        return MapWord(
            text, look, (_spot(view, shapely.get_coordinates(shapely.point_on_surface(area))[0], "middle", 0, 4),)
        )
    reach = shapely.maximum_inscribed_circle(largest, tolerance=max(0.02 * float(largest.area) ** 0.5, 0.1))
    places = [shapely.get_coordinates(reach)[0], *_well_inside(largest)]
    return MapWord(text, look, tuple(_spot(view, place, "middle", 0, 4) for place in places))


def _well_inside(area: BaseGeometry) -> list[Floats]:
    """Return places of a grid that lie in an area, those far from its rim first."""
    west, south, east, north = area.bounds
    x, y = np.meshgrid(*(np.linspace(low, high, _GRID + 2)[1:-1] for low, high in ((west, east), (south, north))))
    xy = np.column_stack([x.ravel(), y.ravel()])
    shapely.prepare(area)
    xy = xy[shapely.contains_xy(area, xy[:, 0], xy[:, 1])]
    order = np.argsort(-shapely.distance(shapely.boundary(area), np.asarray(shapely.points(xy))), kind="stable")
    return list(xy[order][:_MOST_IN_AREA])


def graticule(view: MapView) -> list[tuple[int, float, Floats, float]]:
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


def graticule_words(view: MapView) -> list[MapWord]:
    """Return the degrees where a line meets the upper (meridians) or the left edge (parallels)."""
    half_x, half_y = view.half_m
    found = []
    for axis, degrees, line, step in graticule(view):
        level, across, edge = line[:, 1 - axis], line[:, axis], half_y if axis == 0 else -half_x
        order = np.argsort(level)
        at = float(np.interp(edge, level[order], across[order]))
        if not (np.diff(level[order]) > 0).all() or abs(at) > 0.93 * view.half_m[axis]:
            continue
        x, y = shares(view, np.array([at, 0.0] if axis == 0 else [0.0, at]))[0].tolist()
        spot = (
            WordSpot(x, 0.0, "middle", 0, 13, (at, 0.0), "x")
            if axis == 0
            else WordSpot(0.0, y, "start", 4, -3, (0.0, at), "y")
        )
        found.append(MapWord(degrees_label(degrees, step, axis), "degrees", (spot,)))
    return found


def scale_bar(half_x: float, units: Units) -> tuple[Markup, MapWord]:
    """Draw a round length of at most a quarter of the map's width, at the lower left; and the room that it takes."""
    length_m = units.bar_m(0.5 * half_x)
    text = units.round_length(length_m)
    end = percent(0.03 + length_m / (2 * half_x))
    bar = element("line", {"id": "bar", "class": "scale", "x1": "3%", "x2": end, "y1": "96%", "y2": "96%"})
    word = element("text", {"id": "length", "class": "length", "x": "3%", "y": "96%", "dy": -6}, text)
    return bar + word, MapWord("m" * 22, "length", (WordSpot(0.03, 0.96, "start", 0, -2),))
