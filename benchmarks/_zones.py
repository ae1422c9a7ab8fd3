"""Zones for the benchmarks: as many as asked for, of 36 corners, 8 by 6 km, scattered over Western Europe."""

from __future__ import annotations

import numpy as np
import shapely

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.geo.outline.shape import Shape


def scattered_zones(count: int, seed: int) -> ZoneSet:
    source, origin = np.random.default_rng(seed), ZoneSource("made", "0" * 64)
    made = []
    for number in range(count):
        lon, lat = source.uniform(-5, 10), source.uniform(42, 52)
        turn = np.linspace(0, 2 * np.pi, 37)
        ring = np.column_stack([lon + 0.04 * np.cos(turn), lat + 0.03 * np.sin(turn)])
        made.append(Zone(str(number), str(number), ZoneKind.RESTRICTED, Shape(shapely.Polygon(ring)), origin))
    return ZoneSet(tuple(made), (origin,))
