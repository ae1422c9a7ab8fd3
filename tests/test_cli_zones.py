"""`dronecheck zones` and what the library does to `check`, as users meet them."""

from __future__ import annotations

import json
import os
import re

import jsonschema
import pyproj
import pytest

from dronecheck.airspace import load_zones
from dronecheck.airspace.library.for_flight import zones_of
from dronecheck.airspace.library.store import Library
from dronecheck.report.json.zones_document import schema_bytes
from tests.airspace.test_library import same, square, write_zones

FLIGHT_ZONE = (124.30, 40.00, 0.3)  # around the sample flight over the Yalu


@pytest.fixture
def founding(repo):
    return repo / "samples" / "founding_dandong_sinuiju.ulg"  # 2025-09-20, 06:41 to 06:49 UTC


@pytest.fixture
def zone_file(tmp_path):
    return write_zones(tmp_path / "cn.geojson", FLIGHT_ZONE, (10, 50), edition="2025/3", licence="terms")


def test_add_list_show_export_remove(cli, zone_file, tmp_path):
    dates = ("--valid-from", "2025-09-01", "--valid-to", "2025-09-30")
    code, out, _ = cli("zones", "add", zone_file, "--name", "CN", "--authority", "CAAC", *dates)
    assert code == 0
    added, covers = out.splitlines()
    assert covers == "speaks for DEU, PRK (a guess by where its zones lie; --covers says it)"
    assert "2 zones, valid 2025-09-01 to 2025-09-30" in out
    code, listed, _ = cli("zones", "list")
    assert code == 0
    assert listed.splitlines()[1].split() == [
        "CN", added.split()[3].rstrip(":"), "2025-09-01", "to", "2025-09-30", "2", "CAAC", "terms", "cn.geojson",
    ]  # fmt: skip
    code, shown, _ = cli("zones", "show", "cn", "--plot", tmp_path / "cn.png")
    assert code == 0
    rows = [line.split() for line in shown.splitlines() if line.startswith("Z")]
    assert [row[:2] for row in rows] == [["Z0", "zone"], ["Z1", "zone"]]
    assert (tmp_path / "cn.png").read_bytes().startswith(b"\x89PNG")
    assert cli("zones", "export", "CN", "-o", tmp_path / "out.geojson")[0] == 0
    again = load_zones([tmp_path / "out.geojson"])
    assert [z.geometry.wkt for z in again.zones] == [z.geometry.wkt for z in load_zones([zone_file]).zones]
    assert (again.sources[0].edition, again.sources[0].licence) == ("2025/3", "terms")
    assert cli("zones", "remove", "CN")[0] == 0
    assert "is empty" in cli("zones", "list")[1]


def test_the_library_is_used_by_check_and_named_in_the_result(cli, founding, zone_file):
    cli("zones", "add", zone_file, "--name", "CN", "--valid-from", "2025-09-01", "--valid-to", "2025-09-20")
    code, out, _ = cli("check", founding, "--json", "-")
    document = json.loads(out)
    assert code == 1
    used = document["zone_sources"][1]
    assert (used["name"], used["edition"]) == ("CN", "2025/3")
    assert used["sha256"] == load_zones([zone_file]).sources[0].sha256
    assert any(f["kind"] == "zone_entry" and f["zone"]["source"] == "CN" for f in document["findings"])
    by_question = {c["question"]: c for c in document["checks"]}
    assert by_question["airspace"]["verdict"] == "VIOLATION"
    without = json.loads(cli("check", founding, "--no-library", "--json", "-")[1])
    assert {c["question"]: c["status"] for c in without["checks"]}["airspace"] == "not_checked"


def test_files_given_replace_the_library_unless_asked(cli, founding, zone_file, tmp_path):
    cli("zones", "add", zone_file, "--name", "CN", "--valid-from", "2025-09-01")
    other = write_zones(tmp_path / "other.geojson", (124.9, 40.0))
    sources = [
        [s["name"] for s in json.loads(cli("check", founding, "--json", "-", *more)[1])["zone_sources"][1:]]
        for more in ([], ["--zones", other], ["--zones", other, "--library"], ["--zones", other, "--no-library"])
    ]
    assert sources == [["CN"], ["other.geojson"], ["other.geojson", "CN"], ["other.geojson"]]


def test_a_library_that_is_asked_for_and_is_not_there_is_a_mistake(cli, founding):
    code, out, err = cli("check", founding, "--library")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert cli("check", founding, "--allow", "PRK")[0] == 0


def test_a_day_without_an_edition_is_inconclusive_and_told(cli, founding, zone_file):
    cli("zones", "add", zone_file, "--name", "CN", "--valid-to", "2025-09-19")
    code, out, _ = cli("check", founding, "--allow", "PRK")
    assert code == 4
    assert "no edition" in out.replace("\n", " ")
    assert "zones add" in out


