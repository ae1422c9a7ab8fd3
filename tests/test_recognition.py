"""What a file is, by its first bytes and its name: every kind of file at hand, and never an error."""

from __future__ import annotations

import io
import random
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.recognition import HEAD_BYTES, Kind, recognise, recognise_file
from tests.conftest import REPO
from tests.support.hostile import HOSTILE
from tests.support.scale import examples, loops

SAMPLES = REPO / "samples"
LISTED = [file["name"] for file in tomllib.loads((SAMPLES / "MANIFEST.toml").read_text("utf-8"))["file"]]
PICTURES = {".jpg", ".tif", ".heic", ".avif", ".png"}
FILMS = {".mp4", ".mov", ".3gp", ".insv", ".lrf", ".360"}
# Without a flight's record in it: pointers to what is elsewhere, empty files, and formats that nobody reads.
NO_LOGS = {
    "JuanIrache__DJI_SRT_Parser__broken_empty.SRT", "JuanIrache__DJI_SRT_Parser__broken_empty2.SRT",
    "clydemcqueen__ardusub_log_tools__nmea_log.txt", "dronekit__dronekit-python__fake-gps-data.log",
}  # fmt: skip
NO_ZONES = {"MANIFEST.csv", "accuracy.csv", "tnp.sua", "yaixm_schema.yaml"}  # tables, another format, a schema


def heads(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            yield path, file.read(HEAD_BYTES)


def test_the_samples_are_logs_or_zones_as_the_manifest_says():
    told = {name: recognise_file(SAMPLES / name) for name in LISTED}
    assert len(told) > 12
    kinds = {".geojson": Kind.ZONES, ".MP4": Kind.VIDEO}  # whether a film holds a log shows when it is read
    assert told == {name: kinds.get(Path(name).suffix, Kind.LOG) for name in told}


@pytest.mark.parametrize("path", sorted((SAMPLES / "zones").glob("fictitious.*")), ids=lambda path: path.name)
def test_every_zone_format_is_zones(path):
    assert recognise_file(path) is Kind.ZONES


@pytest.mark.parametrize("name", ["README.md", "make_fleet.py", "MANIFEST.toml"])
def test_other_texts_are_unknown(name):
    assert recognise_file(SAMPLES / name) is Kind.UNKNOWN


def test_real_logs_are_logs(shared):
    folders = [p for p in (shared / "logs").iterdir() if p.is_dir() and p.name not in ("media", "malformed")]
    assert len(folders) >= 8
    wrong = {
        path.name for folder in folders for path, head in heads(folder) if recognise(head, path.name) is not Kind.LOG
    }
    assert wrong <= NO_LOGS, wrong - NO_LOGS


def test_real_zone_files_are_zones(shared):
    for folder in ("aixm45", "aixm51", "ed269", "faa", "geojson", "kml", "openair", "other_json"):
        for path, head in heads(shared / "airspace" / folder):
            assert recognise(head, path.name) is Kind.ZONES, path.name
    for path, head in heads(shared / "airspace"):
        told = recognise(head, path.name)
        assert told is not Kind.LOG, path.name
        assert told is not Kind.UNKNOWN or path.name in NO_ZONES or path.parent.name.startswith("ed318"), path.name
        assert told is not Kind.ARCHIVE or path.suffix == ".zst", path.name


def test_real_pictures_and_films_are_what_their_names_say(shared):
    seen = dict.fromkeys(Kind, 0)
    for path, head in [*heads(shared / "media"), *heads(shared / "logs" / "media")]:
        told, suffix = recognise(head, path.name), path.suffix.lower()
        seen[told] += 1
        if suffix in PICTURES | FILMS:
            assert told is (Kind.PICTURE if suffix in PICTURES else Kind.VIDEO), path.name
    assert seen[Kind.PICTURE] > 35
    assert seen[Kind.VIDEO] >= 22
    subtitles = [*heads(shared / "logs" / "dji_srt")]
    assert len(subtitles) > 20
    assert {recognise(head, path.name) for path, head in subtitles} == {Kind.LOG}


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"\xff\xd8\xff\xe1\0\x10Exif", "DJI_0001.JPG", Kind.PICTURE),
        (b"\xff\xd8\xff\xe1\0\x10Exif", "renamed.csv", Kind.PICTURE),
        (b"II*\0\x08\0\0\0", "DJI_0001.DNG", Kind.PICTURE),
        (b"MM\0*\0\0\0\x08", "scan.tif", Kind.PICTURE),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "a.webp", Kind.PICTURE),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a.heic", Kind.PICTURE),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "a.avif", Kind.PICTURE),
        (b"\0\0\0\x20ftypisom\0\0\x02\0", "DJI_0001.MP4", Kind.VIDEO),
        (b"\0\0\0\x20ftypisom\0\0\x02\0", "DJI_0001.LRF", Kind.VIDEO),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", "a.mov", Kind.VIDEO),
        (b"\0\0\0\x1cftypinsv\0\0\0\0", "VID_0001.insv", Kind.VIDEO),
        (b"\0\0\0\x14ftypmp41\0\0\0\0", "GS010001.360", Kind.VIDEO),
        (b"\0\0\x0f\xa0moov\0\0\0\x6cmvhd", "old.mov", Kind.VIDEO),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "photos.zip", Kind.ARCHIVE),
        (b"\x1f\x8b\x08\0\0\0\0\0", "log.gz", Kind.ARCHIVE),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "logs.7z", Kind.ARCHIVE),
        (b"Rar!\x1a\x07\x01\0", "logs.rar", Kind.ARCHIVE),
        (b"\x28\xb5\x2f\xfd\x04\0", "log.zst", Kind.ARCHIVE),
        (b"", "empty.ulg", Kind.UNKNOWN),
        (b"%PDF-1.7", "notice.pdf", Kind.UNKNOWN),
        (b"\x7fELF\x02\x01\x01", "tool", Kind.UNKNOWN),
    ],
)
def test_first_bytes_tell_whatever_the_name(head, name, kind):
    assert recognise(head, name) is kind
    assert recognise(head + bytes(500), name) in (kind, Kind.UNKNOWN)


