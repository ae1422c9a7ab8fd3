"""A fleet's rows gathered for its page: counts by verdict, cause, month and aircraft, and where the findings lie."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dronecheck.audit.fleet.words import VERDICTS, FleetWords
from dronecheck.audit.privacy import Row

__all__ = ["MOST_ROWS", "STATE_WORDS", "UNKNOWN", "FileEntry", "Fleet", "Spot", "gathered"]

UNKNOWN = "not known"
MOST_ROWS = 20_000  # in the page's table; the rest is counted, and said
STATE_WORDS = VERDICTS.states
_SIMULATED = {"yes": "simulated", "looks": "looks simulated"}


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file as a row of the page's table; `state` is the verdict of a flight, else the file's status.

    `integrity` is what tests of the log against itself said, with the number of contradictions and notices.
    """

    file: str
    start_utc: str
    aircraft: str
    state: str
    cause: str
    integrity: str
    depth_m: float | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a finding lies, with its way, if it has one (WKB); `entry` is the row of its flight."""

    lon_deg: float
    lat_deg: float
    verdict: str
    zone: str
    wkb: bytes | None
    sha256: str


@dataclass
class Fleet:
    """What the page shows."""

    states: Counter[str] = field(default_factory=Counter)
    questions: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_month: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_aircraft: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_pilot: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    copies: int = 0
    damaged: int = 0
    simulated: Counter[str] = field(default_factory=Counter)
    integrity: Counter[str] = field(default_factory=Counter)
    distance_m: float = 0.0
    duration_s: float = 0.0
    first_utc: str = ""
    last_utc: str = ""
    versions: set[str] = field(default_factory=set)
    bases: set[str] = field(default_factory=set)
    entries: list[FileEntry] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    left_out: int = 0

    @property
    def files(self) -> int:
        """Return how many files there are."""
        return sum(self.states.values())


def gathered(rows: Iterable[tuple[Row, list[Row]]], aircraft: dict[str, str], words: FleetWords = VERDICTS) -> Fleet:
    """Count and gather. `aircraft` are the names to show, by serial number, where no registration is known."""
    fleet = Fleet()
    buckets: dict[str, list[FileEntry]] = defaultdict(list)
    for flight, findings in rows:
        state = str(flight["verdict"] if flight["status"] == "ok" else flight["status"])
        fleet.states[state] += 1
        fleet.copies += flight["same_as"] is not None
        name = flight["registration"] or aircraft.get(str(flight["serial"]), "") if flight["status"] == "ok" else ""
        if flight["status"] == "ok":
            _count(fleet, flight, state, str(name or UNKNOWN))
        if state not in ("CLEAR", "not_a_log"):
            fleet.causes[state, _cause(flight, words)] += 1
        if flight["status"] in ("failed", "unreadable"):
            fleet.failures[state, str(flight["code"])].append(str(flight["file"]))
        deepest = max((f["depth_m"] or 0.0 for f in findings), default=None)
        entry = FileEntry(
            str(flight["file"]), str(flight["start_utc"] or ""), str(name or ""), state,
            _marked(flight, _cause(flight, words)), _integrity(flight, words), deepest, str(flight["sha256"] or ""),
        )  # fmt: skip
        if len(buckets[state]) < MOST_ROWS:
            buckets[state].append(entry)
        fleet.spots += [spot for f in findings if (spot := _spot(f, str(flight["sha256"])))]
    for state in STATE_WORDS:
        room = MOST_ROWS - len(fleet.entries)
        fleet.entries += buckets[state][:room]
    fleet.left_out = fleet.files - len(fleet.entries)
    return fleet


def _count(fleet: Fleet, flight: Row, state: str, name: str) -> None:
    start = str(flight["start_utc"] or "")
    fleet.by_month[start[:7] or UNKNOWN][state] += 1
    fleet.by_aircraft[name][state] += 1
    fleet.by_pilot[str(flight["pilot"] or UNKNOWN)][state] += 1
    for question in ("border", "airspace", "height"):
        fleet.questions[question][str(flight[question])] += 1
    fleet.distance_m += flight["distance_m"] or 0.0
    fleet.duration_s += flight["duration_s"] or 0.0
    fleet.damaged += bool(flight["damage"])
    fleet.simulated[state] += flight["simulated"] in _SIMULATED
    if flight["integrity_status"]:  # an audit of an earlier version has none
        fleet.integrity[str(flight["integrity_status"])] += 1
    if start:
        fleet.first_utc = min(fleet.first_utc or start, start)
        fleet.last_utc = max(fleet.last_utc, start)
    fleet.versions.add(str(flight["tool_version"]).split("/")[0])
    fleet.bases.add(str(flight["basis"]))


def _cause(flight: Row, words: FleetWords) -> str:
    code = str(flight["code"] or "").replace("_", " ")
    cause = words.cause(str(flight["cause"] or ""))
    return cause or code if flight["status"] == "ok" else code or cause


def _marked(flight: Row, cause: str) -> str:
    """Return a cause with the word that the flight is, or looks, simulated."""
    mark = _SIMULATED.get(str(flight["simulated"]), "") if flight["status"] == "ok" else ""
    return f"{mark}: {cause}" if mark and cause else mark or cause


def _integrity(flight: Row, words: FleetWords) -> str:
    status = words.status.get(str(flight["integrity_status"]), "") if flight["status"] == "ok" else ""
    count = (flight["integrity_contradictions"] or 0) + (flight["integrity_notices"] or 0)
    return f"{status} ({count})" if status and count else status


def _spot(finding: Row, sha256: str) -> Spot | None:
    """Return the place of the entry, or of the exit where the log began inside."""
    verdict = str(finding["finding_verdict"])
    if verdict == "CLEAR":
        return None
    for which in ("entry", "exit"):
        lon, lat = finding[f"{which}_lon_deg"], finding[f"{which}_lat_deg"]
        if lon is not None:
            return Spot(lon, lat, verdict, str(finding["zone_name"] or "height limit"), finding.get("wkb"), sha256)
    return None


def numbered(serials: Iterable[Any]) -> dict[str, str]:
    """Return a neutral name for each serial number: "aircraft 1" on, in the order of the numbers."""
    return {serial: f"aircraft {number}" for number, serial in enumerate(sorted(set(map(str, serials))), 1)}
