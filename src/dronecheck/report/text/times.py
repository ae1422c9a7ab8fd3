"""Times as every report writes them; their home is `dronecheck.timebase`."""

from __future__ import annotations

from dronecheck.timebase import instant, iso_utc

__all__ = ["instant", "iso_utc"]
