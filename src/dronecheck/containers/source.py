"""The bytes that walkers read: in memory, or a read-only map of a file that may be larger than memory."""

from __future__ import annotations

import mmap

__all__ = ["Bytes", "unsigned"]

Bytes = bytes | mmap.mmap


def unsigned(data: Bytes, at: int, size: int) -> int:
    """Return the big-endian number of `size` bytes at a place; bytes that are not there count as none."""
    return int.from_bytes(data[at : at + size], "big")
