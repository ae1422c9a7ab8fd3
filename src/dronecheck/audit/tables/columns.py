"""One checked log as rows of the tables: a flight, and its findings. Every figure is the one of the JSON result."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from dronecheck.flight import EventKind, Flight, Weight
from dronecheck.geofence.answers.by_rules import RuleOutcome
from dronecheck.geofence.result import FindingKind, Reason, Result, Status, Topic, Verdict
from dronecheck.readers import records_arming
from dronecheck.report.case import Case
from dronecheck.report.columns import FINDING_COLUMNS, finding_row
from dronecheck.report.export.table import stretch_lines
from dronecheck.report.json.document import ResultDocument
from dronecheck.report.json.encode import result_document
from dronecheck.report.privacy import redact
from dronecheck.safe.io import plain

__all__ = ["FINDINGS", "FLIGHTS", "TableColumn", "no_flight", "rows_of"]

_STILL_M, _STILL_UP_M = 30.0, 10.0
_SIMPLER_DEG = 1e-5  # about a metre, for drawing; no figure is made from it


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: the type of its values and what they mean, with the unit."""

    kind: type
    about: str


# Of the file, filled in when the tables are written.
FILE_COLUMNS = {
    "file": TableColumn(str, "path below the folder that was audited"),
    "folder": TableColumn(str, "the folder that was audited"),
    "sha256": TableColumn(str, "SHA-256 of the content, hex; empty where it could not be opened"),
    "bytes": TableColumn(int, "size of the file"),
    "same_as": TableColumn(str, "the file of the same content that was read instead of this one"),
    "status": TableColumn(str, "ok, no_flight, not_a_log, unreadable or failed; waiting where a run was stopped"),
    "code": TableColumn(str, "why it is not ok"),
    "message": TableColumn(str, "why it is not ok, in words"),
}
ROSTER_COLUMNS = {
    "serial": TableColumn(str, "serial number of the aircraft as logged"),
    "registration": TableColumn(str, "by the roster"),
    "pilot": TableColumn(str, "by the roster"),
    "base": TableColumn(str, "by the roster"),
}
FLIGHT_COLUMNS = {
    "format": TableColumn(str, "of the log"),
    "dialect": TableColumn(str, "of the log's format"),
    "start_utc": TableColumn(str, "ISO 8601, UTC; empty where UTC is unknown"),
    "end_utc": TableColumn(str, "ISO 8601, UTC; empty where UTC is unknown"),
    "duration_s": TableColumn(float, "s between first and last fix"),
    "distance_m": TableColumn(float, "m along the track"),
    "fixes": TableColumn(int, "distinct position fixes"),
    "west_deg": TableColumn(float, "degrees, WGS 84; greater than east_deg across the antimeridian"),
    "south_deg": TableColumn(float, "degrees, WGS 84"),
    "east_deg": TableColumn(float, "degrees, WGS 84"),
    "north_deg": TableColumn(float, "degrees, WGS 84"),
    "completeness": TableColumn(str, "complete, truncated or damaged"),
    "simulated": TableColumn(str, "whether a simulator flew: yes, looks (it begins where simulators do) or no"),
    "clock_source": TableColumn(str, "where UTC comes from"),
    "clock_sigma_s": TableColumn(float, "s, 1 sigma of UTC"),
    "model": TableColumn(str, "of the aircraft as logged"),
    "firmware": TableColumn(str, "as logged"),
    "verdict": TableColumn(str, "VIOLATION, INCONCLUSIVE or CLEAR: the worst of the questions that were checked"),
    "cause": TableColumn(str, "what the verdict rests on, for grouping: finding and zone, or the reason it is open"),
    "border": TableColumn(str, "the border question: its verdict, or not_checked"),
    "airspace": TableColumn(str, "the airspace question: its verdict, or not_checked"),
    "height": TableColumn(str, "the height question: its verdict, or not_checked"),
    "rules": TableColumn(str, "the packs of rules that were named: their verdict, or not_checked"),
    "rules_beyond": TableColumn(
        str, "ids of the rules of the place that it was beyond, exceptions aside, separated by spaces; no verdict"
    ),
    "reasons": TableColumn(str, "reasons of all questions, separated by spaces"),
    "findings": TableColumn(int, "number of findings"),
    "home": TableColumn(str, "territory of the recorded take-off, ISO 3166-1 alpha-3 of its claimants"),
    "nearest_border_m": TableColumn(float, "m to the nearest territory that was not entered, where it was looked for"),
    "nearest_aerodrome": TableColumn(str, "the nearest aerodrome within 50 km, by OurAirports (no airspace)"),
    "nearest_aerodrome_m": TableColumn(float, "m to its runway or reference point"),
    "damage": TableColumn(str, "codes of damage and contradictions in the log, separated by spaces"),
    "integrity_status": TableColumn(
        str, "tests of the log against itself: CONSISTENT (which proves nothing), ANOMALIES or CANNOT_ASSESS"
    ),
    "integrity_contradictions": TableColumn(int, "number of what no log of this kind does as it was recorded"),
    "integrity_notices": TableColumn(int, "number of what is unusual, and now and then so as it was recorded"),
}
TOOL_COLUMNS = {
    "tool_version": TableColumn(str, "version of dronecheck that judged it"),
    "borders_sha256": TableColumn(str, "SHA-256 of the border data"),
    "basis": TableColumn(
        str, "mark of the zones, options and data that the answer rests on: the same mark, the same basis"
    ),
}
FLIGHTS = {**FILE_COLUMNS, **ROSTER_COLUMNS, **FLIGHT_COLUMNS, **TOOL_COLUMNS}

