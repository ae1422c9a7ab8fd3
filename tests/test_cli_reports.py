"""The cli line's reports: what is hidden is hidden in all of them, and a mistake is told before any work."""

from __future__ import annotations

import json
import re

import pytest
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
PLACE = re.compile(r"(\d+\.\d{3,}) ([NS]) (\d+\.\d{3,}) ([EW])")


def test_hide_home_holds_for_terminal_json_page_and_exports_alike(cli, repo, tmp_path):
    log = repo / "samples" / "founding_dandong_sinuiju.ulg"
    outs = [tmp_path / name for name in ("a.html", "a.json", "a.geojson", "a.gpx", "a.csv")]
    options = ["--report", outs[0], "--json", outs[1], *(w for o in outs[2:] for w in ("--export", o))]
    _, before, _ = cli("check", log, *options)
    home = json.loads(outs[1].read_bytes())["flight"]["home"]
    assert [o.exists() for o in outs] == [True] * 5

    def least_m(text):
        degrees = [(float(a), float(c)) for a, _, c, _ in PLACE.findall(text)]
        degrees += [(float(b), float(a)) for a, b in re.findall(r"\[(124\.\d+),(40\.\d+)", text)]
        degrees += [(float(a), float(b)) for a, b in re.findall(r'lat="(40\.\d+)" lon="(124\.\d+)"', text)]
        degrees += [(float(b), float(a)) for a, b in re.findall(r"(124\.\d+),(40\.\d+)$", text, re.M)]
        degrees += [(float(a), float(b)) for a, b in re.findall(r'"lat": (40\.\d+),\s+"lon": (124\.\d+)', text)]
        return min((GEOD.inv(lon, lat, home["lon"], home["lat"])[2] for lat, lon in degrees), default=1e9)

    assert least_m(before) < 500
    assert all(least_m(o.read_text("utf-8")) < 500 for o in outs)
    code, after, _ = cli("check", log, "--hide-home", 500, *options)
    assert code == 1
    assert after.splitlines()[0] == before.splitlines()[0]
    assert least_m(after) > 500
    for out in outs:
        assert least_m(out.read_text("utf-8")) > 500, out
    document = json.loads(outs[1].read_bytes())
    assert document["method"]["options"]["hide_home_m"] == 500
    assert document["findings"][0]["entry"] is None


def test_one_document_a_log(cli, repo, tmp_path):
    log = repo / "samples" / "clear_dandong.csv"
    assert cli("check", log, "--pdf", tmp_path / "a.pdf")[0] == 0
    assert cli("check", log, log, "--pdf", tmp_path / "many")[0] == 0
    assert sorted(p.name for p in (tmp_path / "many").iterdir()) == ["clear_dandong-2.pdf", "clear_dandong.pdf"]
    assert len({p.read_bytes() for p in [tmp_path / "a.pdf", *(tmp_path / "many").iterdir()]}) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--hide-home", "0"], "--hide-home: give metres"),
        (["--hide-home", "nan"], "--hide-home: give metres"),
        (["--export", "a.shp"], ".geojson, .gpkg"),
        (["--export", "no/such/a.gpx"], "there is no folder"),
        (["--pdf", "no/such/a.pdf"], "there is no folder"),
        (["--lang", "fr"], "use one of en, zh, ko"),
        (["--svg"], "--svg is about --plots; add --plots DIR"),
        (["--home", "US"], "use ISO 3166-1 alpha-3 codes such as USA"),
    ],
)
def test_mistakes(cli, repo, tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    code, _, error = cli("check", repo / "samples" / "clear_dandong.csv", *words)
    assert (code, told in error) == (2, True), error
    assert list(tmp_path.iterdir()) == []


def test_a_language_may_be_written_in_capitals(cli, repo):
    log = repo / "samples" / "clear_dandong.csv"
    said = cli("check", log, "--lang", "ZH")
    assert said == cli("check", log, "--lang", "zh")
    assert said[1] != cli("check", log)[1]


def test_a_flight_that_is_hidden_whole_is_said_to_be(cli, repo, tmp_path):
    """Every output is asked for, none shows a place, and the terminal says why."""
    log = repo / "samples" / "founding_dandong_sinuiju.ulg"
    folder, out = tmp_path / "plots", tmp_path / "track.csv"
    code, said, _ = cli("check", log, "--hide-home", 50_000, "--plots", folder)
    said = " ".join(said.split())
    assert code == 1 and said.startswith("SIMULATED FLIGHT: ENTERED North Korea")
    assert "All within 50000 m of these places is left out" in said and "That is the whole flight" in said
    assert "no plots: nothing is left to draw" in said
    assert not folder.exists() or not list(folder.iterdir())
    _, said, _ = cli("check", log, "--hide-home", 300)
    assert "All within 300 m of these places is left out: the take-off" in said and "whole flight" not in said
    assert "left out" not in cli("check", log)[1]
    code, _, error = cli("track", log, "-o", out, "--hide-home", 50_000)
    assert (code, out.exists()) == (2, False)
    assert "the whole flight lies that near" in error


def test_export_of_several_logs_is_a_mistake(cli, repo):
    log = repo / "samples" / "clear_dandong.csv"
    code, _, error = cli("check", log, log, "--export", "a.csv")
    assert code == 2
    assert "one log" in error


@pytest.mark.parametrize("suffix", ["csv", "geojson", "gpx", "kml"])
def test_hide_home_holds_for_tracks_too(cli, repo, tmp_path, suffix):
    log, out = repo / "samples" / "founding_dandong_sinuiju.ulg", tmp_path / f"track.{suffix}"
    _, said, _ = cli("track", log, "-o", out)
    whole = int(re.search(r"(\d+) fixes", said)[1])
    home = (124.3904, 40.1176)
    code, said, _ = cli("track", log, "-o", out, "--hide-home", "300")
    assert code == 0 and 0 < int(re.search(r"(\d+) fixes", said)[1]) < whole
    text = out.read_text()
    if suffix == "csv":
        rows = [line.split(",") for line in text.splitlines()]
        lon, lat = rows[0].index("lon_deg"), rows[0].index("lat_deg")
        places = [(float(row[lon]), float(row[lat])) for row in rows[1:]]
    elif suffix == "gpx":
        places = [(float(b), float(a)) for a, b in re.findall(r'lat="([\d.]+)" lon="([\d.]+)"', text)]
    else:
        places = [(float(a), float(b)) for a, b in re.findall(r"(124\.\d+)[,\s]+(40\.\d+)", text)]
    assert len(places) > 100
    assert min(GEOD.inv(*home, *place)[2] for place in places) > 290
    assert cli("track", log, "-o", out, "--hide-home", "-5")[0] == 2
