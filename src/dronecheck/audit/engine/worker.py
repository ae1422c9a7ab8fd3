"""One task in a worker: open, hash, read and judge each file. Nothing is written; nothing but values leaves."""

from __future__ import annotations

import os
import stat
import time
import zlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from dronecheck.airspace.library.for_flight import box_around
from dronecheck.airspace.zone import ZoneSet
from dronecheck.audit.engine.fingerprint import basis_of
from dronecheck.audit.engine.zone_fingerprint import mark_of
from dronecheck.audit.tables.columns import no_flight, rows_of
from dronecheck.audit.tables.tracks import Shard, facts_of, flight_of
from dronecheck.audit.tasks import FileRef, FileStatus, Outcome, Stored, Task, TaskKind, TaskResult
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.flight import Flight
from dronecheck.flight.user_clock import with_user_clock
from dronecheck.geofence.result import Result, ZoneMemory
from dronecheck.issues import Code
from dronecheck.messages import from_stored, stored
from dronecheck.readers import may_be_log, read_input
from dronecheck.report.case import Case
from dronecheck.safe.io import Input, hash_file, open_input, plain
from dronecheck.settings import CheckSetup, Options, of_system

__all__ = ["do", "hash_of", "judged"]


def do(task: Task) -> TaskResult:
    """Do a task. Raises MemoryError (the whole task is then done again file by file) and UsageError."""
    setup = _setup_of(task.options, task.basis.zones, task.basis.rest)
    if task.kind is TaskKind.READ:
        shard = Shard()
        outcomes = [_guarded(_read, file, setup, shard) for file in task.files]
        return TaskResult(outcomes, shard.encode(), _peak_mb(), str(os.getpid()))
    columns = Shard.columns(task.shard or task.tracks) if task.shard or task.tracks else {}
    again = _airspace_again if task.kind is TaskKind.AIRSPACE else _judge_again
    outcomes = [_guarded(again, file, setup, columns) for file in task.files]
    return TaskResult(outcomes, b"", _peak_mb(), str(os.getpid()))


@lru_cache(maxsize=2)
def _setup_of(options: Options, zones: str, rest: str) -> CheckSetup:
    """Open what the options name, once a process; refused if the files are not those that the audit began with."""
    found = basis_of(options)
    if (found.zones, found.rest) != (zones, rest):
        raise UsageError("the zones, options or data files changed while the audit ran, or differ on a worker")
    return options.setup()


def _guarded(work: Any, file: FileRef, setup: CheckSetup, more: Any) -> Outcome:
    """Return the outcome of one file, whatever happens: no failure of one file reaches the others."""
    begun = time.perf_counter()
    try:
        outcome: Outcome = work(file, setup, more)
    except MemoryError:
        raise
    except UsageError as error:
        outcome = Outcome(file.path, FileStatus.UNREADABLE, "cannot_be_opened", plain(error))
    except Exception as error:
        text = plain(f"{type(error).__name__}: {error}")
        outcome = Outcome(file.path, FileStatus.FAILED, "internal_failure", text, hash_of(file.path))
    return replace(outcome, work_s=time.perf_counter() - begun)


def hash_of(path: bytes) -> str | None:
    """Return the SHA-256 of a regular file; None where it cannot be read."""
    try:
        return hash_file(Path(os.fsdecode(path))) if stat.S_ISREG(os.stat(path).st_mode) else None
    except OSError:
        return None


def _read(file: FileRef, setup: CheckSetup, shard: Shard) -> Outcome:
    path = Path(os.fsdecode(file.path))
    try:
        source = open_input(path)
    except UnreadableInput as error:
        return Outcome(file.path, FileStatus.UNREADABLE, error.code, error.message, hash_of(file.path))
    opened: dict[str, Any] = {"sha256": source.sha256, "size_bytes": source.size_bytes}
    try:
        flight = read_input(setup.with_keys(source))
    except UnreadableInput as error:
        return Outcome(file.path, _what(path, error.code), error.code, error.message, **opened)
    if hash_file(path) != source.sha256:
        text = "the file changed while it was read; run the audit again when it is at rest"
        return Outcome(file.path, FileStatus.UNREADABLE, Code.INPUT_CHANGED, text, **opened)
    first = shard.add(source.sha256, flight.track)
    kept: dict[str, Any] = {"facts": facts_of(flight), "first_row": first, "rows": len(flight.track)}
    memory: ZoneMemory = {}
    flight, zones, result = _answer(flight, setup, memory)
    kept |= {"result": _packed(result, memory)} | _near(flight, zones)
    return _outcome(file, flight, result, {**opened, **kept})


