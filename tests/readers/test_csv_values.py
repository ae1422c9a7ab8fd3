"""Cells to numbers and states."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.readers.csvlog.numbers import parse_numbers, scale_of, states


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), max_size=5))
def test_numbers_are_what_float_makes_of_them(values):
    for spare in ([], ["text"]):  # the quick way, and cell by cell
        numbers, unreadable = parse_numbers([*map(repr, values), *spare], decimal_comma=False)
        assert numbers.tolist()[: len(values)] == values
        assert unreadable.tolist() == [False] * len(values) + [True] * len(spare)


@given(st.text(max_size=12))
def test_any_cell_gives_a_number_or_none(cell):
    for comma in (False, True):
        numbers, unreadable = parse_numbers([cell], decimal_comma=comma)
        assert not (unreadable[0] and not math.isnan(numbers[0]))


@pytest.mark.parametrize(
    ("cell", "comma", "number", "readable"),
    [
        ("59,33459", True, 59.33459, True),
        ("1.234,5", True, 1234.5, True),
        ("-1,234.5", False, -1234.5, True),
        ("1,5", False, 1.5, True),  # the cell itself proves it
        ("1,234", False, 1234.0, True),
        ("1,234", True, 1.234, True),
        ("1,5,5", False, None, False),
        ("1_0", False, None, False),
        ("٣", False, None, False),
        ("", False, None, True),
        ("No Data", False, None, True),
        ("N/A", False, None, True),
        (" 12 \r", False, 12.0, True),
        ("0x10", False, None, False),
        ("Available with any HD 360 subscription", False, None, False),
    ],
)
def test_ways_to_write_a_number(cell, comma, number, readable):
    numbers, unreadable = parse_numbers([cell], decimal_comma=comma)
    assert math.isnan(numbers[0]) if number is None else numbers[0] == number
    assert unreadable[0] == (not readable)


def test_each_column_shows_what_its_commas_are():
    for presumed in (False, True):
        assert parse_numbers(["1,234", "0,5"], decimal_comma=presumed)[0].tolist() == [1.234, 0.5]
        assert parse_numbers(["1,234", "1,234.5"], decimal_comma=presumed)[0].tolist() == [1234.0, 1234.5]
        assert parse_numbers(["1,234", "1,234,567"], decimal_comma=presumed)[0].tolist() == [1234.0, 1234567.0]


def test_units():
    for unit, metres in (("ft", 0.3048), ("feet", 0.3048), ("m", 1), ("meters", 1)):
        assert scale_of("length", unit) == metres
    for unit, mps in (("mph", 0.44704), ("m/s", 1), ("mps", 1), ("km/h", 1 / 3.6), ("knots", 1852 / 3600)):
        assert scale_of("speed", unit) == mps
    for unit, seconds in (("s", 1), ("sec", 1), ("ms", 1e-3), ("millisecond", 1e-3)):
        assert scale_of("time", unit) == seconds
    assert scale_of("length", "furlong") is None
    assert scale_of("length", "") is None


def test_states():
    assert states(["True", "false", "1", "0", " TRUE ", "", "maybe"]).tolist() == [1, 0, 1, 0, 1, -1, -1]
