"""The towns and aerodromes that a map names: for the plot and for the page alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.aerodromes import NearAerodromes
from dronecheck.arrays import Floats
from dronecheck.geofence.result import Place
from dronecheck.places import towns_within
from dronecheck.report.text.around.aerodromes import aerodrome_title
from dronecheck.report.text.words import Words
from dronecheck.report.views.map import MapView

__all__ = ["MOST_TOWNS", "Landmark", "aerodromes_of", "at_edge_m", "is_beyond", "towns_around", "towns_of"]

_EDGE = 0.96  # of the half frame: what lies beyond is named there
MOST_TOWNS = 14
_ARROWS = "→↗↑↖←↙↓↘"
_AROUND_DEG = 0.05  # a map of a short flight holds no town


@dataclass(frozen=True, slots=True, eq=False)
class Landmark:
    """A place on a map, in metres (2,): its words, and what it is.

    One that lies beyond the map has no mark there: its words, with its distance, stand at the edge in its direction.
    """

    xy_m: Floats
    text: str
    title: str
    is_beyond: bool


def is_beyond(view: MapView, xy_m: Floats) -> bool:
    """Tell whether a place lies at the edge of the map, or outside."""
    return float(np.max(np.abs(xy_m) / np.array(view.half_m))) > _EDGE


def at_edge_m(view: MapView, xy_m: Floats) -> Floats:
    """Return the place at the edge of the map in the direction of one beyond it."""
    return np.asarray(xy_m / (float(np.max(np.abs(xy_m) / np.array(view.half_m))) / _EDGE), dtype=np.float64)


def aerodromes_of(
    view: MapView, near: NearAerodromes | None, say: Words, *, names_beyond: bool = True
) -> list[Landmark]:
    """Return the aerodromes near a flight, those beyond its map (if wanted) with their distance from the way."""
    found = []
    for aerodrome in near.nearest if near else ():
        xy = view.at(Place(aerodrome.lat_deg, aerodrome.lon_deg))
        text, beyond = aerodrome.name, is_beyond(view, xy)
        if beyond and not names_beyond:
            continue
        if beyond:
            text = say("{name}, {distance_km:.1f} km", name=text, distance_km=aerodrome.distance_m / 1000)
            text = f"{text} {_arrow(xy)}"
        found.append(Landmark(xy, text, aerodrome_title(aerodrome, say), beyond))
    return found


def towns_of(view: MapView, most: int = MOST_TOWNS) -> list[Landmark]:
    """Return the largest towns on a map, largest first; none at a scale where they would say nothing."""
    if view.is_too_wide:
        return []
    towns = ((town.name, view.at(Place(town.lat_deg, town.lon_deg)))
             for town in towns_within(*view.frame_deg, most=4 * most))  # fmt: skip
    return [Landmark(xy, name, name, False) for name, xy in towns if not is_beyond(view, xy)][:most]


def towns_around(view: MapView, say: Words) -> list[Landmark]:
    """Return the two largest towns around a map, with their distances from the way, for a map that holds none."""
    if view.is_too_wide:
        return []
    west, south, east, north = view.frame_deg
    width, height = max(east - west, _AROUND_DEG), max(north - south, _AROUND_DEG)
    found = []
    for town in towns_within(west - width, max(south - height, -90.0), east + width, min(north + height, 90.0), 2):
        xy = view.at(Place(town.lat_deg, town.lon_deg))
        away_km = float(np.hypot(*(view.xy_m - xy).T).min()) / 1000
        text = say("{name}, {distance_km:.1f} km", name=town.name, distance_km=away_km)
        beyond = is_beyond(view, xy)
        found.append(Landmark(xy, f"{text} {_arrow(xy)}" if beyond else text, town.name, beyond))
    return found


def _arrow(xy_m: Floats) -> str:
    """Return an arrow from the middle of a map to a place beyond it."""
    east, north = xy_m.tolist()
    return _ARROWS[round(np.arctan2(north, east) / (np.pi / 4)) % 8]
