"""Windows and plane tiles of a track."""

import numpy as np

from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Verdict
from dronecheck.geofence.settings import Settings, Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight


def jumping(every, count=600):
    random = np.random.default_rng(1)
    lat, lon = 40.1175 - np.linspace(0, 0.02, count), np.full(count, 124.3923)
    lat[::every] += random.uniform(-0.05, 0.05, len(lat[::every]))
    lon[::every] += random.uniform(-0.05, 0.05, len(lon[::every]))
    return make_flight(lat, lon)


def test_a_track_with_many_jumps_keeps_to_few_tiles():
    path = Trajectory(jumping(5).track, Thresholds())
    assert len(path.windows) > 200
    assert len(path.tiles) <= 3
    for window in path.windows:
        west, south, east, north = window.tile.extent_deg
        lon, lat = window.lonlat_deg.T
        assert (lon >= west).all() and (lon <= east).all() and (lat >= south).all() and (lat <= north).all()


def test_places_far_apart_have_tiles_of_their_own():
    lat, lon = np.full(40, 50.0), np.where(np.arange(40) % 2, 10.0, 20.0)
    path = Trajectory(make_flight(lat, lon).track, Thresholds())
    assert len(path.windows) == 40
    assert len(path.tiles) == 2


def test_jumps_do_not_hide_the_visit():
    assert check(jumping(5), settings=Settings(home="CHN")).verdict is Verdict.VIOLATION


def astray(rows, *, back=True):
    """A flight in China of 600 fixes with some of them 22 km to the south, in North Korea."""
    lat, lon = np.full(600, 40.1358), 124.3490 + np.arange(600) * 1e-5
    lat[rows if back else slice(rows.start, None)] -= 0.2
    return make_flight(lat, lon, events=[(0, "takeoff")])


def test_what_jumps_part_from_the_flight_is_left_open():
    result = check(astray(slice(300, 330)))
    assert result.verdict is Verdict.INCONCLUSIVE
    (finding,) = result.findings
    assert finding.reasons == (Reason.LOG_SUSPECT,)
    assert (finding.enter_ns, finding.exit_ns) == (None, None)
