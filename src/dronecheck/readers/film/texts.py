"""Subtitles that an aircraft wrote beside its film or into it, as a track of the film."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Flight
from dronecheck.issues import Code, Issue, Severity
from dronecheck.media.film_conflicts import conflict_words, tracks_apart
from dronecheck.media.formats.film import FilmSubtitles, film_subtitles
from dronecheck.media.model import CameraPosition, FilmTrack, MediaItem, MediaKind, PositionStatus
from dronecheck.media.tags.film_rows import in_range
from dronecheck.messages import Message
from dronecheck.readers import srt
from dronecheck.readers.common.text import decode
from dronecheck.readers.srt.cues import Cue, cues
from dronecheck.safe.io import Input, plain

__all__ = ["film_of_subtitles", "with_film", "with_texts"]

_TIMED_TEXTS = ("tx3g", "text")
_SIGMA_M = 5.0


def film_of_subtitles(flight: Flight, text: bytes) -> FilmTrack | None:
    """Return the track of a film out of its subtitles; None where they tell no place.

    A fix is at its cue's place in the film; where the cues have none, or begin again, at the time since the first.
    """
    track = flight.track
    if not len(track):
        return None
    unknown = np.full(len(track), np.nan)
    starts_s = _starts_s(text, track.offset.tolist())
    since_s = np.maximum.accumulate((track.time_ns - track.time_ns[0]) / 1e9)
    return FilmTrack(
        time_s=since_s if starts_s is None else starts_s,
        lat_deg=track.lat_deg,
        lon_deg=track.lon_deg,
        is_usable=np.ones(len(track), dtype=np.bool_),
        home_m=track.alt_home_m,
        amsl_m=track.alt_amsl_m,
        hae_m=track.alt_hae_m,
        yaw_deg=unknown,
        pitch_deg=unknown,
        roll_deg=unknown,
        offset=track.offset,
        length=np.zeros(len(track), dtype=np.int64),
        utc_ns=track.time_ns if flight.clock.utc_known and not flight.clock.is_assumed else None,
        source=flight.source.path.name,
    )


def _cues(text: bytes) -> list[Cue]:
    return list(cues(decode(text)[0]))


def _starts_s(text: bytes, lines: list[int]) -> Floats | None:
    """Return when in the film the cues of these lines begin (s); None where that cannot be told of all of them."""
    by_line = {cue.line: cue.start_s for cue in _cues(text)}
    starts = [by_line.get(line, float("nan")) for line in lines]
    if not all(map(isfinite, starts)):
        return None
    found = np.array(starts, dtype=np.float64)
    return found if bool((np.diff(found) >= 0).all()) else None


def _tracks_in_texts(source: Input, item: MediaItem) -> Iterator[FilmTrack | Issue]:
    """Yield the tracks that a film's texts hold, or why one cannot be read; what no camera wrote holds none."""
    timed = [str(one.value).split() for one in item.fields if one.path.endswith("/timed")]
    if item.kind is not MediaKind.MP4 or not any(set(words) & set(_TIMED_TEXTS) for words in timed):
        return
    for one in film_subtitles(source.data):
        cued = one.text.encode()
        if not srt.sniff(cued, source.path.name):
            continue
        try:
            flight = srt.read(Input(source.path.with_suffix(".srt"), cued, hashlib.sha256(cued).hexdigest()))
        except UnreadableInput as error:
            text = Message("{name} could not be read: {why}", name=plain(one.path, 100), why=plain(error.message))
            yield Issue(Code.BAD_RECORD, Severity.DAMAGE, text, int(one.samples.offset[0]))
            continue
        film = film_of_subtitles(flight, cued)
        if film is not None:
            yield _placed(film, one, cued)


def _placed(film: FilmTrack, written: FilmSubtitles, text: bytes) -> FilmTrack:
    """Return a track whose samples stand where the film has them, and not at lines of a file that there is not."""
    numbers = {cue.line: (cue.number or 1) - 1 for cue in _cues(text)}
    last = len(written.samples) - 1
    rows = [min(max(numbers.get(line, 0), 0), last) for line in film.offset.tolist()]
    return replace(film, offset=written.samples.offset[rows], length=written.samples.length[rows], source=written.path)


def with_texts(source: Input, item: MediaItem) -> MediaItem:
    """Return a film with the tracks of its own subtitles: its way where it has no other, else beside it."""
    for found in _tracks_in_texts(source, item):
        if isinstance(found, Issue):
            item = replace(item, issues=(*item.issues, found))
        elif item.film is None:
            item = with_film(item, found)
        else:
            apart = tracks_apart(item.film, found)
            if apart.is_conflict:
                code, text = conflict_words(apart, found.source)
                issue = Issue(code, Severity.WARNING, text, int(found.offset[apart.row]))
                item = replace(item, issues=(*item.issues, issue))
            item = replace(item, other_films=(*item.other_films, found))
    return item


def with_film(item: MediaItem, film: FilmTrack) -> MediaItem:
    """Return an item whose way is that of a track, and its place the first of it where the item states none."""
    there = np.flatnonzero(film.is_usable & in_range(film.lat_deg, film.lon_deg))
    row = int(there[0]) if len(there) else 0
    place = CameraPosition(float(film.lat_deg[row]), float(film.lon_deg[row]), _SIGMA_M, film.source)
    own = item.position
    is_known = own is not None and own.status is PositionStatus.USABLE
    return replace(item, film=film, position=own if is_known else place)
