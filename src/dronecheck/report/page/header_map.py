"""Draw what a record's header bounds: the start, the circle that the flight stayed in, and the places of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.geo.plane import geodesic_ahead
from dronecheck.geofence.questions.header.disc import LOOKED_M, Disc, discs_of
from dronecheck.report.page.map import ASPECT, Marks, draw_places, towns_note
from dronecheck.report.page.map_words import MapWord, mark_word
from dronecheck.report.page.svg import line_d, path
from dronecheck.report.privacy import Redacted
from dronecheck.report.text.words import Words
from dronecheck.report.views.map import MapView, ZoneArea, land_areas, zones_in_view
from dronecheck.safe.html import Markup

__all__ = ["HeaderMap", "draw_header_map"]

_RIM_POINTS = 180
_LEAST_M = 300.0  # around a place without a circle


@dataclass(frozen=True, slots=True, eq=False)
class HeaderMap:
    """The drawn map, what it shows in words, and the zones on it."""

    svg: Markup
    caption: str
    zones: tuple[ZoneArea, ...]


def draw_header_map(seen: Redacted, say: Words) -> HeaderMap | None:
    """Draw the map of a record of which only the header could be read; None where no place of it may be told."""
    header = seen.flight.header
    if header is None or len(seen.flight.track):
        return None
    start, pictures = discs_of(header, seen.result.settings.thresholds, 0.0)
    discs = [*([start] if start is not None else []), *pictures]
    if not discs:
        return None
    view = MapView(discs[0].trajectory, [_rim(disc) for disc in discs], ASPECT)
    lands = land_areas(view, seen.result.settings.thresholds)
    areas, _ = zones_in_view(view, seen.result, seen.zones)
    circle = _rim(start) if start is not None and _has_circle(start) else np.empty((0, 2))
    reach = path(
        line_d(view.plane.forward(circle), "Z") if len(circle) else "", "envelope",
        say("It stayed within this circle, by its own header"),
    )  # fmt: skip

    def title(width_m: float) -> str:
        return say("Map of what the header tells, north up, {width_m:.0f} m wide", width_m=width_m)

    svg = draw_places(view, lands, areas, [reach], _marks(view, discs, say), say, title)
    caption = say.sentences([_caption(start, pictures, say), *towns_note(svg, say)])
    return HeaderMap(svg, caption, tuple(areas))


def _has_circle(start: Disc) -> bool:
    return start.radius_m > 0.0 and not start.is_too_wide


def _rim(disc: Disc) -> Floats:
    """Return points around a disc, longitude and latitude, shape (n, 2); around a place alone those nearby."""
    radius_m = min(float(ceil(disc.radius_m)) or _LEAST_M, LOOKED_M)
    azimuth = np.linspace(0.0, 360.0, _RIM_POINTS, endpoint=False)
    middle = np.tile([disc.place.lon_deg, disc.place.lat_deg], (_RIM_POINTS, 1))
    return geodesic_ahead(middle, azimuth, np.full(_RIM_POINTS, radius_m))


def _marks(view: MapView, discs: list[Disc], say: Words) -> tuple[Marks, list[MapWord]]:
    dots: Marks = []
    words: list[MapWord] = []
    for disc in discs:
        at = view.at(disc.place)
        word = say("start") if disc.number is None else say("picture {number}", number=disc.number)
        look = "takeoff" if disc.number is None else "exit"
        dots.append((at, path(f"M{at[0]:.1f} {-at[1]:.1f}h0", f"dot {look}", word)))
        words.append(mark_word(view, at, word, f"mark {look}"))
    return dots, words


def _caption(start: Disc | None, pictures: list[Disc], say: Words) -> str:
    said = [say("North up. The track is encrypted and not drawn.")]
    if start is not None and _has_circle(start):
        said.append(
            say(
                "The dashed circle is all within {within_m:.0f} m of the start: by its own header it stayed in it.",
                within_m=ceil(start.radius_m),
            )
        )
    if pictures:
        said.append(say("Places of pictures are those of the header."))
    return say.sentences(said)
