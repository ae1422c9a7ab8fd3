"""The layers of a Shapefile in a ZIP archive: each .shp is one, handed to GDAL with nothing but its own files."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from io import BytesIO

from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.gis.layers import LayerRow, bounded, layers_of_gdal, rows_of_gdal, zones_of_rows
from dronecheck.airspace.gis.shapefile import ALONE, USED
from dronecheck.airspace.zone import ZoneSet
from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import Input, open_input, plain
from dronecheck.safe.zip import Archive, Member, open_zip

__all__ = ["bundle", "read_shapefile"]

_NEEDED = (".shx", ".dbf", ".prj")


def read_shapefile(source: Input) -> ZoneSet:
    """Read all layers. Raises UnreadableInput, and UsageError without pyogrio."""
    data, notes = bounded(source), Notes()
    if data.startswith(ALONE):
        raise UnreadableInput(
            "no_crs", "a .shp without its .shx, .dbf and .prj; put them beside it, or zip them together"
        )
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


def bundle(source: Input) -> Input:
    """Return a .shp and the files of its name in its folder as one archive; alone, it stays as it is.

    Raises UnreadableInput, UsageError.
    """
    stem = source.path.stem.lower()
    try:
        beside = sorted(source.path.parent.iterdir())
    except OSError:
        return source
    parts = {
        path.suffix.lower(): path
        for path in beside
        if path.stem.lower() == stem and path.suffix.lower() in USED and path.suffix.lower() != ".shp"
    }
    if not parts or source.path.suffix.lower() == ".shx":  # which begins alike
        return source
    files = {source.path.stem + ".shp": bounded(source)}
    files |= {source.path.stem + suffix: bounded(open_input(path)) for suffix, path in parts.items()}
    data = _stored(files)
    return Input(source.path, data, hashlib.sha256(data).hexdigest())


def _stored(files: dict[str, bytes]) -> bytes:
    """Return an archive of files within the limits, for GDAL to see nothing else; of the same files the same bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()
