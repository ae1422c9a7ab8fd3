"""Zone files: bytes in, `ZoneSet` out; and the borders that ship with dronecheck.

A zone reader is a module with `NAME`, `TITLE`, `sniff(head, name) -> 0..100` (pure, no I/O, never raises; 0 means
"not mine", 80 and more "certainly mine") and `read(source) -> ZoneSet` (raises `UnreadableInput` only). Content beats
the file's name. To add a format: one module, one sample, one line in `ZONE_READERS`.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from dronecheck.airspace.zone import ZoneSet
from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import Input, open_input, plain

__all__ = ["ZONE_READERS", "ZoneReader", "choose", "load_reader", "load_zones", "read_input"]

ZONE_READERS = (
    "geojson", "ed269", "ed318", "openair", "aixm", "aixm45", "kml", "yaixm", "dji_geo", "autel", "geopackage",
    "flatgeobuf", "shapefile", "geoparquet",
)  # fmt: skip


_MODULE = {  # where it is not the reader's own name
    "aixm": "aixm.v51",
    "aixm45": "aixm.v45",
    "geojson": "json.geojson",
    **{name: f"ed.{name}" for name in ("ed269", "ed318")},
    **{name: f"maker.{name}" for name in ("dji_geo", "autel")},
    **{name: f"gis.{name}" for name in ("geopackage", "flatgeobuf", "shapefile", "geoparquet")},
}


class ZoneReader(Protocol):
    """What a zone reader module offers."""

    NAME: str
    TITLE: str

    def sniff(self, head: bytes, name: str) -> int:
        """How sure the reader is that these first bytes (at most 64 KiB) are its format, 0 to 100."""

    def read(self, source: Input) -> ZoneSet:
        """Read the whole input. Raises UnreadableInput."""


def load_reader(name: str) -> ZoneReader:
    """The zone reader module of that name, imported on first use."""
    return cast(ZoneReader, import_module(f"dronecheck.airspace.{_MODULE.get(name, name)}"))


def choose(head: bytes, name: str) -> ZoneReader:
    """The reader for these first bytes.

    Raises UnreadableInput when none claims them (saying what can be read) or two claim them alike.
    """
    scores = {reader: load_reader(reader).sniff(head, name) for reader in ZONE_READERS}
    best = max(scores.values())
    if best <= 0:
        titles = ", ".join(load_reader(reader).TITLE for reader in ZONE_READERS)
        raise UnreadableInput("not_a_zone_file", f"no zone file that this version reads; it reads {titles}")
    first, *others = [reader for reader in ZONE_READERS if scores[reader] == best]
    if others:
        raise UnreadableInput("ambiguous_format", f"claimed alike by the zone readers {' and '.join([first, *others])}")
    return load_reader(first)


def read_input(source: Input) -> ZoneSet:
    """Read an opened zone file with the reader that its content asks for. Raises UnreadableInput."""
    return choose(source.head, source.name).read(source)


def load_zones(paths: Iterable[str | Path]) -> ZoneSet:
    """Read zone files of any supported format into one set, in the order given.

    Raises UnreadableInput when a file is no zone file, UsageError when it does not exist.

    >>> import dronecheck
    >>> zones = dronecheck.load_zones(["samples/restricted_zone.geojson"])
    >>> flight = dronecheck.read("samples/restricted_zone.csv")
    >>> [finding.zone.id for finding in dronecheck.check(flight, zones).findings]
    ['SIM-C1', 'SIM-R1', 'SIM-R1']
    """
    sets = [_read_file(Path(path)) for path in paths]
    return ZoneSet(
        zones=tuple(zone for one in sets for zone in one.zones),
        sources=tuple(source for one in sets for source in one.sources),
        issues=tuple(issue for one in sets for issue in one.issues),
    )


def _read_file(path: Path) -> ZoneSet:
    try:
        return read_input(open_input(path))
    except UnreadableInput as error:
        raise UnreadableInput(error.code, f"{plain(path)}: {error.message}") from None
