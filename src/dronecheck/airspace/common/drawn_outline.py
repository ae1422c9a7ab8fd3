"""Outlines drawn as in OpenAir: points, arcs and circles as a `Shape`, nothing turned into vertices.

Bearings (DA) are from true north, radii in nautical miles. An arc between two points (DB) names its radius twice: both
ends are kept, the radius goes evenly from one to the other, and a difference above 100 m is noted. Rings need not be
closed. The direction (V D=) begins as clockwise in each zone, as the specification of 1998 says; the centre (V X=)
stays from zone to zone, which is noted where a zone lives on it.

A record is understood to its end or its zone is none: what follows a coordinate may be a note ("c29"), never a number,
a second record or a further coordinate. An arc that ends where it begins, or some 50 m away, may be (nearly) a whole
circle or nothing: both are kept (`Shape.either`), unless the arc is all that the outline has.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dronecheck.airspace.common.units import NM_M
from dronecheck.geo.outline.rings import unwrap_ring
from dronecheck.geo.outline.shape import Arc, Circle, Ring, Shape
from dronecheck.geo.plane import geodesic_ahead, geodesic_between, local_offsets_m
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = [
    "NOTED_M",
    "NoOutline",
    "OnlyALine",
    "Outline",
    "Pen",
    "TextRecord",
    "holds_outline",
    "is_flat",
    "read_point",
]

NOTED_M = 100.0  # real files: median 6 to 14 m, from rounded seconds
_DOUBTFUL_ARC = Message(
    "an arc whose ends lie at distances from its centre that differ by more than {limit_m:g} m", limit_m=NOTED_M
)
_NEARLY_WHOLE = Message("an arc that ends where it begins, or next to it: with and without the circle are both judged")
_WHOLE = Message("an arc that ends where it begins; a whole circle is taken")
_NEXT_M = 50.0  # a second of latitude and one of longitude are 44 m
_EXPLICIT_DEG = 180.0  # bearings that differ by more say themselves that the whole circle is meant
_LARGEST_M = 5_000_000.0
_MOST_TURN_VERTICES = 500_000  # of one zone's arcs, once they are made into polygons

Point = tuple[float, float]
_TO_COME: Point = (math.nan, math.nan)  # the end of an arc by bearings: all of a zone are computed at once

_ANGLE = r"(\d{1,3}(?:\.\d{0,20})?)(?::(\d{1,2}(?:\.\d{0,20})?)(?::((?:0\d)?\d{1,2}(?:\.\d{0,20})?))?)?\s*"
_POINT = re.compile(rf"\s*{_ANGLE}([NS])[\s,]*{_ANGLE}([EW])(?![A-Z0-9])", re.IGNORECASE | re.ASCII)
_COMPACT = re.compile(
    r"\s*(\d{2})(\d{2})(\d{2}(?:\.\d{0,20})?)\s*([NS])[\s,]*(\d{3})(\d{2})(\d{2}(?:\.\d{0,20})?)\s*([EW])(?![A-Z0-9])",
    re.IGNORECASE | re.ASCII,
)
_NOTE = re.compile(
    r"(?![\d.:=]|-\s*\d|[NSEWnsew]\b)(?!.*(?:\d\s*[:.°]|[:.°=]\s*\d|=|\b(?:A[A-Z]|D[ABCPY]|V|S[BP]|T[CO])\s)).*",
    re.DOTALL,
)
_DIRECTION = re.compile(r"\s*([+-])\s*\d{0,3}\s*", re.ASCII)
_OUTLINE = re.compile(  # an outline record that stands in another one
    r"\d\s*[NS][\s,]*\d{1,3}(?:\d{4}|[:.]\d)|D[PB]\s*\d{1,3}(?::\d|(?:\d{4})?(?:\.\d+)?\s*[NS])|DA\s*[\d.]+\s*,|V\s+[XD]\s*=",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"\s*(-?\d{1,6}(?:\.\d{0,20})?)\s*(,|$)", re.ASCII)
_SIGN = {"N": 1.0, "S": -1.0, "E": 1.0, "W": -1.0}


@dataclass(frozen=True, slots=True)
class TextRecord:
    """One line of a text file: its number from 1, its tag in capitals and the rest, without comments."""

    line: int
    tag: str
    text: str


class NoOutline(Exception):
    """Why a zone's outline cannot be read, with the line that says so."""

    def __init__(self, why: Message, line: int) -> None:
        super().__init__(why)
        self.line = line


