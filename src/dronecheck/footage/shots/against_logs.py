"""Shots beside flight logs: which log each agrees with, the place that it brings, and the home that it knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Flight
from dronecheck.footage.agreement.agree import agreements
from dronecheck.footage.agreement.from_log import place_in_log, pose_in_log, takeoff_flight
from dronecheck.footage.agreement.model import LogAgreement
from dronecheck.footage.shots.answer import ShotRead
from dronecheck.geofence.result import Result
from dronecheck.media.model import PositionStatus
from dronecheck.safe.io import open_input, plain
from dronecheck.settings import CheckSetup

__all__ = ["HeldAgainst", "held_against_logs"]


@dataclass(frozen=True, eq=False)
class HeldAgainst:
    """Shots and what logs say of them: `agreements` and `shots` go together; those without a place have the log's.

    `results` are the answers to the `flights`, of which a log with several vehicles gives several. `home` is the
    territory of the take-off of the flight that most shots agree with.
    """

    shots: tuple[ShotRead, ...]
    flights: tuple[Flight, ...] = ()
    results: tuple[Result, ...] = ()
    agreements: tuple[LogAgreement | None, ...] = ()
    home: str | None = None


def held_against_logs(shots: Sequence[ShotRead], logs: Sequence[Path], setup: CheckSetup) -> HeldAgainst:
    """Hold shots against flight logs. Raises UnreadableInput where a log cannot be read, UsageError where none is."""
    if not logs:
        return HeldAgainst(tuple(shots))
    flights, results = list[Flight](), list[Result]()
    for path in logs:
        try:
            flight, _, result = setup.judge(open_input(path))
        except UnreadableInput as error:
            raise UnreadableInput(error.code, f"--log {plain(path.name)}: {error.message}") from None
        for one in (replace(flight, others=()), *flight.others):
            flights.append(one)
            results.append(result)
    items = [shot.item for shot in shots if shot.item is not None]
    folders = [str(shot.files.path.parent) for shot in shots if shot.item is not None]
    found = iter(agreements(items, flights, folders))
    told = [next(found) if shot.item is not None else None for shot in shots]
    takeoff = takeoff_flight(told, flights)
    home = next((r.home_territory for f, r in zip(flights, results, strict=True) if f is takeoff), None)
    placed = tuple(_placed(shot, one, flights) for shot, one in zip(shots, told, strict=True))
    return HeldAgainst(placed, tuple(flights), tuple(results), tuple(told), home)


def _placed(shot: ShotRead, agreement: LogAgreement | None, flights: Sequence[Flight]) -> ShotRead:
    """Return a shot with what a log notes of it, and the log's place and direction where it says none of its own."""
    item = shot.item
    if item is None or agreement is None:
        return shot
    shot = replace(shot, issues=(*shot.issues, *agreement.issues))
    if item.film is not None:
        return shot
    if item.pose is None:
        item = replace(item, pose=pose_in_log(agreement, flights))
        shot = replace(shot, item=item)
    if item.position is not None and item.position.status is PositionStatus.USABLE:
        return shot
    found = place_in_log(agreement, flights)
    if found is None:
        return shot
    position, height = found
    return replace(shot, item=replace(item, position=position, height=item.height or height))
