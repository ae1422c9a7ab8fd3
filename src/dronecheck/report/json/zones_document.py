"""What `zones validate --json` writes, as types: a zone file, zone by zone, and what is wrong with it.

Unknown is null; metres, square kilometres and degrees as the names say; `bbox` is west, south, east, north, and west is
greater than east across the antimeridian (RFC 7946, section 5.2). `schedule` is null for a zone that always holds.
"""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Literal

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.airspace import load_reader
from dronecheck.airspace.covers import covers_of
from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime
from dronecheck.airspace.zone import CoversFrom, Datum, Effect, Limit, Zone, ZoneKind, ZoneSet
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.extent import area_m2, box_on_globe
from dronecheck.geo.types import Box
from dronecheck.issues import Issue, Severity
from dronecheck.report.json.document import without_code
from dronecheck.safe.io import Input, plain
from dronecheck.timebase import iso_utc

__all__ = ["ZonesDocument", "area_km2", "encode", "error_document", "schedule_entry", "schema_bytes", "zones_document"]

SCHEMA: Literal["dronecheck.zones/1"] = "dronecheck.zones/1"
_LONGEST_EDGE_DEG = 0.1


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Nothing undeclared is written, and every field is always present."""


class ZoneFileEntry(_Struct, frozen=True):
    """The file; `path` is its name alone."""

    path: str
    bytes: int | None
    sha256: str | None


class LimitEntry(_Struct, frozen=True):
    """A floor or ceiling; `value_m` is null for GND, UNL and UNKNOWN."""

    value_m: float | None
    datum: Datum


class DailyEntry(_Struct, frozen=True):
    """From start to end on days of the week (0 is Monday, none: all): HH:MM:SS UTC, or a sun event."""

    days: list[int]
    start: str
    end: str


class SpanEntry(_Struct, frozen=True):
    """A stretch of time, null where it is open, the whole of it or only in daily periods."""

    from_utc: str | None
    to_utc: str | None
    daily: list[DailyEntry]


class ScheduleEntry(_Struct, frozen=True):
    """When the zone holds: within its validity, in any of the spans; `unknown` says why that cannot be known."""

    valid_from: str | None
    valid_to: str | None
    spans: list[SpanEntry]
    unknown: str | None


class ZoneDescription(_Struct, frozen=True):
    """One zone."""

    id: str
    name: str
    kind: ZoneKind
    effect: Effect
    lower: LimitEntry
    upper: LimitEntry
    edge: Edge
    area_km2: float | None
    bbox: tuple[float, float, float, float] | None
    schedule: ScheduleEntry | None


class ZoneIssueEntry(_Struct, frozen=True):
    """What was lost, repaired or doubted; `line` or `feature` (from 1) is where it was first seen."""

    code: str
    severity: Severity
    message: str
    line: int | None
    feature: int | None
    count: int


class ZonesDocument(_Struct, frozen=True):
    """One zone file; `covers` are the codes of the territories that it speaks for, SEA the open sea."""

    schema: Literal["dronecheck.zones/1"]
    input: ZoneFileEntry
    format: str
    edition: str | None
    covers: list[str]
    covers_from: CoversFrom
    zones: list[ZoneDescription]
    issues: list[ZoneIssueEntry]


class ZonesErrorEntry(_Struct, frozen=True):
    """Why a file could not be read; `code` is stable."""

    code: str
    message: str


class ZonesErrorDocument(_Struct, frozen=True):
    """A file without zones."""

    schema: Literal["dronecheck.zones/1"]
    input: ZoneFileEntry
    verdict: None
    error: ZonesErrorEntry


def zones_document(source: Input, zones: ZoneSet) -> ZonesDocument:
    """Return the document of a zone file that was read: `zones` as `read_input` gives them for `source`."""
    by_feature = load_reader(zones.format).OFFSETS == "feature"
    return ZonesDocument(
        schema=SCHEMA,
        input=_input(source.path, source),
        format=zones.format,
        edition=zones.sources[0].edition if zones.sources else None,
        covers=list(covers_of(zones)[0]),
        covers_from=covers_of(zones)[1],
        zones=[_zone(zone) for zone in zones.zones],
        issues=[_issue(issue, by_feature) for issue in zones.issues],
    )


def error_document(path: Path, source: Input | None, code: str, message: str) -> ZonesErrorDocument:
    """Return the document for a zone file that could not be read; `source` where it could at least be opened."""
    return ZonesErrorDocument(
        schema=SCHEMA, input=_input(path, source), verdict=None, error=ZonesErrorEntry(code=code, message=message)
    )


def encode(document: ZonesDocument | ZonesErrorDocument) -> bytes:
    """Encode as indented UTF-8 JSON with a final newline."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def schema_bytes() -> bytes:
    """Return the JSON Schema (2020-12) of both documents, as it ships in `zones.schema.json`."""
    (result, error), definitions = msgspec.json.schema_components(
        [ZonesDocument, ZonesErrorDocument], ref_template="#/$defs/{name}"
    )
    without_code(definitions)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "dronecheck zones validate --json",
        "oneOf": [result, error],
        "$defs": dict(sorted(definitions.items())),
    }
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"


