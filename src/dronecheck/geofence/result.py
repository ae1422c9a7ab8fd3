"""What a check finds: verdicts, findings, visits and their reasons. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any

from dronecheck.airspace.zone import ZoneKind, ZoneSource
from dronecheck.borders.territories import Territory
from dronecheck.errors import NO_FLIGHT_AT_HAND, UsageError
from dronecheck.flight import Integrity
from dronecheck.geo.vertical.datum import VerticalDatum
from dronecheck.geofence.answers.by_rules import NO_RULES, RulesTold
from dronecheck.geofence.answers.reasons import REMEDY_OF, Reason
from dronecheck.geofence.clauses import Clause, Evidence
from dronecheck.geofence.settings import Settings
from dronecheck.issues import Issue, Remedy

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "REMEDY_OF",
    "Check",
    "Evidence",
    "Finding",
    "FindingKind",
    "FlightAnswer",
    "Nearest",
    "Place",
    "Reason",
    "Result",
    "Status",
    "TerritoryVisit",
    "Topic",
    "Verdict",
    "ZoneAnswer",
    "ZoneMemory",
    "ZoneRef",
    "worst",
]


class Verdict(StrEnum):
    """The machine tokens; people read ENTERED, DID NOT ENTER, CANNOT TELL.

    >>> import dronecheck
    >>> dronecheck.check(dronecheck.read("samples/bank_hugging_dandong.ulg")).verdict is dronecheck.Verdict.INCONCLUSIVE
    True
    """

    VIOLATION = "VIOLATION"
    INCONCLUSIVE = "INCONCLUSIVE"
    CLEAR = "CLEAR"


_ORDER = (Verdict.VIOLATION, Verdict.INCONCLUSIVE, Verdict.CLEAR)


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the worst of the verdicts; of none, CLEAR."""
    return min(verdicts, key=_ORDER.index, default=Verdict.CLEAR)


class Topic(StrEnum):
    """What a check is about; each question is its own check."""

    BORDER = "border"
    AIRSPACE = "airspace"
    HEIGHT = "height"
    RULES = "rules"  # asked where packs of rules are named


class Status(StrEnum):
    """How far a question could be looked at."""

    CHECKED = "checked"
    PARTLY = "partly"
    NOT_CHECKED = "not_checked"


class FindingKind(StrEnum):
    """What a finding is about."""

    BORDER_CROSSING = "border_crossing"
    ZONE_ENTRY = "zone_entry"
    ALTITUDE_LIMIT = "altitude_limit"
    RULE_LIMIT = "rule_limit"


OF_PLACES = (FindingKind.BORDER_CROSSING, FindingKind.ZONE_ENTRY)  # the others are of heights, speeds and light

