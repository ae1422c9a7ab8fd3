"""The border question where only the header could be read: where it began, and which territories are in reach."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from dronecheck.borders.territories import Territory
from dronecheck.flight import Flight
from dronecheck.geo.outline.edges import Edge
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import Answer
from dronecheck.geofence.questions.header.disc import LOOKED_M, Disc, Meeting
from dronecheck.geofence.questions.header.findings import Met, finding_of
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.questions.territory_relation import (
    PERMITTED,
    territory_reference,
    territory_relation,
    territory_visit,
)
from dronecheck.geofence.result import Check, Finding, FindingKind, Reason, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings

__all__ = ["BorderAnswer", "ask_border"]


@dataclass(frozen=True, slots=True)
class BorderAnswer:
    """The answer, and whether the disc keeps to what it starts in: one territory, or the open sea."""

    answer: Answer
    is_free: bool


def ask_border(flight: Flight, start: Disc | None, pictures: list[Disc], settings: Settings) -> BorderAnswer:
    """Return what the header says of borders: always open, with the start's territory and all that are in reach."""
    is_bounded = flight.header is not None and flight.header.within_m is not None
    around = _around(start, is_bounded=is_bounded) if start is not None else _Around(None, {}, False)
    met = {territory: Met(start, meeting) for territory, meeting in around.met.items()}
    origin = around.home
    for picture in pictures:
        there = _around(picture, is_bounded=False)
        origin = there.home if origin is None and start is None else origin
        for territory, meeting in there.met.items():
            met[territory] = met.get(territory, Met()).with_picture(picture, meeting)
    touched = [territory for territory, told in met.items() if told.is_touched]
    found = [_finding(territory, met[territory], origin, flight, settings) for territory in touched]
    findings = tuple(sorted((f for f in found if f is not None), key=_gravest_first))
    is_free = around.is_free and set(touched) <= {around.home}
    check = Check(
        Topic.BORDER, Status.CHECKED, Verdict.INCONCLUSIVE, (Reason.HEADER_ONLY,),
        _clauses(start, around, settings, is_free=is_free),
    )  # fmt: skip
    visits = (territory_visit(around.home, None, None, settings),) if around.home else ()
    at_home = [around.home] if around.home is not None else []
    every = tuple(dict.fromkeys(at_home + touched))
    return BorderAnswer(Answer(check, findings, (), visits, settings.home, every), is_free)


@dataclass(frozen=True, slots=True)
class _Around:
    """The territory of a disc's middle, how it lies to each in reach, and whether no outline may be in its reach."""

    home: Territory | None
    met: dict[Territory, Meeting]
    is_free: bool


def _around(disc: Disc, *, is_bounded: bool) -> _Around:
    land = NearbyTerritories(disc.trajectory, disc.pad_m())
    home = land.at(0)
    if land.only[1]:
        met = {home: Meeting(-float("inf"), 0.0, 0.0, True, False)} if home is not None else {}
        return _Around(home, met, is_bounded and not disc.is_too_wide)
    found = {}
    for territory in land.territories:
        meeting = disc.meets(land.outline(territory), Edge.PLANAR, land.error_of(territory))
        if meeting is not None:
            found[territory] = meeting
    is_free = is_bounded and not disc.is_too_wide and not any(m.is_crossed for m in found.values())
    return _Around(home, found, is_free)


def _finding(
    territory: Territory, met: Met, origin: Territory | None, flight: Flight, settings: Settings
) -> Finding | None:
    """Return the open finding of a territory that it began in or may have reached; None of home and what is allowed.

    Where nobody names the home, the territory of the start stands for it, or of the first picture without a start.
    """
    code = settings.home or (origin.iso_a3 if origin else None)
    if not settings.home and territory == origin:
        return None
    standing = territory_relation(territory, code, settings) if code else Reason.HOME_UNKNOWN
    if standing in PERMITTED:
        return None
    more = (standing,) if standing else ()
    return finding_of(FindingKind.BORDER_CROSSING, territory_reference(territory, settings), met, flight, more)


def _gravest_first(finding: Finding) -> tuple[bool, float]:
    return Reason.INSIDE_BEYOND_ERROR not in finding.reasons, finding.margin_m or 0.0


def _clauses(start: Disc | None, around: _Around, settings: Settings, *, is_free: bool) -> tuple[Clause, ...]:
    if start is None:
        return (Clause(ClauseCode.HEADER_START_UNKNOWN),)
    name = around.home.name(settings.language) if around.home else None
    said = [Clause.of(ClauseCode.HEADER_START_IN, territory=name)]
    if is_free:
        return (*said, Clause(ClauseCode.HEADER_IN_ONE))
    own = around.met.get(around.home) if around.home else None
    if start.radius_m and own is not None and own.is_crossed and isfinite(own.signed_m):
        edge = Clause.of(ClauseCode.HEADER_OUTLINE_IN_REACH, territory=name, distance_m=abs(own.signed_m))
        said.append(edge)
    if start.is_too_wide:
        said.append(Clause.of(ClauseCode.HEADER_TOO_WIDE, looked_m=LOOKED_M))
    return tuple(said)
