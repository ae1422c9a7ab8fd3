"""The records of a DJI .DAT file, wherever they are: both checksums of every place that could begin one.

    0   0x55
    1   u16 length of the whole record in its lower ten bits
    3   u8 CRC-8 of these three bytes (polynomial 0x31 reflected, start 0x77)
    4   u16 type, u32 tick
    10  body, each byte XOR the lowest byte of the tick
    -2  u16 CRC-16 of all before it (0x8408 reflected, start 0x3692)

The radio link loses pieces, so reading goes on at the next record that is right. A checksum is linear: that of any
stretch follows from those of the two beginnings of the file that it lies between. So each place costs the same
however long its record says it is, and hostile bytes take no longer than others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Ints
from dronecheck.readers.common.stretches import gathered

if TYPE_CHECKING:
    from dronecheck.readers.common.stretches import Buffer

__all__ = ["AROUND_BODY", "BODY_AT", "DatFrames", "begins_a_run", "find_frames", "header_crc", "record_crc"]

Sums = NDArray[np.uint16]
Content = NDArray[np.uint8]

MAGIC = 0x55
BODY_AT, AROUND_BODY = 10, 12
LONGEST = 0x3FF
START_8, POLYNOMIAL_8 = 0x77, 0x8C
START_16, POLYNOMIAL_16 = 0x3692, 0x8408
LANE = 1023  # bytes that one lane of a chunk has: no more than there are steps in the tables below
CHUNK_BYTES = 4092 * LANE
RUN = 3  # records in a row that are no accident: each has one chance in 65,536 among other bytes


def _byte_table(polynomial: int) -> NDArray[np.int64]:
    table = np.arange(256, dtype=np.int64)
    for _ in range(8):
        table = (table >> 1) ^ (polynomial * (table & 1))
    return table


_BYTE_8 = _byte_table(POLYNOMIAL_8).astype(np.uint8)
_BYTE_16 = _byte_table(POLYNOMIAL_16).astype(np.uint16)


@cache
def _moved() -> tuple[Sums, Sums]:
    """Return a register's lower and upper byte each moved on over so many zeros, both shape (LANE + 1, 256)."""
    low, high = np.empty((LANE + 1, 256), np.uint16), np.empty((LANE + 1, 256), np.uint16)
    low[0] = np.arange(256, dtype=np.uint16)
    high[0] = low[0] << 8
    for table in (low, high):
        for step in range(LANE):
            table[step + 1] = (table[step] >> 8) ^ _BYTE_16[table[step] & 0xFF]
    return low, high


def _over_zeros(register: Sums, count: Ints) -> Sums:
    """Return registers, shape (n,), moved on over so many zeros each (at most LANE)."""
    low, high = _moved()
    return np.asarray(low[count, register & 0xFF] ^ high[count, register >> 8], dtype=np.uint16)


class _Beginnings:
    """The checksum of every beginning of some bytes, from a register of 0."""

    def __init__(self, content: Content) -> None:
        lanes = len(content) // LANE + 1
        padded = np.zeros(lanes * LANE, np.uint8)
        padded[: len(content)] = content
        columns = np.ascontiguousarray(padded.reshape(lanes, LANE).T)
        self._own = np.zeros((LANE + 1, lanes), np.uint16)  # of each lane by itself, before each of its bytes
        for step, column in enumerate(columns):
            before = self._own[step]
            self._own[step + 1] = (before >> 8) ^ _BYTE_16[(before ^ column) & 0xFF]
        low, high = (table[LANE].tolist() for table in _moved())
        register, before_lane = 0, []
        for own in self._own[LANE].tolist():
            before_lane.append(register)
            register = low[register & 0xFF] ^ high[register >> 8] ^ own
        self._before = np.array(before_lane, np.uint16)

    def at(self, places: Ints) -> Sums:
        """Return the checksums of all before these places, shape (n,)."""
        lane, step = np.divmod(places, LANE)
        return self._own[step, lane] ^ _over_zeros(self._before[lane], step)


def header_crc(content: Content, places: Ints) -> Content:
    """Return the CRC-8 of the three bytes at each of these places, shape (n,)."""
    found = np.full(len(places), START_8, np.uint8)
    for step in range(3):
        found = _BYTE_8[found ^ content[places + step]]
    return found


def record_crc(content: Content, places: Ints, lengths: Ints) -> Sums:
    """Return the CRC-16 of the stretches of these lengths (at most LANE) at these places, both shape (n,)."""
    sums = _Beginnings(content)
    return sums.at(places + lengths) ^ _over_zeros(sums.at(places) ^ np.uint16(START_16), lengths)


