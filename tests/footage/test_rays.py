"""Rays, ranges and footprints against published vectors and an independent ray tracer on the ellipsoid."""

from __future__ import annotations

import json
from math import radians, tan

import numpy as np
import pytest
import shapely

from dronecheck.footage.view.draws import drawn
from dronecheck.footage.view.footprint import footprint_of
from dronecheck.footage.view.rays import columns, corner_rays, horizon_m, radius_m, range_m, rotation
from dronecheck.footage.view.seen import LEAST_TAN, SphereGround
from dronecheck.geo.plane import geodesic_ahead, geodesic_m
from dronecheck.media.model import CameraPose, FieldOfView
from tests.footage import ray_tracer

POSES = 1_000


@pytest.fixture(scope="module")
def vectors(shared):
    return json.loads((shared / "vectors" / "domain_vectors.json").read_text())


def drawn_camera(height_m, yaw, pitch, roll, h_deg, v_deg):
    pose = CameraPose(yaw, pitch, roll, (0.0, 0.0, 0.0), "test")
    return drawn(height_m, 0.0, pose, FieldOfView(h_deg, v_deg, 0.0, "test"))


def level(lat_deg):
    return lambda along_rad: SphereGround(lat_deg)


def rays_of(yaw, pitch, roll, h_deg, v_deg):
    one = [np.array([float(v)]) for v in (yaw, pitch, roll, h_deg, v_deg)]
    return corner_rays(rotation(*one[:3]), *one[3:])


# ---- published vectors


def test_corners_meet_flat_ground_as_published(vectors):
    count = 0
    for case in vectors["camera_footprint"]["cases"]:
        rays = rays_of(case["yaw"], case["pitch"], 0, case["hfov"], case["vfov"])[0]
        for (north, east, down), corner in zip(rays, case["corners_TL_TR_BR_BL"], strict=True):
            if corner.get("beyond_horizon"):
                assert down / np.hypot(north, east) < tan(radians(0.36))
                assert np.degrees(np.arctan2(east, north)) % 360 == pytest.approx(corner["azimuth"], abs=1e-3)
                continue
            hit = case["h_m"] / down * np.array([north, east])
            assert hit == pytest.approx([corner["north_m"], corner["east_m"]], abs=0.05)
            count += 1
    assert count >= 10


def test_ranges_on_the_sphere_are_the_published_ones_within_500_m(vectors):
    for case in vectors["camera_footprint"]["cases"]:
        rays = rays_of(case["yaw"], case["pitch"], 0, case["hfov"], case["vfov"])[0]
        for (north, east, down), corner in zip(rays, case["corners_TL_TR_BR_BL"], strict=True):
            if not corner.get("dist_m", 1e9) < 500:
                continue
            azimuth, tangent = np.arctan2(east, north), down / np.hypot(north, east)
            found = range_m(np.array([tangent]), np.array([float(case["h_m"])]), radius_m(case["lat"], azimuth))
            assert found[0] == pytest.approx(corner["dist_m"], abs=0.05)


def test_the_centre_ray_is_where_it_was_published(vectors):
    for case in vectors["camera_centre_ray"]["cases"]:
        if case["ground_range_of_centre_m"] > 500:
            continue
        found = footprint_of(drawn_camera(case["h_m"], 0, case["pitch"], 0, 71.6, 56.8), level(0.0), 10.0, 0.0)
        assert found.centre_range_m == pytest.approx(case["ground_range_of_centre_m"], abs=0.05)


def test_the_horizon_is_the_published_one(vectors):
    for case in vectors["camera_footprint"]["horizon"]:
        assert float(horizon_m(np.array([case["h_m"]]), 6_371_000.0)[0]) == pytest.approx(case["horizon_m"], rel=1e-3)


# ---- an independent ray tracer


def random_poses(count, seed=1):
    """Poses whose centre ray is steeper than half a degree, on all of the globe, 5 to 300 m up."""
    random = np.random.default_rng(seed)
    while count:
        lat, lon = np.degrees(np.arcsin(random.uniform(-1, 1))), random.uniform(-180, 180)
        height, yaw = np.exp(random.uniform(np.log(5), np.log(300))), random.uniform(-180, 180)
        pitch, roll = -np.degrees(np.arccos(random.uniform(0, 1))), random.choice([0.0, random.normal() * 10, 180.0])
        if -pitch > 0.5:
            yield lat, lon, height, yaw, pitch, roll
            count -= 1


def test_centres_of_random_poses_are_where_the_ray_tracer_hits_the_ellipsoid():
    worst, hit = 0.0, 0
    pitches = np.linspace(-0.501, -5, 200)
    flat = [(*pose[:4], pitch, 0.0) for pose, pitch in zip(random_poses(200, 2), pitches, strict=True)]
    for lat, lon, height, yaw, pitch, roll in [*random_poses(POSES - len(flat)), *flat]:
        rays = ray_tracer.directions(yaw, pitch, roll, 70, 50, np.zeros(1), np.zeros(1))
        true_lat, true_lon = (float(v[0]) for v in ray_tracer.hits(lat, lon, height, rays))
        found = footprint_of(drawn_camera(height, yaw, pitch, roll, 70.0, 50.0), level(lat), lon, lat)
        if np.isnan(true_lat):
            assert found.centre_deg is None
            continue
        range_m_ = float(geodesic_m(lon, lat, true_lon, true_lat)[0])
        off_m = float(geodesic_m(*found.centre_deg, true_lon, true_lat)[0])
        worst, hit = max(worst, off_m / (1 + 0.001 * range_m_)), hit + 1
    print(f"\n{hit} of {POSES} centre rays hit; worst error {worst:.3f} of 1 m + 0.1 %")
    assert hit >= 0.99 * POSES
    assert worst <= 1.0


