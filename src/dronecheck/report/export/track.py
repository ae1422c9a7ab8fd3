"""A track as a file for other tools: CSV, Parquet, GeoJSON, GPX, KML or GeoPackage, by the suffix of the name.

One row (or position) a fix, with the Track's own columns and units. Unknown is empty in CSV and null elsewhere. The
same track gives the same bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Floats
from dronecheck.errors import UsageError
from dronecheck.flight import OPERATOR, Flight, Track
from dronecheck.geo.vertical.geoid import bundled_geoid
from dronecheck.geofence.altitude.datum_check import check_datums, without_doubted
from dronecheck.report.export.xml import gpx, kml
from dronecheck.safe.io import plain, write_atomic
from dronecheck.timebase import iso_utc

__all__ = ["UNITS", "track_csv", "write_track"]


UNITS = {
    "time_ns": "ns since 1970-01-01 UTC; of the log's own clock where UTC is unknown",
    "time_utc": "ISO 8601, UTC",
    "lat_deg": "degrees, WGS 84",
    "lon_deg": "degrees, WGS 84",
    "alt_amsl_m": "m above mean sea level",
    "alt_hae_m": "m above the WGS 84 ellipsoid",
    "alt_home_m": "m above take-off or home",
    "alt_agl_m": "m above ground, as logged",
    "pressure_alt_m": "m above the 1013.25 hPa surface, by logged static pressure",
    "alt_unframed_m": "m above a level that the log does not name: only differences mean anything",
    "h_sigma_m": "m, 1 sigma per horizontal axis",
    "v_sigma_m": "m, 1 sigma",
    "speed_mps": "m/s over ground",
    "offset": "byte offset in the log; line number, from 1, of a text file",
}
_HEIGHTS = ("alt_amsl_m", "alt_hae_m", "alt_home_m", "alt_agl_m")


def write_track(flight: Flight, path: Path, include_private: bool = False) -> None:
    """Write the primary track as .csv, .parquet, .geojson, .gpx, .kml or .gpkg.

    The pilot's own track never goes out, unless `include_private` asks for it: then it is written beside, as
    NAME.operator.SUFFIX. Heights that contradict the geoid are left out.
    Raises UsageError for another suffix, or when the place cannot be written.
    """
    encode = _ENCODERS.get(path.suffix.lower())
    if encode is None:
        raise UsageError(f"{plain(path.name)}: tracks are written as {', '.join(_ENCODERS)}; name the file so")
    flight = without_doubted(flight, check_datums(flight.track, bundled_geoid).doubted)
    write_atomic(path, encode(flight, flight.primary, flight.track))
    if include_private and OPERATOR in flight.tracks:
        beside = path.with_name(f"{path.stem}.{OPERATOR}{path.suffix}")
        write_atomic(beside, encode(flight, OPERATOR, flight.tracks[OPERATOR]))


def track_csv(flight: Flight, track: Track) -> bytes:
    """Return a track of a flight as CSV: its columns by their names, one row a fix, unknown is empty."""
    columns: dict[str, list[str]] = {}
    for key, column in track.columns().items():
        # repr gives the shortest text that reads back as the same number.
        columns[key] = [repr(value) if value == value else "" for value in column.tolist()]
        if key == "time_ns":
            columns[key] = [text if known else "" for text, known in zip(columns[key], track.is_timed, strict=True)]
            columns["time_utc"] = _utc_texts(track, flight.clock.utc_known)
    lines = [",".join(columns), *map(",".join, zip(*columns.values(), strict=True))]
    return ("\n".join(lines) + "\n").encode("ascii")


def _utc_texts(track: Track, utc_known: bool) -> list[str]:
    """Return ISO 8601 with Z and milliseconds, rounded half up as in every report; empty when UTC is unknown."""
    if not utc_known:
        return [""] * len(track)
    milliseconds = ((track.time_ns + 500_000) // 1_000_000).astype("datetime64[ms]")
    texts = np.datetime_as_string(milliseconds).tolist()
    return [f"{text}Z" if known else "" for text, known in zip(texts, track.is_timed, strict=True)]


def _csv(flight: Flight, name: str, track: Track) -> bytes:
    return track_csv(flight, track)


def _parquet(flight: Flight, name: str, track: Track) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    known = flight.clock.utc_known
    arrays, fields = [], []
    for key, column in track.columns().items():
        unknown = ~np.isfinite(column) if column.dtype == np.float64 else ~track.is_timed if key == "time_ns" else None
        arrays.append(pa.array(column, mask=unknown))
        fields.append(pa.field(key, arrays[-1].type, metadata={"unit": UNITS[key]}))
        if key == "time_ns":
            stamp = pa.timestamp("ns", tz="UTC")
            arrays.append(pa.array(column, stamp, mask=unknown) if known else pa.nulls(len(track), stamp))
            fields.append(pa.field("time_utc", stamp, metadata={"unit": UNITS["time_utc"]}))
    about = {key: str(value) for key, value in _about(flight, name, track).items() if value is not None}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=about)), sink)
    return bytes(sink.getvalue())


def _gpkg(flight: Flight, name: str, track: Track) -> bytes:
    """Return one layer of points, `fixes`, with every column; heights are columns, each with its datum."""
    import shapely

    from dronecheck.report.export.geopackage import fixes_layer, geopackage

    told = "; ".join(f"{key}: {value}" for key, value in _about(flight, name, track).items() if value is not None)
    places = np.asarray(shapely.points(track.lon_deg, track.lat_deg)).tolist()
    ended = (track.time_at(-1) or 0) if flight.clock.utc_known else 0
    layer = fixes_layer(told, places, track.columns(), UNITS, {"time_ns": track.is_timed})
    return geopackage([layer], iso_utc(ended) or "")


def _about(flight: Flight, name: str, track: Track) -> dict[str, str | int | float | None]:
    """Return what a reader of the file must know about the track; no folder, no serial number."""
    ends = track.time_at(0), track.time_at(-1)
    known = flight.clock.utc_known
    return {
        "source": plain(flight.source.path.name),
        "source_sha256": flight.source.sha256,
        "source_format": flight.source.format,
        "track": name,
        "fixes": len(track),
        "start_utc": iso_utc(ends[0], known),
        "end_utc": iso_utc(ends[1], known),
        "clock_source": flight.clock.source.value,
        "h_sigma_source": track.h_sigma_source.value,
        "crs": "WGS 84 (EPSG:4326)",
    }


def _geojson(flight: Flight, name: str, track: Track) -> bytes:
    """Return one Feature.

    Positions have a third value, height above the ellipsoid (RFC 7946, section 4), if all have it.

    `coordinateProperties` holds times and heights position by position, nested like the coordinates; a cut at the
    antimeridian (section 3.1.9) adds a position on each side of it, with values in between.
    """
    import msgspec

    parts = _parts(track)
    positions = [_positions(part, bool(np.isfinite(track.alt_hae_m).all())) for part in parts]
    per_position = {
        key: [part[key].tolist() for part in parts] for key in _HEIGHTS if np.isfinite(track.columns()[key]).any()
    }
    times = [[_time(track, row, flight.clock.utc_known) for row in part["row"].tolist()] for part in parts]
    nested: dict[str, list[list[object]]] = {"times": times, **per_position}  # type: ignore[dict-item]
    geometry: dict[str, object] | None
    if not len(track):
        geometry = None
    elif len(track) == 1:
        geometry = {"type": "Point", "coordinates": positions[0][0]}
    elif len(parts) == 1:
        geometry = {"type": "LineString", "coordinates": positions[0]}
    else:
        geometry = {"type": "MultiLineString", "coordinates": positions}
    flat = {key: values[0] if values else [] for key, values in nested.items()} if len(parts) <= 1 else nested
    units = {key: UNITS[key] for key in per_position}
    units["times"] = "UTC" if flight.clock.utc_known else "s of the log's own clock; UTC unknown"
    feature = {
        "type": "Feature",
        "geometry": geometry,
        "properties": {**_about(flight, name, track), "units": units, "coordinateProperties": flat},
    }
    return msgspec.json.encode(feature) + b"\n"


def _time(track: Track, row: float, utc_known: bool) -> str | float | None:
    """Return the time at a fractional row: UTC, or seconds of the log's own clock."""
    index = min(int(row), len(track) - 1)
    following = min(index + 1, len(track) - 1)
    if not (track.is_timed[index] and track.is_timed[following]):
        return None
    step_ns = int(track.time_ns[following] - track.time_ns[index])
    time_ns = int(track.time_ns[index]) + round((row - index) * step_ns)
    return iso_utc(time_ns) if utc_known else time_ns / 1e9


