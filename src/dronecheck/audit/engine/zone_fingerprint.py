"""Which zones can matter to a flight, as one mark: the same mark under other zone files, the same answer.

Every zone within 100 km counts: at that distance a zone file is about the place at all, and no flight's errors or gaps
reach as far (`geofence.zones`).
"""

from __future__ import annotations

import hashlib

import numpy as np

from dronecheck.airspace.covers import covers_of
from dronecheck.airspace.zone import ZoneSet
from dronecheck.geo.plane import boxes_meeting
from dronecheck.geo.types import Box

__all__ = ["mark_of"]

ANYTHING = ""  # no mark: the flight is asked again


def mark_of(zones: ZoneSet | None, box: Box | None) -> str:
    """Return the mark of the zones near a box; empty where it says nothing.

    The box, in degrees, is already wider by 100 km.
    """
    if box is None or not (-180.0 <= box[0] <= box[2] <= 180.0):
        return ANYTHING
    if zones is None:
        return "none"
    if zones.alternatives:
        return ANYTHING
    near = np.flatnonzero(boxes_meeting(zones.boxes_deg, box)).tolist()
    issues = [(issue.code.value, issue.severity.value, issue.message, issue.count) for issue in zones.issues]
    names = [zones.zones[index].source.name for index in near]
    covers = [covers_of(part) for part in zones.parts or (zones,)]  # they answer for what no zone is near, too
    told = repr((sorted(zones.digests[index] for index in near), names, issues, covers))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
