"""Subtitles that DJI cameras write beside a film (.SRT): one cue per frame or per second, with the position in it."""

from dronecheck.readers.srt.read import IS_TEXT, NAME, TITLE, read, sniff

__all__ = ["IS_TEXT", "NAME", "TITLE", "read", "sniff"]
