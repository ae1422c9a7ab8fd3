"""Distances, durations and counts in words: the figures of the docstrings, and every change of unit."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.quantities import coordinates, duration, metres, plural


@pytest.mark.parametrize(("value", "text"), [
    (0.0, "0.0 m"), (0.4, "0.4 m"), (9.94, "9.9 m"), (9.96, "10 m"), (23.4, "23 m"), (999.0, "999 m"),
    (1000.0, "1.00 km"), (1940.0, "1.94 km"), (9949.0, "9.95 km"), (9951.0, "10.0 km"), (12_345.0, "12.3 km"),
])  # fmt: skip
def test_distances(value, text):
    assert metres(value) == text


@pytest.mark.parametrize(("seconds", "text"), [
    (0.7, "0.7 s"), (9.9, "9.9 s"), (10.0, "10 s"), (42.0, "42 s"), (60.0, "1 min 00 s"), (185.0, "3 min 05 s"),
    (3599.0, "59 min 59 s"), (3600.0, "1 h 00 min"), (3720.0, "1 h 02 min"), (90_061.0, "25 h 01 min"),
])  # fmt: skip
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("sigma_m", "text"), [
    (None, "40.11558 N 124.39271 W"), (340.0, "40.116 N 124.393 W"), (2.0, "40.11558 N 124.39271 W"),
    (12.0, "40.1156 N 124.3927 W"), (0.02, "40.1155798 N 124.3927097 W"), (0.0, "40.1155798 N 124.3927097 W"),
    (5e6, "40.1 N 124.4 W"), (float("nan"), "40.11558 N 124.39271 W"),
])  # fmt: skip
def test_a_place_has_the_digits_it_deserves(sigma_m, text):
    assert coordinates(40.1155798, -124.39270965, sigma_m) == text


@given(st.floats(0.02, 5_000))
def test_the_last_digit_of_a_place_is_within_its_error_and_no_finer_than_a_tenth_of_it(sigma_m):
    digits = len(coordinates(0.0, 0.0, sigma_m).split(".")[1].split()[0])
    assert sigma_m / 10 <= 111_195 * 10.0**-digits <= sigma_m


@given(st.floats(0, 1e7))
def test_a_distance_in_words_is_the_distance_to_three_figures(value):
    number, unit = re.fullmatch(r"([\d.]+) (m|km)", metres(value)).groups()
    assert float(number) * {"m": 1, "km": 1000}[unit] == pytest.approx(
        value, rel=6e-3, abs=0.051 if value < 9.95 else 0.51
    )


@given(st.floats(0, 1e6))
def test_a_duration_in_words_is_the_duration_to_its_last_figure(seconds):
    parts = re.findall(r"([\d.]+) (h|min|s)", duration(seconds))
    total = sum(float(number) * {"h": 3600, "min": 60, "s": 1}[unit] for number, unit in parts)
    last = {"h": 3600, "min": 60, "s": 1}[parts[-1][1]]
    assert abs(total - seconds) <= (last if len(parts) > 1 else 0.5) + 0.5


def test_counts():
    assert [plural(n, "zone") for n in (0, 1, 2)] == ["0 zones", "1 zone", "2 zones"]
    assert [plural(n, "fix", "fixes") for n in (1, 3)] == ["1 fix", "3 fixes"]
