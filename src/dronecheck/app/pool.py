"""The processes in which all work is done, each piece with a limit of time and memory.

What people wait for (a file recognised, a page opened) goes before what stands in the queue, and one process more than
there are processors is kept for it. A process that dies, hangs or runs out of memory costs its own piece of work; the
pool goes on with a new one.
"""

from __future__ import annotations

import heapq
import itertools
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dronecheck.audit.engine.local import Limits, failure_of, prepare_worker, processors
from dronecheck.errors import UsageError

if TYPE_CHECKING:
    from pebble import ProcessPool

__all__ = ["SOON", "WAITING", "Failed", "WorkPool"]

SOON, WAITING = 0, 1
_MOST_TRIES = 2  # of a piece that was lost with the pool


class Failed(Exception):
    """A piece of work that came to nothing through no fault of the input; its message says how."""


@dataclass(order=True, slots=True)
class _WorkPiece:
    """One call that waits or runs."""

    urgency: int
    number: int
    work: Callable[..., Any] = field(compare=False)
    args: tuple[Any, ...] = field(compare=False)
    time_s: float = field(compare=False)
    result: Future[Any] = field(compare=False, default_factory=Future)
    tries: int = field(compare=False, default=0)
    running: Any = field(compare=False, default=None)
    begun: Callable[[], None] = field(compare=False, default=lambda: None)


class WorkPool:
    """Processes that are begun when the first piece comes."""

    def __init__(self, limits: Limits | None = None, workers: int | None = None) -> None:
        self.limits = limits or Limits()
        self.workers = (workers or processors()) + 1
        self._lock = threading.RLock()
        self._waiting: list[_WorkPiece] = []
        self._running: list[_WorkPiece] = []
        self._count = itertools.count()
        self._pool: ProcessPool | None = None
        self._is_closed = False
        self._wake = threading.Event()
        # Linux kills a process with the thread that began it: that is one which lives as long as the pool.
        threading.Thread(target=self._hand_out, name="pool", daemon=True).start()

    def submit(
        self, urgency: int, work: Callable[..., Any], *args: Any, time_s: float | None = None,
        begun: Callable[[], None] = lambda: None,
    ) -> Future[Any]:  # fmt: skip
        """Have a function called in a process; its future raises Failed or UsageError. `begun` is told when it is."""
        piece = _WorkPiece(urgency, next(self._count), work, args, time_s or self.limits.time_s, begun=begun)
        with self._lock:
            if self._is_closed:
                piece.result.set_exception(Failed("dronecheck is stopping"))
                return piece.result
            heapq.heappush(self._waiting, piece)
        self._wake.set()
        return piece.result

    def call(self, work: Callable[..., Any], *args: Any, time_s: float | None = None) -> Any:
        """Have a function called soon, and return what it gives. Raises Failed, UsageError."""
        return self.submit(SOON, work, *args, time_s=time_s).result()

    def cancel(self, result: Future[Any]) -> None:
        """Give up a piece of work: its process is killed if it is at it."""
        with self._lock:
            waited = [piece for piece in self._waiting if piece.result is result]
            self._waiting = [piece for piece in self._waiting if piece.result is not result]
            heapq.heapify(self._waiting)
            running = [piece for piece in self._running if piece.result is result]
        for _ in waited:
            result.cancel()
        for piece in running:
            piece.tries = _MOST_TRIES
            piece.running.cancel()

    def close(self) -> None:
        """Kill what runs and forget what waits."""
        with self._lock:
            self._is_closed = True
            left, self._waiting = [*self._waiting, *self._running], []
            pool, self._pool = self._pool, None
        self._wake.set()
        for piece in left:
            _end(piece.result, Failed("dronecheck is stopping"))
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def _hand_out(self) -> None:
        """Hand out as many pieces as there are free processes; one stays free for what is wanted soon."""
        while not self._is_closed:
            self._wake.wait()
            self._wake.clear()
            while (piece := self._next()) is not None:
                piece.begun()
                piece.running.add_done_callback(lambda done, piece=piece: self._done(piece, done))

    def _next(self) -> _WorkPiece | None:
        with self._lock:
            while self._waiting and not self._is_closed:
                if self.workers - len(self._running) - self._waiting[0].urgency <= 0:
                    return None
                piece = heapq.heappop(self._waiting)
                self._pool = self._pool or self._new_pool()
                try:
                    piece.running = self._pool.schedule(piece.work, args=list(piece.args), timeout=piece.time_s)
                except RuntimeError:  # the pool broke
                    self._pool = None
                    heapq.heappush(self._waiting, piece)
                    continue
                self._running.append(piece)
                return piece
        return None

    def _done(self, piece: _WorkPiece, done: Any) -> None:
        is_lost = bool(done.cancelled())  # by `cancel`, or because the pool broke
        with self._lock:
            if piece in self._running:
                self._running.remove(piece)
            if self._pool is not None and not self._pool.active:
                self._pool = None
            piece.tries += 1
            is_again = is_lost and piece.tries < _MOST_TRIES and not self._is_closed
            if is_again:
                heapq.heappush(self._waiting, piece)
        if is_lost and not is_again:
            piece.result.cancel()
        elif not is_lost:
            self._settle(piece, done)
        self._wake.set()

    def _settle(self, piece: _WorkPiece, done: Any) -> None:
        try:
            value = done.result()
        except UsageError as error:
            _end(piece.result, error)
        except BaseException as error:
            _end(piece.result, Failed(failure_of(error, Limits(piece.time_s, self.limits.memory_mb)).message))
        else:
            if not piece.result.done():
                piece.result.set_result(value)

    def _new_pool(self) -> ProcessPool:
        from pebble import ProcessPool

        return ProcessPool(
            max_workers=self.workers,
            max_tasks=self.limits.tasks_a_worker,
            initializer=prepare_worker,
            initargs=(self.limits.memory_mb, os.getpid()),
            context=multiprocessing.get_context("spawn"),
        )


def _end(result: Future[Any], error: BaseException) -> None:
    if not result.done():
        result.set_exception(error)
