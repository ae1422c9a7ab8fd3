"""The zone library, past checks and audits of many logs through the page's server."""

from __future__ import annotations

import json
import time

import pytest

from tests.app.conftest import SAMPLES

ZONES = SAMPLES / "restricted_zone.geojson"


def test_a_zone_file_is_looked_at_first_and_kept_when_confirmed(start, cli, tmp_path, monkeypatch):
    app = start()
    file = app.put(ZONES)
    looked = app.json("POST", "/api/zones", {"file": file["id"], "confirm": False})
    assert looked["zones"] == 2
    assert app.json("GET", "/api/zones")["sources"] == []
    log = app.put(SAMPLES / "restricted_zone.csv")
    before = app.check(log)[-1]
    asked = {"file": file["id"], "confirm": True, "source": looked["suggested"], "valid_from": "2020-01-01"}
    kept = app.json("POST", "/api/zones", asked)["edition"]
    assert (kept["valid_from"], kept["zones"]) == ("2020-01-01T00:00:00Z", 2)
    (source,) = app.json("GET", "/api/zones")["sources"]
    assert source["editions"][0]["in_force"] is True
    after = app.check(log)[-1]
    assert before["zone_sources"] == []
    assert after["zone_sources"] == [source["id"]]
    monkeypatch.setenv("DRONECHECK_HOME", str(tmp_path / "home"))
    _, told, _ = cli("check", SAMPLES / "restricted_zone.csv", "--json", "-")
    assert app.ask("GET", f"/api/json/{after['id']}")[1] == told.encode()
    assert app.ask("DELETE", f"/api/zones/{source['id'].replace(' ', '%20')}/{kept['id']}")[0] == 200
    assert app.json("GET", "/api/zones")["sources"] == []
    assert app.ask("DELETE", "/api/zones/..%2f..%2f")[0] == 400


def test_zones_that_are_dropped_go_with_the_session(start, tmp_path):
    app = start()
    app.check(app.put(ZONES), app.put(SAMPLES / "restricted_zone.csv"))
    assert app.end() == 0
    assert not (tmp_path / "home").exists()
    assert app.sessions() == []


def test_feeds_are_named_with_their_command_and_never_fetched(app):
    feeds = json.loads(app.ask("GET", "/api/feeds")[1])
    swiss = next(feed for feed in feeds if feed["code"] == "CH")
    assert swiss["command"] == "dronecheck zones fetch CH"
    assert swiss["host"]


def kept(app, count: int) -> list[dict]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        checks = app.json("GET", "/api/past")["checks"]
        if len(checks) == count:
            return checks
        time.sleep(0.1)
    raise AssertionError(checks)


def test_past_checks_are_kept_only_when_asked_for(start, tmp_path):
    app = start()
    name = "clear_dandong.csv"
    app.check(app.put(SAMPLES / name))
    assert app.json("GET", "/api/past") == {"on": False, "folder": str(tmp_path / "home" / "past-checks"), "checks": []}
    assert not (tmp_path / "home").exists()
    assert app.json("POST", "/api/past", {"on": True})["on"] is True
    app.check(app.put(SAMPLES / name))
    (one,) = kept(app, 1)
    assert (one["name"], one["verdict"]) == (name, "CLEAR")
    assert (tmp_path / "home" / "past-checks").stat().st_mode & 0o777 == 0o700
    assert app.ask("GET", f"/api/past/{one['id']}")[1][:15] == b"<!DOCTYPE html>"
    assert app.ask("GET", "/api/past/..")[0] == 404
    assert app.ask("DELETE", "/api/past/..%2f..")[0] == 404
    assert app.end() == 0
    again = start("--keep")
    assert again.json("GET", "/api/past")["on"] is True
    assert kept(again, 1) == [one]
    assert again.ask("DELETE", f"/api/past/{one['id']}")[0] == 200
    assert again.json("GET", "/api/past")["checks"] == []


@pytest.mark.slow
def test_many_logs_are_an_audit(start):
    pytest.importorskip("pyarrow")
    app = start()
    csv = (SAMPLES / "clear_dandong.csv").read_bytes()
    files = [
        app.put_bytes(f"flight{number}.csv", csv + b"\n" * number, f"day/flight{number}.csv") for number in range(3)
    ]
    files.append(app.put(SAMPLES / "founding_dandong_sinuiju.ulg", "day/founding.ulg"))
    app.json("POST", "/api/audit", {"files": [file["id"] for file in files], "options": {"max_height_m": 100}})
    (row,) = app.rows()
    assert (row["kind"], row["state"], row["verdict"]) == ("audit", "done", "VIOLATION")
    assert row["headline"] == "ENTERED: 1, DID NOT ENTER: 3"
    assert row["not_checked"] == ["Airspace: NOT CHECKED (4 / 4)."]
    status, page = app.ask("GET", f"/api/page/{row['id']}")
    assert (status, page[:15]) == (200, b"<!DOCTYPE html>")
    assert str(app.folder).encode() not in page
    status, rows = app.ask("GET", f"/api/export/{row['id']}?as=csv")
    assert status == 200
    assert str(app.folder).encode() not in rows
    assert rows.count(b"flight") >= 3