def _what(path: Path, code: str) -> FileStatus:
    """Return whether what cannot be read is a log at all: by its content; where that says nothing, by its name."""
    return FileStatus.UNREADABLE if may_be_log(code, path.name) else FileStatus.NOT_A_LOG


def judged(source: Input, setup: CheckSetup) -> Case:
    """Read and judge one log as the audit does. Raises UnreadableInput."""
    return Case(*_answer(read_input(setup.with_keys(source)), setup, {}), setup.ground)


def _answer(
    flight: Flight, setup: CheckSetup, memory: ZoneMemory, before: Result | None = None
) -> tuple[Flight, ZoneSet | None, Result]:
    try:
        with_user_clock(flight, setup.start_utc_ns, setup.utc_offset_h)
    except UsageError:  # of many logs some know UTC, and some have no clock: the user's is for the others
        setup = replace(setup, start_utc_ns=None, utc_offset_h=None)
    try:
        of_system(flight, setup.system)
    except UnreadableInput:  # and some have such a system
        setup = replace(setup, system=None)
    return setup.judge_flight(flight, before, None if setup.airspace.library else memory)


def _judge_again(file: FileRef, setup: CheckSetup, columns: dict[str, Any]) -> Outcome:
    known, flight = _stored(file, columns)
    memory: ZoneMemory = {}
    flight, zones, result = _answer(flight, setup, memory)
    kept = {"sha256": known.sha256, "result": _packed(result, memory), **_near(flight, zones)}
    return _outcome(file, flight, result, kept)


def _airspace_again(file: FileRef, setup: CheckSetup, columns: dict[str, Any]) -> Outcome:
    """Answer the airspace question again; an outcome without a row says that every row stays as it is."""
    known, flight = _stored(file, columns)
    before = _kept_decoder.decode(zlib.decompress(known.result))
    memory = dict(before.memory)
    flight, zones, result = _answer(flight, setup, memory, before.result)
    kept = {"sha256": known.sha256, "result": _packed(result, memory), **_near(flight, zones)}
    if _told(result) == _told(before.result):
        return Outcome(file.path, FileStatus.OK, **kept)
    return _outcome(file, flight, result, kept)


def _near(flight: Flight, zones: ZoneSet | None) -> dict[str, Any]:
    judged = [one.tracks[name] for one in (flight, *flight.others) for name in (one.primary, *one.rivals) if name]
    boxes = np.array([box_around(track) for track in judged if len(track)])
    box = (*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist()) if len(boxes) else None
    return {"box": box, "zone_mark": mark_of(zones, box)}


def _told(result: Result) -> tuple[object, ...]:
    """Return all of a result that rows tell.

    The sentences about a check name the zone files, and no row has them.
    """
    checks = tuple((check.question, check.status, check.verdict, check.reasons) for check in result.checks)
    return result.verdict, checks, result.findings, result.nearest, result.issues


def _stored(file: FileRef, columns: dict[str, Any]) -> tuple[Stored, Flight]:
    known = file.stored
    assert known is not None
    end = known.first_row + known.rows
    own = {name: column[known.first_row : end] for name, column in columns.items()}
    return known, flight_of(file.path, known.sha256, known.facts, own)


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What the next check can use: the result, and what was said of each zone."""

    result: Result
    memory: ZoneMemory


_kept_decoder = msgspec.msgpack.Decoder(_Kept, dec_hook=from_stored)


def _packed(result: Result, memory: ZoneMemory) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(_Kept(replace(result, flight=None), memory), enc_hook=stored), 1)


def _outcome(file: FileRef, flight: Flight, result: Result, kept: dict[str, Any]) -> Outcome:
    why = no_flight(flight, result)
    status = FileStatus.NO_FLIGHT if why else FileStatus.OK
    row, findings = rows_of(flight, result)
    return Outcome(file.path, status, why, row=row, findings=findings, **kept)


def _peak_mb() -> float:
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
