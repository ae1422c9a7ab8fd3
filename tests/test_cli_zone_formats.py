"""The same zones in every format give the same answers: with `check --zones`, `zones validate`, `add` and `show`."""

from __future__ import annotations

import json

import jsonschema
import pytest

from dronecheck.report.json.zones_document import schema_bytes
from tests.support.gis_maker import KINDS, written
from tests.support.kml_maker import document, kmz, placemark, polygon

SAMPLE = "samples/restricted_zone.geojson"
FORMATS = ("kml", "kmz", "yaml", *KINDS)


def dms(degrees, letters, width):
    seconds = round(abs(degrees) * 3600, 4)
    whole = int(seconds)
    return f"{whole // 3600:0{width}d}{whole // 60 % 60:02d}{seconds - whole // 60 * 60:07.4f}{letters[degrees < 0]}"


def as_yaixm(features):
    lines = ["airspace:"]
    for feature in features:
        given = feature["properties"]
        lines += [f"- name: {given['name']}", f"  id: {given['id']}", "  type: R", "  geometry:"]
        lines += [
            f"  - upper: {given['upper_m'] / 0.3048:.0f} ft",
            "    lower: SFC",
            "    boundary:",
            "    - line:",
        ]
        lines += [f"      - {dms(y, 'NS', 2)} {dms(x, 'EW', 3)}" for x, y in feature["geometry"]["coordinates"][0]]
    return "\n".join(lines).encode()


def as_kml(features):
    marks = [
        placemark(
            polygon(feature["geometry"]["coordinates"][0]),
            feature["properties"]["name"],
            data={k: v for k, v in feature["properties"].items() if k != "name"},
        )
        for feature in features
    ]
    return document(*marks)


@pytest.fixture
def features(repo):
    """The sample's zones, each with a ceiling: YAIXM has none without."""
    found = json.loads((repo / SAMPLE).read_text())["features"]
    for feature in found:
        feature["properties"] = {"upper_m": 20_000, **feature["properties"], "upper_datum": "AMSL"}
    return found


@pytest.fixture
def zone_file(features, tmp_path, request):
    if request.param in KINDS:
        geopandas = pytest.importorskip("geopandas")
        name, data = written(tmp_path / "gis", geopandas.GeoDataFrame.from_features(features, crs=4326), request.param)
    else:
        whole = as_kml(features)
        name = f"zones.{request.param}"
        data = {"kml": whole, "kmz": kmz({"doc.kml": whole}), "yaml": as_yaixm(features)}[request.param]
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


def answer(out):
    """What the findings say, to the metre and the tenth of a second."""
    found = json.loads(out)
    return found["verdict"], sorted(
        (f["kind"], f["zone"]["name"], f["verdict"], round(f["depth_m"]), f["enter_utc"][:21], f["exit_utc"][:21])
        for f in found["findings"]
        if f["kind"] == "zone_entry"
    )


@pytest.mark.parametrize("zone_file", FORMATS, indirect=True)
def test_the_same_answer(cli, repo, features, zone_file, tmp_path):
    flight, first = repo / "samples/restricted_zone.csv", tmp_path / "first.geojson"
    first.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    code, out, _ = cli("check", flight, "--zones", first, "--json", "-")
    expected = answer(out)
    assert expected[1]
    again, out, _ = cli("check", flight, "--zones", zone_file, "--json", "-")
    assert (again, answer(out)) == (code, expected)
    assert (
        cli("zones", "add", zone_file, "--name", "X", "--valid-from", "2020-01-01", "--valid-to", "2035-01-01")[0] == 0
    )
    assert answer(cli("check", flight, "--json", "-")[1]) == expected


@pytest.mark.parametrize("zone_file", ("kmz", "yaml", "gpkg"), indirect=True)
def test_validate_and_show(cli, zone_file, tmp_path):
    code, out, _ = cli("zones", "validate", zone_file, "--json", "-")
    found = json.loads(out)
    jsonschema.validate(found, json.loads(schema_bytes()))
    assert (code, len(found["zones"]), found["issues"]) == (0, 2, [])
    assert all(zone["area_km2"] > 0 for zone in found["zones"])
    assert cli("zones", "add", zone_file, "--name", "X")[0] == 0
    code, out, _ = cli("zones", "show", "X", "--plot", tmp_path / "x.png")
    assert code == 0
    assert "Simulated restricted zone" in out


def test_formats_names_them_all(cli):
    _, out, _ = cli("formats")
    for word in ("KML", "YAIXM", "DJI GEO", "Autel", "GeoPackage", "FlatGeobuf", "Shapefile", "GeoParquet"):
        assert word in out
