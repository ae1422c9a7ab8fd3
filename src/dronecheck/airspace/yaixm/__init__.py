"""YAIXM, the airspace of the United Kingdom for gliders (A. Sparrow), as YAML or JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = ["NAME", "OFFSETS", "TITLE", "read", "sniff"]

NAME = "yaixm"
TITLE = "YAIXM (.yaml, .json)"
OFFSETS = "line"

_YAML = re.compile(rb"^(?:airspace|rat)[ ]*:[ ]*(?:#.*)?\r?$", re.MULTILINE)
_BOUNDARY = re.compile(rb"^[ -]*boundary[ ]*:", re.MULTILINE)
_CERTAIN, _LIKELY = 95, 80


def sniff(head: bytes, name: str) -> int:
    """Return 0..100 that these are the first bytes of YAIXM."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        has_keys = b'"boundary"' in text and (b'"airspace"' in text or b'"rat"' in text)
        return _CERTAIN if has_keys and b'"geometry"' in text else 0
    if not _YAML.search(text):
        return 0
    return _CERTAIN if _BOUNDARY.search(text) else _LIKELY if name.lower().endswith((".yaml", ".yml")) else 0


def read(source: Input) -> ZoneSet:
    """Read all volumes. Raises UnreadableInput, and UsageError for YAML without PyYAML."""
    from dronecheck.airspace.yaixm.reader import read_yaixm

    return read_yaixm(source)
