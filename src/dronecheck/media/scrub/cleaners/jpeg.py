"""JPEG by a whitelist of segments (ITU-T T.81, B.1): what decodes the picture stays, all else goes, the end is cut."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from dronecheck.containers.source import Bytes, unsigned
from dronecheck.media.scrub.cleaners.icc_profile import clean_profile
from dronecheck.media.scrub.cleaners.jpeg_scan import JpegTables, ends_of_scan, has_text
from dronecheck.media.scrub.cleaners.kept_tags import EXIF_MARK
from dronecheck.media.scrub.parts import CleanCopy, NoCopy, Part, Taken
from dronecheck.messages import Message

__all__ = ["clean_jpeg", "other_than_picture"]

_SEGMENTS_AT_MOST = 100_000
_SOI, _EOI, _SOS, _DNL = b"\xff\xd8", b"\xff\xd9", 0xDA, 0xDC
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES = frozenset((0xC4, 0xCC, 0xDB, 0xDD, _DNL))  # Huffman, arithmetic, quantisation, restart interval, lines
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
_JFIF, _ICC, _ADOBE = b"JFIF\0", b"ICC_PROFILE\0", b"Adobe"
_THERMAL, _FLIR = 0xE3, b"FLIR\0"
_ICC_AT_MOST_BYTES = 65_519  # of one segment


@dataclass(slots=True)
class _Segments:
    """The picture's segments as they stay, in order."""

    parts: list[Part] = field(default_factory=list)
    profile: dict[int, bytes] = field(default_factory=dict)
    scans: int = 0
    is_framed: bool = False
    has_end: bool = True
    has_thermal: bool = False
    tables: JpegTables = field(default_factory=JpegTables)
    others: list[tuple[int, int]] = field(default_factory=list)  # what does not stay, without marks and lengths


def clean_jpeg(data: Bytes, exif: bytes) -> CleanCopy:
    """Return the copy of a picture, with `exif` as its only metadata. Raises NoCopy for what is no whole picture."""
    found = _walk(data, 0, len(data))
    notices = []
    if found.has_thermal:
        notices.append(
            Message("the thermal camera's raw values are left out: temperatures cannot be read from the copy")
        )
    if not found.has_end:
        notices.append(Message("it has no end mark: the copy has what is left of the picture"))
    head: list[Part] = [_SOI]
    if found.parts and isinstance(found.parts[0], bytes) and found.parts[0][4:9] == _JFIF:
        head.append(found.parts.pop(0))  # JFIF stands first
    if exif:
        head.append(_segment(0xE1, EXIF_MARK + exif))
    if found.profile:
        profile = clean_profile(b"".join(found.profile[number] for number in sorted(found.profile)))
        if profile is None:
            notices.append(Message("its colour profile is damaged and left out: colours may look different"))
        else:
            head += _profile_segments(profile)
    return CleanCopy((*head, *found.parts, _EOI), tuple(notices))


def other_than_picture(data: Bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of a picture within a film that do not decode it: zeros there leave it as it is.

    Raises NoCopy for what is no whole picture.
    """
    return _walk(data, start, end).others


def _walk(data: Bytes, start: int, end: int) -> _Segments:
    found, at = _Segments(), start + 2
    for _ in range(_SEGMENTS_AT_MOST):
        while data[at : at + 2] == b"\xff\xff" and at + 2 <= end:
            at += 1
        if at + 2 > end or data[at : at + 2] in (_EOI, _SOI):
            break
        marker = data[at + 1]
        if data[at] != 0xFF or marker == 0:
            next_marker = _MARKER.search(data, at, end)
            behind = next_marker.start() if next_marker else end
            found.others.append((at, behind))
            at = behind
        elif marker in _ALONE:
            at += 2
        else:
            at = _take(data, at, marker, end, found)
    if not found.is_framed or not found.scans:
        raise NoCopy(Message("there is no whole picture in it"))
    if at + 2 < end:
        found.others.append((at + 2, end))
    return found


def _take(data: Bytes, at: int, marker: int, end: int, found: _Segments) -> int:
    """Take a segment if it is one of those that stay; return the place behind it."""
    length = unsigned(data, at + 2, 2)
    stop = at + 2 + length
    if length < 2 or stop > end:
        raise NoCopy(Message("it is damaged: a part claims more bytes than there are"))
    body = bytes(data[at + 4 : min(stop, at + 32)])
    if marker == _SOS:
        return _take_scan(data, at, stop, end, found)
    if marker in _FRAMES or marker in _TABLES:
        found.is_framed |= marker in _FRAMES
        whole = bytes(data[at + 4 : stop])
        used = found.tables.read(marker, whole)
        if not 0 <= used <= len(whole):
            raise NoCopy(Message("it is damaged: a part claims more bytes than there are"))
        if used:
            found.parts.append(_segment(marker, whole[:used]))
        found.others.append((at + 4 + used, stop))
    elif marker == 0xE0 and body.startswith(_JFIF) and len(body) >= 12:
        if not found.parts:
            found.parts.append(_segment(0xE0, body[:12] + b"\0\0"))  # without its thumbnail
        found.others.append((at + 16, stop))
    elif marker == 0xEE and body.startswith(_ADOBE) and len(body) >= 12:
        found.parts.append(_segment(0xEE, body[:12]))  # says how colours are coded
        found.others.append((at + 16, stop))
    elif marker == 0xE2 and body.startswith(_ICC) and len(body) >= 14:
        found.profile.setdefault(body[12], bytes(data[at + 18 : stop]))
        found.others.append((at + 4, stop))
    else:
        found.has_thermal |= marker == _THERMAL or (marker == 0xE1 and body.startswith(_FLIR))
        found.others.append((at + 4, stop))
    return stop


def _take_scan(data: Bytes, at: int, stop: int, end: int, found: _Segments) -> int:
    """Take a scan as far as its codes go. Raises NoCopy where they cannot be followed and a text stands among them."""
    if not found.is_framed:
        raise NoCopy(Message("there is no whole picture in it"))
    next_marker = _MARKER.search(data, stop, end)
    behind = next_marker.start() if next_marker else end
    head = bytes(data[at + 4 : stop])
    used = min(4 + 2 * head[0] if head else 0, len(head))
    spans = ends_of_scan(data, head, stop, behind, found.tables)
    if spans is None:
        if has_text(bytes(data[stop:behind])):
            raise NoCopy(Message("a text stands in its coded picture or sound that cannot be taken out"))
        spans = [(stop, behind)]
    found.parts += [_segment(_SOS, head[:used]), *(Taken(*span) for span in spans)]
    gaps = zip([stop, *(last for _, last in spans)], [*(first for first, _ in spans), behind], strict=True)
    found.others += [(at + 4 + used, stop), *(gap for gap in gaps if gap[1] > gap[0])]
    found.scans, found.has_end = found.scans + 1, next_marker is not None
    return behind


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def _profile_segments(profile: bytes) -> list[Part]:
    pieces = [profile[at : at + _ICC_AT_MOST_BYTES] for at in range(0, len(profile), _ICC_AT_MOST_BYTES)]
    return [_segment(0xE2, _ICC + bytes((n, len(pieces))) + piece) for n, piece in enumerate(pieces, 1)]
