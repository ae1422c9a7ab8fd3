"""Subtitles that DJI cameras write beside a film (.SRT): one cue per frame or per second, with the position in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "srt"
TITLE = "DJI subtitles (.SRT): position and height per frame or second of a film"
IS_TEXT = True
OFFSETS = "line"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".srt",)
RECORDS_ARMING = False


def sniff(head: bytes, name: str) -> int:
    """Return 90 when one of the first cues is a camera's, else 0."""
    if head[:2] not in (b"\xff\xfe", b"\xfe\xff") and head[:512].count(0):
        return 0
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1].isdigit():
        return 0
    from dronecheck.readers.common.text import decode
    from dronecheck.readers.srt.cues import cues

    text, _ = decode(head[:4096])
    seen = [cue.is_telemetry for _, cue in zip(range(8), cues(text), strict=False)]
    return 90 if any(seen) else 0


def read(source: Input) -> Flight:
    """Read a subtitle file. Raises UnreadableInput without telemetry, and when the order of coordinates is open."""
    from dronecheck.readers.srt.reader import read_srt

    return read_srt(source)
