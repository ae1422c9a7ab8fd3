"""What a finding is in a table: one list of columns, from which JSON, exports, audit and documentation take theirs.

Every figure is rounded well below any meaning, so that the last bits of a platform's sines do not show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from dronecheck.geofence.result import Finding, Place, Reason
from dronecheck.safe.io import plain
from dronecheck.timebase import iso_utc

__all__ = ["FINDING_COLUMNS", "NOT_IN_TABLES", "FindingColumn", "finding_row", "rounded"]

Cell = str | int | float | None
Getter = Callable[[Finding, bool], Any]


@dataclass(frozen=True, slots=True)
class FindingColumn:
    """One column: the type of its values, what they mean with their unit, and how a finding gives its own.

    `value` takes a finding and whether the flight's times are UTC. A column `in_json` has its name there.
    """

    kind: type
    about: str
    value: Getter
    in_json: bool = False


def authorisation_of(finding: Finding) -> str | None:
    """Write what covers a finding: references, or the option that allows its territory; None where nothing does."""
    text = " and ".join(finding.authorised_by)
    return f"--allow {text}" if text and Reason.ALLOWED in finding.reasons else text or None


def rounded(value: float | None, digits: int = 3) -> float | None:
    """Round a figure; None for one that is not known."""
    return round(float(value), digits) if value is not None and isfinite(value) else None


def _figure(name: str, digits: int = 3) -> Getter:
    return lambda finding, utc_known: rounded(getattr(finding, name), digits)


def _moment(name: str) -> Getter:
    return lambda finding, utc_known: iso_utc(getattr(finding, name), utc_known)


def _zone(name: str) -> Getter:
    return lambda finding, utc_known: plain(getattr(finding.zone, name)) if finding.zone else None


def _degrees(name: str, axis: str) -> Getter:
    def value(finding: Finding, utc_known: bool) -> float | None:
        place: Place | None = getattr(finding, name)
        return round(getattr(place, axis), 8) if place else None

    return value


def _alternatives(finding: Finding, utc_known: bool) -> str | None:
    said = [
        (a.track, a.verdict.value, "" if a.margin_m is None else f" {a.margin_m:.2f}") for a in finding.alternatives
    ]
    return "; ".join(f"{track} {verdict}{margin}" for track, verdict, margin in said) or None


def _evidence(finding: Finding, utc_known: bool) -> str | None:
    if not finding.evidence:
        return None
    first, last = finding.evidence[0], finding.evidence[-1]
    return plain(
        f"{first.track} rows {first.row} to {last.row}, at {first.offset} to {last.offset}"
        if first.file == last.file == 0
        else f"{first.track} rows {first.row} to {last.row}, at {first.offset} of file {first.file + 1} "
        f"to {last.offset} of file {last.file + 1}"
    )


FINDING_COLUMNS: dict[str, FindingColumn] = {
    "kind": FindingColumn(str, "border_crossing, zone_entry or altitude_limit", lambda f, u: f.kind.value),
    "verdict": FindingColumn(str, "VIOLATION, INCONCLUSIVE or CLEAR", lambda f, u: f.verdict.value),
    "flight": FindingColumn(int, "which of the log's flights, from 0", lambda f, u: f.flight, True),
    "zone_id": FindingColumn(str, "as in the source", _zone("id")),
    "zone_name": FindingColumn(str, "as in the source, no position taken", _zone("name")),
    "zone_kind": FindingColumn(str, "border, prohibited, restricted, ...", _zone("kind")),
    "zone_source": FindingColumn(str, "the zone file or border data", _zone("source")),
    "enter_utc": FindingColumn(
        str, "ISO 8601, UTC; empty when the log starts inside or UTC is unknown", _moment("enter_ns"), True
    ),
    "exit_utc": FindingColumn(
        str, "ISO 8601, UTC; empty when the log ends inside or UTC is unknown", _moment("exit_ns"), True
    ),
    "enter_sigma_s": FindingColumn(float, "s, 1 sigma, outline's error included", _figure("enter_sigma_s"), True),
    "exit_sigma_s": FindingColumn(float, "s, 1 sigma, outline's error included", _figure("exit_sigma_s"), True),
    "entry_lat_deg": FindingColumn(float, "degrees, WGS 84", _degrees("entry", "lat_deg")),
    "entry_lon_deg": FindingColumn(float, "degrees, WGS 84", _degrees("entry", "lon_deg")),
    "exit_lat_deg": FindingColumn(float, "degrees, WGS 84", _degrees("exit", "lat_deg")),
    "exit_lon_deg": FindingColumn(float, "degrees, WGS 84", _degrees("exit", "lon_deg")),
    "entry_sigma_m": FindingColumn(
        float, "m on the map, 1 sigma, outline's error included", _figure("entry_sigma_m"), True
    ),
    "exit_sigma_m": FindingColumn(
        float, "m on the map, 1 sigma, outline's error included", _figure("exit_sigma_m"), True
    ),
    "duration_s": FindingColumn(float, "s inside", _figure("duration_s"), True),
    "path_m": FindingColumn(float, "m of path inside", _figure("path_m"), True),
    "depth_m": FindingColumn(float, "m, greatest distance inside", _figure("depth_m"), True),
    "margin_m": FindingColumn(
        float, "m to the nearest edge at the decisive instant, negative inside", _figure("margin_m"), True
    ),
    "sigma_m": FindingColumn(float, "m, 1 sigma of margin_m", _figure("sigma_m"), True),
    "probability": FindingColumn(float, "of having been inside at that instant", _figure("probability", 6), True),
    "probability_upper": FindingColumn(
        float, "of ever having been inside, if the errors wander", _figure("probability_upper", 6), True
    ),
    "alt_min_m": FindingColumn(float, "m above mean sea level", _figure("alt_min_m"), True),
    "alt_max_m": FindingColumn(float, "m above mean sea level", _figure("alt_max_m"), True),
    "reasons": FindingColumn(
        str, "as in the JSON result, separated by spaces", lambda f, u: " ".join(r.value for r in f.reasons)
    ),
    "authorisation": FindingColumn(
        str, "reference of the authorisation that covers it", lambda f, u: authorisation_of(f), True
    ),
    "alternatives": FindingColumn(
        str, "answer and margin_m of each source, where sources of the log contradict each other", _alternatives
    ),
    "evidence": FindingColumn(str, "track, first and last row, first and last place in the log's files", _evidence),
}

# Fields of a finding that are in no table, each with the reason.
NOT_IN_TABLES = {
    "clauses": "sentences, as codes with values: in JSON alone",
    "band_m": "what margin_m is held against: follows from sigma_m and the outline's error",
    "deepest": "a place: drawn",
    "deepest_ns": "its time",
    "hidden": "which end a report leaves out: its cells are empty",
    "rows": "the way inside: a geometry in exports and audit",
}


def finding_row(finding: Finding, *, utc_known: bool) -> dict[str, Cell]:
    """Return a finding's values by column."""
    return {name: column.value(finding, utc_known) for name, column in FINDING_COLUMNS.items()}
