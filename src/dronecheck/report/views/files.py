"""What the files of a flight are called in a report."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from dronecheck.flight import Flight
from dronecheck.safe.io import plain

__all__ = ["file_names", "log_title", "rows_of_files", "told_apart"]


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
