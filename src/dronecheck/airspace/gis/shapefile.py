"""ESRI Shapefile in a ZIP archive, read with pyogrio: each .shp of it is a layer, one zone a row.

| in the archive | read as |
|---|---|
| .shp, .shx, .dbf of one name | polygons and their properties, planar in the layer's coordinate system |
| .prj | the coordinate system: outlines are transformed to WGS 84; a layer without one is refused |
| .cpg | the encoding of the .dbf |
| columns | as in GeoJSON (docs/zones.md); lower_datu, upper_datu are lower_datum, upper_datum cut to ten characters |
| anything else | nothing of it |

A .shp alone has neither properties nor a coordinate system: it is refused with the advice to zip it with its others.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO

from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.gis.layers import LayerRow, bounded, layers_of_gdal, rows_of_gdal, zones_of_rows
from dronecheck.airspace.zone import ZoneSet
from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import Input, plain
from dronecheck.safe.zip import Archive, Member, members_in_head, open_zip

__all__ = ["NAME", "TITLE", "read", "sniff"]

NAME = "shapefile"
TITLE = "Shapefile (.zip of .shp, .shx, .dbf, .prj)"

_ALONE = b"\x00\x00\x27\x0a" + bytes(20)  # the header of a .shp
_NEEDED, _USED = (".shx", ".dbf", ".prj"), (".shp", ".shx", ".dbf", ".prj", ".cpg")
_CERTAIN, _LIKELY = 90, 80


def sniff(head: bytes, name: str) -> int:
    """0..100 that these are the first bytes of an archive with a Shapefile in it, or of a .shp alone."""
    if head.startswith(_ALONE):
        return _LIKELY
    return _CERTAIN if set(members_in_head(head)) & set(_USED) else 0


def read(source: Input) -> ZoneSet:
    """Read all layers. Raises UnreadableInput, and UsageError without pyogrio."""
    data, notes = bounded(source), Notes()
    if data.startswith(_ALONE):
        raise UnreadableInput("no_crs", "a .shp without its .shx, .dbf and .prj; zip them together and name the .zip")
    archive = open_zip(data)
    shapes = archive.named(".shp")
    if not shapes:
        raise UnreadableInput("not_gis", "a ZIP archive without a .shp file")
    return zones_of_rows((row for shape in shapes for row in _rows(archive, shape, source, notes)), source, notes)


def _rows(archive: Archive, shape: Member, source: Input, notes: Notes) -> Iterator[LayerRow]:
    stem, shown = shape.name[: -len(".shp")], plain(shape.name, 80)
    by_suffix = {m.suffix: m for m in archive.named(*_USED) if m.name[: -len(m.suffix)] == stem}
    for suffix in _NEEDED:
        if suffix not in by_suffix:
            code = "no_crs" if suffix == ".prj" else "not_gis"
            raise UnreadableInput(code, f"{shown} has no {suffix} file beside it in the archive")
    checked = _stored({f"layer{suffix}": archive.read(member) for suffix, member in by_suffix.items()})
    for layer, _ in layers_of_gdal(checked, source.name):
        yield from rows_of_gdal(checked, layer, notes)


def _stored(files: dict[str, bytes]) -> bytes:
    """An archive of files already unpacked within the limits, for GDAL to see nothing else."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