# Which question each kind of finding belongs to.
TOPIC_OF = {
    FindingKind.BORDER_CROSSING: Topic.BORDER,
    FindingKind.ZONE_ENTRY: Topic.AIRSPACE,
    FindingKind.ALTITUDE_LIMIT: Topic.HEIGHT,
    FindingKind.RULE_LIMIT: Topic.RULES,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A point in WGS 84 degrees."""

    lat_deg: float
    lon_deg: float


@dataclass(frozen=True, slots=True)
class ZoneRef:
    """Which zone or territory a finding is about."""

    id: str
    name: str
    kind: str
    source: str

    @property
    def is_border(self) -> bool:
        """Tell whether it is a territory, not a zone of a file."""
        return self.kind == ZoneKind.BORDER


@dataclass(frozen=True, slots=True)
class Alternative:
    """What one of several sources that contradict each other says: `margin_m` as in `Finding`, None where untold."""

    track: str
    verdict: Verdict
    margin_m: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One visit (or one approach that no data can tell from a visit).

    Times are in the flight's time base (UTC nanoseconds when its clock knows UTC); `enter_ns` or `exit_ns` is None
    when the log starts or ends inside; their sigmas, and those of `entry` and `exit` on the map, hold the outline's
    error as well as the fixes'. `depth_m` >= 0 is the greatest distance inside; `margin_m` the signed
    distance to the nearest edge at the deepest or closest instant, negative inside; `sigma_m` its standard
    deviation; `probability` that the aircraft was inside at that instant (a lower bound for the whole visit), and
    `probability_upper` that it ever was during the visit or approach, if the errors wander. Heights are AMSL in metres.

    >>> import dronecheck
    >>> finding = dronecheck.check(dronecheck.read("samples/founding_dandong_sinuiju.ulg")).findings[0]
    >>> finding.zone.id, round(finding.depth_m, -1), finding.evidence[0].message
    ('PRK', 1980.0, 'vehicle_global_position')
    """

    kind: FindingKind
    verdict: Verdict
    zone: ZoneRef | None
    reasons: tuple[Reason, ...]
    clauses: tuple[Clause, ...]
    enter_ns: int | None = None
    exit_ns: int | None = None
    enter_sigma_s: float | None = None
    exit_sigma_s: float | None = None
    entry: Place | None = None
    exit: Place | None = None
    entry_sigma_m: float | None = None
    exit_sigma_m: float | None = None
    duration_s: float | None = 0.0
    path_m: float = 0.0
    depth_m: float = 0.0
    margin_m: float | None = None
    sigma_m: float | None = None
    band_m: float | None = None
    probability: float | None = None
    probability_upper: float | None = None
    alt_min_m: float | None = None
    alt_max_m: float | None = None
    deepest_ns: int | None = None
    deepest: Place | None = None
    evidence: tuple[Evidence, ...] = ()
    authorised_by: tuple[str, ...] = ()  # references of what covers all of it; a territory's id where it is allowed
    rows: tuple[tuple[float, float], ...] = ()  # the intervals of the track, in fractional rows, for plots
    flight: int = 0  # which of `Result.flights`
    alternatives: tuple[Alternative, ...] = ()  # the answer of each source, where they contradict each other
    hidden: tuple[str, ...] = ()  # of "entry" and "exit", what a report leaves out


@dataclass(frozen=True, slots=True)
class Nearest:
    """The closest approach to a zone or territory that was not entered."""

    zone: ZoneRef
    distance_m: float  # NaN where a report leaves it out
    time_ns: int | None  # None where the fixes beside it have no time
    place: Place | None  # None where a report leaves it out
    band_m: float | None = None
    vertical: bool = False  # the distance is above or below the zone, not beside it


ZoneAnswer = tuple[list[Finding], list[Nearest], int]  # findings, closest approaches, visits while not in force
ZoneMemory = dict[str, ZoneAnswer]  # what was said of each zone, by `Zone.digest`


# Places, rows and times in other columns, or of no use in a table.
_NOT_IN_FRAME = (
    "kind", "verdict", "zone", "reasons", "clauses", "enter_ns", "exit_ns", "entry", "exit", "deepest_ns",
    "deepest", "evidence", "rows", "flight", "alternatives", "hidden",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TerritoryVisit:
    """One visit to one territory, in order of time; None where the log starts or ends there."""

    iso_a3: str | None
    claimants: tuple[str, ...]
    name: str
    relation: str
    enter_ns: int | None
    exit_ns: int | None


@dataclass(frozen=True, slots=True)
class FlightAnswer:
    """One of the flights of a log: rows `first` to `last` (both included) of its track, and what was found of it.

    `system` is the vehicle's number where the log holds several: the track is that vehicle's.
    """

    first: int
    last: int
    verdict: Verdict
    takeoff: Place | None
    home_territory: str | None
    system: int | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One question's answer. `clauses` say what was looked at."""

    question: Topic
    status: Status
    verdict: Verdict | None
    reasons: tuple[Reason, ...] = ()
    clauses: tuple[Clause, ...] = ()

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """Return what would settle an answer that is open, or was not looked for.

        Each once, in the order of the reasons.
        """
        return tuple(dict.fromkeys(REMEDY_OF[reason] for reason in self.reasons if reason in REMEDY_OF))


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """Everything one check found, ready for any report.

    >>> import dronecheck
    >>> result = dronecheck.check(dronecheck.read("samples/founding_dandong_sinuiju.ulg"))
    >>> [(check.question.value, check.status.value) for check in result.checks]
    [('border', 'checked'), ('airspace', 'not_checked'), ('height', 'not_checked')]
    >>> result.to_pandas()[["verdict", "zone_name"]].values.tolist()
    [['VIOLATION', 'North Korea']]
    """

    verdict: Verdict
    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]
    territories: tuple[TerritoryVisit, ...]
    nearest: tuple[Nearest, ...]
    takeoff: Place | None
    home_territory: str | None
    distance_m: float  # along the track, jumps left out
    issues: tuple[Issue, ...]
    borders: ZoneSource
    zone_files: tuple[ZoneSource, ...]  # and terrain files
    settings: Settings
    geoid_sha256: str | None = None  # of the geoid in use; None where none was needed
    utc_known: bool = True  # whether the times are UTC
    doubted: frozenset[VerticalDatum] = frozenset()  # logged heights that contradict the geoid: none was judged by them
    landing_recorded: bool = False  # of the last flight
    touched: tuple[Territory, ...] = ()  # territories it was in, or may have been in by its errors and gaps
    by_rules: RulesTold = NO_RULES  # what the rules of the place and day say; no verdict but by `checks`
    flights: tuple[FlightAnswer, ...] = ()  # told apart and judged one by one; none without a position
    flight: Any = field(default=None, compare=False)  # the Flight that was checked; None where it is not at hand

    @property
    def rules(self) -> Settings:
        """Return the settings, by their former name."""
        return self.settings

    @property
    def integrity(self) -> Integrity | None:
        """Return what tests of the log against itself found; None where it was not tested, or is not at hand."""
        found: Integrity | None = self.flight.whole_integrity if self.flight is not None else None
        return found

    @property
    def zone_sources(self) -> tuple[ZoneSource, ...]:
        """Return everything that was judged by: the borders first, then the files."""
        return (self.borders, *self.zone_files)

    def to_pandas(self) -> pd.DataFrame:
        """Return the findings as a DataFrame, a row each (imports pandas); units in the names, as in `Finding`.

        `enter_utc` and `exit_utc` are timestamps, NaT where the log starts or ends inside or does not know UTC;
        `reasons` are joined by spaces.
        """
        import pandas as pd

        names = [f.name for f in fields(Finding) if f.name not in _NOT_IN_FRAME]
        rows = [
            {
                "kind": f.kind.value,
                "verdict": f.verdict.value,
                "zone_id": f.zone.id if f.zone else None,
                "zone_name": f.zone.name if f.zone else None,
                **{name: getattr(f, name) for name in names},
                "reasons": " ".join(f.reasons),
                "authorised_by": "; ".join(f.authorised_by) or None,
                **{
                    f"{which}_utc": getattr(f, f"{which}_ns") if self.utc_known else None for which in ("enter", "exit")
                },
            }
            for f in self.findings
        ]
        columns = ["kind", "verdict", "zone_id", "zone_name", *names, "reasons", "enter_utc", "exit_utc"]
        frame = pd.DataFrame(rows, columns=columns)
        numbers = [name for name in names if name != "authorised_by"]
        frame[numbers] = frame[numbers].astype(float)
        for which in ("enter_utc", "exit_utc"):
            frame[which] = pd.to_datetime(frame[which].astype("Int64"), unit="ns", utc=True)
        return frame

    def to_json(self, *, include_private: bool = False, hide_home_m: float | None = None) -> str:
        """Return the result as the JSON document of `check --json` (docs/json.md).

        Raises UsageError for a result without its flight, as only `check` makes them.
        """
        if self.flight is None:
            raise UsageError(NO_FLIGHT_AT_HAND)
        case, encode = _report("case"), _report("json.encode")
        disclosure = case.Disclosure(include_private, hide_home_m)
        seen = _report("privacy").redact(case.Case(self.flight, None, self), disclosure)
        text: str = encode.encode(encode.result_document(seen), indent=True).decode()
        return text

    def __repr__(self) -> str:
        answers = ", ".join(f"{c.question.value} {(c.verdict or c.status).value}" for c in self.checks)
        return f"<Result {self.verdict.value} ({answers}), {len(self.findings)} findings>"

    def _repr_html_(self) -> str:
        """Show the verdict, the questions and the findings, for notebooks."""
        shown: str = _report("notebook").result_html(self)
        return shown

    @property
    def topics(self) -> tuple[Topic, ...]:
        """Return what was asked about: rules only where packs of them were named."""
        return tuple(check.question for check in self.checks)

    def check_of(self, topic: Topic) -> Check:
        """Return the check of a topic, one of `topics`."""
        return next(check for check in self.checks if check.question is topic)


def _report(name: str) -> Any:
    """Load a module of the report layer, which stands above this one: for what a user asks of a result, only."""
    return import_module(f"dronecheck.report.{name}")
