"""The rows of a GeoParquet file, read in small batches: a small file cannot unfold into a large one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from dronecheck.airspace.common.notes import Notes
from dronecheck.airspace.gis.layers import MOST_ROWS, LayerRow, bounded, zones_of_rows
from dronecheck.airspace.zone import ZoneSet
from dronecheck.errors import UnreadableInput
from dronecheck.geo.crs import ToWgs84
from dronecheck.geo.outline.edges import Edge
from dronecheck.safe.io import Input, plain

__all__ = ["read_geoparquet"]

_MOST_UNPACKED_BYTES = 160 << 20
_MOST_COLUMNS = 500
_BATCH_ROWS = 256
_EDGES = {"planar": Edge.PLANAR, "spherical": Edge.GEODESIC}


def read_geoparquet(source: Input) -> ZoneSet:
    """Read all rows. Raises UnreadableInput."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    data, notes = bounded(source), Notes()
    try:
        about = pq.read_metadata(pa.BufferReader(data))
        geo, column = _described(about)
        to_wgs84 = ToWgs84.of(column.get("crs", "OGC:CRS84"), geo["primary_column"])
        texts = [field.name for field in about.schema.to_arrow_schema() if _is_text(field.type)]
        file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
        rows = _rows(file, geo["primary_column"], to_wgs84, _EDGES.get(column.get("edges", "planar"), Edge.AMBIGUOUS))
        return zones_of_rows(rows, source, notes)
    except MemoryError:
        raise UnreadableInput("too_large", "GeoParquet that takes more memory than there is; cut it down") from None
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnreadableInput("not_gis", f"no GeoParquet that can be read ({plain(error, 120)})") from None


def _described(about: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the `geo` metadata and its entry for the outlines. Raises UnreadableInput, ValueError, KeyError."""
    unpacked = sum(about.row_group(n).total_byte_size for n in range(min(about.num_row_groups, MOST_ROWS)))
    if about.num_rows > MOST_ROWS or about.num_columns > _MOST_COLUMNS or unpacked > _MOST_UNPACKED_BYTES:
        raise UnreadableInput(
            "too_large", f"GeoParquet of more than {MOST_ROWS:,} rows or 160 MiB; cut out what you need"
        )
    raw = (about.metadata or {}).get(b"geo")
    if raw is None:
        raise UnreadableInput("not_gis", "Parquet without the metadata of GeoParquet")
    geo = msgspec.json.decode(raw, type=dict[str, Any])
    column = geo["columns"][geo["primary_column"]]
    if not isinstance(column, dict):
        raise UnreadableInput("not_gis", "GeoParquet whose metadata do not describe its outlines")
    if column.get("encoding") != "WKB":
        shown = plain(column.get("encoding"), 30)
        raise UnreadableInput("not_gis", f"GeoParquet with outlines encoded as {shown}; only WKB is read")
    return geo, column


def _is_text(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(types.is_binary(kind) or types.is_string(kind))


def _rows(file: Any, primary: str, to_wgs84: ToWgs84, edge: Edge) -> Iterator[LayerRow]:
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        names = batch.schema.names
        columns = [batch.column(place) for place in range(len(names))]
        for number in range(batch.num_rows):
            values = {name: column[number].as_py() for name, column in zip(names, columns, strict=True)}
            outline = values.pop(primary)
            yield LayerRow(values, outline, to_wgs84, edge)
