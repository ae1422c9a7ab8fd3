"""GPX tracks (.gpx) of any receiver, with times, and those in KML (gx:Track; .kml, .kmz)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dronecheck.readers.common.text import as_utf8

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "gpx"
TITLE = "GPX track (.gpx) with times, KML track (gx:Track; .kml, .kmz)"
IS_TEXT = False  # a KMZ is none, and XML shows its own damage
OFFSETS = "byte"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".gpx",)
RECORDS_ARMING = False

_PROLOGUE = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->|<![^>]*>)", re.DOTALL)
_KML_ROOT = re.compile(rb"\s*<(?:[\w.-]+:)?kml[\s>/]")
_KML_TRACK = re.compile(rb"<(?:[\w.-]+:)?Track[\s>].{0,512}?<(?:[\w.-]+:)?when>", re.DOTALL)
_KML_AREA = re.compile(rb"<(?:[\w.-]+:)?Polygon[\s>]")
_ROOT = re.compile(rb"\s*<(?:[\w.-]+:)?gpx[\s>/]")


def sniff(head: bytes, name: str) -> int:
    """Return 95 for a document whose root element is `gpx`, and for KML with a track, also in a KMZ; else 0."""
    if head.startswith(b"PK\x03\x04"):
        from dronecheck.safe.zip import unpacked_head

        return 95 if is_kml_track(unpacked_head(head, ".kml")) else 0
    head = bytes(as_utf8(head))
    return 95 if _ROOT.match(head, _prologue_end(head)) or is_kml_track(head) else 0


def is_kml_track(head: bytes) -> bool:
    """Tell whether these first bytes are KML that has a track with times, and no area before it: else it is zones."""
    head = bytes(as_utf8(head))
    track = _KML_TRACK.search(head) if _KML_ROOT.match(head, _prologue_end(head)) else None
    return track is not None and _KML_AREA.search(head, 0, track.start()) is None


def _prologue_end(head: bytes) -> int:
    place = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    while skipped := _PROLOGUE.match(head, place):
        place = skipped.end()
    return place


def read(source: Input) -> Flight:
    """Read a GPX file or a KML track. Raises UnreadableInput for plans, marks, drawings, and XML that is not safe."""
    from dronecheck.readers.gpx.reader import read_gpx

    return read_gpx(source)
