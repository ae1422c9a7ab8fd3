"""PX4 ULog (.ulg): a self-describing binary log of the autopilot's topics."""

from dronecheck.readers.ulog.read import IS_TEXT, NAME, TITLE, read, sniff

__all__ = ["IS_TEXT", "NAME", "TITLE", "read", "sniff"]
