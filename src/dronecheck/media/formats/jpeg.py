"""JPEG (ITU-T T.81, JFIF, EXIF 3.0): every segment, the scan to its real end, and what was appended behind it.

Offsets that a file states of its further pictures (MPF) are stale after any edit, so pictures are looked for by their
own first bytes.
"""

from __future__ import annotations

import re

from dronecheck.containers.source import place_of_match, unsigned
from dronecheck.containers.tiff import TiffWalk, tiff_value
from dronecheck.issues import Code, Severity
from dronecheck.media.fields import Harvest
from dronecheck.media.tags.exif import read_exif
from dronecheck.media.tags.flir import read_flir
from dronecheck.media.tags.gopro import read_gpmf_fields
from dronecheck.media.tags.iptc import read_photoshop
from dronecheck.media.tags.text_blocks import read_bracketed
from dronecheck.media.tags.xmp import PACKET_AT_MOST_BYTES, read_xmp
from dronecheck.messages import Message

__all__ = ["is_jpeg", "note_claims", "read_exif_block", "read_jpeg", "read_preview"]

SEGMENTS_AT_MOST = 100_000
_PICTURES_AT_MOST = 64
_SOI, _EOI, _SOS, _COM, _APP = 0xD8, 0xD9, 0xDA, 0xFE, range(0xE0, 0xF0)
_FRAMES = frozenset((*range(0xC0, 0xD0),)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
_EXIF, _XMP, _MORE_XMP = b"Exif\0", b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"


def is_jpeg(head: bytes) -> bool:
    """Tell whether these first bytes are a JPEG picture's."""
    return head[:3] == b"\xff\xd8\xff"


def read_jpeg(harvest: Harvest, start: int, end: int, prefix: str = "") -> None:
    """Add all that the picture in [start, end) and the pictures behind it say."""
    at = _Picture(harvest, end, prefix).read(start)
    _read_trailer(harvest, at, end, prefix)


class _Picture:
    """One picture: its segments, in the order of the file."""

    def __init__(self, harvest: Harvest, end: int, prefix: str) -> None:
        self.harvest, self.data, self.end, self.prefix = harvest, harvest.data, end, prefix
        self.seen: dict[str, int] = {}
        self.flir: list[tuple[int, int]] = []
        self.more_xmp: dict[bytes, list[tuple[int, int, int]]] = {}  # GUID -> place in the packet, and in the file
        self.more_bytes = 0

    def read(self, start: int) -> int:
        """Read the picture at a place; return the place behind it."""
        at = start + 2
        for _ in range(SEGMENTS_AT_MOST):
            at = self._skip_fill(at)
            if at + 2 > self.end:
                self.harvest.note(Code.TRUNCATED, Severity.WARNING, Message("the picture has no end mark"), at)
                break
            marker = self.data[at + 1]
            if self.data[at] != 0xFF or marker == 0:
                found = place_of_match(_MARKER, self.data, at, self.end)
                self.harvest.broken_at(at)
                at = found if found >= 0 else self.end
                continue
            if marker in (_EOI, _SOI):
                at += 2 if marker == _EOI else 0
                break
            if marker in _ALONE:
                at += 2
                continue
            at = self._segment(at, marker)
        else:
            self.harvest.capped_at(at)
        self._finish()
        return min(at, self.end)

    def _skip_fill(self, at: int) -> int:
        """Return the place of the last of several FF bytes: markers may have any number before them."""
        while at + 1 < self.end and self.data[at] == 0xFF and self.data[at + 1] == 0xFF:
            at += 1
        return at

    def _segment(self, at: int, marker: int) -> int:
        length = unsigned(self.data, at + 2, 2)
        stop = at + 2 + length
        if length < 2 or stop > self.end:
            self.harvest.cut_at(at)
            stop = min(max(stop, at + 4), self.end)
        body = min(at + 4, stop)
        if marker == _SOS:
            found = place_of_match(_MARKER, self.data, stop, self.end)
            return found if found >= 0 else self.end
        if marker in _FRAMES:
            if not self.prefix:
                self.harvest.height_px = unsigned(self.data, body + 1, 2)
                self.harvest.width_px = unsigned(self.data, body + 3, 2)
        elif marker == _COM:
            text = bytes(self.data[body : min(stop, body + 65_536)]).decode("utf-8", "replace").strip("\0")
            self.harvest.add(self._path("COM"), text, body, stop - body)
        elif marker in _APP:
            self._application(marker - 0xE0, body, stop)
        return stop

    def _path(self, name: str) -> str:
        number = self.seen.get(name, 0)
        self.seen[name] = number + 1
        name = f"{name}[{number}]" if number else name
        return f"{self.prefix}/{name}" if self.prefix else name

    def _application(self, number: int, body: int, stop: int) -> None:
        head = bytes(self.data[body : min(stop, body + 40)])
        known = _APPLICATIONS.get(number, ())
        for mark, name, read in known:
            if head.startswith(mark):
                read(self, self._path(f"APP{number}/{name}"), body, stop)
                return
        letters = re.match(rb"[A-Za-z][\w.:-]{1,30}", head)
        label = f"APP{number}" + (f"/{letters[0].decode()}" if letters else "")
        self.harvest.add(self._path(label), None, body, stop - body)

    def _exif(self, path: str, body: int, stop: int) -> None:
        if not read_exif_block(self.harvest, body + 6, stop, path).order:
            self.harvest.broken_at(body)

    def _xmp(self, path: str, body: int, stop: int) -> None:
        begin = body + len(_XMP)
        read_xmp(self.harvest, bytes(self.data[begin:stop]), path, begin)

    def _extended_xmp(self, path: str, body: int, stop: int) -> None:
        begin = body + len(_MORE_XMP)
        guid, place = bytes(self.data[begin : begin + 32]), unsigned(self.data, begin + 36, 4)
        self.more_bytes += stop - begin
        if begin + 40 <= stop and self.more_bytes <= PACKET_AT_MOST_BYTES and len(self.more_xmp) < _PICTURES_AT_MOST:
            self.more_xmp.setdefault(guid, []).append((place, begin + 40, stop))

    def _multi_picture(self, path: str, body: int, stop: int) -> None:
        read_exif(self.harvest, body + 4, stop, path)

    def _photoshop(self, path: str, body: int, stop: int) -> None:
        read_photoshop(self.harvest, body + 14, stop, path)

    def _gopro(self, path: str, body: int, stop: int) -> None:
        read_gpmf_fields(self.harvest, body + 6, stop, path)

    def _bracketed(self, path: str, body: int, stop: int) -> None:
        self.harvest.add(path, None, body, stop - body)
        read_bracketed(self.harvest, body, stop, path)

    def _flir(self, path: str, body: int, stop: int) -> None:
        self.harvest.add(path, None, body, stop - body)
        self.flir.append((body + 8, stop))

    def _claims(self, path: str, body: int, stop: int) -> None:
        self.harvest.add(path, None, body, stop - body)
        if b"c2pa" in bytes(self.data[body : min(stop, body + 256)]):
            note_claims(self.harvest, body)

    def _finish(self) -> None:
        """Join what was spread over several segments."""
        if self.flir:
            read_flir(self.harvest, self.flir, f"{self.prefix}/APP1/FLIR" if self.prefix else "APP1/FLIR")
        for parts in self.more_xmp.values():
            parts.sort()
            packet = b"".join(bytes(self.data[begin:stop]) for _, begin, stop in parts)
            read_xmp(self.harvest, packet, self._path("APP1/XMPExtended"), parts[0][1])


_APPLICATIONS = {
    1: ((_EXIF, "EXIF", _Picture._exif), (_XMP, "XMP", _Picture._xmp),
        (_MORE_XMP, "XMPPart", _Picture._extended_xmp), (b"FLIR\0", "FLIR", _Picture._flir)),
    2: ((b"MPF\0", "MPF", _Picture._multi_picture),),
    6: ((b"GoPro\0", "GPMF", _Picture._gopro),),
    7: ((b"DJI-DBG\0", "DJI-DBG", _Picture._bracketed),),
    11: ((b"JP", "JUMBF", _Picture._claims),),
    13: ((b"Photoshop 3.0\0", "Photoshop", _Picture._photoshop),),
}  # fmt: skip


def read_exif_block(harvest: Harvest, start: int, stop: int, path: str) -> TiffWalk:
    """Add what an EXIF structure says, and its thumbnail as the picture that it is: it may have metadata of its own."""
    walk = read_exif(harvest, start, stop, path)
    for directory, _ in walk.directories:
        found = (walk.first(directory, 0x0201), walk.first(directory, 0x0202))
        values = [tiff_value(harvest.data, walk, one) for one in found if one is not None]
        if len(values) == 2 and all(isinstance(value, int) for value in values):
            read_preview(harvest, start + int(str(values[0])), int(str(values[1])), stop, path)
    return walk


def note_claims(harvest: Harvest, offset: int) -> None:
    """Note a manifest of content credentials (C2PA), which is not verified here."""
    text = Message("content credentials (C2PA) are present and were not verified")
    harvest.note(Code.SIGNATURE_NOT_VERIFIED, Severity.INFO, text, offset)


def read_preview(harvest: Harvest, start: int, length: int, end: int, prefix: str) -> None:
    """Read a picture within another, if one begins there."""
    stop = min(start + length, end)
    if start < 0 or start + 4 > stop or not is_jpeg(bytes(harvest.data[start : start + 3])):
        return
    path = harvest.preview_path(prefix)
    if path is None:
        harvest.capped_at(start)
        return
    harvest.add(path, None, start, stop - start)
    was_truncated = harvest.is_truncated
    _Picture(harvest, stop, path).read(start)
    harvest.is_truncated = was_truncated


def _read_trailer(harvest: Harvest, at: int, end: int, prefix: str) -> None:
    """Read what stands behind the picture: further pictures, a film (motion photo), blocks of vendors."""
    pictures, begin = 0, at
    while at < end and pictures < _PICTURES_AT_MOST:
        found = harvest.data.find(b"\xff\xd8\xff", at, end)
        if found < 0:
            break
        path = harvest.preview_path(prefix)
        if path is None:
            harvest.capped_at(found)
            return
        harvest.add(path, None, found, end - found)
        was_truncated = harvest.is_truncated
        at = max(_Picture(harvest, end, path).read(found), found + 3)
        harvest.is_truncated = was_truncated
        pictures += 1
    if begin < end:
        harvest.add(f"{prefix}/trailer" if prefix else "trailer", None, begin, end - begin)
    if pictures:
        text = Message("further pictures stand behind the first; what they say decides nothing")
        harvest.note(Code.HIDDEN_PICTURE, Severity.INFO, text, begin)
