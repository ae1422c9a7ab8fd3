"""The result without its places, as types: nothing is taken out of a result, what may be told is taken from it.

No text of a log or a zone file is among it (a name, a message or a firmware may hold a place), and no figure that
leads to one: no coordinate, no direction, no light, no height above the sea, no way flown, no distance to more than
one border. Files whose digest would name a place, zones and terrain, are sealed as rows are.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

import msgspec

from dronecheck.airspace.zone import ZoneKind
from dronecheck.evidence.withheld.leaks import LEAKS
from dronecheck.evidence.withheld.rows import SealedRows
from dronecheck.flight import ClockSource, Completeness, Flight, SigmaSource
from dronecheck.flight.integrity import Integrity, IntegrityStatus, Weight
from dronecheck.geofence.result import TOPIC_OF, Finding, FindingKind, Nearest, Reason, Result, Topic, Verdict
from dronecheck.issues import Issue, Severity
from dronecheck.report.columns import rounded
from dronecheck.report.json.document import CheckEntry, Tool
from dronecheck.report.json.encode import library_versions, tool_version
from dronecheck.timebase import iso_utc

__all__ = ["WITHHELD_SCHEMA", "WithheldDocument", "encode_withheld", "withheld_document"]

WITHHELD_SCHEMA: Literal["dronecheck.withheld/1"] = "dronecheck.withheld/1"
_M_DIGITS, _S_DIGITS = 1, 3


class _WithheldEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Common settings: every field is always present."""


class WithheldInput(_WithheldEntry, frozen=True):
    """A file of the log by its digest: its name may hold a place."""

    bytes: int
    sha256: str
    format: str


class WithheldFlight(_WithheldEntry, frozen=True):
    """What is told of the flight as recorded. `simulated` is whether the log says that a simulator flew."""

    start_utc: str | None
    end_utc: str | None
    duration_s: float | None
    fixes: int
    completeness: Completeness
    landing_recorded: bool
    simulated: bool
    utc_known: bool
    clock: ClockSource
    clock_sigma_s: float | None
    accuracy: SigmaSource


class WithheldStay(_WithheldEntry, frozen=True):
    """One stay on a territory, in order; null times where the log starts or ends there."""

    iso_a3: str | None
    claimants: list[str]
    name: str
    relation: str
    enter_utc: str | None
    exit_utc: str | None


class WithheldFinding(_WithheldEntry, frozen=True):
    """One visit or approach, its figures as in `dronecheck.result/1`, metres to a tenth.

    `territory` is its code, null of a zone: `zone` numbers the zones, which have no names here. `band_m` is the guard
    band that the margin was held against, `rows` the rows behind it, to be disclosed if need be.
    """

    kind: FindingKind
    verdict: Verdict
    flight: int
    territory: str | None
    zone: int | None
    zone_kind: ZoneKind | None
    rule: str | None
    enter_utc: str | None
    exit_utc: str | None
    enter_sigma_s: float | None
    exit_sigma_s: float | None
    duration_s: float | None
    depth_m: float | None
    margin_m: float | None
    sigma_m: float | None
    band_m: float | None
    probability: float | None
    probability_upper: float | None
    reasons: list[Reason]
    rows: list[int]


class WithheldMargin(_WithheldEntry, frozen=True):
    """How far the nearest of what was not entered was; of a question without findings alone, and the nearest alone."""

    question: Topic
    territory: str | None
    distance_m: float | None
    band_m: float | None


class WithheldStatement(_WithheldEntry, frozen=True):
    """That a test of the log against itself found something, and how often; what it found may hold a place."""

    id: str
    severity: Weight
    count: int


class WithheldIntegrity(_WithheldEntry, frozen=True):
    """What tests of the log against itself say. Consistency is no proof that it is authentic."""

    status: IntegrityStatus
    tests_run: list[str]
    tests_total: list[str]
    statements: list[WithheldStatement]


class WithheldIssue(_WithheldEntry, frozen=True):
    """That something was lost, repaired or doubted, and how often."""

    code: str
    severity: Severity
    count: int


class WithheldFile(_WithheldEntry, frozen=True):
    """A file that was judged by: `sha256` of the bundled borders, `sealed` of all others, which may tell a place."""

    what: Literal["borders", "zones or terrain", "geoid"]
    sha256: str | None
    sealed: str | None


