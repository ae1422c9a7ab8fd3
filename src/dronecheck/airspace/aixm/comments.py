"""Comments of XML: where they end, and files without them."""

from __future__ import annotations

__all__ = ["blanked"]


def blanked(data: bytes, *, only_odd: bool = False) -> bytes | None:
    """Return the bytes with spaces for comments (with `only_odd`: that hold two hyphens); None when there are none."""
    parts, done, found = [], 0, False
    while (begin := data.find(b"<!--", done)) >= 0 and (end := data.find(b"-->", begin + 4)) >= 0:
        parts.append(data[done:begin])
        is_meant = not only_odd or data.find(b"--", begin + 4, end) >= 0 or data[end - 1 : end] == b"-"
        parts.append(b" " * (end + 3 - begin) if is_meant else data[begin : end + 3])
        found, done = found or is_meant, end + 3
    return b"".join([*parts, data[done:]]) if found else None
