"""GML of AIXM 5.1: surfaces and curves out of their elements, by the OGC's "Use of GML for aviation data" (12-028r1).

| in the file | read as |
|---|---|
| srsName urn:ogc:def:crs:EPSG::4326 (4258), or none | latitude, longitude; angles are bearings from true north |
| CRS84 | longitude, latitude; angles run from east against the clock |
| GeodesicString, Geodesic | geodesic edges |
| LineStringSegment, LinearRing | edges straight in longitude and latitude |
| ArcByCenterPoint | from start to end angle, clockwise where they grow; 270 to 497 is 227 degrees; 360: all around |
| CircleByCenterPoint | a geodesic circle |
| curveMember, pointProperty, surface or volume with xlink:href | by gml:id, or a border by its identifier |
| pos, posList, pointProperty/Point/pos | vertices |
| radius in NM, [nmi_i], M, KM, FT, MI | with its unit; without one it is none |

The nearest srsName around an element holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from dronecheck.airspace.aixm.v51.outline import (
    ArcSegment,
    Border,
    CurveSegment,
    Follow,
    Leg,
    RawRing,
    arc_ends,
    ring_of,
)
from dronecheck.airspace.aixm.xml_tree import TEXT_AT_MOST_CHARS, Node
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.common.units import NM_M
from dronecheck.arrays import Floats
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Circle
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["Gml", "key_of"]


_LINES = {
    "GeodesicString": Edge.GEODESIC, "Geodesic": Edge.GEODESIC, "LineStringSegment": Edge.PLANAR,
    "LinearRing": Edge.PLANAR, "LineString": Edge.PLANAR,
}  # fmt: skip
_METRES = {"NM": NM_M, "[NMI_I]": NM_M, "M": 1.0, "KM": 1000.0, "FT": 0.3048, "[FT_I]": 0.3048, "MI": 1609.344}
_LATITUDE_FIRST = frozenset({"EPSG:4326", "EPSG:4258", ""})
_MOST_DEPTH = 8


@dataclass(frozen=True, slots=True)
class _Context:
    srs: str = ""
    depth: int = 0

    def into(self, node: Node) -> _Context:
        if self.depth > _MOST_DEPTH * 8:
            raise Unusable(Message("references without an end"))
        return _Context(node.attributes.get("srsName", self.srs), self.depth + 1)


@dataclass(slots=True, eq=False)
class Gml:
    """What elements of one file refer to: any by its gml:id, and borders by their identifiers."""

    by_id: dict[str, Node] = field(default_factory=dict)
    borders: Mapping[str, Node] = field(default_factory=dict)
    _known_borders: dict[str, Border] = field(default_factory=dict)

    def target(self, node: Node) -> Node | None:
        """Return the element that an xlink:href points to in this file; None when it has none, or it is not there."""
        return self.by_id.get(key_of(node.attributes.get("href", "")))

    def polygons(self, projection: Node) -> list[list[RawRing | Circle]]:
        """Return the polygons of a horizontalProjection, each a shell and its holes. Raises Unusable."""
        found = [self._polygon(patch, context) for patch, context in self._patches(projection, _Context())]
        if not found:
            href = projection.attributes.get("href")
            raise Unusable(
                Message("its surface {href} is not in the file", href=plain(href, 80))
                if href
                else Message("a surface without patches")
            )
        return found

    def _patches(self, node: Node, context: _Context) -> Iterator[tuple[Node, _Context]]:
        context = context.into(node)
        if node.name in ("PolygonPatch", "Polygon", "Rectangle"):
            yield node, context
            return
        target = self.target(node)
        for child in (target,) if target and not node.children else node.children:
            yield from self._patches(child, context)

    def _polygon(self, patch: Node, context: _Context) -> list[RawRing | Circle]:
        rings = []
        for part in (*patch.all("exterior"), *patch.all("interior")):
            legs = [leg for child in part.children for leg in self._legs(child, context.into(part))]
            rings.append(ring_of(legs))
        if not patch.all("exterior"):
            raise Unusable(Message("a polygon without an outer ring"))
        return rings

    def _legs(self, node: Node, context: _Context) -> Iterator[Leg]:
        """Yield the lines of a ring, a curve or a segment, and of what they refer to."""
        context = context.into(node)
        if node.name in _LINES:
            yield CurveSegment(self._vertices(node, context), _LINES[node.name])
        elif node.name == "ArcByCenterPoint":
            yield self._arc(node, context)
        elif node.name == "CircleByCenterPoint":
            yield Circle(self._centre(node, context), _radius_m(node))
        elif node.name == "OrientableCurve":
            raise Unusable(Message("a curve that is turned around (OrientableCurve)"))
        elif node.attributes.get("href") and not node.children:
            yield from self._referred(node, context)
        elif node.name in ("Ring", "curveMember", "Curve", "CompositeCurve", "segments", "baseCurve"):
            for child in node.children:
                yield from self._legs(child, context)
        elif node.name not in ("annotation", "identifier", "name", "description", "horizontalAccuracy"):
            raise Unusable(Message("a segment of a kind that is not read ({name})", name=plain(node.name, 40)))

    def _referred(self, node: Node, context: _Context) -> Iterator[Leg]:
        key = key_of(node.attributes["href"])
        if key in self.borders:
            yield Follow(self._border(key))
        elif key in self.by_id:
            yield from self._legs(self.by_id[key], context)
        else:
            raise Unusable(Message("it follows {key}, which is not in the file", key=plain(key, 80)))

    def _border(self, key: str) -> Border:
        if key not in self._known_borders:
            feature = self.borders[key]
            name = plain(next((n.text.strip() for n in feature.walk() if n.name == "name" and n.text), key), 60)
            curve = next((node for node in feature.walk() if node.name == "border"), None)
            legs = [leg for child in (curve.children if curve else ()) for leg in self._legs(child, _Context())]
            if not legs or not all(isinstance(leg, CurveSegment) for leg in legs):
                raise Unusable(Message("the border {name} has no line that can be read", name=name))
            lines = [leg for leg in legs if isinstance(leg, CurveSegment)]
            self._known_borders[key] = Border(
                name, CurveSegment(np.vstack([leg.points for leg in lines]), lines[0].edge)
            )
        return self._known_borders[key]

    def _vertices(self, node: Node, context: _Context) -> Floats:
        parts = list(self._coordinates(node, context))
        if not parts:
            raise Unusable(Message("a line without vertices"))
        return np.vstack(parts)

    def _coordinates(self, node: Node, context: _Context) -> Iterator[Floats]:
        context = context.into(node)
        if node.name in ("pos", "posList", "coordinates"):
            yield _points(node, context.srs)
            return
        target = self.target(node)
        for child in (target,) if target and not node.children else node.children:
            if child.name in ("pos", "posList", "pointProperty", "pointRep", "Point", "ElevatedPoint"):
                yield from self._coordinates(child, context)

    def _centre(self, node: Node, context: _Context) -> tuple[float, float]:
        points = self._vertices(node, context)
        return float(points[0, 0]), float(points[0, 1])

    def _arc(self, node: Node, context: _Context) -> ArcSegment:
        centre, radius_m = self._centre(node, context), _radius_m(node)
        start, end = _number(node, "startAngle"), _number(node, "endAngle")
        clockwise = end > start
        if _order(context.into(node).srs) == "lon":  # angles from east against the clock
            start, end, clockwise = 90.0 - start, 90.0 - end, end < start
        if abs(end - start) >= 360.0:
            end = start  # all the way around: two equal ends are the whole circle
        return ArcSegment(*arc_ends(centre, radius_m, (start, end)), centre, clockwise, radius_m)


def key_of(href: str) -> str:
    """Return the identifier or gml:id that a reference names: urn:uuid:X, #X, #uuid.X and X are X."""
    return href.strip().removeprefix("#").removeprefix("urn:uuid:").removeprefix("uuid.")


