"""FlatGeobuf 3, read with pyogrio: one layer, one zone a row.

| in the file | read as |
|---|---|
| features | polygons are zones, planar in the file's coordinate system; their order is that of the file's index |
| columns | properties as in GeoJSON (docs/zones.md): dronecheck's own profile, or that of a publisher who is known |
| crs | the coordinate system: outlines are transformed to WGS 84; a file without one is refused |
| heights of points | left out: floor and ceiling are properties |

Told by its first bytes: "fgb", the version, "fgb".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = ["NAME", "OFFSETS", "TITLE", "read", "sniff"]

NAME = "flatgeobuf"
TITLE = "FlatGeobuf (.fgb)"
OFFSETS = "feature"

_CERTAIN = 95


def sniff(head: bytes, name: str) -> int:
    """Return 0..100 that these are the first bytes of a FlatGeobuf."""
    return _CERTAIN if head[:3] == b"fgb" == head[4:7] and 0 < head[3] < 32 else 0


def read(source: Input) -> ZoneSet:
    """Read the layer. Raises UnreadableInput, and UsageError without pyogrio."""
    from dronecheck.airspace.common.notes import Notes
    from dronecheck.airspace.gis.layers import bounded, layers_of_gdal, rows_of_gdal, zones_of_rows

    data, notes = bounded(source), Notes()
    layers = layers_of_gdal(data, source.name)
    return zones_of_rows((row for layer, _ in layers for row in rows_of_gdal(data, layer, notes)), source, notes)
