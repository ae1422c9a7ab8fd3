"""--geoid and --qnh on the command line."""

from __future__ import annotations

import json
import struct
import subprocess

import numpy as np
import pytest

import dronecheck
from tests.support.airdata import airdata


@pytest.fixture
def run(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *words: subprocess.CompletedProcess(words, *cli("check", *words))


@pytest.fixture
def inland(tmp_path):
    return airdata(tmp_path / "inland.csv", 47.0, 2.0, 47.01, 2.01)


def test_a_geoid_of_ones_own_is_named_by_its_hash(run, inland, tmp_path):
    import hashlib

    grid = struct.pack(">4d2i", -90.0, -180.0, 1.0, 1.0, 181, 360) + np.full(181 * 360, 40.0, ">f4").tobytes()
    (tmp_path / "own.gtx").write_bytes(grid)
    done = run(inland, "--geoid", tmp_path / "own.gtx", "--qnh", "1018", "--json", "-")
    method = json.loads(done.stdout)["method"]
    assert method["geoid_sha256"] == hashlib.sha256(grid).hexdigest()
    assert method["options"]["qnh_hpa"] == 1018
    without = json.loads(run(inland, "--json", "-").stdout)["method"]
    assert without["geoid_sha256"] is None  # no conversion was needed


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [("--geoid", "none.gtx", "no such file"), ("--qnh", "30", "hectopascals"), ("--qnh", "nan", "hectopascals")],
)
def test_mistakes_are_told(run, inland, option, value, says):
    done = run(inland, option, value)
    assert done.returncode == 2
    assert says in done.stderr


def airspace(done):
    return next(c for c in json.loads(done.stdout)["checks"] if c["question"] == "airspace")


