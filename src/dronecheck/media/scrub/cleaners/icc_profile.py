"""A colour profile without what it says of a screen, a person or a day: the same colours, the same size.

ICC.1:2022, 7.2 (header) and 7.3 (tag table). Apple writes a screen's model and serial number into profiles.
"""

from __future__ import annotations

import struct

__all__ = ["clean_profile"]

_HEADER_BYTES, _ROW_BYTES, _TAGS_AT_MOST = 128, 12, 256
_COLOUR_TAGS = frozenset(
    (b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"bkpt", b"lumi", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"chad", b"chrm",
     b"cicp", b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt", b"D2B0", b"D2B1", b"D2B2", b"D2B3",
     b"B2D0", b"B2D1", b"B2D2", b"B2D3", b"aarg", b"aagg", b"aabg")
)  # fmt: skip
_BLANKED = ((4, 8), (24, 36), (48, 56), (80, 128))  # software, date, device, its creator and the digest


def clean_profile(profile: bytes) -> bytes | None:
    """Return a profile of the same length with nothing but its colours; None for what is no profile."""
    size = len(profile)
    if size < _HEADER_BYTES + 4 or profile[36:40] != b"acsp" or int.from_bytes(profile[:4], "big") != size:
        return None
    count = int.from_bytes(profile[128:132], "big")
    if count > _TAGS_AT_MOST or _HEADER_BYTES + 4 + count * _ROW_BYTES > size:
        return None
    out = bytearray(size)
    out[:_HEADER_BYTES] = profile[:_HEADER_BYTES]
    for start, end in _BLANKED:
        out[start:end] = bytes(end - start)
    rows = []
    for number in range(count):
        row = profile[132 + number * _ROW_BYTES :][:_ROW_BYTES]
        kind, at, length = row[:4], *struct.unpack(">II", row[4:])
        if kind not in _COLOUR_TAGS:
            continue
        if at < 132 + count * _ROW_BYTES or at + length > size:
            return None
        rows.append(row)
        out[at : at + length] = profile[at : at + length]
    table = struct.pack(">I", len(rows)) + b"".join(rows)
    out[128 : 128 + len(table)] = table
    return bytes(out)
