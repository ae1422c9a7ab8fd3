"""Subtitles that DJI cameras write beside a film (.SRT): one cue per frame or per second, with the position in it.

    layout          cue text                                                     coordinates
    bracketed       [latitude: 45.607181] [longitude: 13.753860]                 named ("longtitude" on Mavic 2 and
                    [rel_alt: 6.000 abs_alt: -122.769] or [altitude: 117.0]      older Airs)
    gps_lines       HOME(149.0251,-20.2532) 2017.08.05 14:11:51                  longitude, latitude, satellites
                    GPS(149.0251,-20.2533,16) BAROMETER:1.9 (old: Hb:1.9)
    one_line        F/5.6, SS 400, ISO 100, EV 0, GPS (-58.85, -34.23, 15),      longitude, latitude, satellites
                    HOME (..), D 698.70m, H 85.80m, H.S 0.00m/s
    gps_altitude    2022.06.21 16:06:17 / GPS(36.6146,-6.1120,0.0M)              latitude, longitude, altitude
    no_position     SrtCnt/FrameCnt and camera settings; FPV goggles' signal     none

The order of an unnamed pair is decided by evidence: a figure beyond 90 is a longitude; the logged distance from home
fits one order only. Else the layout tells (the table; each of its models is known from real files), and that is said;
else the file is refused. Heights: rel_alt, BAROMETER, Hb and H count from home; abs_alt and altitude have no fixed
datum (122 m below the sea has been seen) and are not used. The wall clock is the camera's local time. A cue that
repeats position and height within a second is the same fix (cues come per frame, fixes some times a second).

The modules: cues (text to cues, cues to numbers), axis_order (which figure is the longitude), clock, witnesses
(what else cues say).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Ints
from dronecheck.errors import UnreadableInput
from dronecheck.flight import (
    ClockSource,
    Completeness,
    Flight,
    Home,
    HorizontalDatum,
    SigmaSource,
    Source,
    Track,
)
from dronecheck.issues import Code, Issue, Remedy, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.time_order import FixOrder, in_order
from dronecheck.readers.common.position.position_sigma import sigma_by_satellites, with_step
from dronecheck.readers.common.text import decode
from dronecheck.readers.srt import NAME
from dronecheck.readers.srt.axis_order import order_of_pairs
from dronecheck.readers.srt.clock import cue_times
from dronecheck.readers.srt.cues import Cue, Fields, cues, read_fields
from dronecheck.readers.srt.witnesses import read_witnesses
from dronecheck.safe.io import Input

__all__ = ["read_srt"]


_READER = "dronecheck.readers.srt/1"
_SAME_FIX_NS = 1_000_000_000
_SLOW_CUES_NS = 400_000_000  # cues so far apart have a fix each: receivers give several a second
_ODD_STEPS = 0.2  # share of steps between cue numbers above which the numbers say nothing
_NEAR_ZERO_DEG = 1e-6
_DIGITS = re.compile(r"\d+")


def read_srt(source: Input) -> Flight:
    """Read a subtitle file. Raises UnreadableInput without telemetry, and when the order of coordinates is open."""
    text, issues = decode(bytes(source.data))
    found = list(cues(text))
    if not any(cue.is_telemetry for cue in found):
        raise UnreadableInput("srt", "subtitles without a camera's telemetry; no flight log")
    fields = [read_fields(cue.text) for cue in found]
    pairs = order_of_pairs(fields)
    issues = [*issues, *pairs.issues]
    if pairs.longitude_first is not None:
        for one in fields:
            if one.gps:
                one.lon_deg, one.lat_deg = one.gps if pairs.longitude_first else one.gps[::-1]
    completeness = Completeness.COMPLETE
    if _is_cut(found, fields, text):
        issues.append(
            Issue(Code.LINE_CUT_SHORT, Severity.DAMAGE, Message("the last cue is cut short: dropped"), found[-1].line)
        )
        found, fields = found[:-1], fields[:-1]
        completeness = Completeness.TRUNCATED
    time_ns, clock, notes = cue_times(found, fields)
    remedy = Remedy.GIVE_UTC_OFFSET if clock.source is not ClockSource.NONE else None
    line = found[0].line if found else None
    notes.append(Issue(Code.UTC_UNKNOWN, Severity.WARNING, clock.note, line, remedy=remedy))
    track, more, is_damaged = _track(found, fields, time_ns)
    missing = _missing(found)
    if missing or is_damaged:
        completeness = Completeness.DAMAGED
    home = next((_home(one, pairs.longitude_first) for one in fields if one.home), None)
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, _layout(fields), _READER),
        tracks={"fused": track} if len(track) else {},
        primary="fused" if len(track) else "",
        clock=clock,
        completeness=completeness,
        home=home,
        issues=(*issues, *notes, *more, *missing),
        witnesses=read_witnesses(found, fields, pairs.longitude_first, time_ns, track),
        datum=HorizontalDatum.UNPROVEN,
    )


def _layout(fields: Sequence[Fields]) -> str:
    for one in fields:
        if one.gps:
            if one.third in ("satellites", ""):
                return "one_line" if np.isfinite(one.distance_m) or np.isfinite(one.speed_mps) else "gps_lines"
            return "gps_altitude"
        if np.isfinite(one.lat_deg):
            return "bracketed"
    return "no_position"


def _missing(found: Sequence[Cue]) -> list[Issue]:
    """Note cues that are gone or come twice, by their own numbers.

    Where most numbers follow one another, it is those that do not.
    """
    told = [(cue.number, cue.line) for cue in found if cue.number is not None]
    steps = np.diff(np.array([number for number, _ in told], dtype=np.int64))
    again = np.array([number for number, _ in told[1:]], dtype=np.int64) == 1  # a further film begins
    odd = np.flatnonzero((steps != 1) & ~again)
    if not len(odd) or len(odd) > _ODD_STEPS * len(steps):
        return []
    gone = int((steps[odd] - 1).clip(min=0).sum())
    text = Message("the cues' numbers skip or repeat at {count} places", count=len(odd))
    if gone:
        text = Message("{what}; {count} cues are not there", what=text, count=gone)
    return [Issue(Code.MISSING_RECORDS, Severity.DAMAGE, text, told[int(odd[0]) + 1][1], max(gone, len(odd)))]


def _is_cut(found: list[Cue], fields: list[Fields], text: str) -> bool:
    """Tell whether the last cue lacks what the one before it has; a blank line after it shows that it is whole."""
    if len(found) < 2 or (found[-1].text and text.endswith(("\n\n", "\n\r\n"))):
        return False
    before, last = (cue.text.splitlines() for cue in found[-2:])
    if not last or [bool(np.isfinite(one.lat_deg)) for one in fields[-2:]] == [True, False]:
        return True
    if text.endswith(("\n", "\r")):
        return False
    return len(last) < len(before) or (len(last) == len(before) and _ending(last[-1]) != _ending(before[-1]))


def _ending(line: str) -> str:
    """Return the end of a line with each run of digits as one: the same for two whole lines of a layout."""
    return _DIGITS.sub("0", line.rstrip())[-3:]


def _home(one: Fields, longitude_first: bool | None) -> Home | None:
    assert one.home is not None
    if longitude_first is None or not any(one.home):
        return None
    lon, lat = one.home if longitude_first else one.home[::-1]
    return Home(lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None


def _track(found: Sequence[Cue], fields: Sequence[Fields], time_ns: Ints) -> tuple[Track, list[Issue], bool]:
    """Return one row per distinct fix, what was left out, and whether cues were damaged."""
    issues: list[Issue] = []
    lines = np.array([cue.line for cue in found], dtype=np.int64)
    column = {
        "film_s": np.array([cue.start_s for cue in found], dtype=np.float64),
    } | {
        name: np.array([getattr(one, name) for one in fields], dtype=np.float64)
        for name in ("lat_deg", "lon_deg", "height_home_m", "speed_mps", "satellites")
    }
    lat, lon = column["lat_deg"], column["lon_deg"]

    def note(code: Code, severity: Severity, message: Message, which: Bools) -> None:
        if which.any():
            issues.append(Issue(code, severity, message, int(lines[which.argmax()]), int(which.sum())))

    broken = np.array([one.is_broken for one in fields], dtype=np.bool_)
    absent = ~broken & (np.isnan(lat) | ((np.abs(lat) < _NEAR_ZERO_DEG) & (np.abs(lon) < _NEAR_ZERO_DEG)))
    off_globe = ~broken & ~absent & ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
    note(Code.BAD_LINE, Severity.DAMAGE, Message("cues whose position cannot be read, not used"), broken)
    note(Code.NO_FIX_ROWS, Severity.INFO, Message("cues without a position fix, not used"), absent)
    note(Code.BAD_POSITION, Severity.WARNING, Message("positions off the globe, not used"), off_globe)
    doubtful = np.array([one.has_doubtful_height for one in fields], dtype=np.bool_)
    note(
        Code.HEIGHT_FRAME, Severity.WARNING, Message("heights of unknown datum (abs_alt, altitude), not used"), doubtful
    )
    rows = np.flatnonzero(~(broken | absent | off_globe))
    if not len(rows):
        issues.append(
            Issue(Code.NO_POSITION, Severity.WARNING, Message("no cue has a usable position of the aircraft"))
        )
        return Track.empty(), issues, bool(broken.any())
    order, disorder = in_order(rows, time_ns, (lat, lon), lines)
    issues += disorder
    is_new = _are_new(order, lat, lon, column["height_home_m"])
    merged = np.zeros(len(lines), dtype=np.bool_)
    merged[order.rows[~is_new]] = True
    text = Message("cues that repeat the last fix within a second, merged")
    note(Code.REPEATED_POSITION, Severity.INFO, text, merged)
    step_deg = 10.0 ** -max(one.decimals for one in fields)
    track = _track_of(column, lines, order.where(is_new), step_deg)
    return track, issues, bool(broken.any()) or not order.is_timed.all()


def _track_of(column: dict[str, NDArray[np.float64]], lines: Ints, order: FixOrder, step_deg: float) -> Track:
    """Return the track of these cues; `step_deg` is what the positions are rounded to."""
    rows = order.rows
    sigma = with_step(sigma_by_satellites(column["satellites"]), step_deg)
    assumed = bool(np.isnan(sigma[rows]).all())
    return Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=column["lat_deg"][rows],
        lon_deg=column["lon_deg"][rows],
        alt_home_m=column["height_home_m"][rows],
        speed_mps=column["speed_mps"][rows],
        h_sigma_m=sigma[rows],
        offset=lines[rows],
        film_s=column["film_s"][rows],
        message="cue",
        h_sigma_source=SigmaSource.ASSUMED if assumed else SigmaSource.SATELLITES,
    )


def _are_new(order: FixOrder, *columns: NDArray[np.float64]) -> Bools:
    """Tell which cues are new fixes, shape (n,): something changed, a second has passed, or nobody knows the time."""
    same = np.ones(len(order.rows), dtype=np.bool_)
    same[:1] = False
    same[1:] &= np.diff(order.part) == 0
    for values in columns:
        here, before = values[order.rows[1:]], values[order.rows[:-1]]
        same[1:] &= (here == before) | (np.isnan(here) & np.isnan(before))
    is_new = ~same
    steps_ns = np.sort(np.diff(order.time_ns))
    if len(steps_ns) and steps_ns[len(steps_ns) // 2] >= _SLOW_CUES_NS:
        return np.ones(len(same), dtype=np.bool_)
    last_ns = 0
    for row, (repeats, at_ns) in enumerate(zip(same.tolist(), order.time_ns.tolist(), strict=True)):
        if not repeats or at_ns - last_ns >= _SAME_FIX_NS:
            is_new[row], last_ns = True, at_ns
    return is_new
