"""Towns for maps: the file is the one that its source describes, and a box holds what brute force finds in it."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import timedelta

import numpy as np
import pytest

from dronecheck.places import local_time_at, town_source, towns_within
from dronecheck.places.file import TownFile, population_class
from dronecheck.safe.data_files import data_dir
from dronecheck.timebase import moment_ns
from tests.support.scale import loops

FOLDER = data_dir() / "places"


@pytest.fixture(scope="module")
def every():
    """All rows: latitude, longitude, size; and their names."""
    file, columns, names = TownFile(FOLDER / "towns.bin"), [], []
    for number in file.bands:
        band = file.band(number)
        columns.append(np.column_stack([band.lat_deg, band.lon_deg, band.size]))
        names += file.names(number)
    return np.concatenate(columns), names


def test_the_file_is_the_one_that_its_source_describes(every):
    rows, names = every
    about = tomllib.loads((FOLDER / "SOURCE.toml").read_text(encoding="utf-8"))
    assert hashlib.sha256((FOLDER / "towns.bin").read_bytes()).hexdigest() == about["sha256"]
    assert len(rows) == len(names) == about["kept"]
    assert about["inputs"]["build.py"] == hashlib.sha256((FOLDER / "build.py").read_bytes()).hexdigest()
    assert rows[:, 2].min() >= population_class(500)
    assert np.all(np.abs(rows[:, :2]) <= [90, 180])
    assert "GeoNames" in town_source().attribution
    assert "CC BY 4.0" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_a_box_holds_what_brute_force_finds(every):
    rows, names = every
    rng = np.random.default_rng(20261130)
    for seed in range(loops(200, 40)):
        middle = rows[rng.integers(len(rows))]
        half = rng.uniform(0.01, 1.5, 2)
        west, east, south, north = middle[1] - half[0], middle[1] + half[0], middle[0] - half[1], middle[0] + half[1]
        turned = (rows[:, 1] - middle[1] + 180) % 360 - 180
        inside = (np.abs(turned) <= half[0]) & (rows[:, 0] >= south) & (rows[:, 0] <= north)
        found = towns_within(west, south, east, north, most=100_000)
        assert sorted(t.name for t in found) == sorted(names[row] for row in np.flatnonzero(inside)), seed
        assert [t.people for t in found] == sorted((t.people for t in found), reverse=True)
        assert towns_within(west, south, east, north, most=3) == found[:3]


@pytest.mark.parametrize(
    ("name", "lat", "lon", "people"),  # as encyclopaedias have them
    [
        ("Dandong", 40.129, 124.395, 6e5), ("Sinŭiju", 40.10, 124.40, 3e5), ("Suva", -18.142, 178.442, 9e4),
        ("Reykjavík", 64.147, -21.940, 1.2e5), ("Ushuaia", -54.807, -68.304, 6e4), ("Bern", 46.948, 7.447, 1.3e5),
        ("Nuku‘alofa", -21.139, -175.204, 2.3e4),
    ],
)  # fmt: skip
def test_towns_are_where_they_are(name, lat, lon, people):
    found = {t.name: t for t in towns_within(lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05)}
    assert name in found, sorted(found)
    assert people / 2 < found[name].people < 2 * people


def test_the_antimeridian_is_no_edge():
    names = {t.name for t in towns_within(177.0, -20.0, 182.0, -16.0)}
    assert {t.name for t in towns_within(-183.0, -20.0, -178.0, -16.0)} == names
    assert "Suva" in names


def test_where_nobody_lives_there_is_none():
    assert towns_within(-10.0, -60.0, 0.0, -55.0) == []


@pytest.mark.parametrize(
    ("lat", "lon", "country", "day", "zone", "hours"),  # as the law of the place had it on that day
    [
        (40.117, 124.390, "CHN", "2025-09-20", "Asia/Shanghai", 8),
        (40.102, 124.400, "PRK", "2025-09-20", "Asia/Pyongyang", 9),
        (40.102, 124.400, "PRK", "2017-09-20", "Asia/Pyongyang", 8.5),  # from 2015-08-15 to 2018-05-04
        (47.375, 8.540, "CHE", "2025-06-01", "Europe/Zurich", 2),
        (47.375, 8.540, "CHE", "2025-12-01", "Europe/Zurich", 1),
        (39.100, -94.580, "USA", "2026-01-10", "America/Chicago", -6),
        (-31.95, 115.86, "AUS", "2026-01-10", "Australia/Perth", 8),
    ],
)
def test_the_time_of_day_is_that_of_the_place(lat, lon, country, day, zone, hours):
    found = local_time_at(lat, lon, {country}, moment_ns(day))
    assert (found.zone, found.ahead) == (zone, timedelta(hours=hours))


def test_where_towns_differ_or_none_is_near_no_time_is_told():
    assert local_time_at(-40.0, -20.0, {"BRA"}, 0) is None  # at sea
    assert local_time_at(40.117, 124.390, {"KOR"}, 0) is None  # no town of that country is near
    between = [local_time_at(38.2 + k / 50, -86.4, {"USA"}, moment_ns("2026-01-10")) for k in range(40)]
    assert None in between  # Indiana: two times


def test_it_is_told_with_the_log_and_not_without_utc(cli, repo, tmp_path):
    log = repo / "samples" / "founding_dandong_sinuiju.ulg"
    told = " ".join(cli("check", str(log))[1].split())
    assert "Local time 14:41 to 14:49 (Asia/Shanghai, UTC+08:00, by the towns around)." in told
    rows = ["latitude,longitude", *(f"40.117{i:03d},124.390" for i in range(60))]
    (tmp_path / "undated.csv").write_text("\n".join(rows))
    assert "Local time" not in cli("check", str(tmp_path / "undated.csv"))[1]
