"""Windows and frames of a track."""

import numpy as np

from dronecheck.geofence.engine import check
from dronecheck.geofence.findings import Rules, Thresholds, Verdict
from dronecheck.geofence.path import Path
from tests.conftest import make_flight


def jumping(every, count=600):
    random = np.random.default_rng(1)
    lat, lon = 40.1175 - np.linspace(0, 0.02, count), np.full(count, 124.3923)
    lat[::every] += random.uniform(-0.05, 0.05, len(lat[::every]))
    lon[::every] += random.uniform(-0.05, 0.05, len(lon[::every]))
    return make_flight(lat, lon)


def test_a_track_with_many_jumps_keeps_to_few_frames():
    path = Path(jumping(5).track, Thresholds())
    assert len(path.windows) > 200
    assert len(path.frames) <= 3
    for window in path.windows:
        west, south, east, north = window.frame.extent_deg
        lon, lat = window.lonlat_deg.T
        assert (lon >= west).all() and (lon <= east).all() and (lat >= south).all() and (lat <= north).all()


def test_places_far_apart_have_frames_of_their_own():
    lat, lon = np.full(40, 50.0), np.where(np.arange(40) % 2, 10.0, 20.0)
    path = Path(make_flight(lat, lon).track, Thresholds())
    assert len(path.windows) == 40
    assert len(path.frames) == 2


def test_jumps_do_not_hide_the_visit():
    assert check(jumping(5), rules=Rules(home="CHN")).verdict is Verdict.VIOLATION
