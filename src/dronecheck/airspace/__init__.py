"""Zones and territories: zone files in, `ZoneSet` out; the borders that ship with dronecheck."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dronecheck.airspace.zone import ZoneSet
from dronecheck.safeio import open_input

__all__ = ["load_zones"]


def load_zones(paths: Iterable[str | Path]) -> ZoneSet:
    """Read zone files into one set, in the order given.

    Raises UnreadableInput when a file is no zone file, UsageError when it does not exist.
    """
    from dronecheck.airspace import geojson  # shapely loads only when there are zones

    sets = [geojson.read(open_input(Path(path))) for path in paths]
    return ZoneSet(
        zones=tuple(zone for one in sets for zone in one.zones),
        sources=tuple(source for one in sets for source in one.sources),
        issues=tuple(issue for one in sets for issue in one.issues),
    )
