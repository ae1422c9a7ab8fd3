"""Boxes of ISO base media files (ISO/IEC 14496-12; QuickTime File Format): films, HEIC and AVIF.

A walk gives every box with its place and never its content, so that `mdat` of any size costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dronecheck.containers.source import Bytes, unsigned

__all__ = ["Box", "BoxWalk", "walk_boxes"]

DEPTH_AT_MOST = 16
BOXES_AT_MOST = 100_000
_HEAD_BYTES = 8
_PARENTS = frozenset(
    (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"moof", b"traf", b"mvex", b"edts", b"dinf", b"gmhd",
     b"tapt", b"meta", b"iprp", b"ipco", b"ilst", b"wave", b"mfra")
)  # fmt: skip
_NUMBERED = frozenset((b"trak", b"moof", b"traf"))  # always, from 0: `moov/trak[3]`


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its path from the top, its kind (four characters), and its bytes [start, end) with content at `body`."""

    path: str
    kind: bytes
    start: int
    body: int
    end: int

    @property
    def size(self) -> int:
        """Return the bytes of the content."""
        return self.end - self.body


@dataclass(slots=True)
class BoxWalk:
    """The boxes in the order of the file, parents first; where the walk had to stop short, and why."""

    end: int = 0  # of the bytes walked
    boxes: list[Box] = field(default_factory=list)
    cut: list[Box] = field(default_factory=list)  # those that claim more bytes than there are
    broken: list[int] = field(default_factory=list)  # places where no box can be
    is_too_deep: bool = False
    is_too_many: bool = False

    def of(self, kind: bytes, within: str = "") -> Iterator[Box]:
        """Give the boxes of a kind, those below a path if one is given."""
        prefix = f"{within}/" if within else ""
        return (box for box in self.boxes if box.kind == kind and box.path.startswith(prefix))

    def children(self, parent: Box) -> Iterator[Box]:
        """Give the boxes directly inside another."""
        prefix = f"{parent.path}/"
        depth = prefix.count("/")
        return (box for box in self.boxes if box.path.startswith(prefix) and box.path.count("/") == depth)


def walk_boxes(data: Bytes, start: int = 0, end: int | None = None, prefix: str = "") -> BoxWalk:
    """Walk all boxes in [start, end). Size 0 is "to the end" at the top only, size 1 has 64 bits behind the kind.

    A box that claims more than its parent has is cut there and noted; the walk of that level ends with it.
    """
    walk = BoxWalk(len(data) if end is None else min(end, len(data)))
    stack = [(start, walk.end, prefix, 0, dict[bytes, int]())]
    while stack:
        at, stop, path, depth, seen = stack.pop()
        if at >= stop:
            continue
        if len(walk.boxes) >= BOXES_AT_MOST:
            walk.is_too_many = True
            break
        box, is_cut = _box_at(data, at, stop, path, depth, seen)
        if box is None:
            if depth == 0 and stop - at < _HEAD_BYTES and stop == len(data):  # the file ends within a box's head
                walk.cut.append(Box(path, b"", at, stop, stop))
            elif any(data[at : min(stop, at + 8)]):  # zeros end a `udta` (QuickTime)
                walk.broken.append(at)
            continue
        walk.boxes.append(box)
        if is_cut:
            walk.cut.append(box)
        stack.append((box.end, stop, path, depth, seen))
        if box.kind in _PARENTS and box.size >= 8:
            if depth + 1 >= DEPTH_AT_MOST:
                walk.is_too_deep = True
            else:
                stack.append((_children_at(data, box), box.end, box.path, depth + 1, {}))
    return walk


def _box_at(data: Bytes, at: int, stop: int, path: str, depth: int, seen: dict[bytes, int]) -> tuple[Box | None, bool]:
    size, kind, body = unsigned(data, at, 4), bytes(data[at + 4 : at + 8]), at + 8
    if size == 1:
        size, body = unsigned(data, at + 8, 8), at + 16
    elif size == 0 and depth == 0:
        size = stop - at
    if kind == b"uuid":
        body += 16
    if len(kind) < 4 or size < body - at or body > stop:
        return None, False
    number = seen.get(kind, 0)
    seen[kind] = number + 1
    name = kind.decode("latin-1") + (f"[{number}]" if number or kind in _NUMBERED else "")
    end = min(at + size, stop)
    return Box(f"{path}/{name}" if path else name, kind, at, body, end), at + size > stop


def _children_at(data: Bytes, box: Box) -> int:
    """Return where the children of a box begin: `meta` has four bytes before them in ISO files, none in QuickTime."""
    if box.kind == b"meta" and data[box.body + 4 : box.body + 8] != b"hdlr":
        return box.body + 4
    return box.body
