"""Whether a photo or a film agrees with a flight log, and the clock that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dronecheck.issues import Issue

__all__ = ["AgreementVerdict", "FilmMiss", "LogAgreement"]


class AgreementVerdict(StrEnum):
    """What holding one item against the logs came to."""

    AGREES = "AGREES"
    WRONG_POSITION = "DISAGREES(position)"
    WRONG_TIME = "DISAGREES(time)"  # the positions fit the log, at another time than the item states
    WRONG_HEIGHT = "DISAGREES(height)"
    WRONG_DEVICE = "DISAGREES(device)"
    NOT_COVERED = "NOT_COVERED"  # taken when no log has the aircraft's place
    AMBIGUOUS = "AMBIGUOUS"  # several times fit, or the time fits and nothing else can be compared
    NO_CLOCK = "NO_CLOCK"  # nothing tells what the camera's clock is worth


@dataclass(frozen=True, slots=True)
class FilmMiss:
    """How far the samples of a film lie from the log, metres: median, 95th percentile, farthest; of so many."""

    p50_m: float
    p95_m: float
    max_m: float
    samples: int


@dataclass(frozen=True, slots=True)
class LogAgreement:
    """What a log says of one item.

    `name` is the log's, `flight` its place among those given. `delta_s` is UTC minus the camera's clock, with the
    interval that holds it with 95 %; None where the item has no clock of its own, or the log no proven UTC. `miss_m` is
    how far the item's position lies from the log's at its time; with NO_CLOCK, from the nearest place of the track.
    """

    name: str
    flight: int
    verdict: AgreementVerdict
    delta_s: float | None = None
    delta_interval_s: tuple[float, float] | None = None
    miss_m: float | None = None
    film: FilmMiss | None = None
    time_ns: int | None = None  # when it was taken, UTC by the clock found
    time_sigma_s: float | None = None
    issues: tuple[Issue, ...] = ()
