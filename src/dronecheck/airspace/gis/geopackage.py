"""GeoPackage (OGC 12-128), read with pyogrio: all of its layers, one zone a row.

| in the file | read as |
|---|---|
| a feature table | a layer; its polygons are zones, planar in the layer's coordinate system |
| columns | properties as in GeoJSON (docs/zones.md): dronecheck's own profile, or that of a publisher who is known |
| srs | the coordinate system: outlines are transformed to WGS 84; a layer without one is refused |
| heights of points | left out: floor and ceiling are properties |
| attribute tables, rasters, styles, views | nothing of them |

Told by the SQLite header with the application identifier GPKG (GP10 and GP11 in version 1.0 and 1.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronecheck.messages import Message

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = ["NAME", "OFFSETS", "TITLE", "read", "sniff"]

NAME = "geopackage"
TITLE = "GeoPackage (.gpkg)"
OFFSETS = "feature"

_SQLITE = b"SQLite format 3\x00"
_CERTAIN = 95


def sniff(head: bytes, name: str) -> int:
    """Return 0..100 that these are the first bytes of a GeoPackage."""
    return _CERTAIN if head.startswith(_SQLITE) and head[68:72] in (b"GPKG", b"GP10", b"GP11") else 0


def read(source: Input) -> ZoneSet:
    """Read all layers with outlines. Raises UnreadableInput, and UsageError without pyogrio."""
    from dronecheck.airspace.common.notes import Notes
    from dronecheck.airspace.gis.layers import bounded, layers_of_gdal, rows_of_gdal, zones_of_rows
    from dronecheck.errors import UnreadableInput
    from dronecheck.issues import Code, Severity
    from dronecheck.safe.io import plain

    data, notes = bounded(source), Notes()
    layers = layers_of_gdal(data, source.name)
    for layer, has_outlines in layers:
        if not has_outlines:
            text = Message("table {layer} has no outlines", layer=plain(layer, 60))
            notes.add(Code.NO_AREA, text, severity=Severity.INFO)
    if not any(has_outlines for _, has_outlines in layers):
        raise UnreadableInput("not_gis", "a GeoPackage without a table of outlines")
    rows = (row for layer, has_outlines in layers if has_outlines for row in rows_of_gdal(data, layer, notes))
    return zones_of_rows(rows, source, notes)