def _input(path: Path, source: Input | None) -> ZoneFileEntry:
    return ZoneFileEntry(
        path=plain(path.name), bytes=source.size_bytes if source else None, sha256=source.sha256 if source else None
    )


def _zone(zone: Zone) -> ZoneDescription:
    return ZoneDescription(
        id=zone.id,
        name=zone.name,
        kind=zone.kind,
        effect=zone.effect,
        lower=_limit(zone.lower),
        upper=_limit(zone.upper),
        edge=zone.edge,
        area_km2=area_km2(zone),
        bbox=_bbox(zone.geometry),
        schedule=schedule_entry(zone),
    )


def _limit(limit: Limit) -> LimitEntry:
    return LimitEntry(value_m=round(limit.value_m, 3) if isfinite(limit.value_m) else None, datum=limit.datum)


def area_km2(zone: Zone) -> float | None:
    """Return the area (km2) on the ellipsoid (Karney's), six digits after the point.

    None for an outline that encloses nothing.
    """
    area = zone.geometry
    if area.is_empty:
        return None
    if zone.edge is not Edge.GEODESIC and not zone.shape.polygons:
        area = shapely.segmentize(area, _LONGEST_EDGE_DEG)  # straight in degrees, or nearly so
    return round(area_m2(area) / 1e6, 6)


def _bbox(geometry: BaseGeometry) -> Box | None:
    if geometry.is_empty:
        return None
    west, south, east, north = box_on_globe(geometry)
    return round(west, 9), round(south, 9), round(east, 9), round(north, 9)


def schedule_entry(zone: Zone) -> ScheduleEntry | None:
    """Return when the zone holds; None for always."""
    if zone.schedule == ALWAYS and zone.valid_from_ns is None and zone.valid_to_ns is None:
        return None
    return ScheduleEntry(
        valid_from=iso_utc(zone.valid_from_ns),
        valid_to=iso_utc(zone.valid_to_ns),
        spans=[
            SpanEntry(from_utc=iso_utc(s.from_ns), to_utc=iso_utc(s.to_ns), daily=[_daily(d) for d in s.daily])
            for s in zone.schedule.spans
        ],
        unknown=str(zone.schedule.unknown) or None,
    )


def _daily(period: DailyPeriod) -> DailyEntry:
    return DailyEntry(days=sorted(period.days), start=_time_of_day(period.start), end=_time_of_day(period.end))


def _time_of_day(time: DayTime) -> str:
    if time.event is not None:
        return time.event.value
    minutes, seconds = divmod(int(time.seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def _issue(issue: Issue, by_feature: bool) -> ZoneIssueEntry:
    return ZoneIssueEntry(
        code=issue.code,
        severity=issue.severity,
        message=str(issue.message),
        line=None if by_feature else issue.offset,
        feature=issue.offset if by_feature else None,
        count=issue.count,
    )
