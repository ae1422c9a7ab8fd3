"""A result as a file for other tools, by the suffix of the name; every row carries verdict, margin and units.

| suffix | what is in it | heights |
|---|---|---|
| .geojson | one feature a row of `export.table` (RFC 7946); `units` beside them | columns, each with its datum |
| .gpkg | layers `result` and `fixes`; units in gpkg_data_columns | columns, each with its datum |
| .parquet | GeoParquet 1.1, WKB; units in the fields' metadata | columns, each with its datum |
| .kml | the track and every visit, entry and exit; figures as ExtendedData | absolute where all is AMSL, else clamped |
| .gpx | the track, entries and exits as waypoints; figures in `desc` | `ele` is AMSL, else none |
| .csv | one row a row of `export.table`, places as longitude and latitude | columns, each with its datum |
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.errors import UsageError
from dronecheck.report.export.geopackage import Layer, fixes_layer, geopackage
from dronecheck.report.export.table import COLUMNS, Row, Value, rows_of
from dronecheck.report.export.track import UNITS
from dronecheck.report.export.xml import kml_line, points
from dronecheck.report.privacy import Redacted
from dronecheck.report.text.headline import headline
from dronecheck.report.views.files import log_title
from dronecheck.safe.io import plain, write_atomic
from dronecheck.timebase import iso_utc

__all__ = ["SUFFIXES", "encode_result", "text_cell", "write_result"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NAMED = {"entry": "in", "exit": "out", "takeoff": "take-off", "nearest": "nearest"}


def write_result(seen: Redacted, path: Path) -> None:
    """Write a result whole or not at all. Raises UsageError for another suffix or a place that cannot be written."""
    write_atomic(path, encode_result(seen, path.suffix))


def encode_result(seen: Redacted, suffix: str) -> bytes:
    """Return the file's bytes; the same result gives the same bytes. Raises UsageError for another suffix."""
    encode = _ENCODERS.get(suffix.lower())
    if encode is None:
        raise UsageError(f"{plain(suffix)}: results are exported as {', '.join(_ENCODERS)}; name the file so")
    return encode(seen, rows_of(seen))


def text_cell(text: str) -> str:
    """Return text that a spreadsheet shows and does not run: what may begin a formula gets an apostrophe before it."""
    return f"'{text}" if text.lstrip(" \ufeff").startswith(_FORMULA) else text


def _csv(seen: Redacted, rows: list[Row]) -> bytes:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([*COLUMNS, "lon_deg", "lat_deg"])
    for row in rows:
        cells = [_cell(value) for value in row.values.values()]
        at = row.geometry
        place = [repr(at.x), repr(at.y)] if isinstance(at, shapely.Point) else ["", ""]
        writer.writerow([*cells, *place])
    return sink.getvalue().encode()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    return text_cell(value) if isinstance(value, str) else repr(value)


