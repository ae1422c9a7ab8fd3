"""`dronecheck media check` as it is typed: the sample photos against the truth of their flight, and every output."""

from __future__ import annotations

import base64
import json
import re
import shutil
import struct

import jsonschema
import pytest

from dronecheck.cli.options import hours_of
from dronecheck.footage.shots.walk import shots_in
from tests.conftest import REPO
from tests.support.media_maker import exif_of, film, jpeg, xmp_of

PHOTOS, LOG = REPO / "samples/photos", REPO / "samples/founding_dandong_sinuiju.ulg"
SUBTITLES = REPO / "samples/founding_dandong_sinuiju.SRT"
SCHEMA = json.loads((REPO / "src/dronecheck/report/json/media.schema.json").read_text(encoding="utf-8"))
SERIAL = "SIMULATED0000042"
SEOUL, SINUIJU, DANDONG = (37.55, 127.0), (40.10, 124.40), (40.1160, 124.3880)


@pytest.fixture
def document(cli):
    def of(*words):
        code, out, err = cli("media", "check", *words, "--json", "-")
        assert out, err
        told = json.loads(out)
        jsonschema.validate(told, SCHEMA)
        return code, told

    return of


def photo(path, lat, lon, *, metadata=True, name="DJI_0001.JPG"):
    target = path / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(jpeg(exif=exif_of(lat, lon), size=(64, 48)) if metadata else jpeg(size=(64, 48)))
    return target


def items(told):
    return {item["path"].rpartition("photos/")[2]: item for item in told["items"]}


def relations(item):
    return {each["iso_a3"]: each["relation"] for each in item["territories"]}


# ---- the samples


def test_the_sample_photos_are_answered_as_their_flight_was(document):
    """The truth: 2 and 3 were taken over Sinuiju, 1 and 4 over the Chinese bank; the log took off in China."""
    code, told = document(PHOTOS, "--log", LOG)
    found = items(told)
    assert code == 1
    assert {name: item["verdict"] for name, item in found.items()} == {
        "DJI_0001.JPG": "INCONCLUSIVE", "DJI_0002.JPG": "VIOLATION", "DJI_0003.JPG": "VIOLATION",
        "DJI_0004.JPG": "INCONCLUSIVE", "from_messenger.jpg": "INCONCLUSIVE",
    }  # fmt: skip
    assert relations(found["DJI_0001.JPG"])["PRK"] == "LOOKS_INTO"
    assert relations(found["DJI_0002.JPG"])["PRK"] == relations(found["DJI_0003.JPG"])["PRK"] == "TAKEN_INSIDE"
    assert {item["log"]["verdict"] for item in found.values()} == {"AGREES", "NO_CLOCK"}
    for name in ("DJI_0001.JPG", "DJI_0002.JPG", "DJI_0003.JPG", "DJI_0004.JPG"):
        low, high = found[name]["log"]["delta_interval_s"]
        assert low <= -8 * 3600 <= high  # the camera's clock is China's
        assert found[name]["log"]["miss_m"] < 10
    assert told["logs"] == [{"path": LOG.name, "sha256": told["logs"][0]["sha256"], "format": "ulog", "pictures": 4}]
    assert told["summary"]["items"] == 5
    assert told["summary"]["by_relation"]["TAKEN_INSIDE"] == 2


def test_without_a_log_home_is_not_known_and_nothing_is_clear(document):
    code, told = document(PHOTOS)
    assert code == 4
    assert {item["verdict"] for item in told["items"]} == {"INCONCLUSIVE"}
    assert "home_unknown" in items(told)["DJI_0003.JPG"]["reasons"]
    code, told = document(PHOTOS, "--home", "PRK")
    assert items(told)["DJI_0003.JPG"]["verdict"] == "CLEAR"


def test_a_copy_from_a_messenger_asks_for_the_original(cli, document):
    code, told = document(PHOTOS / "from_messenger.jpg")
    (item,) = told["items"]
    assert (code, item["position"], item["reasons"], item["gravity"]) == (4, None, ["no_position"], "green")
    assert "no_metadata" in [issue["code"] for issue in item["issues"]]
    said = cli("media", "check", PHOTOS / "from_messenger.jpg")[1]
    assert "the original file or the flight's log may have one" in " ".join(said.split())


def test_the_samples_are_those_of_their_script(tmp_path):
    import subprocess
    import sys

    command = [sys.executable, REPO / "samples/make_photos.py", "--out", tmp_path]
    subprocess.run(command, check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        path.name: path.read_bytes() for path in PHOTOS.iterdir()
    }


# ---- what is one shot


