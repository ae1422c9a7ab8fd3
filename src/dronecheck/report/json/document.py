"""The JSON result as types: the one source of what `--json` writes and of the schema that ships beside it.

Unknown is null. Times are ISO 8601 UTC with Z and milliseconds; metres, seconds and degrees as the names say.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, Literal

import msgspec

from dronecheck.airspace.zone import CoversFrom, ZoneKind
from dronecheck.flight import ClockSource, Completeness, EventKind, Gravity, IntegrityStatus, SigmaSource, Weight
from dronecheck.geofence.activation.daylight import Light
from dronecheck.geofence.answers.by_rules import RuleOutcome, RuleStatus
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.result import FindingKind, Reason, Status, Topic, Verdict
from dronecheck.issues import Remedy, Severity
from dronecheck.rules import Quantity

__all__ = ["ErrorDocument", "ResultDocument", "schema_bytes", "without_code"]


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Common settings: nothing undeclared is written, and every field is always present."""


class Tool(_Entry, frozen=True):
    """What made the result."""

    name: Literal["dronecheck"]
    version: str


class InputEntry(_Entry, frozen=True):
    """An evidence file. `path` is the file's name alone unless private data was asked for.

    Of files of one name that were joined, the later ones' is followed by their number, as in `video.SRT (2)`.
    """

    path: str
    bytes: int | None
    sha256: str | None
    format: str | None
    dialect: str | None


class Point(_Entry, frozen=True):
    """WGS 84 degrees."""

    lat: float
    lon: float


class MappingEntry(_Entry, frozen=True):
    """UTC is `offset_s` and the autopilot's clock, which runs `slope_ppm` slow; `residual_s` is what is left."""

    offset_s: float
    slope_ppm: float
    residual_s: float


class ClockEntry(_Entry, frozen=True):
    """Where absolute time comes from; `mapping` where it follows from an autopilot's clock and satellite time."""

    utc_known: bool
    source: ClockSource
    sigma_s: float | None
    mapping: MappingEntry | None


class LightChange(_Entry, frozen=True):
    """The first fix in another light."""

    time_utc: str | None
    to: Light


class DaylightEntry(_Entry, frozen=True):
    """Day (sun above -0.8333 degrees), civil twilight (above -6) or night at the first fix, at the last, and changes.

    `error_s` is how well the changes are known.
    """

    start: Light
    end: Light
    changes: list[LightChange]
    error_s: float


class VehicleEntry(_Entry, frozen=True):
    """The aircraft as the log states it; empty where it does not."""

    kind: str
    model: str
    firmware: str
    hardware: str
    serial: str
    system: int | None


class CameraEntry(_Entry, frozen=True):
    """Which way a camera looked: degrees, yaw from north, pitch 0 level and -90 straight down."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


class EventEntry(_Entry, frozen=True):
    """What the log says in its own words: its warnings, arming, take-off and landing.

    All messages with private data. `at_s` counts from the first fix, `place` is the fix beside it (null where that is
    hidden or more than 5 s away), `offset` its place in the `file`, `camera` which way the camera looked at a photo.
    """

    time_utc: str | None
    at_s: float | None
    kind: EventKind
    gravity: Gravity
    text: str
    place: Point | None
    offset: int | None
    file: str | None
    camera: CameraEntry | None


class HeaderEntry(_Entry, frozen=True):
    """What the header of an encrypted record says of its flight, and nothing proves: null where it does not.

    It stayed within `within_m` of `start`, and below `below_m` above take-off; both are null where its figures
    contradict each other. `pictures` are the places of up to four. With `--hide-home` places near home are left out.
    """

    start: Point | None
    start_utc: str | None
    duration_s: float | None
    within_m: float | None
    below_m: float | None
    pictures: list[Point]


class FlightFacts(_Entry, frozen=True):
    """The flight as recorded; `bbox` is west, south, east, north, `daylight` null without UTC.

    `completeness` is of the file alone: `complete` ends at a record border. `simulated` is whether a simulator flew:
    the log says so, or begins where simulators do. `vehicle` is null unless private data was asked for. `header` is
    null but for an encrypted record without its keys: then times are the header's, and `distance_m` is null.
    """

    start_utc: str | None
    end_utc: str | None
    duration_s: float | None
    fixes: int
    distance_m: float | None
    home: Point | None
    bbox: tuple[float, float, float, float] | None
    completeness: Completeness
    landing_recorded: bool
    simulated: Literal["yes", "looks", "no"]
    clock: ClockEntry
    daylight: DaylightEntry | None
    events: list[EventEntry]
    vehicle: VehicleEntry | None
    header: HeaderEntry | None


class FlightEntry(_Entry, frozen=True):
    """One of the flights of a log, told apart by a stop, a start of the clock, a pause of hours, or another vehicle.

    `system` is the vehicle's number (MAVLink); `home` the territory it took off from. Null times and places are not
    recorded, or hidden.
    """

    start_utc: str | None
    end_utc: str | None
    fixes: int
    system: int | None
    home: str | None
    takeoff: Point | None
    verdict: Verdict


class CheckEntry(_Entry, frozen=True):
    """One question's answer; `remedies` are what would settle it where it is open or was not looked for."""

    question: Topic
    status: Status
    verdict: Verdict | None
    reasons: list[Reason]
    remedies: list[Remedy]


