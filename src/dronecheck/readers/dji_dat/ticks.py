"""Ticks of a DJI .DAT file to microseconds, by the satellites' seconds.

A tick counter has 32 bits, which end after 19 minutes at 3.84 MHz. Between two records it goes on by the shorter way;
where the radio was lost for longer, the satellites' seconds on both sides tell how often it began anew. Its rate is
that at which those seconds change.
"""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints

__all__ = ["changes", "lost_turns", "rate_hz", "to_us", "unwrapped"]

WRAP = 1 << 32
USUAL_HZ = 3_840_000.0
LIKE_USUAL = 0.02  # an oscillator is off by far less; the satellites' seconds tell the rest
RATE_CHANGES = 3
LONGEST_GAP = 1.6  # of the usual one between two fixes: behind a longer one nobody knows when the second began
SURE = 0.1  # of a turn of the counter


def unwrapped(tick: Ints) -> Ints:
    """Return ticks in file order, shape (n,), that count on where the counter ends; records may overtake a little."""
    steps = (np.diff(tick) + WRAP // 2) % WRAP - WRAP // 2
    return np.concatenate([tick[:1], tick[:1] + np.cumsum(steps, dtype=np.int64)])


def changes(tick: Ints, second: Ints) -> Bools:
    """Tell which fixes, shape (n,), are the first of their second: the one just before is of the second before it.

    `tick` is unwrapped, `second` counts since 1970, 0 where the receiver states none.
    """
    first = np.zeros(len(tick), dtype=np.bool_)
    if len(tick) < 3:
        return first
    steps = np.diff(tick)
    usual = float(np.median(steps))
    first[1:] = (np.diff(second) == 1) & (second[:-1] > 0) & (steps > 0) & (steps <= LONGEST_GAP * usual)
    return first


def rate_hz(tick: Ints, second: Ints, is_first: Bools) -> float:
    """Return ticks a second by the fixes that are the first of theirs; the usual rate where they are too few."""
    ticks, seconds = tick[is_first], second[is_first]
    spans = np.diff(seconds)
    good = (spans > 0) & (np.diff(ticks) > 0)
    if int(good.sum()) < RATE_CHANGES:
        return USUAL_HZ
    rate = float(np.median(np.diff(ticks)[good] / spans[good]))
    return USUAL_HZ if abs(rate / USUAL_HZ - 1) <= LIKE_USUAL else rate


def to_us(tick: Ints, hz: float) -> Ints:
    """Return microseconds of unwrapped ticks, shape (n,)."""
    whole = np.rint(tick.astype(np.float64) * (1e6 / hz))
    return np.asarray(whole, dtype=np.int64)


def lost_turns(tick: Ints, row: Ints, second: Ints, hz: float) -> Ints:
    """Return unwrapped ticks of all records, shape (n,), with the turns that a long loss of the radio hides.

    `row`, shape (k,), says which of the records state a `second`. Between two of them the turns are lost where the
    ticks step farthest.
    """
    apart: Floats = np.diff(second) * hz - np.diff(tick[row])
    turns = np.rint(apart / WRAP)
    sure = (np.abs(apart - turns * WRAP) <= SURE * WRAP) & (turns > 0)
    found = np.zeros(len(tick), np.int64)
    for number in np.flatnonzero(sure).tolist():
        begin, end = int(row[number]), int(row[number + 1])
        steps = np.abs(np.diff(tick[begin : end + 1]))
        found[begin + 1 + int(np.argmax(steps))] += int(turns[number])
    return tick + np.cumsum(found) * WRAP
