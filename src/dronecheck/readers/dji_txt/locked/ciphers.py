"""The records of an encrypted DJI flight record as blocks of cipher: unscrambled, by segment, kind and place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Bools, Ints, repeat, spread
from dronecheck.readers.dji_txt.locked.aes import BLOCK, Bytes
from dronecheck.readers.dji_txt.locked.features import NEW_SEGMENT, PLAIN_KINDS
from dronecheck.readers.dji_txt.scramble import keystream

__all__ = ["Ciphers", "padding_of", "read_ciphers"]

_BEFORE, _AROUND = 4, 2  # kind, length, first byte; the length counts the first byte and the check byte


@dataclass(slots=True)
class Ciphers:
    """Every record with whole blocks, in order: arrays of shape (n,), and the `blocks` of them all, (m, 16).

    `first` is a record's first block, `count` how many it has, `gap` how often bytes are lost before it. `gap_at` and
    `segment_offset` say the same of each segment's beginning, shape (segments,).
    """

    offset: Ints
    kind: Ints
    segment: Ints
    gap: Ints
    first: Ints
    count: Ints
    blocks: Bytes
    gap_at: Ints
    segment_offset: Ints
    all_kinds: Ints  # of every record of the file, (all,), and where each stands
    all_offsets: Ints
    broken: Ints  # offsets of records of a kind with a key whose blocks are not whole

    @property
    def last(self) -> Ints:
        """Return each record's last block."""
        return self.first + self.count - 1

    @property
    def segments(self) -> int:
        """Return how many segments there are."""
        return len(self.gap_at)


def read_ciphers(data: bytes, places: list[int], breaks: list[int], keyed: frozenset[int]) -> Ciphers:
    """Return the ciphers of the records at these places; `keyed` are the kinds that are encrypted for certain.

    `breaks` are the numbers of the records before which bytes are lost.
    """
    content = np.frombuffer(data, dtype=np.uint8)
    at = np.array(places, dtype=np.int64)
    kind = content[at].astype(np.int64)
    size = content[at + 1].astype(np.int64) + 256 * content[at + 2].astype(np.int64) - _AROUND
    segment = np.cumsum(kind == NEW_SEGMENT).astype(np.int64)
    is_plain = np.isin(kind, sorted(PLAIN_KINDS))
    is_odd = (size % BLOCK != 0) | (size <= 0)
    is_broken = is_odd & np.isin(kind, sorted(keyed))
    lost = np.zeros(len(at) + 1, dtype=np.int64)
    np.add.at(lost, np.array(breaks, dtype=np.int64), 1)
    gap = np.cumsum(lost[:-1] + np.concatenate(([False], is_broken))[:-1]).astype(np.int64)
    begins = np.concatenate(([0], np.flatnonzero(kind == NEW_SEGMENT))).astype(np.int64)
    used = np.flatnonzero(~is_plain & ~is_odd).astype(np.int64)
    count = size[used] // BLOCK
    return Ciphers(
        offset=at[used],
        kind=kind[used],
        segment=segment[used],
        gap=gap[used],
        first=np.cumsum(count).astype(np.int64) - count,
        count=count,
        blocks=_unscrambled(content, at[used], kind[used], count),
        gap_at=np.concatenate(([0], gap[begins[1:]])).astype(np.int64),
        segment_offset=at[begins] if len(at) else begins,
        all_kinds=kind,
        all_offsets=at,
        broken=at[is_broken],
    )


def _unscrambled(content: Bytes, at: Ints, kind: Ints, count: Ints) -> Bytes:
    """Return the blocks of all records, (m, 16): the mixture has eight bytes, of which a block has twice."""
    record, number = spread(count)
    begin = at[record] + _BEFORE + BLOCK * number
    mixed = content[begin[:, None] + np.arange(BLOCK, dtype=np.int64)]
    words = keystream(kind, content[at + _BEFORE - 1].astype(np.int64))
    key = np.ascontiguousarray(repeat(words, count)).view(np.uint8).reshape(-1, 8)
    plain: Bytes = mixed ^ np.concatenate((key, key), axis=1)
    return plain


def padding_of(last_blocks: Bytes) -> Ints:
    """Return how many bytes of each last block (n, 16) are padding (PKCS#7), 0 where it is not whole, (n,)."""
    size = last_blocks[:, -1].astype(np.int64) if len(last_blocks) else np.zeros(0, dtype=np.int64)
    is_inside: Bools = np.arange(BLOCK, dtype=np.int64)[None, :] >= BLOCK - size[:, None]
    is_whole = (~is_inside | (last_blocks == size[:, None])).all(axis=1) & (size >= 1) & (size <= BLOCK)
    return np.where(is_whole, size, 0)
