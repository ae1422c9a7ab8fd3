"""GPX 1.0 and 1.1 tracks (Topografix): points with a time, of any receiver.

    element              what it is                                    becomes
    trkpt lat, lon       degrees, WGS 84 by the standard               the track "gnss", one row a point
    time                 ISO 8601, UTC by the standard                 time_ns; without a zone taken as UTC, and said
    ele                  metres; the standard names no datum           alt_amsl_m with `geoidheight`, or in our own
                         (phones write ellipsoidal heights)            export; else alt_unframed_m
    geoidheight          geoid above the ellipsoid                     alt_hae_m = ele + geoidheight
    fix                  none, 2d, 3d, dgps, pps                       "none" is no fix
    accuracy, hacc       extension: metres, radial                     h_sigma_m, logged
    hdop                 dilution of precision                         h_sigma_m, times an assumed range error
    sat                  satellites in use                             h_sigma_m, by a table
    speed, course        m/s, degrees: GPX 1.0, TrackPointExtension    speed_mps; the witness "gnss", with sat and hdop
    trk, trkseg          a new one where the receiver was off          tracks that overlap in time are told apart
    rte, wpt             plans and marks                               not read; a file of these alone is refused

The standard knows no aircraft: a GPX may be the pilot's phone, and it may be drawn, edited or simplified. That is said
once. Without any time it is a drawing and refused. Positions have passed through an app: their datum is not proven.
Offsets are bytes. Where the XML is damaged, reading goes on at the next point. The elements: `points`; those of a KML
track, which is read the same way: `kml`.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints, repeat
from dronecheck.errors import UnreadableInput
from dronecheck.flight import (
    Clock,
    ClockSource,
    Completeness,
    Flight,
    HorizontalDatum,
    Source,
    Track,
    Witness,
)
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.time_order import UNTIMED, FixOrder, in_order
from dronecheck.readers.common.position.position_sigma import best_sigma
from dronecheck.readers.common.witnesses import instants, of_columns
from dronecheck.readers.gpx import NAME, is_kml_track
from dronecheck.readers.gpx.points import Points, read_points
from dronecheck.safe.io import Input, plain

__all__ = ["read_gpx"]


_READER = "dronecheck.readers.gpx/1"
_OUR_OWN = "dronecheck"
_CLOCK_SIGMA_S, _MINUTE_SIGMA_S = 1.0, 60.0
_MINUTE_NS = 60_000_000_000
_ABSURD_M = 1e5
_NEAR_ZERO_DEG = 1e-6


def read_gpx(source: Input) -> Flight:
    """Read a GPX file or a KML track. Raises UnreadableInput for plans, marks, drawings, and XML that is not safe."""
    points = _points(source)
    _refuse_plans(points)
    notes = list(points.issues)
    clock = _clock(points, notes)
    rows = _fixes(points, notes)
    rows, session = _apart(points, rows, notes)
    time_ns = np.where(points.timed, points.time_ns, UNTIMED)
    order, disorder = in_order(
        rows, time_ns, (points.column("lat"), points.column("lon")), points.offset, session=session
    )
    notes += disorder
    tracks: dict[str, Track] = {}
    if len(rows):
        tracks["gnss"] = _track(points, order, notes)
    else:
        notes.append(Issue(Code.NO_POSITION, Severity.WARNING, Message("no point of the track is a position fix")))
    creator = plain(points.creator, 60) or Message("a program that is not named")
    text = Message(
        "a {kind} (this one by {creator}) does not say what carried the receiver: an aircraft, "
        "its pilot, a phone; nor that it was recorded and not drawn or edited",
        kind=points.kind,
        creator=creator,
    )
    notes.append(Issue(Code.OWNER_UNKNOWN, Severity.WARNING, text))
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, plain(points.version, 10), _READER),
        tracks=tracks,
        primary="gnss" if tracks else "",
        clock=clock,
        completeness=_completeness(points, order),
        issues=tuple(notes),
        datum=HorizontalDatum.UNPROVEN,
        witnesses=_witnesses(points, tracks.get("gnss")),
    )


def _witnesses(points: Points, track: Track | None) -> tuple[Witness, ...]:
    """Return what the points say beside places, all of them, in file order."""
    values: dict[str, Floats | None] = {
        "speed_mps": points.column("speed"),
        "course_deg": points.column("course"),
        "satellites": points.column("sat"),
        "hdop": points.column("hdop"),
        "eph_m": points.column("accuracy"),
    }
    time_ns = instants(track, points.offset, points.time_ns, points.timed)
    return of_columns("gnss", points.element, time_ns, points.offset, values)


def _completeness(points: Points, order: FixOrder) -> Completeness:
    """Return that of the file; one with fixes that have no time of their own is damaged."""
    if points.completeness is Completeness.COMPLETE and not order.is_timed.all():
        return Completeness.DAMAGED
    return points.completeness


def _points(source: Input) -> Points:
    data = source.data
    is_packed = bytes(data[:4]) == b"PK\x03\x04"
    if not is_packed and not is_kml_track(source.head):
        return read_points(data)
    from dronecheck.readers.gpx.kml import read_kml_points, track_document

    document, others = track_document(bytes(data)) if is_packed else (bytes(data), [])
    points = read_kml_points(document)
    points.issues += others
    return points


def _refuse_plans(points: Points) -> None:
    if not len(points.offset):
        if points.completeness is not Completeness.COMPLETE:
            raise UnreadableInput(
                "no_track", f"a damaged {points.kind} file without a readable track point; copy it again"
            )
        if points.routes:
            raise UnreadableInput("mission_plan", "a GPX route: a plan, not a log of what was flown")
        raise UnreadableInput(
            "no_track", f"a {points.kind} file without a track; check the one that has the flight's track"
        )
    if not points.timed.any():
        raise UnreadableInput(
            "no_times",
            f"a {points.kind} track without any time: a drawing or a plan, not a log; export it again with times",
        )


def _clock(points: Points, notes: list[Issue]) -> Clock:
    if not points.dated:
        note = Message("no date in the file can be right: seconds since its start")
        notes.append(Issue(Code.UTC_UNKNOWN, Severity.WARNING, note, int(points.offset[points.timed][0])))
        return Clock(False, ClockSource.NONE, float("nan"), note)
    if points.zoneless:
        text = Message("times without a zone, taken as UTC as the format says")
        notes.append(Issue(Code.UTC_ASSUMED, Severity.WARNING, text, points.first_zoneless, points.zoneless))
    creator = plain(points.creator, 80) or Message("the program")
    note = Message("UTC as written by {creator}", creator=creator)
    stamps = points.time_ns[points.timed]
    is_cut = len(stamps) > 1 and not (stamps % _MINUTE_NS).any()  # the seconds are missing, or all 00
    sigma_s = _MINUTE_SIGMA_S if is_cut else _CLOCK_SIGMA_S
    return Clock(True, ClockSource.EXPORT, sigma_s, note, is_assumed=points.zoneless > 0)


def _note(points: Points, notes: list[Issue], code: Code, severity: Severity, text: Message, which: Bools) -> None:
    if which.any():
        notes.append(Issue(code, severity, text, int(points.offset[which.argmax()]), int(which.sum())))


def _fixes(points: Points, notes: list[Issue]) -> Ints:
    """Return the points that are position fixes, in file order."""
    lat, lon = points.column("lat"), points.column("lon")
    unreadable = np.isnan(lat) | np.isnan(lon)
    off_globe = ~unreadable & ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
    at_zero = (np.abs(lat) < _NEAR_ZERO_DEG) & (np.abs(lon) < _NEAR_ZERO_DEG)
    place = ~unreadable & ~off_globe & ~at_zero
    text = Message("positions off the globe or no numbers, not used")
    _note(points, notes, Code.BAD_POSITION, Severity.WARNING, text, unreadable | off_globe)
    _note(points, notes, Code.BAD_POSITION, Severity.INFO, Message("positions at 0/0, not used"), at_zero)
    text = Message("points that say there was no fix, not used")
    _note(points, notes, Code.NO_FIX_ROWS, Severity.INFO, text, place & ~points.fixed)
    return np.flatnonzero(place & points.fixed)


def _apart(points: Points, rows: Ints, notes: list[Issue]) -> tuple[Ints, Ints | None]:
    """Return the rows in the order of their tracks (`trk`), and which track each is of where tracks overlap in time.

    Two receivers are no path: those that overlap are told apart, in the order of the file.
    """
    number = points.track[rows]
    edges = np.concatenate([[0], np.flatnonzero(np.diff(number)) + 1, [len(rows)]]).tolist()
    tracks = [rows[first:end] for first, end in pairwise(edges)]
    timed = [points.time_ns[one][points.timed[one]] for one in tracks]
    if len(tracks) < 2 or not all(len(times) for times in timed):
        return rows, None
    spans = sorted((int(times.min()), int(times.max()), place) for place, times in enumerate(timed))
    over = [place for (_, last, _), (first, _, place) in pairwise(spans) if first < last]
    if not over:
        return np.concatenate([tracks[place] for *_, place in spans]), None
    text = Message(
        "{count} of {tracks} tracks overlap others in time: another receiver or a copy; each is judged on its own",
        count=len(over),
        tracks=len(tracks),
    )
    beside = np.concatenate([tracks[place] for place in over])
    notes.append(Issue(Code.OTHER_VEHICLES, Severity.WARNING, text, int(points.offset[beside[0]]), len(beside)))
    session = np.zeros(len(points.offset), np.int64)
    session[rows] = repeat(np.arange(len(tracks), dtype=np.int64), np.diff(edges))
    return rows, session


def _track(points: Points, order: FixOrder, notes: list[Issue]) -> Track:
    rows = order.rows
    accuracy_m, hdop, satellites = (points.column(name)[rows] for name in ("accuracy", "hdop", "sat"))
    sigma_m, kind = best_sigma(accuracy_m, hdop, satellites, points.step_deg)
    amsl_m, hae_m, unframed_m = _heights(points, rows, notes)
    speed = points.column("speed")[rows]
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=points.column("lat")[rows],
        lon_deg=points.column("lon")[rows],
        alt_amsl_m=amsl_m,
        alt_hae_m=hae_m,
        alt_unframed_m=unframed_m,
        h_sigma_m=sigma_m,
        speed_mps=np.where((speed >= 0) & (speed < _ABSURD_M), speed, np.nan),
        offset=points.offset[rows],
        message=points.element,
        h_sigma_source=kind,
    )


def _heights(points: Points, rows: Ints, notes: list[Issue]) -> tuple[Floats, Floats, Floats]:
    """Return heights above sea and above the ellipsoid (m) where the file proves which, and those where it does not."""
    height_m, geoid_m = points.column("ele")[rows], points.column("geoidheight")[rows]
    height_m = np.where(np.abs(height_m) < _ABSURD_M, height_m, np.nan)
    proven = np.isfinite(geoid_m) | (points.creator == _OUR_OWN)
    doubtful = np.isfinite(height_m) & ~proven
    if doubtful.any():
        text = Message("heights of unknown datum: above the sea or above the ellipsoid; used for rises alone")
        offset = int(points.offset[rows[doubtful][0]])
        notes.append(Issue(Code.HEIGHT_FRAME, Severity.WARNING, text, offset, int(doubtful.sum())))
    return np.where(proven, height_m, np.nan), height_m + geoid_m, np.where(proven, np.nan, height_m)
