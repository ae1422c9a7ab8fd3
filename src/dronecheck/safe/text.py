"""Which bytes are text in UTF-16. Light to import: faces of readers use it."""

from __future__ import annotations

import mmap

__all__ = ["utf16_of"]

_MARKS = (b"\xff\xfe", b"\xfe\xff")
_LOOKED_AT_BYTES = 64


def utf16_of(data: bytes | mmap.mmap) -> str:
    """Return the name of the UTF-16 that a text is in, by its mark or by a NUL in every other byte; "" for others."""
    head = bytes(data[:_LOOKED_AT_BYTES])
    if head[:2] in _MARKS:
        return "utf-16"
    even, odd = head[::2], head[1::2]
    if len(head) < _LOOKED_AT_BYTES or any(even) == any(odd):
        return ""
    return "" if 0 in (even if any(even) else odd) else "utf-16-le" if any(even) else "utf-16-be"
