"""OpenAir airspace files, versions 1 (WinPilot, 1998) and 2 (Naviter, 2.1): text, one record a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dronecheck.safe.text import utf16_of

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = ["NAME", "OFFSETS", "TITLE", "read", "sniff"]

NAME = "openair"
TITLE = "OpenAir (.openair, .txt)"
OFFSETS = "line"

_CLASS = re.compile(rb"^[ \t]*AC[ \t]+[A-Z]", re.MULTILINE | re.IGNORECASE)
_DRAWN = re.compile(rb"^[ \t]*(?:V[ \t]+X[ \t]*=|DP)[ \t]*(?:\d{1,3}[:.]\d|\d{6})", re.MULTILINE | re.IGNORECASE)
_BEGUN = re.compile(rb"^[ \t]*A[NHL][ \t]+\S", re.MULTILINE | re.IGNORECASE)
_CERTAIN, _LIKELY, _NAMED = 95, 60, 10  # by the name alone where a comment fills the head


def sniff(head: bytes, name: str) -> int:
    """Return 0..100 that these are the first bytes of OpenAir: a class and an outline, or a class and its name."""
    utf16 = utf16_of(head)
    if utf16:
        head = head.decode(utf16, "replace").encode()
    if b"\x00" in head:
        return 0
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n")
    if not _CLASS.search(text):
        return _NAMED if name.lower().endswith(".openair") and text.lstrip().startswith(b"*") else 0
    if _DRAWN.search(text):
        return _CERTAIN
    return _LIKELY if _BEGUN.search(text) else 0


def read(source: Input) -> ZoneSet:
    """Read all zones. Raises UnreadableInput when there is no AC record."""
    from dronecheck.airspace.openair.reader import read_openair

    return read_openair(source)
