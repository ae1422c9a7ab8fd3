"""CSV flight logs, mostly of DJI aircraft, as the well-known programs and services export them."""

from dronecheck.readers.csvlog.read import IS_TEXT, NAME, TITLE, read, sniff

__all__ = ["IS_TEXT", "NAME", "TITLE", "read", "sniff"]
