"""Many byte patterns sought in a file of any size at once.

The three most telling bytes of each pattern mark a table of all three bytes that there are (16 MiB); where the file has
such three bytes, the whole pattern is compared. One pass, whatever the number of patterns.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["PatternScanner", "unpacked_texts"]

_STEP_BYTES = 1 << 20
_KEY_BYTES = 3
_UNPACKED_AT_MOST_BYTES = 1 << 20
_STREAMS_AT_MOST = 256
_ZLIB_HEADS = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class PatternScanner:
    """Seeks patterns of three bytes and more."""

    def __init__(self, patterns: Sequence[bytes]) -> None:
        self.patterns = patterns
        self._longest = max((len(one) for one in patterns), default=0)
        self._is_key: NDArray[np.bool_] = np.zeros(1 << 24, np.bool_)
        self._by_key: dict[int, list[tuple[int, int]]] = {}  # key -> number of the pattern, where the key is in it
        for number, pattern in enumerate(patterns):
            at = max(range(len(pattern) - _KEY_BYTES + 1), key=lambda place: _weight(pattern, place))
            key = int.from_bytes(pattern[at : at + _KEY_BYTES], "little")
            self._is_key[key] = True
            self._by_key.setdefault(key, []).append((number, at))

    def hits(self, file: BinaryIO) -> Iterator[tuple[int, int]]:
        """Give the number of each pattern that is found, and where; every occurrence once."""
        if not self.patterns:
            return
        file.seek(0)
        kept, start = b"", 0  # `start` is the place of `kept` in the file
        while piece := file.read(_STEP_BYTES):
            held = kept + piece
            for number, at in self.hits_in(held):
                if at + len(self.patterns[number]) > len(kept):
                    yield number, start + at
            tail = min(self._longest - 1, len(held))
            start += len(held) - tail
            kept = held[len(held) - tail :]

    def hits_in(self, held: bytes) -> Iterator[tuple[int, int]]:
        """Give the number of each pattern that is found in bytes, and where."""
        if len(held) < _KEY_BYTES or not self.patterns:
            return
        values = np.frombuffer(held, np.uint8).astype(np.uint32)
        keys = values[:-2] | values[1:-1] << np.uint32(8) | values[2:] << np.uint32(16)
        for place in np.flatnonzero(self._is_key[keys]).tolist():
            for number, at in self._by_key[int(keys[place])]:
                begin = place - at
                if begin >= 0 and held.startswith(self.patterns[number], begin):
                    yield number, begin


def _weight(pattern: bytes, at: int) -> tuple[int, int]:
    key = pattern[at : at + _KEY_BYTES]
    return sum(byte not in (0, 255) for byte in key), len(set(key))


def unpacked_texts(held: bytes) -> Iterator[bytes]:
    """Give what any zlib stream in bytes unpacks to, up to 1 MiB of each: secrets can be packed."""
    streams = 0
    for head in _ZLIB_HEADS:
        at = held.find(head)
        while at >= 0 and streams < _STREAMS_AT_MOST:
            streams += 1
            with suppress(zlib.error):
                yield zlib.decompressobj().decompress(held[at : at + _UNPACKED_AT_MOST_BYTES], _UNPACKED_AT_MOST_BYTES)
            at = held.find(head, at + 1)
