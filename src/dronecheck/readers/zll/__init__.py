"""The text log that the app of HF-XL (ZLL) toy drones writes (.txt, Chinese)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dronecheck.readers.common.text import as_utf8

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "zll"
TITLE = "HF-XL (ZLL) toy drone log of the phone app (.txt, Chinese)"
IS_TEXT = True
OFFSETS = "line"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".txt", ".zll")
RECORDS_ARMING = False

STAMP = re.compile(r"-{5,} ?(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?\s{0,4}-{5,}\s{0,4}", re.ASCII)
AIRCRAFT, CONTROLLER = "飞机坐标", "遥控器坐标"
_HEIGHTS = ("飞行高度", "气压高度")


def sniff(head: bytes, name: str) -> int:
    """Return 90 for a block's time stamp and the app's words for a position or height, else 0."""
    head = bytes(as_utf8(head))
    if b"---- 20" not in head[:4096] and b"---- 19" not in head[:4096]:
        return 0
    text = head.decode("utf-8", "replace")
    known = any(word in text for word in (AIRCRAFT, CONTROLLER, *_HEIGHTS))
    return 90 if known and any(STAMP.fullmatch(line.rstrip("\r")) for line in text[:4096].split("\n")) else 0


def read(source: Input) -> Flight:
    """Read the app's log. Raises nothing: whatever cannot be read is an issue."""
    from dronecheck.readers.zll.reader import read_zll

    return read_zll(source)
