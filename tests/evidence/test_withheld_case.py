"""A case without places by the command line: what is in the archive, what is refused, rows disclosed and verified."""

from __future__ import annotations

import json
import random
import re
import shutil
import zipfile

import pytest

from dronecheck import read
from tests.conftest import REPO
from tests.evidence.test_withheld import FORBIDDEN, coordinates_in
from tests.support.scale import loops

SAMPLES = REPO / "samples"
ZONES = SAMPLES / "restricted_zone.geojson"
PLACE = "Dandong-40.1234N"


@pytest.fixture
def log(tmp_path):
    """A log whose name and folder hold a place."""
    folder = tmp_path / PLACE
    folder.mkdir()
    return shutil.copy(SAMPLES / "restricted_zone.csv", folder / f"{PLACE}.csv")


@pytest.fixture
def withheld(cli, log, tmp_path):
    """A case by a zone file, a height limit and a take-off height, none of which may be told."""
    zones = shutil.copy(ZONES, tmp_path / f"{PLACE}.geojson")
    case = tmp_path / "case.zip"
    options = ("--zones", zones, "--max-height", "120", "--takeoff-amsl", "41.7", "--without-location")
    code, out, err = cli("case", log, "-o", case, *options)
    assert code in (0, 1, 4), (out, err)
    return case


def members_of(case):
    with zipfile.ZipFile(case) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_nothing_in_the_archive_leads_to_the_place(withheld, log):
    members = members_of(withheld)
    assert set(members) == {"manifest.json", "page.html", "withheld.json"}
    zones = json.loads(ZONES.read_text())["features"]
    names = [feature["properties"]["name"] for feature in zones]
    flight = read(log)
    for name, content in members.items():
        text = content.decode()
        assert coordinates_in(content, flight) == []
        for word in (PLACE, "40.1234", "41.7", *names, *FORBIDDEN):
            assert word.casefold() not in text.casefold(), (name, word)
    raw = withheld.read_bytes()
    assert PLACE.encode() not in raw and b"geojson" not in raw
    manifest = json.loads(members["manifest.json"])
    assert manifest["options"]["withheld"] == ["takeoff_amsl_m", "zones"]
    assert manifest["data"] == [] and manifest["zone_sources"] == [] and manifest["geoid_sha256"] is None
    assert manifest["options"]["max_height_m"] == 120.0
    assert manifest["inputs"][0]["sha256"] == flight.source.sha256


def test_the_same_bytes_wherever_the_log_lies(cli, withheld, log, tmp_path):
    other = tmp_path / "elsewhere.csv"
    shutil.copy2(log, other)
    options = ("--zones", ZONES, "--max-height", "120", "--takeoff-amsl", "41.7", "--without-location")
    cli("case", other, "-o", tmp_path / "again.zip", *options)
    assert (tmp_path / "again.zip").read_bytes() == withheld.read_bytes()


def test_rows_are_disclosed_and_verified(cli, withheld, log, tmp_path):
    behind = json.loads(members_of(withheld)["withheld.json"])["findings"][0]["rows"]
    rows = tmp_path / "rows.json"
    wanted = ",".join(map(str, behind[:2]))
    assert cli("case", log, "--disclose", wanted, "--of", withheld, "-o", rows, "--takeoff-amsl", "41.7")[0] == 0
    track = read(log).track
    for each in json.loads(rows.read_text())["rows"]:
        assert json.loads(each["text"])["lat_deg"] == track.lat_deg[each["row"]]
    code, out, _ = cli("verify", withheld, "--rows", rows)
    assert code == 0 and re.search(rf"rows rows.json +holds .*{behind[0]}", out)
    original = rows.read_text()
    rows.write_text(original.replace(str(track.lat_deg[behind[0]]), str(track.lat_deg[behind[0]] + 0.01)))
    assert rows.read_text() != original
    code, out, _ = cli("verify", withheld, "--rows", rows)
    assert code == 1 and f"row {behind[0]} is not among the rows" in out
    rows.write_bytes(b"")
    assert cli("verify", withheld, "--rows", rows)[0] == 1
    assert cli("verify", withheld, "--rows", tmp_path / "nothing.json")[0] == 2


