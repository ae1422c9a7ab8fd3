"""Aerodromes near a flight: the nearest by brute force on the ellipsoid, and what is said of them."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter

import numpy as np
import pyproj
import pytest

from dronecheck.aerodromes import aerodrome_source, near_aerodromes
from dronecheck.aerodromes.file import KINDS, AerodromeFile
from dronecheck.safe.data_files import data_dir
from tests.support.scale import loops

GEOD = pyproj.Geod(ellps="WGS84")
FOLDER = data_dir() / "aerodromes"


@pytest.fixture(scope="module")
def every():
    """All rows: latitude, longitude, kind and country as columns, and runways by row."""
    file = AerodromeFile(FOLDER / "aerodromes.bin")
    columns, runways, texts = [], [], []
    for number in file.bands:
        band = file.band(number)
        columns.append(np.column_stack([band.lat_deg, band.lon_deg, band.kind, band.country]))
        runways += [band.runways[a:b] for a, b in zip(band.first_runway, band.first_runway[1:], strict=False)]
        texts += file.texts(number)
    return np.concatenate(columns), runways, texts, file.countries


def test_the_file_is_the_one_that_its_source_describes(every):
    rows, runways, texts, _ = every
    about = tomllib.loads((FOLDER / "SOURCE.toml").read_text())
    assert hashlib.sha256((FOLDER / "aerodromes.bin").read_bytes()).hexdigest() == about["sha256"]
    kinds = Counter(KINDS[int(kind)] for kind in rows[:, 2])
    assert dict(kinds) == {kind: about["kept"][kind] for kind in KINDS}
    assert sum(map(len, runways)) == about["kept"]["runways"]
    assert len(rows) == len(texts) == len({ident for ident, _ in texts})
    assert about["inputs"]["build.py"] == hashlib.sha256((FOLDER / "build.py").read_bytes()).hexdigest()


def brute(every, lat, lon):
    """Return those that are listed near one place, by their names, with their distances (m)."""
    rows, runways, texts, countries = every
    near = np.flatnonzero(np.abs(rows[:, 0] - lat) < 0.3)
    away_m = GEOD.inv(np.full(len(near), lon), np.full(len(near), lat), rows[near, 1], rows[near, 0])[2]
    found = {}
    for row, distance_m in zip(near.tolist(), away_m.tolist(), strict=True):
        kind, country = KINDS[int(rows[row, 2])], countries[int(rows[row, 3])]
        if distance_m > (2_000 if kind == "heliport" else 12_000 if country == "IND" else 10_000):
            continue
        for lat1, lon1, lat2, lon2 in runways[row]:
            share = np.linspace(0, 1, 401)
            line = lat1 + share * (lat2 - lat1), lon1 + share * (lon2 - lon1)
            to_line_m = GEOD.inv(np.full(401, lon), np.full(401, lat), line[1], line[0])[2].min()
            distance_m = to_line_m if found.get(row, (0, ""))[1] != "runway" else min(to_line_m, found[row][0])
            found[row] = (distance_m, "runway")
        found.setdefault(row, (distance_m, "reference_point"))
    return sorted((distance_m, to, texts[row][0]) for row, (distance_m, to) in found.items())


def test_they_are_those_that_brute_force_finds(every):
    rows = every[0]
    source = np.random.default_rng(20261130)
    listed = 0
    for row in source.choice(len(rows), loops(40, 400), replace=False):
        lat = float(np.clip(rows[row, 0] + source.normal(0, 0.05), -79.9, 79.9))
        lon = float((rows[row, 1] + source.normal(0, 0.05) + 180) % 360 - 180)
        told, oracle = near_aerodromes(np.array([lat]), np.array([lon])), brute(every, lat, lon)
        clear_cut = all(abs(d - limit) > 30 for d, _, _ in oracle for limit in (2_000, 10_000, 12_000))
        if not clear_cut:
            continue
        assert told.count == len(oracle)
        if oracle:
            for one, (distance_m, _, _) in zip(told.nearest, oracle, strict=False):
                assert one.distance_m == pytest.approx(distance_m, rel=0.003, abs=2)
            listed += 1
    assert listed > loops(20, 200)


def test_a_path_is_measured_from_its_nearest_point():
    """At 1.7 km the founding flight passed the airport that lies beyond the river."""
    lat, lon = np.linspace(40.1175, 40.1020, 900), np.linspace(124.3905, 124.4050, 900)
    near = near_aerodromes(lat, lon)
    away_m = GEOD.inv(lon, lat, np.full(900, near.nearest[0].lon_deg), np.full(900, near.nearest[0].lat_deg))[2]
    assert near.nearest[0].name == "Sinuiju Airport" and near.nearest[0].kind == "small"
    assert near.nearest[0].distance_m == pytest.approx(away_m.min(), abs=20)
    assert abs(near.nearest[0].point - int(away_m.argmin())) < 20


@pytest.mark.parametrize(("lat", "lon", "name"), [
    (-16.69, 179.98, "Matei"), (-16.69, -179.88, "Matei"), (-89.99, 12.0, "South Pole"), (64.19, -51.67, "Nuuk"),
])  # fmt: skip
def test_at_the_antimeridian_and_a_pole(lat, lon, name):
    assert any(name in one.name for one in near_aerodromes(np.array([lat]), np.array([lon])).nearest)


def test_where_none_is_near_the_nearest_is_told_or_none():
    far = near_aerodromes(np.array([-40.0]), np.array([-120.0]))
    assert (far.count, far.nearest) == (0, ())
    assert near_aerodromes(np.empty(0), np.empty(0)).count == 0


def test_the_line_says_where_from_and_that_it_is_no_airspace(cli, repo):
    code, said, _ = cli("check", repo / "samples" / "founding_dandong_sinuiju.ulg")
    text = " ".join(said.split())
    edition = aerodrome_source().edition
    assert (
        f"Near aerodromes (OurAirports, {edition}; not airspace): Sinuiju Airport, small, reference point 1.7 km"
        in text
    )
    assert "Uiju Airport, small, reference point 9.3 km from the track." in text
    assert "Airspace NOT CHECKED" in text and code == 1


def test_it_is_told_nowhere_where_home_is_hidden(cli, repo, tmp_path):
    page = tmp_path / "page.html"
    log = repo / "samples" / "founding_dandong_sinuiju.ulg"
    _, said, _ = cli("check", log, "--hide-home", 200, "--report", page)
    _, document, _ = cli("check", log, "--hide-home", 200, "--json", "-")
    assert json.loads(document)["nearby"] == []
    for text in (said, page.read_text(), document):
        assert "Sinuiju Airport" not in text and "OurAirports" not in text
    _, document, _ = cli("check", log, "--json", "-")
    first = json.loads(document)["nearby"][0]
    assert (first["ident"], first["type"], first["country"], first["to"]) == (
        "KP-0009", "small", "PRK", "reference_point",
    )  # fmt: skip
    assert first["distance_m"] == pytest.approx(1_660, abs=20) and first["time_utc"].startswith("2025-09-20T06:4")
