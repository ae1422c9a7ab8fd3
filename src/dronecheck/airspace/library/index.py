"""The index of one zone file: read in two steps, first the zones' boxes, then the records where a box is in reach.

| part | content |
|---|---|
| magic | `DCZONES1` |
| sizes | three u32: length of the head, its CRC-32, CRC-32 of the body |
| head | MessagePack: version, layout, tool, file's sha256, issues, skipped, covers and who says so, then the boxes |
| | (n, 4) f64 and offsets (n + 1) i64 |
| body | the records, see `library.records` |

Numbers are little-endian. An index of another version, layout or tool is `Outdated`, one whose bytes are not what was
written `Damaged`: either is made again from the file that was added.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from dronecheck.airspace.library.records import LAYOUT, Period, ZoneRecords, record_of
from dronecheck.airspace.zone import CoversFrom, ZoneSet, ZoneSource
from dronecheck.issues import Issue
from dronecheck.messages import Message, from_stored, stored

__all__ = ["Damaged", "Index", "Outdated", "index_bytes", "read_index"]

VERSION = 4  # raised, too, when files are read otherwise without a new version of the tool
_MAGIC = b"DCZONES1"
_SIZES = struct.Struct("<3I")
_START = len(_MAGIC) + _SIZES.size


class Damaged(Exception):
    """Not the bytes that were written."""


class Outdated(Exception):
    """Written by another version of dronecheck, or for another file."""


class _Head(msgspec.Struct, frozen=True, array_like=True):
    version: int
    layout: str
    tool: str
    sha256: str
    issues: tuple[Issue, ...]
    skipped: int
    covers: tuple[str, ...]
    covers_from: CoversFrom | None
    boxes: bytes
    offsets: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """What is known of an edition before any zone is decoded; `covers` as in ZoneSource, by the file alone."""

    opened: Callable[[], BinaryIO]
    issues: tuple[Issue, ...]
    skipped: int
    covers: tuple[str, ...]
    covers_from: CoversFrom | None
    boxes_deg: NDArray[np.float64]
    offsets: NDArray[np.int64]
    body_at: int
    body_crc: int

    def zones(self, source: ZoneSource, period: Period = (None, None)) -> ZoneRecords:
        """Return the zones, decoded when asked for. Raises Damaged."""
        size = int(self.offsets[-1])
        try:
            with self.opened() as handle:
                handle.seek(self.body_at)
                body = handle.read(size + 1)
        except OSError as error:
            raise Damaged(str(error.strerror or error)) from None
        if len(body) != size or zlib.crc32(body) != self.body_crc:
            raise Damaged(Message("its records are not as they were written"))
        return ZoneRecords(body, self.offsets, self.boxes_deg, source, period)


def index_bytes(zones: ZoneSet, sha256: str, tool: str) -> bytes:
    """Return the index of a file's zones."""
    records = [record_of(zone) for zone in zones.zones]
    offsets = np.cumsum([0, *map(len, records)], dtype="<i8")
    boxes = zones.boxes_deg.astype("<f8")
    about = zones.sources[0] if zones.sources else ZoneSource("", sha256)
    head = msgspec.msgpack.encode(
        _Head(
            VERSION,
            LAYOUT,
            tool,
            sha256,
            zones.issues,
            zones.skipped,
            about.covers,
            about.covers_from,
            boxes.tobytes(),
            offsets.tobytes(),
        ),
        enc_hook=stored,
    )
    body = b"".join(records)
    return b"".join([_MAGIC, _SIZES.pack(len(head), zlib.crc32(head), zlib.crc32(body)), head, body])


def read_index(opened: Callable[[], BinaryIO], sha256: str, tool: str) -> Index:
    """Read the head of an index, which `opened` opens. Raises Damaged, or Outdated."""
    try:
        with opened() as handle:
            size = handle.seek(0, SEEK_END)
            handle.seek(0)
            start = handle.read(_START)
            if start[: len(_MAGIC)] != _MAGIC or len(start) != _START:
                raise Damaged(Message("no index"))
            head_size, head_crc, body_crc = _SIZES.unpack(start[len(_MAGIC) :])
            raw = handle.read(min(head_size, size))
    except OSError as error:
        raise Damaged(str(error.strerror or error)) from None
    if len(raw) != head_size or zlib.crc32(raw) != head_crc:
        raise Damaged(Message("its head is not as it was written"))
    try:
        head = msgspec.msgpack.decode(raw, type=_Head, dec_hook=from_stored)
    except (msgspec.DecodeError, ValueError):
        raise Outdated from None  # the bytes are as they were written: by a dronecheck that wrote otherwise
    if (head.version, head.layout, head.tool, head.sha256) != (VERSION, LAYOUT, tool, sha256):
        raise Outdated
    boxes = np.frombuffer(head.boxes, dtype="<f8").reshape(-1, 4)
    offsets = np.frombuffer(head.offsets, dtype="<i8")
    return Index(
        opened, head.issues, head.skipped, head.covers, head.covers_from, boxes, offsets, _START + head_size, body_crc
    )
