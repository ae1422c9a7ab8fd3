"""The layers of a Shapefile in a ZIP archive: each .shp is one, handed to GDAL with nothing but its own files."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO

from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.gis.layers import LayerRow, bounded, layers_of_gdal, rows_of_gdal, zones_of_rows
from dronecheck.airspace.gis.shapefile import ALONE, USED
from dronecheck.airspace.zone import ZoneSet
from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import Input, plain
from dronecheck.safe.zip import Archive, Member, open_zip

__all__ = ["read_shapefile"]

_NEEDED = (".shx", ".dbf", ".prj")


def read_shapefile(source: Input) -> ZoneSet:
    """Read all layers. Raises UnreadableInput, and UsageError without pyogrio."""
    data, notes = bounded(source), Notes()
    if data.startswith(ALONE):
        raise UnreadableInput("no_crs", "a .shp without its .shx, .dbf and .prj; zip them together and name the .zip")
    archive = open_zip(data)
    shapes = archive.named(".shp")
    if not shapes:
        raise UnreadableInput("not_gis", "a ZIP archive without a .shp file")
    return zones_of_rows((row for shape in shapes for row in _rows(archive, shape, source, notes)), source, notes)


def _rows(archive: Archive, shape: Member, source: Input, notes: Notes) -> Iterator[LayerRow]:
    stem, shown = shape.name[: -len(".shp")], plain(shape.name, 80)
    by_suffix = {m.suffix: m for m in archive.named(*USED) if m.name[: -len(m.suffix)] == stem}
    for suffix in _NEEDED:
        if suffix not in by_suffix:
            code = "no_crs" if suffix == ".prj" else "not_gis"
            raise UnreadableInput(code, f"{shown} has no {suffix} file beside it in the archive")
    checked = _stored({f"layer{suffix}": archive.read(member) for suffix, member in by_suffix.items()})
    for layer, _ in layers_of_gdal(checked, source.name):
        yield from rows_of_gdal(checked, layer, notes)


def _stored(files: dict[str, bytes]) -> bytes:
    """Return an archive of files already unpacked within the limits, for GDAL to see nothing else."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()
