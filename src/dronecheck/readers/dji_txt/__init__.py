"""DJI flight records as the apps keep them (DJIFlightRecord_*.txt), up to version 14."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "dji_txt"
TITLE = "DJI flight record (DJIFlightRecord_*.txt; versions 13 and 14 with saved keys)"
IS_TEXT = False
OFFSETS = "byte"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".txt",)
RECORDS_ARMING = False

FIRST_VERSION, LAST_VERSION = 1, 14
HEADER_BYTES = 100


def sniff(head: bytes, name: str) -> int:
    """Return 95 for a header that fits and a first record that ends as records do, else 0."""
    if len(head) < HEADER_BYTES or not FIRST_VERSION <= head[10] <= LAST_VERSION:
        return 0
    from dronecheck.readers.dji_txt.records import is_dji_txt

    return 95 if is_dji_txt(head) else 0


def read(source: Input) -> Flight:
    """Read a record; of an encrypted one what its header tells. Raises UnreadableInput."""
    from dronecheck.readers.dji_txt.reader import read_dji_txt

    return read_dji_txt(source)
