"""Samples that are told without a judgement of their own are told what that judgement would say."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.footage import film as film_module
from dronecheck.footage.calm import calm_samples, farthest_seen_m
from dronecheck.footage.camera import ViewDoubt, above_ground
from dronecheck.footage.film import judge_film, sample_camera
from dronecheck.footage.picture import UNKNOWN_HEIGHT_M, judge_picture
from dronecheck.footage.view.draws import drawn
from dronecheck.footage.view.seen import SphereGround, view_of
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Circle, Shape
from dronecheck.geofence.settings import Settings
from dronecheck.media.model import CameraHeight
from tests.footage.makers import camera
from tests.footage.test_films import HOME, film


def seen_m(one):
    """How far the view of a camera reaches, by all its draws."""
    height, _ = above_ground(one, Settings(), None)
    is_whole = height is not None and one.pose_doubt is None and one.has_field_of_view
    height_m, sigma_m = (height.height_m, height.sigma_m) if height else (UNKNOWN_HEIGHT_M, 0.0)
    pose = one.pose if one.pose_doubt in (None, ViewDoubt.POSE_UNTRUSTED) else None
    draws = drawn(height_m, sigma_m, pose, one.fov if is_whole else None)
    return view_of(draws, SphereGround(one.lonlat_deg[1]), height_m, sigma_m, is_whole=is_whole).farthest_m


@pytest.mark.parametrize("seed", range(3))
def test_no_view_reaches_beyond_what_is_taken_for_its_farthest(seed):
    random = np.random.default_rng(seed)
    bounded = 0
    for _ in range(80):
        one = camera(
            random.uniform(-75, 75), random.uniform(-180, 180),
            height=CameraHeight(home_m=random.uniform(-9, 500)) if random.random() < 0.8 else None, agl_m=None,
            pose=(random.uniform(-180, 180), random.choice([-90, -96, -80, -60, -45, random.uniform(-90, 20)]),
                  random.choice([0, 180, random.normal()])) if random.random() < 0.9 else None,
            fov=(random.choice([12, 36, 72, 110]), random.choice([9, 27, 56, 80])) if random.random() < 0.9 else None,
            is_trusted=random.random() < 0.9, fov_sigma_deg=random.choice([1, 4]),
        )  # fmt: skip
        bound_m = farthest_seen_m(one, Settings())
        assert seen_m(one) <= bound_m
        bounded += bound_m < 5_000
    assert bounded > 5


def zone_at(lon, lat, radius_m):
    shape = Shape.of([[Circle((lon, lat), radius_m)]])
    return ZoneSet((Zone("T1", "Test", ZoneKind.PROHIBITED, shape, ZoneSource("t", "0"), edge=Edge.GEODESIC),))


def told_of(item, zones=None):
    return [sample_camera(item, row) for row in range(len(item.film.time_s))], zones


@pytest.mark.parametrize(
    ("lat", "lon", "pitch", "zones"),
    [
        (35.9, 104.0, -10.0, None), (40.30, 124.37, -90.0, None), (40.33, 124.37, -70.0, None),
        (35.9, 104.0, -90.0, zone_at(104.0, 35.98, 2_000.0)), (35.9, 104.0, -30.0, zone_at(104.0, 37.5, 2_000.0)),
    ],
)  # fmt: skip
def test_a_calm_sample_is_told_as_it_would_be_alone(lat, lon, pitch, zones):
    item = film(np.linspace(lat, lat - 0.05, 60), lon, pitch=pitch)
    cameras = [sample_camera(item, row) for row in range(60)]
    calm = calm_samples(cameras, zones, HOME, None)
    assert calm
    for number in list(calm)[::6]:
        alone = judge_picture(cameras[number], zones, HOME)
        assert alone.territories == calm[number]
        assert alone.zones == ()


@pytest.mark.parametrize(
    ("lat", "zones"), [(40.14, None), (35.9, zone_at(104.0, 35.9, 500.0)), (35.9, zone_at(104.01, 35.9, 500.0))]
)
def test_nothing_is_calm_where_a_border_or_a_zone_is_in_reach(lat, zones):
    item = film(np.linspace(lat, lat - 0.002, 20), 124.37 if zones is None else 104.0, pitch=-90.0)
    assert calm_samples([sample_camera(item, row) for row in range(20)], zones, HOME, None) == {}


def test_a_long_film_far_from_all_borders_asks_for_few_judgements(monkeypatch):
    asked = []
    for name in ("judge_picture", "judge_sample"):
        whole = getattr(film_module, name)
        monkeypatch.setattr(film_module, name, lambda *a, w=whole, **k: (asked.append(1), w(*a, **k))[1])
    answer = judge_film(film(np.linspace(35.9, 36.25, 2_451), 104.0, pitch=-20.0), None, HOME)
    assert len(answer.pictures) > 2_000
    assert len(asked) == 1
    assert [(t.territory.iso_a3, t.relation.value) for t in answer.territories] == [("CHN", "TAKEN_INSIDE")]


def test_a_film_that_leaves_the_calm_for_seconds_is_seen_to():
    """Forty kilometres inland, then three seconds over Sinuiju: jumps are doubted, and never clear."""
    lat = np.concatenate([np.linspace(40.60, 40.62, 60), [40.09] * 3, np.linspace(40.62, 40.60, 60)])
    answer = judge_film(film(lat, 124.40, pitch=-90.0), None, HOME)
    assert "PRK" in {t.territory.iso_a3 for t in answer.territories if t.relation.value == "TAKEN_INSIDE"}
    assert answer.result.verdict.value != "CLEAR"
