"""HEIC and AVIF (ISO/IEC 23008-12): the items of the file's `meta` box that hold EXIF and XMP, wherever they lie."""

from __future__ import annotations

from dataclasses import dataclass

from dronecheck.containers.boxes import Box, BoxWalk, walk_boxes
from dronecheck.containers.source import unsigned
from dronecheck.media.fields import Harvest
from dronecheck.media.formats.film import note_damage, read_boxes, read_film
from dronecheck.media.formats.jpeg import read_exif_block
from dronecheck.media.tags.xmp import read_xmp

__all__ = ["read_heif"]

_ITEMS_AT_MOST = 10_000
_EXTENTS_AT_MOST = 256
_ITEM_AT_MOST_BYTES = 16 << 20
_TOLD_AT_MOST = 16  # metadata items of one file


@dataclass(slots=True)
class _Item:
    kind: bytes = b""
    content_type: bytes = b""

    @property
    def is_told(self) -> bool:
        """Tell whether it holds metadata, no picture."""
        return self.kind in (b"Exif", b"mime", b"uri ")


def read_heif(harvest: Harvest) -> None:
    """Add what the metadata items say, and the picture's size."""
    data = harvest.data
    walk = walk_boxes(data)
    if any(walk.of(b"moov")):
        read_film(harvest)  # a sequence
    else:
        note_damage(harvest, walk)
        read_boxes(harvest, walk)
    inside = {box.kind: box for box in walk.boxes if box.path.count("/") == 1 and box.path.startswith("meta/")}
    if b"iinf" not in inside or b"iloc" not in inside:
        return
    items = _items(harvest, inside[b"iinf"])
    places = _places(harvest, inside[b"iloc"], inside.get(b"idat"))
    told = [(item, places[number]) for number, item in items.items() if item.is_told and number in places]
    for number, (item, extents) in enumerate(told[:_TOLD_AT_MOST]):
        _read_item(harvest, item, extents, f"[{number}]" if number else "")
    if len(told) > _TOLD_AT_MOST:
        harvest.capped_at(told[_TOLD_AT_MOST][1][0][0])
    _read_size(harvest, walk, inside)


def _read_item(harvest: Harvest, item: _Item, extents: list[tuple[int, int]], number: str) -> None:
    """Read an item where it lies; one that lies in several pieces is joined first."""
    start, end = extents[0]
    if len(extents) == 1:
        _read_bytes(harvest, item, start, end, number)
        return
    joined = b"".join(bytes(harvest.data[begin:stop]) for begin, stop in extents[:_EXTENTS_AT_MOST])
    inner = Harvest(joined)
    _read_bytes(inner, item, 0, len(joined), number)
    harvest.absorb(inner, start)


def _read_bytes(harvest: Harvest, item: _Item, start: int, end: int, number: str) -> None:
    if item.kind == b"Exif":
        skip = unsigned(harvest.data, start, 4)
        read_exif_block(harvest, start + 4 + (skip if start + 4 + skip < end else 0), end, f"meta/EXIF{number}")
    elif b"xml" in item.content_type:
        read_xmp(harvest, bytes(harvest.data[start:end]), f"meta/XMP{number}", start)
    else:
        harvest.add(f"meta/{item.kind.decode('latin-1').strip()}{number}", None, start, end - start)


def _items(harvest: Harvest, box: Box) -> dict[int, _Item]:
    """Read the kinds of the items (infe, versions 2 and 3) by their numbers."""
    data = harvest.data
    wide = 2 if data[box.body : box.body + 1] == b"\0" else 4
    items: dict[int, _Item] = {}
    for one in walk_boxes(data, box.body + 4 + wide, box.end).boxes:
        if one.kind != b"infe" or one.size < 12 or len(items) >= _ITEMS_AT_MOST:
            continue
        version = data[one.body]
        if version < 2:
            continue
        size = 2 if version == 2 else 4
        at = one.body + 4 + size + 2
        texts = bytes(data[at + 4 : min(one.end, at + 516)]).split(b"\0")
        items[unsigned(data, one.body + 4, size)] = _Item(bytes(data[at : at + 4]), texts[1] if len(texts) > 1 else b"")
    return items


def _places(harvest: Harvest, box: Box, idat: Box | None) -> dict[int, list[tuple[int, int]]]:
    """Read where items lie (iloc, versions 0 to 2): extents [start, end) of the file; those outside are not there."""
    data, at = harvest.data, box.body + 8
    version, sizes = unsigned(data, box.body, 1), unsigned(data, box.body + 4, 2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 2 if version < 2 else 4
    count = unsigned(data, box.body + 6, wide)
    at = box.body + 6 + wide
    places: dict[int, list[tuple[int, int]]] = {}
    room = len(data)  # items may overlap: together they are no longer than the file
    for _ in range(min(count, _ITEMS_AT_MOST)):
        if at + wide + 4 > box.end:
            break
        number, at = unsigned(data, at, wide), at + wide
        method = 0
        if version:
            method, at = unsigned(data, at, 2) & 15, at + 2
        at += 2
        base, at = unsigned(data, at, base_size), at + base_size
        extents, at = unsigned(data, at, 2), at + 2
        row = (index_size if version else 0) + offset_size + length_size
        for extent in range(min(extents, _EXTENTS_AT_MOST, (box.end - at) // row if row else 0)):
            place = at + extent * row + (index_size if version else 0)
            start = base + unsigned(data, place, offset_size)
            start += idat.body if method == 1 and idat is not None else 0
            end = start + unsigned(data, place + offset_size, length_size)
            if method < 2 and start < end <= min(len(data), start + _ITEM_AT_MOST_BYTES) and room >= end - start:
                places.setdefault(number, []).append((start, end))
                room -= end - start
            elif method < 2 and end > len(data):
                harvest.cut_at(place)
        at += extents * row
    return places


def _read_size(harvest: Harvest, walk: BoxWalk, inside: dict[bytes, Box]) -> None:
    """Read the size of the primary item: its properties are named by number (ipma), from 1."""
    data, pitm, ipma = harvest.data, inside.get(b"pitm"), next(walk.of(b"ipma"), None)
    ipco = next(walk.of(b"ipco"), None)
    if pitm is None or ipma is None or ipco is None:
        return
    primary = unsigned(data, pitm.body + 4, 2 if unsigned(data, pitm.body, 1) == 0 else 4)
    properties = list(walk.children(ipco))
    wide, is_large = (2 if unsigned(data, ipma.body, 1) == 0 else 4), unsigned(data, ipma.body + 1, 3) & 1
    at = ipma.body + 8
    for _ in range(min(unsigned(data, ipma.body + 4, 4), _ITEMS_AT_MOST)):
        if at + wide + 1 > ipma.end:
            return
        number, count = unsigned(data, at, wide), unsigned(data, at + wide, 1)
        at += wide + 1
        size = 2 if is_large else 1
        for place in range(at, min(at + count * size, ipma.end), size):
            index = unsigned(data, place, size) & (0x7FFF if is_large else 0x7F)
            one = properties[index - 1] if 0 < index <= len(properties) else None
            if number == primary and one is not None and one.kind == b"ispe" and one.size >= 12:
                harvest.width_px, harvest.height_px = unsigned(data, one.body + 4, 4), unsigned(data, one.body + 8, 4)
        at += count * size
