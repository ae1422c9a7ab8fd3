"""PX4 ULog (.ulg): a self-describing binary log of the autopilot's topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "ulog"
TITLE = "PX4 ULog (.ulg)"
IS_TEXT = False
OFFSETS = "byte"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".ulg",)
RECORDS_ARMING = True

MAGIC = b"ULog\x01\x12\x35"


def sniff(head: bytes, name: str) -> int:
    """Return 100 for the ULog magic, else 0."""
    return 100 if head.startswith(MAGIC) else 0


def read(source: Input) -> Flight:
    """Read a ULog. Raises UnreadableInput when it is none, is empty or needs a newer reader."""
    from dronecheck.readers.ulog.reader import read_ulog

    return read_ulog(source)
