"""Files of rows that are cut into bands of latitude, each deflated by itself: mapped, and unpacked when asked for.

A file, little-endian:

    magic, uint32 length of the header, the header (JSON), then the blobs
    header    lists of its own, and bands: [number, rows, offset of its blobs, bytes of figures, bytes of texts]

A band is half a degree of latitude, numbered from the south pole; its rows ascend by longitude. Its figures (deflated)
are columns of numbers, its texts (deflated) a line for each row.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from pathlib import Path
from typing import Any

__all__ = ["BAND_DEG", "BandedFile", "packed_bands"]

BAND_DEG = 0.5


class BandedFile:
    """A mapped file of bands. Raises ValueError for one that does not begin with `magic`."""

    def __init__(self, path: Path, magic: bytes) -> None:
        with path.open("rb") as opened:
            self._map = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[: len(magic)] != magic:
            raise ValueError(f"{path} does not begin with {magic!r}")
        (length,) = struct.unpack_from("<I", self._map, len(magic))
        self._blobs = len(magic) + 4 + length
        self.header: dict[str, Any] = json.loads(self._map[len(magic) + 4 : self._blobs])
        self._bands: dict[int, tuple[int, int, int, int]] = {row[0]: tuple(row[1:]) for row in self.header["bands"]}

    def __len__(self) -> int:
        return sum(rows for rows, *_ in self._bands.values())

    @property
    def bands(self) -> tuple[int, ...]:
        """Return the numbers of the bands that hold anything."""
        return tuple(self._bands)

    def figures(self, number: int) -> tuple[int, bytes] | None:
        """Return how many rows a band has, and its columns; None for a band without any."""
        if number not in self._bands:
            return None
        rows, offset, length, _ = self._bands[number]
        return rows, zlib.decompress(self._map[self._blobs + offset : self._blobs + offset + length])

    def lines(self, number: int) -> list[str]:
        """Return the line of each row of a band."""
        rows, offset, figures, texts = self._bands[number]
        start = self._blobs + offset + figures
        lines = zlib.decompress(self._map[start : start + texts]).decode().split("\n")
        assert len(lines) == rows
        return lines


def packed_bands(magic: bytes, header: dict[str, Any], bands: dict[int, tuple[int, bytes, str]]) -> bytes:
    """Return the bytes of such a file: of each band its rows, its columns, and the lines of its texts."""
    blobs, table = b"", []
    for number in sorted(bands):
        rows, columns, lines = bands[number]
        figures, texts = zlib.compress(columns, 9), zlib.compress(lines.encode(), 9)
        table.append([number, rows, len(blobs), len(figures), len(texts)])
        blobs += figures + texts
    head = json.dumps({**header, "bands": table}, separators=(",", ":"), ensure_ascii=False).encode()
    return magic + struct.pack("<I", len(head)) + head + blobs
