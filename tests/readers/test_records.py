"""Records of binary logs as columns, and bytes gathered from many places, against plain Python."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.arrays import Ints
from dronecheck.issues import Code
from dronecheck.readers.common import stretches
from dronecheck.readers.common.account import Account
from dronecheck.readers.common.position.fixes import ordered, placed, with_fix
from dronecheck.readers.common.records import Records, nearest_index


def made(time_us, **columns):
    count = len(time_us)
    values = np.zeros(count, np.dtype([(name, np.asarray(column).dtype) for name, column in columns.items()]))
    for name, column in columns.items():
        values[name] = column
    return Records("GPS", np.arange(count, dtype=np.int64) * 10, np.array(time_us, np.int64), values, {"Alt": 100.0})


def test_fields_come_in_their_units_and_absent_ones_are_unknown():
    rows = made(
        [1, 2], Alt=np.array([150, -50], "<i4"), Id=np.array([1 << 63, 3], "<u8"), Text=np.array([b"a\0b", b"c"])
    )
    assert rows.numbers("None", "Alt").tolist() == [1.5, -0.5]
    assert np.isnan(rows.numbers("None")).all()
    assert np.isnan(rows.numbers("Text")).all()
    assert rows.ints("Id").tolist() == [1 << 62, 3]
    assert rows.texts("Text") == ["a", "c"]
    assert rows.texts("None") == ["", ""]
    assert rows.flags("None", True).tolist() == [True, True]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WithSender(Records):
    sender: Ints


def test_columns_of_a_kind_of_its_own_go_with_the_rows():
    rows = made([5, 3, 4], x=np.arange(3.0))
    own = WithSender(rows.name, rows.offset, rows.time_us, rows.values, sender=np.array([7, 8, 9], np.int64))
    assert own.pick(np.array([True, False, True])).sender.tolist() == [7, 9]
    assert own.ascending().sender.tolist() == [8, 9, 7]
    twice = WithSender.joined([own, own])
    assert (len(twice), twice.sender.tolist()) == (6, [7, 8, 9, 7, 8, 9])
    assert twice.numbers("x").tolist() == [0, 1, 2] * 2


@given(st.lists(st.integers(-1, 50), max_size=20))
def test_ascending_keeps_the_first_of_each_time(times):
    rows = made(times, row=np.arange(len(times), dtype=np.int64)).ascending()
    expected = {}
    for row, time_us in enumerate(times):
        if time_us >= 0:
            expected.setdefault(time_us, row)
    assert list(zip(rows.time_us.tolist(), rows.ints("row").tolist(), strict=True)) == sorted(expected.items())


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20, unique=True), st.lists(st.integers(-10, 1010)))
def test_the_nearest_row_is_the_nearest(times, wanted):
    times.sort()
    rows = made(times, x=np.arange(float(len(times))))
    wanted_us = np.array(wanted, np.int64)
    index = nearest_index(rows.time_us, wanted_us)
    for at_us, row in zip(wanted, index.tolist(), strict=True):
        assert abs(times[row] - at_us) == min(abs(time_us - at_us) for time_us in times)
    found = rows.nearest(wanted_us, rows.numbers("x"), 5)
    for at_us, row, value in zip(wanted, index.tolist(), found.tolist(), strict=True):
        assert value == row if abs(times[row] - at_us) <= 5 else np.isnan(value)


def test_what_is_no_fix_is_named_with_its_first_place():
    account = Account()
    rows = made([10, 11, 12, 13, 14], lat=np.array([1.0, 0.0, np.nan, 91.0, 2.0]), lon=np.ones(5) * 0.0)
    kept = placed(
        account,
        with_fix(account, rows, np.array([False, True, True, True, True])),
        *[rows.numbers("lat")[1:], rows.numbers("lon")[1:]],
    )
    assert kept.offset.tolist() == [40]
    assert [(i.code, i.offset, i.count) for i in account.issues] == [
        (Code.NO_FIX_ROWS, 0, 1),
        (Code.BAD_POSITION, 10, 3),
    ]


def test_a_damaged_time_costs_no_row_and_what_was_logged_late_is_sorted_in():
    account = Account()
    times = [50_000_000, 51_000_000, 900_000_000, 52_000_000, 0, 10_000_000, 10_000_000]
    rows = made(times, x=np.arange(7.0))
    place, one = np.arange(7.0), np.zeros(7, np.int64)
    kept, order = ordered(account, rows, rows.time_us <= 0, place, place, one)
    assert kept.numbers("x").tolist() == [5, 6, 0, 1, 2, 3, 4]
    assert order.is_timed.tolist() == [True, False, True, True, False, True, False]
    assert Counter((i.code, i.count) for i in account.issues) == {
        (Code.CLOCK_DAMAGED, 1): 3,  # no time at all, one out of line, one that stands still
        (Code.OUT_OF_ORDER, 1): 1,
    }


@pytest.mark.parametrize("addressed", [1 << 30, 64, 7, 1])
@given(st.binary(max_size=300), st.integers(1, 40), st.data())
def test_stretches_are_those_of_slices_in_windows_of_any_size(addressed, data, size, draw):
    last = len(data) - size
    places = draw.draw(st.lists(st.integers(0, last), max_size=30)) if last >= 0 else []
    before, stretches.ADDRESSED_BYTES = stretches.ADDRESSED_BYTES, addressed
    try:
        found = stretches.gathered(data, np.array(places, np.int64), size)
    finally:
        stretches.ADDRESSED_BYTES = before
    assert found.shape == (len(places), size)
    assert [row.tobytes() for row in found] == [data[place : place + size] for place in places]