def test_damage_in_the_library_is_told_and_never_clear(cli, home, founding, zone_file):
    cli("zones", "add", zone_file, "--name", "CN", "--valid-from", "2025-09-01")
    next(home.glob("zones/*/*/manifest.json")).write_text("{")
    code, out, _ = cli("check", founding, "--allow", "PRK")
    assert code == 4
    assert "  Damage: " in out
    assert "add its file again" in out.replace("\n    ", " ")
    assert "DAMAGED" in cli("zones", "list")[1]
    code, _, err = cli("zones", "show", "cn")
    assert (code, len(err.splitlines())) == (2, 1)
    assert cli("zones", "remove", "cn")[0] == 0


def test_validate_writes_what_the_shipped_schema_says(cli, repo, zone_file, tmp_path):
    shipped = (repo / "src/dronecheck/report/json/zones.schema.json").read_bytes()
    assert shipped == schema_bytes()
    code, out, _ = cli("zones", "validate", zone_file, "--json", "-")
    assert code == 0
    document = json.loads(out)
    jsonschema.validate(document, json.loads(shipped))
    assert (document["schema"], document["format"], document["edition"]) == ("dronecheck.zones/1", "geojson", "2025/3")
    first = document["zones"][0]
    assert set(first) == {"id", "name", "kind", "effect", "lower", "upper", "edge", "area_km2", "bbox", "schedule"}
    # An independent area: cylindrical equal-area, where a box between parallels is a box.
    project = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:6933", always_xy=True).transform
    (x0, y0), _, (x1, y1), *_ = (project(*corner) for corner in square(*FLIGHT_ZONE))
    assert first["area_km2"] == pytest.approx((x1 - x0) * (y1 - y0) / 1e6, rel=1e-6)
    assert first["bbox"] == [124.3, 40.0, 124.6, 40.3]
    noise = tmp_path / "noise.bin"
    noise.write_bytes(bytes(range(256)))
    code, out, err = cli("zones", "validate", noise, "--json", "-")
    assert (code, len(err.splitlines())) == (3, 1)
    document = json.loads(out)
    jsonschema.validate(document, json.loads(shipped))
    assert (document["verdict"], document["input"]["bytes"]) == (None, 256)