@pytest.mark.parametrize(
    ("member", "name", "kind"),
    [
        ("doc.kml", "a.kmz", Kind.ZONES),
        ("doc.kml", "a.zip", Kind.ZONES),
        ("zones.shp", "a.zip", Kind.ZONES),
        ("DJI_0001.JPG", "pictures.zip", Kind.ARCHIVE),
        ("icon.png", "pictures-first.kmz", Kind.ZONES),
        ("flight.ulg", "logs.zip", Kind.ARCHIVE),
        ("word/document.xml", "letter.docx", Kind.ARCHIVE),
    ],
)
def test_an_archive_is_zones_by_what_is_in_it(member, name, kind):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(member, b"x" * 5_000)
    assert recognise(raw.getvalue()[:HEAD_BYTES], name) is kind


def test_a_file_that_cannot_be_read_is_unknown(tmp_path):
    assert recognise_file(tmp_path) is Kind.UNKNOWN
    assert recognise_file(tmp_path / "absent.ulg") is Kind.UNKNOWN


@settings(max_examples=examples(300), deadline=None)
@given(st.binary(max_size=300), st.sampled_from(HOSTILE) | st.text(max_size=30))
def test_no_bytes_and_no_name_are_an_error(head, name):
    assert isinstance(recognise(head, name), Kind)


def test_damaged_heads_are_no_error():
    whole = [path.read_bytes()[:8_192] for path in (SAMPLES / name for name in LISTED)]
    rng = random.Random(20261129)
    for _ in range(loops(3_000)):
        head = bytearray(rng.choice(whole)[: rng.choice((8, 64, 1_000, 8_192))])
        for _ in range(rng.choice((0, 1, 5, 50))):
            head[rng.randrange(len(head))] = rng.randrange(256)
        assert isinstance(recognise(bytes(head), rng.choice(LISTED)), Kind)
