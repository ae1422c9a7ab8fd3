"""`dronecheck zones`: the zone library and the official feeds on the command line."""

from dronecheck.cli.zones.library import app

__all__ = ["app"]
