"""MAVLink telemetry logs (.tlog) of ground stations, and raw MAVLink streams."""

from dronecheck.readers.tlog.read import IS_TEXT, NAME, TITLE, read, sniff

__all__ = ["IS_TEXT", "NAME", "TITLE", "read", "sniff"]
