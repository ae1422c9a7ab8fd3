"""The bytes of a DJI flight record -> header, details and unscrambled records. The layout is in `dji_txt`."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

__all__ = ["Details", "Header", "Record", "is_dji_txt", "read_details", "read_header", "records"]

FIRST_VERSION, LAST_VERSION = 1, 14
FIRST_ENCRYPTED = 13
_FIRST_SCRAMBLED = 7
_FIRST_LONG_HEADER = 6
_FIRST_DETAILS_IN_FRONT = 12
_LONG_HEADER, _SHORT_HEADER = 100, 12
_POLYNOMIAL = 0x95AC9329AC4BC9B5  # CRC-64 of Jones, reflected
_FACTOR = 0x123456789ABCDEF0
_END = 0xFF
_JPEG = b"\xff\xd8\xff"
_DETAILS = struct.Struct("<20s20s20s20sBBBIIQddfIfffII")
_NAME_AT = {True: 280, False: 278}  # of the aircraft's name, by long header


@dataclass(frozen=True, slots=True)
class Header:
    """Version, and where records and details lie."""

    version: int
    records_at: int
    records_end: int
    details_at: int
    details_bytes: int

    @property
    def is_encrypted(self) -> bool:
        """Whether the records need a key that only the maker's service has."""
        return self.version >= FIRST_ENCRYPTED


@dataclass(frozen=True, slots=True)
class Details:
    """The summary that the app wrote: start in milliseconds since 1970 (phone clock), place, duration."""

    start_ms: int
    lat_deg: float
    lon_deg: float
    duration_s: float
    aircraft_serial: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record, unscrambled; `span` of bytes passed over has kind 0 (a picture: -1)."""

    offset: int
    kind: int
    payload: bytes


def read_header(data: bytes) -> Header | None:
    """The header from the first bytes; None when they are none."""
    if len(data) < _LONG_HEADER:
        return None
    offset, length, version = struct.unpack_from("<QHB", data)
    if not FIRST_VERSION <= version <= LAST_VERSION or not 100 <= length <= 4096 or not 12 <= offset < 1 << 32:
        return None
    front = _LONG_HEADER if version >= _FIRST_LONG_HEADER else _SHORT_HEADER
    if any(data[12:front]):
        return None
    if version >= _FIRST_DETAILS_IN_FRONT:
        return Header(version, max(offset, front + length), 1 << 62, front, length)
    return Header(version, front, offset, offset, length)


def is_dji_txt(head: bytes) -> bool:
    """Whether the first bytes are a flight record: a header that fits, and a first record that ends as records do."""
    header = read_header(head)
    if header is None:
        return False
    if header.version >= FIRST_ENCRYPTED:
        return header.records_at > header.details_at + header.details_bytes
    at = header.records_at
    if at + 2 >= len(head):
        return False
    end = at + 2 + head[at + 1]
    return end < len(head) and head[end] == _END and 0 < head[at] < 64


@cache
def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


@cache
def _key(kind: int, first: int) -> bytes:
    """The eight bytes that the payload is mixed with."""
    crc = (kind + first) & 0xFF
    for byte in struct.pack("<Q", (_FACTOR * first) & (2**64 - 1)):
        crc = _table()[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return struct.pack("<Q", crc)


def unscramble(kind: int, payload: bytes) -> bytes:
    """A payload's plain bytes, one fewer; the same operation scrambles."""
    if not payload:
        return b""
    body = payload[1:]
    key = (_key(kind, payload[0]) * (len(body) // 8 + 1))[: len(body)]
    return (int.from_bytes(body, "little") ^ int.from_bytes(key, "little")).to_bytes(len(body), "little")


def records(data: bytes, header: Header) -> Iterator[Record]:
    """All records in order. What is no record comes as one of kind 0, a picture as one of kind -1, unread.

    Linear: after bytes that are no record the walk goes on at the next place where two records follow each other.
    """
    end = min(len(data), header.records_end)
    at, lost_at = header.records_at, -1
    while at < end:
        size = data[at + 1] + 3 if at + 1 < end else 0
        whole = size and at + size <= end and data[at + size - 1] == _END and data[at] < 128
        if whole and (lost_at < 0 or _follows(data, at + size, end)):
            if lost_at >= 0:
                yield Record(lost_at, 0, b"\0" * (at - lost_at))
                lost_at = -1
            payload = data[at + 2 : at + size - 1]
            plain = unscramble(data[at], payload) if header.version >= _FIRST_SCRAMBLED else payload
            yield Record(at, data[at], plain)
            at += size
            continue
        if data.startswith(_JPEG, at):
            if lost_at >= 0:
                yield Record(lost_at, 0, b"\0" * (at - lost_at))
                lost_at = -1
            close = data.find(b"\xff\xd9", at, end)
            stop = close + 2 if close >= 0 else end
            yield Record(at, -1, b"\0" * (stop - at))
            at = stop
            continue
        lost_at = at if lost_at < 0 else lost_at
        at += 1
    if lost_at >= 0:
        yield Record(lost_at, 0, b"\0" * (end - lost_at))


def _follows(data: bytes, at: int, end: int) -> bool:
    """Whether a record, or the end, is at a place."""
    if at == end:
        return True
    return at + 1 < end and at + data[at + 1] + 3 <= end and data[at + data[at + 1] + 2] == _END


def read_details(data: bytes, header: Header) -> Details | None:
    """The app's summary; None when it is missing or cannot be right."""
    block = data[header.details_at : header.details_at + header.details_bytes]
    if header.is_encrypted:  # scrambled as a record of kind 0: a version byte, a length, then the block
        length = int.from_bytes(data[header.details_at + 1 : header.details_at + 3], "little")
        block = unscramble(0, data[header.details_at + 3 : header.details_at + 3 + length])[3:]
    if len(block) < _DETAILS.size:
        return None
    fields = _DETAILS.unpack_from(block)
    start_ms, lon_deg, lat_deg, duration_ms = fields[9], fields[10], fields[11], fields[13]
    if not 946_684_800_000 < start_ms < 4_102_444_800_000:
        return None
    known = math.isfinite(lat_deg) and math.isfinite(lon_deg) and abs(lat_deg) <= 90 and abs(lon_deg) <= 180
    nan = float("nan")
    serial = block[312:328] if header.version >= _FIRST_LONG_HEADER else block[267:277]
    return Details(
        start_ms,
        lat_deg if known else nan,
        lon_deg if known else nan,
        duration_ms / 1000,
        serial.split(b"\0")[0].decode("ascii", "replace"),
    )
