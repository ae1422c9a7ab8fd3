"""Fixes on a ruled line: what interpolation makes, and no receiver.

Windows of eight fixes over a second or more, while moving: a window is ruled where the fixes inside lie on
the chord from its first to its last, by their number or by their time, within the rounding of the format's own steps.
A drone's fixes lie 3 cm and more off such chords (least of 12 receivers in real logs: 1.7 cm), and never ten fixes in
a row. Fewer fixes do where their steps are equal to the last digit (of 12 receivers: three in a row at most). A path
that is coarser than its noise tells nothing.
"""

from __future__ import annotations

import math

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.evidence.consistency.receiver.path import Path
from dronecheck.evidence.consistency.stretches import runs

__all__ = ["FIXES_AT_LEAST", "LASTS_S", "Windows", "can_show_lines", "ruled", "stands_out", "windows_of"]

WINDOW = 8
WINDOW_S = 1.2
FIXES_AT_LEAST, LASTS_S = 10, 1.8
MOVING_MPS = 1.0
FINE_M = 0.03  # steps of a format fine enough to show noise
LEAST_M = 1.1e-3  # 1e-8 degrees: where no step is known
USUAL_STEPS = 5.0
BESIDE_AT_LEAST = 30
UPPER_QUARTER = 0.75
LATE = 3.0  # times the usual: a hole
EQUAL_STEPS = 6  # "second difference exactly 0 for more than five rows"
EQUAL_WITHIN = 0.01  # of a step of the format, or of 1e-9 degrees
EQUAL_LEAST_M = 1.1e-4
EQUAL_S = 1.0


Windows = tuple[Floats, Floats, Bools]


def can_show_lines(path: Path, windows: Windows) -> bool:
    """Tell whether the path has the fixes, the speed and the steps to show noise."""
    off, moving = np.minimum(*windows[:2]), windows[2]
    if int(moving.sum()) < FIXES_AT_LEAST:
        return False
    rank = int(UPPER_QUARTER * int(moving.sum()))
    usual = float(np.partition(off[moving], rank)[rank])
    return max(path.grid_m) <= FINE_M or usual >= USUAL_STEPS


def ruled(path: Path, windows: Windows) -> Bools:
    """Tell which fixes lie on a ruled line with nine others or more, shape (n,)."""
    on_line = _even_steps(path)
    by_number, by_time, moving = windows
    stride = _stride(path)
    for off in (by_number, by_time):
        first, end = runs((off <= 1.0) & moving)
        long = (end - first) >= (FIXES_AT_LEAST - WINDOW + 1) * stride
        for one, last in zip(first[long].tolist(), (end[long] - 1 + (WINDOW - 1) * stride).tolist(), strict=True):
            if path.time_s[last] - path.time_s[one] >= LASTS_S:
                on_line[one : last + 1] = True
    return on_line


def stands_out(windows: Windows, on_line: Bools) -> bool:
    """Tell whether the fixes beside those on ruled lines, shape (n,), show the noise that these lack.

    A path without any noise is a simulator's, or a plan: nothing shows that a part of it is of another making.
    """
    off, moving = np.minimum(*windows[:2]), windows[2]
    span = len(on_line) - len(off)
    so_far = np.concatenate([[0], np.cumsum(on_line)])
    is_beside = moving & (so_far[span + 1 :] == so_far[: len(off)])
    if int(is_beside.sum()) < BESIDE_AT_LEAST:
        return False
    rank = int(is_beside.sum()) // 2
    return float(np.partition(off[is_beside], rank)[rank]) >= USUAL_STEPS


def _even_steps(path: Path) -> Bools:
    """Tell which fixes lie in a run of equal steps in motion, shape (n,)."""
    is_even = np.zeros(len(path.track), np.bool_)
    if len(path.track) < EQUAL_STEPS + 2:
        return is_even
    steps_m = np.hypot(np.diff(path.east_m), np.diff(path.north_m))
    same = path.track.part[2:] == path.track.part[:-2]
    same &= np.minimum(steps_m[1:], steps_m[:-1]) > MOVING_MPS * path.usual_step_s
    for column, grid_m in zip((path.east_m, path.north_m), path.grid_m, strict=True):
        same &= np.abs(np.diff(column, 2)) <= EQUAL_WITHIN * max(grid_m, EQUAL_LEAST_M)
    first, end = runs(same)
    for one, last in zip(first.tolist(), end.tolist(), strict=True):
        if last - one >= EQUAL_STEPS and path.time_s[last + 1] - path.time_s[one] >= EQUAL_S:
            is_even[one : last + 2] = True
    return is_even


def _stride(path: Path) -> int:
    step_s = path.usual_step_s
    return max(1, math.ceil(WINDOW_S / ((WINDOW - 1) * step_s) - 1e-9)) if step_s > 0 else 1


def windows_of(path: Path) -> Windows | None:
    """Return how far windows are off their chords, in steps, by number and by time, and which move; None without any.

    Shapes (windows,).
    """
    stride, step_s = _stride(path), path.usual_step_s
    span = (WINDOW - 1) * stride
    count = len(path.track) - span
    if count < 1 or step_s <= 0:
        return None
    one: Ints = np.arange(count, dtype=np.int64)
    last = one + span
    lasts_s = path.time_s[last] - path.time_s[one]
    chord_m = np.hypot(path.east_m[last] - path.east_m[one], path.north_m[last] - path.north_m[one])
    sane = (path.track.part[one] == path.track.part[last]) & (lasts_s > 0) & (lasts_s < LATE * span * step_s)
    lasts_s = np.where(sane, lasts_s, np.inf)
    by_number, by_time = np.zeros(count), np.zeros(count)
    axes = [(column, max(grid, LEAST_M)) for column, grid in zip((path.east_m, path.north_m), path.grid_m, strict=True)]
    for number in range(1, WINDOW - 1):
        here = one + number * stride
        share_by_time = (path.time_s[here] - path.time_s[one]) / lasts_s
        for column, step_m in axes:
            way, done = column[last] - column[one], column[here] - column[one]
            by_number = np.maximum(by_number, np.abs(done - number / (WINDOW - 1) * way) / step_m)
            by_time = np.maximum(by_time, np.abs(done - share_by_time * way) / step_m)
    return by_number, by_time, chord_m / lasts_s > MOVING_MPS
