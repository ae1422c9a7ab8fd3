"""Which coordinate comes first in an ED-269 or ED-318 file, told by the countries its zones name.

All feeds known write longitude first, yet a comment in a widely used model of ED-269 says "lat, lng". A zone speaks for
longitude first when one of its first points lies in its country (the bundled territories, out to the territorial sea),
and for latitude first when that is so only with the two exchanged. The file is turned when at least one zone speaks for
latitude first and none against it: then no other reading puts any zone where it says it is.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

__all__ = ["is_latitude_first"]

_POINTS = 6


def is_latitude_first(zones: Iterable[tuple[object, list[object]]]) -> bool:
    """Tell whether the file's coordinates are latitude first.

    Some zones' country (ISO 3166-1 alpha-3) and area tell it.
    """
    turned = False
    for country, areas in zones:
        points = [point for area in areas for point in _points(area)][:_POINTS]
        if any(_is_in(str(country).upper(), lon, lat) for lon, lat in points):
            return False
        turned = turned or any(_is_in(str(country).upper(), lon, lat) for lat, lon in points)
    return turned


def _is_in(country: str, lon: float, lat: float) -> bool:
    from dronecheck.borders.territories import territory_at

    if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
        return False
    territory = territory_at(lon, lat)
    return territory is not None and country in (territory.iso_a3, *territory.claimants)


def _points(area: object) -> list[tuple[float, float]]:
    """Return the first points of a GeoJSON geometry, or the centre of an ED-269 circle."""
    if not isinstance(area, dict):
        return []
    try:
        found: NDArray[np.float64] = np.array(_deepest(area.get("center") or area.get("coordinates")), dtype=np.float64)
    except (ValueError, TypeError, OverflowError):
        return []
    if found.ndim == 1:
        found = found[np.newaxis]
    if found.ndim != 2 or found.shape[1] < 2:
        return []
    return [(float(a), float(b)) for a, b in found[:_POINTS, :2]]


def _deepest(value: object) -> object:
    """Return the first ring (or point) in nested lists, its first points."""
    while isinstance(value, list) and value and isinstance(value[0], list) and value[0]:
        if not isinstance(value[0][0], list):
            return [point[:2] for point in value[:_POINTS] if isinstance(point, list)]
        value = value[0]
    return value
