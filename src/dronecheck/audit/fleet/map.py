"""Draw where a fleet's findings lie: a small map for each place where several are, as SVG without scripts or styles."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.audit.fleet.gather import Spot
from dronecheck.audit.fleet.words import FleetWords
from dronecheck.borders.territories import territories_near
from dronecheck.geo.plane import LocalPlane
from dronecheck.quantities import Units
from dronecheck.report.page.svg import area_d, line_d, path, percent, round_steps
from dronecheck.safe.html import Markup, render

__all__ = ["PlaceMap", "place_maps"]

_MOST_MAPS = 8
_TOGETHER_M = 30_000.0
_LEAST_HALF_M, _ROOM = 600.0, 1.15
_ASPECT = 1.5
_MOST_WAYS = 400
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
    middle = (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2
    plane = LocalPlane(float(middle[0]), float(middle[1]))
    ways = [(s, shapely.from_wkb(s.wkb)) for s in spots[:_MOST_WAYS] if s.wkb]
    lines = {
        verdict: [plane.forward(shapely.get_coordinates(part)) for s, way in ways if s.verdict == verdict
                  for part in shapely.get_parts(way).tolist()]
        for verdict in ("INCONCLUSIVE", "VIOLATION")
    }  # fmt: skip
    points = np.concatenate([plane.forward(lonlat), *(xy for xys in lines.values() for xy in xys)])
    half = np.maximum(_ROOM * np.abs(points).max(axis=0), _LEAST_HALF_M)
    half_x, half_y = max(half[0], half[1] * _ASPECT), max(half[1], half[0] / _ASPECT)
    frame = shapely.box(-half_x, -half_y, half_x, half_y)
    drawn, names = _territories(plane, frame)
    for verdict, xys in lines.items():
        drawn.append(path("".join(line_d(xy) for xy in xys if len(xy) > 1), f"inside {words.look(verdict)}"))
    for look, verdict in (("open", "INCONCLUSIVE"), ("entry", "VIOLATION")):
        at = plane.forward(np.array([(s.lon_deg, s.lat_deg) for s in spots if s.verdict == verdict]).reshape(-1, 2))
        dots = "".join(f"M{x:.1f} {-y:.1f}h0" for x, y in at.tolist())
        drawn.append(path(dots, "dot fact" if words.facts_only else f"dot {look}", words.states[verdict]))
    (short_m, _), (long_m, _) = units.lengths
    unit_m = long_m if half_x >= 3 * long_m else short_m
    bar_m = round_steps(0.0, half_x / unit_m, 3)[1] * unit_m
    view = f"{-half_x:.1f} {-half_y:.1f} {2 * half_x:.1f} {2 * half_y:.1f}"
    lon, lat = middle.tolist()
    where = f"{abs(lat):.2f}° {'N' if lat >= 0 else 'S'} {abs(lon):.2f}° {'E' if lon >= 0 else 'W'}"
    told = Counter(f"{s.zone} ({words.states[s.verdict]})" for s in spots).most_common(4)
    about = ", ".join(f"{number} {what}" for what, number in told)
    svg = render(
        "audit/fleet/place_map.svg.j2",
        label=f"Map around {where}: {about}",
        box=view,
        drawn=drawn,
        names=[(percent((x + half_x) / (2 * half_x)), percent((half_y - y) / (2 * half_y)), n) for x, y, n in names],
        bar_end=percent(0.03 + bar_m / (2 * half_x)),
        bar_length=units.round_length(bar_m),
    )
    return PlaceMap(svg, where, about, len(spots), tuple(dict.fromkeys(s.sha256 for s in spots)))


def _territories(plane: LocalPlane, frame: BaseGeometry) -> tuple[list[Markup], list[tuple[float, float, str]]]:
    """Draw the territories in the frame as areas with their outline, and return their names, each at a place inside."""
    corners = plane.inverse(shapely.get_coordinates(shapely.segmentize(frame, 10_000.0)))
    (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    areas, names = [], []
    for number, (territory, shape) in enumerate(territories_near(west, south, east, north).regions()):
        laid = shapely.make_valid(shapely.transform(shape, plane.forward))
        met = shapely.get_parts(shapely.intersection(laid, frame))
        area = shapely.MultiPolygon(met[shapely.get_dimensions(met) == 2].tolist())  # touching leaves lines, too
        if area.is_empty or area.area <= 0:
            continue
        tolerance_m = (shapely.bounds(frame)[2]) / 600
        areas.append(path(area_d(area, tolerance_m), f"land{number % 4} border", territory.name()))
        west_m, south_m, east_m, north_m = (0.85 * bound for bound in frame.bounds)
        inner = area.intersection(shapely.box(west_m, south_m, east_m, north_m)).representative_point()
        if not inner.is_empty and area.area > 0.03 * frame.area:
            names.append((inner.x, inner.y, territory.name()))
    return areas, names
