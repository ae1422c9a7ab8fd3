"""An encrypted record -> the request for its keys: each key as the record holds it, locked by the maker's RSA key.

    blocks, from byte 100   u8 kind, u16 length, content: 1 is u16 category, u8 department; the others are not used
    records                 u8 kind, u16 length, content, 0xFF: 56 holds u16 feature, u16 length, the locked key;
                            50 begins another segment, with keys of its own

Content is scrambled as in older versions, and so its check byte is readable without any key.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.readers.dji_txt.header import Header, read_header
from dronecheck.readers.dji_txt.keychain import MOST_FEATURES, MOST_SEGMENTS, feature_point
from dronecheck.readers.dji_txt.scramble import is_intact, unscramble
from dronecheck.safe.io import Input

__all__ = ["KeyRequest", "NeedsNoKeys", "read_key_request"]

_KEY, _SEGMENT = 56, 50
_KINDS = range(1, 255)
_FRAME = 4  # kind, length and the end
_END = 0xFF
_RECORDS_END = (12345).to_bytes(4, "little")
_PICTURE = b"\xff\xd8"
_VERSION_BLOCK, _BLOCKS_AT_MOST = 1, 8
_CATEGORIES = {13: 3, 14: 4}  # by version, for a record that does not say
_FLY, _DEPARTMENTS = 3, range(1, 9)
_LOCKED_BYTES = range(16, 1025)  # RSA-2048 gives 256
_FIRST_STRETCH, _LONGEST_STRETCH = 64, 1 << 20


class NeedsNoKeys(UsageError):
    """The record is of a version that is not encrypted."""


@dataclass(frozen=True, slots=True)
class KeyRequest:
    """What the service is asked: the locked keys of each segment by feature, in order, and who wrote the record.

    `damaged` counts the key records that are no more whole: their features cannot be asked for.
    """

    category: int
    department: int
    segments: tuple[dict[int, bytes], ...]
    damaged: int = 0

    @property
    def count(self) -> int:
        """Return how many keys are asked for."""
        return sum(map(len, self.segments))

    def to_json(self) -> bytes:
        """Return the request as the service takes it, compact; nothing of the flight is in it."""
        chains = [
            [
                {"featurePoint": feature_point(number), "aesCiphertext": base64.b64encode(locked).decode("ascii")}
                for number, locked in segment.items()
            ]
            for segment in self.segments
        ]
        document = {"version": self.category, "department": self.department, "keychainsArray": chains}
        return json.dumps(document, separators=(",", ":")).encode("ascii")


@dataclass(slots=True)
class _StoredKeys:
    """The segments so far."""

    segments: list[dict[int, bytes]] = field(default_factory=lambda: [{}])
    damaged: int = 0

    def take(self, data: bytes, kind: int, at: int, end: int, *, is_right: bool) -> None:
        """Take one record's content, from `at` to `end`. Raises UnreadableInput where there are too many."""
        if kind == _SEGMENT and is_right:
            self.segments.append({})
            if len(self.segments) > MOST_SEGMENTS:
                raise UnreadableInput("damaged", f"more than {MOST_SEGMENTS} segments: no app writes that many")
        if kind != _KEY:
            return
        plain = unscramble(kind, data[at:end])[:-1] if is_right else b""
        number, length = int.from_bytes(plain[:2], "little"), int.from_bytes(plain[2:4], "little")
        if not number or length not in _LOCKED_BYTES or length != len(plain) - 4:
            self.damaged += 1
            return
        segment = self.segments[-1]
        segment.setdefault(number, plain[4:])  # a repeated one is a copy
        if len(segment) > MOST_FEATURES:
            raise UnreadableInput("damaged", f"more than {MOST_FEATURES} keys in one segment: no app writes that many")


