"""Step lengths by the quick way against the plain formula, and everywhere against geodesics; fitted planes."""

import numpy as np
import pytest

from dronecheck.geo.plane import (
    LocalPlane,
    geodesic_ahead,
    geodesic_between,
    geodesic_m,
    metres_per_degree,
    step_lengths_m,
    unwrap_lon,
)


def plain(lat, lon):
    east_m, north_m = metres_per_degree((lat[1:] + lat[:-1]) / 2)
    return np.hypot(np.diff(lon) * east_m, np.diff(lat) * north_m)


@pytest.mark.parametrize("lat", [-75.0, -20.0, 0.0, 48.0, 79.0])
@pytest.mark.parametrize(("span_deg", "count", "within"), [
    (0.15, 3_000, 3e-9), (0.15, 400, 1e-12), (0.3, 3_000, 1e-12), (0.0, 3_000, 1e-12), (1e-7, 3_000, 1e-9),
])  # fmt: skip
def test_the_quick_scales_are_the_plain_ones(lat, span_deg, count, within):
    """A short stretch of latitude goes by parabolas, good to 2e-9; a long one and few fixes by the formula itself."""
    turn = np.linspace(0, 20, count)
    lats, lon = lat + span_deg / 2 * np.sin(turn), 10 + 0.2 * np.cos(1.3 * turn)
    assert step_lengths_m(lats, lon) == pytest.approx(plain(lats, lon), rel=within)
    north_only = step_lengths_m(lats, np.full(count, 10.0))
    assert north_only == pytest.approx(plain(lats, np.full(count, 10.0)), rel=max(within, 1e-9), abs=1e-9)


@pytest.mark.parametrize("lat", [-85.0, 85.0, -89.99, 89.99, -80.01, 80.01])
def test_near_either_pole_alone_steps_are_geodesics(lat):
    lats, lon = np.full(6, lat), np.array([170.0, 175.0, -179.0, -100.0, -99.9, 20.0])
    exact = geodesic_m(lon[:-1], lats[:-1], lon[1:], lats[1:])
    assert step_lengths_m(lats, lon) == pytest.approx(exact, rel=1e-12)
    # A step that only begins or ends beyond 80 degrees is one, too.
    lats, lon = np.copysign([79.9, 80.1, 79.8, 79.0], lat), np.array([0.0, 3.0, 5.0, 5.1])
    exact = geodesic_m(lon[:-1], lats[:-1], lon[1:], lats[1:])
    assert step_lengths_m(lats, lon)[:2] == pytest.approx(exact[:2], rel=1e-12)


def test_steps_across_the_antimeridian_take_the_short_way():
    lats, lon = np.full(5, -17.0), np.array([179.999, -179.999, 179.998, 180.0, -180.0])
    exact = geodesic_m(lon[:-1], lats[:-1], lon[1:], lats[1:])
    assert step_lengths_m(lats, lon) == pytest.approx(exact, rel=1e-6, abs=1e-6)
    assert step_lengths_m(np.array([5.0]), np.array([5.0])).shape == (0,)
    assert step_lengths_m(np.empty(0), np.empty(0)).shape == (0,)
    turned = step_lengths_m(np.full(3, -17.0), np.array([359.0, 1.0, -1.0]))
    assert turned == pytest.approx(geodesic_m(0, -17, 2, -17)[0].repeat(2), rel=1e-4)


@pytest.mark.parametrize("near", [-540.0, -180.0, 0.0, 179.0, 1000.0])
def test_longitudes_come_within_half_a_turn(near):
    lon = np.linspace(-900, 900, 1_001)
    found = unwrap_lon(lon, near)
    assert np.abs(found - near).max() <= 180.0
    turns = (found - lon) / 360
    assert turns == pytest.approx(np.rint(turns), abs=1e-12)


def test_geodesics_there_and_back():
    random = np.random.default_rng(1)
    start = np.column_stack([random.uniform(-180, 180, 30), random.uniform(-89, 89, 30)])
    end = np.column_stack([random.uniform(-180, 180, 30), random.uniform(-89, 89, 30)])
    azimuth, length_m = geodesic_between(start, end)
    assert length_m == pytest.approx(geodesic_m(*start.T, *end.T))
    there = geodesic_ahead(start, azimuth, length_m)
    assert np.abs((there[:, 0] - end[:, 0] + 180) % 360 - 180).max() < 1e-9
    assert there[:, 1] == pytest.approx(end[:, 1], abs=1e-9)


@pytest.mark.parametrize("lat", [-70.0, 0.0, 52.0])
def test_there_and_back_through_the_plane(lat):
    """Azimuth and distance from its centre are the geodesic's."""
    plane = LocalPlane(-170.0, lat)
    random = np.random.default_rng(2)
    xy = random.uniform(-40_000, 40_000, (700, 2))
    degrees = plane.inverse(xy)
    assert plane.forward(degrees) == pytest.approx(xy, abs=1e-4)
    centre = np.tile([[-170.0, lat]], (700, 1))
    azimuth, length_m = geodesic_between(centre, degrees)
    assert length_m == pytest.approx(np.hypot(*xy.T), abs=1e-4)
    assert np.sin(np.radians(azimuth)) == pytest.approx(xy[:, 0] / length_m, abs=1e-6)
    assert np.cos(np.radians(azimuth)) == pytest.approx(xy[:, 1] / length_m, abs=1e-6)
    assert np.abs(degrees[:, 0] + 170).max() < 180


def test_what_the_fit_is_not_good_for_is_computed(monkeypatch):
    """Few points and a wide stretch go point by point; a flight's worth does not."""
    asked = []
    exactly = LocalPlane._exactly
    monkeypatch.setattr(LocalPlane, "_exactly", lambda self, points: asked.append(len(points)) or exactly(self, points))
    random = np.random.default_rng(3)

    def points(count, size_deg, lat):
        return np.column_stack([10 + random.uniform(-size_deg, size_deg, count),
                                np.clip(lat + random.uniform(-size_deg, size_deg, count), -90, 90)])  # fmt: skip

    for lat, size_deg, count, fitted in ((50, 0.3, 600, True), (50, 0.3, 400, False), (50, 6.0, 600, False),
                                         (-30, 0.01, 5_000, True)):  # fmt: skip
        asked.clear()
        LocalPlane(10.0, lat).forward(points(count, size_deg, lat))
        assert (count not in asked) == fitted, (lat, size_deg)