def test_what_does_not_go_together_is_refused(cli, withheld, log, tmp_path):
    out = tmp_path / "out"
    for options, says in (
        (("--without-location", "--include-input"), "would tell the place"),
        (("--without-location", "--include-private"), "would tell the place"),
        (("--disclose", "3"), "go together"),
        (("--of", withheld), "go together"),
        (("--disclose", "3", "--of", withheld, "--include-input"), "that is there"),
        (("--disclose", "x", "--of", withheld), "numbers of rows"),
        (("--disclose", "9999999", "--of", withheld), "there is no row 9999999"),
        (("--disclose", "3", "--of", tmp_path / "none.zip"), "no such file"),
        (("--disclose", "3", "--of", log), "no case without location"),
    ):
        code, _, err = cli("case", log, "-o", out, *options)
        assert code == 2 and says in err, (options, err)
        assert not out.exists()
    code, _, err = cli("case", SAMPLES / "clear_dandong.csv", "--disclose", "3", "--of", withheld, "-o", out)
    assert code == 2 and "not those of the case" in err
    assert cli("case", log, "--disclose", "3", "--of", withheld, "-o", withheld)[0] == 2


def test_rows_of_a_case_with_places_have_no_root(cli, tmp_path):
    log, case = SAMPLES / "clear_dandong.csv", tmp_path / "case.zip"
    cli("case", log, "-o", case, "--without-location")
    cli("case", log, "--disclose", "3", "--of", case, "-o", tmp_path / "rows.json")
    other = tmp_path / "other.zip"
    cli("case", SAMPLES / "founding_dandong_sinuiju.ulg", "-o", other, "--without-location")
    assert cli("verify", case, "--rows", tmp_path / "rows.json")[0] == 0
    code, out, _ = cli("verify", other, "--rows", tmp_path / "rows.json")
    assert code == 1 and "other rows" in out


def test_a_second_run_says_the_same_or_what_it_would_need(cli, withheld, log, tmp_path):
    case = tmp_path / "plain.zip"
    cli("case", log, "-o", case, "--without-location")
    code, out, _ = cli("verify", case, "--input", log, "--rerun")
    assert code == 0 and "gives the same result" in out
    code, out, _ = cli("verify", withheld, "--input", log, "--rerun")
    assert code == 1 and "withholds takeoff_amsl_m, zones" in out


def test_flights_of_a_case_are_numbered(cli, log, tmp_path):
    case = tmp_path / "two.zip"
    other = shutil.copy(SAMPLES / "clear_dandong.csv", tmp_path / f"{PLACE}-2.csv")
    cli("case", log, other, "-o", case, "--without-location")
    members = members_of(case)
    assert {"1/withheld.json", "1/page.html", "2/withheld.json", "2/page.html"} <= set(members)
    assert PLACE.encode() not in case.read_bytes()
    assert cli("case", log, other, "--disclose", "0", "--of", case, "-o", tmp_path / "rows.json")[0] == 0
    assert cli("case", other, "--disclose", "0", "--of", case, "-o", tmp_path / "more.json")[0] == 0
    assert cli("verify", case, "--rows", tmp_path / "more.json")[0] == 0


def test_a_flipped_bit_is_found(cli, withheld, tmp_path):
    raw, drawn = withheld.read_bytes(), random.Random(27)
    for _ in range(loops(60, 20)):
        altered = bytearray(raw)
        bit = drawn.randrange(8 * len(raw))
        altered[bit // 8] ^= 1 << bit % 8
        (tmp_path / "altered.zip").write_bytes(altered)
        assert cli("verify", tmp_path / "altered.zip")[0] == 1, bit


@pytest.mark.parametrize("language", ["zh", "ko"])
def test_other_languages(cli, log, tmp_path, language):
    case = tmp_path / "case.zip"
    cli("case", log, "-o", case, "--without-location", "--lang", language)
    assert f'lang="{language}"' in members_of(case)["page.html"].decode()
    assert coordinates_in(members_of(case)["page.html"], read(log)) == []


def test_the_lines_of_the_documentation_verify_a_disclosure(cli, withheld, log, tmp_path, monkeypatch, capfd):
    cli("case", log, "--disclose", "0,7,321", "--of", withheld, "-o", tmp_path / "rows.json")
    (lines,) = re.findall(
        r"```python\n(.*?)```", (REPO / "docs" / "case-without-places.md").read_text("utf-8"), re.DOTALL
    )
    monkeypatch.chdir(tmp_path)
    capfd.readouterr()
    exec(lines, {})
    assert capfd.readouterr().out.split() == ["0", "True", "7", "True", "321", "True"]
    told = json.loads((tmp_path / "rows.json").read_text())
    assert told["root"] == json.loads(members_of(withheld)["withheld.json"])["rows"]["root"]
    told["rows"][1]["text"] = told["rows"][1]["text"].replace('"row":7', '"row":8')
    (tmp_path / "rows.json").write_text(json.dumps(told))
    exec(lines, {})
    assert capfd.readouterr().out.split() == ["0", "True", "7", "False", "321", "True"]