class TerritoryEntry(_Entry, frozen=True):
    """One stay on a territory, in order; null times where the log starts or ends there, or where they are hidden."""

    iso_a3: str | None
    claimants: list[str]
    name: str
    relation: Literal["sole", "dependency", "condominium", "disputed", "overlap", "unclaimed"]
    enter_utc: str | None
    exit_utc: str | None


class ZoneEntry(_Entry, frozen=True):
    """Which zone or territory."""

    id: str
    name: str
    kind: ZoneKind
    source: str


class EvidenceEntry(_Entry, frozen=True):
    """A row of a track, traced to the input: a byte offset, or a line number in text files.

    Of another vehicle than the one whose track is the log's, its number stands before the track's name: 2/fused.
    `file` is the `path` of one of `inputs`.
    """

    track: str
    row: int
    offset: int
    message: str
    file: str


class ClauseEntry(_Entry, frozen=True):
    """One statement: a code, and its values by name with units in the names (`_ns` is UTC since 1970)."""

    code: ClauseCode
    values: dict[str, str | int | float | bool | list[list[int]] | None]


class AlternativeEntry(_Entry, frozen=True):
    """What one of several sources that contradict each other says of the same thing; `margin_m` as in a finding."""

    track: str
    verdict: Verdict
    margin_m: float | None


class FindingEntry(_Entry, frozen=True):
    """One visit, or one approach that cannot be told from a visit.

    `margin_m` is the signed distance to the nearest edge (negative inside) at the deepest or closest instant,
    `sigma_m` its standard deviation; `probability` that it was inside then, `probability_upper` that it ever was if
    the satellite error wanders (Gauss-Markov, 300 s). Heights are metres above mean sea level. `flight` is its place in
    `flights`. Times and duration are null where the fixes beside have no time of their own; times, places and figures
    that would tell a hidden place are null as well. `alternatives` are the answers of all sources of positions, where
    they contradict each other; the judged track's is the first. Sigmas of instants and places hold the outline's error
    as well as the fixes': with heavy tails, the sigma of the normal distribution that has the same 95 %.
    """

    kind: FindingKind
    verdict: Verdict
    flight: int
    zone: ZoneEntry | None
    enter_utc: str | None
    exit_utc: str | None
    enter_sigma_s: float | None
    exit_sigma_s: float | None
    entry: Point | None
    exit: Point | None
    entry_sigma_m: float | None
    exit_sigma_m: float | None
    duration_s: float | None
    path_m: float | None
    depth_m: float | None
    margin_m: float | None
    sigma_m: float | None
    probability: float | None
    probability_upper: float | None
    alt_min_m: float | None
    alt_max_m: float | None
    reasons: list[Reason]
    evidence: list[EvidenceEntry]
    authorisation: str | None
    clauses: list[ClauseEntry]
    alternatives: list[AlternativeEntry]


class NearestEntry(_Entry, frozen=True):
    """Closest approach to something not entered; what would tell a hidden place is null."""

    zone: ZoneEntry
    distance_m: float | None
    time_utc: str | None


class NearbyEntry(_Entry, frozen=True):
    """An aerodrome near the flight, by OurAirports: information, no airspace and never a verdict.

    Aerodromes within 10 km (12 in India) and heliports within 2 km, the nearest three; where there is none, the nearest
    aerodrome within 50 km. `distance_m` is to the line of a runway where both its ends are known, else to the reference
    point. Empty where places are hidden.
    """

    ident: str
    name: str
    type: str
    country: str
    distance_m: float
    to: Literal["reference_point", "runway"]
    time_utc: str | None


class PackHeldEntry(_Entry, frozen=True):
    """A pack of rules that the flight was held against, as read on the day `checked`; no legal advice.

    `applies_if` are conditions that no log shows, `not_checkable` rules that none does.
    """

    id: str
    title: str
    checked: str
    territories: list[str]
    applies_if: list[str]
    not_checkable: list[str]


