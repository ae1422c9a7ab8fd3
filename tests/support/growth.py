"""Time without seconds: how work grows with its size, and a guard that ends work which would never end.

A machine may be slow or busy, so no test compares a time with a number of seconds. This is the one place that reads the
processor's clock.
"""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

__all__ = ["GUARD_S", "Hang", "assert_linear", "growth", "hang_guard"]

TURNS = 9
"""Linear work passes in the first turn on a quiet machine; a quadratic one takes all of them."""
LEAST_S = 0.03
"""Work is repeated until this much has passed: the clock's step and a stray interrupt count little."""
GUARD_S = 60.0
"""Ten times and more of what the slowest of the guarded works takes on a slow machine."""

T = TypeVar("T")


class Hang(BaseException):
    """Work went on for much longer than any machine needs. No Exception: nothing on the way shall catch it."""


def growth(little: Callable[[], object], much: Callable[[], object], *, enough: float) -> float:
    """Return how many times the processor time of `little` the work of `much` takes: the least of the turns taken.

    A turn measures `much` between two measurements of `little`: on a shared machine a processor may give half its
    speed for seconds, and a quotient of two moments tells of the neighbours. The first turn that shows `enough` or
    less is the last.
    """
    little()  # what is loaded or compiled once is no part of the work
    least = float("inf")
    for _ in range(TURNS):
        before_s, much_s, after_s = _spent_s(little), _spent_s(much), _spent_s(little)
        least = min(least, 2.0 * much_s / (before_s + after_s))
        if least <= enough:
            break
    return least


def assert_linear(
    work: Callable[[T], object], make: Callable[[int], T], small: int, large: int, *, factor: float = 3.0
) -> None:
    """Assert that `work(make(large))` takes at most `factor` times the share of `work(make(small))` that is due to it.

    With `large` eight times `small`, quadratic work takes 64 times as long, and 24 times is the most that passes.
    """
    little, much = make(small), make(large)
    most = factor * large / small
    ratio = growth(lambda: work(little), lambda: work(much), enough=most)
    assert ratio <= most, f"{large / small:g} times the size took {ratio:.0f} times as long; {most:.0f} would pass"


@contextmanager
def hang_guard(seconds: float = GUARD_S, *, waiting: bool = False) -> Iterator[None]:
    """End work after `seconds` of this process's processor time, or of the wall's if it waits for other processes.

    Raises:
        Hang: the time is over.
    """
    timer, kind = (signal.ITIMER_REAL, signal.SIGALRM) if waiting else (signal.ITIMER_PROF, signal.SIGPROF)

    def end(_number: int, _frame: FrameType | None) -> None:
        raise Hang(f"still at it after {seconds:g} s")

    before = signal.signal(kind, end)
    signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(timer, 0.0)
        signal.signal(kind, before)


def _spent_s(work: Callable[[], object]) -> float:
    """Return the processor time of one call; as in timeit, no garbage of the tests before is collected meanwhile."""
    collects = gc.isenabled()
    gc.disable()
    try:
        calls, begin = 0, time.process_time()
        while True:
            work()
            calls += 1
            took = time.process_time() - begin
            if took >= LEAST_S:
                return took / calls
    finally:
        if collects:
            gc.enable()
