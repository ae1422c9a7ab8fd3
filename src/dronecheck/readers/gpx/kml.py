"""KML tracks: `Track` of KML 2.3 (OGC 12-007r2) and of Google's extension before it, alone or in a KMZ.

    element              what it is                                    becomes
    Track, gx:Track      times and places, in two lists of one order   one track (`trk`)
    when                 ISO 8601, UTC by the standard                 time_ns; without a zone taken as UTC, and said
    coord, gx:coord      "longitude latitude height", degrees, WGS 84  one point; the height only where altitudeMode
                                                                       says one, and its datum is not proven
    LineString, Point    drawings without times                        not read

Offsets are bytes of the KML document, also where it was unpacked from a KMZ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.gpx import is_kml_track
from dronecheck.readers.gpx.points import PointReader, Points, TrackPoint, number_of
from dronecheck.safe.io import HEAD_BYTES
from dronecheck.safe.xml import walk_xml
from dronecheck.safe.zip import open_zip

__all__ = ["read_kml_points", "track_document"]


def track_document(data: bytes) -> tuple[bytes, list[Issue]]:
    """Return the KML document with a track out of a KMZ, and what else is in it. Raises UnreadableInput."""
    archive = open_zip(data)
    documents = archive.named(".kml")
    for member in documents:
        content = archive.read(member)
        if is_kml_track(content[:HEAD_BYTES]):
            text = Message("further .kml files in the archive are not read")
            others = len(documents) - 1
            return content, [Issue(Code.UNKNOWN_RECORDS, Severity.WARNING, text, count=others)] if others else []
    raise UnreadableInput("no_track", "a KMZ archive without a track that has times; no flight log")


def read_kml_points(data: bytes) -> Points:
    """Read all points of all tracks. Raises UnreadableInput for XML that is not safe to read."""
    reader = _TrackReader()
    stop = walk_xml(data, reader)
    if stop is None:
        return reader.points(Completeness.COMPLETE, [])
    reader.close_track()
    if stop.cut:
        text = Message("the file ends before its last element is closed")
        return reader.points(Completeness.TRUNCATED, [Issue(Code.TRUNCATED, Severity.DAMAGE, text, stop.offset)])
    lost = len(data) - stop.offset
    text = Message(
        "the XML is damaged ({why}); the {lost_bytes:,} bytes behind are not read", why=stop.why, lost_bytes=lost
    )
    return reader.points(Completeness.DAMAGED, [Issue(Code.BYTES_SKIPPED, Severity.DAMAGE, text, stop.offset)])


class _TrackReader(PointReader):
    """Takes the elements of a KML document; a track's lists become points at its end."""

    KIND, ELEMENT = "KML", "coord"

    def __init__(self) -> None:
        super().__init__()
        self.attributes = {"version": "kml"}
        self.in_track = False
        self.coord_at = 0
        self.whens: list[str] = []
        self.coords: list[tuple[int, str]] = []
        self.is_clamped = True

    def start(self, name: str, attributes: Mapping[str, str], offset: int) -> None:
        """Take the begin of an element."""
        self.depth += 1
        if self.depth == 1 and name != "kml":
            raise UnreadableInput("xml", "an XML file, but no KML")
        if name == "Track":
            self.tracks += 1
            self.in_track, self.is_clamped = True, True
        elif name == "coord":
            self.coord_at = offset

    def end(self, name: str, text: str, offset: int) -> None:
        """Take the end of an element."""
        self.depth -= 1
        if name == "Track":
            self.close_track()
        elif not self.in_track:
            return
        elif name == "when":
            self.whens.append(text.strip())
        elif name == "coord":
            self.coords.append((self.coord_at, text))
        elif name == "altitudeMode":
            self.is_clamped = text.strip() not in ("absolute", "relativeToGround")

    def close_track(self) -> None:
        """Make points of what was read of a track: by their order, those left over without a time or a place."""
        missing = len(self.whens) - len(self.coords)
        places = self.coords + [(self.coord_at, "")] * missing
        for when, (offset, coord) in zip(self.whens + [""] * -missing, places, strict=True):
            axes = coord.split()
            lon, lat, height = (axes + [""] * 3)[:3]
            self.decimals = max(self.decimals, *(len(axis.partition(".")[2]) for axis in (lon, lat)))
            values = {"lat": number_of(lat), "lon": number_of(lon)}
            values["ele"] = math.nan if self.is_clamped else number_of(height)
            self.close(TrackPoint(offset, self.depth, values, when))
        self.whens, self.coords, self.in_track = [], [], False
