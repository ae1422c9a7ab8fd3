"""What was named on the command line: logs, folders of them, and which of the logs are of one flight."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dronecheck.cli.options import UNITS_M
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.flight import Flight
from dronecheck.flight.joined import Alone, Ends, chains
from dronecheck.readers.common.recordings import Recording, pairs
from dronecheck.recognition import Kind, recognise_file
from dronecheck.safe.io import as_meant, open_input, plain
from dronecheck.settings import CheckSetup

__all__ = ["FlightLogs", "Named", "by_flight", "named"]

MOST_IN_FOLDERS = 200
KEPT_BYTES = 256 << 20  # logs beyond that are read again when their flight is judged


@dataclass(frozen=True, slots=True)
class Named:
    """The logs that were named or lie in folders that were, and how many other files lie there."""

    logs: list[Path]
    others: int


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


def named(paths: Sequence[Path]) -> Named:
    """Return the logs of files and folders. Raises UsageError for folders without a log, or with very many."""
    logs, others, is_folder = list[Path](), 0, False
    for path in map(as_meant, paths):
        if path.name.casefold() in UNITS_M and path.name and not path.exists():
            raise UsageError(
                f"{plain(path)}: no such file; a length with its unit is one word, such as 400{plain(path)}"
            )
        if not path.is_dir():
            logs.append(path)
            continue
        is_folder, found, beside = True, 0, 0
        for file in _below(path):
            if not _may_be_log(file):
                beside += 1
                continue
            found += 1
            logs.append(file)
            if found > MOST_IN_FOLDERS:
                advice = f"dronecheck audit run {plain(path)} --out DIR checks them"
                raise UsageError(f"{plain(path)} holds more than {MOST_IN_FOLDERS} flight logs; {advice}")
        if not found:
            held = f"{beside} other files" if beside > 1 else "one other file" if beside else "nothing"
            raise UsageError(f"{plain(path)}: a folder without a flight log (there is {held} in it and below)")
        others += beside
    if is_folder and len(logs) > MOST_IN_FOLDERS:
        advice = "dronecheck audit run FOLDER... --out DIR checks them"
        raise UsageError(f"{len(logs)} flight logs are more than {MOST_IN_FOLDERS}; {advice}")
    return Named(logs, others)


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and of those below, by name; what cannot be listed is itself yielded."""
    troubles = list[Path]()
    for here, folders, files in os.walk(folder, onerror=lambda error: troubles.append(Path(error.filename))):
        folders.sort()
        yield from (Path(here, name) for name in sorted(files))
    yield from troubles


def _may_be_log(path: Path) -> bool:
    """Tell whether it is a log, or nobody may look: then reading it says so."""
    return not os.access(path, os.R_OK) or path.is_dir() or recognise_file(path) is Kind.LOG


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