@pytest.fixture
def above_60_m(tmp_path):
    """A zone from 60 m above ground up, all around; the flight is 60 m above take-off at most."""
    ring = [[1.9, 46.9], [2.1, 46.9], [2.1, 47.1], [1.9, 47.1], [1.9, 46.9]]
    feature = {"type": "Feature", "properties": {"name": "high", "lower_m": 60, "lower_datum": "AGL"},
               "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    path = tmp_path / "zone.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def valley(tmp_path, depth_m):
    """Ground at 200 m where the flight took off (47 N), and lower by so much beyond the next row of nodes."""
    lat = 48 - np.arange(1201) / 1200
    heights = np.where(lat > 47.0001, 200 - depth_m, 200)[:, np.newaxis] * np.ones(1201)
    heights.astype(">i2").tofile(tmp_path / "N47E002.hgt")
    return tmp_path / "N47E002.hgt"


@pytest.mark.parametrize(("depth_m", "verdict"), [(80, "VIOLATION"), (-40, "CLEAR")])
def test_terrain_decides_a_floor_above_ground(run, inland, above_60_m, tmp_path, depth_m, verdict):
    done = run(inland, "--zones", above_60_m, "--dem", valley(tmp_path, depth_m), "--json", "-")
    assert airspace(done)["verdict"] == verdict
    document = json.loads(done.stdout)
    (tile,) = [s for s in document["zone_sources"] if s["name"] == "N47E002.hgt"]
    assert tile["accuracy_m"] == 4.0
    assert "terrain_is_surface" in [i["code"] for i in document["issues"]]


@pytest.mark.parametrize(("relief", "verdict"), [(None, "INCONCLUSIVE"), ("20", "INCONCLUSIVE")])
def test_without_terrain_the_floor_is_open_where_it_matters(run, inland, above_60_m, relief, verdict):
    done = run(inland, "--zones", above_60_m, "--json", "-", *(["--relief", relief] if relief else []))
    assert airspace(done)["verdict"] == verdict


def test_a_stated_relief_decides_a_floor_far_above(run, inland, above_60_m):
    text = above_60_m.read_text().replace('"lower_m": 60', '"lower_m": 200')
    above_60_m.write_text(text)
    assert airspace(run(inland, "--zones", above_60_m, "--json", "-"))["verdict"] == "INCONCLUSIVE"
    assert airspace(run(inland, "--zones", above_60_m, "--relief", "50", "--json", "-"))["verdict"] == "CLEAR"
    assert airspace(run(inland, "--zones", above_60_m, "--relief", "140", "--json", "-"))["verdict"] == "INCONCLUSIVE"


def test_the_terminal_names_both_heights_over_terrain(run, inland, tmp_path):
    done = run(inland, "--dem", valley(tmp_path, 80))
    words = " ".join(done.stdout.split())
    assert "140 m above the ground below" in words
    assert "from the closest point of the surface" in words


@pytest.mark.parametrize(("options", "says"), [
    (["--dem", "gone.hgt"], "no such file"), (["--relief", "-1"], "metres"), (["--max-agl", "0"], "metres"),
    (["--takeoff-amsl", "-451"], "metres above sea level"),
    (["--dem-datum", "hae"], "--dem PATH"),
])  # fmt: skip
def test_mistakes_with_terrain_are_told(run, inland, options, says):
    done = run(inland, *options)
    assert done.returncode == 2
    assert says in done.stderr


def test_an_output_never_takes_the_place_of_a_tile(run, inland, tmp_path):
    folder = tmp_path / "dem"
    folder.mkdir()
    tile = valley(folder, 80)
    before = tile.read_bytes()
    done = run(inland, "--dem", folder, "--json", tile)
    assert done.returncode == 2
    assert tile.read_bytes() == before


def test_terrain_through_the_command_line_is_on_the_page_and_in_the_plot(tmp_path, repo, cli):
    """A hill of 60 m below the founding flight: the page shows the height above it, the band, the limit, the hill."""
    import re

    row, column = np.mgrid[0:1201, 0:1201]
    lat, lon = 41 - row / 1200, 124 + column / 1200
    hill = 8 + 60 * np.exp(-(((lat - 40.108) * 111e3) ** 2 + ((lon - 124.402) * 85e3) ** 2) / (2 * 400**2))
    hill.astype(">i2").tofile(tmp_path / "N40E124.hgt")
    page, plots, log = tmp_path / "page.html", tmp_path / "plots", repo / "samples" / "founding_dandong_sinuiju.ulg"
    words = ["check", log, "--dem", tmp_path / "N40E124.hgt", "--dem-model", "terrain", "--dem-datum", "egm96"]
    words += ["--max-agl", "100", "--report", page, "--plots", plots]
    code, out, _ = cli(*words)
    assert code == 1
    assert "ABOVE THE LIMIT" in out
    assert (plots / "height.png").exists()
    text = page.read_text(encoding="utf-8")
    figures = re.findall(r"<figure><figcaption>(.*?)</figcaption>(.*?)</figure>", text, re.DOTALL)
    above = next(inner for caption, inner in figures if caption.startswith("Height above ground, by the terrain files"))
    assert 'class="band"' in above and "limit 100 m above ground" in above and 'class="ground"' not in above
    sea = next(inner for caption, inner in figures if caption.startswith("Height above mean sea level"))
    assert 'class="ground"' in sea and 'class="band"' in sea
    assert "dotted: ground below" in text
    path = re.search(r'class="ground" d="([^"]+)"', sea)[1]
    y = np.array([float(v) for v in re.findall(r"[ML]?[\d.]+ ([\d.]+)", path)])
    curve = re.search(r'class="curve" d="([^"]+)"', sea)[1]
    z = np.array([float(v) for v in re.findall(r"[ML]?[\d.]+ ([\d.]+)", curve)])
    # In the chart's pixels: the hill rises about half as high as the flight, which peaks at 126 m.
    assert 0.35 < np.ptp(y) / np.ptp(z) < 0.6


@pytest.mark.parametrize(("higher_m", "ids"), [(0, []), (80, ["ALT-2"])])
def test_the_height_at_take_off_is_held_against_the_terrain(run, repo, tmp_path, higher_m, ids):
    log = repo / "samples" / "founding_dandong_sinuiju.ulg"
    takeoff_m = round(float(dronecheck.read(log).track.alt_amsl_m[0])) + higher_m
    np.full((1201, 1201), takeoff_m).astype(">i2").tofile(tmp_path / "N40E124.hgt")
    with_it, without = (
        json.loads(run(log, *more, "--json", "-").stdout)["integrity"]
        for more in (["--dem", tmp_path / "N40E124.hgt"], [])
    )
    said = [s["id"] for s in with_it["statements"] if s["severity"] != "INFO"]
    assert said == ids and with_it["tests_run"] == without["tests_run"] + 1
