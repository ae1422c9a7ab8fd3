"""Sets of intervals and runs of a mask against plain Python sets of whole numbers, joined stretches against samples."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.geo.intervals import clipped, grown, intersection, join, runs, subtraction, union

PAIRS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def members(pairs):
    return {i for a, b in pairs for i in range(a, b)}


def is_tidy(found):
    flat = found.ravel()
    return bool(np.all(np.diff(flat) > 0)) and found.shape[1:] == (2,)


@given(PAIRS, PAIRS, st.integers(0, 5))
def test_as_sets_of_numbers(a, b, by):
    mine, theirs = union(np.array(a, dtype=np.int64).reshape(-1, 2)), union(np.array(b, dtype=np.int64).reshape(-1, 2))
    for found, expected in (
        (mine, members(a)),
        (union(mine, theirs), members(a) | members(b)),
        (intersection(mine, theirs), members(a) & members(b)),
        (subtraction(mine, theirs), members(a) - members(b)),
        (clipped(mine, 7, 23), members(a) & set(range(7, 23))),
        (grown(mine, by), {i + k for i in members(a) for k in range(-by, by + 1)}),
        (grown(mine, -by), {i for i in members(a) if all(i + k in members(a) for k in range(-by, by + 1))}),
    ):
        assert members(found.tolist()) == expected
        assert is_tidy(found)


@given(st.lists(st.booleans(), max_size=30))
def test_runs_are_where_the_mask_is_true(mask):
    found = runs(np.array(mask, dtype=np.bool_))
    assert members(found.tolist()) == {row for row, held in enumerate(mask) if held}
    assert is_tidy(found)  # and so no two runs touch


pairs = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)).map(lambda p: (float(p[0]), float(p[0] + p[1]))))


@given(pairs)
def test_joined_intervals_cover_the_same_and_lie_apart(intervals):
    joined = join(intervals)
    at = np.arange(0, 60, 0.25)  # quarters: between whole ends nothing is missed
    before = np.any([(at >= a) & (at <= b) for a, b in intervals], axis=0) if intervals else np.zeros(len(at), bool)
    after = np.any([(at >= a) & (at <= b) for a, b in joined], axis=0) if joined else np.zeros(len(at), bool)
    assert np.array_equal(before, after)
    assert all(left[1] < right[0] for left, right in pairwise(joined))


def test_an_interval_within_another_does_not_shorten_it():
    assert join([(5.0, 6.0), (0.0, 10.0), (10.0, 11.0), (11.5, 12.0)]) == [(0.0, 11.0), (11.5, 12.0)]
