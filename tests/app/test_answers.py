"""What the page is given equals what the command line writes, byte for byte."""

from __future__ import annotations

import json

import pytest

from tests.app.conftest import SAMPLES
from tests.support.dji_writer import Lock, plain_records

LOGS = sorted(path.name for path in SAMPLES.iterdir() if path.suffix.lower() in
              (".ulg", ".csv", ".srt", ".bin", ".gpx", ".igc", ".log", ".tlog", ".txt", ".dat"))  # fmt: skip
ZONES = "restricted_zone.geojson"


def by_cli(cli, *words) -> bytes:
    code, out, _ = cli("check", *words, "--json", "-")
    assert code in (0, 1, 3, 4)
    return out.encode()


@pytest.mark.slow
def test_every_sample_alone_with_zones_and_options_is_the_document_of_check(app, cli):
    files = [app.put(SAMPLES / name) for name in LOGS]
    zones = app.put(SAMPLES / ZONES)
    rows = app.check(*files, zones, options={"max_height_m": 100, "relief_m": "20"})
    of_file = {row["files"][0]: row for row in rows if row["kind"] == "flight"}
    assert len(of_file) == len(LOGS) > 12
    for name, file in zip(LOGS, files, strict=True):
        told = by_cli(cli, SAMPLES / name, "--zones", SAMPLES / ZONES, "--max-height", 100, "--relief", 20)
        row = of_file[file["id"]]
        assert app.ask("GET", f"/api/json/{row['id']}") == (200, told), name
        assert row["verdict"] == json.loads(told)["verdict"]


def test_units_change_the_words_and_not_the_document(app):
    file = app.put(SAMPLES / "clear_dandong.csv")
    metric, aviation = (
        app.check(file, options={"max_height_m": 120, "units": units})[-1] for units in ("", "aviation")
    )
    assert any("highest 264 ft above take-off, limit 120 m (394 ft)" in line for line in aviation["lines"])
    assert any("highest 80 m above take-off, limit 120 m" in line for line in metric["lines"])
    documents = {app.ask("GET", f"/api/json/{row['id']}") for row in (metric, aviation)}
    assert len(documents) == 1


def test_what_cannot_be_read_is_told_as_check_tells_it(app, cli, tmp_path):
    odd = tmp_path / "holiday <b>plan.txt"
    odd.write_bytes(b"dear diary\n" * 40)
    row = app.check(app.put(odd))[-1]
    assert row["state"] == "failed"
    assert row["exports"] == ["json"]
    told = by_cli(cli, odd)
    assert app.ask("GET", f"/api/json/{row['id']}") == (200, told)
    assert row["error"] == json.loads(told)["error"]["message"]


def test_equal_bytes_under_two_names_are_two_rows_and_a_joined_flight_has_one_besides(app, cli, tmp_path):
    lines = (SAMPLES / "founding_dandong_sinuiju.SRT").read_bytes().split(b"\n\n")
    half = len(lines) // 2
    parts = [tmp_path / "DJI_0001.SRT", tmp_path / "DJI_0002.SRT"]
    for part, held in zip(parts, (lines[:half], lines[half:]), strict=True):
        part.write_bytes(b"\n\n".join(held) + b"\n\n")
    before = {row["id"] for row in app.rows()}
    rows = [row for row in app.check(*(app.put(part) for part in parts)) if row["id"] not in before]
    assert sorted(row["kind"] for row in rows) == ["flight", "flight", "joined"]
    joined = next(row for row in rows if row["kind"] == "joined")
    assert app.ask("GET", f"/api/json/{joined['id']}") == (200, by_cli(cli, *parts))
    same = [app.put_bytes(name, parts[0].read_bytes()) for name in ("a.SRT", "b.SRT")]
    assert same[0]["sha256"] == same[1]["sha256"]
    names = [row["name"] for row in app.check(*same) if set(row["files"]) & {one["id"] for one in same}]
    assert {"a.SRT", "b.SRT"} <= set(names)


def test_home_that_is_hidden_is_hidden_in_page_document_and_export(app, cli):
    name = "founding_dandong_sinuiju.ulg"
    row = app.check(app.put(SAMPLES / name))[-1]
    _, shown, _ = cli("check", SAMPLES / name, "--hide-home", 300, "--json", "-")
    assert app.ask("GET", f"/api/json/{row['id']}?hide_home_m=300") == (200, shown.encode())
    _, whole = app.ask("GET", f"/api/export/{row['id']}?as=csv")
    status, hidden = app.ask("GET", f"/api/export/{row['id']}?as=csv&hide_home_m=300")
    assert status == 200
    assert hidden != whole
    for kind, begin in (("kml", b"<?xml"), ("gpx", b"<?xml"), ("geojson", b"{"), ("page", b"<!DOCTYPE html>")):
        status, made = app.ask("GET", f"/api/export/{row['id']}?as={kind}&hide_home_m=300")
        assert (status, made[: len(begin)]) == (200, begin)


