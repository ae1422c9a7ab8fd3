"""ArduPilot DataFlash (.bin, and .log as text), and PX4's older sdlog2 (.px4log) in the same framing."""

from dronecheck.readers.dataflash.read import IS_TEXT, NAME, TITLE, read, sniff

__all__ = ["IS_TEXT", "NAME", "TITLE", "read", "sniff"]
