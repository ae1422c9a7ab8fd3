"""How well an instant and a point of crossing are known, against closed forms and against shifted paths (Monte Carlo).

The outline is x = 0, inside is west; one error is common to all fixes of a draw, another to all of the outline.
"""

from __future__ import annotations

import csv

import numpy as np
import pytest
import shapely

import dronecheck
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import visits
from tests.conftest import make_flight

PLANE = LocalPlane(20.0, 45.0)
Y = np.linspace(-20_000, 20_000, 401)
WEST = shapely.Polygon(
    PLANE.inverse(np.vstack([np.column_stack([0 * Y, Y]), [[-20_000.0, 20_000.0], [-20_000.0, -20_000.0]]]))
)


def crossed(x, y, outline_m=0.0, p95_m=0.0, dt_s=1.0, sigma_m=1.5):
    """The visit of a path given in the plane, metres, beside an outline with these errors."""
    lonlat = PLANE.inverse(np.column_stack([x, y]))
    track = make_flight(lonlat[:, 1], lonlat[:, 0], dt_s=dt_s, sigma_m=sigma_m).track
    profile = trace(Trajectory(track, Thresholds()), lambda *_: WEST, Edge.PLANAR, 5_000)

    def error(foot):
        return np.full(len(foot), outline_m), np.full(len(foot), p95_m)

    return visits(RegionDistance(profile, error))


@pytest.mark.parametrize(("outline_m", "p95_m", "sigma_m"), [
    (0.0, 0.0, 1.5), (2.0, 0.0, 1.5), (40.0, 50.0, 3.0), (40.2, 666.4, 2.0), (0.0, 0.0, 25.0),
])  # fmt: skip
@pytest.mark.parametrize("slant_deg", [0.0, 40.0, 80.0])
@pytest.mark.parametrize("is_entry", [True, False])
def test_a_straight_way_is_known_to_sigma_over_the_speed_across(outline_m, p95_m, sigma_m, slant_deg, is_entry):
    along = 12.0 * (np.arange(1201.0) - 600.25)
    slant = np.radians(slant_deg)
    x, y = along * np.cos(slant) * (-1 if is_entry else 1), along * np.sin(slant)
    (visit,) = crossed(x, y, outline_m, p95_m, sigma_m=sigma_m)
    crossing = visit.enter if is_entry else visit.exit
    across_m = max(np.hypot(sigma_m, outline_m), p95_m / 1.959964)
    assert crossing.sigma_s == pytest.approx(across_m / (12.0 * np.cos(slant)), rel=2e-3)
    assert crossing.sigma_m == pytest.approx(across_m / np.cos(slant), rel=2e-3)


def test_a_minute_for_666_m_at_12_metres_a_second():
    (visit,) = crossed(12.0 * (300.25 - np.arange(601.0)), np.zeros(601), 40.2, 666.4)
    assert 1.96 * visit.enter.sigma_s == pytest.approx(666.4 / 12, rel=1e-3)


@pytest.mark.parametrize(("bend", "within"), [(0.0, 0.04), (1.0, 0.12)])
def test_the_sigmas_are_those_of_shifted_paths(bend, within):
    """Thousands of paths and outlines, each as wrong as they may be: where and when they really cross."""
    rng = np.random.default_rng(5)
    t = np.arange(601.0)
    x = 9.0 * (300.3 - t) + bend * 0.006 * (t - 300.3) ** 2  # slower and slower, or steadily
    y = 7.0 * t + bend * 200.0 * np.sin(t / 150.0)
    (visit,) = crossed(x, y, outline_m=60.0, sigma_m=8.0)
    shift_x, shift_y, outline = rng.normal(0, 8.0, 4_000), rng.normal(0, 8.0, 4_000), rng.normal(0, 60.0, 4_000)
    told_s = np.interp(0.0, -x, t)
    true_s = np.interp(shift_x - outline, -x, t)
    assert visit.enter.row == pytest.approx(told_s, abs=0.1)
    assert visit.enter.sigma_s == pytest.approx(true_s.std(), rel=within)
    east = np.interp(true_s, t, x) + shift_x - np.interp(told_s, t, x)
    north = np.interp(true_s, t, y) + shift_y - np.interp(told_s, t, y)
    assert visit.enter.sigma_m == pytest.approx(np.sqrt((east**2 + north**2).mean()), rel=within)


def test_neither_reaches_beyond_the_visit_and_the_log():
    x = np.concatenate([np.arange(105.0, -20, -10), np.arange(-5.0, 106, 10)])  # from 105 m to 15 m inside, and back
    (visit,) = crossed(x, 0 * x, p95_m=2_000.0)  # the outline may be a kilometre away
    begin, end, last = visit.begin, visit.end, len(x) - 1.0
    assert visit.enter.sigma_s == pytest.approx(np.sqrt((begin**2 + (end - begin) ** 2) / 2), rel=1e-3)
    assert visit.exit.sigma_s == pytest.approx(np.sqrt(((last - end) ** 2 + (end - begin) ** 2) / 2), rel=1e-3)
    assert visit.enter.sigma_m >= 2_000 / 1.959964  # and the point no nearer than that, whatever was flown


def test_a_way_beside_the_outline_leaves_the_instant_open_for_as_long():
    x = np.concatenate([np.linspace(500, 4, 50), np.linspace(3.9, -3.9, 200), np.linspace(-4, -500, 50)])
    (visit,) = crossed(x, np.arange(300.0), outline_m=20.0)
    assert 100 < visit.enter.sigma_s < 110  # 200 s within 4 m of the line, and 1.6 s more to either side


def test_the_founding_flight_knows_its_crossings_as_well_as_the_yalu(repo):
    with open(repo / "airspace_data/borders/accuracy.csv", encoding="utf-8") as rows:
        cell = next(
            row for row in csv.DictReader(rows)
            if (row["pair"], row["cell_west_deg"], row["cell_south_deg"]) == ("CHN|PRK", "124.0", "40.0")
        )  # fmt: skip
    result = dronecheck.check(dronecheck.read(repo / "samples/founding_dandong_sinuiju.ulg"))
    for sigma_m, sigma_s in (
        (result.findings[0].entry_sigma_m, result.findings[0].enter_sigma_s),
        (result.findings[0].exit_sigma_m, result.findings[0].exit_sigma_s),
    ):
        assert 1.96 * sigma_m == pytest.approx(float(cell["p95_m"]), rel=0.01)
        assert 1.96 * sigma_s > float(cell["p95_m"]) / 15.0  # it flew no faster