def test_files_of_one_name_are_one_shot(tmp_path):
    for name in ("A.JPG", "A.DNG", "B.MP4", "B.SRT", "B.LRF", "C.jpg", "notes.txt", "PANORAMA/100/D1.JPG",
                 "PANORAMA/100/D2.JPG", "sub/A.JPG"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        is_film = path.suffix in (".MP4", ".LRF")
        path.write_bytes(film() if is_film else SUBTITLES.read_bytes() if path.suffix == ".SRT" else jpeg())
    (tmp_path / "notes.txt").write_text("no footage")
    walked = shots_in([tmp_path])
    told = {shot.label: [path.name for path in shot.siblings] for shot in walked.shots}
    assert told == {
        "A.JPG": ["A.DNG"], "B.MP4": ["B.LRF", "B.SRT"], "C.jpg": [], "PANORAMA/100/D1.JPG": ["D2.JPG"],
        "sub/A.JPG": [],
    }  # fmt: skip
    assert walked.others == 1
    named = shots_in([tmp_path / "B.MP4"])
    assert [path.name for path in named.shots[0].siblings] == ["B.LRF", "B.SRT"]


def test_subtitles_beside_a_film_are_its_track(document, tmp_path):
    shutil.copy(SUBTITLES, tmp_path / "DJI_0007.SRT")
    (tmp_path / "DJI_0007.MP4").write_bytes(film())
    code, told = document(tmp_path, "--home", "CHN")
    (item,) = told["items"]
    assert (code, item["path"], item["siblings"], item["verdict"]) == (1, "DJI_0007.MP4", ["DJI_0007.SRT"], "VIOLATION")
    inside = next(each for each in item["territories"] if each["iso_a3"] == "PRK")
    assert inside["relation"] == "TAKEN_INSIDE"
    taken = [e for e in inside["episodes"] if e["relation"] == "TAKEN_INSIDE"]
    assert sum(e["to_s"] - e["from_s"] for e in taken) > 270  # of five minutes over Sinuiju; the receiver has a hole


def test_a_film_tells_how_far_its_samples_lie_from_the_log(document):
    code, told = document(REPO / "samples/founding_dandong_sinuiju.MP4", "--log", LOG)
    (item,) = told["items"]
    film = item["log"]["film"]
    assert (code, item["log"]["verdict"], item["log"]["miss_m"]) == (1, "AGREES", film["p95_m"])
    assert 0 <= film["p50_m"] <= film["p95_m"] <= film["max_m"] < 30
    assert film["samples"] > 100
    assert items(document(PHOTOS, "--log", LOG)[1])["DJI_0002.JPG"]["log"]["film"] is None


def test_a_film_that_says_its_place_at_the_begin_alone_is_clear_nowhere_near_a_border(document, tmp_path):
    def filmed(lat, lon, name):
        place = f"{lat:+.4f}{lon:+.4f}/".encode()
        text = struct.pack(">HH", len(place), 0x15C7) + place
        (tmp_path / name).write_bytes(film(udta=struct.pack(">I4s", len(text) + 8, b"\xa9xyz") + text))
        return tmp_path / name

    code, told = document(filmed(40.30, 124.20, "near.mp4"), "--home", "CHN")  # 24 km from the border: too far
    assert (code, told["items"][0]["verdict"]) == (0, "CLEAR")
    code, told = document(filmed(40.17, 124.35, "nearer.mp4"), "--home", "CHN")
    assert (code, told["items"][0]["reasons"]) == (4, ["place_unknown_in_parts"])


# ---- what is told and what is not


def test_values_stay_out_unless_asked_for(document):
    _, told = document(PHOTOS / "DJI_0002.JPG")
    assert SERIAL not in json.dumps(told)
    reveals = told["items"][0]["reveals"]
    assert {each["what"] for each in reveals} == {"place", "time", "device"}
    assert all(each["value"] is None for each in reveals)
    assert any(re.fullmatch(r"APP1/EXIF/GPS/GPSLatitude @\d+", each["where"]) for each in reveals)
    _, told = document(PHOTOS / "DJI_0002.JPG", "--include-private")
    assert SERIAL in json.dumps(told["items"][0]["reveals"])


def test_every_reveal_stands_where_it_says(document):
    _, told = document(PHOTOS / "DJI_0002.JPG", "--include-private")
    raw = (PHOTOS / "DJI_0002.JPG").read_bytes()
    for each in told["items"][0]["reveals"]:
        at = int(each["where"].rpartition("@")[2])
        if each["value"] and each["value"].isascii() and "(" not in each["value"] and len(each["value"]) > 4:
            assert raw[at : at + len(each["value"])] == each["value"].encode()


def test_home_is_hidden_in_every_output(cli, document, tmp_path):
    """DJI_0004 was taken 20 m from the take-off: no output holds a place within 300 m of it."""
    page = tmp_path / "page.html"
    _, told = document(PHOTOS, "--log", LOG, "--hide-home", "300", "--include-private")
    assert items(told)["DJI_0004.JPG"]["position"] is items(told)["DJI_0004.JPG"]["footprint"] is None
    assert items(told)["DJI_0004.JPG"]["territories"] == []
    assert items(told)["DJI_0002.JPG"]["position"] is not None
    _, said, _ = cli("media", "check", PHOTOS, "--log", LOG, "--hide-home", "300", "--report", page)
    assert "2 photos and films around home are left out" in " ".join(said.split())
    for text in (json.dumps(told), said, page.read_text(encoding="utf-8")):
        for lat in re.findall(r"\b40\.11[0-9]{3,}", text):
            assert abs(float(lat) - 40.1176) * 111_000 > 150, lat
    _, said, _ = cli("media", "check", PHOTOS, "--hide-home", "300")
    assert "Nothing could be hidden" in said


def test_the_page_asks_nobody_and_its_pictures_say_nothing(cli, tmp_path):
    page = tmp_path / "page.html"
    assert cli("media", "check", PHOTOS, "--log", LOG, "--report", page)[0] == 1
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)=\"(?!data:image/jpeg;base64,)[^\"#]", text)
    pictures = [base64.b64decode(found) for found in re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", text)]
    assert len(pictures) == 4
    for picture in pictures:
        assert picture.startswith(b"\xff\xd8")
        assert not any(mark in picture for mark in (b"Exif", b"DJI", b"FC3582", SERIAL.encode()))
    assert text == (cli("media", "check", PHOTOS, "--log", LOG, "--report", page), page.read_text(encoding="utf-8"))[1]


# ---- the command line


def test_a_file_that_cannot_be_read_is_one_item(document, tmp_path):
    photo(tmp_path, *SEOUL)
    (tmp_path / "DJI_0002.JPG").write_bytes(b"no picture")
    code, told = document(tmp_path / "DJI_0001.JPG", tmp_path / "DJI_0002.JPG", "--home", "KOR")
    assert code == 3
    assert [item["verdict"] for item in told["items"]] == ["CLEAR", None]
    assert told["items"][1]["issues"][0]["code"] == "no_media"
    assert told["summary"]["by_verdict"] == {"CLEAR": 1, "unreadable": 1}


def test_check_takes_photos_and_sends_those_beside_a_log_to_media_check(cli):
    assert cli("check", PHOTOS / "DJI_0003.JPG", "--home", "CHN")[0] == 1
    code, _, err = cli("check", PHOTOS / "DJI_0003.JPG", LOG)
    assert code == 2
    assert "media check" in err
    assert "--log" in err
    code, _, err = cli("check", PHOTOS / "DJI_0003.JPG", "--plots", "out")
    assert (code, "--plots is about flight logs" in err) == (2, True)


@pytest.mark.parametrize("words", [("nothing_there.jpg",), (".",)])
def test_nothing_to_check_is_a_mistake(cli, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    assert cli("media", "check", *words)[0] == 2


def test_outputs_never_lie_over_inputs(cli, tmp_path):
    path = photo(tmp_path, *SEOUL)
    before = path.read_bytes()
    assert cli("media", "check", path, "--json", path)[0] == 2
    assert path.read_bytes() == before


def test_the_clock_of_cameras_is_given_as_people_write_it(document):
    _, told = document(PHOTOS / "DJI_0002.JPG", "--tz", "+08:00")
    time = told["items"][0]["time"]
    assert (time["utc"], time["offset_s"]) == ("2025-09-20T06:43:43.000Z", 28_800)
    assert [hours_of(text) for text in ("Z", "+08:00", "-0330", "5.5", "-3", "utc")] == [0.0, 8.0, -3.5, 5.5, -3.0, 0.0]


@pytest.mark.parametrize("text", ["15", "noon", "+8:75", "1e1", ""])
def test_no_offset_from_utc(cli, text):
    assert cli("media", "check", PHOTOS, "--tz", text)[0] == 2


def test_taken_inside_by_the_place_alone(document, tmp_path):
    """Without direction, lens or height being inside is certain all the same, and outside is not known."""
    photo(tmp_path, *SINUIJU, name="a.jpg")
    photo(tmp_path, *SEOUL, name="b.jpg")
    photo(tmp_path, 40.20, 124.20, name="c.jpg")  # 20 km from the border: within a horizon of 80 km
    code, told = document(tmp_path, "--home", "CHN", "--allow", "KOR")
    assert code == 1
    assert relations(items(told)["a.jpg"])["PRK"] == "TAKEN_INSIDE"
    assert relations(items(told)["c.jpg"])["PRK"] == "UNKNOWN"
    assert items(told)["b.jpg"]["verdict"] == "CLEAR"


def test_all_gimbal_angles_zero_are_no_direction(document, tmp_path):
    angles = {f"drone-dji:Gimbal{axis}Degree": "+0.00" for axis in ("Yaw", "Pitch", "Roll")}
    xmp = xmp_of(angles | {"drone-dji:FlightYawDegree": "-7.30", "drone-dji:RelativeAltitude": "+100.0"})
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(exif=exif_of(*DANDONG), xmp=xmp, size=(64, 48)))
    _, told = document(path, "--home", "CHN")
    assert relations(told["items"][0])["PRK"] in ("UNKNOWN", "HORIZON_TOUCHES")
    assert {"pose_all_zero", "no_pose"} & set(told["items"][0]["doubts"])
