"""The track points of a GPX file as columns, and what of the file could not be read."""

from __future__ import annotations

import math
import mmap
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.dates import can_be, impossible_dates
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.gpx import NAME
from dronecheck.safe.xml import walk_xml
from dronecheck.timebase import ns_of

__all__ = ["PointReader", "Points", "TrackPoint", "number_of", "read_points"]

RESTARTS_AT_MOST = 200
DECIMALS_AT_MOST = 9
TIME_CHARS = len("2026-01-01T00:00Z")
LARGEST_NS = 1 << 62  # the year 2116: what fits 64 bits with room for differences
_POINT = re.compile(rb"<(?:([\w.-]{1,40}):)?trkpt\s")


_NUMBERS = ("lat", "lon", "ele", "geoidheight", "hdop", "sat", "accuracy", "speed", "course")
_OWN_NUMBERS = frozenset(("ele", "geoidheight", "hdop", "sat", "speed", "course"))  # children of the point itself
_MOTION = ("speed", "course")
_EXTENSIONS = {"accuracy": "accuracy", "hacc": "accuracy", "horizontalaccuracy": "accuracy"}


@dataclass(slots=True)
class Points:
    """All `trkpt` of a file in its order, columns of shape (n,); NaN and false where nothing (readable) is written.

    `time_ns` is in nanoseconds since 1970, 0 where `timed` is false; `track` counts the `trk` elements from 1.
    `step_deg` is the last digit that positions show.
    """

    offset: Ints
    time_ns: Ints
    track: Ints
    timed: Bools
    fixed: Bools
    numbers: Mapping[str, Floats]
    version: str
    creator: str
    step_deg: float
    routes: int
    dated: bool  # whether any time is of a date that can be; else times count from the first
    zoneless: int  # times without a zone, and the byte of the first
    first_zoneless: int | None
    completeness: Completeness
    issues: list[Issue]
    kind: str = "GPX"  # what the file is called, and its points
    element: str = "trkpt"

    def column(self, name: str) -> Floats:
        """Return a column of figures: lat, lon, ele, geoidheight, hdop, sat, accuracy, speed, course."""
        return self.numbers[name]


def read_points(data: bytes | mmap.mmap) -> Points:
    """Read all track points. Raises UnreadableInput for XML that is not safe to read."""
    reader = PointReader()
    damage: list[_Loss] = []
    start = 0
    stop = walk_xml(data, reader)
    while stop is not None and not stop.cut:
        lost = reader.drop_open()
        found = _POINT.search(data, max(stop.offset, start + 1)) if len(damage) < RESTARTS_AT_MOST else None
        damage.append(_Loss(stop.offset if lost is None else lost, found.start() if found else len(data), stop.why))
        if not found:
            break
        name = b"%s:" % found[1] if found[1] else b""
        # the elements that a whole file has around its points
        opened = b"".join(b"<%s%s>" % (name, part) for part in (b"gpx", b"trk", b"trkseg"))
        start = reader.resumed_at = found.start()
        reader.depth = 0
        stop = walk_xml(data, reader, start, opened)
    issues = [_skipped(damage)] if damage else []
    completeness = Completeness.DAMAGED if damage else Completeness.COMPLETE
    if stop is not None and stop.cut:
        lost = reader.drop_open()
        text = Message("the file ends before its last element is closed")
        if lost is not None:
            text = Message("the file ends inside a track point, which is dropped")
        issues.append(Issue(Code.TRUNCATED, Severity.DAMAGE, text, stop.offset if lost is None else lost))
        completeness = Completeness.DAMAGED if damage else Completeness.TRUNCATED
    return reader.points(completeness, issues)


@dataclass(frozen=True, slots=True)
class _Loss:
    """A span of bytes that was not read, and why."""

    begin: int
    end: int
    why: str


def _skipped(damage: list[_Loss]) -> Issue:
    lost = sum(max(loss.end - loss.begin, 0) for loss in damage)
    text = Message(
        "the XML is damaged ({why}); {lost_bytes:,} bytes up to the next readable points are passed over",
        why=damage[0].why,
        lost_bytes=lost,
    )
    return Issue(Code.BYTES_SKIPPED, Severity.DAMAGE, text, damage[0].begin, len(damage))


@dataclass(slots=True)
class TrackPoint:
    """A point that is being read: its byte, how deep its element is, its figures and words."""

    offset: int
    depth: int
    values: dict[str, float] = field(default_factory=dict)
    time_text: str = ""
    fix: str = ""


