"""IGC files of flight recorders (.igc), as gliders and competition pilots use them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dronecheck.readers.common.text import as_utf8

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "igc"
TITLE = "IGC flight recorder file (.igc)"
IS_TEXT = True
OFFSETS = "line"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".igc",)
RECORDS_ARMING = False

# hour, minute, second, latitude, longitude, validity, pressure height, GNSS height
BASE = re.compile(
    r"B([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)(\d\d)([0-5]\d{4})([NS])(\d{3})([0-5]\d{4})([EW])([AV])"
    r"(-\d{4}|\d{5})(-\d{4}|\d{5})",
    re.ASCII,
)
_DATE = re.compile(rb"^H[FOPS]DTE(?:DATE)?:?[ ]?\d{6}", re.MULTILINE)
_RECORDER = re.compile(rb"A[A-Z0-9]{3}")


def sniff(head: bytes, name: str) -> int:
    """Return 95 for a recorder's A record with a date or a fix after it, 85 for a date with fixes, else 0."""
    head = bytes(as_utf8(head))
    if 0 in head[:512]:
        return 0
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    has_date = _DATE.search(text) is not None
    has_fix = any(BASE.match(line) for line in text.decode("latin-1").splitlines())
    if _RECORDER.match(text) and (has_date or has_fix):
        return 95
    return 85 if has_date and has_fix else 0


def read(source: Input) -> Flight:
    """Read an IGC file. Raises UnreadableInput without any fix record, or for another datum."""
    from dronecheck.readers.igc.reader import read_igc

    return read_igc(source)
