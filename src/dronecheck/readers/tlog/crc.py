"""The checksum of MAVLink frames (CRC-16/MCRF4XX), over many frames at once or over one.

    frame 1     FE, length, seq, system, component, id, payload, crc u16
    frame 2     FD, length, incompatible flags, flags, seq, system, component, id u24, payload, crc u16, (signature[13])

The checksum covers everything between the magic and itself, then one byte that stands for the message's definition
(CRC_EXTRA). That byte comes last, so a frame of an unknown definition can be judged as well: of the 65,536 values
of the checksum, only 256 are possible for any such byte.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Ints, bincount
from dronecheck.readers.common.stretches import gathered

__all__ = ["Sums", "crc_of", "definition_byte", "length_changed", "zero_behind"]

Sums = NDArray[np.uint16]

START = 0xFFFF
POLYNOMIAL = 0x8408
ROWS_AT_ONCE = 8192  # the frames of one turn stay in the processor's cache
MANY_ROWS = 64
HEADER_BEHIND_LENGTH = 8  # bytes of a frame 2 between its length and its payload


def _byte_table() -> Sums:
    table = np.arange(256, dtype=np.int64)
    for _ in range(8):
        table = (table >> 1) ^ (POLYNOMIAL * (table & 1))
    return table.astype(np.uint16)


_BYTE = _byte_table()
# two bytes at a step: the register after them depends only on the register before, combined with them
_ALL = np.arange(1 << 16, dtype=np.uint16)
_PAIR = (_ALL >> 8) ^ _BYTE[_ALL & 0xFF]
_PAIR = (_PAIR >> 8) ^ _BYTE[_PAIR & 0xFF]
_INVERSE = np.full(1 << 16, -1, np.int16)  # entry of the byte table -> its index
_INVERSE[_BYTE] = np.arange(256, dtype=np.int16)


def crc_of(content: NDArray[np.uint8], places: Ints, lengths: Ints) -> Sums:
    """Return the checksum of the stretches of `content` that begin at `places`, before the definition's byte."""
    sums = np.empty(len(places), np.uint16)
    if not len(places):
        return sums
    order = np.argsort(lengths.astype(np.int16), kind="stable")
    rest: list[NDArray[np.intp]] = []
    last = 0
    for length, count in enumerate(bincount(lengths).tolist()):
        rows = order[last : last + count]
        last += count
        if count < MANY_ROWS:
            rest.append(rows)
            continue
        for first in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[first : first + ROWS_AT_ONCE]
            sums[part] = _crc_of_equal(content, places[part], length)
    rows = np.concatenate(rest) if rest else order[:0]
    if len(rows):
        sums[rows] = _crc_of_some(content, places[rows], lengths[rows])
    return sums


def _crc_of_equal(content: NDArray[np.uint8], places: Ints, length: int) -> Sums:
    """Return the checksums of frames of one length.

    They are copied together, then turned, so that each step reads one block.
    """
    table = gathered(content.data, places, length)
    found = np.full(len(places), START, np.uint16)
    pairs = np.ascontiguousarray(table[:, : length // 2 * 2]).view("<u2")
    for column in np.ascontiguousarray(pairs.T):
        found = _PAIR.take(found ^ column)
    if length & 1:
        found = (found >> 8) ^ _BYTE[(found ^ table[:, -1]) & 0xFF]
    return found  # pyright: ignore[reportReturnType]


def _crc_of_some(content: NDArray[np.uint8], places: Ints, lengths: Ints) -> Sums:
    """Return the checksums of frames of many lengths, few of each length."""
    pairs = np.ndarray((max(len(content) - 1, 0),), np.dtype("<u2"), content.data, 0, (1,))
    order = np.argsort(-lengths.astype(np.int16), kind="stable")  # longest first: those still to do are a prefix
    at, length = places[order], lengths[order]
    steps = length // 2
    left = np.searchsorted(-steps, -np.arange(1, int(steps[0]) + 1, dtype=np.int64), "right").tolist()
    found = np.full(len(at), START, np.uint16)
    for count in left:
        found[:count] = _PAIR[found[:count] ^ pairs[at[:count]]]
        at[:count] += 2
    odd = np.flatnonzero(length & 1)
    register = found[odd]
    found[odd] = (register >> 8) ^ _BYTE[(register ^ content[at[odd]]) & 0xFF]
    sums = np.empty_like(found)
    sums[order] = found
    return sums


def definition_byte(sums: Sums, received: Sums) -> NDArray[np.int16]:
    """Return the CRC_EXTRA with which the checksum received is right; -1 where none is."""
    inverse: NDArray[np.int16] = _INVERSE[received ^ (sums >> 8)]
    return np.where(inverse >= 0, (sums & 0xFF).astype(np.int16) ^ inverse, np.int16(-1))


def zero_behind(sums: Sums) -> Sums:
    """Return the checksums with one more zero behind what they cover."""
    longer: Sums = (sums >> 8) ^ _BYTE[sums & 0xFF]  # pyright: ignore[reportAssignmentType]
    return longer


@cache
def length_changed() -> Sums:
    """Return what other bits in a frame 2's length byte change in the checksum, by the payload's length and those bits.

    The checksum is linear: the difference moves on through the header behind that byte and the payload by itself.
    """
    moved = [_BYTE]
    for _ in range(HEADER_BEHIND_LENGTH + 255):
        moved.append(zero_behind(moved[-1]))
    return np.array(moved[HEADER_BEHIND_LENGTH:])
