"""Text that cameras leave in binary blocks: DJI's `[name:value]`, which names the sensor in cleaned pictures, too."""

from __future__ import annotations

import re

from dronecheck.media.fields import Harvest

__all__ = ["read_bracketed"]

_READ_AT_MOST_BYTES = 1 << 20
_BLOCK = re.compile(rb"\[([A-Za-z_][\w (),.-]{0,63}):([^\]]{0,4096})\]", re.ASCII)


def read_bracketed(harvest: Harvest, start: int, end: int, prefix: str) -> None:
    """Add each `[name:value]` in [start, end)."""
    text = bytes(harvest.data[start : min(end, start + _READ_AT_MOST_BYTES)])
    for block in _BLOCK.finditer(text):
        raw = block[2].strip(b"\0 ")
        value = raw.decode() if raw.isascii() and raw.decode().isprintable() else None
        harvest.add(f"{prefix}/{block[1].decode('ascii')}", value, start + block.start(2), len(block[2]))
