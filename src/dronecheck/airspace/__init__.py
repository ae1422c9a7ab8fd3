"""Zone files: bytes in, `ZoneSet` out.

A format has a face, which holds all that the rest of dronecheck knows of it: what it is called, how it is told from
others, what its issues count. The face is light to import; `read` imports the rest of its family when it is called.
Content beats the file's name. A ZIP archive of one zone file, as authorities publish them, is read as that file. To add
a format: one package, one sample, one line in `ZONE_READERS` (docs/adding-a-zone-format.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from dronecheck.errors import NO_SUCH_TERRITORY, UnreadableInput, UsageError

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.safe.io import Input

__all__ = [
    "ZONE_READERS", "ZoneReader", "choose", "load_reader", "load_zones", "open_zone_file", "read_input",
    "unwrapped_head",
]  # fmt: skip

ZONE_READERS = {  # the formats, in the order in which they are listed: the module below this package with their face
    "geojson": "json",
    "ed269": "json",
    "ed318": "json",
    "openair": "openair",
    "aixm": "aixm.v51",
    "aixm45": "aixm.v45",
    "kml": "kml",
    "yaixm": "yaixm",
    "dji_geo": "json",
    "autel": "json",
    "geopackage": "gis.geopackage",
    "flatgeobuf": "gis.flatgeobuf",
    "shapefile": "gis.shapefile",
    "geoparquet": "gis.geoparquet",
}

_OWN_ARCHIVES = {".kml", ".shp", ".shx", ".dbf", ".prj"}  # in a KMZ, in a Shapefile's
_WRAPPED = (".kmz", ".xml", ".json", ".geojson", ".txt", ".openair", ".yaml", ".gpkg", ".fgb", ".parquet")
_NAMED_OTHERS = (  # first bytes, what it is
    (b"\x08\x09\xfe", "a MicroStation drawing (.dgn)"),
    (b"\xc8\x09\xfe", "a MicroStation drawing (.dgn)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a MicroStation V8 drawing (.dgn) or an office document"),
    (b"AC10", "an AutoCAD drawing (.dwg)"),
    (b"  0\nSECTION", "a drawing in DXF"),
    (b"  0\r\nSECTION", "a drawing in DXF"),
    (b"0\nSECTION", "a drawing in DXF"),
    (b"0\r\nSECTION", "a drawing in DXF"),
    (b"!table", "a MapInfo table (.tab)"),
    (b"%PDF", "a PDF"),
    (b"<!DOCTYPE html", "a web page, such as an error of a service"),
    (b"<html", "a web page, such as an error of a service"),
)


class ZoneReader(Protocol):
    """What the face of a zone format offers."""

    NAME: str  # what users see as the format, `ZoneSet.format`
    TITLE: str
    OFFSETS: str  # what `Issue.offset` counts, from 1: "line" or "feature"

    def sniff(self, head: bytes, name: str) -> int:
        """Return how sure the reader is that these first bytes (at most 64 KiB) are its format, 0 to 100.

        0 is "not mine", 80 and more "certainly mine". Pure, never raises.
        """
        ...

    def read(self, source: Input) -> ZoneSet:
        """Read the whole input. Raises UnreadableInput, and UsageError where a package is missing that it needs."""
        ...


def load_reader(name: str) -> ZoneReader:
    """Return the face of the format of that name in ZONE_READERS, imported on first use."""
    face = import_module(f"dronecheck.airspace.{ZONE_READERS[name]}")
    return cast("ZoneReader", getattr(face, "FORMATS", {name: face})[name])


def choose(head: bytes, name: str) -> ZoneReader:
    """Return the reader for these first bytes.

    Raises UnreadableInput when none claims them (saying what can be read) or two claim them alike.
    """
    head = unwrapped_head(head)
    scores = {reader: load_reader(reader).sniff(head, name) for reader in ZONE_READERS}
    best = max(scores.values())
    if best <= 0:
        titles = ", ".join(load_reader(reader).TITLE for reader in ZONE_READERS)
        what = next((what for mark, what in _NAMED_OTHERS if head.lower().startswith(mark.lower())), "")
        what = "openAIP's XML of before 2022 (.aip)" if b"<OPENAIP" in head[:4096] else what
        what = f"{what}, which is no zone file" if what else "no zone file"
        raise UnreadableInput("not_a_zone_file", f"{what} that this version reads; it reads {titles}")
    first, *others = [reader for reader in ZONE_READERS if scores[reader] == best]
    if others:
        raise UnreadableInput("ambiguous_format", f"claimed alike by the zone readers {' and '.join([first, *others])}")
    return load_reader(first)


def read_input(source: Input, covers: tuple[str, ...] = ()) -> ZoneSet:
    """Read an opened zone file with the reader that its content asks for. Raises UnreadableInput, UsageError.

    `covers` are the codes of the territories that it speaks for, if the caller knows them (`airspace.covers`).
    """
    from dronecheck.airspace.covers import with_covers

    source = _unwrapped(source)
    reader = choose(source.head, source.name)
    zones = with_covers(reader.read(source), covers)
    return zones if zones.format else replace(zones, format=reader.NAME)


def unwrapped_head(head: bytes) -> bytes:
    """Return the first bytes of the zone file in an archive that is none itself, as far as they tell; else `head`."""
    from dronecheck.safe.zip import members_in_head, unpacked_head

    found = members_in_head(head)
    if _OWN_ARCHIVES.isdisjoint(found):
        for suffix in _WRAPPED:
            if suffix in found:
                return unpacked_head(head, suffix) or head
    return head


def _unwrapped(source: Input) -> Input:
    """Return the one zone file in an archive, named as the archive; what is no such archive as it is.

    Archives in archives are not opened, but for a KMZ, which is one. Raises UnreadableInput where there are several.
    """
    if not source.head.startswith(b"PK\x03\x04"):
        return source
    from dronecheck.safe.io import plain
    from dronecheck.safe.zip import open_zip

    archive = open_zip(source.data)
    if any(member.suffix in _OWN_ARCHIVES for member in archive.members):
        return source
    found = archive.named(*_WRAPPED)
    if len(found) > 1:
        shown = plain(found[0].name, 80)
        raise UnreadableInput("nested_archive", f"an archive of several files; unpack it and name {shown}")
    return replace(source, data=archive.read(found[0])) if found else source


def open_zone_file(path: Path) -> Input:
    """Open a zone file; a .shp with the files beside it that are parts of it. Raises UnreadableInput, UsageError."""
    from dronecheck.airspace.gis.shapefile import with_parts
    from dronecheck.safe.io import open_input

    return with_parts(open_input(path))


def load_zones(paths: str | Path | Iterable[str | Path], covers: Iterable[str] = ()) -> ZoneSet:
    """Read a zone file of any supported format, or several into one set in the order given.

    `covers` are the codes of the territories that each of them speaks for, such as ("CHE", "LIE"): what is flown
    elsewhere is not checked. Without them the file says it itself, or it is guessed by where its zones lie.

    Raises UnreadableInput when a file is no zone file, UsageError when it does not exist, or for a code that is none.

    >>> import dronecheck
    >>> zones = dronecheck.load_zones("samples/restricted_zone.geojson")
    >>> zones
    ZoneSet(2 zones of restricted_zone.geojson, 0 issues)
    >>> flight = dronecheck.read("samples/restricted_zone.csv")
    >>> [finding.zone.id for finding in dronecheck.check(flight, zones).findings]
    ['SIM-C1', 'SIM-R1', 'SIM-R1']
    """
    from dronecheck.airspace.zone import joined

    try:
        files = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    except TypeError:
        raise UsageError(f"load_zones(): the paths of zone files, not {type(paths).__name__}") from None
    known = _known_codes(covers)
    return joined([_read_file(path, known) for path in files])


def _known_codes(covers: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of territories, sorted. Raises UsageError for one that is none."""
    if isinstance(covers, str) or not (given := list(covers)):
        given = covers.split(",") if isinstance(covers, str) and covers else []
    if not given:
        return ()
    from dronecheck.airspace.covers import known_covers
    from dronecheck.safe.io import plain

    if unknown := [plain(code, 20) for code in given if not known_covers([code])]:
        raise UsageError(NO_SUCH_TERRITORY.format(codes=", ".join(unknown), examples="CHE, DEU, SEA (the open sea)"))
    return known_covers(given)


def _read_file(path: Path, covers: tuple[str, ...]) -> ZoneSet:
    from dronecheck.safe.io import plain

    try:
        return read_input(open_zone_file(path), covers)
    except UnreadableInput as error:
        raise UnreadableInput(error.code, f"{plain(path)}: {error.message}") from None
