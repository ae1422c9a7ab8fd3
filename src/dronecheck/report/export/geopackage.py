"""GeoPackage 1.3 (OGC 12-128r17) by SQLite alone: feature tables in WGS 84, units in the schema extension's place.

| table | what it is |
|---|---|
| gpkg_spatial_ref_sys | EPSG:4326 and the two undefined ones the standard asks for |
| gpkg_contents, gpkg_geometry_columns | one row a layer |
| gpkg_data_columns | the meaning and unit of every column (schema extension, annex F.9) |

Geometries are the standard's header "GP" (version 0, little-endian, no envelope) before little-endian WKB.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["Layer", "fixes_layer", "geopackage"]

_APPLICATION_ID, _VERSION = 0x47504B47, 10300
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
_TYPES = {str: "TEXT", int: "INTEGER", float: "REAL"}
_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL REFERENCES gpkg_contents(table_name),
  column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL,
  m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name), UNIQUE (table_name));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
  description TEXT, mime_type TEXT, constraint_name TEXT, PRIMARY KEY (table_name, column_name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT,
  min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  UNIQUE (constraint_name, constraint_type, value));
"""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One feature table: `columns` as name, type and meaning; a geometry and a tuple of values for every row."""

    name: str
    about: str
    columns: Sequence[tuple[str, type, str]]
    geometries: Sequence[BaseGeometry | None]
    rows: Sequence[tuple[Any, ...]]


def fixes_layer(
    about: str,
    places: Sequence[BaseGeometry],
    columns: Mapping[str, NDArray[Any]],
    units: Mapping[str, str],
    is_known: Mapping[str, NDArray[np.bool_]],
) -> Layer:
    """Return a layer `fixes` of points with a track's columns, the position's own left out.

    NaN is NULL, and so is what `is_known` of a column, shape (n,), denies.
    """
    names = [name for name in columns if name not in ("lat_deg", "lon_deg")]
    values = [[None if v != v else v for v in columns[name].tolist()] for name in names]
    for name, known in is_known.items():
        at = names.index(name)
        values[at] = [value if told else None for value, told in zip(values[at], known.tolist(), strict=True)]
    told = [(n, int if columns[n].dtype.kind == "i" else float, units[n]) for n in names]
    return Layer("fixes", about, told, places, list(zip(*values, strict=True)))


def geopackage(layers: Sequence[Layer], changed_utc: str) -> bytes:
    """Return the file.

    `changed_utc` (ISO 8601) is a date of the data and not of today, so that the same data is the same.
    """
    base = sqlite3.connect(":memory:")
    try:
        base.executescript(f"PRAGMA application_id={_APPLICATION_ID};PRAGMA user_version={_VERSION};{_TABLES}")
        base.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,?)", [
            ("Undefined Cartesian", -1, "NONE", -1, "undefined", None),
            ("Undefined geographic", 0, "NONE", 0, "undefined", None),
            ("WGS 84", 4326, "EPSG", 4326, _WGS84, "longitude and latitude in degrees"),
        ])  # fmt: skip
        schema = "http://www.geopackage.org/spec130/#extension_schema"
        base.executemany("INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')", [
            ("gpkg_data_columns", schema), ("gpkg_data_column_constraints", schema),
        ])  # fmt: skip
        for layer in layers:
            _add(base, layer, changed_utc)
        base.commit()
        return base.serialize()
    finally:
        base.close()


def _add(base: sqlite3.Connection, layer: Layer, changed_utc: str) -> None:
    fields = "".join(f', "{name}" {_TYPES[kind]}' for name, kind, _ in layer.columns)
    base.execute(f'CREATE TABLE "{layer.name}" (fid INTEGER PRIMARY KEY, geom GEOMETRY{fields})')
    base.execute(
        # No bounds: they are optional, and a corner may lie where a place is hidden.
        "INSERT INTO gpkg_contents VALUES (?, 'features', ?, ?, ?, NULL, NULL, NULL, NULL, 4326)",
        (layer.name, layer.name, layer.about, changed_utc),
    )
    base.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'GEOMETRY', 4326, 0, 0)", (layer.name,))
    base.executemany(
        "INSERT INTO gpkg_data_columns VALUES (?, ?, NULL, NULL, ?, NULL, NULL)",
        [(layer.name, name, about) for name, _, about in layer.columns],
    )
    marks = ", ".join("?" * (len(layer.columns) + 1))
    base.executemany(
        f'INSERT INTO "{layer.name}" VALUES (NULL, {marks})',
        [(_blob(g), *values) for g, values in zip(layer.geometries, layer.rows, strict=True)],
    )


def _blob(geometry: BaseGeometry | None) -> bytes | None:
    if geometry is None:
        return None
    wkb: bytes = shapely.to_wkb(geometry, byte_order=1)
    return struct.pack("<2sBBi", b"GP", 0, 1, 4326) + wkb
