"""AIXM 4.5 snapshots (EUROCONTROL, 2005), as France and others publish them."""

from dronecheck.airspace.aixm.v45.read import NAME, TITLE, read, sniff

__all__ = ["NAME", "TITLE", "read", "sniff"]
