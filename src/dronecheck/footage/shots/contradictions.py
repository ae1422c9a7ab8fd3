"""The files of one shot held against each other: one exposure has one place, one height and one time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import NamedTuple

import numpy as np

from dronecheck.geo.plane import geodesic_m
from dronecheck.issues import Code, Issue, Severity
from dronecheck.media.film_conflicts import conflict_words, tracks_apart
from dronecheck.media.model import CaptureTime, FilmTrack, MediaItem, MediaKind, PositionStatus
from dronecheck.media.tags.film_rows import in_range
from dronecheck.messages import Message
from dronecheck.safe.io import plain
from dronecheck.timebase import instant_ns

__all__ = ["Contradictions", "contradictions", "says_the_same"]

_SAME_M = 2.0  # 1e-5 degrees of both axes
_SAME_HEIGHT_M, _SAME_S = 1.0, 2.0
_PROVEN_SIGMA_S = 120.0
_START_WITHIN_M, _START_MPS = 200.0, 30.0  # a container has the film's start, its track the first fix
_QUARTER_S, _ZONE_SLACK_S, _LONGEST_ZONE_S = 900.0, 120.0, 14 * 3600 + 120.0
_FILMS = (MediaKind.MP4, MediaKind.GPMF, MediaKind.SUBTITLES)
_OF_EXPOSURE = "DateTimeOriginal"


class _ShotPlace(NamedTuple):
    lat_deg: float
    lon_deg: float
    at_s: float = 0.0  # of a film

    def apart_m(self, other: _ShotPlace) -> float:
        return float(geodesic_m(np.array([self.lon_deg]), np.array([self.lat_deg]), other.lon_deg, other.lat_deg)[0])


@dataclass(frozen=True, slots=True)
class Contradictions:
    """What files of one shot say against each other: issues to tell, and how far their places are apart at worst, m.

    `doubted` are the names of subtitles that may be another film's.
    """

    issues: tuple[Issue, ...]
    apart_m: float
    doubted: frozenset[str]


def contradictions(item: MediaItem, siblings: Sequence[MediaItem]) -> Contradictions:
    """Hold the files beside a main one against it, and the tracks of that one against each other."""
    issues, apart_m, doubted = list[Issue](), _own_apart_m(item), set[str]()
    for other in siblings:
        found_m, found = _places(item, other)
        apart_m = max(apart_m, found_m)
        found += _heights(item, other)
        found += _times(item, other)
        issues += found
        if found and other.kind is MediaKind.SUBTITLES:
            doubted.add(other.name)
    return Contradictions(tuple(issues), apart_m, frozenset(doubted))


def says_the_same(item: MediaItem, other: MediaItem) -> bool:
    """Tell whether a file beside the main one says nothing of place, height and direction that the main one does not.

    So it needs no judgement of its own.
    """
    if other.film is not None:
        if item.film is None or other.other_films:
            return False
        apart = tracks_apart(item.film, other.film)
        return apart.is_covered and not apart.is_conflict
    if other.position is None:
        return True
    mine, its = item.position, other.position
    if mine is None or (mine.lat_deg, mine.lon_deg, mine.status) != (its.lat_deg, its.lon_deg, its.status):
        return False
    if its.h_sigma_m > mine.h_sigma_m or other.height not in (None, item.height):
        return False
    return other.pose in (None, item.pose) and _utc_ns(other) in (None, _utc_ns(item))


def _utc_ns(item: MediaItem) -> int | None:
    return item.time.utc_ns if item.time is not None else None


def _own_apart_m(item: MediaItem) -> float:
    """Return how far the places within one film are apart: of its tracks, and of its container's start."""
    if item.film is None:
        return 0.0
    tracks = [tracks_apart(item.film, other).apart_m for other in item.other_films]
    return max([_start_apart_m(item, item.film), *tracks])


def _start_apart_m(item: MediaItem, film: FilmTrack) -> float:
    """Return how far a track begins from the place that another part states for the begin; 0 where they agree."""
    at, first = _stated(item), _first(film)
    if at is None or first is None:
        return 0.0
    apart_m = at.apart_m(first)
    return apart_m if apart_m > _START_WITHIN_M + _START_MPS * max(first.at_s, 0.0) else 0.0


def _stated(item: MediaItem) -> _ShotPlace | None:
    at = item.position
    if at is None or at.status is not PositionStatus.USABLE:
        return None
    return _ShotPlace(at.lat_deg, at.lon_deg)


def _first(film: FilmTrack) -> _ShotPlace | None:
    rows = np.flatnonzero(film.is_usable & in_range(film.lat_deg, film.lon_deg) & np.isfinite(film.time_s))
    if not len(rows):
        return None
    row = rows[np.argmin(film.time_s[rows])]
    return _ShotPlace(float(film.lat_deg[row]), float(film.lon_deg[row]), float(film.time_s[row]))


