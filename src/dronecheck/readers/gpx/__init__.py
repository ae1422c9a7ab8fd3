"""GPX tracks (.gpx) of any receiver, with times."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "gpx"
TITLE = "GPX track (.gpx) with times"
IS_TEXT = True
OFFSETS = "byte"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".gpx",)
RECORDS_ARMING = False

_PROLOGUE = re.compile(rb"\s*(?:<\?.*?\?>|<!--.*?-->|<![^>]*>)", re.DOTALL)
_ROOT = re.compile(rb"\s*<(?:[\w.-]+:)?gpx[\s>/]")


def sniff(head: bytes, name: str) -> int:
    """Return 95 for a document whose root element is `gpx`, else 0."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "replace").encode()
    place = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    while skipped := _PROLOGUE.match(head, place):
        place = skipped.end()
    return 95 if _ROOT.match(head, place) else 0


def read(source: Input) -> Flight:
    """Read a GPX file. Raises UnreadableInput for plans, marks and drawings, and for XML that is not safe."""
    from dronecheck.readers.gpx.reader import read_gpx

    return read_gpx(source)