class WithheldMethod(_WithheldEntry, frozen=True):
    """How the result was reached; `more_options` are those given whose values would lead to a place."""

    home: str | None
    allow: list[str]
    max_height_m: float | None
    max_agl_m: float | None
    more_options: list[str]
    thresholds: dict[str, float]
    versions: dict[str, str]


class WithheldRows(_WithheldEntry, frozen=True):
    """The root (hex) of the RFC 6962 tree over the salted rows of the judged track."""

    count: int
    root: str


class WithheldDocument(_WithheldEntry, frozen=True):
    """One checked flight without its places. `leaks` says what leads to the place all the same."""

    schema: Literal["dronecheck.withheld/1"]
    tool: Tool
    inputs: list[WithheldInput]
    flight: WithheldFlight
    verdict: Verdict
    checks: list[CheckEntry]
    territories: list[WithheldStay]
    findings: list[WithheldFinding]
    margins: list[WithheldMargin]
    integrity: WithheldIntegrity | None
    issues: list[WithheldIssue]
    files: list[WithheldFile]
    method: WithheldMethod
    rows: WithheldRows
    leaks: list[str]


def encode_withheld(document: WithheldDocument) -> bytes:
    """Encode as UTF-8 JSON, indented, with a final newline. Same input, same bytes."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def withheld_document(flight: Flight, result: Result, rows: SealedRows) -> WithheldDocument:
    """Return what may be told of a checked flight without its places; `rows` are the flight's own."""
    known = flight.clock.utc_known
    return WithheldDocument(
        schema=WITHHELD_SCHEMA,
        tool=Tool(name="dronecheck", version=tool_version()),
        inputs=[WithheldInput(bytes=s.size_bytes, sha256=s.sha256, format=s.format) for s in flight.sources],
        flight=_flight(flight, result),
        verdict=result.verdict,
        checks=[
            CheckEntry(
                question=check.question,
                status=check.status,
                verdict=check.verdict,
                reasons=list(check.reasons),
                remedies=list(check.remedies),
            )
            for check in result.checks
        ],
        territories=[
            WithheldStay(
                iso_a3=stay.iso_a3,
                claimants=list(stay.claimants),
                name=stay.name,
                relation=stay.relation,
                enter_utc=iso_utc(stay.enter_ns, known),
                exit_utc=iso_utc(stay.exit_ns, known),
            )
            for stay in result.territories
        ],
        findings=_findings(flight, result),
        margins=_margins(result),
        integrity=_integrity(flight.integrity),
        issues=_issues(result.issues),
        files=_files(result, rows),
        method=_method(flight, result),
        rows=WithheldRows(count=len(rows), root=rows.tree.root.hex()),
        leaks=list(map(str, LEAKS)),
    )


def _flight(flight: Flight, result: Result) -> WithheldFlight:
    track, clock = flight.track, flight.clock
    return WithheldFlight(
        start_utc=iso_utc(track.time_at(0), clock.utc_known),
        end_utc=iso_utc(track.time_at(-1), clock.utc_known),
        duration_s=rounded(track.duration_s, _S_DIGITS),
        fixes=len(track),
        completeness=flight.completeness,
        landing_recorded=result.landing_recorded,
        simulated=flight.trust.is_simulated,
        utc_known=clock.utc_known,
        clock=clock.source,
        clock_sigma_s=rounded(clock.sigma_s, _S_DIGITS),
        accuracy=track.h_sigma_source,
    )


