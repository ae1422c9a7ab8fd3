"""The distance to a border for plots: against the least distance to the territory's own polygon, fix by fix."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dronecheck.borders.territories import territories_near
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.engine import check
from dronecheck.geofence.settings import Settings, Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.report.views.border_distance import border_in_question, border_profile
from tests.conftest import make_flight


def test_each_fix_has_its_distance_time_and_band():
    count = 60
    lat, lon = np.linspace(40.1275, 40.0900, count), np.full(count, 124.3923)  # Dandong to Sinuiju
    flight = make_flight(lat, lon, dt_s=10.0)
    result = check(flight, settings=Settings(home="CHN"))
    assert border_in_question(result).id == "PRK"
    series = border_profile(Trajectory(flight.track, Thresholds()), result)
    whole = np.isin(np.arange(count), series.row)
    assert whole.all()  # every fix is a sample
    plane = LocalPlane(124.3923, 40.11)
    regions = territories_near(124.0, 39.9, 124.8, 40.4).regions()
    polygon = next(p for t, p in regions if t.iso_a3 == "PRK")
    window = shapely.box(124.1, 39.95, 124.7, 40.3)
    dense = shapely.segmentize(shapely.intersection(polygon, window), 2e-4)
    laid = shapely.transform(dense, plane.forward)
    points = shapely.points(plane.forward(np.column_stack([lon, lat])))
    want = shapely.distance(laid.boundary, points) * np.where(shapely.contains(laid, points), -1, 1)
    at = np.searchsorted(series.row, np.arange(count))
    assert series.distance_m[at] == pytest.approx(want, abs=0.1)
    assert series.time_ns[at].tolist() == flight.track.time_ns.tolist()
    assert np.all(series.band_m >= 2.3263 * 1.5 * 0.999)
    (found,) = result.findings  # the band of its decisive fix is that of the series there
    assert series.band_m[np.searchsorted(series.time_ns, found.deepest_ns)] == pytest.approx(found.band_m, rel=0.01)
    between = np.flatnonzero(series.row != np.floor(series.row))
    share = series.row[between] * 10e9 + flight.track.time_ns[0]
    assert np.abs(series.time_ns[between] - share).max() < 1e3


def test_no_border_in_reach_no_series():
    flight = make_flight(np.full(20, 51.0), np.linspace(10.0, 10.001, 20))
    result = check(flight)
    assert border_in_question(result) is None
    assert border_profile(Trajectory(flight.track, Thresholds()), result) is None
