"""GPMF, the key-length-value stream of GoPro cameras (github.com/gopro/gpmf-parser, README).

Each item is four letters, a type, the size of one structure, how many there are, and the values, padded to four bytes.
Type 0 holds items.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.containers.source import Bytes, unsigned

__all__ = ["GpmfItem", "GpmfWalk", "walk_gpmf"]

DEPTH_AT_MOST = 16
ITEMS_AT_MOST = 100_000
_NUMBERS = {
    b"b": ">i1", b"B": ">u1", b"s": ">i2", b"S": ">u2", b"l": ">i4", b"L": ">u4", b"j": ">i8", b"J": ">u8",
    b"f": ">f4", b"d": ">f8", b"q": ">i4", b"Q": ">i8",
}  # fmt: skip
_FIXED_POINT = {b"q": 65536.0, b"Q": 4294967296.0}


@dataclass(frozen=True, slots=True)
class GpmfItem:
    """One item; `container` numbers the item that it is in (-1 at the top), so that a stream's items are told."""

    path: str
    key: str
    kind: bytes  # the type letter
    structure: int  # bytes of one
    count: int
    offset: int  # of the values
    length: int
    container: int

    def text(self, data: Bytes) -> str:
        """Return the values as text, without padding."""
        return bytes(data[self.offset : self.offset + self.length]).partition(b"\0")[0].decode("latin-1").strip()

    def numbers(self, data: Bytes, layout: str = "") -> Floats:
        """Return the numbers, shape (count, numbers a structure); `layout` are the types of a complex structure (?)."""
        raw = bytes(data[self.offset : self.offset + self.length])
        letters = [layout[i : i + 1].encode("latin-1") for i in range(len(layout))] if self.kind == b"?" else []
        if not letters:
            if self.kind not in _NUMBERS:
                return np.zeros((0, 0))
            kind = np.dtype(_NUMBERS[self.kind])
            wide = self.structure // kind.itemsize
            if not wide or not self.count:
                return np.zeros((0, 0))
            flat = np.frombuffer(raw, kind, self.count * wide).astype(np.float64)
            return flat.reshape(self.count, wide) / _FIXED_POINT.get(self.kind, 1.0)
        if any(letter not in _NUMBERS for letter in letters):
            return np.zeros((0, 0))
        row = np.dtype([(f"f{i}", _NUMBERS[letter]) for i, letter in enumerate(letters)])
        if row.itemsize != self.structure or not self.count:
            return np.zeros((0, 0))
        rows = np.frombuffer(raw, row, self.count)
        return np.stack([rows[name].astype(np.float64) for name in rows.dtype.names or ()], axis=1)


@dataclass(slots=True)
class GpmfWalk:
    """The items in their order, holders before what they hold; what could not be walked."""

    items: list[GpmfItem] = field(default_factory=list)
    broken: int | None = None
    is_too_deep: bool = False


def walk_gpmf(data: Bytes, start: int, end: int, prefix: str = "") -> GpmfWalk:
    """Walk all items in [start, end)."""
    walk = GpmfWalk()
    stack = [(start, end, prefix, -1)]
    seen: dict[tuple[int, str], int] = {}
    while stack:
        at, stop, path, container = stack.pop()
        if at + 8 > stop or len(walk.items) >= ITEMS_AT_MOST:
            continue
        letters, kind = bytes(data[at : at + 4]), bytes(data[at + 4 : at + 5])
        structure, count = data[at + 5], unsigned(data, at + 6, 2)
        length = structure * count
        behind = at + 8 + (length + 3) // 4 * 4
        if letters == b"\0\0\0\0":
            continue  # padding to the end
        if not all(32 <= letter < 127 for letter in letters) or at + 8 + length > stop:
            walk.broken = at if walk.broken is None else walk.broken
            continue
        key = letters.decode("ascii").strip()
        number = seen.get((container, key), 0)
        seen[container, key] = number + 1
        name = f"{key}[{number}]" if number else key
        item = GpmfItem(f"{path}/{name}" if path else name, key, kind, structure, count, at + 8, length, container)
        walk.items.append(item)
        stack.append((behind, stop, path, container))
        if kind == b"\0" and length:
            if item.path.count("/") - prefix.count("/") >= DEPTH_AT_MOST:
                walk.is_too_deep = True
            else:
                stack.append((at + 8, at + 8 + length, item.path, len(walk.items) - 1))
    return walk
