"""AIXM 5.1 and 5.1.1: the Airspace features of an AIXMBasicMessage (or of anything else that holds them)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = ["NAME", "OFFSETS", "TITLE", "read", "sniff"]

NAME = "aixm"
TITLE = "AIXM 5.1 (.xml)"
OFFSETS = "feature"

_ROOT = re.compile(rb"<(?:[\w.-]{1,60}:)?AIXMBasicMessage[\s>]")
_SCHEMA = re.compile(rb"www\.aixm\.aero/schema/5\.")
_CERTAIN, _LIKELY = 97, 85


def sniff(head: bytes, name: str) -> int:
    """Return 0..100 that these are the first bytes of an AIXM 5 file: its root, or its schema in XML."""
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return 0
    if not _SCHEMA.search(head):
        return 0
    return _CERTAIN if _ROOT.search(head) else _LIKELY


def read(source: Input) -> ZoneSet:
    """Read all airspaces. Raises UnreadableInput when there is none."""
    from dronecheck.airspace.aixm.v51.reader import read_aixm_5

    return read_aixm_5(source)
