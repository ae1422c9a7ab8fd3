"""CSV flight logs, mostly of DJI aircraft, as the well-known programs and services export them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "csv"
TITLE = "CSV flight log (DJI exports: Flight Reader, PhantomHelp, Airdata, Litchi, DroneDeploy, UgCS, ...)"
IS_TEXT = True
OFFSETS = "line"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".csv", ".txt")
RECORDS_ARMING = False


def sniff(head: bytes, name: str) -> int:
    """Return 95 for a header of a known dialect within the first bytes, 80 where one or two columns lack, else 0."""
    if _is_binary(head[:512]):
        return 0
    from dronecheck.readers.common.text import decode, split_lines
    from dronecheck.readers.csvlog.header import HEADER_CHARS, find_header, lacking

    text, _ = decode(_whole_characters(head[:HEADER_CHARS]))
    lines = split_lines(text)
    return 95 if find_header(lines) else 80 if lacking(lines) else 0


def _is_binary(start: bytes) -> bool:
    """Tell whether every eighth byte or more is NUL: no text but UTF-16."""
    if start.count(0) * 8 <= len(start):
        return False
    from dronecheck.safe.text import utf16_of

    return not utf16_of(start)


def _whole_characters(head: bytes) -> bytes:
    """Drop a UTF-8 character that the end of the head has cut in two."""
    cut = len(head)
    while cut and len(head) - cut < 3 and 0x80 <= head[cut - 1] < 0xC0:
        cut -= 1
    return head[: cut - 1] if cut and head[cut - 1] >= 0xC0 else head


def read(source: Input) -> Flight:
    """Read a CSV log. Raises UnreadableInput for a mission plan, an unknown table, or one that lacks columns."""
    from dronecheck.readers.csvlog.reader import read_csv

    return read_csv(source)
