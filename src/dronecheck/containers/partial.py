"""A large file of which only parts are at hand, and a record of what else was looked for.

What is not there reads as zeros, so that whoever walks it ends early and no failure stops the looking; what was wanted
is noted, is brought, and the whole is read again.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import overload

__all__ = ["PartialBytes", "missing_ranges"]

_BLOCK_BYTES = 4096
_FIND_AT_MOST_BYTES = 1 << 20
_LONGEST_BYTES = 64 << 20

Range = tuple[int, int]  # begin, end


class PartialBytes:
    """The bytes of a file as walkers of containers take them; `held` are the ranges [begin, end) that are there.

    `wanted` are those that were looked for and are not.
    """

    def __init__(self, path: Path, size: int, held: Sequence[Range]) -> None:
        self._fd = -1
        self._fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._size = size
        self._held = sorted(held)
        self._begins = [begin for begin, _ in self._held]
        self.wanted: list[Range] = []

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> bytes: ...
    def __getitem__(self, index: int | slice) -> int | bytes:
        if isinstance(index, slice):
            begin, end, step = index.indices(self._size)
            return self._read(begin, max(begin, min(end, begin + _LONGEST_BYTES)))[::step]
        at = index + self._size if index < 0 else index
        if not 0 <= at < self._size:
            raise IndexError(index)
        return self._read(at, at + 1)[0]

    def find(self, what: bytes, start: int = 0, end: int | None = None) -> int:
        """Return where bytes are, -1 if not within the first mebibyte of that stretch."""
        stop = min(self._size if end is None else end, start + _FIND_AT_MOST_BYTES)
        at = self[start:stop].find(what)
        return start + at if at >= 0 else -1

    def close(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __del__(self) -> None:
        self.close()

    def _read(self, begin: int, end: int) -> bytes:
        if begin < end and not self._has(begin, end):
            self.wanted.append((begin, end))
        os.lseek(self._fd, begin, os.SEEK_SET)
        parts = bytearray()
        while len(parts) < end - begin and (part := os.read(self._fd, end - begin - len(parts))):
            parts += part
        return bytes(parts.ljust(end - begin, b"\0"))

    def _has(self, begin: int, end: int) -> bool:
        at = bisect_right(self._begins, begin) - 1
        return at >= 0 and self._held[at][1] >= end


def missing_ranges(wanted: Sequence[Range], held: Sequence[Range], size: int, most_bytes: int) -> list[Range]:
    """Return what is wanted and not held, in whole blocks, joined where they touch, at most so many bytes of it."""
    blocks = set[int]()
    for begin, end in wanted:
        stop = min(end, size, begin + most_bytes + _BLOCK_BYTES)
        blocks.update(range(begin // _BLOCK_BYTES, -(-stop // _BLOCK_BYTES)))
        if len(blocks) * _BLOCK_BYTES > 4 * most_bytes:
            break
    there = {block for begin, end in held for block in range(begin // _BLOCK_BYTES, -(-end // _BLOCK_BYTES))}
    found: list[Range] = []
    room = most_bytes // _BLOCK_BYTES
    for block in sorted(blocks - there)[:room]:
        begin, end = block * _BLOCK_BYTES, min((block + 1) * _BLOCK_BYTES, size)
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found