def _geojson(seen: Redacted, rows: list[Row]) -> bytes:
    features = [
        {
            "type": "Feature",
            "geometry": None if row.geometry is None else json.loads(shapely.to_geojson(row.geometry)),
            "properties": row.values,
        }
        for row in rows
    ]
    units = {name: column.about for name, column in COLUMNS.items()}
    document = {"type": "FeatureCollection", "headline": plain(headline(seen.result), 4000), "units": units,
                "features": features}  # fmt: skip
    return (json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _gpkg(seen: Redacted, rows: list[Row]) -> bytes:
    track = seen.flight.track
    columns = [(name, column.kind, column.about) for name, column in COLUMNS.items()]
    result = Layer("result", plain(headline(seen.result), 4000), columns, [r.geometry for r in rows],
                   [tuple(r.values.values()) for r in rows])  # fmt: skip
    places = np.asarray(shapely.points(track.lon_deg, track.lat_deg)).tolist()
    known = {"time_ns": track.is_timed}
    layer = fixes_layer("one point a fix of the judged track", places, track.columns(), UNITS, known)
    ended = (seen.whole.track.time_at(-1) or 0) if seen.whole.clock.utc_known else 0
    return geopackage([result, layer], iso_utc(ended) or "")


def _parquet(seen: Redacted, rows: list[Row]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    fields = [pa.field(n, kinds[c.kind], metadata={"unit": c.about}) for n, c in COLUMNS.items()]
    arrays = [pa.array([row.values[field.name] for row in rows], field.type) for field in fields]
    known = [row.geometry for row in rows if row.geometry is not None]
    wkb = [None if r.geometry is None else shapely.to_wkb(r.geometry, byte_order=1) for r in rows]
    column: dict[str, object] = {"encoding": "WKB", "geometry_types": sorted({g.geom_type for g in known})}
    if known and seen.hidden_m is None:  # a corner may lie where a place is hidden
        column["bbox"] = shapely.total_bounds(known).tolist()
    about = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    told = {"geo": json.dumps(about), "headline": plain(headline(seen.result), 4000)}
    schema = pa.schema([*fields, pa.field("geometry", pa.binary())], metadata=told)
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays([*arrays, pa.array(wkb, pa.binary())], schema=schema), sink)
    return bytes(sink.getvalue())


def _title(row: Row) -> str:
    number = row.values["number"]
    what = _NAMED.get(str(row.values["feature"]), str(row.values["feature"]))
    words = [what, "" if number is None else str(number), str(row.values["zone_name"] or "")]
    return " ".join(word for word in words if word)


def _told(row: Row) -> str:
    """Return a row's figures as text: name, value and what it is."""
    return "; ".join(f"{n}={v}" for n, v in row.values.items() if v is not None)


def _gpx(seen: Redacted, rows: list[Row]) -> bytes:
    name = escape(plain(log_title(seen.flight)))
    points_ = [
        f'<wpt lat="{row.geometry.y!r}" lon="{row.geometry.x!r}"><name>{escape(_title(row))}</name>'
        f"<desc>{escape(_told(row))}</desc></wpt>"
        for row in rows
        if isinstance(row.geometry, shapely.Point)
    ]
    cuts = np.flatnonzero(seen.is_cut()) + 1
    segments = [
        "".join(["<trkseg>", *points(seen.flight, seen.flight.track, part), "</trkseg>"])
        for part in np.split(np.arange(len(seen.flight.track), dtype=np.int64), cuts)
    ]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gpx version="1.1" creator="dronecheck" xmlns="http://www.topografix.com/GPX/1/1">',
        f"<metadata><name>{name}</name><desc>{escape(plain(headline(seen.result), 4000))}</desc></metadata>",
        *points_,
        f"<trk><name>{name}</name><desc>{escape(_told(rows[0]))}</desc>{''.join(segments)}</trk>",
        "</gpx>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _kml(seen: Redacted, rows: list[Row]) -> bytes:
    track = seen.flight.track
    placemarks = []
    for row in rows:
        shape = _kml_shape(row.geometry)
        if row.values["feature"] == "track":
            cuts = np.flatnonzero(seen.is_cut()) + 1
            parts = [
                kml_line(track, part) for part in np.split(np.arange(len(track), dtype=np.int64), cuts) if len(part)
            ]
            shape = f"<MultiGeometry>{''.join(parts)}</MultiGeometry>" if parts else ""
        placemarks.append(f"<Placemark><name>{escape(_title(row))}</name>{_kml_data(row)}{shape}</Placemark>")
    about = escape(plain(headline(seen.result), 4000))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<kml xmlns="http://www.opengis.net/kml/2.2">',
        f"<Document><name>{escape(plain(log_title(seen.flight)))}</name><description>{about}</description>",
        *placemarks,
        "</Document>",
        "</kml>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _kml_data(row: Row) -> str:
    told = ((n, v) for n, v in row.values.items() if v is not None)
    data = (
        f"<Data name={quoteattr(n)}><displayName>{escape(f'{n}: {COLUMNS[n].about}')}</displayName>"
        f"<value>{escape(str(v))}</value></Data>"
        for n, v in told
    )
    return f"<ExtendedData>{''.join(data)}</ExtendedData>"


def _kml_shape(geometry: BaseGeometry | None) -> str:
    """Return a shape on the ground: entries, exits and visits have no height of their own here."""
    mode = "<altitudeMode>clampToGround</altitudeMode>"
    if geometry is None:
        return ""
    if isinstance(geometry, shapely.Point):
        return f"<Point>{mode}<coordinates>{geometry.x!r},{geometry.y!r}</coordinates></Point>"
    lines = [
        f"<LineString><tessellate>1</tessellate>{mode}<coordinates>"
        + " ".join(f"{x!r},{y!r}" for x, y in shapely.get_coordinates(part).tolist())
        + "</coordinates></LineString>"
        for part in shapely.get_parts(geometry)
    ]
    return lines[0] if len(lines) == 1 else f"<MultiGeometry>{''.join(lines)}</MultiGeometry>"


_ENCODERS: dict[str, Callable[[Redacted, list[Row]], bytes]] = {
    ".geojson": _geojson,
    ".gpkg": _gpkg,
    ".parquet": _parquet,
    ".kml": _kml,
    ".gpx": _gpx,
    ".csv": _csv,
}
SUFFIXES = tuple(_ENCODERS)
