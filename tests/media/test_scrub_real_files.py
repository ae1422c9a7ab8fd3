"""Clean copies of every real photo and film against other tools, and against a byte scan that is the test's own."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import re
import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from dronecheck.media.scrub import scrub
from tests.conftest import SHARED

MEDIA = SHARED / "media"
ROWS = list(csv.DictReader((MEDIA / "MANIFEST.csv").read_text("utf-8").splitlines())) if MEDIA.is_dir() else []
BY_NAME = {row["path"].rpartition("/")[2]: row for row in ROWS}
REFUSED = {  # and a word of the reason
    "001.tif": "tiff", "tiny_drone_image_multispec.tif": "tiff", "DJI_ae_dbg_info.tif": "tiff",
    "100_0005_0136.tif": "tiff", "100_0005_0142.tif": "tiff", "issue_1793_poc.heic": "no whole picture",
    "issue_2393_poc.mp4": "moov", "nomoov_truncated.mp4": "moov", "MANIFEST.csv": "neither", "truth.json": "neither",
    "Geotag_DJI_2020-12-02__07-50-31_.csv": "neither", "hero5.raw": "log", "karma.raw": "log",
    "test-issue-608-truncated-exif-tiff-dos.jpg": "damaged",
}  # fmt: skip
FILM_SUFFIXES = (".mp4", ".mov", ".3gp", ".insv")
HARMLESS_GROUPS = re.compile(
    r"System|ExifTool|File|Composite|JFIF|Adobe|ICC-header|ICC_Profile|PNG|QuickTime|Meta|Track\d+|IFD0|H264|Google"
)
TELLING = re.compile(
    r"gps|latitude|longitude|serial|date|^make$|artist|owner|author|copyright|uuid|documentid|instanceid|firmware|"
    r"software|creator|comment|description$|model|city|country|keyword|handlerdesc|compressorname|vendor|timecode",
    re.IGNORECASE,
)
SAYS_NOTHING = re.compile(r"|0|0000:00:00 00:00:00|\\0|und|\s*|none", re.IGNORECASE)

pytestmark = pytest.mark.usefixtures("shared")


def short(path: Path) -> str:
    return path.name.split("__", 2)[-1]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Everything, copied once."""
    return scrub([MEDIA], tmp_path_factory.mktemp("clean") / "copies")


@pytest.fixture(scope="module")
def copies(run):
    return [one for one in run.files if one.copy is not None]


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def test_every_picture_and_every_film_with_an_index_gets_a_copy(run):
    refused = {short(one.path): str(one.reason) for one in run.files if one.copy is None}
    assert refused.keys() == REFUSED.keys()
    assert {name: reason for name, reason in refused.items() if REFUSED[name] not in reason} == {}
    assert len(run.files) - len(refused) >= 49


def test_sources_are_as_they_were_and_the_folder_has_copies_alone(run, copies):
    for row in ROWS:
        assert hashlib.sha256((MEDIA / row["path"]).read_bytes()).hexdigest() == row["sha256"], row["path"]
    folder = copies[0].copy.parent
    assert sorted(folder.iterdir()) == sorted(one.copy for one in copies)
    for one in copies:
        assert one.copy.name == one.path.name
        assert one.copy.stat().st_mode & 0o777 == 0o600
        assert hashlib.sha256(one.copy.read_bytes()).hexdigest() == one.proof.sha256
        assert one.sha256 == hashlib.sha256(one.path.read_bytes()).hexdigest()
        if one.path.suffix.lower() in (*FILM_SUFFIXES, ".heic", ".avif"):
            assert one.copy.stat().st_size == one.path.stat().st_size


# ---- what other tools still read


@pytest.mark.slow
def test_exiftool_finds_nothing_that_tells(copies):
    command = [tool("exiftool"), "-j", "-a", "-U", "-G1", "-ee3", "--", *(str(one.copy) for one in copies)]
    told = json.loads(subprocess.run(command, capture_output=True, check=False, timeout=300).stdout)
    assert len(told) == len(copies)
    found = {}
    for entry in told:
        for name, value in entry.items():
            group, _, tag = name.rpartition(":")
            if group in ("System", "ExifTool", "File", "Composite", "") and "GPS" not in tag:
                continue
            is_telling = bool(TELLING.search(tag)) and not SAYS_NOTHING.fullmatch(str(value))
            if is_telling or not HARMLESS_GROUPS.fullmatch(group):
                found[Path(entry["SourceFile"]).name, name] = value
    assert found == {}


def test_exiftool_would_find_it_in_the_sources():
    """The same look at the files as they were finds much: the test above can fail."""
    names = ("coreyzerf__echolakecamp__DJI_0010.JPG", "gopro__gpmf-parser__karma.mp4", "_synthetic/mini4pro_rad.mp4")
    command = [tool("exiftool"), "-j", "-a", "-U", "-G1", "-ee3", "--", *(str(MEDIA / name) for name in names)]
    told = json.loads(subprocess.run(command, capture_output=True, check=False, timeout=300).stdout)
    for entry in told:
        tags = {name.rpartition(":")[2] for name, value in entry.items() if not SAYS_NOTHING.fullmatch(str(value))}
        assert len([tag for tag in tags if TELLING.search(tag)]) > 5, entry["SourceFile"]


def test_exifread_finds_at_most_how_to_turn_the_picture(copies):
    exifread = pytest.importorskip("exifread")
    left = {}
    for one in copies:
        if one.path.suffix.lower() in (".jpg", ".png", ".heic"):
            with one.copy.open("rb") as file:
                tags = exifread.process_file(file, details=True)
            left |= {(one.path.name, tag): str(value) for tag, value in tags.items() if tag != "Image Orientation"}
    assert left == {}


