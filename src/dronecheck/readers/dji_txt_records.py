"""The bytes of a DJI flight record -> header, details and unscrambled records. The layout is in `dji_txt`."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

__all__ = ["Details", "Header", "Record", "Scan", "is_dji_txt", "read_details", "read_header", "scan", "text_of"]

FIRST_VERSION, LAST_VERSION = 1, 14
FIRST_ENCRYPTED = 13
_FIRST_SCRAMBLED = 7
_FIRST_LONG_HEADER = 6
_DETAILS_IN_FRONT = 12
_DETAILS_IN_FRONT_BYTES = 436
_LONG_HEADER, _SHORT_HEADER = 100, 12
_POLYNOMIAL = 0x95AC9329AC4BC9B5  # CRC-64 of Jones, reflected
_FACTOR = 0x123456789ABCDEF0
_END = 0xFF
_KINDS = range(1, 128)
_PICTURE, _PICTURE_END = b"\xff\xd8\xff", b"\xff\xd9"
_SCAN, _NO_SEGMENT = 0xDA, range(0xD0, 0xDA)
_SEGMENTS_AT_MOST, _SCAN_BYTES_AT_MOST = 64, 1 << 20
_DETAILS = struct.Struct("<20s20s20s20sBBBIIQddfIfff")
_NO_PLACE = "Map Loading"  # what the app writes before it knows the place
_FIRST_MS, _LAST_MS = 946_684_800_000, 4_102_444_800_000  # 2000 to 2100


@dataclass(frozen=True, slots=True)
class Header:
    """Version, and where records and details lie; `details_at` is 0 in a record that the app never closed."""

    version: int
    records_at: int
    records_end: int
    details_at: int
    details_bytes: int

    @property
    def is_encrypted(self) -> bool:
        """Whether the records need a key that only the maker's service has."""
        return self.version >= FIRST_ENCRYPTED

    @property
    def is_closed(self) -> bool:
        """Whether the app got to write the details."""
        return self.details_at > 0


