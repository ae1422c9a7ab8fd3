"""The Placemarks of a KML document, one after the other, out of the safe walk through its XML."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.errors import UnreadableInput
from dronecheck.messages import Message, told_by
from dronecheck.safe.xml import Stop, walk_xml

__all__ = ["Placemark", "PolygonFace", "placemarks"]


_MOST_TEXT_CHARS = 8 << 20  # of one ring: 300,000 vertices
_MOST_ELEMENTS = 1_000_000  # the airspace of a large country, drawn in faces, has 200,000
_MOST_PLACEMARKS = 50_000  # and links
_MOST_PROPERTIES = 1_000
_FOLDERS = frozenset({"Folder", "Document"})
_NO_AREAS = {
    "Point": Message("a point"),
    "LineString": Message("a line"),
    "Track": Message("a track"),
    "Model": Message("a model"),
    "LinearRing": Message("a ring"),
}


@dataclass(slots=True)
class PolygonFace:
    """A Polygon: rings of shape (n, 3), longitude, latitude, height (NaN: none), the outer one first."""

    rings: list[Floats] = field(default_factory=list)
    mode: str = "clampToGround"


@dataclass(slots=True)
class Placemark:
    """One Placemark as it is written; `folders` from the outermost on. `fault`: why its coordinates cannot be read."""

    offset: int
    identifier: str
    folders: tuple[str, ...]
    name: str = ""
    description: str = ""
    data: dict[str, object] = field(default_factory=dict)
    span: list[str] = field(default_factory=list)
    faces: list[PolygonFace] = field(default_factory=list)
    lines: list[Floats] = field(default_factory=list)
    others: list[Message] = field(default_factory=list)
    fault: Message = Message("")


class _PlacemarkCollector:
    """Takes the elements of `walk_xml`."""

    def __init__(self) -> None:
        self.found: list[Placemark] = []
        self.links: list[tuple[str, int]] = []
        self.path: list[str] = []
        self.folders: list[str] = []
        self.mark: Placemark | None = None
        self.key = ""
        self.texts: list[str] = []
        self.is_kml = False
        self.elements = 0

    def start(self, name: str, attributes: Mapping[str, str], offset: int) -> None:
        """Begin an element."""
        self.is_kml = self.is_kml or name == "kml"
        self.elements += 1
        if self.elements > _MOST_ELEMENTS or len(self.found) + len(self.links) > _MOST_PLACEMARKS:
            text = f"KML of more than {_MOST_PLACEMARKS:,} Placemarks or {_MOST_ELEMENTS:,} elements; split it"
            raise UnreadableInput("too_large", text)
        self.path.append(name)
        if name in _FOLDERS:
            self.folders.append("")
        elif name == "Placemark":
            self.mark = Placemark(offset, attributes.get("id", ""), tuple(f for f in self.folders if f))
        elif name in ("NetworkLink", "GroundOverlay", "PhotoOverlay"):
            self.links.append((name, offset))
        elif name in ("Data", "SimpleData"):
            self.key = attributes.get("name", "")
        elif name == "description":
            self.texts = []
        elif self.mark is not None and name == "Polygon":
            self.mark.faces.append(PolygonFace())
        elif self.mark is not None and name in _NO_AREAS and "Polygon" not in self.path:
            self.mark.others.append(_NO_AREAS[name])

    def end(self, name: str, text: str, offset: int) -> None:
        """End an element."""
        self.path.pop()
        parent = self.path[-1] if self.path else ""
        mark = self.mark
        if "description" in self.path or name == "description":
            self.texts.append(text)
        if name in _FOLDERS:
            self.folders.pop()
        elif name == "name" and parent in _FOLDERS:
            self.folders[-1] = text.strip()[:200]
        elif mark is None:
            return
        elif name == "Placemark":
            self.found.append(mark)
            self.mark = None
        elif name == "coordinates":
            self._coordinates(mark, text)
        elif name == "altitudeMode" and parent == "Polygon":
            mark.faces[-1].mode = text.strip()
        else:
            self._property(mark, name, parent, text)

    def _property(self, mark: Placemark, name: str, parent: str, text: str) -> None:
        if name == "name" and parent == "Placemark":
            mark.name = text.strip()
        elif name == "description" and parent == "Placemark":
            mark.description = " ".join(self.texts)
        elif (name == "value" and parent == "Data") or name == "SimpleData":
            mark.data[self.key] = text.strip()
            if len(mark.data) > _MOST_PROPERTIES:
                mark.fault = Message("more than {most:,} properties", most=_MOST_PROPERTIES)
                mark.data.clear()
        elif name in ("begin", "end", "when") and parent in ("TimeSpan", "TimeStamp"):
            mark.span.append(f"{name} {text.strip()[:40]}")

    def _coordinates(self, mark: Placemark, text: str) -> None:
        if "Point" in self.path:
            return
        try:
            points = _points(text)
        except ValueError as why:
            mark.fault = mark.fault or told_by(why)
            return
        if "Polygon" not in self.path:
            mark.lines.append(points)
        elif "innerBoundaryIs" in self.path:
            mark.faces[-1].rings.append(points)
        else:
            mark.faces[-1].rings.insert(0, points)


def placemarks(data: bytes | mmap.mmap) -> tuple[list[Placemark], list[tuple[str, int]], Stop | None, bool]:
    """Return all Placemarks, links and overlays by their offsets, where the document broke off, and whether it is KML.

    Raises UnreadableInput.
    """
    reader = _PlacemarkCollector()
    stop = walk_xml(data, reader, text_at_most_chars=_MOST_TEXT_CHARS)
    return reader.found, reader.links, stop, reader.is_kml


def _points(text: str) -> Floats:
    """Read tuples of longitude, latitude and maybe height, with spaces between; also with spaces after the commas."""
    if len(text) >= _MOST_TEXT_CHARS:
        raise ValueError(Message("a ring of more than {most_mib} MiB", most_mib=_MOST_TEXT_CHARS >> 20))
    tuples = " ".join(text.split()).replace(" ,", ",").replace(", ", ",").split(" ")
    commas = {one.count(",") for one in tuples}
    try:
        if commas in ({1}, {2}):
            points = np.array(",".join(tuples).split(","), dtype=np.float64).reshape(len(tuples), -1)
        else:  # some points have a height, others none
            points = np.array([[*one.split(",")[:3], "nan"][:3] for one in tuples], dtype=np.float64)
    except ValueError:
        raise ValueError(Message("its coordinates cannot be read")) from None
    if points.shape[1] == 3:
        return points
    return np.column_stack([points, np.full(len(points), np.nan)])
