"""Encrypted DJI records on the command line: the words, the JSON, pages, audits and what `--hide-home` leaves out."""

from __future__ import annotations

import csv
import json
import re

import jsonschema
import numpy as np
import pytest
import shapely

import dronecheck
from tests.support.dji_header import MadeHeader

MADE = MadeHeader()
ENVELOPE = "by its own header it stayed within {n} m of its start and below {m} m"


@pytest.fixture
def record(tmp_path):
    def write(made=MADE, name="DJIFlightRecord_2024-09-01_[14-55-49].txt"):
        path = tmp_path / name
        path.write_bytes(made.bytes())
        return path

    return write


@pytest.fixture
def asked(cli, repo):
    schema = json.loads((repo / "src/dronecheck/report/json/result.schema.json").read_text())

    def ask(*words):
        code, said, warned = cli("check", *words, "--json", "-")
        document = json.loads(said)
        jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
        assert not warned
        return code, document

    return ask


def in_one_line(text):
    return " ".join(text.split())


def zones_at(tmp_path, lat, lon, half_deg=0.004, **properties):
    box = shapely.geometry.mapping(shapely.box(lon - half_deg, lat - half_deg, lon + half_deg, lat + half_deg))
    feature = {"type": "Feature", "properties": {"name": "Test R1", "id": "R1", **properties}, "geometry": box}
    path = tmp_path / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def test_the_real_record(cli, asked, shared):
    (path,) = (shared / "logs/dji_txt").glob("rembish*")
    code, said, _ = cli("check", path)
    said = in_one_line(said)
    assert code == 4 and ENVELOPE.format(n=270, m=56) + "; no border there." in said
    assert "border or zone" not in said and "DID NOT ENTER" not in said and "No border crossed" not in said
    code, document = asked(path)
    flight = document["flight"]
    assert code == 4 and document["verdict"] == "INCONCLUSIVE"
    assert flight["header"] == {
        "start": {"lat": pytest.approx(45.47186687), "lon": pytest.approx(16.38534247)},
        "start_utc": "2024-09-01T12:55:49.477Z",
        "duration_s": 108.0,
        "within_m": pytest.approx(269.007, abs=1e-3),
        "below_m": 56.0,
        "pictures": [],
    }
    assert (flight["start_utc"], flight["end_utc"]) == ("2024-09-01T12:55:49.477Z", "2024-09-01T12:57:37.477Z")
    assert (flight["fixes"], flight["distance_m"], flight["clock"]["source"]) == (0, None, "header")
    assert [visit["iso_a3"] for visit in document["territories"]] == ["HRV"]
    border = document["checks"][0]
    assert (border["verdict"], border["reasons"], border["remedies"]) == ("INCONCLUSIVE", ["header_only"], ["decrypt"])
    assert {issue["code"] for issue in document["issues"]} == {"header_only"}


def test_with_zones_that_cover_the_place_it_says_no_border_or_zone(cli, record, tmp_path):
    far = zones_at(tmp_path, MADE.lat_deg + 0.05, MADE.lon_deg)
    code, said, _ = cli("check", record(), "--zones", far)
    assert code == 4 and ENVELOPE.format(n=269, m=56) + "; no border or zone there." in in_one_line(said)
    near = zones_at(tmp_path, MADE.lat_deg + 0.005, MADE.lon_deg)
    code, said, _ = cli("check", record(), "--zones", near)
    said = in_one_line(said)
    assert code == 4 and said.startswith("CANNOT TELL whether it entered Test R1 (R1).")
    assert ENVELOPE.format(n=269, m=56) + ". " in said and "there." not in said
    code, said, _ = cli("check", record(MADE.but(lat_deg=45.0)), "--zones", near)  # 2 degrees from any zone
    assert code == 4 and "; no border there." in in_one_line(said) and "NOT CHECKED" in said


@pytest.mark.parametrize(("distance_m", "n"), [(269.0, 269), (269.01, 270), (0.4, 1)])
def test_the_distance_is_told_rounded_up(cli, record, distance_m, n):
    code, said, _ = cli("check", record(MADE.but(distance_m=distance_m)))
    assert code == 4 and ENVELOPE.format(n=n, m=56) in in_one_line(said)


