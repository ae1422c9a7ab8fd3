"""Draw where a fleet's findings lie: a small map for each place where several are, as SVG without scripts or styles."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import shapely

from dronecheck.audit.fleet.gather import Spot
from dronecheck.audit.fleet.words import FleetWords
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.settings import Thresholds
from dronecheck.quantities import Units
from dronecheck.report.page.map import ASPECT, Marks, draw_places
from dronecheck.report.page.map_words import HALF_PAGE_PX
from dronecheck.report.page.svg import line_d, path
from dronecheck.report.text.words import words as words_in
from dronecheck.report.views.map import MapView, land_areas, path_of_places
from dronecheck.safe.html import Markup

__all__ = ["PlaceMap", "place_maps"]

_MOST_MAPS = 8
_TOGETHER_M = 30_000.0
_MOST_WAYS = 400
_MOST_TOWNS = 6
_CELL_DEG = 0.1


@dataclass(frozen=True, slots=True)
class PlaceMap:
    """Hold a drawn place: its title, how many findings it has, what they are about, and whose they are."""

    svg: Markup
    title: str
    about: str
    findings: int
    flights: tuple[str, ...]


def place_maps(spots: list[Spot], words: FleetWords, units: Units = Units.METRIC) -> tuple[list[PlaceMap], int]:
    """Draw a map of each place, those with most findings first; return them and how many findings no map shows."""
    left = list(spots)
    found: list[PlaceMap] = []
    while left and len(found) < _MOST_MAPS:
        cells = Counter((round(s.lon_deg / _CELL_DEG), round(s.lat_deg / _CELL_DEG)) for s in left)
        busiest = min(cells, key=lambda cell: (-cells[cell], cell))
        plane = LocalPlane(busiest[0] * _CELL_DEG, busiest[1] * _CELL_DEG)
        xy = plane.forward(np.array([(s.lon_deg, s.lat_deg) for s in left]))
        near = np.hypot(*xy.T) < _TOGETHER_M
        found.append(_drawn([spot for spot, is_near in zip(left, near.tolist(), strict=True) if is_near], words, units))
        left = [spot for spot, is_near in zip(left, near.tolist(), strict=True) if not is_near]
    return found, len(left)


def _drawn(spots: list[Spot], words: FleetWords, units: Units) -> PlaceMap:
    lonlat = np.array([(s.lon_deg, s.lat_deg) for s in spots])
    ways = [(s, shapely.from_wkb(s.wkb)) for s in spots[:_MOST_WAYS] if s.wkb]
    view = MapView(path_of_places(lonlat), [shapely.get_coordinates(way) for _, way in ways], ASPECT)
    over = [
        path("".join(line_d(view.plane.forward(shapely.get_coordinates(part)))
                     for s, way in ways if s.verdict == verdict for part in shapely.get_parts(way).tolist()),
             f"inside {words.look(verdict)}")
        for verdict in ("INCONCLUSIVE", "VIOLATION")
    ]  # fmt: skip
    told = Counter(f"{s.zone} ({words.states[s.verdict]})" for s in spots).most_common(4)
    about = ", ".join(f"{number} {what}" for what, number in told)
    where, say = _where(view), words_in("en", units=units, facts_only=words.facts_only)
    svg = draw_places(
        view, land_areas(view, Thresholds()), [], over, (_dots(view, spots, words), []), say,
        lambda width_m: say("Map around {where}, north up, {width_m:.0f} m wide: {about}",
                            where=where, width_m=width_m, about=about),
        wide_px=HALF_PAGE_PX, look="place-map", most_towns=_MOST_TOWNS,
    )  # fmt: skip
    return PlaceMap(svg, where, about, len(spots), tuple(dict.fromkeys(s.sha256 for s in spots)))


def _where(view: MapView) -> str:
    lon, lat = view.plane.lon_deg, view.plane.lat_deg
    return f"{abs(lat):.2f}° {'N' if lat >= 0 else 'S'} {abs(lon):.2f}° {'E' if lon >= 0 else 'W'}"


def _dots(view: MapView, spots: list[Spot], words: FleetWords) -> Marks:
    """Draw all findings of a verdict in one, the violations over what cannot be told."""
    found: Marks = []
    for look, verdict in (("open", "INCONCLUSIVE"), ("entry", "VIOLATION")):
        places = np.array([(s.lon_deg, s.lat_deg) for s in spots if s.verdict == verdict]).reshape(-1, 2)
        at = view.plane.forward(places)
        d = "".join(f"M{x:.1f} {-y:.1f}h0" for x, y in at.tolist())
        found.append((at, path(d, "dot fact" if words.facts_only else f"dot {look}", words.states[verdict])))
    return found
