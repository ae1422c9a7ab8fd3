"""Exported results, opened again by other people's readers; and the same numbers everywhere."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import tomllib
from dataclasses import replace
from functools import cache

import fastkml
import geopandas
import gpxpy
import jsonschema
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pypdf import PdfReader

from dronecheck import Settings, check, load_zones, read
from dronecheck.errors import UsageError
from dronecheck.flight.user_clock import with_user_clock
from dronecheck.geofence.result import REMEDY_OF
from dronecheck.quantities import duration, metres
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.export.result import SUFFIXES, encode_result, text_cell, write_result
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.page import page
from dronecheck.report.pdf.write import pdf
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import summary
from tests.conftest import REPO, make_flight
from tests.report.test_hostile import reported
from tests.report.test_html import Skeleton, hidden_home
from tests.support.hostile import HOSTILE
from tests.support.scale import full_only

MANIFEST = tomllib.loads((REPO / "samples" / "MANIFEST.toml").read_text("utf-8"))
SAMPLES = [file for file in MANIFEST["file"] if not file["name"].endswith(".geojson")]
SCHEMA = json.loads((REPO / "src/dronecheck/report/json/result.schema.json").read_text("utf-8"))
OPTION = re.compile(r"(?<![\w-])--[a-z]|dronecheck (?:check|zones|audit)\b")
FIGURES = ("enter_sigma_s", "exit_sigma_s", "entry_sigma_m", "exit_sigma_m", "duration_s", "path_m", "depth_m",
           "margin_m", "sigma_m", "probability", "alt_min_m", "alt_max_m")  # fmt: skip
# The other samples are the same flight in other formats.
DIFFERENT = ("bank_hugging_dandong.ulg", "founding_dandong_sinuiju.SRT", "restricted_zone.csv")
TEXTS = ("verdict", "kind", "enter_utc", "exit_utc")


@cache
def judged(name):
    facts = next(f for f in SAMPLES if f["name"] == name)
    flight = with_user_clock(read(REPO / "samples" / name), None, facts.get("utc_offset_h"))
    zones = load_zones([REPO / "samples" / "restricted_zone.geojson"]) if name.startswith("restricted") else None
    home = facts.get("home") if facts.get("needs_home") else None
    result = check(flight, zones, Settings(home=home, max_height_m=120.0))
    return Case(flight, zones, result)


def whole(flight):
    """All of a flight's case without zones."""
    return redact(Case(flight, None, check(flight)))


def unknown(value):
    return None if value is None or value == "" or pd.isna(value) else value


