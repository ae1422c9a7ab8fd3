"""KML 2.2 and 2.3 (OGC 12-007r2), and KMZ: zones as Placemarks with Polygons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronecheck.safe.zip import members_in_head

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = ["NAME", "OFFSETS", "TITLE", "read", "sniff"]

NAME = "kml"
TITLE = "KML and KMZ (.kml, .kmz)"
OFFSETS = "feature"

_CERTAIN, _LIKELY, _POSSIBLE = 95, 70, 10  # by pictures alone that fill the head of an archive
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ""}


def sniff(head: bytes, name: str) -> int:
    """Return 0..100 that these are the first bytes of KML, or of an archive with a .kml file in it."""
    if head.startswith(b"PK\x03\x04"):
        suffixes = set(members_in_head(head))
        if suffixes & {".kml", ".kmz"}:
            return _CERTAIN
        if name.lower().endswith(".kmz"):
            return _LIKELY
        return _POSSIBLE if suffixes and suffixes <= _PICTURES else 0
    text = head.replace(b"\x00", b"")  # UTF-16, too
    return _CERTAIN if b"<kml" in text[:8192] and text.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<") else 0


def read(source: Input) -> ZoneSet:
    """Read all Placemarks. Raises UnreadableInput when it is no KML or made to do harm."""
    from dronecheck.airspace.kml.reader import read_kml

    return read_kml(source)
