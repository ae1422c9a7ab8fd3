"""What the files of a flight are called in a report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np

from dronecheck.flight import Flight
from dronecheck.safe.io import plain
from dronecheck.timebase import instant, iso_utc

__all__ = ["file_names", "log_title", "rows_of_files", "time_at", "times_of", "told_apart"]


def file_names(flight: Flight, *, private: bool = False) -> tuple[str, ...]:
    """Return a name for each of its files, by which they can be told apart; with private data, where they lie."""
    return told_apart([plain(source.path if private else source.path.name) for source in flight.sources])


def told_apart(given: Sequence[str]) -> tuple[str, ...]:
    """Return names of files, the later ones of one name with their number: video.SRT (2)."""
    names: list[str] = []
    for own in given:
        names.append(own if own not in names else f"{own} ({len(names) + 1})")
    return tuple(names)


def log_title(flight: Flight) -> str:
    """Return what stands for the log in titles: its file's name, and how many more there are."""
    more = len(flight.more_sources)
    return f"{flight.source.path.name} + {more}" if more else flight.source.path.name


def rows_of_files(flight: Flight) -> list[tuple[int, int]]:
    """Return for each file of a joined flight its first row of the primary track, and the one behind its last."""
    return list(pairwise(accumulate((len(each.track) for each in flight.segments), initial=0)))


def time_at(flight: Flight, row: int) -> str:
    """Return the time of a row of the primary track in words."""
    track = flight.track
    return instant(int(track.time_ns[row]), int(track.time_ns[0]), flight.clock.utc_known)


def times_of(flight: Flight) -> tuple[str, str] | None:
    """Return the times of the first and the last fix in words, with their days; None where no fix has a time."""
    timed = np.flatnonzero(flight.track.is_timed)
    if not len(timed):
        return None
    first, last = int(timed[0]), int(timed[-1])
    days = [
        (iso_utc(int(flight.track.time_ns[row])) or "")[:10] if flight.clock.utc_known else "" for row in (first, last)
    ]
    begin, end = time_at(flight, first), time_at(flight, last)
    return f"{days[0]} {begin}".strip(), f"{days[1]} {end}" if days[1] != days[0] else end