def _places(item: MediaItem, other: MediaItem) -> tuple[float, list[Issue]]:
    """Return how far the places of two files are apart beyond what is one place (m), and the note of it."""
    if item.film is not None and other.film is not None:
        apart = tracks_apart(item.film, other.film)
        if not apart.is_conflict:
            return 0.0, []
        code, text = conflict_words(apart, other.name)
        return apart.apart_m, [Issue(code, Severity.WARNING, text, int(other.film.offset[apart.row]))]
    if item.film is not None or other.film is not None:
        film, still = (item.film, other) if item.film is not None else (other.film, item)
        apart_m = _start_apart_m(still, film) if film is not None else 0.0
    else:
        mine, its = _stated(item), _stated(other)
        apart_m = mine.apart_m(its) if mine is not None and its is not None else 0.0
        apart_m = apart_m if apart_m > _SAME_M else 0.0
    if apart_m == 0:
        return 0.0, []
    text = Message(
        "{name} states another place, {apart_m} away from that of {main}", name=plain(other.name, 100),
        apart_m=apart_m, main=plain(item.name, 100),
    )  # fmt: skip
    return apart_m, [Issue(Code.POSITION_CONFLICT, Severity.WARNING, text)]


def _heights(item: MediaItem, other: MediaItem) -> list[Issue]:
    """Note heights of two pictures that differ; those of films are compared sample by sample."""
    mine, its = item.height, other.height
    if mine is None or its is None or item.kind in _FILMS or other.kind in _FILMS:
        return []
    pairs = ((mine.home_m, its.home_m), (mine.amsl_m, its.amsl_m), (mine.hae_m, its.hae_m))
    apart_m = max((abs(a - b) for a, b in pairs if a is not None and b is not None), default=0.0)
    if not apart_m > _SAME_HEIGHT_M:
        return []
    text = Message(
        "{name} states another height, {apart_m} from that of {main}", name=plain(other.name, 100), apart_m=apart_m,
        main=plain(item.name, 100),
    )  # fmt: skip
    return [Issue(Code.VALUES_CONFLICT, Severity.WARNING, text)]


def _times(item: MediaItem, other: MediaItem) -> list[Issue]:
    """Note times that cannot be those of one shot, and subtitles that go on when their film has ended."""
    mine, its = item.time, other.time or _time_of_track(other.film)
    apart_s = 0.0
    if mine is not None and its is not None:
        apart_s = _apart_s(mine, its, item.duration_s, is_film=item.kind in _FILMS or other.kind in _FILMS)
    film, length_s = other.film, item.duration_s
    if film is not None and length_s and len(film.time_s):
        last_s = float(np.nanmax(film.time_s)) if np.isfinite(film.time_s).any() else 0.0
        apart_s = max(apart_s, last_s - length_s if last_s > length_s + 2 * _SAME_S else 0.0)
    if not apart_s:
        return []
    text = Message(
        "{name} states another time, {apart_s} from that of {main}", name=plain(other.name, 100), apart_s=apart_s,
        main=plain(item.name, 100),
    )  # fmt: skip
    return [Issue(Code.VALUES_CONFLICT, Severity.WARNING, text)]


def _time_of_track(film: FilmTrack | None) -> CaptureTime | None:
    if film is None or film.utc_ns is None or not len(film.utc_ns):
        return None
    begin_ns = int(film.utc_ns[0]) - round(float(np.nan_to_num(film.time_s[0])) * 1e9)
    return CaptureTime(begin_ns, None, None, 1.0, film.source)


def _apart_s(mine: CaptureTime, its: CaptureTime, length_s: float | None, *, is_film: bool) -> float:
    """Return how far two times are apart, s, beyond what one shot may have: 0 where they agree or cannot be held."""
    if mine.utc_ns is not None and its.utc_ns is not None and _is_proven(mine) and _is_proven(its):
        apart_s = abs(mine.utc_ns - its.utc_ns) / 1e9
        return apart_s if apart_s > max(_SAME_S, 3 * hypot(mine.sigma_s or 0.0, its.sigma_s or 0.0)) else 0.0
    one_ns, other_ns = _digits_ns(mine), _digits_ns(its)
    if one_ns is None or other_ns is None:
        return 0.0
    apart_s = abs(one_ns - other_ns) / 1e9
    if is_film:  # clocks of other zones, and a container's date may be that of the end
        off_s = abs(apart_s - _QUARTER_S * round(apart_s / _QUARTER_S))
        is_zone = off_s <= _ZONE_SLACK_S + (length_s or 0.0) and apart_s <= _LONGEST_ZONE_S + (length_s or 0.0)
        return 0.0 if is_zone else apart_s
    if not (mine.source.endswith(_OF_EXPOSURE) and its.source.endswith(_OF_EXPOSURE)):
        return 0.0
    return apart_s if apart_s > _SAME_S else 0.0


def _is_proven(time: CaptureTime) -> bool:
    return time.sigma_s is not None and time.sigma_s <= _PROVEN_SIGMA_S


def _digits_ns(time: CaptureTime) -> int | None:
    if time.local:
        return instant_ns(time.local)
    return time.utc_ns
