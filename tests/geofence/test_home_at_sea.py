"""A take-off near the end of territorial waters: no other territory is near, so home is not in doubt."""

from __future__ import annotations

import numpy as np

from dronecheck.borders.territories import territories_near
from dronecheck.geofence.engine import check
from tests.conftest import make_flight


def test_the_open_sea_makes_no_home_doubtful():
    # West of Brittany along 48.3 N: the last point of French waters.
    window = territories_near(-6.5, 48.2, -4.5, 48.4)
    lons = np.arange(-4.8, -6.4, -1e-4)
    owners = [window.territory_at(float(lon), 48.3) for lon in lons]
    at = next(k for k, owner in enumerate(owners) if owner is None)
    assert {o.iso_a3 for o in owners[:at]} == {"FRA"}
    lon = float(lons[at - 1])  # some metres inside
    flight = make_flight(np.full(60, 48.3), lon + np.arange(60) * 1e-6, events=[(30, "takeoff")])
    result = check(flight)
    assert result.home_territory == "FRA"
    assert result.takeoff is not None
