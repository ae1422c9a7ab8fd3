"""GPX 1.0 and 1.1 tracks (Topografix): points with a time, of any receiver."""

from dronecheck.readers.gpx.read import IS_TEXT, NAME, TITLE, read, sniff

__all__ = ["IS_TEXT", "NAME", "TITLE", "read", "sniff"]