def test_photos_and_films_of_a_drop_are_one_check_with_the_logs_beside(app, cli):
    photos = sorted((SAMPLES / "photos").iterdir())
    log = SAMPLES / "founding_dandong_sinuiju.ulg"
    files = [app.put(photo, f"photos/{photo.name}") for photo in photos]
    row = next(r for r in app.check(app.put(log), *files) if r["kind"] == "media" and files[0]["id"] in r["files"])
    _, told, _ = cli("media", "check", SAMPLES / "photos", "--log", log, "--json", "-")
    assert app.ask("GET", f"/api/json/{row['id']}") == (200, told.encode())
    assert [shot["file"] for shot in row["rows"]] == [file["id"] for file in files]
    for photo, file in zip(photos, files, strict=True):
        assert app.ask("GET", f"/api/json/{row['id']}?file={file['id']}") == (200, by_cli(cli, photo))
    status, page = app.ask("GET", f"/api/page/{row['id']}")
    assert (status, page[:15]) == (200, b"<!DOCTYPE html>")
    thumbs = [shot["n"] for shot in row["rows"] if shot["thumb"]]
    for number in thumbs:
        assert app.ask("GET", f"/api/media/{row['id']}/{number}/thumb")[1][:3] == b"\xff\xd8\xff"


def test_a_copy_to_share_is_that_of_media_scrub(app, cli, tmp_path):
    photo = SAMPLES / "photos" / "DJI_0001.JPG"
    status, copy = app.ask("POST", "/api/scrub", {"file": app.put(photo)["id"]})
    cli("media", "scrub", photo, "-o", tmp_path / "out")
    assert (status, copy) == (200, (tmp_path / "out" / photo.name).read_bytes())
    film = app.put(SAMPLES / "founding_dandong_sinuiju.MP4")
    status, told = app.ask("POST", "/api/scrub", {"file": film["id"]})
    assert status == 400
    assert "dronecheck media scrub founding_dandong_sinuiju.MP4" in json.loads(told)["error"]


@pytest.fixture
def large_film(tmp_path):
    """The film of the samples as a camera writes it: with gigabytes of picture behind."""
    path = tmp_path / "DJI_0009.MP4"
    small = (SAMPLES / "founding_dandong_sinuiju.MP4").read_bytes()
    size = 5 << 30
    with path.open("wb") as file:
        file.write(small + (1).to_bytes(4, "big") + b"mdat" + size.to_bytes(8, "big"))
        file.truncate(len(small) + size)
    return path


def test_of_a_large_film_only_the_parts_are_sent_that_a_check_looks_for(app, cli, large_film):
    size = large_film.stat().st_size
    with large_film.open("rb") as film:
        head = film.read(65536)
        known = app.json("POST", f"/api/recognise?name={large_film.name}&size={size}", head)
        assert (known["kind"], known["upload"]) == ("film", "ranges")
        told = app.json("POST", f"/api/films?name={large_film.name}&path=&size={size}")
        rounds = 0
        while told["need"]:
            parts = []
            for offset, length in told["need"]:
                film.seek(offset)
                parts.append(film.read(length))
            told = app.json("POST", f"/api/films/{told['id']}", b"".join(parts))
            rounds += 1
    assert told["held"] < 2 * (SAMPLES / "founding_dandong_sinuiju.MP4").stat().st_size
    assert rounds < 12
    row = next(r for r in app.check(told) if told["id"] in r["files"])
    small = large_film.with_name("small.MP4")  # without the subtitles beside it
    small.write_bytes((SAMPLES / "founding_dandong_sinuiju.MP4").read_bytes())
    _, whole, _ = cli("media", "check", small, "--json", "-")
    made = app.ask("GET", f"/api/json/{row['id']}")[1].replace(b"DJI_0009", b"small")
    mine, other = (json.loads(text)["items"][0] for text in (made, whole))
    assert mine.pop("sha256") is None  # nobody has read all of it
    differing = {key for key in mine if mine[key] != other[key]}
    assert differing == {"bytes"}
    assert mine["verdict"] == "VIOLATION"


