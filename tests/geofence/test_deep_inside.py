"""A flight deep inside a foreign country is told, however far its border is out of sight."""

from __future__ import annotations

import numpy as np
import pytest

import dronecheck
from dronecheck.borders.nearest import nearest_territory
from dronecheck.borders.territories import territory_at
from dronecheck.geofence.engine import check, check_place
from dronecheck.geofence.result import Verdict
from dronecheck.geofence.settings import Settings
from tests.conftest import make_flight
from tests.support.dji_header import MadeHeader
from tests.support.media_maker import exif_of, jpeg
from tests.support.scale import loops

_REACH_M = 60_000.0
_DEPTHS_M = (100.0, 60_000.0)  # how near to another territory, how far from it


def places(count, seed):
    """Give (latitude, longitude, territory, distance to another in m), most of them 4 to 8 km from a border."""
    source = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        lat, lon = float(source.uniform(-55, 70)), float(source.uniform(-180, 180))
        territory = territory_at(lon, lat)
        if territory is None or territory.iso_a3 is None:
            continue
        near = nearest_territory(np.array([[lon, lat]]), _REACH_M, lambda other, here=territory: other != here)
        if near is None:
            continue
        wanted_m = float(source.uniform(4_000, 8_000) if len(found) % 4 else source.uniform(*_DEPTHS_M))
        lat, lon = moved(lat, lon, territory, near, wanted_m, source)
        again = nearest_territory(np.array([[lon, lat]]), _REACH_M, lambda other, here=territory: other != here)
        if again is not None and again.distance_m > 4_000 and is_all_around(territory, lat, lon):
            found.append((lat, lon, territory, again.distance_m))
    return found


def is_all_around(territory, lat, lon):
    """Tell whether a territory has all ground and sea within 3 km: another may be far, the open sea near."""
    turn = np.arange(16) * np.pi / 8
    lats = np.concatenate([[lat], *(lat + r / 111_000 * np.sin(turn) for r in (1_000, 2_000, 3_000))])
    east = 111_000 * np.cos(np.radians(lat))
    lons = np.concatenate([[lon], *(lon + r / east * np.cos(turn) for r in (1_000, 2_000, 3_000))])
    return all(territory_at(x, y) == territory for x, y in zip(lons.tolist(), lats.tolist(), strict=True))


def moved(lat, lon, territory, near, wanted_m, source):
    """Walk at random from a place until another territory is about as far as wanted."""
    distance_m = near.distance_m
    for _ in range(40):
        if abs(distance_m - wanted_m) < 500:
            break
        step = abs(distance_m - wanted_m) * 0.8 / 111_000
        turn = source.uniform(0, 2 * np.pi)
        there = lat + step * np.sin(turn), lon + step * np.cos(turn) / np.cos(np.radians(lat))
        if territory_at(*there[::-1]) != territory:
            continue
        now = nearest_territory(np.array([there[::-1]]), _REACH_M, lambda other: other != territory)
        if now is not None and abs(now.distance_m - wanted_m) < abs(distance_m - wanted_m):
            (lat, lon), distance_m = there, now.distance_m
    return lat, lon


def by_flight(lat, lon, home, folder):
    return check(make_flight(np.full(60, lat), lon + np.arange(60) * 1e-6), settings=Settings(home=home)).verdict


def by_place(lat, lon, home, folder):
    return check_place(make_flight([lat], [lon]), settings=Settings(home=home))[0].verdict


def by_photo(lat, lon, home, folder):
    (folder / "A.JPG").write_bytes(jpeg(exif=exif_of(lat, lon), size=(64, 48)))
    (one,) = dronecheck.check_media(folder, settings=Settings(home=home))
    return one.verdict


def by_header(lat, lon, home, folder):
    (folder / "A.txt").write_bytes(MadeHeader(lat_deg=lat, lon_deg=lon).bytes())
    result = check(dronecheck.read(folder / "A.txt"), settings=Settings(home=home))
    return Verdict.VIOLATION if result.verdict is Verdict.INCONCLUSIVE and result.findings else result.verdict


@pytest.mark.slow
@pytest.mark.parametrize(("judged", "count"), [(by_flight, 300), (by_place, 300), (by_header, 100), (by_photo, 60)])
def test_no_place_deep_inside_another_country_is_clear(judged, count, tmp_path):
    """Of a header alone the most that can be is an open answer with a finding; it counts as one."""
    wrong = []
    for lat, lon, territory, distance_m in places(loops(count, count // 5), 2026):
        home = "CHE" if territory.iso_a3 != "CHE" and territory.sovereign != "CHE" else "KOR"
        verdict = judged(lat, lon, home, tmp_path)
        if verdict is not Verdict.VIOLATION and territory.relation == "sole":
            wrong.append((lat, lon, territory.iso_a3, round(distance_m), str(verdict)))
        assert verdict is not Verdict.CLEAR, (lat, lon, territory.iso_a3, distance_m)
    assert not wrong
