"""What DJI's and Autel's zones have in common: a source that binds nobody in law."""

from __future__ import annotations

from dronecheck.airspace.common.publishers.makers import NOT_LAW
from dronecheck.airspace.zone import ZoneSource
from dronecheck.safe.io import Input

__all__ = ["origin_of"]


def origin_of(source: Input, maker: str) -> ZoneSource:
    """Return the file as a source of zones, marked as what it is."""
    return ZoneSource(source.name, source.sha256, edition=f"{maker}: {NOT_LAW}", licence="no licence stated")
