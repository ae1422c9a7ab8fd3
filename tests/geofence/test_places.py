"""Reported points and distances lie on the ellipsoid, on long steps and at the poles too."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.geo.outline.edges import Edge
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight
from tests.oracle.geofence_region import GEOD


@pytest.mark.parametrize("lat", [0.0, -47.0, 70.0, 85.0, 89.99])
@pytest.mark.parametrize("length_m", [0.1, 15.0, 199.0, 5_000.0])
@pytest.mark.parametrize("azimuth", [0.0, 60.0, 90.0])
def test_a_place_between_two_fixes_lies_on_the_geodesic(lat, length_m, azimuth):
    end = GEOD.fwd(179.9999, lat, azimuth, length_m)
    path = Trajectory(make_flight([lat, end[1]], [179.9999, end[0]], dt_s=100.0).track, Thresholds())
    for share in (0.0, 0.25, 0.5, 1.0):
        place = path.place_at(share)
        lon, true_lat, _ = GEOD.fwd(179.9999, lat, azimuth, length_m * share)
        assert GEOD.inv(place.lon_deg, place.lat_deg, lon, true_lat)[2] < 0.005
    assert path.step_m[0] == pytest.approx(length_m, rel=2e-6, abs=1e-6)


def test_distances_for_plots_are_ellipsoidal():
    import shapely

    lon = np.linspace(10.0, 10.5, 200)
    path = Trajectory(make_flight(np.full(200, 50.0), lon, dt_s=2.0).track, Thresholds())
    zone = shapely.box(10.0, 50.3, 10.6, 50.4)
    profile = trace(path, lambda window, box: zone, Edge.PLANAR, 60_000.0)
    measured = profile.ellipsoidal_m()
    fixes = np.flatnonzero(profile.row == np.round(profile.row))
    for sample in fixes[::20]:
        at = path.place_at(float(profile.row[sample]))
        assert measured[sample] == pytest.approx(
            GEOD.inv(at.lon_deg, at.lat_deg, *profile.boundary_deg[sample])[2], abs=1e-6
        )
