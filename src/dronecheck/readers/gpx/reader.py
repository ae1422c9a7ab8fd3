"""GPX 1.0 and 1.1 tracks (Topografix): points with a time, of any receiver.

    element              what it is                                    becomes
    trkpt lat, lon       degrees, WGS 84 by the standard               the track "gnss", one row a point
    time                 ISO 8601, UTC by the standard                 time_ns; without a zone taken as UTC, and said
    ele                  metres; the standard names no datum           alt_amsl_m with `geoidheight`, or in our own
                         (phones write ellipsoidal heights)            export; else not used
    geoidheight          geoid above the ellipsoid                     alt_hae_m = ele + geoidheight
    fix                  none, 2d, 3d, dgps, pps                       "none" is no fix
    accuracy, hacc       extension: metres, radial                     h_sigma_m, logged
    hdop                 dilution of precision                         h_sigma_m, times an assumed range error
    sat                  satellites in use                             h_sigma_m, by a table
    speed                m/s: GPX 1.0, TrackPointExtension             speed_mps
    trk, trkseg          a new one where the receiver was off          tracks that overlap in time: the largest is used
    rte, wpt             plans and marks                               not read; a file of these alone is refused

The standard knows no aircraft: a GPX may be the pilot's phone, and it may be drawn, edited or simplified. That is said
once. Without any time it is a drawing and refused. Positions have passed through an app: their datum is not proven.
Offsets are bytes. Where the XML is damaged, reading goes on at the next point. The elements: `points`.
"""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints, reduceat, repeat
from dronecheck.errors import UnreadableInput
from dronecheck.flight import (
    Clock,
    ClockSource,
    Completeness,
    Flight,
    HorizontalDatum,
    Source,
    Track,
)
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.position_sigma import best_sigma
from dronecheck.readers.common.time_order import ascending
from dronecheck.readers.gpx import NAME
from dronecheck.readers.gpx.points import Points, read_points
from dronecheck.safe.io import Input, plain

__all__ = ["read_gpx"]


_READER = "dronecheck.readers.gpx/1"
_OUR_OWN = "dronecheck"
_CLOCK_SIGMA_S = 1.0
_ABSURD_M = 1e5
_NEAR_ZERO_DEG = 1e-6


def read_gpx(source: Input) -> Flight:
    """Read a GPX file. Raises UnreadableInput for plans, marks and drawings, and for XML that is not safe."""
    points = read_points(source.data)
    _refuse_plans(points)
    notes = list(points.issues)
    clock = _clock(points, notes)
    rows = _fixes(points, notes)
    rows = _one_receiver(points, rows, notes)
    rows, disorder = ascending(rows, points.time_ns, (points.column("lat"), points.column("lon")), points.offset)
    notes += disorder
    tracks: dict[str, Track] = {}
    if len(rows):
        tracks["gnss"] = _track(points, rows, notes)
    else:
        notes.append(
            Issue(Code.NO_POSITION, Severity.WARNING, Message("no point of the track is a position fix with a time"))
        )
    creator = plain(points.creator, 60) or Message("a program that is not named")
    text = Message(
        "a GPX (this one by {creator}) does not say what carried the receiver: an aircraft, "
        "its pilot, a phone; nor that it was recorded and not drawn or edited",
        creator=creator,
    )
    notes.append(Issue(Code.OWNER_UNKNOWN, Severity.WARNING, text))
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, plain(points.version, 10), _READER),
        tracks=tracks,
        primary="gnss" if tracks else "",
        clock=clock,
        completeness=points.completeness,
        issues=tuple(notes),
        datum=HorizontalDatum.UNPROVEN,
    )


def _refuse_plans(points: Points) -> None:
    if not len(points.offset):
        if points.completeness is not Completeness.COMPLETE:
            raise UnreadableInput("no_track", "a damaged GPX file without a readable track point; copy it again")
        if points.routes:
            raise UnreadableInput("mission_plan", "a GPX route: a plan, not a log of what was flown")
        raise UnreadableInput("no_track", "a GPX file without a track; check the one that has the flight's track")
    if not points.timed.any():
        raise UnreadableInput(
            "no_times", "a GPX track without any time: a drawing or a plan, not a log; export it again with times"
        )


def _clock(points: Points, notes: list[Issue]) -> Clock:
    if points.zoneless:
        text = Message("times without a zone, taken as UTC as the format says")
        notes.append(Issue(Code.UTC_ASSUMED, Severity.WARNING, text, points.first_zoneless, points.zoneless))
    creator = plain(points.creator, 80) or Message("the program")
    note = Message("UTC as written by {creator}", creator=creator)
    return Clock(True, ClockSource.EXPORT, _CLOCK_SIGMA_S, note, is_assumed=points.zoneless > 0)