@pytest.mark.parametrize("seed", range(60))
def test_the_outline_holds_just_the_ground_that_is_in_the_picture(seed):
    random = np.random.default_rng(seed)
    lat, lon, height = random.uniform(-60, 60), random.uniform(-170, 170), random.uniform(20, 200)
    pose = random.uniform(-180, 180), random.uniform(-100, 25), random.choice([0, 20, 90, 180])
    fov = random.uniform(10, 110), random.uniform(10, 90)
    found = footprint_of(drawn_camera(height, *pose, *fov), level(lat), lon, lat)
    away, azimuth = np.exp(random.uniform(np.log(2), np.log(8_000), 3_000)), random.uniform(-180, 180, 3_000)
    places = geodesic_ahead(np.tile([lon, lat], (3_000, 1)), azimuth, away)
    shown = ray_tracer.is_shown(lat, lon, height, pose, fov, places[:, 1], places[:, 0], 2.0)
    if found.geometry is None:
        assert not shown.any()
        return
    assert found.geometry.is_valid
    held = shapely.intersects_xy(found.geometry, places[:, 0], places[:, 1])
    wrong = shapely.points(places[held != shown])
    off_m = shapely.distance(wrong, found.geometry.boundary) * 111_320
    assert (off_m <= 0.2 + 0.004 * away[held != shown]).all(), off_m.max()


# ---- draws


def test_draws_have_the_errors_that_are_stated_and_half_of_them_a_declination():
    pose, fov = CameraPose(30.0, -40.0, 0.0, (5.0, 1.0, 2.0), "test"), FieldOfView(70.0, 50.0, 3.0, "test")
    draws = drawn(100.0, 10.0, pose, fov)
    yaw, pitch = np.degrees(np.arctan2(*draws.turn[:, :2, 0].T[::-1])), -np.degrees(np.arcsin(draws.turn[:, 2, 0]))
    roll = np.degrees(np.arctan2(draws.turn[:, 2, 1], draws.turn[:, 2, 2]))
    assert len(yaw) == 256
    assert np.std(yaw[::2]) == pytest.approx(5.0, rel=0.2)
    assert np.std(yaw[1::2]) == pytest.approx(np.hypot(5.0, 10 / np.sqrt(3)), rel=0.2)
    for value, mean, sigma in ((pitch, -40, 1), (roll, 0, 2), (draws.h_deg, 70, 3), (draws.height_m, 100, 10)):
        assert (np.mean(value), np.std(value)) == (pytest.approx(mean, abs=sigma / 4), pytest.approx(sigma, rel=0.2))
    assert (yaw[0], pitch[0], draws.height_m[0], draws.h_deg[0]) == pytest.approx((30, -40, 100, 70))
    again = drawn(100.0, 10.0, pose, None)
    assert (again.turn == draws.turn).all()


# ---- symmetries


@pytest.mark.parametrize("yaw", [-170.0, -90.0, 0.0, 33.0, 145.0])
def test_a_nadir_picture_rolled_by_half_a_turn_is_one_turned_by_half_a_turn(yaw):
    one, other = (
        footprint_of(drawn_camera(80.0, *pose, 71.6, 40.0), level(40.0), 124.0, 40.0)
        for pose in ((yaw, -90.0, 180.0), (yaw + 180.0, -90.0, 0.0))
    )
    assert one.geometry.symmetric_difference(other.geometry).area < 1e-6 * one.geometry.area
    assert one.centre_range_m == pytest.approx(other.centre_range_m, abs=1e-6)


def test_a_picture_past_the_nadir_looks_behind():
    found = footprint_of(drawn_camera(100.0, 0.0, -96.0, 0.0, 71.6, 56.8), level(40.0), 124.0, 40.0)
    assert found.centre_deg[1] < 40.0
    assert found.centre_range_m == pytest.approx(100 * tan(radians(6)), abs=0.01)


@pytest.mark.parametrize("roll", [0.0, 15.0, 90.0, 180.0])
@pytest.mark.parametrize("pitch", [-89.0, -45.0, -10.0, 5.0, 20.0])
def test_columns_reach_from_flat_to_steep(pitch, roll):
    seen = columns(rays_of(30.0, pitch, roll, 70.0, 50.0), 24, LEAST_TAN)
    if seen.is_any[0]:
        assert (seen.steep >= seen.flat).all()
        assert (seen.flat >= LEAST_TAN).all()
        assert (np.diff(seen.azimuth[0]) >= 0).all()
