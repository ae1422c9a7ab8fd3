"""Flight and Result to the JSON document of `dronecheck.report.json.document`. Same input, same bytes."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from math import isfinite
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np

from dronecheck.airspace.zone import ZoneKind, ZoneSource
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.flight import Clock, ClockSource, Flight, Integrity, RecordHeader, Source, Track, Vehicle
from dronecheck.geo.plane import wrap_lon
from dronecheck.geofence.activation.daylight import Daylight
from dronecheck.geofence.clauses import Clause, Value
from dronecheck.geofence.result import Check, Evidence, Finding, FlightAnswer, Place, Result, TerritoryVisit, ZoneRef
from dronecheck.geofence.trajectory.probability import SEED
from dronecheck.issues import Issue
from dronecheck.report.columns import FINDING_COLUMNS, rounded
from dronecheck.report.json import document as d
from dronecheck.report.json.encode_rules import rules_entry
from dronecheck.report.privacy import Redacted
from dronecheck.report.views.files import file_names, told_apart
from dronecheck.report.views.logged import LoggedEvent
from dronecheck.safe.io import Input, open_input, plain
from dronecheck.timebase import iso_utc

__all__ = ["encode", "error_document", "failure_json", "library_versions", "result_document", "tool_version"]

SCHEMA: Literal["dronecheck.result/1"] = "dronecheck.result/1"


@cache  # a millisecond of parsing otherwise, for every document
def tool_version() -> str:
    """Return the version of dronecheck."""
    return version("dronecheck")


def encode(document: d.ResultDocument | d.ErrorDocument, *, indent: bool) -> bytes:
    """Encode as UTF-8 JSON with a final newline; one line unless `indent`."""
    raw = msgspec.json.encode(document)
    return (msgspec.json.format(raw, indent=2) if indent else raw) + b"\n"


def error_document(
    inputs: Sequence[tuple[Path, Input | None]], code: str, message: str, *, include_private: bool = False
) -> d.ErrorDocument:
    """Return the document for a flight without a verdict; of each file what could at least be opened and hashed."""
    names = told_apart([plain(path if include_private else path.name) for path, _ in inputs])
    given = [
        d.InputEntry(
            path=name,
            bytes=source.size_bytes if source else None,
            sha256=source.sha256 if source else None,
            format=None,
            dialect=None,
        )
        for name, (_, source) in zip(names, inputs, strict=True)
    ]
    error = d.ErrorEntry(code=code, message=message)
    return d.ErrorDocument(schema=SCHEMA, input=given[0], inputs=given, verdict=None, error=error)


def failure_json(paths: Sequence[Path], code: str, message: str, *, private: bool, indent: bool) -> bytes:
    """Return the document of logs that gave no answer, encoded."""
    inputs: list[tuple[Path, Input | None]] = []
    for path in paths:
        inputs.append((path, None))
        with suppress(UnreadableInput, UsageError):  # what can at least be opened is named by its hash
            inputs[-1] = path, open_input(path)
    return encode(error_document(inputs, code, message, include_private=private), indent=indent)


def result_document(seen: Redacted) -> d.ResultDocument:
    """Return the whole result as a document; places that are hidden are null, and then so are the bounds."""
    flight, result, hide_home_m = seen.whole, seen.result, seen.hidden_m
    names = file_names(flight, private=seen.disclosure.private)
    inputs = [_input(source, name) for source, name in zip(flight.sources, names, strict=True)]
    known = flight.clock.utc_known
    return d.ResultDocument(
        schema=SCHEMA,
        tool=d.Tool(name="dronecheck", version=tool_version()),
        input=inputs[0],
        inputs=inputs,
        flight=_flight(seen),
        flights=[_one_flight(flight, answer, hidden=hide_home_m is not None) for answer in result.flights],
        verdict=result.verdict,
        checks=[_check(check) for check in result.checks],
        territories=[_territory(territory, known) for territory in result.territories],
        findings=[_finding(f, known, names) for f in result.findings],
        nearest=[
            d.NearestEntry(zone=_zone(n.zone), distance_m=rounded(n.distance_m), time_utc=iso_utc(n.time_ns, known))
            for n in result.nearest
        ],
        nearby=_nearby(seen),
        rules=rules_entry(result.by_rules, known, lambda entry: _evidence(entry, names), _clause),
        issues=[_issue(issue, names) for issue in result.issues],
        integrity=_integrity(flight.whole_integrity or Integrity(), names),
        zone_sources=[_source(source) for source in result.zone_sources],
        method=_method(flight, result, hide_home_m),
    )


def _nearby(seen: Redacted) -> list[d.NearbyEntry]:
    track, known = seen.whole.track, seen.whole.clock.utc_known
    return [
        d.NearbyEntry(
            ident=a.ident,
            name=a.name,
            type=a.kind,
            country=a.country,
            distance_m=round(a.distance_m, -1),
            to=a.to,  # type: ignore[arg-type]  # checked against the schema by the tests
            time_utc=iso_utc(track.time_at(a.point), known) if len(track) else None,
        )
        for a in (seen.aerodromes.nearest if seen.aerodromes else ())
    ]


def _input(source: Source, name: str) -> d.InputEntry:
    return d.InputEntry(
        path=name, bytes=source.size_bytes, sha256=source.sha256, format=source.format, dialect=source.dialect
    )


def _issue(issue: Issue, names: tuple[str, ...]) -> d.IssueEntry:
    return d.IssueEntry(
        code=issue.code,
        severity=issue.severity,
        message=_text(issue.message),
        offset=issue.offset,
        count=issue.count,
        file=None if issue.file is None else names[issue.file],
    )


def _integrity(found: Integrity, names: tuple[str, ...]) -> d.IntegrityEntry:
    return d.IntegrityEntry(
        status=found.status,
        tests_run=len(found.run),
        tests_total=len(found.total),
        statements=[
            d.StatementEntry(
                id=each.id,
                severity=each.severity,
                observed=_text(each.observed),
                expected=_text(each.expected),
                threshold=_text(each.threshold),
                records=list(each.records),
                innocent=list(map(_text, each.innocent)),
                file=None if each.file is None else names[each.file],
            )
            for each in found.statements
        ],
    )


def _check(check: Check) -> d.CheckEntry:
    return d.CheckEntry(
        question=check.question,
        status=check.status,
        verdict=check.verdict,
        reasons=list(check.reasons),
        remedies=list(check.remedies),
    )


def _territory(visit: TerritoryVisit, known: bool) -> d.TerritoryEntry:
    return d.TerritoryEntry(
        iso_a3=visit.iso_a3,
        claimants=list(visit.claimants),
        name=visit.name,
        relation=visit.relation,  # type: ignore[arg-type]  # checked against the schema by the tests
        enter_utc=iso_utc(visit.enter_ns, known),
        exit_utc=iso_utc(visit.exit_ns, known),
    )


def _source(source: ZoneSource) -> d.ZoneSourceEntry:
    return d.ZoneSourceEntry(
        name=_text(source.name),
        sha256=source.sha256,
        edition=_text(source.edition) if source.edition else source.edition,
        licence=_text(source.terms) if source.terms else source.terms,
        accuracy_m=source.accuracy_m,
        covers=list(source.covers),
        covers_from=source.covers_from,
    )


def _point(place: Place | None) -> d.Point | None:
    return d.Point(lat=round(place.lat_deg, 8), lon=round(place.lon_deg, 8)) if place else None


def _text(text: str) -> str:
    """Return text from a file; half a surrogate pair has no UTF-8 and becomes the replacement character."""
    return str(text) if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _zone(zone: ZoneRef) -> d.ZoneEntry:
    return d.ZoneEntry(id=_text(zone.id), name=_text(zone.name), kind=ZoneKind(zone.kind), source=_text(zone.source))


def _evidence(entry: Evidence, names: tuple[str, ...]) -> d.EvidenceEntry:
    return d.EvidenceEntry(
        track=entry.track, row=entry.row, offset=entry.offset, message=_text(entry.message), file=names[entry.file]
    )


def _flight(seen: Redacted) -> d.FlightFacts:
    flight, result = seen.whole, seen.result
    track = flight.track
    known = flight.clock.utc_known
    header = flight.header if not len(track) else None
    start_ns, end_ns, duration_s = _span_of(track, header)
    return d.FlightFacts(
        start_utc=iso_utc(start_ns, known),
        end_utc=iso_utc(end_ns, known),
        duration_s=rounded(duration_s, 3),
        fixes=len(track),
        distance_m=None if header is not None else rounded(result.distance_m) or 0.0,
        home=d.Point(lat=round(flight.home.lat_deg, 8), lon=round(flight.home.lon_deg, 8)) if flight.home else None,
        bbox=_bbox(track) if seen.hidden_m is None else None,  # a corner of it may be the take-off
        completeness=flight.completeness,
        landing_recorded=result.landing_recorded,
        simulated="yes" if flight.trust.is_simulated else "looks" if flight.trust.looks_simulated else "no",
        clock=_clock(flight.clock),
        daylight=_daylight(seen.light),
        events=[_event(each, flight, file_names(flight, private=seen.disclosure.private)) for each in seen.logged],
        vehicle=_vehicle(flight.vehicle) if seen.disclosure.private else None,
        header=_header(header) if header is not None else None,
    )


def _span_of(track: Track, header: RecordHeader | None) -> tuple[int | None, int | None, float | None]:
    """Return the first and the last instant and the duration (s): of the fixes, else as a header states them."""
    if header is None:
        return track.time_at(0), track.time_at(-1), track.duration_s
    if header.start_ns is None or not isfinite(header.duration_s):
        return header.start_ns, None, header.duration_s
    return header.start_ns, header.start_ns + round(header.duration_s * 1e9), header.duration_s


def _header(header: RecordHeader) -> d.HeaderEntry:
    places = [Place(lat, lon) for lat, lon in header.pictures]
    return d.HeaderEntry(
        start=_point(Place(header.lat_deg, header.lon_deg)) if isfinite(header.lat_deg) else None,
        start_utc=iso_utc(header.start_ns),
        duration_s=rounded(header.duration_s, 3),
        within_m=rounded(header.within_m, 3),
        below_m=rounded(header.below_m, 3),
        pictures=[d.Point(lat=round(p.lat_deg, 8), lon=round(p.lon_deg, 8)) for p in places],
    )


def _one_flight(flight: Flight, answer: FlightAnswer, *, hidden: bool) -> d.FlightEntry:
    if answer.system not in (None, flight.vehicle.system):
        flight = flight.of_system(answer.system) or flight
    track, known = flight.track, flight.clock.utc_known
    return d.FlightEntry(
        start_utc=iso_utc(track.time_at(answer.first), known),
        end_utc=iso_utc(track.time_at(answer.last), known),
        fixes=answer.last - answer.first + 1,
        system=flight.vehicle.system,
        home=answer.home_territory,
        takeoff=None if hidden else _point(answer.takeoff),
        verdict=answer.verdict,
    )


def _event(logged: LoggedEvent, flight: Flight, names: tuple[str, ...]) -> d.EventEntry:
    event = logged.event
    file, offset = (None, None) if event.offset is None else flight.in_source(event.offset)
    return d.EventEntry(
        time_utc=iso_utc(event.time_ns, flight.clock.utc_known),
        at_s=rounded(logged.at_s),
        kind=event.kind,
        gravity=event.gravity,
        text=_text(logged.text),
        place=_point(logged.place),
        offset=offset,
        file=None if file is None else names[file],
        camera=None if event.camera_deg is None else d.CameraEntry(*event.camera_deg),
    )


def _vehicle(vehicle: Vehicle) -> d.VehicleEntry:
    texts = {name: _text(value) for name, value in asdict(vehicle).items() if isinstance(value, str)}
    return d.VehicleEntry(**texts, system=vehicle.system)


def _clock(clock: Clock) -> d.ClockEntry:
    line = clock.mapping
    return d.ClockEntry(
        utc_known=clock.utc_known,
        source=clock.source,
        sigma_s=rounded(clock.sigma_s, 3),
        mapping=d.MappingEntry(line.offset_s, line.slope_ppm, line.residual_s) if line else None,
    )


def _daylight(light: Daylight | None) -> d.DaylightEntry | None:
    if light is None:
        return None
    return d.DaylightEntry(
        start=light.begin,
        end=light.end,
        changes=[d.LightChange(time_utc=iso_utc(change.time_ns), to=change.to) for change in light.changes],
        error_s=round(light.error_s, 3),
    )


def _bbox(track: Track) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north (degrees).

    Across the antimeridian west is greater than east (RFC 7946, section 5.2).
    """
    if not len(track):
        return None
    lon = np.unwrap(track.lon_deg, period=360.0)
    west, east = wrap_lon([lon.min(), lon.max()]).tolist()
    if float(np.ptp(track.lon_deg)) == float(np.ptp(lon)):  # no crossing: keep the log's own digits
        west, east = float(track.lon_deg.min()), float(track.lon_deg.max())
    south, north = float(track.lat_deg.min()), float(track.lat_deg.max())
    return round(west, 9), round(south, 9), round(east, 9), round(north, 9)


