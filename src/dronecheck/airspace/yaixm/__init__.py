"""YAIXM, the airspace of the United Kingdom for gliders (A. Sparrow), as YAML or JSON."""

from dronecheck.airspace.yaixm.read import NAME, TITLE, read, sniff

__all__ = ["NAME", "TITLE", "read", "sniff"]
