"""The pool: limits that hold, what is wanted soon first, and a lost process that costs its own piece alone."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import psutil
import pytest

from dronecheck.app.pool import SOON, WAITING, Failed, WorkPool
from dronecheck.audit.engine.local import Limits
from tests.app import faults


@pytest.fixture(scope="module")
def pool():
    made = WorkPool(Limits(time_s=60.0, memory_mb=1500), workers=1)
    yield made
    made.close()
    with pytest.raises(Failed, match="stopping"):
        made.call(faults.pid)


def test_what_hangs_is_killed(pool):
    with pytest.raises(Failed, match="not done after 1 s"):
        pool.call(faults.sleep, 600.0, time_s=1.0)


def test_what_eats_memory_is_stopped(pool):
    with pytest.raises(Failed, match="more than 1500 MB"):
        pool.call(faults.eat, 4000)


def test_what_dies_costs_itself_alone(pool):
    with pytest.raises(Failed, match="SIGKILL"):
        pool.call(faults.die)
    assert pool.call(faults.sleep, 0.0) == "slept"


def test_a_mistake_of_our_own_is_a_failure_without_a_verdict(pool):
    with pytest.raises(Failed, match="RuntimeError: a mistake of our own"):
        pool.call(faults.fail)


def test_who_waits_at_the_page_is_served_beside_a_long_queue(pool):
    queued = [pool.submit(WAITING, faults.sleep, 30.0) for _ in range(3)]
    assert pool.call(faults.sleep, 0.0) == "slept"  # one process is free for it
    assert not any(future.done() for future in queued)
    for future in queued:
        pool.cancel(future)


def test_what_is_cancelled_ends_whether_it_waits_or_runs(pool):
    begun = threading.Event()
    running = pool.submit(WAITING, faults.sleep, 50.0, begun=begun.set)
    assert begun.wait(30)
    waiting = pool.submit(WAITING, faults.sleep, 50.0)
    for future in (waiting, running):
        pool.cancel(future)
        with pytest.raises(CancelledError):
            future.result(timeout=30)
    assert pool.submit(SOON, faults.sleep, 0.0).result() == "slept"


def test_processes_end_with_the_pool():
    pool = WorkPool(Limits(), workers=1)
    process = psutil.Process(pool.call(faults.pid))
    pool.close()
    assert psutil.wait_procs([process], timeout=20)[1] == []