class RuleAnswerEntry(_Entry, frozen=True):
    """What one rule of a pack says of the flight. It reaches the verdict only where its pack was named (`checks`).

    `limit` is in the law's `unit` (`other_limit` where it names a second figure for it); `value`, what was measured,
    `beyond`, how far over the limit (negative: below), and `sigma` in metres, metres a second or degrees. `share` is
    the part of the fixes asked about the rule that has an answer, `beyond_s` for how long it was over. `outcome` leaves
    `exceptions` and what is `not_in_log` aside; a rule that `informs` never reaches a verdict.
    """

    pack: str
    id: str
    title: str
    citation: str
    source: str
    certainty: str
    valid_from: str
    valid_to: str | None
    quantity: Quantity
    limit: float | None
    unit: str
    other_limit: float | None
    other_unit: str | None
    informs: bool
    exceptions: list[str]
    not_in_log: list[str]
    territories: list[str]
    status: RuleStatus
    outcome: RuleOutcome
    value: float | None
    beyond: float | None
    sigma: float | None
    beyond_s: float | None
    share: float
    time_utc: str | None
    reasons: list[Reason]
    remedies: list[Remedy]
    clauses: list[ClauseEntry]
    evidence: list[EvidenceEntry]


class RulesEntry(_Entry, frozen=True):
    """The rules of the place on the day of the flight; `no_rules_of` are territories it was in that no pack is for."""

    packs: list[PackHeldEntry]
    answers: list[RuleAnswerEntry]
    no_rules_of: list[str]


class IssueEntry(_Entry, frozen=True):
    """What was lost, repaired or doubted; `file` is that of a flight of several which it is about, else null."""

    code: str
    severity: Severity
    message: str
    offset: int | None
    count: int
    file: str | None


class StatementEntry(_Entry, frozen=True):
    """What a test of the log against itself found: what was observed, what an honest log has, and where.

    `id` is the test's (docs/integrity.md); `records` are the places of its first records, byte offsets or line numbers
    in text files; `innocent` are causes without any edit; `file` is that of a flight of several, else null.
    """

    id: str
    severity: Weight
    observed: str
    expected: str
    threshold: str
    records: list[int]
    innocent: list[str]
    file: str | None


class IntegrityEntry(_Entry, frozen=True):
    """Tests of the log against itself. A log can only be shown inconsistent: CONSISTENT proves nothing.

    `tests_total` are those that apply to its format, `tests_run` those that found what they need; of several vehicles
    or files, those of any. ANOMALIES: there is a statement of more than INFO. CANNOT_ASSESS: no test could run.
    """

    status: IntegrityStatus
    tests_run: int
    tests_total: int
    statements: list[StatementEntry]


class ZoneSourceEntry(_Entry, frozen=True):
    """Where borders and zones come from.

    `covers` are the codes of the territories that a source of zones speaks for, SEA the open sea, and `covers_from` who
    says so; null of what is no source of zones.
    """

    name: str
    sha256: str
    edition: str | None
    licence: str | None
    accuracy_m: float | None
    covers: list[str]
    covers_from: CoversFrom | None


class Method(_Entry, frozen=True):
    """How the result was reached: everything that could change it."""

    options: dict[str, str | float | list[str] | None]
    thresholds: dict[str, float]
    sigma_source: SigmaSource
    versions: dict[str, str]
    geoid_sha256: str | None
    borders_sha256: str
    seed: int | None


class ResultDocument(_Entry, frozen=True):
    """One checked flight: of one log, or of several that are one flight, of which `input` is the first."""

    schema: Literal["dronecheck.result/1"]
    tool: Tool
    input: InputEntry
    inputs: list[InputEntry]
    flight: FlightFacts
    flights: list[FlightEntry]
    verdict: Verdict
    checks: list[CheckEntry]
    territories: list[TerritoryEntry]
    findings: list[FindingEntry]
    nearest: list[NearestEntry]
    nearby: list[NearbyEntry]
    rules: RulesEntry
    issues: list[IssueEntry]
    integrity: IntegrityEntry
    zone_sources: list[ZoneSourceEntry]
    method: Method


class ErrorEntry(_Entry, frozen=True):
    """Why an input could not be read (or the check failed); `code` is stable."""

    code: str
    message: str


class ErrorDocument(_Entry, frozen=True):
    """An input without a verdict, or several that are one flight, of which `input` is the first."""

    schema: Literal["dronecheck.result/1"]
    input: InputEntry
    inputs: list[InputEntry]
    verdict: None
    error: ErrorEntry


def without_code(definitions: dict[str, Any]) -> None:
    """Leave out the examples of code and the indents of docstrings, which some versions of msgspec keep."""
    for known in definitions.values():
        if "description" in known:
            known["description"] = cleandoc(known["description"].split(">>>")[0])


def schema_bytes() -> bytes:
    """Return the JSON Schema (2020-12) of everything `check --json` writes, as it ships in `result.schema.json`."""
    (result, error), definitions = msgspec.json.schema_components(
        [ResultDocument, ErrorDocument], ref_template="#/$defs/{name}"
    )
    without_code(definitions)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "dronecheck.result/1",
        "title": "dronecheck check --json",
        "oneOf": [result, error],
        "$defs": dict(sorted(definitions.items())),
    }
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"