def _opened(path):
    """Rows as dictionaries of column to value or text, each with its geometry, by an independent reader."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as handle:
            for row in csv.DictReader(handle):
                at = shapely.Point(float(row["lon_deg"]), float(row["lat_deg"])) if row["lon_deg"] else None
                yield row, at
    elif path.suffix == ".kml":
        document = fastkml.KML.parse(path).features[0]
        for mark in document.features:
            told = {data.name: data.value for data in mark.extended_data.elements}
            yield told, shapely.from_wkt(mark.geometry.wkt) if mark.geometry else None
    elif path.suffix == ".gpx":
        document = gpxpy.parse(path.read_text("utf-8"))
        for thing in [*document.tracks, *document.waypoints]:
            told = dict(part.split("=", 1) for part in thing.description.split("; "))
            yield told, shapely.Point(thing.longitude, thing.latitude) if hasattr(thing, "longitude") else None
    else:
        frame = geopandas.read_parquet(path) if path.suffix == ".parquet" else pyogrio.read_dataframe(path, layer=0)
        for _, row in frame.iterrows():
            values = {k: (v.isoformat() if isinstance(v, pd.Timestamp) else v) for k, v in row.items()}
            yield values, row.geometry


def same_time(a, b):
    return (a is None) == (b is None) and (a is None or pd.Timestamp(a) == pd.Timestamp(b))


def equal_to_json(row, at, entry, which):
    for name in TEXTS:
        told, wanted = unknown(row.get(name)), entry[name]
        assert same_time(told, wanted) if name.endswith("_utc") else told == wanted, name
    for name in FIGURES:
        told = unknown(row.get(name))
        assert (None if told is None else float(told)) == entry[name], name
    if which in ("entry", "exit"):
        assert (at.y, at.x) == pytest.approx((entry[which]["lat"], entry[which]["lon"]), abs=1e-9)
    assert row["reasons"].split() == entry["reasons"]
    if entry["zone"]:
        assert (row["zone_id"], row["zone_name"]) == (entry["zone"]["id"], entry["zone"]["name"])


@pytest.mark.parametrize("name", [f["name"] if f["name"] in DIFFERENT else pytest.param(f["name"], marks=full_only)
                                  for f in SAMPLES])  # fmt: skip
def test_page_json_and_exports_say_the_same_numbers(name, tmp_path):
    seen = redact(judged(name))
    document = json.loads(encode(result_document(seen), indent=False))
    for suffix in SUFFIXES:
        write_result(seen, tmp_path / f"out{suffix}")
        rows = list(_opened(tmp_path / f"out{suffix}"))
        assert [unknown(r["verdict"]) for r, _ in rows if r["feature"] == "track"] == [document["verdict"]]
        counts = dict.fromkeys(("visit", "entry", "exit"), 0)
        for row, at in rows:
            if row["feature"] in counts:
                counts[row["feature"]] += 1
                equal_to_json(row, at, document["findings"][int(float(row["number"])) - 1], row["feature"])
        expected = {w: sum(f[w] is not None for f in document["findings"]) for w in ("entry", "exit")}
        assert counts == {"visit": 0 if suffix == ".gpx" else len(document["findings"]), **expected}
        near = [float(r["distance_m"]) for r, _ in rows if r["feature"] == "nearest"]
        assert near == [n["distance_m"] for n in document["nearest"]]
    jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)
    parsed = Skeleton(page(seen))
    assert json.loads(parsed.blocks["script", "result"]) == document
    _words_agree(" ".join("".join(parsed.read).split()), document)
    paper = PdfReader(io.BytesIO(pdf(seen)))
    _words_agree(" ".join(" ".join(page.extract_text() for page in paper.pages).split()), document)


@pytest.mark.parametrize("language", ["en", *(pytest.param(other, marks=full_only) for other in ("zh", "ko"))])
@pytest.mark.parametrize("name", ["founding_dandong_sinuiju.gpx", "cut_short.ulg",
                                  pytest.param("bank_hugging_dandong.ulg", marks=full_only),
                                  pytest.param("founding_dandong_sinuiju.SRT", marks=full_only)])  # fmt: skip
def test_where_nobody_can_type_no_option_is_named(name, language):
    """Open answers say on the terminal which option settles them; page, document, JSON and exports do not."""
    flight = read(REPO / "samples" / name)
    zones = load_zones([REPO / "samples" / "zones" / "fictitious.geojson"])
    result = check(flight, None, Settings(max_agl_m=50.0, language=language))
    assert OPTION.search(summary(flight, result))
    for brought in (None, zones):
        case = Case(flight, brought, check(flight, brought, Settings(max_agl_m=50.0, language=language)))
        seen = redact(case)
        parsed = Skeleton(page(seen))
        assert not OPTION.search("".join(parsed.read))
        assert not OPTION.search(parsed.blocks["script", "result"])
        for suffix in (".csv", ".geojson", ".kml", ".gpx"):
            assert not OPTION.search(encode_result(seen, suffix).decode())
        if language == "en" and brought is None:
            paper = PdfReader(io.BytesIO(pdf(seen)))
            assert not OPTION.search(" ".join(page.extract_text() for page in paper.pages))


@pytest.mark.parametrize("name", [f["name"] for f in SAMPLES])
def test_every_finding_tells_its_clauses_and_every_open_check_its_remedies(name):
    document = result_document(redact(judged(name)))
    for entry in document.findings:
        assert entry.clauses or (entry.kind == "zone_entry" and not entry.depth_m)
    for entry in document.checks:
        settled = entry.verdict is not None and entry.verdict.value != "INCONCLUSIVE"
        assert settled or entry.remedies, entry
        assert {REMEDY_OF[reason] for reason in entry.reasons if reason in REMEDY_OF} == set(entry.remedies)


def _words_agree(read, document):
    """What people read on the page and in the PDF is the JSON's number, rounded as it is written."""
    told = re.sub(r" \([\d:.]+ local time\)", "", read)
    for entry in document["findings"]:
        depth = entry["depth_m"]
        written = f"{depth / 1000:.2f} km" if 1000 <= depth < 9950 else f"{depth:.{0 if depth >= 9.95 else 1}f} m"
        if entry["kind"] != "altitude_limit" and "not_entered_on_the_line" not in entry["reasons"]:
            assert f"{written} inside" in read
        p = entry["probability"]
        if p is not None:
            assert (
                "> 0.999, sigma" if p > 0.999 else "< 0.001, sigma" if p < 0.001 else f"{100 * p:.0f} % likely"
            ) in read
        for which in ("enter", "exit"):
            stamp, sigma = entry[f"{which}_utc"], entry[f"{which}_sigma_s"]
            if stamp is None:
                continue
            error = "" if sigma is None else f" ±{duration(1.96 * sigma)}"
            if sigma is not None and 1.96 * sigma >= 1:
                seconds = {pd.Timestamp(stamp) + pd.Timedelta(f"{k}ms") for k in (499.4, 500.4)}
                assert any(f"{t:%H:%M:%S} UTC{error}" in told for t in seconds)
                continue
            tenths = {pd.Timestamp(stamp) + pd.Timedelta(f"{k}ms") for k in (49.4, 50.4)}  # the JSON is rounded itself
            assert any(f"{t:%H:%M:%S}.{t.microsecond // 100_000} UTC{error}" in told for t in tenths)
        for which in ("entry", "exit"):
            place, sigma_m = entry[which], entry[f"{which}_sigma_m"]
            if place:
                ns, ew = "NS"[place["lat"] < 0], "EW"[place["lon"] < 0]
                n = next(n for n in range(9) if 111_195 * 10.0**-n <= sigma_m)  # the last digit is within the error
                assert (
                    f"{abs(place['lat']):.{n}f} {ns} {abs(place['lon']):.{n}f} {ew} ±{metres(1.96 * sigma_m)}" in read
                )


