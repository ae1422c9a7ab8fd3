"""On which side of equator and meridian a coordinate lies: every reading of what a file writes, none chosen in silence.

A sign, a letter and a reference field may each say it, and a tag may stand in a file twice. Where they contradict each
other every reading is given; where nothing says it, an axis has both, and is `is_open`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from dronecheck.media.fields import FieldsByName
from dronecheck.media.meaning.values import sign_of, signed_degrees, step_of
from dronecheck.media.model import MediaField

__all__ = ["PlaceReadings", "axis_of", "readings_of"]

_READINGS_AT_MOST = 16
_VALUES_AT_MOST = 8  # of one tag in one group


@dataclass(frozen=True, slots=True)
class PlaceReadings:
    """Every position that two fields of one group may mean, degrees; `is_open` if nothing says an axis' hemisphere."""

    field: MediaField
    places: tuple[tuple[float, float], ...]
    step_deg: float
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class _Axis:
    degrees: tuple[float, ...]
    is_open: bool
    step_deg: float


def readings_of(told: FieldsByName, lat_name: str, lon_names: tuple[str, ...]) -> Iterator[PlaceReadings | MediaField]:
    """Give the readings of each group that has such a latitude; the field itself where it makes no position."""
    groups = set[str]()
    for one in told.every(lat_name):
        group = one.path.rpartition("/")[0]
        if group in groups:
            continue
        groups.add(group)
        lats = told.all_beside(one, one.path.rpartition("/")[2])
        lons = next((found for name in lon_names if (found := told.all_beside(one, name))), [])
        lat, lon = axis_of(told, lats, "NS"), axis_of(told, lons, "EW")
        if lat is None or lon is None:
            yield one
            continue
        places = tuple(product(lat.degrees, lon.degrees))[:_READINGS_AT_MOST]
        yield PlaceReadings(one, places, max(lat.step_deg, lon.step_deg), lat.is_open or lon.is_open)


def axis_of(told: FieldsByName, fields: list[MediaField], letters: str) -> _Axis | None:
    """Return what the fields of one tag, and the references beside them, may mean; None where none is a number."""
    found: dict[float, None] = {}
    is_open, step_deg = False, 0.0
    for one in fields[:_VALUES_AT_MOST]:
        stated = signed_degrees(one.value, letters)
        if stated is None:
            continue
        size, signs = stated
        if not signs and isinstance(one.value, float) and not _is_of_exif(one):
            signs = frozenset((1.0,))  # numbers of other blocks have their sign
        beside = told.all_beside(one, f"{one.path.rpartition('/')[2]}Ref")
        every = signs | {sign for ref in beside if (sign := sign_of(ref.value, letters)) is not None}
        is_open |= not every
        step_deg = max(step_deg, step_of(one.value))
        found |= dict.fromkeys(size * sign for sign in sorted(every or (1.0, -1.0), reverse=True))
    return _Axis(tuple(found), is_open, step_deg) if found else None


def _is_of_exif(one: MediaField) -> bool:
    return one.path.rpartition("/")[2].lower().startswith("gps")
