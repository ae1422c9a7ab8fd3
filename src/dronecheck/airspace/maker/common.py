"""What DJI's and Autel's zones have in common: they bind nobody in law, and in China their datum is not stated.

Inside mainland China the coordinates may be WGS 84, or GCJ-02 as Chinese maps have it, 24 to 705 m away. No file says
which, so both readings are kept: where only one of them is inside, the outline is in doubt.
"""

from __future__ import annotations

import shapely

from dronecheck.airspace.common.features import About
from dronecheck.airspace.zone import ZoneSource
from dronecheck.geo.gcj02 import wgs84_from_gcj02
from dronecheck.geo.outline.shape import Shape
from dronecheck.issues import Code
from dronecheck.messages import Message
from dronecheck.safe.io import Input

__all__ = ["NOT_LAW", "both_readings", "origin_of"]

NOT_LAW = Message("manufacturer data, not law")
_BOX_DEG = (73.0, 17.0, 136.0, 54.0)  # around mainland China, where no country is named
_LOW_DEG, _HIGH_DEG = (70.0, 14.0, 70.0, 14.0), (140.0, 58.0, 140.0, 58.0)
_FARTHEST_M = 1_000.0  # GCJ-02 moves no point in that box by more than 850 m
_OPEN_DATUM = Message("whether its coordinates are WGS 84 or GCJ-02 is not stated: both are judged")


def origin_of(source: Input, maker: str) -> ZoneSource:
    """Return the file as a source of zones, marked as what it is."""
    return ZoneSource(source.name, source.sha256, edition=f"{maker}: {NOT_LAW}", licence="no licence stated")


def both_readings(shape: Shape, country: str) -> tuple[Shape, About]:
    """Return the shape as written, in doubt where undoing GCJ-02 moves it; as it is outside mainland China.

    `country` as the file names it, "" where it does not.
    """
    west, south, east, north = _BOX_DEG
    if country.upper() not in ("CN", "CHN", "CHINA"):
        lon, lat = (shape.bounds[0] + shape.bounds[2]) / 2, (shape.bounds[1] + shape.bounds[3]) / 2
        if country or not (west < lon < east and south < lat < north):
            return shape, []
    inside = all(low < value < high for value, low, high in zip(shape.bounds, _LOW_DEG, _HIGH_DEG, strict=True))
    moved = (
        shape.moved(wgs84_from_gcj02, _FARTHEST_M)
        if inside
        else Shape(shapely.transform(shape.geometry, wgs84_from_gcj02))
    )
    return Shape.either([shape, moved]), [(Code.ZONE_OUTLINE_DOUBTFUL, _OPEN_DATUM)]
