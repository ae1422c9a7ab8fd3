"""The way of a film's camera as a flight log: what `dronecheck.media` reads of its tracks, one row per distinct fix.

    what          from                                                   becomes
    position      GPS of the camera's samples                            the track "fused"
    height        relative altitude | above the sea | the ellipsoid      alt_home_m | alt_amsl_m | alt_hae_m
    accuracy      as the file states it, else assumed                    h_sigma_m
    time          UTC that the file proves and the time of each sample   time_ns; else the camera's clock, zone unknown
    aircraft      product and serial of the clip (djmd)                  vehicle

The layouts of the tracks: `media.tags`. Samples come per frame and fixes some times a second: what repeats position and
height within a second is the same fix. A film begins and ends where its pilot pressed a button, mostly in the air.
"""

from __future__ import annotations

import math

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.dates import can_be, impossible_dates
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
    Vehicle,
)
from dronecheck.issues import Code, Issue, Remedy, Severity
from dronecheck.media.film_conflicts import tracks_apart
from dronecheck.media.model import FilmTrack, MediaItem
from dronecheck.media.reader import read_media
from dronecheck.messages import Message
from dronecheck.readers.common.clock.time_order import UNTIMED, in_order
from dronecheck.readers.film import NAME
from dronecheck.readers.film.texts import with_texts
from dronecheck.safe.io import Input, plain
from dronecheck.timebase import instant_ns

__all__ = ["read_film_log"]

_READER = "dronecheck.readers.film/1"
_SECOND_NS = 10**9
_PROVEN_SIGMA_S = 120.0  # a stated UTC beyond it is that of an old fix
_SIGMA_UNKNOWN_M = 5.0
_NEAR_ZERO_DEG = 1e-6
_LONGEST_S = 1e6


def read_film_log(source: Input) -> Flight:
    """Read a film as a log. Raises UnreadableInput where it has no track of positions."""
    item = with_texts(source, read_media(source))
    film = item.film
    if film is None or not len(film.time_s):
        raise UnreadableInput(
            "video", "a film without a track of its camera's positions; check the log of the same flight"
        )
    if not film.is_usable.any():
        film = next((other for other in item.other_films if other.is_usable.any()), film)
    time_ns, clock, issues = _times(item, film)
    track, more = _track(item, film, time_ns)
    rivals = _rivals(item, film)
    issues = [*item.issues, *issues, *more]
    if not _is_djmd(item):
        text = Message("the file does not say whether an aircraft made this track: it is judged as if one had")
        issues.append(Issue(Code.OWNER_UNKNOWN, Severity.WARNING, text))
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, _dialect(item), _READER),
        tracks={"fused": track, **rivals} if len(track) else {},
        primary="fused" if len(track) else "",
        clock=clock,
        completeness=_completeness(item),
        vehicle=Vehicle(model=plain(item.model or "", 100), serial=_serial(item)),
        issues=tuple(issues),
        datum=HorizontalDatum.UNPROVEN,
        rivals=tuple(rivals) if len(track) else (),
    )


def _rivals(item: MediaItem, judged: FilmTrack) -> dict[str, Track]:
    """Return the further tracks that are elsewhere than the one judged, or say where it was when that one does not."""
    found = {}
    for number, other in enumerate((one for one in item.other_films if one is not judged), 2):
        apart = tracks_apart(judged, other)
        if apart.is_conflict or not apart.is_covered:
            track, _ = _track(item, other, _times(item, other)[0])
            if len(track):
                found[f"camera{number}"] = track
    return found


def _dialect(item: MediaItem) -> str:
    return "djmd" if _is_djmd(item) else "camera"


def _is_djmd(item: MediaItem) -> bool:
    """Tell whether a clip message names a protocol of DJI's drones; its cameras for the hand have others."""
    names = (str(one.value) for one in item.fields if one.path.rpartition("/")[2] == "1-1-1")
    return next(names, "").startswith("dvtm_")


def _serial(item: MediaItem) -> str:
    """Return the serial of the aircraft, which DJI's clip message names."""
    texts = (str(one.value) for one in item.fields if one.path.rpartition("/")[2] == "1-1-5")
    return plain(next(texts, ""), 40)


def _completeness(item: MediaItem) -> Completeness:
    if sum(issue.severity is Severity.DAMAGE for issue in item.issues) > item.is_truncated:  # more than its lost end
        return Completeness.DAMAGED
    return Completeness.TRUNCATED if item.is_truncated else Completeness.COMPLETE


