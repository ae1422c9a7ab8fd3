"""Sets of intervals against plain Python sets of whole numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.geo.intervals import clipped, grown, intersection, subtraction, union

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
