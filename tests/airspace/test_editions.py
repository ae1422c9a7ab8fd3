"""Which edition was in force: a table written by hand, and a brute-force check instant by instant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.airspace.library.editions import in_force


def at(text):
    return None if text is None else int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


# Three editions: two that follow each other, and a correction of the second from 10 March on.
A, B, C = ("2026-01-01", "2026-02-26"), ("2026-02-26", "2026-04-01"), ("2026-03-10", "2026-04-01")
TABLE = [
    ([A, B], "2026-01-01", "2026-01-01T00:10", [0], False),  # its first instant
    ([A, B], "2026-02-25T23:00", "2026-02-25T23:59:59", [0], False),
    ([A, B], "2026-02-26", "2026-02-26T01:00", [1], False),  # the end is not included
    ([A, B], "2026-02-25T23:50", "2026-02-26T00:10", [0, 1], False),  # over midnight: both
    ([A, B], "2026-04-01", "2026-04-01T00:10", [], True),  # one instant too late
    ([A, B], "2026-03-31T23:50", "2026-04-01T00:10", [1], True),
    ([A, B], "2025-12-31T23:50", "2025-12-31T23:59:59", [], True),
    ([A, B, C], "2026-03-09", "2026-03-09T01:00", [1], False),
    ([A, B, C], "2026-03-11", "2026-03-11T01:00", [2], False),  # the later one replaces the earlier
    ([A, (None, None)], "2026-01-15", "2026-01-15T01:00", [0], False),  # a dated one comes before an undated one
    ([A, (None, None)], "2026-05-01", "2026-05-01T01:00", [1], False),
    ([("2026-01-01", None)], "2030-01-01", "2030-01-01T01:00", [0], False),  # open end
    ([(None, "2026-01-01")], "2020-01-01", "2020-01-01T01:00", [0], False),
    ([(None, "2026-01-01")], "2026-01-01", "2026-01-01T01:00", [], True),
    ([A, ("2026-03-01", "2026-04-01")], "2026-02-27", "2026-02-27T01:00", [], True),  # a hole between two
]


@pytest.mark.parametrize(("periods", "begin", "end", "expected", "gap"), TABLE)
def test_the_edition_in_force_by_a_table_written_by_hand(periods, begin, end, expected, gap):
    choice = in_force([(at(a), at(b)) for a, b in periods], at(begin), at(end))
    assert ([index for index, _ in choice.used], choice.either, choice.gap) == (expected, (), gap)


def test_over_a_change_each_edition_is_judged_in_its_own_time():
    change = at("2026-02-26")
    choice = in_force([(at(a), at(b)) for a, b in (A, B)], change - 600 * 10**9, change + 600 * 10**9)
    assert choice.used == ((0, (None, change)), (1, (change, None)))


def test_editions_that_begin_alike_cannot_be_told_apart():
    assert in_force([(0, 100), (0, 200)], 50, 60).either == (0, 1)
    assert in_force([(None, None), (None, None)], 50, 60).either == (0, 1)
    assert in_force([(0, 100), (0, 200)], 150, 160).used == ((1, (None, None)),)


bounds = st.one_of(st.none(), st.integers(0, 20))
periods = st.tuples(bounds, bounds).filter(lambda p: p[0] is None or p[1] is None or p[0] < p[1])


@given(st.lists(periods, max_size=5), st.integers(0, 20), st.integers(0, 8))
def test_instant_by_instant_the_choice_is_the_one_that_began_last(editions, begin, length):
    end = begin + length
    choice = in_force(editions, begin, end)
    winners = []
    for t in range(begin, end + 1):
        holding = [i for i, (a, b) in enumerate(editions) if (a is None or a <= t) and (b is None or t < b)]
        latest = max((editions[i][0] if editions[i][0] is not None else -1 for i in holding), default=None)
        winners.append([i for i in holding if (editions[i][0] if editions[i][0] is not None else -1) == latest])
    assert choice.gap == any(not w for w in winners)
    if any(len(w) > 1 for w in winners):
        assert set(choice.either) == {i for w in winners for i in w}
        return
    for t, winner in zip(range(begin, end + 1), winners, strict=True):
        judged = [i for i, (a, b) in choice.used if (a is None or a <= t) and (b is None or t < b)]
        if winner:
            assert judged == winner
        elif len({i for i, _ in choice.used}) and begin < t < end:
            assert judged == []
