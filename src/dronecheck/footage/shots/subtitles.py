"""Subtitles that an aircraft wrote beside its film or into it, as the film's track."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from math import isfinite

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Flight
from dronecheck.media.formats.film import FilmSubtitles, film_subtitles
from dronecheck.media.model import FilmTrack, MediaItem, MediaKind
from dronecheck.readers import read_input
from dronecheck.readers.common.text import decode
from dronecheck.readers.srt.cues import Cue, cues
from dronecheck.safe.io import Input

__all__ = ["film_of_subtitles", "tracks_in_texts"]

_TIMED_TEXTS = ("tx3g", "text")


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


def tracks_in_texts(source: Input, item: MediaItem) -> Iterator[FilmTrack]:
    """Yield the tracks that the text tracks of a film hold; texts that a camera did not write hold none."""
    timed = [str(one.value).split() for one in item.fields if one.path.endswith("/timed")]
    if item.kind is not MediaKind.MP4 or not any(set(words) & set(_TIMED_TEXTS) for words in timed):
        return
    for one in film_subtitles(source.data):
        text = one.text.encode()
        try:
            flight = read_input(Input(source.path.with_suffix(".srt"), text, hashlib.sha256(text).hexdigest()))
        except UnreadableInput:
            continue
        film = film_of_subtitles(flight, text)
        if film is not None:
            yield _placed(film, one, text)


def _placed(film: FilmTrack, written: FilmSubtitles, text: bytes) -> FilmTrack:
    """Return a track whose samples stand where the film has them, and not at lines of a file that there is not."""
    numbers = {cue.line: (cue.number or 1) - 1 for cue in _cues(text)}
    last = len(written.samples) - 1
    rows = [min(max(numbers.get(line, 0), 0), last) for line in film.offset.tolist()]
    return replace(film, offset=written.samples.offset[rows], length=written.samples.length[rows], source=written.path)
