"""MAVLink telemetry logs (.tlog) of ground stations, and raw MAVLink streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "tlog"
TITLE = "MAVLink telemetry (.tlog)"
IS_TEXT = False
OFFSETS = "byte"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".tlog",)
RECORDS_ARMING = True

MAGIC_1, MAGIC_2 = 0xFE, 0xFD  # what frames of MAVLink 1 and 2 begin with


def sniff(head: bytes, name: str) -> int:
    """Return 95 for intact MAVLink records at or near the start, else 0."""
    # a quick no for text and for most other formats
    if MAGIC_1 not in head[:2048] and MAGIC_2 not in head[:2048]:
        return 0
    from dronecheck.readers.tlog.frames import looks_like

    return 95 if looks_like(head) is not None else 0


def read(source: Input) -> Flight:
    """Read a MAVLink log. Raises UnreadableInput when the content is none."""
    from dronecheck.readers.tlog.reader import read_tlog

    return read_tlog(source)
