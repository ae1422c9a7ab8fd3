"""HEIC and AVIF in place (ISO/IEC 23008-12): coded pictures stay byte for byte, items of metadata are overwritten.

Items are found by number, so they stay where they are, emptied: EXIF becomes a directory without entries, XMP spaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dronecheck.containers.boxes import Box, BoxWalk, walk_boxes
from dronecheck.containers.source import Bytes, unsigned
from dronecheck.media.scrub.cleaners.film_boxes import (
    KEPT_PROPERTIES,
    Kept,
    Patches,
    brands_of,
    colours_of,
    handler_of,
    kept_boxes,
    references_of,
    setup_of,
)
from dronecheck.media.scrub.cleaners.nal_units import clean_setup, has_letters, patches_of_sample
from dronecheck.media.scrub.cleaners.spans import merged, without
from dronecheck.media.scrub.parts import CleanCopy, NoCopy, Taken, laid_over_zeros
from dronecheck.messages import Message

__all__ = ["clean_heif"]

_KEPT_IN: Kept = {
    b"": frozenset((b"ftyp", b"meta", b"mdat")),
    b"meta": frozenset((b"hdlr", b"pitm", b"iinf", b"iloc", b"iref", b"iprp", b"idat", b"dinf")),
    b"dinf": frozenset((b"dref",)),
    b"iprp": frozenset((b"ipco", b"ipma")),
    b"ipco": KEPT_PROPERTIES,
}
_PICTURES = frozenset((b"hvc1", b"lhv1", b"av01", b"vvc1", b"grid", b"iden", b"iovl"))
_METADATA = frozenset((b"Exif", b"mime", b"uri "))
_REFERENCES = frozenset(
    (b"thmb", b"cdsc", b"auxl", b"dimg", b"prem", b"base", b"dpnd", b"exbl", b"pred", b"tbas", b"iloc", b"fdel")
)
_EMPTY_EXIF = b"II*\0\x08\0\0\0" + bytes(6)
_ITEMS_AT_MOST, _EXTENTS_AT_MOST, _ITEM_AT_MOST_BYTES = 10_000, 100_000, 64 << 20

_Places = dict[int, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class _ItemInfo:
    number: int
    kind: bytes
    box: Box
    names_at: int  # where its name and content type begin


def clean_heif(data: Bytes, exif: bytes) -> CleanCopy:
    """Return the copy of a picture, with `exif` as its only metadata where there is room. Raises NoCopy."""
    walk = walk_boxes(data)
    inside = {box.kind: box for box in walk.boxes if box.path.startswith("meta/") and box.path.count("/") == 1}
    is_damaged = bool(walk.cut or walk.broken or walk.is_too_deep or walk.is_too_many)
    if is_damaged or not {b"iinf", b"iloc", b"pitm", b"iprp"} <= inside.keys():
        raise NoCopy(Message("there is no whole picture in it"))
    if any(walk.of(b"moov")):
        raise NoCopy(Message("it moves, and no copy of that can be proved to show the same"))
    infos = list(_infos(data, inside[b"iinf"]))
    places, places_end = _places(data, inside[b"iloc"], inside.get(b"idat"))
    unknown = [one.kind for one in infos if one.kind not in _PICTURES | _METADATA]
    if unknown:
        name = unknown[0].decode("latin-1")
        raise NoCopy(Message("it has a part of a kind that is not known here ({kind})", kind=name))
    pictures = merged([span for one in infos if one.kind in _PICTURES for span in places.get(one.number, ())])
    others = merged([span for one in infos if one.kind in _METADATA for span in places.get(one.number, ())])
    if not len(pictures) or not np.array_equal(without(pictures, others), pictures):
        raise NoCopy(Message("there is no whole picture in it"))
    rooms = [
        (box.body, box.end)
        for box in walk.boxes
        if box.path == "meta/idat" or (box.kind == b"mdat" and "/" not in box.path)
    ]
    if any(not any(start <= first and last <= end for start, end in rooms) for first, last in pictures.tolist()):
        raise NoCopy(Message("its tables say that picture or sound lie over data that would have to go"))
    over = _beside_the_picture(data, walk, infos, places)
    left = without(pictures, merged([(at, at + len(patch)) for at, patch in over]))
    patches: list[tuple[int, Taken | bytes]] = [(start, Taken(start, end)) for start, end in left.tolist()]
    patches += [*over, *_emptied(infos, places, exif)]
    patches += kept_boxes(data, walk, _KEPT_IN, lambda _: True, lambda box: _content(data, box, infos, places_end))
    return CleanCopy(laid_over_zeros(patches, len(data)))


def _beside_the_picture(data: Bytes, walk: BoxWalk, infos: list[_ItemInfo], places: _Places) -> list[tuple[int, bytes]]:
    """Return what is to be written over messages among coded pictures. Raises NoCopy for a text that stays."""
    codings = [found[0] for box in walk.of(b"hvcC") if (found := clean_setup(data, b"hvcC", box.body, box.end))]
    over: list[tuple[int, bytes]] = []
    for one in infos:
        spans = places.get(one.number, []) if one.kind in _PICTURES else []
        if one.kind in (b"hvc1", b"lhv1") and len(spans) == 1 and len(set(codings)) == 1:
            over += patches_of_sample(data, *spans[0], codings[0]) or ()
    over = list(dict(over).items())  # items may share their bytes
    gone = sorted((at, at + len(patch)) for at, patch in over)
    for one in infos:
        if one.kind in _PICTURES and any(has_letters(data, *span, gone) for span in places.get(one.number, ())):
            raise NoCopy(Message("a text stands in its coded picture or sound that cannot be taken out"))
    return over


def _infos(data: Bytes, box: Box) -> Iterator[_ItemInfo]:
    """Give the items (infe, versions 2 and 3)."""
    start = box.body + 4 + (2 if unsigned(data, box.body, 1) == 0 else 4)
    for number, one in enumerate(walk_boxes(data, start, box.end).boxes):
        version = unsigned(data, one.body, 1)
        if one.kind != b"infe" or version not in (2, 3) or number >= _ITEMS_AT_MOST or one.size < 12:
            raise NoCopy(Message("a part of it is of a version that is not known here"))
        wide = 2 if version == 2 else 4
        kind_at = one.body + 4 + wide + 2
        yield _ItemInfo(
            unsigned(data, one.body + 4, wide), bytes(data[kind_at : kind_at + 4]), one, min(kind_at + 4, one.end)
        )


def _places(data: Bytes, box: Box, idat: Box | None) -> tuple[_Places, int]:
    """Return where items lie (iloc, versions 0 to 2), and where the table ends.

    Raises NoCopy for places that are not in the file.
    """
    version, sizes = unsigned(data, box.body, 1), unsigned(data, box.body + 4, 2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 2 if version < 2 else 4
    count, at = unsigned(data, box.body + 6, wide), box.body + 6 + wide
    places: _Places = {}
    total = 0
    for _ in range(count):
        number, at = unsigned(data, at, wide), at + wide
        method, at = (unsigned(data, at, 2) & 15, at + 2) if version else (0, at)
        reference, base = unsigned(data, at, 2), unsigned(data, at + 2, base_size)
        extents, at = unsigned(data, at + 2 + base_size, 2), at + 4 + base_size
        total += extents
        is_known = version <= 2 and method in (0, 1) and (method == 0 or idat is not None) and not reference
        if not is_known or at > box.end or total > _EXTENTS_AT_MOST:
            raise NoCopy(Message("there is no whole picture in it"))
        for _ in range(extents):
            at += index_size if version else 0
            start = base + unsigned(data, at, offset_size) + (idat.body if method and idat else 0)
            length, at = unsigned(data, at + offset_size, length_size), at + offset_size + length_size
            if not 0 < length <= _ITEM_AT_MOST_BYTES or start + length > len(data) or at > box.end:
                raise NoCopy(Message("there is no whole picture in it"))
            places.setdefault(number, []).append((start, start + length))
    return places, at


def _emptied(infos: list[_ItemInfo], places: _Places, exif: bytes) -> Patches:
    """Give what stands in place of metadata: an empty or the new EXIF, spaces for XMP; the rest is zeros."""
    for one in infos:
        for start, end in places.get(one.number, [])[:1]:
            block = bytes(4) + (exif if 4 + len(exif) <= end - start and exif else _EMPTY_EXIF)
            if one.kind == b"Exif" and len(block) <= end - start:
                yield start, block
            elif one.kind == b"mime":
                yield start, b" " * (end - start)


def _content(data: Bytes, box: Box, infos: list[_ItemInfo], places_end: int) -> Patches:
    kind = box.kind
    if kind == b"iinf":
        yield box.body, bytes(data[box.body : infos[0].box.start])
        for one in infos:  # without names
            yield one.box.start, bytes(data[one.box.start : one.names_at])
    elif kind == b"hdlr":
        yield box.body + 4, handler_of(data, box)
    elif kind == b"dref":
        yield from references_of(data, box)
    elif kind == b"colr":
        yield box.body, colours_of(bytes(data[box.body : box.end]))
    elif kind == b"iloc":
        yield box.body, Taken(box.body, min(places_end, box.end))
    elif kind == b"ipma":
        yield box.body, Taken(box.body, min(_associations_end(data, box), box.end))
    elif kind == b"iref":
        yield from _item_references(data, box)
    else:
        yield box.body, _property(data, box)


def _property(data: Bytes, box: Box) -> bytes:
    """Return what a box says of the picture, as far as it is known to. Raises NoCopy for what is not."""
    if box.kind == b"auxC":
        name = bytes(data[box.body + 4 : min(box.end, box.body + 132)]).partition(b"\0")[0]
        if not name.startswith((b"urn:mpeg:", b"urn:com:apple:photo:")):
            raise NoCopy(Message("it has a part of a kind that is not known here ({kind})", kind="auxC"))
        return bytes(4) + name + b"\0"
    if box.kind == b"ftyp":
        return brands_of(data, box)
    if box.kind == b"pixi":
        return bytes(data[box.body : min(box.end, box.body + 5 + unsigned(data, box.body + 4, 1))])
    if box.kind == b"pitm":
        return bytes(data[box.body : min(box.end, box.body + (6 if not data[box.body] else 8))])
    return setup_of(data, box)


def _associations_end(data: Bytes, box: Box) -> int:
    """Return where the table of properties by item ends."""
    wide, size = (2 if not data[box.body] else 4), (2 if unsigned(data, box.body + 1, 3) & 1 else 1)
    at = box.body + 8
    for _ in range(min(unsigned(data, box.body + 4, 4), _ITEMS_AT_MOST)):
        at += wide + 1 + unsigned(data, at + wide, 1) * size
        if at > box.end:
            raise NoCopy(Message("there is no whole picture in it"))
    return at


def _item_references(data: Bytes, box: Box) -> Patches:
    """Give the references of items to each other, and nothing that stands behind their numbers."""
    yield box.body, bytes(data[box.body : box.body + 4])
    wide, last = (2 if not data[box.body] else 4), box.body + 4
    for one in walk_boxes(data, box.body + 4, box.end).boxes:
        if "/" in one.path or one.kind not in _REFERENCES:
            continue
        count, last = unsigned(data, one.body + wide, 2), one.end
        yield one.start, bytes(data[one.start : min(one.end, one.body + wide + 2 + count * wide)])
    if box.end - last >= 8:
        yield last, (box.end - last).to_bytes(4, "big") + b"free"