def test_every_zone_file_at_hand_validates_or_is_refused_in_one_line(cli, shared, repo):
    schema = json.loads((repo / "src/dronecheck/report/json/zones.schema.json").read_text())
    codes = []
    for path in sorted((shared / "airspace" / "geojson").iterdir()):
        code, out, err = cli("zones", "validate", path, "--json", "-")
        jsonschema.validate(json.loads(out), schema)
        assert code == 0 or len(err.splitlines()) == 1
        codes.append(code)
    assert codes.count(0) >= 4


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["zones", "show", "nowhere"], "has no 'nowhere'"),
        (["zones", "remove", "nowhere"], "has no 'nowhere'"),
        (["zones", "add", "FILE", "--name", "../x"], "--name"),
        (["zones", "add", "FILE", "--name", "X", "--valid-from", "yesterday"], "--valid-from yesterday"),
        (["zones", "add", "FILE", "--name=X", "--valid-from=2026-02-01", "--valid-to=2026-01-01"], "before it begins"),
        (["zones", "add", "nothing.geojson", "--name", "X"], "no such file"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_one_line(cli, zone_file, args, says):
    code, out, err = cli(*[zone_file if arg == "FILE" else arg for arg in args])
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert says in err


def test_an_edition_is_chosen_by_its_hash(cli, tmp_path):
    for year in (2024, 2025):
        path = write_zones(tmp_path / f"{year}.geojson", (2, 47), note=str(year))
        cli("zones", "add", path, "--name", "X", "--valid-from", f"{year}-01-01", "--valid-to", f"{year}-12-31")
    sha256 = load_zones([tmp_path / "2024.geojson"]).sources[0].sha256
    assert "2025.geojson" in cli("zones", "show", "X")[1]  # none is in force today: the newest
    assert "2024.geojson" in cli("zones", "show", "X", "--edition", sha256[:8])[1]
    assert cli("zones", "show", "X", "--edition", "zz")[0] == 2
    assert cli("zones", "remove", "X", "--edition", sha256[:8])[0] == 0
    assert "2024.geojson" not in cli("zones", "list")[1]


def test_authorised_flights_exit_0_and_stay_in_the_report(cli, founding, tmp_path):
    table = tmp_path / "leave.csv"
    table.write_text("zone,from,to,reference\nPRK,2025-09-20,2025-09-20,PERMIT 7\n")
    code, out, _ = cli("check", founding, "--authorised", table, "--json", "-")
    document = json.loads(out)
    assert (code, document["verdict"]) == (0, "CLEAR")
    (finding,) = document["findings"]
    assert (finding["verdict"], finding["authorisation"], finding["reasons"][0]) == ("CLEAR", "PERMIT 7", "authorised")
    assert document["method"]["options"]["authorised"] == ["PERMIT 7"]
    assert cli("check", founding, "--authorised", table)[1].startswith(
        "SIMULATED FLIGHT: WAS IN North Korea (PRK), authorised by PERMIT 7."
    )
    table.write_text("zone,from,to,reference\nPRK,soon,,PERMIT 7\n")
    code, out, err = cli("check", founding, "--authorised", table)
    assert (code, out) == (2, "")
    assert "line 2" in err


@pytest.mark.parametrize(
    ("name", "dates"),
    [
        ("ed318/ed318-ie.json", "from 2026-08-04T22:00Z"),  # its metadata.validFrom
        ("ed269/ed269-ch.json", "no dates"),
        ("openair/viewer_Switzerland.txt", "no dates"),
    ],
)
def test_other_formats_are_kept_with_the_dates_they_state(cli, shared, home, name, dates):
    path = shared / "airspace" / name
    assert cli("zones", "add", path, "--name", "X")[0] == 0
    listed = cli("zones", "list")[1]
    assert dates in listed
    (edition,) = Library().editions()
    direct, kept = load_zones([path]), zones_of(Library(), edition)
    assert len(kept.zones) == len(direct.zones) > 0
    assert all(same(a, b) for a, b in zip(direct.zones, kept.zones, strict=True))
    assert kept.issues == direct.issues


def test_the_last_day_that_a_file_states_is_included(cli, tmp_path):
    path = write_zones(tmp_path / "a.geojson", (2, 47), valid_from="2026-01-01", valid_to="2026-12-31")
    cli("zones", "add", path, "--name", "X")
    assert "2026-01-01 to 2026-12-31" in cli("zones", "list")[1]
    bad = write_zones(tmp_path / "b.geojson", (2, 47), valid_from="spring")
    assert "caution: the file: valid_from" in cli("zones", "add", bad, "--name", "Y")[1]


def test_the_users_own_library_is_never_touched_by_tests():
    assert "pytest" in os.environ["DRONECHECK_HOME"]


def test_validate_shows_the_gravest_first_in_metres_and_says_what_decides_nothing(cli, tmp_path):
    square = "DP 47:00:00 N 008:00:00 E\nDP 47:00:00 N 008:10:00 E\nDP 47:10:00 N 008:10:00 E\n"
    kinds = (("G", "FL95"), ("Q", "1000ft AGL"), ("R", "NOTAM"), ("P", "3500ft MSL"))
    text = "".join(f"AC {kind}\nAN zone {kind}\nAL GND\nAH {limit}\n{square}" for kind, limit in kinds)
    (tmp_path / "zones.txt").write_text(text + "AC P\nAN lost\nAL GND\nAH UNL\nDP 47:00:00 N\n")
    code, out, _ = cli("zones", "validate", tmp_path / "zones.txt")
    head, *rows = out.splitlines()
    assert code == 0
    assert head.split()[:8] == ["id", "name", "kind", "effect", "floor", "m", "ceiling", "m"]
    assert [row.split()[2] for row in rows[:4]] == ["P", "R", "Q", "G"]
    assert [re.search(r"ground  +(\S+ \w+)  ", row)[1] for row in (rows[0], rows[2], rows[3])] == [
        "1067 AMSL", "305 AGL", "2896 STD",
    ]  # fmt: skip
    assert not re.search(r"\bft\b|\bFL\b", "".join(rows[:4]))
    assert "2 of 4 zones (50 %) decide nothing: 1 for information, 1 conditional" in rows
    assert "1 of 4 zones (25 %) leaves an entry open at most: 1 without a known floor or ceiling" in rows
    skipped, unknown = (row for row in rows if row.startswith("caution: "))
    assert "lost" in skipped
    assert "NOTAM" in unknown


def test_validate_lists_departures_from_a_schema_and_reads_all_the_same(cli, zone_file, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"properties": {"features": {"maxItems": 0}}}))
    code, out, _ = cli("zones", "validate", zone_file, "--schema", schema)
    assert code == 0
    assert "1 rule of schema.json not kept:\n  features has more than 0" in out
    schema.write_text("{}")
    assert "keeps every rule of schema.json" in cli("zones", "validate", zone_file, "--schema", schema)[1]
    code, out, err = cli("zones", "validate", zone_file, "--json", "-", "--schema", schema)
    assert json.loads(out)["schema"] == "dronecheck.zones/1"
    assert "keeps every rule" in err
    assert cli("zones", "validate", zone_file, "--schema", tmp_path / "none.json")[0] == 2


def test_logs_and_zones_that_change_places_are_told_so(cli, founding, zone_file, tmp_path):
    code, _, error = cli("check", zone_file)
    assert (code, "zones (GeoJSON), not a flight log; `dronecheck check` takes them with --zones" in error) == (3, True)
    code, _, error = cli("track", zone_file, "-o", tmp_path / "track.csv")
    assert (code, "zones (GeoJSON)" in error) == (3, True)
    code, _, error = cli("check", founding, "--zones", zone_file, "--zones", founding)
    assert code == 2
    assert error == f"dronecheck: --zones {founding}: a flight log, not a file of zones; name it without --zones\n"
    neither = tmp_path / "notes.txt"
    neither.write_text("neither the one nor the other, and long enough\n" * 9)
    assert "unknown layout" in cli("check", neither)[2]
    code, _, error = cli("check", founding, "--zones", zone_file, "--zones", neither)
    assert code == 2
    assert error.startswith(f"dronecheck: --zones {neither}: no zone file that this version reads")
