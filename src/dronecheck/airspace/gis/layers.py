"""Zones out of the layers of GIS files: rows with an outline and properties, each read like a feature of GeoJSON.

pyogrio (GDAL) and pyarrow are loaded here when such a file is opened. They get bytes that were told by their first
marks to be of one format, never a path: nothing beside the file is opened.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

import shapely

from dronecheck.airspace.common.features import feature_zone, fitted, with_unique_ids, zones_of
from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.common.properties import OWN
from dronecheck.airspace.common.rejects import Unusable
from dronecheck.airspace.common.schedule_text import with_schedule
from dronecheck.airspace.zone import Zone, ZoneSet, ZoneSource
from dronecheck.errors import UnreadableInput
from dronecheck.geo.crs import NotThere, ToWgs84, mapping_of
from dronecheck.geo.outline.edges import Edge
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message, told_by
from dronecheck.safe.extras import require
from dronecheck.safe.io import Input, plain

__all__ = ["MOST_BYTES", "MOST_ROWS", "LayerRow", "bounded", "layers_of_gdal", "rows_of_gdal", "zones_of_rows"]

MOST_BYTES = 128 << 20
MOST_ROWS = 500_000
_MOST_VALUES = 4_000_000
_MOST_LAYERS = 64
_MOST_WKB_BYTES = 16 << 20
_MOST_OUTLINES_BYTES = 64 << 20
_GDAL_FAULTS = (RuntimeError, ValueError, MemoryError, OSError, OverflowError, UnicodeError, AttributeError)
_CUT_NAMES = {"lower_datu": "lower_datum", "upper_datu": "upper_datum"}  # .dbf has ten characters
_FACILITY_MAP = ("CEILING", "UNIT", "MAP_EFF", "GLOBALID", "OBJECTID")
_AIRPORTS = (f"APT{n}_{key}" for n in range(1, 6) for key in ("ICAO", "NAME", "FAAID", "LAANC"))
_KNOWN = frozenset({*OWN, *_CUT_NAMES, *_FACILITY_MAP, *_AIRPORTS})


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One row of a layer: its properties, its outline as WKB (None: none), and how this becomes WGS 84."""

    properties: dict[str, object]
    wkb: bytes | None
    to_wgs84: ToWgs84
    edge: Edge = Edge.PLANAR


def bounded(source: Input) -> bytes:
    """Return the file's bytes. Raises UnreadableInput when they are too many."""
    if source.size_bytes > MOST_BYTES:
        raise UnreadableInput("too_large", f"a GIS file of more than {MOST_BYTES >> 20} MiB; cut it down")
    return bytes(source.data)


def layers_of_gdal(data: bytes, name: str) -> list[tuple[str, bool]]:
    """Return the layers of a file and whether they have outlines.

    Raises UsageError without pyogrio, UnreadableInput.
    """
    require("pyogrio", "gis", f"{plain(name)}: such a file")
    import pyogrio

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layers = [(str(layer), kind is not None) for layer, kind in pyogrio.list_layers(data)]
    except _GDAL_FAULTS as error:
        raise _unreadable(error) from None
    if not layers or len(layers) > _MOST_LAYERS:
        raise UnreadableInput(
            "not_gis", "a GIS file without layers" if not layers else "more layers than any zone file"
        )
    return layers


def rows_of_gdal(data: bytes, layer: str, notes: Notes) -> Iterator[LayerRow]:
    """Yield the rows of a layer. Raises UnreadableInput."""
    import pyogrio
    import pyogrio.raw

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            about = pyogrio.read_info(data, layer=layer)
            fields, count = [str(field) for field in about["fields"]], int(about["features"])
            if count > MOST_ROWS:
                raise UnreadableInput("too_large", f"layer {plain(layer, 60)} has more than {MOST_ROWS:,} rows")
            if count < 0 or count * len(fields) > _MOST_VALUES:
                fields = [field for field in fields if field in _KNOWN]
            to_wgs84 = ToWgs84.of(about["crs"], layer)
            _, _, outlines, columns = pyogrio.raw.read(
                data, layer=layer, columns=fields, force_2d=True, max_features=MOST_ROWS, datetime_as_string=True
            )
        except _GDAL_FAULTS as error:
            raise _unreadable(error) from None
    for text in dict.fromkeys(str(one.message) for one in told):
        if "file extension" not in text:
            notes.add(
                Code.ZONE_RECORD_SKIPPED,
                Message("GDAL says: {text}", text=plain(text, 160)),
                name=Message("layer {layer}", layer=plain(layer, 60)),
            )
    if outlines is None:
        return
    if len(outlines) < count:
        text = Message("{read:,} rows of the {count:,} that the layer says it has", read=len(outlines), count=count)
        notes.skip(text, name=Message("layer {layer}", layer=plain(layer, 60)), severity=Severity.DAMAGE)
    for number, outline in enumerate(outlines):
        properties = {field: column[number] for field, column in zip(fields, columns, strict=True)}
        yield LayerRow(properties, outline, to_wgs84)


def zones_of_rows(rows: Iterator[LayerRow], source: Input, notes: Notes) -> ZoneSet:
    """Return one zone a row, numbered from 1 through all layers."""
    origin = ZoneSource(source.name, source.sha256)
    return with_unique_ids(zones_of(_within_bounds(rows), _zone, origin, notes))


def _within_bounds(rows: Iterator[LayerRow]) -> Iterator[LayerRow]:
    """Yield the same rows, as long as their outlines are not more than any file needs.

    A file may repeat one outline at no cost to itself.
    """
    left_bytes = _MOST_OUTLINES_BYTES
    for row in rows:
        left_bytes -= len(row.wkb or b"")
        if left_bytes < 0:
            raise UnreadableInput("too_large", f"outlines of more than {_MOST_OUTLINES_BYTES >> 20} MiB; cut it down")
        yield row


def _zone(row: LayerRow, number: int, origin: ZoneSource, notes: Notes) -> Zone:
    if row.wkb is None:
        raise Unusable(Message("no outline"))
    if len(row.wkb) > _MOST_WKB_BYTES:
        raise Unusable(Message("an outline larger than {most_mib} MiB", most_mib=_MOST_WKB_BYTES >> 20))
    try:
        outline = shapely.from_wkb(bytes(row.wkb))
    except (shapely.errors.GEOSException, ValueError, TypeError) as error:
        raise Unusable(Message("its outline cannot be read ({why})", why=plain(error, 80))) from None
    try:
        outline, accuracy_m = row.to_wgs84.apply(shapely.force_2d(outline))
    except NotThere as why:
        raise Unusable(told_by(why)) from None
    if outline.is_empty:
        raise Unusable(Message("an empty outline"))
    feature = {"type": "Feature", "properties": _plain_values(row.properties), "geometry": mapping_of(outline)}
    return fitted(feature_zone(feature, number, origin, notes, row.edge), accuracy_m, number, notes)


def _plain_values(properties: dict[str, object]) -> dict[str, object]:
    """Return the values as JSON would have them; empty cells and binary ones are left out."""
    found: dict[str, object] = {}
    for key, value in properties.items():
        simple = getattr(value, "item", lambda value=value: value)()
        if isinstance(simple, float) and not isfinite(simple):
            continue
        if simple is None or simple == "" or isinstance(simple, bytes):
            continue
        found[_CUT_NAMES.get(key, key)] = simple if isinstance(simple, str | int | float | list) else str(simple)
    return with_schedule(found)


def _unreadable(error: Exception) -> UnreadableInput:
    return UnreadableInput("not_gis", f"no GIS file that can be read ({plain(str(error).split(chr(10))[0], 120)})")
