"""Two tracks of one film held against each other, sample by sample: a film has one way, whoever wrote it down.

Clocks of two tracks may differ by a second: what the film flew within one counts as the same place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.geo.plane import local_offsets_m, wrap_lon
from dronecheck.issues import Code
from dronecheck.media.model import FilmTrack
from dronecheck.media.tags.film_rows import in_range
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["TracksApart", "conflict_words", "tracks_apart"]

_SAME_M = 2.0  # 1e-5 degrees of both axes, and what figures are rounded to
_SAME_HEIGHT_M = 1.0
_SLACK_S = 1.0
_BESIDE_S = 3.0  # a longer silence of a track says nothing of the other


@dataclass(frozen=True, slots=True)
class TracksApart:
    """How far a second track lies from the first, beyond what their clocks excuse: the worst, m; 0 where they agree.

    `row` is the sample of the second where it is worst, `at_s` its time in the film. `is_covered` tells that the second
    says no place where the first says none.
    """

    apart_m: float = 0.0
    height_m: float = 0.0
    row: int = 0
    at_s: float = 0.0
    is_covered: bool = True

    @property
    def is_conflict(self) -> bool:
        """Tell whether they contradict each other, in place or height."""
        return self.apart_m > 0 or self.height_m > 0


def tracks_apart(one: FilmTrack, other: FilmTrack) -> TracksApart:
    """Return how far the usable samples of another track lie from those of the first."""
    mine, its = _placed_rows(one), _placed_rows(other)
    if not len(its):
        return TracksApart()
    if not len(mine):
        return TracksApart(row=int(its[0]), at_s=float(other.time_s[its[0]]), is_covered=False)
    time_s = other.time_s[its]
    is_beside = _is_beside(one.time_s[mine], time_s)
    if not is_beside.any():
        return TracksApart(row=int(its[0]), at_s=float(time_s[0]), is_covered=False)
    origin = other.lon_deg[its[0]], other.lat_deg[its[0]]
    lon_deg = origin[0] + wrap_lon(one.lon_deg[mine] - origin[0])
    shifts = np.array([-_SLACK_S, -_SLACK_S / 2, 0.0, _SLACK_S / 2, _SLACK_S])
    around = [
        [np.interp(time_s + shift, one.time_s[mine], column) for column in (lon_deg, one.lat_deg[mine])]
        for shift in shifts
    ]
    here_lon, here_lat = around[2]
    moved_m = np.max([np.hypot(*local_offsets_m(here_lon, here_lat, lon, lat)) for lon, lat in around], axis=0)
    apart_m = np.hypot(*local_offsets_m(here_lon, here_lat, other.lon_deg[its], other.lat_deg[its]))
    excess_m = np.where(is_beside, apart_m - moved_m - _SAME_M, -np.inf)
    height_m, of_height = _heights_apart(one, other, mine, its, is_beside)
    worst = int(np.argmax(excess_m))
    is_apart = bool(excess_m[worst] > 0)
    row = worst if is_apart or height_m == 0 else of_height
    return TracksApart(
        float(apart_m[worst]) if is_apart else 0.0, height_m, int(its[row]), float(time_s[row]), bool(is_beside.all())
    )


def conflict_words(apart: TracksApart, name: str) -> tuple[Code, Message]:
    """Return the code and the note of a contradiction between a film's own track and another of that name."""
    if apart.apart_m > 0:
        text = Message(
            "{name} has the camera up to {apart_m} from the place that the film's own track states",
            name=plain(name, 100), apart_m=apart.apart_m,
        )  # fmt: skip
        return Code.POSITION_CONFLICT, text
    text = Message(
        "{name} has the camera up to {apart_m} higher or lower than the film's own track", name=plain(name, 100),
        apart_m=apart.height_m,
    )  # fmt: skip
    return Code.VALUES_CONFLICT, text


def _placed_rows(track: FilmTrack) -> Ints:
    """Return the samples with a usable place, in the order of their time."""
    rows = np.flatnonzero(track.is_usable & in_range(track.lat_deg, track.lon_deg) & np.isfinite(track.time_s))
    return np.asarray(rows[np.argsort(track.time_s[rows], kind="stable")], dtype=np.int64)


def _is_beside(known_s: Floats, asked_s: Floats) -> Bools:
    """Tell which moments lie between two samples that follow each other closely, or a second from one."""
    after = np.clip(np.searchsorted(known_s, asked_s, "left"), 0, len(known_s) - 1)
    before = np.clip(np.searchsorted(known_s, asked_s, "right") - 1, 0, len(known_s) - 1)
    is_between = (known_s[before] <= asked_s) & (asked_s <= known_s[after])
    is_between &= known_s[after] - known_s[before] <= _BESIDE_S
    nearest_s = np.minimum(np.abs(known_s[before] - asked_s), np.abs(known_s[after] - asked_s))
    return np.asarray(is_between | (nearest_s <= _SLACK_S), dtype=np.bool_)


def _heights_apart(one: FilmTrack, other: FilmTrack, mine: Ints, its: Ints, is_beside: Bools) -> tuple[float, int]:
    """Return how far heights above the take-off differ at worst (m), and at which of the rows; 0 where they agree."""
    known = mine[np.isfinite(one.home_m[mine])]
    asked = is_beside & np.isfinite(other.home_m[its])
    if not len(known) or not asked.any():
        return 0.0, 0
    time_s = other.time_s[its]
    around = np.array([
        np.interp(time_s + shift, one.time_s[known], one.home_m[known]) for shift in (-_SLACK_S, 0.0, _SLACK_S)
    ])  # fmt: skip
    apart_m = np.abs(np.where(asked, other.home_m[its], 0.0) - around[1])
    climbed_m = np.abs(around - around[1]).max(axis=0)
    excess_m = np.where(asked, apart_m - climbed_m - _SAME_HEIGHT_M, -np.inf)
    worst = int(np.argmax(excess_m))
    return (float(apart_m[worst]) if excess_m[worst] > 0 else 0.0), worst
