"""Lay out the words of a map: none lies on another, on a mark or outside, and as few as can be on the track.

Without scripts a page knows neither its width nor its letters: boxes are estimated, for a wide and for a narrow page,
and a word that has no room is left out there (`.later`, `.roomy` in page.css). The script does the same as measured,
each time the map is moved. Words are given in order of weight: the first has the choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats
from dronecheck.quantities import Units
from dronecheck.report.page.svg import path, percent, text_width_px
from dronecheck.report.text.headline import degrees_label
from dronecheck.report.views.landmarks import at_edge_m
from dronecheck.report.views.map import MapView
from dronecheck.safe.html import Markup, element

__all__ = [
    "ASPECT", "HALF_PAGE_PX", "PAGE_PX", "MapRoom", "MapWord", "WordSpot", "at_edge", "graticule", "graticule_words",
    "in_area", "laid_out", "mark_word", "north_mark", "scale_bar", "shares",
]  # fmt: skip

ASPECT = 1.5
PAGE_PX, _NARROW_PX = (1042.0, 660.0), (614.0, 294.0)  # of the map, as page.css lays it out
HALF_PAGE_PX = (862.0, 420.0)  # of a map that shares a wide page's width with another (fleet.css)
_TYPE_PX = {"place": (15.0, 12.0), "degrees": (11.0, 9.0)}
_USUAL_PX = (12.0, 12.0)
_MARK_PX, _GAP_PX, _RIM_PX = 6.0, 1.0, 2.0
_AROUND = (("start", 9, -7), ("end", -9, -7), ("start", 9, 16), ("end", -9, 16), ("middle", 0, -12), ("middle", 0, 22))
_MOST_WAY_POINTS = 3_000
_GRID = 9
_MOST_IN_AREA = 30
_NORTH_D = "M0 -36L6.5 -17L0 -21.5L-6.5 -17Z"
_NORTH_PX = (-10.0, -38.0, 10.0, 5.0)
_NORTH_AT = ((0.96, 0.96, 0.0), (0.96, 0.0, 42.0), (0.05, 0.0, 42.0))  # shares and pixels; fourth is the scale bar
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
        long_px = text_width_px(self.text, px)
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


@dataclass(frozen=True, slots=True)
class MapRoom:
    """Room that a sign takes on the map: about a place (shares of width and height), so far to each side (px).

    `right_share` is how much of the map's width it reaches to the right at least.
    """

    x: float
    y: float
    around_px: Box
    right_share: float = 0.0

    def box(self, width_px: float) -> Box:
        """Return the box that it takes on a map so wide."""
        x, y = self.x * width_px, self.y * width_px / ASPECT
        left, top, right, bottom = self.around_px
        return x + left, y + top, x + max(right, self.right_share * width_px), y + bottom


def laid_out(
    words: Iterable[MapWord],
    marks: Floats,
    way: Floats,
    reserved: Sequence[MapRoom] = (),
    wide_px: tuple[float, float] = PAGE_PX,
) -> list[Markup]:
    """Return the words as elements, in their order.

    `marks` (k, 2) and `way` (n, 2) are shares of the map's width and height: words keep off the one, and off the other
    where they can. `reserved` are drawn elsewhere. `wide_px` are the largest and the least width on a wide page.
    """
    way = way[:: max(1, len(way) // _MOST_WAY_POINTS)]
    way_px = way * [wide_px[0], wide_px[0] / ASPECT]
    widths = (*wide_px, *_NARROW_PX)
    taken = {width: _MapSpace(width, marks, [room.box(width) for room in reserved]) for width in widths}
    found = []
    for word in words:
        free = [spot for spot in word.spots if all(taken[w].is_free(word.box(spot, w)) for w in wide_px)]
        if not free:
            found.append(word.drawn(word.spots[0], "later"))
            continue
        narrow = [spot for spot in free if all(taken[w].is_free(word.box(spot, w)) for w in _NARROW_PX)]
        spot = min(narrow or free, key=lambda each: _covered(word.box(each, wide_px[0]), way_px))
        fits = bool(narrow)
        for width in (*wide_px, *(_NARROW_PX if fits else ())):
            taken[width].boxes.append(word.box(spot, width))
        found.append(word.drawn(spot, "" if fits else "roomy"))
    return found


class _MapSpace:
    """What is taken on a map of one width: boxes of words, and marks with what is around them."""

    def __init__(self, width_px: float, marks: Floats, boxes: list[Box]) -> None:
        self.width_px, self.boxes = width_px, boxes
        self._marks_px = np.unique(np.round(marks.reshape(-1, 2) * [width_px, width_px / ASPECT]), axis=0)

    def is_free(self, box: Box) -> bool:
        """Tell whether a box is inside the map and apart from all that is taken."""
        left, top, right, bottom = box
        far_x, far_y = self.width_px - _RIM_PX, self.width_px / ASPECT - _RIM_PX
        if left < _RIM_PX or top < _RIM_PX or right > far_x or bottom > far_y:
            return False
        left, top, right, bottom = left - _GAP_PX, top - _GAP_PX, right + _GAP_PX, bottom + _GAP_PX
        if any(left < b[2] and right > b[0] and top < b[3] and bottom > b[1] for b in self.boxes):
            return False
        return _covered(_widened((left, top, right, bottom)), self._marks_px) == 0


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


def scale_bar(half_x: float, units: Units) -> tuple[Markup, MapRoom]:
    """Draw a round length of at most a quarter of the map's width, at the lower left; and the room that it takes."""
    length_m = units.bar_m(0.5 * half_x)
    text, share = units.round_length(length_m), length_m / (2 * half_x)
    bar = element(
        "line", {"id": "bar", "class": "scale", "x1": "3%", "x2": percent(0.03 + share), "y1": "96%", "y2": "96%"}
    )
    word = element("text", {"id": "length", "class": "length", "x": "3%", "y": "96%", "dy": -6}, text)
    around_px = (-3.0, -20.0, text_width_px("500 km", 12.0) + 3.0, 4.0)
    return bar + word, MapRoom(0.03, 0.96, around_px, share + 0.01)


def north_mark(letter: str, marks: Floats, way: Floats) -> tuple[Markup, MapRoom]:
    """Draw an arrow to the north with its letter, in a corner that marks and way leave free; and the room it takes.

    `marks` (k, 2) and `way` (n, 2) are shares of the map's width and height.
    """
    left, top, right, bottom = _NORTH_PX
    rooms = [MapRoom(x, y, (left, top + down, right, bottom + down)) for x, y, down in _NORTH_AT]
    drawn = np.concatenate([marks.reshape(-1, 2), way.reshape(-1, 2)])

    def lies_on(at: int) -> int:
        boxes = [(_widened(rooms[at].box(width)), width) for width in (*PAGE_PX, *_NARROW_PX)]
        return sum(_covered(box, drawn * [width, width / ASPECT]) for box, width in boxes)

    best = min(range(len(rooms)), key=lies_on)
    x, y, down = _NORTH_AT[best]
    name = element("text", {"class": "northname", "text-anchor": "middle", "y": -2}, letter)
    place = {"class": "north", "x": percent(x), "y": f"{down:g}" if down else percent(y), "overflow": "visible"}
    return element("svg", place, path(_NORTH_D, "arrow"), name), rooms[best]


def _widened(box: Box) -> Box:
    """Return a box with the room around it that marks need."""
    return box[0] - _MARK_PX, box[1] - _MARK_PX, box[2] + _MARK_PX, box[3] + _MARK_PX
