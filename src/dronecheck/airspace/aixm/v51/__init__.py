"""AIXM 5.1 and 5.1.1: the Airspace features of an AIXMBasicMessage (or of anything else that holds them)."""

from dronecheck.airspace.aixm.v51.read import NAME, TITLE, read, sniff

__all__ = ["NAME", "TITLE", "read", "sniff"]
