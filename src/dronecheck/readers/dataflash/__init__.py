"""ArduPilot DataFlash (.bin, and .log as text), and PX4's older sdlog2 (.px4log) in the same framing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dronecheck.readers.common.text import as_utf8

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
_TEXT_SCORE, _UNDEFINED_SCORE = 95, 80
# lines of fixes: without definitions it is the rest of a log, or one that was edited
_FIX_LINE = re.compile(rb"^[ \t]*GPS2?,[ \t]*\d+(?:,[ \t]*-?\d+(?:\.\d+)?){6,}", re.MULTILINE)
_FIX_LINES = 3


def sniff(head: bytes, name: str) -> int:
    """Return 100 or 85 for FMT records of the binary form, 95 for FMT lines of the text form, else 0.

    80 for a text with records that nothing defines.
    """
    head = head[:_SNIFFED_BYTES]
    if head.startswith(_FMT):
        return 100
    if head.count(_FMT) >= (1 if head.startswith(MARK) else _FMTS_TO_BE_SURE):
        return 85
    head = bytes(as_utf8(head))
    first = FIRST_FMT.search(head)
    if first is not None:
        return _TEXT_SCORE if b"\0" not in head[: first.end()] else 0
    if b"GPS" not in head[:4096] or 0 in head[:4096]:
        return 0
    return _UNDEFINED_SCORE if len(_FIX_LINE.findall(head)) >= _FIX_LINES else 0


def is_text_form(head: bytes) -> bool:
    """Tell whether these first bytes are those of the text form."""
    return sniff(head, "") in (_TEXT_SCORE, _UNDEFINED_SCORE)


def read(source: Input) -> Flight:
    """Read a DataFlash log. Raises UnreadableInput when it holds no definitions."""
    from dronecheck.readers.dataflash.reader import read_dataflash

    return read_dataflash(source)
