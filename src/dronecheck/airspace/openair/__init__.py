"""OpenAir airspace files, versions 1 (WinPilot, 1998) and 2 (Naviter, 2.1): text, one record a line."""

from dronecheck.airspace.openair.read import NAME, TITLE, read, sniff

__all__ = ["NAME", "TITLE", "read", "sniff"]
