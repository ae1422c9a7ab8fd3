"""KML 2.2 and 2.3 (OGC 12-007r2), and KMZ: zones as Placemarks with Polygons.

| in the file | read as |
|---|---|
| Placemark with Polygon, MultiGeometry of Polygons | one zone; longitude first, inner boundaries are holes |
| a body of faces (floor, roof, walls), as NATS draws | its footprint: the union of all faces that are not walls |
| altitudeMode, extrude, heights of the points | a drawing, no limits: NATS draws those above the sea as above ground |
| description, ExtendedData, name, names of the folders | limits and class, see `kml.properties` |
| TimeSpan, TimeStamp | when to show it: then its times are unknown |
| Point, LineString, Track, Model | no area; a closed line may mean one: not read |
| NetworkLink | never followed, and said; overlays are pictures |

What lies between two vertices depends on who draws it: edges are ambiguous. Coordinates are WGS 84. In a KMZ the first
.kml file of the archive is read; archives in archives are not opened.
"""

from __future__ import annotations

import mmap
from bisect import bisect

import numpy as np
from numpy.typing import NDArray

from dronecheck.airspace.common.areas import polygon_area
from dronecheck.airspace.common.features import (
    About,
    closes,
    extent_of,
    label,
    repair_note,
    united,
    with_unique_ids,
    zone_of,
    zones_of,
)
from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.common.rejects import NoArea, Unusable
from dronecheck.airspace.kml.placemarks import Placemark, PolygonFace, placemarks
from dronecheck.airspace.kml.properties import properties_of
from dronecheck.airspace.zone import Zone, ZoneSet, ZoneSource
from dronecheck.errors import UnreadableInput
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.safe.io import Input, plain
from dronecheck.safe.zip import ARCHIVES, open_zip

__all__ = ["read_kml"]

_MOST_BYTES = 64 << 20
_WALL_DEG = 2e-7  # mean width of a vertical face seen from above: 2 cm, which rounding can make


def read_kml(source: Input) -> ZoneSet:
    """Read all Placemarks. Raises UnreadableInput when it is no KML or made to do harm."""
    data: bytes | mmap.mmap = source.data
    notes = Notes()
    if bytes(data[:4]) == b"PK\x03\x04":
        data = _main_document(data, notes)
    if len(data) > _MOST_BYTES:
        raise UnreadableInput("too_large", f"KML of more than {_MOST_BYTES >> 20} MiB; split it")
    marks, links, stop, is_kml = placemarks(data)
    if not is_kml or (stop is not None and not marks):
        why = f" ({plain(stop.why, 60)} at byte {stop.offset})" if stop else ""
        raise UnreadableInput("not_kml", f"no KML that can be read{why}")
    if stop is not None:
        text = Message(
            "no XML any more from byte {offset} on ({why}): what follows is not read",
            offset=stop.offset,
            why=plain(stop.why, 60),
        )
        notes.skip(text, number=len(marks) + 1, severity=Severity.DAMAGE)
    _note_links(links, marks, notes)
    origin = ZoneSource(name=source.name, sha256=source.sha256)
    return with_unique_ids(zones_of(marks, _zone, origin, notes))


def _main_document(data: bytes | mmap.mmap, notes: Notes) -> bytes:
    archive = open_zip(data)
    documents = archive.named(".kml")
    if not documents:
        nested = archive.named(*ARCHIVES)
        if nested:
            shown = plain(nested[0].name, 80)
            raise UnreadableInput("nested_archive", f"an archive in an archive; unpack it first and name {shown}")
        raise UnreadableInput("not_kml", "a KMZ archive without a .kml file")
    for other in documents[1:]:
        notes.skip(Message("a further .kml file in the archive is not read"), name=plain(other.name, 80))
    return archive.read(documents[0])


def _note_links(links: list[tuple[str, int]], marks: list[Placemark], notes: Notes) -> None:
    offsets = [mark.offset for mark in marks]
    for name, offset in links:
        number = 1 + bisect(offsets, offset)
        if name == "NetworkLink":
            text = Message("a link to another file, which is never followed: zones in it are not read")
            notes.skip(text, number=number)
        else:
            notes.add(Code.NO_AREA, Message("a picture laid over the map"), number=number, severity=Severity.INFO)


def _zone(mark: Placemark, number: int, origin: ZoneSource, notes: Notes) -> Zone:
    return zone_of(
        properties_of(mark), plain(mark.identifier, 120), number, origin, notes, lambda name: _shape(mark, name),
        Edge.AMBIGUOUS,
    )  # fmt: skip


def _shape(mark: Placemark, name: str) -> tuple[Shape, About]:
    if mark.fault:
        raise Unusable(mark.fault)
    if not mark.faces:
        raise _no_area(mark, name)
    if not all(face.rings for face in mark.faces):
        raise Unusable(Message("a Polygon without coordinates"))
    faces = [face for face in mark.faces if not _is_wall(face)]
    if not faces:
        raise Unusable(Message("all of its faces are vertical"))
    read_faces = [polygon_area({"type": "Polygon", "coordinates": [r[:, :2] for r in face.rings]}) for face in faces]
    shape = united([shape for shape, _ in read_faces])
    return shape, [repair_note(shape)] if any(was_invalid for _, was_invalid in read_faces) else []


def _no_area(mark: Placemark, name: str) -> Unusable:
    if any(closes(line) for line in mark.lines):
        return Unusable(Message("a closed line; whether an area is meant cannot be told"))
    if extent := extent_of(mark.data):
        what = mark.others[0] if mark.others else Message("a Placemark without a shape")
        text = "{what} with {extent}: an area of which nobody says how large it is"
        return Unusable(Message(text, what=what, extent=extent))
    if mark.others == ["a point"]:
        return label(name)
    return NoArea(
        Message("{what}, no area", what=mark.others[0]) if mark.others else Message("a Placemark without a shape")
    )


def _is_wall(face: PolygonFace) -> bool:
    """Tell whether a face is vertical: it has height, and seen from above it is thinner than rounding makes it."""
    ring = face.rings[0]
    heights = ring[np.isfinite(ring[:, 2]), 2]
    if not len(heights) or heights.min() == heights.max():
        return False
    flat: NDArray[np.float64] = ring[:, :2] - ring[0, :2]
    around = np.roll(flat, -1, axis=0)
    area = abs(float((flat[:, 0] * around[:, 1] - flat[:, 1] * around[:, 0]).sum())) / 2
    return 2 * area <= _WALL_DEG * float(np.hypot(*(around - flat).T).sum())
