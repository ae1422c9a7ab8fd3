"""Photos and films as evidence: what they say of themselves, and what that means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from dronecheck.media.model import MediaItem
    from dronecheck.safe.io import Input

__all__ = ["read"]


def read(source: str | Path | bytes | Input, name: str = "") -> MediaItem:
    """Read a photo or a film; `name` is what bytes are called.

    Raises UnreadableInput when the bytes are neither, UsageError when there is no such file.
    """
    from dronecheck.media.reader import read_media

    return read_media(source, name)
