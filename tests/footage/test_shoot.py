"""A simulated shoot along the Yalu: what 200 noisy pictures are told, against what their true cameras saw.

The truth is brute force: rays through all of the picture are followed to the ellipsoid (`ray_tracer`), and each place
they meet is looked up in the border data, point by point.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.borders.territories import territory_at
from dronecheck.footage.picture import judge_picture
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Circle, Shape
from dronecheck.geo.plane import geodesic_ahead, geodesic_m
from dronecheck.geofence.settings import Settings
from dronecheck.media.model import CameraHeight
from tests.footage import ray_tracer
from tests.footage.makers import WIDE, camera

PICTURES = 200
DECLINATION_DEG = -9.0  # at Dandong
GRID = 61
ZONE_AT, ZONE_M = (124.46, 40.215), 800.0  # on the Chinese side
BEGIN_NS, DAY_NS = 1_790_000_000_000_000_000, 86_400_000_000_000
ORDER = ("TAKEN_INSIDE", "LOOKS_INTO", "HORIZON_TOUCHES", "UNKNOWN", "OUTSIDE")


def zone():
    source = ZoneSource("test", "0")
    shape = Shape.of([[Circle(ZONE_AT, ZONE_M)]])
    return Zone("T1", "Test", ZoneKind.PROHIBITED, shape, source, edge=Edge.GEODESIC, valid_from_ns=BEGIN_NS,
                valid_to_ns=BEGIN_NS + DAY_NS)  # fmt: skip


def in_prk(lon, lat):
    found = [territory_at(x, y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    return np.array([t is not None and "PRK" in t.claimants for t in found], dtype=bool)


def in_zone(lon, lat):
    return geodesic_m(lon, lat, *ZONE_AT) <= ZONE_M


def truth(lon, lat, height, pose, inside):
    """The relation of a camera without any error, by FOOTAGE 2."""
    if inside(np.array([lon]), np.array([lat]))[0]:
        return "TAKEN_INSIDE"
    edge = np.linspace(-1, 1, GRID)
    u, v = (axis.ravel() for axis in np.meshgrid(edge, edge))
    rays = ray_tracer.directions(*pose, *WIDE, u, v)
    hit_lat, hit_lon = ray_tracer.hits(lat, lon, height, rays)
    hit = np.isfinite(hit_lat)
    seen = np.zeros(len(hit), dtype=bool)
    seen[hit] = inside(hit_lon[hit], hit_lat[hit])
    # Each ray stands for a patch of ground: its solid angle over the sine of its depression, by the range squared.
    steep = hit & (rays[:, 2] > np.sin(np.radians(2.0)))
    range_m = height / np.maximum(rays[:, 2], 1e-9)
    solid = 1 / (1 + (u * np.tan(np.radians(WIDE[0] / 2))) ** 2 + (v * np.tan(np.radians(WIDE[1] / 2))) ** 2) ** 1.5
    patch = np.where(steep, solid * range_m**2 / np.maximum(rays[:, 2], 1e-9), 0.0)
    middle = len(rays) // 2
    if steep[middle] and seen[middle]:
        return "LOOKS_INTO"
    if patch.sum() > 0 and (patch * seen).sum() >= 0.05 * patch.sum():
        return "LOOKS_INTO"
    if seen.any() or beyond(lon, lat, height, rays[~hit], inside):
        return "HORIZON_TOUCHES"
    return "OUTSIDE"


def beyond(lon, lat, height, rays, inside):
    """Whether rays over the horizon have something of it below them between the horizon and 1.2 of it."""
    azimuth = np.unique(np.round(np.degrees(np.arctan2(rays[:, 1], rays[:, 0]))))
    if not len(azimuth):
        return False
    away = np.sqrt(2 * 6_371_000 * height) * np.linspace(1.0, 1.2, 9)
    azimuth, away = (axis.ravel() for axis in np.meshgrid(azimuth, away))
    places = geodesic_ahead(np.tile([lon, lat], (len(away), 1)), azimuth, away)
    return bool(inside(places[:, 0], places[:, 1]).any())


def river_lat(lon):
    """Where the border is at a longitude, by halving: Korea south of it."""
    south, north = 39.9, 40.6
    while north - south > 1e-5:
        middle = (south + north) / 2
        is_south = in_prk(np.array([lon]), np.array([middle]))[0]
        south, north = (middle, north) if is_south else (south, middle)
    return south


def shoot():
    """True cameras along the river with what each one's file says: noise, magnetic yaws, parts left out."""
    random = np.random.default_rng(25)
    for number in range(PICTURES):
        lon = random.uniform(124.43, 124.49) if number % 3 == 0 else random.uniform(124.30, 124.75)
        lat = river_lat(lon) + random.uniform(-1_500, 4_500) / 111_000
        height, yaw = np.exp(random.uniform(np.log(25), np.log(300))), random.uniform(-180, 180)
        pose = yaw, min(-90 * random.beta(0.9, 2), 0.0) + random.choice([0, 0, 0, 5]), random.normal()
        noise = random.normal(size=6) * (3.0, 3.0, 15.0, 3.0, 0.7, 0.7)
        told_lon, told_lat = geodesic_ahead(
            np.array([[lon, lat]]), np.array([random.uniform(0, 360)]), np.array([np.hypot(noise[0], noise[1])])
        )[0]
        told_yaw = yaw + noise[3] - (DECLINATION_DEG if number % 2 else 0.0)
        told = camera(
            told_lat, told_lon, height=CameraHeight(home_m=height + noise[2]) if number % 13 else None, agl_m=None,
            pose=(told_yaw, pose[1] + noise[4], pose[2] + noise[5]) if number % 9 else None,
            fov=WIDE if number % 11 else None, utc_ns=BEGIN_NS + DAY_NS // 2 if number % 7 else None,
        )  # fmt: skip
        yield lon, lat, height, pose, told


@pytest.mark.slow
def test_no_picture_of_a_shoot_is_said_to_be_inside_or_outside_wrongly():
    zones, table, zone_table = ZoneSet((zone(),)), Counter(), Counter()
    for lon, lat, height, pose, told in shoot():
        answer = judge_picture(told, zones, Settings(home="CHN"))
        of_prk = [r.relation.value for r in answer.territories if "PRK" in r.territory.claimants]
        table[truth(lon, lat, height, pose, in_prk), min(of_prk, key=ORDER.index, default="OUTSIDE")] += 1
        of_zone = [r.relation.value for r in answer.zones]
        zone_table[truth(lon, lat, height, pose, in_zone), (of_zone or ["OUTSIDE"])[0]] += 1
        if told.utc_ns is None:
            assert "TAKEN_INSIDE" not in of_zone
    for title, found in (("North Korea", table), ("a zone, in force that day", zone_table)):
        print(f"\n{title}; truth down, told across: {', '.join(ORDER)}")
        for row in ORDER:
            print(f"{row:>16}", *(f"{found[row, column]:5}" for column in ORDER))
    for found in (table, zone_table):
        assert sum(found.values()) == PICTURES
        assert sum(count for (true, told), count in found.items() if told == "TAKEN_INSIDE" != true) == 0
        assert sum(count for (true, told), count in found.items() if told == "OUTSIDE" != true) == 0
    assert {true for true, _ in table} >= {"TAKEN_INSIDE", "LOOKS_INTO", "HORIZON_TOUCHES", "OUTSIDE"}
    assert table["OUTSIDE", "OUTSIDE"] > 5
    assert table["LOOKS_INTO", "LOOKS_INTO"] > 5
    assert zone_table["OUTSIDE", "OUTSIDE"] > 50
