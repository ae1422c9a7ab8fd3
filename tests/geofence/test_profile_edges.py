"""A profile over several windows and jumps against brute force: walks along the outline, dense rows, random errors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.plane import LocalPlane, geodesic_m, point_at
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight

PLANE = LocalPlane(2.0, 47.0)
RING = np.array([[-200.0, -150], [300, -150], [300, 40], [100, 40], [100, 150], [-200, 150], [-200, -150]])
FAR = np.array([20_000.0, 0.0])
ZONE = shapely.MultiPolygon([shapely.Polygon(PLANE.inverse(RING)), shapely.Polygon(PLANE.inverse(RING + FAR))])


def xy_of_track():
    """A loop over the first part, a jump to the second and a way through it, a jump to a single fix within it."""
    turn = np.linspace(0, 2 * np.pi, 60)
    loop = np.column_stack([420 * np.cos(turn), 260 * np.sin(turn + 0.4)])
    way = FAR + np.column_stack([np.linspace(-500, 600, 40), np.linspace(60, 10, 40)])
    return np.vstack([loop, way, FAR + np.array([0, 30_000]), FAR + np.array([10, 20])])


@pytest.fixture(scope="module")
def track():
    return PLANE.inverse(xy_of_track())


@pytest.fixture(scope="module")
def profile(track):
    path = Trajectory(make_flight(track[:, 1], track[:, 0], dt_s=1.0, sigma_m=2.0).track, Thresholds())
    assert np.flatnonzero(path.is_jump).tolist() == [59, 99, 100]
    return trace(path, lambda *_: ZONE, Edge.PLANAR, 1_500, both_sides=True)


def outline():
    share = np.linspace(0, 1, 400)[:, np.newaxis]
    ring = np.vstack([a + share * (b - a) for a, b in pairwise(RING)])
    return PLANE.inverse(np.vstack([ring, ring + FAR]))


def truth(track, rows):
    """Signed distances by the geodesics to thousands of points of the outline; good to a centimetre or so."""
    at, dense = point_at(track, np.asarray(rows, dtype=float)), outline()
    inside = shapely.contains_xy(ZONE, at[:, 0], at[:, 1])
    away = [geodesic_m(lon, lat, dense[:, 0], dense[:, 1]).min() for lon, lat in at]
    return np.where(inside, -1, 1) * np.array(away)


ROWS = np.array([0.0, 3.3, 10.5, 20.3, 30.0, 44.9, 58.5, 59.0, 60.0, 61.7, 75.2, 80.0, 98.6, 99.0, 101.0])


def test_a_measure_is_the_nearest_point_of_the_outline(profile, track):
    expected = truth(track, ROWS)
    dense = outline()
    for row, want in zip(ROWS, expected, strict=True):
        at, signed, foot = profile.measure(float(row))
        assert at == row
        assert signed == pytest.approx(want, abs=0.6)
        here = point_at(track, np.array([row]))[0]
        assert geodesic_m(*here, *foot)[0] == pytest.approx(abs(signed), abs=1e-3)
        assert geodesic_m(*foot, dense[:, 0], dense[:, 1]).min() < 1.0


@pytest.mark.parametrize("row", [-0.5, 59.5, 99.5, 100.0, 100.5, 101.5])
def test_off_the_windows_nothing_is_known(profile, row):
    """Between two windows of a jump, beyond the ends, and at a fix that has no outline in sight."""
    _, signed, foot = profile.measure(row)
    assert np.isposinf(signed)
    assert np.isnan(foot).all()
    assert profile.probability(row, 2.0) == 0.0
    assert profile.gap_detour_m(int(np.floor(row)) if row != 100.0 else 100) == np.inf


def test_inside_is_what_dense_rows_say_and_its_mirror_is_the_rest(profile, track):
    flown = [np.linspace(0, 59, 5_003), np.linspace(60, 99, 3_001), np.array([101.0])]
    mirrored = profile.mirrored()
    for rows in flown:
        at = point_at(track, rows)
        held = shapely.contains_xy(ZONE, at[:, 0], at[:, 1])
        sure = np.abs(truth(track, rows[::50])) > 1 if len(rows) > 1 else np.array([True])
        for found, want in ((profile.inside, held), (mirrored.inside, ~held)):
            within = np.zeros(len(rows), dtype=bool)
            for begin, end in found:
                within |= (rows >= begin) & (rows <= end)
            assert (within[::50] == want[::50])[sure].all()
    for a, b in mirrored.inside:
        assert not (a < 59.5 < b or a < 99.5 < b or a <= 100.0 <= b)
    assert (101.0, 101.0) in profile.inside
    assert mirrored.distance_m == pytest.approx(-profile.distance_m)
    assert mirrored.measure(20.3)[1] == pytest.approx(-profile.measure(20.3)[1])
    assert mirrored.probability(20.3, 3.0) == pytest.approx(1 - profile.probability(20.3, 3.0))
    again = mirrored.mirrored()
    assert [pair for pair in again.inside if pair[0] < pair[1]] == [
        pytest.approx(pair) for pair in profile.inside if pair[0] < pair[1]
    ]


def test_samples_are_measures_wherever_they_are(profile):
    rows = profile.row[:: max(1, len(profile.row) // 60)]
    measured = np.array([profile.measure(float(row))[1] for row in rows])
    signed, foot = profile.at_samples(rows.tolist())
    assert signed == pytest.approx(measured, abs=1e-5)
    signed, foot = profile.at_samples([3.3, 20.3, 61.7, 99.0])  # no samples, all but the last
    assert signed == pytest.approx([profile.measure(row)[1] for row in (3.3, 20.3, 61.7, 99.0)], abs=1e-5)
    assert foot[1] == pytest.approx(profile.measure(20.3)[2])
    more = profile.with_rows(np.array([3.3, 20.3, 61.7]))
    assert len(more.row) == len(profile.row) + 3
    assert (np.diff(more.row) >= 0).all()
    found = np.searchsorted(more.row, [3.3, 20.3, 61.7])
    assert more.row[found].tolist() == [3.3, 20.3, 61.7]
    assert more.distance_m[found] == pytest.approx(signed[:3], abs=1e-5)
    assert more.boundary_deg[found] == pytest.approx(foot[:3])
    assert profile.with_rows(np.array([20.0])) is profile or 20.0 not in profile.row
    ends = profile.between(20.0, 30.0)
    assert (profile.row[ends] >= 20).all()
    assert (profile.row[ends] <= 30).all()
    assert profile.row[ends.start - 1] < 20
    assert profile.row[ends.stop] > 30
    assert profile.ellipsoidal_m() == pytest.approx(profile.distance_m, abs=1e-4)


def test_every_fix_can_be_had(profile):
    every = profile.with_fixes(np.ones(len(profile.row) - 1, dtype=bool))
    assert set(range(100)) | {101} <= set(every.row.tolist())
    first = np.zeros(len(profile.row) - 1, dtype=bool)
    assert profile.with_fixes(first) is profile
    part = profile.cut(20.3, 30.75)
    assert (part.row[0], part.row[-1], part.inside) == (20.3, 30.75, [])
    assert part.distance_m[[0, -1]] == pytest.approx([profile.measure(20.3)[1], profile.measure(30.75)[1]], abs=1e-5)
    assert set(profile.row[(profile.row > 20.3) & (profile.row < 30.75)]) <= set(part.row)


def test_refining_finds_the_least_between_the_neighbours(profile):
    for sample in range(1, len(profile.row) - 1, 23):
        low, high = profile.row[sample - 1], profile.row[sample + 1]
        if int(low) in (59, 99, 100) or high - low > 3 or low == high:
            continue
        least = min(profile.measure(float(row))[1] for row in np.linspace(low, high, 120))
        row = profile.refine(sample)
        assert low <= row <= high
        assert profile.measure(row)[1] <= least + 0.05
        middle = (low + profile.row[sample]) / 2
        assert middle - 1e-9 <= profile.refine(sample, (middle, high)) <= high
        assert low <= profile.refine(sample, (low, middle)) <= max(middle, profile.row[sample])


@pytest.mark.parametrize("row", [5.0, 14.2, 17.5, 21.0, 33.0, 47.5, 70.0, 88.5])
@pytest.mark.parametrize("sigma_m", [4.0, 60.0])
def test_the_probability_is_that_of_random_errors(profile, track, row, sigma_m):
    random = np.random.default_rng(5)
    at = PLANE.forward(point_at(track, np.array([row])))[0]
    lonlat = PLANE.inverse(at + sigma_m * random.standard_normal((30_000, 2)))
    expected = shapely.contains_xy(ZONE, lonlat[:, 0], lonlat[:, 1]).mean()
    assert profile.probability(row, sigma_m) == pytest.approx(expected, abs=0.012)


def test_the_least_way_over_the_region(track):
    """A gap of 200 m beside a wall 80 m off: over its nearest point and back, by reflection."""
    wall = shapely.Polygon(PLANE.inverse([[-5e3, 80], [5e3, 80], [5e3, 4e3], [-5e3, 4e3]]))
    lonlat = PLANE.inverse([[-150.0, 0], [-100, 0], [100, 20], [150, 20]])
    path = Trajectory(make_flight(lonlat[:, 1], lonlat[:, 0], dt_s=[1, 30, 1]).track, Thresholds())
    found = trace(path, lambda *_: wall, Edge.GEODESIC, 2_000)
    assert found.gap_detour_m(1) == pytest.approx(np.hypot(200, 80 + 60), abs=0.01)
    assert found.gap_detour_m(0) == pytest.approx(np.hypot(50, 160), abs=0.01)
    assert found.gap_detour_m(2) == pytest.approx(np.hypot(50, 120), abs=0.01)


def test_windows_that_share_a_row_are_one_path():
    """120 km due north past squares, one of them on the very row where two windows meet."""
    lats = 47.0 + 0.01 * np.arange(120)
    path = Trajectory(make_flight(lats, np.full(120, 2.0), dt_s=20.0).track, Thresholds())
    shared = [w.last for w in path.windows[:-1]]
    assert len(shared) >= 2
    squares = [shapely.box(1.99, lats[r] - 0.013, 2.01, lats[r] + 0.017) for r in (shared[0], shared[1], 3)]
    found = trace(path, lambda *_: shapely.MultiPolygon(squares), Edge.PLANAR, 3_000)
    expected = sorted((r - 1.3, r + 1.7) for r in (shared[0], shared[1], 3))
    assert [pytest.approx(pair, abs=1e-3) for pair in expected] == found.inside
    for row in (shared[0] - 0.5, float(shared[0]), shared[0] + 0.5):
        assert found.measure(row)[1] < 0
    outside = found.mirrored().inside
    # Where no square is in sight there is no piece: of the rest of the windows seen, all but the squares.
    rows = np.linspace(shared[0] - 3, shared[0] + 3, 601)
    held = np.abs(rows - shared[0] - 0.2) < 1.5
    within = np.zeros(len(rows), dtype=bool)
    for a, b in outside:
        within |= (rows > a) & (rows < b)
    sure = np.abs(np.abs(rows - shared[0] - 0.2) - 1.5) > 0.01
    assert (within != held)[sure].all()
