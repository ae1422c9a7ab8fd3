"""Satellite time against the shared vectors."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from dronecheck.readers.common.clock.gps_time import LEAP_SECONDS, ROLLOVER_WEEKS, leap_seconds, utc_ms


@pytest.fixture(scope="module")
def vectors(shared):
    return json.loads((shared / "vectors" / "domain_vectors.json").read_text())["gps_time"]


def iso(unix_ms):
    return datetime.fromtimestamp(int(unix_ms) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_table_of_leap_seconds(vectors):
    assert [(row["utc_from"], row["gps_minus_utc_s"]) for row in vectors["leap_table"]] == list(LEAP_SECONDS)


def test_weeks_and_milliseconds(vectors):
    weeks, times = ([case[key] for case in vectors["cases"]] for key in ("week", "ms"))
    assert [iso(ms) for ms in utc_ms(weeks, times)] == [case["utc"] for case in vectors["cases"]]
    gps_ms = np.array(weeks) * 604_800_000 + np.array(times)
    assert leap_seconds(gps_ms).tolist() == [case["leap_s"] for case in vectors["cases"]]


def test_the_weeks_that_ten_bits_may_mean(vectors):
    case = vectors["rollover"]
    assert list(range(case["week_received_10bit"], 2401, ROLLOVER_WEEKS)) == case["plausible_weeks"]
    assert iso(utc_ms(2359, 43_200_000)) == case["utc_2359"]


def test_the_second_that_a_leap_second_is():
    """The leap second itself has no number in Unix time: it shares that of the second behind it."""
    start = 1930 * 604_800_000
    around = np.array([start + 16_999, start + 17_000, start + 17_999, start + 18_000])
    assert np.diff(utc_ms(0, around)).tolist() == [1, 999, -999]