class PointReader:
    """Takes the elements of `walk_xml`."""

    KIND, ELEMENT = "GPX", "trkpt"

    def __init__(self) -> None:
        self.depth = self.tracks = self.decimals = self.zoneless = 0
        self.others = {"rte": 0, "wpt": 0}
        self.first_other: int | None = None
        self.first_zoneless: int | None = None
        self.open: TrackPoint | None = None
        self.inside: list[str] = []  # names of the open elements within the point
        self.attributes: dict[str, str] = {}
        self.resumed_at = 0  # elements before are those put around a part
        self.offset, self.time_ns, self.track = (array("q") for _ in range(3))
        self.timed, self.fixed = array("B"), array("B")
        self.numbers = {name: array("d") for name in _NUMBERS}

    def drop_open(self) -> int | None:
        """Forget a point that has no end; its place, if there was one."""
        place = self.open.offset if self.open else None
        self.open = None
        self.inside.clear()
        return place

    def start(self, name: str, attributes: Mapping[str, str], offset: int) -> None:
        """Take the begin of an element."""
        self.depth += 1
        if self.open is not None:
            self.inside.append(name.lower())
        elif name == "trkpt":
            self.open = TrackPoint(offset, self.depth)
            for axis in ("lat", "lon"):
                text = attributes.get(axis, "")
                self.open.values[axis] = number_of(text)
                self.decimals = max(self.decimals, len(text.partition(".")[2]))
        elif name == "trk":
            self.tracks += offset >= self.resumed_at
        elif name in self.others:
            self.others[name] += 1
            self.first_other = offset if self.first_other is None else self.first_other
        elif self.depth == 1 and not self.resumed_at:
            if name != "gpx":
                raise UnreadableInput("xml", "an XML file, but no GPX")
            self.attributes = dict(attributes)

    def end(self, name: str, text: str, offset: int) -> None:
        """Take the end of an element."""
        point = self.open
        self.depth -= 1
        if point is None:
            return
        if self.depth < point.depth:
            self.close(point)
            return
        self.inside.pop()
        name = name.lower()
        if not self.inside:
            if name == "time":
                point.time_text = text.strip()
            elif name == "fix":
                point.fix = text.strip().lower()
            elif name in _OWN_NUMBERS:
                point.values[name] = number_of(text)
        elif name in _EXTENSIONS:
            point.values.setdefault(_EXTENSIONS[name], number_of(text))
        elif name in _MOTION and "trackpointextension" in self.inside:
            point.values.setdefault(name, number_of(text))

    def close(self, point: TrackPoint) -> None:
        """Take a point that is whole."""
        self.open = None
        time_ns = self._time_ns(point)
        self.offset.append(point.offset)
        self.time_ns.append(time_ns or 0)
        self.timed.append(time_ns is not None)
        self.fixed.append(point.fix != "none")
        self.track.append(self.tracks)
        for name, column in self.numbers.items():
            column.append(point.values.get(name, math.nan))

    def _time_ns(self, point: TrackPoint) -> int | None:
        try:
            moment = datetime.fromisoformat(point.time_text) if len(point.time_text) >= TIME_CHARS else None
        except ValueError:
            return None
        if moment is None:
            return None
        if moment.tzinfo is None:
            self.zoneless += 1
            self.first_zoneless = point.offset if self.first_zoneless is None else self.first_zoneless
            moment = moment.replace(tzinfo=UTC)
        time_ns = ns_of(moment)
        return time_ns if abs(time_ns) < LARGEST_NS else None

    def points(self, completeness: Completeness, issues: list[Issue]) -> Points:
        """Return all that was read."""
        time_ns, timed = np.array(self.time_ns, dtype=np.int64), np.array(self.timed, dtype=np.bool_)
        time_ns, timed, is_dated, doubts = _judged(time_ns, timed, self.offset)
        issues = [*issues, *doubts]
        marks = sum(self.others.values())
        if marks and len(self.offset):
            text = Message("routes (rte) and waypoints (wpt) are plans and marks, not read")
            issues = [*issues, Issue(Code.UNKNOWN_RECORDS, Severity.INFO, text, self.first_other, marks)]
        return Points(
            offset=np.array(self.offset, dtype=np.int64),
            time_ns=time_ns,
            track=np.array(self.track, dtype=np.int64),
            timed=timed,
            fixed=np.array(self.fixed, dtype=np.bool_),
            numbers={name: np.array(column, dtype=np.float64) for name, column in self.numbers.items()},
            version=self.attributes.get("version", ""),
            creator=self.attributes.get("creator", ""),
            step_deg=10.0 ** -min(self.decimals, DECIMALS_AT_MOST),
            routes=self.others["rte"],
            dated=is_dated,
            zoneless=self.zoneless,
            first_zoneless=self.first_zoneless,
            completeness=completeness,
            issues=issues,
            kind=self.KIND,
            element=self.ELEMENT,
        )


def _judged(time_ns: Ints, timed: Bools, offset: Sequence[int]) -> tuple[Ints, Bools, bool, list[Issue]]:
    """Return the times and which points have one, without those of dates that cannot be; whether any can, and notes.

    Where none can, the clock still counts: times are from the first on.
    """
    bad = timed & ~can_be(time_ns, NAME)
    if not bad.any():
        return time_ns, timed, True, []
    first = int(bad.argmax())
    some = bool((timed & ~bad).any())
    issue = impossible_dates(int(time_ns[first]), offset[first], int(bad.sum()), some)
    if some:
        return np.where(bad, 0, time_ns), timed & ~bad, True, [issue]
    return np.where(timed, time_ns - time_ns[timed].min(), 0), timed, False, [issue]


def number_of(text: str) -> float:
    """Return a decimal number, NaN when it is none (Python would also take `1_0`)."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) and "_" not in text else math.nan
