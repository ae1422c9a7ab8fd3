"""Protocol buffers without their schema: the fields of a message, and messages within it by what a caller knows.

Wire format: protobuf.dev/programming-guides/encoding. Numbers of a path are field numbers, as in `3-3-4-1`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from dronecheck.containers.source import Bytes

__all__ = ["Path", "ProtoField", "ProtoWalk", "may_be_message", "signed", "walk_message"]

DEPTH_AT_MOST = 32
FIELDS_AT_MOST = 100_000
_TEXT_LOOKED_AT_BYTES = 256
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProtoField:
    """One field: a number (varints unsigned), or the bytes [offset, offset + length) that it holds."""

    path: Path
    wire: int
    number: int  # of a varint, and the raw bits of a fixed field
    offset: int
    length: int

    @property
    def is_bytes(self) -> bool:
        """Tell whether it holds bytes: a text, or a message."""
        return self.wire == _BYTES

    def as_float(self) -> float:
        """Return a fixed field as the float or double that it is; NaN for others."""
        if self.wire == _FIXED64:
            return float(struct.unpack("<d", self.number.to_bytes(8, "little"))[0])
        if self.wire == _FIXED32:
            return float(struct.unpack("<f", self.number.to_bytes(4, "little"))[0])
        return float("nan")


@dataclass(slots=True)
class ProtoWalk:
    """The fields in their order, messages before what is in them; what could not be walked."""

    fields: list[ProtoField]
    broken: int | None = None  # the first place where no field can be
    is_too_deep: bool = False
    is_too_many: bool = False


def signed(number: int, bits: int = 64) -> int:
    """Return a varint as the two's complement that it is: negative int32 are ten bytes long."""
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


def walk_message(
    data: Bytes, start: int, end: int, is_message: Callable[[ProtoField], bool], at_most: int = FIELDS_AT_MOST
) -> ProtoWalk:
    """Walk the message in [start, end); fields of bytes for which `is_message` says so are walked as messages, too."""
    walk = ProtoWalk([])
    stack: list[tuple[Iterator[ProtoField | None], Path]] = [(_fields(data, start, end, ()), ())]
    while stack:
        one = next(stack[-1][0], None)
        if one is None:
            stack.pop()
            continue
        if one.wire < 0:
            walk.broken = one.offset if walk.broken is None else walk.broken
            stack.pop()
            continue
        if len(walk.fields) >= at_most:
            walk.is_too_many = True
            return walk
        walk.fields.append(one)
        if not one.is_bytes or not is_message(one):
            continue
        if len(stack) >= DEPTH_AT_MOST:
            walk.is_too_deep = True
            continue
        stack.append((_fields(data, one.offset, one.offset + one.length, one.path), one.path))
    return walk


def may_be_message(data: Bytes, one: ProtoField) -> bool:
    """Tell whether bytes may be a message: no printable text, and their fields fill them without a rest."""
    raw = bytes(data[one.offset : one.offset + min(one.length, _TEXT_LOOKED_AT_BYTES)])
    if not raw or (len(raw) > 1 and raw.isascii() and raw.decode("ascii").isprintable()):
        return False
    return all(inner.wire >= 0 for inner in islice(_fields(data, one.offset, one.offset + one.length, ()), 64))


def _fields(data: Bytes, start: int, end: int, path: Path) -> Iterator[ProtoField]:
    """Give the fields of one message; one of wire type -1 where none can be."""
    at = start
    while at < end:
        tag, behind = _varint(data, at, end)
        number, wire = tag >> 3, tag & 7
        value, length = 0, 0
        if wire == _VARINT:
            value, behind_value = _varint(data, behind, end)
            length = behind_value - behind
        elif wire == _BYTES:
            length, place = _varint(data, behind, end)
            behind, behind_value = place, place + length
        else:
            length = {_FIXED64: 8, _FIXED32: 4}.get(wire, 0)
            behind_value = behind + length
        if behind < 0 or behind_value < behind or behind_value > end or not number or wire in (3, 4, 6, 7):
            yield ProtoField(path, -1, 0, at, end - at)
            return
        if wire in (_FIXED64, _FIXED32):
            value = int.from_bytes(data[behind:behind_value], "little")
        yield ProtoField((*path, number), wire, value, behind, length)
        at = behind_value


def _varint(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Return a varint and the place behind it; a place of -1 where there is none."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
    return 0, -1
