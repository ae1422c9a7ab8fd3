"""GCJ-02 against the pairs that the open map libraries publish in their own tests, and its inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.geo.gcj02 import gcj02_from_wgs84, wgs84_from_gcj02

# (longitude, latitude) of a place in WGS 84 and in GCJ-02: the test points of googollee/eviltransform
PUBLISHED = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),  # Shanghai
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),  # Shenzhen
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),  # Beijing
]


@pytest.mark.parametrize(("wgs84", "gcj02"), PUBLISHED)
def test_published_pairs_both_ways(wgs84, gcj02):
    assert gcj02_from_wgs84(np.array([wgs84]))[0] == pytest.approx(gcj02, abs=1e-12)
    assert wgs84_from_gcj02(np.array([gcj02]))[0] == pytest.approx(wgs84, abs=1e-12)


@given(st.floats(73.0, 135.0), st.floats(18.0, 54.0))
def test_the_inverse_undoes_it_anywhere_in_china(lon, lat):
    there = gcj02_from_wgs84(np.array([[lon, lat]]))
    assert wgs84_from_gcj02(there)[0] == pytest.approx((lon, lat), abs=1e-11)
    east_m, north_m = (there[0] - (lon, lat)) * (111_320 * np.cos(np.radians(lat)), 111_000)
    assert 20 < np.hypot(east_m, north_m) < 710
