"""What the walks over binary logs share: how lanes become one walk, and what is said of its damage.

A log is walked in many lanes at once, each from a guess at where a record begins. A lane counts only where the walk
before it arrives exactly at its start; elsewhere the walk goes on record by record until it meets the next start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.messages import Message

__all__ = ["cut_text", "holes_text", "joined", "spans_walked_again"]

Walk = Callable[[int, int, list[int], int], tuple[int, int]]
_LISTED = 5


def spans_walked_again(begin: int, end: int, starts: Ints, ends: Ints, before: Ints, walk: Walk) -> Ints:
    """Return the spans, shape (m, 2), that `walk` did record by record from `begin` to `end`, lanes left out.

    `starts`, `ends`, shape (n,), ascending: where each lane began and stopped; `before`: its last record, not yet
    confirmed, or -1. `walk(place, last, starts, index)` goes on from `place` behind the record `last` until it meets
    a start from `index` on, and gives the place and the index reached.
    """
    start_list, end_list, before_list = starts.tolist(), ends.tolist(), before.tolist()
    place, index = walk(begin, -1, start_list, 0)
    again = [(begin, place)]
    while place < end:
        # `place` is the start of lane `index`
        place, last = end_list[index], before_list[index]
        index += 1
        if index < len(start_list) and place == start_list[index]:
            continue
        first = min(place if last < 0 else last, start_list[index] if index < len(start_list) else place)
        place, index = walk(place, last, start_list, index)
        again.append((first, place))
    return np.array(again, np.int64)


def joined(in_lanes: Ints, again: Ints, found: list[int]) -> Ints:
    """Return the records of all lanes, shape (n,), ascending; in the spans walked again those are `found`."""
    lost = np.searchsorted(in_lanes, again)
    if np.any(lost[:, 0] < lost[:, 1]):
        keep = np.ones(len(in_lanes), np.bool_)
        for first, stop in lost.tolist():
            keep[first:stop] = False
        in_lanes = in_lanes[keep]
    there = np.sort(np.array(found, np.int64))
    return np.insert(in_lanes, np.searchsorted(in_lanes, there), there) if len(there) else in_lanes


def cut_text(lost_bytes: int) -> Message:
    """Say that a file ends inside a record."""
    return Message("the file ends inside a record; its last {lost_bytes:,} bytes are not used", lost_bytes=lost_bytes)


def holes_text(holes: Sequence[tuple[int, int]]) -> Message:
    """Say that spans [from, to) of a file are no records."""
    total = sum(to - start for start, to in holes)
    listed = ", ".join(f"{start:,}-{to:,}" for start, to in holes[:_LISTED])
    listed += " ..." if len(holes) > _LISTED else ""
    return Message(
        "{total:,} bytes are no intact records and were passed over (bytes {listed})", total=total, listed=listed
    )
