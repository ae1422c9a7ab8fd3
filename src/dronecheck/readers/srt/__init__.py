"""Subtitles that DJI cameras write beside a film (.SRT), or that were taken out of it (WebVTT): positions in cues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronecheck.readers.common.text import as_utf8

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "srt"
TITLE = "DJI subtitles (.SRT, WebVTT): position and height per frame or second of a film"
IS_TEXT = True
OFFSETS = "line"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".srt", ".vtt")
RECORDS_ARMING = False


def sniff(head: bytes, name: str) -> int:
    """Return 90 when one of the first cues is a camera's, else 0."""
    head = bytes(as_utf8(head))
    start = head[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    if 0 in head[:512] or not (start[:1].isdigit() or start.startswith(b"WEBVTT")):
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
