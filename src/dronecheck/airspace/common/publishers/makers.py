"""Manufacturers' zones, whatever file they come in: they bind nobody in law, and in China their datum is not stated.

| DJI's property | read as |
|---|---|
| area_id, name, city, country, address, description | identifier, name, remarks |
| level | the effect, `LEVELS`; none of them is a rule of law, so none reaches the verdict |
| height above 0 | metres up to which one may fly: then the floor, above what is not stated, is unknown |
| radius of a point | metres |
| begin_at, end_at | seconds since 1970, 0 for open |

There is no public description: fields after real answers of the service and what open programs make of them. Inside
mainland China the coordinates may be WGS 84, or GCJ-02 as Chinese maps have it, 24 to 705 m away. No file says which,
so both readings are kept: where only one of them is inside, the outline is in doubt.
"""

from __future__ import annotations

from datetime import UTC, datetime

import shapely

from dronecheck.airspace.common.publishers.foreign import Foreign, Properties
from dronecheck.airspace.common.units import number_of
from dronecheck.airspace.zone import Effect
from dronecheck.geo.gcj02 import wgs84_from_gcj02
from dronecheck.geo.outline.shape import Shape
from dronecheck.issues import Code
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["DJI_IS_NOT_LAW", "LEVELS", "NOT_LAW", "both_readings", "dji", "is_dji"]

NOT_LAW = Message("manufacturer data, not law")
DJI_IS_NOT_LAW = Message("DJI GEO is {not_law}: none of it reaches the verdict", not_law=NOT_LAW)
LEVELS = {
    0: ("warning", Effect.INFORMATION),
    1: ("authorisation", Effect.CONDITIONAL),
    2: ("restricted", Effect.CONDITIONAL),
    3: ("enhanced warning", Effect.INFORMATION),
    4: ("regulatory restricted", Effect.CONDITIONAL),
    5: ("recommended", Effect.INFORMATION),
    6: ("altitude", Effect.CONDITIONAL),
    7: ("recommended", Effect.INFORMATION),
    8: ("approved for light drones (China)", Effect.INFORMATION),
    9: ("densely populated", Effect.CONDITIONAL),
}
_DJI = frozenset(
    {
        "id", "fid", "area_id", "name", "type", "shape", "lat", "lng", "radius", "level", "begin_at", "end_at",
        "country", "city", "address", "description", "color", "url", "height", "polygon_points", "sub_areas",
        "data_source",
    }
)  # fmt: skip
_NEEDED = ({"area_id", "level"}, {"type", "level", "height"})
_BOX_DEG = (73.0, 17.0, 136.0, 54.0)  # around mainland China, where no country is named
_LOW_DEG, _HIGH_DEG = (70.0, 14.0, 70.0, 14.0), (140.0, 58.0, 140.0, 58.0)
_FARTHEST_M = 1_000.0  # GCJ-02 moves no point in that box by more than 850 m
_OPEN_DATUM = Message("whether its coordinates are WGS 84 or GCJ-02 is not stated: both are judged")


def is_dji(given: Properties) -> bool:
    """Tell whether properties are those of DJI's service, and no others."""
    keys = given.keys()
    numbers = (number_of(given.get("level")), number_of(given.get("type", 0)))
    return keys <= _DJI and any(needed <= keys for needed in _NEEDED) and None not in numbers


def dji(given: Properties, suffix: str = "") -> Foreign:
    """Translate an area of DJI's, or one of its parts; `suffix` goes behind the identifier."""
    level = number_of(given.get("level"))
    what, effect = LEVELS.get(int(level), ("", Effect.CONDITIONAL)) if level is not None else ("", Effect.CONDITIONAL)
    height = number_of(given.get("height")) or 0.0
    told = [f"{NOT_LAW}: DJI level {plain(given.get('level'), 10)} ({what or 'unknown'})"]
    told += [f"flight limited to {height:g} m"] if height > 0 else []
    told += [plain(given[key], 200) for key in ("city", "country", "address", "description") if given.get(key)]
    number = given.get("area_id")
    own: Properties = {
        "id": f"dji {plain(number, 40)}{suffix}" if number is not None else None,
        "name": given.get("name"),
        "kind": "other",
        "effect": effect.value,
        "remarks": "; ".join(told),
        "authority": "DJI (manufacturer)",
        "valid_from": _moment(given.get("begin_at")),
        "valid_to": _moment(given.get("end_at")),
    }
    if height > 0:
        own["lower_m"], own["lower_datum"] = height, "UNKNOWN"
    unknown = None if what else Message("level {level}", level=plain(given.get("level"), 10))
    return Foreign(
        own,
        circle_m=number_of(given.get("radius")) or 0.0,
        maker_country=str(given.get("country") or "").strip(),
        is_advice=True,
        doubt=Message("{level} is in no table", level=unknown) if unknown else Message(""),
        about=((Code.NOT_LAW, DJI_IS_NOT_LAW),),
    )


def both_readings(shape: Shape, country: str) -> tuple[Shape, list[tuple[Code, Message]]]:
    """Return the shape as written, in doubt where undoing GCJ-02 moves it; as it is outside mainland China.

    `country` as the file names it, "" where it does not.
    """
    west, south, east, north = _BOX_DEG
    if country.upper() not in ("CN", "CHN", "CHINA"):
        lon, lat = (shape.bounds[0] + shape.bounds[2]) / 2, (shape.bounds[1] + shape.bounds[3]) / 2
        if country or not (west < lon < east and south < lat < north):
            return shape, []
    return _with_moved(shape), [(Code.ZONE_OUTLINE_DOUBTFUL, _OPEN_DATUM)]


def _with_moved(shape: Shape) -> Shape:
    """Return the shape, in doubt where undoing GCJ-02 moves it."""
    inside = all(low < value < high for value, low, high in zip(shape.bounds, _LOW_DEG, _HIGH_DEG, strict=True))
    if shape.uncertain is None and inside:  # no difference of areas is needed: quick for circles of many points
        return Shape.either([shape, shape.moved(wgs84_from_gcj02, _FARTHEST_M)])
    moved = shapely.transform(shape.geometry, wgs84_from_gcj02)
    doubt = shapely.symmetric_difference(shape.geometry, moved)
    if shape.uncertain is not None:
        doubt = shapely.union_all([doubt, shape.uncertain])
    return Shape(shape.geometry, doubt)


def _moment(seconds: object) -> str | None:
    number = number_of(seconds)
    if not number:
        return None
    try:
        return datetime.fromtimestamp(number, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return plain(seconds, 40)  # a doubt later
