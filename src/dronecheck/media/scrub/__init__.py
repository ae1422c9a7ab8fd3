"""Copies of photos and films that are safe to share: made from a whitelist, then proved on the written file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from dronecheck.media.scrub.run import ScrubRun

__all__ = ["scrub"]


def scrub(paths: Iterable[str | Path], out: str | Path, *, keep_time: bool = False) -> ScrubRun:
    """Write a copy without metadata of every photo and film in `paths` (files, or folders that are walked) to `out`.

    `out` is a folder, made if absent, outside all paths; `keep_time` leaves the time of capture, and nothing of GPS. A
    file that gets no copy is in the result with its reason. Raises UsageError, with nothing written, where `out` cannot
    be meant.

    >>> from dronecheck.media.scrub import scrub
    >>> scrub(["DJI_0001.JPG"], "to-share").files[0].copy       # doctest: +SKIP
    """
    from pathlib import Path

    from dronecheck.media.scrub.run import scrub_files

    return scrub_files([Path(path) for path in paths], Path(out), keep_time=keep_time)
