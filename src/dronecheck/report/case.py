"""One checked flight as reports take it, how much of it a report may tell, and which of many logs it is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.flight import Flight
from dronecheck.flight.joined import Alone, Ends, chains
from dronecheck.geofence.result import Result
from dronecheck.readers.common.recordings import Recording, pairs
from dronecheck.safe.io import Input, open_input

if TYPE_CHECKING:
    from dronecheck.airspace.zone import ZoneSet
    from dronecheck.geofence.altitude.altitudes import TerrainHeights
    from dronecheck.report.privacy.homes import Homes
    from dronecheck.settings import CheckSetup

__all__ = ["Case", "Disclosure", "Exhibit", "FlightLogs", "answer", "by_flight"]

KEPT_BYTES = 256 << 20  # logs beyond that are read again when their flight is judged


@dataclass(frozen=True, eq=False)
class Case:
    """A flight, the zones it was judged by (None: no zone file), the result, and the terrain if there is any.

    >>> import dronecheck
    >>> flight = dronecheck.read("samples/clear_dandong.csv")
    >>> dronecheck.Case(flight, None, dronecheck.check(flight)).result.verdict.value
    'CLEAR'
    """

    flight: Flight
    zones: ZoneSet | None
    result: Result
    terrain: TerrainHeights | None = None


@dataclass(frozen=True, slots=True)
class Disclosure:
    """How much a report tells.

    `private` adds the log's folder, serial numbers and the controller's track; `hide_home_m` leaves out all places
    within so many metres of take-off, landing and home point, and those of `homes`, which other logs tell. `facts_only`
    leaves verdicts out of all that people read; JSON and exports have them.

    >>> import dronecheck
    >>> dronecheck.Disclosure(hide_home_m=200.0).private
    False
    """

    private: bool = False
    hide_home_m: float | None = None
    homes: Homes | None = None
    facts_only: bool = False


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What a report says of itself where it is an exhibit: its name, who had it made, by what command; "" is unsaid."""

    name: str = ""
    analyst: str = ""
    command: str = ""


def answer(log: Path | str | Input, setup: CheckSetup) -> Case:
    """Read and judge one log: the whole case's answer, as the command line gives it.

    Raises UnreadableInput, UsageError.

    >>> import dronecheck
    >>> from dronecheck.settings import Options
    >>> case = dronecheck.answer("samples/founding_dandong_sinuiju.ulg", Options(max_height_m=100.0).setup())
    >>> case.result.verdict.value
    'VIOLATION'
    """
    source = log if isinstance(log, Input) else open_input(Path(log))
    return Case(*setup.judge(source), setup.ground)


@dataclass(frozen=True, slots=True)
class FlightLogs:
    """The logs of one flight, as flown; `flights` holds what was read of them before, by place.

    `alone` is why a log among several can be of no other's flight. What `failed` while it was read was no fault of the
    input: it is raised again at the log's turn, so that it spoils the answer for no other log and is hidden for none.
    """

    paths: tuple[Path, ...]
    flights: dict[int, Flight] = field(default_factory=dict)
    alone: Alone | None = None
    failed: Exception | None = None

    def read(self, setup: CheckSetup) -> list[Flight]:
        """Return the flight of each log. Raises UnreadableInput, UsageError, and what failed before."""
        if self.failed is not None:
            raise self.failed
        return [self.flights.get(at) or setup.read(open_input(path)) for at, path in enumerate(self.paths)]

    def judge(self, setup: CheckSetup) -> Case:
        """Read and judge the flight. Raises UnreadableInput, UsageError, and what failed before."""
        return Case(*setup.judge_files(self.read(setup)), setup.ground)


def by_flight(logs: Sequence[Path], setup: CheckSetup, *, separate: bool) -> list[FlightLogs]:
    """Return the logs by the flights that they are of; all `separate`, or where only one is named, each is its own.

    What cannot be read is for itself: who reads it again is told why.
    """
    if separate or len(logs) == 1:
        return [FlightLogs((path,)) for path in logs]
    ends, recordings = list[Ends | Alone | None](), list[Recording | None]()
    kept, kept_bytes = dict[int, Flight](), 0
    failed = dict[int, Exception]()
    for number, path in enumerate(logs):
        ends.append(None)
        recordings.append(None)
        try:
            flight = setup.read(open_input(path))
            ends[number], recordings[number] = Ends.of(flight), Recording.of(flight)
        except (UnreadableInput, UsageError):
            continue
        except Exception as error:
            failed[number] = error
            continue
        kept_bytes += flight.source.size_bytes
        if kept_bytes <= KEPT_BYTES:
            kept[number] = flight
    found = list[FlightLogs]()
    log_of = pairs(recordings)  # two recordings of one flight go together, and on with no other file
    paired = {*log_of, *log_of.values()}
    apart = [None if number in paired else each for number, each in enumerate(ends)]
    chained = [chain for chain in chains(apart) if chain[0] not in paired]
    for chain in sorted([*chained, *([record, log] for record, log in log_of.items())], key=min):
        first = ends[chain[0]]
        found.append(
            FlightLogs(
                tuple(logs[number] for number in chain),
                {at: kept[number] for at, number in enumerate(chain) if number in kept},
                first if isinstance(first, Alone) and chain[0] not in log_of else None,
                failed.get(chain[0]),
            )
        )
    return found