def test_a_start_inside_is_named_first(cli, asked, record, tmp_path):
    log = record(MADE.but(lat_deg=40.10, lon_deg=124.41))
    code, said, _ = cli("check", log, "--home", "CHN")
    assert code == 4 and said.startswith("STARTED IN North Korea (PRK), by its own header.")
    code, document = asked(log, "--home", "CHN")
    (finding,) = document["findings"]
    assert (code, finding["verdict"], finding["reasons"][0]) == (4, "INCONCLUSIVE", "header_only")
    assert (finding["path_m"], finding["duration_s"], finding["evidence"]) == (None, None, [])
    assert [visit["iso_a3"] for visit in document["territories"]] == ["PRK"]
    zones = zones_at(tmp_path, MADE.lat_deg, MADE.lon_deg, 0.05)
    code, said, _ = cli("check", record(), "--zones", zones)
    assert code == 4 and said.startswith("STARTED IN Test R1 (R1), by its own header.")


@pytest.mark.parametrize(
    "made", [MADE.but(lat_deg=0.0, lon_deg=0.0), MADE.but(distance_m=9_000.0), MADE.but(is_closed=False)]
)
def test_without_an_envelope_both_bounds_are_null(cli, asked, record, made):
    log = record(made)
    code, document = asked(log)
    header = document["flight"]["header"]
    assert (code, header["within_m"], header["below_m"]) == (4, None, None)
    assert (header["start"] is None) == (made.lat_deg == 0.0)
    said = in_one_line(cli("check", log)[1])
    assert "its header does not bound where it flew" in said and "stayed within" not in said


def test_a_damaged_header_is_unreadable(cli, record):
    code, _, warned = cli("check", record(MADE.but(mark=1)))
    assert code == 3 and "encrypted" in warned and "damaged" in warned


def test_track_writes_nothing(cli, record, tmp_path):
    for name in ("out.csv", "out.gpx"):
        for more in ([], ["--hide-home", "100"]):
            code, _, warned = cli("track", record(), "-o", tmp_path / name, *more)
            assert code == 3 and "encrypted" in warned
            assert not (tmp_path / name).exists()


def test_every_report_can_be_written(cli, record, tmp_path):
    pytest.importorskip("typst")
    made = MADE.but(pictures=((47.0505, 8.3005),))
    outs = [tmp_path / f"out.{suffix}" for suffix in ("html", "pdf", "csv", "gpkg", "geojson", "gpx", "kml")]
    code, _, warned = cli(
        "check", record(made), "--report", outs[0], "--pdf", outs[1], "--plots", tmp_path / "plots",
        *(word for out in outs[2:] for word in ("--export", out)),
    )  # fmt: skip
    assert code == 4 and not warned and all(out.stat().st_size for out in outs)
    page = outs[0].read_text()
    assert ENVELOPE.format(n=269, m=56) in page and 'class="envelope"' in page
    for word in ("start", "picture 1", "47.05000 N 8.30000 E", "Switzerland"):
        assert f">{word}<" in page, word