# ---- the picture and the sound


@pytest.mark.slow
def test_pixels_are_the_same(copies, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)  # the XT S writes no end mark
    compared = 0
    for one in copies:
        if one.path.suffix.lower() not in (".jpg", ".png"):
            continue
        with Image.open(one.path) as before, Image.open(one.copy) as after:
            assert before.mode == after.mode
            np.testing.assert_array_equal(np.asarray(before), np.asarray(after), err_msg=one.path.name)
            assert before.getexif().get(0x0112, 1) == after.getexif().get(0x0112, 1), one.path.name
            assert {tag for tag in after.getexif() if tag != 0x0112} == set()
        compared += 1
    assert compared >= 22


def test_pixels_of_heic_are_the_same(copies):
    pillow_heif = pytest.importorskip("pillow_heif")
    compared = 0
    for one in copies:
        if one.path.suffix.lower() != ".heic":
            continue
        before, after = pillow_heif.open_heif(one.path), pillow_heif.open_heif(one.copy)
        assert len(before) == len(after)
        for first, second in zip(before, after, strict=True):
            np.testing.assert_array_equal(np.asarray(first), np.asarray(second), err_msg=one.path.name)
        assert not (after.info.get("xmp") or b"").strip()
        assert not (after.info.get("exif") or b"")[8:].strip(b"\0")
        compared += 1
    assert compared >= 5


@pytest.mark.slow
def test_frames_and_sound_are_the_same(copies):
    ffmpeg = tool("ffmpeg")
    with_frames = 0
    for one in copies:
        if one.path.suffix.lower() not in FILM_SUFFIXES:
            continue
        before, after = (
            subprocess.run(
                [ffmpeg, "-v", "error", "-i", str(path), "-map", "0:v?", "-map", "0:a?", "-f", "framemd5", "-"],
                capture_output=True, check=False, timeout=300,
            ).stdout
            for path in (one.path, one.copy)
        )  # fmt: skip
        assert before == after, one.path.name
        with_frames += before.count(b"\n") > 10
    assert with_frames >= 15


# ---- an own scan of bytes


def spellings(degrees: float) -> set[bytes]:
    """A coordinate as it may stand in a file, at least six bytes each."""
    radians = math.radians(degrees)
    found = {f"{abs(degrees):.{digits}f}".encode() for digits in (4, 5, 6)}
    found |= {text.decode().encode(coding) for text in set(found) for coding in ("utf-16-le", "utf-16-be")}
    found |= {struct.pack(order + "d", value)[:7] for value in (degrees, radians) for order in ">"}
    found |= {struct.pack(order + "d", value)[1:] for value in (degrees, radians) for order in "<"}
    d, m = int(abs(degrees)), int(abs(degrees) % 1 * 60)
    found |= {struct.pack(order + "IIII", d, 1, m, 1) for order in "<>"}
    return {one for one in found if len(one) >= 6}


def short_spellings(degrees: float) -> set[bytes]:
    """The same in four bytes, which picture and sound hold by chance."""
    values = (degrees, math.radians(degrees))
    found = {struct.pack(order + "f", value) for value in values for order in "<>"}
    found |= {struct.pack(order + "i", round(degrees * 1e7)) for order in "<>"}
    return {one for one in found if sum(byte != 0 for byte in one) >= 3}


def test_no_coordinate_and_no_serial_of_the_manifest_is_in_a_copy(copies):
    places, serials = 0, 0
    for one in copies:
        row, data, source = BY_NAME[one.path.name], one.copy.read_bytes(), one.path.read_bytes()
        for serial in filter(None, row["serials"].split(";")):
            for text in (serial.encode(), serial.encode("utf-16-le"), serial.encode("utf-16-be")):
                assert text not in data, one.path.name
            serials += serial.encode() in source
        for degrees in (float(row[axis]) for axis in ("lat", "lon") if row[axis]):
            assert [text for text in spellings(degrees) if text in data] == [], one.path.name
            places += any(text in source for text in spellings(degrees))
            by_chance = sum(data.count(text) for text in short_spellings(degrees))
            assert by_chance <= 1, one.path.name
    assert places >= 30  # the scan does find them in the sources
    assert serials >= 14


def test_what_the_proof_lists(copies):
    for one in copies:
        proof = one.proof
        assert all(found.outside == found.inside == 0 for found in proof.sought)
        assert proof.patterns == sum(found.patterns for found in proof.sought)
        row = BY_NAME[one.path.name]
        kinds = {found.kind.value for found in proof.sought}
        assert ("place" in kinds) or not row["lat"], one.path.name
        assert ("serial" in kinds) or not row["serials"] or one.path.name.endswith("GoPro.jpg"), one.path.name
        assert ("time" in kinds) or not row["datetime_original"], one.path.name


def test_with_keep_time_the_time_of_capture_stays_and_nothing_else(tmp_path):
    names = {
        "coreyzerf__echolakecamp__DJI_0010.JPG": "2016:08:23 18:42:46",
        "mapillary__mapillary_tools__test_exif.jpg": "2018:06:26 17:46:33",
        "Exiv2__exiv2__Stonehenge.heic": "2015:07:16 15:38:54",
    }
    run = scrub([MEDIA / name for name in names], tmp_path / "out", keep_time=True)
    assert run.is_complete
    exifread = pytest.importorskip("exifread")
    for one in run.files:
        with one.copy.open("rb") as file:
            tags = {tag: str(value) for tag, value in exifread.process_file(file).items()}
        tags.pop("Image Orientation", None)
        tags.pop("Image ExifOffset", None)
        assert tags == {"EXIF DateTimeOriginal": names[one.path.name]}
