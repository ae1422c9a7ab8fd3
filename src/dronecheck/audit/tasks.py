"""What is asked of a worker and what it answers: plain values that travel between processes and machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from dronecheck.settings import Options

__all__ = ["Basis", "Failure", "FileRef", "FileStatus", "Outcome", "Stored", "Task", "TaskKind", "TaskResult"]


class FileStatus(StrEnum):
    """What became of a file. Nothing is without a status, and `waiting` is left only when a run was stopped."""

    WAITING = "waiting"
    OK = "ok"  # read and judged
    NO_FLIGHT = "no_flight"  # read, but without a position, or it never left its place
    NOT_A_LOG = "not_a_log"  # known as something else: a page, a video, a mission plan
    UNREADABLE = "unreadable"  # cannot be opened, or no log that dronecheck reads
    FAILED = "failed"  # the worker died, ran out of time or memory, or dronecheck itself failed


class TaskKind(StrEnum):
    """What a task is."""

    READ = "read"  # read the files and judge them
    JUDGE = "judge"  # judge stored tracks again
    AIRSPACE = "airspace"  # only the zones have changed: the airspace question again


@dataclass(frozen=True, slots=True)
class Basis:
    """SHA-256 of all that answers rest on beside the log: the zones, and everything else."""

    zones: str
    rest: str


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a flight that was read before lies: its facts, and its rows in a shard of tracks."""

    sha256: str
    facts: bytes
    first_row: int
    rows: int
    result: bytes  # what the check said so far


@dataclass(frozen=True, slots=True)
class FileRef:
    """One file of a task; `path` as the file system has it (os.fsencode), `stored` where it was read before."""

    path: bytes
    size_bytes: int
    tries: int = 0
    stored: Stored | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Some files to do together. `shard` holds the stored tracks of all of them, or `tracks` the shard's content."""

    kind: TaskKind
    files: tuple[FileRef, ...]
    options: Options
    basis: Basis
    shard: Path | None = None
    tracks: bytes = b""

    @property
    def size_bytes(self) -> int:
        """Return how much there is to read (bytes)."""
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `row`: the flight's row of the tables; `findings` the rows of its findings."""

    path: bytes
    status: FileStatus
    code: str = ""
    message: str = ""
    sha256: str | None = None  # None: it could not be opened
    size_bytes: int = 0
    facts: bytes | None = None
    first_row: int = 0
    rows: int = 0
    row: dict[str, Any] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    result: bytes = b""  # the check's result, for the next time; with an empty row: the same as before
    box: tuple[float, float, float, float] | None = None  # around the flight, wider by 100 km
    zone_mark: str = ""  # of the zones in it
    work_s: float = 0.0


@dataclass(frozen=True, slots=True)
class TaskResult:
    """The outcomes of a task's files, in order, and their tracks as one Parquet file (empty: none)."""

    outcomes: list[Outcome]
    tracks: bytes = b""
    peak_memory_mb: float = 0.0
    worker: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that came to nothing: the worker died, hung or ran out of memory. `code` as in the ledger."""

    code: str
    message: str