def _times(item: MediaItem, film: FilmTrack) -> tuple[Ints, Clock, list[Issue]]:
    """Return nanoseconds of each sample (UNTIMED where nothing tells), the clock behind them, and what is doubtful."""
    is_timed = np.isfinite(film.time_s) & (np.abs(film.time_s) < _LONGEST_S)
    after_ns = np.round(np.where(is_timed, film.time_s, 0.0) * _SECOND_NS).astype(np.int64)
    time = item.time
    unknown = float("nan")
    if time is not None and time.utc_ns is not None and (time.sigma_s or 0.0) <= _PROVEN_SIGMA_S:
        begin_ns, clock = time.utc_ns, Clock(True, ClockSource.GNSS, time.sigma_s or 1.0)
    elif time is not None and time.local:
        note = Message("the camera's local clock, zone unknown")
        begin_ns, clock = instant_ns(time.local), Clock(False, ClockSource.VEHICLE, unknown, note)
    else:
        note = Message("no clock in the film: seconds since it began")
        begin_ns, clock = 0, Clock(False, ClockSource.NONE, unknown, note)
    issues = []
    if clock.source is not ClockSource.NONE and not can_be(np.array([begin_ns]), NAME)[0]:
        issues.append(impossible_dates(begin_ns, int(film.offset[0]), len(film.offset), some=False))
        begin_ns, clock = 0, Clock(False, ClockSource.NONE, unknown, issues[0].message)
    if not clock.utc_known:
        remedy = Remedy.GIVE_UTC_OFFSET if clock.source is ClockSource.VEHICLE else None
        place = int(film.offset[0])
        issues.append(Issue(Code.UTC_UNKNOWN, Severity.WARNING, clock.note, place, remedy=remedy))
    return np.where(is_timed, begin_ns + after_ns, UNTIMED), clock, issues


def _track(item: MediaItem, film: FilmTrack, time_ns: Ints) -> tuple[Track, list[Issue]]:
    """Return one row per distinct fix, and what was left out."""
    issues: list[Issue] = []
    lat, lon, offset = film.lat_deg, film.lon_deg, film.offset

    def note(code: Code, severity: Severity, message: Message, which: Bools) -> None:
        if which.any():
            issues.append(Issue(code, severity, message, int(offset[which.argmax()]), int(which.sum())))

    at_zero = (np.abs(lat) < _NEAR_ZERO_DEG) & (np.abs(lon) < _NEAR_ZERO_DEG)
    absent = ~film.is_usable | ~np.isfinite(lat) | ~np.isfinite(lon) | at_zero
    off_globe = ~absent & ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
    note(Code.NO_FIX_ROWS, Severity.INFO, Message("samples without a position fix, not used"), absent)
    note(Code.BAD_POSITION, Severity.WARNING, Message("positions off the globe, not used"), off_globe)
    rows = np.flatnonzero(~absent & ~off_globe)
    if not len(rows):
        text = Message("no sample has a usable position of the aircraft")
        issues.append(Issue(Code.NO_POSITION, Severity.WARNING, text))
        return Track.empty(), issues
    order, disorder = in_order(rows, time_ns, (lat, lon), offset)
    heights = [np.nan_to_num(column, nan=math.inf) for column in (film.home_m, film.amsl_m, film.hae_m)]
    is_new = _are_new(order.rows, order.time_ns, order.part, [lat, lon, *heights])
    merged = np.zeros(len(offset), dtype=np.bool_)
    merged[order.rows[~is_new]] = True
    text = Message("samples that repeat the last fix within a second, merged")
    note(Code.REPEATED_POSITION, Severity.INFO, text, merged)
    order = order.where(is_new)
    kept = order.rows
    sigma_m = item.position.h_sigma_m if item.position is not None else _SIGMA_UNKNOWN_M
    track = Track.build(
        time_ns=order.time_ns,
        is_timed=order.is_timed,
        part=order.part,
        lat_deg=lat[kept],
        lon_deg=lon[kept],
        alt_home_m=film.home_m[kept],
        alt_amsl_m=film.amsl_m[kept],
        alt_hae_m=film.hae_m[kept],
        h_sigma_m=np.full(len(kept), sigma_m),
        offset=offset[kept],
        film_s=film.time_s[kept],
        message="sample",
        h_sigma_source=SigmaSource.ASSUMED,
    )
    return track, issues + disorder


def _are_new(rows: Ints, time_ns: Ints, part: Ints, columns: list[Floats]) -> Bools:
    """Tell which samples are new fixes, shape (n,): something changed, or a second has passed."""
    same = np.ones(len(rows), dtype=np.bool_)
    same[:1] = False
    same[1:] &= np.diff(part) == 0
    for values in columns:
        same[1:] &= values[rows[1:]] == values[rows[:-1]]
    is_new = ~same
    last_ns = 0
    for row, (repeats, at_ns) in enumerate(zip(same.tolist(), time_ns.tolist(), strict=True)):
        if not repeats or at_ns - last_ns >= _SECOND_NS:
            is_new[row], last_ns = True, at_ns
    return is_new
