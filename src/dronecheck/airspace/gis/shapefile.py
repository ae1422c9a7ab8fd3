"""ESRI Shapefile in a ZIP archive, or a .shp with its parts beside it, read with pyogrio: one zone a row.

| in the archive | read as |
|---|---|
| .shp, .shx, .dbf of one name | a layer: polygons and their properties, planar in the layer's coordinate system |
| .prj | the coordinate system: outlines are transformed to WGS 84; a layer without one is refused |
| .cpg | the encoding of the .dbf |
| columns | as in GeoJSON (docs/zones.md); lower_datu, upper_datu are lower_datum, upper_datum cut to ten characters |
| anything else | nothing of it |

A .shp alone has neither properties nor a coordinate system: it is refused with the advice to put its parts beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronecheck.safe.zip import members_in_head

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = ["ALONE", "NAME", "OFFSETS", "TITLE", "USED", "read", "sniff", "with_parts"]

NAME = "shapefile"
TITLE = "Shapefile (.shp with .shx, .dbf, .prj, or a .zip of them)"
OFFSETS = "feature"

ALONE = b"\x00\x00\x27\x0a" + bytes(20)  # the header of a .shp
USED = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_CERTAIN, _LIKELY = 90, 80


def sniff(head: bytes, name: str) -> int:
    """Return 0..100 that these are the first bytes of an archive with a Shapefile in it, or of a .shp alone."""
    if head.startswith(ALONE):
        return _LIKELY
    return _CERTAIN if set(members_in_head(head)) & set(USED) else 0


def read(source: Input) -> ZoneSet:
    """Read all layers. Raises UnreadableInput, and UsageError without pyogrio."""
    from dronecheck.airspace.gis.shapefile_layers import read_shapefile

    return read_shapefile(source)


def with_parts(source: Input) -> Input:
    """Return a .shp with the files of its name beside it as one archive, whose hash is of all; others as they are.

    Raises UnreadableInput, UsageError.
    """
    if not source.head.startswith(ALONE):
        return source
    from dronecheck.airspace.gis.shapefile_layers import bundle

    return bundle(source)