@dataclass(frozen=True, slots=True)
class Details:
    """The summary that the app wrote: start in milliseconds since 1970 (phone clock), place in degrees, duration."""

    start_ms: int
    lat_deg: float
    lon_deg: float
    duration_s: float
    places: tuple[str, ...]
    product: int
    aircraft_name: str
    aircraft_serial: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record, unscrambled, without the byte that closes a scrambled payload."""

    offset: int
    kind: int
    payload: bytes


@dataclass(slots=True)
class Scan:
    """The records of the kinds asked for, by kind; how many of each there are; the spans that are no record."""

    records: dict[int, list[Record]]
    counts: dict[int, int] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)  # offset of the first of each kind
    short: list[int] = field(default_factory=list)  # offsets of records without the bytes that their kind needs
    lost: list[tuple[int, int]] = field(default_factory=list)  # offset, bytes


def read_header(data: bytes) -> Header | None:
    """The header from the first bytes; None when they are none."""
    if len(data) < _LONG_HEADER:
        return None
    offset, length, version = struct.unpack_from("<QHB", data)
    if not FIRST_VERSION <= version <= LAST_VERSION or length > 4096:
        return None
    if offset and not (12 <= offset < 1 << 32 and length >= 100):
        return None
    if version >= FIRST_ENCRYPTED:
        return Header(version, offset, 1 << 62, _LONG_HEADER, length)  # two blocks lie before the records
    front = _LONG_HEADER if version >= _FIRST_LONG_HEADER else _SHORT_HEADER
    if any(data[12:front]):
        return None
    if version == _DETAILS_IN_FRONT:  # the offset is that of the end
        return Header(version, front + _DETAILS_IN_FRONT_BYTES, 1 << 62, front, _DETAILS_IN_FRONT_BYTES)
    return Header(version, front, offset or 1 << 62, offset, length)


def is_dji_txt(head: bytes) -> bool:
    """Whether the first bytes are a flight record: a header that fits, and a first record that ends as records do."""
    header = read_header(head)
    if header is None:
        return False
    if header.is_encrypted:
        block = _encrypted_details(head, header)
        return bool(head[_LONG_HEADER] == 0 and len(block) >= _DETAILS.size)
    at = header.records_at
    return at + 1 < len(head) and _size_of_record(head, at, len(head)) > 3


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


def scan(data: bytes, header: Header, kinds: Mapping[int, int], end: int) -> Scan:
    """Walk the records up to `end`; keep those of `kinds` (kind -> fewest bytes of its payload), unscrambled.

    Linear: after bytes that are no record the walk goes on at the next place where two records follow each other.
    """
    result = Scan({kind: [] for kind in kinds})
    scrambled = header.version >= _FIRST_SCRAMBLED
    end = min(end, len(data))
    at, lost_at = header.records_at, -1
    while at < end:
        size = _size_of_record(data, at, end)
        if size and (lost_at < 0 or at + size == end or _size_of_record(data, at + size, end)):
            stop, kind = at + size, data[at]
            result.counts[kind] = result.counts.get(kind, 0) + 1
            result.first.setdefault(kind, at)
            if kind in kinds:
                payload = data[at + 2 : stop - 1]
                plain = unscramble(kind, payload)[:-1] if scrambled else payload
                if len(plain) >= kinds[kind]:
                    result.records[kind].append(Record(at, kind, plain))
                else:
                    result.short.append(at)
        elif data.startswith(_PICTURE, at) and (picture_end := _end_of_picture(data, at, end)):
            stop = picture_end
        else:
            lost_at = at if lost_at < 0 else lost_at
            at += 1
            continue
        if lost_at >= 0:
            result.lost.append((lost_at, at - lost_at))
            lost_at = -1
        at = stop
    if lost_at >= 0:
        result.lost.append((lost_at, end - lost_at))
    return result


def _size_of_record(data: bytes, at: int, end: int) -> int:
    """The bytes of the whole record at a place, 0 when there is none."""
    if at + 3 > end or data[at] not in _KINDS:
        return 0
    size = data[at + 1] + 3
    return size if at + size <= end and data[at + size - 1] == _END else 0


def _end_of_picture(data: bytes, at: int, end: int) -> int:
    """The place behind the JPEG at a place; 0 when it is none: three bytes alone must not hide what follows them."""
    at += 2
    for _ in range(_SEGMENTS_AT_MOST):
        if at + 4 > end or data[at] != 0xFF or not 0xC0 <= data[at + 1] <= 0xFE or data[at + 1] in _NO_SEGMENT:
            return 0
        is_scan = data[at + 1] == _SCAN
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if is_scan:
            mark = data.find(_PICTURE_END, at, min(end, at + _SCAN_BYTES_AT_MOST))
            return mark + 2 if mark >= 0 else 0
    return 0


def read_details(data: bytes, header: Header) -> Details | None:
    """The app's summary; None when it is missing or cannot be right."""
    block = data[header.details_at : header.details_at + header.details_bytes]
    if header.is_encrypted:
        block = _encrypted_details(data, header)
    if not header.is_closed or len(block) < _DETAILS.size:
        return None
    fields = _DETAILS.unpack_from(block)
    start_ms, lon_deg, lat_deg, duration_ms = fields[9], fields[10], fields[11], fields[13]
    if not _FIRST_MS < start_ms < _LAST_MS:
        return None
    known = abs(lat_deg) <= 90 and abs(lon_deg) <= 180 and (lat_deg, lon_deg) != (0, 0)
    nan = float("nan")
    old = header.version < _FIRST_LONG_HEADER
    return Details(
        start_ms,
        lat_deg if known else nan,
        lon_deg if known else nan,
        duration_ms / 1000,
        tuple(text for raw in fields[:4] if (text := text_of(raw)) not in ("", _NO_PLACE)),
        int.from_bytes(block[277:278] if old else block[271:272], "little"),
        text_of(block[278:302] if old else block[280:312]),
        text_of(block[267:277] if old else block[312:328]),
    )


def _encrypted_details(data: bytes, header: Header) -> bytes:
    """The details in front of encrypted records: scrambled as a record of kind 0; u8 version, u16 length, block."""
    at = header.details_at
    length = int.from_bytes(data[at + 1 : at + 3], "little")
    block = unscramble(0, data[at + 3 : at + 3 + length])
    size = int.from_bytes(block[1:3], "little")
    return block[3 : 3 + size] if size <= len(block) - 3 else b""


def text_of(raw: bytes) -> str:
    """Text up to the first NUL."""
    return raw.split(b"\0")[0].decode("utf-8", "replace").strip()
