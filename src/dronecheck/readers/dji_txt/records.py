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
_KINDS = range(1, 128)
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
    """The records of the kinds asked for, by kind.

    Of those too short for theirs, of those that are damaged, of others and of what is no record only the tally.
    """

    records: dict[int, list[DjiRecord]]
    others: dict[int, Tally] = field(default_factory=dict)
    short: Tally = field(default_factory=Tally)
    damaged: Tally = field(default_factory=Tally)
    lost: Tally = field(default_factory=Tally)

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
    if header.is_encrypted:
        return bool(encrypted_details(head, header)) or header.records_at > header.details_at + header.details_bytes
    at = header.records_at
    return at + 1 < len(head) and _size_of_record(head, at, len(head)) > 3


def scan(data: bytes, header: Header, kinds: Mapping[int, int], end: int, begin: int | None = None) -> Scan:
    """Walk the records up to `end`; keep those of `kinds` (kind -> fewest bytes of its payload), unscrambled.

    Linear: after bytes that are no record the walk goes on at the next place where two records follow each other. A
    record whose check byte is wrong is damaged, if most are right: in some files none is.
    """
    result = Scan({kind: [] for kind in kinds})
    end = min(end, len(data))
    pictures = _Pictures(data, end)
    is_checked = header.is_scrambled and _most_are_intact(data, header.records_at, len(data))
    at, lost_at = header.records_at if begin is None else begin, -1
    while at < end:
        size = _size_of_record(data, at, end)
        follows = at + size == end or bool(size and _size_of_record(data, at + size, end))
        is_right = not is_checked or (size > 0 and is_intact(data[at], data[at + 2 : at + size - 1]))
        if data.startswith(_RECORDS_END, at) and (at + 4 == end or data.startswith(_PICTURE, at + 4)):
            stop = at + 4
        elif size and (follows or (lost_at < 0 and is_right)) and (lost_at < 0 or is_right):
            stop = at + size
            if is_right:
                _keep(result, data, header, kinds, at, size)
            else:
                result.damaged.add(at, size)
        elif data.startswith(_PICTURE, at) and (picture_end := pictures.end_of(at)):
            stop = picture_end
        else:
            lost_at = at if lost_at < 0 else lost_at
            at += 1
            continue
        if lost_at >= 0:
            result.lost.add(lost_at, at - lost_at)
            lost_at = -1
        at = stop
    if lost_at >= 0:
        result.lost.add(lost_at, end - lost_at)
    return result


def _keep(result: Scan, data: bytes, header: Header, kinds: Mapping[int, int], at: int, size: int) -> None:
    kind, payload = data[at], data[at + 2 : at + size - 1]
    if kind not in kinds:
        result.others.setdefault(kind, Tally()).add(at, size)
        return
    plain = unscramble(kind, payload)[:-1] if header.is_scrambled else payload
    if len(plain) >= kinds[kind]:
        result.records[kind].append(DjiRecord(at, kind, plain))
    else:
        result.short.add(at, size)


def _most_are_intact(data: bytes, at: int, end: int) -> bool:
    """Tell whether most of the first records have the check byte that they should."""
    right = tried = 0
    while tried < _TRIED and (size := _size_of_record(data, at, end)):
        right += is_intact(data[at], data[at + 2 : at + size - 1])
        tried, at = tried + 1, at + size
    return 2 * right > tried


def _size_of_record(data: bytes, at: int, end: int) -> int:
    """Return the bytes of the whole record at a place, 0 when there is none."""
    if at + 3 > end or data[at] not in _KINDS:
        return 0
    size = data[at + 1] + 3
    return size if at + size <= end and data[at + size - 1] == _END else 0


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
