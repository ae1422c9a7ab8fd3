"""An encrypted record -> the request for its keys: each key as the record holds it, locked by the maker's RSA key.

blocks, from byte 100   u8 kind, u16 length, content: 1 is u16 category, u8 department; the others are not used
records                 56 holds u16 feature, u16 length, the locked key; 50 begins another segment, with keys of
                        its own
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

import numpy as np

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.readers.dji_txt.header import Header, read_header
from dronecheck.readers.dji_txt.keys.keychain import (
    BASE,
    FEATURES,
    MOST_FEATURES,
    MOST_SEGMENTS,
    FeatureKey,
    Keychains,
    feature_point,
)
from dronecheck.readers.dji_txt.locked.aes import Bytes, decrypt_blocks
from dronecheck.readers.dji_txt.locked.ciphers import Ciphers, padding_of, read_ciphers
from dronecheck.readers.dji_txt.locked.features import NEW_SEGMENT
from dronecheck.readers.dji_txt.records import scan
from dronecheck.readers.dji_txt.scramble import unscramble
from dronecheck.safe.io import Input

__all__ = ["KeyRequest", "NeedsNoKeys", "read_key_request"]

_KEY, _OSD = 56, 1
_KEY_HEAD = bytes([_KEY]) + (262).to_bytes(2, "little")  # the record of a key locked by RSA-2048
_VERSION_BLOCK, _BLOCKS_AT_MOST = 1, 8
_CATEGORIES = {13: 3, 14: 4}  # by version, for a record that does not say
_FLY, _DEPARTMENTS = 3, range(1, 9)
_LOCKED_BYTES = range(16, 1025)  # RSA-2048 gives 256
_BEFORE, _AROUND = 3, 4  # kind and length; with what ends a record
_TRIED = 50  # position records that tell whether a key is their own


class NeedsNoKeys(UsageError):
    """The record is of a version that is not encrypted."""


@dataclass(frozen=True, slots=True, eq=False)
class KeyRequest:
    """What the service is asked: the locked keys of each segment by feature, in order, and who wrote the record.

    `damaged` counts the key records that are no more whole: their features cannot be asked for. `tried` are the last
    two blocks of some position records of each segment, (n, 2, 16): a key that is theirs leaves a whole padding.
    """

    category: int
    department: int
    segments: tuple[dict[int, bytes], ...]
    tried: tuple[Bytes, ...]
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

    def unfit(self, keys: Keychains) -> str:
        """Return why keys cannot be those of this record; "" where they can."""
        if len(keys.segments) != len(self.segments):
            return f"it has keys for {len(keys.segments)} segments, the record has {len(self.segments)}"
        for at, (got, asked) in enumerate(zip(keys.segments, self.segments, strict=True)):
            if BASE in asked and BASE not in got:
                return f"segment {at + 1} has no key for {_named(BASE)}, and without it there is no position"
            if BASE in got and not _opens(got[BASE], self.tried[at]):
                return f"the keys for segment {at + 1} do not open its position records: they are of another one"
        return ""

    def missing(self, keys: Keychains) -> list[str]:
        """Return the features that fitting keys lack, by name, each once."""
        pairs = zip(keys.segments, self.segments, strict=True)
        return [_named(number) for number in sorted({n for got, asked in pairs for n in asked.keys() - got.keys()})]


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
    found = scan(data, header, {}, len(data))
    segments, damaged = _stored(data, found.places)
    damaged += _hurt(data, header.records_at, found.places, max(found.ended_at, 0) or len(data))
    if not any(segments):
        what = "its key records are damaged" if damaged else "there is no key record in it: it is cut or damaged"
        raise UnreadableInput("damaged", f"an encrypted DJI flight record, but {what}; copy it again from the device")
    category, department = _written_by(data, header)
    ciphers = read_ciphers(data, found.places, found.breaks, frozenset())
    tried = tuple(_to_try(ciphers, at) for at in range(len(segments)))
    return KeyRequest(category, department, tuple(segments), tried, damaged)


def _stored(data: bytes, places: list[int]) -> tuple[list[dict[int, bytes]], int]:
    """Return the locked keys of each segment, and how many cannot be read. Raises UnreadableInput for too many."""
    segments, damaged = [dict[int, bytes]()], 0
    for at in places:
        if data[at] == NEW_SEGMENT:
            segments.append({})
        elif data[at] == _KEY:
            plain = unscramble(_KEY, data[at + _BEFORE : _behind(data, at) - 1])[:-1]
            number, length = int.from_bytes(plain[:2], "little"), int.from_bytes(plain[2:4], "little")
            if number and length in _LOCKED_BYTES and length == len(plain) - 4:
                segments[-1].setdefault(number, plain[4:])  # a repeated one is a copy
            else:
                damaged += 1
        if len(segments) > MOST_SEGMENTS:
            raise UnreadableInput("damaged", f"more than {MOST_SEGMENTS} segments: no app writes that many")
        if len(segments[-1]) > MOST_FEATURES:
            raise UnreadableInput("damaged", f"more than {MOST_FEATURES} keys in one segment: no app writes that many")
    return segments, damaged


def _behind(data: bytes, at: int) -> int:
    return at + _AROUND + int.from_bytes(data[at + 1 : at + 3], "little")


def _hurt(data: bytes, first: int, places: list[int], end: int) -> int:
    """Return how many key records stand in what is no whole record."""
    ends = [first, *(_behind(data, at) for at in places)]
    return sum(data.count(_KEY_HEAD, begin, stop) for begin, stop in zip(ends, [*places, end], strict=True))


def _to_try(ciphers: Ciphers, segment: int) -> Bytes:
    """Return the last two blocks of some position records of a segment, (n, 2, 16)."""
    its = (ciphers.kind == _OSD) & (ciphers.segment == segment) & (ciphers.count > 1)
    last = ciphers.last[np.flatnonzero(its)[:_TRIED]]
    return np.stack((ciphers.blocks[last - 1], ciphers.blocks[last]), axis=1)


def _opens(key: FeatureKey, tried: Bytes) -> bool:
    """Tell whether a key is that of position records: by chance one padding of 250 is whole."""
    if not len(tried):
        return True  # nothing contradicts it
    whole = padding_of(decrypt_blocks(key.key, tried[:, 1]) ^ tried[:, 0]) > 0
    return bool(2 * whole.sum() >= len(tried))


def _written_by(data: bytes, header: Header) -> tuple[int, int]:
    """Return category and department as the record states them: also numbers that nobody knows yet."""
    category, department, at = _CATEGORIES.get(header.version, 0), _FLY, header.details_at
    for _ in range(_BLOCKS_AT_MOST):
        if at + _BEFORE > len(data) or data[at] > _VERSION_BLOCK:
            break
        is_it, begin = data[at] == _VERSION_BLOCK, at + _BEFORE
        at = begin + int.from_bytes(data[at + 1 : begin], "little")
        if is_it and begin + 3 <= at <= len(data):
            category = int.from_bytes(data[begin : begin + 2], "little") or category
            return category, data[begin + 2] if data[begin + 2] in _DEPARTMENTS else department
    return category, department


def _named(number: int) -> str:
    return f"{FEATURES.get(number, 'Unknown')}_{number}"
