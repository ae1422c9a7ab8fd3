"""XMP packets (ISO 16684-1) in every form that cameras write: attributes, elements, structures and lists.

A packet that breaks the rules of XML (Zenmuse XT S declares a namespace twice) is scanned for `prefix:Name="value"` and
`<prefix:Name>value<`, and said to be broken. Prefixes are told by their namespace, so that paths are the same in every
file: `XMP/drone-dji:GimbalYawDegree`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dronecheck.containers.source import Bytes
from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code, Severity
from dronecheck.media.fields import Harvest
from dronecheck.messages import Message
from dronecheck.safe.xml import walk_xml

__all__ = ["find_packets", "read_xmp"]

PACKET_AT_MOST_BYTES = 16 << 20
_BROKEN_AT_MOST_BYTES = 1 << 20  # scanned piece by piece
_NAME_AT_MOST_CHARS = 200
_PREFIXES = {
    "http://www.dji.com/drone-dji/1.0": "drone-dji", "http://www.dji.com": "drone-dji",
    "http://pix4d.com/camera/1.0": "Camera", "camera": "Camera",
    "http://www.parrot.com/drone-parrot/1.0": "drone-parrot", "drone-parrot": "drone-parrot",
    "https://www.skydio.com/drone-skydio/1.0": "drone-skydio",
    "http://www.autelrobotics.com/drone-autel/1.0": "drone-autel",
    "http://ns.adobe.com/exif/1.0": "exif", "http://cipa.jp/exif/1.0": "exifEX",
    "http://ns.adobe.com/exif/1.0/aux": "aux", "http://ns.adobe.com/tiff/1.0": "tiff",
    "http://ns.adobe.com/xap/1.0": "xmp", "http://ns.adobe.com/xap/1.0/mm": "xmpMM",
    "http://ns.adobe.com/photoshop/1.0": "photoshop", "http://purl.org/dc/elements/1.1": "dc",
    "http://micasense.com/dls/1.0": "DLS", "http://micasense.com/micasense/1.0": "MicaSense",
    "http://www.metadataworkinggroup.com/schemas/regions": "mwg-rs",
    "http://iptc.org/std/iptc4xmpext/2008-02-29": "Iptc4xmpExt",
    "http://iptc.org/std/iptc4xmpcore/1.0/xmlns": "Iptc4xmpCore",
}  # fmt: skip
_SILENT = ("rdf:RDF", "rdf:Description", "rdf:Seq", "rdf:Bag", "rdf:Alt", "x:xmpmeta", "x:xapmeta")
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_QUOTE = re.compile(rb"\s*=\s*([\"'])")
_DECLARED = re.compile(rb'xmlns:([\w.-]{1,60})\s{0,8}=\s{0,8}["\']([^"\'<>]{0,200})["\']')
_LOOSE = re.compile(
    rb"(?<![\w:.-])([A-Za-z][\w.-]{0,60}):([A-Za-z]\w{0,100})"
    rb'(?:\s{0,8}=\s{0,8}(?:"([^"<]{0,1024})"|\'([^\'<]{0,1024})\')|(?<=[\w])\s{0,8}>([^<]{1,1024}+)</)'
)


def read_xmp(harvest: Harvest, packet: bytes, prefix: str, offset: int) -> None:
    """Add the properties of a packet that stands at `offset` of the file, under `prefix`."""
    if len(packet) > PACKET_AT_MOST_BYTES:
        harvest.capped_at(offset)
        packet = packet[:PACKET_AT_MOST_BYTES]
    if packet[:2] in (b"\xff\xfe", b"\xfe\xff") or packet[:4:2] == b"\0\0" or packet[1:4:2] == b"\0\0":
        coding = "utf-16" if packet[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-16-be" if not packet[0] else "utf-16-le"
        packet = packet.decode(coding, "replace").encode()
    begin = max(packet.find(b"<"), 0)  # GDAL writes `xml:XMP=` before it
    document, shift = packet[begin : packet.rfind(b">") + 1], offset + begin
    if not document:
        return
    walker = _Properties(document, prefix, shift)
    try:
        stop = walk_xml(document, walker, names_as_written=True)
    except UnreadableInput:
        stop, why = None, True  # entities, or nested without end
    else:
        why = stop is not None
    if not why:
        for found in walker.found:
            harvest.add(*found)
        return
    text = Message("XMP that is not well-formed; what could be told was read piece by piece")
    harvest.note(Code.NOT_WELL_FORMED, Severity.WARNING, text, shift if stop is None else shift + stop.offset)
    _scan_loosely(harvest, document, prefix, shift)


class _Properties:
    """Gathers properties and their places; nothing is kept of a packet that turns out to be broken."""

    def __init__(self, document: bytes, prefix: str, shift: int) -> None:
        self.document, self.prefix, self.shift = document, prefix, shift
        self.found: list[tuple[str, object, int, int]] = []
        self.names: dict[str, str] = {}
        self.stack: list[tuple[str, int, int]] = []  # path, how many were found before it, where it begins
        self.items: list[int] = []

    def start(self, name: str, attributes: Mapping[str, str], offset: int) -> None:
        for key, uri in attributes.items():
            if key.startswith("xmlns:"):
                self.names[key[6:]] = "rdf" if uri == _RDF else _known(uri, key[6:])
        name = self._canonical(name)
        path = self.stack[-1][0] if self.stack else self.prefix
        if name == "rdf:li":
            self.items[-1:] = [self.items[-1] + 1] if self.items else []
            path = f"{path}[{self.items[-1] if self.items else 1}]"
        elif name not in _SILENT:
            path = f"{path}/{name}"[:2000]
        self.items.append(0)
        self.stack.append((path, len(self.found), offset))
        cursor = offset
        for key, value in attributes.items():
            known = self._canonical(key)
            if key.startswith(("xmlns", "xml:")) or known.startswith(("rdf:", "x:")) or ":" not in key:
                continue
            cursor, length = self._place(key.encode(), cursor)
            self.found.append((f"{path}/{known}"[:2000], value, self.shift + cursor, length))

    def end(self, name: str, text: str, offset: int) -> None:
        path, before, start = self.stack.pop()
        self.items.pop()
        value = text.strip()
        if not value or len(self.found) > before or self._canonical(name) in _SILENT:
            return
        raw = value.encode("utf-8", "replace")
        at = self.document.find(raw, start, offset)
        self.found.append(
            (path, value, self.shift + (at if at >= 0 else start), len(raw) if at >= 0 else offset - start)
        )

    def _canonical(self, name: str) -> str:
        before, colon, after = name[:_NAME_AT_MOST_CHARS].partition(":")
        return f"{self.names.get(before, before)}:{after}" if colon else before

    def _place(self, key: bytes, cursor: int) -> tuple[int, int]:
        """Return where the value of an attribute stands behind `cursor`, and its bytes as they are written."""
        at = self.document.find(key, cursor)
        quote = _QUOTE.match(self.document, at + len(key)) if at >= 0 else None
        if not quote:
            return cursor, 0
        return quote.end(), max(self.document.find(quote[1], quote.end()) - quote.end(), 0)


def _known(uri: str, prefix: str) -> str:
    return _PREFIXES.get(uri.strip().rstrip("/").lower(), prefix)


def _scan_loosely(harvest: Harvest, document: bytes, prefix: str, shift: int) -> None:
    if len(document) > _BROKEN_AT_MOST_BYTES:
        harvest.capped_at(shift + _BROKEN_AT_MOST_BYTES)
        document = document[:_BROKEN_AT_MOST_BYTES]
    names = {one[1]: _known(one[2].decode("utf-8", "replace"), one[1].decode()) for one in _DECLARED.finditer(document)}
    for one in _LOOSE.finditer(document):
        group = next(number for number in (3, 4, 5) if one[number] is not None)
        before = names.get(one[1], one[1].decode())
        value = one[group].decode("utf-8", "replace").strip()
        if value and before not in ("xmlns", "rdf", "x", "xml"):
            path = f"{prefix}/{before}:{one[2].decode('utf-8', 'replace')}"
            harvest.add(path, value, shift + one.start(group), len(one[group]))


def find_packets(data: Bytes) -> list[tuple[int, int]]:
    """Return the places [start, end) of XMP packets in bytes without a structure."""
    found: list[tuple[int, int]] = []
    at = 0
    while (at := data.find(b"<x:xmpmeta", at)) >= 0 and len(found) < 64:
        end = data.find(b"</x:xmpmeta>", at)
        if end < 0:
            break
        found.append((at, end + 12))
        at = end
    return found
