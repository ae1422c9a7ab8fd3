"""How much the tests try: `DRONECHECK_TEST_SCALE=quick` (the default) or `full`, read here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from hypothesis import settings

__all__ = ["FULL", "by_size", "examples", "full_only", "is_tried", "loops"]

SCALES = ("quick", "full")
SCALE = os.environ.get("DRONECHECK_TEST_SCALE") or "quick"
if SCALE not in SCALES:
    raise pytest.UsageError(f"DRONECHECK_TEST_SCALE={SCALE}: use one of {', '.join(SCALES)}")
FULL = SCALE == "full"

settings.register_profile("full", deadline=None, max_examples=100)
settings.register_profile("quick", deadline=None, max_examples=25)

full_only = pytest.mark.skipif(not FULL, reason="left out of the quick scale: DRONECHECK_TEST_SCALE=full runs it")
"""Marks a test, or one of its parameters, that only the full scale runs."""


LARGEST_QUICK = 400_000
"""Bytes of the largest real log that the quick scale reads: two in three of them are smaller."""


def is_tried(path: Path) -> bool:
    """Tell whether a real log is read in this scale."""
    return FULL or path.stat().st_size <= LARGEST_QUICK


def by_size(paths: Iterable[Path]) -> list[ParameterSet]:
    """Make real logs the parameters of a test, the large ones in the full scale only."""
    return [pytest.param(path, marks=() if is_tried(path) else full_only) for path in paths]


def loops(full: int, quick: int | None = None) -> int:
    """Return how often a loop runs: `full` times; in the quick scale `quick` times, or a fifth of `full`."""
    return full if FULL else quick or max(1, full // 5)


def examples(full: int) -> int:
    """Return how many examples hypothesis tries: `full`, or in the quick scale a quarter of them."""
    return full if FULL else max(5, full // 4)
