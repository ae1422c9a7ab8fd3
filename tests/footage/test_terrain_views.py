"""Views over terrain, against rays followed step by step through the same hills."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.footage.camera import ViewDoubt, above_ground
from dronecheck.footage.picture import judge_picture
from dronecheck.footage.view.seen import SphereGround
from dronecheck.footage.view.terrain_ground import TerrainGround
from dronecheck.geo.plane import geodesic_ahead, local_offsets_m
from dronecheck.geofence.settings import Settings
from dronecheck.media.model import CameraHeight
from tests.footage.makers import camera

LON, LAT, R_M = 12.0, 47.0, 6_378_000.0


class Hills:
    """Ground by a function of metres east and north of 47 N 12 E, known within `reach_m`."""

    sources = ()

    def __init__(self, height, reach_m=1e9):
        self.height, self.reach_m = height, reach_m

    def ground_amsl_m(self, lon_deg, lat_deg):
        east, north = local_offsets_m(LON, LAT, lon_deg, lat_deg)
        known = np.hypot(east, north) <= self.reach_m
        return np.where(known, self.height(east, north), np.nan), np.full(len(east), 4.0)

    def closest_surface_m(self, lon_deg, lat_deg, alt_amsl_m):
        return np.full(len(lon_deg), np.nan)


def rolling(east, north):
    return 600.0 + 60 * np.sin(east / 700) * np.cos(north / 900) + 0.02 * north


def wall(east, north):
    return np.where(north > 800, 900.0, 500.0)


def marched(hills, height_m, azimuth_deg, depression_deg, step_m=1.0, farthest_m=15_000.0):
    """Follow one ray in steps of a metre until it is under the ground."""
    away = np.arange(step_m, farthest_m, step_m)
    angle, down = away / R_M, np.radians(depression_deg)
    eye = R_M + float(hills.ground_amsl_m(np.array([LON]), np.array([LAT]))[0][0]) + height_m
    ray_m = eye * np.cos(down) / np.cos(down - angle) - R_M
    places = geodesic_ahead(np.tile([LON, LAT], (len(away), 1)), np.full(len(away), azimuth_deg), away)
    under = ray_m <= hills.ground_amsl_m(places[:, 0], places[:, 1])[0]
    return away[np.argmax(under)] if under.any() else np.inf


@pytest.mark.parametrize("ground", [rolling, wall])
@pytest.mark.parametrize("depression", [2.5, 5.0, 12.0, 40.0, 80.0])
def test_rays_end_where_a_march_through_the_hills_ends(ground, depression):
    hills = Hills(ground)
    azimuths = (-177.0, -60.0, 0.0, 45.0, 90.0)
    fine = TerrainGround.around(hills, LON, LAT, 120.0, np.radians(azimuths))
    for azimuth in azimuths:
        tangent = np.array([[np.tan(np.radians(depression))]])
        found = fine.range_m(np.radians([[azimuth]]), tangent, np.array([[120.0]]))[0, 0]
        true = marched(hills, 120.0, azimuth, depression)
        assert found == pytest.approx(true, abs=2.0 + 16.0 * (ground is wall and true > 700) + 0.01 * true)


def test_level_ground_is_the_sphere():
    flat = TerrainGround.around(Hills(lambda e, n: 300.0 + 0 * e), LON, LAT, 100.0)
    sphere = SphereGround(LAT)
    azimuth, tangent = np.linspace(-3, 3, 7)[np.newaxis], np.tan(np.radians([[0.5, 1, 2, 10, 45, 80, 89]]))
    height = np.array([[100.0]])
    expected = sphere.range_m(azimuth, tangent, height)
    assert flat.range_m(azimuth, tangent, height) == pytest.approx(expected, rel=2e-3, abs=0.5)
    assert np.isinf(flat.range_m(azimuth, -tangent, height)).all()
    assert flat.cap_m(np.array([100.0])) == pytest.approx(sphere.cap_m(np.array([100.0])), rel=2e-3)


def test_where_no_file_knows_the_ground_it_goes_on_level():
    known = TerrainGround.around(Hills(lambda e, n: 300.0 + 0 * e, 500.0), LON, LAT, 100.0)
    ray = np.zeros((1, 1)), np.array([[0.05]]), np.array([[100.0]])
    assert known.range_m(*ray) == pytest.approx(SphereGround(LAT).range_m(*ray), rel=0.01)
    assert TerrainGround.around(Hills(lambda e, n: 0 * e, -1.0), LON, LAT, 100.0) is None


def test_a_wall_hides_what_a_level_plain_would_show():
    told = camera(LAT, LON, height=CameraHeight(amsl_m=600.0, sigma_m=2.0), pose=(0.0, -4.0, 0.0), fov=(40.0, 2.0))
    walled = judge_picture(told, None, Settings(), ground=Hills(wall))
    plain = judge_picture(told, None, Settings(), ground=Hills(lambda e, n: 500.0 + 0 * e))
    assert walled.footprint.centre_range_m == pytest.approx(800, abs=20)
    assert plain.footprint.centre_range_m == pytest.approx(100 / np.tan(np.radians(4)), rel=0.01)
    assert walled.footprint.geometry.area < plain.footprint.geometry.area
    assert ViewDoubt.NO_TERRAIN not in walled.doubts


@pytest.mark.parametrize(("height", "settings", "found", "doubt"), [
    (CameraHeight(agl_m=40.0, home_m=100.0), Settings(), (40.0, 5.0), None),
    (CameraHeight(amsl_m=650.0, home_m=20.0, sigma_m=3.0), Settings(), (50.0, 5.0), None),
    (CameraHeight(home_m=80.0), Settings(takeoff_amsl_m=560.0), (40.0, np.hypot(8, 4)), None),
    (CameraHeight(home_m=80.0), Settings(), (80.0, 30.0), ViewDoubt.NO_TERRAIN),
    (CameraHeight(amsl_m=500.0), Settings(), None, ViewDoubt.BELOW_TERRAIN),
    (CameraHeight(amsl_m=599.0), Settings(), (1.0, np.hypot(8, 4)), None),
    (CameraHeight(), Settings(), None, ViewDoubt.NO_HEIGHT), (None, Settings(), None, ViewDoubt.NO_HEIGHT),
])  # fmt: skip
def test_heights_above_the_ground(height, settings, found, doubt):
    told = camera(LAT, LON, height=height, agl_m=None)
    known, missing = above_ground(told, settings, Hills(lambda e, n: 600.0 + 0 * e))
    assert missing is doubt
    assert (known.height_m, known.sigma_m) == pytest.approx(found) if found else known is None