def test_text_stays_text_in_csv():
    """No cell of 200 hostile names begins a formula, and every name can be read back."""
    raw = encode_result(redact(reported(HOSTILE)), ".csv").decode()
    rows = list(csv.DictReader(io.StringIO(raw, newline="")))
    assert len(rows) > 600
    for row in rows:
        for name, cell in row.items():
            number = re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)
            assert number or not cell.lstrip(" ").startswith(tuple("=+-@\t\r＝＋＠")), (name, cell)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", raw)
    assert "'=cmd|' /C calc'!A0" in {row["zone_name"] for row in rows}
    assert text_cell("丹东") == "丹东"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_hostile_names_survive_every_format(suffix, tmp_path):
    write_result(redact(reported(["<b>&\"']]>", *HOSTILE[:60]])), tmp_path / f"out{suffix}")
    assert sum(row["feature"] in ("entry", "exit") for row, _ in _opened(tmp_path / f"out{suffix}")) > 100


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_same_bytes_and_nothing_near_home(suffix, tmp_path):
    case = hidden_home()
    seen = redact(case, Disclosure(hide_home_m=300.0))
    assert encode_result(seen, suffix) == encode_result(seen, suffix)
    write_result(seen, tmp_path / f"out{suffix}")
    home = shapely.Point(case.flight.home.lon_deg, case.flight.home.lat_deg)
    geometries = [at for _, at in _opened(tmp_path / f"out{suffix}") if at is not None]
    if suffix == ".gpkg":
        geometries += list(pyogrio.read_dataframe(tmp_path / "out.gpkg", layer="fixes").geometry)
    if suffix == ".gpx":
        (track,) = gpxpy.parse((tmp_path / "out.gpx").read_text()).tracks
        geometries += [shapely.Point(p.longitude, p.latitude) for g in track.segments for p in g.points]
    assert suffix == ".csv" or len(geometries) > 1
    corners = [shapely.Point(xy) for g in geometries for xy in shapely.get_coordinates(g).tolist()]
    assert all(shapely.distance(home, corner) > 0.0027 for corner in corners)  # 300 m are 0.0027 degrees of latitude


