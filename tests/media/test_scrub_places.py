"""`dronecheck media scrub` on the command line: where copies go, what is never touched, what is told."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from dronecheck.errors import UsageError
from dronecheck.media.scrub import run as scrub_run
from dronecheck.media.scrub import scrub
from dronecheck.report.json.scrub_document import schema_bytes
from dronecheck.safe import io as safe_io
from tests.conftest import REPO
from tests.support.media_maker import exif_of, film, jpeg, xmp_of

PICTURE = jpeg(exif=exif_of(40.123456, -74.654321, exif=[(0xA431, 2, "SERIAL0012345")]))


@pytest.fixture
def card(tmp_path):
    """A folder of two pictures, one of them below it."""
    folder = tmp_path / "card"
    (folder / "below").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(PICTURE)
    (folder / "below" / "b.jpg").write_bytes(PICTURE)
    return folder


def everything(folder: Path) -> dict[str, bytes | str]:
    """All that lies below a folder, with what it holds."""
    return {
        path.relative_to(folder).as_posix(): os.readlink(path) if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def test_a_folder_is_walked_and_told(cli, card, tmp_path):
    before = everything(card)
    code, out, err = cli("media", "scrub", card, "-o", tmp_path / "out")
    assert (code, err) == (0, "")
    assert out.count("no known field left") == 2
    assert "stays visible" in out
    assert "anonymous" not in out
    assert "Sound" not in out  # of pictures
    assert sorted(everything(tmp_path / "out")) == ["a.jpg", "b.jpg"]
    assert everything(card) == before


def test_a_film_says_that_sound_stays(cli, tmp_path):
    (tmp_path / "DJI_20240506070809_0001.MP4").write_bytes(film([(b"soun", b"mp4a", [b"sound"])]))
    code, out, _ = cli("media", "scrub", tmp_path / "DJI_20240506070809_0001.MP4", "-o", tmp_path / "out")
    assert code == 0
    assert "voices" in out
    assert "SEI" in out
    assert "its name holds a date" in out


@pytest.mark.parametrize("where", [".", "new", "below", "below/new"])
def test_a_folder_within_a_path_is_refused(cli, card, where):
    before = everything(card)
    code, _, err = cli("media", "scrub", card, "-o", card / where)
    assert code == 2
    assert "outside" in err
    assert everything(card) == before
    assert not (card / "new").exists()


def test_a_folder_within_a_path_by_a_link_is_refused(cli, card, tmp_path):
    (tmp_path / "way").symlink_to(card)
    assert cli("media", "scrub", card, "-o", tmp_path / "way" / "new")[0] == 2
    code, _, err = cli("media", "scrub", card / "a.jpg", "-o", tmp_path / "way")
    assert (code, "is a link" in err) == (2, True)


@pytest.mark.parametrize("kind", ["file", "dangling link", "link", "folder"])
def test_a_name_that_is_taken_is_never_overwritten(cli, card, tmp_path, kind):
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "victim").write_bytes(b"precious")
    target = out / "b.jpg"
    if kind == "file":
        target.write_bytes(b"older")
    elif kind == "folder":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / ("victim" if kind == "link" else "nowhere"))
    before = everything(tmp_path)
    code, _, err = cli("media", "scrub", card, "-o", out)
    assert code == 2
    assert "there already" in err
    assert everything(tmp_path) == before  # and the first of the two was not written either


@pytest.mark.parametrize("has_links", [True, False])
def test_a_name_that_is_taken_meanwhile_is_not_overwritten(card, tmp_path, monkeypatch, has_links):
    out, prove = tmp_path / "out", scrub_run.prove

    def slow(*given, **options):
        (out / "a.jpg").write_bytes(b"older")
        return prove(*given, **options)

    def no_links(*_):
        raise PermissionError("no hard links on this card")

    monkeypatch.setattr(scrub_run, "prove", slow)
    if not has_links:
        monkeypatch.setattr(safe_io.os, "link", no_links)
    (one,) = scrub([card / "a.jpg"], out).files
    assert one.copy is None
    assert "there already" in one.reason
    assert everything(out) == {"a.jpg": b"older"}


def test_a_card_without_links_gets_copies(card, tmp_path, monkeypatch):
    def no_links(*_):
        raise PermissionError("no hard links on this card")

    monkeypatch.setattr(safe_io.os, "link", no_links)
    (one,) = scrub([card / "a.jpg"], tmp_path / "out").files
    assert one.copy.stat().st_mode & 0o777 == 0o600
    assert sorted(everything(tmp_path / "out")) == ["a.jpg"]


def test_links_are_not_followed(cli, card, tmp_path):
    (card / "link.jpg").symlink_to(card / "a.jpg")
    (card / "folder").symlink_to(tmp_path)
    code, out, _ = cli("media", "scrub", card, "-o", tmp_path / "out")
    assert code == 3
    assert out.count("links are not followed") == 2
    assert sorted(everything(tmp_path / "out")) == ["a.jpg", "b.jpg"]


def test_two_files_of_one_name_are_refused(cli, card, tmp_path):
    (card / "below" / "A.JPG").write_bytes(PICTURE)  # one name on a card that knows no case
    code, _, err = cli("media", "scrub", card, "-o", tmp_path / "out")
    assert code == 2
    assert "one name" in err
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_named_twice_is_copied_once(card, tmp_path):
    run = scrub([card, card / "a.jpg", card / "below" / ".." / "a.jpg"], tmp_path / "out")
    assert [one.copy.name for one in run.files] == ["a.jpg", "b.jpg"]


def test_the_rest_of_a_shot_is_copied_or_named(cli, card, tmp_path):
    for name in ("c.MP4", "c.LRF"):
        (card / name).write_bytes(film([(b"vide", b"avc1", [b"picture"])]))
    for name in ("c.SRT", "c.DNG", "d.SRT"):
        (card / name).write_bytes(b"1\n00:00:00,000 --> 00:00:01,000\nGPS(1,2,3)\n")
    (card / "c.THM").write_bytes(PICTURE)
    code, out, _ = cli("media", "scrub", card / "c.MP4", "-o", tmp_path / "out")
    assert code == 0
    assert sorted(everything(tmp_path / "out")) == ["c.LRF", "c.MP4", "c.THM"]
    told = [line.partition(":")[0].rpartition("/")[2] for line in out.splitlines() if "still reveals" in line]
    assert told == ["c.DNG", "c.SRT"]


def test_what_gets_no_copy_is_named_with_its_reason(cli, card, tmp_path):
    (card / "note.txt").write_bytes(b"hello")
    (card / "empty.jpg").touch()
    code, out, _ = cli("media", "scrub", card, "-o", tmp_path / "out")
    assert code == 3
    for name in ("note.txt: no copy: neither", "empty.jpg: no copy: an empty file"):
        assert name in out
    assert sorted(everything(tmp_path / "out")) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nowhere.jpg", "-o", "out"), "no such file"), (("card", "-o", "no/such/out"), "there is no folder"),
        (("card", "-o", "card/a.jpg"), "not a folder"), (("card", "-o", "out", "--keep", "place"), "--keep time"),
        (("card", "-o", "out", "--json", "out/proof.json"), "nothing else"),
        (("card/a.jpg", "-o", "out", "--json", "card/a.jpg"), "is the input"),
    ],
)  # fmt: skip
def test_mistakes(cli, card, tmp_path, monkeypatch, words, why):
    monkeypatch.chdir(tmp_path)
    before = everything(tmp_path)
    code, _, err = cli("media", "scrub", *words)
    assert code == 2
    assert why in err
    assert everything(tmp_path) == before
    assert not (tmp_path / "out").exists()


def test_python_is_told_of_mistakes(card):
    with pytest.raises(UsageError, match="outside"):
        scrub([str(card)], str(card / "out"))


def test_the_proof_as_json(cli, card, tmp_path):
    (card / "note.txt").write_bytes(b"hello")
    code, out, _ = cli("media", "scrub", card, "-o", tmp_path / "out", "--json", "-")
    told = json.loads(out)
    jsonschema.validate(told, json.loads(schema_bytes()))
    assert code == 3
    assert [one["path"] for one in told["files"]] == ["a.jpg", "b.jpg", "note.txt"]
    assert [one["copy"] is None for one in told["files"]] == [False, False, True]
    proof = told["files"][0]["copy"]
    forms = {(one["what"], one["form"]) for one in proof["sought"]}
    assert {("place", "EXIF rationals"), ("place", "radians, float64"), ("serial", "base64")} <= forms
    assert proof["patterns"] == sum(one["patterns"] for one in proof["sought"])
    assert proof["same_bytes"] > 0
    for secret in ("40.12", "SERIAL0012345", str(tmp_path)):
        assert secret not in out
    assert cli("media", "scrub", card / "a.jpg", "-o", tmp_path / "more", "--json", tmp_path / "p.json")[0] == 0
    assert json.loads((tmp_path / "p.json").read_bytes())["files"][0]["copy"]["sha256"] == proof["sha256"]


def test_the_schema_that_ships_is_that_of_the_code():
    shipped = (REPO / "src/dronecheck/report/json/scrub.schema.json").read_bytes()
    assert shipped == schema_bytes()


def test_a_time_that_is_not_there_is_said(cli, card, tmp_path):
    code, out, _ = cli("media", "scrub", card / "a.jpg", "-o", tmp_path / "out", "--keep", "time")
    assert code == 0
    assert "no time of capture" in out
    assert "but the time" in out


def test_what_a_file_says_reaches_the_terminal_escaped(cli, card, tmp_path):
    (card / "x\x1b[31m.jpg").write_bytes(jpeg(xmp=xmp_of({"drone-dji:GpsLatitude": "40.5"})))
    out = cli("media", "scrub", card, "-o", tmp_path / "out")[1]
    assert "\x1b" not in out
    assert "\\x1b[31m.jpg" in out


def test_a_failure_of_ones_own_stops_no_other_file(cli, card, tmp_path, monkeypatch):
    clean = scrub_run.clean_jpeg

    def faulty(data, exif):
        if len(data) != len(PICTURE):
            raise ValueError("40.123")
        return clean(data, exif)

    monkeypatch.setattr(scrub_run, "clean_jpeg", faulty)
    (card / "Z.jpg").write_bytes(PICTURE + b"more")
    code, out, _ = cli("media", "scrub", card, "-o", tmp_path / "out")
    assert code == 70
    assert "Z.jpg: no copy: dronecheck itself failed (ValueError)" in out
    assert "40.123" not in out
    assert sorted(everything(tmp_path / "out")) == ["a.jpg", "b.jpg"]
