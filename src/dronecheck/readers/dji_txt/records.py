"""The bytes of a DJI flight record -> its records, unscrambled. The layout is in `dji_txt`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dronecheck.readers.dji_txt.header import Header, encrypted_details, read_header
from dronecheck.readers.dji_txt.scramble import is_intact, unscramble

__all__ = ["DjiRecord", "Scan", "Tally", "is_dji_txt", "scan"]

_END = 0xFF
_KINDS, _ENCRYPTED_KINDS = range(1, 128), range(1, 255)
# Behind lost bytes a longer record is none: by chance it ends where a real one does, and hides all between.
_LONGEST_FOUND = 1024
_LEAST_ENCRYPTED = 3  # the first byte, something, the check byte
_PICTURE, _PICTURE_END = b"\xff\xd8\xff", 0xD9
_SCAN, _SEGMENTS, _NO_SEGMENT = 0xDA, range(0xC0, 0xFF), range(0xD0, 0xDA)
_SEGMENTS_AT_MOST = 64
_RECORDS_END = (12345).to_bytes(4, "little")  # stands before pictures and details from version 8 on
_TRIED = 200  # records that tell whether this file's check bytes are right


@dataclass(frozen=True, slots=True)
class DjiRecord:
    """One record, unscrambled, without the byte that closes a scrambled payload."""

    offset: int
    kind: int
    payload: bytes


@dataclass(slots=True)
class Tally:
    """How many of something, their bytes, and the offset of the first."""

    first: int = -1
    count: int = 0
    size: int = 0

    def add(self, offset: int, size: int) -> None:
        """Count one more."""
        self.first = offset if self.count == 0 else self.first
        self.count += 1
        self.size += size

    def join(self, other: Tally) -> None:
        """Count what another tally counted further on."""
        self.first = other.first if self.count == 0 else self.first
        self.count += other.count
        self.size += other.size


@dataclass(slots=True)
class Scan:
    """The records of the kinds asked for, by kind; of an encrypted file `places`, the offsets of all of them.

    Of those too short for theirs, of those that are damaged, of others and of what is no record only the tally.
    `breaks` counts the places before each such span; `ended_at` is behind the mark that ends them, or -1.
    """

    records: dict[int, list[DjiRecord]]
    places: list[int] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    ended_at: int = -1
    others: dict[int, Tally] = field(default_factory=dict)
    short: Tally = field(default_factory=Tally)
    damaged: Tally = field(default_factory=Tally)
    lost: Tally = field(default_factory=Tally)

    def lose(self, begin: int, end: int, claimed: int) -> None:
        """Count a span that is no record; one of the size that its first bytes claim is a damaged record."""
        (self.damaged if end - begin == claimed else self.lost).add(begin, end - begin)
        self.breaks.append(len(self.places))

    def add(self, other: Scan) -> None:
        """Take over what a walk further on found."""
        for kind, records in other.records.items():
            self.records[kind] += records
        for kind, tally in other.others.items():
            self.others.setdefault(kind, Tally()).join(tally)
        for mine, theirs in ((self.short, other.short), (self.damaged, other.damaged), (self.lost, other.lost)):
            mine.join(theirs)


def is_dji_txt(head: bytes) -> bool:
    """Tell whether the first bytes are a flight record.

    That takes a header that fits, and a first record that ends as records do.
    """
    header = read_header(head)
    if header is None:
        return False
    frames, at = _Frames(head, header, len(head)), header.records_at
    size = frames.size_at(at)
    if header.is_encrypted:
        return bool(encrypted_details(head, header)) or (size > 0 and frames.is_right(at, size))
    return size > 3


def scan(data: bytes, header: Header, kinds: Mapping[int, int], end: int, begin: int | None = None) -> Scan:
    """Walk the records up to `end`; keep those of `kinds` (kind -> fewest bytes of its payload), unscrambled.

    Of an encrypted file the places of all records are kept instead. Linear: after bytes that are no record the walk
    goes on at the next place where two records follow each other. A record whose check byte is wrong is damaged, if
    most are right: in some files of versions before 13 none is.
    """
    result = Scan({kind: [] for kind in kinds})
    end = min(end, len(data))
    pictures, frames = _Pictures(data, end), _Frames(data, header, end)
    is_checked = header.is_encrypted or (header.is_scrambled and frames.are_most_right(header.records_at))
    picture = _PICTURE[:2] if header.is_encrypted else _PICTURE
    at, lost_at, claimed = header.records_at if begin is None else begin, -1, 0
    while at < end:
        size = frames.size_at(at)
        is_right = size > 0 and (not is_checked or frames.is_right(at, size))
        if data.startswith(_RECORDS_END, at) and (at + 4 == end or data.startswith(picture, at + 4)):
            stop = at + 4
            result.ended_at = stop
            if header.is_encrypted:  # what follows has its lengths in the details
                end = stop
        elif is_right and (lost_at < 0 or (size <= _LONGEST_FOUND and frames.are_followed(at + size))):
            stop = at + size
            if lost_at >= 0:
                result.lose(lost_at, at, claimed)
                lost_at = -1
            _keep(result, frames, kinds, at, size)
        elif size and lost_at < 0 and not header.is_encrypted and frames.are_followed(at + size):
            stop = at + size
            result.damaged.add(at, size)
        elif data.startswith(_PICTURE, at) and (picture_end := pictures.end_of(at)):
            stop = picture_end
        else:
            # The length may be what is damaged: where it is, the next record begins before the place that it names.
            lost_at, claimed = (at, size) if lost_at < 0 else (lost_at, claimed)
            at += 1
            continue
        if lost_at >= 0:
            result.lose(lost_at, at, claimed)
            lost_at = -1
        at = stop
    if lost_at >= 0:
        result.lose(lost_at, end, claimed)
    return result


def _keep(result: Scan, frames: _Frames, kinds: Mapping[int, int], at: int, size: int) -> None:
    data, header, kind = frames.data, frames.header, frames.data[at]
    if header.is_encrypted:
        result.places.append(at)
        return
    if kind not in kinds:
        result.others.setdefault(kind, Tally()).add(at, size)
        return
    payload = data[at + 2 : at + size - 1]
    plain = unscramble(kind, payload)[:-1] if header.is_scrambled else payload
    if len(plain) >= kinds[kind]:
        result.records[kind].append(DjiRecord(at, kind, plain))
    else:
        result.short.add(at, size)


class _Frames:
    """What stands around payloads: kind, length (one byte, two in encrypted records), and 0xFF behind them."""

    def __init__(self, data: bytes, header: Header, end: int) -> None:
        self.data, self.header, self._end = data, header, end
        self._before = 3 if header.is_encrypted else 2
        self._kinds = _ENCRYPTED_KINDS if header.is_encrypted else _KINDS
        self._least = _LEAST_ENCRYPTED if header.is_encrypted else 0

    def size_at(self, at: int) -> int:
        """Return the bytes of the whole record at a place, 0 when there is none."""
        data, before = self.data, self._before
        if at + before + 1 > self._end or data[at] not in self._kinds:
            return 0
        length = data[at + 1] if before == 2 else data[at + 1] | data[at + 2] << 8
        size = before + length + 1
        return size if at + size <= self._end and data[at + size - 1] == _END and length >= self._least else 0

    def is_right(self, at: int, size: int) -> bool:
        """Tell whether the record of that size has the check byte that it should."""
        data, before = self.data, self._before
        return is_intact(data[at], data[at + before], data[at + size - 2], size - before - 1)

    def are_followed(self, at: int) -> bool:
        """Tell whether another record, or the end, stands at a place."""
        return at == self._end or self.size_at(at) > 0 or self.data.startswith(_RECORDS_END, at)

    def are_most_right(self, at: int) -> bool:
        """Tell whether most of the first records have the check byte that they should."""
        right = tried = 0
        while tried < _TRIED and (size := self.size_at(at)):
            right += self.is_right(at, size)
            tried, at = tried + 1, at + size
        return 2 * right > tried


class _Pictures:
    """Where pictures (JPEG) end; the marks of their ends are looked for once, and only if there is a picture."""

    def __init__(self, data: bytes, end: int) -> None:
        self._data, self._end = data, end

    @cached_property
    def _marks(self) -> NDArray[np.int64]:
        content = np.frombuffer(self._data, dtype=np.uint8, count=self._end)
        return np.flatnonzero((content[:-1] == 0xFF) & (content[1:] == _PICTURE_END))

    def end_of(self, at: int) -> int:
        """Return the place behind the picture at a place; 0 for none: three bytes alone must not hide what follows."""
        data, end = self._data, self._end
        at += 2
        for _ in range(_SEGMENTS_AT_MOST):
            if at + 4 > end or data[at] != 0xFF or data[at + 1] not in _SEGMENTS or data[at + 1] in _NO_SEGMENT:
                return 0
            is_scan = data[at + 1] == _SCAN
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            if is_scan:
                mark = int(np.searchsorted(self._marks, at))
                return int(self._marks[mark]) + 2 if mark < len(self._marks) else 0
        return 0
