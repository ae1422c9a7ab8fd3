"""The header of a DJI flight record and the details that the app adds. The layout is in `dji_txt`."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from dronecheck.dates import span_ns
from dronecheck.readers.dji_txt import FIRST_VERSION, HEADER_BYTES, LAST_VERSION, NAME
from dronecheck.readers.dji_txt.scramble import unscramble

__all__ = ["Details", "Header", "encrypted_details", "read_details", "read_header", "text_of"]

FIRST_ENCRYPTED = 13
_FIRST_CATEGORY = 3
_VERSION_OF = {3: 13, 4: 14}
_SECOND_BLOCK = range(3, 65)  # four bytes in every file that was seen
_FIRST_SCRAMBLED = 7
_FIRST_LONG_HEADER = 6
_DETAILS_IN_FRONT = 12
_DETAILS_IN_FRONT_BYTES = 436
_SHORT_HEADER = 12
_DETAILS = struct.Struct("<20s20s20s20sBBBIIQddfIfff")
_PICTURE_SIZES, _PICTURE_SIZES_AT = struct.Struct("<8i"), 147
_NO_PLACE = "Map Loading"  # what the app writes before it knows the place
_LATEST_MS = 1 << 43  # the year 2248: a larger figure is no time of any clock


@dataclass(frozen=True, slots=True)
class Header:
    """Version, and where records and details lie; `end` is the file's, 0 where the header does not say it.

    `is_closed` tells whether the app got to write where things lie. `category` tells, in encrypted records, which key
    is for which kind of record.
    """

    version: int
    records_at: int
    end: int
    details_at: int
    details_bytes: int
    is_closed: bool
    category: int = 0

    @property
    def is_encrypted(self) -> bool:
        """Tell whether the records need a key that only the maker's service has."""
        return self.version >= FIRST_ENCRYPTED

    @property
    def is_scrambled(self) -> bool:
        """Tell whether payloads are mixed with a key that they begin with."""
        return self.version >= _FIRST_SCRAMBLED

    @property
    def is_details_last(self) -> bool:
        """Tell whether the details lie behind the records."""
        return self.details_at > self.records_at


@dataclass(frozen=True, slots=True)
class Details:
    """The summary that the app wrote: start in milliseconds since 1970 (phone clock), place in degrees, duration.

    Whether the start is of a date that can be, `has_date` tells.
    """

    start_ms: int
    lat_deg: float
    lon_deg: float
    duration_s: float
    places: tuple[str, ...]
    product: int
    aircraft_serial: str
    picture_bytes: int = 0  # of all pictures and thumbnails behind encrypted records

    @property
    def has_date(self) -> bool:
        """Tell whether the phone's clock can have been right."""
        first_ns, end_ns = span_ns(NAME)
        return first_ns <= self.start_ms * 1_000_000 < end_ns


def read_header(data: bytes) -> Header | None:
    """Return the header from the first bytes; None when they are none."""
    if len(data) < HEADER_BYTES:
        return None
    offset, length, version = struct.unpack_from("<QHB", data)
    if not FIRST_VERSION <= version <= LAST_VERSION or length > 4096:
        return None
    if offset and not (12 <= offset < 1 << 32 and length >= 100):
        return None
    if version >= FIRST_ENCRYPTED:
        records_at, category = _behind_blocks(data)
        known = category if category in _VERSION_OF else version - FIRST_ENCRYPTED + _FIRST_CATEGORY
        return Header(version, records_at or offset or HEADER_BYTES, 0, HEADER_BYTES, length, offset > 0, known)
    front = HEADER_BYTES if version >= _FIRST_LONG_HEADER else _SHORT_HEADER
    if any(data[12:front]):
        return None
    if version == _DETAILS_IN_FRONT:  # the offset is that of the end
        return Header(version, front + _DETAILS_IN_FRONT_BYTES, offset, front, _DETAILS_IN_FRONT_BYTES, offset > 0)
    return Header(version, front, offset + length if offset else 0, offset, length, offset > 0)


def _behind_blocks(data: bytes) -> tuple[int, int]:
    """Return where the records begin behind the two blocks of encrypted records, and the second's first number.

    Blocks are u8 number, u16 length, so many bytes; (0, 0) where they are none. What the header says of the place is 0
    in a record that was never closed.
    """
    at = HEADER_BYTES
    for number in (0, 1):
        if data[at : at + 1] != bytes([number]) or at + 5 > len(data):
            return 0, 0
        size = int.from_bytes(data[at + 1 : at + 3], "little")
        category = int.from_bytes(data[at + 3 : at + 5], "little")
        at += 3 + size
    return (at, category) if size in _SECOND_BLOCK else (0, 0)


def read_details(data: bytes, header: Header) -> Details | None:
    """Return the app's summary; None when it is missing or cannot be right."""
    block = data[header.details_at : header.details_at + header.details_bytes]
    if header.is_encrypted:
        block = encrypted_details(data, header)
    if not header.details_at or len(block) < _DETAILS.size:
        return None
    fields = _DETAILS.unpack_from(block)
    start_ms, lon_deg, lat_deg, duration_ms = fields[9], fields[10], fields[11], fields[13]
    if not 0 < start_ms < _LATEST_MS:
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
        text_of(block[267:277] if old else block[312:328]),
        _picture_bytes(block) if header.is_encrypted else 0,
    )


def _picture_bytes(block: bytes) -> int:
    if len(block) < _PICTURE_SIZES_AT + _PICTURE_SIZES.size:
        return 0
    return sum(max(size, 0) for size in _PICTURE_SIZES.unpack_from(block, _PICTURE_SIZES_AT))


def encrypted_details(data: bytes, header: Header) -> bytes:
    """Return the details in front of encrypted records, empty when there are none.

    u8 0, u16 length, then scrambled as a record of kind 0: u8 version, u16 length, the block.
    """
    at = header.details_at
    if data[at : at + 1] != b"\0":
        return b""
    length = int.from_bytes(data[at + 1 : at + 3], "little")
    block = unscramble(0, data[at + 3 : at + 3 + length])
    size = int.from_bytes(block[1:3], "little")
    return block[3 : 3 + size] if _DETAILS.size <= size <= len(block) - 3 else b""


def text_of(raw: bytes) -> str:
    """Return the text up to the first NUL."""
    return raw.split(b"\0")[0].decode("utf-8", "replace").strip()
