"""--dji-keychain on the command line: what it opens, what it refuses, and exit codes."""

from __future__ import annotations

import csv
import json

import pytest

from tests.support.dji_writer import Lock, plain_records

RECORDS = 900


@pytest.fixture
def record(tmp_path):
    """A record, and the folder of its keys elsewhere."""
    lock = Lock()
    path = lock.save(tmp_path / "flight.txt", lock.write(plain_records()[:RECORDS]))
    folder = tmp_path / "keys"
    folder.mkdir()
    (tmp_path / "flight.keychains.json").rename(folder / "flight.keychains.json")
    return path, folder


def test_check_with_keys_without_and_with_those_of_another_record(cli, record, tmp_path):
    path, folder = record
    fixes = []
    for keys in (folder, folder / "flight.keychains.json"):
        code, out, _ = cli("check", str(path), "--json", "-", "--dji-keychain", str(keys))
        document = json.loads(out)
        assert document["verdict"] is not None
        assert {issue["code"] for issue in document["issues"]} >= {"keys_used"}
        fixes.append(document["flight"]["fixes"])
    assert fixes[0] == fixes[1] > 100
    code, out, _ = cli("check", str(path), "--json", "-")
    assert (code, json.loads(out)["flight"]["fixes"]) == (4, 0)
    other = Lock(seed=5)
    other.save(tmp_path / "other.txt", other.write(plain_records()[:RECORDS]))
    code, out, _ = cli("check", str(path), "--json", "-", "--dji-keychain", str(tmp_path / "other.keychains.json"))
    document = json.loads(out)
    assert (code, document["verdict"], document["flight"]["fixes"]) == (4, "INCONCLUSIVE", 0)
    assert {issue["code"] for issue in document["issues"]} >= {"keys_unfit", "header_only"}


@pytest.mark.parametrize("text", ["{", "[]", '{"result": {"code": 403, "msg": "invalid open_api app_key"}}'])
@pytest.mark.parametrize("command", ["check", "track"])
def test_what_is_no_file_of_keys_is_refused_and_says_why(cli, record, tmp_path, text, command):
    path, _ = record
    (tmp_path / "bad.json").write_text(text)
    more = ("-o", str(tmp_path / "out.csv")) if command == "track" else ()
    code, out, err = cli(command, str(path), "--dji-keychain", str(tmp_path / "bad.json"), *more)
    assert code == 2
    assert "bad.json" in out + err
    assert cli(command, str(path), "--dji-keychain", str(tmp_path / "none.json"), *more)[0] == 2
    assert not (tmp_path / "out.csv").exists()


def test_track_writes_every_digit(cli, record, tmp_path):
    path, folder = record
    assert cli("track", str(path), "-o", str(tmp_path / "out.csv"), "--dji-keychain", str(folder))[0] == 0
    with (tmp_path / "out.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    from dronecheck.readers import read

    track = read(path, dji_keychain=folder).track
    assert [float(row["lat_deg"]) for row in rows] == track.lat_deg.tolist()
    assert max(len(row["lat_deg"]) for row in rows) >= 16  # fifteen digits and the point


def test_the_keys_are_no_output(cli, record):
    path, folder = record
    keys = folder / "flight.keychains.json"
    before = keys.read_bytes()
    assert cli("track", str(path), "-o", str(keys), "--dji-keychain", str(keys))[0] == 2
    assert cli("check", str(path), "--json", str(keys), "--dji-keychain", str(folder))[0] == 2
    assert keys.read_bytes() == before


def test_an_audit_reads_again_when_the_keys_have_come(cli, record, tmp_path):
    path, folder = record
    logs, out = tmp_path / "logs", tmp_path / "audit"
    logs.mkdir()
    path.rename(logs / path.name)

    def audited(*more):
        assert cli("audit", "run", str(logs), "--out", str(out), "--workers", "1", *more)[0] == 0
        assert cli("audit", "export", str(out), "-o", str(tmp_path / "out.csv"))[0] == 0
        with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as lines:
            return next(csv.DictReader(lines))["fixes"]

    assert audited() == "0"
    count = audited("--dji-keychain", str(folder))
    assert int(count) > 100
    assert audited("--dji-keychain", str(folder)) == count
