"""How far off a GCJ-02 reading is said to be: against published pairs, measured on the ellipsoid."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pyproj
import pytest

from dronecheck.flight import HorizontalDatum
from dronecheck.geofence.engine import check
from dronecheck.issues import Code
from tests.conftest import make_flight

GEOD = pyproj.Geod(ellps="WGS84")


@pytest.mark.parametrize(("wgs84", "gcj02"), [  # the test points of googollee/eviltransform
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),  # Shenzhen
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),  # Beijing
])  # fmt: skip
def test_the_issue_says_how_far_the_readings_lie_apart(wgs84, gcj02):
    drift = np.linspace(0, 1e-5, 30)
    flight = replace(make_flight(gcj02[1] + drift, gcj02[0] + drift), datum=HorizontalDatum.UNPROVEN)
    (issue,) = [i for i in check(flight).issues if i.code is Code.DATUM_UNKNOWN]
    said = float(re.search(r"([\d.]+) m off", issue.message)[1])
    assert said == pytest.approx(GEOD.inv(*wgs84, *gcj02)[2], abs=1.5)
