"""Nanoseconds and ISO 8601 text against numpy's datetime64, and against each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.timebase import DAY_NS, instant, iso_utc, moment_ns, ns_of, utc_of, utc_text

TIMES_NS = st.integers(-(2**62), 2**62)


SINCE, UNTIL = (datetime(year, 1, 1) for year in (1800, 2200))  # noqa: DTZ001 - hypothesis adds no zone itself


@given(st.datetimes(SINCE, UNTIL), st.integers(-1439, 1439))
def test_a_moment_is_numpys(naive, minutes):
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = int(np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "ns").astype(np.int64))
    assert ns_of(moment) == moment_ns(moment.isoformat()) == expected
    assert utc_of(expected) == moment


@given(TIMES_NS)
def test_texts_are_numpys(time_ns):
    assert iso_utc(time_ns) == str(np.datetime64((time_ns + 500_000) // 1_000_000, "ms")) + "Z"
    assert utc_text(time_ns) == str(np.datetime64(time_ns // 10**9, "s")).replace("T", " ") + " UTC"
    assert instant(time_ns, 0, True) == str(np.datetime64((time_ns + 50_000_000) // 10**8 * 100, "ms"))[11:21] + " UTC"


@given(TIMES_NS)
def test_a_moment_is_cut_to_microseconds(time_ns):
    assert ns_of(utc_of(time_ns)) == time_ns // 1000 * 1000


@pytest.mark.parametrize(("sigma_s", "utc", "counted"), [
    (None, "12:00:36.6 UTC", "+36.6 s"), (float("nan"), "12:00:36.6 UTC", "+36.6 s"),
    (0.4, "12:00:36.6 UTC ±0.8 s", "+36.6 s ±0.8 s"), (28.3, "12:00:37 UTC ±55 s", "+37 s ±55 s"),
])  # fmt: skip
def test_an_instant_has_the_digits_it_deserves_and_its_95_per_cent(sigma_s, utc, counted):
    start = ns_of(datetime(2025, 5, 1, 12, tzinfo=UTC))
    assert instant(start + 36_600_000_000, start, True, sigma_s) == utc
    assert instant(start + 36_600_000_000, start, False, sigma_s) == counted


def test_times_without_utc_are_counted_from_the_first_fix():
    assert iso_utc(5, utc_known=False) is None and iso_utc(None) is None
    assert instant(36_400_000_000, 0, False) == "+36.4 s"


@pytest.mark.parametrize("text", ["", "soon", "20260501", "2026-13-01", "2026-05-01 25:00", "٢٠٢٦-05-01"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(ValueError):
        moment_ns(text)


def test_a_day_to_its_end():
    assert moment_ns("2026-05-05", end_of_day=True) == moment_ns("2026-05-05") + DAY_NS
    assert moment_ns("2026-05-05T06:00Z", end_of_day=True) == moment_ns("2026-05-05T06:00Z")
    with pytest.raises(ValueError, match="calendar"):
        moment_ns("9999-12-31", end_of_day=True)


def test_1970_is_spelled_in_one_module(repo):
    source = Path(repo) / "src" / "dronecheck"
    assert [p.name for p in source.rglob("*.py") if "datetime(1970" in p.read_text()] == ["timebase.py"]
