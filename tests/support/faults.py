"""Workers that go wrong, by the name of the file: for the tests of what an audit survives. Not in the product."""

from __future__ import annotations

import ctypes
import os
import signal
import time

from dronecheck.audit.engine.worker import do
from dronecheck.audit.tasks import Task, TaskResult

__all__ = ["FAULTS", "do_with_faults", "slowly"]

FAULTS = {"segfault": "signal", "kill": "signal", "loop": "timeout", "memory": "memory", "leave": "signal"}


def do_with_faults(task: Task) -> TaskResult:
    """Do a task, but come to grief at a file that is named after a fault."""
    for file in task.files:
        name = os.path.basename(os.fsdecode(file.path))
        if name.startswith("segfault"):
            ctypes.string_at(0)
        elif name.startswith("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        elif name.startswith("loop"):
            while True:
                pass
        elif name.startswith("memory"):
            eaten = []
            while True:
                eaten.append(bytearray(64 << 20))
        elif name.startswith("leave"):
            os._exit(7)
    return do(task)


def slowly(task: Task) -> TaskResult:
    """Do a task and take a while, so that something can happen meanwhile."""
    result = do(task)
    time.sleep(0.02 * len(task.files))
    return result
