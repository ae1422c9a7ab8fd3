"""Zones as records of bytes and back, exactly: arcs and circles stay what they are, polygons are WKB.

A record is a MessagePack array: `Zone`'s own fields in their order, without `shape` and `source`, then the shape. A
field added to `Zone` is thereby kept, too, and changes `LAYOUT`, so that older records are never misread.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias, get_type_hints, overload

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from dronecheck.airspace.zone import Zone, ZoneSet, ZoneSource
from dronecheck.geo.outline.shape import Arc, Circle, Ring, Shape
from dronecheck.messages import as_text

__all__ = ["LAYOUT", "Joined", "Period", "ZoneRecords", "record_of"]

Period: TypeAlias = tuple[int | None, int | None]  # from and to, UTC nanoseconds since 1970, None for open


class _CircleRecord(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    centre_deg: tuple[float, float]
    radius_m: float


class _RingRecord(msgspec.Struct, frozen=True, array_like=True, tag="r"):
    vertices_deg: bytes  # little-endian doubles, longitude and latitude by turns
    arcs: tuple[Arc, ...]


class _ShapeRecord(msgspec.Struct, frozen=True, array_like=True):
    wkb: bytes | None
    uncertain_wkb: bytes | None
    polygons: tuple[tuple[_RingRecord | _CircleRecord, ...], ...] = ()


_FIELDS = [field.name for field in fields(Zone) if field.name not in ("shape", "source")]
_HINTS = get_type_hints(Zone, localns={"Shape": Any})
LAYOUT = " ".join(f"{name}:{_HINTS[name]}" for name in _FIELDS)
_Record: Any = msgspec.defstruct(
    "_Record", [*((name, _HINTS[name]) for name in _FIELDS), ("shape", _ShapeRecord)], array_like=True, frozen=True
)
_decoder: Any = msgspec.msgpack.Decoder(_Record)


def record_of(zone: Zone) -> bytes:
    """Return a zone's record; its source is not in it."""
    values = {name: getattr(zone, name) for name in _FIELDS}
    return msgspec.msgpack.encode(_Record(**values, shape=_packed(zone.shape)), enc_hook=as_text)


def _packed(shape: Shape) -> _ShapeRecord:
    if not shape.polygons:
        uncertain = None if shape.uncertain is None else shapely.to_wkb(shape.uncertain)
        return _ShapeRecord(shapely.to_wkb(shape.geometry), uncertain)
    return _ShapeRecord(None, None, tuple(tuple(map(_packed_ring, polygon)) for polygon in shape.polygons))


def _packed_ring(ring: Ring | Circle) -> _RingRecord | _CircleRecord:
    if isinstance(ring, Circle):
        return _CircleRecord(ring.centre_deg, ring.radius_m)
    return _RingRecord(np.ascontiguousarray(ring.vertices_deg, dtype="<f8").tobytes(), ring.arcs)


def _zone(record: bytes, source: ZoneSource) -> Zone:
    found = _decoder.decode(record)
    values = {name: getattr(found, name) for name in _FIELDS}
    return Zone(**values, shape=_unpacked(found.shape), source=source)


def _unpacked(shape: _ShapeRecord) -> Shape:
    if shape.polygons:
        return Shape.of([[_unpacked_ring(ring) for ring in polygon] for polygon in shape.polygons])
    uncertain = None if shape.uncertain_wkb is None else shapely.from_wkb(shape.uncertain_wkb)
    area = shapely.from_wkb(shape.wkb)
    assert area is not None  # only the WKB of None is None
    return Shape(area, uncertain)


def _unpacked_ring(ring: _RingRecord | _CircleRecord) -> Ring | Circle:
    if isinstance(ring, _CircleRecord):
        return Circle(ring.centre_deg, ring.radius_m)
    vertices = np.frombuffer(ring.vertices_deg, dtype="<f8").reshape(-1, 2)
    return Ring(vertices.astype(np.float64), ring.arcs)


class _Lazy(Sequence[Zone]):
    """A sequence of zones that knows their boxes (n, 4) before it has made any of them."""

    boxes_deg: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.boxes_deg)

    @overload
    def __getitem__(self, index: int) -> Zone: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Zone, ...]: ...
    def __getitem__(self, index: int | slice) -> Zone | tuple[Zone, ...]:
        if isinstance(index, slice):
            return tuple(self._at(i) for i in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._at(index % len(self))

    def __iter__(self) -> Iterator[Zone]:
        return (self._at(i) for i in range(len(self)))

    @abstractmethod
    def _at(self, index: int) -> Zone:
        """Make the zone at a place from 0 on, now."""


@dataclass(eq=False)
class ZoneRecords(_Lazy):
    """Zones decoded when they are asked for; `offsets` (n + 1,) into `data`.

    With a `period` no zone exists outside it: for a flight during which another edition comes into force.
    """

    data: bytes
    offsets: NDArray[np.int64]
    boxes_deg: NDArray[np.float64]
    source: ZoneSource
    period: Period = (None, None)

    def __post_init__(self) -> None:
        self._made: dict[int, Zone] = {}

    def _at(self, index: int) -> Zone:
        if index not in self._made:
            begin, end = self.offsets[index : index + 2].tolist()
            self._made[index] = self._within_period(_zone(self.data[begin:end], self.source))
        return self._made[index]

    def _within_period(self, zone: Zone) -> Zone:
        begin, end = self.period
        starts = [t for t in (begin, zone.valid_from_ns) if t is not None]
        ends = [t for t in (end, zone.valid_to_ns) if t is not None]
        return replace(zone, valid_from_ns=max(starts, default=None), valid_to_ns=min(ends, default=None))


class Joined(_Lazy):
    """The zones of several sets one after the other."""

    def __init__(self, parts: Sequence[ZoneSet]) -> None:
        self.parts = tuple(parts)
        self.boxes_deg = np.vstack([np.empty((0, 4)), *(part.boxes_deg for part in parts)])
        self._begin = np.cumsum([0, *(len(part.zones) for part in parts)], dtype=np.intp)

    def _at(self, index: int) -> Zone:
        part = int(np.searchsorted(self._begin, index, side="right")) - 1
        return self.parts[part].zones[index - int(self._begin[part])]