# Names that a flight's own columns have already.
_RENAMED = {"verdict": "finding_verdict", "duration_s": "finding_duration_s", "reasons": "finding_reasons"}
_VISIT = {
    "number": TableColumn(int, "of the finding within its flight, from 1"),
    **{_RENAMED.get(name, name): TableColumn(column.kind, column.about) for name, column in FINDING_COLUMNS.items()},
}
FINDINGS = {
    **{name: FLIGHTS[name] for name in ("file", "folder", "sha256", *ROSTER_COLUMNS, "start_utc", "model", "verdict")},
    **_VISIT,
}


def rows_of(flight: Flight, result: Result) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the flight's own columns, and those of its findings."""
    facts = result_document(redact(Case(flight, None, result)))
    return _flight_row(flight, result, facts), _findings_rows(flight, result)


def _flight_row(flight: Flight, result: Result, facts: ResultDocument) -> dict[str, Any]:
    west, south, east, north = facts.flight.bbox or (None, None, None, None)
    checks = {c.question: c for c in result.checks}
    asked = {
        q: Status.NOT_CHECKED.value if c.verdict is None or c.status is Status.NOT_CHECKED else c.verdict.value
        for q, c in checks.items()
    }
    borders = [n.distance_m for n in facts.nearest if n.zone.kind.value == "border" and n.distance_m is not None]
    weights = Counter(statement.severity for statement in facts.integrity.statements)
    damage = [i.code for i in facts.issues if i.severity.value in ("DAMAGE", "TAMPER")]
    return {
        "format": facts.input.format,
        "dialect": facts.input.dialect,
        "start_utc": facts.flight.start_utc,
        "end_utc": facts.flight.end_utc,
        "duration_s": facts.flight.duration_s,
        "distance_m": facts.flight.distance_m,
        "fixes": facts.flight.fixes,
        "west_deg": west,
        "south_deg": south,
        "east_deg": east,
        "north_deg": north,
        "completeness": facts.flight.completeness.value,
        "simulated": facts.flight.simulated,
        "clock_source": facts.flight.clock.source.value,
        "clock_sigma_s": facts.flight.clock.sigma_s,
        "model": plain(flight.vehicle.model or flight.vehicle.kind),
        "firmware": plain(flight.vehicle.firmware),
        "serial": plain(flight.vehicle.serial),
        "verdict": facts.verdict.value,
        "cause": cause_of(result),
        "border": asked[Topic.BORDER],
        "airspace": asked[Topic.AIRSPACE],
        "height": asked[Topic.HEIGHT],
        "rules": asked.get(Topic.RULES, Status.NOT_CHECKED.value),
        "rules_beyond": " ".join(
            dict.fromkeys(a.rule.id for a in result.by_rules.answers if a.outcome is RuleOutcome.EXCEEDED)
        ),
        "reasons": " ".join(dict.fromkeys(r.value for c in result.checks for r in c.reasons)),
        "findings": len(facts.findings),
        "home": result.home_territory,
        "nearest_border_m": min(borders, default=None),
        "nearest_aerodrome": facts.nearby[0].name if facts.nearby else None,
        "nearest_aerodrome_m": facts.nearby[0].distance_m if facts.nearby else None,
        "damage": " ".join(dict.fromkeys(damage)),
        "integrity_status": facts.integrity.status.value,
        "integrity_contradictions": weights[Weight.CONTRADICTION],
        "integrity_notices": weights[Weight.NOTICE],
        "borders_sha256": facts.method.borders_sha256,
    }