def _order(srs: str) -> str:
    """Return which coordinate comes first. Raises Unusable for a system that is not known."""
    tail = srs.strip().upper().replace("HTTP://WWW.OPENGIS.NET/DEF/CRS/", "").replace("URN:OGC:DEF:CRS:", "")
    if tail.endswith("CRS84"):
        return "lon"
    parts = [part for part in tail.replace("/", ":").split(":") if part]
    if ":".join([*parts[:1], *parts[-1:]] if parts else []) in _LATITUDE_FIRST:
        return "lat"
    raise Unusable(Message("coordinates in {srs!r}, which is not read", srs=plain(srs, 60)))


def _points(node: Node, srs: str) -> Floats:
    order = _order(srs)
    if len(node.text) >= TEXT_AT_MOST_CHARS:
        raise Unusable(Message("a list of coordinates longer than any zone has"))
    try:
        numbers = np.array(node.text.replace(",", " ").split(), dtype=np.float64)
    except ValueError:
        raise Unusable(
            Message("coordinates that are no numbers: {text!r}", text=plain(node.text.strip(), 40))
        ) from None
    if not len(numbers) or len(numbers) % 2 or node.attributes.get("srsDimension", "2") != "2":
        raise Unusable(Message("coordinates that are no pairs"))
    pairs = numbers.reshape(-1, 2)
    points = pairs[:, ::-1] if order == "lat" else pairs
    if not (np.abs(points) <= [360.0, 90.0]).all():
        raise Unusable(Message("a vertex that is nowhere on the globe"))
    return np.ascontiguousarray(points)


def _number(node: Node, name: str) -> float:
    try:
        number = float(node.said(name))
    except ValueError:
        raise Unusable(Message("{name} {value!r} is no number", name=name, value=plain(node.said(name), 20))) from None
    if not abs(number) <= 1e9:
        raise Unusable(Message("{name} {number:g}", name=name, number=number))
    return number


def _radius_m(node: Node) -> float:
    radius = node.child("radius")
    unit = (radius.attributes.get("uom", "") if radius else "").strip().upper()
    if unit not in _METRES:
        raise Unusable(Message("a radius in {unit!r}", unit=plain(unit, 20)))
    return _number(node, "radius") * _METRES[unit]
