"""The ciphers of an encrypted DJI flight record and the user's keys -> its records in plain.

    plain = AES-256-CBC, the padding of PKCS#7 behind it; each feature's vector is the last block of cipher of the
    record before, of whatever kind, that has the same feature; a segment begins with the vectors of its own keys

A kind that uses a feature and is not known to (`features`) spoils the first block of the next record of that feature,
which is where places and times stand. So do lost records. Hence:

    1  kinds that are not known are tried with every feature: whole paddings say which it is
    2  a first block that cannot be what it should is tried again behind every such record: what fits teaches the kind
    3  a record is used if its padding is whole, and what it says can be; behind lost bytes, or a record that is spoilt,
       only if what its first block says can be told from noise
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Floats, Ints, spread
from dronecheck.readers.dji_txt.keys.keychain import FeatureKey, Keychains
from dronecheck.readers.dji_txt.locked.aes import BLOCK, Bytes, decrypt_blocks
from dronecheck.readers.dji_txt.locked.believable import believable, is_rare, middle_of
from dronecheck.readers.dji_txt.locked.ciphers import Ciphers, padding_of
from dronecheck.readers.dji_txt.locked.features import BASE, features_of
from dronecheck.readers.dji_txt.records import DjiRecord, Tally

__all__ = ["Unlocked", "unlock"]

_OSD = 1
_MOSTLY, _TRIED_AT_LEAST = 0.9, 3  # of the paddings of a kind that belongs to a feature
_WRONG_KEY, _WRONG_AT_LEAST = 0.5, 3  # fewer whole paddings, of so many records at least: the key is another one
_KINDS_TRIED, _SEGMENTS_TRIED, _RECORDS_TRIED = 20, 50, 200  # of unknown kinds; records of each, and to be healed
_HEALED_KINDS = (1, 2, 5, 14)  # their first blocks can be told from noise
_FIXED_LENGTH = (1, 2, 14)
_JUDGED_BLOCKS = 4
_FEW_POSITIONS = 10  # a second of them: so few at either end are as any cut log's


@dataclass(slots=True)
class Unlocked:
    """The records of the kinds asked for, by kind, and what could not be read and why.

    `keyless` counts records by (segment, feature) without a key, `misfits` those whose key is another one; feature 0
    stands for a segment without any. `spoilt` are records that are noise, in whole or in part, and used nowhere.
    """

    records: dict[int, list[DjiRecord]]
    positions: int = 0  # position records that are read
    keyless: dict[tuple[int, int], Tally] = field(default_factory=dict)
    misfits: dict[tuple[int, int], Tally] = field(default_factory=dict)
    spoilt: Tally = field(default_factory=Tally)
    short: Tally = field(default_factory=Tally)
    is_last_position_read: bool = True
    unread_positions: int = 0  # without a key that fits, or noise before or behind all that are read

    @property
    def positions_readable(self) -> bool:
        """Tell whether the keys are this record's, as far as its positions go: else it is as if there were none."""
        return self.positions > 0


def unlock(ciphers: Ciphers, keychains: Keychains, category: int, kinds: Mapping[int, int]) -> Unlocked:
    """Return the records of `kinds` (kind -> fewest bytes), decrypted and held to what they can say."""
    work = _Chains(ciphers, keychains, dict(features_of(category)))
    work.learn_by_paddings()
    for _ in range(_KINDS_TRIED):  # each time teaches a kind, or ends it
        work.decrypt()
        if not work.learn_by_healing():
            break
    return work.result(kinds)


