"""Positions of unproven datum inside mainland China: both alternatives are judged, and only what they share decides.

Chinese map services, and apps that draw on them, shift coordinates to GCJ-02. A log that passed through an app does not
say whether it was shifted. So the flight is judged twice, as it stands and as if it were GCJ-02; what only one
alternative says is INCONCLUSIVE, `datum_unknown`.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

import numpy as np

from dronecheck import messages
from dronecheck.borders.territories import territories_near
from dronecheck.flight import Flight, HorizontalDatum, Track
from dronecheck.geo.gcj02 import wgs84_from_gcj02
from dronecheck.geo.plane import metres_per_degree
from dronecheck.geofence.ambiguity import Ambiguity, combine_alternatives, less_checked
from dronecheck.geofence.answers.by_rules import by_alternatives
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import Check, Finding, Reason, Result, Status, Verdict, worst
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["agreed", "other_reading"]

_CHINA = "CHN"
_BOX_DEG = (73.0, 17.0, 136.0, 54.0)  # west, south, east, north around mainland China: a quick no
_LARGEST_SHIFT_DEG = 0.01
_DOUBT = Ambiguity(Reason.DATUM_UNKNOWN, "gcj02_positions")


def other_reading(flight: Flight) -> Flight | None:
    """Return the flight as it was if its positions are GCJ-02; None where that cannot be."""
    track = flight.track
    if flight.datum is HorizontalDatum.WGS84 or not len(track) or not _in_mainland_china(track):
        return None
    lonlat = wgs84_from_gcj02(np.column_stack([track.lon_deg, track.lat_deg]))
    moved = track.replace(lon_deg=lonlat[:, 0], lat_deg=lonlat[:, 1])
    return replace(flight, tracks={**flight.tracks, flight.primary: moved}, datum=HorizontalDatum.WGS84)


def agreed(result: Result, other: Result, flight: Flight, moved: Flight) -> Result:
    """Return what both alternatives say; `result` is the log's as it stands, `other` the one that undoes GCJ-02."""
    findings = combine_alternatives(list(result.findings), list(other.findings), _DOUBT, _agreeing)
    checks = tuple(_check(mine, theirs) for mine, theirs in zip(result.checks, other.checks, strict=True))
    asked = [c.verdict for c in checks if c.status is not Status.NOT_CHECKED and c.verdict is not None]
    verdict = worst([*asked, *(f.verdict for f in findings)])
    issue = _issue(flight, moved, result.verdict is other.verdict)
    by_rules = by_alternatives([result.by_rules, other.by_rules], _DOUBT.reason)
    return replace(
        result, verdict=verdict, checks=checks, findings=tuple(findings), issues=(*result.issues, issue),
        by_rules=by_rules,
    )  # fmt: skip


def _in_mainland_china(track: Track) -> bool:
    west, south, east, north = _BOX_DEG
    lon, lat = track.lon_deg, track.lat_deg
    near = (lon > west) & (lon < east) & (lat > south) & (lat < north)
    if not near.any():
        return False
    pad = _LARGEST_SHIFT_DEG
    window = territories_near(
        float(lon[near].min()) - pad, float(lat[near].min()) - pad,
        float(lon[near].max()) + pad, float(lat[near].max()) + pad,
    )  # fmt: skip
    return any(_CHINA in territory.claimants for territory in window.territories)


def _agreeing(finding: Finding, same: list[Finding]) -> Finding:
    depth = max(f.depth_m for f in same)
    if not depth > 0 or not isfinite(depth):
        return finding
    also = Clause.of(ClauseCode.DEPTH_IF, depth_m=depth, alternative=_DOUBT.alternative)
    return replace(finding, clauses=(*finding.clauses, also))


def _check(mine: Check, theirs: Check) -> Check:
    if mine.verdict is theirs.verdict:
        return mine
    if less := less_checked(mine, theirs):
        return less
    return replace(mine, verdict=Verdict.INCONCLUSIVE, reasons=(*mine.reasons, _DOUBT.reason))


def _issue(flight: Flight, moved: Flight, same: bool) -> Issue:
    east_m, north_m = metres_per_degree(flight.track.lat_deg)
    by_m = np.hypot(
        (moved.track.lon_deg - flight.track.lon_deg) * east_m, (moved.track.lat_deg - flight.track.lat_deg) * north_m
    )
    template = messages.GCJ02_AGREES if same else messages.GCJ02_DIFFERS
    text = Message(template, apart_m=float(np.median(by_m)))
    return Issue(Code.DATUM_UNKNOWN, Severity.WARNING, text)
