"""AIXM 4.5's corners of outlines and borders (Avx, Gbv), coordinates and lengths.

Coordinates say by the number of their digits what they are: 473523.89N and 0073520.77E degrees, minutes and seconds,
4735.4N degrees and minutes, 47.59N degrees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dronecheck.airspace.aixm.xml_tree import Node
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.common.units import NM_M
from dronecheck.messages import Message, told_by
from dronecheck.safe.io import plain

__all__ = ["Corner", "corner_of", "length_m", "point_of"]

Point = tuple[float, float]

_ANGLE = re.compile(r"(\d{2,7})(\.\d{1,10})?([NSEW])", re.ASCII)
_METRES = {"NM": NM_M, "KM": 1000.0, "M": 1.0, "FT": 0.3048}


@dataclass(frozen=True, slots=True)
class Corner:
    """A corner of an outline or border and the way to the next; `fault` says why it cannot be used."""

    kind: str
    point: Point = (0.0, 0.0)
    centre: Point | None = None
    radius_m: float | None = None
    border: tuple[str, str] = ("", "")
    datum: str = ""
    fault: Message = Message("")


def corner_of(node: Node) -> Corner:
    """Return the corner that an Avx or Gbv writes."""
    kind = node.said("codeType").upper()
    border = node.child("GbrUid")
    try:
        arc = (node.said("geoLatArc"), node.said("geoLongArc"))
        return Corner(
            kind,
            point_of(node.said("geoLat"), node.said("geoLong")),
            point_of(*arc) if any(arc) else None,
            length_m(node, "valRadiusArc", "uomRadiusArc") if node.said("valRadiusArc") else None,
            (border.attributes.get("mid", ""), border.said("txtName")) if border else ("", ""),
            node.said("codeDatum").upper(),
        )
    except Unusable as why:
        return Corner(kind, fault=told_by(why))


def point_of(lat: str, lon: str) -> Point:
    """Return longitude and latitude in degrees. Raises Unusable."""
    point = _angle(lon, "EW", 3), _angle(lat, "NS", 2)
    if abs(point[0]) > 180.0 or abs(point[1]) > 90.0:
        raise Unusable(Message("a corner that is nowhere on the globe"))
    return point


def _angle(text: str, hemispheres: str, width: int) -> float:
    """Return the degrees of an angle, its parts told apart by the number of digits.

    These are degrees, degrees and minutes, or degrees, minutes and seconds; decimals belong to the last part.
    """
    found = _ANGLE.fullmatch(text.strip().upper())
    if not found or found[3] not in hemispheres or len(found[1]) not in (width, width + 2, width + 4):
        raise Unusable(Message("a coordinate that cannot be read: {text!r}", text=plain(text, 30)))
    digits = found[1]
    parts = [digits[:width], *(digits[at : at + 2] for at in range(width, len(digits), 2))]
    numbers = [float(part) for part in parts]
    numbers[-1] += float(found[2] or 0)
    if any(number > 60.0 for number in numbers[1:]):
        raise Unusable(Message("a coordinate that cannot be read: {text!r}", text=plain(text, 30)))
    degrees = sum(number / 60.0**place for place, number in enumerate(numbers))
    return -degrees if found[3] in "SW" else degrees


def length_m(node: Node, value: str, unit: str) -> float:
    """Return a length (m) by the names of its elements. Raises Unusable."""
    try:
        return float(node.said(value)) * _METRES[node.said(unit).upper()]
    except (ValueError, KeyError):
        raise Unusable(
            Message("a radius of {value} {unit}", value=plain(node.said(value), 20), unit=plain(node.said(unit), 10))
        ) from None
