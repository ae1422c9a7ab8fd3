"""DJI flight records as the apps keep them (DJIFlightRecord_*.txt), little-endian."""

from dronecheck.readers.dji_txt.read import IS_TEXT, NAME, TITLE, read, sniff

__all__ = ["IS_TEXT", "NAME", "TITLE", "read", "sniff"]