def _positions(part: dict[str, Floats], with_height: bool) -> list[list[float]]:
    keys = ("lon_deg", "lat_deg", "alt_hae_m") if with_height else ("lon_deg", "lat_deg")
    return np.column_stack([part[key] for key in keys]).tolist()  # type: ignore[no-any-return]


def _parts(track: Track) -> list[dict[str, Floats]]:
    """Return the track cut at the antimeridian, and where another part of the log begins.

    Per part it is the fractional `row`, position and heights of each position; a lone fix stands twice, for a line.
    """
    columns = {key: np.asarray(track.columns()[key], dtype=np.float64) for key in ("lat_deg", "lon_deg", *_HEIGHTS)}
    # Whole turns only: a rounded 180 would no longer be seen as the antimeridian.
    steps = np.diff(columns["lon_deg"], prepend=columns["lon_deg"][:1])
    lon = columns["lon_deg"] - 360.0 * np.cumsum(np.round(steps / 360.0))
    turn = _turns(lon)
    is_ended = np.diff(track.part) != 0
    cuts = np.flatnonzero((np.diff(turn) != 0) | is_ended)
    edges = [0, *(cuts + 1).tolist(), len(track)]
    parts = []
    for first, end in itertools.pairwise(edges):
        if first == end:
            continue
        rows = np.arange(first, end, dtype=np.float64)
        here = int(turn[first])
        is_cut_before = first > 0 and not is_ended[first - 1]
        is_cut_behind = end < len(track) and not is_ended[end - 1]
        if is_cut_before:
            rows = np.concatenate([[_row_at(lon, first - 1, here)], rows])
        if is_cut_behind:
            rows = np.concatenate([rows, [_row_at(lon, end - 1, int(turn[end]))]])
        if len(rows) == 1 and len(edges) > 2:
            rows = np.repeat(rows, 2)
        part = {key: _between(column, rows) for key, column in columns.items() if key != "lon_deg"}
        # The log's own digits where there is a fix; on the antimeridian itself the sign of this side of it.
        own = np.clip(rows.astype(np.int64), 0, len(track) - 1)
        on_it = np.abs(columns["lon_deg"][own]) == 180.0
        part["lon_deg"] = np.where(on_it, lon[own] - 360.0 * here, columns["lon_deg"][own])
        if is_cut_before:
            part["lon_deg"][0] = -180.0 if here > turn[first - 1] else 180.0
        if is_cut_behind:
            part["lon_deg"][-1] = 180.0 if turn[end] > here else -180.0
        parts.append({"row": rows, **part})
    return parts


