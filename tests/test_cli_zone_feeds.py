"""Official feeds into the library: against a server on this machine that answers well, and in every bad way."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dronecheck.airspace.feeds import table
from dronecheck.borders.territories import known_codes
from tests.support.feed_server import ed269, feed_server, square, table_of

GOOD = ed269()


@pytest.fixture
def fetch(cli, tmp_path, monkeypatch):
    """Fetch from a server that answers so; gives exit code, stdout, stderr and what was asked."""

    def call(answers, *words, **row):
        if not isinstance(answers, dict):
            answers = {"/zones": answers}
        with feed_server(answers) as asked:
            monkeypatch.setenv("DRONECHECK_FEEDS", str(table_of(tmp_path, asked.address, **row)))
            table._read.cache_clear()
            code, out, err = cli("zones", "fetch", "CH", *words)
        return code, out, err, asked

    yield call
    table._read.cache_clear()


def says(body, status=200, **headers):
    return lambda handler: handler.say(body, status, **headers)


def editions(home):
    return sorted(path.name for path in home.glob("zones/ch/*"))


def manifest(home):
    (one,) = home.glob("zones/ch/*/manifest.json")
    return json.loads(one.read_text())


def test_a_feed_becomes_an_edition_with_its_bytes_and_where_they_are_from(fetch, home):
    code, out, err, asked = fetch(says(GOOD, Last_Modified="Wed, 01 Jul 2026 00:00:00 GMT"))
    assert code == 0 and asked.paths == ["/zones"]
    assert "asking 127.0.0.1 for zones" in err and "at most 1 MB" in err and "nothing of your flights" in err
    sha256 = hashlib.sha256(GOOD).hexdigest()
    assert f"fetched CH edition {sha256[:12]}: 8 zones" in out
    kept = manifest(home)
    assert (home / "zones" / "ch" / sha256 / "original").read_bytes() == GOOD
    assert kept["covers"] == ["CHE"] and kept["covers_from"] == "feed" and kept["authority"] == "Office"
    assert kept["url"] == f"{asked.address}/zones" and kept["last_modified"] == "Wed, 01 Jul 2026 00:00:00 GMT"
    assert kept["retrieved"] == kept["seen"] and kept["valid_from"] <= kept["seen"] < kept["valid_to"]


def test_the_same_bytes_again_are_the_same_edition_seen_later(fetch, home):
    fetch(says(GOOD))
    first = manifest(home)
    code, out, _, _ = fetch(says(GOOD))
    again = manifest(home)
    assert code == 0 and "still the same" in out
    assert again["retrieved"] == first["retrieved"] and again["valid_from"] == first["valid_from"]
    assert again["seen"] > first["seen"] and again["valid_to"] > first["valid_to"]


def test_other_bytes_are_an_edition_beside_it(fetch, home):
    fetch(says(GOOD))
    code, _, _, _ = fetch(says(ed269(9)))
    assert code == 0 and len(editions(home)) == 2


def test_a_flight_before_it_was_fetched_is_not_cleared_by_it_unless_the_user_vouches(fetch, cli, home, repo):
    log = repo / "samples" / "founding_dandong_sinuiju.ulg"  # of 2025
    place = {"lon": 124.2, "lat": 40.3}
    fetch(says(ed269(**place)), covers='["CHN", "PRK"]')
    _, before, _ = cli("check", log, "--json", "-")
    airspace = next(c for c in json.loads(before)["checks"] if c["question"] == "airspace")
    assert airspace["verdict"] != "CLEAR"


def test_the_user_may_vouch_for_earlier_days(fetch, home):
    code, out, _, _ = fetch(says(GOOD), "--edition-from", "2026-01-01")
    assert code == 0 and manifest(home)["valid_from"].startswith("2026-01-01") and "2026-01-01" in out


BAD = {
    "not found": (says(b"", 404), "404"),
    "server's fault": (says(b"oops", 500), "500"),
    "html": (says(b"<!doctype html><title>Sorry</title>" + b" " * 500), "no file of zones"),
    "error in json": (says(b'{"error": {"code": 500, "message": "no"}}'), "no file of zones"),
    "no zones": (says(json.dumps({"title": "t", "features": []}).encode()), "no"),
    "not json": (says(GOOD[: len(GOOD) // 2]), "no file of zones"),
    "cut body": (lambda h: h.say(GOOD[:-100], Content_Length=str(len(GOOD))), "too early"),
    "too long": (says(GOOD + b" " * 1_100_000), "more than 1 MB"),
    "gzip": (says(GOOD, Content_Encoding="gzip"), "compresses"),
    "another host": (says(b"", 302, Location="http://localhost:1/zones"), "points to another address"),
    "without end": (says(b"", 302, Location="/zones"), "without end"),
    "nowhere": (says(b"", 302), ""),
    "another country": (says(ed269(lon=2.3, lat=48.8)), "50 km"),
    "closes at once": (lambda h: h.connection.close(), "127.0.0.1"),
    "no http": (lambda h: h.wfile.write(b"hello\n"), "127.0.0.1"),
}


@pytest.mark.parametrize("how", BAD)
def test_a_bad_answer_leaves_the_library_as_it_was(fetch, home, how):
    answer, why = BAD[how]
    fetch(says(GOOD))
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    code, out, err, _ = fetch(answer)
    assert code == 3 and out == "" and "nothing fetched" in err and why in err
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_a_redirect_within_the_host_is_followed(fetch, home):
    code, _, _, asked = fetch({"/zones": says(b"", 302, Location="/there"), "/there": says(GOOD)})
    assert code == 0 and asked.paths == ["/zones", "/there"] and len(editions(home)) == 1


def test_half_the_zones_are_kept_only_if_the_user_says_so(fetch, home):
    fetch(says(ed269(20)))
    code, _, err, _ = fetch(says(ed269(3)))
    assert code == 3 and "--accept-smaller" in err and len(editions(home)) == 1
    assert fetch(says(ed269(3)), "--accept-smaller")[0] == 0 and len(editions(home)) == 2


def archive(xml=GOOD, digest=None):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("data/zones_20260701.json", xml)
        made.writestr("data/zones.sha256", digest or hashlib.sha256(xml).hexdigest())
    return file.getvalue()


LINKS = {"kind": "page", "path": "/page", "more": 'href = \'href="([^"]*zones_(?P<date>\\d{8})[^"]*)"\''}


def test_a_page_leads_to_its_newest_file_that_is_not_of_the_future(fetch, home):
    page = (
        b'<a href="/zones_20260101.json">old</a> <a href="/zones_20260701.json">now</a> <a href="/zones_29990101.json">'
    )
    code, _, _, asked = fetch({"/page": says(page), "/zones_20260701.json": says(GOOD)}, **LINKS)
    assert code == 0 and asked.paths == ["/page", "/zones_20260701.json"]
    assert manifest(home)["valid_from"].startswith("2026-07-01")


def test_a_page_leads_to_no_other_host(fetch, home):
    code, _, err, _ = fetch({"/page": says(b'<a href="http://localhost:1/zones_20260101.json">')}, **LINKS)
    assert code == 3 and "not a host of this feed" in err and not editions(home)


def test_a_file_in_an_archive_is_held_against_its_digest(fetch, home):
    row = {**LINKS, "more": LINKS["more"] + "\nmember = 'zones_\\d{8}\\.json'"}
    page = says(b'<a href="/zones_20260701.zip">')
    assert fetch({"/page": page, "/zones_20260701.zip": says(archive())}, **row)[0] == 0
    code, _, err, _ = fetch({"/page": page, "/zones_20260701.zip": says(archive(digest="0" * 64))}, **row)
    assert code == 3 and "digest" in err and len(editions(home)) == 1


class Pages:
    """A feature service of 25 squares, ten a page; `dies_at` is the request that is not answered."""

    def __init__(self, dies_at=None):
        self.dies_at, self.count = dies_at, 0

    def __call__(self, handler):
        self.count += 1
        if self.count == self.dies_at:
            return handler.connection.close()
        first = int(parse_qs(urlsplit(handler.path).query)["resultOffset"][0])
        features = [
            {
                "type": "Feature",
                "properties": {"OBJECTID": n, "CEILING": 200, "UNIT": "Feet", "APT1_ICAO": "KXYZ"},
                "geometry": {"type": "Polygon", "coordinates": [square(8.0 + 0.02 * n, 47.0)]},
            }
            for n in range(first, min(first + 10, 25))
        ]
        more = {"exceededTransferLimit": True} if first + 10 < 25 else {}
        return handler.say(json.dumps({"type": "FeatureCollection", "features": features, **more}).encode())


def test_pages_are_fetched_to_the_end_and_go_on_where_they_broke_off(fetch, home):
    row = {"kind": "arcgis", "covers": "[]"}
    code = fetch(Pages(dies_at=3), **row)[0]
    assert code == 3 and not editions(home)
    code, out, _, asked = fetch(Pages(), **row)
    assert code == 0 and "25 zones" in out and "clears nothing" in out
    assert len(asked.paths) == 1 and "resultOffset=20" in asked.paths[0]  # the first two were there already
    (kept,) = home.glob("zones/ch/*/original")
    assert len(json.loads(kept.read_bytes())["features"]) == 25
    assert not list(home.glob("zones/.fetching*"))


def test_the_same_page_twice_is_no_page(fetch, home):
    def stuck(handler):
        handler.path = handler.path.partition("?")[0] + "?resultOffset=0"
        Pages()(handler)

    code, _, err, _ = fetch(stuck, kind="arcgis", covers="[]")
    assert code == 3 and "same page twice" in err and not editions(home)


def test_a_process_that_is_killed_leaves_the_library_as_it_was(tmp_path, clean_env):
    def slow(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(GOOD)))
        handler.end_headers()
        handler.wfile.write(GOOD[:100])
        handler.wfile.flush()
        handler.asked.stop.wait(60)

    with feed_server({"/zones": slow}) as asked:
        env = {**clean_env, "DRONECHECK_HOME": str(tmp_path / "home"),
               "DRONECHECK_FEEDS": str(table_of(tmp_path, asked.address))}  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "dronecheck", "zones", "fetch", "CH"], env=env, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 120
        while not asked.paths and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert asked.paths and not list((tmp_path / "home").rglob("manifest.json"))


def test_what_cannot_be_fetched_is_named_with_its_page(cli):
    code, _, err = cli("zones", "fetch", "DE")
    assert code == 2 and "uas-betrieb.de" in err and "zones add" in err
    code, _, err = cli("zones", "fetch", "XX")
    assert code == 2 and "CH" in err


def test_the_list_names_each_feed_with_its_terms(cli):
    code, out, _ = cli("zones", "feeds")
    assert code == 0
    for feed in table.feeds():
        assert feed.id in out and (feed.can_be_fetched or feed.page in out)


def test_the_table_has_only_addresses_that_somebody_fetches():
    rows = tomllib.loads(Path(table.__file__).with_name("feeds.toml").read_text())["feed"]
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert {*row["covers"], *row.get("lies_in", ())} <= set(known_codes())
        assert row["page"].startswith("https://")
        if "url" in row:
            repository, file, commit = row["seen"].split(", ")
            assert row["url"].startswith("https://") and "/" in repository and file and len(commit) == 40
            assert row["kind"] in ("file", "page", "arcgis") and row["licence"] and row["reuse"]
