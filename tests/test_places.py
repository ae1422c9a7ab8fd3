"""Towns for maps: the file is the one that its source describes, and a box holds what brute force finds in it."""

from __future__ import annotations

import hashlib
import tomllib

import numpy as np
import pytest

from dronecheck.places import town_source, towns_within
from dronecheck.places.file import TownFile, population_class
from dronecheck.safe.data_files import data_dir
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