def test_the_circle_on_the_page_is_as_wide_as_the_header_says(record, tmp_path):
    flight = dronecheck.read(record())
    dronecheck.write_page(dronecheck.Case(flight, None, dronecheck.check(flight)), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    d = re.search(r'<path[^>]*class="envelope"[^>]*>', page)[0]
    points = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", re.search(r' d="([^"]*)"', d)[1]), dtype=float)
    tag = re.search(r'<path[^>]*class="dot takeoff"[^>]*>', page)[0]
    middle = np.array(re.search(r'd="M(-?[\d.]+) (-?[\d.]+)', tag).groups(), dtype=float)
    assert np.hypot(*(points - middle).T) == pytest.approx(269.0, abs=0.5)


def test_hiding_home_hides_the_start_and_pictures_near_it(cli, asked, record, tmp_path):
    near, far = (47.0505, 8.3005), (47.0590, 8.3100)
    made = MADE.but(distance_m=2_000.0, duration_ms=600_000, pictures=(near, far))
    page, sheet = tmp_path / "page.html", tmp_path / "out.csv"
    code, said, _ = cli(
        "check", record(made), "--hide-home", 200, "--report", page, "--export", sheet, "--max-height", 50
    )
    _, document = asked(record(made), "--hide-home", 200)
    header = document["flight"]["header"]
    assert code == 4 and header["start"] is None
    assert header["pictures"] == [{"lat": pytest.approx(far[0]), "lon": pytest.approx(far[1])}]
    assert header["within_m"] == pytest.approx(2_000.0, abs=0.01)
    for text in (said, page.read_text(), sheet.read_text(), json.dumps(document)):
        assert not re.search(r"47\.050|8\.300", text)
    assert "the start that the header states" in said and ENVELOPE.format(n=2000, m=56) in in_one_line(said)


def test_hiding_home_tells_no_distance_to_a_border(cli, record):
    log = record(MADE.but(lat_deg=40.1165, lon_deg=124.387, distance_m=900.0))
    shown, hidden = (in_one_line(cli("check", log, *more)[1]) for more in ([], ["--hide-home", "100"]))
    assert "411 m" in shown and "411 m" not in hidden


def test_an_audit_has_a_row_of_it(cli, record, tmp_path):
    record(name="a.txt")
    record(MADE.but(lat_deg=40.1165, lon_deg=124.387, distance_m=900.0), name="b.txt")
    record(MADE.but(mark=1), name="c.txt")
    assert cli("audit", "run", tmp_path, "--out", tmp_path / "out")[0] == 0
    assert cli("audit", "export", tmp_path / "out", "-o", tmp_path / "out.csv")[0] == 0
    assert cli("audit", "report", tmp_path / "out", "-o", tmp_path / "out.html")[0] == 0
    rows = {row["file"]: row for row in csv.DictReader((tmp_path / "out.csv").read_text().splitlines())}
    for name in ("a.txt", "b.txt"):
        row = rows[name]
        assert (row["status"], row["verdict"], row["border"], row["clock_source"]) == \
            ("ok", "INCONCLUSIVE", "INCONCLUSIVE", "header")  # fmt: skip
        assert (row["start_utc"], row["end_utc"]) == ("2024-09-01T12:55:49.477Z", "2024-09-01T12:57:37.477Z")
        assert (row["fixes"], row["distance_m"], row["duration_s"]) == ("0", "", "108.0")
        assert "header_only" in row["reasons"].split()
    assert rows["a.txt"]["findings"] == "0" and rows["b.txt"]["zone_id"] == "PRK"
    assert (rows["c.txt"]["status"], rows["c.txt"]["code"]) == ("unreadable", "dji_txt_encrypted")
    zones = zones_at(tmp_path, MADE.lat_deg, MADE.lon_deg, 0.05)  # asked again from what is stored
    assert cli("audit", "run", tmp_path, "--out", tmp_path / "out", "--zones", zones)[0] == 0
    assert cli("audit", "export", tmp_path / "out", "-o", tmp_path / "out.csv")[0] == 0
    rows = {row["file"]: row for row in csv.DictReader((tmp_path / "out.csv").read_text().splitlines())}
    assert (rows["a.txt"]["zone_id"], rows["a.txt"]["finding_verdict"]) == ("R1", "INCONCLUSIVE")


def test_the_zone_library_is_asked_for_the_place_and_time_of_the_header(cli, record, tmp_path):
    zones = zones_at(tmp_path, MADE.lat_deg, MADE.lon_deg, 0.05)
    added = cli("zones", "add", zones, "--name", "test", "--valid-from", "2024-01-01", "--valid-to", "2025-01-01")
    assert added[0] == 0, added
    assert cli("check", record())[1].startswith("STARTED IN Test R1")
    code, said, _ = cli("check", record(MADE.but(start_ms=MADE.start_ms - 2 * 365 * 86_400_000)))
    assert code == 4 and "no edition" in in_one_line(said)


def test_among_others_it_is_judged_alone(cli, record, repo):
    sample = repo / "samples" / "founding_dandong_sinuiju.gpx"
    code, said, _ = cli("check", record(), sample)
    assert code == 1 and "judged alone" in in_one_line(said) and "a track that is encrypted" in in_one_line(said)


@pytest.mark.parametrize(("language", "words"), [("zh", "按其自身文件头，它留在距起点269 m以内"), ("ko", "269 m 이내")])
def test_other_languages_say_it_whole(cli, record, language, words):
    code, said, _ = cli("check", record(), "--lang", language)
    said = said.replace("\n", "") if language == "zh" else in_one_line(said)
    assert code == 4 and words in said
    assert "by its own header" not in said and "encrypted" not in said
