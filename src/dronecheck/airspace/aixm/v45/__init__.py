"""AIXM 4.5 snapshots (EUROCONTROL, 2005), as France and others publish them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dronecheck.airspace.aixm.comments import blanked

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = ["NAME", "OFFSETS", "TITLE", "read", "sniff"]

NAME = "aixm45"
TITLE = "AIXM 4.5 (.xml)"
OFFSETS = "feature"

_ROOT = re.compile(rb"<AIXM-(?:Snapshot|Update)[\s>]")
_CERTAIN = 97


def sniff(head: bytes, name: str) -> int:
    """Return 0..100 that these are the first bytes of an AIXM 4.5 file, by its root."""
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return 0
    return _CERTAIN if _ROOT.search(blanked(head) or head) else 0


def read(source: Input) -> ZoneSet:
    """Read all airspaces. Raises UnreadableInput when there is none, and for updates."""
    from dronecheck.airspace.aixm.v45.reader import read_aixm_45

    return read_aixm_45(source)