def _turns(lon_deg: Floats) -> NDArray[np.int64]:
    """Return which turn of the globe each unwrapped longitude is on.

    A fix on the antimeridian goes with its neighbour.
    """
    turn = np.floor((lon_deg + 180.0) / 360.0).astype(np.int64)
    on_it = np.flatnonzero(np.mod(lon_deg + 180.0, 360.0) == 0.0).tolist()
    for row in on_it:
        if row and turn[row] - turn[row - 1] == 1:
            turn[row] = turn[row - 1]
    leading = sum(row == place for place, row in enumerate(on_it))
    if 0 < leading < len(turn):  # the track begins on it: only a later fix tells the side
        turn[:leading] = turn[leading]
    return turn


def _row_at(lon_deg: Floats, row: int, next_turn: int) -> float:
    """Return the fractional row between two fixes on different turns where the antimeridian is crossed."""
    a, b = float(lon_deg[row]), float(lon_deg[row + 1])
    meridian = 360.0 * next_turn + (-180.0 if b > a else 180.0)
    share = (meridian - a) / (b - a)
    return row + min(max(share, 0.0), 1.0) if isfinite(share) else float(row)


def _between(column: Floats, rows: Floats) -> Floats:
    """Return a column at fractional rows, linear in between.

    A whole row gives its own value, whatever its neighbours.
    """
    index = np.clip(np.floor(rows).astype(np.int64), 0, len(column) - 1)
    share = rows - index
    following = column[np.minimum(index + 1, len(column) - 1)]
    return np.where(share == 0.0, column[index], column[index] * (1 - share) + following * share)


_ENCODERS: dict[str, Callable[[Flight, str, Track], bytes]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".geojson": _geojson,
    ".gpx": gpx,
    ".kml": kml,
    ".gpkg": _gpkg,
}
