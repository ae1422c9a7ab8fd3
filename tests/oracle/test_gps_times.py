"""Times of fixes are those that their records state: the table of `gps_times`, held."""

from functools import cache

import numpy as np
import pytest

from tests.oracle import gps_times

REAL = gps_times.real_logs()
if not REAL:
    pytest.skip("real logs are not beside the repository", allow_module_level=True)

# receivers that gave an old time with their first fixes: 7.2 s and 2.1 s before the even times that follow
STALE_FIRST = {"erlerobot__ardupilot__mechanical_fail.log": 1, "erlerobot__ardupilot__nan.log": 3}


@cache
def found():
    return [one for path in REAL for one in gps_times.times_of(path)]


def test_99_percent_are_within_two_sigma_and_the_others_are_named():
    told, within = (sum(counts) for counts in zip(*((len(one.compared), one.within) for one in found()), strict=True))
    assert told > 16_000
    assert within / told >= 0.99, "\n".join(gps_times.table(found()))
    assert {one.log: len(one.compared) - one.within for one in found() if one.within < len(one.compared)} == STALE_FIRST


def test_others_are_exact_to_a_microsecond():
    for one in found():
        if one.log not in STALE_FIRST:
            assert np.abs(one.compared).max() < 0.002, one.log


def test_a_log_whose_times_are_another_record_s_would_be_found():
    stamps, stated = [0, 200_000, 400_000], [1_700_000_000_000_000, 1_700_000_000_200_000, 1_700_000_000_400_000]
    truth = gps_times.between(stamps, stated, [100_000, 300_000, 500_000, 5_000_000])
    assert truth[:3].tolist() == [1_700_000_000_100_000, 1_700_000_000_300_000, 1_700_000_000_500_000]
    assert np.isnan(truth[3])
    late = gps_times.Times("log", "gnss", np.array([0.0, 0.3, np.nan]), 0.1)
    assert (len(late.compared), late.within) == (2, 1)
