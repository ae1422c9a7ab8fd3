"""GPX tracks, versions 1.0 and 1.1 (topografix.com/GPX/1/1).

    element                       becomes
    trk/trkseg/trkpt @lat @lon    one row; the datum is WGS 84 by the format's definition
    time                          UTC by the definition; a track without any time is a drawing and is refused
    ele                           alt_amsl_m when dronecheck wrote the file; otherwise not used, since programs write
                                  heights above sea level, above the ellipsoid and above take-off alike
    speed (1.0, or an extension)  speed_mps
    hdop, sat                     h_sigma_m: hdop times 4 m of range error, else by satellites
    fix                           "none" is no fix
    rte, wpt                      plans and marks: never a track

A GPX file does not say what made the track; that it was the aircraft is for the user to know, and is said. Tracks that
overlap in time come from several receivers: the longest is used. The offset of a row is the byte of its trkpt.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from dronecheck.errors import UnreadableInput
from dronecheck.flight import (
    Clock,
    ClockSource,
    Completeness,
    Flight,
    HorizontalDatum,
    SigmaSource,
    Source,
    Track,
)
from dronecheck.issues import Code, Issue, Severity
from dronecheck.readers.plain_tracks import holes_and_jumps, sigma_by_satellites, with_step
from dronecheck.safeio import Input, plain, walk_xml

__all__ = ["NAME", "TITLE", "read", "sniff"]

NAME = "gpx"
TITLE = "GPX track (1.0, 1.1)"

_READER = "dronecheck.readers.gpx/1"
_ROOT = re.compile(rb"<(?:\w{1,20}:)?gpx[\s>]")
_RANGE_ERROR_M = 4.0
_NAN = float("nan")
_NUMBERS = ("ele", "speed", "hdop", "sat")


@dataclass(slots=True)
class _Point:
    offset: int
    trk: int
    lat_deg: float
    lon_deg: float
    decimals: int
    time_ns: int | None = None
    zoned: bool = True
    has_fix: bool = True
    values: dict[str, float] = field(default_factory=dict)


class _Walk:
    """Collects the points of all tracks while the document is walked."""

    def __init__(self) -> None:
        self.points: list[_Point] = []
        self.creator = ""
        self.version = ""
        self.routes = 0
        self._trk = 0
        self._point: _Point | None = None

    def start(self, name: str, attributes: dict[str, str], offset: int) -> None:
        if name == "gpx":
            self.creator, self.version = attributes.get("creator", ""), attributes.get("version", "")
        elif name == "trk":
            self._trk += 1
        elif name == "rte":
            self.routes += 1
        elif name == "trkpt":
            lat, lon = attributes.get("lat", ""), attributes.get("lon", "")
            decimals = max(len(text.partition(".")[2]) for text in (lat, lon))
            self._point = _Point(offset, self._trk, _number(lat), _number(lon), decimals)

    def end(self, name: str, text: str) -> None:
        point = self._point
        if point is None:
            return
        if name == "trkpt":
            self.points.append(point)
            self._point = None
        elif name == "time" and point.time_ns is None:
            point.time_ns, point.zoned = _time(text)
        elif name == "fix":
            point.has_fix = text.strip().lower() != "none"
        elif name in _NUMBERS:
            point.values[name] = _number(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return _NAN


def _time(text: str) -> tuple[int | None, bool]:
    """ISO 8601 to UTC nanoseconds, and whether the text names its zone."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None, True
    if not 1980 <= moment.year < 2100:
        return None, True
    zoned = moment.tzinfo is not None
    moment = moment.astimezone(UTC) if zoned else moment.replace(tzinfo=UTC)
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000_000 + moment.microsecond * 1000, zoned


def sniff(head: bytes, name: str) -> int:
    """95 for an XML document whose first elements name gpx, else 0."""
    start = head[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    return 95 if start.startswith(b"<") and _ROOT.search(start) else 0


def read(source: Input) -> Flight:
    """Read all tracks of a GPX file. Raises UnreadableInput when it has none, or none with times."""
    walk = _Walk()
    broken = walk_xml(source.data, walk.start, walk.end)
    if not walk.points:
        if walk.routes:
            raise UnreadableInput("mission_plan", "a GPX route: a plan, not a record of what was flown")
        raise UnreadableInput("no_track", f"a GPX file without a track{f' ({broken})' if broken else ''}")
    if all(point.time_ns is None for point in walk.points):
        raise UnreadableInput("no_times", "a GPX track without times: a drawing, not a record of what was flown")
    issues: list[Issue] = []
    completeness = Completeness.COMPLETE
    if broken:
        at_end = "no element found" in broken or "unclosed" in broken
        completeness = Completeness.TRUNCATED if at_end else Completeness.DAMAGED
        code = Code.TRUNCATED if at_end else Code.BYTES_SKIPPED
        text = f"the XML ends or breaks off ({broken}); what follows could not be read"
        issues.append(Issue(code, Severity.DAMAGE, text, walk.points[-1].offset))
    track = _track(walk, issues)
    text = "a GPX file does not say that the aircraft made the track: it may be the pilot's, or another vehicle's"
    issues.append(Issue(Code.OWNER_UNKNOWN, Severity.WARNING, text))
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, plain(walk.version, 10), _READER),
        tracks={"gnss": track} if len(track) else {},
        primary="gnss" if len(track) else "",
        clock=Clock(True, ClockSource.EXPORT, 1.0, f"UTC as written by {plain(walk.creator, 80) or 'the program'}"),
        completeness=completeness,
        issues=tuple(issues),
        datum=HorizontalDatum.UNPROVEN,
    )