def _findings(flight: Flight, result: Result) -> list[WithheldFinding]:
    known = flight.clock.utc_known
    numbers: dict[str, int] = {}
    told = []
    for finding in result.findings:
        zone = finding.zone
        is_rule = finding.kind is FindingKind.RULE_LIMIT
        is_zone = zone is not None and not zone.is_border and not is_rule
        key = f"{zone.source}\0{zone.id}\0{zone.name}" if zone is not None else ""
        told.append(
            WithheldFinding(
                kind=finding.kind,
                verdict=finding.verdict,
                flight=finding.flight,
                territory=zone.id if zone is not None and zone.is_border else None,
                rule=zone.id if zone is not None and is_rule else None,
                zone=numbers.setdefault(key, len(numbers) + 1) if is_zone else None,
                zone_kind=ZoneKind(zone.kind) if zone is not None and is_zone else None,
                enter_utc=iso_utc(finding.enter_ns, known),
                exit_utc=iso_utc(finding.exit_ns, known),
                enter_sigma_s=rounded(finding.enter_sigma_s, _S_DIGITS),
                exit_sigma_s=rounded(finding.exit_sigma_s, _S_DIGITS),
                duration_s=rounded(finding.duration_s, _S_DIGITS),
                depth_m=rounded(finding.depth_m, _M_DIGITS),
                margin_m=rounded(finding.margin_m, _M_DIGITS),
                sigma_m=rounded(finding.sigma_m, _M_DIGITS),
                band_m=rounded(finding.band_m, _M_DIGITS),
                probability=rounded(finding.probability),
                probability_upper=rounded(finding.probability_upper),
                reasons=list(finding.reasons),
                rows=_rows_behind(flight, finding),
            )
        )
    return told


def _rows_behind(flight: Flight, finding: Finding) -> list[int]:
    rows = {each.row for each in finding.evidence if each.track == flight.primary}
    return sorted(row for row in rows if 0 <= row < len(flight.track))


def _margins(result: Result) -> list[WithheldMargin]:
    """Return the nearest of what was not entered; two distances at once would be a place."""
    told = []
    for question, is_border in ((Topic.BORDER, True), (Topic.AIRSPACE, False)):
        if any(TOPIC_OF[finding.kind] is question for finding in result.findings):
            continue
        beside = [near for near in result.nearest if near.zone.is_border is is_border and not near.vertical]
        if beside:
            near = min(beside, key=_distance_m)
            told.append(
                WithheldMargin(
                    question=question,
                    territory=near.zone.id if is_border else None,
                    distance_m=rounded(near.distance_m, _M_DIGITS),
                    band_m=rounded(near.band_m, _M_DIGITS),
                )
            )
    return told


def _distance_m(near: Nearest) -> float:
    return near.distance_m


def _integrity(found: Integrity | None) -> WithheldIntegrity | None:
    if found is None:
        return None
    counts: dict[tuple[str, Weight], int] = {}
    for each in found.statements:
        counts[each.id, each.severity] = counts.get((each.id, each.severity), 0) + 1
    return WithheldIntegrity(
        status=found.status,
        tests_run=list(found.run),
        tests_total=list(found.total),
        statements=[WithheldStatement(id=name, severity=weight, count=n) for (name, weight), n in counts.items()],
    )


def _issues(issues: tuple[Issue, ...]) -> list[WithheldIssue]:
    counts: dict[tuple[str, Severity], int] = {}
    for each in issues:
        counts[each.code.value, each.severity] = counts.get((each.code.value, each.severity), 0) + each.count
    return [WithheldIssue(code=code, severity=severity, count=n) for (code, severity), n in counts.items()]


def _files(result: Result, rows: SealedRows) -> list[WithheldFile]:
    told = [WithheldFile(what="borders", sha256=result.borders.sha256, sealed=None)]
    for source in result.zone_files:
        sealed = rows.sealed_digest(source.sha256)
        told.append(WithheldFile(what="zones or terrain", sha256=None, sealed=sealed))
    if result.geoid_sha256 is not None:
        sealed = rows.sealed_digest(result.geoid_sha256)
        told.append(WithheldFile(what="geoid", sha256=None, sealed=sealed))
    return told


def _method(flight: Flight, result: Result) -> WithheldMethod:
    settings = result.settings
    more = {
        "takeoff_amsl_m": settings.takeoff_amsl_m is not None,
        "relief_m": settings.relief_m is not None,
        "qnh_hpa": settings.qnh_hpa is not None,
        "authorised": bool(settings.authorisations),
        "system": settings.system is not None,
        "clock": flight.clock.source is ClockSource.USER,
    }
    return WithheldMethod(
        home=settings.home,
        allow=sorted(settings.allow),
        max_height_m=settings.max_height_m,
        max_agl_m=settings.max_agl_m,
        more_options=[name for name, is_given in more.items() if is_given],
        thresholds={name: float(value) for name, value in asdict(settings.thresholds).items()},
        versions=library_versions(),
    )