def _lengths(content: Content, places: Ints) -> Ints:
    return content[places + 1].astype(np.int64) | (content[places + 2].astype(np.int64) & 3) << 8


def _headers(content: Content, places: Ints) -> Bools:
    """Tell which of these places, at least four bytes before the end, hold the header of a record, shape (n,)."""
    good = (content[places] == MAGIC) & (_lengths(content, places) >= AROUND_BODY)
    good[good] = header_crc(content, places[good]) == content[places[good] + 3]
    return np.asarray(good, dtype=np.bool_)


def begins_a_run(head: bytes, at: int) -> bool:
    """Tell whether some records with right headers follow each other from this place on."""
    content = np.frombuffer(head, np.uint8)
    for _ in range(RUN):
        place = np.array([at], np.int64)
        if at + 4 > len(content) or not _headers(content, place)[0]:
            return False
        at += int(_lengths(content, place)[0])
    return True


@dataclass(frozen=True, slots=True, eq=False)
class DatFrames:
    """The records, in file order, columns of shape (n,), and the stretches (begin, end) between that are none.

    `cut` is where the file ends inside a record, None where it does not.
    """

    offset: Ints
    length: Ints
    kind: Ints
    tick: Ints
    holes: tuple[tuple[int, int], ...]
    cut: int | None


def find_frames(data: Buffer, first: int) -> DatFrames:
    """Find all records of a file whose bytes before `first` are its header."""
    empty = np.zeros(0, np.int64)
    found = [_good(data, begin) for begin in range(first, len(data), CHUNK_BYTES)]
    places = np.concatenate([empty, *(offset for offset, _ in found)])
    ends = places + np.concatenate([empty, *(length for _, length in found)])
    kept = _one_behind_the_other(places, ends)
    places, ends = places[kept], ends[kept]
    heads = gathered(data, places, BODY_AT)
    kind = np.ascontiguousarray(heads[:, 4:6]).view("<u2")[:, 0].astype(np.int64)
    tick = np.ascontiguousarray(heads[:, 6:10]).view("<u4")[:, 0].astype(np.int64)
    before, behind = np.concatenate([[first], ends]), np.append(places, max(len(data), first))
    holes = [(int(before[i]), int(behind[i])) for i in np.flatnonzero(before < behind).tolist()]
    cut = holes.pop()[0] if holes and _is_cut(data, holes[-1]) else None
    return DatFrames(places, ends - places, kind, tick, tuple(holes), cut)


def _good(data: Buffer, begin: int) -> tuple[Ints, Ints]:
    """Return places and lengths of the records that begin in the chunk from `begin` on and are right."""
    content = np.frombuffer(data[begin : begin + CHUNK_BYTES + LONGEST], np.uint8)
    places = np.flatnonzero(content[: min(CHUNK_BYTES, max(len(content) - AROUND_BODY + 1, 0))] == MAGIC)
    places = places.astype(np.int64)
    places = places[_headers(content, places)]
    lengths = _lengths(content, places)
    fits = places + lengths <= len(content)
    places, lengths = places[fits], lengths[fits]
    if not len(places):
        return places, lengths
    ends = places + lengths
    stored = content[ends - 2].astype(np.uint16) | content[ends - 1].astype(np.uint16) << 8
    right = record_crc(content, places, lengths - 2) == stored
    return places[right] + begin, lengths[right]


def _one_behind_the_other(places: Ints, ends: Ints) -> Ints:
    """Return which of the records, by ascending place, do not begin inside the one before."""
    if not len(places) or bool((places[1:] >= ends[:-1]).all()):
        return np.arange(len(places), dtype=np.int64)
    kept, at = [], 0
    for number, (place, end) in enumerate(zip(places.tolist(), ends.tolist(), strict=True)):
        if place >= at:
            kept.append(number)
            at = end
    return np.array(kept, np.int64)


def _is_cut(data: Buffer, hole: tuple[int, int]) -> bool:
    """Tell whether a last stretch is the beginning of a record, as far as the file goes."""
    begin, end = hole
    if end != len(data) or data[begin] != MAGIC:
        return False
    content = np.frombuffer(data[begin : begin + 4], np.uint8)
    if len(content) < 4:
        return True
    start = np.zeros(1, np.int64)
    return bool(_headers(content, start)[0]) and begin + int(_lengths(content, start)[0]) > end
