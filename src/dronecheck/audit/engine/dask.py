"""Tasks on a Dask cluster: the same work and the same answers as on one machine, whoever does it.

Workers need dronecheck of the same version, and the logs, zones and options' files under the same paths. A worker that
dies is replaced and its tasks are done by others; a task that kills its worker comes back as a Failure. A file that
takes too long ends its worker's process, for nothing else stops a loop; Dask then sees a dead worker, too.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dronecheck.audit.engine.local import Limits, carried, limit_memory
from dronecheck.audit.engine.worker import do
from dronecheck.audit.tasks import Failure, Task, TaskResult
from dronecheck.errors import UsageError
from dronecheck.report.json.encode import tool_version
from dronecheck.safe.extras import require
from dronecheck.safe.io import plain

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["DaskEngine"]

_TASKS_A_WORKER = 3  # at once: enough to hide the way to the scheduler
_LOOK_S = 5.0
_PATIENCE_S = 20.0  # so often somebody looks whether there are workers at all, while nothing comes back


class DaskEngine:
    """`address` of a scheduler, or `local` for a cluster of this machine's processes that lives as long as the run."""

    def __init__(
        self, address: str, workers: int | None, limits: Limits, work: Callable[[Task], TaskResult] = do
    ) -> None:
        require("distributed", "dask", "--dask")
        self.address, self.workers, self.limits, self.work = address, workers, limits, work

    def run(self, tasks: Iterator[Task], stop: threading.Event) -> Iterator[tuple[Task, TaskResult | Failure]]:
        """Carry out tasks on the cluster. Raises UsageError where it cannot be reached or is of another version."""
        import dask
        import distributed  # noqa: F401  # before the settings: on their way out they would take its defaults with them

        # A task may be lost with a worker that it did not kill: it is given to others before it is given up.
        settings = {"distributed.scheduler.allowed-failures": 2, "distributed.admin.low-level-log-length": 0}
        with dask.config.set(settings), self._cluster() as cluster, self._client(cluster) as client:  # pyright: ignore[reportPrivateImportUsage]
            logging.getLogger("distributed").setLevel(logging.CRITICAL)
            self._same_version(client)
            most = _TASKS_A_WORKER * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))

            def schedule(task: Task) -> Any:
                if task.shard:  # it lies on this machine
                    task = replace(task, shard=None, tracks=task.shard.read_bytes())
                return client.submit(_limited, self.work, task, self.limits, pure=False)

            watch = _Watch(client, cluster)
            for task, future in carried(schedule, most, tasks, stop, watch.looks_after):
                yield task, _came_of(future, watch)

    @contextmanager
    def _cluster(self) -> Iterator[Any]:
        """Open the scheduler to ask: the one at the address, or of a cluster of this machine's processes."""
        if self.address != "local":
            yield self.address
            return
        from distributed import LocalCluster

        with LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=self.workers, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as cluster:  # fmt: skip
            yield cluster

    def _client(self, address: Any) -> Client:
        from distributed import Client

        try:
            return Client(address, timeout="10s")  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise UsageError(f"--dask {plain(self.address, 80)}: no scheduler answers there ({plain(error)})") from None

    def _same_version(self, client: Client) -> None:
        try:
            found = set(client.run(tool_version).values())  # pyright: ignore[reportAttributeAccessIssue]
        except Exception as error:
            raise UsageError(f"--dask: dronecheck does not run on the workers ({plain(error)})") from None
        if found - {tool_version()}:
            has = ", ".join(sorted(found))
            raise UsageError(f"--dask: the workers have dronecheck {plain(has, 80)}, here is {tool_version()}")


class _Watch:
    """Replaces the workers of this machine's cluster where all have died and none comes back.

    Dask does not start one again that dies while it still counts as starting: its tasks would wait without end.
    """

    def __init__(self, client: Client, cluster: Any) -> None:
        self.client, self.cluster, self._looked_s = client, cluster, time.monotonic()
        self._count = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))

    def looks_after(self) -> bool:
        """Look, once in a while; always true: the tasks go on."""
        if isinstance(self.cluster, str) or time.monotonic() - self._looked_s < _PATIENCE_S:
            return True
        self._looked_s = time.monotonic()
        if not self.client.scheduler_info(n_workers=-1)["workers"]:
            self.cluster.scale(len(self.cluster.worker_spec) + self._count)  # those that died are counted, too
        return True


def _came_of(future: Any, watch: _Watch) -> TaskResult | Failure:
    from distributed import KilledWorker

    try:
        result: TaskResult = _result(future, watch)
    except UsageError:
        raise
    except KilledWorker:
        return Failure("signal", "every worker that took it died or ran out of time")
    except MemoryError:
        return Failure("memory", "needs more memory than a worker may use")
    except Exception as error:
        return Failure("internal_failure", plain(f"{type(error).__name__}: {error}"))
    return result


def _result(future: Any, watch: _Watch) -> Any:
    """Return a result, or raise what its task did; where its worker died since, it is done again."""
    while True:
        try:
            return future.result(timeout=_LOOK_S)
        except TimeoutError:
            if future.status == "error":  # the task's own
                raise
            watch.looks_after()


def _limited(work: Callable[[Task], TaskResult], task: Task, limits: Limits) -> TaskResult:
    """Run a task with its limits, in the worker."""
    limit_memory(limits.memory_mb)
    watch = threading.Timer(limits.time_s, os._exit, (70,))
    watch.daemon = True
    watch.start()
    try:
        return work(task)
    finally:
        watch.cancel()
