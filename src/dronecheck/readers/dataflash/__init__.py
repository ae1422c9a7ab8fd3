"""ArduPilot DataFlash (.bin, and .log as text), and PX4's older sdlog2 (.px4log) in the same framing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "dataflash"
TITLE = "ArduPilot DataFlash (.bin, .log), PX4 sdlog2 (.px4log)"
IS_TEXT = False
OFFSETS = "byte"
TEXT_DIALECTS = frozenset({"text"})
SUFFIXES = (".bin", ".log")
RECORDS_ARMING = True

MARK = b"\xa3\x95"  # what every record of the binary form begins with
FMT_TYPE = 128  # the type of the record that defines another
FIRST_FMT = re.compile(rb"^[ \t]*FMT,[ \t]*\d{1,3},[ \t]*\d{1,3},[ \t]*\w{1,4},", re.MULTILINE)
_FMT = MARK + bytes([FMT_TYPE])
_FMTS_TO_BE_SURE = 3
_SNIFFED_BYTES = 1 << 16
_TEXT_SCORE = 95


def sniff(head: bytes, name: str) -> int:
    """Return 100 or 85 for FMT records of the binary form, 95 for FMT lines of the text form, else 0."""
    head = head[:_SNIFFED_BYTES]
    if head.startswith(_FMT):
        return 100
    if head.count(_FMT) >= (1 if head.startswith(MARK) else _FMTS_TO_BE_SURE):
        return 85
    first = FIRST_FMT.search(head)
    return _TEXT_SCORE if first and b"\0" not in head[: first.end()] else 0


def is_text_form(head: bytes) -> bool:
    """Tell whether these first bytes are those of the text form."""
    return sniff(head, "") == _TEXT_SCORE


def read(source: Input) -> Flight:
    """Read a DataFlash log. Raises UnreadableInput when it holds no definitions."""
    from dronecheck.readers.dataflash.reader import read_dataflash

    return read_dataflash(source)
