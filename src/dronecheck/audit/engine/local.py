"""Tasks in processes of this machine: each with a time and a memory limit, and none can take another with it (pebble).

A task whose process dies, hangs or runs out of memory comes back as a Failure; the pool goes on with a new process.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from dronecheck.audit.engine.worker import do
from dronecheck.audit.tasks import Failure, Task, TaskResult
from dronecheck.errors import UsageError

if TYPE_CHECKING:
    from pebble import ProcessPool

__all__ = ["Again", "Limits", "LocalEngine", "carried", "failure_of", "limit_memory", "prepare_worker", "processors"]

_MOST_BARREN = 5  # pools that break in a row without a task done
_TASKS_AHEAD = 2  # a worker, beside the one it is at: enough never to wait, little enough to stop at once


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost, and after how many tasks a worker is replaced."""

    time_s: float = 120.0
    memory_mb: int = 4096
    tasks_a_worker: int = 200


class LocalEngine:
    """A pool of worker processes. `work` is what a worker does with a task (tests give it faults)."""

    def __init__(self, workers: int, limits: Limits, work: Callable[[Task], TaskResult] = do) -> None:
        self.workers, self.limits, self.work = workers, limits, work

    def run(self, tasks: Iterator[Task], stop: threading.Event) -> Iterator[tuple[Task, TaskResult | Failure]]:
        """Carry out tasks as they come and yield each with what came of it, in order of completion.

        `tasks` is asked for more only when there is room, so that it may grow while this runs. When `stop` is set no
        task is begun any more and the running ones are killed.
        """
        lost: deque[Task] = deque()
        barren = 0
        while True:
            pool = self._pool()

            def schedule(task: Task, pool: Any = pool) -> Any:
                return pool.schedule(self.work, args=[task], timeout=self.limits.time_s)

            def is_active(pool: Any = pool) -> bool:
                return bool(pool.active)

            try:
                most = self.workers * (1 + _TASKS_AHEAD)
                for task, future in carried(schedule, most, Again(lost, tasks), stop, is_active):
                    barren = 0
                    yield task, self._came_of(future)
                return
            except BrokenPool as broken:  # a worker was killed while it held what all of them share
                lost.extend(broken.tasks)
                barren += 1
                while barren > _MOST_BARREN and lost:
                    yield lost.popleft(), Failure("signal", "its processes died again and again")
            finally:
                pool.stop()  # type: ignore[no-untyped-call]
                pool.join()

    def _pool(self) -> ProcessPool:
        from pebble import ProcessPool

        return ProcessPool(
            max_workers=self.workers,
            max_tasks=self.limits.tasks_a_worker,
            initializer=prepare_worker,
            initargs=(self.limits.memory_mb, os.getpid()),
            context=multiprocessing.get_context("spawn"),  # a fork would inherit threads and open files
        )

    def _came_of(self, future: Any) -> TaskResult | Failure:
        try:
            result: TaskResult = future.result()
        except Exception as error:
            return failure_of(error, self.limits)
        return result


def processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this system
        return os.cpu_count() or 1


class BrokenPool(Exception):
    """A pool that takes no more tasks; `tasks` are those it had and did not finish."""

    def __init__(self, tasks: list[Task]) -> None:
        super().__init__()
        self.tasks = tasks


class Again(Iterator[Task]):
    """Tasks from a list that may grow, then from an iterator; may give more after it was exhausted."""

    def __init__(self, again: deque[Task], first: Iterator[Task]) -> None:
        self._again, self._first = again, first

    def __next__(self) -> Task:
        return self._again.popleft() if self._again else next(self._first)


def carried(
    schedule: Callable[[Task], Any],
    most: int,
    tasks: Iterator[Task],
    stop: threading.Event,
    is_active: Callable[[], bool] = lambda: True,
) -> Iterator[tuple[Task, Any]]:
    """Schedule tasks, at most `most` at once, and yield each with its future when that is done.

    `tasks` may give more after it was exhausted: it is asked again whenever there is room. Raises BrokenPool.
    """
    done: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
    pending: dict[int, Task] = {}
    count = 0
    while not stop.is_set():
        while len(pending) < most and (task := next(tasks, None)) is not None:
            count += 1
            pending[count] = task
            try:
                schedule(task).add_done_callback(partial(_put, done, count))
            except RuntimeError:
                raise BrokenPool(list(pending.values())) from None
        if not pending:
            return
        try:
            number, future = done.get(timeout=0.5)
        except queue.Empty:
            if not is_active():
                raise BrokenPool(list(pending.values())) from None
            continue
        if future.cancelled():
            raise BrokenPool(list(pending.values()))
        yield pending.pop(number), future


def _put(done: queue.SimpleQueue[tuple[int, Any]], number: int, future: Any) -> None:
    done.put((number, future))


def failure_of(error: BaseException, limits: Limits) -> Failure:
    """Return what a task's exception says. Raises UsageError again: it holds for all tasks."""
    from pebble import ProcessExpired

    if isinstance(error, UsageError):
        raise error
    if isinstance(error, TimeoutError):
        return Failure("timeout", f"not done after {limits.time_s:g} s; its process was killed")
    if isinstance(error, MemoryError):
        return Failure("memory", f"needs more than {limits.memory_mb} MB of memory")
    if isinstance(error, ProcessExpired):
        code = error.exitcode
        if code is not None and code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            return Failure("signal", f"its process was killed by {name}")
        return Failure("signal", f"its process ended by itself with code {code}")
    text = f"{type(error).__name__}: {error}"
    return Failure("internal_failure", text)


def prepare_worker(memory_mb: int, parent: int) -> None:
    """Prepare a worker before all else: leave Ctrl-C to the parent, limit memory, and never outlive the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_memory(memory_mb)
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGKILL))
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def limit_memory(memory_mb: int) -> None:
    """Bound this process's address space, where the system can."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    size = memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (size if hard < 0 else min(size, hard), hard))


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)