def _usable(walk: _Walk, issues: list[Issue]) -> list[_Point]:
    """The points that are fixes, with what is left out told."""

    def leave_out(points: list[_Point], code: Code, severity: Severity, text: str) -> None:
        if points:
            issues.append(Issue(code, severity, text, points[0].offset, len(points)))

    def at_zero(point: _Point) -> bool:
        return not point.has_fix or (abs(point.lat_deg) < 1e-6 and abs(point.lon_deg) < 1e-6)

    rest = [p for p in walk.points if not at_zero(p)]
    leave_out([p for p in walk.points if at_zero(p)], Code.NO_FIX_ROWS, Severity.INFO, "points without a fix, not used")
    off = [p for p in rest if not (abs(p.lat_deg) <= 90 and abs(p.lon_deg) <= 180)]
    leave_out(off, Code.BAD_POSITION, Severity.WARNING, "positions off the globe or no numbers, not used")
    rest = [p for p in rest if abs(p.lat_deg) <= 90 and abs(p.lon_deg) <= 180]
    untimed = [p for p in rest if p.time_ns is None]
    leave_out(untimed, Code.BAD_LINE, Severity.DAMAGE, "points without a time, not used")
    rest = [p for p in rest if p.time_ns is not None]
    unzoned = [p for p in rest if not p.zoned]
    leave_out(unzoned, Code.UTC_ASSUMED, Severity.WARNING, "times without a zone, taken as UTC as the format says")
    return _one_receiver(rest, issues)


def _one_receiver(points: list[_Point], issues: list[Issue]) -> list[_Point]:
    """All tracks when they follow one another, else the one with most points."""
    spans: dict[int, tuple[int, int, int]] = {}
    for point in points:
        at_ns = point.time_ns or 0
        first, last, count = spans.get(point.trk, (at_ns, at_ns, 0))
        spans[point.trk] = (min(first, at_ns), max(last, at_ns), count + 1)
    ordered = sorted(spans.values())
    if all(after[0] >= before[1] for before, after in itertools.pairwise(ordered)):
        return points
    kept = max(spans, key=lambda trk: spans[trk][2])
    text = f"{len(spans) - 1} further tracks at the same time, not used: only the longest is"
    other = next(p.offset for p in points if p.trk != kept)
    issues.append(Issue(Code.OTHER_VEHICLES, Severity.WARNING, text, other, len(points) - spans[kept][2]))
    return [point for point in points if point.trk == kept]


def _track(walk: _Walk, issues: list[Issue]) -> Track:
    points = _usable(walk, issues)
    if not points:
        issues.append(Issue(Code.NO_POSITION, Severity.WARNING, "no point of the track is a fix with a time"))
        return Track.empty()
    back = [b for a, b in itertools.pairwise(points) if (b.time_ns or 0) < (a.time_ns or 0)]
    if back:
        text = "times run backwards; points are sorted by time"
        issues.append(Issue(Code.OUT_OF_ORDER, Severity.WARNING, text, back[0].offset, len(back)))
        points.sort(key=lambda point: point.time_ns or 0)
    distinct = [p for i, p in enumerate(points) if i == 0 or p.time_ns != points[i - 1].time_ns]
    if len(distinct) < len(points):
        first = next(b for a, b in itertools.pairwise(points) if a.time_ns == b.time_ns)
        text = "points that repeat the time of the point before, merged"
        count = len(points) - len(distinct)
        issues.append(Issue(Code.REPEATED_POSITION, Severity.INFO, text, first.offset, count))
    column = {name: np.array([p.values.get(name, _NAN) for p in distinct]) for name in _NUMBERS}
    by_dop = np.where(column["hdop"] > 0, column["hdop"] * _RANGE_ERROR_M / np.sqrt(2), _NAN)
    sigma = np.where(np.isfinite(by_dop), by_dop, sigma_by_satellites(column["sat"]))
    own = walk.creator == "dronecheck"
    if np.isfinite(column["ele"]).any() and not own:
        text = "GPX does not say what heights (ele) are measured from: not used"
        issues.append(Issue(Code.HEIGHT_FRAME, Severity.WARNING, text, distinct[0].offset, len(distinct)))
    basis = SigmaSource.DOP if np.isfinite(by_dop).any() else SigmaSource.SATELLITES
    track = Track.build(
        time_ns=[p.time_ns or 0 for p in distinct],
        lat_deg=[p.lat_deg for p in distinct],
        lon_deg=[p.lon_deg for p in distinct],
        alt_amsl_m=column["ele"] if own else np.full(len(distinct), _NAN),
        speed_mps=np.where(column["speed"] >= 0, column["speed"], _NAN),
        h_sigma_m=with_step(sigma, 10.0 ** -max(p.decimals for p in distinct)),
        offset=[p.offset for p in distinct],
        message="trkpt",
        h_sigma_source=basis if np.isfinite(sigma).any() else SigmaSource.ASSUMED,
    )
    issues += holes_and_jumps(track)
    return track