class _Chains:
    """One file: `feature_of` grows as kinds are learned; the arrays have a row a record, (n,), or a block, (m, 16)."""

    def __init__(self, ciphers: Ciphers, keychains: Keychains, feature_of: dict[int, int]) -> None:
        self.ciphers = ciphers
        self.keys: tuple[Mapping[int, FeatureKey], ...] = keychains.segments[: ciphers.segments]
        self.feature_of = feature_of
        count = len(ciphers.kind)
        self.opened = np.zeros_like(ciphers.blocks)  # without the block before
        self.opened_by = np.zeros(count, dtype=np.int64)  # the feature whose key it was, 0 for none
        self.plain: Bytes = np.zeros_like(ciphers.blocks)
        self.previous = np.full(count, -1, dtype=np.int64)  # the record before of the same feature and segment
        self.padding = np.zeros(count, dtype=np.int64)
        self.is_wrong_key: Bools = np.zeros(count, dtype=np.bool_)
        self.is_noise: Bools = np.zeros(count, dtype=np.bool_)

    def _chain(self, segment: int, feature: int, more: Iterable[int] = ()) -> Ints:
        """Return the records of a segment whose kinds have a feature, and of `more` kinds."""
        kinds = [kind for kind, its in self.feature_of.items() if its == feature]
        is_its = np.isin(self.ciphers.kind, [*kinds, *more]) & (self.ciphers.segment == segment)
        return np.flatnonzero(is_its).astype(np.int64)

    def _before(self, chain: Ints, iv: bytes) -> Bytes:
        """Return the block before each record of a chain, (k, 16)."""
        lasts = self.ciphers.blocks[self.ciphers.last[chain]]
        first = np.frombuffer(iv, dtype=np.uint8)[None, :]
        return np.concatenate((first, lasts[:-1])) if len(chain) else lasts

    def _features(self) -> list[tuple[int, int, FeatureKey]]:
        """Return every key: segment, feature, key."""
        return [(at, feature, key) for at, keys in enumerate(self.keys) for feature, key in keys.items()]

    def unknown_kinds(self) -> list[int]:
        """Return the kinds with whole blocks whose feature is not known, the most frequent first."""
        found, counts = np.unique(self.ciphers.kind, return_counts=True)
        return [kind for kind in found[np.argsort(-counts, kind="stable")].tolist() if kind not in self.feature_of]

    def learn_by_paddings(self) -> None:
        """Learn the feature of kinds that are not known: that under which nearly all paddings are whole."""
        for _ in range(2):  # one that is learned sets the vectors of others right
            for kind in self.unknown_kinds()[:_KINDS_TRIED]:
                whole: dict[int, list[int]] = {}
                for segment, feature, key in self._features():
                    if segment < _SEGMENTS_TRIED:
                        tried = whole.setdefault(feature, [0, 0])
                        for at, number in enumerate(self._whole_paddings(kind, segment, feature, key)):
                            tried[at] += number
                for feature, (good, tries) in whole.items():
                    if tries >= _TRIED_AT_LEAST and good > _MOSTLY * tries:
                        self.feature_of[kind] = feature

    def _whole_paddings(self, kind: int, segment: int, feature: int, key: FeatureKey) -> tuple[int, int]:
        """Return how many records of a kind have a whole padding if it has that feature, and of how many."""
        if not ((self.ciphers.kind == kind) & (self.ciphers.segment == segment)).any():
            return 0, 0
        chain = self._chain(segment, feature, (kind,))
        its = np.flatnonzero(self.ciphers.kind[chain] == kind)[:_RECORDS_TRIED]
        records, blocks = chain[its], self.ciphers.blocks
        last = self.ciphers.last[records]
        before = np.where(
            (self.ciphers.count[records] > 1)[:, None], blocks[last - 1], self._before(chain, key.iv)[its]
        )
        padding = padding_of(decrypt_blocks(key.key, blocks[last]) ^ before)
        return int((padding > 0).sum()), len(records)

    def decrypt(self) -> None:
        """Decrypt all records whose feature is known and has a key; blocks of an earlier turn are not done again."""
        ciphers = self.ciphers
        before = np.concatenate((np.zeros((1, BLOCK), dtype=np.uint8), ciphers.blocks))[: len(ciphers.blocks)]
        self.previous[:] = -1
        self.is_wrong_key[:] = False
        for segment, feature, key in self._features():
            chain = self._chain(segment, feature)
            before[ciphers.first[chain]] = self._before(chain, key.iv)
            self.previous[chain[1:]] = chain[:-1]
            new = chain[self.opened_by[chain] != feature]
            if len(new):
                rows = _blocks_of(ciphers, new)
                self.opened[rows] = decrypt_blocks(key.key, ciphers.blocks[rows])
                self.opened_by[new] = feature
        self.plain = self.opened ^ before
        is_open = self.opened_by > 0
        self.padding = np.where(is_open, padding_of(self.plain[ciphers.last]), 0)
        self._mark_wrong_keys()
        self._mark_noise()

    def _mark_wrong_keys(self) -> None:
        """Mark the records of features whose key is another one, of the base feature by its positions."""
        ciphers = self.ciphers
        for segment, feature, _ in self._features():
            chain = self._chain(segment, feature)
            judged = chain[ciphers.kind[chain] == _OSD] if feature == BASE else chain
            least = 1 if feature == BASE else _WRONG_AT_LEAST
            if len(judged) >= least and (self.padding[judged] > 0).sum() < _WRONG_KEY * len(judged):
                self.is_wrong_key[chain] = True

    def learn_by_healing(self) -> bool:
        """Learn the feature of a kind by a record behind it whose first block can be what it should only so."""
        unknown = set(self.unknown_kinds()[:_KINDS_TRIED])
        strangers = np.flatnonzero(np.isin(self.ciphers.kind, sorted(unknown))).astype(np.int64)
        for kind in _HEALED_KINDS if len(strangers) else ():
            records, is_good = self._judged(kind)
            if not is_good.any():
                continue
            like, middle = int(records[is_good][0]), self._middle()
            for record in records[~is_good][:_RECORDS_TRIED].tolist():
                low, high = np.searchsorted(strangers, (self.previous[record], record))
                for stranger in strangers[low:high][-_KINDS_TRIED:].tolist():
                    if self._is_healed(kind, record, stranger, like, middle):
                        self.feature_of[int(self.ciphers.kind[stranger])] = self.feature_of[kind]
                        return True
        return False

    def _is_healed(self, kind: int, record: int, stranger: int, like: int, middle: Floats) -> bool:
        """Tell whether a record can be what it should, beside one `like` it, if a stranger is before it."""
        if self.ciphers.segment[record] != self.ciphers.segment[stranger]:
            return False
        plain, size = self._first_blocks(np.array([like, record], dtype=np.int64))
        plain[1, :BLOCK] = self.opened[self.ciphers.first[record]] ^ self.ciphers.blocks[self.ciphers.last[stranger]]
        can_be = believable(kind, plain, size, middle)
        return can_be is not None and bool(can_be[1])

    def _whole_of(self, kind: int) -> Ints:
        """Return the records of a kind that a key opens and whose padding is whole."""
        is_its = (self.ciphers.kind == kind) & (self.padding > 0) & ~self.is_wrong_key
        return np.flatnonzero(is_its).astype(np.int64)

    def _sizes(self, records: Ints) -> Ints:
        return BLOCK * self.ciphers.count[records] - self.padding[records]

    def _first_blocks(self, records: Ints) -> tuple[Bytes, Ints]:
        """Return the first bytes of records, (k, 64), zeros behind their end, and their lengths."""
        first, size = self.ciphers.first[records], self._sizes(records)
        rows = np.minimum(
            first[:, None] + np.arange(_JUDGED_BLOCKS, dtype=np.int64), self.ciphers.last[records][:, None]
        )
        plain = self.plain[rows].reshape(len(records), _JUDGED_BLOCKS * BLOCK)
        is_inside = np.arange(_JUDGED_BLOCKS * BLOCK, dtype=np.int64)[None, :] < size[:, None]
        return np.where(is_inside, plain, np.uint8(0)), size

    def _middle(self) -> Floats:
        return middle_of(self._first_blocks(self._whole_of(_OSD))[0])

    def _judged(self, kind: int) -> tuple[Ints, Bools]:
        """Return the records of a kind with a whole padding, and which of them are to be used."""
        records = self._whole_of(kind)
        is_after_noise, is_after_gap = self._behind(records)
        can_be = believable(kind, *self._first_blocks(records), self._middle())
        if can_be is None:
            return records, ~is_after_noise & ~is_after_gap
        return records, ~is_after_noise & can_be

    def _behind(self, records: Ints) -> tuple[Bools, Bools]:
        """Tell which records stand behind one of their feature that is spoilt, and which behind lost bytes."""
        ciphers, previous = self.ciphers, self.previous[records]
        has_one = previous >= 0
        is_after_noise = has_one & self.is_noise[previous]
        gap_before = np.where(has_one, ciphers.gap[previous], ciphers.gap_at[ciphers.segment[records]])
        return np.asarray(is_after_noise, dtype=np.bool_), np.asarray(ciphers.gap[records] != gap_before)

    def _mark_noise(self) -> None:
        """Mark the records whose last block is noise: the padding is not whole, or by chance, at an odd length."""
        self.is_noise = np.asarray((self.opened_by > 0) & (self.padding == 0), dtype=np.bool_)
        for kind in _FIXED_LENGTH:
            records = self._whole_of(kind)
            self.is_noise[records] |= is_rare(self._sizes(records))

    def result(self, kinds: Mapping[int, int]) -> Unlocked:
        """Return the records of these kinds that are whole and can be, and count the others by what they lack."""
        ciphers, done = self.ciphers, Unlocked({kind: [] for kind in kinds})
        for at in ciphers.broken.tolist():
            done.spoilt.add(at, 0)
        is_keyless = (self.opened_by == 0) & np.isin(ciphers.kind, sorted(self.feature_of))
        spoilt = np.flatnonzero((self.opened_by > 0) & (self.padding == 0) & ~self.is_wrong_key).tolist()
        for kind, least in kinds.items():
            records, is_good = self._judged(kind)
            spoilt += records[~is_good].tolist()
            done.records[kind] = self._contents(records[is_good], kind, least, done.short)
        for record in sorted(spoilt):
            done.spoilt.add(int(ciphers.offset[record]), 0)
        self._count(np.flatnonzero(is_keyless), done.keyless)
        self._count(np.flatnonzero(self.is_wrong_key), done.misfits)
        done.positions = len(done.records.get(_OSD, ()))
        positions = ciphers.offset[ciphers.kind == _OSD]
        read = done.records.get(_OSD, [])
        is_shut = ((self.opened_by == 0) | self.is_wrong_key)[ciphers.kind == _OSD]
        for beyond in (positions < read[0].offset, positions > read[-1].offset) if read else ():
            if beyond.sum() > _FEW_POSITIONS:  # noise of a segment whose begin is lost; between others it is a gap
                is_shut |= beyond
        done.unread_positions = int(is_shut.sum())
        done.is_last_position_read = not len(positions) or (len(read) > 0 and read[-1].offset == int(positions[-1]))
        return done

    def _count(self, records: NDArray[np.integer[Any]], tallies: dict[tuple[int, int], Tally]) -> None:
        """Count records by segment and feature, by segment alone where it has no key at all."""
        for record in records.tolist():
            segment = int(self.ciphers.segment[record])
            has_keys = segment < len(self.keys) and bool(self.keys[segment])
            feature = self.feature_of[int(self.ciphers.kind[record])] if has_keys else 0
            tallies.setdefault((segment, feature), Tally()).add(int(self.ciphers.offset[record]), 0)

    def _contents(self, records: Ints, kind: int, least: int, short: Tally) -> list[DjiRecord]:
        """Return records without their padding; those that are too short for their kind are counted."""
        content = self.plain.tobytes()
        begins = (BLOCK * self.ciphers.first[records]).tolist()
        found = list[DjiRecord]()
        for offset, begin, size in zip(
            self.ciphers.offset[records].tolist(), begins, self._sizes(records).tolist(), strict=True
        ):
            if size >= least:
                found.append(DjiRecord(offset, kind, content[begin : begin + size]))
            else:
                short.add(offset, size)
        return found


def _blocks_of(ciphers: Ciphers, records: Ints) -> Ints:
    """Return the numbers of all blocks of records, in order."""
    record, number = spread(ciphers.count[records])
    return np.asarray(ciphers.first[records][record] + number, dtype=np.int64)
