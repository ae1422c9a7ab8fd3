"""What stands in blocks that no reader knows: pictures, EXIF, XMP and texts with places in them.

A maker's block, a box or a segment of unknown kind says nothing that could be relied on; what is found there is told,
so that nobody takes a file for clean that is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dronecheck.media.fields import Harvest
from dronecheck.media.formats.jpeg import read_preview
from dronecheck.media.model import MediaField
from dronecheck.media.place_text import has_place
from dronecheck.media.tags.exif import read_exif
from dronecheck.media.tags.xmp import find_packets, read_xmp

__all__ = ["read_hidden"]

_BLOCK_AT_MOST_BYTES, _ALL_AT_MOST_BYTES = 1 << 20, 32 << 20
_SHORTEST_BYTES = 8
_FOUND_AT_MOST = 8  # of one kind in one block
_TEXT = re.compile(rb"[\x20-\x7e\xc2-\xf4\x80-\xbf]{8,4096}")
_WIDE = re.compile(rb"(?:[\x20-\x7e]\0){8,2048}")
_WIDE_BIG = re.compile(rb"(?:\0[\x20-\x7e]){8,2048}")
_DIRECTORY = re.compile(rb"II\*\0|MM\0\*")
_READ = re.compile(r"(?:.*/)?(?:preview\[\d+\]|sample\[\d+\]|ftyp|ICC_PROFILE|XMPPart)|trailer/film")


def read_hidden(harvest: Harvest) -> None:
    """Add what blocks hold that stand in the fields without a value."""
    room, seen = _ALL_AT_MOST_BYTES, set[tuple[int, int]]()
    for one in list(harvest.fields):
        place = (one.offset, one.length)
        if not _is_opaque(one) or place in seen or one.offset + one.length > len(harvest.data):
            continue
        seen.add(place)
        length = min(one.length, _BLOCK_AT_MOST_BYTES)
        room -= length
        if room < 0:
            harvest.capped_at(one.offset)
            return
        _read_block(harvest, one, one.offset + length)


def _is_opaque(one: MediaField) -> bool:
    is_unread = one.value is None or isinstance(one.value, bytes)
    return is_unread and one.length >= _SHORTEST_BYTES and not _READ.fullmatch(one.path)


def _read_block(harvest: Harvest, one: MediaField, stop: int) -> None:
    block = bytes(harvest.data[one.offset : stop])
    if one.path != "trailer":  # whose pictures are read
        for at in _finds(block, b"\xff\xd8\xff"):
            read_preview(harvest, one.offset + at, stop - one.offset - at, stop, one.path)
    for found, _ in zip(_DIRECTORY.finditer(block), range(_FOUND_AT_MOST), strict=False):
        read_exif(harvest, one.offset + found.start(), stop, f"{one.path}/EXIF")
    for start, end in find_packets(block)[:_FOUND_AT_MOST]:
        read_xmp(harvest, block[start:end], f"{one.path}/XMP", one.offset + start)
    for at, length, text in _texts(block):
        harvest.add(f"{one.path}/text", text, one.offset + at, length)


def _finds(block: bytes, mark: bytes) -> Iterator[int]:
    at = block.find(mark)
    for _ in range(_FOUND_AT_MOST):
        if at < 0:
            return
        yield at
        at = block.find(mark, at + 1)


def _texts(block: bytes) -> Iterator[tuple[int, int, str]]:
    """Give the texts of a block that hold a place."""
    found = 0
    for pattern, coding in ((_TEXT, "utf-8"), (_WIDE, "utf-16-le"), (_WIDE_BIG, "utf-16-be")):
        for one in pattern.finditer(block):
            text = one[0].decode(coding, "replace")
            if has_place(text):
                yield one.start(), len(one[0]), text
                found += 1
            if found >= _FOUND_AT_MOST:
                return
