"""(Flight, ZoneSet, Rules) to Result: pure, deterministic, no input or output but the bundled borders."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isfinite

from dronecheck.airspace.bundled import border_source
from dronecheck.airspace.zone import ZoneSet, ZoneSource
from dronecheck.flight import Flight, HorizontalDatum
from dronecheck.geofence.borders import check_borders
from dronecheck.geofence.datum import agreed, other_reading
from dronecheck.geofence.findings import (
    Check,
    Finding,
    Nearest,
    Question,
    Reason,
    Result,
    Rules,
    Status,
    worst,
)
from dronecheck.geofence.heights import check_max_height
from dronecheck.geofence.path import Path
from dronecheck.geofence.takeoff import ends_airborne, recorded_takeoff
from dronecheck.issues import Code, Issue, Severity

__all__ = ["check"]

_NOT_APPLIED = Issue(
    Code.AUTHORISATION_NOT_APPLIED,
    Severity.WARNING,
    "the log does not know UTC, so no authorisation was applied; --start-time gives the UTC of the first fix",
)


def check(flight: Flight, zones: ZoneSet | None = None, rules: Rules | None = None) -> Result:
    """Test a flight against the bundled borders, the zones given, and a height limit if there is one.

    Raises UsageError when a rule cannot be right (an unknown territory code).
    """
    rules = rules or Rules()
    if rules.authorisations and not flight.clock.utc_known:
        result = check(flight, zones, replace(rules, authorisations=()))
        return replace(result, rules=rules, issues=(*result.issues, _NOT_APPLIED))
    result = _check_reading(flight, zones, rules)
    if flight.datum is HorizontalDatum.WGS84:
        return result
    moved = other_reading(flight)
    return agreed(result, _check_reading(moved, zones, rules), flight, moved) if moved else result


def _check_reading(flight: Flight, zones: ZoneSet | None, rules: Rules) -> Result:
    # Records that contradict each other as an edit would: with them nothing is clear.
    conflicts = [i for i in flight.issues if i.code is Code.POSITION_CONFLICT and i.severity is Severity.TAMPER]
    contradicted_m = max((issue.doubt_m or inf for issue in conflicts), default=0.0)
    clock_sigma_s = flight.clock.sigma_s if flight.clock.utc_known and isfinite(flight.clock.sigma_s) else 0.0
    path = Path(flight.track, rules.thresholds, contradicted_m=contradicted_m, clock_sigma_s=clock_sigma_s)
    takeoff = recorded_takeoff(flight, path)
    border = check_borders(path, takeoff, rules, flight.primary, ends_airborne=ends_airborne(flight, path))
    airspace, entries, near_zones = _check_zones(path, zones, rules, flight)
    height, above = check_max_height(path, rules, flight.primary)
    checks = (border.check, airspace, height)
    asked = [c.verdict for c in checks if c.status is not Status.NOT_CHECKED and c.verdict is not None]
    return Result(
        verdict=worst(asked),
        checks=checks,
        findings=(*border.findings, *entries, *above),
        territories=tuple(border.territories),
        nearest=(*border.nearest, *near_zones),
        takeoff=takeoff.place if takeoff else None,
        home_territory=border.home,
        distance_m=path.length_m,
        issues=(*flight.issues, *(zones.issues if zones else ()), *_own_issues(path, flight)),
        zone_sources=(_borders(), *(zones.sources if zones else ())),
        rules=rules,
    )


def _check_zones(
    path: Path, zones: ZoneSet | None, rules: Rules, flight: Flight
) -> tuple[Check, list[Finding], list[Nearest]]:
    if zones is None:
        note = "no zone file given; --zones FILE adds one"
        return Check(Question.AIRSPACE, Status.NOT_CHECKED, None, (Reason.NO_ZONE_FILE,), note), [], []
    from dronecheck.geofence.zones import check_zones  # GEOS, only where there are zones

    # A time zone that is only assumed may be hours off: no zone's times can be held against it.
    is_stated = flight.clock.utc_known and not any(issue.code is Code.UTC_ASSUMED for issue in flight.issues)
    return check_zones(path, zones, rules, flight.primary, is_stated)


def _borders() -> ZoneSource:
    source = border_source()
    licence = f"{source.licence}: {source.attribution}"
    return ZoneSource(source.name, source.sha256, source.edition, licence, None)


def _own_issues(path: Path, flight: Flight) -> list[Issue]:
    jumps = int(path.is_jump.sum())
    if not jumps or any(issue.code is Code.IMPOSSIBLE_JUMP for issue in flight.issues):
        return []
    first = int(path.is_jump.argmax())
    text = (
        f"faster than {path.thresholds.implausible_speed_mps:g} m/s between two fixes; "
        "the way between them is not counted as flown"
    )
    return [Issue(Code.IMPOSSIBLE_JUMP, Severity.WARNING, text, int(path.track.offset[first + 1]), jumps)]
