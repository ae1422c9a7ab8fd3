"""The answer to a record of which only the header could be read: bounds on where it was, and always INCONCLUSIVE.

The header is the app's own word and shows no way, so that nothing is clear by it, and nothing entered: what the flight
began in, where its pictures were taken and what lies within its greatest distance from the start are open findings.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING

from dronecheck.airspace.zone import ZoneSet, ZoneSource
from dronecheck.flight import Flight
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.header.borders import ask_border
from dronecheck.geofence.questions.header.disc import discs_of
from dronecheck.geofence.questions.header.zones import ask_zones
from dronecheck.geofence.questions.rules.question import not_answered
from dronecheck.geofence.result import Check, Reason, Result, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings

if TYPE_CHECKING:
    from dronecheck.geo.vertical.geoid import Geoid

__all__ = ["judged_by_header"]


def judged_by_header(
    flight: Flight, zones: ZoneSet | None, settings: Settings, geoid: Callable[[], Geoid], borders: ZoneSource
) -> Result:
    """Return what the header of a flight without a track says: INCONCLUSIVE, `header_only`, whatever it says."""
    header = flight.header
    assert header is not None
    start, pictures = discs_of(header, settings.thresholds, flight.clock.sigma_s if flight.clock.utc_known else 0.0)
    border = ask_border(flight, start, pictures, settings)
    airspace = ask_zones(zones, flight, start, pictures, settings, geoid, border.answer.touched)
    free = "untold"
    if border.is_free and not airspace.is_touched:
        free = "border_and_zone" if airspace.is_free else "border"
    bounds = (
        Clause(ClauseCode.HEADER_NO_ENVELOPE)
        if header.within_m is None or header.below_m is None
        else Clause.of(
            ClauseCode.HEADER_ENVELOPE, within_m=ceil(header.within_m), below_m=ceil(header.below_m), free=free
        )
    )
    about_border = border.answer.check
    checks = (
        Check(Topic.BORDER, about_border.status, about_border.verdict, about_border.reasons,
              (bounds, *about_border.clauses)),
        airspace.answer.check,
        _height(header.below_m, settings),
        *((rules,) if (rules := not_answered(settings, Reason.HEADER_ONLY).check) else ()),
    )  # fmt: skip
    return Result(
        verdict=Verdict.INCONCLUSIVE,
        checks=checks,
        findings=(*border.answer.findings, *airspace.answer.findings),
        territories=border.answer.territories,
        nearest=(),
        takeoff=None,
        home_territory=settings.home,
        distance_m=float("nan"),
        issues=(*flight.issues, *(zones.issues if zones is not None else ())),
        borders=borders,
        zone_files=zones.sources if zones is not None else (),
        settings=settings,
        utc_known=flight.clock.utc_known,
        touched=border.answer.touched,
        flight=flight,
    )


def _height(below_m: float | None, settings: Settings) -> Check:
    """Return the height question's answer: open where a limit is given, with the greatest height that is stated."""
    limits = [(settings.max_height_m, "takeoff"), (settings.max_agl_m, "ground")]
    asked = [(limit_m, above) for limit_m, above in limits if limit_m is not None]
    if not asked:
        said = (Clause(ClauseCode.NO_HEIGHT_LIMIT),)
        return Check(Topic.HEIGHT, Status.NOT_CHECKED, None, (Reason.NO_HEIGHT_LIMIT,), said)
    told = None if below_m is None else ceil(below_m)
    clauses = tuple(
        Clause.of(ClauseCode.HEADER_HEIGHT, below_m=told, limit_m=limit_m, above=above) for limit_m, above in asked
    )
    return Check(Topic.HEIGHT, Status.CHECKED, Verdict.INCONCLUSIVE, (Reason.HEADER_ONLY,), clauses)
