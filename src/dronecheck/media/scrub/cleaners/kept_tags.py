"""The one EXIF block that a copy may have: how to turn the picture, and the time of capture where it is asked for."""

from __future__ import annotations

import re
import struct

from dronecheck.media.fields import FieldsByName
from dronecheck.media.model import MediaItem

__all__ = ["EXIF_MARK", "kept_exif", "kept_time"]

EXIF_MARK = b"Exif\0\0"
_STAMP = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", re.ASCII)


def kept_time(item: MediaItem) -> str | None:
    """Return DateTimeOriginal as the file has it, to the second; None without one that is a time."""
    text = FieldsByName(list(item.fields)).text("Exif/DateTimeOriginal") or ""
    whole = _STAMP.match(text)
    return whole[0] if whole else None


def kept_exif(orientation: int, stamp: str | None) -> bytes:
    """Return a TIFF structure of Orientation (where it is not 1) and DateTimeOriginal; b"" where neither is needed.

    EXIF 3.0 (CIPA DC-008), 4.6.
    """
    rows = []
    if orientation != 1:
        rows.append(struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0))
    if stamp is not None:
        rows.append(struct.pack("<HHII", 0x8769, 4, 1, 8 + 2 + 12 * (len(rows) + 1) + 4))
    if not rows:
        return b""
    block = b"II*\0" + struct.pack("<IH", 8, len(rows)) + b"".join(rows) + bytes(4)
    if stamp is not None:
        value_at = len(block) + 2 + 12 + 4
        block += struct.pack("<HHHII", 1, 0x9003, 2, 20, value_at) + bytes(4) + stamp.encode("ascii") + b"\0"
    return block