def holds_outline(text: str) -> bool:
    """Tell whether a text holds an outline record, or the coordinate of one."""
    return _OUTLINE.search(text) is not None


class OnlyALine(NoOutline):
    """An open line of two points: no area is meant, and none is lost."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A shape, what is doubtful about it as (line, text), and the largest difference of an arc's two radii.

    `is_round`: it has circles only, so that no edge is in question.
    """

    shape: Shape
    doubts: tuple[tuple[int, Message], ...]
    mismatch_m: float
    is_round: bool


@dataclass(slots=True)
class _PendingArc:
    """An arc being read: its place in the ring, and for DA its radius and bearings, whose ends are still to come."""

    record: TextRecord
    after: int
    centre_deg: Point
    clockwise: bool
    radius_m: float = 0.0
    bearings_deg: Point | None = None
    is_nearly_whole: bool = False  # its ends meet, or nearly: the circle, or nothing of it
    is_closed: bool = False  # its ends are the same
    long_way: bool = False  # the direction, clockwise or not, in which it is the circle


@dataclass(slots=True)
class Pen:
    """Reads one zone's outline after the other; its centre stays between zones."""

    centre_deg: Point | None = None
    _own_centre: bool = False
    _clockwise: bool = True
    _points: list[Point] = field(default_factory=list)
    _turns: list[_PendingArc] = field(default_factory=list)
    _circles: list[Circle] = field(default_factory=list)
    _doubts: list[tuple[int, Message]] = field(default_factory=list)

    def draw(self, outline: Sequence[TextRecord], line: int) -> Outline:
        """Draw the shape of a zone whose AC record stands on `line`. Raises NoOutline."""
        self._own_centre, self._clockwise = False, True
        self._points, self._turns, self._circles, self._doubts = [], [], [], []
        first_fault: NoOutline | None = None
        for record in outline:
            try:
                _READ[record.tag](self, record)
            except NoOutline as fault:  # go on: the centre is for the next zone, too
                first_fault = first_fault or fault
        if first_fault is not None:
            raise first_fault
        polygons: list[list[Ring | Circle]] = [[circle] for circle in self._circles]
        mismatch_m, doubtful = 0.0, list[Circle]()
        if self._points:
            ring, doubtful, mismatch_m = self._ring(line)
            polygons.append([ring])
        if not polygons:
            raise NoOutline(Message("it has no outline"), line)
        if len(polygons) > 1:
            self._doubts.append(
                (line, Message("{count} outlines in one zone; all of them are taken", count=len(polygons)))
            )
        shape = Shape.of(polygons)
        if doubtful:
            shape = Shape.either([Shape.of([*polygons, *([circle] for circle in doubtful)]), shape])
        return Outline(shape, tuple(self._doubts), mismatch_m, not self._points)

    def _variable(self, record: TextRecord) -> None:
        name, _, value = record.text.partition("=")
        match name.strip().upper():
            case "X":
                self.centre_deg, self._own_centre = None, True
                self.centre_deg = _points_of(record, value, 1)[0]
            case "D":
                found = _DIRECTION.fullmatch(value)
                if found is None:
                    raise NoOutline(
                        Message("its direction {value!r} is neither + nor -", value=plain(value, 20)), record.line
                    )
                self._clockwise = found[1] == "+"
            case "W" | "Z" | "T" if not holds_outline(value):
                pass  # an airway's width, a zoom level, a track of some program's own
            case other:
                raise NoOutline(Message("an unknown variable {other!r}", other=plain(other, 20)), record.line)

    def _centre(self, record: TextRecord) -> Point:
        if self.centre_deg is None:
            raise NoOutline(Message("{tag} has no centre (V X=)", tag=record.tag), record.line)
        if not self._own_centre:
            self._own_centre = True
            self._doubts.append((record.line, Message("it names no centre; that of the zone before is taken")))
        return self.centre_deg

    def _point(self, record: TextRecord) -> None:
        self._go_to(_points_of(record, record.text, 1)[0])

    def _go_to(self, point: Point) -> None:
        if not self._points or self._points[-1] != point:
            self._points.append(point)

    def _arc_by_points(self, record: TextRecord) -> None:
        begin, end = _points_of(record, record.text, 2)
        self._go_to(begin)
        self._turns.append(_PendingArc(record, len(self._points) - 1, self._centre(record), self._clockwise))
        self._points.append(end)

    def _arc_by_bearings(self, record: TextRecord) -> None:
        radius_nm, begin, end = _numbers_of(record, 3)
        turn = _PendingArc(
            record, len(self._points), self._centre(record), self._clockwise, _radius_m(record, radius_nm)
        )
        turn.bearings_deg = (begin, end)
        self._turns.append(turn)
        self._points += [_TO_COME, _TO_COME]

    def _circle(self, record: TextRecord) -> None:
        (radius_nm,) = _numbers_of(record, 1)
        self._circles.append(Circle(self._centre(record), _radius_m(record, radius_nm)))

    def _stray(self, record: TextRecord) -> None:
        self.centre_deg = None  # the line may have been one
        raise NoOutline(
            Message("a line in its outline that is no record: {text!r}", text=plain(record.text, 60)), record.line
        )

    def _airway(self, record: TextRecord) -> None:
        raise NoOutline(Message("an airway (DY), whose outline no program agrees on"), record.line)

    def _ring(self, line: int) -> tuple[Ring, list[Circle], float]:
        """Return the outline, the circles that it may have beside, and how much an arc's two radii differ at most."""
        points = np.array(self._points, dtype=np.float64)
        mismatch_m = self._fill_turns(points) if self._turns else 0.0
        if (points[0] != points[-1]).any():
            points = np.vstack([points, points[:1]])
        if not self._turns and len(self._points) == 2:
            raise OnlyALine(
                Message("a line between two points"), line
            )  # cables and the like; A, B, A claims to be an area
        encloses = len(points) >= 4 and not is_flat(points)
        if not self._turns and not encloses:
            raise NoOutline(Message("its outline encloses nothing"), line)
        arcs, circles = list[Arc](), list[Circle]()
        for turn in self._turns:
            if not turn.is_nearly_whole:
                arcs.append(Arc(turn.after, turn.centre_deg, turn.clockwise))
            elif len(self._turns) == 1 and not encloses:
                self._doubts.append((turn.record.line, _WHOLE))
                arcs.append(Arc(turn.after, turn.centre_deg, turn.long_way))
            else:
                self._doubts.append((turn.record.line, _NEARLY_WHOLE))
                circles.append(Circle(turn.centre_deg, turn.radius_m))
                if not turn.is_closed:
                    arcs.append(Arc(turn.after, turn.centre_deg, not turn.long_way))
        return Ring(points, tuple(arcs)), circles, mismatch_m

    def _fill_turns(self, points: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        """Put the ends of DA arcs in their places, and compare the two radii of DB arcs: the largest difference."""
        by_bearing = [turn for turn in self._turns if turn.bearings_deg is not None]
        if by_bearing:
            centres = np.repeat(np.array([turn.centre_deg for turn in by_bearing]), 2, axis=0)
            bearings = np.array([turn.bearings_deg for turn in by_bearing], dtype=np.float64).ravel() % 360.0
            reach_m = np.repeat([turn.radius_m for turn in by_bearing], 2)
            ends = geodesic_ahead(centres, bearings, reach_m)
            places = np.array([[turn.after, turn.after + 1] for turn in by_bearing]).ravel()
            points[places] = ends
        centres = np.repeat(np.array([turn.centre_deg for turn in self._turns]), 2, axis=0)
        after = np.array([turn.after for turn in self._turns])
        azimuth, length_m = geodesic_between(centres, points[np.column_stack([after, after + 1]).ravel()])
        radii_m, azimuths = length_m.reshape(-1, 2), azimuth.reshape(-1, 2)
        for turn, (least_m, most_m) in zip(self._turns, np.sort(radii_m, axis=1).tolist(), strict=True):
            if not 0.0 < least_m <= most_m <= _LARGEST_M:
                raise NoOutline(Message("an arc through its own centre, or half around the globe"), turn.record.line)
            if most_m - least_m > NOTED_M:
                self._doubts.append((turn.record.line, _DOUBTFUL_ARC))
        if np.sqrt(radii_m.max(axis=1)).sum() * np.pi / np.sqrt(0.02) > _MOST_TURN_VERTICES:
            raise NoOutline(Message("more and larger arcs than any zone has"), self._turns[0].record.line)
        chord_m = np.hypot(*local_offsets_m(*points[after].T, *points[after + 1].T))
        is_next = chord_m < np.minimum(_NEXT_M, radii_m.max(axis=1) / 4)
        for number in np.flatnonzero(is_next):
            turn = self._turns[number]
            turn.is_nearly_whole = turn.bearings_deg is None or abs(np.diff(turn.bearings_deg)[0]) < _EXPLICIT_DEG
            turn.is_closed = bool((points[turn.after] == points[turn.after + 1]).all())
            turn.long_way = bool((azimuths[number, 1] - azimuths[number, 0]) % 360.0 > 180.0) or turn.is_closed
            turn.radius_m = float(radii_m[number].max())
        return float(np.ptp(radii_m, axis=1).max())


_READ = {
    "": Pen._stray,
    "V": Pen._variable,
    "DP": Pen._point,
    "DA": Pen._arc_by_bearings,
    "DB": Pen._arc_by_points,
    "DC": Pen._circle,
    "DY": Pen._airway,
}


def read_point(text: str, begin: int = 0) -> tuple[Point, int] | None:
    """Read the coordinate at `begin`: longitude and latitude in degrees, and where its text ends; None: there is none.

    Degrees, minutes and seconds (`47:01:02.5 N 008:01:02 E`), minutes with decimals (`47:01.5N 8:1.25E`) or degrees
    with decimals, both angles alike; also `470102.5N 0080102E`. Sixty minutes or seconds are the next one up, as files
    write them.
    """
    found = _POINT.match(text, begin) or _COMPACT.match(text, begin)
    if found is None or (found[2] is None, found[3] is None) != (found[6] is None, found[7] is None):
        return None
    lat, lon = _degrees(*found.group(1, 2, 3)), _degrees(*found.group(5, 6, 7))
    if not (lat <= 90.0 and lon <= 180.0):  # NaN too
        return None
    return (lon * _SIGN[found[8].upper()], lat * _SIGN[found[4].upper()]), found.end()


def _degrees(degrees: str, minutes: str | None, seconds: str | None) -> float:
    """Return the degrees of an angle; NaN when it has parts above 60, or decimals anywhere but in its last part."""
    if minutes is None:
        return float(degrees)
    if "." in degrees or float(minutes) > 60.0:
        return math.nan
    if seconds is None:
        return float(degrees) + float(minutes) / 60.0
    if "." in minutes or float(seconds) > 60.0:
        return math.nan
    return float(degrees) + float(minutes) / 60.0 + float(seconds) / 3600.0


def _points_of(record: TextRecord, text: str, count: int) -> list[Point]:
    """Return the coordinates of a record. What follows them may be a note ("c29"), nothing else."""
    points, begin = [], 0
    for _ in range(count):
        found = read_point(text, begin)
        if found is None:
            break
        point, begin = found
        points.append(point)
        while begin < len(text) and text[begin] in " \t,":
            begin += 1
    if len(points) < count or _NOTE.fullmatch(text, begin) is None:
        raise NoOutline(
            Message(
                "{tag} without {count} readable coordinate(s): {text!r}",
                tag=record.tag,
                count=count,
                text=plain(text, 60),
            ),
            record.line,
        )
    return points


def _numbers_of(record: TextRecord, count: int) -> list[float]:
    numbers, begin = [], 0
    for number in range(count):
        found = _NUMBER.match(record.text, begin)
        if found is None or (number == count - 1) != (found[2] == ""):
            raise NoOutline(
                Message(
                    "{tag} without {count} number(s): {text!r}",
                    tag=record.tag,
                    count=count,
                    text=plain(record.text, 60),
                ),
                record.line,
            )
        numbers.append(float(found[1]))
        begin = found.end()
    return numbers


def _radius_m(record: TextRecord, radius_nm: float) -> float:
    metres = radius_nm * NM_M
    if not 0.0 < metres <= _LARGEST_M:
        raise NoOutline(
            Message("{tag} with a radius of {radius_nm:g} NM", tag=record.tag, radius_nm=radius_nm), record.line
        )
    return metres


def is_flat(points: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> bool:
    """Tell whether all vertices lie on one line, with nothing inside.

    A parallel all around a pole is not flat.
    """
    for ring in (points, unwrap_ring(points)):  # the second costs more and has the pole
        away = ring - ring[0]
        farthest = away[np.argmax((away**2).sum(axis=1))]
        if (np.abs(away[:, 0] * farthest[1] - away[:, 1] * farthest[0]) > 1e-15).any():
            return False
    return True