@pytest.mark.parametrize(("name", "data", "said"), [
    ("a.txt", b"dear diary\n" * 40, "no flight log"), ("a.xml", b"<?xml version='1.0'?><a/>" + b" " * 40, "XML"),
    ("a.json", b'{"a": 1}' + b" " * 40, "JSON"), ("a.bin", bytes(range(256)) * 8, "no flight log"),
    ("a.zip", b"PK\3\4" + bytes(99), "ZIP"),
])  # fmt: skip
def test_what_is_no_log_is_told_without_a_word_of_the_terminal(app, name, data, said):
    known = app.json("POST", f"/api/recognise?name={name}&size={len(data)}", data)
    assert known["upload"] == "no"
    assert said in known["note"]
    assert "`" not in known["note"]
    assert "--" not in known["note"]


def test_files_of_the_command_line_are_on_the_shelf_and_stay_where_they_are(start, cli):
    app = start(SAMPLES / "clear_dandong.csv", SAMPLES / "photos")
    files = app.json("GET", "/api/files")["files"]
    assert [file["path"] for file in files[1:3]] == ["photos/DJI_0001.JPG", "photos/DJI_0002.JPG"]
    assert [file["kind"] for file in files] == ["log", *["picture"] * (len(files) - 1)]
    rows = app.check(*files)
    assert app.ask("GET", f"/api/json/{rows[0]['id']}") == (200, by_cli(cli, SAMPLES / "clear_dandong.csv"))
    log = SAMPLES / "clear_dandong.csv"
    _, told, _ = cli("media", "check", SAMPLES / "photos", "--log", log, "--json", "-")
    assert app.ask("GET", f"/api/json/{rows[1]['id']}") == (200, told.encode())
    assert app.ask("DELETE", f"/api/files/{files[0]['id']}")[0] == 200
    assert log.is_file()
    assert str(SAMPLES).encode() not in app.ask("GET", "/api/files")[1]


def test_an_option_that_cannot_be_right_is_a_sentence_without_the_terminal(app):
    file = app.put(SAMPLES / "clear_dandong.csv")
    zones = app.put_bytes("zones.geojson", (SAMPLES / "clear_dandong.csv").read_bytes())
    for asked, said in (
        ({"options": {"max_height_m": -5}}, "Give metres above take-off, such as 120"),
        ({"options": {"max_height_m": "high"}}, "An option that cannot be right"),
        ({"options": {"home": "Narnia"}}, "Narnia"),
        ({"options": {"nothing": 1}}, "no option of a check"),
        ({"options": {"start_time": "noon"}}, "Noon: give UTC as 2026-05-01T03:00:12Z"),
        ({"zones": [zones["id"]]}, "a flight log, not a file of zones"),
        ({"hide_home_m": -1}, "such as 200"),
    ):
        status, raw = app.ask("POST", "/api/check", {"files": [file["id"]], **asked})
        told = json.loads(raw)["error"]
        assert status == 400
        assert said in told
        assert str(app.folder) not in told
    row = app.check(file, options={"start_time": "2026-05-01T03:00:12Z"})[-1]
    assert row["state"] == "failed"
    assert "knows UTC" in row["error"]
    assert app.check(file, options={"home": "", "max_height_m": None})[-1]["verdict"] == "CLEAR"


def test_keys_that_are_dropped_open_the_record_that_they_are_of(app, cli, tmp_path):
    records = []
    for number in (1, 2):
        lock = Lock(seed=number)
        records.append(lock.save(tmp_path / f"flight{number}.txt", lock.write(plain_records()[:900])))
    keys = [tmp_path / f"flight{number}.keychains.json" for number in (1, 2)]
    (tmp_path / "keys").mkdir()
    kept = [key.rename(tmp_path / "keys" / key.name) for key in keys]
    dropped = [app.put(path) for path in (*records, *kept)]
    assert [file["kind"] for file in dropped] == ["log", "log", "keys", "keys"]
    rows = {row["files"][0]: row for row in app.check(*dropped) if row["kind"] == "flight"}
    for record, file in zip(records, dropped, strict=False):
        told = by_cli(cli, record, "--dji-keychain", tmp_path / "keys")
        assert json.loads(told)["flight"]["fixes"] > 100
        assert app.ask("GET", f"/api/json/{rows[file['id']]['id']}") == (200, told)
    alone = app.check(dropped[0])[-1]
    assert "keys" in {way["field"] for way in alone["remedies"]}
