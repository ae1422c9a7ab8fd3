"""An audit run: scan, plan, hand out, write down. Stopped at any instant it goes on from there."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import Protocol, TypeVar

from dronecheck.audit.discover import find
from dronecheck.audit.engine.fingerprint import basis_of, read_by
from dronecheck.audit.engine.local import Again
from dronecheck.audit.engine.worker import hash_of
from dronecheck.audit.engine.zone_fingerprint import mark_of
from dronecheck.audit.ledger import Ledger
from dronecheck.audit.progress import Progress
from dronecheck.audit.summary import Summary
from dronecheck.audit.tables.shards import clean_up, shard_path, write_shard
from dronecheck.audit.tables.write import write_tables
from dronecheck.audit.tasks import Basis, Failure, FileRef, FileStatus, Outcome, Task, TaskKind, TaskResult
from dronecheck.errors import UsageError
from dronecheck.safe.extras import require
from dronecheck.safe.io import make_folder, plain
from dronecheck.settings import Options

_T = TypeVar("_T")

__all__ = ["Engine", "run_audit"]

FILES_A_TASK, BYTES_A_TASK = 50, 24 << 20
_MOST_TRIES = 2


class Engine(Protocol):
    """Carries tasks out somewhere."""

    def run(self, tasks: Iterator[Task], stop: threading.Event) -> Iterator[tuple[Task, TaskResult | Failure]]:
        """Yield each task with what came of it. Raises UsageError."""
        ...


def run_audit(
    places: list[str], out: Path, options: Options, engine: Engine, progress: Progress, stop: threading.Event,
    roster: str | None = None,
) -> Summary:  # fmt: skip
    """Audit the files of the places into the folder `out`, or go on with it. Raises UsageError.

    `roster` is the checked roster's text; without one the roster of an earlier run stays.
    """
    require("pyarrow", "parquet", "an audit")
    make_folder(out)
    make_folder(out / "tracks")
    basis = basis_of(options)
    ledger = Ledger(out, write=True)
    try:
        ledger.keep("options", options.as_text())
        if roster is not None:
            ledger.keep("roster", roster)
        run = _AuditRun(ledger, options, basis, progress, stop)
        run.scan(places)
        run.read(engine)
        run.judge(engine)
        if not stop.is_set():
            progress.event("tables")
            clean_up(ledger)
            summary = write_tables(ledger, progress)
            summary.finished = True
        else:
            summary = Summary(finished=False, by_status=ledger.status_counts())
        ledger.checkpoint()
        summary.read, summary.judged_again = run.done_reading, run.done_judging
        return summary
    except sqlite3.Error as error:
        raise UsageError(
            f"the ledger in {plain(out)} cannot be written ({plain(error)}); what was done is kept: make room and run "
            "the audit again"
        ) from None
    finally:
        ledger.close()


class _AuditRun:
    """One run over an open ledger."""

    def __init__(
        self, ledger: Ledger, options: Options, basis: Basis, progress: Progress, stop: threading.Event
    ) -> None:
        self.ledger, self.options, self.basis, self.progress, self.stop = ledger, options, basis, progress, stop
        self.read_by = read_by(options)
        self.again: deque[Task] = deque()  # files of tasks that came to nothing, one by one
        self.done_reading = self.done_judging = self.failed = 0

    def scan(self, places: list[str]) -> None:
        """Enter every file; find the copies among those to read."""
        self.progress.event("scan", places=places)
        number = int(self.ledger.meta("runs") or 0) + 1
        found = find(places, self.ledger.folder)
        for part in _parts(found, 5000):
            with self.ledger.transaction():
                self.ledger.plan.see(part, number)
            if self.stop.is_set():
                return
        self.ledger.keep("runs", str(number))
        self.ledger.plan.forget_failures(self.read_by)
        self._find_copies()
        self.ledger.plan.link(self.read_by)

    def _find_copies(self) -> None:
        """Hash the files whose size is another's, too, before any is read: a copy is not read again."""
        alike = self.ledger.plan.of_equal_size()
        self.progress.event("hash", files=len(alike))
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            for part in _parts(alike, 200):
                if self.stop.is_set():
                    return
                hashes = list(pool.map(lambda file: hash_of(file[0]), part))
                with self.ledger.transaction():
                    for (path, _), sha256 in zip(part, hashes, strict=True):
                        if sha256:
                            self.ledger.plan.hashed(path, sha256)

    def read(self, engine: Engine) -> None:
        """Read and judge what waits."""
        waiting = self.ledger.plan.count_to_read()
        self.progress.event("start", files=waiting)
        before = -1
        # Once more where the first of several copies was changed under the run: another of them is the first then.
        while waiting and self.done_reading > before and not self.stop.is_set():
            before = self.done_reading
            for task, came in engine.run(Again(self.again, self._to_read()), self.stop):
                if isinstance(came, Failure):
                    self._failed(task, came)
                else:
                    self._enter(came)
                self.progress.advance(self.done_reading, waiting, self.failed)
            if self.ledger.plan.count_to_read() == 0:
                return

    def judge(self, engine: Engine) -> None:
        """Judge stored flights whose zones, options or data are others now."""
        if self.stop.is_set():
            return
        airspace = self.options.setup().airspace
        if airspace.library is None:
            self.done_judging += self.ledger.plan.untouched(self.basis, lambda box: mark_of(airspace.given, box))
        total = self.ledger.plan.count_to_judge(self.basis)
        if not total:
            return
        taken_over = self.done_judging
        self.progress.event("start", judge_again=total)
        for task, came in engine.run(Again(self.again, self._to_judge()), self.stop):
            if isinstance(came, Failure):
                self._failed(task, came)
                continue
            for outcome in came.outcomes:
                self._answered(outcome)
            self.progress.advance(self.done_judging - taken_over, total, self.failed)

    def _to_read(self) -> Iterator[Task]:
        batch: list[FileRef] = []
        size = 0
        for file in self.ledger.plan.to_read():
            if batch and (len(batch) == FILES_A_TASK or size + file.size_bytes > BYTES_A_TASK):
                yield Task(TaskKind.READ, tuple(batch), self.options, self.basis)
                batch, size = [], 0
            batch.append(file)
            size += file.size_bytes
        if batch:
            yield Task(TaskKind.READ, tuple(batch), self.options, self.basis)

    def _to_judge(self) -> Iterator[Task]:
        waiting = self.ledger.plan.to_judge(self.basis)
        for (shard, same_rest), group in groupby(waiting, key=lambda item: item[:2]):
            path = shard_path(self.ledger.folder, shard) if shard else None
            kind = TaskKind.AIRSPACE if same_rest else TaskKind.JUDGE
            for part in _parts((file for _, _, file in group), 500):
                yield Task(kind, part, self.options, self.basis, path)

    def _enter(self, came: TaskResult) -> None:
        """Enter the tracks first, then a transaction a file: no row names a track that is not on disk."""
        shard = write_shard(self.ledger, came.tracks, sum(o.rows for o in came.outcomes)) if came.tracks else None
        for outcome in came.outcomes:
            self._entered(outcome, shard)
        self.progress.event(
            "task", worker=came.worker, files=len(came.outcomes), peak_memory_mb=round(came.peak_memory_mb)
        )

    def _entered(self, outcome: Outcome, shard: int | None) -> None:
        self.done_reading += self.ledger.outcomes.enter(outcome, self.basis, self.read_by, shard, _now())
        self._told(outcome)

    def _answered(self, outcome: Outcome) -> None:
        self.ledger.outcomes.answer(outcome, self.basis, _now())
        self.done_judging += 1
        self._told(outcome)

    def _failed(self, task: Task, failure: Failure) -> None:
        """Do the files one by one; a file that was tried alone, or twice, is given up and has its row."""
        if len(task.files) > 1:
            for file in task.files:
                self.again.append(replace(task, files=(replace(file, tries=file.tries + 1),)))
            return
        file = task.files[0]  # pyright: ignore[reportGeneralTypeIssues]
        if file.tries + 1 < _MOST_TRIES:
            self.again.append(replace(task, files=(replace(file, tries=file.tries + 1),)))
            return
        sha256 = file.stored.sha256 if file.stored else hash_of(file.path)
        outcome = Outcome(file.path, FileStatus.FAILED, failure.code, failure.message, sha256, file.size_bytes)
        if task.kind is TaskKind.READ:
            self._entered(outcome, None)
        else:
            self._answered(outcome)

    def _told(self, outcome: Outcome) -> None:
        self.failed += outcome.status is FileStatus.FAILED
        verdict = outcome.row.get("verdict")
        self.progress.event("file", file=os.fsdecode(outcome.path), status=outcome.status.value, verdict=verdict,
                            code=outcome.code)  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parts(items: Iterable[_T], size: int) -> Iterator[tuple[_T, ...]]:
    """Yield items in tuples of `size`, the last one shorter."""
    rest = iter(items)
    while part := tuple(islice(rest, size)):
        yield part