def _note(points: Points, notes: list[Issue], code: Code, severity: Severity, text: Message, which: Bools) -> None:
    if which.any():
        notes.append(Issue(code, severity, text, int(points.offset[which.argmax()]), int(which.sum())))


def _fixes(points: Points, notes: list[Issue]) -> Ints:
    """Return the points that are position fixes with a time, in file order."""
    lat, lon = points.column("lat"), points.column("lon")
    unreadable = np.isnan(lat) | np.isnan(lon)
    off_globe = ~unreadable & ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
    at_zero = (np.abs(lat) < _NEAR_ZERO_DEG) & (np.abs(lon) < _NEAR_ZERO_DEG)
    place = ~unreadable & ~off_globe & ~at_zero
    untimed = place & points.fixed & ~points.timed
    text = Message("positions off the globe or no numbers, not used")
    _note(points, notes, Code.BAD_POSITION, Severity.WARNING, text, unreadable | off_globe)
    _note(points, notes, Code.BAD_POSITION, Severity.INFO, Message("positions at 0/0, not used"), at_zero)
    text = Message("points that say there was no fix, not used")
    _note(points, notes, Code.NO_FIX_ROWS, Severity.INFO, text, place & ~points.fixed)
    _note(points, notes, Code.BAD_LINE, Severity.DAMAGE, Message("points without a readable time, not used"), untimed)
    return np.flatnonzero(place & points.fixed & points.timed)


def _one_receiver(points: Points, rows: Ints, notes: list[Issue]) -> Ints:
    """Choose, of tracks (`trk`) that overlap in time, the one with more fixes: two receivers are no path."""
    if not len(rows):
        return rows
    number = points.track[rows]
    starts = np.flatnonzero(np.concatenate(([True], np.diff(number) != 0)))
    first_ns = reduceat(np.minimum, points.time_ns[rows], starts).tolist()
    last_ns = reduceat(np.maximum, points.time_ns[rows], starts).tolist()
    sizes = np.diff(np.append(starts, len(rows)))
    kept: list[int] = []
    for one in sorted(range(len(starts)), key=first_ns.__getitem__):
        if not kept or first_ns[one] >= last_ns[kept[-1]]:
            kept.append(one)
        elif sizes[one] > sizes[kept[-1]]:
            kept[-1] = one
    mask = np.zeros(len(starts), dtype=np.bool_)
    mask[kept] = True
    used = repeat(mask, sizes)
    if not used.all():
        text = Message(
            "{count} of {tracks} tracks overlap others in time: another receiver or a copy; "
            "those with more points are used",
            count=len(starts) - len(kept),
            tracks=len(starts),
        )
        left = rows[~used]
        notes.append(Issue(Code.OTHER_VEHICLES, Severity.WARNING, text, int(points.offset[left[0]]), len(left)))
    return rows[used]


def _track(points: Points, rows: Ints, notes: list[Issue]) -> Track:
    accuracy_m, hdop, satellites = (points.column(name)[rows] for name in ("accuracy", "hdop", "sat"))
    sigma_m, kind = best_sigma(accuracy_m, hdop, satellites, points.step_deg)
    amsl_m, hae_m = _heights(points, rows, notes)
    speed = points.column("speed")[rows]
    return Track.build(
        time_ns=points.time_ns[rows],
        lat_deg=points.column("lat")[rows],
        lon_deg=points.column("lon")[rows],
        alt_amsl_m=amsl_m,
        alt_hae_m=hae_m,
        h_sigma_m=sigma_m,
        speed_mps=np.where((speed >= 0) & (speed < _ABSURD_M), speed, np.nan),
        offset=points.offset[rows],
        message="trkpt",
        h_sigma_source=kind,
    )


def _heights(points: Points, rows: Ints, notes: list[Issue]) -> tuple[Floats, Floats]:
    """Return heights above sea and above the ellipsoid (m), where the file proves which; NaN elsewhere."""
    height_m, geoid_m = points.column("ele")[rows], points.column("geoidheight")[rows]
    height_m = np.where(np.abs(height_m) < _ABSURD_M, height_m, np.nan)
    proven = np.isfinite(geoid_m) | (points.creator == _OUR_OWN)
    doubtful = np.isfinite(height_m) & ~proven
    if doubtful.any():
        text = Message("heights (ele) of unknown datum: above the sea or above the ellipsoid; not used")
        offset = int(points.offset[rows[doubtful][0]])
        notes.append(Issue(Code.HEIGHT_FRAME, Severity.WARNING, text, offset, int(doubtful.sum())))
    return np.where(proven, height_m, np.nan), height_m + geoid_m
