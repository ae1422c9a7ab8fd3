"""The queue as the page shows it: a row a flight, its state, and what was answered; in the order of change."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from dronecheck.app.pool import WAITING, Failed, WorkPool
from dronecheck.app.work.told import ToldRow
from dronecheck.errors import UsageError

__all__ = ["Job", "Jobs"]

_LIVE = ("queued", "running")


@dataclass(slots=True)
class Job:
    """One row; `ask` is what its pages and exports are made of."""

    id: str
    kind: str
    name: str
    files: tuple[str, ...]
    ask: Any
    exports: tuple[str, ...] = ()
    state: str = "queued"
    row: ToldRow = field(default_factory=ToldRow)
    progress: float | None = None
    changed: int = 0
    future: Future[ToldRow] | None = None
    stop: Callable[[], None] | None = None

    @property
    def is_live(self) -> bool:
        """Tell whether something is still to come of it."""
        return self.state in _LIVE

    def told(self) -> dict[str, object]:
        """Return what the page is told of it."""
        row = self.row
        rows = None
        if row.shots is not None:
            rows = [
                {
                    "n": shot.n, "file": self.files[shot.file], "name": shot.name, "verdict": shot.verdict,
                    "answer": shot.answer, "headline": shot.headline, "lines": list(shot.lines),
                    "gives_away": shot.gives_away, "thumb": shot.has_thumb, "scrub": shot.is_picture,
                }
                for shot in row.shots
            ]  # fmt: skip
        return {
            "id": self.id, "state": self.state, "files": list(self.files), "name": self.name, "kind": self.kind,
            "verdict": row.verdict, "answer": row.answer, "headline": row.headline,
            "brief": list(row.brief), "lines": list(row.lines),
            "not_checked": list(row.not_checked), "remedies": [asdict(way) for way in row.ways], "error": row.error,
            "progress": self.progress, "exports": list(self.shown),
            "zone_sources": list(row.zone_sources), "rows": rows,
        }  # fmt: skip

    @property
    def shown(self) -> tuple[str, ...]:
        """Return what can be made of it as it is: of what could not be read, only the document that says so."""
        if self.state == "done":
            return self.exports
        return ("json",) if self.row.document is not None else ()


class Jobs:
    """All rows of a session. Each change has a number, by which a page asks for what is new to it."""

    def __init__(
        self, pool: WorkPool, done: Callable[[Job], None] = lambda job: None, worded: Callable[[str], str] = str
    ) -> None:
        self._pool = pool
        self._worded = worded  # what went wrong, as a page says it
        self._done = done  # told of each row that has its answer
        self._jobs: dict[str, Job] = {}
        self._gone: dict[str, int] = {}
        self._count = itertools.count(1)
        self._seq = 1  # 0 is asked for by who knows nothing yet
        self._changed = threading.Condition()

    def add(self, kind: str, name: str, files: Iterable[str], ask: object, exports: tuple[str, ...]) -> Job:
        """Enter a row."""
        with self._changed:
            job = Job(f"j{next(self._count)}", kind, name, tuple(files), ask, exports)
            self._jobs[job.id] = job
            self._touch(job)
        return job

    def work(self, job: Job, work: Callable[[Any], ToldRow], *, time_s: float | None = None) -> None:
        """Have a row answered in the pool."""
        job.future = self._pool.submit(WAITING, work, job.ask, time_s=time_s, begun=lambda: self.change(job, "running"))
        job.future.add_done_callback(lambda done: self._answered(job, done))

    def get(self, id_: str) -> Job:
        """Return a row. Raises KeyError."""
        with self._changed:
            return self._jobs[id_]

    def all(self) -> list[Job]:
        """Return the rows in the order that they came."""
        with self._changed:
            return list(self._jobs.values())

    def change(self, job: Job, state: str | None = None, **changes: Any) -> None:
        """Note a change; what has ended stays as it ended."""
        with self._changed:
            if not job.is_live:
                return
            job.state = state or job.state
            for name, value in changes.items():
                setattr(job, name, value)
            self._touch(job)

    def forget(self, id_: str) -> None:
        """Give up what is under way, or take an answer off the list. Raises KeyError."""
        with self._changed:
            job = self._jobs[id_]
            was_live = job.is_live
            if not was_live:
                del self._jobs[id_]
                self._seq += 1
                self._gone[id_] = self._seq
                self._changed.notify_all()
        if was_live:
            self.change(job, "cancelled")
            if job.future is not None:
                self._pool.cancel(job.future)
            if job.stop is not None:
                job.stop()

    def since(self, seq: int, wait_s: float) -> dict[str, object]:
        """Return what changed after a number, at once where something did, else when it does."""
        until = time.monotonic() + wait_s
        with self._changed:
            while self._seq <= seq and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            changed = sorted((job for job in self._jobs.values() if job.changed > seq), key=lambda job: job.changed)
            gone = [id_ for id_, at in self._gone.items() if at > seq]
            return {"seq": self._seq, "jobs": [job.told() for job in changed], "gone": gone}

    def close(self) -> None:
        """Wake whoever waits, and stop what runs."""
        for job in self.all():
            if job.is_live and job.stop is not None:
                job.stop()
        with self._changed:
            self._seq += 1
            self._changed.notify_all()

    def _answered(self, job: Job, done: Future[ToldRow]) -> None:
        try:
            row = done.result()
        except CancelledError:
            self.change(job, "cancelled")
            return
        except (Failed, UsageError) as error:
            row = ToldRow(error=f"failed; no verdict ({error})" if isinstance(error, Failed) else str(error))
        self.settle(job, row)

    def settle(self, job: Job, row: ToldRow) -> None:
        """Enter the answer of a row."""
        if row.error is not None and row.document is None:
            row = replace(row, error=self._worded(row.error))
        self.change(job, "failed" if row.error is not None else "done", row=row, progress=None)
        if job.state == "done":
            self._done(job)

    def _touch(self, job: Job) -> None:
        self._seq += 1
        job.changed = self._seq
        self._changed.notify_all()