def _finding(f: Finding, known: bool, names: tuple[str, ...]) -> d.FindingEntry:
    figures = {name: c.value(f, known) for name, c in FINDING_COLUMNS.items() if c.in_json}
    return d.FindingEntry(
        kind=f.kind,
        verdict=f.verdict,
        zone=_zone(f.zone) if f.zone else None,
        entry=_point(f.entry),
        exit=_point(f.exit),
        reasons=list(f.reasons),
        evidence=[_evidence(e, names) for e in f.evidence],
        clauses=[_clause(c) for c in f.clauses],
        alternatives=[d.AlternativeEntry(a.track, a.verdict, rounded(a.margin_m, 2)) for a in f.alternatives],
        **figures,
    )


def _clause(clause: Clause) -> d.ClauseEntry:
    return d.ClauseEntry(code=clause.code, values={name: _value(v) for name, v in clause.values.items()})


def _value(value: Value) -> str | int | float | bool | list[list[int]] | None:
    if isinstance(value, float):
        return rounded(value, 6)
    if isinstance(value, tuple):
        spans = [list(span) for span in value if not isinstance(span, str)]
        return spans if len(spans) == len(value) else _text(" and ".join(map(str, value)))
    return _text(str(value)) if isinstance(value, str) else value


def _method(flight: Flight, result: Result, hide_home_m: float | None) -> d.Method:
    settings = result.settings
    return d.Method(
        options={
            "home": settings.home,
            "allow": sorted(settings.allow),
            "max_height_m": settings.max_height_m,
            "max_agl_m": settings.max_agl_m,
            "takeoff_amsl_m": settings.takeoff_amsl_m,
            "relief_m": settings.relief_m,
            "qnh_hpa": settings.qnh_hpa,
            "rules": "none" if settings.rule_packs is None else ",".join(settings.rule_packs) or "auto",
            "class": settings.aircraft_class,
            "weight_g": settings.weight_g,
            "language": settings.language,
            **({} if hide_home_m is None else {"hide_home_m": hide_home_m}),
            **({} if settings.system is None else {"system": settings.system}),
            "authorised": list(dict.fromkeys(a.reference for a in settings.authorisations)),
            "user_clock": str(flight.clock.note) if flight.clock.source is ClockSource.USER else None,
        },
        thresholds={name: float(value) for name, value in asdict(settings.thresholds).items()},
        sigma_source=flight.track.h_sigma_source,
        versions=library_versions(),
        geoid_sha256=result.geoid_sha256,
        borders_sha256=result.borders.sha256,
        seed=SEED,
    )


def library_versions() -> dict[str, str]:
    """Return the versions of what a result rests on, by name."""
    import pyproj
    import shapely

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "shapely": shapely.__version__,
        "geos": shapely.geos_version_string,
        "pyproj": pyproj.__version__,
        "proj": pyproj.proj_version_str,
    }
