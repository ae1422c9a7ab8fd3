"""The bytes that walkers read: in memory, or a read-only map of a file that may be larger than memory."""

from __future__ import annotations

import mmap
import re

__all__ = ["Bytes", "place_of_match", "unsigned"]

Bytes = bytes | mmap.mmap
_SEARCHED_BYTES = 1 << 20


def unsigned(data: Bytes, at: int, size: int) -> int:
    """Return the big-endian number of `size` bytes at a place; bytes that are not there count as none."""
    return int.from_bytes(data[at : at + size], "big")


def place_of_match(pattern: re.Pattern[bytes], data: Bytes, start: int, end: int) -> int:
    """Return where a pattern first matches within [start, end), -1 where it does not."""
    if isinstance(data, bytes | mmap.mmap):
        found = pattern.search(data, start, end)
        return found.start() if found else -1
    found = pattern.search(data[start : min(end, start + _SEARCHED_BYTES)])  # a file of which parts are at hand
    return start + found.start() if found else -1