def read_key_request(source: Input) -> KeyRequest:
    """Return the request for a record's keys.

    Raises NeedsNoKeys, UnreadableInput for what is no record or holds no key record.
    """
    header = read_header(source.head)
    if header is None:
        raise UnreadableInput("unknown_format", "no DJI flight record (DJIFlightRecord_*.txt)")
    if not header.is_encrypted:
        raise NeedsNoKeys(f"a record of version {header.version} is not encrypted: it needs no keys")
    data = source.data if isinstance(source.data, bytes) else bytes(source.data)
    category, department, behind = _written_by(data, header)
    at = header.records_at if header.details_at < header.records_at < len(data) else behind
    found = _StoredKeys()
    for kind, begin, end, is_right in _records(data, at):
        found.take(data, kind, begin, end, is_right=is_right)
    request = KeyRequest(category, department, tuple(found.segments), found.damaged)
    if not request.count:
        what = "its key records are damaged" if found.damaged else "there is no key record in it: it is cut or damaged"
        raise UnreadableInput("damaged", f"an encrypted DJI flight record, but {what}; copy it again from the device")
    return request


def _written_by(data: bytes, header: Header) -> tuple[int, int, int]:
    """Return category and department as the record states them, and where its blocks end."""
    category, department, at = _CATEGORIES.get(header.version, 0), _FLY, header.details_at
    for _ in range(_BLOCKS_AT_MOST):
        kind, length = data[at : at + 1], int.from_bytes(data[at + 1 : at + 3], "little")
        if kind not in (b"\0", b"\1") or at + 3 + length > len(data):
            break
        at += 3 + length
        if kind[0] == _VERSION_BLOCK:
            if length >= 3:
                category = int.from_bytes(data[at - length : at - length + 2], "little") or category
                written = data[at - length + 2]
                department = written if written in _DEPARTMENTS else _FLY
            break
    return category, department, at


def _records(data: bytes, at: int) -> Iterator[tuple[int, int, int, bool]]:
    """Yield kind, begin and end of the content of each record, and whether its check byte is right.

    Behind bytes that are no record the walk goes on with the next two records whose check bytes are right.
    """
    while at < len(data):
        if data.startswith(_RECORDS_END, at) and (at + 4 == len(data) or data.startswith(_PICTURE, at + 4)):
            return
        end = _end_of_record(data, at)
        is_right = end > 0 and is_intact(data[at], data[at + 3 : end - 1])
        if is_right or (end > 0 and _is_whole(data, end)):
            yield data[at], at + 3, end - 1, is_right
            at = end
        else:
            at = _next_whole(data, at + 1)


def _end_of_record(data: bytes, at: int) -> int:
    """Return the place behind the record at a place; 0 where there is none."""
    if at + _FRAME > len(data) or data[at] not in _KINDS:
        return 0
    end = at + _FRAME + int.from_bytes(data[at + 1 : at + 3], "little")
    return end if end <= len(data) and data[end - 1] == _END else 0


def _is_whole(data: bytes, at: int) -> bool:
    """Tell whether the records end at a place, or one with the right check byte begins there."""
    if at == len(data) or data.startswith(_RECORDS_END, at):
        return True
    end = _end_of_record(data, at)
    return end > 0 and is_intact(data[at], data[at + 3 : end - 1])


def _next_whole(data: bytes, at: int) -> int:
    """Return the next place with a whole record and another behind it, or the end; each stretch is looked at once.

    Stretches grow, so that little is looked at in vain where damage is short.
    """
    content, stretch = np.frombuffer(data, dtype=np.uint8), _FIRST_STRETCH
    while at < len(data):
        places = np.arange(at, min(at + stretch, len(data) - _FRAME + 1), dtype=np.int64)
        ends = places + 3 + content[places + 1] + content[places + 2].astype(np.int64) * 256
        fits = (ends < len(data)) & (content[np.minimum(ends, len(data) - 1)] == _END)
        for place in places[fits].tolist():
            end = _end_of_record(data, place)
            if end and is_intact(data[place], data[place + 3 : end - 1]) and _is_whole(data, end):
                return int(place)
        at, stretch = at + stretch, min(2 * stretch, _LONGEST_STRETCH)
    return len(data)
