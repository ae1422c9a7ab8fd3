"""What a worker of the pool may meet: for tests, in a module that its processes can import."""

from __future__ import annotations

import os
import signal
import time


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "slept"


def eat(megabytes: int) -> int:
    return len(bytearray(megabytes << 20))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise RuntimeError("a mistake of our own")


def pid() -> int:
    return os.getpid()
