"""Names on the map: of territories, borders, zones, towns and aerodromes. Where room is short, quiet ones go first."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import shapely
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from shapely.geometry.base import BaseGeometry

from dronecheck.airspace.zone import Effect, Zone
from dronecheck.report.figures.labels import Labels
from dronecheck.report.figures.style import DARK, GREY, can_draw, folded, shown
from dronecheck.report.text.headline import limit_text
from dronecheck.report.text.words import Words
from dronecheck.report.views.landmarks import Landmark, at_edge_m
from dronecheck.report.views.map import LandArea, MapView, ZoneArea, shared_borders

__all__ = [
    "Landmarks",
    "border_names",
    "draw_landmarks",
    "land_names",
    "landmark_names",
    "named_zone_names",
    "quiet_zone_names",
]

_MAX_NAMED = 6  # zones that findings name, with floor and ceiling
_LIMITS_UP_TO = 8  # other zones; more of them have their names alone
_NEAR_PT, _SHORT_PT, _FAR_PT = 22.0, 36.0, 150.0
_WHICH = {  # marker, size (points), and the word of the legend, as on the page
    "aerodrome": ("s", 6.0, "aerodrome (not airspace)"),
    "town": ("o", 4.0, "town (GeoNames)"),
}
_QUIET: dict[str, Any] = {"color": "#555555"}
_QUIET_SIZE = 8.0


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Aerodromes and towns of a map; it holds no town where towns lie beyond."""

    aerodromes: tuple[Landmark, ...] = ()
    towns: tuple[Landmark, ...] = ()

    @property
    def has_towns(self) -> bool:
        """Tell whether the map names a town."""
        return bool(self.towns)


def draw_landmarks(axes: Axes, labels: Labels, found: Landmarks, say: Words) -> list[Artist]:
    """Draw the marks of those on the map and keep labels off them; return their legend entries."""
    entries: list[Artist] = []
    for which, places in (("aerodrome", found.aerodromes), ("town", found.towns)):
        marker, size, words = _WHICH[which]
        look: dict[str, Any] = {"marker": marker, "ms": size, "color": GREY, "ls": "none"}
        here = [place for place in places if not place.is_beyond]
        for place in here:
            axes.plot(*place.xy_m, zorder=6.5, scalex=False, scaley=False, **look)
            labels.reserve(place.xy_m, size + 2.0)
        if here:
            entries.append(Line2D([], [], **look, label=say(words)))
    return entries


def landmark_names(labels: Labels, view: MapView, places: tuple[Landmark, ...]) -> None:
    """Write the names beside the marks, and at the edge those of places beyond it; without room none."""
    for place in places:
        xy = at_edge_m(view, place.xy_m) if place.is_beyond else place.xy_m
        reach_pt = 2 * _SHORT_PT if place.is_beyond else _NEAR_PT
        labels.beside(xy, shown(place.text, 50), _QUIET_SIZE, reach_pt=reach_pt, leads=False, is_quiet=True, **_QUIET)


def land_names(labels: Labels, lands: list[LandArea], zones: list[BaseGeometry], language: str) -> None:
    """Write the names of territories, largest first, off the hatched zones if possible."""
    for ground in sorted(lands, key=lambda g: -float(g.area.area)):
        name = textwrap.fill(_land_name(ground, language), 28)
        for area in (_without(ground.area, zones), ground.area):
            if any(labels.inside(area, name, size, color="#333333", style="italic") for size in (12, 9)):
                break


def border_names(labels: Labels, lands: list[LandArea], language: str) -> None:
    """Write along a border which territories it parts, where it is straight enough."""
    for one, other, lines in shared_borders(lands):
        names = " – ".join(_land_name(ground, language) for ground in (one, other))
        labels.along(lines, names, color="#333333")


def _land_name(ground: LandArea, language: str) -> str:
    native = ground.territory.name(language)
    return shown(native if can_draw(native) else ground.territory.name("en"), 80)


def named_zone_names(labels: Labels, zones: list[ZoneArea], say: Words) -> list[str]:
    """Write the names of the zones that findings name; return those without room."""
    style: dict[str, Any] = {"color": DARK, "weight": "bold"}
    missing = []
    for number, drawn in enumerate(zone for zone in zones if zone.is_named):
        own = _own_part(zones, drawn)
        has_limits = number < _MAX_NAMED
        text = zone_text(drawn.zone, 34, say) if has_limits else _name(drawn.zone, 40, say)
        if has_limits and any(labels.inside(own, zone_text(drawn.zone, w, say), 8.5, **style) for w in (40, 20, 14)):
            continue
        reach_pt = _FAR_PT if has_limits else _SHORT_PT
        if not labels.beside(_middle(own), text, 8.5, reach_pt=reach_pt, is_quiet=True, **style):
            missing.append(text.replace("\n", ", "))
    return missing


def quiet_zone_names(labels: Labels, zones: list[ZoneArea], say: Words) -> int:
    """Write the names of the other zones, smaller and grey; return how many have none."""
    quiet = [zone for zone in zones if not zone.is_named]
    is_few = len(quiet) <= _LIMITS_UP_TO
    return sum(not _quiet_name(labels, zones, zone, say, with_limits=is_few) for zone in quiet)


def _quiet_name(labels: Labels, zones: list[ZoneArea], drawn: ZoneArea, say: Words, *, with_limits: bool) -> bool:
    own = _own_part(zones, drawn)
    texts = [zone_text(drawn.zone, width, say) for width in (40, 20, 14)] if with_limits else []
    texts += ["\n".join(folded(_name(drawn.zone, 40, say), width, say)) for width in (40, 16)]
    if any(labels.inside(own, text, _QUIET_SIZE, **_QUIET) for text in texts):
        return True
    return labels.beside(_middle(own), texts[0], _QUIET_SIZE, reach_pt=_SHORT_PT, is_quiet=True, **_QUIET)


def zone_text(zone: Zone, width: int, say: Words) -> str:
    """Return a zone's name with floor and ceiling on a line of their own (two where `width` is narrow)."""
    name = _name(zone, 60, say)
    lower, upper = (limit_text(limit, say) for limit in (zone.lower, zone.upper))
    limits = say("{lower} to {upper}", lower=lower, upper=upper)
    if width < len(limits):
        limits = say("{lower} to\n{upper}", lower=lower, upper=upper)
    return "\n".join(folded(name, width, say)) + f"\n{limits}"


def _name(zone: Zone, most: int, say: Words) -> str:
    name = shown(zone.name, most)
    is_information = zone.effect in (Effect.INFORMATION, Effect.CONDITIONAL)
    return say("{name} (information)", name=name) if is_information else name


def _own_part(zones: list[ZoneArea], drawn: ZoneArea) -> BaseGeometry:
    """Return a zone's area without the smaller ones in it."""
    return _without(drawn.area, [z.area for z in zones if z is not drawn and z.area.area < drawn.area.area])


def _middle(area: BaseGeometry) -> Any:
    return shapely.get_coordinates(shapely.point_on_surface(area))[0]


def _without(area: BaseGeometry, others: list[BaseGeometry]) -> BaseGeometry:
    """Return what is left of an area without others; all of it when nothing is left."""
    left = shapely.difference(area, shapely.union_all(others)) if others else area
    return area if left.is_empty else left
