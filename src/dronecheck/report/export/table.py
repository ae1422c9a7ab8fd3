"""A result as rows with a place each, for GIS files: the track, every visit, its entry and exit, closest approaches.

Every figure is the one of the JSON result, with its unit in the column's name. Geometries are WGS 84 longitude and
latitude without height; heights are columns, each with its datum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats
from dronecheck.flight import Track
from dronecheck.geo.outline.shape import turned
from dronecheck.geo.plane import point_at
from dronecheck.geofence.result import Nearest
from dronecheck.report.columns import FINDING_COLUMNS, finding_row
from dronecheck.report.json import document as d
from dronecheck.report.json.encode import result_document
from dronecheck.report.privacy import Redacted
from dronecheck.safe.io import plain

__all__ = ["COLUMNS", "Row", "Value", "lines_of", "rows_of", "stretch_lines"]

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """One column of the table: what its values are and what they mean."""

    kind: type
    about: str


def _of_findings(*names: str) -> dict[str, ExportColumn]:
    return {name: ExportColumn(FINDING_COLUMNS[name].kind, FINDING_COLUMNS[name].about) for name in names}


# Columns of a finding that a table with a geometry in each row has no use for, each with the reason.
LEFT_OUT = {
    "zone_source": "one file in most cases; JSON has it",
    "entry_lat_deg": "a point of its own",
    "entry_lon_deg": "a point of its own",
    "exit_lat_deg": "a point of its own",
    "exit_lon_deg": "a point of its own",
}
_NAMES = [name for name in FINDING_COLUMNS if name not in LEFT_OUT]

COLUMNS: dict[str, ExportColumn] = {
    "feature": ExportColumn(str, "track, visit, entry, exit, takeoff or nearest"),
    "number": ExportColumn(int, "number of the finding, from 1"),
    "verdict": ExportColumn(str, "VIOLATION, CLEAR or INCONCLUSIVE; of the whole check for track and takeoff"),
    "kind": ExportColumn(str, FINDING_COLUMNS["kind"].about),
    **_of_findings(
        *(name for name in _NAMES if name not in ("verdict", "kind", "reasons", "authorisation", "evidence"))
    ),
    "distance_m": ExportColumn(float, "m; along the track, or from what was not entered"),
    **_of_findings("reasons", "authorisation", "evidence"),
    "log": ExportColumn(str, "name of the log"),
    "log_sha256": ExportColumn(str, "SHA-256 of the log"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row: its place (a line, a point, or None) and its values by column."""

    geometry: BaseGeometry | None
    values: dict[str, Value]


def rows_of(seen: Redacted) -> list[Row]:
    """List all rows of a result, the track first, then findings in order, then closest approaches."""
    facts = result_document(seen)
    common: dict[str, Value] = {"log": plain(facts.input.path), "log_sha256": facts.input.sha256}
    rows = list(_flight_rows(seen, facts))
    utc_known = seen.whole.clock.utc_known
    for number, (entry, finding) in enumerate(zip(facts.findings, seen.result.findings, strict=True), 1):
        values: dict[str, Value] = {**finding_row(finding, utc_known=utc_known), "number": number}
        line = stretch_lines(seen.flight.track, finding.rows)
        rows.append(Row(line, {**values, "feature": "visit"}))
        for which, at in (("entry", entry.entry), ("exit", entry.exit)):
            if at is not None:
                rows.append(Row(shapely.Point(at.lon, at.lat), {**values, "feature": which}))
    rows += [_nearest_row(n, near) for n, near in zip(facts.nearest, seen.result.nearest, strict=True)]
    return [Row(r.geometry, {name: (r.values | common).get(name) for name in COLUMNS}) for r in rows]


def _flight_rows(seen: Redacted, facts: d.ResultDocument) -> Iterator[Row]:
    told: dict[str, Value] = {
        "verdict": facts.verdict.value,
        "duration_s": facts.flight.duration_s,
        "distance_m": facts.flight.distance_m,
        "enter_utc": facts.flight.start_utc,
        "exit_utc": facts.flight.end_utc,
    }
    yield Row(lines_of(seen), {**told, "feature": "track"})
    if seen.result.takeoff:
        at = shapely.Point(seen.result.takeoff.lon_deg, seen.result.takeoff.lat_deg)
        yield Row(at, {"verdict": facts.verdict.value, "feature": "takeoff"})


def _nearest_row(entry: d.NearestEntry, near: Nearest) -> Row:
    at = shapely.Point(near.place.lon_deg, near.place.lat_deg) if near.place else None
    zone: dict[str, Value] = {
        "zone_id": plain(entry.zone.id), "zone_name": plain(entry.zone.name), "zone_kind": entry.zone.kind.value,
    }  # fmt: skip
    told: dict[str, Value] = {"feature": "nearest", "distance_m": entry.distance_m, "enter_utc": entry.time_utc}
    return Row(at, {**zone, **told})


def lines_of(seen: Redacted) -> BaseGeometry | None:
    """Return the primary track as lines, cut where something was taken out and at the antimeridian."""
    track = seen.flight.track
    cuts = np.flatnonzero(seen.is_cut()) + 1
    edges = [0, *cuts.tolist(), len(track)]
    return stretch_lines(track, tuple((float(a), float(b - 1)) for a, b in pairwise(edges)))


def stretch_lines(track: Track, stretches: tuple[tuple[float, float], ...]) -> BaseGeometry | None:
    """Return intervals of a track, in fractional rows, as lines.

    Of those of no length there is only the point, if there is nothing else.
    """
    if not len(track):
        return None
    lonlat = np.column_stack([np.unwrap(track.lon_deg, period=360.0), track.lat_deg])
    parts: list[shapely.LineString] = []
    for begin, end in stretches:
        inner = np.arange(np.floor(begin) + 1, np.ceil(end))
        points = point_at(lonlat, np.concatenate([[begin], inner, [end]]))
        if len(np.unique(points, axis=0)) > 1:
            parts += _turned(points)
    if not parts:
        return shapely.Point(track.lon_deg[0], track.lat_deg[0]) if len(track) == 1 and stretches else None
    return parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)


def _turned(points: Floats) -> list[shapely.LineString]:
    """Return a line with unwrapped longitudes as lines from -180 to 180 degrees."""
    line = shapely.LineString(points)
    west, east = float(points[:, 0].min()), float(points[:, 0].max())
    if west >= -180.0 and east <= 180.0:
        return [line]
    found: list[shapely.LineString] = []
    for turn in range(int(np.floor((west + 180.0) / 360.0)), int(np.floor((east + 180.0) / 360.0)) + 1):
        part = shapely.intersection(line, shapely.box(360.0 * turn - 180.0, -91.0, 360.0 * turn + 180.0, 91.0))
        moved = turned(part, -360.0 * turn)
        found += [g for g in shapely.get_parts(moved).tolist() if isinstance(g, shapely.LineString)]
    return found
