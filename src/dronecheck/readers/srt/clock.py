"""The time of each cue, from its place in the film and from the camera's clock.

The film's time says nothing about the world: films pause, are joined, and a hyperlapse runs minutes in a second. The
camera's clock does, but may print whole seconds only. So cues are timed by the film, set to the camera's clock, and set
again wherever the two part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dronecheck.dates import can_be, impossible_dates
from dronecheck.flight import Clock, ClockSource
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.clock.time_order import UNTIMED
from dronecheck.readers.srt import NAME
from dronecheck.readers.srt.cues import Cue, Fields

__all__ = ["cue_times"]

_PARTED_NS = 1_500_000_000  # whole seconds are cut off, so two clocks that agree differ by less than 1 s
_STRAY_NS = 2_000_000_000


def cue_times(found: Sequence[Cue], fields: Sequence[Fields]) -> tuple[NDArray[np.int64], Clock, list[Issue]]:
    """Return nanoseconds of each cue (UNTIMED where nothing tells), the clock behind them, and what was doubtful."""
    films = [None if math.isnan(cue.start_s) else round(cue.start_s * 1e9) for cue in found]
    shown, issues = _possible_walls(found, fields)
    strays = _stray_walls(shown)
    walls = [None if i in strays else wall for i, wall in enumerate(shown)]
    unknown = float("nan")
    timed = [i for i, wall in enumerate(walls) if wall is not None]
    if not timed:
        note = Message("no clock in the subtitles: seconds since the film began")
        times = [UNTIMED if film is None else film for film in films]
        return np.array(times, dtype=np.int64), Clock(False, ClockSource.NONE, unknown, note), issues
    without = [i for i in range(len(walls)) if walls[i] is None and fields[i].is_telemetry]
    if without:
        text = Message("cues whose camera clock is missing or contradicts the cues around it, timed by the film")
        issues.append(Issue(Code.CLOCK_DAMAGED, Severity.WARNING, text, found[without[0]].line, len(without)))
    times, parted = _set_to_walls(films, walls, [one.wall_has_fraction for one in fields])
    if parted:
        text = Message(
            "the camera's clock and the film's time part (a pause, films joined, a hyperlapse); the camera's is used"
        )
        issues.append(Issue(Code.CLOCK_SKEW, Severity.WARNING, text, found[parted[0]].line, len(parted)))
    note = Message("the camera's local clock, zone unknown")
    return np.array(times, dtype=np.int64), Clock(False, ClockSource.VEHICLE, unknown, note), issues


def _possible_walls(found: Sequence[Cue], fields: Sequence[Fields]) -> tuple[list[int | None], list[Issue]]:
    """Return the camera's clock of each cue without dates that cannot be, and notes of these."""
    walls = [one.wall_ns for one in fields]
    can = can_be(np.array([UNTIMED if wall is None else wall for wall in walls], dtype=np.int64), NAME).tolist()
    bad = [(i, wall) for i, wall in enumerate(walls) if wall is not None and not can[i]]
    if not bad:
        return walls, []
    first, shown_ns = bad[0]
    possible = [wall if can[i] else None for i, wall in enumerate(walls)]
    return possible, [impossible_dates(shown_ns, found[first].line, len(bad), some=any(can))]


def _stray_walls(walls: Sequence[int | None]) -> set[int]:
    """Return single readings far outside those just before and after, which are in order.

    They are a damaged digit, not a clock set.
    """
    known = [(i, wall) for i, wall in enumerate(walls) if wall is not None]
    strays = set()
    for (_, before), (i, here), (_, after) in zip(known, known[1:], known[2:], strict=False):
        if before <= after and not before - _STRAY_NS <= here <= after + _STRAY_NS:
            strays.add(i)
    if len(known) > 2 and known[0][1] > known[1][1] + _STRAY_NS and known[1][1] <= known[2][1]:
        strays.add(known[0][0])
    return strays


def _set_to_walls(
    films: Sequence[int | None], walls: Sequence[int | None], exact: Sequence[bool]
) -> tuple[list[int], list[int]]:
    """Return the time of each cue, and where the clocks part."""
    both = (wall - film for film, wall in zip(films, walls, strict=True) if film is not None and wall is not None)
    ahead = next(both, None)  # of the film's time; also for the cues before the first that has both
    times, parted = [], []
    for i, (film, wall) in enumerate(zip(films, walls, strict=True)):
        if film is None or ahead is None:
            times.append(UNTIMED if wall is None else wall)
            continue
        if wall is not None:
            apart = abs(wall - film - ahead) > _PARTED_NS
            parted += [i] if apart else []
            ahead = wall - film if apart or exact[i] else ahead
        times.append(film + ahead)
    return times, parted
