"""The text log that the app of HF-XL (ZLL) toy drones writes: Chinese prose in blocks, each under a time."""

from dronecheck.readers.zll.read import IS_TEXT, NAME, TITLE, read, sniff

__all__ = ["IS_TEXT", "NAME", "TITLE", "read", "sniff"]
