"""Floors and ceilings on parts of a path that begin and end between fixes, against dense rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace.zone import Datum, Limit
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.altitude.limits import vertical_of
from dronecheck.geofence.settings import Settings, Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight
from tests.geofence.test_timed_zones import zone
from tests.support.scale import examples


def between(heights, floor_m, ceiling_m, dt_s=1.0, clock_s=0.0):
    count = len(heights)
    flight = make_flight(np.full(count, 47.0), 2.0 + 1e-4 * np.arange(count), dt_s=dt_s, alt_amsl_m=heights,
                         v_sigma_m=np.full(count, 2.0))  # fmt: skip
    path = Trajectory(flight.track, Thresholds(), clock_sigma_s=clock_s)
    limits = zone(lower=Limit(floor_m, Datum.AMSL), upper=Limit(ceiling_m, Datum.AMSL))
    return vertical_of(limits, Altitudes(path, Settings()))


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.floats(0, 500), min_size=3, max_size=9), st.floats(0, 400), st.floats(1, 200), st.data())
def test_parts_between_fixes_against_dense_rows(heights, floor_m, thickness_m, data):
    last = len(heights) - 1
    begin = data.draw(st.floats(0, last - 0.1))
    end = data.draw(st.floats(begin + 0.05, last))
    vertical = between(heights, floor_m, floor_m + thickness_m)
    rows = np.linspace(begin, end, 2_001)
    dense = np.interp(rows, np.arange(last + 1), heights)
    margin = np.minimum(dense - floor_m, floor_m + thickness_m - dense)
    found = np.zeros(len(rows), dtype=bool)
    for a, b in vertical.inside(begin, end):
        assert begin <= a < b <= end
        found |= (rows >= a) & (rows <= b)
    clear_cut = np.abs(margin) > 1e-6
    assert np.array_equal(found[clear_cut], margin[clear_cut] > 0)
    # The probes hold the least ratio of the part, its ends, and a row on each side of every crossing.
    probes = vertical.probes(begin, end)
    assert probes[0] == begin
    assert probes[-1] == end
    assert vertical.ratio_at(probes).min() <= vertical.ratio_at(rows).min() + 1e-6 + 20 / vertical.band_sigmas
    assert vertical.signed_at(rows) == pytest.approx(-margin, abs=1e-6)


def test_from_the_floor_to_the_ceiling_between_two_fixes():
    vertical = between([0.0, 81.0, 0.0], 0.0, 81.0)
    assert vertical.ratio_at(vertical.probes(0.0, 1.0)).min() == pytest.approx(-40.5 / 2.0 / vertical.band_sigmas)


def test_a_crossing_within_the_first_and_the_last_step_of_a_part():
    vertical = between([0.0, 100.0, 100.0, 0.0], 50.0, 1_000.0)
    assert vertical.inside(0.2, 2.9) == [pytest.approx((0.5, 2.5))]
    assert vertical.inside(0.2, 0.9) == [pytest.approx((0.5, 0.9))]
    assert vertical.inside(2.1, 2.9) == [pytest.approx((2.1, 2.5))]
    assert vertical.inside(0.6, 2.4) == [pytest.approx((0.6, 2.4))]
    assert vertical.inside(0.1, 0.4) == vertical.inside(2.6, 3.0) == []
    assert vertical.inside(1.0, 1.0) == [(1.0, 1.0)]
    assert vertical.inside(0.0, 0.0) == []
    assert {0.2, 0.5, 1.0} <= set(np.round(vertical.probes(0.2, 1.5), 9))


@pytest.mark.parametrize("dt_s", [1.0, 4.0])
def test_the_instant_of_passing_a_limit_is_as_sure_as_sigma_over_the_rate(dt_s):
    vertical = between([0.0, 40.0, 90.0, 90.0, 60.0, 20.0], 50.0, 75.0, dt_s=dt_s)
    for row, climb_m in ((1.2, 50.0), (1.7, 50.0), (3.5, 30.0), (4.25, 40.0)):
        assert vertical.crossing_sigma_s(row) == pytest.approx(2.0 * dt_s / climb_m)
    for row in (0.5, 1.0, 2.5, 4.0, 5.0):
        assert vertical.crossing_sigma_s(row) is None
    at_a_fix = between([0.0, 50.0, 90.0], 50.0, 500.0)
    assert at_a_fix.crossing_sigma_s(1.0) in (pytest.approx(2 / 50), pytest.approx(2 / 40))