def test_heights_have_their_mode_and_datum(tmp_path):
    lat, lon = np.linspace(40.11, 40.12, 30), np.full(30, 124.38)
    known = make_flight(lat, lon, dt_s=1.0, alt_amsl_m=np.linspace(50, 90, 30), alt_hae_m=np.linspace(65, 105, 30))
    partly = replace(known, tracks={"gnss": make_flight(lat, lon, dt_s=1.0, alt_home_m=np.arange(30.0)).track})
    for flight, mode in ((known, "absolute"), (partly, "clampToGround")):
        seen = whole(flight)
        write_result(seen, tmp_path / "out.kml")
        write_result(seen, tmp_path / "out.gpx")
        write_result(seen, tmp_path / "out.gpkg")
        marks = fastkml.KML.parse(tmp_path / "out.kml").features[0].features
        line = marks[0].kml_geometry.kml_geometries[0]
        assert line.altitude_mode.value == mode
        points = gpxpy.parse((tmp_path / "out.gpx").read_text()).tracks[0].segments[0].points
        if mode == "absolute":
            heights = [[c[2] for c in line.geometry.coords], [p.elevation for p in points]]
            np.testing.assert_allclose(heights, [np.linspace(50, 90, 30)] * 2, atol=1e-3)
        else:
            assert not line.geometry.has_z
            assert {p.elevation for p in points} == {None}
        fixes = pyogrio.read_dataframe(tmp_path / "out.gpkg", layer="fixes")
        np.testing.assert_array_equal(fixes["alt_hae_m"].astype(float), flight.track.alt_hae_m)
        np.testing.assert_array_equal(fixes["alt_home_m"].astype(float), flight.track.alt_home_m)
        assert fixes.crs.to_epsg() == 4326


def test_a_geopackage_is_one_by_its_header_and_tells_units(tmp_path):
    path = tmp_path / "out.gpkg"
    write_result(redact(judged("founding_dandong_sinuiju.ulg")), path)
    raw = path.read_bytes()
    assert raw[:16] == b"SQLite format 3\x00"
    assert raw[68:72] == b"GPKG"
    with sqlite3.connect(path) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
        query = "SELECT description FROM gpkg_data_columns WHERE table_name='result' AND column_name='margin_m'"
        assert "m to the nearest edge" in base.execute(query).fetchone()[0]
    base.close()
    pyogrio.read_info(path, layer="result")


def test_the_antimeridian_cuts_the_visit_and_the_track():
    lon = np.array([179.98, 179.99, 180.01, 180.02])
    flight = make_flight([-17.0] * 4, lon, dt_s=60.0)
    collection = json.loads(encode_result(whole(flight), ".geojson"))
    track = collection["features"][0]["geometry"]
    east, west = [[p[0] for p in part] for part in track["coordinates"]]
    assert east == pytest.approx([179.98, 179.99, 180.0])
    assert west == pytest.approx([-180.0, -179.99, -179.98])
    assert "m, 1 sigma" in collection["units"]["sigma_m"]


def test_another_suffix_is_a_mistake_before_any_work(tmp_path):
    flight = make_flight([], [])
    with pytest.raises(UsageError, match=r"\.geojson, \.gpkg, \.parquet, \.kml, \.gpx, \.csv"):
        write_result(whole(flight), tmp_path / "out.shp")
    for suffix in SUFFIXES:
        write_result(whole(flight), tmp_path / f"empty{suffix}")