def cause_of(result: Result) -> str:
    """Return what a verdict rests on, in a few words that group flights; empty where all is clear."""
    if result.verdict is Verdict.CLEAR:
        return ""
    for finding in result.findings:
        if finding.verdict is result.verdict:
            where = f" {plain(finding.zone.name, 80)}" if finding.zone else ""
            reason = f": {_words(finding.reasons[0])}" if result.verdict is Verdict.INCONCLUSIVE else ""
            return f"{_words(finding.kind)}{where}{reason}"
    check = next(c for c in result.checks if c.verdict is result.verdict)
    return f"{check.question.value}: {_words(check.reasons[0]) if check.reasons else 'open'}"


def _words(token: FindingKind | Reason) -> str:
    return token.value.replace("_", " ")


def _findings_rows(flight: Flight, result: Result) -> list[dict[str, Any]]:
    """List a row a finding; `wkb` is the way inside, a line or a point in WGS 84, simplified to about a metre."""
    rows = []
    for number, finding in enumerate(result.findings, 1):
        told = finding_row(finding, utc_known=flight.clock.utc_known)
        named = {_RENAMED.get(name, name): value for name, value in told.items()}
        rows.append({"number": number, **named, "wkb": _way(flight, finding.rows)})
    return rows


def _way(flight: Flight, rows: tuple[tuple[float, float], ...]) -> bytes | None:
    line = stretch_lines(flight.track, rows)
    if line is None:
        return None
    wkb: bytes = shapely.to_wkb(shapely.simplify(line, _SIMPLER_DEG, preserve_topology=False), byte_order=1)
    return wkb


def no_flight(flight: Flight, result: Result) -> str:
    """Return why a log holds no flight, as a code: no position, or it never left its place; empty where it does.

    Only an autopilot's own log can say that nothing took off: a few seconds of a camera's are in the air, too.
    """
    track = flight.track
    if flight.header is not None and not len(track):
        return ""  # it flew, by its own header
    if not len(track):
        return "no_position"
    armed = any(event.kind in (EventKind.ARM, EventKind.TAKEOFF) for event in flight.events)
    # where others of the same log flew, the log is no log without a flight
    if not records_arming(flight.source) or armed or result.takeoff is not None or flight.others:
        return ""
    lat, lon = np.radians(track.lat_deg), np.radians(np.unwrap(track.lon_deg, period=360.0))
    north_m = float(np.ptp(lat)) * 6_371_000.0
    east_m = float(np.ptp(lon)) * 6_371_000.0 * float(np.cos(lat.mean()))
    heights = (track.alt_home_m, track.alt_amsl_m, track.alt_hae_m)
    up_m = max((float(np.ptp(h[np.isfinite(h)])) for h in heights if np.isfinite(h).any()), default=0.0)
    return "never_left_its_place" if max(north_m, east_m) < _STILL_M and up_m < _STILL_UP_M else ""
