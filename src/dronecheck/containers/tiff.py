"""Image file directories of TIFF 6.0, EXIF 3.0 (CIPA DC-008) and BigTIFF: every entry of every directory, once.

Directories may point anywhere and in circles; each place is read once. Values are decoded when they are asked for.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from dronecheck.containers.source import Bytes

__all__ = ["TiffEntry", "TiffWalk", "tiff_value", "walk_directory", "walk_tiff"]

DIRECTORIES_AT_MOST = 64
ENTRIES_AT_MOST = 4_096  # of one directory
BROKEN_AT_MOST = 16  # of one directory: then it is none
DECODED_AT_MOST_BYTES = 1 << 16
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
_LETTERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_ASCII, _UTF8, _OPAQUE, _RATIONAL, _SIGNED_RATIONAL, _IFD = 2, 129, 7, 5, 10, 13
_COPYRIGHT = 0x8298  # of the photographer, and of the editor behind a NUL
_SUB_DIRECTORIES = {0x8769: "Exif", 0x8825: "GPS", 0xA005: "Interop", 0x014A: "SubIFD"}


@dataclass(frozen=True, slots=True)
class TiffEntry:
    """One entry: its directory (`IFD0`, `Exif`, `GPS`, `SubIFD[1]` ...), tag, type and the place of its value."""

    directory: str
    tag: int
    kind: int
    count: int
    offset: int
    length: int


@dataclass(slots=True)
class TiffWalk:
    """The entries in the order of the directories; `order` is the byte order, "<" or ">"."""

    order: str = ""
    base: int = 0
    entries: list[TiffEntry] = field(default_factory=list)
    directories: list[tuple[str, int]] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)  # entries whose value, and directories that, lie outside
    is_capped: bool = False

    def first(self, directory: str, tag: int) -> TiffEntry | None:
        """Return the first entry of a tag in a directory."""
        return next((one for one in self.entries if one.tag == tag and one.directory == directory), None)


def walk_tiff(data: Bytes, start: int = 0, end: int | None = None) -> TiffWalk:
    """Walk the directories of the TIFF structure in [start, end); without a header of one there are none."""
    stop = len(data) if end is None else min(end, len(data))
    walk = TiffWalk(base=start)
    mark = bytes(data[start : start + 4])
    walk.order = {b"II": "<", b"MM": ">"}.get(mark[:2], "")
    if len(mark) < 4 or not walk.order:
        return walk
    version = struct.unpack(f"{walk.order}H", mark[2:])[0]
    is_big = version == 43
    if version not in (42, 43, 0x55, 0x4F52, 0x5352):
        walk.order = ""
        return walk
    reader = _Directories(data, walk, stop, is_big)
    first = reader.number(start + (8 if is_big else 4), 8 if is_big else 4)
    if first is not None:
        reader.follow(first)
    return walk


def walk_directory(data: Bytes, at: int, base: int, end: int, order: str) -> TiffWalk:
    """Walk a directory that stands at a place without a header, as in maker notes; offsets count from `base`."""
    walk = TiffWalk(order, base)
    _Directories(data, walk, end, is_big=False).follow(at - base)
    return walk


class _Directories:
    def __init__(self, data: Bytes, walk: TiffWalk, stop: int, is_big: bool) -> None:
        self.data, self.walk, self.stop, self.is_big = data, walk, stop, is_big
        self.seen: set[int] = set()

    def number(self, at: int, size: int) -> int | None:
        """Return the number of so many bytes at a place, None outside."""
        if at < self.walk.base or at + size > self.stop:
            return None
        return int.from_bytes(self.data[at : at + size], "little" if self.walk.order == "<" else "big")

    def follow(self, first: int) -> None:
        waiting = [("IFD", first)]
        names: dict[str, int] = {}
        while waiting:
            name, shift = waiting.pop(0)
            at = self.walk.base + shift
            if not shift or at in self.seen:
                continue
            if len(self.seen) >= DIRECTORIES_AT_MOST:
                self.walk.is_capped = True
                return
            self.seen.add(at)
            number = names.get(name, 0)
            names[name] = number + 1
            full = f"IFD{number}" if name == "IFD" else f"{name}[{number}]" if number or name == "SubIFD" else name
            self.walk.directories.append((full, at))
            waiting += self._directory(full, name, at)

    def _directory(self, full: str, name: str, at: int) -> list[tuple[str, int]]:
        head, size, wide = (8, 20, 8) if self.is_big else (2, 12, 4)
        count = self.number(at, head)
        if count is None:
            self.walk.broken.append(min(max(at, self.walk.base), self.stop))
            return []
        if count > ENTRIES_AT_MOST:
            self.walk.is_capped = True
            count = ENTRIES_AT_MOST
        found: list[tuple[str, int]] = []
        broken, room = 0, 1
        for number in range(count):
            entry = self._entry(full, at + head + number * size, wide)
            if entry is None:
                self.walk.broken.append(min(at + head + number * size, self.stop))
                broken += 1
                if broken > BROKEN_AT_MOST or at + head + number * size + size > self.stop:
                    return found
                continue
            self.walk.entries.append(entry)
            below = _SUB_DIRECTORIES.get(entry.tag) or ("IFD of tag" if entry.kind == _IFD else "")
            if below and entry.kind in (4, _IFD, 16, 18):
                below = f"Tag{entry.tag:04X}" if below == "IFD of tag" else below
                if room > 0:
                    found += [(below, int(v)) for v in _numbers(self.data, self.walk, entry, DIRECTORIES_AT_MOST)]
                    room = DIRECTORIES_AT_MOST * 4 - len(found)
        following = self.number(at + head + count * size, wide)
        return [*found, ("IFD" if name == "IFD" else f"{name}Next", following or 0)]

    def _entry(self, directory: str, at: int, wide: int) -> TiffEntry | None:
        tag, kind, count = self.number(at, 2), self.number(at + 2, 2), self.number(at + 4, wide)
        if tag is None or kind is None or count is None or kind not in _SIZES:
            return None
        length = count * _SIZES[kind]
        offset = at + 4 + wide
        if length > wide:
            shift = self.number(offset, wide)
            if shift is None:
                return None
            offset = self.walk.base + shift
        if offset + length > self.stop:
            return None
        return TiffEntry(directory, tag, kind, count, offset, length)


def _numbers(data: Bytes, walk: TiffWalk, entry: TiffEntry, at_most: int) -> tuple[float, ...]:
    """Return the first numbers of an entry."""
    letter, size = _LETTERS[entry.kind], _SIZES[entry.kind]
    raw = bytes(data[entry.offset : entry.offset + min(entry.length, at_most * size)])
    count = len(raw) // size
    return struct.unpack(f"{walk.order}{count}{letter}", raw[: count * _SIZES[entry.kind]])


def tiff_value(data: Bytes, walk: TiffWalk, entry: TiffEntry) -> object:
    """Return the value of an entry: text, a number or a tuple of them, bytes of undefined type.

    Rationals are floats, NaN where the denominator is 0. None for what is longer than 64 KiB: it stays in the file.
    """
    if entry.length > DECODED_AT_MOST_BYTES:
        return None
    raw = bytes(data[entry.offset : entry.offset + entry.length])
    if entry.kind in (_ASCII, _UTF8):
        text = raw.rstrip(b"\0 ").replace(b"\0", b"; ") if entry.tag == _COPYRIGHT else raw.partition(b"\0")[0].rstrip()
        return text.decode("utf-8", "backslashreplace")
    if entry.kind == _OPAQUE:
        return raw
    if entry.kind in (_RATIONAL, _SIGNED_RATIONAL):
        values: tuple[float, ...] = tuple(_rationals(raw, walk.order, entry.kind))
    else:
        values = _numbers(data, walk, entry, DECODED_AT_MOST_BYTES)
    return values[0] if len(values) == 1 else values


def _rationals(raw: bytes, order: str, kind: int) -> Iterator[float]:
    for above, below in struct.iter_unpack(f"{order}{'ii' if kind == _SIGNED_RATIONAL else 'II'}", raw):
        yield above / below if below else float("nan")
