"""Names that have moved to `geo.types`, `geo.intervals` and `geo.plane`; gone when nothing asks for them here."""

from __future__ import annotations

from dronecheck.geo.intervals import join
from dronecheck.geo.plane import boxes_meeting, point_at
from dronecheck.geo.types import Box, Interval

__all__ = ["Box", "Interval", "boxes_meeting", "join", "point_at"]
