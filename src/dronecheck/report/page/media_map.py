"""Draw photos and films as a map: each camera's place with what it looks at, territories, zones and the flight.

Shots that lie together share a map, so that some from elsewhere do not make all of them dots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.airspace.zone import Zone, ZoneSet
from dronecheck.arrays import Floats
from dronecheck.flight import Flight
from dronecheck.footage.film import FilmAnswer
from dronecheck.footage.picture import PictureAnswer
from dronecheck.footage.shots.answer import ShotAnswer
from dronecheck.geo.plane import geodesic_m
from dronecheck.geofence.result import Result, Verdict
from dronecheck.report.json.media_encode import MediaTold
from dronecheck.report.page.map import ASPECT, Marks, draw_places
from dronecheck.report.page.map_words import MapWord, mark_word
from dronecheck.report.page.svg import line_d, path
from dronecheck.report.text.words import Words
from dronecheck.report.views.map import MapView, land_areas, path_of_places, zones_in_view
from dronecheck.safe.html import Markup

__all__ = ["MediaMap", "media_maps"]

_TOGETHER_M = 20_000.0
_MOST_MAPS = 6
_SEEN_M = 3_000.0  # how far ahead a footprint makes the map larger
_CONE_SHARE = 0.18  # of half the map's width, how long a view cone is drawn where the ground ahead is farther
_MOST_FOOTPRINTS = 40
_MORE = " +"
_DIRECTIONS = np.array([(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]).T
_OVER = (Verdict.CLEAR, None, Verdict.INCONCLUSIVE, Verdict.VIOLATION)  # which dots lie on others, the last on all


@dataclass(frozen=True, slots=True)
class MediaMap:
    """One map, the numbers of the shots on it, and whether one stands for several."""

    svg: Markup
    numbers: tuple[int, ...]
    has_heaps: bool


def media_maps(told: MediaTold, flights: Sequence[Flight], zones: ZoneSet | None, say: Words) -> list[MediaMap]:
    """Return the maps of all shots with a place that may be told, the largest group first."""
    placed = [(n, a) for n, a in enumerate(told.answers) if _has_place(a) and not told.is_hidden(a)]
    return [_drawn(group, told, flights, zones, say) for group in _groups(placed)[:_MOST_MAPS]]


def _has_place(answer: ShotAnswer) -> bool:
    at = answer.shot.item.position if answer.shot.item is not None else None
    return at is not None and isfinite(at.lat_deg) and isfinite(at.lon_deg) and answer.answer is not None


def _groups(placed: Sequence[tuple[int, ShotAnswer]]) -> list[list[tuple[int, ShotAnswer]]]:
    """Return shots by the first of them that they lie near, the largest group first."""
    groups: list[list[tuple[int, ShotAnswer]]] = []
    for one in placed:
        for group in groups:
            if _apart_m(one[1], group[0][1]) <= _TOGETHER_M:
                group.append(one)
                break
        else:
            groups.append([one])
    return sorted(groups, key=lambda group: -len(group))


def _apart_m(one: ShotAnswer, other: ShotAnswer) -> float:
    return float(_apart_from_m(_lonlat(one)[np.newaxis], _lonlat(other))[0])


def _lonlat(answer: ShotAnswer) -> Floats:
    at = answer.shot.item.position if answer.shot.item is not None else None
    assert at is not None
    return np.array([at.lon_deg, at.lat_deg])


def _drawn(
    group: Sequence[tuple[int, ShotAnswer]],
    told: MediaTold,
    flights: Sequence[Flight],
    zones: ZoneSet | None,
    say: Words,
) -> MediaMap:
    places = np.array([_lonlat(answer) for _, answer in group])
    ways = _ways(group, flights, told)
    shown = _footprints(group)
    view = MapView(path_of_places(places), [*_near(places, shown), *ways], ASPECT)
    result = _result(group)
    lands = land_areas(view, result.settings.thresholds)
    areas, _ = zones_in_view(view, result, _zones(group, zones))
    over = [
        *(path(line_d(view.plane.forward(way)), "track", say("Track")) for way in ways),
        *(path(_outline_d(view, seen), "footprint", say("Ground that {number} shows", number=n + 1))
          for n, seen in shown[:_MOST_FOOTPRINTS]),
        *(path(_cone_d(view, answer), "cone", say("Where {number} looks", number=n + 1)) for n, answer in group),
    ]  # fmt: skip

    def title(width_m: float) -> str:
        return say("Map of photos and films, north up, {width_m:.0f} m wide", width_m=width_m)

    dots, names = _marks(view, group, say)
    svg = draw_places(view, lands, areas, over, (dots, names), say, title)
    return MediaMap(svg, tuple(n for n, _ in group), any(_MORE in name.text for name in names))


def _result(group: Sequence[tuple[int, ShotAnswer]]) -> Result:
    answer = group[0][1].answer
    assert answer is not None
    return answer.result


def _ways(group: Sequence[tuple[int, ShotAnswer]], flights: Sequence[Flight], told: MediaTold) -> list[Floats]:
    """Return the ways of films, and of the flights near the shots, as lines (n, 2) without places that are left out."""
    found = []
    for _, answer in group:
        film = answer.shot.item.film if answer.shot.item is not None else None
        if film is not None:
            found.append(np.column_stack([film.lon_deg, film.lat_deg])[film.is_usable])
    for flight in flights:
        way = np.column_stack([flight.track.lon_deg, flight.track.lat_deg])
        if told.hides is not None:
            way = way[[not told.hides(lat, lon) for lon, lat in way.tolist()]]
        if len(way) and _apart_from_m(way[len(way) // 2][np.newaxis], _lonlat(group[0][1]))[0] <= _TOGETHER_M:
            found.append(way)
    return [way[np.isfinite(way).all(axis=1)] for way in found if len(way) > 1]


def _apart_from_m(places: Floats, place: Floats) -> Floats:
    """Return how far places (n, 2) lie from one (m)."""
    return np.asarray(geodesic_m(places[:, 0], places[:, 1], place[0], place[1]), dtype=np.float64)


def _picture(answer: ShotAnswer) -> PictureAnswer | None:
    judged = answer.answer
    if isinstance(judged, FilmAnswer):
        return judged.pictures[0] if judged.pictures else None
    return judged


def _footprints(group: Sequence[tuple[int, ShotAnswer]]) -> list[tuple[int, BaseGeometry]]:
    found = []
    for number, answer in group:
        picture = _picture(answer)
        if picture is not None and picture.footprint is not None and picture.footprint.geometry is not None:
            found.append((number, picture.footprint.geometry))
    return found


def _near(places: Floats, shown: Sequence[tuple[int, BaseGeometry]]) -> list[Floats]:
    """Return the corners of footprints near the first place: they make the map larger, the horizon does not."""
    found = []
    for _, geometry in shown:
        corners = shapely.get_coordinates(geometry)
        found.append(corners[_apart_from_m(corners, places[0]) <= _SEEN_M])
    return [corners for corners in found if len(corners)]


def _zones(group: Sequence[tuple[int, ShotAnswer]], given: ZoneSet | None) -> ZoneSet:
    """Return the zones that were given, or those of the zone library that the shots stand to."""
    if given is not None:
        return given
    known: dict[str, Zone] = {}
    for _, answer in group:
        for each in answer.zones:
            known.setdefault(each.zone.digest(), each.zone)
    return ZoneSet(tuple(known.values()))


def _outline_d(view: MapView, geometry: BaseGeometry) -> str:
    rings = shapely.get_rings(shapely.get_parts(geometry))
    return "".join(line_d(view.plane.forward(shapely.get_coordinates(ring)), "Z") for ring in rings)


def _cone_d(view: MapView, answer: ShotAnswer) -> str:
    """Return the two edges of what a camera looks at, from its place; "" where its direction is not known."""
    item, picture = answer.shot.item, _picture(answer)
    if item is None or item.pose is None or item.fov is None or not item.pose.is_trusted or picture is None:
        return ""
    at = view.plane.forward(_lonlat(answer)[np.newaxis])[0]
    length_m = _CONE_SHARE * view.half_m[0]
    if item.pose.pitch_deg < -60.0:
        return ""  # it looks down: the footprint says it
    edges = np.radians(item.pose.yaw_deg + np.array([-0.5, 0.5]) * item.fov.h_deg)
    ends = at + length_m * np.column_stack([np.sin(edges), np.cos(edges)])
    return line_d(np.array([ends[0], at, ends[1]]))


@dataclass(slots=True)
class _Heap:
    """Shots that one number stands for: that of the first, and where all of them are (m)."""

    number: int
    places: list[Floats]


def _marks(view: MapView, group: Sequence[tuple[int, ShotAnswer]], say: Words) -> tuple[Marks, list[MapWord]]:
    """Draw each camera as a dot, the gravest on top, and its number beside it.

    Where several stand together, the number of the first stands beside one of them, with how many more there are.
    """
    dots: Marks = []
    heaps: list[_Heap] = []
    room = np.array([0.07 * view.half_m[0], 0.06 * view.half_m[1]])
    for number, answer in sorted(group, key=lambda one: _OVER.index(one[1].verdict)):
        at = view.plane.forward(_lonlat(answer)[np.newaxis])[0]
        dots.append((at, path(f"M{at[0]:.1f} {-at[1]:.1f}h0", f"dot shot {say.look(answer.verdict)}", f"{number + 1}")))
    for number, answer in group:
        at = view.plane.forward(_lonlat(answer)[np.newaxis])[0]
        heap = next((one for one in heaps if (np.abs(at - one.places[0]) <= room).all()), None)
        if heap is None:
            heaps.append(_Heap(number, [at]))
        else:
            heap.places.append(at)
    return dots, [_heap_word(view, heap) for heap in sorted(heaps, key=lambda one: -len(one.places))]


def _heap_word(view: MapView, heap: _Heap) -> MapWord:
    """Return a heap's word: beside the first of it, or beside those at its rim."""
    more = len(heap.places) - 1
    text = f"{heap.number + 1}{_MORE}{more}" if more else f"{heap.number + 1}"
    places = np.array(heap.places)
    rim = dict.fromkeys([0, *np.argmax(places @ _DIRECTIONS, axis=0).tolist()])
    words = [mark_word(view, places[at], text, "mark shotname") for at in rim]
    return MapWord(text, words[0].look, tuple(spot for word in words for spot in word.spots))
