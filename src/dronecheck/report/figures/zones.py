"""The zones of one edition as a picture: outlines by what being inside means, the larger ones below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path as Outline
from shapely.geometry.base import BaseGeometry

from dronecheck.airspace.zone import Effect, Zone
from dronecheck.geo.outline.shape import turned
from dronecheck.quantities import plural
from dronecheck.report.figures import png
from dronecheck.report.figures.style import (
    BLUE,
    ORANGE,
    PURPLE,
    VERMILLION,
    can_draw,
    figure,
    footer,
    own_settings,
    shown,
)
from dronecheck.report.text.words import words

__all__ = ["zones_png"]

_LOOKS: dict[Effect, dict[str, Any]] = {
    Effect.FORBIDDEN: {"edgecolor": VERMILLION, "facecolor": f"{VERMILLION}30", "hatch": "////", "lw": 1.2},
    Effect.NEEDS_AUTHORISATION: {"edgecolor": PURPLE, "facecolor": f"{PURPLE}28", "hatch": "xx", "lw": 1.0},
    Effect.CONDITIONAL: {"edgecolor": ORANGE, "facecolor": f"{ORANGE}20", "hatch": "..", "lw": 0.9},
    Effect.INFORMATION: {"edgecolor": BLUE, "facecolor": "none", "hatch": "", "lw": 0.9, "ls": (0, (5, 2))},
}
_NAMES = {
    Effect.FORBIDDEN: "forbidden",
    Effect.NEEDS_AUTHORISATION: "needs authorisation",
    Effect.CONDITIONAL: "conditional",
    Effect.INFORMATION: "information",
}
_MOST_NAMES = 25
_WIDTH_IN = 9.7  # of the map
_FLATTEST, _TALLEST = 0.4, 1.1  # height of the map over its width


def zones_png(zones: Sequence[Zone], title: str, notes: Sequence[str]) -> bytes:
    """Return a PNG of all zones. Longitude and latitude, a degree of longitude as wide as it is in the middle."""
    with own_settings():
        return png(_figure([zone for zone in zones if not zone.geometry.is_empty], title, notes))


def _figure(zones: list[Zone], title: str, notes: Sequence[str]) -> Figure:
    areas = _together([zone.geometry for zone in zones])
    west, south, east, north = _view(areas)
    stretch = 1.0 / max(0.05, float(np.cos(np.radians((south + north) / 2))))
    shape = min(max(stretch * (north - south) / (east - west), _FLATTEST), _TALLEST)
    half_x = max(east - west, stretch * (north - south) / shape) / 2
    half_y = half_x * shape / stretch
    height_in = _WIDTH_IN * shape
    made = figure(11.0, height_in + 1.7)
    axes = made.add_axes((0.09, 1.0 / (height_in + 1.7), _WIDTH_IN / 11.0, height_in / (height_in + 1.7)))
    axes.set_xlim((west + east) / 2 - half_x, (west + east) / 2 + half_x)
    axes.set_ylim((south + north) / 2 - half_y, (south + north) / 2 + half_y)
    for zone, area in sorted(zip(zones, areas, strict=True), key=lambda pair: -pair[1].area):
        vertices = [shapely.get_coordinates(ring) for part in shapely.get_parts(area) for ring in _rings(part)]
        outline = Outline.make_compound_path(*(Outline(ring, closed=True) for ring in vertices))
        axes.add_patch(PathPatch(outline, **_LOOKS[zone.effect]))
    if len(zones) <= _MOST_NAMES:
        for zone, area in zip(zones, areas, strict=True):
            at = area.representative_point()
            name = shown(zone.name if can_draw(zone.name) else zone.id, 30)
            axes.text(at.x, at.y, name, size=8, ha="center", va="center",
                      bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.0})  # fmt: skip
    axes.grid(color="#b0b0b0", lw=0.5, ls=(0, (1, 3)))
    axes.ticklabel_format(useOffset=False)
    axes.set_xlabel("Longitude (degrees, WGS 84)")
    axes.set_ylabel("Latitude (degrees, WGS 84)")
    counts = Counter(zone.effect for zone in zones)
    entries = [Patch(**_LOOKS[e], label=f"{_NAMES[e]}: {plural(counts[e], 'zone')}") for e in Effect if counts[e]]
    if entries:
        axes.legend(handles=entries, loc="upper right", framealpha=0.9)
    made.text(0.02, 1 - 0.16 / made.get_figheight(), shown(title, 90), size=13, weight="bold", va="top")
    footer(made, [*notes, "Outlines at all heights and times; names as in the source, no position taken."], words("en"))
    return made


def _rings(polygon: shapely.Polygon) -> list[BaseGeometry]:
    return [polygon.exterior, *polygon.interiors]


def _together(areas: list[BaseGeometry]) -> list[BaseGeometry]:
    """Move areas by whole turns to where the first one is, so that zones on both sides of 180 degrees meet."""
    if not areas:
        return []
    first = areas[0].bounds[0]
    turns = [-360.0 * round((area.bounds[0] - first) / 360.0) for area in areas]
    return [turned(area, turn) for area, turn in zip(areas, turns, strict=True)]


def _view(areas: list[BaseGeometry]) -> tuple[float, float, float, float]:
    if not areas:
        return -180.0, -90.0, 180.0, 90.0
    boxes = np.array([area.bounds for area in areas])
    (west, south), (east, north) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    pad = 0.04 * max(float(east - west), float(north - south), 1e-3)
    return float(west) - pad, float(south) - pad, float(east) + pad, float(north) + pad
